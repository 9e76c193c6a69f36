"""Assignments against every plan there is, against their own shuffles, and against tampering."""

from __future__ import annotations

import copy
import itertools
import json
import random
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core.assignment import solve_assignment, verify_assignment
from madang.core.assignment.network import SMALL
from madang.core.deadline import Deadline
from madang.core.kinds import KINDS
from madang.core.matrix import Matrix
from madang.core.reasons import Malformed
from madang.words import LANGUAGES, catalogue, say_fault
from tests.core.assignment.assignment_problems import (
    Plan,
    any_problems,
    millionths,
    plans,
    problem_of,
    problems,
    solved,
    worth_of,
)

RESULT = KINDS["assignment"].schema()["result"]

small = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
fewer = settings(small, max_examples=60)


def total_of(result: dict[str, Any]) -> int | None:
    return None if result["total"] is None else millionths(result["total"])


@small
@given(st.one_of(problems(), any_problems()))
def test_the_total_is_the_best_of_all_plans_and_proven(data: dict[str, Any]) -> None:
    result = solved(data)
    jsonschema.validate(result, RESULT)
    every = [worth_of(data, plan) for plan in plans(data)]
    if every:
        assert (result["status"], total_of(result)) == ("optimal", max(every))
        assert result["bound"]["total"] == result["total"]
    else:
        assert result["status"] == "infeasible"
        assert result["reasons"]
    assert {reason["code"] for reason in result["reasons"]} <= set(catalogue())


@fewer
@given(problems(), st.data())
def test_an_earlier_plan_is_kept_as_far_as_can_be_and_then_the_total_is_best(data: dict[str, Any], more: Any) -> None:
    every = list(plans(data))
    cells = [(a["id"], e["id"]) for a, e in itertools.product(data["applications"], data["evaluators"])]
    keep = set(more.draw(st.lists(st.sampled_from(cells), unique=True, min_size=1)))
    result = solved(data | {"keep": [*map(list, keep), ["A0", "gone"]]})
    kept = max(len(plan & keep) for plan in every)
    assert result["changed"]["kept"] == kept
    assert result["status"] == "optimal"
    assert total_of(result) == max(worth_of(data, plan) for plan in every if len(plan & keep) == kept)


@fewer
@given(problems(overlapping=False))
def test_why_not_is_the_cost_of_forcing_the_pair_in(data: dict[str, Any]) -> None:
    every = list(plans(data))
    cells = [[a["id"], e["id"]] for a, e in itertools.product(data["applications"], data["evaluators"])]
    result = solved(data | {"explain": cells})
    best = max(worth_of(data, plan) for plan in every)
    now = {tuple(pair) for pair in result["pairs"]}
    for told in result["explain"]:
        pair = (told["application"], told["evaluator"])
        codes = [reason["code"] for reason in told["reasons"]]
        with_it = [plan for plan in every if pair in plan]
        if pair in now:
            assert codes in (["explain_assigned"], ["explain_fixed"])
        elif list(pair) in data["conflicts"]:
            assert codes == ["explain_conflict"]
        elif not with_it:
            assert codes[1] == "explain_cannot_be"
        else:
            good = max(worth_of(data, plan) for plan in with_it)
            assert millionths(told["cost"]) == best - good
            fewest = min(len(plan - now) for plan in with_it if worth_of(data, plan) == good)
            assert len(told["enter"]) == fewest


@fewer
@given(problems(most=3))
def test_one_more_evaluator_gains_what_a_second_one_gains(data: dict[str, Any]) -> None:
    every = list(plans(data))
    result = solved(data | {"explain": [["A0", "E0"]]})
    best = max(worth_of(data, plan) for plan in every)
    for told in result["one_more"]:
        place = [one["id"] for one in data["evaluators"]].index(told["like"])
        wider = copy.deepcopy(data)
        wider["evaluators"].append(data["evaluators"][place] | {"id": "second", "min_load": 0})
        wider["conflicts"] += [[a, "second"] for a, e in data["conflicts"] if e == told["like"]]
        for row in wider["affinity"]:
            row.append(row[place])
        assert millionths(told["gain"]) == max(worth_of(wider, plan) for plan in plans(wider)) - best


