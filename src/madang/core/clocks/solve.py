"""The last day of a period, by arithmetic: whole weeks, holidays and stops are subtracted, no day is walked.

Model, statutes and worked examples: `docs/algorithms/clocks.md`.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from madang.core.clocks.explain import told_days, why_open
from madang.core.clocks.model import Calendar, Count, Position, Stop, Terms, require_sound

_Span = tuple[int, int]
"""First and last day as ordinals, both included."""


def count_days(
    terms: Terms, start: dt.date, calendar: Calendar, stops: Sequence[Stop] = (), today: dt.date | None = None
) -> Count:
    """The period of `terms` that begins on `start`: its last day, every day that counted, every day that did not.

    A day counts unless it is the excluded first day, lies in a stop, or (business days) is closed. When the days are
    used up on a closed day, a count of calendar days ends on the next open day where `rolls` says so; stops no longer
    matter then. `today` adds the position at its end, and is how far a stop without an end is known to last.
    Raises `Malformed` (days, a stop that ends before it starts, a day beyond 1900-2999).
    Cost: the days told, plus (holidays + stops) x log of the length.
    """
    require_sound(terms, start, stops, today)
    begins = start.toordinal() + (terms.first_day == "excluded")
    tally = _Tally(terms, calendar, [_span(stop, today) for stop in stops])
    used_up = tally.day_on_which(begins, terms.days)
    ends = _next_open(calendar, used_up) if _may_roll(terms) else used_up
    standing = min((s.first for s in stops if s.last is None and s.first.toordinal() <= used_up), default=None)
    reaches = _reaches(terms, calendar, begins, used_up, ends)
    left = None if standing is None else terms.days - tally.between(begins, standing.toordinal() - 1)
    reasons = why_open(calendar, _day(ends), standing, left, reaches=reaches)
    until = _told_until(calendar, _day(begins), _day(ends), standing, today, reaches=reaches)
    counted, skipped = told_days(terms, start, calendar, stops, until) if until else ((), ())
    return Count(
        last=None if reasons else _day(ends),
        not_before=_day(ends),
        rolled_from=_day(used_up) if ends != used_up and not reasons else None,
        counted=counted,
        skipped=skipped,
        position=None if today is None else _position(tally, begins, ends, today, open_=bool(reasons)),
        reasons=reasons,
    )


class _Tally:
    """How many days between two days count, stops taken out."""

    def __init__(self, terms: Terms, calendar: Calendar, stops: Sequence[_Span]) -> None:
        self.terms = terms
        self.calendar = calendar
        self.stops = _merged(stops)
        weekend = calendar.weekend
        shut = (day for day in calendar.closed if day.weekday() not in weekend and day not in calendar.opened)
        self.shut = sorted(day.toordinal() for day in shut)
        self.extra = sorted(day.toordinal() for day in calendar.opened if day.weekday() in weekend)

    def between(self, first: int, last: int) -> int:
        """How many days from `first` to `last` count."""
        stopped = sum(self._open(max(first, a), min(last, b)) for a, b in self.stops)
        return self._open(first, last) - stopped

    def day_on_which(self, begins: int, days: int) -> int:
        """The first day by which so many have counted: doubling until it is passed, then halving."""
        least, most = begins, begins + days
        while self.between(begins, most) < days:
            least, most = most, most + 2 * (most - begins)
        while least < most:
            middle = (least + most) // 2
            if self.between(begins, middle) < days:
                least = middle + 1
            else:
                most = middle
        return least

    def _open(self, first: int, last: int) -> int:
        """Days from `first` to `last`; for business days those on which offices work."""
        if last < first:
            return 0
        if self.terms.count == "calendar":
            return last - first + 1
        weekdays = sum(_weekdays(first, last, day) for day in range(7) if day not in self.calendar.weekend)
        return weekdays - _within(self.shut, first, last) + _within(self.extra, first, last)


def _weekdays(first: int, last: int, weekday: int) -> int:
    """How often a weekday falls between two days. Ordinal 1 is a Monday."""
    return (last - 1 - weekday) // 7 - (first - 2 - weekday) // 7


def _within(days: Sequence[int], first: int, last: int) -> int:
    return bisect_right(days, last) - bisect_left(days, first)


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    """Overlapping and touching stops as one."""
    merged: list[_Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _span(stop: Stop, today: dt.date | None) -> _Span:
    """A stop without an end lasts its first day at least, and until today where today is told."""
    last = stop.last or max(stop.first, today or stop.first)
    return stop.first.toordinal(), last.toordinal()


def _may_roll(terms: Terms) -> bool:
    return terms.count == "calendar" and terms.rolls == "next_business_day"


def _next_open(calendar: Calendar, day: int) -> int:
    while calendar.is_closed(_day(day)):
        day += 1
    return day


def _reaches(terms: Terms, calendar: Calendar, begins: int, used_up: int, ends: int) -> bool:
    """Whether the calendar knows every day on which the answer rests."""
    if terms.count == "business":
        return calendar.knows(_day(begins), _day(ends))
    return not _may_roll(terms) or calendar.knows(_day(used_up), _day(ends))


def _told_until(
    calendar: Calendar,
    begins: dt.date,
    ends: dt.date,
    standing: dt.date | None,
    today: dt.date | None,
    *,
    reaches: bool,
) -> dt.date | None:
    """How far each day can be told; None where not even the first day is known."""
    until = ends if standing is None else max(standing, today or standing)
    if reaches:
        return until
    return min(until, calendar.known_until) if begins >= calendar.known_from else None


def _position(tally: _Tally, begins: int, ends: int, today: dt.date, *, open_: bool) -> Position | None:
    """None where the calendar does not know the days up to today."""
    now, days = today.toordinal(), tally.terms.days
    asked_until = max(begins, min(now, ends))
    if tally.terms.count == "business" and not tally.calendar.knows(_day(begins), _day(asked_until)):
        return None
    used = min(days, tally.between(begins, now))
    overdue = not open_ and now > ends
    return Position(
        today=today,
        used=used,
        left=days - used,
        standing=used < days and now >= begins and any(a <= now <= b for a, b in tally.stops),
        overdue=overdue,
        late_days=now - ends if overdue else 0,
    )


def _day(ordinal: int) -> dt.date:
    return dt.date.fromordinal(ordinal)
