"""A smallest set of rules that cannot hold together, found exactly.

Method: implicit hitting sets (Ignatiev, Previti, Liffiton, Marques-Silva: "Smallest MUS extraction with minimal
hitting set dualization", CP 2015). Every selection breaks some rules; a set of rules that cannot hold holds at least
one that it breaks. So take a smallest set that meets all the broken sets seen so far: if it cannot hold, nothing
smaller can; if it can, the selection that shows it adds one more broken set.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from madang.core.selection.cheapest import Cheapest
from madang.core.selection.feasible import Feasibility, Rules, Selection
from madang.core.selection.hitting import Limit, Seen, first_smallest_hitting_set

Loads = tuple[tuple[int, int], ...]

__all__ = ["Conflicts", "Shown", "first_smallest_hitting_set"]


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
    contexts: list[Rules] = field(default_factory=list)  # which told something about the last one asked
    alike: dict[Loads, list[int]] = field(init=False, default_factory=dict)  # same loads but for money, dearest first

    def __post_init__(self) -> None:
        budget = self.ask.lines[self.ask.budgets[0]].weights if self.ask.budgets else {}
        for i in sorted(self.ask.order, key=lambda i: (-budget.get(i, 0), i)):
            self.alike.setdefault(self._without_money(i), []).append(i)

    def _without_money(self, i: int) -> Loads:
        return tuple(load for load in self.ask.loads[i] if load[0] not in self.ask.budgets)

    def smallest(self, inside: Selection, i: int | None, cheapest: Cheapest | None = None) -> Rules:
        """The first, in the order of the rules, among the smallest sets that nothing holding `inside` and `i` keeps.

        The caller knows that all rules together cannot hold, and that `i` breaks no maximum by itself. `inside` only
        grows from call to call; `cheapest` has grown with it. Raises `Unsettled`.
        """
        ask = self.ask
        if cheapest is None:
            cheapest = Cheapest(ask)
            for j in inside:
                cheapest.grow(j)
        if inside != self.inside:
            self.inside = inside
            self.shown = [told for past in self.shown if (told := self._grown(past)) is not None]
        chosen = inside if i is None else inside | {i}
        seen = Seen(sorted(ask.rules))
        if i is not None:
            for past in self.shown:
                seen.meet(self._broken_in(past, i))
        contexts: list[Rules] = []
        if cheapest.exact:
            contexts = [cheapest.closed, *(past for past in self.contexts if past < cheapest.closed)]
            for context in contexts:
                seen.leave(Limit.of(cheapest.bounds(i, context), seen.elements))
        else:
            seen.meet(ask.rules - ask.kept(chosen))
        while True:
            candidate = seen.first()
            if contexts:
                context = candidate & cheapest.closed
                bounds = cheapest.bounds(i, context)
                if bounds.forbids(candidate):
                    self.contexts = contexts[1:]
                    return candidate
                if bounds.allows(candidate):
                    contexts.append(context)
                    seen.leave(Limit.of(bounds, seen.elements))
                    continue
            if i is not None and ask.known_refusal(inside, i, candidate):
                return candidate
            selection = ask.completion(chosen, candidate)
            if selection is None:
                if i is not None:
                    ask.refuse(inside, i, candidate)
                return candidate
            selection = self._keeping_more(chosen, selection, cheapest)
            seen.meet(ask.rules - ask.kept(selection))
            if i is not None:
                sums = ask.sums(selection)
                lines = frozenset(n for n in range(len(ask.lines)) if ask.lines[n].broken_at(sums[n]))
                self.shown.append(Shown(selection, i, sums, lines))

    def _keeping_more(self, chosen: Selection, selection: Selection, cheapest: Cheapest) -> Selection:
        """Rules added one by one as long as something keeps them all: fewer broken rules tell more.

        With a budget each question would be dear: there a minimum is only topped up with its cheapest members.
        """
        kept = self.ask.kept(selection)
        for rule in sorted(self.ask.rules - kept):
            if rule in kept:
                continue
            if cheapest.budgets:
                better = self._topped_up(selection, kept, rule, cheapest)
            else:
                better = self.ask.completion(chosen, kept | {rule})
            if better is not None:
                selection, kept = better, self.ask.kept(better)
        return selection

    def _topped_up(self, selection: Selection, kept: Rules, rule: int, cheapest: Cheapest) -> Selection | None:
        """The selection and the cheapest who fill up the minimum of `rule` and break no maximum of those kept."""
        ask, sums, more = self.ask, self.ask.sums(selection), set[int]()
        for n in cheapest.open:
            line = ask.lines[n]
            if line.rule != rule:
                continue
            for i in cheapest.members(n, cheapest.budgets[0]):
                if sums[n] >= line.at_least:
                    return selection | more
                if i not in selection and not any(r in kept or r == rule for r in ask.broken_by(i, sums)):
                    more.add(i)
                    for number, weight in ask.loads[i]:
                        sums[number] += weight
            return selection | more if sums[n] >= line.at_least else None
        return None

    def _grown(self, past: Shown) -> Shown | None:
        """An earlier selection with all who are in now, each in the place of somebody alike; None if it says less."""
        for i in self.inside - past.selection:
            out = self._alike(past, i)
            if out is None:
                return None
            sums = self._swapped(past, out, i)
            broken = frozenset(n for n in past.broken if n not in sums or self.ask.lines[n].broken_at(sums[n]))
            if any(self.ask.lines[n].broken_at(total) and n not in past.broken for n, total in sums.items()):
                return None
            totals = list(past.sums)
            for n, total in sums.items():
                totals[n] = total
            past = Shown(past.selection - {out} | {i}, past.asked, totals, broken)
        return past

    def _alike(self, past: Shown, i: int) -> int | None:
        """The dearest with the loads of `i` but for money who could leave an earlier selection."""
        able = (j for j in self.alike[self._without_money(i)] if j in past.selection and j not in self.inside)
        return next((j for j in able if j != past.asked), None)

    def _swapped(self, past: Shown, out: int, i: int) -> dict[int, int]:
        """The sums that change when `i` takes the place of `out`."""
        change: dict[int, int] = {}
        for n, weight in self.ask.loads[out]:
            change[n] = -weight
        for n, weight in self.ask.loads[i]:
            change[n] = change.get(n, 0) + weight
        return {n: past.sums[n] + more for n, more in change.items() if more}

    def _broken_in(self, past: Shown, i: int) -> Rules:
        """The rules that an earlier selection breaks with `i` in the place of whom it was found for, or of one alike:
        whichever breaks fewer.
        """
        if i in past.selection:
            return self._rules_broken(past, {})
        broken = self._rules_broken(past, self._swapped(past, past.asked, i))
        other = self._alike(past, i)
        if other is not None:
            instead = self._rules_broken(past, self._swapped(past, other, i))
            broken = min(broken, instead, key=len)
        return broken

    def _rules_broken(self, past: Shown, sums: dict[int, int]) -> Rules:
        lines = self.ask.lines
        broken = {n for n in past.broken if n not in sums}
        broken |= {n for n, total in sums.items() if lines[n].broken_at(total)}
        return frozenset(lines[n].rule for n in broken)
