"""What no case may hold, whoever hands it in: `decide` refuses it and `verify` finds it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByAppointment
from madang.core.callspec.scored import Adjustment
from madang.core.deciding.case import Appointment, Case
from madang.core.deciding.draws import LOTS, panels_of
from madang.core.deciding.eligibility import amounts
from madang.core.deciding.planned import FIGURE, plan_contradictions
from madang.core.deciding.units import tasks_of
from madang.core.reasons import Reason

_SUMS = ("total", "total_bound", "worst", "worst_bound")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")

#: Tables whose rows speak of one application each.
ABOUT_APPLICATIONS = (
    "sheets", "assignments", "votes", "checklist", "opinions", "outside_checks", "adjustments", "reductions",
    "conditions", "appointments",
)  # fmt: skip


def contradictions(definition: Definition, case: Case) -> Iterator[Reason]:
    """A sheet in conflict, anything twice, rows about what this call does not know. Cost: linear in the rows."""
    named = Counter(application.id for application in case.applications)
    for name in (name for name, times in named.items() if times > 1):
        yield Reason("application_twice", {"application": name})
    for table in ABOUT_APPLICATIONS:
        for name in sorted({row.application for row in getattr(case, table)} - named.keys()):
            yield Reason("row_about_unknown_application", {"application": name})
    yield from _sheets(definition, case)
    yield from _assignments(definition, case)
    yield from plan_contradictions(definition, case)
    yield from _twice(case.votes, lambda v: (v.application, v.task, v.seat), "vote_twice", "application", "seat")
    yield from _draws(definition, case)
    yield from _findings(definition, case)
    yield from _amounts(definition, case)
    yield from _tasks(definition, case)


def _twice(rows: Iterable[Any], key: Callable[[Any], Hashable], code: str, *told: str) -> Iterator[Reason]:
    seen: set[Hashable] = set()
    for row in rows:
        if key(row) in seen:
            yield Reason(code, {name: getattr(row, name) for name in told})
        seen.add(key(row))


def _sheets(definition: Definition, case: Case) -> Iterator[Reason]:
    barred = {(conflict.application, conflict.evaluator) for conflict in case.conflicts}
    for sheet in case.sheets:
        if (sheet.application, sheet.evaluator) in barred:
            yield Reason("sheet_in_conflict", {"application": sheet.application, "evaluator": sheet.evaluator})
    key = lambda s: (s.stage, s.application, s.evaluator)  # noqa: E731
    yield from _twice(case.sheets, key, "sheet_twice", "application", "evaluator")
    stages = {stage.id for stage in definition.judged()}
    for name in sorted({member.stage for member in case.panel} - stages - {""}):
        yield Reason("panel_of_unknown_stage", {"stage": name})
    for name in sorted({sheet.stage for sheet in case.sheets} - stages - {""}):
        yield Reason("sheets_of_unknown_stage", {"stage": name})


def _assignments(definition: Definition, case: Case) -> Iterator[Reason]:
    """Where evaluators are assigned, who was not assigned to an application has no sheet of it."""
    judged = definition.judged()
    lone = judged[0].id if len(judged) == 1 else ""
    assigned = {stage.id for stage in judged if stage.assign is not None}
    barred = {(conflict.application, conflict.evaluator) for conflict in case.conflicts}

    def of_stage(row: Any) -> str:
        return str(row.stage) or lone

    def key(row: Any) -> tuple[str, str, str]:
        return of_stage(row), row.application, row.evaluator

    for name in sorted({of_stage(row) for row in (*case.assignments, *case.assignment_plans)} - assigned):
        yield Reason("assignments_not_asked", {"stage": name})
    for name in sorted({of_stage(member) for member in case.panel} & assigned):
        yield Reason("panel_where_assigned", {"stage": name})
    for row in case.assignments:
        if (row.application, row.evaluator) in barred:
            yield Reason("assigned_in_conflict", {"application": row.application, "evaluator": row.evaluator})
    yield from _twice(case.assignments, key, "assigned_twice", "application", "evaluator")
    yield from _twice(case.assignment_plans, of_stage, "assignment_plan_twice", "stage")
    figures = [(of_stage(row), row.affinity) for row in case.assignments]
    figures += [(of_stage(row), getattr(row, name)) for row in case.assignment_plans for name in _SUMS]
    for stage, given in sorted({(stage, str(given)) for stage, given in figures if given}):
        if not FIGURE.fullmatch(given):
            yield Reason("assignment_figure_unreadable", {"stage": stage, "given": given[:40]})
    pairs = {key(row) for row in case.assignments}
    for sheet in case.sheets:
        if of_stage(sheet) in assigned and key(sheet) not in pairs:
            yield Reason("sheet_not_assigned", {"application": sheet.application, "evaluator": sheet.evaluator})


def _draws(definition: Definition, case: Case) -> Iterator[Reason]:
    panels = panels_of(definition)
    judged = {stage.id for stage in definition.judged()}
    known = {LOTS, *(f"panel:{name}" for name in panels), *(f"order:{name}" for name in judged)}
    yield from _twice(case.draws, lambda d: d.draw, "draw_twice", "draw")
    for name in sorted({draw.draw for draw in case.draws} - known):
        yield Reason("unknown_draw", {"draw": name, "known": sorted(known)})
    for name in sorted({reveal.draw for reveal in case.reveals} - {draw.draw for draw in case.draws}):
        yield Reason("reveal_without_draw", {"draw": name})
    for reveal in case.reveals:
        if not _SHA256.fullmatch(reveal.commitment):
            yield Reason("commitment_not_sha256", {"draw": reveal.draw, "by": reveal.by})
    for draw in case.draws:
        if draw.entries_sha256 and not _SHA256.fullmatch(draw.entries_sha256):
            yield Reason("entries_not_sha256", {"draw": draw.draw})
    yield from _twice(case.pool, lambda c: (c.stage, c.evaluator), "candidate_twice", "stage", "evaluator")
    pool = {(candidate.stage, candidate.evaluator) for candidate in case.pool}
    for one in case.exclusions:
        if (one.stage, one.evaluator) not in pool:
            yield Reason("exclusion_outside_pool", {"stage": one.stage, "evaluator": one.evaluator})
    drawn = {draw.draw for draw in case.draws}
    for draw in case.draws:
        parties = sum(reveal.draw == draw.draw for reveal in case.reveals)
        if draw.parties is not None and draw.parties != parties:
            yield Reason("parties_missing", {"draw": draw.draw, "stated": draw.parties, "found": parties})
    for stage in sorted({member.stage for member in case.panel}):
        if f"panel:{stage}" in drawn:
            yield Reason("panel_drawn_and_handed_in", {"stage": stage})
    if case.lot_order and LOTS in drawn:
        yield Reason("lots_drawn_and_handed_in")
    if case.seats and "panel:body" in drawn:
        yield Reason("panel_drawn_and_handed_in", {"stage": "body"})


def _findings(definition: Definition, case: Case) -> Iterator[Reason]:
    """Outside checks and adjustments: announced, once each, within their points."""
    checks = {check.id for check in definition.outside_checks}
    for name in sorted({answer.check for answer in case.outside_checks} - checks):
        yield Reason("unknown_outside_check", {"check": name})
    yield from _twice(
        case.outside_checks, lambda a: (a.application, a.check), "outside_check_twice", "application", "check"
    )
    announced = {one.id: one for one in definition.adjustments}
    for row in case.adjustments:
        told = {"application": row.application, "adjustment": row.adjustment}
        rule = announced.get(row.adjustment)
        if rule is None:
            yield Reason("unknown_adjustment", told)
        elif not row.proof.strip():
            yield Reason("adjustment_without_proof", told)
        elif rule.up_to and not row.points:
            yield Reason("adjustment_without_points", told)
        elif row.points and not _within(Decimal(row.points), rule):
            yield Reason("adjustment_points_differ", {**told, "points": row.points, "announced": str(rule.points)})
    yield from _twice(
        case.adjustments, lambda a: (a.application, a.adjustment), "adjustment_twice", "application", "adjustment"
    )


def _within(points: Decimal, rule: Adjustment) -> bool:
    return 0 < points <= rule.points if rule.up_to else points == rule.points


def _amounts(definition: Definition, case: Case) -> Iterator[Reason]:
    """A reduced grant is announced as possible, less than what was asked for, and not under the limit."""
    applications = {application.id: application for application in case.applications}
    if case.reductions and "reduced" not in definition.outcome.amounts:
        yield Reason("reduction_not_announced")
    yield from _twice(case.reductions, lambda r: r.application, "reduction_twice", "application")
    given = [(row.application, row.grant_krw) for row in case.reductions]
    given += [(row.application, row.grant_krw) for row in case.appointments if row.grant_krw is not None]
    for name, grant in given:
        if name not in applications:
            continue
        cost, own = amounts(definition, applications[name])
        if grant < 0 or (cost is not None and grant > cost - own):
            yield Reason("grant_over_asked", {"application": name, "grant_krw": grant, "asked_krw": (cost or 0) - own})
    for row in case.reductions:
        if not row.reason.strip():
            yield Reason("reduction_without_reason", {"application": row.application})


def _tasks(definition: Definition, case: Case) -> Iterator[Reason]:
    """Votes, appointments and conditions: on tasks that were applied for, and only where tasks are decided."""
    known = {application.id: set(tasks_of(definition, application)) for application in case.applications}
    for table, whole in (("votes", False), ("appointments", False), ("conditions", True)):
        for row in getattr(case, table):
            if row.application not in known:
                continue
            tasks = known[row.application]
            if row.task not in tasks and not (row.task == "" and (whole or not tasks)):
                yield Reason("unknown_task", {"application": row.application, "task": row.task})
    conditions = {condition.id for condition in definition.outcome.conditions}
    for name in sorted({row.condition for row in case.conditions} - conditions):
        yield Reason("unknown_condition", {"condition": name})
    yield from _twice(
        case.conditions, lambda c: (c.application, c.task, c.condition), "condition_twice", "application", "condition"
    )
    if case.appointments and not isinstance(definition.decide, ByAppointment):
        yield Reason("appointments_not_asked")
    yield from _twice(case.appointments, lambda a: (a.application, a.task), "appointment_twice", "application", "task")
    for row in case.appointments:
        yield from _appointment(definition, row)


def _appointment(definition: Definition, row: Appointment) -> Iterator[Reason]:
    told = {"application": row.application, "outcome": row.outcome}
    amount = {"reduced": "reduced", "conditional": "conditional"}.get(row.outcome)
    if row.outcome not in ("granted", "reduced", "conditional", "refused"):
        yield Reason("appointment_outcome_unknown", told)
    elif amount is not None and amount not in definition.outcome.amounts:
        yield Reason("appointment_not_announced", told)
    elif row.outcome == "reduced" and row.grant_krw is None:
        yield Reason("appointment_without_amount", told)
    elif not row.reason.strip():
        yield Reason("appointment_without_reason", told)


#: The table in which to look for what is wrong; `decide` names it.
TABLE_OF = {
    "sheet_in_conflict": "sheets", "sheet_twice": "sheets", "sheets_of_unknown_stage": "sheets",
    "sheet_by_nobody_seated": "sheets", "sheet_not_assigned": "sheets", "assigned_in_conflict": "assignments",
    "assigned_twice": "assignments", "assignments_not_asked": "assignments",
    "assignment_plan_twice": "assignment_plans", "assignment_figure_unreadable": "assignments",
    "assigned_unlike_announced": "assignments", "assigned_over_load": "assignments",
    "assignment_plan_missing": "assignment_plans", "assignment_plan_wrong_word": "assignment_plans",
    "assignment_plan_misstates": "assignment_plans", "assignment_plan_bound_wrong": "assignment_plans",
    "panel_where_assigned": "panel",
    "panel_not_settled": "reveals", "reveal_missing": "reveals",
    "reveal_wrong": "reveals", "commitment_not_sha256": "reveals", "reveal_without_draw": "reveals",
    "parties_missing": "reveals", "lots_entries_changed": "draws", "entries_not_sha256": "draws", "draw_twice": "draws",
    "unknown_draw": "draws", "panel_drawn_and_handed_in": "panel", "lots_drawn_and_handed_in": "lots",
    "candidate_twice": "pool", "exclusion_outside_pool": "exclusions", "vote_twice": "votes", "unknown_task": "votes",
    "unknown_outside_check": "outside_checks", "outside_check_twice": "outside_checks",
    "unknown_adjustment": "adjustments", "adjustment_without_proof": "adjustments",
    "adjustment_without_points": "adjustments", "adjustment_points_differ": "adjustments",
    "adjustment_twice": "adjustments", "reduction_not_announced": "reductions", "reduction_twice": "reductions",
    "reduction_without_reason": "reductions", "unknown_condition": "conditions", "condition_twice": "conditions",
    "appointments_not_asked": "appointments", "appointment_twice": "appointments",
    "appointment_outcome_unknown": "appointments", "appointment_not_announced": "appointments",
    "appointment_without_amount": "appointments", "appointment_without_reason": "appointments",
}  # fmt: skip


def not_seated(case: Case, draws: list[dict[str, Any]]) -> Iterator[Reason]:
    """Sheets of somebody whom the draw did not seat, and all sheets of a panel that nobody knows how to seat.

    Who sat and left later may have sealed sheets before. A draw that cannot be derived (a word withheld, another list)
    seats nobody: or whoever withholds a word could seat anybody.
    """
    pseudonym = {one.id: one.pseudonym for one in case.evaluators}
    seated: dict[str, set[str]] = {}
    scored = {sheet.stage for sheet in case.sheets}
    for draw in draws:
        kind, _, stage = draw["draw"].partition(":")
        if kind != "panel":
            continue
        if draw["status"] == "computed":
            seated[stage] = {pseudonym.get(name, name) for name in (*draw["members"], *draw["left"])}
        elif stage in scored:
            yield Reason("panel_not_settled", {"stage": stage})
            yield from (Reason(told["code"], told["params"]) for told in draw["reasons"])
    handed_in = {(member.stage, member.evaluator) for member in case.panel if member.stage not in seated}
    elsewhere = {*seated, *(row.stage for row in case.assignments)}  # the plan: see `contradictions`
    for stage, evaluator in sorted({(sheet.stage, sheet.evaluator) for sheet in case.sheets}):
        if handed_in and stage not in elsewhere and not {(stage, evaluator), ("", evaluator)} & handed_in:
            yield Reason("sheet_by_nobody_seated", {"stage": stage, "evaluator": evaluator})
        if stage in seated and evaluator not in seated[stage]:
            yield Reason("sheet_by_nobody_seated", {"stage": stage, "evaluator": evaluator})
