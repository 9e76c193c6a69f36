"""The deciding rule: by rank, mark, grade, vote or appointment; application by application or task by task."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.asked import RowsField
from madang.core.callspec.rule import ByAppointment, ByGrade, ByRank, ByThreshold, ByVote, CapEach, Quota, TaskUnits
from madang.core.callspec.scored import Panel
from madang.papers.describe.teller import Teller, marked
from madang.papers.outline import Bullets, Facts, Part, Row, Table, TableRow, Words
from madang.words.labels import labels


class Decision(Teller):
    def decision(self) -> Iterator[Part]:
        decide = self.d.decide
        rows: list[Row] = []
        match decide:
            case ByRank():
                yield Words(self.label(f"decision.{'rank' if decide.walk == 'rank_order' else 'total_value'}"))
                rows += self._ranked(decide)
            case ByThreshold():
                text = self.label("decision.threshold", mark=self.w.number(decide.at_least))
                yield Words(text, marked(decide, "at_least"))
                if decide.each_at_least:
                    marks = [
                        self.label("decision.each_mark", name=self._scored_name(name), mark=self.w.number(mark))
                        for name, mark in decide.each_at_least.items()
                    ]
                    text = self.label("decision.each", marks=self.w.listed(marks))
                    yield Words(text, marked(decide, "each_at_least"))
            case ByGrade():
                yield Words(self.label("decision.grade"))
                yield from self._groups(decide)
                yield self._grades(decide)
            case ByVote():
                key = "decision.vote" if decide.of == "cast" else "decision.vote_seats"
                told = {"quorum": self.w.number(decide.quorum), "majority": self.w.number(decide.majority)}
                text = self.label(key, body=self.w.of(decide.body), **told)
                yield Words(text, marked(decide, "quorum", "majority", "of"))
                yield Words(self.label("decision.no_rubric"))
                rows += self._voted(decide)
            case ByAppointment():
                yield Words(self.label("decision.appointment", authority=self.w.of(decide.authority)))
                rows += self._advised(decide)
        yield Words(self.label(f"decision.{decide.close}"), marked(decide, "close"))
        if decide.tasks:
            yield from self._tasks(decide.tasks)
        if decide.clock:
            rows += self._row("decision.clock", self._clock(decide.clock), sample=marked(decide, "clock"))
        if self.d.sign_off:
            chain = " → ".join(self._name(name) for name in self.d.sign_off.chain)
            rows += self._row("decision.sign_off", chain, sample=marked(self.d.sign_off, "chain"))
        yield Facts(tuple(rows))
        yield Words(self.label("freeze"))

    def _ranked(self, decide: ByRank) -> Iterator[Row]:
        seats = decide.seats
        if seats.min == seats.max:
            places = self.label("decision.seats_exact", max=seats.max)
        elif seats.min:
            places = self.label("decision.seats_between", min=seats.min, max=seats.max)
        else:
            places = self.label("decision.seats_upto", max=seats.max)
        yield from self._row("decision.seats", places, sample=marked(decide, "seats") or marked(seats, "min", "max"))
        if decide.pass_mark is not None:
            mark = self.label("decision.points", mark=self.w.number(decide.pass_mark))
            yield from self._row("decision.pass_mark", mark, sample=marked(decide, "pass_mark"))
        ties = " → ".join(self._scored_name(name) for name in decide.ties)
        yield from self._row("decision.ties", ties, sample=marked(decide, "ties"))
        if decide.list == "per_track":
            yield from self._row("decision.list", self.label("decision.per_track"), sample=marked(decide, "list"))
        yield from self._row("decision.rules", *(self._rule(rule) for rule in decide.rules))
        if decide.reserve:
            key = "decision.reserve_per" if decide.reserve.per else "decision.reserve_count"
            text = self.label(key, count=decide.reserve.count, tag=self._tag(decide.reserve.per or ""))
            sample = marked(decide, "reserve") or marked(decide.reserve, "count", "per")
            yield from self._row("decision.reserve", text, sample=sample)
        yield from self._estimates(decide)

    def _estimates(self, decide: ByRank) -> Iterator[Row]:
        asked = decide.uncertainty
        edges = {"from": "", "to": "", "stage": self._scored_name(asked.second_round or "")}
        if asked.band is not None:
            edges |= {"from": self.w.number(asked.band.from_), "to": self.w.number(asked.band.to)}
        told = [self.label(f"decision.uncertainty_{asked.announced_use}", **edges)]
        if asked.announced_use != "none":
            told.append(self.label(f"decision.estimates_{'party' if 'party' in asked.shown_to else 'auditor'}"))
        sample = marked(decide, "uncertainty") or marked(asked, "announced_use", "band")
        yield from self._row("decision.estimates", *told, sample=sample)

    def _rule(self, rule: Quota | CapEach) -> Words:
        sample, note = marked(rule), self.w.of(rule.label)
        if isinstance(rule, CapEach):
            return Words(self.label("decision.cap", max=rule.max, tag=self._tag(rule.cap_each)), sample, note)
        values = [
            self._share("decision.share", {"value": self._value(rule.quota, value)}, share)
            for value, share in rule.values.items()
        ]
        text = self.label("decision.quota", tag=self._tag(rule.quota), values=self.w.listed(values))
        return Words(text, sample or marked(rule, "values"), note)

    def _tag(self, tag: str) -> str:
        field = self.d.field(tag)
        if f"tag.{tag}" in labels("describe"):
            return self.label(f"tag.{tag}")
        return self.w.of(field.label) if field else tag

    def _groups(self, decide: ByGrade) -> Iterator[Part]:
        if decide.groups:
            yield Words(self.label("decision.groups"))
            yield Bullets(tuple(Words(self.w.of(g.label), marked(g), self._condition(g.when)) for g in decide.groups))

    def _grades(self, decide: ByGrade) -> Table:
        """A column of marks for each group that has marks of its own."""
        own = [group for group in decide.groups if any(group.id in grade.by_group for grade in decide.grades)]
        rows = []
        for grade in decide.grades:
            marks = [grade.at_least, *(grade.by_group.get(group.id, grade.at_least) for group in own)]
            cells = (self.w.of(grade.label), *map(self.w.number, marks), self._yes_no(grade.granted))
            rows.append(TableRow(cells, marked(grade, "at_least", "by_group")))
        titles = [self.label("decision.grade_mark_of", group=self.w.of(group.label)) for group in own]
        names = (self.label("decision.grade_name"), self.label("decision.grade_mark"))
        header = (*names, *titles, self.label("decision.grade_granted"))
        return Table(header, tuple(rows), numeric=tuple(range(1, 2 + len(own))), sample=marked(decide, "grades"))

    def _voted(self, decide: ByVote) -> Iterator[Row]:
        if decide.seats:
            yield from self._row("decision.body_seats", self.w.number(decide.seats), sample=marked(decide, "seats"))
        composed = self._composition(decide.compose)
        yield from self._row("decision.body_compose", composed, sample=marked(decide, "compose"))
        if decide.drawn:
            told = " ".join(self._panel_of_body(decide.drawn))
            yield from self._row("decision.body_drawn", told, sample=marked(decide, "drawn") or marked(decide.drawn))
        if decide.places:
            text = self.label("decision.places_words", places=decide.places)
            yield from self._row("decision.places", text, sample=marked(decide, "places"))
        ties = " → ".join(self._scored_name(name) for name in decide.ties)
        yield from self._row("decision.vote_ties", ties, sample=marked(decide, "ties"))
        known = labels("describe")
        options = [self.label(f"option.{name}") if f"option.{name}" in known else name for name in decide.options]
        yield from self._row("decision.options", self.w.listed(options), sample=marked(decide, "options"))
        if decide.without_vote:
            note = self.label("rule", rule=decide.without_vote.when)
            words = Words(self.w.of(decide.without_vote.label), marked(decide.without_vote), note)
            yield from self._row("decision.without_vote", words)

    def _panel_of_body(self, drawn: Panel) -> Iterator[str]:
        yield self.label("decision.drawn", seats=drawn.seats, pool=drawn.draw_from or drawn.seats)
        yield self.label("scoring.drawn_how")
        if shares := self._composition(drawn.compose):
            yield self.label("scoring.compose", shares=shares)
        if drawn.substitutes == "ordered":
            yield self.label("scoring.substitutes")

    def _advised(self, decide: ByAppointment) -> Iterator[Row]:
        """Whom the authority must have heard."""
        asked = {opinion.id: self._name(opinion.ask) for opinion in self.d.opinions}
        advice = [asked.get(name, self.stages.get(name, name)) for name in decide.advice]
        yield from self._row("decision.advice", self.w.listed(advice), sample=marked(decide, "advice"))

    def _tasks(self, tasks: TaskUnits) -> Iterator[Part]:
        """What is one task: the cells that tell one row from another."""
        rows = self.d.field(tasks.rows)
        cells = {cell.id: self.w.of(cell.label) for cell in rows.fields} if isinstance(rows, RowsField) else {}
        told = {"rows": self.w.of(rows.label) if rows else tasks.rows}
        told["cells"] = self.w.listed([cells.get(name, name) for name in tasks.key])
        yield Words(self.label("decision.task"), marked(tasks))
        yield Words(self.label("decision.task_key", **told))
