"""Is there a selection within these limits? Branch and bound whose every "no" is a sum of rows in whole numbers.

A sum adds rows with integer multipliers: each row says that something is not negative (`a x - least`, or `most - a x`),
so the sum is not negative for any selection within the limits. Where its largest value over all that is still open is
negative, nothing is left there; where one application on the wrong side would make it negative, that side is settled
(reduced costs). The multipliers come from dual prices of a linear relaxation; their truth does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from madang.core.deadline import Deadline
from madang.core.selection.feasible import Unsettled
from madang.core.selection.total_system import Limits, Selection, System, broken

if TYPE_CHECKING:
    from madang.core.selection.engine_glop import Relaxation

OPEN = -1
Sum = dict[int, int]  # row -> multiplier; positive: its least side, negative: its most side


@dataclass(slots=True)
class Node:
    """One box of the search: sums that close it or settle applications, and where it was divided."""

    sums: list[Sum] = field(default_factory=list)
    branch: int | None = None
    children: list[Node] = field(default_factory=list)  # with the application in, then without it

    def flat(self) -> list[Node]:
        """The tree, each box before its two parts, the part with the application first."""
        found, stack = [], [self]
        while stack:
            node = stack.pop()
            found.append(node)
            stack.extend(reversed(node.children))
        return found


@dataclass(frozen=True, slots=True)
class Aim:
    """What the relaxation pushes: a row up (`sense` 1, against its least side) or down (-1, against its most side)."""

    row: int
    sense: int


@dataclass(slots=True)
class Core:
    """A relaxation over what is open; it may serve several searches with the same limits."""

    relaxation: Relaxation
    columns: frozenset[int]


@dataclass(slots=True)
class Search:
    """One question. `found` is told of each selection within the limits and says whether to go on.

    It may have tightened the limits meanwhile (the box is looked at again). `done` says that a box needs no more.
    """

    system: System
    limits: Limits
    aim: Aim | None
    deadline: Deadline
    found: Callable[[Selection], bool]
    done: Callable[[list[int], list[int]], bool] | None = None  # (open, state)
    first: Callable[[list[int]], int | None] | None = None  # which of the open to divide first
    core: Core | None = None
    most_nodes: int | None = None  # `Unsettled` beyond
    near: Selection | None = None  # where to look first: close to this selection
    known: list[Sum] = field(default_factory=list)  # sums that are worth a try before anything else
    state: list[int] = field(init=False)
    inside: list[int] = field(init=False)
    trail: list[int] = field(init=False, default_factory=list)
    nodes: int = field(init=False, default=0)
    stopped: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.state = [OPEN] * self.system.count
        self.inside = [0] * len(self.system.rows)

    def run(self) -> Node | None:
        """The tree of a proof that nothing (more) is within the limits; None where `found` stopped the search.

        Raises `Unsettled` when time ends. Cost: a small linear program and open applications x rows for each box.
        """
        root = Node()
        self._look_into(root, self._start())
        return None if self.stopped else root

    def room(self) -> tuple[int, Sum]:
        """By how much the aim can rise beyond its side, at most, by one relaxation; and the sum that shows it."""
        assert self.aim is not None
        open_ = self._start()
        shown: Sum = {self.aim.row: self.aim.sense}
        best = self._largest(shown, open_)[0]
        for sum_ in self._relaxed(open_)[1]:
            bound = self._largest(sum_, open_)[0] // abs(sum_[self.aim.row])
            if bound < best:
                best, shown = bound, sum_
        return max(0, best), shown

    def settle_once(self) -> list[Sum]:
        """The sums of one relaxation; what they settle stands in `state` afterwards."""
        node, open_ = Node(), self._start()
        for sum_ in self._relaxed(open_)[1]:
            self._apply(node, sum_, open_)
        return node.sums

    def _start(self) -> list[int]:
        if self.limits.inside & self.limits.outside:
            raise ValueError("an application cannot be both in and out")
        for i in self.limits.inside:
            self._fix(i, 1)
        for i in self.limits.outside:
            self._fix(i, 0)
        return [i for i in range(self.system.count) if self.state[i] == OPEN]

    # boxes, depth first

    def _look_into(self, root: Node, open_: list[int]) -> None:
        stack: list[Callable[[], None]] = []

        def enter(node: Node, open_: list[int]) -> None:
            mark = len(self.trail)
            halves = self._settle(node, open_)
            stack.append(lambda: self._undo(mark))
            if halves is not None:
                branch, likely, rest = halves
                node.branch = branch
                node.children = [Node(), Node()]
                for side in (1 - likely, likely):
                    stack.append(partial(half, node.children[1 - side], branch, side, rest))

        def half(node: Node, branch: int, side: int, rest: list[int]) -> None:
            mark = len(self.trail)
            self._fix(branch, side)
            stack.append(lambda: self._undo(mark))
            enter(node, [i for i in rest if i != branch])

        enter(root, open_)
        while stack and not self.stopped:
            stack.pop()()

    def _settle(self, node: Node, open_: list[int]) -> tuple[int, int, list[int]] | None:
        """Closes the box, or says where to divide it: the application, its likely side, and what is still open."""
        for sum_ in self.known if self.nodes == 0 else ():
            closed, open_ = self._apply(node, sum_, open_)
            if closed:
                return None
        while True:
            self.nodes += 1
            if self.deadline.expired() or (self.most_nodes is not None and self.nodes > self.most_nodes):
                raise Unsettled
            if self.done and self.done(open_, self.state):
                return None
            if self._closed_by_one_row(node, open_):
                return None
            x, sums, holds = self._relaxed(open_)
            for sum_ in sums:
                closed, open_ = self._apply(node, sum_, open_)
                if closed:
                    return None
            if not holds and self.core is not None:
                contradiction = self.core.relaxation.contradiction()
                if contradiction is not None:
                    closed, open_ = self._apply(node, self._whole(contradiction, None), open_)
                    if closed:
                        return None
            if self.core is None or (self.nodes == 1 and len(open_) * 2 < len(self.core.columns)):
                self.core = self._core_of(open_)
            if self.done and self.done(open_, self.state):
                return None
            halves = [i for i in open_ if 1e-6 < x.get(i, 0.5) < 1 - 1e-6]
            if not halves:
                chosen = self._rounded(x)
                failed = broken(self.limits, self.system.sums(chosen))
                if failed is None:
                    if not self.found(chosen):
                        self.stopped = True
                        return None
                    failed = broken(self.limits, self.system.sums(chosen))
                    if failed is not None:
                        continue  # the limits were tightened: look again (and a later run makes the proof)
                if not open_:
                    if failed is not None:
                        self._apply(node, self._break(failed, chosen), open_)
                    return None
            branch = self.first(open_) if self.first else None
            if branch is None:
                branch = min(halves or open_, key=lambda i: (abs(x.get(i, 0.5) - 0.5), i))
            likely = x.get(branch, 0.5) >= 0.5 if self.near is None else branch in self.near
            return branch, int(likely), open_

    def _rounded(self, x: dict[int, float]) -> Selection:
        state = self.state
        return frozenset(
            i for i in range(self.system.count) if state[i] == 1 or (state[i] == OPEN and x.get(i, 0.0) > 0.5)
        )

    def _fix(self, i: int, side: int) -> None:
        self.state[i] = side
        self.trail.append(i)
        if side:
            for row, weight in self.system.loads[i]:
                self.inside[row] += weight

    def _undo(self, mark: int) -> None:
        while len(self.trail) > mark:
            i = self.trail.pop()
            if self.state[i]:
                for row, weight in self.system.loads[i]:
                    self.inside[row] -= weight
            self.state[i] = OPEN

    # sums

    def _closed_by_one_row(self, node: Node, open_: list[int]) -> bool:
        """A row that is broken whatever else comes: the cheap look before a relaxation."""
        limits, skip = self.limits, self.system.value  # the only row whose weights may be negative
        for row, most in enumerate(limits.most):
            if most is not None and self.inside[row] > most and row != skip:
                return self._apply(node, {row: -1}, open_)[0]
        needs = {
            row: least - self.inside[row]
            for row, least in enumerate(limits.least)
            if least is not None and self.inside[row] < least
        }
        if needs:
            for i in open_:
                for row, weight in self.system.loads[i]:
                    if row in needs and weight > 0:
                        needs[row] -= weight
            for row, missing in needs.items():
                if missing > 0:
                    return self._apply(node, {row: 1}, open_)[0]
        return bool(self.aim and self._apply(node, {self.aim.row: self.aim.sense}, open_, only_to_close=True)[0])

    def _apply(self, node: Node, sum_: Sum, open_: list[int], *, only_to_close: bool = False) -> tuple[bool, list[int]]:
        """Whether the sum closes the box; else what stays open after it."""
        largest, gains = self._largest(sum_, open_)
        if largest < 0:
            node.sums.append(sum_)
            return True, open_
        if only_to_close:
            return False, open_
        rest = []
        for i, gain in zip(open_, gains, strict=True):
            if abs(gain) > largest:
                self._fix(i, int(gain > 0))
            else:
                rest.append(i)
        if len(rest) < len(open_):
            node.sums.append(sum_)
        return False, rest

    def _largest(self, sum_: Sum, open_: list[int]) -> tuple[int, list[int]]:
        """The largest value of a sum over the open, and what each of them adds to it."""
        limits, loads = self.limits, self.system.loads
        largest = 0
        for row, times in sum_.items():
            side = limits.least[row] if times > 0 else limits.most[row]
            assert side is not None, "a sum uses only sides that there are"
            largest += times * (self.inside[row] - side)
        gains = []
        for i in open_:
            gain = 0
            for row, weight in loads[i]:
                if row in sum_:
                    gain += sum_[row] * weight
            gains.append(gain)
            if gain > 0:
                largest += gain
        return largest, gains

    def _break(self, row: int, chosen: Selection) -> Sum:
        total = self.system.sums(chosen)[row]
        least = self.limits.least[row]
        return {row: 1 if least is not None and total < least else -1}

    def _relaxed(self, open_: list[int]) -> tuple[dict[int, float], list[Sum], bool]:
        """Where the relaxation stands, the sums that its prices give, and whether its rows hold."""
        if not open_:
            return {}, [], True
        if self.core is None:
            self.core = self._core_of(open_)
        self.core.relaxation.fix(self.state)
        solved = self.core.relaxation.solve()
        if solved is None:
            return {}, [], True
        x, prices, holds = solved
        return x, [self._whole(prices, self.aim)] if self.aim or prices else [], holds

    def _whole(self, prices: dict[int, float], aim: Aim | None) -> Sum:
        """Prices as integers, so fine that rounding costs less than a fraction of one unit of the aim."""
        limits = self.limits
        mass = 1
        for row in prices:
            weights = self.system.rows[row]
            mass += max(map(abs, weights.values()), default=1) * min(len(weights), 4096)
        fine = 1 << (64 * mass).bit_length()
        sum_ = {aim.row: aim.sense * fine} if aim else {}
        for row, price in prices.items():
            times = round(price * fine)
            if times and (limits.least[row] if times > 0 else limits.most[row]) is not None:
                sum_[row] = times
        return sum_

    def _core_of(self, open_: Iterable[int]) -> Core:
        """The relaxation over what is open, with the rows that can still be broken."""
        from madang.core.selection.engine_glop import Relaxation  # loads the solver: only where something is optimised

        columns = list(open_)
        member = set(columns)
        rows = {}
        for row, weights in enumerate(self.system.rows):
            least, most = self.limits.least[row], self.limits.most[row]
            if (self.aim and row == self.aim.row) or (least is None and most is None):
                continue
            here = (
                {i: w for i, w in weights.items() if i in member}
                if len(weights) < len(columns)
                else {i: weights[i] for i in columns if i in weights}
            )
            inside = self.inside[row]
            if least is not None and inside + sum(w for w in here.values() if w < 0) >= least:
                least = None
            if most is not None and inside + sum(w for w in here.values() if w > 0) <= most:
                most = None
            if here and (least is not None or most is not None):
                rows[row] = (here, None if least is None else least - inside, None if most is None else most - inside)
        gains = dict.fromkeys(columns, 0)
        if self.aim:
            weights = self.system.rows[self.aim.row]
            gains = {i: self.aim.sense * weights.get(i, 0) for i in columns}
        return Core(Relaxation(gains, rows), frozenset(columns))
