"""What an application is asked: the form and the papers."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.asked import (
    ChoiceField,
    FileField,
    FormField,
    MoneyField,
    NumberField,
    RowCell,
    RowsField,
    TextField,
)
from madang.papers.describe.teller import Teller, marked
from madang.papers.outline import Part, TableRow


class Asked(Teller):
    def form(self) -> Iterator[Part]:
        keys = ("form.field", "form.kind", "form.required", "form.when")
        for section in self.d.form:
            rows = [TableRow(self._field(field), marked(field) or marked(section)) for field in section.fields]
            title = self.w.of(section.title)
            if section.tracks:
                only = self.label("form.only_tracks", tracks=self.w.listed([self._track(t) for t in section.tracks]))
                title = f"{title} ({only})"
            yield self._table(keys, rows, title=title)

    def _field(self, field: FormField) -> tuple[str, str, str, str]:
        name = self.w.of(field.label)
        if field.public:
            name = f"{name} ({self.label('form.public')})"
        asked = self._condition(field.when) if field.when else self.label("form.always")
        return name, self._answer(field), self._required(field.required), asked

    def _answer(self, field: FormField | RowCell) -> str:
        match field:
            case ChoiceField():
                return self._choice(field)
            case MoneyField():
                return self.label("type.money", unit=self.label(f"unit.{field.unit}"))
            case RowsField():
                cells = self.w.listed([self.w.of(cell.label) for cell in field.fields])
                return self.w.listed([self.label("type.rows", cells=cells), self._how_many(field)])
            case TextField():
                limits = (("limit.characters", field.max_characters), ("limit.words", field.max_words))
                told = [self.label(key, n=n) for key, n in limits if n]
            case NumberField():
                told = [self._between(field), self.w.of(field.unit)]
            case FileField():
                told = [self.w.listed([name.upper() for name in field.formats])]
                told += [self.label("limit.megabytes", n=field.max_mb)] if field.max_mb else []
            case _:
                told = []
        return self.w.listed([self.label(f"type.{field.type}"), *told])

    def _choice(self, field: ChoiceField) -> str:
        many = "_many" if field.many else ""
        if field.options:
            options = self.w.listed([self.w.of(option.label) for option in field.options])
            return self.label(f"type.choice{many}", options=options)
        return self.label(f"type.choice_set{many}", set=self._set_title(field.set or ""))

    def _between(self, field: NumberField) -> str:
        if field.min is not None and field.max is not None:
            return self.label("limit.between", min=self.w.number(field.min), max=self.w.number(field.max))
        if field.min is not None:
            return self.label("limit.least", n=self.w.number(field.min))
        return self.label("limit.most", n=self.w.number(field.max)) if field.max is not None else ""

    def _how_many(self, field: RowsField) -> str:
        if field.max:
            return self.label("limit.rows_between", min=field.min, max=field.max)
        return self.label("limit.rows_least", n=field.min) if field.min else ""

    def papers(self) -> Iterator[Part]:
        rows = []
        for paper in self.d.documents:
            formats = [name.upper() for name in paper.formats]
            formats += [self.label("limit.megabytes", n=paper.max_mb)] if paper.max_mb else []
            cells = (self.w.of(paper.label), self._required(paper.required), self.w.listed(formats))
            rows.append(TableRow(cells, marked(paper)))
        if rows:
            yield self._table(("papers.paper", "papers.required", "papers.formats"), rows)
