"""A smallest set of rules that cannot hold together, found exactly.

Method: implicit hitting sets (Ignatiev, Previti, Liffiton, Marques-Silva: "Smallest MUS extraction with minimal
hitting set dualization", CP 2015). Every selection breaks some rules; a set of rules that cannot hold holds at least
one that it breaks. So take a smallest set that meets all the broken sets seen so far: if it cannot hold, nothing
smaller can; if it can, the selection that shows it adds one more broken set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from madang.core.selection.feasible import Feasibility, Rules, Selection


@dataclass(frozen=True, slots=True)
class Shown:
    """A selection that holds those in and `asked`, and keeps some of the rules: it may show as much for the next."""

    selection: Selection
    asked: int
    sums: list[int]
    broken: frozenset[int]  # lines


@dataclass(slots=True)
class Conflicts:
    """Smallest conflicts of one walk, asked down the ranking; what was found for one is tried for the next."""

    ask: Feasibility
    inside: Selection = frozenset()
    shown: list[Shown] = field(default_factory=list)

    def smallest(self, inside: Selection, i: int | None) -> Rules:
        """The first, in the order of the rules, among the smallest sets that nothing holding `inside` and `i` keeps.

        The caller knows that all rules together cannot hold. `inside` only grows from call to call. Raises `Unsettled`.
        """
        ask = self.ask
        if inside != self.inside:
            self.inside = inside
            self.shown = [past for past in self.shown if inside <= past.selection]
        chosen = inside if i is None else inside | {i}
        broken = [ask.rules - ask.kept(chosen)]
        if i is not None:
            broken += [rules for past in self.shown if (rules := self._broken_in(past, i))]
        while True:
            candidate = first_smallest_hitting_set(sorted(ask.rules), broken)
            if i is not None and ask.known_refusal(inside, i, candidate):
                return candidate
            selection = ask.completion(chosen, candidate)
            if selection is None:
                if i is not None:
                    ask.refuse(inside, i, candidate)
                return candidate
            selection = self._keeping_more(chosen, selection)
            broken.append(ask.rules - ask.kept(selection))
            if i is not None:
                sums = ask.sums(selection)
                lines = frozenset(n for n in range(len(ask.lines)) if ask.lines[n].broken_at(sums[n]))
                self.shown.append(Shown(selection, i, sums, lines))

    def _keeping_more(self, chosen: Selection, selection: Selection) -> Selection:
        """Rules added one by one as long as something keeps them all: fewer broken rules tell more."""
        kept = self.ask.kept(selection)
        for rule in sorted(self.ask.rules - kept):
            better = None if rule in kept else self.ask.completion(chosen, kept | {rule})
            if better is not None:
                selection, kept = better, self.ask.kept(better)
        return selection

    def _broken_in(self, past: Shown, i: int) -> Rules:
        """The rules that an earlier selection breaks with `i` in the place of the one it was found for."""
        lines, change = self.ask.lines, dict[int, int]()
        if i not in past.selection:
            for line, weight in self.ask.loads[past.asked]:
                change[line] = -weight
            for line, weight in self.ask.loads[i]:
                change[line] = change.get(line, 0) + weight
        broken = {n for n in past.broken if n not in change}
        broken |= {n for n, more in change.items() if lines[n].broken_at(past.sums[n] + more)}
        return frozenset(lines[n].rule for n in broken)


def first_smallest_hitting_set(elements: list[int], sets: Iterable[Rules]) -> Rules:
    """The lexicographically first of the smallest sets that meet every one of `sets` (none of them empty)."""
    distinct = set(sets)
    needed = [s for s in distinct if not any(other < s for other in distinct)]
    for size in range(1, len(elements) + 1):
        hit = _hit(elements, needed, size)
        if hit is not None:
            return frozenset(hit)
    raise ValueError("no set of rules meets an empty set")


def _hit(elements: list[int], sets: list[Rules], size: int) -> tuple[int, ...] | None:
    """Depth first in order; gives up where `size` elements cannot meet the sets that share nothing with each other."""
    if not sets:
        return ()
    if size == 0 or _apart(sets) > size:
        return None
    for place, element in enumerate(elements):
        rest = [s for s in sets if element not in s]
        if len(rest) < len(sets):
            after = _hit(elements[place + 1 :], rest, size - 1)
            if after is not None:
                return (element, *after)
        if any(s.isdisjoint(elements[place + 1 :]) for s in sets):
            return None
    return None


def _apart(sets: list[Rules]) -> int:
    count, used = 0, set[int]()
    for s in sorted(sets, key=len):
        if used.isdisjoint(s):
            count, used = count + 1, used | s
    return count
