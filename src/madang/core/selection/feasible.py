"""Can it still be completed? The one question that the walk down the ranking asks, answered exactly.

Without minimum rules no question needs a search: a selection that breaks no maximum is complete as it stands.
With them, cheap counting settles most questions, and CP-SAT (loaded then, not before) the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.core.selection.lines import Line
from madang.core.selection.prices import Proof

if TYPE_CHECKING:
    from madang.core.selection.engine_lp import LeastCost

Selection = frozenset[int]
Rules = frozenset[int]


class Unsettled(Exception):
    """Time ended before a completion question was answered."""


@dataclass(slots=True)
class Refusal:
    """Proven: nothing that holds `chosen` and `application` keeps `rules`."""

    chosen: Selection
    application: int
    rules: Rules


@dataclass(slots=True)
class Feasibility:
    """Answers about one set of lines; remembers what it has proven. `order` is the walk's order of the applications."""

    lines: tuple[Line, ...]
    order: Sequence[int]
    rules: Rules
    seed: int
    limit: float
    expired: Callable[[], bool]
    engine: str = "own"
    loads: dict[int, tuple[tuple[int, int], ...]] = field(init=False)  # application -> (line, weight)
    # Only the last proofs are kept: they cover what is asked next, and looking through them stays cheap.
    refusals: deque[Refusal] = field(init=False, default_factory=lambda: deque(maxlen=64))
    proofs: deque[Proof] = field(init=False, default_factory=lambda: deque(maxlen=64))
    relaxations: dict[int, LeastCost] = field(init=False, default_factory=dict)  # by budget line
    has_minimum: bool = field(init=False)
    budgets: tuple[int, ...] = field(init=False)  # lines with other weights than 1

    def __post_init__(self) -> None:
        loads: dict[int, list[tuple[int, int]]] = {i: [] for i in self.order}
        for number, line in enumerate(self.lines):
            for i, weight in line.weights.items():
                loads[i].append((number, weight))
        self.loads = {i: tuple(items) for i, items in loads.items()}
        self.budgets = tuple(n for n, line in enumerate(self.lines) if any(w > 1 for w in line.weights.values()))
        self.has_minimum = any(line.at_least > 0 for line in self.lines)

    def sums(self, chosen: Selection) -> list[int]:
        """What the chosen add up to on each line. Cost: their loads."""
        totals = [0] * len(self.lines)
        for i in chosen:
            for number, weight in self.loads[i]:
                totals[number] += weight
        return totals

    def broken_by(self, i: int, sums: list[int]) -> Iterator[int]:
        """The rules whose maximum `i` would break, on top of `sums`; each once, in rule order."""
        last = -1
        for number, weight in self.loads[i]:
            line = self.lines[number]
            if line.at_most is not None and sums[number] + weight > line.at_most and line.rule != last:
                last = line.rule
                yield last

    def is_broken_by(self, i: int, sums: list[int]) -> bool:
        """Whether `i` would break any maximum, on top of `sums`."""
        return next(self.broken_by(i, sums), None) is not None

    def kept(self, chosen: Selection, sums: list[int] | None = None) -> Rules:
        """The rules that `chosen`, as it stands, keeps."""
        totals = self.sums(chosen) if sums is None else sums
        return self.rules - {line.rule for line, total in zip(self.lines, totals, strict=True) if line.broken_at(total)}

    def completion(
        self, chosen: Selection, rules: Rules | None = None, without: Selection = frozenset()
    ) -> Selection | None:
        """A selection with all of `chosen` and none of `without` that keeps `rules` (all of them when None), or None.

        Exact. Raises `Unsettled` when time ends in a search. Cost without a search: applications x lines of each.
        """
        active = self.rules if rules is None else rules
        short = self._short(chosen, active)
        if short is None:
            return None
        need, room = short
        if not need:
            return chosen
        budgets = [n for n in room if n in self.budgets]
        if budgets and self.relaxations:  # the engine is there: prices answer sooner than counting does
            return self._priced(chosen, active, without, budgets[0])
        helpful = [i for i in self.order if i not in chosen and i not in without and self._helps(i, need, room)]
        if self._too_few(helpful, need, room):
            return None
        added = self._greedily(helpful, need, room)
        if added is not None:
            return chosen | added
        if budgets:
            return self._priced(chosen, active, without, budgets[0])
        added = self._search(helpful, need, room)
        return None if added is None else chosen | added

    def _priced(self, chosen: Selection, rules: Rules, without: Selection, budget: int) -> Selection | None:
        """The question with a budget: prices refuse, or their relaxation gives a selection, or few stay open."""
        if self.expired():
            raise Unsettled
        from madang.core.selection import engine_lp  # loads the solver: only where a search is needed

        self.engine = engine_lp.NAME
        if budget not in self.relaxations:
            weights, rows = self.lines[budget].weights, {n: line for n, line in enumerate(self.lines) if n != budget}
            self.relaxations[budget] = engine_lp.LeastCost(
                [weights.get(i, 0) for i in range(len(self.order))],
                {n: (line.weights, line.at_least, line.at_most) for n, line in rows.items()},
            )
        barred = frozenset(i for line in self.lines if line.rule in rules and line.at_most == 0 for i in line.weights)
        rows_now = [n for n, line in enumerate(self.lines) if n != budget and line.rule in rules]
        solved = self.relaxations[budget].solve(chosen, barred | without, rows_now)
        helpful = [i for i in self.order if i not in barred and i not in without]
        if solved is None:
            return self._searched(chosen, rules, helpful)
        proof = Proof.of(self.lines, budget, barred | without, rules, solved.prices)
        if not without:
            self.proofs.append(proof)
        parts = proof.settled(chosen, helpful)
        if parts is None:
            return None
        nearly = chosen | {i for i in helpful if solved.taken[i] > 1 - 1e-6}
        rounded = self._rounded(nearly, rules, barred | without, proof)
        if rounded is not None:
            return rounded
        needed, open_ = parts
        return self._searched(chosen | frozenset(needed), rules, open_)

    def _short(self, chosen: Selection, rules: Rules) -> tuple[dict[int, int], dict[int, int]] | None:
        """(what is missing, what room is left) by line; None where a maximum is broken."""
        sums = self.sums(chosen)
        room: dict[int, int] = {}
        need: dict[int, int] = {}
        for number, line in enumerate(self.lines):
            if line.rule in rules:
                if line.at_most is not None:
                    room[number] = line.at_most - sums[number]
                    if room[number] < 0:
                        return None
                if line.at_least > sums[number]:
                    need[number] = line.at_least - sums[number]
        return need, room

    def _rounded(self, nearly: Selection, rules: Rules, barred: Selection, proof: Proof) -> Selection | None:
        """What the relaxation takes whole, filled up with those of the best balance; None says nothing."""
        short = self._short(nearly, rules)
        if short is None:
            return None
        need, room = short
        if not need:
            return nearly
        members = {i for n in need for i in self.lines[n].weights}
        able = [i for i in members if i not in nearly and i not in barred and self._helps(i, need, room)]
        able.sort(key=lambda i: (proof.balance[i], i))
        added = self._greedily(able, need, room)
        return None if added is None else nearly | added

    def _searched(self, chosen: Selection, rules: Rules, helpful: Iterable[int]) -> Selection | None:
        """The rest by counting classes: `chosen` must be in, only `helpful` may come."""
        short = self._short(chosen, rules)
        if short is None:
            return None
        need, room = short
        if not need:
            return chosen
        able = sorted(i for i in helpful if i not in chosen and self._helps(i, need, room))
        if self._too_few(able, need, room):
            return None
        added = self._search(able, need, room)
        return None if added is None else chosen | added

    def _helps(self, i: int, need: dict[int, int], room: dict[int, int]) -> bool:
        """Only what fills a need is ever worth adding: the rest could only use up room."""
        return any(number in need for number, _ in self.loads[i]) and all(
            weight <= room.get(number, weight) for number, weight in self.loads[i]
        )

    def _too_few(self, helpful: list[int], need: dict[int, int], room: dict[int, int]) -> bool:
        """A count that settles most refusals: a need's cheapest members alone already exceed the room of a line."""
        for wanted, missing in need.items():
            members = [i for i in helpful if i in self.lines[wanted].weights]
            if len(members) < missing:
                return True
            weights: dict[int, list[int]] = {}
            for i in members:
                for number, weight in self.loads[i]:
                    if number in room:
                        weights.setdefault(number, []).append(weight)
            for number, some in weights.items():
                counted = missing - (len(members) - len(some))  # the others weigh nothing on this line
                if counted > 0 and sum(sorted(some)[:counted]) > room[number]:
                    return True
        return False

    def _greedily(self, helpful: list[int], need: dict[int, int], room: dict[int, int]) -> Selection | None:
        """Fill the needs in rank order, those first that fill most needs at once; None says nothing."""
        need, room = dict(need), dict(room)
        added: set[int] = set()
        for i in sorted(helpful, key=lambda i: -sum(number in need for number, _ in self.loads[i])):
            loads = self.loads[i]
            if any(need.get(n, 0) > 0 for n, _ in loads) and all(w <= room.get(n, w) for n, w in loads):
                added.add(i)
                for number, weight in loads:
                    if number in need:
                        need[number] -= weight
                    if number in room:
                        room[number] -= weight
        return frozenset(added) if all(missing <= 0 for missing in need.values()) else None

    def _search(self, helpful: list[int], need: dict[int, int], room: dict[int, int]) -> Selection | None:
        """CP-SAT over classes of interchangeable applications: the same weights on every line that can bind."""
        totals: dict[int, int] = {}
        for i in helpful:
            for number, weight in self.loads[i]:
                totals[number] = totals.get(number, 0) + weight
        binding = {n for n, total in totals.items() if n in need or total > room.get(n, total)}
        classes: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for i in self._cheapest(helpful, need, binding):
            classes.setdefault(tuple(load for load in self.loads[i] if load[0] in binding), []).append(i)
        return self._solve(list(classes), list(classes.values()), need, room)

    def _cheapest(self, helpful: list[int], need: dict[int, int], binding: set[int]) -> list[int]:
        """Of those that differ in one budget only, as many of the cheapest as any need can call for.

        Nothing is lost: a completion takes no more of them than the largest need they fill, and can take the cheapest.
        """
        budgets = {n for n in binding if any(weight > 1 for weight in self.lines[n].weights.values())}
        if len(budgets) != 1:
            return helpful
        (budget,) = budgets
        alike: dict[tuple[int, ...], list[int]] = {}
        for i in helpful:
            alike.setdefault(tuple(n for n, _ in self.loads[i] if n in binding and n != budget), []).append(i)
        kept = []
        for profile, members in alike.items():
            most = max(need.get(n, 0) for n in profile)
            kept += sorted(members, key=lambda i: self.lines[budget].weights.get(i, 0))[:most]
        return kept

    def _solve(
        self,
        profiles: list[tuple[tuple[int, int], ...]],
        members: list[list[int]],
        need: dict[int, int],
        room: dict[int, int],
    ) -> Selection | None:
        if self.expired():
            raise Unsettled
        from madang.core.selection import engine_cpsat  # loads the solver: only where a search is needed

        self.engine = engine_cpsat.NAME
        columns: dict[int, dict[int, int]] = {}
        for place, profile in enumerate(profiles):
            for number, weight in profile:
                columns.setdefault(number, {})[place] = weight
        rows = [engine_cpsat.Row(column, need.get(n, 0), room.get(n)) for n, column in columns.items()]
        try:
            counts = engine_cpsat.find_counts([len(ids) for ids in members], rows, seed=self.seed, limit=self.limit)
        except engine_cpsat.TimeEnded:
            raise Unsettled from None
        if counts is None:
            return None
        return frozenset(i for ids, count in zip(members, counts, strict=True) for i in ids[:count])

    def refuse(self, chosen: Selection, i: int, rules: Rules) -> None:
        """Remember a proof that `i` cannot come to `chosen` under `rules`."""
        self.refusals.append(Refusal(chosen, i, rules))

    def known_refusal(self, chosen: Selection, i: int, rules: Rules | None = None) -> bool:
        """Whether an earlier proof covers `i`: one who was refused when no more were in, and who asked for no more.

        Why that is a proof: a completion with `i` would be one for the earlier applicant too, in the place of `i`.
        """
        asked = self.rules if rules is None else rules
        if any(proof.rules <= asked and proof.refuses(chosen, i) for proof in reversed(self.proofs)):
            return True
        return any(
            past.rules <= asked and self._asks_no_less(i, past) and past.chosen <= chosen for past in self.refusals
        )

    def _asks_no_less(self, i: int, past: Refusal) -> bool:
        mine = {n: w for n, w in self.loads[i] if self.lines[n].rule in past.rules}
        theirs = {n: w for n, w in self.loads[past.application] if self.lines[n].rule in past.rules}
        for number in mine.keys() | theirs.keys():
            line, more, less = self.lines[number], mine.get(number, 0), theirs.get(number, 0)
            if line.at_most is not None and more < less:
                return False
            if line.at_least > 0 and more > less:
                return False
        return True
