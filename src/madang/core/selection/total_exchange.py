"""An equally good selection close by: one or two of the selected exchanged for as many others of the same sums.

Spares the rank stage most of its searches where many selections are equally good. It proves nothing: what it finds is
checked against every limit, and where it finds nothing the search decides.
"""

from __future__ import annotations

from collections.abc import Iterable

from madang.core.selection.total_system import Limits, Selection, System, broken

MOST_LEAVING = 400
MOST_TRIED = 30_000
Key = tuple[int, int]


class Exchanges:
    """Exchanges with one selection; the pairs that could leave it are remembered by their value and grant."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.chosen: Selection = frozenset()
        self.leaving: dict[Key, list[tuple[int, ...]]] = {}
        self.sums: list[int] = []
        self.bound: Selection = frozenset()

    def find(self, limits: Limits, chosen: Selection, wanted: Iterable[int]) -> Selection | None:
        """A selection within the limits that holds one of `wanted`, or None. Cost: pairs of those who could leave."""
        self._remember(chosen, limits.inside)
        left = MOST_TRIED
        for i in wanted:
            mine = self._key((i,))
            others = (a for a in range(self.system.count) if a not in chosen and a != i and a not in limits.outside)
            for entering in ((i,), *((i, a) for a in others)):
                key = mine if len(entering) == 1 else self._key(entering)
                for leaving in self.leaving.get(key, ()):
                    if len(leaving) != len(entering) or any(j in limits.inside for j in leaving):
                        continue
                    left -= 1
                    if self._fits(limits, entering, leaving):
                        return chosen.difference(leaving).union(entering)
                    if left == 0:
                        return None
        return None

    def _remember(self, chosen: Selection, inside: Selection) -> None:
        if chosen == self.chosen:
            return
        self.chosen, self.sums, self.leaving = chosen, self.system.sums(chosen), {}
        free = sorted(chosen - inside)[-MOST_LEAVING:]
        for place, j in enumerate(free):
            self.leaving.setdefault(self._key((j,)), []).append((j,))
            for b in free[:place]:
                self.leaving.setdefault(self._key((j, b)), []).append((j, b))

    def _key(self, some: tuple[int, ...]) -> Key:
        value, grant = self.system.rows[self.system.value], self.system.rows[self.system.grant]
        return sum(value.get(i, 0) for i in some), sum(grant.get(i, 0) for i in some)

    def _fits(self, limits: Limits, entering: tuple[int, ...], leaving: tuple[int, ...]) -> bool:
        change: dict[int, int] = {}
        for some, sign in ((entering, 1), (leaving, -1)):
            for i in some:
                for row, weight in self.system.loads[i]:
                    change[row] = change.get(row, 0) + sign * weight
        for row, more in change.items():
            total, least, most = self.sums[row] + more, limits.least[row], limits.most[row]
            if (least is not None and total < least) or (most is not None and total > most):
                return False
        sums = list(self.sums)
        for row, more in change.items():
            sums[row] += more
        return broken(limits, sums) is None
