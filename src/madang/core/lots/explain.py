"""What a draw rests on and what it leaves open to steering, read off the problem and how its commitments opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from madang.core.lots.model import LotsProblem
from madang.core.reasons import Reason

#: A reveal shorter than this can be found by trying, so its commitment hides nothing.
LEAST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Opening:
    """One commitment (hexadecimal, lower case) and what opened it: `size` in bytes, None where nothing did."""

    commitment: str
    size: int | None
    wrong: bool = False  # something was revealed that does not open it


def unopened(openings: Sequence[Opening]) -> list[Reason]:
    """Which commitments were not opened; numbers count from 1, in the order of the problem. Missing ones first."""
    reasons = []
    missing = [n for n, one in enumerate(openings) if one.size is None and not one.wrong]
    wrong = [n for n, one in enumerate(openings) if one.wrong]
    if missing:
        reasons.append(Reason("reveal_missing", _named(openings, missing)))
    if wrong:
        reasons.append(Reason("reveal_wrong", _named(openings, wrong)))
    return reasons


def remarks(problem: LotsProblem, openings: Sequence[Opening]) -> list[Reason]:
    """What the order was drawn from, then everything that somebody could have used to steer or to know it."""
    counted = Counter(one.commitment for one in openings)
    drawn = Reason("drawn_from_reveals", {"entries": len(problem.entries), "parties": len(openings)})
    equal = [n for n, one in enumerate(openings) if counted[one.commitment] > 1]
    guessable = [n for n, one in enumerate(openings) if one.size is not None and one.size < LEAST_BYTES]
    reasons = [drawn]
    if len(counted) < 2:
        reasons.append(Reason("lots_by_one_party"))
    if equal:
        reasons.append(Reason("equal_commitments", _named(openings, equal)))
    if guessable:
        reasons.append(Reason("reveal_guessable", {**_named(openings, guessable), "least": LEAST_BYTES}))
    if not problem.public:
        reasons.append(Reason("lots_without_public_value"))
    in_order = [one.commitment for one in openings]
    if in_order != sorted(in_order):
        reasons.append(Reason("commitments_not_sorted"))
    return [*reasons, *_order_of_entries(problem)]


def seed_reasons(problem: LotsProblem) -> list[Reason]:
    """Without commitments: whoever set the seed could have chosen the order."""
    return [Reason("drawn_from_seed", {"seed": problem.seed}), *_order_of_entries(problem)]


def _order_of_entries(problem: LotsProblem) -> list[Reason]:
    return [] if list(problem.entries) == sorted(problem.entries) else [Reason("entries_not_sorted")]


def _named(openings: Sequence[Opening], numbers: Sequence[int]) -> dict[str, list[str]]:
    return {"numbers": [str(n + 1) for n in numbers], "commitments": [openings[n].commitment for n in numbers]}
