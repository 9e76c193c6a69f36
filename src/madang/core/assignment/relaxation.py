"""The linear relaxation of an assignment whose composition rules overlap: hints in floats, never a proof.

It gives prices for the rules that are not in the network, and how many of each kind an application would like. It looks
at some pairs only; its own prices show which others it should look at.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from madang.core.assignment.engine_lp import Floats, Relaxed, Rows
from madang.core.assignment.instance import Flags, Instance, Whole
from madang.core.assignment.network import MORE_ARCS, candidates
from madang.core.assignment.own_best import ways
from madang.core.deadline import Deadline

#: Pairs of each kind that the relaxation looks at from the start, for each application.
OF_EACH_KIND = 6
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """The evaluators with exactly these tags, for one application."""

    application: int
    tags: tuple[str, ...]
    members: Flags


@dataclass(frozen=True, slots=True)
class Hint:
    """Prices of the groups outside the network, the count of each kind, and whether something must be missed."""

    prices: dict[int, int]
    counts: list[float]
    missing: bool
    evaluators: Whole | None = None


def first_pairs(instance: Instance, values: Whole, kinds: Sequence[Kind]) -> Flags:
    """The best of each row, and of each kind in it."""
    free = instance.allowed & ~instance.fixed
    active = candidates(instance, values, free)
    for kind in kinds:
        places = np.nonzero(free[kind.application] & kind.members)[0]
        best = np.argsort(-values[kind.application, places], kind="stable")[:OF_EACH_KIND]
        active[kind.application, places[best]] = True
    return active


@dataclass(slots=True)
class Relaxation:
    """`active` grows; it is shared by all parts of a search."""

    instance: Instance
    kinds: Sequence[Kind]
    active: Flags
    deadline: Deadline
    whole: bool = False  # with every way in which an application can share its places among kinds: the sharpest

    def solve(self, values: Whole | None, outside: Sequence[int], times: int) -> Hint:
        """`values` None: as little missing as can be. Prices are `times` over."""
        from madang.core.assignment import engine_lp  # loads the solver

        scale = 1 if values is None else max(int(np.abs(values).max(initial=0)), 1)
        penalty = 1.0 if values is None else 4.0 * (sum(self.instance.shape) + 1)
        found: Relaxed | None = None
        for _ in range(ROUNDS):
            rows, columns = self._columns()
            worth = np.zeros(len(rows)) if values is None else values[rows, columns] / scale
            lines = self._lines(rows, columns)
            if self.whole:
                lines, more = self._with_ways(lines, rows, columns)
                worth = np.concatenate((worth, np.zeros(more)))
            latest = engine_lp.relax(worth, lines, penalty, self.deadline.left())
            found = latest or found
            if latest is None or not self._bring_in(values, scale, latest.prices):
                break
        if found is None or len(found.taken) < len(rows):
            return Hint(dict.fromkeys(outside, 0), [], False)
        first = sum(self.instance.shape)
        prices = {number: round(float(found.prices[first + number]) * times * scale) for number in outside}
        n, m = self.instance.shape
        evaluators = np.rint(found.prices[n : n + m] * (times * scale)).astype(np.int64)
        return Hint(prices, self._counts(rows, columns, found.taken), found.missing > 1e-7, evaluators)

    def settled(self, values: Whole) -> list[int] | None:
        """Whole counts of each kind that fit together well; None where none was found in time."""
        from madang.core.assignment import engine_lp

        rows, columns = self._columns()
        scale = max(int(np.abs(values).max(initial=0)), 1)
        lines, counted = [], []
        held = np.zeros(len(self.kinds), dtype=np.int64)
        most = np.zeros(len(self.kinds))
        for number, kind in enumerate(self.kinds):
            start, end = np.searchsorted(rows, (kind.application, kind.application + 1))
            mine = np.arange(start, end)[kind.members[columns[start:end]]]
            lines.append(np.full(len(mine), number))
            counted.append(mine)
            held[number] = int((self.instance.fixed[kind.application] & kind.members).sum())
            most[number] = self.instance.required[kind.application]
        kinds = Rows(np.concatenate(lines), np.concatenate(counted), np.zeros(len(held)), most)
        left = self.deadline.left() / 2
        found = engine_lp.settled(values[rows, columns] / scale, self._lines(rows, columns), kinds, left)
        return None if found is None else (found + held).tolist()

    def _columns(self) -> tuple[Whole, Whole]:
        rows, columns = np.nonzero(self.active)
        return rows.astype(np.int64), columns.astype(np.int64)

    def _lines(self, rows: Whole, columns: Whole) -> Rows:
        """A line for each application, each evaluator and each group, without the fixed pairs."""
        instance = self.instance
        n, m = instance.shape
        places = np.arange(len(rows))
        held_rows, held_loads = instance.fixed.sum(axis=1), instance.fixed.sum(axis=0)
        lines, counted = [rows, n + columns], [places, places]
        least = [instance.required - held_rows, instance.min_load - held_loads]
        most = [instance.required - held_rows, instance.max_load - held_loads]
        for number, group in enumerate(instance.groups):
            start, end = np.searchsorted(rows, (group.application, group.application + 1))
            mine = places[start:end][group.members[columns[start:end]]]
            lines.append(np.full(len(mine), n + m + number))
            counted.append(mine)
            held = int((instance.fixed[group.application] & group.members).sum())
            least.append(np.array([group.least - held]))
            most.append(np.array([np.inf if group.most is None else group.most - held]))
        return Rows(
            np.concatenate(lines),
            np.concatenate(counted),
            np.concatenate(least).astype(np.float64),
            np.concatenate(most).astype(np.float64),
        )

    def _with_ways(self, lines: Rows, rows: Whole, columns: Whole) -> tuple[Rows, int]:
        """The lines with a column for each way of each application: as many of a kind as its ways have."""
        groups_of = self.instance.groups_of()
        numbers, places, weights = [lines.lines], [lines.columns], [np.ones(len(lines.lines))]
        first, count = len(lines.least), len(rows)
        line = first + len(self.kinds)
        for row, mine in itertools.groupby(range(len(self.kinds)), key=lambda kind: self.kinds[kind].application):
            here = list(mine)
            groups = [self.instance.groups[number] for number in groups_of[row]]
            table = ways(self.instance, row, groups, [self.kinds[kind].members for kind in here])
            assert table is not None
            start, end = np.searchsorted(rows, (row, row + 1))
            for column, kind in enumerate(here):
                own = np.arange(start, end)[self.kinds[kind].members[columns[start:end]]]
                numbers += [np.full(len(own), first + kind), np.full(len(table), first + kind)]
                places += [own, count + np.arange(len(table))]
                weights += [np.ones(len(own)), -table[:, column].astype(np.float64)]
            numbers.append(np.full(len(table), line))
            places.append(count + np.arange(len(table)))
            weights.append(np.ones(len(table)))
            line, count = line + 1, count + len(table)
        least = np.concatenate((lines.least, np.zeros(line - first)))
        most = np.concatenate((lines.most, np.zeros(len(self.kinds)), np.ones(line - first - len(self.kinds))))
        whole = Rows(np.concatenate(numbers), np.concatenate(places), least, most, np.concatenate(weights))
        return whole, count - len(rows)

    def _bring_in(self, values: Whole | None, scale: int, prices: Floats) -> bool:
        """Adds the pairs that would gain at these prices, the best of each row."""
        instance = self.instance
        n, m = instance.shape
        gain = np.zeros((n, m)) if values is None else values / scale
        gain -= prices[:n, None]
        gain -= prices[n : n + m]
        for number, group in enumerate(instance.groups):
            gain[group.application] -= prices[n + m + number] * group.members
        if self.whole:
            first = n + m + len(instance.groups)
            for number, kind in enumerate(self.kinds):
                gain[kind.application] -= prices[first + number] * kind.members
        gain[~instance.allowed | instance.fixed | self.active] = 0
        if m > MORE_ARCS:
            least = np.partition(gain, m - MORE_ARCS, axis=1)[:, [m - MORE_ARCS]]
            gain[gain < least] = 0
        more = gain > 1e-7
        self.active |= more
        return bool(more.any())

    def _counts(self, rows: Whole, columns: Whole, taken: Floats) -> list[float]:
        found = []
        for kind in self.kinds:
            start, end = np.searchsorted(rows, (kind.application, kind.application + 1))
            held = int((self.instance.fixed[kind.application] & kind.members).sum())
            found.append(held + float(taken[start:end][kind.members[columns[start:end]]].sum()))
        return found
