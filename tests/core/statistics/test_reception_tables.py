"""Reception tables against a recount by hand, and the verifier against changed tables."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.reasons import Malformed
from madang.core.statistics import (
    Classifications,
    EarlierRound,
    Membership,
    Received,
    Reception,
    Region,
    change,
    growth,
    shares,
    tabulate,
    verify,
    with_shares,
)

COUNTRIES = ("AA", "BB", "CC", "DD", "EE")
SETS = Classifications(
    countries=COUNTRIES,
    regions=(
        Region(id="south", countries=(Membership(country="AA"), Membership(country="BB", valid_to="2020-12-31"))),
        Region(id="north", countries=(Membership(country="BB", valid_from="2021-01-01"), Membership(country="CC"))),
        Region(id="old", countries=(Membership(country="EE"),), valid_to="2019-12-31"),
        Region(id="rest", rest=True),
    ),
    fields=("transport", "water"),
)


def reception(*received: Received, on: str = "2021-04-20", sets: Classifications = SETS, **more: Any) -> Reception:
    return Reception(received=received, classifications=sets, tracks=("plan", "demo"), on=on, year=2021, **more)


def by_id(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {row["id"]: (row["cases"], row["countries"]) for row in rows}


received_rows = st.lists(
    st.builds(
        Received,
        application=st.uuids().map(str),
        track=st.sampled_from(["plan", "demo", "", "gone"]),
        country=st.sampled_from([*COUNTRIES, "", "QQ"]),
        fields=st.lists(st.sampled_from(["transport", "water", "magic"]), unique=True, max_size=2).map(tuple),
    ),
    max_size=25,
)
receptions = st.builds(
    Reception,
    received=received_rows.map(tuple),
    classifications=st.sampled_from(
        [SETS, Classifications(), Classifications(countries=COUNTRIES), Classifications(fields=("water",))]
    ),
    tracks=st.sampled_from([("plan", "demo"), ()]),
    on=st.sampled_from(["2019-06-01", "2020-12-31", "2021-01-01", "2024-02-29"]),
    year=st.integers(2019, 2024),
    earlier=st.lists(
        st.builds(EarlierRound, st.integers(2017, 2025), st.integers(0, 300), st.integers(0, 60)), max_size=3
    ).map(tuple),
)


@given(receptions)
def test_tables_agree_with_a_count_by_hand(problem: Reception) -> None:
    tables = tabulate(problem)
    known = set(problem.classifications.countries) or {one.country for one in problem.received} - {""}

    def distinct(rows: list[Received]) -> int:
        return len([code for code in known if any(row.country == code for row in rows)])

    rows = list(problem.received)
    assert tables["total"] == {"cases": len(rows), "countries": distinct(rows)}
    for table, of in (("by_type", problem.tracks), ("by_country", tuple(known)), ("by_field", ("transport", "water"))):
        for row in tables[table]:
            if row["id"] not in of:
                continue
            mine = [r for r in rows if row["id"] in (r.track, r.country, *r.fields)]
            assert row == {"id": row["id"], "cases": len(mine), "countries": distinct(mine)}


@given(receptions)
def test_no_case_is_dropped(problem: Reception) -> None:
    tables = tabulate(problem)
    cases = len(problem.received)
    for table in ("by_type", "by_region"):
        if tables[table]:
            assert sum(row["cases"] for row in tables[table]) == cases
    if problem.classifications.countries:
        assert sum(row["cases"] for row in tables["by_country"]) == cases
    if tables["by_field"]:
        total = sum(row["cases"] for row in tables["by_field"])
        assert total >= cases
        assert total == cases or tables["by_field_overlaps"]
    for row in [*tables["by_type"], *tables["by_region"], *tables["by_field"]]:
        assert row["countries"] <= tables["total"]["countries"]


@given(receptions)
def test_the_recount_agrees(problem: Reception) -> None:
    assert verify(tabulate(problem), problem) == []


def _numbers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, part in value.items() for found in _numbers(part, (*path, key))]
    if isinstance(value, list):
        return [found for i, part in enumerate(value) for found in _numbers(part, (*path, i))]
    return [path]


@settings(max_examples=60)
@given(receptions, st.data())
def test_the_recount_finds_every_changed_value_and_its_place(problem: Reception, data: st.DataObject) -> None:
    stated = copy.deepcopy(tabulate(problem))
    path = data.draw(st.sampled_from(_numbers(stated)))
    place = stated
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    place[path[-1]] = old + 1 if type(old) is int else not old if isinstance(old, bool) else f"{old}0"
    assert [fault.at for fault in verify(stated, problem)] == ["/" + "/".join(map(str, path))]


@pytest.mark.parametrize("table", ["by_type", "by_region", "by_country", "by_field"])
def test_the_recount_finds_a_missing_row_and_a_missing_table(table: str) -> None:
    problem = reception(Received("1", "plan", "AA", ("water",)))
    stated = tabulate(problem)
    stated[table].pop()
    assert f"/{table}" in [fault.at for fault in verify(stated, problem)]
    del stated[table]
    assert [(fault.code, fault.at) for fault in verify(stated, problem)] == [("statistic_missing", f"/{table}")]


def test_a_country_counts_once_however_often_and_wherever_it_applies() -> None:
    tables = tabulate(
        reception(
            Received("1", "plan", "AA"),
            Received("2", "plan", "AA"),
            Received("3", "demo", "AA"),
            Received("4", "demo", "CC"),
        )
    )
    assert tables["total"] == {"cases": 4, "countries": 2}
    assert by_id(tables["by_type"]) == {"plan": (2, 1), "demo": (2, 2)}
    assert [row["id"] for row in tables["by_country"]] == ["AA", "CC"]


@pytest.mark.parametrize(("on", "region"), [("2020-12-31", "south"), ("2021-01-01", "north")])
def test_a_country_moves_between_regions_on_its_day(on: str, region: str) -> None:
    tables = tabulate(reception(Received("1", "plan", "BB"), on=on))
    assert {row["id"] for row in tables["by_region"] if row["cases"]} == {region}


def test_a_region_that_has_ended_is_not_listed_and_its_countries_join_the_rest() -> None:
    before = tabulate(reception(Received("1", "plan", "EE"), on="2019-12-31"))["by_region"]
    after = tabulate(reception(Received("1", "plan", "EE"), on="2020-01-01"))["by_region"]
    assert by_id(before) == {"south": (0, 0), "north": (0, 0), "old": (1, 1), "rest": (0, 0)}
    assert by_id(after) == {"south": (0, 0), "north": (0, 0), "rest": (1, 1)}


def test_blank_fields_are_not_itemised_per_type() -> None:
    tables = tabulate(
        reception(Received("1", "plan", "AA", ("water",)), Received("2", "plan", "AA"), Received("3", "demo", "CC"))
    )
    assert by_id(tables["by_field"]) == {"water": (1, 1), "not_itemised": (2, 2)}
    assert {group["id"]: by_id(group["fields"]) for group in tables["by_type_and_field"]} == {
        "plan": {"water": (1, 1), "not_itemised": (1, 1)},
        "demo": {"not_itemised": (1, 1)},
    }


def test_what_the_sets_do_not_know_stands_in_its_own_row_and_is_listed() -> None:
    tables = tabulate(reception(Received("1", "plan", "QQ", ("magic",)), Received("2", "", "", ("water",))))
    assert tables["total"] == {"cases": 2, "countries": 0}
    assert by_id(tables["by_country"]) == {"unclassified": (2, 0)}
    assert by_id(tables["by_region"])["unclassified"] == (2, 0)
    assert by_id(tables["by_type"]) == {"plan": (1, 0), "demo": (0, 0), "unclassified": (1, 0)}
    assert by_id(tables["by_field"]) == {"water": (1, 0), "unclassified": (1, 0)}
    assert tables["unclassified"] == [
        {"application": "2", "by": "type", "given": ""},
        {"application": "1", "by": "region", "given": "QQ"},
        {"application": "2", "by": "region", "given": ""},
        {"application": "1", "by": "country", "given": "QQ"},
        {"application": "2", "by": "country", "given": ""},
        {"application": "1", "by": "field", "given": "magic"},
    ]


def test_a_call_without_sets_has_only_its_total() -> None:
    tables = tabulate(reception(Received("1", "plan"), sets=Classifications()))
    assert tables["total"] == {"cases": 1, "countries": 0}
    assert [tables[t] for t in ("by_region", "by_country", "by_field", "unclassified")] == [[], [], [], []]


def test_growth_is_exact_and_rounded_half_up_once() -> None:
    assert change(80, 111) == {"previous": 80, "now": 111, "change": 31, "percent": "38.75", "shown": "38.8"}
    # 38.745 per cent: the second decimal is 38.75, but the first is 38.7 and not rounded from 38.75
    assert change(20000, 27749)["percent"] == "38.75"
    assert change(20000, 27749)["shown"] == "38.7"
    assert change(111, 80)["shown"] == "-27.9"
    assert change(8, 8)["percent"] == "0.00"


def test_growth_from_nothing_has_no_percentage() -> None:
    assert change(0, 5) == {"previous": 0, "now": 5, "change": 5, "percent": None, "shown": None}


def test_growth_looks_at_the_latest_earlier_round_only() -> None:
    now = {"cases": 111, "countries": 39}
    rounds = [EarlierRound(2019, 10, 5), EarlierRound(2021, 1, 1), EarlierRound(2020, 80, 23), EarlierRound(2022, 9, 9)]
    assert growth(2021, now, rounds)["previous_year"] == 2020
    assert growth(2021, now, rounds)["countries"]["change"] == 16
    assert growth(2019, now, rounds) == {"year": 2019, "previous_year": None, "cases": None, "countries": None}


@given(st.lists(st.integers(0, 10_000), max_size=40), st.integers(0, 3))
def test_printed_shares_keep_their_sum_and_stay_within_one_unit(parts: list[int], decimals: int) -> None:
    printed = shares(parts, decimals)
    if sum(parts):
        assert sum(map(Fraction, printed)) == 100
    for part, share in zip(parts, printed, strict=True):
        exact = Fraction(100 * part, sum(parts) or 1)
        assert abs(Fraction(share) - exact) < Fraction(1, 10**decimals)
        assert "." not in share or len(share.partition(".")[2]) == decimals


def test_three_equal_parts_print_to_a_hundred() -> None:
    rows = [{"id": i, "cases": 1, "countries": 1} for i in "abc"]
    assert [row["share_shown"] for row in with_shares(rows)] == ["33.4", "33.3", "33.3"]


def test_sets_return_from_a_record_as_they_went_in() -> None:
    assert Classifications.from_json(SETS.as_json()) == SETS


@pytest.mark.parametrize(
    ("sets", "code"),
    [
        ({"countries": ["AA", "AA"]}, "repeated_in_set"),
        ({"fields": ["not_itemised"]}, "reserved_id"),
        ({"regions": [{"id": "a", "rest": True}, {"id": "b", "rest": True}]}, "two_rest_regions"),
        (
            {
                "regions": [
                    {"id": "a", "countries": [{"country": "AA", "valid_to": "2021-01-01"}]},
                    {"id": "b", "countries": [{"country": "AA", "valid_from": "2021-01-01"}]},
                ]
            },
            "country_in_two_regions",
        ),
        ({"regions": [{"id": "a", "valid_from": "2021-02-30"}]}, "not_a_day"),
    ],
)
def test_ambiguous_sets_are_refused(sets: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        Classifications.from_json(sets)
    assert [fault.code for fault in refused.value.faults] == [code]
