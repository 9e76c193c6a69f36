"""The timetable: a relaxation that bounds it, a search that reaches the bound, and the prices that prove it.

Model, guarantees, cost and a worked example: `docs/algorithms/timetable.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.problem import Status, frame
from madang.core.reasons import Malformed
from madang.core.timetable.best import Best, bounded, search
from madang.core.timetable.explain import told, why_not_kept, why_unmet
from madang.core.timetable.faults import faults_in
from madang.core.timetable.model import Placed, TimetableProblem
from madang.core.timetable.packing import Packing, packing_of
from madang.core.timetable.prices import Floors, Prices, margins
from madang.core.timetable.shares import Shares, largest_worst
from madang.core.timetable.tables import number_tables


@dataclass(frozen=True, slots=True)
class Pins:
    """Places that stand before anything is searched: fixed ones, and those of the earlier plan that stay."""

    fixed: list[int]
    kept: list[int]
    possible: dict[int, int]  # number in `keep` -> its place, where it is possible alone beside the fixed ones

    @property
    def all_kept(self) -> bool:
        return len(self.kept) == len(self.possible)

    @property
    def proven(self) -> list[int]:
        """Pins that no better plan lacks."""
        return [*self.fixed, *self.kept] if self.all_kept else self.fixed


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst share of the plan, a bound of it, and the prices that prove the bound."""

    share: Fraction
    bound: Fraction
    prices: Prices


def solve_timetable(problem: TimetableProblem, deadline: Deadline = NO_DEADLINE) -> dict[str, Any]:
    """Who meets whom, when and where; a `TimetableResult` ready for JSON.

    `optimal` where the prices in `certificate` prove it, else `feasible` with the bound that they prove. There is
    always a timetable: the fixed meetings alone are one. Raises `Malformed` for an unsound problem. Deterministic
    unless time ends. Cost: a flow over wishes x slots arcs, and chains; HiGHS for what these leave open. Example:

    >>> hour = {"start": "2026-10-12T10:00:00+09:00", "end": "2026-10-12T10:25:00+09:00"}
    >>> wishes = [{"company": "c1", "agency": "g1", "weight": 7}, {"company": "c2", "agency": "g1", "weight": 3}]
    >>> problem = TimetableProblem.model_validate({"version": 1, "slots": [{"id": "s1", **hour}], "tables": 1,
    ...     "companies": [{"id": "c1"}, {"id": "c2"}], "agencies": [{"id": "g1"}], "wishes": wishes})
    >>> solve_timetable(problem)["meetings"]
    [{'company': 'c1', 'agency': 'g1', 'slot': 's1', 'table': 1}]
    """
    if faults := faults_in(problem):
        raise Malformed(faults)
    packing = packing_of(problem)
    pins = _pins(problem, packing)
    base, rest = packing.beside(pins.proven), packing.beside([*pins.fixed, *pins.kept])
    shares = Shares.of(packing)
    before = shares.met(packing, [*pins.fixed, *pins.kept])
    fairest = None
    floors = Floors.none(packing)
    if problem.objective == "fair" and len(shares.counted):
        fairest = largest_worst(base, shares, shares.met(packing, pins.proven))
        floors = shares.floors(fairest[0], before)
    best = search(rest, floors, problem.seed, problem.time_limit_s, deadline)
    numbers = packing.place_of()
    keys = zip(rest.wish[best.places].tolist(), rest.slot[best.places].tolist(), strict=True)
    places = sorted([*pins.fixed, *pins.kept, *(numbers[key] for key in keys)])
    worst = None
    reached = Floors.none(packing)
    if fairest:
        share = shares.worst(shares.met(packing, places))
        assert share is not None
        worst = Worst(share, *fairest)
        reached = shares.floors(share, shares.met(packing, pins.proven))
    if not pins.all_kept or (worst and worst.share != worst.bound):
        again = bounded(base, reached)
        best = Best(best.places, again.prices, again.bound, best.engines)
    return _Answer(problem, packing, base, pins, places, best, worst).result()


def _pins(problem: TimetableProblem, packing: Packing) -> Pins:
    """Fixed meetings, and as many of the earlier plan as chains can keep together: nearly always all."""
    places, slots = packing.place_of(), {slot.id: number for number, slot in enumerate(problem.slots)}
    wishes = {(one.company, one.agency): number for number, one in enumerate(problem.wishes)}

    def place(one: Placed) -> int | None:
        return places.get((wishes.get((one.company, one.agency), -1), slots.get(one.slot, -1)))

    fixed = [found for one in problem.fixed if (found := place(one)) is not None]
    beside = packing.beside(fixed)
    left = set(zip(beside.wish.tolist(), beside.slot.tolist(), strict=True))
    possible: dict[int, int] = {}
    for number, one in enumerate(problem.keep):
        found = place(one)
        if found is not None and (int(packing.wish[found]), int(packing.slot[found])) in left:
            possible[number] = found
    # a fixed wish is no place beside the fixed ones: kept where it is fixed, it stays without a pin of its own
    load, kept = packing.load(fixed), []
    for found in possible.values():
        limits = packing.limits[packing.start[found] : packing.start[found + 1]]
        if (load[limits] < packing.capacity[limits]).all():
            load[limits] += 1
            kept.append(found)
    return Pins(fixed, kept, possible)


