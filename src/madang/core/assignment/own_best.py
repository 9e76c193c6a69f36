"""A bound in which each application takes its own best evaluators at given prices, under all its rules at once.

Sharper than prices for rules that overlap: what an application can have is counted exactly, by how many of each kind of
evaluator (exactly these tags) it takes. Only loads are priced.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from madang.core.assignment.duals import exact_sum
from madang.core.assignment.instance import Flags, Group, Instance, Whole

#: More ways than this to share the places of one application are not counted.
MOST_WAYS = 2_000


def kinds_of(groups: Sequence[Group], columns: int) -> dict[tuple[str, ...], Flags]:
    """The evaluators by exactly which tags of these groups they carry; kinds in the order of their tags."""
    if not groups:
        return {(): np.ones(columns, dtype=np.bool_)}
    found: dict[tuple[str, ...], Flags] = {}
    carried = np.array([group.members for group in groups], dtype=np.bool_).reshape(len(groups), columns)
    patterns, inverse = np.unique(carried, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        tags = tuple(group.tag for group, has in zip(groups, patterns[:, number], strict=True) if has)
        found[tags] = inverse.reshape(-1) == number
    return dict(sorted(found.items()))


def ways(instance: Instance, row: int, groups: Sequence[Group], kinds: Sequence[Flags]) -> Whole | None:
    """Every way to share the places that are not fixed among the kinds, a row each; None where there are too many.

    `groups` are all rules of the application. Cost: at most `MOST_WAYS` ways.
    """
    free = instance.allowed[row] & ~instance.fixed[row]
    held = np.array([int((instance.fixed[row] & kind).sum()) for kind in kinds], dtype=np.int64)
    left = int(instance.required[row]) - int(held.sum())
    table = _shared(left, tuple(min(left, int((free & kind).sum())) for kind in kinds))
    if table is None:
        return None
    for group in groups:
        inside = np.array([bool((group.members & kind).any()) for kind in kinds], dtype=np.bool_)
        count = (table + held)[:, inside].sum(axis=1)
        table = table[(count >= group.least) & (count <= (count if group.most is None else group.most))]
    return table


@lru_cache(maxsize=4096)
def _shared(left: int, room: tuple[int, ...]) -> Whole | None:
    found = list(itertools.islice(_shares(left, room), MOST_WAYS + 1))
    return None if len(found) > MOST_WAYS else np.array(found, dtype=np.int64).reshape(len(found), len(room))


def _shares(left: int, room: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if left < 0 or left > sum(room):
        return
    if not room:
        yield ()
        return
    for count in range(min(left, room[0]) + 1):
        for rest in _shares(left - count, room[1:]):
            yield (count, *rest)


def own_bound(instance: Instance, values: Whole | None, evaluators: Whole, factor: int) -> int | None:
    """What no plan exceeds, times `factor`; None where an application alone has no way, or too many ways.

    Valid for any prices `evaluators`. Cost: a sort of each row, and its ways.
    """
    loads = zip(evaluators.tolist(), instance.min_load.tolist(), instance.max_load.tolist(), strict=True)
    total: int = sum(price * (most if price > 0 else least) for price, least, most in loads)
    groups_of = instance.groups_of()
    cache: dict[tuple[str, ...], list[Flags]] = {}
    for row in range(instance.shape[0]):
        gain = -evaluators if values is None else values[row] * factor - evaluators
        groups = [instance.groups[number] for number in groups_of.get(row, ())]
        named = [group for group in groups if group.tag]
        key = tuple(group.tag for group in named)
        if key not in cache:
            cache[key] = list(kinds_of(named, len(evaluators)).values())
        best = _best_of_row(instance, row, gain, groups, cache[key])
        if best is None:
            return None
        total += best + exact_sum(gain[instance.fixed[row]])
    return total


def _best_of_row(
    instance: Instance, row: int, gain: Whole, groups: Sequence[Group], kinds: Sequence[Flags]
) -> int | None:
    table = ways(instance, row, groups, kinds)
    if table is None or not len(table):
        return None
    free = instance.allowed[row] & ~instance.fixed[row]
    most = int(table.max(initial=0))
    sums = np.zeros((len(kinds), most + 1), dtype=np.int64)
    for number, kind in enumerate(kinds):
        best = -np.sort(-gain[free & kind])[:most]
        sums[number, 1 : len(best) + 1] = np.cumsum(best)
    return int(sums[np.arange(len(kinds)), table].sum(axis=1).max())
