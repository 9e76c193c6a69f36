"""Counting out legal periods: dates that must hold, the rules of the law one by one, and the walk day by day."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.callspec.blocks import Clock
from madang.core.clocks import Calendar, Count, Stop, Terms, count_days, faults_in, verify_count
from madang.core.clocks.model import DayCount, FirstDay, Rolls
from madang.core.reasons import Malformed
from madang.papers import calendars

thorough = settings(max_examples=250, deadline=None)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def stops(*texts: str) -> tuple[Stop, ...]:
    ends = (text.split("..") for text in texts)
    return tuple(Stop(day(first), day(last) if last else None) for first, last in ends)


def counted(
    days: int, start: str, *stood: str, today: str | None = None, as_of: str | None = None, **terms: str
) -> Count:
    """Counted by the solver, and held by the verifier."""
    calendar = calendars.load("kr", day(as_of) if as_of else None)
    asked = Terms(days=days, **terms)  # type: ignore[arg-type]  # literals from a table
    arguments = (asked, day(start), calendar)
    then = day(today) if today else None
    count = count_days(*arguments, stops(*stood), then)
    assert verify_count(*arguments, count, stops(*stood), then) == []
    return count


BUSINESS = {"count": "business"}
SAME_DAY = {"first_day": "included"}
FLAT = {"rolls": "none"}


@pytest.mark.parametrize(
    ("days", "start", "terms", "last"),
    [
        (15, "2019-01-11", SAME_DAY, "2019-01-25"),  # the alliance: 11 to 25 January, both counted
        (15, "2019-01-10", {}, "2019-01-25"),
        (60, "2023-03-02", {}, "2023-05-01"),  # certification
        (90, "2020-02-27", {}, "2020-05-27"),  # sandbox
        (10, "2021-09-10", BUSINESS, "2021-09-29"),  # Chuseok 20-22 September
        (10, "2025-09-29", BUSINESS, "2025-10-20"),  # 3 October, Chuseok, its substitute on the 8th, the 9th
        (10, "2024-02-01", BUSINESS, "2024-02-19"),  # Seollal 9-11 February, substitute on the 12th
        (10, "2023-09-18", BUSINESS, "2023-10-06"),  # Chuseok and the temporary holiday of 2 October
        (5, "2021-12-29", BUSINESS, "2022-01-05"),  # over the end of the year
        (1, "2021-12-31", {}, "2022-01-03"),  # 1 January is a Saturday
        (1, "2026-05-01", SAME_DAY, "2026-05-04"),  # Labour Day, a Friday
        (5, "2021-10-05", BUSINESS | SAME_DAY, "2021-10-12"),  # the 11th is the substitute for Hangul Day
        (3, "2022-01-29", BUSINESS | SAME_DAY, "2022-02-07"),  # begins on a Saturday, before Seollal
        (10, "2023-12-15", FLAT, "2023-12-25"),  # Christmas: stays
        (10, "2023-12-15", {}, "2023-12-26"),  # and rolls
        (366, "2023-12-31", FLAT, "2024-12-31"),
    ],
)
def test_the_last_day(days: int, start: str, terms: dict[str, str], last: str) -> None:
    assert counted(days, start, **terms).last == day(last)


@pytest.mark.parametrize(
    ("stood", "last"),
    [
        ((), "2023-05-01"),
        (("2023-04-03..2023-04-14",), "2023-05-15"),  # 12 days; 13 May is a Saturday
        (("2023-04-03..2023-04-03",), "2023-05-02"),  # asked and answered on one day: that day does not count
        (("2023-04-03..2023-04-14", "2023-04-10..2023-04-20"), "2023-05-19"),  # overlapping: 18 days, not 23
        (("2023-04-03..2023-04-14", "2023-04-15..2023-04-20"), "2023-05-19"),  # touching
        (("2023-04-10..2023-04-20", "2023-04-03..2023-04-14"), "2023-05-19"),  # in any order
        (("2023-01-01..2023-03-02",), "2023-05-01"),  # before it began
        (("2023-05-02..2023-05-31",), "2023-05-01"),  # after it ended
        (("2023-05-01..2023-05-01",), "2023-05-02"),  # on the very last day
    ],
)
def test_stops_of_the_certification_period(stood: tuple[str, ...], last: str) -> None:
    assert counted(60, "2023-03-02", *stood).last == day(last)


def test_a_stop_over_closed_days_lengthens_business_days_by_its_business_days_only() -> None:
    assert counted(10, "2021-09-10", "2021-09-17..2021-09-23", count="business").last == day("2021-10-01")


def test_the_days_used_up_a_later_stop_changes_nothing_even_while_the_end_rolls() -> None:
    """60 days are used up on Saturday 13 May; the stop begins on the Sunday."""
    count = counted(60, "2023-03-02", "2023-04-03..2023-04-14", "2023-05-14..2023-05-31")
    assert (count.rolled_from, count.last) == (day("2023-05-13"), day("2023-05-15"))


def test_every_day_is_told_with_its_reason() -> None:
    count = counted(3, "2021-09-17", "2021-09-23..2021-09-23", count="business")
    told = [(skip.day.day, skip.why, skip.label.get("ko")) for skip in count.skipped]
    assert told == [
        (17, "first_day", None),
        (18, "weekend", None),
        (19, "weekend", None),
        (20, "closed", "추석 전날"),
        (21, "closed", "추석"),
        (22, "closed", "추석 다음날"),
        (23, "stop", None),
        (25, "weekend", None),
        (26, "weekend", None),
    ]
    assert [d.day for d in count.counted] == [24, 27, 28]


def test_a_clock_that_still_stands_has_no_last_day_yet() -> None:
    count = counted(10, "2021-07-01", "2021-07-08..", count="business", today="2021-07-20")
    assert count.last is None
    assert count.not_before == day("2021-07-28")  # if it went on tomorrow
    assert count.reasons[0].code == "clock_stands"
    assert count.reasons[0].params == {"since": "2021-07-08", "left": 6, "not_before": "2021-07-28"}
    assert count.position
    assert (count.position.used, count.position.left, count.position.standing) == (4, 6, True)
    assert not count.position.overdue


def test_a_stop_without_end_after_the_last_day_leaves_it_alone() -> None:
    assert counted(5, "2021-07-01", "2021-07-09..", count="business").last == day("2021-07-08")


@pytest.mark.parametrize(
    ("today", "used", "left", "overdue", "late"),
    [
        ("2023-12-10", 0, 10, False, 0),
        ("2023-12-15", 0, 10, False, 0),
        ("2023-12-16", 1, 9, False, 0),
        ("2023-12-25", 10, 0, False, 0),  # used up on Christmas, and still in time until the 26th
        ("2023-12-26", 10, 0, False, 0),
        ("2023-12-27", 10, 0, True, 1),
        ("2024-01-05", 10, 0, True, 10),
    ],
)
def test_where_a_period_stands_today(today: str, used: int, left: int, overdue: bool, late: int) -> None:
    position = counted(10, "2023-12-15", today=today).position
    assert position
    assert (position.used, position.left, position.overdue, position.late_days) == (used, left, overdue, late)


def test_what_was_known_then_gives_the_day_as_it_was_told_then() -> None:
    assert counted(10, "2023-09-18", count="business", as_of="2023-09-04").last == day("2023-10-05")
    assert counted(10, "2023-09-18", count="business", as_of="2023-09-05").last == day("2023-10-06")


@pytest.mark.parametrize(
    ("days", "start", "terms", "not_before"),
    [
        (10, "2027-12-20", BUSINESS, "2028-01-04"),
        (20, "2027-12-20", {}, "2028-01-10"),  # used up on a Sunday of 2028, whose holidays are not known
        (5, "2017-12-28", BUSINESS, "2018-01-05"),  # 29 December 2017 is before what is known
    ],
)
def test_beyond_the_known_years_nothing_is_guessed(
    days: int, start: str, terms: dict[str, str], not_before: str
) -> None:
    count = counted(days, start, **terms)
    assert (count.last, count.not_before) == (None, day(not_before))
    assert [reason.code for reason in count.reasons] == ["calendar_does_not_reach"]


def test_calendar_days_that_do_not_roll_need_no_calendar() -> None:
    assert counted(60, "2040-03-02", rolls="none").last == day("2040-05-01")


def test_a_day_on_which_offices_work_by_decree_counts() -> None:
    base = calendars.load("kr")
    saturday = day("2021-07-10")
    calendar = dataclasses.replace(base, opened={saturday: {"ko": "대체 근무일", "en": "working Saturday"}})
    terms = Terms(days=2, count="business")
    count = count_days(terms, day("2021-07-08"), calendar)
    assert count.last == saturday
    assert verify_count(terms, day("2021-07-08"), calendar, count) == []


def test_terms_are_read_off_a_definition() -> None:
    clock = Clock(days=10, count="business", first_day="included")
    assert Terms.of(clock) == Terms(days=10, count="business", first_day="included", rolls="next_business_day")


def test_a_rolling_rule_of_the_definition_is_taken_over() -> None:
    @dataclasses.dataclass(frozen=True)
    class Later:
        days: int = 10
        count: DayCount = "calendar"
        first_day: FirstDay = "excluded"
        rolls: Rolls = "none"

    assert Terms.of(Later()).rolls == "none"


@pytest.mark.parametrize(
    ("days", "start", "stood", "code"),
    [
        (0, "2021-01-01", (), "clock_days_out_of_range"),
        (3661, "2021-01-01", (), "clock_days_out_of_range"),
        (5, "0001-01-01", (), "clock_day_out_of_reach"),
        (5, "9999-12-31", (), "clock_day_out_of_reach"),
        (5, "2021-01-01", ("2021-01-02..9999-01-01",), "clock_day_out_of_reach"),
        (5, "2021-01-01", ("2021-01-05..2021-01-04",), "clock_stop_ends_before_it_starts"),
    ],
)
def test_what_cannot_be_counted_is_refused(days: int, start: str, stood: tuple[str, ...], code: str) -> None:
    terms = Terms(days=days)
    assert [fault.code for fault in faults_in(terms, day(start), stops(*stood))] == [code]
    with pytest.raises(Malformed):
        count_days(terms, day(start), calendars.load("kr"), stops(*stood))


def test_a_calendar_of_weekends_only_is_refused() -> None:
    with pytest.raises(ValueError, match="weekday"):
        Calendar("never", dt.date.min, dt.date.max, {}, weekend=frozenset(range(7)))


# -- against the walk -------------------------------------------------------------------------------------------------

FIRST = day("2020-06-01")
near = st.integers(-40, 200).map(lambda n: FIRST + dt.timedelta(days=n))


@st.composite
def invented_calendars(draw: st.DrawFn) -> Calendar:
    """Dense holidays, working Saturdays, odd weekends, and an edge of what is known."""
    label = {"ko": "휴일", "en": "holiday"}
    closed = dict.fromkeys(draw(st.lists(near, max_size=40, unique=True)), label)
    opened = dict.fromkeys(draw(st.lists(near, max_size=10, unique=True)), label)
    weekend = draw(st.sampled_from([{5, 6}, {5, 6}, {4, 5}, {6}, set(), {0, 1, 2, 3, 4, 5}]))
    least, most = draw(st.sampled_from([(-4000, 40000), (0, 60), (-50, 120)]))
    known = FIRST + dt.timedelta(days=least), FIRST + dt.timedelta(days=most)
    return Calendar("invented", *known, closed, opened, frozenset(weekend))


@st.composite
def stop_lists(draw: st.DrawFn) -> list[Stop]:
    found = []
    for first in draw(st.lists(near, max_size=4)):
        length = draw(st.one_of(st.integers(0, 40), st.none()))
        found.append(Stop(first, None if length is None else first + dt.timedelta(days=length)))
    return found


terms_ = st.builds(
    Terms,
    days=st.one_of(st.integers(1, 12), st.integers(1, 120)),
    count=st.sampled_from(["business", "calendar"]),
    first_day=st.sampled_from(["included", "excluded"]),
    rolls=st.sampled_from(["next_business_day", "none"]),
)


@thorough
@given(terms_, near, invented_calendars(), stop_lists(), st.one_of(st.none(), near))
def test_arithmetic_and_the_walk_agree(
    terms: Terms, start: dt.date, calendar: Calendar, stood: list[Stop], today: dt.date | None
) -> None:
    count = count_days(terms, start, calendar, stood, today)
    assert verify_count(terms, start, calendar, count, stood, today) == []


@thorough
@given(terms_, near, invented_calendars(), stop_lists(), near, st.integers(0, 30))
def test_a_stop_more_a_day_more_or_a_later_start_never_end_a_period_sooner(
    terms: Terms, start: dt.date, calendar: Calendar, stood: list[Stop], first: dt.date, length: int
) -> None:
    before = count_days(terms, start, calendar, stood).not_before
    more = [*stood, Stop(first, first + dt.timedelta(days=length))]
    assert count_days(terms, start, calendar, more).not_before >= before
    assert count_days(dataclasses.replace(terms, days=terms.days + 1), start, calendar, stood).not_before >= before
    assert count_days(terms, start + dt.timedelta(days=1), calendar, stood).not_before >= before


@thorough
@given(terms_, near, invented_calendars(), near)
def test_a_holiday_more_never_ends_a_period_sooner(
    terms: Terms, start: dt.date, calendar: Calendar, holiday: dt.date
) -> None:
    more = dataclasses.replace(calendar, closed={**calendar.closed, holiday: {}})
    assert count_days(terms, start, more).not_before >= count_days(terms, start, calendar).not_before


@thorough
@given(terms_, near, stop_lists(), st.data())
def test_the_verifier_sees_a_day_moved(terms: Terms, start: dt.date, stood: list[Stop], data: st.DataObject) -> None:
    calendar = calendars.load("kr")
    count = count_days(terms, start, calendar, stood)
    forged = data.draw(
        st.sampled_from(
            [
                dataclasses.replace(count, not_before=count.not_before + dt.timedelta(days=1)),
                dataclasses.replace(count, last=None if count.last else start),
                dataclasses.replace(count, counted=count.counted[1:] if count.counted else (start,)),
                dataclasses.replace(count, skipped=(*count.skipped, *count.skipped[:1]) if count.skipped else ()),
            ]
        )
    )
    if forged != count:
        assert verify_count(terms, start, calendar, forged, stood) != []
