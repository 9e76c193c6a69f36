"""Prices that bound every plan: added up in integers, whatever they are the bound is valid.

For an application's price `u`, an evaluator's `v` and a composition rule's `z` (any integers), every plan has

    total <= sum of required * u
             + sum of max_load * v (min_load * v where v < 0) + sum of most * z (least * z where z < 0)
             + sum over free pairs of max(0, gain) + sum over fixed pairs of gain,

where gain = affinity - u - v - (z of the rules that count the evaluator). With an affinity of zero everywhere and a
bound under zero there is no plan at all (Farkas).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from madang.core.assignment.instance import Group, Instance, Whole

_CELLS = 1_000_000  # cells looked at in one piece


@dataclass(frozen=True, slots=True)
class Prices:
    """`u` per application, `v` per evaluator, `z` per group of the instance."""

    u: Whole  # [n]
    v: Whole  # [m]
    z: tuple[int, ...]


def gains(instance: Instance, values: Whole | None, prices: Prices, factor: int = 1) -> Iterator[tuple[slice, Whole]]:
    """affinity * factor - prices, some rows at a time; `values` None: an affinity of zero everywhere."""
    n, m = instance.shape
    step = max(1, _CELLS // max(m, 1))
    groups = instance.groups_of()
    for start in range(0, n, step):
        part = slice(start, min(n, start + step))
        shape = (part.stop - part.start, m)
        gain = np.zeros(shape, dtype=np.int64) if values is None else values[part] * factor
        gain -= prices.u[part, None]
        gain -= prices.v
        for row in range(part.start, part.stop):
            for number in groups.get(row, ()):
                if prices.z[number]:
                    gain[row - start, instance.groups[number].members] -= prices.z[number]
        yield part, gain


def bound(instance: Instance, values: Whole | None, prices: Prices, factor: int = 1) -> int:
    """What no plan exceeds, times `factor`. Cost: applications x evaluators."""
    total = _at_bounds(instance, prices)
    for part, gain in gains(instance, values, prices, factor):
        fixed = instance.fixed[part]
        counted = fixed | (instance.allowed[part] & (gain > 0))
        total += exact_sum(gain[counted])
    return total


def _at_bounds(instance: Instance, prices: Prices) -> int:
    u, v = prices.u.tolist(), prices.v.tolist()
    total: int = sum(price * need for price, need in zip(u, instance.required.tolist(), strict=True))
    for price, least, most in zip(v, instance.min_load.tolist(), instance.max_load.tolist(), strict=True):
        total += price * (most if price > 0 else least)
    for price, group in zip(prices.z, instance.groups, strict=True):
        total += price * (most_of(group, instance) if price > 0 else group.least)
    return total


def most_of(group: Group, instance: Instance) -> int:
    """The most that a group can count: its own limit, else all that the application needs."""
    required = int(instance.required[group.application])
    return required if group.most is None else group.most


def exact_sum(numbers: Whole) -> int:
    """A sum that may pass 2^63, of numbers that do not."""
    return (int((numbers >> 20).sum()) << 20) + int((numbers & 0xFFFFF).sum())


def tight(instance: Instance, values: Whole, prices: Prices) -> Instance:
    """The instance of exactly those plans that reach `bound(instance, values, prices)`, if that bound is reached.

    A plan reaches it when no term loses anything: pairs of positive gain are in, of negative gain out, priced loads and
    groups at the end that the price pulls at. Cost: applications x evaluators.
    """
    allowed, fixed = instance.allowed.copy(), instance.fixed.copy()
    for part, gain in gains(instance, values, prices):
        fixed[part] |= instance.allowed[part] & (gain > 0)
        allowed[part] &= (gain >= 0) | instance.fixed[part]
    return Instance(
        affinity=instance.affinity,
        allowed=allowed,
        fixed=fixed,
        required=instance.required,
        min_load=np.where(prices.v > 0, instance.max_load, instance.min_load),
        max_load=np.where(prices.v < 0, instance.min_load, instance.max_load),
        groups=tuple(_tight_groups(instance, prices.z)),
    )


def _tight_groups(instance: Instance, z: Sequence[int]) -> Iterator[Group]:
    for price, group in zip(z, instance.groups, strict=True):
        least = most_of(group, instance) if price > 0 else group.least
        most = group.least if price < 0 else group.most
        yield Group(group.application, group.members, least, most, group.tag)
