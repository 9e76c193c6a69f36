"""A `total_value` problem as rows of whole numbers: rules, value, grant and the count of each shared rank.

The numbering of the rows is part of the certificate (`docs/formats/solve.md`): rules in their order (`cap_each` a row
per value of its tag, by first appearance; `match` and `pass_mark` none), then value, grant, then a row for each rank
that several applications share. Each row is divided by what all its weights have in common.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from madang.core.selection.model import (
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    Rule,
    Seats,
    SelectionProblem,
)

MILLION = 1_000_000
Sides = list[int | None]
Selection = frozenset[int]
Raw = tuple[dict[int, int], int | None, int | None]


@dataclass(slots=True)
class Limits:
    """The least and the most of every row for one question, divided like the rows; None: no such side."""

    least: Sides
    most: Sides
    inside: frozenset[int] = frozenset()  # applications that the question puts in
    outside: frozenset[int] = frozenset()  # ... and those it leaves out

    def copy(self) -> Limits:
        return Limits(list(self.least), list(self.most), self.inside, self.outside)


@dataclass(frozen=True, slots=True)
class System:
    """Rows over the applications of a problem (by their places in it)."""

    count: int
    rows: tuple[Mapping[int, int], ...]
    divisors: tuple[int, ...]
    rules: tuple[int | None, ...]  # the rule that a row belongs to
    limits: Limits  # of the rules alone
    failing: Mapping[int, frozenset[int]]  # rule -> applications that fail it alone
    value: int  # number of the row
    grant: int
    groups: tuple[tuple[int, ...], ...]  # of equal rank, best first
    group_rows: Mapping[int, int]  # group -> its row, where it has several members
    loads: tuple[tuple[tuple[int, int], ...], ...] = field(repr=False)  # application -> (row, weight)

    def sums(self, chosen: Iterable[int]) -> list[int]:
        totals = [0] * len(self.rows)
        for i in chosen:
            for row, weight in self.loads[i]:
                totals[row] += weight
        return totals

    def at_least(self, limits: Limits, row: int, amount: int) -> None:
        """Sets a least amount, given undivided."""
        limits.least[row] = -(-amount // self.divisors[row])

    def at_most(self, limits: Limits, row: int, amount: int) -> None:
        limits.most[row] = amount // self.divisors[row]

    def only(self, rules: Collection[int]) -> Limits:
        """The limits of some of the rules."""
        kept = [rule is not None and rule in rules for rule in self.rules]
        least = [side if keep else None for side, keep in zip(self.limits.least, kept, strict=True)]
        most = [side if keep else None for side, keep in zip(self.limits.most, kept, strict=True)]
        out: set[int] = set()
        for rule, failing in self.failing.items():
            if rule in rules:
                out |= failing
        return Limits(least, most, frozenset(), frozenset(out))


def broken(limits: Limits, sums: Sequence[int]) -> int | None:
    """The first row that these sums break."""
    for row, (total, least, most) in enumerate(zip(sums, limits.least, limits.most, strict=True)):
        if (least is not None and total < least) or (most is not None and total > most):
            return row
    return None


def system_of(problem: SelectionProblem, groups: Sequence[tuple[int, ...]]) -> System:
    """Cost: applications x rules."""
    raw: list[Raw] = []
    owners: list[int | None] = []
    failing: dict[int, frozenset[int]] = {}
    for place, rule in enumerate(problem.rules):
        if isinstance(rule, Match | PassMark):
            failing[place] = frozenset(_failing(rule, problem))
        for row in _rows_of(rule, problem):
            raw.append(row)
            owners.append(place)
    applications = problem.applications
    value, grant = len(raw), len(raw) + 1
    raw.append(({i: int((a.value or 0) * MILLION) for i, a in enumerate(applications)}, None, None))
    raw.append(({i: a.grant_krw for i, a in enumerate(applications)}, None, None))
    group_rows = {}
    for number, group in enumerate(groups):
        if len(group) > 1:
            group_rows[number] = len(raw)
            raw.append((dict.fromkeys(group, 1), None, None))
    owners += [None] * (len(raw) - len(owners))
    rows, divisors = [], []
    limits = Limits([], [])
    for weights, least, most in raw:
        divisor = math.gcd(*weights.values()) or 1
        rows.append({i: weight // divisor for i, weight in weights.items() if weight})
        divisors.append(divisor)
        limits.least.append(None if least is None else -(-least // divisor))
        limits.most.append(None if most is None else most // divisor)
    limits.outside = frozenset().union(*failing.values())
    loads: list[list[tuple[int, int]]] = [[] for _ in applications]
    for number, weights in enumerate(rows):
        for i, weight in weights.items():
            loads[i].append((number, weight))
    return System(
        count=len(applications),
        rows=tuple(rows),
        divisors=tuple(divisors),
        rules=tuple(owners),
        limits=limits,
        failing=failing,
        value=value,
        grant=grant,
        groups=tuple(groups),
        group_rows=group_rows,
        loads=tuple(map(tuple, loads)),
    )


def _failing(rule: Match | PassMark, problem: SelectionProblem) -> Iterable[int]:
    for i, a in enumerate(problem.applications):
        if isinstance(rule, Match):
            if not rule.met_by(a):
                yield i
        elif a.value is None or a.value < rule.min_value:
            yield i


def _rows_of(rule: Rule, problem: SelectionProblem) -> Iterable[Raw]:
    items = list(enumerate(problem.applications))
    match rule:
        case Budget():
            yield {i: rule.takes(a) for i, a in items}, None, rule.max_krw
        case Seats():
            yield {i: 1 for i, _ in items}, rule.min or None, rule.max
        case Quota():
            yield {i: 1 for i, a in items if a.has(rule.tag, rule.equals)}, rule.min or None, rule.max
        case ExcludeTogether():
            named = set(rule.applications)
            yield {i: 1 for i, a in items if a.id in named}, None, 1
        case CapEach():
            by_value: dict[str, dict[int, int]] = {}
            for i, a in items:
                for value in a.tags.get(rule.tag, ()):
                    by_value.setdefault(value, {})[i] = 1
            for weights in by_value.values():
                yield weights, None, rule.max
