"""The arithmetic of a real programme, the worked example of the documentation, and the faults of a problem."""

from __future__ import annotations

import json
from typing import Any

import pytest

from madang.core.deadline import Deadline
from madang.core.problem import read_json, read_problem
from madang.core.reasons import Fault, Malformed, Reason
from madang.core.selection import (
    Application,
    Budget,
    CapEach,
    Match,
    Quota,
    Seats,
    SelectionProblem,
    check_selection,
    faults_in,
    solve_selection,
)
from madang.words import catalogue, say

EOK = 100_000_000  # 억


def city(rank: int, *, cost: int = 40 * EOK, own: int = 20 * EOK, **tags: str) -> Application:
    return Application(
        id=f"city-{rank}", rank=rank, cost_krw=cost, own_krw=own, tags={n: (v,) for n, v in tags.items()}
    )


def small_and_medium_cities(applications: list[Application]) -> dict[str, Any]:
    """16 cities a year, 4.0bn each, half of it from the state: 320 + 320 = 640 억."""
    rules = [
        Budget(id="national", max_krw=320 * EOK, money="grant"),
        Budget(id="plan", max_krw=640 * EOK, money="cost"),
        Match(id="one-to-one", grant=1, own=1),
        Seats(id="seats", max=16),
    ]
    return solve_selection(SelectionProblem(version=1, applications=applications, rules=rules, reserve=2))


def test_sixteen_cities_use_the_year_to_the_won() -> None:
    result = small_and_medium_cities([city(rank) for rank in range(1, 21)])
    assert result["selected"] == [f"city-{rank}" for rank in range(1, 17)]
    assert result["used_krw"] == 32_000_000_000
    national, plan, match, seats = result["per_rule"]
    assert (national["used_krw"], national["slack_krw"]) == (320 * EOK, 0)
    assert (plan["used_krw"], plan["slack_krw"]) == (64_000_000_000, 0)
    assert match["grant_krw"] + match["own_krw"] == 640 * EOK
    assert (seats["count"], seats["slack"]) == (16, 0)
    assert result["reserve"] == ["city-17", "city-18"]


def test_one_won_short_of_the_match_is_out_by_its_own_fault() -> None:
    short = city(1, own=20 * EOK - 1)
    result = small_and_medium_cities([short, *(city(rank) for rank in range(2, 21))])
    assert result["selected"] == [f"city-{rank}" for rank in range(2, 18)]
    assert result["why"][0]["rules"] == ["one-to-one"]
    assert result["reserve"] == ["city-18", "city-19"]


def worked_example() -> SelectionProblem:
    rows = [
        "A Hanbit north",
        "B Hanbit north",
        "C Byeolha north",
        "D Sanmaru north",
        "E Badae south",
        "F Gangnae south",
    ]
    parts = [row.split() for row in [*rows, "G Nuri south"]]
    return SelectionProblem(
        version=1,
        applications=[
            Application(id=i, rank=n + 1, tags={"city": (c,), "region": (r,)}) for n, (i, c, r) in enumerate(parts)
        ],
        rules=[
            Seats(id="seats", max=4),
            Quota(id="south", tag="region", equals="south", min=2),
            CapEach(id="one-each", tag="city", max=1),
        ],
        reserve=2,
        explain=("D",),
    )


def test_the_worked_example_of_the_documentation() -> None:
    result = solve_selection(worked_example())
    assert result["selected"] == ["A", "C", "E", "F"]
    assert {entry["id"]: entry["rules"] for entry in result["why"] if entry["rules"]} == {
        "B": ["one-each"],
        "D": ["seats", "south"],
        "G": ["seats"],
    }
    assert result["reserve"] == ["B", "D"]
    (told,) = result["explain"]
    assert (told["overtakes"], told["ahead_of"], told["leaves"], told["enters"]) == (1, ["C"], ["C"], ["D"])
    assert check_selection(worked_example(), result).contradictions == []


def test_every_reason_can_be_said_in_korean_and_english() -> None:
    result = solve_selection(worked_example())
    reasons = [reason for entry in result["why"] for reason in entry["reasons"]]
    for reason in reasons:
        for language in ("ko", "en"):
            sentence = say(Reason(reason["code"], reason["params"]), language)
            assert reason["code"] in catalogue()
            assert "?" not in sentence, sentence


