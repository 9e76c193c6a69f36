"""The panel problem (`madang solve panel`) and its result: a pool, how many seats, composition, who may not sit.

Contract: `docs/formats/solve.md`, "panel".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from madang.core.problem import LARGEST, Id, Items, Problem, ReasonModel, Seed, Status, Strict, pointer
from madang.core.reasons import Fault, Malformed
from madang.core.salvage import HOLE

Count = Annotated[int, Field(ge=0, le=LARGEST)]

#: `same-institute` limits how many members share any one tag `institute:VALUE`.
SAME = "same-"


class Candidate(Strict):
    """Somebody in the pool, with the tags that the rules count."""

    id: Id
    tags: Items[Id] = ()


class Excluded(Strict):
    """Who may not sit, and the code of the reason."""

    id: Id
    code: Id


class PanelProblem(Problem):
    """A pool and the published rules of its panel; `lot_order` has everybody in the pool, in the order drawn."""

    kind: Literal["panel"]
    pool: Items[Candidate] = ()
    seats: Annotated[int, Field(ge=1, le=LARGEST)]
    at_least: dict[Id, Count] = Field(default_factory=dict)
    at_most: dict[Id, Count] = Field(default_factory=dict)
    excluded: Items[Excluded] = ()
    lot_order: Items[Id] = ()  # left out: drawn from the seed


class PassedOver(Strict):
    """Who was reached by lot and not seated: a `Reason` with the candidate's id."""

    id: Id
    code: str
    params: dict[str, str | int | bool | list[str] | None]


class PanelResult(Strict):
    """`members` and `substitutes` are in lot order, and empty unless `computed`."""

    kind: Literal["panel"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.COMPUTED, Status.INFEASIBLE, Status.UNKNOWN]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    members: Items[Id]
    substitutes: Items[Id]
    passed_over: Items[PassedOver]
    lot_order: Items[Id]  # the order that counted
    conflict: Items[str]  # ids of rules; empty unless infeasible


def tags_limited_by(key: str, tags: Iterator[str] | tuple[str, ...]) -> list[str]:
    """Which of `tags` a key of `at_most` limits, each on its own: itself, and for `same-X` every `X:VALUE`."""
    prefix = key.removeprefix(SAME) + ":" if key.startswith(SAME) and key != SAME else None
    return [tag for tag in tags if tag == key or (prefix is not None and tag.startswith(prefix))]


def require_sound(problem: PanelProblem) -> None:
    """Raises `Malformed` with every fault of meaning."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: PanelProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer; steps over `HOLE`s."""
    return [*_pool_faults(problem), *_excluded_faults(problem), *_lot_faults(problem)]


def _pool_faults(problem: PanelProblem) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, candidate in _readable(problem.pool):
        if candidate.id is not HOLE:
            if candidate.id in seen:
                yield Fault("duplicate_candidate", pointer(("pool", number, "id")), {"candidate": candidate.id})
            seen.add(candidate.id)


def _excluded_faults(problem: PanelProblem) -> Iterator[Fault]:
    pool = _ids_of_pool(problem)
    seen: set[str] = set()
    for number, one in _readable(problem.excluded):
        at = pointer(("excluded", number))
        if one.id is HOLE:
            continue
        if pool is not None and one.id not in pool:
            yield Fault("excluded_not_in_pool", f"{at}/id", {"candidate": one.id})
        elif one.id in seen:
            yield Fault("excluded_twice", at, {"candidate": one.id})
        seen.add(one.id)


def _lot_faults(problem: PanelProblem) -> Iterator[Fault]:
    pool = _ids_of_pool(problem)
    seen: set[str] = set()
    whole = problem.lot_order is not HOLE
    for number, name in _readable(problem.lot_order):
        at = pointer(("lot_order", number))
        if pool is not None and name not in pool:
            yield Fault("drawn_but_not_in_pool", at, {"candidate": name})
        elif name in seen:
            yield Fault("drawn_twice", at, {"candidate": name})
        seen.add(name)
    whole = whole and not any(name is HOLE for name in problem.lot_order)
    if pool is not None and whole and seen and (lacking := [name for name in pool if name not in seen]):
        yield Fault("in_pool_but_not_drawn", "/lot_order", {"candidates": lacking})


def _readable(items: Any) -> Iterator[tuple[int, Any]]:
    """What could be read of a list, with its places."""
    if items is not HOLE:
        yield from ((number, item) for number, item in enumerate(items) if item is not HOLE)


def _ids_of_pool(problem: PanelProblem) -> dict[str, None] | None:
    """The ids in the pool, in its order; None where an unreadable one could be the one that is meant."""
    if problem.pool is HOLE or any(one is HOLE or one.id is HOLE for one in problem.pool):
        return None
    return dict.fromkeys(one.id for one in problem.pool)
