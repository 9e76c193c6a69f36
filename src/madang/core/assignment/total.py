"""The largest sum under all rules, with the proof that there is none larger: one flow, or branches of flows.

Where the composition rules of each application are nested or apart, one flow is the answer and its prices are the
proof. Where they overlap, `overlap` branches over how many of each kind of evaluator an application has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from madang.core.assignment.duals import Prices, most_of
from madang.core.assignment.instance import Flags, Instance, Whole
from madang.core.assignment.network import Flowed, Network, flow
from madang.core.deadline import NO_DEADLINE, Deadline


@dataclass(frozen=True, slots=True)
class Split:
    """All plans are in one of two parts: the application has at most `at` evaluators of this kind, or more.

    A kind is those that carry exactly `tags` among the tags that the application counts.
    """

    application: int
    tags: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """Prices that bound a part: over it no plan passes `bound // times`; `empty`: it has no plan at all.

    `own`: only the evaluators' prices count, and each application takes its own best (`own_best`).
    """

    prices: Prices
    empty: bool
    own: bool = False


Node = Split | Leaf


@dataclass(frozen=True, slots=True)
class Best:
    """`pairs` None: no plan (`proven`), or none found. `bound`: what no plan exceeds.

    `nodes` is the proof: a tree of splits in preorder, the part with at most first; prices count `times` over.
    """

    pairs: Flags | None
    value: int
    bound: int | None
    nodes: tuple[Node, ...]
    times: int
    proven: bool


def best_total(instance: Instance, values: Whole, deadline: Deadline = NO_DEADLINE) -> Best:
    """The plan with the largest sum of `values`. Raises `engine_flow.CostsTooLarge` beyond about 2^60."""
    broken = fixed_too_many(instance)
    if broken is not None:
        return Best(None, 0, None, (Leaf(broken, True),), 1, True)
    if deadline.expired():
        return Best(None, 0, None, (), 1, False)
    inside = laminar(instance)
    if len(inside) < len(instance.groups):
        from madang.core.assignment.overlap import Branching

        return Branching(instance, values, deadline).best()
    found = plain(Network(instance, inside), values)
    if found.missing:
        return Best(None, 0, None, (Leaf(found.prices, True),), 1, True)
    leaf = Leaf(found.prices, False)
    return Best(found.pairs, found.value, found.bound, (leaf,), 1, found.value == found.bound)


def plain(network: Network, values: Whole) -> Flowed:
    """The best under the rules in the network; where there is no plan, prices whose bound of nothing is under zero."""
    spread = int(values.max(initial=0)) - int(values.min(initial=0))
    found = flow(network, values, 2 * spread + 1)
    if not found.missing:
        return found
    least = flow(network, None, 1)
    if least.missing:
        return least
    return flow(network, values, (spread + 1) * (2 * sum(network.instance.shape) + 4))


def laminar(instance: Instance, first: Sequence[int] = ()) -> list[int]:
    """The groups that can be in one network: nested or apart within each application; `first` before the others."""
    inside: list[int] = []
    of_row: dict[int, list[int]] = {}
    for number in (*first, *(number for number in range(len(instance.groups)) if number not in set(first))):
        group = instance.groups[number]
        mine = of_row.setdefault(group.application, [])
        if all(_nested_or_apart(group.members, instance.groups[other].members) for other in mine):
            mine.append(number)
            inside.append(number)
    return inside


def _nested_or_apart(one: Flags, other: Flags) -> bool:
    if one is other:
        return True
    both = one & other
    return not both.any() or bool((both == one).all()) or bool((both == other).all())


def fixed_too_many(instance: Instance) -> Prices | None:
    """Prices that show that the fixed pairs alone, or one rule by itself, cannot be; None where that is not so."""
    n, m = instance.shape
    u, v, z = np.zeros(n, dtype=np.int64), np.zeros(m, dtype=np.int64), [0] * len(instance.groups)
    rows, loads = instance.fixed.sum(axis=1), instance.fixed.sum(axis=0)
    if (rows > instance.required).any():
        u[int(np.argmax(rows > instance.required))] = 1
    elif (loads > instance.max_load).any():
        v[int(np.argmax(loads > instance.max_load))] = 1
    elif (instance.min_load > instance.max_load).any():
        v[int(np.argmax(instance.min_load > instance.max_load))] = -1
    else:
        for number, group in enumerate(instance.groups):
            held = int((instance.fixed[group.application] & group.members).sum())
            if held > most_of(group, instance):
                z[number] = 1
                break
            if group.least > most_of(group, instance):  # it has a limit of its own below, or needs too few
                z[number], u[group.application] = -1, 1
                break
        else:
            return None
    return Prices(u, v, tuple(z))
