"""Periods of years and months (validity, renewal), by the calendar: Civil Act Art. 157, 159, 160."""

from __future__ import annotations

import calendar as gregorian
import datetime as dt

from madang.core.clocks.model import EARLIEST, LATEST, FirstDay, day_out_of_reach
from madang.core.reasons import Fault, Malformed


def add_period(
    day: dt.date, *, years: int = 0, months: int = 0, days: int = 0, first_day: FirstDay = "excluded"
) -> dt.date:
    """The last day of a period that begins on `day`: a certificate of 2024-02-10 valid for 2 years, until 2026-02-10.

    The period runs from the day after `day` (`first_day: included`: from `day` itself, as when it begins at 00:00) and
    ends with the eve of the corresponding day; where the last month has no such day, with the last day of that month
    (Art. 160). Then `days` are added. It does not roll over closed days: a validity ends when it ends.
    Raises `Malformed` beyond 1900-2999 or for a period of nothing.
    """
    _require_period(years, months, days)
    starts = _moved(day, first_day == "excluded")
    corresponding, exists = _months_later(starts, 12 * years + months)
    return _moved(corresponding, days - 1 if exists else days)


def latest_day_before(day: dt.date, *, years: int = 0, months: int = 0, days: int = 0) -> dt.date:
    """The latest day for what must be done at least this long before `day`: 1 month before 2020-09-30 is 2020-08-29.

    `day` itself is not counted; the period runs back from its eve, and the act must come before the period does
    (Art. 157 backwards; so the Ministry of Justice for a lease that ends on 2020-09-30: before 2020-08-30 00:00).
    Where the month has no such day, its last one: the law says nothing for counting back; this reads Art. 160(3) alike.
    Raises `Malformed` beyond 1900-2999 or for a period of nothing.
    """
    _require_period(years, months, days)
    return _moved(_months_later(_moved(day, -1), -(12 * years + months))[0], -days)


def _months_later(day: dt.date, months: int) -> tuple[dt.date, bool]:
    """The corresponding day so many months on, and whether that month has it; else the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not EARLIEST.year <= year <= LATEST.year:
        raise Malformed([day_out_of_reach("", day)])
    last = gregorian.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last)), day.day <= last


def _moved(day: dt.date, days: int) -> dt.date:
    ordinal = day.toordinal() + days
    if not EARLIEST.toordinal() <= ordinal <= LATEST.toordinal():
        raise Malformed([day_out_of_reach("", day)])
    return dt.date.fromordinal(ordinal)


def _require_period(years: int, months: int, days: int) -> None:
    if min(years, months, days) < 0 or years == months == days == 0:
        raise Malformed([Fault("clock_period_of_nothing", "", {"years": years, "months": months, "days": days})])
