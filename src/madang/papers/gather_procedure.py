"""The rows of the procedure around the scores: pools, draws, outside checks, adjustments, amounts, conditions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Protocol

from madang.core.callspec.model import Definition
from madang.core.deciding.case import (
    Adjusted,
    Application,
    Appointment,
    Candidate,
    ConditionCheck,
    Draw,
    Exclusion,
    OutsideAnswer,
    Reduction,
    Reveal,
    Row,
)
from madang.core.deciding.units import tasks_of
from madang.papers.lines import Line, Lines
from madang.papers.values import nearest, shown


class Tables(Protocol):
    """What `Gather` gives of a folder's tables."""

    def rows(self, name: str) -> Iterator[tuple[Lines, Line]]: ...

    def known_application(self, table: Lines, line: Line) -> bool: ...


#: Table -> its row, and the columns that may not say the same twice. Columns and fields have the same names.
ROWS: Mapping[str, tuple[type[Row], tuple[str, ...]]] = {
    "pool": (Candidate, ("stage", "evaluator")),
    "exclusions": (Exclusion, ("stage", "evaluator")),
    "draws": (Draw, ("draw",)),
    "reveals": (Reveal, ("draw", "by")),
    "outside_checks": (OutsideAnswer, ("application", "check")),
    "adjustments": (Adjusted, ("application", "adjustment")),
    "reductions": (Reduction, ("application",)),
    "conditions": (ConditionCheck, ("application", "task", "condition")),
    "appointments": (Appointment, ("application", "task")),
}


class Procedure:
    """Reads each table of `ROWS`; what a row names must be there, and stand there once."""

    def __init__(self, tables: Tables, definition: Definition, applications: tuple[Application, ...]) -> None:
        self._tables = tables
        self._tasks = Tasks(definition, applications)
        self._pool: set[tuple[str, str]] = set()
        self._draws: set[str] = set()

    def rows(self) -> dict[str, Any]:
        """Table -> its rows, as `Case` takes them."""
        return {name: tuple(self._read(name, *row)) for name, row in ROWS.items()}

    def _read(self, name: str, row: type[Row], keys: tuple[str, ...]) -> Iterator[Row]:
        first = once(*keys)
        for table, line in self._tables.rows(name):
            if not self._refers(name, table, line) or not self._filled(table, line):
                continue
            if first(table, line, *(line.get(key) for key in keys)):
                given = {column.id: line.values[column.id] for column in table.plan.columns if column.id in line.values}
                yield row.from_json(given)
                self._remember(name, line)

    @staticmethod
    def _filled(table: Lines, line: Line) -> bool:
        """Whether every cell that must be filled was; the others are faults already."""
        return all(column.id in line.values for column in table.plan.columns if column.filled)

    def _remember(self, name: str, line: Line) -> None:
        if name == "pool":
            self._pool.add((line.get("stage"), line.get("evaluator")))
        elif name == "draws":
            self._draws.add(line.get("draw"))

    def _refers(self, name: str, table: Lines, line: Line) -> bool:
        if "application" in table.plan.by_id:
            return self._tables.known_application(table, line) and self._tasks.known(table, line)
        if name == "exclusions":
            stage, evaluator = line.get("stage"), line.get("evaluator")
            if (stage, evaluator) not in self._pool:
                near = nearest(evaluator, {person for of, person in self._pool if of == stage})
                told = {"evaluator": shown(evaluator), "stage": stage, "nearest": near or "-"}
                table.fault(line, "evaluator", "not_in_pool", **told)
                return False
        if name == "reveals" and line.get("draw") not in self._draws:
            table.fault(line, "draw", "no_such_draw", draw=shown(line.get("draw")))
            return False
        return True


class Tasks:
    """The tasks of each application, where tasks are decided one by one."""

    def __init__(self, definition: Definition, applications: tuple[Application, ...]) -> None:
        self._of = {application.id: tasks_of(definition, application) for application in applications}

    def known(self, table: Lines, line: Line) -> bool:
        """Whether the row's task was applied for; a row without a task speaks of the whole application."""
        task, known = line.get("task"), self._of.get(line.get("application"), [])
        if not task or task in known:
            return True
        near = nearest(task, known)
        table.fault(line, "task", "no_such_task", task=shown(task), nearest=near or "-")
        return False


def once(*columns: str) -> Callable[..., bool]:
    """A check that no two rows of a table say the same: of a repeated row, the second is the fault."""
    seen: dict[tuple[Hashable, ...], int] = {}

    def first_time(table: Lines, line: Line, *key: Hashable) -> bool:
        if (first := seen.setdefault(key, line.number)) == line.number:
            return True
        told = ", ".join(shown(str(part)) for part in key)
        column = next(name for name in reversed(columns) if table.has(name))
        table.fault(line, column, "row_twice", key=told, first=first)
        return False

    return first_time
