"""What a call is, who may apply, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from madang.core.callspec.blocks import Block
from madang.core.callspec.model import ConsortiumRole, Stage
from madang.papers import classifications
from madang.papers.describe.teller import Teller, marked
from madang.papers.outline import Facts, Part, Row, TableRow, Words

_COUNTRY_IS: Final = re.compile(r"member\.country\s*==\s*['\"]([A-Z]{2})['\"]")


class Opening(Teller):
    def about(self) -> Iterator[Part]:
        d, w = self.d, self.w
        unit = w.of(d.host.unit)
        host = self._name(d.host.organisation)
        rows = [
            *self._row("about.host", f"{host}, {unit}" if unit else host),
            *self._row("about.programme", self._name(d.programme)),
            *self._row("about.secretariats", w.listed([w.of(s.title) for s in d.secretariats])),
            *self._row("about.intake", self.label(f"badge.{d.intake.mode}")),
            *self._row("about.nominated_by", w.of(d.intake.nominated_by), sample=marked(d.intake, "nominated_by")),
            *(self._row("about.pre_consulting", self.label("yes")) if d.intake.pre_consulting else ()),
            *self._row("about.parent", self._call(d.parent) if d.parent else ""),
            *self._row("about.spawns", *(self._spawn(s) for s in d.spawns)),
            *self._sisters(),
            *self._row("about.sources", *(self._source(s) for s in d.sources)),
        ]
        yield Facts(tuple(rows))

    def _sisters(self) -> Iterator[Row]:
        if sisters := self.d.sisters:
            key = "about.sisters" if sisters.refuse == "second_application" else "about.sisters_award"
            yield from self._row(key, *map(self._call, sisters.calls), sample=marked(sisters))

    def _spawn(self, spawn: Any) -> str:
        title = self.w.of(spawn.title) or self._name(spawn.programme)
        return self.label("about.spawn", title=title, stage=self.stages.get(spawn.after, spawn.after))

    def _source(self, source: Any) -> Words:
        title = self.w.of(source.title)
        return Words(f"{title}, {self.w.day(source.on)}" if source.on else title, marked(source), source.url or "")

    def who(self) -> Iterator[Part]:
        keys = ("who.track", "who.applicants", "who.secretariat")
        rows = []
        for track in self.d.tracks:
            applicants = self._kinds(track.applicants) or self.label("who.anybody")
            secretariat = self._name(track.secretariat) if track.secretariat else ""
            rows.append(TableRow((self.w.of(track.title), applicants, secretariat), marked(track)))
        if rows:
            yield self._table(keys, rows)
        for track in self.d.tracks:
            if track.consortium:
                title = f"{self.label('who.consortium')}: {self.w.of(track.title)}"
                yield Facts((Row(title, tuple(self._role(role) for role in track.consortium)),))

    def _role(self, role: ConsortiumRole) -> Words:
        if role.min and role.max:
            count = self.label("who.between", min=role.min, max=role.max)
        elif role.min:
            count = self.label("who.at_least", min=role.min)
        else:
            count = self.label("who.at_most", max=role.max) if role.max else self.label("who.free")
        text = self.label("who.role", title=self.w.of(role.title) or role.role, count=count)
        notes = [self._kinds(role.kinds)]
        if role.subsidy:
            notes.append(self._subsidy(role.subsidy.strip()))
        return Words(text, marked(role), "; ".join(note for note in notes if note))

    def _subsidy(self, rule: str) -> str:
        """Where the money of the call may reach a member: the usual rules in words, any other as its code."""
        if rule == "false":
            return self.label("who.no_subsidy")
        if match := _COUNTRY_IS.fullmatch(rule):
            return self.label("who.subsidy_country", country=classifications.country_label(match[1], self.w.language))
        return self.label("who.subsidy_if", rule=rule)

    def when(self) -> Iterator[Part]:
        s = self.d.schedule
        rows: list[Row] = []
        if s.announced:
            rows += self._row("when.announced", self.w.day(s.announced), sample=marked(s, "announced"))
        if s.opens:
            rows += self._row("when.opens", self.w.day(s.opens), sample=marked(s, "opens"))
        if s.closes:
            grace = s.closes.printed_grace_minutes
            notes = [self.label("when.grace", minutes=grace) if grace else self.label("when.no_grace")]
            rows += self._row("when.closes", self._moment(s.closes, s.closes.at, notes, marked(s, "closes")))
        for cut in self.d.intake.cut_offs:
            notes = [self.w.clock(cut.counts, self.stages)] if cut.counts else []
            words = self._moment(cut, cut.at, notes, False)
            label = self.label("when.cut_off")
            if cut.counts_for:
                label = self.label("when.cut_off_for", words=self.w.of(cut.counts_for))
            rows.append(Row(label, (words,)))
        if self.d.intake.cut_offs:
            rows += self._row("when.later", self.label("when.next_cut_off"))
        rows += self._row("when.zone", self.w.zone(s.zone))
        yield Facts(tuple(rows))
        steps = [
            TableRow((self.stages[stage.id], self._stage_time(stage)), self._unpublished(stage)) for stage in s.stages
        ]
        if steps:
            yield self._table(("when.stage", "when.time"), steps)

    def _unpublished(self, stage: Stage) -> bool:
        clock = stage.clock is not None and marked(stage.clock)
        return clock or marked(stage, "on", "from", "to", "clock") or self.d.schedule.is_sample("stages")

    def _moment(self, block: Block, at: str, notes: list[str], outer: bool) -> Words:
        if block.is_sample("hour") and block.sample is not True:
            notes = [self.label("hour_is_sample"), *notes]
        return Words(self.w.day(at), outer or marked(block, "at"), "; ".join(notes))

    def _stage_time(self, stage: Stage) -> str:
        told = []
        if stage.on:
            told.append(self.w.day(stage.on))
        elif stage.from_ and stage.to:
            told.append(self.w.days(stage.from_, stage.to))
        elif stage.from_:
            key = "when.open_ended" if stage.open_ended else "when.from_on"
            told.append(self.label(key, **{"from": self.w.day(stage.from_)}))
        if stage.approximate:
            told.append(self.label("approximate", words=self.w.of(stage.approximate)))
        if stage.clock:
            told.append(self.label("when.within", clock=self._clock(stage.clock)))
        return "; ".join(told)
