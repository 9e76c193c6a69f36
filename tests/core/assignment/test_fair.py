"""Fair plans: every one against all plans tried, and the checker against every result."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.assignment import AssignmentProblem, solve_assignment, verify_assignment
from madang.core.deadline import Deadline
from tests.core.assignment.assignment_problems import Plan, millionths, plans, problem_of, problems, solved


def sums(data: dict[str, Any], plan: Plan) -> list[int]:
    columns = {one["id"]: number for number, one in enumerate(data["evaluators"])}
    return [
        sum(millionths(row[columns[e]]) for a, e in plan if a == one["id"])
        for one, row in zip(data["applications"], data["affinity"], strict=True)
    ]


def fairest(data: dict[str, Any]) -> tuple[int, int]:
    return max((min(own), sum(own)) for own in (sums(data, plan) for plan in plans(data)))


WORTHS = st.sampled_from(["0", "0.25", "0.5", "1", "-0.5", "0.3", "0.333333", "0.7", "2"])


@st.composite
def fair_problems(draw: st.DrawFn, overlapping: bool = True) -> dict[str, Any]:
    """Problems with a plan, with affinities of which many floors are possible."""
    data = draw(problems(overlapping, most=4))
    some = draw(st.lists(WORTHS, min_size=1, max_size=9))
    data["affinity"] = [[draw(st.sampled_from(some)) for _ in row] for row in data["affinity"]]
    return data | {"objective": "fair"}


@settings(max_examples=250, deadline=None)
@given(fair_problems())
def test_no_plan_is_fairer(data: dict[str, Any]) -> None:
    worst, total = fairest(data)
    result = solved(data)
    assert (result["status"], millionths(result["worst"]), millionths(result["total"])) == ("optimal", worst, total)


@settings(max_examples=150, deadline=None)
@given(fair_problems(), st.sampled_from(["-1", "0", "0.3", "0.5", "0.75", "1", "1.5", "3"]))
def test_largest_total_above_a_given_floor(data: dict[str, Any], floor: str) -> None:
    data |= {"objective": "total", "floor": floor}
    above = [sum(own) for own in (sums(data, plan) for plan in plans(data)) if min(own) >= millionths(floor)]
    result = solved(data)
    if above:
        assert (result["status"], millionths(result["total"])) == ("optimal", max(above))
    else:
        assert result["status"] == "infeasible"
        assert [reason["code"] for reason in result["reasons"]][:1] == ["floor_not_reached"]


@settings(max_examples=60, deadline=None)
@given(fair_problems(), st.randoms())
def test_order_and_names_do_not_matter(data: dict[str, Any], random: Any) -> None:
    again = copy.deepcopy(data)
    order = list(range(len(data["applications"])))
    random.shuffle(order)
    again["applications"] = [data["applications"][place] for place in order]
    again["affinity"] = [data["affinity"][place] for place in order]
    one, other = solved(data), solved(again)
    assert (one["worst"], one["total"]) == (other["worst"], other["total"])


@settings(max_examples=60, deadline=None)
@given(fair_problems())
def test_everybody_better_by_the_same_changes_the_sums_only(data: dict[str, Any]) -> None:
    """A metamorphosis: a constant on all pairs, where all need the same number."""
    if len({one["required"] for one in data["applications"]}) != 1:
        return
    more = copy.deepcopy(data)
    more["affinity"] = [[str(millionths(cell) / 1_000_000 + 1) for cell in row] for row in data["affinity"]]
    needed = data["applications"][0]["required"]
    one, other = solved(data), solved(more)
    assert millionths(other["worst"]) == millionths(one["worst"]) + needed * 1_000_000


def town(n: int = 12, m: int = 8, needed: int = 2, most: int = 4) -> dict[str, Any]:
    """Affinities that no one step divides, and tight loads: floors bind."""
    return {
        "kind": "assignment",
        "version": 1,
        "applications": [{"id": f"A{row}", "required": needed} for row in range(n)],
        "evaluators": [{"id": f"E{column}", "min_load": 1, "max_load": most} for column in range(m)],
        "affinity": [
            [f"0.{(row * row * 7919 + column * 104729 + row * column * 31) % 999983:06d}" for column in range(m)]
            for row in range(n)
        ],
        "objective": "fair",
    }


def test_without_time_the_best_found_stands_with_its_bound_or_nothing_does() -> None:
    problem = problem_of(town())
    best = solved(town())
    for calls in (0, 3, 6, 12):
        left = iter([10.0] * calls)
        deadline = Deadline(lambda left=left: next(left, 0.0))
        result = json.loads(json.dumps(solve_assignment(problem, deadline)))
        assert verify_assignment(problem, result) == []
        if result["status"] == "feasible":
            assert millionths(result["worst"]) <= millionths(best["worst"])
            assert result["bound"]["worst"] is None or millionths(result["bound"]["worst"]) >= millionths(best["worst"])
        else:
            assert result["status"] in ("unknown", "optimal")


def test_a_claim_that_was_changed_is_refused() -> None:
    """Sums, bounds, status, and what closed the proofs; and prices that no longer prove it."""
    data = town()
    problem, result = problem_of(data), solved(data)
    changes: list[tuple[tuple[Any, ...], Any]] = [
        (("status",), "feasible"),
        (("worst",), str(float(result["worst"]) + 0.000001)),
        (("total",), str(float(result["total"]) + 1)),
        (("bound", "worst"), str(float(result["worst"]) + 0.5)),
        (("bound", "total"), str(float(result["total"]) + 0.5)),
        (("certificate", "fair", "worst", "floor"), 0),
        (("certificate", "fair", "total", "floor"), 0),
        (("certificate", "fair", "total", "scale"), 0),
        (("certificate", "fair", "worst_by"), "hearsay"),
        (("certificate", "fair", "worst_by"), None),
        (("certificate", "fair", "total_by"), None),
        (("certificate", "fair", "total", "evaluators"), []),
        (("certificate", "fair", "total", "applications", 0), -1),
        (("certificate", "fair", "total"), "nothing"),
        (("certificate", "fair", "worst", "evaluators", 0), 1.5),
    ]
    for path, value in changes:
        other = copy.deepcopy(result)
        place = other
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert verify_assignment(problem, other) != [], path


def test_a_plan_that_is_not_the_fairest_cannot_be_called_so() -> None:
    """The total's plan with the fair plan's proof."""
    data = town()
    problem, fair = problem_of(data), solved(data)
    total = solved(data | {"objective": "total"})
    assert millionths(total["worst"]) < millionths(fair["worst"])
    mixed = {**fair, **{name: total[name] for name in ("pairs", "total", "worst", "applications", "evaluators")}}
    mixed["bound"] = {"total": total["total"], "worst": total["worst"]}
    assert verify_assignment(problem, mixed) != []


@pytest.mark.parametrize("large", [1, 10**6, 10**9 // 3])
def test_very_large_and_equal_affinities(large: int) -> None:
    data = town(4, 4, 2, 3)
    data["affinity"] = [[large + (row == column) for column in range(4)] for row in range(4)]
    worst, total = fairest(
        data
        | {
            "applications": [one | {"at_least": {}, "at_most": {}} for one in data["applications"]],
            "evaluators": [one | {"tags": []} for one in data["evaluators"]],
            "conflicts": [],
            "fixed": [],
        }
    )
    result = solved(data)
    assert (millionths(result["worst"]), millionths(result["total"])) == (worst, total)


def test_after_an_earlier_plan_the_fairest_of_those_that_keep_most() -> None:
    """The proof of the last stage is of the plans that the first one leaves."""
    data = town(5, 4, 2, 3)
    first = solved(data)
    data |= {"keep": first["pairs"][:6], "conflicts": [first["pairs"][0]]}
    full = {name: [] for name in ("fixed",)} | data
    full["applications"] = [one | {"at_least": {}, "at_most": {}} for one in data["applications"]]
    full["evaluators"] = [one | {"tags": []} for one in data["evaluators"]]
    kept = {tuple(pair) for pair in data["keep"]}
    every = list(plans(full))
    most = max(len(kept & plan) for plan in every)
    best = max((min(own), sum(own)) for own in (sums(full, plan) for plan in every if len(kept & plan) == most))
    result = solved(data)
    assert (millionths(result["worst"]), millionths(result["total"])) == best
    assert result["status"] == "optimal"


def test_nothing_to_assign() -> None:
    empty = {"kind": "assignment", "version": 1, "applications": [], "evaluators": [], "affinity": []}
    result = solved(empty | {"objective": "fair"})
    assert (result["status"], result["pairs"], result["worst"]) == ("optimal", [], None)


@pytest.mark.parametrize("objective", ["total", "fair"])
def test_the_word_of_a_search_never_makes_a_solvable_problem_impossible(objective: str) -> None:
    problem = AssignmentProblem.model_validate(
        {
            "kind": "assignment",
            "version": 1,
            "applications": [{"id": "A1", "required": 1}, {"id": "A2", "required": 1}],
            "evaluators": [{"id": "E1", "max_load": 1}, {"id": "E2", "max_load": 1}],
            "affinity": [["0.9", "0.1"], ["0.2", "0.7"]],
            "objective": objective,
        }
    )
    honest = solve_assignment(problem)
    assert honest["status"] == "optimal"
    fair = {"worst": None, "total": None, "worst_by": "search", "total_by": None}
    forged = honest | {
        "status": "infeasible", "pairs": [], "total": None, "worst": None, "bound": {"total": None, "worst": None},
        "reasons": [{"code": "floor_not_reached", "params": {"floor": "None"}}],
        "certificate": {"stages": [], "fair": fair}, "applications": [], "evaluators": [],
    }  # fmt: skip
    assert verify_assignment(problem, forged) != []
