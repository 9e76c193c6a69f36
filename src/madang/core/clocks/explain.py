"""A count told day by day, and why its end is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from madang.core.clocks.model import Calendar, Skipped, Stop, Terms
from madang.core.reasons import Reason


def told_days(
    terms: Terms, start: dt.date, calendar: Calendar, stops: Sequence[Stop], until: dt.date
) -> tuple[tuple[dt.date, ...], tuple[Skipped, ...]]:
    """The days from `start` to `until` that counted, and those that did not, each with its reason.

    A closed day in a stop is told as closed where it would not have counted anyway.
    """
    counted: list[dt.date] = []
    skipped: list[Skipped] = []
    for ordinal in range(start.toordinal(), until.toordinal() + 1):
        day = dt.date.fromordinal(ordinal)
        used_up = len(counted) == terms.days
        if used_up and day == until and not calendar.is_closed(day):
            break  # the day to which the end has rolled
        if day == start and terms.first_day == "excluded":
            skipped.append(Skipped(day, "first_day"))
        elif (used_up or terms.count == "business") and calendar.is_closed(day):
            label = calendar.closed.get(day)
            skipped.append(Skipped(day, "closed", label) if label is not None else Skipped(day, "weekend"))
        elif any(stop.first <= day <= (stop.last or until) for stop in stops):
            skipped.append(Skipped(day, "stop"))
        else:
            counted.append(day)
    return tuple(counted), tuple(skipped)


def why_open(
    calendar: Calendar, not_before: dt.date, standing: dt.date | None, left: int | None, *, reaches: bool
) -> tuple[Reason, ...]:
    """Why the last day cannot be told; empty where it can."""
    reasons = []
    if standing is not None:
        told = {"since": standing.isoformat(), "left": left, "not_before": not_before.isoformat()}
        reasons.append(Reason("clock_stands", told))
    if not reaches:
        known = {"from": calendar.known_from.isoformat(), "until": calendar.known_until.isoformat()}
        reasons.append(
            Reason(
                "calendar_does_not_reach", {"calendar": calendar.name, **known, "not_before": not_before.isoformat()}
            )
        )
    return tuple(reasons)
