"""The first of the smallest sets of rules that nothing seen so far shows to be kept.

Two kinds of evidence: a selection that breaks some rules (a set of rules that cannot hold has at least one of them),
and bounds that show whole families of sets to be kept at once (`cheapest.Bounds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from madang.core.selection.cheapest import NEVER, Bounds
from madang.core.selection.feasible import Rules


def first_smallest_hitting_set(elements: list[int], sets: Iterable[Rules]) -> Rules:
    """The lexicographically first of the smallest sets that meet every one of `sets` (none of them empty)."""
    return first_smallest(elements, sets, ())


def first_smallest(elements: Sequence[int], sets: Iterable[Rules], kept: Sequence[Limit]) -> Rules:
    """The same, of those that no limit shows to be kept. Raises `ValueError` where there is none."""
    return Seen(elements, sets, kept).first()


class Seen:
    """Evidence that grows from candidate to candidate: the first of the smallest sets that it leaves."""

    def __init__(self, elements: Sequence[int], sets: Iterable[Rules] = (), kept: Iterable[Limit] = ()) -> None:
        self.elements = elements
        self.bits = {element: 1 << place for place, element in enumerate(elements)}
        self.limits = list(kept)
        self.needed: list[int] = []
        self.size = 0  # no smaller set is left: evidence only grows
        for mask in sorted({self._mask(some) for some in sets}, key=int.bit_count):
            self._need(mask)

    def _mask(self, some: Rules) -> int:
        return sum([self.bits[element] for element in some])

    def _need(self, mask: int) -> None:
        if not any(other & mask == other for other in self.needed):
            self.needed = [other for other in self.needed if mask & other != mask]
            self.needed.append(mask)

    def meet(self, some: Rules) -> None:
        """A set must have one of these."""
        self._need(self._mask(some))

    def leave(self, limit: Limit) -> None:
        """What this limit shows to be kept is out."""
        self.limits.append(limit)

    def first(self) -> Rules:
        """Raises `ValueError` where nothing is left."""
        self.needed.sort(key=lambda mask: (mask.bit_count(), mask))
        search = _Search(len(self.elements), self.limits)
        while self.size <= len(self.elements):
            found = search.down(0, 0, self.needed, self.size)
            if found is not None:
                return frozenset(element for element, bit in self.bits.items() if found & bit)
            self.size += 1
        raise ValueError("no set of rules meets an empty set")


@dataclass(frozen=True, slots=True)
class _Measure:
    rule: int  # bit
    room: int
    costs: list[int]
    best: list[list[int]]  # from this place on, the sum of the so many dearest
    sums: dict[int, int]  # of sets met so far

    def cost(self, taken: int) -> int:
        """What a set costs."""
        if taken not in self.sums:
            low = taken & -taken
            self.sums[taken] = self.cost(taken ^ low) + self.costs[low.bit_length() - 1]
        return self.sums[taken]


@dataclass(frozen=True, slots=True)
class Limit:
    """One `Bounds` over places: what lies in `inside` and costs no more than the room on each measure is kept."""

    inside: int
    measures: list[_Measure]

    @classmethod
    def of(cls, bounds: Bounds, elements: Sequence[int]) -> Limit:
        opened = set().union(*bounds.families) - bounds.unfilled
        inside = sum(1 << n for n, element in enumerate(elements) if element in bounds.context or element in opened)
        measures = []
        for measure, room in bounds.room.items():
            most = bounds.most[measure]
            costs = [min(most.get(element, 0), NEVER) for element in elements]
            best, tail = [[0]], list[int]()
            for cost in reversed(costs):
                tail = sorted((*tail, cost), reverse=True)
                sums = [0]
                for one in tail:
                    sums.append(sums[-1] + one)
                best.append(sums)
            measures.append(_Measure(1 << elements.index(bounds.rule_of[measure]), room, costs, best[::-1], {0: 0}))
        return cls(inside, measures)

    def keeps_all(self, taken: int, place: int, size: int, rest: int) -> bool:
        """Whether it keeps every set made of `taken` and `size` more of `rest`, the elements from `place` on."""
        if taken & ~self.inside or (size and rest & ~self.inside):
            return False
        for measure in self.measures:
            if (taken | rest) & measure.rule:
                best = measure.best[place]
                if measure.cost(taken) + best[min(size, len(best) - 1)] > measure.room:
                    return False
        return True


@dataclass(frozen=True, slots=True)
class _Search:
    """Depth first in order: the first set found is the first of its size."""

    count: int
    limits: Sequence[Limit]

    def down(self, place: int, taken: int, sets: list[int], size: int) -> int | None:
        """`taken` with `size` more from `place` on."""
        rest = (1 << self.count) - (1 << place)
        if _apart(sets) > size or self.count - place < size:
            return None
        if any(limit.keeps_all(taken, place, size, rest if size else 0) for limit in self.limits):
            return None
        if size == 0:
            return taken
        if any(not some & rest for some in sets):
            return None
        for n in range(place, self.count - size + 1):
            bit = 1 << n
            after = self.down(n + 1, taken | bit, [some for some in sets if not some & bit], size - 1)
            if after is not None:
                return after
            rest &= ~bit
            if any(not some & rest for some in sets):
                return None
            if any(limit.keeps_all(taken, n + 1, size, rest) for limit in self.limits):
                return None
        return None


def _apart(sets: list[int]) -> int:
    """How many of the sets share nothing with each other, counted greedily: so many elements are needed at least."""
    count = used = 0
    for some in sets:
        if not some & used:
            count, used = count + 1, used | some
    return count
