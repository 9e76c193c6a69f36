"""Figures by name, texts filled from them, and the check: nothing that was changed or swapped goes by unmarked."""

import string
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from madang.core.statistics import Classifications, EarlierRound, Received, Reception, Region, tabulate
from madang.core.statistics.press import (
    CHANGED,
    MATCHES,
    OTHER_UNIT,
    SEVERAL,
    UNKNOWN,
    check,
    differences,
    figures_of,
    fill,
    names_in,
    numbers_in,
    rebased,
)
from madang.core.statistics.press.check import WRONG

EN = """\
{cases} applications from {countries} countries
Intake closed on 20 April 2021. That is {growth.cases.change} applications ({growth.cases.percent}%) and \
{growth.countries.change} countries ({growth.countries.percent}%) more than the \
{growth.cases.previous} applications from {growth.countries.previous} countries in {growth.previous_year}.
By type, {by_type.plan.cases} applications from {by_type.plan.countries} countries are for plans and \
{by_type.trial.cases} from {by_type.trial.countries} countries for trials; {not_itemised.trial} name no field. \
The share of plans is {by_type.plan.share}%.
"""
KO = """\
{countries}개국에서 {cases}건 접수
2021년 4월 20일 마감 결과 {cases}건({countries}개국)이 접수되었습니다. {growth.previous_year}년 \
{growth.cases.previous}건({growth.countries.previous}개국)보다 \
{growth.cases.change}건({growth.cases.percent}%) 늘었습니다.
유형별로는 계획 {by_type.plan.cases}건({by_type.plan.countries}개국), 실증 {by_type.trial.cases}건이며, 그 가운데 \
{not_itemised.trial}건은 분야가 없습니다. 제19조의4에 따라 추진합니다.
"""


def reception(cases: int = 111) -> Reception:
    countries = [f"{a}{b}" for a in "AB" for b in string.ascii_uppercase]
    received = tuple(
        Received(f"A{n}", "plan" if n % 3 else "trial", countries[n % 39], ("transport",) if n % 7 == 0 else ())
        for n in range(cases)
    )
    regions = (Region(id="north", countries=({"country": "AA"}, {"country": "AB"})), Region(id="other", rest=True))
    sets = Classifications(countries=tuple(countries), regions=regions, fields=("transport", "water"))
    earlier = (EarlierRound(2020, 80, 23),)
    return Reception(
        received=received, classifications=sets, tracks=("plan", "trial"), on="2021-04-20", year=2021, earlier=earlier
    )


FIGURES = figures_of(tabulate(reception()))


def statuses(template: str, text: str) -> dict[str, str]:
    """What is said of each number, by how it is shown."""
    return {mark.shown: mark.status for mark in check(template, text, FIGURES)}


def wrong(template: str, text: str) -> list[tuple[str, str, str]]:
    return [(mark.shown, mark.status, mark.name) for mark in check(template, text, FIGURES) if mark.is_wrong]


def test_figures_have_the_published_names_and_roundings():
    assert {name: FIGURES[name].text for name in ("cases", "countries", "growth.cases.percent")} == {
        "cases": "111",
        "countries": "39",
        "growth.cases.percent": "38.8",
    }
    assert FIGURES["growth.cases.exact"].value == Fraction("38.75")
    assert FIGURES["growth.cases.fall"].text == "-31"
    assert FIGURES["itemised"].value + FIGURES["not_itemised"].value == 111
    assert FIGURES["by_type.plan.cases"].value + FIGURES["by_type.trial.cases"].value == 111
    assert FIGURES["by_type.plan.share"].unit == "percent"


def test_numbers_are_printed_with_separators_and_particles_follow():
    many = figures_of(tabulate(reception(1234)))
    assert fill("{cases}건", many)[0] == "1,234건"
    text, [place] = fill("{countries:은}…", many, lambda number, kind: f"<{kind} after {number}>")
    assert text == "39<은 after 39>…"
    assert text[place.start : place.end] == "39"
    assert fill("{by_type.plan.cases:case|cases}, {{x}}, {none}", FIGURES)[0] == "74 cases, {x}, {none}"
    assert list(names_in("{cases} {{no}} {by_type.plan.cases:a|b}")) == ["cases", "by_type.plan.cases"]


@pytest.mark.parametrize("template", [EN, KO])
def test_what_was_not_touched_is_clean(template):
    text, places = fill(template, FIGURES)
    marks = check(template, text, FIGURES)
    assert [mark.status for mark in marks] == [MATCHES] * len(places)
    assert [mark.name for mark in marks] == [place.name for place in places]
    assert fill(rebased(template, text, FIGURES), FIGURES)[0] == text


@given(st.data(), st.sampled_from([EN, KO]))
def test_any_single_changed_digit_is_marked(data, template):
    text, places = fill(template, FIGURES)
    place = data.draw(st.sampled_from(places))
    at = data.draw(st.sampled_from([n for n in range(place.start, place.end) if text[n].isdigit()]))
    digit = data.draw(st.sampled_from([d for d in string.digits if d != text[at]]))
    changed = text[:at] + digit + text[at + 1 :]
    marks = [mark for mark in check(template, changed, FIGURES) if mark.is_wrong]
    assert [(mark.status, mark.name) for mark in marks] == [(CHANGED, place.name)]
    assert marks[0].start == place.start


@given(st.data(), st.sampled_from([EN, KO]))
def test_two_figures_that_changed_places_are_marked(data, template):
    text, places = fill(template, FIGURES)
    one, other = sorted(data.draw(st.lists(st.sampled_from(places), min_size=2, max_size=2)), key=lambda p: p.start)
    first, second = text[one.start : one.end], text[other.start : other.end]
    assume(first != second)
    swapped = text[: one.start] + second + text[one.end : other.start] + first + text[other.end :]
    marked = {mark.name for mark in check(template, swapped, FIGURES) if mark.status == CHANGED}
    assert {one.name, other.name} <= marked


