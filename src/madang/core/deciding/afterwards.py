"""What still touches an outcome once the rule has spoken: open checks, reduced grants, conditions."""

from __future__ import annotations

from typing import Any

from madang.core.callspec import expressions
from madang.core.callspec.model import Condition, Definition
from madang.core.deciding import units
from madang.core.deciding.case import Application, Case, ConditionCheck
from madang.core.deciding.eligibility import Counts, OpenChecks, amounts, facts_of
from madang.core.deciding.ruling import Ruling
from madang.core.reasons import Reason

YES = ("selected", "reserve")


def settle(definition: Definition, case: Case, ruling: Ruling) -> None:
    """Applies, in this order, reduced grants, open outside checks and the conditions of the outcome."""
    _reduced(definition, case, ruling)
    _open(definition, case, ruling)
    if definition.outcome.conditions:
        _conditions(definition, case, ruling)


def _reduced(definition: Definition, case: Case, ruling: Ruling) -> None:
    by_id = {application.id: application for application in case.applications}
    for row in case.reductions:
        line = ruling.lines.get(row.application)
        if line is None or line["outcome"] not in YES:
            continue
        cost, own = amounts(definition, by_id[row.application])
        told = Reason("grant_reduced", {"asked_krw": (cost or 0) - own, "grant_krw": row.grant_krw, "note": row.reason})
        granted = row.grant_krw if line["outcome"] == "selected" else line["grant_krw"]
        ruling.add(row.application, told, amount="reduced", grant_krw=granted)


def _open(definition: Definition, case: Case, ruling: Ruling) -> None:
    """A yes waits for an outside check that could still exclude; a no needs none."""
    if not definition.outside_checks:
        return
    checks = OpenChecks(definition, case)
    for application in case.applications:
        line = ruling.lines.get(application.id)
        if line is None or line["outcome"] not in YES:
            continue
        if waiting := checks.of(application):
            ruling.add(application.id, *waiting, outcome="undetermined", place=None)
            ruling.undetermined(Reason("outside_checks_open", {"application": application.id}))


def _conditions(definition: Definition, case: Case, ruling: Ruling) -> None:
    counts = Counts(case)
    given = {(row.application, row.task, row.condition): row for row in case.conditions}
    for application in case.applications:
        line = ruling.lines.get(application.id)
        if line is None or line["outcome"] != "selected":
            continue
        asked = _asked(definition, application, counts)
        if not asked:
            continue
        if "tasks" in line:
            tasks = [_task(task, application, asked, given) for task in line["tasks"]]
            units.combine(ruling, application.id, tasks)
            if not any(task["outcome"] == "selected" for task in tasks):
                ruling.add(application.id, Reason("no_task_left"))
            continue
        states, reasons = _states("", application, asked, given)
        failed = any(state["state"] == "not_met" for state in states)
        more = {"outcome": "not_selected", "grant_krw": None} if failed else {}
        ruling.add(application.id, *reasons, conditions=states, **more)


def _asked(definition: Definition, application: Application, counts: Counts) -> list[Condition]:
    facts = facts_of(definition, application, counts)
    conditions = definition.outcome.conditions
    return [one for one in conditions if one.when is None or expressions.compile_rule(one.when)(facts)]


def _task(
    task: dict[str, Any],
    application: Application,
    asked: list[Condition],
    given: dict[tuple[str, str, str], ConditionCheck],
) -> dict[str, Any]:
    if task["outcome"] != "selected":
        return task
    states, reasons = _states(task["task"], application, asked, given)
    failed = any(state["state"] == "not_met" for state in states)
    told = [*task["reasons"], *(reason.as_json() for reason in reasons)]
    return {**task, "outcome": "not_selected" if failed else "selected", "conditions": states, "reasons": told}


def _states(
    task: str,
    application: Application,
    asked: list[Condition],
    given: dict[tuple[str, str, str], ConditionCheck],
) -> tuple[list[dict[str, str]], list[Reason]]:
    """Each condition as met, not met or pending; an answer for the whole application counts for each of its tasks."""
    states, reasons = [], []
    for condition in asked:
        row = given.get((application.id, task, condition.id)) or given.get((application.id, "", condition.id))
        state = "pending" if row is None else "met" if row.met else "not_met"
        states.append({"condition": condition.id, "state": state})
        told = {"condition": condition.id, "on": row.on if row else "", "note": row.reason if row else ""}
        reasons.append(Reason(f"condition_{state}", told if row else {"condition": condition.id}))
    return states, reasons
