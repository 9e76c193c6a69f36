"""The assignment problem (`madang solve assignment`) and its result: which evaluators read which applications.

Contract: `docs/formats/solve.md`, "assignment". Affinities are held as whole millionths.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from madang.core.matrix import MOST_CELLS, SCALE, Matrix
from madang.core.problem import LARGEST, Exact, Id, Items, Problem, ReasonModel, Seed, Status, Strict, pointer
from madang.core.reasons import Fault, Malformed, Param

Count = Annotated[int, Field(ge=0, le=LARGEST)]
Pair = Annotated[Items[Id], Field(min_length=2, max_length=2)]
"""`["A1", "E7"]`: an application and an evaluator."""

#: More applications or evaluators than this are refused before anything is computed.
MOST_ROWS = 200_000


class Application(Strict):
    """How many evaluators it needs, and how many of them at least and at most carry a tag."""

    id: Id
    required: Annotated[int, Field(ge=0, le=10_000)]
    at_least: dict[Id, Count] = Field(default_factory=dict)
    at_most: dict[Id, Count] = Field(default_factory=dict)


class Evaluator(Strict):
    """How many applications at least and at most, and the tags that composition counts."""

    id: Id
    min_load: Count = 0
    max_load: Count | None = None
    tags: Items[Id] = ()


class AssignmentProblem(Problem):
    """Rows of `affinity` are the applications in order, its columns the evaluators.

    `floor` is a given lower line for every application's sum (in affinity units): then the largest total above it.
    `keep` is an earlier plan; what it names and the problem has no longer is passed over.
    """

    kind: Literal["assignment"]
    applications: Annotated[Items[Application], Field(max_length=MOST_ROWS)] = ()
    evaluators: Annotated[Items[Evaluator], Field(max_length=MOST_ROWS)] = ()
    affinity: Matrix
    conflicts: Items[Pair] = ()
    fixed: Items[Pair] = ()
    keep: Items[Pair] = ()
    explain: Items[Pair] = ()
    objective: Literal["total", "fair"] = "total"
    floor: Exact | None = None
    time_limit_s: Annotated[int, Field(ge=0, le=86_400)] = 30


def require_sound(problem: AssignmentProblem) -> None:
    """Raises `Malformed` with every fault of meaning."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: AssignmentProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer."""
    return [*_id_faults(problem), *_bound_faults(problem), *_affinity_faults(problem), *_pair_faults(problem)]


def _id_faults(problem: AssignmentProblem) -> Iterator[Fault]:
    for field, code, names in (
        ("applications", "assignment_application_twice", [one.id for one in problem.applications]),
        ("evaluators", "assignment_evaluator_twice", [one.id for one in problem.evaluators]),
    ):
        seen: set[str] = set()
        for number, name in enumerate(names):
            if name in seen:
                yield Fault(code, pointer((field, number, "id")), {"id": name})
            seen.add(name)


def _bound_faults(problem: AssignmentProblem) -> Iterator[Fault]:
    for number, one in enumerate(problem.applications):
        for tag, most in one.at_most.items():
            if (least := one.at_least.get(tag, 0)) > most:
                params: dict[str, Param] = {"application": one.id, "tag": tag, "least": least, "most": most}
                yield Fault("composition_least_over_most", pointer(("applications", number, "at_most", tag)), params)
    for number, who in enumerate(problem.evaluators):
        if who.max_load is not None and who.min_load > who.max_load:
            loads: dict[str, Param] = {"evaluator": who.id, "min_load": who.min_load, "max_load": who.max_load}
            yield Fault("load_least_over_most", pointer(("evaluators", number, "max_load")), loads)


def _affinity_faults(problem: AssignmentProblem) -> Iterator[Fault]:
    n, m = len(problem.applications), len(problem.evaluators)
    rows, columns = problem.affinity.shape
    empty = rows * columns == 0 == n * m
    if (rows, columns) != (n, m) and not empty:
        params = {"rows": rows, "columns": columns, "applications": n, "evaluators": m}
        yield Fault("affinity_of_another_shape", "/affinity", params)
        return
    if n * m > MOST_CELLS:  # a matrix without cells may still claim many
        yield Fault("matrix_too_large", "/affinity", {"cells": n * m, "most": MOST_CELLS})
        return
    if not empty:
        largest = np.abs(problem.affinity.values).max(axis=1).tolist()
        if sum(one.required * most for one, most in zip(problem.applications, largest, strict=True)) > LARGEST:
            yield Fault("affinity_sum_too_large", "/affinity", {})