@given(st.text(alphabet=string.ascii_letters + "가나다라 ,.", max_size=40), st.data(), st.sampled_from([EN, KO]))
def test_words_put_in_anywhere_leave_the_figures_right(words, data, template):
    text, places = fill(template, FIGURES)
    spaces = [n for n, letter in enumerate(text) if letter == " " and not text[n - 1].isdigit()]
    at = data.draw(st.sampled_from([n for n in spaces if not any(p.start <= n <= p.end for p in places)]))
    marks = check(template, f"{text[:at]} {words} {text[at:]}", FIGURES)
    assert [mark.shown for mark in marks if mark.status == CHANGED] == []


def test_the_bug_of_the_press_is_found_cases_given_as_countries():
    text, _ = fill(KO, FIGURES)
    assert wrong(KO, text.replace("39개국에서 111건", "111개국에서 39건")) == [
        ("111", CHANGED, "countries"),
        ("39", CHANGED, "cases"),
    ]
    assert ("111", OTHER_UNIT, "cases") in wrong(KO, text.replace("111건(", "111개국("))
    rewritten = "111개국이 신청하였고 모두 39건입니다."
    assert wrong(KO, rewritten) == [("111", OTHER_UNIT, "cases"), ("39", OTHER_UNIT, "countries")]


def test_a_sentence_that_moved_keeps_its_figures():
    text, _ = fill(EN, FIGURES)
    lines = text.splitlines(keepends=True)
    moved = "".join([lines[2], lines[1], lines[0]])
    assert {mark.status for mark in check(EN, moved, FIGURES)} == {MATCHES}


def test_a_new_number_is_looked_for_by_its_value_and_what_it_counts():
    text, _ = fill(EN, FIGURES)
    said = statuses(EN, text + "Of all of them 5000 are known. In other words 111 applications, 80 before.")
    assert said["5000"] == UNKNOWN
    assert said["111"] == MATCHES
    assert wrong(EN, text + "About 112 applications.") == [("112", UNKNOWN, "cases")]
    several = [mark for mark in check(EN, "It was 37.", FIGURES) if mark.status == SEVERAL]
    assert [set(mark.names) >= {"by_type.trial.cases"} for mark in several] in ([], [True])


@pytest.mark.parametrize(
    "text",
    [
        "2021년 4월 20일 18:00", "2021. 4. 20.(화) 10시 30분", "제19조의4 제1항에 따라", "제206차 회의", "’21년 공모",
        "Articles 19-4 and the 206th meeting", "20 April 2021, at 6 p.m.", "April 20, 2021", "in 2021 and 2020",
        "G2G, 5G, K-City2, COVID-19", "044-201-3718", "see https://example.org/2021/111 or a111@example.org",
        "1. First\n2) Second", "one of them", "한 국가가",
    ],
)  # fmt: skip
def test_days_articles_and_names_are_left_alone(text):
    assert check("", text, FIGURES) == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,234건", 1234, "cases"), ("39개국", 39, "countries"),
        ("28억 원", 2_800_000_000, None), ("42억 5천만 원", 4_250_000_000, None),
        ("3만 5천 명", 35_000, None), ("eleven cities", 11, None), ("Twenty-one countries", 21, "countries"),
        ("열한 개국", 11, "countries"),
        ("-3.5%", Fraction("-3.5"), "percent"), ("38.8 per cent", Fraction("38.8"), "percent"),
        ("KRW 4.2 billion", 4_200_000_000, None),
        ("72 percentage points", 72, None), ("３９개국", 39, "countries"), ("16 new countries", 16, "countries"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_a_reader_reads_them(text, value, unit):
    [number] = numbers_in(text)
    assert (number.value, number.unit, number.left) == (value, unit, "")


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    found = numbers_in(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for mark in check(EN, text, FIGURES):
        assert text[mark.start : mark.end] == mark.shown
    assert fill(rebased(EN, text, FIGURES), FIGURES)[0] == text


def test_taken_anew_the_text_tells_the_new_figures_and_keeps_what_was_written():
    text, _ = fill(EN, FIGURES)
    edited = text.replace("By type,", "Of these 5000 words,").replace("in 2020", "in the year 2020")
    later = figures_of(tabulate(reception(1200)))
    again, _ = fill(rebased(EN, edited, FIGURES), later)
    assert again.startswith("1,200 applications from 39 countries")
    assert "Of these 5000 words, 800 applications" in again
    assert {mark.shown for mark in check(rebased(EN, edited, FIGURES), again, later) if mark.status in WRONG} == {
        "5000"
    }


def test_what_differs_is_told_once():
    later = figures_of(tabulate(reception(112)))
    told = {name: (one and one.text, other and other.text) for name, one, other in differences(FIGURES, later)}
    assert told["cases"] == ("111", "112")
    assert "countries" not in told
    assert not any(name.startswith("growth.") for name in told)


def test_a_number_in_the_name_of_a_type_is_left_alone():
    assert [mark.shown for mark in check("", "Type 7 got 7000", FIGURES, names=("Type 7",))] == ["7000"]


def test_a_text_of_nothing_but_numbers_is_looked_through_in_no_time():
    many = "1 " * 9_000
    marks = check(many.replace("1", "{cases}"), f"{many}2", FIGURES)
    assert {mark.status for mark in marks} <= {SEVERAL, UNKNOWN, MATCHES}
    assert len(marks) == 9_001
