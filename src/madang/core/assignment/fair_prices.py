"""Prices that bound every plan that keeps a floor: whatever they are, the bound is valid, and adds up in integers.

With a price `p` per evaluator, a weight `w >= 0` per application (how dear its floor is) and a price `z` per rule of
composition, each application takes on its own the evaluators of largest

    scale * affinity + w * gain - p - (z of the rules that count the evaluator),

as many as it needs. What these choices add up to, plus `p * max_load` where p > 0, `p * min_load` where p < 0, the same
for `z` with `most` and `least`, less `w * need`, is at least `scale * total` for every plan that keeps the floor. With
scale 0 a negative bound says that no plan keeps the floor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment.fair_rows import NEVER, Floor
from madang.core.assignment.instance import Instance, Whole
from madang.core.problem import LARGEST

_SAFE = 2**61


@dataclass(frozen=True, slots=True)
class FloorPrices:
    """All times `scale` (0: only whether there is a plan)."""

    scale: int
    evaluators: Whole  # [m]
    applications: Whole  # [n], not negative
    groups: Whole  # one per group of the instance; not negative where the group has no `most`

    def as_json(self) -> dict[str, object]:
        return {
            "scale": self.scale,
            "evaluators": _digits(self.evaluators),
            "applications": _digits(self.applications),
            "groups": _digits(self.groups),
        }


def _digits(numbers: Whole) -> list[int | str]:
    """Integers; beyond what every JSON reader holds exactly, their digits."""
    return [number if abs(number) <= LARGEST else str(number) for number in numbers.tolist()]


def nothing(instance: Instance, scale: int) -> FloorPrices:
    """Prices of zero: each application by itself."""
    n, m = instance.shape
    zeros = [np.zeros(size, dtype=np.int64) for size in (m, n, len(instance.groups))]
    return FloorPrices(scale, *zeros)


def rounded(
    instance: Instance,
    floor: Floor,
    scale: int,
    evaluators: NDArray[np.float64],
    applications: NDArray[np.float64],
    groups: NDArray[np.float64],
) -> FloorPrices:
    """Prices in millionths from floats, times about 2^14 or as much as 64 bits hold; `scale` 0 or 1."""
    n, m = instance.shape
    largest = float(np.abs(instance.affinity).max(initial=1))
    weights = np.clip(applications, 0, None)
    size = scale * largest + float(weights.max(initial=0)) * float(floor.gain.max(initial=0))
    size += float(np.abs(evaluators).max(initial=0)) + float(np.abs(groups).sum())
    # every term of the bound, however many, has to fit: twice as many as there are seats, loads and floors
    terms = 2.0 * (float(instance.required.sum()) + float(instance.max_load.clip(0, n).sum()) + m + n + 1)
    needs = float(weights @ floor.need.astype(np.float64))
    times = min(2.0**14, _SAFE / (size * terms + needs + 1.0))
    if times < 1:
        return nothing(instance, scale)
    times = float(int(times)) if scale else times
    prices = [np.rint(values * times).astype(np.int64) for values in (evaluators, weights, groups)]
    for number, group in enumerate(instance.groups):
        if group.most is None:
            prices[2][number] = min(prices[2][number], 0)
    return FloorPrices(int(times) if scale else 0, *prices)


@dataclass(frozen=True, slots=True)
class Bound:
    """`value`: what no plan exceeds, times the scale (None: there is no plan). `loss` [n, m]: by how much, at least, a
    plan stays under it that takes a pair not chosen, or leaves out one that is `chosen`.
    """

    value: int | None
    loss: Whole
    chosen: NDArray[np.bool_]


def bound(instance: Instance, floor: Floor, prices: FloorPrices) -> Bound:
    """Cost: applications x evaluators (a partition of each row)."""
    n, m = instance.shape
    worth = instance.affinity * prices.scale + floor.gain * prices.applications[:, None] - prices.evaluators
    constant = _at_bounds(instance, floor, prices)
    for group, price in zip(instance.groups, prices.groups.tolist(), strict=True):
        if price:
            worth[group.application, group.members] -= price
    seats = instance.required - instance.fixed.sum(axis=1)
    total = constant + int(worth[instance.fixed].sum())
    loss = np.zeros((n, m), dtype=np.int64)
    chosen = np.zeros((n, m), dtype=np.bool_)
    if not floor.reachable or (seats < 0).any() or (floor.usable.sum(axis=1) < seats).any():
        return Bound(None, loss, chosen)
    offered = np.where(floor.usable, worth, NEVER * 8)
    for count in np.unique(seats).tolist():
        rows = np.flatnonzero(seats == count)
        part = offered[rows]
        if count == 0:
            loss[rows] = 2**61  # no seat: nothing of it can be taken
            continue
        order = np.argpartition(part, m - count, axis=1)
        top = order[:, m - count :]
        picked = np.zeros(part.shape, dtype=np.bool_)
        np.put_along_axis(picked, top, True, axis=1)
        lowest = np.where(picked, part, 2**61).min(axis=1)
        next_best = np.where(picked, NEVER * 8, part).max(axis=1)
        loss[rows] = np.where(picked, part - next_best[:, None], lowest[:, None] - part)
        chosen[rows] = picked
        total += int(part[picked].sum())
    return Bound(total, loss, chosen)


def _at_bounds(instance: Instance, floor: Floor, prices: FloorPrices) -> int:
    price = prices.evaluators
    constant = int(np.where(price > 0, price * instance.max_load, price * instance.min_load).sum())
    constant -= int((prices.applications * floor.need).sum())
    for group, price_of in zip(instance.groups, prices.groups.tolist(), strict=True):
        constant += price_of * (group.least if price_of < 0 else (group.most or 0))
    return constant
