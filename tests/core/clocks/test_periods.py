"""Periods of years and months, on the calendar: Civil Act Art. 157, 159, 160."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.clocks import add_period, latest_day_before
from madang.core.reasons import Malformed

thorough = settings(max_examples=300, deadline=None)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "period", "last"),
    [
        ("2021-06-24", {"years": 2}, "2023-06-24"),  # a certificate, the day of issue not counted
        ("2021-06-24", {"years": 2, "first_day": "included"}, "2023-06-23"),  # valid from 00:00 of the day of issue
        ("2019-02-28", {"months": 1}, "2019-03-31"),  # runs from 1 March, so until the eve of 1 April
        ("2021-01-30", {"months": 1}, "2021-02-28"),  # from the 31st: February has none, so its last day
        ("2021-01-31", {"months": 1}, "2021-02-28"),  # from 1 February
        ("2024-02-28", {"years": 1}, "2025-02-28"),  # from 29 February: 2025 has none
        ("2024-02-29", {"years": 1}, "2025-02-28"),
        ("2023-02-28", {"years": 1}, "2024-02-29"),  # from 1 March until its eve
        ("2020-02-27", {"years": 4}, "2024-02-27"),  # sandbox
        ("2020-02-27", {"years": 6}, "2026-02-27"),  # and its extension by two
        ("2021-12-31", {"days": 10}, "2022-01-10"),
        ("2021-06-24", {"months": 1, "days": 10}, "2021-08-03"),
    ],
)
def test_the_last_day_of_a_period(start: str, period: dict[str, object], last: str) -> None:
    assert add_period(day(start), **period) == day(last)  # type: ignore[arg-type]  # keywords from a table


@pytest.mark.parametrize(
    ("end", "period", "latest"),
    [
        ("2020-09-30", {"months": 1}, "2020-08-29"),  # the ministries' own example: before 30 August 00:00
        ("2023-06-24", {"months": 3}, "2023-03-23"),  # renewal of the certificate above
        ("2023-05-31", {"months": 3}, "2023-02-28"),
        ("2023-06-01", {"months": 3}, "2023-02-28"),
        ("2023-06-02", {"months": 3}, "2023-03-01"),
        ("2024-03-01", {"days": 7}, "2024-02-22"),  # a week's notice: 29, 28, ... 23 lie between
        ("2024-02-29", {"years": 1}, "2023-02-28"),
    ],
)
def test_the_latest_day_for_what_must_come_before(end: str, period: dict[str, int], latest: str) -> None:
    assert latest_day_before(day(end), **period) == day(latest)


days = st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31))


@thorough
@given(days, st.integers(1, 120))
def test_months_later_found_by_walking(start: dt.date, months: int) -> None:
    """The period runs through its months; it ends before the same day of the month, or with the month that lacks it."""
    runs_from = start + dt.timedelta(days=1)
    month, walked = 0, runs_from
    while month < months or (walked.day != runs_from.day and (walked + dt.timedelta(days=1)).day != 1):
        walked += dt.timedelta(days=1)
        month += walked.day == 1
    expected = walked if walked.day != runs_from.day else walked - dt.timedelta(days=1)
    assert add_period(start, months=months) == expected


@thorough
@given(days, st.integers(0, 20), st.integers(0, 30), st.integers(0, 400))
def test_a_later_day_or_a_longer_period_never_ends_sooner(start: dt.date, years: int, months: int, more: int) -> None:
    period = {"years": years, "months": months, "days": more + 1}
    last = add_period(start, **period)
    assert last > start
    assert add_period(start, **{**period, "days": more + 2}) > last
    tomorrow = start + dt.timedelta(days=1)
    assert latest_day_before(tomorrow, **period) >= latest_day_before(start, **period)
    assert latest_day_before(start, **period) < start


@thorough
@given(days, st.integers(1, 400))
def test_days_forward_and_back_are_each_other(start: dt.date, n: int) -> None:
    """From the latest day, a period of n days ends on the eve."""
    assert add_period(latest_day_before(start, days=n), days=n) == start - dt.timedelta(days=1)


@pytest.mark.parametrize("period", [{}, {"months": 0}, {"days": -1}, {"years": 2000}, {"days": 10**7}])
def test_what_is_no_period_is_refused(period: dict[str, int]) -> None:
    for function in (add_period, latest_day_before):
        with pytest.raises(Malformed):
            function(day("2021-06-24"), **period)
