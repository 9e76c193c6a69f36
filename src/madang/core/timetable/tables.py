"""Numbers for tables: those fixed, those of the earlier plan where they are free, the lowest free one for the rest."""

from __future__ import annotations

from collections.abc import Mapping

from madang.core.timetable.model import TimetableProblem
from madang.core.timetable.times import overlapping

Pair = tuple[str, str]


def number_tables(problem: TimetableProblem, slot_of: Mapping[Pair, int]) -> dict[Pair, int | None]:
    """A table for each meeting, no two at one table at one time.

    None only where slots overlap in part and numbers fixed before leave none: how many meetings are held at a time is
    kept in any case. Cost: meetings x tables.
    """
    beside = overlapping(problem.slots)
    taken: list[set[int]] = [set() for _ in problem.slots]
    numbers: dict[Pair, int | None] = {}

    def give(pair: Pair, table: int) -> None:
        numbers[pair] = table
        for slot in beside[slot_of[pair]]:
            taken[slot].add(table)

    places = {slot.id: number for number, slot in enumerate(problem.slots)}
    for wanted, only_if_free in ((problem.fixed, False), (problem.keep, True)):
        for one in wanted:
            pair = (one.company, one.agency)
            if one.table is None or one.table > problem.tables or pair in numbers:
                continue
            if pair not in slot_of or slot_of[pair] != places.get(one.slot):
                continue
            if not only_if_free or one.table not in taken[slot_of[pair]]:
                give(pair, one.table)
    rest = [pair for pair in slot_of if pair not in numbers]
    for pair in sorted(rest, key=lambda pair: (problem.slots[slot_of[pair]].begins, pair)):
        used = taken[slot_of[pair]]
        table = next(number for number in range(1, len(used) + 2) if number not in used)
        if table <= problem.tables:
            give(pair, table)
        else:
            numbers[pair] = None
    return numbers