@fewer
@given(st.one_of(problems(), any_problems()), st.randoms(use_true_random=False))
def test_names_and_order_change_nothing_but_the_choice_between_equals(
    data: dict[str, Any], chance: random.Random
) -> None:
    before = solved(data)
    other = copy.deepcopy(data)
    rows, columns = list(range(len(data["applications"]))), list(range(len(data["evaluators"])))
    chance.shuffle(rows)
    chance.shuffle(columns)
    other["applications"] = [data["applications"][row] | {"id": f"a{row}"} for row in rows]
    other["evaluators"] = [data["evaluators"][column] | {"id": f"e{column}"} for column in columns]
    other["affinity"] = [[data["affinity"][row][column] for column in columns] for row in rows]
    for name in ("conflicts", "fixed"):
        other[name] = [[a.lower(), e.lower()] for a, e in data[name]]
    after = solved(other)
    assert [after[name] for name in ("status", "total", "bound")] == [before[n] for n in ("status", "total", "bound")]


@fewer
@given(problems())
def test_an_evaluator_who_is_worth_less_than_nothing_changes_nothing(data: dict[str, Any]) -> None:
    before = solved(data)
    data["evaluators"].append({"id": "worse", "min_load": 0, "tags": []})
    for row in data["affinity"]:
        row.append(-1000)
    after = solved(data)
    assert after["total"] == before["total"]


EXAMPLE: dict[str, Any] = {
    "kind": "assignment",
    "version": 1,
    "applications": [{"id": f"A{row}", "required": 2, "at_least": {"external": 1}} for row in range(3)],
    "evaluators": [
        {"id": "E0", "min_load": 1, "max_load": 2, "tags": ["external"]},
        {"id": "E1", "min_load": 0, "max_load": 3, "tags": []},
        {"id": "E2", "min_load": 2, "max_load": 2, "tags": ["external"]},
    ],
    "affinity": [["0.9", "0.1", "0.5"], ["0.4", "0.8", "0.3"], ["0.7", "0.7", "0.2"]],
    "conflicts": [["A2", "E2"]],
    "keep": [["A0", "E0"], ["A0", "E1"]],
    "explain": [["A0", "E1"], ["A2", "E2"]],
}


def test_every_change_to_a_result_is_noticed() -> None:
    for data in (EXAMPLE, EXAMPLE | {"keep": []}, EXAMPLE | {"keep": [], "conflicts": [], "explain": [["A0", "E1"]]}):
        result = solved(data)
        assert result["status"] == "optimal"
        problem = problem_of(data)
        for path, value in _leaves(result):
            if path[0] in ("engine", "elapsed_ms") or path[-1] == "times":
                continue
            broken = copy.deepcopy(result)
            _put(broken, path, _other(value))
            if "prices" in path:  # a price may be changed without harm where it still proves the same
                continue
            assert verify_assignment(problem, broken), path


def test_prices_that_prove_less_are_refused() -> None:
    result = solved(EXAMPLE | {"keep": [], "explain": []})
    problem = problem_of(EXAMPLE | {"keep": [], "explain": []})
    for place in range(3):
        for name in ("applications", "evaluators"):
            broken = copy.deepcopy(result)
            broken["certificate"]["stages"][0]["nodes"][0]["prices"][name][place] += 10**7
            assert verify_assignment(problem, broken)
    broken = copy.deepcopy(result)
    broken["certificate"]["stages"] = []
    assert verify_assignment(problem, broken)


@pytest.mark.parametrize("result", [None, [], {}, {"kind": "assignment"}, 7, "x"])
def test_what_is_no_result_is_said_to_be_none(result: object) -> None:
    assert verify_assignment(problem_of(EXAMPLE), result)[0].code == "assignment_not_readable"


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, (*path, place))
    else:
        yield path, value


def _put(result: Any, path: tuple[Any, ...], value: object) -> None:
    for step in path[:-1]:
        result = result[step]
    result[path[-1]] = value


