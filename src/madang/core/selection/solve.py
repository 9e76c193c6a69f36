"""`selection` by `rank_order`: down the ranking, skipping only where a published rule forbids, and naming it.

Model, guarantees and cost: `docs/algorithms/selection.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.problem import Status, frame
from madang.core.reasons import Malformed, Reason
from madang.core.selection.conflict import Conflicts
from madang.core.selection.explain import Why, explained, reserve_of, rule_reason
from madang.core.selection.feasible import Feasibility, Unsettled
from madang.core.selection.lines import lines_of
from madang.core.selection.model import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    ReservePerTag,
    Rule,
    Seats,
    SelectionProblem,
    faults_in,
    number,
)
from madang.core.selection.walk import Groups, Walk, Walker


def solve_selection(problem: SelectionProblem, deadline: Deadline = NO_DEADLINE) -> dict[str, Any]:
    """Which applications are selected; a `SelectionResult` ready for JSON. By `rank_order` the walk down the ranking,
    by `total_value` what `selection.total` proves best.

    `deadline` is asked before each search; when it has passed the status is `unknown` and the settled part stands.
    Raises `Malformed` with every fault of meaning. Deterministic: the result depends on the problem alone.
    Cost: without minimum rules applications x lines (no solver is loaded); with them a search for those questions
    that counting does not settle. Example:

    >>> two = [Application(id="A", rank=1, cost_krw=6), Application(id="B", rank=2, cost_krw=5)]
    >>> problem = SelectionProblem(version=1, applications=two, rules=[Budget(id="purse", max_krw=10)])
    >>> solve_selection(problem)["selected"]
    ['A']
    """
    faults = faults_in(problem)
    if faults:
        raise Malformed(faults)
    if problem.objective == "total_value":
        from madang.core.selection.total import solve_total  # only where something is optimised

        return solve_total(problem, deadline)
    groups = rank_groups(problem)
    ask = _feasibility(problem, groups, deadline.expired)
    try:
        start = ask.completion(frozenset())
    except Unsettled:
        return _answer(problem, ask, groups, Walk(stopped_at=groups[0][0]), lambda: None)
    if start is None:
        return _infeasible(problem, ask)
    walker = Walker(ask, start)
    return _answer(problem, ask, groups, walker.go(groups), lambda: walker.narrow(Conflicts(ask)))


def rank_groups(problem: SelectionProblem) -> Groups:
    """Applications of equal rank together, best first; without ranks each alone, in input order."""
    ranked: dict[int, list[int]] = {}
    for place, application in enumerate(problem.applications):
        ranked.setdefault(place + 1 if application.rank is None else application.rank, []).append(place)
    return [tuple(ranked[rank]) for rank in sorted(ranked)]


def _feasibility(problem: SelectionProblem, groups: Groups, expired: Callable[[], bool]) -> Feasibility:
    return Feasibility(
        lines=lines_of(problem),
        order=[i for group in groups for i in group],
        rules=frozenset(range(len(problem.rules))),
        seed=problem.seed,
        limit=float(problem.time_limit_s),
        expired=expired,
    )


def _answer(
    problem: SelectionProblem, ask: Feasibility, groups: Groups, walk: Walk, narrow: Callable[[], None]
) -> dict[str, Any]:
    """The result of a walk. What time did not settle besides the selection itself makes the status `feasible`.

    `narrow` finds the smallest sets of rules; last, because it takes most of the time.
    """
    ids = [application.id for application in problem.applications]
    reasons: list[Reason] = []
    status = Status.COMPUTED
    if walk.tied:
        status = Status.UNDETERMINED
        reasons.append(Reason("tie_at_the_line", {"applications": [ids[i] for i in walk.tied]}))
    if walk.stopped_at is not None:
        status = Status.UNKNOWN
        reasons.append(Reason("time_ended_in_the_walk", {"application": ids[walk.stopped_at]}))
    reserve: list[str] | dict[str, list[str]] = {} if isinstance(problem.reserve, ReservePerTag) else []
    explanations: list[dict[str, Any]] = []
    unfinished: list[str] = []
    if walk.settled:
        try:
            reserve, told_of_reserve = reserve_of(problem, ask, walk, groups)
            reasons += told_of_reserve
        except Unsettled:
            unfinished.append("reserve")
    if walk.stopped_at is None:
        try:
            explanations = explained(
                problem, ask, groups, walk, lambda changed: _feasibility(changed, groups, ask.expired)
            )
        except Unsettled:
            unfinished.append("explain")
    narrow()
    if None in walk.jointly.values():
        unfinished.insert(0, "why")
    if unfinished:
        status = Status.FEASIBLE if status is Status.COMPUTED else status
        reasons.append(Reason("time_ended_after_the_walk", {"parts": unfinished}))
    chosen = [problem.applications[i] for i in walk.chosen]
    return _result(problem, ask, status, reasons) | {
        "selected": [application.id for application in chosen],
        "reserve": reserve,
        "value": total_value(chosen),
        "used_krw": sum(application.grant_krw for application in chosen),
        "per_rule": [rule_use(rule, chosen, problem.applications) for rule in problem.rules],
        "why": Why(problem, ask).of_walk(walk, groups),
        "explain": explanations,
    }


def _infeasible(problem: SelectionProblem, ask: Feasibility) -> dict[str, Any]:
    """No selection keeps the rules: which ones cannot hold together."""
    try:
        rules = Conflicts(ask).smallest(frozenset(), None)
    except Unsettled:
        rules = ask.rules
    conflict = [problem.rules[rule] for rule in sorted(rules)]
    reasons = [Reason("no_selection_keeps_the_rules", {"rules": [rule.id for rule in conflict]})]
    reasons += [rule_reason(rule, None, [], "conflict") for rule in conflict]
    return _result(problem, ask, Status.INFEASIBLE, reasons) | {"conflict": [rule.id for rule in conflict]}


def _result(problem: SelectionProblem, ask: Feasibility, status: Status, reasons: Sequence[Reason]) -> dict[str, Any]:
    """Every field of a result, with nothing selected."""
    return frame("selection", status, reasons, problem.seed, ask.engine) | {
        "selected": [],
        "reserve": {} if isinstance(problem.reserve, ReservePerTag) else [],
        "value": None,
        "bound": None,
        "used_krw": 0,
        "per_rule": [rule_use(rule, [], problem.applications) for rule in problem.rules],
        "why": [],
        "explain": [],
        "conflict": [],
        "certificate": None,
    }


def total_value(chosen: Sequence[Application]) -> int | str | None:
    """The exact sum of the values, None where nobody has one."""
    values = [Fraction(application.value) for application in chosen if application.value is not None]
    return number(sum(values, Fraction(0))) if values else None


def rule_use(rule: Rule, chosen: Sequence[Application], everybody: Sequence[Application]) -> dict[str, Any]:
    """How far the chosen use a rule, and what is left of it, in plain numbers."""
    use: dict[str, Any] = {"id": rule.id, "type": rule.type}
    match rule:
        case Budget():
            used = sum(rule.takes(a) for a in chosen)
            use |= {"money": rule.money, "used_krw": used, "max_krw": rule.max_krw, "slack_krw": rule.max_krw - used}
        case Match():
            use |= {"grant": rule.grant, "own": rule.own}
            use |= {"grant_krw": sum(a.grant_krw for a in chosen), "own_krw": sum(a.own_krw for a in chosen)}
            use |= {"failing": sum(not rule.met_by(a) for a in everybody)}
        case Seats():
            use |= _count(len(chosen), rule.min, rule.max)
        case Quota():
            count = sum(a.has(rule.tag, rule.equals) for a in chosen)
            use |= {"tag": rule.tag, "equals": rule.equals} | _count(count, rule.min, rule.max)
        case CapEach():
            counts: dict[str, int] = {}
            for application in chosen:
                for value in application.tags.get(rule.tag, ()):
                    counts[value] = counts.get(value, 0) + 1
            at_cap = sorted(value for value, count in counts.items() if count == rule.max)
            use |= {"tag": rule.tag, "max": rule.max, "values_at_cap": at_cap}
        case PassMark():
            values = [Fraction(a.value) for a in chosen if a.value is not None]
            lowest = min(values, default=None)
            mark = Fraction(rule.min_value)
            use |= {"min_value": number(mark), "lowest_value": None if lowest is None else number(lowest)}
            use |= {"slack_value": None if lowest is None else number(lowest - mark)}
            use |= {"failing": sum(a.value is None or a.value < rule.min_value for a in everybody)}
        case ExcludeTogether():
            use |= {"selected": [a.id for a in chosen if a.id in rule.applications], "max": 1}
    return use


def _count(count: int, least: int, most: int | None) -> dict[str, Any]:
    return {"count": count, "min": least, "max": most, "slack": None if most is None else most - count}