@dataclass(frozen=True, slots=True)
class _Answer:
    problem: TimetableProblem
    packing: Packing
    base: Packing
    pins: Pins
    places: list[int]
    best: Best
    worst: Worst | None

    def result(self) -> dict[str, Any]:
        packing, worst = self.packing, self.worst
        weight = int(packing.weight[packing.wish[self.places]].sum())
        proven_pins = int(packing.weight[packing.wish[self.pins.proven]].sum())
        whole_bound = proven_pins + self.best.bound // self.best.prices.scale
        proven = weight == whole_bound and self.pins.all_kept and (worst is None or worst.share == worst.bound)
        changes, moved, gave_way = self._changes()
        reasons = told(proven=proven, all_kept=self.pins.all_kept, gave_way=gave_way)
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        return {
            **frame("timetable", status, reasons, self.problem.seed, ", ".join(self.best.engines)),
            "meetings": self._meetings(),
            "weight": weight,
            "bound": whole_bound,
            "worst": None if worst is None else str(worst.share),
            "worst_bound": None if worst is None else str(worst.bound),
            "moved": moved,
            "changes": changes,
            **self._shares(),
            "unmet": self._unmet(weight, proven_pins),
            "certificate": {
                "weight": self._told_prices(self.best.prices),
                "worst": None if worst is None else self._told_prices(worst.prices),
            },
        }

    def _slot_of(self) -> dict[tuple[str, str], int]:
        found = {}
        for place in self.places:
            wish = self.problem.wishes[self.packing.wish[place]]
            found[wish.company, wish.agency] = int(self.packing.slot[place])
        return found

    def _meetings(self) -> list[dict[str, Any]]:
        slot_of, slots = self._slot_of(), self.problem.slots
        return [
            {"company": pair[0], "agency": pair[1], "slot": slots[slot_of[pair]].id, "table": table}
            for pair, table in sorted(number_tables(self.problem, slot_of).items())
        ]

    def _changes(self) -> tuple[list[dict[str, Any]], int, int]:
        """Meetings of the earlier plan that do not stay, how many of them could have, and how many gave way."""
        slot_of, slots = self._slot_of(), self.problem.slots
        changes, moved = [], 0
        for number, one in enumerate(self.problem.keep):
            now = slot_of.get((one.company, one.agency))
            if now is not None and slots[now].id == one.slot:
                continue
            could = number in self.pins.possible
            moved += could
            to = None if now is None else slots[now].id
            where = {"company": one.company, "agency": one.agency, "slot": one.slot, "to": to}
            changes.append({**where, "reason": why_not_kept(could).as_json()})
        return changes, moved, len(self.pins.possible) - len(self.pins.kept)

    def _shares(self) -> dict[str, Any]:
        shares = Shares.of(self.packing)
        met = shares.met(self.packing, self.places).tolist()
        lines = [
            {"id": one.id, "wished": wished, "met": held, "share": str(Fraction(held, wished)) if wished else None}
            for one, wished, held in zip(
                (*self.problem.companies, *self.problem.agencies), shares.wished.tolist(), met, strict=True
            )
        ]
        return {"companies": lines[: self.packing.companies], "agencies": lines[self.packing.companies :]}

    def _unmet(self, weight: int, pinned: int) -> list[dict[str, Any]]:
        """With the least that a plan with this wish would weigh less, read off the prices."""
        base, best = self.base, self.best
        margin = margins(base, best.prices, base.weight)
        highest = np.full(len(base.weight), np.iinfo(np.int64).min)
        np.maximum.at(highest, base.wish, margin)
        lines = []
        for wish, reason in why_unmet(self.problem, self.packing, self.places).items():
            one = self.problem.wishes[wish]
            reachable = int(highest[wish]) > np.iinfo(np.int64).min
            at_best = pinned + (best.bound + min(int(highest[wish]), 0)) // best.prices.scale
            cost = max(weight - at_best, 0) if reachable else 0
            lines.append(
                {"company": one.company, "agency": one.agency, "reason": reason.as_json(), "cost_at_least": cost}
            )
        return lines

    def _told_prices(self, prices: Prices) -> dict[str, Any]:
        names = self.packing.names
        own = [
            {"rule": names[limit][0], "of": list(names[limit][1]), "price": int(prices.of[limit])}
            for limit in np.flatnonzero(prices.of).tolist()
        ]
        premiums = [
            {"rule": rule, "of": [side[number].id], "price": int(held[number])}
            for rule, side, held in (
                ("company", self.problem.companies, prices.companies),
                ("agency", self.problem.agencies, prices.agencies),
            )
            for number in np.flatnonzero(held).tolist()
        ]
        return {"scale": prices.scale, "prices": own, "premiums": premiums}
