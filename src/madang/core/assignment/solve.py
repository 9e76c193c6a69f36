"""The assignment: which plan, by which objective, after which earlier plan."""

from __future__ import annotations

from typing import Any

from madang.core.assignment.answer import Outcome, result_of, stage_of
from madang.core.assignment.explain import explained
from madang.core.assignment.instance import Instance, instance_of, pairs_of
from madang.core.assignment.keep import Kept, keeping
from madang.core.assignment.model import AssignmentProblem, floor_of
from madang.core.assignment.reasons import notes, why_infeasible
from madang.core.assignment.total import Best, best_total
from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.problem import Status
from madang.core.reasons import Fault, Malformed, Reason


def solve_assignment(problem: AssignmentProblem, deadline: Deadline = NO_DEADLINE) -> dict[str, Any]:
    """Who reads what: an `AssignmentResult` ready for JSON, with a certificate that `verify_assignment` adds up.

    Raises `Malformed` with every fault of meaning. Deterministic for the same pinned engine. Cost: for `total` a few
    flows over about 24 arcs for each application, and for each a look at all pairs; `fair` is in `fair`.
    """
    from madang.core.assignment.engine_flow import CostsTooLarge

    instance = instance_of(problem)
    try:
        return _solve(problem, instance, deadline)
    except CostsTooLarge:
        raise Malformed([Fault("affinity_sum_too_large", "/affinity")]) from None


def _solve(problem: AssignmentProblem, instance: Instance, deadline: Deadline) -> dict[str, Any]:
    kept = keeping(instance, pairs_of(problem, problem.keep), deadline) if problem.keep else None
    outcome = _first_stage_failed(instance, kept) if kept else None
    if outcome is None:
        outcome = _objective(problem, instance, kept, deadline)
    if outcome.status is Status.INFEASIBLE and not outcome.reasons:
        outcome.reasons += why_infeasible(problem, stage_of(problem, *outcome.stages[-1])["nodes"])
    outcome.reasons += notes(problem)
    told = explained(problem, instance, outcome, deadline) if outcome.pairs is not None else ([], [])
    return result_of(problem, instance, outcome, *told)


def _first_stage_failed(instance: Instance, kept: Kept) -> Outcome | None:
    if kept.most.pairs is not None and kept.most.proven:
        return None
    return _of_best(kept.most, Outcome(stages=[("kept", kept.most)]))


def _objective(problem: AssignmentProblem, instance: Instance, kept: Kept | None, deadline: Deadline) -> Outcome:
    stages = [("kept", kept.most)] if kept else []
    among = instance if kept is None else kept.instance
    if among is None:
        assert kept is not None
        return _by_weight(instance, problem, kept, deadline)
    if problem.objective == "total" and problem.floor is None:
        best = best_total(among, among.affinity, deadline)
        return _of_best(best, Outcome(stages=[*stages, ("affinity", best)], among=among))
    first = best_total(among, among.affinity, deadline)  # is there a plan at all, and what no plan exceeds
    if first.pairs is None:
        return _of_best(first, Outcome(stages=[*stages, ("affinity", first)], among=among))
    return _fair(problem, among, first, stages, deadline)


def _of_best(best: Best, outcome: Outcome) -> Outcome:
    outcome.pairs, outcome.bound = best.pairs, best.bound
    if best.pairs is None:
        outcome.status = Status.INFEASIBLE if best.proven else Status.UNKNOWN
    else:
        outcome.status = Status.OPTIMAL if best.proven else Status.FEASIBLE
    if not best.proven:
        outcome.reasons.append(Reason("assignment_time_ended"))
    return outcome


def _by_weight(instance: Instance, problem: AssignmentProblem, kept: Kept, deadline: Deadline) -> Outcome:
    """Both stages in one sum, in which a kept pair counts for more than all affinities."""
    values = pairs_of(problem, problem.keep).astype("int64") * kept.weight + instance.affinity
    best = best_total(instance, values, deadline)
    outcome = _of_best(best, Outcome(stages=[("kept_then_affinity", best)]))
    if best.bound is not None and best.pairs is not None:
        outcome.bound = best.bound - kept.weight * int(pairs_of(problem, problem.keep)[best.pairs].sum())
    if problem.objective == "fair" or problem.floor is not None:
        outcome.bound = None
        outcome.status = Status.FEASIBLE if outcome.pairs is not None else outcome.status
        outcome.reasons.append(Reason("fair_not_searched_after_keep"))
    return outcome


def _fair(
    problem: AssignmentProblem, among: Instance, first: Best, stages: list[tuple[str, Best]], deadline: Deadline
) -> Outcome:
    from madang.core.assignment.fair import solve_fair

    found = solve_fair(among, first.pairs, floor_of(problem), deadline, problem.seed)
    outcome = Outcome(stages=stages, among=among, fair=found.certificate, engine=found.engine)
    proven = found.proven_worst and found.proven_total
    if found.pairs is None:
        outcome.status = Status.INFEASIBLE if found.infeasible else Status.UNKNOWN
        if found.infeasible:
            outcome.reasons.append(Reason("floor_not_reached", {"floor": str(problem.floor)}))
        else:
            outcome.reasons.append(Reason("assignment_time_ended"))
        return outcome
    outcome.pairs = found.pairs
    outcome.status = Status.OPTIMAL if proven else Status.FEASIBLE
    outcome.bound, outcome.worst_bound = found.total_bound, found.worst_bound
    if not found.proven_worst:  # what bounds the total at a floor that may still rise is only that of all plans
        outcome.bound = first.bound
        outcome.stages = [*stages, ("affinity", first)]
    if not proven:
        outcome.reasons.append(Reason("assignment_time_ended"))
    return outcome
