"""The days that follow from a decision by the call's own clocks: objections, validity, the latest day to renew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from madang.core.callspec.blocks import Clock
from madang.core.callspec.model import Definition, Period
from madang.core.clocks import Terms, add_period, count_days, latest_day_before
from madang.core.reasons import Malformed
from madang.papers.decision.formats import moment
from madang.papers.decision.labels import words


def days_that_follow(
    definition: Definition, decided_at: str, language: str, *, anybody: bool = True
) -> tuple[tuple[str, str], ...]:
    """(what, until when) in words, as if it were announced and issued on the day of the decision.

    `anybody`: whether somebody was selected, so that there is something to be valid. Where the calendar of holidays
    does not reach, the day is said to be open. Holidays count as they were known on that day, so that a paper made
    again later says the same. Cost: the calendar, on first use.
    """
    try:
        day = dt.date.fromisoformat(decided_at[:10])
    except ValueError:
        return ()
    return tuple((words(f"day_{name}", language), text) for name, text in _days(definition, day, language, anybody))


def _days(definition: Definition, day: dt.date, language: str, anybody: bool) -> Iterator[tuple[str, str]]:
    objections, outcome = definition.announcement.objections, definition.outcome
    if objections is not None:
        yield "objections", _told("day_if_announced", _last_day(objections, day), language)
    if outcome.validity is None or not anybody:
        return
    try:
        ends = _end(outcome.validity, day)
        yield "valid", _told("day_if_issued", ends, language)
        before = outcome.renewal.request_before if outcome.renewal else None
        if before is not None:
            asked = latest_day_before(ends, years=before.years, months=before.months, days=before.days)
            yield "renew", _told("day_if_issued", asked, language)
    except Malformed:  # a period beyond the calendar: the definition's own words stand in the rule
        return


def _last_day(clock: Clock, day: dt.date) -> dt.date | None:
    from madang.papers import calendars

    known = clock.calendar in calendars.NAMES
    return count_days(Terms.of(clock), day, calendars.load(clock.calendar, as_of=day)).last if known else None


def _end(period: Period, day: dt.date) -> dt.date:
    return add_period(day, years=period.years, months=period.months, days=period.days, first_day=period.first_day)


def _told(code: str, day: dt.date | None, language: str) -> str:
    return words(code, language, day=moment(day.isoformat(), "", language)) if day else words("day_open", language)
