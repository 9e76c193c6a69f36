"""The timetable as one packing problem: places (a wish in a slot) that use up limits, each limit with a capacity.

Every rule is such a limit: one meeting at a time, the tables of a moment, a maximum, interpreters, breaks, companies
kept apart. A wish has one place at most. Tables are counted, and numbered only when the plan is made.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from madang.core.timetable.model import Interpreters, Participant, TimetableProblem
from madang.core.timetable.times import instants, neighbours, runs

Ints = NDArray[np.int64]
#: A limit in words of the problem: the rule and the ids that it concerns.
Name = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Packing:
    """Places 0.. with their wish, slot and limits (`limits[start[p]:start[p + 1]]`); wishes with company and agency.

    Limits are numbered: companies, agencies (meetings in all), company x moment, agency x moment, tables x moment, then
    the rest. `moment[slot]` is the moment at which the slot begins.
    """

    company: Ints
    agency: Ints
    weight: Ints
    wish: Ints
    slot: Ints
    start: Ints
    limits: Ints
    capacity: Ints
    names: list[Name]
    companies: int
    agencies: int
    moments: int
    moment: Ints

    def company_at(self) -> int:
        return self.companies + self.agencies

    def agency_at(self) -> int:
        return self.company_at() + self.companies * self.moments

    def tables_at(self) -> int:
        return self.agency_at() + self.agencies * self.moments

    def limits_of(self) -> list[list[int]]:
        """The limits of each place, as lists."""
        edges, flat = self.start.tolist(), self.limits.tolist()
        return [flat[begin:end] for begin, end in itertools.pairwise(edges)]

    def load(self, places: Iterable[int]) -> Ints:
        """How much of each limit these places use."""
        used = np.zeros(len(self.capacity), dtype=np.int64)
        for place in places:
            used[self.limits[self.start[place] : self.start[place + 1]]] += 1
        return used

    def beside(self, pinned: Sequence[int]) -> Packing:
        """What is left when these places are taken: less capacity, and only places that still fit."""
        capacity = self.capacity - self.load(pinned)
        free = np.ones(len(self.weight), dtype=bool)
        free[self.wish[list(pinned)]] = False
        alive = free[self.wish]
        if len(alive):
            alive &= np.minimum.reduceat(capacity[self.limits], self.start[:-1]) > 0
        return replace(self.only(alive), capacity=capacity)

    def only(self, alive: NDArray[np.bool_]) -> Packing:
        """The same limits with some of the places."""
        sizes = np.diff(self.start)
        return replace(
            self,
            wish=self.wish[alive],
            slot=self.slot[alive],
            start=np.concatenate([[0], np.cumsum(sizes[alive])]).astype(np.int64),
            limits=self.limits[np.repeat(alive, sizes)],
        )

    def place_of(self) -> dict[tuple[int, int], int]:
        """(wish, slot) -> place."""
        return {key: number for number, key in enumerate(zip(self.wish.tolist(), self.slot.tolist(), strict=True))}


def packing_of(problem: TimetableProblem) -> Packing:
    """The packing of a sound problem. Cost: wishes x slots, and the limits of `apart` and `breaks`."""
    companies = {one.id: number for number, one in enumerate(problem.companies)}
    agencies = {one.id: number for number, one in enumerate(problem.agencies)}
    company = np.array([companies[wish.company] for wish in problem.wishes], dtype=np.int64)
    agency = np.array([agencies[wish.agency] for wish in problem.wishes], dtype=np.int64)
    pools = pools_of(problem)
    wish, slot = np.nonzero(_possible(problem, company, agency, pools))
    builder = _Limits(problem, company[wish], agency[wish], slot, np.array(pools, dtype=np.int64)[wish])
    builder.all()
    places, limits = np.concatenate(builder.places), np.concatenate(builder.limits)
    order = np.argsort(places, kind="stable")
    return Packing(
        company=company,
        agency=agency,
        weight=np.array([one.weight for one in problem.wishes], dtype=np.int64),
        wish=wish.astype(np.int64),
        slot=slot.astype(np.int64),
        start=np.searchsorted(places[order], np.arange(len(wish) + 1)).astype(np.int64),
        limits=limits[order],
        capacity=np.array(builder.capacity, dtype=np.int64),
        names=builder.names,
        companies=len(companies),
        agencies=len(agencies),
        moments=len(builder.moments),
        moment=np.array(builder.moment_of_slot, dtype=np.int64),
    )


def pools_of(problem: TimetableProblem) -> list[int]:
    """The interpreters that each wish needs: -1 for none, -2 where nobody can interpret, else the first pool that can.

    None where both share a language, or one of them states none.
    """
    companies = {one.id: frozenset(one.languages) for one in problem.companies}
    agencies = {one.id: frozenset(one.languages) for one in problem.agencies}
    return [_pool(problem.interpreters, companies[wish.company], agencies[wish.agency]) for wish in problem.wishes]


def _pool(pools: Sequence[Interpreters], mine: frozenset[str], yours: frozenset[str]) -> int:
    if not mine or not yours or mine & yours:
        return -1
    for number, pool in enumerate(pools):
        one, other = pool.languages
        if (one in mine and other in yours) or (other in mine and one in yours):
            return number
    return -2


def _free(participants: Sequence[Participant | Interpreters], slots: dict[str, int]) -> NDArray[np.bool_]:
    table = np.zeros((len(participants), len(slots)), dtype=bool)
    for row, one in zip(table, participants, strict=True):
        if one.free is None:
            row[:] = True
        else:
            row[[slots[name] for name in one.free]] = True
    return table


def _possible(problem: TimetableProblem, company: Ints, agency: Ints, pools: list[int]) -> NDArray[np.bool_]:
    """Wishes x slots: neither vetoed nor met before, both free, interpreters there."""
    slots = {slot.id: number for number, slot in enumerate(problem.slots)}
    possible = _free(problem.companies, slots)[company] & _free(problem.agencies, slots)[agency]
    barred = {(one, other) for one, other in (*problem.vetoes, *problem.met_before)}
    possible[[number for number, one in enumerate(problem.wishes) if (one.company, one.agency) in barred]] = False
    if pools:
        nobody, not_needed = np.zeros((1, len(slots)), dtype=bool), np.ones((1, len(slots)), dtype=bool)
        possible &= np.vstack([_free(problem.interpreters, slots), nobody, not_needed])[pools]  # at -2 and -1
    return possible


class _Limits:
    """Gathers which place uses which limit; numbering as `Packing` says."""

    def __init__(self, problem: TimetableProblem, company: Ints, agency: Ints, slot: Ints, pool: Ints) -> None:
        self.problem, self.company, self.agency, self.slot, self.pool = problem, company, agency, slot, pool
        self.moments = instants(problem.slots)
        begins = [one.begins for one in problem.slots]
        of_begin = {begins[first]: number for number, (first, _) in enumerate(self.moments)}
        self.moment_of_slot = [of_begin[begin] for begin in begins]
        self.places: list[Ints] = []
        self.limits: list[Ints] = []
        self.capacity: list[int] = []
        self.names: list[Name] = []

    def all(self) -> None:
        problem, most = self.problem, len(self.problem.slots)
        everybody = np.arange(len(self.slot))
        for rule, side, number in (
            ("company", problem.companies, self.company),
            ("agency", problem.agencies, self.agency),
        ):
            first = self._add(
                (rule, (one.id,), most if one.max_meetings is None else min(one.max_meetings, most)) for one in side
            )
            self._use(everybody, first + number)
        moments = [problem.slots[first].id for first, _ in self.moments]
        under_way = [(m, np.flatnonzero(np.isin(self.slot, slots))) for m, (_, slots) in enumerate(self.moments)]
        for rule, side, number in (
            ("company_at", problem.companies, self.company),
            ("agency_at", problem.agencies, self.agency),
        ):
            first = self._add((rule, (one.id, moment), 1) for one in side for moment in moments)
            for m, places in under_way:
                self._use(places, first + number[places] * len(moments) + m)
        first = self._add(("tables_at", (moment,), problem.tables) for moment in moments)
        for m, places in under_way:
            self._use(places, np.full(len(places), first + m))
        for held, pool in enumerate(problem.interpreters):
            first = self._add(("interpreters_at", (*pool.languages, moment), pool.count) for moment in moments)
            for m, places in under_way:
                places = places[self.pool[places] == held]
                self._use(places, np.full(len(places), first + m))
        self._breaks()
        self._apart()

    def _breaks(self) -> None:
        if (breaks := self.problem.breaks) is None:
            return
        for run in runs(self.problem.slots, breaks.max_in_a_row + 1, breaks.gap_min):
            inside = np.flatnonzero(np.isin(self.slot, run))
            begin = self.problem.slots[run[0]].id
            for side, number in ((self.problem.companies, self.company), (self.problem.agencies, self.agency)):
                rule = "company" if side is self.problem.companies else "agency"
                first = self._add(("breaks", (rule, one.id, begin), breaks.max_in_a_row) for one in side)
                self._use(inside, first + number[inside])

    def _apart(self) -> None:
        of = {one.id: number for number, one in enumerate(self.problem.companies)}
        for names, near in apart_pairs(self.problem):
            one, other = (np.flatnonzero(self.company == of[name]) for name in names)
            for slot, beside in near:
                ids = (self.problem.slots[slot].id, self.problem.slots[beside].id)
                limit = self._add([("apart", (*names, *ids), 1)])
                places = np.concatenate([one[self.slot[one] == slot], other[self.slot[other] == beside]])
                self._use(places, np.full(len(places), limit))

    def _add(self, limits: Iterable[tuple[str, tuple[str, ...], int]]) -> int:
        first = len(self.names)
        for rule, ids, capacity in limits:
            self.names.append((rule, ids))
            self.capacity.append(capacity)
        return first

    def _use(self, places: Ints, limits: Ints) -> None:
        self.places.append(places.astype(np.int64))
        self.limits.append(limits.astype(np.int64))


def apart_pairs(problem: TimetableProblem) -> Iterator[tuple[tuple[str, str], list[tuple[int, int]]]]:
    """Companies to be kept apart, with each pair of slots that they may not use together: the first's, the second's."""
    next_to = neighbours(problem.slots) if any(one.by == "next_slot" for one in problem.apart) else []
    sessions = [slot.session for slot in problem.slots]
    together = [
        (slot, other)
        for slot, mine in enumerate(sessions)
        for other, yours in enumerate(sessions)
        if mine is not None and mine == yours
    ]
    for one in problem.apart:
        yield (one.companies[0], one.companies[1]), next_to if one.by == "next_slot" else together