def faults_of(problem: dict[str, Any]) -> list[Fault]:
    read = read_problem(SelectionProblem, read_json(json.dumps(problem)))
    with pytest.raises(Malformed) as refused:
        solve_selection(read)
    assert refused.value.faults == faults_in(read)
    return refused.value.faults


def test_all_faults_of_meaning_are_told_at_once_with_their_places() -> None:
    problem = {
        "kind": "selection",
        "version": 1,
        "applications": [
            {"id": "A", "rank": 1, "value": 1, "cost_krw": 1, "own_krw": 2},
            {"id": "A", "cost_krw": 2**53, "tags": {"r/s": ["x", "x"]}},
        ],
        "rules": [
            {"id": "q", "type": "quota", "tag": "r", "equals": "x", "min": 3, "max": 2},
            {"id": "q", "type": "exclude_together", "applications": ["A", "B"]},
            {"id": "p", "type": "pass_mark", "min_value": "60.5"},
            {"id": "m", "type": "match", "grant": 0, "own": 0},
        ],
        "objective": "total_value",
        "explain": ["C", "C"],
    }
    assert {(fault.code, fault.at) for fault in faults_of(problem)} == {
        ("own_over_cost", "/applications/0/own_krw"),
        ("duplicate_application", "/applications/1/id"),
        ("rank_missing", "/applications/1"),
        ("value_missing", "/applications/1"),
        ("duplicate_tag_value", "/applications/1/tags/r~1s"),
        ("sum_too_large", "/applications"),
        ("min_over_max", "/rules/0/min"),
        ("duplicate_rule", "/rules/1/id"),
        ("unknown_application", "/rules/1/applications/1"),
        ("match_without_ratio", "/rules/3"),
        ("value_needed", "/applications/1"),
        ("unknown_application", "/explain/0"),
        ("unknown_application", "/explain/1"),
        ("named_twice", "/explain/1"),
    }
    for fault in faults_of(problem):
        assert fault.code in catalogue()


def test_a_budget_needs_costs() -> None:
    problem = {"version": 1, "applications": [{"id": "A"}], "rules": [{"id": "b", "type": "budget", "max_krw": 1}]}
    assert [(fault.code, fault.at) for fault in faults_of(problem)] == [("cost_missing", "/applications/0")]


def test_no_applications_and_a_minimum_is_infeasible_and_says_which_rule() -> None:
    result = solve_selection(SelectionProblem(version=1, applications=[], rules=[Seats(id="seats", min=1)]))
    assert (result["status"], result["conflict"]) == ("infeasible", ["seats"])


def test_time_that_ended_is_told_and_nothing_is_guessed() -> None:
    """Two quotas that only a search can settle, and no time for one."""
    pairs = ["BC", "DE", "AF", "BD", "CE", "BE", "CD"]
    fields: dict[str, tuple[str, ...]] = {"A": (), "B": ("x",), "C": ("x",), "D": ("y",), "E": ("y",), "F": ("x", "y")}
    problem = SelectionProblem.model_validate(
        {
            "version": 1,
            "applications": [{"id": i, "tags": {"field": f}} for i, f in fields.items()],
            "rules": [
                *({"id": pair, "type": "exclude_together", "applications": list(pair)} for pair in pairs),
                {"id": "x", "type": "quota", "tag": "field", "equals": "x", "min": 1},
                {"id": "y", "type": "quota", "tag": "field", "equals": "y", "min": 1},
            ],
        }
    )
    assert solve_selection(problem)["selected"] == ["B", "F"]
    cut = solve_selection(problem, Deadline(lambda: 0))
    assert cut["status"] == "unknown"
    assert [reason["code"] for reason in cut["reasons"]] == ["time_ended_in_the_walk"]
    assert check_selection(problem, cut).contradictions == []
    wrong = {**cut, "selected": ["C"]}
    assert "not_the_walk" in [reason.code for reason in check_selection(problem, wrong).contradictions]
