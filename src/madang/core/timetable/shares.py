"""`fair`: the largest worst share that a relaxation allows, the meetings that it asks of everyone, and the proof.

A participant's share is met / wished. Who cannot meet anybody (no wish, no place for any) is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from madang.core.timetable.packing import Ints, Packing
from madang.core.timetable.prices import Floors, Prices, bound


@dataclass(frozen=True, slots=True)
class Shares:
    """Companies, then agencies: how many wishes each has; `counted` are those who can meet somebody at all."""

    wished: Ints
    counted: Ints
    companies: int

    @classmethod
    def of(cls, packing: Packing) -> Shares:
        people = packing.companies + packing.agencies
        both = np.concatenate([packing.company, packing.companies + packing.agency])
        possible = np.unique(packing.wish)
        able = np.concatenate([packing.company[possible], packing.companies + packing.agency[possible]])
        return cls(np.bincount(both, minlength=people), np.unique(able), packing.companies)

    def met(self, packing: Packing, places: Iterable[int]) -> Ints:
        """Meetings of each participant."""
        wishes = packing.wish[list(places)]
        both = np.concatenate([packing.company[wishes], packing.companies + packing.agency[wishes]])
        return np.bincount(both, minlength=len(self.wished))

    def worst(self, met: Ints) -> Fraction | None:
        """The smallest share; None where nobody is counted."""
        return min((Fraction(int(met[one]), int(self.wished[one])) for one in self.counted), default=None)

    def floors(self, share: Fraction, met: Ints, *, over: bool = False) -> Floors:
        """Meetings that each lacks, beside those met, to a share of at least this; with `over` of more."""
        need = np.zeros(len(self.wished), dtype=np.int64)
        wished = self.wished[self.counted]
        top, under = share.numerator, share.denominator
        need[self.counted] = top * wished // under + 1 if over else -(-top * wished // under)
        need = np.maximum(need - met, 0)
        return Floors(need[: self.companies], need[self.companies :])


def largest_worst(packing: Packing, shares: Shares, met: Ints) -> tuple[Fraction, Prices]:
    """No plan beside those met gives everyone more than this share, and the prices that prove it.

    By halving over all shares that there can be. Cost: a flow for each halving.
    """
    from madang.core.timetable.engine_flow import relax

    nothing = np.zeros(len(packing.weight), dtype=np.int64)
    sizes = sorted({int(shares.wished[one]) for one in shares.counted})
    candidates = sorted({Fraction(part, size) for size in sizes for part in range(size + 1)})
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high + 1) // 2
        floors = shares.floors(candidates[middle], met)
        found = relax(packing, "neither", floors, nothing, 1)
        if found is not None and found.reached < floors.total():
            high = middle - 1
        else:
            low = middle
    over = shares.floors(candidates[low], met, over=True)
    found = relax(packing, "neither", over, nothing, 1)
    if found is not None and bound(packing, found.prices, nothing, over) < 0:
        return candidates[low], found.prices
    return Fraction(1), Prices.free(packing)  # of a whole share there is no more: that needs no proof
