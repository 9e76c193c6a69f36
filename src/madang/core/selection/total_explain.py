"""The smallest rise of value that lets an application in: exactly, from the best selection that holds it.

A rise adds the same to every selection with the application and to none without it. So with the best selection that
holds it (found and proven like the best of all) the smallest rise is a subtraction: to the value of the best of all
where the rest of the comparison is in its favour, and one millionth more where it is not.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from madang.core.deadline import Deadline
from madang.core.reasons import Reason
from madang.core.selection.certificate import Certificates
from madang.core.selection.explain import rule_reason
from madang.core.selection.model import Match, PassMark, SelectionProblem, number
from madang.core.selection.total_best import Best, best
from madang.core.selection.total_conflict import smallest_conflict
from madang.core.selection.total_system import MILLION, System


def rise_of(
    problem: SelectionProblem, system: System, write: Certificates, found: Best, id_: str, deadline: Deadline
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The explanation of one application and its proof (None where none is needed). Raises as `best` does."""
    i = write.ids.index(id_)
    answer: dict[str, Any] = {"id": id_, "selected": i in found.common, "possible": True, "value": None}
    answer |= {"value_rise": None, "rank": None, "overtakes": 0, "ahead_of": [], "leaves": [], "enters": []}
    answer["reasons"] = []
    if i in found.common:
        return answer, None
    alone = forbidding_alone(problem, system, i)
    application = problem.applications[i]
    if alone:
        told = [Reason("no_rise_lets_in")]
        told += [rule_reason(problem.rules[rule], application, [], "forbids") for rule in alone]
        return answer | {"possible": False, "reasons": [reason.as_json() for reason in told]}, None
    me = frozenset((i,))
    limits = system.limits.copy()
    limits.inside, limits.outside = me, limits.outside - me
    start = found.chosen if i in found.chosen else None
    with_it = best(system, limits, deadline, start)
    if with_it is None:
        conflict = smallest_conflict(system, deadline, me, me)
        told = [Reason("no_rise_lets_in")]
        told += [rule_reason(problem.rules[rule], application, [], "jointly") for rule in conflict.rules]
        return answer | {"possible": False, "reasons": [r.as_json() for r in told]}, write.of_conflict(conflict)
    marks = [rule.min_value for rule in problem.rules if isinstance(rule, PassMark)]
    value = application.value or Decimal(0)
    rise = found.value - with_it.value + (0 if with_it.order[1:] > found.order[1:] else 1)
    rise = max(rise, *(int((mark - value) * MILLION) for mark in marks), 0)
    answer |= {
        "value": number(Fraction(value) + Fraction(rise, MILLION)),
        "value_rise": number(Fraction(rise, MILLION)),
        "leaves": write.named(found.common - with_it.common),
        "enters": write.named(with_it.common - found.common),
        "reasons": [Reason("later_not_settled").as_json()] if with_it.tied else [],
    }
    return answer, write.of_best(with_it)


def forbidding_alone(problem: SelectionProblem, system: System, i: int) -> list[int]:
    """The rules that `i` by itself breaks whatever its value: nothing can be selected with it."""
    rules = {
        rule for rule, failing in system.failing.items() if i in failing and isinstance(problem.rules[rule], Match)
    }
    for row, weight in system.loads[i]:
        most, rule = system.limits.most[row], system.rules[row]
        if rule is not None and most is not None and weight > most:
            rules.add(rule)
    return sorted(rules)
