"""What is decided one by one: an application, or each task of it (institution x task x place)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application
from madang.core.deciding.ruling import Ruling
from madang.core.reasons import Reason

GRANTED = frozenset({"selected", "reserve"})


def tasks_of(definition: Definition, application: Application) -> list[str]:
    """The keys of an application's tasks, in the order of its rows; each once. Empty where it is decided whole.

    A key is the row's key cells joined by `/`, a cell that was left blank as `-`.
    """
    units = definition.decide.tasks
    rows = application.answers.get(units.rows) if units else None
    return list(dict.fromkeys(_key(row, units.key) for row in rows)) if units and isinstance(rows, list) else []


def _key(row: Mapping[str, Any], cells: Any) -> str:
    return "/".join(str(row.get(cell) or "-") for cell in cells)


def combine(ruling: Ruling, application: str, tasks: list[dict[str, Any]]) -> None:
    """One application's outcome from those of its tasks: a yes where any task is granted, open where one is open."""
    outcomes = [task["outcome"] for task in tasks]
    granted = [task["task"] for task in tasks if task["outcome"] == "selected"]
    refused = [task["task"] for task in tasks if task["outcome"] == "not_selected"]
    open_ = [task["task"] for task in tasks if task["outcome"] == "undetermined"]
    reasons = list(_told(granted, refused, open_))
    outcome = "undetermined" if open_ else "selected" if "selected" in outcomes else "not_selected"
    ruling.say(application, outcome, reasons, tasks=tasks)


def _told(granted: list[str], refused: list[str], open_: list[str]) -> Iterator[Reason]:
    for code, tasks in (("tasks_granted", granted), ("tasks_refused", refused), ("tasks_open", open_)):
        if tasks:
            yield Reason(code, {"tasks": tasks})


def granted_twice(lines: Mapping[str, Mapping[str, Any]]) -> Iterator[Reason]:
    """The same task granted to two applicants: normal where a key cell differs, worth a word where none does."""
    holders: dict[str, list[str]] = {}
    for name, line in lines.items():
        for task in line.get("tasks", ()):
            if task["outcome"] == "selected":
                holders.setdefault(task["task"], []).append(name)
    for task, names in holders.items():
        if len(names) > 1:
            yield Reason("task_granted_twice", {"task": task, "applications": names})
