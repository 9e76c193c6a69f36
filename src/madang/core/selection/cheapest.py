"""What open minimums cost at least and at most, when each is filled by its cheapest members.

A minimum that is still short needs so many more of its members. Its cheapest members give a least cost; where no
application fills two of the minimums, these least costs add up to a proof. Fills that disturb nobody else give a most
cost: their union shows a set of minimums that can be kept, and so does every part of it. Where the minimums are the
values of one tag both agree but for caps, and no search is needed to answer for any set of rules.

Terms: `open` rules have a minimum that those in do not meet yet; the others are `closed`: only their maxima count. A
context is a set of closed rules that must hold. `measures` are lines that add something up over everybody: budgets
and seats.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from madang.core.selection.feasible import Feasibility, Rules, Selection

NEVER = 1 << 90  #: The cost of a minimum that its members cannot fill.


@dataclass(slots=True)
class _Fill:
    """In one context: for each open line its cheapest members, alone (per budget) and beside all other fills."""

    alone: dict[tuple[int, int], list[int] | None]  # (open line, budget line)
    beside: dict[int, list[int] | None]
    sums: list[int]  # of those in and of all fills `beside`
    costs: dict[tuple[int, int, bool], int] = field(default_factory=dict)  # (open line, measure, alone?) -> sum


@dataclass(frozen=True, slots=True)
class Bounds:
    """For one application and one context; costs by measure and open rule.

    A set of open rules can be kept in this context (and in any part of it) if on each measure the `most` add up to no
    more than `room`; it cannot, if on some measure the `least` of one family add up to more.
    """

    context: Rules
    room: dict[int, int]  # measure -> what is left of it
    least: dict[int, dict[int, int]]  # measure -> open rule -> cost
    most: dict[int, dict[int, int]]
    rule_of: dict[int, int]  # measure -> its rule
    unfilled: Rules  # open rules for which no fill was found beside the others
    families: tuple[Rules, ...]

    def forbids(self, rules: Rules) -> bool:
        """Proven: nothing keeps `rules`, whose closed ones are this context."""
        for measure, room in self.room.items():
            if self.rule_of[measure] in rules:
                costs = self.least[measure]
                if any(sum(costs[r] for r in family & rules) > room for family in self.families):
                    return True
        return any(cost >= NEVER for costs in self.least.values() for r, cost in costs.items() if r in rules)

    def allows(self, rules: Rules) -> bool:
        """Proven: something keeps `rules`, whose closed ones lie in this context."""
        return all(
            sum(cost for r, cost in self.most[measure].items() if r in rules) <= room
            for measure, room in self.room.items()
            if self.rule_of[measure] in rules
        ) and self.unfilled.isdisjoint(rules)


@dataclass(slots=True)
class Cheapest:
    """The fills along one walk: `grow` as somebody comes in, `bounds` for whoever is asked about."""

    ask: Feasibility
    sums: list[int] = field(init=False)
    inside: set[int] = field(init=False, default_factory=set)
    measures: tuple[int, ...] = field(init=False)
    budgets: tuple[int, ...] = field(init=False)
    ordered: dict[tuple[int, int], list[int]] = field(init=False, default_factory=dict)
    open: dict[int, int] = field(init=False, default_factory=dict)  # line -> how many are missing
    families: tuple[Rules, ...] = field(init=False, default=())
    fills: dict[Rules, _Fill] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        lines, everybody = self.ask.lines, len(self.ask.order)
        self.sums = [0] * len(lines)
        self.budgets = self.ask.budgets
        seats = [n for n, line in enumerate(lines) if len(line.weights) == everybody and n not in self.budgets]
        self.measures = (*self.budgets, *(n for n in seats if not lines[n].at_least and lines[n].at_most is not None))
        self._reopen()

    @property
    def useful(self) -> bool:
        """Whether there is anything to add up: an open minimum and a measure that it draws on."""
        return bool(self.open and self.measures)

    @property
    def exact(self) -> bool:
        """Useful, and nobody fills two open minimums: both sides agree but for maxima between the fills."""
        return self.useful and len(self.families) == 1

    @property
    def closed(self) -> Rules:
        """The rules of which only maxima count now."""
        return self.ask.rules - {self.ask.lines[n].rule for n in self.open}

    def _reopen(self) -> None:
        lines = self.ask.lines
        self.open = {
            n: line.at_least - total
            for n, (line, total) in enumerate(zip(lines, self.sums, strict=True))
            if line.at_least > total
        }
        families: list[tuple[set[int], set[int]]] = []
        for n in self.open:
            members = lines[n].weights.keys()
            for rules, taken in families:
                if taken.isdisjoint(members):
                    rules.add(lines[n].rule)
                    taken.update(members)
                    break
            else:
                families.append(({lines[n].rule}, set(members)))
        self.families = tuple(frozenset(rules) for rules, _ in families)
        self.fills = {}

    def grow(self, i: int) -> None:
        """`i` came in."""
        self.inside.add(i)
        closes = False
        for n, weight in self.ask.loads[i]:
            self.sums[n] += weight
            if n in self.open:
                self.open[n] -= weight
                closes = closes or self.open[n] <= 0
        if closes:
            self._reopen()
            return
        for context in list(self.fills):
            if not self._grown(context, i):
                del self.fills[context]

    def _grown(self, context: Rules, i: int) -> bool:
        """The fills of a context after `i` came in; False where they must be made anew."""
        fill, ask = self.fills[context], self.ask
        fill.costs.clear()
        for n, weight in ask.loads[i]:
            fill.sums[n] += weight
        mine = [n for n, _ in ask.loads[i] if n in self.open]
        for n in mine:
            self._leave(fill, _spare(fill.beside[n], i))
        full = [n for n, _ in ask.loads[i] if self._is_full(n, context)]
        bounding = context | {ask.lines[n].rule for n in self.open}
        if any(self._over(n, fill.sums[n], bounding) for n, _ in ask.loads[i]):
            return False
        blocked = {j for n in full for j in ask.lines[n].weights}
        for (n, budget), members in fill.alone.items():
            if n in mine:
                _spare(members, i)
            if members and blocked and not blocked.isdisjoint(members):
                fill.alone[n, budget] = self._alone(n, budget, context)
        return True

    def _over(self, n: int, total: int, bounding: Rules) -> bool:
        """Whether a total breaks the maximum of a line that is no measure, if its rule counts."""
        most = self.ask.lines[n].at_most
        return most is not None and total > most and n not in self.measures and self.ask.lines[n].rule in bounding

    def _leave(self, fill: _Fill, gone: int | None) -> None:
        if gone is not None:
            for n, weight in self.ask.loads[gone]:
                fill.sums[n] -= weight

    def _is_full(self, n: int, context: Rules) -> bool:
        line = self.ask.lines[n]
        most = line.at_most
        return line.rule in context and n not in self.measures and most is not None and self.sums[n] >= most

    def members(self, n: int, budget: int | None) -> list[int]:
        """The members of a line, cheapest first."""
        key = (n, -1 if budget is None else budget)
        if key not in self.ordered:
            weights = {} if budget is None else self.ask.lines[budget].weights
            self.ordered[key] = sorted(self.ask.lines[n].weights, key=lambda i: (weights.get(i, 0), i))
        return self.ordered[key]

    def _alone(self, n: int, budget: int, context: Rules) -> list[int] | None:
        """The cheapest who could come in at all, as many as are missing; None where they are too few."""
        found: list[int] = []
        for i in self.members(n, budget):
            if len(found) == self.open[n]:
                break
            if i not in self.inside and not any(self._is_full(line, context) for line, _ in self.ask.loads[i]):
                found.append(i)
        return found if len(found) == self.open[n] else None

    def _fill(self, context: Rules) -> _Fill:
        if context not in self.fills:
            alone = {(n, b): self._alone(n, b, context) for n in self.open for b in self.budgets}
            beside, sums = self._beside(context, self.open, list(self.sums), self.inside)
            self.fills[context] = _Fill(alone, beside, sums)
        return self.fills[context]

    def _beside(
        self, context: Rules, missing: dict[int, int], sums: list[int], inside: Iterable[int]
    ) -> tuple[dict[int, list[int] | None], list[int]]:
        """Fills that break no maximum together, one line after the other, nobody in two of them."""
        lines, taken = self.ask.lines, set(inside)
        bounding = context | {lines[n].rule for n in self.open}
        found: dict[int, list[int] | None] = {}
        for n, wanted in missing.items():
            some: list[int] = []
            for i in self.members(n, self.budgets[0] if self.budgets else None):
                if len(some) == wanted:
                    break
                if i not in taken and self._fits(i, sums, bounding):
                    some.append(i)
                    taken.add(i)
                    for line, weight in self.ask.loads[i]:
                        sums[line] += weight
            found[n] = some if len(some) == wanted else None
        return found, sums

    def _fits(self, i: int, sums: list[int], bounding: Rules) -> bool:
        return not any(self._over(n, sums[n] + weight, bounding) for n, weight in self.ask.loads[i])

    def bounds(self, i: int | None, context: Rules) -> Bounds:
        """What the open minimums cost beside those in and `i`, who breaks no maximum by coming in."""
        ask, fill = self.ask, self._fill(context)
        loads = dict(ask.loads[i]) if i is not None else {}
        beside = self._beside_of(i, context, fill)
        rule_of = {m: ask.lines[m].rule for m in self.measures if ask.lines[m].rule in context}
        least: dict[int, dict[int, int]] = {}
        most: dict[int, dict[int, int]] = {}
        for m in rule_of:
            least[m], most[m] = {}, {}
            for n, missing in self.open.items():
                rule = ask.lines[n].rule
                most[m][rule] = self._cost(fill, n, m, i, beside)
                if m in self.budgets:
                    least[m][rule] = self._cost(fill, n, m, i, None)
                else:
                    least[m][rule] = missing - loads.get(n, 0)
        room = {m: (ask.lines[m].at_most or 0) - self.sums[m] - loads.get(m, 0) for m in rule_of}
        unfilled = frozenset(ask.lines[n].rule for n, members in beside.items() if members is None)
        return Bounds(context, room, least, most, rule_of, unfilled, self.families)

    def _cost(
        self, fill: _Fill, n: int, measure: int, i: int | None, beside: dict[int, list[int] | None] | None
    ) -> int:
        """What the fill of an open line costs, alone (`beside` None) or beside others; one place less where `i` fills
        it, unless the fills were made around `i`.
        """
        alone, weights = beside is None, self.ask.lines[measure].weights
        members = fill.alone[n, measure] if beside is None else beside[n]
        if members is None:
            return NEVER
        made_around = not alone and beside is not fill.beside
        key = (n, measure, alone)
        if made_around or key not in fill.costs:
            total = sum([weights.get(j, 0) for j in members])
            if made_around:
                return total
            fill.costs[key] = total
        if i not in self.ask.lines[n].weights or not members:
            return fill.costs[key]
        return fill.costs[key] - weights.get(i if i in members else members[-1], 0)

    def _beside_of(self, i: int | None, context: Rules, fill: _Fill) -> dict[int, list[int] | None]:
        """The fills of the context, if `i` disturbs none of them, else others made around `i`."""
        if i is None:
            return fill.beside
        change: dict[int, int] = dict(self.ask.loads[i])
        for n in list(change):
            if n in self.open and fill.beside[n]:
                members = fill.beside[n] or []
                gone = i if i in members else members[-1]
                for line, weight in self.ask.loads[gone]:
                    change[line] = change.get(line, 0) - weight
        bounding = context | {self.ask.lines[n].rule for n in self.open}
        if not any(self._over(n, fill.sums[n] + more, bounding) for n, more in change.items() if more > 0):
            return fill.beside
        sums = list(self.sums)
        for n, weight in self.ask.loads[i]:
            sums[n] += weight
        mine = dict(self.ask.loads[i])
        missing = {n: wanted - mine.get(n, 0) for n, wanted in self.open.items()}
        return self._beside(context, missing, sums, {*self.inside, i})[0]

    def completed(self, i: int) -> Selection:
        """Those in, `i`, and the fills that the bounds of all rules allow."""
        context = self.closed
        fill = self._fill(context)
        beside = self._beside_of(i, context, fill)
        chosen = {*self.inside, i}
        for n, members in beside.items():
            some = list(members or [])
            if beside is fill.beside and i in self.ask.lines[n].weights:
                _spare(some, i)
            chosen.update(some)
        return frozenset(chosen)


def _spare(members: list[int] | None, i: int) -> int | None:
    """One place less to fill: `i` itself leaves the fill, or its dearest member."""
    if not members:
        return None
    if i in members:
        members.remove(i)
        return i
    return members.pop()
