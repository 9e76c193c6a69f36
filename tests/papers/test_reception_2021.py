"""The published tables come out of the shipped folder exactly, and the sums of the small-cities plan hold in won."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from madang.core.callspec import parse
from madang.core.callspec.rule import ByRank
from madang.core.statistics import of_call, reception_of, verify
from madang.papers import classifications, folder, library

EOK = 100_000_000


@pytest.fixture(scope="module")
def shipped() -> folder.Folder:
    path = library.example("kcity-network-2021")
    assert path
    return folder.read(path, for_decision=False)


@pytest.fixture(scope="module")
def tables(shipped: folder.Folder) -> dict[str, Any]:
    return of_call(shipped.definition, shipped.case, classifications.for_call(shipped.definition.classifications))


def rows(table: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(row["id"], row["cases"], row["countries"]) for row in table]


def test_by_type(tables: dict[str, Any]) -> None:
    assert rows(tables["by_type"]) == [("development", 57, 24), ("solution-plan", 40, 16), ("demonstration", 14, 12)]
    assert sum(row["countries"] for row in tables["by_type"]) == 52  # a country may apply in several types
    assert tables["total"] == {"cases": 111, "countries": 39}


def test_by_region(tables: dict[str, Any]) -> None:
    assert rows(tables["by_region"]) == [
        ("new-southern", 35, 10),
        ("new-northern", 33, 8),
        ("central-south-america", 19, 6),
        ("other", 24, 15),
    ]


def test_by_field_within_each_type(tables: dict[str, Any]) -> None:
    cases = {group["id"]: {row["id"]: row["cases"] for row in group["fields"]} for group in tables["by_type_and_field"]}
    assert cases == {
        "development": {"not_itemised": 57},
        "solution-plan": {
            "transport": 13,
            "environment": 5,
            "safety": 5,
            "urban-management": 4,
            "not_itemised": 13,
        },
        "demonstration": {"water": 4, "transport": 3, "safety": 2, "communication": 2, "not_itemised": 3},
    }


def test_by_country(tables: dict[str, Any]) -> None:
    codes = {row["id"] for row in tables["by_country"]}
    named = "GH NG MA JO IR US FR ES VN PH BW UZ BY PY ID KE BO AZ BG TR"
    assert set(named.split()) <= codes
    assert len(codes) == 39
    assert sum(row["cases"] for row in tables["by_country"]) == 111
    assert tables["unclassified"] == []


def test_growth_on_2020(tables: dict[str, Any]) -> None:
    assert tables["growth"] == {
        "year": 2021,
        "previous_year": 2020,
        "cases": {"previous": 80, "now": 111, "change": 31, "percent": "38.75", "shown": "38.8"},
        "countries": {"previous": 23, "now": 39, "change": 16, "percent": "69.57", "shown": "69.6"},
    }


def test_the_recount_agrees_from_what_a_record_carries(shipped: folder.Folder, tables: dict[str, Any]) -> None:
    sets = classifications.for_call(shipped.definition.classifications)
    carried = type(sets).from_json(sets.as_json())
    assert verify(tables, reception_of(shipped.definition, shipped.case, carried)) == []


def test_the_folder_says_what_is_invented_and_carries_no_scores(shipped: folder.Folder) -> None:
    assert shipped.case.sample
    assert shipped.note
    assert "invented" in shipped.note["en"]
    assert "예시" in shipped.note["ko"]
    assert not shipped.case.sheets
    assert all(one.applicant.endswith("(sample)") for one in shipped.case.applications)
    assert all("2021-02-18" <= one.received < "2021-04-20 18:00" for one in shipped.case.applications)


def test_the_generator_writes_the_shipped_folder_again(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "scripts/make_reception_2021.py"
    spec = importlib.util.spec_from_file_location("make_reception_2021", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path)
    example = library.example("kcity-network-2021")
    assert example
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in example.iterdir()}


def test_the_sums_of_the_small_cities_plan_hold_in_won() -> None:
    definition = parse(library.programmes()["small-cities-2022"].read_text("utf-8"))
    money, decide = definition.money, definition.decide
    assert isinstance(decide, ByRank)
    assert money.match
    limits = money.limits["default"]
    cities, a_city, a_year = decide.seats.max, limits.cost_krw.max, money.budget_krw
    assert limits.cost_krw.min == a_city == 40 * EOK
    assert a_year is not None
    assert money.budget_of == "cost"
    assert cities * a_city == a_year == 640 * EOK

    national, rest = divmod(a_year * money.match.grant, money.match.grant + money.match.own)
    local = national * money.match.own // money.match.grant
    assert (rest, national, local) == (0, 320 * EOK, 320 * EOK)
    assert national + local == a_year
    assert limits.grant_krw.max == national // cities == 20 * EOK

    years = len(range(2022, 2025 + 1))
    assert cities * years == 64
    assert a_year * years == 2_560 * EOK
    assert national * years * 2 == 1_280 * EOK * 2 == a_year * years
