"""The verifier's sums for minimums: what filling them costs at least, and a filling that shows what it costs at most.

Where nobody counts for two of the minimums, the cheapest members of each add up to a least cost, and that alone can
show that rules forbid somebody. Members chosen so that they disturb no maximum show the other side: any part of such a
filling keeps its minimums, so a few sums cover every set of so many rules. Neither needs a search.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from madang.core.selection.model import Budget, Seats
from madang.core.selection.verify_rules import Gauge, high_of, low_of
from madang.core.selection.verify_search import Completion

CONTEXTS = 100  # how many sets of the other rules are looked at one by one


@dataclass(frozen=True, slots=True)
class _Filling:
    """Members for each open minimum (None: none found) and what all of them and those in add up to."""

    members: dict[str, list[str] | None]
    held: Mapping[Gauge, int]


class Fills:
    """The sums at one moment of the walk: `inside` are in and add up to `held`."""

    def __init__(self, search: Completion, inside: Collection[str], held: Mapping[Gauge, int]) -> None:
        self.search, self.inside, self.held = search, frozenset(inside), dict(held)
        self.missing = {id_: low_of(r) - held.get((id_, ""), 0) for id_, r in search.rules.items()}
        self.missing = {id_: short for id_, short in self.missing.items() if short > 0}
        self.closed = frozenset(search.rules).difference(self.missing)
        self.measures = [id_ for id_, r in search.rules.items() if id_ in self.closed and isinstance(r, Budget | Seats)]
        self.apart = self._apart()
        self._cheapest: dict[tuple[str, str, frozenset[str]], list[str] | None] = {}
        self._fillings: dict[frozenset[str], _Filling] = {}

    def _apart(self) -> list[list[str]]:
        """The open minimums in groups within which nobody counts for two."""
        groups: list[tuple[list[str], set[str]]] = []
        for rule in self.missing:
            members = self.search.members_of(rule)
            for rules, taken in groups:
                if taken.isdisjoint(members):
                    rules.append(rule)
                    taken.update(members)
                    break
            else:
                groups.append(([rule], set(members)))
        return [rules for rules, _ in groups]

    # at least

    def forbid(self, rules: frozenset[str], id_: str) -> bool:
        """Proven: nothing with those in and `id_` keeps `rules`. No says nothing."""
        context = rules.difference(self.missing)
        mine = dict(self.search.all_adds[id_])
        for group, measure in itertools.product(self.apart, self.measures):
            most = high_of(self.search.rules[measure])
            if measure not in rules or most is None:
                continue
            total = self.held.get((measure, ""), 0) + mine.get((measure, ""), 0)
            for rule in rules.intersection(group):
                members = self._least(rule, measure, context)
                if members is None:
                    return True
                total += sum(self._weight(other, measure) for other in _less_one(members, id_, (rule, "") in mine))
            if total > most:
                return True
        return False

    def _weight(self, id_: str, measure: str) -> int:
        return self.search.weights[id_].get((measure, ""), 0)

    def _least(self, rule: str, measure: str, context: frozenset[str]) -> list[str] | None:
        """The cheapest on this measure who could come in at all; None where they are too few."""
        key = (rule, measure, context)
        if key not in self._cheapest:
            able: list[str] = []
            for id_ in self.search.cheapest_first(rule, measure):
                if len(able) == self.missing[rule]:
                    break
                if id_ not in self.inside and self._fits(id_, self.held, context):
                    able.append(id_)
            self._cheapest[key] = able if len(able) == self.missing[rule] else None
        return self._cheapest[key]

    def _fits(self, id_: str, held: Mapping[Gauge, int], rules: Collection[str]) -> bool:
        """Whether somebody breaks none of these rules on top of what is held, measures aside."""
        search = self.search
        return not any(rule in rules for rule in search.failing[id_]) and all(
            (most := search.high[gauge[0]]) is None
            or gauge[0] not in rules
            or gauge[0] in self.measures
            or held.get(gauge, 0) + weight <= most
            for gauge, weight in search.all_adds[id_]
        )

    # at most

    def allow_every(self, size: int, id_: str) -> bool:
        """Proven: with those in and `id_`, every set of `size` rules can be kept. No says nothing."""
        return self._covered(self.closed, size, id_, [CONTEXTS])

    def _covered(self, context: frozenset[str], size: int, id_: str, left: list[int]) -> bool:
        """Every set of `size` rules whose closed ones lie in `context`.

        One filling shows it for all sets with enough of the closed rules: the more of them, the fewer minimums.
        """
        left[0] -= 1
        if left[0] < 0:
            return False
        enough = self._shown_from(context, size, id_)
        if enough is None:
            return False
        fewer = enough - 1
        if fewer < 1 or not any(measure in context for measure in self.measures):
            return True
        if fewer >= len(context) or math.comb(len(context), fewer) > left[0]:
            return False
        return all(
            self._covered(frozenset(some), size, id_, left)
            for some in itertools.combinations(sorted(context), fewer)
            if any(measure in some for measure in self.measures)
        )

    def _shown_from(self, context: frozenset[str], size: int, id_: str) -> int | None:
        """With how many closed rules (and the rest minimums) a filling fits every measure; None where it never does."""
        members = self._around(context, id_)
        if members is None:
            return None
        mine = dict(self.search.all_adds[id_])
        enough = 1
        for measure in self.measures:
            most = high_of(self.search.rules[measure])
            if measure not in context or most is None:
                continue
            room = most - self.held.get((measure, ""), 0) - mine.get((measure, ""), 0)
            costs = sorted((sum(self._weight(m, measure) for m in some) for some in members), reverse=True)
            fits = next((n for n in range(len(costs), -1, -1) if sum(costs[:n]) <= room), None)
            if fits is None:
                return None
            if fits < len(costs):
                enough = max(enough, size - fits)
        return enough if enough <= len(context) else None

    def _around(self, context: frozenset[str], id_: str) -> list[list[str]] | None:
        """A filling beside `id_`: that of the context with one place less, or another made around `id_`."""
        if context not in self._fillings:
            self._fillings[context] = self._filled(context, self.missing, Counter(self.held), self.inside)
        filling = self._fillings[context]
        mine = dict(self.search.all_adds[id_])
        change, members = Counter(mine), []
        for rule, some in filling.members.items():
            if some is None:
                return None
            kept = _less_one(some, id_, (rule, "") in mine)
            members.append(kept)
            for gone in set(some).difference(kept):
                change.subtract(self.search.weights[gone])
        rules = context.union(self.missing)
        if not any(self._over(gauge, filling.held.get(gauge, 0) + more, rules) for gauge, more in change.items()):
            return members
        held = Counter(self.held)
        held.update(mine)
        missing = {rule: short - mine.get((rule, ""), 0) for rule, short in self.missing.items()}
        found = list(self._filled(context, missing, held, self.inside | {id_}).members.values())
        whole = [some for some in found if some is not None]
        return whole if len(whole) == len(found) else None

    def _over(self, gauge: Gauge, total: int, rules: Collection[str]) -> bool:
        most = self.search.high[gauge[0]]
        return gauge[0] in rules and gauge[0] not in self.measures and most is not None and total > most

    def _filled(
        self, context: frozenset[str], missing: Mapping[str, int], held: Counter[Gauge], taken: frozenset[str]
    ) -> _Filling:
        """One minimum after the other, each with its cheapest members that disturb no maximum; nobody twice."""
        rules, used = context.union(missing), set(taken)
        money = next((m for m in self.measures if isinstance(self.search.rules[m], Budget)), "")
        members: dict[str, list[str] | None] = {}
        for rule, short in missing.items():
            some: list[str] = []
            for id_ in self.search.cheapest_first(rule, money):
                if len(some) == short:
                    break
                if id_ not in used and self._fits(id_, held, rules):
                    some.append(id_)
                    used.add(id_)
                    held.update(self.search.weights[id_])
            members[rule] = some if len(some) == short else None
        return _Filling(members, held)


def _less_one(members: list[str], id_: str, spare: bool) -> list[str]:
    """One place less where `id_` fills it: its own, or the last, dearest one."""
    if not spare or not members:
        return members
    return [other for other in members if other != id_] if id_ in members else members[:-1]
