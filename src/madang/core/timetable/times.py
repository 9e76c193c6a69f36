"""What the clock says of slots: which overlap, which follow in a row, which are next to each other."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

from madang.core.timetable.model import Slot


def instants(slots: Sequence[Slot]) -> list[tuple[int, list[int]]]:
    """Each moment at which a slot begins: the first slot that begins then, and all slots under way.

    Two slots overlap if and only if they are under way together at one of these moments.
    """
    spans = [(slot.begins, slot.ends) for slot in slots]
    first: dict[dt.datetime, int] = {}
    for number, (begins, _) in enumerate(spans):
        first.setdefault(begins, number)
    return [
        (number, [other for other, (begins, ends) in enumerate(spans) if begins <= moment < ends])
        for moment, number in first.items()
    ]


def overlapping(slots: Sequence[Slot]) -> list[set[int]]:
    """For each slot those that overlap it, itself among them."""
    found: list[set[int]] = [set() for _ in slots]
    for _, together in instants(slots):
        for slot in together:
            found[slot].update(together)
    return found


def runs(slots: Sequence[Slot], length: int, gap_min: int) -> list[list[int]]:
    """Every `length` slots in a row: each begins at most `gap_min` minutes after the one before ends."""
    order = sorted(range(len(slots)), key=lambda number: slots[number].begins)
    gap = dt.timedelta(minutes=gap_min)
    joined = [slots[later].begins - slots[earlier].ends <= gap for earlier, later in itertools.pairwise(order)]
    return [
        order[start : start + length]
        for start in range(len(order) - length + 1)
        if all(joined[start : start + length - 1])
    ]


def neighbours(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """Ordered pairs of slots that overlap (a slot with itself too), or between which no whole slot lies."""
    spans = [(slot.begins, slot.ends) for slot in slots]
    pairs = {(slot, other) for slot, others in enumerate(overlapping(slots)) for other in others}
    for earlier, (_, ends) in enumerate(spans):
        first_end = min((e for b, e in spans if b >= ends), default=None)
        for later, (begins, _) in enumerate(spans):
            if begins >= ends and first_end is not None and begins < first_end:
                pairs |= {(earlier, later), (later, earlier)}
    return sorted(pairs)
