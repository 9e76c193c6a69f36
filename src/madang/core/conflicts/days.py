"""Days that may be known to the month or the year only, and the period before a day in which a tie counts.

The days and what they leave open: `docs/algorithms/conflicts.md`.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from functools import lru_cache

from madang.core.clocks import add_period

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2899, 12, 31)
MOST_YEARS = 100

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")

#: Whether something held in a window: surely not, if the day that is not known fell so, surely.
NO, PERHAPS, SURELY = 0, 1, 2


def partial_day(text: str) -> str:
    """`2021`, `2021-03` or `2021-03-15` between 1900 and 2899; raises `ValueError`."""
    bounds(text)
    return text


@lru_cache(maxsize=65_536)
def bounds(text: str) -> tuple[dt.date, dt.date]:
    """The earliest and the latest day that a partly known day may be; raises `ValueError`."""
    match = _PARTIAL.fullmatch(text)
    if not match:
        raise ValueError("conflict_not_a_day")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        first = dt.date(year, month or 1, day or 1)
    except ValueError:
        raise ValueError("conflict_not_a_day") from None
    last_month = month or 12
    last = first if day else dt.date(year, last_month, monthrange(year, last_month)[1])
    if not EARLIEST <= first <= last <= LATEST:
        raise ValueError("conflict_day_out_of_reach")
    return first, last


def since(as_of: dt.date, years: int) -> dt.date:
    """The first day on which something may have ended and still lie within `years` years of `as_of`.

    The years are counted from the day after the end (`core.clocks.add_period`), so what ended exactly N years before
    `as_of` still counts on that day, and no longer on the next. 0 years: `as_of` itself. Never before 1900.
    """
    if years == 0:
        return as_of
    if as_of.year - years < EARLIEST.year:
        return EARLIEST
    day = dt.date(as_of.year - years, as_of.month, min(as_of.day, 28))
    while day > EARLIEST and add_period(day, years=years) >= as_of:
        day -= dt.timedelta(days=1)
    while add_period(day, years=years) < as_of:
        day += dt.timedelta(days=1)
    return day


def held_within(from_: str | None, to: str | None, first: dt.date, last: dt.date) -> int:
    """Whether what ran from `from_` to `to` (open where null) held on any day from `first` to `last`."""
    begins, ends = spread(from_, to)
    if begins[0] > last or ends[1] < first:
        return NO
    return SURELY if begins[1] <= last and ends[0] >= first else PERHAPS


def spread(from_: str | None, to: str | None) -> tuple[tuple[dt.date, dt.date], tuple[dt.date, dt.date]]:
    """(Earliest, latest) first day and (earliest, latest) last day; the first is never after the last."""
    begins = bounds(from_) if from_ else (EARLIEST, EARLIEST)
    ends = bounds(to) if to else (LATEST, LATEST)
    return (begins[0], min(begins[1], ends[1])), (max(begins[0], ends[0]), ends[1])
