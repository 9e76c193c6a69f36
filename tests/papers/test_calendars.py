"""The calendar of Korean offices against the official one, its dated exceptions, and counts held by the linter."""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files

import pytest

from madang.core.callspec import check
from madang.core.reasons import Malformed
from madang.papers import calendars
from madang.papers.definitions import sets
from madang.papers.library import programmes

#: Public holidays other than plain Sundays, as the official calendar has them (월력요항, in the gazette each June for
#: the year after), with what was decided later: temporary and substitute holidays, and the two that 2026 added.
OFFICIAL = {
    2018: "01-01 02-15 02-16 02-17 03-01 05-05 05-07 05-22 06-06 06-13 08-15 09-23 09-24 09-25 09-26 10-03 10-09 12-25",
    2019: "01-01 02-04 02-05 02-06 03-01 05-05 05-06 05-12 06-06 08-15 09-12 09-13 09-14 10-03 10-09 12-25",
    2020: "01-01 01-24 01-25 01-26 01-27 03-01 04-15 04-30 05-05 06-06 08-15 08-17 09-30 10-01 10-02 10-03 10-09 12-25",
    2021: "01-01 02-11 02-12 02-13 03-01 05-05 05-19 06-06 08-15 08-16 09-20 09-21 09-22 10-03 10-04 10-09 10-11 12-25",
    2022: "01-01 01-31 02-01 02-02 03-01 03-09 05-05 05-08 06-01 06-06 "
    "08-15 09-09 09-10 09-11 09-12 10-03 10-09 10-10 12-25",
    2023: "01-01 01-21 01-22 01-23 01-24 03-01 05-05 05-27 05-29 06-06 08-15 09-28 09-29 09-30 10-02 10-03 10-09 12-25",
    2024: "01-01 02-09 02-10 02-11 02-12 03-01 04-10 05-05 05-06 05-15 06-06 "
    "08-15 09-16 09-17 09-18 10-01 10-03 10-09 12-25",
    2025: "01-01 01-27 01-28 01-29 01-30 03-01 03-03 05-05 05-06 06-03 06-06 "
    "08-15 10-03 10-05 10-06 10-07 10-08 10-09 12-25",
    2026: "01-01 02-16 02-17 02-18 03-01 03-02 05-01 05-05 05-24 05-25 06-03 06-06 "
    "07-17 08-15 08-17 09-24 09-25 09-26 10-03 10-05 10-09 12-25",
    2027: "01-01 02-06 02-07 02-08 02-09 03-01 05-01 05-03 05-05 05-13 06-06 "
    "07-17 07-19 08-15 08-16 09-14 09-15 09-16 10-03 10-04 10-09 10-11 12-25 12-27",
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize("year", OFFICIAL)
def test_the_holidays_of_a_year_are_the_official_ones(year: int) -> None:
    ours = [d.strftime("%m-%d") for d in sorted(calendars.load("kr").closed) if d.year == year]
    assert ours == OFFICIAL[year].split()


def test_the_calendar_claims_the_years_that_were_held_against_the_official_one_and_no_others() -> None:
    calendar = calendars.load("kr")
    assert (calendar.known_from.year, calendar.known_until.year) == (min(OFFICIAL), max(OFFICIAL))
    assert {d.year for d in calendar.closed} == set(OFFICIAL)


@pytest.mark.parametrize(("year", "closed"), [(2019, False), (2024, False), (2025, False), (2026, True)])
def test_the_first_of_may_closes_offices_from_2026_on(year: int, closed: bool) -> None:
    """It was a day off for workers before, not for offices."""
    first_of_may = dt.date(year, 5, 1)
    assert calendars.load("kr").is_closed(first_of_may) is closed


@pytest.mark.parametrize(
    ("holiday", "decided"),
    [
        ("2023-10-02", "2023-09-05"),
        ("2024-10-01", "2024-09-03"),
        ("2025-01-27", "2025-01-14"),
        ("2021-08-16", "2021-08-03"),
    ],
)
def test_a_holiday_decided_late_was_not_known_the_day_before(holiday: str, decided: str) -> None:
    eve = day(decided) - dt.timedelta(days=1)
    assert calendars.load("kr", as_of=day(decided)).is_closed(day(holiday))
    assert not calendars.load("kr", as_of=eve).is_closed(day(holiday))


def test_every_exception_is_dated_labelled_and_sourced() -> None:
    table = json.loads(files("madang.papers").joinpath("data", "calendar-kr.json").read_text("utf-8"))
    rows = table["exceptions"]
    assert [row["day"] for row in rows] == sorted({row["day"] for row in rows})
    for row in rows:
        assert row["decided"] < row["day"]
        assert row["does"] in ("closed", "open")
        assert set(row["label"]) == {"ko", "en"}
        assert row["source"]
        assert calendars.load("kr").closed[day(row["day"])] == row["label"]


def test_holidays_have_their_names_in_both_languages() -> None:
    closed = calendars.load("kr").closed
    assert all(set(label) == {"ko", "en"} for label in closed.values())
    assert closed[day("2025-05-05")] == {"ko": "부처님오신날, 어린이날", "en": "Buddha's Birthday, Children's Day"}
    assert closed[day("2024-02-12")] == {"ko": "대체공휴일(설날)", "en": "Substitute holiday for Korean New Year"}


def test_an_unknown_calendar_is_named() -> None:
    assert calendars.find("mars") is None
    with pytest.raises(Malformed) as refused:
        calendars.load("mars")
    assert refused.value.faults[0].params == {"name": "mars", "known": ["kr"]}


# -- the linter of call definitions -----------------------------------------------------------------------------------

ALLIANCE = "{days: 15, count: calendar, first_day: included}"  # opens 2019-01-11, closes 2019-01-25


def faults(clock: str) -> list[tuple[str, object]]:
    text = programmes()["alliance-membership-2019"].read_text("utf-8")
    assert ALLIANCE in text
    found = check(text.replace(ALLIANCE, clock), sets(), calendars.find)[1]
    return [(fault.code, fault.params.get("last")) for fault in found]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (ALLIANCE, []),
        ("{days: 14, count: calendar}", []),
        ("{days: 11, count: business, first_day: included}", []),
        ("{days: 10, count: business}", []),
        ("{days: 11, count: business}", [("closing_does_not_match_business_days", "2019-01-28")]),
        ("{days: 15, count: calendar}", [("closing_does_not_match_count", "2019-01-28")]),  # 26th is a Saturday
        ("{days: 10, count: business, calendar: mars}", [("unknown_calendar_of_clock", None)]),
        ("{days: 3660, count: business}", []),  # beyond what the calendar knows nothing is claimed
    ],
)
def test_a_count_is_held_against_the_closing_day(clock: str, expected: list[tuple[str, object]]) -> None:
    assert faults(clock) == expected


def test_every_clock_of_a_definition_names_a_calendar_that_exists() -> None:
    text = programmes()["small-cities-2022"].read_text("utf-8")
    text = text.replace("objections: {days: 10, calendar: kr,", "objections: {days: 10, calendar: moon,")
    codes = [fault.code for fault in check(text, sets(), calendars.find)[1]]
    assert codes == ["unknown_calendar_of_clock"]