def _other(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "1"
    return "1"


# --- hostile and extreme problems ---


def table(n: int, m: int, affinity: np.ndarray, required: int, **loads: int) -> dict[str, Any]:
    return {
        "kind": "assignment",
        "version": 1,
        "applications": [{"id": f"A{row}", "required": required} for row in range(n)],
        "evaluators": [{"id": f"E{column}", **loads} for column in range(m)],
        "affinity": Matrix(np.asarray(affinity, dtype=np.int64)),
    }


@pytest.mark.parametrize(
    ("change", "code", "at"),
    [
        ({"conflicts": [["A0", "nobody"]]}, "pair_evaluator_unknown", "/conflicts/0/1"),
        ({"fixed": [["nothing", "E0"]]}, "pair_application_unknown", "/fixed/0/0"),
        ({"fixed": [["A2", "E2"]]}, "fixed_pair_in_conflict", "/fixed/0"),
        ({"conflicts": [["A2", "E2"], ["A2", "E2"]]}, "pair_twice", "/conflicts/1"),
        ({"affinity": [["1"]]}, "affinity_of_another_shape", "/affinity"),
        ({"affinity": [["9007199254"] * 3] * 3}, "affinity_sum_too_large", "/affinity"),
        ({"applications": [{"id": "A0", "required": 1}] * 3}, "assignment_application_twice", "/applications/1/id"),
        ({"evaluators": [{"id": "E0"}, {"id": "E0"}, {"id": "E2"}]}, "assignment_evaluator_twice", "/evaluators/1/id"),
    ],
)
def test_faults_are_named_with_their_place(change: dict[str, Any], code: str, at: str) -> None:
    with pytest.raises(Malformed) as caught:
        solve_assignment(problem_of(EXAMPLE | change))
    assert (code, at) in [(fault.code, fault.at) for fault in caught.value.faults]
    assert {fault.code for fault in caught.value.faults} <= set(catalogue())


def test_a_million_applications_are_refused() -> None:
    data = table(0, 0, np.zeros((0, 0)), 0)
    data["applications"] = [{"id": "A", "required": 1}] * 1_000_000
    with pytest.raises(Malformed) as caught:
        problem_of(data)
    (fault,) = caught.value.faults
    assert (fault.code, fault.at) == ("list_too_long", "/applications")
    for language in LANGUAGES:
        assert "200000" in say_fault(fault, language)
        assert "?" not in say_fault(fault, language)


def test_sums_up_to_the_largest_are_exact() -> None:
    """Numbers so large that the flow's own integers are too small, apart by one millionth."""
    n, m = 60, 80
    largest = 2**53 // (2 * n)
    affinity = largest - np.random.default_rng(7).integers(0, 3, (n, m))
    affinity[:, ::7] = -largest + np.random.default_rng(8).integers(0, 3, (n, len(range(0, m, 7))))
    result = solved(table(n, m, affinity, 2, min_load=1, max_load=2))
    assert result["status"] == "optimal"


@pytest.mark.parametrize("affinity", ["equal", "random", "popular"])
def test_pairs_that_are_not_arcs_at_first_come_in_where_they_matter(affinity: str) -> None:
    n, m = 160, 170
    assert n * m > SMALL
    chance = np.random.default_rng(3)
    values = {
        "equal": np.full((n, m), 500_000),
        "random": chance.integers(0, 1_000_000, (n, m)),
        "popular": chance.integers(0, 1000, (n, m)) * np.arange(m),
    }[affinity]
    result = solved(table(n, m, values, 3, min_load=2, max_load=4))
    assert result["status"] == "optimal"


def test_all_conflicted_says_which_applications() -> None:
    result = solved(EXAMPLE | {"explain": [], "conflicts": [["A0", "E0"], ["A0", "E1"], ["A0", "E2"]]})
    assert result["reasons"][0]["params"]["application"] == "A0"


def test_a_set_that_fights_over_the_same_few_is_named() -> None:
    data = table(4, 4, np.ones((4, 4)), 1, max_load=1)
    data["conflicts"] = [[f"A{row}", f"E{column}"] for row in range(3) for column in (2, 3)]
    reason = solved(data)["reasons"][0]
    assert reason["code"] == "too_little_room"
    assert reason["params"] == {
        "applications": ["A0", "A1", "A2"],
        "needed": 3,
        "evaluators": ["E0", "E1"],
        "room": 2,
    }


def test_somebody_who_drops_out_moves_only_what_must() -> None:
    chance = np.random.default_rng(5)
    data = table(40, 20, chance.integers(0, 1_000_000, (40, 20)), 3, max_load=7)
    before = solved(data)["pairs"]
    data["evaluators"] = data["evaluators"][:-1]
    data["affinity"] = Matrix(data["affinity"].values[:, :-1])
    after = solved(data | {"keep": before})
    gone = sum(evaluator == "E19" for _, evaluator in before)
    assert len(after["changed"]["lost"]) == gone == len(after["changed"]["new"])


def test_no_time_is_an_answer_too() -> None:
    for more in ({}, {"keep": [["A0", "E0"]]}, {"keep": [], "objective": "fair"}):
        problem = problem_of(EXAMPLE | {"keep": [], "explain": []} | more)
        result = json.loads(json.dumps(solve_assignment(problem, Deadline(lambda: 0.0))))
        assert result["status"] in ("unknown", "feasible")
        assert verify_assignment(problem, result) == []


def test_overlapping_tags_at_a_real_size() -> None:
    chance = np.random.default_rng(11)
    data = table(60, 40, chance.integers(0, 1_000_000, (60, 40)), 3, min_load=2, max_load=6)
    for one in data["applications"]:
        one["at_least"] = {"external": 1, "field": 2, "abroad": 1}
    for one in data["evaluators"]:
        one["tags"] = [
            tag for tag, share in (("external", 0.4), ("field", 0.6), ("abroad", 0.3)) if chance.random() < share
        ]
    assert solved(data)["status"] == "optimal"


@fewer
@given(problems(overlapping=False), st.data())
def test_fair_after_an_earlier_plan_is_fair_among_the_plans_that_keep_most(data: dict[str, Any], more: Any) -> None:
    every = list(plans(data))
    cells = [(a["id"], e["id"]) for a, e in itertools.product(data["applications"], data["evaluators"])]
    keep = set(more.draw(st.lists(st.sampled_from(cells), unique=True)))
    result = solved(data | {"keep": list(map(list, keep)), "objective": "fair"})
    kept = max(len(plan & keep) for plan in every)
    among = [plan for plan in every if len(plan & keep) == kept]

    def worst(plan: Plan) -> int:
        needing = [one["id"] for one in data["applications"] if one["required"]]
        return min((worth_of(data, frozenset(p for p in plan if p[0] == name)) for name in needing), default=0)

    best = max((worst(plan), worth_of(data, plan)) for plan in among)
    assert result["status"] == "optimal"
    plan = frozenset((a, e) for a, e in result["pairs"])
    assert (worst(plan), worth_of(data, plan)) == best


@pytest.mark.parametrize(("seed", "ends"), [(18, 1), (54, 2)])
def test_rules_that_pull_in_two_directions_are_proven_by_own_best_and_by_splits(seed: int, ends: int) -> None:
    """Seeds at which prices of the rules alone prove nothing: without a proof the status would be `feasible`."""
    chance = np.random.default_rng(seed)
    n, m = 14, 12
    affinity = chance.integers(0, 5, (n, m)) * 250_000 + chance.integers(0, 3, (n, m))
    data = table(n, m, affinity, 3, max_load=4)
    shares = (("external", 0.4), ("field", 0.6), ("abroad", 0.4))
    for one in data["applications"]:
        one["at_least"] = {"external": 1, "field": 2, "abroad": 1}
    for one in data["evaluators"]:
        one["tags"] = [tag for tag, share in shares if chance.random() < share]
    result = solved(data)
    assert result["status"] == "optimal"
    nodes = result["certificate"]["stages"][0]["nodes"]
    leaves = [node for node in nodes if "split" not in node]
    assert len(leaves) == ends
    assert any(leaf["own"] for leaf in leaves)
    problem = problem_of(data)
    for leaf in leaves:
        before = leaf["prices"]["evaluators"][0]
        leaf["prices"]["evaluators"][0] = before + 10**10
        assert verify_assignment(problem, result)
        leaf["prices"]["evaluators"][0] = before
    if ends > 1:
        del nodes[-1]
        assert verify_assignment(problem, result)
