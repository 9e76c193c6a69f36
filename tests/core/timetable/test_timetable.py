"""Timetables: against every plan tried by hand, the linear bound, the checker, and inputs that nobody means."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from copy import deepcopy
from fractions import Fraction
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from madang.core.deadline import Deadline
from madang.core.kinds import KINDS
from madang.core.problem import read_json
from madang.core.reasons import Malformed
from madang.core.timetable import solve_timetable, verify_timetable
from madang.words import LANGUAGES, catalogue, say, say_fault, sentence
from tests.core.timetable.timetable_problems import (
    business_fair,
    plans,
    problem_of,
    problems,
    slot,
    stays,
    weight_of,
    worst_of,
)

SCHEMA = KINDS["timetable"].schema()
CHECK_RESULT = jsonschema.Draft202012Validator(SCHEMA["result"])
CHECK_PROBLEM = jsonschema.Draft202012Validator(SCHEMA["problem"])


def solved(data: dict[str, Any], deadline: Deadline | None = None) -> dict[str, Any]:
    """The result as a reader gets it, checked by the verifier and the schema."""
    problem = problem_of(data)
    result = solve_timetable(problem) if deadline is None else solve_timetable(problem, deadline)
    result = json.loads(json.dumps(result))
    assert [say(found, "en") for found in verify_timetable(problem, result)] == []
    CHECK_RESULT.validate(result)
    told = [*result["reasons"], *(one["reason"] for one in (*result["unmet"], *result["changes"]))]
    for reason in told:
        assert all("?" not in sentence(reason["code"], reason["params"], language) for language in LANGUAGES)
    return result


def plan_of(result: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(one["company"], one["agency"]): one["slot"] for one in result["meetings"]}


def faults_of(data: object) -> list[tuple[str, str]]:
    kind = KINDS["timetable"]
    with pytest.raises(Malformed) as refused:
        kind.solve(kind.read(read_json(json.dumps(data))))
    assert {fault.code for fault in refused.value.faults} <= catalogue().keys()
    assert all("?" not in say_fault(fault, language) for fault in refused.value.faults for language in LANGUAGES)
    return [(fault.at, fault.code) for fault in refused.value.faults]


@settings(max_examples=250, deadline=None)
@given(problems())
def test_no_plan_tried_by_hand_is_better_than_the_bound_and_optimal_is_the_best(data: dict[str, Any]) -> None:
    CHECK_PROBLEM.validate(data)
    result, every = solved(data), list(plans(data))
    mine = plan_of(result)
    assert mine in every
    most_stay = max(stays(data, plan) for plan in every)
    assert result["status"] == "optimal" or stays(data, mine) <= most_stay
    left = [plan for plan in every if stays(data, plan) == most_stay]
    if data["objective"] == "fair" and result["worst"] is not None:
        worst = max(worst_of(data, plan) for plan in left)
        assert Fraction(result["worst"]) == worst_of(data, mine)
        assert worst <= Fraction(result["worst_bound"]) or stays(data, mine) < most_stay
        if result["status"] == "optimal":
            assert Fraction(result["worst"]) == worst
        left = [plan for plan in left if worst_of(data, plan) >= Fraction(result["worst"])]
    best = max((weight_of(data, plan) for plan in left), default=0)
    assert result["weight"] == weight_of(data, mine)
    assert best <= result["bound"]
    if result["status"] == "optimal":
        assert (result["weight"], stays(data, mine)) == (best, most_stay)


def linear_bound(data: dict[str, Any]) -> float:
    """The linear relaxation as anyone would write it: wish x slot, tables counted per slot."""
    slots = [one["id"] for one in data["slots"]]
    free = {one["id"]: set(one["free"]) for one in (*data["companies"], *data["agencies"])}
    most: dict[Any, int] = {one["id"]: one["max_meetings"] for one in (*data["companies"], *data["agencies"])}
    most |= dict.fromkeys(slots, data["tables"])
    rows: dict[Any, list[int]] = {}
    worth = []
    for one in data["wishes"]:
        c, g = one["company"], one["agency"]
        for name in slots:
            if name in free[c] & free[g]:
                for limit in ((c, g), c, g, (c, name), (g, name), name):
                    rows.setdefault(limit, []).append(len(worth))
                worth.append(-one["weight"])
    places = [(row, place) for row, members in enumerate(rows.values()) for place in members]
    table = sparse.csr_array((np.ones(len(places)), tuple(zip(*places, strict=True))))
    found: Any = linprog(worth, A_ub=table, b_ub=[most.get(limit, 1) for limit in rows])
    return -float(found.fun)


@pytest.mark.parametrize(("seed", "tables"), [(1, 14), (2, 10), (3, 20)])
def test_an_event_reaches_the_linear_bound_and_proves_it(seed: int, tables: int) -> None:
    data = business_fair(40, 20, 10, 260, tables, seed)
    result = solved(data)
    assert result["status"] == "optimal"
    assert result["weight"] == result["bound"] == round(linear_bound(data))


def test_the_size_of_a_national_event_is_proven() -> None:
    result = solved(business_fair(100, 60, 16, 1200, 40))
    assert (result["status"], result["weight"]) == ("optimal", result["bound"])
    assert "HiGHS" not in result["engine"]


def test_fair_gives_everyone_the_largest_share_that_the_bound_allows_less_one_meeting() -> None:
    data = business_fair(40, 20, 10, 260, 14, objective="fair")
    result = solved(data)
    bound = Fraction(result["worst_bound"])
    assert bound > 0
    for one in (*result["companies"], *result["agencies"]):
        assert one["met"] >= bound * one["wished"] - 1
    unfair = solved({**data, "objective": "weight"})
    assert Fraction(result["worst"]) > min(
        Fraction(one["share"]) for one in (*unfair["companies"], *unfair["agencies"]) if one["share"]
    )


def test_after_a_no_show_nobody_else_moves_and_tables_stay() -> None:
    data = business_fair(40, 20, 10, 260, 14)
    before = solved(data)
    data["keep"] = before["meetings"]
    data["companies"][0]["free"] = []
    data["agencies"] = data["agencies"][1:]
    gone = {data["companies"][0]["id"], "g0"}
    data["wishes"] = [one for one in data["wishes"] if one["agency"] != "g0"]
    after = solved(data)
    others = [one for one in before["meetings"] if not gone & {one["company"], one["agency"]}]
    assert after["moved"] == 0
    assert all(one in after["meetings"] for one in others)
    assert {one["reason"]["code"] for one in after["changes"]} == {"timetable_no_longer_possible"}
    assert len(after["changes"]) == len(before["meetings"]) - len(others)


def test_an_earlier_plan_that_no_longer_fits_gives_way_and_says_so() -> None:
    data = business_fair(6, 4, 2, 20, 3)
    data["keep"] = solved(data)["meetings"]
    result = solved({**data, "tables": 2})
    assert result["status"] == "feasible"
    assert result["moved"] > 0
    assert "timetable_earlier_plan_too_full" in {reason["code"] for reason in result["reasons"]}


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter_to_what_is_proven(data: dict[str, Any], chance: random.Random) -> None:
    renamed = json.loads(re.sub(r'"([cg])([0-9])"', r'"\1-\2"', json.dumps(data)))
    for name in ("slots", "companies", "agencies", "wishes", "keep"):
        chance.shuffle(renamed.get(name, []))
    one, other = solved(data), solved(renamed)
    if one["status"] == other["status"] == "optimal":
        assert [one[name] for name in ("weight", "worst")] == [other[name] for name in ("weight", "worst")]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_vetoed_wish_more_changes_no_weight(data: dict[str, Any]) -> None:
    data["objective"] = "weight"
    wider = deepcopy(data)
    wider["companies"].append({"id": "newcomer"})
    wider["agencies"].append({"id": "guest"})
    wider["wishes"].append({"company": "newcomer", "agency": "guest", "weight": 9})
    wider["vetoes"] = [*wider["vetoes"], ["newcomer", "guest"]]
    one, other = solved(data), solved(wider)
    if one["status"] == other["status"] == "optimal":
        assert one["weight"] == other["weight"]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_checker_finds_every_change_of_a_field(data: dict[str, Any]) -> None:
    problem, result = problem_of(data), solved(data)
    for name in result.keys() - {"engine", "elapsed_ms"}:
        for other in (None, 7, "optimal", "feasible", [], {}, result["bound"] + 1, "1/3"):
            if name in {"seed", "weight", "bound", "moved"} and other == result[name]:
                continue
            if json.dumps(other) != json.dumps(result[name]):
                assert verify_timetable(problem, {**result, name: other}), (name, other)
        assert verify_timetable(problem, {key: kept for key, kept in result.items() if key != name})
    assert verify_timetable(problem, {**result, "chair": 1})
    assert verify_timetable(problem, None)
    for number, meeting in enumerate(result["meetings"]):
        for field, other in (("slot", "nowhere"), ("table", 99), ("company", "nobody"), ("agency", "nobody")):
            changed = deepcopy(result)
            changed["meetings"][number] = {**meeting, field: other}
            assert verify_timetable(problem, changed)
        changed = deepcopy(result)
        del changed["meetings"][number]
        assert verify_timetable(problem, changed)
    for number in range(len(result["unmet"])):
        changed = deepcopy(result)
        changed["unmet"][number]["reason"]["code"] = "timetable_gave_way"
        assert verify_timetable(problem, changed)


def test_a_false_proof_is_refused() -> None:
    data = business_fair(12, 8, 5, 50, 5)
    problem, result = problem_of(data), solved(data)
    prices = result["certificate"]["weight"]["prices"]
    assert prices, "the tables of this event are short, so something has a price"
    for number in range(len(prices)):
        for price in (-1, prices[number]["price"] + 1):
            changed = deepcopy(result)
            changed["certificate"]["weight"]["prices"][number]["price"] = price
            lower = {**changed, "bound": result["bound"] - 1}
            assert verify_timetable(problem, lower)
    twice = deepcopy(result)
    twice["certificate"]["weight"]["prices"].append(prices[0])
    assert verify_timetable(problem, twice)
    invented = deepcopy(result)
    invented["certificate"]["weight"]["prices"].append({"rule": "tables_at", "of": ["never"], "price": 1})
    assert verify_timetable(problem, invented)


def small(**more: Any) -> dict[str, Any]:
    wishes = (("c1", "g1", 5), ("c1", "g2", 3), ("c2", "g1", 2))
    base: dict[str, Any] = {
        "kind": "timetable",
        "version": 1,
        "slots": [slot(1, 0), slot(2, 30)],
        "tables": 2,
        "companies": [{"id": "c1"}, {"id": "c2"}],
        "agencies": [{"id": "g1"}, {"id": "g2"}],
        "wishes": [{"company": c, "agency": g, "weight": w} for c, g, w in wishes],
    }
    return base | more


@pytest.mark.parametrize(
    ("more", "met", "unmet"),
    [
        ({}, 3, {}),
        ({"tables": 0}, 0, {"timetable_tables_full": 3}),
        ({"tables": 1}, 2, {"timetable_tables_full": 1}),
        ({"slots": []}, 0, {"timetable_no_common_slot": 3}),
        ({"wishes": []}, 0, {}),
        ({"companies": [], "agencies": [], "wishes": []}, 0, {}),
        ({"vetoes": [["c1", "g1"], ["c1", "g2"], ["c2", "g1"]]}, 0, {"timetable_vetoed": 3}),
        ({"met_before": [["c2", "g1"]]}, 2, {"timetable_met_before": 1}),
        ({"agencies": [{"id": "g1", "max_meetings": 1}, {"id": "g2"}]}, 2, {"timetable_most_reached": 1}),
        ({"breaks": {"max_in_a_row": 1}}, 1, {"timetable_break_needed": 2}),
        ({"slots": [slot(1, 0), slot(2, 20)]}, 1, {"timetable_company_busy": 1, "timetable_agency_busy": 1}),
        ({"slots": [slot(1, 0), slot(2, 0)]}, 1, {"timetable_company_busy": 1, "timetable_agency_busy": 1}),
    ],
)
def test_what_is_met_and_why_the_rest_is_not(more: dict[str, Any], met: int, unmet: dict[str, int]) -> None:
    result = solved(small(**more))
    codes = [one["reason"]["code"] for one in result["unmet"]]
    assert (result["status"], len(result["meetings"])) == ("optimal", met)
    assert {code: codes.count(code) for code in codes} == unmet


def test_slots_of_two_zones_are_the_same_instants() -> None:
    paris = {"id": "paris", "start": "2026-10-12T02:00:00+02:00", "end": "2026-10-12T02:25:00+02:00"}
    data = small(slots=[slot(1, 0), paris], tables=9)
    assert len(solved(data)["meetings"]) == 1, "nine in Seoul is two in the morning in Paris: everyone is busy"


def test_interpreters_are_shared_by_meetings_of_one_slot() -> None:
    people = {
        "companies": [{"id": "c1", "languages": ["ko"]}, {"id": "c2", "languages": ["ko"]}],
        "agencies": [{"id": "g1", "languages": ["vi"]}, {"id": "g2", "languages": ["vi", "en"]}],
        "slots": [slot(1, 0)],
        "wishes": [{"company": "c1", "agency": "g1", "weight": 5}, {"company": "c2", "agency": "g2", "weight": 4}],
    }
    none = solved(small(**people))
    assert [one["reason"]["code"] for one in none["unmet"]] == ["timetable_no_interpreter"] * 2
    one = solved(small(**people, interpreters=[{"languages": ["vi", "ko"], "count": 1}]))
    assert [m["company"] for m in one["meetings"]] == ["c1"]
    assert one["unmet"][0]["reason"]["code"] == "timetable_interpreters_busy"
    assert len(solved(small(**people, interpreters=[{"languages": ["vi", "ko"], "count": 2}]))["meetings"]) == 2
    away = [{"languages": ["vi", "ko"], "count": 2, "free": []}]
    assert solved(small(**people, interpreters=away))["meetings"] == []


def test_presentations_in_an_order_with_conflicts_apart() -> None:
    """One panel, one presentation a slot: companies of one group are neither next to each other nor in one session."""
    slots = [slot(n, 30 * n + (60 if n > 2 else 0), session="am" if n < 3 else "pm") for n in range(6)]
    names = [f"c{n}" for n in range(6)]
    data = small(
        slots=slots,
        tables=1,
        companies=[{"id": name, "max_meetings": 1} for name in names],
        agencies=[{"id": "panel"}],
        wishes=[{"company": name, "agency": "panel"} for name in names],
        apart=[
            {"companies": ["c0", "c1"]},
            {"companies": ["c2", "c3"]},
            {"companies": ["c4", "c5"], "by": "session"},
        ],
    )
    result = solved(data)
    assert (result["status"], result["weight"]) == ("optimal", 6)
    at = {one["company"]: int(one["slot"][1:]) for one in result["meetings"]}
    assert abs(at["c0"] - at["c1"]) > 1
    assert abs(at["c2"] - at["c3"]) > 1
    assert (at["c4"] < 3) != (at["c5"] < 3)


def test_fixed_meetings_stand_with_their_tables() -> None:
    fixed = [
        {"company": "c2", "agency": "g1", "slot": "s1", "table": 2},
        {"company": "c1", "agency": "g2", "slot": "s1"},
    ]
    result = solved(small(fixed=fixed))
    assert {"company": "c2", "agency": "g1", "slot": "s1", "table": 2} in result["meetings"]
    assert plan_of(result) == {("c2", "g1"): "s1", ("c1", "g2"): "s1", ("c1", "g1"): "s2"}


def at(company: str, agency: str, slot: str, **more: Any) -> dict[str, Any]:
    return {"company": company, "agency": agency, "slot": slot, **more}


@pytest.mark.parametrize(
    ("more", "faults"),
    [
        ({"fixed": [at("c1", "g1", "s1"), at("c1", "g2", "s1")]}, [("/fixed/1", "timetable_fixed_over_limit")]),
        ({"fixed": [at("c2", "g2", "s1")]}, [("/fixed/0", "timetable_fixed_not_wished")]),
        ({"fixed": [at("c1", "g1", "s1")], "vetoes": [["c1", "g1"]]}, [("/fixed/0", "timetable_fixed_vetoed")]),
        ({"fixed": [at("c1", "g1", "s1")], "met_before": [["c1", "g1"]]}, [("/fixed/0", "timetable_fixed_met_before")]),
        ({"fixed": [at("c1", "g1", "s1")], "tables": 0}, [("/fixed/0", "timetable_fixed_over_limit")]),
        ({"fixed": [at("c1", "g1", "s1", table=3)]}, [("/fixed/0/table", "timetable_no_such_table")]),
        (
            {"fixed": [at("c1", "g2", "s1", table=1), at("c2", "g1", "s1", table=1)]},
            [("/fixed/1/table", "timetable_fixed_table_taken")],
        ),
        (
            {"fixed": [at("c1", "g1", "s1")], "companies": [{"id": "c1", "free": ["s2"]}, {"id": "c2"}]},
            [("/fixed/0", "timetable_fixed_not_free")],
        ),
        ({"fixed": [at("c1", "g1", "s9")]}, [("/fixed/0/slot", "timetable_unknown_slot")]),
        (
            {"companies": [{"id": "c1"}, {"id": "c2"}, {"id": "c1"}]},
            [("/companies/2/id", "timetable_participant_twice")],
        ),
        ({"slots": [slot(1, 0), slot(1, 30)]}, [("/slots/1/id", "timetable_slot_twice")]),
        ({"slots": [slot(1, 0, 0)]}, [("/slots/0/end", "timetable_slot_ends_early")]),
        ({"wishes": [{"company": "c1", "agency": "g1"}] * 2}, [("/wishes/1", "timetable_pair_twice")]),
        (
            {"vetoes": [["c9", "g9"]]},
            [("/vetoes/0", "timetable_unknown_company"), ("/vetoes/0", "timetable_unknown_agency")],
        ),
        (
            {"agencies": [{"id": "g1", "free": ["s9"]}, {"id": "g2"}]},
            [("/agencies/0/free/0", "timetable_unknown_slot")],
        ),
        ({"apart": [{"companies": ["c1", "c1"]}]}, [("/apart/0/companies", "timetable_apart_from_itself")]),
        ({"apart": [{"companies": ["c1", "c2"], "by": "session"}]}, [("/apart", "timetable_no_sessions")]),
        (
            {"interpreters": [{"languages": ["ko", "ko"], "count": 1}]},
            [("/interpreters/0/languages", "timetable_one_language")],
        ),
        (
            {"slots": [slot(1, 0), slot(2, 10)], "breaks": {"max_in_a_row": 1}},
            [("/breaks", "timetable_breaks_with_overlap")],
        ),
        ({"tables": -1}, [("/tables", "too_small")]),
        ({"wishes": [{"company": "c1", "agency": "g1", "weight": 2**53}]}, [("/wishes/0/weight", "too_large")]),
        ({"wishes": [{"company": "c1", "agency": "g1", "weight": 0.5}]}, [("/wishes/0/weight", "not_an_integer")]),
        (
            {"slots": [{"id": "s1", "start": "2026-10-12T09:00:00", "end": "noon"}]},
            [("/slots/0/start", "timetable_not_an_instant"), ("/slots/0/end", "timetable_not_an_instant")],
        ),
        ({"colour": "red"}, [("/colour", "unknown_field")]),
    ],
)
def test_what_is_wrong_with_a_problem_is_named(more: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    assert faults_of(small(**more)) == faults


def test_too_many_wishes_are_refused_before_anything_is_computed() -> None:
    wish = {"company": "c1", "agency": "g1", "weight": 1}
    assert faults_of(small(wishes=[wish] * 200_001)) == [("/wishes", "timetable_too_large")]


def test_when_no_time_is_left_the_plan_keeps_the_rules_and_has_a_bound() -> None:
    data = business_fair(40, 20, 10, 260, 14)
    result = solved(data, Deadline(lambda: 0.0))
    assert result["status"] == "feasible"
    assert result["weight"] < result["bound"] == solved(data)["bound"]


def test_the_same_problem_gives_the_same_result() -> None:
    data = business_fair(40, 20, 10, 260, 14, objective="fair")
    assert solved(data) == solved(data)


def test_importing_the_package_loads_no_solver() -> None:
    code = "import sys, madang.core.timetable; print([n for n in ('ortools', 'scipy') if n in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
