"""Down the ranking: who is in, who is passed over, and where an equal rank stops the walk.

The law: an application is in if a selection that keeps every rule can still be completed with it and with all those
already in. One who is passed over cannot come back later: those in only become more. So nobody needs to be held out
when the next is asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from madang.core.selection.cheapest import Cheapest
from madang.core.selection.conflict import Conflicts
from madang.core.selection.feasible import Feasibility, Rules, Selection, Unsettled

Groups = Sequence[tuple[int, ...]]
"""Applications of equal rank together, best first; inside a group in input order."""


@dataclass(slots=True)
class Walk:
    """What a walk came to. `passed[i]` = how many were in when `i` was passed over.

    `jointly[i]` = a smallest set of rules that forbids `i` where none does alone; None where time left it open.
    """

    chosen: list[int] = field(default_factory=list)
    passed: dict[int, int] = field(default_factory=dict)
    jointly: dict[int, Rules | None] = field(default_factory=dict)
    tied: tuple[int, ...] = ()
    stopped_at: int | None = None  # the application whose question time did not settle

    @property
    def settled(self) -> bool:
        return not self.tied and self.stopped_at is None


class Walker:
    """One walk: holds those in, their sums, and a completion that shows that the walk can be finished."""

    def __init__(self, ask: Feasibility, witness: Selection) -> None:
        self.ask = ask
        self.witness = witness
        self.walk = Walk()
        self.inside: Selection = frozenset()
        self.sums = ask.sums(self.inside)
        self.cheapest = Cheapest(ask)
        self.jointly: list[int] = []  # passed over, and by no rule alone

    def go(self, groups: Groups, until: int | None = None) -> Walk:
        """Walk the groups in order (and stop after the group with `until`)."""
        for group in groups:
            if not self._settle(group) or until in group:
                break
        return self.walk

    def narrow(self, conflicts: Conflicts) -> None:
        """Puts down the rules that forbid each one passed over; after the walk, since who is selected comes first."""
        cheapest, inside = Cheapest(self.ask), frozenset[int]()
        for i in self.jointly:
            for j in self.walk.chosen[len(inside) : self.walk.passed[i]]:
                cheapest.grow(j)
                inside |= {j}
            try:
                self.walk.jointly[i] = conflicts.smallest(inside, i, cheapest)
            except Unsettled:
                self.walk.jointly[i] = None

    def _settle(self, group: tuple[int, ...]) -> bool:
        """Let in or pass over a whole group; False where the walk must stop.

        Equal ranks are settled only if every order among them gives the same set. One that cannot come in before the
        others cannot come in after them. If those that can, can all together, they are in, whatever the order. If
        not, each of them would be in had it come first, and some would be out: the order decides.
        """
        possible = []
        for i in group:
            try:
                completion = self._with((i,))
            except Unsettled:
                self.walk.stopped_at = i
                return False
            if completion is not None:
                possible.append((i, completion))
        together = possible[0][1] if len(possible) == 1 else None
        if len(possible) > 1:
            try:
                together = self._with(tuple(i for i, _ in possible))
            except Unsettled:
                self.walk.stopped_at = possible[0][0]
                return False
        letting_in = {i for i, _ in possible}
        for i in group:
            if i not in letting_in:
                self._pass_over(i)
        if possible and together is None:
            self.walk.tied = tuple(i for i, _ in possible)
            return False
        if together is not None:
            self.witness = together
            self.inside |= letting_in
            self.sums = self.ask.sums(self.inside) if len(letting_in) > 1 else self._added(possible[0][0])
            self.walk.chosen.extend(i for i, _ in possible)
            for i, _ in possible:
                self.cheapest.grow(i)
        return True

    def _pass_over(self, i: int) -> None:
        self.walk.passed[i] = len(self.inside)
        if not self.ask.is_broken_by(i, self.sums):
            self.jointly.append(i)

    def _added(self, i: int) -> list[int]:
        for number, weight in self.ask.loads[i]:
            self.sums[number] += weight
        return self.sums

    def _with(self, more: tuple[int, ...]) -> Selection | None:
        """A completion that holds those in and `more`, or None. The cheap answers come first; all of them are exact."""
        wanted = self.inside | set(more)
        if wanted <= self.witness:
            return self.witness
        if len(more) == 1 and self.ask.is_broken_by(more[0], self.sums):
            return None
        if not self.ask.has_minimum:
            return wanted if len(more) == 1 or self.ask.kept(wanted) == self.ask.rules else None
        if len(more) == 1 and self.cheapest.exact:
            bounds = self.cheapest.bounds(more[0], self.cheapest.closed)
            if bounds.forbids(self.ask.rules):
                return None
            if bounds.allows(self.ask.rules):
                return self.cheapest.completed(more[0])
        if len(more) == 1 and self.ask.known_refusal(self.inside, more[0]):
            return None
        found = self._exchanged(wanted) or self.ask.completion(wanted)
        if found is None and len(more) == 1:
            self.ask.refuse(self.inside, more[0], self.ask.rules)
        return found

    def _exchanged(self, wanted: Selection) -> Selection | None:
        """The present completion with `wanted` added, as it is or without one of its members that are not yet in."""
        ask, full = self.ask, self.witness | wanted
        sums = ask.sums(full)
        short = {n for n, line in enumerate(ask.lines) if sums[n] < line.at_least}
        over = {n for n, line in enumerate(ask.lines) if line.at_most is not None and sums[n] > line.at_most}
        if short:
            return None
        if not over:
            return full
        for i in full - wanted:
            weights = dict(ask.loads[i])
            if all(sums[n] - weights.get(n, 0) <= (ask.lines[n].at_most or 0) for n in over) and all(
                sums[n] - weight >= ask.lines[n].at_least for n, weight in weights.items()
            ):
                return full - {i}
        return None
