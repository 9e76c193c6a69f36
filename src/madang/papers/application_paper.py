"""The whole file of one application as a `Paper`, as its evaluators would read it: on a screen and as PDF.

`paper_of` decides nothing: it puts into words what `core.form.review` has read. What is missing stands at the front;
a place that does not apply is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from madang.core.callspec.model import Definition
from madang.core.form.model import DOCUMENTS, FormState, Place, Step
from madang.papers.blocks import Block, Bullets, Column, Facts, Grid, Heading, Line, Paper, Paragraph, Row, Words
from madang.papers.describe.form_words import FormWords

_LONG = 160  # characters from which an answer stands as paragraphs below its question
_WIDE = 5  # columns from which a table asks for a page on its side


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the form itself does not say. `saved` and `made` are moments in words and in ISO 8601; `missing` sentences.

    `files`: key -> names; `translations`: key -> (language in words, text, by machine). `filed`: the number of the
    receipt, where this is what was filed; `saved` and `made` are then the moment of its arrival.
    """

    uid: str
    revision: int
    applicant: str
    track: str
    language: str  # that it is written in, in words
    saved: str
    made: str
    sample: bool
    filed: str = ""
    missing: Sequence[str] = ()
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    translations: Mapping[str, Sequence[tuple[str, str, bool]]] = field(default_factory=dict)


def paper_of(definition: Definition, state: FormState, about: About, language: str) -> Paper:
    """The file in the language of its reader; answers stay in the language they were written in."""
    words = FormWords(definition, language)
    teller = _Teller(words, state, about)
    return Paper(
        title=words.w.of(definition.title),
        subtitle=about.applicant,
        language=language,
        sample_note=words.said("paper.sample") if about.sample else "",
        parts=tuple(teller.parts()),
        kicker=words.said("paper.filed_kicker" if about.filed else "paper.kicker"),
        footer=words.said("paper.filed_footer", call=definition.id, number=about.filed)
        if about.filed
        else words.said("paper.footer", call=definition.id, uid=about.uid, revision=about.revision),
        made=about.made,
        sample_word=words.label("sample"),
    )


def answered(definition: Definition, state: FormState, about: About, language: str) -> tuple[Block, ...]:
    """The same without its head: the steps alone, for a page that has a head of its own."""
    return tuple(_Teller(FormWords(definition, language), state, about).steps())


class _Teller:
    def __init__(self, words: FormWords, state: FormState, about: About) -> None:
        self.words, self.state, self.about = words, state, about

    def parts(self) -> Iterator[Block]:
        yield from self._head()
        yield from self.steps()

    def _head(self) -> Iterator[Block]:
        said, about = self.words.said, self.about
        told = said("paper.still", n=len(about.missing)) if about.missing else said("paper.complete")
        rows = [
            (said("place.applicant"), about.applicant),
            (said("place.track"), self.words.track(about.track) if about.track else ""),
            (said("paper.language"), about.language),
            (said("paper.receipt"), about.filed),
            (said("paper.arrived" if about.filed else "paper.saved"), about.saved),
            (said("paper.state"), "" if about.filed else told),
        ]
        yield Facts(tuple(Row(label, (Words(value),)) for label, value in rows if value))
        if about.missing:
            yield Heading(1, said("paper.missing"))
            yield Bullets(tuple(Words(text) for text in about.missing))

    def steps(self) -> Iterator[Block]:
        number = 0
        for step in self.state.steps:
            if step.kind in ("applicant", "check"):
                continue
            if told := list(self._step(step)):
                number += 1
                yield Heading(1, self.words.step_title(step), str(number))
                yield from told

    def _step(self, step: Step) -> Iterator[Block]:
        """Short answers gather in one list of facts; whatever needs room interrupts it."""
        rows: list[Row] = []
        for key in step.keys:
            place = self.state.places[key]
            if not place.shown or self._is_cell(key):
                continue
            name = self.words.place_name(place)
            if self._is_table(place):
                yield from _flushed(rows)
                yield from self._table(place, name)
            elif self._is_file(place):
                names = self.about.files.get(key, ())
                rows.append(Row(name, tuple(map(Words, names)) or (Words(self.words.said("paper.no_file")),)))
            else:
                told = self._answer(place)
                if sum(len(one.text) for one in told) > _LONG or self.about.translations.get(key):
                    yield from _flushed(rows)
                    yield from self._long(key, name, told)
                else:
                    rows.append(Row(name, told))
        money = self.words.d.money
        if money.own and {money.cost, money.own} & set(step.keys) and self.state.money.grant_krw is not None:
            grant = Words(self.words.w.won(self.state.money.grant_krw))
            rows.append(Row(self.words.said("paper.grant"), (grant,)))
        yield from _flushed(rows)

    def _long(self, key: str, name: str, told: Collection[Words]) -> Iterator[Block]:
        yield Heading(2, name)
        for one in told:
            yield from (Paragraph(line) for line in one.text.splitlines() if line.strip())
            if one.note:
                yield Paragraph(one.note, "note")
        for language, text, by_machine in self.about.translations.get(key, ()):
            kind = "paper.machine" if by_machine else "paper.person"
            yield Paragraph(self.words.said(kind, into=language), "note")
            yield from (Paragraph(line) for line in text.splitlines() if line.strip())

    def _answer(self, place: Place) -> tuple[Words, ...]:
        told = self.words.values(place, self.about.track)
        if not told:
            return (Words(self.words.said("paper.blank")),)
        note = self.words.said("paper.unreadable") if place.value is None else ""
        return tuple(Words(one, note=note) for one in told)

    def _table(self, place: Place, name: str) -> Iterator[Block]:
        heads = self._cells_of(place)
        if not place.rows:
            yield Facts((Row(name, (Words(self.words.said("paper.blank")),)),))
            return
        columns = [Column(self.words.said("paper.row"), 1, "right")]
        columns += [Column(self.words.place_name(self.state.places[key]), 4) for key in heads]
        lines = []
        for number, row in enumerate(place.rows, 1):
            keys = (f"{place.key}.{row}.{key.rpartition('.')[2]}" for key in heads)
            told = ("\n".join(self.words.values(self.state.places[key], self.about.track)) for key in keys)
            lines.append(Line((str(number), *told)))
        yield Grid(name, tuple(columns), tuple(lines), wide=len(columns) > _WIDE)

    def _cells_of(self, place: Place) -> list[str]:
        """The keys of the cells of the first row: they name the columns."""
        if not place.rows:
            return []
        prefix = f"{place.key}.{place.rows[0]}."
        return [key for key in self.state.places if key.startswith(prefix)]

    def _is_cell(self, key: str) -> bool:
        first, dot, _ = key.partition(".")
        return bool(dot) and first in self.state.places and self._is_table(self.state.places[first])

    def _is_table(self, place: Place) -> bool:
        return getattr(place.field, "type", "") == "rows" or (place.field is None and "." not in place.key)

    @staticmethod
    def _is_file(place: Place) -> bool:
        return getattr(place.field, "type", "") == "file" or place.key.startswith(f"{DOCUMENTS}.")


def _flushed(rows: list[Row]) -> Iterator[Block]:
    if rows:
        yield Facts(tuple(rows))
        rows.clear()
