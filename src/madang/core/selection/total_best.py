"""The best selection in three stages, each proven: largest value, then smallest grant, then the better ranks.

Every stage is the question "is there one that is better still?", answered by `total_search`: a selection goes on as
the new best, a tree is the proof. Ranks are compared group by group down the ranking: the selection with more of the
first rank at which the numbers differ is better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from madang.core.deadline import Deadline
from madang.core.selection.feasible import Unsettled
from madang.core.selection.total_counted import counted
from madang.core.selection.total_exchange import Exchanges
from madang.core.selection.total_search import OPEN, Aim, Core, Node, Search, Sum
from madang.core.selection.total_system import Limits, Selection, System

SHORT = 30  # boxes


@dataclass(slots=True)
class Proof:
    """What shows that nothing is better: a tree for each stage. See "certificate" in `docs/formats/solve.md`."""

    value: Node = field(default_factory=Node)
    grant: Node = field(default_factory=Node)
    settled: list[Sum] = field(default_factory=list)  # settles applications for all of the following
    ranks: list[tuple[int, Node]] = field(default_factory=list)  # (group, no selection has one more of it)
    rest: Node = field(default_factory=Node)  # no other selection is as good, but for the tied
    others: list[Selection] = field(default_factory=list)  # as good as the selected: they show who is tied


@dataclass(slots=True)
class Best:
    """`chosen` is one best selection; `tied` are in some best selections and not in others."""

    chosen: Selection
    value: int  # in millionths
    grant: int
    counts: tuple[int, ...]  # of each group
    tied: Selection = frozenset()
    proof: Proof = field(default_factory=Proof)

    @property
    def common(self) -> Selection:
        return self.chosen - self.tied

    @property
    def order(self) -> tuple[int, int, tuple[int, ...]]:
        """Compares two selections: the larger is the better."""
        return self.value, -self.grant, self.counts


class NotProven(Exception):
    """Time ended with a selection in hand; `proven` shows that its value is the largest, after the value stage."""

    def __init__(self, chosen: Selection, stage: str, proven: Node | None) -> None:
        super().__init__(stage)
        self.chosen, self.stage, self.proven = chosen, stage, proven


def best(system: System, limits: Limits, deadline: Deadline, start: Selection | None = None) -> Best | None:
    """The best selection within the limits, None where there is none. `start` is within them, if given.

    Raises `NotProven` or, without any selection, `Unsettled`.
    """
    return _Stages(system, limits, deadline).go(start)


def amount(system: System, row: int, chosen: Iterable[int]) -> int:
    """What the chosen add up to on a row, not divided."""
    weights = system.rows[row]
    return sum(weights.get(i, 0) for i in chosen) * system.divisors[row]


def counts_of(system: System, chosen: Selection) -> tuple[int, ...]:
    return tuple(sum(i in chosen for i in group) for group in system.groups)


class _Stages:
    def __init__(self, system: System, limits: Limits, deadline: Deadline) -> None:
        self.system, self.rules, self.deadline = system, limits, deadline
        self.proof = Proof()

    def go(self, start: Selection | None) -> Best | None:
        system = self.system
        chosen, self.proof.value = self._climb(self.rules, Aim(system.value, 1), start, "value")
        if chosen is None:
            return None
        value = amount(system, system.value, chosen)
        limits = self.rules.copy()
        system.at_least(limits, system.value, value)
        chosen, self.proof.grant = self._climb(limits, Aim(system.grant, -1), chosen, "grant")
        assert chosen is not None, "it started with one"
        grant = amount(system, system.grant, chosen)
        system.at_most(limits, system.grant, grant)
        try:
            chosen, tied = _Ranks(system, limits, self.deadline, self.proof).go(chosen)
        except Unsettled:
            raise NotProven(chosen, "ranks", self.proof.value) from None
        return Best(chosen, value, grant, counts_of(system, chosen), tied, self.proof)

    def _climb(self, limits: Limits, aim: Aim, best: Selection | None, stage: str) -> tuple[Selection | None, Node]:
        """Better and better along the aim, until a whole search finds no more. That search is the proof.

        It asks from above: nobody comes near the bound of the relaxation, then a little further down, so that every
        search is short; what is found then climbs.
        """
        climb = _Climb(self.system, limits.copy(), aim, self.deadline, best)
        try:
            return climb.go()
        except Unsettled:
            if climb.best is None:
                raise
            raise NotProven(climb.best, stage, None if stage == "value" else self.proof.value) from None


class _Climb:
    def __init__(self, system: System, limits: Limits, aim: Aim, deadline: Deadline, best: Selection | None) -> None:
        self.system, self.limits, self.aim, self.deadline, self.best = system, limits, aim, deadline, best
        self.improved = False
        self.known: list[Sum] = []  # of the first relaxation: it need not be solved again for every height

    def go(self) -> tuple[Selection | None, Node]:
        weights = self.system.rows[self.aim.row].values()
        worst = sum(min(0, weight * self.aim.sense) for weight in weights)
        lowest = worst if self.best is None else self._height(self.best) + 1
        top = self._ceiling(lowest)
        gap = 0
        self._try_at(top)
        while top - gap > lowest and not self.improved:
            self._search(top - gap)
            gap = gap * 4 or 1
        while True:
            self.improved = False
            tree = self._search(lowest if self.best is None else self._height(self.best) + 1)
            if not self.improved:
                return self.best, tree

    def _try_at(self, height: int) -> None:
        """At the bound itself very many may be equally good, and a search loses itself among them: a short one only."""
        self._ask_for(height)
        try:
            limits = self.limits
            Search(self.system, limits, self.aim, self.deadline, self._found, known=self.known, most_nodes=SHORT).run()
        except Unsettled:
            if self.deadline.expired():
                raise
            self._ask_for(height)
            found = counted(self.system, self.limits, 1.0) if self.best is None else None
            if found is not None:
                self._found(found)

    def _height(self, chosen: Selection) -> int:
        weights = self.system.rows[self.aim.row]
        return self.aim.sense * sum(weights.get(i, 0) for i in chosen)

    def _ask_for(self, height: int) -> None:
        if self.aim.sense > 0:
            self.limits.least[self.aim.row] = height
        else:
            self.limits.most[self.aim.row] = -height

    def _ceiling(self, lowest: int) -> int:
        """As high as the relaxation reaches."""
        self._ask_for(lowest)
        search = Search(self.system, self.limits, self.aim, self.deadline, self._found)
        room, sum_ = search.room()
        self.known = [sum_]
        return lowest + room

    def _search(self, height: int) -> Node:
        self._ask_for(height)
        tree = Search(self.system, self.limits, self.aim, self.deadline, self._found, known=self.known).run()
        assert tree is not None
        return tree

    def _found(self, chosen: Selection) -> bool:
        self.best, self.improved = chosen, True
        self._ask_for(self._height(chosen) + 1)
        return True


class _Ranks:
    """The third stage, among the selections of the best value and grant (`limits` say so)."""

    def __init__(self, system: System, limits: Limits, deadline: Deadline, proof: Proof) -> None:
        self.system, self.limits, self.deadline, self.proof = system, limits.copy(), deadline, proof
        self.aim = Aim(system.grant, -1) if system.rows[system.grant] else Aim(system.value, 1)
        self.core: Core | None = None
        self.exchanges = Exchanges(system)

    def go(self, chosen: Selection) -> tuple[Selection, Selection]:
        """(a best selection, who is tied)."""
        self._settle_once()
        limits = self.limits
        for number, group in enumerate(self.system.groups):
            free = [i for i in group if i not in limits.outside]
            while (count := sum(i in chosen for i in free)) < len(free):
                step = self._with_count(limits, number, free, count + 1, exact=False)
                better, tree = self._more(step, chosen, free)
                if better is None:
                    assert tree is not None
                    self.proof.ranks.append((number, tree))
                    break
                chosen = better
            limits = self._with_count(limits, number, free, count, exact=True)
        return self._rest(limits, chosen)

    def _settle_once(self) -> None:
        """The prices of one relaxation settle all those that no selection so good can hold or spare."""
        search = Search(self.system, self.limits, self.aim, self.deadline, lambda _: False)
        self.proof.settled = search.settle_once()
        places = range(self.system.count)
        self.limits.inside = frozenset(i for i in places if search.state[i] == 1)
        self.limits.outside = frozenset(i for i in places if search.state[i] == 0)
        if not self.system.group_rows:  # no limit will change: one relaxation serves all steps
            self.core = search._core_of(i for i in places if search.state[i] == OPEN)

    def _with_count(self, limits: Limits, number: int, free: list[int], count: int, *, exact: bool) -> Limits:
        """So many of a group. All or none of its free members are simply put in or left out."""
        limits = limits.copy()
        row = self.system.group_rows.get(number)
        if row is not None:
            self.system.at_least(limits, row, count)
            if exact:
                self.system.at_most(limits, row, count)
        if count == len(free):
            limits.inside |= frozenset(free)
        elif exact and count == 0:
            limits.outside |= frozenset(free)
        return limits

    def _more(self, limits: Limits, chosen: Selection, free: list[int]) -> tuple[Selection | None, Node | None]:
        """As `_one`, by what is quickest first: a row that is broken outright, an exchange, a short search, another
        engine, the whole search.
        """
        sums = self.system.sums(limits.inside)
        for row, most in enumerate(limits.most):
            if most is not None and sums[row] > most and row != self.system.value:
                return None, Node([{row: -1}])
        better = self.exchanges.find(limits, chosen, (i for i in free if i not in chosen))
        if better is not None:
            return better, None
        try:
            return self._one(limits, chosen, SHORT)
        except Unsettled:
            if self.deadline.expired():
                raise
        better = counted(self.system, limits, 1.0)
        return (better, None) if better is not None else self._one(limits, chosen)

    def _one(
        self, limits: Limits, near: Selection, most_nodes: int | None = None
    ) -> tuple[Selection | None, Node | None]:
        """Any selection within the limits, or the proof that there is none."""
        shown: list[Selection] = []

        def found(chosen: Selection) -> bool:
            shown.append(chosen)
            return False

        tree = Search(
            self.system, limits, self.aim, self.deadline, found, core=self.core, near=near, most_nodes=most_nodes
        ).run()
        return (shown[0] if shown else None), tree

    def _rest(self, limits: Limits, chosen: Selection) -> tuple[Selection, Selection]:
        """Who else is as good. Each other selection found makes tied those in whom it differs; again until none is."""
        tied: Selection = frozenset()

        def agrees(open_: list[int], state: list[int]) -> bool:
            return all(i in tied for i in open_) and all(
                side == OPEN or (side == 1) == (i in chosen) or i in tied for i, side in enumerate(state)
            )

        def found(other: Selection) -> bool:
            nonlocal tied
            if not (other ^ chosen) <= tied:
                tied |= other ^ chosen
                self.proof.others.append(other)
            return True

        def untied(open_: list[int]) -> int | None:
            return next((i for i in open_ if i not in tied), None)

        while True:
            before = tied
            tree = Search(self.system, limits, self.aim, self.deadline, found, agrees, untied, self.core).run()
            assert tree is not None
            if tied == before:
                self.proof.rest = tree
                return chosen, tied