def _pair_faults(problem: AssignmentProblem) -> Iterator[Fault]:
    applications = {one.id for one in problem.applications}
    evaluators = {one.id for one in problem.evaluators}
    conflicts = {(a, e) for a, e in problem.conflicts}
    for field in ("conflicts", "fixed", "keep", "explain"):
        seen: set[tuple[str, str]] = set()
        pairs: Any = getattr(problem, field)
        for number, (application, evaluator) in enumerate(pairs):
            at = pointer((field, number))
            if field != "keep" and application not in applications:
                yield Fault("pair_application_unknown", f"{at}/0", {"application": application})
            if field != "keep" and evaluator not in evaluators:
                yield Fault("pair_evaluator_unknown", f"{at}/1", {"evaluator": evaluator})
            named = {"application": application, "evaluator": evaluator}
            if (application, evaluator) in seen:
                yield Fault("pair_twice", at, named)
            if field == "fixed" and (application, evaluator) in conflicts:
                yield Fault("fixed_pair_in_conflict", at, named)
            seen.add((application, evaluator))


def floor_of(problem: AssignmentProblem) -> int | None:
    """The given floor in millionths."""
    return None if problem.floor is None else int(problem.floor * SCALE)


Text = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]{1,6})?$")]
"""An exact sum in affinity units."""
Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST)] | Annotated[str, Field(pattern=r"^-?[0-9]{16,20}$")]


class Bound(Strict):
    """What no plan exceeds; null where nothing is known."""

    total: Text | None
    worst: Text | None


class Sum(Strict):
    """An application's evaluators and the sum of their affinities."""

    id: Id
    sum: Text
    evaluators: Items[Id]


class Load(Strict):
    """How many applications an evaluator has."""

    id: Id
    load: Count


class Changed(Strict):
    """What became of the earlier plan."""

    kept: Count
    lost: Items[Pair]
    new: Items[Pair]


class SplitAt(Strict):
    """At most `at` evaluators with exactly these tags of those the application counts, or more."""

    application: Id
    tags: Items[Id]
    at: Count


class PriceList(Strict):
    """Prices in millionths, `times` over: per application, evaluator and composition rule, in the problem's order."""

    applications: Items[Whole]
    evaluators: Items[Whole]
    rules: Items[Whole]


class SplitNode(Strict):
    split: SplitAt


class LeafNode(Strict):
    """`empty`: the part has no plan. `own`: each application takes its own best at the evaluators' prices alone."""

    empty: bool
    own: bool
    prices: PriceList


class Stage(Strict):
    """The proof of one stage: a tree of splits in preorder, with prices at its ends."""

    sum: Literal["kept", "affinity", "kept_then_affinity"]
    times: Annotated[int, Field(ge=1, le=LARGEST)]
    nodes: Items[SplitNode | LeafNode]


class Certificate(Strict):
    stages: Items[Stage]
    fair: dict[str, Any] | None


class Explained(Strict):
    """Why a pair is not in the plan. If it can be forced in: what that costs, how the plan changes, and the proof."""

    application: Id
    evaluator: Id
    reasons: Items[ReasonModel]
    cost: Text | None
    leave: Items[Pair]
    enter: Items[Pair]
    certificate: Certificate | None


class OneMore(Strict):
    """What the best further evaluator of a kind (`tag` null: of any) would gain: one like `like`, with the proof."""

    tag: Id | None
    like: Id
    gain: Text
    leave: Items[Pair]
    enter: Items[Pair]  # the further evaluator is named as the one it is like, with a plus sign behind
    certificate: Certificate


class AssignmentResult(Strict):
    """`pairs` is empty unless there is a plan."""

    kind: Literal["assignment"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.OPTIMAL, Status.FEASIBLE, Status.INFEASIBLE, Status.UNKNOWN]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    scale: Literal[1_000_000]
    objective: Literal["total", "fair"]
    pairs: Items[Pair]
    total: Text | None
    worst: Text | None
    bound: Bound
    applications: Items[Sum]
    evaluators: Items[Load]
    changed: Changed | None
    explain: Items[Explained]
    one_more: Items[OneMore]
    certificate: Certificate
