"""Typed rows -> the `Case`, holding the tables against the definition and against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from madang.core.callspec.asked import FormField, RowsField
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByVote
from madang.core.callspec.scored import Judged
from madang.core.deciding.case import (
    Application,
    Case,
    Check,
    Conflict,
    Member,
    OpinionGiven,
    Round,
    Seat,
    Sheet,
    Vote,
)
from madang.core.form.conditions import Conditions
from madang.papers.assigning.roster import Roster
from madang.papers.gather_assigning import Assigning
from madang.papers.gather_procedure import Procedure, Tasks, once
from madang.papers.lines import Line, Lines
from madang.papers.values import nearest, plain, shown

_Pair = tuple[str, str]
_GENERAL = frozenset({"application", "applicant", "kind", "organisation", "track", "country", "received"})


class Gather:
    """One folder's tables, in the order of reading. `case()` reads them all and leaves every fault with its table."""

    def __init__(
        self, definition: Definition, tables: Mapping[str, Lines], *, for_decision: bool, sample: bool
    ) -> None:
        self._definition = definition
        self._tables = tables
        self._for_decision = for_decision
        self._sample = sample
        self._conditions = Conditions(definition)
        self._lines: dict[str, Line] = {}  # application -> its row
        self._facts: dict[str, dict[str, Any]] = {}
        self.roster = Roster()

    def case(self) -> Case:
        applications = self._applications()
        panel = self._panel()
        conflicts = self._conflicts()
        assigning = Assigning(self, self._definition, conflicts)
        self.roster, self.remarks = assigning.roster, assigning.remarks()
        procedure = Procedure(self, self._definition, applications)
        return Case(
            applications=applications,
            **procedure.rows(),
            panel=panel,
            conflicts=conflicts,
            assignments=assigning.assignments,
            assignment_plans=assigning.plans,
            sheets=self._sheets(panel, conflicts, assigning),
            checklist=self._checklist(applications),
            opinions=self._opinions(),
            seats=(seats := self._seats()),
            votes=self._votes(applications, seats),
            lot_order=self._lots(),
            rounds=self._rounds(),
            sample=self._sample,
        )

    def rows_of_applications(self) -> dict[str, int]:
        """Application -> the row of its table, after `case()`."""
        return {key: line.number for key, line in self._lines.items()}

    # -- going through a table ------------------------------------------------------------------------------------

    def rows(self, name: str) -> Iterator[tuple[Lines, Line]]:
        """The rows of a table that name what they are about; the others are faults already."""
        table = self._tables.get(name)
        if table is None:
            return
        keys = table.plan.keys if table.complete() else None
        for line in table:
            if keys is not None and all(key in line.values for key in keys):
                yield table, line

    def known_application(self, table: Lines, line: Line) -> bool:
        """Whether the row is about an application of this folder. Without a readable list nothing is unknown."""
        given = line.get("application")
        if given in self._lines:
            return True
        if "applications" in self._tables and self._tables["applications"].complete():
            near = nearest(given, self._lines)
            table.fault(line, "application", "no_such_application", given=shown(given), nearest=near or "-")
        return False

    # -- applications ---------------------------------------------------------------------------------------------

    def _applications(self) -> tuple[Application, ...]:
        found: dict[str, Application] = {}
        first = once("application")
        for table, line in self.rows("applications"):
            if first(table, line, line.get("application")):
                self._lines[line.get("application")] = line
                found[line.get("application")] = self._application(line)
        listed = self._tables.get("applications")
        if listed is not None and listed.table.header and not listed.table.rows:
            listed.fault_of_table("no_applications")
        members = self._members()
        repeated = self._repeated()
        full = {
            key: replace(
                application,
                members=tuple(members.get(key, ())),
                answers={**application.answers, **repeated.get(key, {})},
            )
            for key, application in found.items()
        }
        for application in full.values():
            self._check_answers(application)
        return tuple(full.values())

    def _application(self, line: Line) -> Application:
        asked = [field for field in self._definition.fields() if not isinstance(field, RowsField)]
        answers = {field.id: line.values[field.id] for field in asked if field.id in line.values}
        tracks = self._definition.tracks
        countries = (line.get(field.id) for field in asked if field.type == "country")
        return Application(
            id=line.get("application"),
            applicant=line.get("applicant"),
            kind=line.get("kind"),
            organisation=line.get("organisation"),
            track=line.get("track") or (tracks[0].id if len(tracks) == 1 else ""),
            country=line.get("country") or next((country for country in countries if country), ""),
            received=line.get("received"),
            answers=answers,
        )

    def _members(self) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = {}
        for table, line in self.rows("members"):
            if self.known_application(table, line):
                member = {name: line.get(name) for name in ("role", "name", "kind", "country") if line.get(name)}
                found.setdefault(line.get("application"), []).append(member)
        return found

    def _repeated(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """Application -> field of repeated rows -> its rows."""
        found: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for field in self._definition.fields():
            if not isinstance(field, RowsField):
                continue
            cells = [cell.id for cell in field.fields]
            for table, line in self.rows(f"rows-{field.id}"):
                if self.known_application(table, line):
                    row = {cell: line.values[cell] for cell in cells if cell in line.values}
                    found.setdefault(line.get("application"), {}).setdefault(field.id, []).append(row)
        return found

    def _check_answers(self, application: Application) -> None:
        table, line = self._tables["applications"], self._lines[application.id]
        facts = self._facts[application.id] = self._conditions.facts(application)
        for section in self._definition.form:
            for field in section.fields:
                conditional = section.tracks or field.when or not isinstance(field.required, bool)
                if field.id not in line.bad and not (conditional and line.bad):  # a refused cell may open or close it
                    asked = self._conditions.asked(section, field, facts)
                    answered = self._for_decision and field.type != "file"  # whether papers are there, the review says
                    required = asked and answered and self._conditions.required(field, facts)
                    self._check_answer(table, line, field, application.answers.get(field.id), asked, required)

    def _check_answer(
        self, table: Lines, line: Line, field: FormField, answer: Any, asked: bool, required: bool
    ) -> None:
        if answer is not None and not asked:
            if field.id not in _GENERAL:
                table.fault(line, field.id, "answer_not_asked")
        elif answer is None:
            if required and isinstance(field, RowsField):
                table.fault(line, field.id, "rows_missing", field=field.id)
            elif required and not self._column_missing(table, field):
                table.fault(line, field.id, "answer_missing")
        elif isinstance(field, RowsField):
            self._check_row_count(table, line, field, len(answer))

    @staticmethod
    def _column_missing(table: Lines, field: FormField) -> bool:
        """Whether the header lacks the column and says so once, so that each row need not."""
        column = table.plan.by_id.get(field.id)
        return column is not None and column.required and not table.has(field.id)

    @staticmethod
    def _check_row_count(table: Lines, line: Line, field: RowsField, count: int) -> None:
        if count < field.min:
            table.fault(line, "application", "rows_below", field=field.id, count=count, min=field.min)
        elif field.max is not None and count > field.max:
            table.fault(line, "application", "rows_above", field=field.id, count=count, max=field.max)

    # -- evaluators and their sheets ------------------------------------------------------------------------------

    def _stage_of(self, line: Line) -> Judged | None:
        """The judged stage of a row; with one judged stage it may be left out."""
        judged = self._definition.judged()
        if len(judged) == 1 and "stage" not in line.bad:
            return judged[0]
        return next((stage for stage in judged if stage.id == line.values.get("stage")), None)

    def _panel(self) -> tuple[Member, ...]:
        found = []
        first = once("stage", "evaluator")
        for table, line in self.rows("panel"):
            stage = self._stage_of(line)
            if stage and first(table, line, stage.id, line.get("evaluator")):
                found.append(Member(stage.id, line.get("evaluator"), line.values.get("tags", ())))
        return tuple(found)

    def _conflicts(self) -> tuple[Conflict, ...]:
        found = []
        first = once("application", "evaluator")
        for table, line in self.rows("conflicts"):
            application, evaluator = line.get("application"), line.get("evaluator")
            if self.known_application(table, line) and first(table, line, application, evaluator):
                found.append(Conflict(application, evaluator, line.get("reason"), line.get("rule")))
        return tuple(found)

    def _sheets(
        self, panel: tuple[Member, ...], conflicts: tuple[Conflict, ...], assigning: Assigning
    ) -> tuple[Sheet, ...]:
        found = []
        first = once("stage", "application", "evaluator")
        members = {(member.stage, member.evaluator) for member in panel}
        barred = {(conflict.application, conflict.evaluator): conflict.reason for conflict in conflicts}
        for table, line in self.rows("sheets"):
            stage = self._stage_of(line)
            known = self.known_application(table, line)
            if stage is None:
                continue
            application, evaluator = line.get("application"), line.get("evaluator")
            if stage.assign is None:
                self._check_evaluator(table, line, stage, members)
            elif known:
                assigning.check_sheet(table, line, stage.id)
            if (application, evaluator) in barred:
                reason = barred[application, evaluator] or "-"
                table.fault(line, "evaluator", "sheet_despite_conflict", evaluator=evaluator, reason=shown(reason))
            scores = self._scores(table, line, stage)
            if first(table, line, stage.id, application, evaluator) and known:
                found.append(Sheet(stage.id, application, evaluator, scores, line.get("comment"), line.notes))
        return tuple(found)

    @staticmethod
    def _check_evaluator(table: Lines, line: Line, stage: Judged, members: set[_Pair]) -> None:
        evaluator = line.get("evaluator")
        if not members or (stage.id, evaluator) in members:
            return
        near = nearest(evaluator, {name for of, name in members if of == stage.id})
        told = {"evaluator": shown(evaluator), "stage": stage.id, "nearest": near or "-"}
        table.fault(line, "evaluator", "not_on_panel", **told)

    def _scores(self, table: Lines, line: Line, stage: Judged) -> dict[str, str]:
        scores = {}
        for criterion in stage.criteria:
            score = line.values.get(criterion.id)
            if score is not None:
                self._check_scale(table, line, stage, criterion.id, score)
                scores[criterion.id] = score
            elif criterion.id not in line.bad and stage.score.blanks == "refuse" and table.has(criterion.id):
                table.fault(line, criterion.id, "score_left_blank")
        own = {criterion.id for criterion in stage.criteria}
        for other in self._definition.judged():
            for criterion in other.criteria:
                if criterion.id in line.values and criterion.id not in own:
                    table.fault(line, criterion.id, "score_of_other_stage", stage=stage.id, other=other.id)
        return scores

    @staticmethod
    def _check_scale(table: Lines, line: Line, stage: Judged, criterion: str, score: str) -> None:
        scale, number = stage.scale, Decimal(score)
        if not scale.min <= number <= scale.max:
            told = {"given": score, "min": plain(scale.min), "max": plain(scale.max)}
            table.fault(line, criterion, "score_off_scale", **told)
        elif scale.step and (number - scale.min) % scale.step:
            told = {"given": score, "min": plain(scale.min), "step": plain(scale.step)}
            table.fault(line, criterion, "score_off_step", **told)

    # -- review and opinions --------------------------------------------------------------------------------------

    def _checklist(self, applications: tuple[Application, ...]) -> tuple[Check, ...]:
        found = []
        seen: set[_Pair] = set()
        first = once("application", "item")
        for table, line in self.rows("checklist"):
            application, item = line.get("application"), line.get("item")
            seen.add((application, item))
            known = self.known_application(table, line)
            if first(table, line, application, item) and known and "verdict" in line.values:
                found.append(Check(application, item, line.get("verdict"), line.get("reason")))
        if self._for_decision and "checklist" in self._tables:
            excluding = {item.id for item in self._definition.review if item.excludes}
            out = {check.application for check in found if check.verdict == "fail" and check.item in excluding}
            self._check_reviewed(self._tables["checklist"], [a.id for a in applications if a.id not in out], seen)
        return tuple(found)

    def _check_reviewed(self, table: Lines, applications: list[str], seen: set[_Pair]) -> None:
        """Every application that no line excludes needs each line of the review that is asked of it."""
        if not table.complete():
            return
        for application in applications:
            facts = self._facts[application]
            for item in self._definition.review:
                asked = item.when is None or self._conditions.holds(item.when, facts)
                if asked and (application, item.id) not in seen:
                    table.fault_of_table("check_missing", application=application, item=item.id)

    def _opinions(self) -> tuple[OpinionGiven, ...]:
        found = []
        first = once("application", "opinion", "by")
        asked = {opinion.id: opinion for opinion in self._definition.opinions}
        for table, line in self.rows("opinions"):
            application, opinion, by = line.get("application"), line.get("opinion"), line.get("by")
            known = self.known_application(table, line)
            answer, scale = line.values.get("answer"), asked[opinion].scale
            if answer is not None and scale is None:
                table.fault(line, "answer", "opinion_without_scale", opinion=opinion)
            elif answer is not None and scale is not None and not scale[0] <= answer <= scale[1]:
                table.fault(
                    line, "answer", "cell_out_of_range", given=str(answer), min=str(scale[0]), max=str(scale[1])
                )
            if first(table, line, application, opinion, by) and known:
                found.append(OpinionGiven(application, opinion, by, answer, line.get("text")))
        return tuple(found)

    # -- votes, lots, earlier rounds ------------------------------------------------------------------------------

    def _seats(self) -> tuple[Seat, ...]:
        found = []
        first = once("seat")
        for table, line in self.rows("seats"):
            if first(table, line, line.get("seat")):
                found.append(Seat(line.get("seat"), line.get("group")))
        decide = self._definition.decide
        if isinstance(decide, ByVote) and decide.seats is not None and found and len(found) != decide.seats:
            self._tables["seats"].fault_of_table("seats_differ", listed=len(found), announced=decide.seats)
        return tuple(found)

    def _votes(self, applications: tuple[Application, ...], seats: tuple[Seat, ...]) -> tuple[Vote, ...]:
        found = []
        first = once("application", "task", "seat")
        tasks = Tasks(self._definition, applications)
        known_seats = {seat.seat for seat in seats}
        for table, line in self.rows("votes"):
            application, seat = line.get("application"), line.get("seat")
            known = self.known_application(table, line)
            if seat not in known_seats and "seats" in self._tables:
                near = nearest(seat, known_seats)
                table.fault(line, "seat", "vote_without_seat", seat=shown(seat), nearest=near or "-")
            task = line.get("task")
            if known and tasks.known(table, line) and first(table, line, application, task, seat):
                found.append(Vote(application, seat, line.get("option"), task))
        return tuple(found)

    def _lots(self) -> tuple[str, ...]:
        found = []
        first = once("application")
        for table, line in self.rows("lots"):
            application = line.get("application")
            if self.known_application(table, line) and first(table, line, application):
                found.append(application)
        return tuple(found)

    def _rounds(self) -> tuple[Round, ...]:
        found = []
        first = once("year")
        for table, line in self.rows("rounds"):
            year = line.values["year"]
            if first(table, line, year) and {"cases", "countries"} <= line.values.keys():
                found.append(Round(year, line.values["cases"], line.values["countries"]))
        return tuple(found)
