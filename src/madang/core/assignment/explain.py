"""Why not this evaluator for that application, and what one more evaluator would gain: by solving again, proven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from madang.core.assignment.answer import Outcome, certificate_of, ids_of, units
from madang.core.assignment.duals import bound, gains, tight
from madang.core.assignment.instance import Flags, Group, Instance
from madang.core.assignment.model import AssignmentProblem
from madang.core.assignment.total import Best, Leaf, best_total
from madang.core.deadline import Deadline
from madang.core.problem import Status
from madang.core.reasons import Param, Reason

#: For how many tags, besides "any", a further evaluator is tried.
MOST_TAGS = 8
#: How many evaluators of a kind are tried for the best second one.
MOST_TRIED = 3


def explained(
    problem: AssignmentProblem, instance: Instance, outcome: Outcome, deadline: Deadline
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """`explain` and `one_more` of the result. Cost: for each pair and each tag one more solution."""
    rows = {one.id: number for number, one in enumerate(problem.applications)}
    columns = {one.id: number for number, one in enumerate(problem.evaluators)}
    told = [
        _why_not(problem, instance, outcome, rows[application], columns[evaluator], deadline)
        for application, evaluator in problem.explain
    ]
    one_more = list(_one_more(problem, outcome, deadline)) if problem.explain else []
    return told, one_more


def _why_not(
    problem: AssignmentProblem, instance: Instance, outcome: Outcome, row: int, column: int, deadline: Deadline
) -> dict[str, Any]:
    assert outcome.pairs is not None
    reasons = [Reason(plain_reason(instance, outcome.pairs, row, column))]
    told: dict[str, Any] = {"cost": None, "leave": [], "enter": [], "certificate": None}
    if reasons[0].code == "explain_full":
        holds = [problem.applications[place].id for place in np.nonzero(outcome.pairs[:, column])[0]]
        reasons = [Reason("explain_full", {"evaluator": problem.evaluators[column].id, "holds": holds})]
    if reasons[0].code in ("explain_full", "explain_others_fit_better", "explain_better_as_a_whole"):
        reasons += _forced(problem, outcome, row, column, deadline, told)
    named = {"application": problem.applications[row].id, "evaluator": problem.evaluators[column].id}
    return named | {"reasons": [reason.as_json() for reason in reasons]} | told


def plain_reason(instance: Instance, pairs: Flags, row: int, column: int) -> str:
    """What is plain from the problem and the plan."""
    if pairs[row, column]:
        return "explain_fixed" if instance.fixed[row, column] else "explain_assigned"
    if not instance.allowed[row, column]:
        return "explain_conflict"
    if int(pairs[:, column].sum()) >= int(instance.max_load[column]):
        return "explain_full"
    readers = instance.affinity[row][pairs[row]]
    fit_better = bool((readers >= instance.affinity[row, column]).all())
    return "explain_others_fit_better" if fit_better else "explain_better_as_a_whole"


def _forced(
    problem: AssignmentProblem, outcome: Outcome, row: int, column: int, deadline: Deadline, told: dict[str, Any]
) -> Iterator[Reason]:
    """Solves again with the pair fixed, among the plans that the last stage chose from."""
    among = outcome.among
    summed = problem.objective == "total" and problem.floor is None
    if among is None or outcome.pairs is None or not summed or outcome.status is not Status.OPTIMAL:
        yield Reason("explain_not_forced")
        return
    if not among.allowed[row, column]:
        yield Reason("explain_keeps_fewer")
        return
    fixed = among.fixed.copy()
    fixed[row, column] = True
    best = best_total(replace(among, fixed=fixed), among.affinity, deadline)
    if not best.proven:
        yield Reason("explain_not_forced")
        return
    told["certificate"] = certificate_of(problem, Outcome(stages=[("affinity", best)]))
    if best.pairs is None:
        yield Reason("explain_keeps_fewer" if problem.keep else "explain_cannot_be")
        return
    after = nearest(replace(among, fixed=fixed), best, outcome.pairs, deadline)
    yield from _changes(problem, outcome, best.value, after, row, told)


def nearest(instance: Instance, best: Best, pairs: Flags, deadline: Deadline) -> Flags:
    """Of the plans as good as `best`, one that changes `pairs` least (where one list of prices proves it: exactly)."""
    assert best.pairs is not None
    leaf = best.nodes[0]
    if (
        not isinstance(leaf, Leaf)
        or leaf.own
        or bound(instance, instance.affinity, leaf.prices, best.times) != best.value * best.times
    ):
        return best.pairs
    values = pairs.astype(np.int64)
    found = best_total(tight(instance, instance.affinity * best.times, leaf.prices), values, deadline)
    return best.pairs if found.pairs is None else found.pairs


def _changes(
    problem: AssignmentProblem, outcome: Outcome, value: int, after: Flags, row: int, told: dict[str, Any]
) -> Iterator[Reason]:
    assert outcome.pairs is not None
    assert outcome.bound is not None
    cost = outcome.bound - value
    leave, enter = outcome.pairs & ~after, after & ~outcome.pairs
    told |= {"cost": units(cost), "leave": ids_of(problem, leave), "enter": ids_of(problem, enter)}
    gone: Param = [problem.evaluators[place].id for place in np.nonzero(leave[row])[0]]
    params: dict[str, Param] = {"cost": units(cost), "leave": gone, "pairs": int(enter.sum())}
    yield Reason("explain_equally_good" if cost == 0 else "explain_costs", params)


def _one_more(problem: AssignmentProblem, outcome: Outcome, deadline: Deadline) -> Iterator[dict[str, Any]]:
    """For any kind and for each tag: the evaluator of whom a second would gain most, and what exactly.

    Those whom the prices allow most are tried; the gain itself is solved and proven.
    """
    among = outcome.among
    plain = problem.objective == "total" and problem.floor is None and not problem.keep
    if among is None or not plain or outcome.status is not Status.OPTIMAL:
        return
    leaf = outcome.stages[-1][1].nodes[0]
    if not isinstance(leaf, Leaf) or not problem.evaluators:
        return
    at_most = _at_most(among, leaf)
    tags = list(dict.fromkeys(tag for one in problem.applications for tag in (*one.at_least, *one.at_most)))
    rest = sorted({tag for one in problem.evaluators for tag in one.tags} - set(tags))
    solved: dict[int, tuple[int, dict[str, Any]] | None] = {}
    for tag in [None, *[*tags, *rest][:MOST_TAGS]]:
        like = [place for place, one in enumerate(problem.evaluators) if tag is None or tag in one.tags]
        best: tuple[int, dict[str, Any]] | None = None
        for place in sorted(like, key=lambda place: -at_most[place])[:MOST_TRIED]:
            if best is not None and at_most[place] <= best[0]:
                break  # nobody further down the list can gain more
            if place not in solved:
                solved[place] = _second(problem, outcome, among, place, deadline)
            found = solved[place]
            best = found if best is None or (found is not None and found[0] > best[0]) else best
        if best is not None:
            yield {"tag": tag, **best[1]}


def _at_most(among: Instance, leaf: Leaf) -> list[int]:
    """What a second one of each evaluator could gain at most: the best pairs at the applications' prices."""
    free = replace(leaf.prices, v=np.zeros_like(leaf.prices.v))
    n, m = among.shape
    best = np.zeros((n, m), dtype=np.int64)
    for part, gain in gains(among, among.affinity, free):
        best[part] = np.where(among.allowed[part], np.maximum(gain, 0), 0)
    best.sort(axis=0)
    return [int(best[n - room :, place].sum()) if room else 0 for place, room in enumerate(among.max_load.tolist())]


