"""Why there is no plan, and what a reader of the problem should know, from the problem and the prices alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from madang.core.assignment.model import AssignmentProblem
from madang.core.reasons import Param, Reason


def notes(problem: AssignmentProblem) -> Iterator[Reason]:
    """What may be a slip: an earlier plan that names the gone, a rule that counts a tag which nobody carries."""
    applications = {one.id for one in problem.applications}
    evaluators = {one.id for one in problem.evaluators}
    gone = [pair for pair in problem.keep if pair[0] not in applications or pair[1] not in evaluators]
    if gone:
        who = {pair[0] for pair in gone} - applications | {pair[1] for pair in gone} - evaluators
        yield Reason("keep_names_the_gone", {"pairs": len(gone), "gone": sorted(who)})
    known = {tag for one in problem.evaluators for tag in one.tags}
    for tag in sorted({tag for one in problem.applications for tag in (*one.at_least, *one.at_most)} - known):
        yield Reason("composition_tag_of_nobody", {"tag": tag})


def why_infeasible(problem: AssignmentProblem, nodes: Sequence[Mapping[str, Any]]) -> list[Reason]:
    """The plainest reasons there are; `nodes` is the proof that there is no plan, as it stands in the certificate."""
    plain = [*_by_counting(problem), *_by_application(problem)]
    if plain:
        return plain
    if len(nodes) != 1:
        return [Reason("composition_leaves_no_plan", {})]
    return [_by_prices(problem, nodes[0]["prices"])]


def _by_counting(problem: AssignmentProblem) -> Iterator[Reason]:
    n = len(problem.applications)
    needed = sum(one.required for one in problem.applications)
    room = sum(n if one.max_load is None else min(one.max_load, n) for one in problem.evaluators)
    if needed > room:
        yield Reason("demand_over_room", {"needed": needed, "room": room})
    least = sum(one.min_load for one in problem.evaluators)
    if least > needed:
        yield Reason("minimum_loads_over_demand", {"least": least, "needed": needed})
    fixed: dict[str, int] = {}
    for name in (name for pair in problem.fixed for name in (("a", pair[0]), ("e", pair[1]))):
        fixed[repr(name)] = fixed.get(repr(name), 0) + 1
    for who in problem.evaluators:
        held = fixed.get(repr(("e", who.id)), 0)
        if who.max_load is not None and held > who.max_load:
            yield Reason("fixed_over_load", {"evaluator": who.id, "fixed": held, "max_load": who.max_load})
    for one in problem.applications:
        held = fixed.get(repr(("a", one.id)), 0)
        if held > one.required:
            yield Reason("fixed_over_required", {"application": one.id, "fixed": held, "required": one.required})


def _by_application(problem: AssignmentProblem) -> Iterator[Reason]:
    """One application alone, and one of its rules alone."""
    barred: dict[str, set[str]] = {}
    for application, evaluator in problem.conflicts:
        barred.setdefault(application, set()).add(evaluator)
    carriers: dict[str, set[str]] = {}
    able = {one.id for one in problem.evaluators if one.max_load != 0}
    for who in problem.evaluators:
        for tag in who.tags:
            carriers.setdefault(tag, set()).add(who.id)
    for one in problem.applications:
        out = barred.get(one.id, set())
        if (left := len(able) - len(able & out)) < one.required:
            yield Reason("too_few_evaluators", {"application": one.id, "required": one.required, "left": left})
        for tag, least in one.at_least.items():
            left = len((carriers.get(tag, set()) & able) - out)
            if left < least or least > one.required:
                given: dict[str, Param] = {
                    "application": one.id,
                    "tag": tag,
                    "least": least,
                    "left": left,
                    "required": one.required,
                }
                yield Reason("too_few_with_tag", given)


def _by_prices(problem: AssignmentProblem, prices: Mapping[str, Any]) -> Reason:
    """The set that cannot be served together: those whose need the prices count, against the room they count."""
    u, v, z = ([int(price) for price in prices[name]] for name in ("applications", "evaluators", "rules"))
    rows = [one for one, price in zip(problem.applications, u, strict=True) if price < 0]
    full = [one for one, price in zip(problem.evaluators, v, strict=True) if price > 0]
    idle = [one for one, price in zip(problem.evaluators, v, strict=True) if price < 0]
    rules = [(one, tag) for one in problem.applications for tag in dict.fromkeys((*one.at_least, *one.at_most))]
    counted = [rule for rule, price in zip(rules, z, strict=False) if price]
    applications = [one.id for one in rows]
    evaluators = [one.id for one in full]
    if counted:
        concerned = list(dict.fromkeys([one.id for one, _ in counted] + applications))
        tags = sorted({tag for _, tag in counted})
        return Reason("composition_out_of_reach", {"applications": concerned, "tags": tags, "evaluators": evaluators})
    if idle:
        least = sum(one.min_load for one in idle)
        return Reason("minimum_loads_out_of_reach", {"evaluators": [one.id for one in idle], "least": least})
    needed = sum(one.required for one in rows)
    n = len(problem.applications)
    room = sum(n if one.max_load is None else min(one.max_load, n) for one in full)
    given: dict[str, Param] = {"applications": applications, "needed": needed, "evaluators": evaluators, "room": room}
    return Reason("too_little_room", given)
