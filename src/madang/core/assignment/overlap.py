"""Composition rules that overlap: prices for some, and branches over how many of each kind an application has.

A kind are the evaluators with the same tags, of those that an application counts. Kinds are apart, so limits on how
many of each come in fit into the flow, whatever the rules are. Where all counts are settled, the flow is exact; the
search needs them settled only where the rules really pull in two directions.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from madang.core.assignment.duals import Prices, bound
from madang.core.assignment.instance import Flags, Group, Instance, Whole
from madang.core.assignment.network import Network
from madang.core.assignment.own_best import kinds_of, own_bound, ways
from madang.core.assignment.relaxation import Kind, Relaxation, first_pairs
from madang.core.assignment.total import Best, Leaf, Node, Split, fixed_too_many, laminar, plain
from madang.core.deadline import Deadline

#: Prices of rules are rounded to such parts of a millionth: halves, thirds and their like stay exact.
PARTS = 5040

Spans = dict[int, tuple[int, int]]
"""Kind -> the least and most of it; in the order of the splits."""


@dataclass(slots=True)
class Part:
    """A part of all plans: what bounds it, and how the search would split it further."""

    spans: Spans
    leaf: Leaf
    bound: int | None  # None: empty
    counts: Sequence[float]  # of each kind, in the relaxation
    split: tuple[int, int] | None = None  # kind, at
    below: Part | None = None
    above: Part | None = None


@dataclass(slots=True)
class Branching:
    """Best part first: the search ends when no part that is left could hold a better plan."""

    instance: Instance
    values: Whole
    deadline: Deadline
    best_pairs: Flags | None = None
    best_value: int = 0
    times: int = field(init=False)
    step: int = field(init=False)  # sums of values are its multiples
    kinds: list[Kind] = field(init=False)

    whole: bool = False  # whether the relaxation counts every way to share places among kinds
    active: Flags = field(init=False)  # the pairs that the relaxation looks at

    def __post_init__(self) -> None:
        largest = int(np.abs(self.values).max(initial=0))
        self.times = PARTS if largest < 2**34 else 1
        self.step = max(int(np.gcd.reduce(self.values, axis=None)), 1) if self.values.size else 1
        inside = set(laminar(self.instance))
        torn = {group.application for number, group in enumerate(self.instance.groups) if number not in inside}
        self.kinds = [kind for row in sorted(torn) for kind in self._kinds_of(row)]
        self.active = first_pairs(self.instance, self.values, self.kinds)

    def _kinds_of(self, row: int) -> Iterator[Kind]:
        groups = [group for group in self.instance.groups if group.application == row]
        for tags, members in kinds_of(groups, self.instance.shape[1]).items():
            yield Kind(row, tags, members)

    def best(self) -> Best:
        """Cost: for each part a linear relaxation and a flow."""
        root = self._part({})
        if (
            root.bound is not None
            and not self._settled(root.bound)
            and self._countable()
            and not self.deadline.expired()
        ):
            self.whole = True
            sharper = self._part({})
            root = sharper if sharper.bound is None or sharper.bound < root.bound else root
        waiting = [] if root.bound is None else [(-root.bound, 0, root)]
        ends: list[int] = []  # bounds of parts that cannot be split
        order = itertools.count(1)
        while waiting and not self._settled(-waiting[0][0]) and not self.deadline.expired():
            most, _, part = heapq.heappop(waiting)
            part.split = self._where(part)
            if part.split is None:
                ends.append(-most)
                continue
            kind, at = part.split
            low, high = self._span(part.spans, kind)
            part.below = self._part(part.spans | {kind: (low, at)})
            part.above = self._part(part.spans | {kind: (at + 1, high)})
            if self.deadline.expired():  # the halves may be bounded badly: the whole stands as it was
                part.below = part.above = None
                ends.append(-most)
                break
            for child in (part.below, part.above):
                if child.bound is not None:
                    heapq.heappush(waiting, (-child.bound, next(order), child))
        most_left = max([*ends, *(-first for first, _, _ in waiting)], default=None)
        proven = most_left is None or self._settled(most_left)
        known = [most for most in (most_left, None if self.best_pairs is None else self.best_value) if most is not None]
        nodes = tuple(self._preorder(root))
        return Best(self.best_pairs, self.best_value, max(known, default=None), nodes, self.times, proven)

    def _settled(self, most: int) -> bool:
        return self.best_pairs is not None and most <= self.best_value

    def _preorder(self, root: Part) -> Iterator[Node]:
        stack = [root]
        while stack:
            part = stack.pop()
            if part.split is None or part.below is None or part.above is None:
                yield part.leaf
                continue
            kind = self.kinds[part.split[0]]
            yield Split(kind.application, kind.tags, part.split[1])
            stack += (part.above, part.below)

    def _span(self, spans: Spans, kind: int) -> tuple[int, int]:
        one = self.kinds[kind]
        room = int((self.instance.allowed[one.application] & one.members).sum())
        return spans.get(kind, (0, min(room, int(self.instance.required[one.application]))))

    def _part(self, spans: Spans) -> Part:
        """A part with its bound; whatever plan comes up on the way is remembered."""
        first = len(self.instance.groups)
        within = [
            Group(self.kinds[kind].application, self.kinds[kind].members, low, high)
            for kind, (low, high) in spans.items()
        ]
        instance = replace(self.instance, groups=(*self.instance.groups, *within))
        broken = fixed_too_many(instance)
        if broken is not None:
            return Part(spans, Leaf(broken, True), None, ())
        inside = laminar(instance, range(first, len(instance.groups)))
        outside = [number for number in range(len(instance.groups)) if number not in set(inside)]
        network = Network(instance, inside)
        relaxation = Relaxation(instance, self.kinds, self.active, self.deadline, self.whole)
        if self.whole:
            part = self._own(instance, relaxation, spans)
            if part is not None:
                return part
            relaxation.whole = False
        hint = relaxation.solve(self.values, outside, self.times)
        if hint.missing:
            hint = relaxation.solve(None, outside, self.times)
            leaf = self._leaf(network, None, hint.prices)
            if leaf.empty:
                return Part(spans, leaf, None, ())
        leaf = self._leaf(network, self.values, hint.prices)
        if leaf.empty:
            return Part(spans, leaf, None, ())
        most = bound(instance, self.values, leaf.prices, self.times) // (self.times * self.step) * self.step
        if hint.counts and not self._settled(most):
            whole = [round(count) for count in hint.counts]
            torn = any(abs(count - near) > 1e-6 for count, near in zip(hint.counts, whole, strict=True))
            self._take(relaxation.settled(self.values) if torn and not spans else None if torn else whole)
        return Part(spans, leaf, most, hint.counts)

    def _own(self, instance: Instance, relaxation: Relaxation, spans: Spans) -> Part | None:
        """The part by the sharper relaxation; None where an application alone settles it, or time ended."""
        if any(table is None or not len(table) for table in self._ways(instance)):
            return None
        hint = relaxation.solve(self.values, (), self.times)
        empty = hint.missing
        if empty:
            hint = relaxation.solve(None, (), self.times)
        if hint.evaluators is None:
            return None
        n = self.instance.shape[0]
        prices = Prices(np.zeros(n, dtype=np.int64), hint.evaluators, (0,) * len(instance.groups))
        found = own_bound(instance, None if empty else self.values, hint.evaluators, 1 if empty else self.times)
        if found is None or (empty and found >= 0):
            return None
        if empty:
            return Part(spans, Leaf(prices, True, True), None, ())
        most = found // (self.times * self.step) * self.step
        if not self._settled(most):
            counts = [round(count) for count in hint.counts]
            torn = any(abs(count - near) > 1e-6 for count, near in zip(hint.counts, counts, strict=True))
            if not torn or not spans:
                self._take(relaxation.settled(self.values) if torn else counts)
        return Part(spans, Leaf(prices, False, True), most, hint.counts)

    def _ways(self, instance: Instance) -> Iterator[Whole | None]:
        groups_of = instance.groups_of()
        for row, mine in itertools.groupby(self.kinds, key=lambda kind: kind.application):
            groups = [instance.groups[number] for number in groups_of[row]]
            yield ways(instance, row, groups, [kind.members for kind in mine])

    def _countable(self) -> bool:
        return all(table is not None for table in self._ways(self.instance))

    def _leaf(self, network: Network, values: Whole | None, z: dict[int, int]) -> Leaf:
        instance = network.instance
        priced = np.zeros_like(instance.affinity) if values is None else values * self.times
        for number, price in z.items():
            group = instance.groups[number]
            priced[group.application, group.members] -= price
        found = plain(network, priced)
        if found.missing:
            return Leaf(found.prices, True)
        prices = tuple(z.get(number, price) for number, price in enumerate(found.prices.z))
        whole = Prices(found.prices.u, found.prices.v, prices)
        self._remember(found.pairs)
        return Leaf(whole, values is None and bound(instance, None, whole) < 0)

    def _remember(self, pairs: Flags) -> None:
        for group in self.instance.groups:
            count = int((pairs[group.application] & group.members).sum())
            if count < group.least or (group.most is not None and count > group.most):
                return
        value = int(self.values[pairs].sum())
        if self.best_pairs is None or value > self.best_value:
            self.best_pairs, self.best_value = pairs, value

    def _take(self, counts: Sequence[int] | None) -> None:
        """Settles every count as told, and takes the flow's plan."""
        if counts is None:
            return
        within = [
            Group(kind.application, kind.members, count, count) for kind, count in zip(self.kinds, counts, strict=True)
        ]
        torn = {kind.application for kind in self.kinds}
        others = [group for group in self.instance.groups if group.application not in torn]
        settled = replace(self.instance, groups=(*within, *others))
        if fixed_too_many(settled) is None:
            found = plain(Network(settled, range(len(settled.groups))), self.values)
            if not found.missing:
                self._remember(found.pairs)

    def _where(self, part: Part) -> tuple[int, int] | None:
        """The kind that the relaxation settles least, and where to split; None where all are settled."""
        wished = part.counts or [0.0] * len(self.kinds)

        def torn(kind: int) -> float:
            return min(wished[kind] % 1, -wished[kind] % 1)

        spans = [self._span(part.spans, kind) for kind in range(len(self.kinds))]
        open_kinds = [kind for kind, (low, high) in enumerate(spans) if low < high]
        if not open_kinds:
            return None
        kind = max(open_kinds, key=torn)  # the first of those torn most
        low, high = spans[kind]
        return kind, max(low, min(high - 1, int(wished[kind] + 1e-6)))
