"""Adds up the certificate of a `total_value` result in whole numbers. No solver, and none of the solver's code.

The steps are those of "certificate" in `docs/formats/solve.md`, in their order.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madang.core.selection.model import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    Seats,
    SelectionProblem,
)

MILLION = 1_000_000
MOST_STEPS = 200_000
"""So many steps for showing that a conflict is smallest; a certificate that asks for more is refused."""
_INTEGER = re.compile(r"-?[1-9][0-9]{0,999}")


class Refused(Exception):
    """A part of the certificate proves nothing; `at` is its place within the certificate's proof."""

    def __init__(self, at: str) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows: one best selection, who is tied, and how good it is (larger is better)."""

    chosen: frozenset[int]
    tied: frozenset[int]
    order: tuple[int, int, tuple[int, ...]]


def fails_alone(rule: object, a: Application) -> bool:
    if isinstance(rule, Match):
        return a.own_krw * rule.grant < ((a.cost_krw or 0) - a.own_krw) * rule.own
    if isinstance(rule, PassMark):
        return a.value is None or a.value < rule.min_value
    return False


def groups_of(problem: SelectionProblem) -> list[list[int]]:
    """Places of equal rank together, best first; without ranks each alone."""
    by_rank: dict[int, list[int]] = {}
    for place, a in enumerate(problem.applications):
        by_rank.setdefault(place + 1 if a.rank is None else a.rank, []).append(place)
    return [by_rank[rank] for rank in sorted(by_rank)]


class Rows:
    """The numbered rows of a problem; sides of rules that are not `active` are left open."""

    def __init__(self, problem: SelectionProblem) -> None:
        self.problem = problem
        applications = list(enumerate(problem.applications))
        self.weights: list[dict[int, int]] = []
        self.owner: list[int | None] = []
        sides: list[tuple[int | None, int | None]] = []
        for place, rule in enumerate(problem.rules):
            made: list[tuple[dict[int, int], int | None, int | None]] = []
            if isinstance(rule, Budget):
                grant = rule.money == "grant"
                spent = {i: (a.cost_krw or 0) - (a.own_krw if grant else 0) for i, a in applications}
                made = [(spent, None, rule.max_krw)]
            elif isinstance(rule, Seats):
                made = [({i: 1 for i, _ in applications}, rule.min or None, rule.max)]
            elif isinstance(rule, Quota):
                having = {i: 1 for i, a in applications if rule.equals in a.tags.get(rule.tag, ())}
                made = [(having, rule.min or None, rule.max)]
            elif isinstance(rule, ExcludeTogether):
                made = [({i: 1 for i, a in applications if a.id in set(rule.applications)}, None, 1)]
            elif isinstance(rule, CapEach):
                sharing: dict[str, dict[int, int]] = {}
                for i, a in applications:
                    for value in a.tags.get(rule.tag, ()):
                        sharing.setdefault(value, {})[i] = 1
                made = [(weights, None, rule.max) for weights in sharing.values()]
            for weights, least, most in made:
                self.weights.append(weights)
                self.owner.append(place)
                sides.append((least, most))
        self.value, self.grant = len(self.weights), len(self.weights) + 1
        self.weights.append({i: int((a.value or 0) * MILLION) for i, a in applications})
        self.weights.append({i: (a.cost_krw or 0) - a.own_krw for i, a in applications})
        self.groups = groups_of(problem)
        self.group_row: dict[int, int] = {}
        for number, group in enumerate(self.groups):
            if len(group) > 1:
                self.group_row[number] = len(self.weights)
                self.weights.append(dict.fromkeys(group, 1))
        missing = len(self.weights) - len(self.owner)
        self.owner += [None] * missing
        sides += [(None, None)] * missing
        self.divisor = [math.gcd(*weights.values()) or 1 for weights in self.weights]
        self.sides = [
            (None if least is None else -(-least // d), None if most is None else most // d)
            for (least, most), d in zip(sides, self.divisor, strict=True)
        ]
        self.loads: list[list[tuple[int, int]]] = [[] for _ in applications]
        for row, weights in enumerate(self.weights):
            for i, weight in weights.items():
                if weight:
                    self.loads[i].append((row, weight // self.divisor[row]))

    def box(self, rules: Collection[int], inside: Iterable[int] = (), lifted: int | None = None) -> Box:
        """All selections under some of the rules, with `inside` in; no pass mark holds for `lifted`."""
        least = [s[0] if o in rules else None for s, o in zip(self.sides, self.owner, strict=True)]
        most = [s[1] if o in rules else None for s, o in zip(self.sides, self.owner, strict=True)]
        box = Box(self, least, most, [None] * len(self.loads), [0] * len(self.weights))
        for place in rules:
            rule = self.problem.rules[place]
            if isinstance(rule, Match | PassMark):
                for i, a in enumerate(self.problem.applications):
                    if fails_alone(rule, a) and not (i == lifted and isinstance(rule, PassMark)):
                        box.put(i, False)
        for i in inside:
            box.put(i, True)
        return box

    def total(self, row: int, chosen: Iterable[int]) -> int:
        return sum(self.weights[row].get(i, 0) for i in chosen)


class Box:
    """Selections within sides of rows, some applications settled (True: in, False: out). `empty`: nothing is left."""

    def __init__(
        self,
        rows: Rows,
        least: list[int | None],
        most: list[int | None],
        state: list[bool | None],
        inside: list[int],
        open_: list[int] | None = None,
    ) -> None:
        self.rows, self.least, self.most, self.state, self.inside = rows, least, most, state, inside
        self.open = list(range(len(state))) if open_ is None else open_
        self.empty = False

    def copy(self) -> Box:
        box = Box(self.rows, list(self.least), list(self.most), list(self.state), list(self.inside), self._still_open())
        box.empty = self.empty
        return box

    def _still_open(self) -> list[int]:
        return [i for i in self.open if self.state[i] is None]

    def put(self, i: int, side: bool) -> None:
        if self.state[i] is None:
            self.state[i] = side
            if side:
                for row, weight in self.rows.loads[i]:
                    self.inside[row] += weight
        elif self.state[i] is not side:
            self.empty = True

    def at_least(self, row: int, amount: int) -> None:
        self.least[row] = -(-amount // self.rows.divisor[row])

    def at_most(self, row: int, amount: int) -> None:
        self.most[row] = amount // self.rows.divisor[row]

    def keeps(self, chosen: frozenset[int]) -> bool:
        """Whether a selection is in the box."""
        if any(side is not None and side is not (i in chosen) for i, side in enumerate(self.state)):
            return False
        totals = [0] * len(self.least)
        for i in chosen:
            for row, weight in self.rows.loads[i]:
                totals[row] += weight
        return not any(
            (least is not None and total < least) or (most is not None and total > most)
            for total, least, most in zip(totals, self.least, self.most, strict=True)
        )

    def add_up(self, sum_: Mapping[int, int]) -> tuple[int, list[int], list[int]]:
        """The largest value of a sum in the box, the open applications, and what each would add."""
        largest = 0
        for row, times in sum_.items():
            side = self.least[row] if times > 0 else self.most[row]
            if side is None:
                raise Refused("")
            largest += times * (self.inside[row] - side)
        open_ = self._still_open()
        gains = [sum(sum_[row] * weight for row, weight in self.rows.loads[i] if row in sum_) for i in open_]
        return largest + sum(gain for gain in gains if gain > 0), open_, gains

    def apply(self, sum_: Mapping[int, int]) -> None:
        """Closes the box, or settles every application whose other side would make the sum negative."""
        largest, open_, gains = self.add_up(sum_)
        if largest < 0:
            self.empty = True
            return
        for i, gain in zip(open_, gains, strict=True):
            if abs(gain) > largest:
                self.put(i, gain > 0)
        self.open = open_


def read_sum(given: Any, rows: int) -> dict[int, int]:
    """`[[row, "multiplier"], ...]`, each row once, no multiplier zero."""
    found: dict[int, int] = {}
    for row, times in given:
        if type(row) is not int or not 0 <= row < rows or row in found or not _INTEGER.fullmatch(times):
            raise Refused("")
        found[row] = int(times)
    return found


def check_tree(box: Box, nodes: Sequence[Any], places: Mapping[str, int], done: Callable[[Box], bool]) -> None:
    """Every part of the box is closed by the sums of its node, or is `done`. Raises `Refused`."""
    boxes, used = [box], 0
    while boxes:
        box = boxes.pop()
        if used >= len(nodes):
            raise Refused("")
        node, used = nodes[used], used + 1
        if node.keys() != {"sums", "branch"}:
            raise Refused("")
        for given in node["sums"]:
            box.apply(read_sum(given, len(box.least)))
        if box.empty or done(box):
            if node["branch"] is not None:
                raise Refused("")
            continue
        i = places.get(node["branch"])
        if i is None or box.state[i] is not None:
            raise Refused("")
        without = box.copy()
        without.put(i, False)
        box.put(i, True)
        boxes += [without, box]
    if used != len(nodes):
        raise Refused("")


def never(_: Box) -> bool:
    return False


def check_proof(rows: Rows, box: Box, proof: Mapping[str, Any]) -> Proven:
    """The best selection in the box, by the proof. Raises `Refused` with the part that proves nothing."""
    places = {a.id: i for i, a in enumerate(rows.problem.applications)}
    if proof.keys() != {"chosen", "value", "grant", "settled", "ranks", "rest", "others"}:
        raise Refused("")
    chosen = named(proof["chosen"], places, rows, "/chosen")
    if not box.keeps(chosen):
        raise Refused("/chosen")
    value, grant = rows.total(rows.value, chosen), rows.total(rows.grant, chosen)

    def tree(box: Box, nodes: Sequence[Any], at: str, done: Callable[[Box], bool] = never) -> None:
        try:
            check_tree(box.copy(), nodes, places, done)
        except Refused:
            raise Refused(at) from None

    higher = box.copy()
    higher.at_least(rows.value, value + 1)
    tree(higher, proof["value"], "/value")
    box.at_least(rows.value, value)
    cheaper = box.copy()
    cheaper.at_most(rows.grant, grant - 1)
    tree(cheaper, proof["grant"], "/grant")
    box.at_most(rows.grant, grant)
    try:
        for given in proof["settled"]:
            box.apply(read_sum(given, len(box.least)))
    except Refused:
        raise Refused("/settled") from None
    steps = iter(proof["ranks"])
    for number, group in enumerate(rows.groups):
        free = [i for i in group if box.state[i] is not False]
        count = sum(i in chosen for i in free)
        if count < len(free):
            step = next(steps, None)
            first = rows.problem.applications[group[0]].rank
            if step is None or step.keys() != {"rank", "nodes"} or type(step["rank"]) is not int:
                raise Refused("/ranks")
            if step["rank"] != (group[0] + 1 if first is None else first):
                raise Refused("/ranks")
            more = box.copy()
            _count(more, rows, number, free, count + 1, None)
            tree(more, step["nodes"], "/ranks")
        _count(box, rows, number, free, count, count)
    if next(steps, None) is not None:
        raise Refused("/ranks")
    counts = tuple(sum(i in chosen for i in group) for group in rows.groups)
    tied: frozenset[int] = frozenset()
    for ids in proof["others"]:
        other = named(ids, places, rows, "/others")
        if not box.keeps(other) or (other ^ chosen) <= tied:
            raise Refused("/others")
        tied |= other ^ chosen

    def agrees(box: Box) -> bool:
        return all(i in tied or side is (i in chosen) for i, side in enumerate(box.state))

    tree(box, proof["rest"], "/rest", agrees)
    return Proven(chosen, tied, (value, -grant, counts))


def _count(box: Box, rows: Rows, number: int, free: list[int], least: int, most: int | None) -> None:
    """From `least` to `most` of a group whose members that can still be in are `free`."""
    row = rows.group_row.get(number)
    if row is not None:
        box.at_least(row, least)
        if most is not None:
            box.at_most(row, most)
    if least == len(free):
        for i in free:
            box.put(i, True)
    elif most == 0:
        for i in free:
            box.put(i, False)


def named(ids: Sequence[str], places: Mapping[str, int], rows: Rows, at: str) -> frozenset[int]:
    """Ids down the ranking as places."""
    order = {i: n for n, i in enumerate(i for group in rows.groups for i in group)}
    if any(id_ not in places for id_ in ids):
        raise Refused(at)
    found = [places[id_] for id_ in ids]
    if any(order[a] >= order[b] for a, b in itertools.pairwise(found)):
        raise Refused(at)
    return frozenset(found)


def check_conflict(
    rows: Rows, rules: Sequence[int], proof: Mapping[str, Any], inside: Iterable[int], lifted: int | None
) -> None:
    """No selection (with `inside`) keeps these rules, and no fewer rules are impossible: every smaller set of rules
    is kept by one of the selections named. Raises `Refused`.
    """
    places = {a.id: i for i, a in enumerate(rows.problem.applications)}
    if proof.keys() != {"nodes", "kept"}:
        raise Refused("")
    try:
        check_tree(rows.box(rules, inside, lifted), proof["nodes"], places, never)
    except Refused:
        raise Refused("/nodes") from None
    broken = []
    for ids in proof["kept"]:
        chosen = named(ids, places, rows, "/kept")
        if not set(inside) <= chosen:
            raise Refused("/kept")
        everything = range(len(rows.problem.rules))
        broken.append(frozenset(rule for rule in everything if not rows.box([rule], inside, lifted).keeps(chosen)))
    least = {one for one in broken if not any(other < one for other in broken)}  # who meets these meets all
    if _can_meet(sorted(map(sorted, least)), len(rules) - 1, [MOST_STEPS]):
        raise Refused("/kept")


def _can_meet(sets: list[list[int]], size: int, steps: list[int]) -> bool:
    """Whether so many rules can meet every set: a set of rules that nobody named keeps. Refused after `steps`."""
    steps[0] -= 1
    if steps[0] < 0:
        raise Refused("/kept")
    if not sets:
        return size >= 0
    if size <= 0:
        return False
    return any(_can_meet([s for s in sets if rule not in s], size - 1, steps) for rule in min(sets, key=len))
