"""Keeping an earlier plan: first as many of its pairs as can be, then the objective among plans that keep so many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.core.assignment.duals import bound, tight
from madang.core.assignment.instance import Flags, Instance
from madang.core.assignment.total import Best, Leaf, best_total
from madang.core.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Kept:
    """`most`: the most pairs that can be kept, with its proof; `instance`: the plans that keep so many.

    `instance` is None where overlapping composition rules left no single set of prices that fits: then `weight` tells
    how much a kept pair must count beside the affinities to come first.
    """

    most: Best
    instance: Instance | None
    weight: int


def keeping(instance: Instance, keep: Flags, deadline: Deadline) -> Kept:
    """The first stage. Cost: as `best_total`."""
    values = (keep & instance.allowed).astype(np.int64)
    most = best_total(instance, values, deadline)
    weight = spread(instance) + 1
    if most.pairs is None or len(most.nodes) != 1 or not most.proven:
        return Kept(most, None, weight)
    leaf = most.nodes[0]
    assert isinstance(leaf, Leaf)
    if leaf.own:
        return Kept(most, None, weight)
    if bound(instance, values, leaf.prices, most.times) != most.value * most.times:
        return Kept(most, None, weight)
    return Kept(most, tight(instance, values * most.times, leaf.prices), weight)


def spread(instance: Instance) -> int:
    """No two plans differ by more in their sums."""
    if not instance.affinity.size:
        return 0
    reach = instance.affinity.max(axis=1) - instance.affinity.min(axis=1)
    return sum(need * width for need, width in zip(instance.required.tolist(), reach.tolist(), strict=True))
