"""The rows of evaluators, of their ties and works, and of the plan who reads what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.deciding.case import Assignment, AssignmentPlan, Conflict
from madang.core.reasons import Fault
from madang.papers.assigning.roster import Affiliation, Person, Roster, Work
from madang.papers.gather_procedure import Tables, once
from madang.papers.lines import Line, Lines
from madang.papers.plan_assigning import assigned_stages
from madang.papers.values import nearest, shown

_YEARS = range(1900, 2900)


class Assigning:
    """Reads the tables; each row names people and applications that the folder has."""

    def __init__(self, tables: Tables, definition: Definition, conflicts: tuple[Conflict, ...]) -> None:
        self._tables = tables
        self._stages = [stage.id for stage in assigned_stages(definition)]
        self._barred = {(conflict.application, conflict.evaluator): conflict.reason for conflict in conflicts}
        people = tuple(self._people())
        self._known = {person.evaluator for person in people}
        self._gone: dict[str, None] = {}
        self.roster = Roster(people, tuple(self._affiliations()), tuple(self._works()))
        self.assignments = tuple(self._assignments())
        self.plans = tuple(self._plans())
        self._pairs = {(row.stage, row.application, row.evaluator) for row in self.assignments}

    def remarks(self) -> tuple[Fault, ...]:
        """Whose ties and works were left out, because the table of evaluators no longer names them."""
        gone = [shown(name) for name in self._gone]
        return (Fault("rows_of_nobody_listed", "evaluators", {"evaluators": gone}),) if gone else ()

    def check_sheet(self, table: Lines, line: Line, stage: str) -> None:
        """Where the plan is there, who was not assigned to an application has no sheet of it."""
        application, evaluator = line.get("application"), line.get("evaluator")
        if stage not in self._stages or not self._pairs or (stage, application, evaluator) in self._pairs:
            return
        readers = [of for at, name, of in sorted(self._pairs) if (at, name) == (stage, application)]
        told = {"evaluator": shown(evaluator), "application": application}
        table.fault(line, "evaluator", "sheet_by_unassigned", **told, assigned=readers or ["-"])

    def _stage(self, line: Line) -> str:
        return line.get("stage") or (self._stages[0] if len(self._stages) == 1 else "")

    def _people(self) -> Iterator[Person]:
        first = once("evaluator")
        for table, line in self._tables.rows("evaluators"):
            domain = line.get("email_domain")
            if domain and not _is_domain(domain):
                table.fault(line, "email_domain", "email_domain_only", given=shown(domain))
                continue
            if first(table, line, line.get("evaluator")):
                yield Person.from_json(_given(table, line))

    def _affiliations(self) -> Iterator[Affiliation]:
        for table, line in self._tables.rows("affiliations"):
            if self._in_order(table, line) and self._listed(line):
                yield Affiliation.from_json(_given(table, line))

    def _works(self) -> Iterator[Work]:
        for table, line in self._tables.rows("works"):
            if self._listed(line):
                yield Work.from_json(_given(table, line))

    def _listed(self, line: Line) -> bool:
        """Whether a tie or a work is of somebody who may still evaluate: who drops out leaves rows behind."""
        evaluator = line.get("evaluator")
        if self._known and evaluator not in self._known:
            self._gone[evaluator] = None
            return False
        return True

    def _person(self, table: Lines, line: Line) -> bool:
        """Whether the row is about somebody whom the table of evaluators names; without it nobody is unknown."""
        evaluator = line.get("evaluator")
        if not self._known or evaluator in self._known:
            return True
        near = nearest(evaluator, self._known)
        table.fault(line, "evaluator", "no_such_evaluator", given=shown(evaluator), nearest=near or "-")
        return False

    @staticmethod
    def _in_order(table: Lines, line: Line) -> bool:
        since, until = line.get("since"), line.get("until")
        for column, day in (("since", since), ("until", until)):
            if day and int(day[:4]) not in _YEARS:
                table.fault(line, column, "tie_day_out_of_reach", given=day)
                return False
        if since and until and until < since[: len(until)]:
            table.fault(line, "until", "tie_ends_before", since=since, until=until)
            return False
        return True

    def _assignments(self) -> Iterator[Assignment]:
        first = once("stage", "application", "evaluator")
        for table, line in self._tables.rows("assignments"):
            stage, application, evaluator = self._stage(line), line.get("application"), line.get("evaluator")
            known = self._tables.known_application(table, line) and self._person(table, line)
            if (application, evaluator) in self._barred:
                reason = self._barred[application, evaluator] or "-"
                told = {"evaluator": shown(evaluator), "application": application, "reason": shown(reason)}
                table.fault(line, "evaluator", "assigned_despite_conflict", **told)
            if known and stage and first(table, line, stage, application, evaluator):
                yield Assignment(stage, application, evaluator, line.get("affinity"))

    def _plans(self) -> Iterator[AssignmentPlan]:
        first = once("stage")
        for table, line in self._tables.rows("assignment_plans"):
            if "stage" in line.values and first(table, line, line.get("stage")):
                yield AssignmentPlan.from_json(_given(table, line))


def _given(table: Lines, line: Line) -> dict[str, Any]:
    found = {column.id: line.values[column.id] for column in table.plan.columns if column.id in line.values}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def _is_domain(text: str) -> bool:
    from madang.core.conflicts.domains import canonical

    try:
        canonical(text)
    except ValueError:
        return False
    return "@" not in text and "/" not in text
