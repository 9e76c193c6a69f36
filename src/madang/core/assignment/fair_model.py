"""A fair instance over some of its pairs, as rows of numbers for the engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment.engine_fair import Floats, Rows, sparse
from madang.core.assignment.fair_rows import Floor
from madang.core.assignment.instance import Flags, Instance


@dataclass(frozen=True, slots=True)
class Model:
    """Columns: the pairs. Rows, in order: demands [n], loads [m], groups, floors [floored]."""

    pairs_row: NDArray[np.intp]
    pairs_column: NDArray[np.intp]
    rows: Rows
    floored: NDArray[np.intp]  # the applications whose floor can fail
    unit: Floats  # what each floor's row was divided by


def model_of(instance: Instance, floor: Floor, pairs: Flags, forced: Flags | None = None) -> Model:
    """`pairs` are free to be chosen; the fixed ones and the `forced` are taken for granted."""
    n, m = instance.shape
    given = instance.fixed if forced is None else instance.fixed | forced
    i, j = np.nonzero(pairs)
    columns = np.arange(len(i))
    ones = np.ones(len(i))
    floored = np.flatnonzero(floor.need > np.where(given, floor.gain, 0).sum(axis=1))
    place = np.full(n, -1)
    place[floored] = np.arange(len(floored))
    unit = floor.unit[floored].astype(np.float64)
    of_floor = place[i] >= 0
    group_rows, group_columns, least, most = _groups(instance, i, j, given)
    first = n + m + len(instance.groups)
    matrix = sparse(
        np.concatenate([i, n + j, n + m + group_rows, first + place[i[of_floor]]]),
        np.concatenate([columns, columns, group_columns, columns[of_floor]]),
        np.concatenate([ones, ones, np.ones(len(group_rows)), floor.gain[i, j][of_floor] / unit[place[i[of_floor]]]]),
        (first + len(floored), len(i)),
    )
    seats = (instance.required - given.sum(axis=1)).astype(np.float64)
    load = given.sum(axis=0)
    lowest = (instance.min_load - load).astype(np.float64)
    lowest[lowest <= 0] = -np.inf
    rest = (floor.need - np.where(given, floor.gain, 0).sum(axis=1))[floored] / unit
    return Model(
        i,
        j,
        Rows(
            matrix,
            np.concatenate([seats, lowest, least, rest]),
            np.concatenate([seats, instance.max_load - load, most, np.full(len(floored), np.inf)]),
        ),
        floored,
        unit,
    )


def with_heads(instance: Instance, floor: Floor, pairs: Flags, forced: Flags | None, model: Model) -> Rows:
    """The model's rows, and for each floor what follows from it for whole numbers.

    Whoever takes fewer than `count` of its best evaluators, its head, cannot reach the floor with the best of the rest:
    so it takes `count` of them. One row for each floor and count, where the head is shorter than all that there are.
    """
    given = instance.fixed if forced is None else instance.fixed | forced
    seats = (instance.required - given.sum(axis=1)).tolist()
    rest = (floor.need - np.where(given, floor.gain, 0).sum(axis=1)).tolist()
    starts = np.searchsorted(model.pairs_row, np.arange(instance.shape[0] + 1)).tolist()
    members: list[NDArray[np.intp]] = []
    counts: list[float] = []
    for row in model.floored.tolist():
        part = np.arange(starts[row], starts[row + 1])
        worth = floor.gain[row, model.pairs_column[part]]
        order = np.argsort(-worth, kind="stable")
        sums = np.concatenate([[0], np.cumsum(worth[order])])
        for count in range(1, seats[row] + 1):
            tail = seats[row] - count + 1
            ends = np.arange(count - 1, len(part) - tail + 1)
            short = np.flatnonzero(sums[count - 1] + sums[ends + tail] - sums[ends] < rest[row])
            if len(short):
                members.append(part[order[: ends[short[0]]]])
                counts.append(float(count))
    if not members:
        return model.rows
    rows = np.repeat(np.arange(len(members)), [len(head) for head in members])
    columns = np.concatenate(members)
    heads = sparse(rows, columns, np.ones(len(columns)), (len(members), len(model.pairs_row)))
    return model.rows.also(Rows(heads, np.array(counts), np.full(len(counts), np.inf)))


def _groups(
    instance: Instance, i: NDArray[np.intp], j: NDArray[np.intp], given: Flags
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats, Floats]:
    """Row and column of each entry, and both sides."""
    rows, columns, least, most = [], [], [], []
    starts = np.searchsorted(i, np.arange(instance.shape[0] + 1))
    for number, group in enumerate(instance.groups):
        part = np.arange(starts[group.application], starts[group.application + 1])
        inside = part[group.members[j[part]]]
        rows.append(np.full(len(inside), number))
        columns.append(inside)
        taken = int((given[group.application] & group.members).sum())
        least.append(float(group.least - taken) if group.least > taken else -np.inf)
        most.append(np.inf if group.most is None else float(group.most - taken))
    none = np.zeros(0, dtype=np.intp)
    return np.concatenate([none, *rows]), np.concatenate([none, *columns]), np.array(least), np.array(most)
