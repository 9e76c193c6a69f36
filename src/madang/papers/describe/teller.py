"""What every section of a call in words needs: labels, names, conditions, clocks, shares, rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from madang.core.callspec import parse
from madang.core.callspec.asked import ChoiceField, NumberField
from madang.core.callspec.blocks import Block
from madang.core.callspec.model import Definition, Stage
from madang.core.callspec.scored import Computed, Judged, Panel, Share
from madang.core.reasons import Malformed
from madang.papers import classifications, library
from madang.papers.outline import Row, Table, TableRow, Words
from madang.papers.wording import Wording
from madang.words.labels import labels

_YES = re.compile(r"(?P<field>\w+)(\s*==\s*(?P<value>true|false))?")
_IS = re.compile(r"(?P<field>\w+)\s*(?P<sign>==|!=)\s*['\"](?P<value>[^'\"]*)['\"]")
_NUMBER = re.compile(r"(?P<field>\w+)\s*(?P<sign>>=|<=|>|<)\s*(?P<value>\d+(\.\d+)?)")
_SIGNS = {">=": "least", "<=": "most", ">": "more", "<": "less"}


def marked(block: Block, *fields: str) -> bool:
    """Whether a part, or one of its fields, was never published."""
    return block.sample is True or any(block.is_sample(field) for field in fields)


class Teller:
    """One language's words for one definition; each subject of the call is told by a subclass."""

    def __init__(self, definition: Definition, language: str) -> None:
        self.d = definition
        self.w = Wording(language)
        self.label = self.w.label
        self.stages = {s.id: self._stage_title(s) for s in definition.schedule.stages}

    def _row(self, key: str, *values: str | Words, sample: bool = False, note: str = "") -> Iterator[Row]:
        """A fact, or nothing where there is no value."""
        words = tuple(v if isinstance(v, Words) else Words(v, sample, note) for v in values if v)
        if words:
            yield Row(self.label(key), words)

    def _table(self, keys: Sequence[str], rows: list[TableRow], **more: Any) -> Table:
        return Table(tuple(self.label(key) for key in keys), tuple(rows), **more)

    def _name(self, name: str) -> str:
        """A free name in words: a secretariat's title, a label of the house, or the name itself."""
        titles = {s.id: self.w.of(s.title) for s in self.d.secretariats}
        if name in titles:
            return titles[name]
        known = labels("describe")
        told = next((one for one in (name, name.removesuffix("-sample")) if f"name.{one}" in known), "")
        return self.label(f"name.{told}") if told else name

    def _names(self, names: Sequence[str]) -> str:
        return self.w.listed([self._name(name) for name in names])

    def _kinds(self, kinds: Sequence[str]) -> str:
        return self.w.listed([self.label(f"organisation.{kind}") for kind in kinds])

    def _track(self, id_: str) -> str:
        return next((self.w.of(track.title) for track in self.d.tracks if track.id == id_), id_)

    def _stage_title(self, stage: Stage) -> str:
        return self.w.of(stage.title) or self.label(f"stage.{stage.kind}")

    def _yes_no(self, value: bool) -> str:
        return self.label("yes" if value else "no")

    def _condition(self, rule: str) -> str:
        """A simple condition in words; any other as its code."""
        if match := _YES.fullmatch(rule.strip()):
            field = self.d.field(match["field"])
            if field is not None and field.type == "yes_no":
                key = "condition.is_no" if match["value"] == "false" else "condition.is_yes"
                return self.label(key, field=self.w.of(field.label))
        if match := _NUMBER.fullmatch(rule.strip()):
            field = self.d.field(match["field"])
            if isinstance(field, NumberField):
                value = self.w.number(Decimal(match["value"]))
                return self.label(f"condition.{_SIGNS[match['sign']]}", field=self.w.of(field.label), value=value)
        if match := _IS.fullmatch(rule.strip()):
            told = self._is(match["field"], match["sign"] == "==", match["value"])
            if told:
                return told
        return self.label("condition.code", rule=rule)

    def _is(self, name: str, same: bool, value: str) -> str:
        if name == "track":
            return self.label("condition.track" if same else "condition.not_track", track=self._track(value))
        field = self.d.field(name)
        if not isinstance(field, ChoiceField):
            return ""
        told = self._value(name, value)
        return self.label("condition.is" if same else "condition.is_not", field=self.w.of(field.label), value=told)

    def _value(self, tag: str, value: str) -> str:
        """A value of a tag in words: the title of a track or option, the name of a country or an entry of a set."""
        if tag == "track":
            return self._track(value)
        field = self.d.field(tag)
        if isinstance(field, ChoiceField) and field.options:
            return next((self.w.of(option.label) for option in field.options if option.id == value), value)
        if tag == "country":
            return classifications.country_label(value, self.w.language)
        chosen = self.d.classifications.get(getattr(field, "set", None) or tag)
        try:
            return classifications.label(chosen, value, self.w.language) if chosen else value
        except Malformed:
            return value

    def _set_title(self, role: str) -> str:
        chosen = self.d.classifications.get(role, role)
        try:
            return self.w.of(dict(classifications.load(chosen).title))
        except Malformed:
            return chosen

    def _clock(self, clock: Any) -> str:
        kinds = {key.removeprefix("stage."): self.label(key) for key in labels("describe") if key.startswith("stage.")}
        return self.w.clock(clock, kinds | self.stages)

    def _share(self, key: str, names: dict[str, str], share: Share) -> str:
        """`external experts at least 4`; both bounds, one, or the name alone."""
        if share.min is not None and share.max is not None:
            return self.label(f"{key}_both", **names, min=share.min, max=share.max)
        if share.min is not None:
            return self.label(f"{key}_min", **names, min=share.min, n=share.min)
        if share.max is not None:
            return self.label(f"{key}_max", **names, max=share.max, n=share.max)
        return next(iter(names.values()))

    def _scored_title(self, stage: Judged | Computed) -> str:
        form = self.label(f"stage_form.{stage.form if isinstance(stage, Judged) else 'computed'}")
        title = self.w.of(stage.title)
        return self.label("scoring.stage", title=title, form=form) if title and title.lower() != form.lower() else form

    def _scored_name(self, name: str) -> str:
        """A criterion, a stage, or `stage.criterion`, in words."""
        if name == "lot":
            return self.label("decision.lot")
        for stage in self.d.evaluation:
            if stage.id == name:
                return self.w.of(stage.title) or self._scored_title(stage)
            for criterion in stage.criteria:
                if name in (criterion.id, f"{stage.id}.{criterion.id}"):
                    return self.w.of(criterion.label)
        return name

    def _required(self, required: bool | str) -> str:
        return self._condition(required) if isinstance(required, str) else self._yes_no(required)

    def _call(self, id_: str) -> str:
        """Another call by its title, where it comes with the product."""
        path = library.programmes().get(id_)
        return self.w.of(parse(path.read_text("utf-8")).title) if path else self._name(id_)

    def _panel(self, panel: Panel) -> Iterator[str]:
        """Seats, the pool and how it is drawn from, composition, substitutes."""
        if panel.draw_from:
            yield self.label("scoring.panel_drawn", seats=panel.seats, pool=panel.draw_from)
            yield self.label("scoring.drawn_how")
        else:
            yield self.label("scoring.panel", seats=panel.seats)
        if shares := self._composition(panel.compose):
            yield self.label("scoring.compose", shares=shares)
        for asked, key in (
            (panel.substitutes == "ordered", "scoring.substitutes"),
            (panel.per == "track", "scoring.per_track"),
            (panel.blind, "scoring.blind"),
        ):
            if asked:
                yield self.label(key)

    def _composition(self, compose: Mapping[str, Share]) -> str:
        shares = ((self.w.of(share.label) or self._name(tag), share) for tag, share in compose.items())
        return self.w.listed([self._share("scoring.share", {"name": name}, share) for name, share in shares])