def _second(
    problem: AssignmentProblem, outcome: Outcome, among: Instance, place: int, deadline: Deadline
) -> tuple[int, dict[str, Any]] | None:
    assert outcome.pairs is not None
    assert outcome.bound is not None
    wider = second(among, place)
    best = best_total(wider, wider.affinity, deadline)
    if best.pairs is None or not best.proven:
        return None
    before = np.column_stack((outcome.pairs, np.zeros(len(outcome.pairs), dtype=np.bool_)))
    after = nearest(wider, best, before, deadline)
    name = problem.evaluators[place].id
    added = [*(one.id for one in problem.evaluators), f"{name}+"]

    def named(pairs: Flags) -> list[list[str]]:
        places = zip(*(numbers.tolist() for numbers in np.nonzero(pairs)), strict=True)
        return [[problem.applications[row].id, added[column]] for row, column in places]

    gain = best.value - outcome.bound
    return gain, {
        "like": name,
        "gain": units(gain),
        "leave": named(before & ~after),
        "enter": named(after & ~before),
        "certificate": certificate_of(problem, Outcome(stages=[("affinity", best)])),
    }


def second(instance: Instance, place: int) -> Instance:
    """The instance with one more evaluator like the one at `place`: same affinities, conflicts, tags and most load.

    It need not have a least load: nobody asks the new one to take more than is useful.
    """

    def wider(array: Any) -> Any:
        return np.concatenate((array, array[..., place : place + 1]), axis=-1)

    fixed = np.concatenate((instance.fixed, np.zeros((len(instance.fixed), 1), dtype=np.bool_)), axis=1)
    members: dict[str, Flags] = {}  # by tag: groups of the same tag share one array
    groups = []
    for one in instance.groups:
        if one.tag not in members:
            members[one.tag] = wider(one.members)
        groups.append(Group(one.application, members[one.tag], one.least, one.most, one.tag))
    return Instance(
        affinity=wider(instance.affinity),
        allowed=wider(instance.allowed),
        fixed=fixed,
        required=instance.required,
        min_load=np.append(instance.min_load, 0),
        max_load=wider(instance.max_load),
        groups=tuple(groups),
    )
