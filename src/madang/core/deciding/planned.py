"""What the plan who reads what must be, as far as a record tells: as many readers as announced, and sums that add up.

Whether `at_least` and `load.min` are kept cannot be told from a record: it holds no tags and not who read nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from madang.core.callspec.model import Definition
from madang.core.callspec.scored import Assign
from madang.core.deciding.case import Assignment, AssignmentPlan, Case
from madang.core.problem import decimal_text
from madang.core.reasons import Param, Reason

STATUSES = ("optimal", "feasible")
FIGURE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_FIGURES = ("total", "total_bound", "worst", "worst_bound")


def plan_contradictions(definition: Definition, case: Case) -> Iterator[Reason]:
    """Of each stage that assigns and has assignments. Cost: linear in the rows."""
    judged = definition.judged()
    lone = judged[0].id if len(judged) == 1 else ""
    for stage in judged:
        rows = [row for row in case.assignments if (row.stage or lone) == stage.id]
        if stage.assign is None or not rows:
            continue
        plans = [row for row in case.assignment_plans if (row.stage or lone) == stage.id]
        yield from _counts(stage.id, stage.assign, rows)
        if not plans:
            yield Reason("assignment_plan_missing", {"stage": stage.id})
        for plan in plans:
            yield from _words(stage.id, stage.assign, plan)
            yield from _sums(stage.id, rows, plan)


def _counts(stage: str, asked: Assign, rows: Sequence[Assignment]) -> Iterator[Reason]:
    for application, found in sorted(Counter(row.application for row in rows).items()):
        if found != asked.each:
            told: dict[str, Param] = {"stage": stage, "application": application, "found": found, "each": asked.each}
            yield Reason("assigned_unlike_announced", told)
    most = asked.load.max
    for evaluator, found in sorted(Counter(row.evaluator for row in rows).items()):
        if most is not None and found > most:
            told = {"stage": stage, "evaluator": evaluator, "found": found, "most": most}
            yield Reason("assigned_over_load", told)


def _words(stage: str, asked: Assign, plan: AssignmentPlan) -> Iterator[Reason]:
    for part, known in (("status", STATUSES), ("objective", (asked.objective,))):
        given = getattr(plan, part)
        if given not in known:
            told: dict[str, Param] = {"stage": stage, "part": part, "given": str(given)[:40], "expected": list(known)}
            yield Reason("assignment_plan_wrong_word", told)


def _sums(stage: str, rows: Sequence[Assignment], plan: AssignmentPlan) -> Iterator[Reason]:
    """Where no row has an affinity, no sum is stated. What is no number is told as that elsewhere."""
    given = [str(figure) for figure in (*(row.affinity for row in rows), *(getattr(plan, name) for name in _FIGURES))]
    if any(figure and not FIGURE.fullmatch(figure) for figure in given):
        return
    sums: dict[str, Fraction] = {}
    for row in rows:
        sums[row.application] = sums.get(row.application, Fraction(0)) + Fraction(str(row.affinity or "0"))
    stated = {name: _number(getattr(plan, name)) for name in _FIGURES}
    measured = any(row.affinity for row in rows)
    for figure, found in (("total", sum(sums.values(), Fraction(0))), ("worst", min(sums.values()))):
        told: dict[str, Param] = {"stage": stage, "figure": figure, "found": decimal_text(found, 6)}
        if stated[figure] != (found if measured else None):
            yield Reason("assignment_plan_misstates", {**told, "stated": str(getattr(plan, figure))[:40]})
        bound = stated[f"{figure}_bound"]
        if not _bound_holds(plan, figure, found, bound, measured=measured):
            said = str(getattr(plan, f"{figure}_bound"))[:40]
            yield Reason("assignment_plan_bound_wrong", {**told, "bound": said, "status": str(plan.status)[:40]})


def _bound_holds(
    plan: AssignmentPlan, figure: str, found: Fraction, bound: Fraction | None, *, measured: bool
) -> bool:  # fmt: skip
    """A kept plan has no bound; an optimal one is its own, of the worst sum only where that is what was made best."""
    if plan.kept is True or not measured:
        return bound is None
    if plan.status == "optimal" and (figure == "total" or plan.objective == "fair"):
        return bound == found
    return bound is None or bound >= found


def _number(text: str) -> Fraction | None:
    return Fraction(str(text)) if text else None
