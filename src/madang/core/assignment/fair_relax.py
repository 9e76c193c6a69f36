"""The linear relaxation of a floor, over few pairs at first, and the whole-number bound that its prices prove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment import engine_fair as engine
from madang.core.assignment.fair_model import Model, model_of
from madang.core.assignment.fair_prices import Bound, FloorPrices, bound, rounded
from madang.core.assignment.fair_rows import Floor
from madang.core.assignment.instance import Flags, Instance
from madang.core.deadline import Deadline

_ROUNDS = 60
_TAKEN = 12
#: A pair that would gain less than this share of the largest affinity is the engine's tolerance.
_PAYS = 1e-7
#: What missing a row costs, in largest affinities: raised where it pays to miss one that could be kept.
_MISS_COSTS = (8.0, 200.0, 5000.0)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """`share` [n, m]: how much of each pair is taken. `bound.value` None or (with scale 0) negative: no plan."""

    share: NDArray[np.float64]
    prices: FloorPrices
    bound: Bound
    pairs: Flags  # those looked at

    @property
    def empty(self) -> bool:
        return self.bound.value is None or (self.prices.scale == 0 and self.bound.value < 0)

    @property
    def total(self) -> int:
        """What no plan's total exceeds, in millionths (only with a scale)."""
        assert self.bound.value is not None
        assert self.prices.scale > 0
        return self.bound.value // self.prices.scale


def relax(instance: Instance, floor: Floor, start: Flags, deadline: Deadline) -> Relaxation | None:
    """The best prices for the total; where the floor fails, prices of scale 0 that prove it. None: time ended."""
    pairs = start & floor.usable
    for cost in _MISS_COSTS:
        found = _generate(instance, floor, pairs, cost, deadline)
        if found is None:
            return None
        if found.relaxation.empty or found.kept or cost == _MISS_COSTS[-1]:
            return found.relaxation
        if (refuting := _refuting(instance, floor, found)) is not None:
            return refuting
        if cost == _MISS_COSTS[0]:
            pairs = found.pairs
            continue
        proof = _generate(instance, floor, found.pairs, None, deadline)
        if proof is None:
            return None
        if proof.relaxation.empty:
            return proof.relaxation
        pairs = proof.pairs
    raise AssertionError("the last cost returns")


def _refuting(instance: Instance, floor: Floor, found: _Generated) -> Relaxation | None:
    """Where missing a row is dear, the prices are mostly those of the miss: perhaps they refute the floor alone."""
    old = found.relaxation.prices
    prices = FloorPrices(0, old.evaluators, old.applications, old.groups)
    relaxation = Relaxation(found.relaxation.share, prices, bound(instance, floor, prices), found.pairs)
    return relaxation if relaxation.empty else None


@dataclass(frozen=True, slots=True)
class _Generated:
    """`kept`: no row is missed; `pairs`: all that were taken in."""

    relaxation: Relaxation
    kept: bool
    pairs: Flags


def _generate(
    instance: Instance, floor: Floor, pairs: Flags, cost: float | None, deadline: Deadline
) -> _Generated | None:
    """Solve, take in the pairs that would pay at these prices, again. `cost` None: only the misses count."""
    pairs = pairs.copy()
    scale = 0 if cost is None else 1
    size = float(np.abs(instance.affinity).max(initial=1)) or 1.0
    n, m = instance.shape
    given = float(instance.affinity[instance.fixed].sum())
    for _ in range(_ROUNDS):
        model = model_of(instance, floor, pairs)
        unit = np.ones(len(model.rows.least))
        unit[n + m + len(instance.groups) :] = size / model.unit  # a floor is missed in the units of the total
        worth = instance.affinity[model.pairs_row, model.pairs_column] / size * scale
        slack = np.full(len(unit), 1.0 if cost is None else cost) / unit
        found = engine.largest(worth, model.rows, slack, np.ones(len(worth)), deadline.left())
        if found is None:
            return None
        floats = _floats(instance, model, found.prices * size)
        prices = rounded(instance, floor, scale, floats.evaluators, floats.weights, floats.groups)
        proven = bound(instance, floor, prices)
        share = np.zeros((n, m))
        share[model.pairs_row, model.pairs_column] = found.x
        relaxation = Relaxation(share, prices, proven, pairs.copy())
        kept = found.value + 1e-7 >= float(worth @ found.x)
        paying = _paying(instance, floor, floats, scale, pairs, size * _PAYS)
        if relaxation.empty or not paying.any() or _met(relaxation, (found.value * size) + given * scale):
            break
        pairs |= paying
    return _Generated(relaxation, kept, pairs)


def _met(relaxation: Relaxation, value: float) -> bool:
    """Whether the bound over all pairs is what the chosen pairs reach: no other pair can help."""
    return relaxation.prices.scale > 0 and relaxation.total <= value + 0.3


@dataclass(frozen=True, slots=True)
class _Floats:
    applications: NDArray[np.float64]
    evaluators: NDArray[np.float64]
    groups: NDArray[np.float64]
    weights: NDArray[np.float64]


def _floats(instance: Instance, model: Model, found: NDArray[np.float64]) -> _Floats:
    n, m = instance.shape
    g = len(instance.groups)
    weights = np.zeros(n)
    weights[model.floored] = -found[n + m + g :] / model.unit
    return _Floats(found[:n], found[n : n + m], found[n + m : n + m + g], weights)


def _paying(instance: Instance, floor: Floor, floats: _Floats, scale: int, pairs: Flags, least: float) -> Flags:
    """Pairs outside that would raise the value, up to `_TAKEN` of each application."""
    m = instance.shape[1]
    worth = instance.affinity * float(scale) + floor.gain * floats.weights[:, None]
    worth -= floats.applications[:, None] + floats.evaluators
    for group, price in zip(instance.groups, floats.groups.tolist(), strict=True):
        worth[group.application, group.members] -= price
    worth[pairs | ~floor.usable] = 0
    taken = worth > least
    if m > _TAKEN:
        line = np.partition(worth, m - _TAKEN, axis=1)[:, m - _TAKEN]
        taken &= worth >= line[:, None]
    return taken
