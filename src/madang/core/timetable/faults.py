"""What is wrong with the meaning of a timetable problem whose form is right, each with its JSON pointer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from madang.core.reasons import Fault, Param
from madang.core.timetable.model import (
    MOST_APART,
    MOST_PLACES,
    MOST_SLOTS,
    MOST_WISHES,
    Interpreters,
    Participant,
    TimetableProblem,
)
from madang.core.timetable.packing import apart_pairs, packing_of
from madang.core.timetable.times import overlapping


def faults_in(problem: TimetableProblem) -> list[Fault]:
    """Every fault; a problem that is too large is told only that. Cost: linear, and the packing where `fixed` is."""
    if too_large := list(_size_faults(problem)):
        return too_large
    faults = [*_slot_faults(problem), *_people_faults(problem), *_pair_faults(problem), *_rule_faults(problem)]
    return faults or [*_crossing_faults(problem), *_fixed_faults(problem)]


def _size_faults(problem: TimetableProblem) -> Iterator[Fault]:
    wishes, slots = len(problem.wishes), len(problem.slots)
    for count, most, at in ((wishes, MOST_WISHES, "/wishes"), (slots, MOST_SLOTS, "/slots")):
        if count > most:
            yield Fault("timetable_too_large", at, {"count": count, "most": most})
    people = len(problem.companies) + len(problem.agencies)
    if max(wishes, people) * slots > MOST_PLACES:
        yield Fault("timetable_too_large", "/slots", {"count": max(wishes, people) * slots, "most": MOST_PLACES})


def _slot_faults(problem: TimetableProblem) -> Iterator[Fault]:
    yield from _doubles((slot.id for slot in problem.slots), "/slots", "timetable_slot_twice")
    for number, slot in enumerate(problem.slots):
        if slot.ends <= slot.begins:
            yield Fault("timetable_slot_ends_early", f"/slots/{number}/end", {"slot": slot.id})


def _people_faults(problem: TimetableProblem) -> Iterator[Fault]:
    slots = {slot.id for slot in problem.slots}
    sides: tuple[tuple[str, Sequence[Participant]], ...] = (
        ("companies", problem.companies),
        ("agencies", problem.agencies),
    )
    for name, side in sides:
        yield from _doubles((one.id for one in side), f"/{name}", "timetable_participant_twice")
    people: list[tuple[str, Participant | Interpreters]] = [
        (f"/{name}/{number}", one) for name, side in sides for number, one in enumerate(side)
    ]
    people += [(f"/interpreters/{number}", pool) for number, pool in enumerate(problem.interpreters)]
    for at, someone in people:
        for place, slot in enumerate(someone.free or ()):
            if slot not in slots:
                yield Fault("timetable_unknown_slot", f"{at}/free/{place}", {"slot": slot})
    for number, pool in enumerate(problem.interpreters):
        if pool.languages[0] == pool.languages[1]:
            yield Fault("timetable_one_language", f"/interpreters/{number}/languages", {"language": pool.languages[0]})


def _pair_faults(problem: TimetableProblem) -> Iterator[Fault]:
    companies, agencies = {one.id for one in problem.companies}, {one.id for one in problem.agencies}
    named = [
        *((f"/wishes/{n}", one.company, one.agency) for n, one in enumerate(problem.wishes)),
        *((f"/vetoes/{n}", *pair) for n, pair in enumerate(problem.vetoes)),
        *((f"/met_before/{n}", *pair) for n, pair in enumerate(problem.met_before)),
        *((f"/fixed/{n}", one.company, one.agency) for n, one in enumerate(problem.fixed)),
    ]
    for at, company, agency in named:
        if company not in companies:
            yield Fault("timetable_unknown_company", at, {"company": company})
        if agency not in agencies:
            yield Fault("timetable_unknown_agency", at, {"agency": agency})
    for name, held in (("wishes", problem.wishes), ("keep", problem.keep), ("fixed", problem.fixed)):
        yield from _pairs_twice(held, f"/{name}")
    for number, one in enumerate(problem.apart):
        for place, company in enumerate(one.companies):
            if company not in companies:
                yield Fault("timetable_unknown_company", f"/apart/{number}/companies/{place}", {"company": company})
        if one.companies[0] == one.companies[1]:
            yield Fault("timetable_apart_from_itself", f"/apart/{number}/companies", {"company": one.companies[0]})


def _rule_faults(problem: TimetableProblem) -> Iterator[Fault]:
    slots = {slot.id for slot in problem.slots}
    for number, one in enumerate(problem.fixed):
        if one.slot not in slots:
            yield Fault("timetable_unknown_slot", f"/fixed/{number}/slot", {"slot": one.slot})
        if one.table is not None and one.table > problem.tables:
            params: dict[str, Param] = {"table": one.table, "tables": problem.tables}
            yield Fault("timetable_no_such_table", f"/fixed/{number}/table", params)
    if any(one.by == "session" for one in problem.apart) and all(slot.session is None for slot in problem.slots):
        yield Fault("timetable_no_sessions", "/apart")


def _crossing_faults(problem: TimetableProblem) -> Iterator[Fault]:
    """What needs sound slots to be asked."""
    if problem.breaks is not None and any(len(others) > 1 for others in overlapping(problem.slots)):
        yield Fault("timetable_breaks_with_overlap", "/breaks")
    forbidden = sum(len(near) for _, near in apart_pairs(problem))
    if forbidden > MOST_APART:
        yield Fault("timetable_too_large", "/apart", {"count": forbidden, "most": MOST_APART})


def _fixed_faults(problem: TimetableProblem) -> Iterator[Fault]:
    """Each fixed meeting beside those before it."""
    if not problem.fixed:
        return
    packing = packing_of(problem)
    place_of, slots = packing.place_of(), {slot.id: number for number, slot in enumerate(problem.slots)}
    wishes = {(one.company, one.agency): number for number, one in enumerate(problem.wishes)}
    used = [0] * len(packing.capacity)
    beside = overlapping(problem.slots)
    tables: dict[tuple[int, int], int] = {}
    for number, one in enumerate(problem.fixed):
        at, pair = f"/fixed/{number}", {"company": one.company, "agency": one.agency, "slot": one.slot}
        place = place_of.get((wishes.get((one.company, one.agency), -1), slots[one.slot]))
        if place is None:
            yield Fault(_why_impossible(problem, one), at, dict(pair))
            continue
        for limit in packing.limits[packing.start[place] : packing.start[place + 1]].tolist():
            used[limit] += 1
            if used[limit] > packing.capacity[limit]:
                rule, ids = packing.names[limit]
                yield Fault("timetable_fixed_over_limit", at, {"rule": rule, "of": list(ids), **pair})
                break
        if one.table is not None:
            if any((slot, one.table) in tables for slot in beside[slots[one.slot]]):
                yield Fault("timetable_fixed_table_taken", f"{at}/table", {"table": one.table, "slot": one.slot})
            tables[slots[one.slot], one.table] = number


def _why_impossible(problem: TimetableProblem, one: Any) -> str:
    pair = (one.company, one.agency)
    if pair not in {(wish.company, wish.agency) for wish in problem.wishes}:
        return "timetable_fixed_not_wished"
    if pair in set(problem.vetoes):
        return "timetable_fixed_vetoed"
    if pair in set(problem.met_before):
        return "timetable_fixed_met_before"
    people = [
        *(p for p in problem.companies if p.id == one.company),
        *(p for p in problem.agencies if p.id == one.agency),
    ]
    if any(person.free is not None and one.slot not in person.free for person in people):
        return "timetable_fixed_not_free"
    return "timetable_fixed_no_interpreter"


def _doubles(ids: Iterable[str], at: str, code: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, name in enumerate(ids):
        if name in seen:
            yield Fault(code, f"{at}/{number}/id", {"id": name})
        seen.add(name)


def _pairs_twice(held: Iterable[Any], at: str) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(held):
        pair = (one.company, one.agency)
        if pair in seen:
            yield Fault("timetable_pair_twice", f"{at}/{number}", {"company": one.company, "agency": one.agency})
        seen.add(pair)
