"""The result of an assignment as JSON values: sums as exact decimal text in affinity units."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from madang.core.assignment.duals import Prices, exact_sum
from madang.core.assignment.instance import Flags, Instance, pairs_of
from madang.core.assignment.model import AssignmentProblem
from madang.core.assignment.total import Best, Split
from madang.core.matrix import SCALE
from madang.core.problem import DECIMALS, LARGEST, Status, decimal_text, frame
from madang.core.reasons import Reason


@dataclass(slots=True)
class Outcome:
    """What the stages came to. `among`: the plans that the last stage chose from (those that keep most)."""

    status: Status = Status.UNKNOWN
    pairs: Flags | None = None
    bound: int | None = None
    worst_bound: int | None = None
    reasons: list[Reason] = field(default_factory=list)
    stages: list[tuple[str, Best]] = field(default_factory=list)
    among: Instance | None = None
    fair: dict[str, Any] | None = None
    engine: str | None = None


def units(millionths: int) -> str:
    """1406250000 -> "1406.25": exact, without zeros at the end."""
    text = decimal_text(Fraction(millionths, SCALE), DECIMALS)
    return text.rstrip("0").rstrip(".")


def result_of(
    problem: AssignmentProblem,
    instance: Instance,
    outcome: Outcome,
    explain: list[dict[str, Any]],
    one_more: list[dict[str, Any]],
) -> dict[str, Any]:
    """An `AssignmentResult`. Lists are in the order of the problem, pairs by application, then evaluator."""
    pairs = outcome.pairs
    engine = outcome.engine or _engine()
    sums = None if pairs is None else [exact_sum(row[on]) for row, on in zip(instance.affinity, pairs, strict=True)]
    return frame("assignment", outcome.status, outcome.reasons, problem.seed, engine) | {
        "scale": SCALE,
        "objective": problem.objective,
        "pairs": [] if pairs is None else ids_of(problem, pairs),
        "total": None if sums is None else units(sum(sums)),
        "worst": units(min(sums)) if sums else None,
        "bound": {"total": _units(outcome.bound), "worst": _units(outcome.worst_bound)},
        "applications": _applications(problem, pairs, sums),
        "evaluators": _evaluators(problem, pairs),
        "changed": _changed(problem, pairs),
        "explain": explain,
        "one_more": one_more,
        "certificate": certificate_of(problem, outcome),
    }


def _engine() -> str:
    from madang.core.assignment.engine_flow import NAME

    return NAME


def _units(millionths: int | None) -> str | None:
    return None if millionths is None else units(millionths)


def ids_of(problem: AssignmentProblem, pairs: Flags) -> list[list[str]]:
    """Pairs of ids, in the order of the problem."""
    return [
        [problem.applications[row].id, problem.evaluators[column].id]
        for row, column in zip(*(places.tolist() for places in np.nonzero(pairs)), strict=True)
    ]


def _applications(problem: AssignmentProblem, pairs: Flags | None, sums: list[int] | None) -> list[dict[str, Any]]:
    if pairs is None or sums is None:
        return []
    names = [one.id for one in problem.evaluators]
    return [
        {"id": one.id, "sum": units(own), "evaluators": [names[place] for place in np.nonzero(row)[0]]}
        for one, own, row in zip(problem.applications, sums, pairs, strict=True)
    ]


def _evaluators(problem: AssignmentProblem, pairs: Flags | None) -> list[dict[str, Any]]:
    if pairs is None:
        return []
    return [
        {"id": one.id, "load": load} for one, load in zip(problem.evaluators, pairs.sum(axis=0).tolist(), strict=True)
    ]


def _changed(problem: AssignmentProblem, pairs: Flags | None) -> dict[str, Any] | None:
    """What became of the earlier plan: how many of its pairs stay, which go, and which are new."""
    if not problem.keep or pairs is None:
        return None
    kept = {tuple(pair) for pair in ids_of(problem, pairs & pairs_of(problem, problem.keep))}
    return {
        "kept": len(kept),
        "lost": [list(pair) for pair in problem.keep if tuple(pair) not in kept],
        "new": [pair for pair in ids_of(problem, pairs) if tuple(pair) not in kept],
    }


def certificate_of(problem: AssignmentProblem, outcome: Outcome) -> dict[str, Any]:
    """The proofs of the stages, in integers; see `duals` for how they are added up."""
    return {"stages": [stage_of(problem, name, best) for name, best in outcome.stages], "fair": outcome.fair}


def stage_of(problem: AssignmentProblem, name: str, best: Best) -> dict[str, Any]:
    """One stage: what was summed, and the tree of its proof in preorder."""
    nodes: list[dict[str, Any]] = []
    for node in best.nodes:
        if isinstance(node, Split):
            application = problem.applications[node.application].id
            nodes.append({"split": {"application": application, "tags": list(node.tags), "at": node.at}})
        else:
            nodes.append({"empty": node.empty, "own": node.own, "prices": _prices(node.prices, node.own)})
    return {"sum": name, "times": best.times, "nodes": nodes}


def _prices(prices: Prices, own: bool) -> dict[str, Any]:
    return {
        "applications": [] if own else [_whole(price) for price in prices.u.tolist()],
        "evaluators": [_whole(price) for price in prices.v.tolist()],
        "rules": [] if own else [_whole(price) for price in prices.z],
    }


def _whole(number: int) -> int | str:
    """An integer; beyond what every JSON reader holds exactly, its digits."""
    return number if abs(number) <= LARGEST else str(number)
