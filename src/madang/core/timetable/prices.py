"""Prices of limits: what they prove about every plan. Exact integers; a wrong price weakens a bound, never breaks it.

Linear programming duality: for prices y >= 0, no plan weighs more than the sum over limits of capacity x price, plus,
for each wish, what its weight is over the cheapest of its places (never under zero). Premiums for meetings up to a
minimum count the other way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from madang.core.timetable.packing import Ints, Packing


@dataclass(frozen=True, slots=True)
class Floors:
    """The least number of meetings of each company and agency, and what one more is worth where one is missing."""

    companies: Ints
    agencies: Ints

    @classmethod
    def none(cls, packing: Packing) -> Floors:
        return cls(np.zeros(packing.companies, dtype=np.int64), np.zeros(packing.agencies, dtype=np.int64))

    def total(self) -> int:
        return int(self.companies.sum() + self.agencies.sum())


@dataclass(frozen=True, slots=True)
class Prices:
    """`of` prices the limits, the premiums the meetings of companies and agencies; all in units of 1/`scale`."""

    scale: int
    of: Ints
    companies: Ints
    agencies: Ints

    @classmethod
    def free(cls, packing: Packing) -> Prices:
        floors = Floors.none(packing)
        return cls(1, np.zeros(len(packing.capacity), dtype=np.int64), floors.companies, floors.agencies)


def margins(packing: Packing, prices: Prices, weight: Ints) -> Ints:
    """For each place what its wish is worth over the price of its limits, in units of 1/`scale`."""
    if not len(packing.wish):
        return np.zeros(0, dtype=np.int64)
    worth = weight * prices.scale + prices.companies[packing.company] + prices.agencies[packing.agency]
    cost = np.add.reduceat(prices.of[packing.limits], packing.start[:-1])
    return np.asarray(worth[packing.wish] - cost, dtype=np.int64)


def bound(packing: Packing, prices: Prices, weight: Ints, floors: Floors) -> int:
    """No plan that reaches the floors weighs more than this, in units of 1/`scale`. Cost: limits used by places."""
    best = np.zeros(len(packing.weight), dtype=np.int64)
    np.maximum.at(best, packing.wish, margins(packing, prices, weight))
    of = prices.of.tolist()
    limits: int = sum(price * int(packing.capacity[number]) for number, price in enumerate(of) if price)
    premiums = prices.companies @ floors.companies + prices.agencies @ floors.agencies
    return int(limits) + int(best.sum()) - int(premiums)


def trimmed(packing: Packing, prices: Prices) -> Prices:
    """Without prices of limits that no place uses: they only weaken the bound."""
    used = np.zeros(len(prices.of), dtype=bool)
    used[packing.limits] = True
    return replace(prices, of=np.where(used, prices.of, 0))
