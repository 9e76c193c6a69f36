"""`total_value` against the definition: every subset of small random problems is compared."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core.deadline import Deadline
from madang.core.reasons import Malformed
from madang.core.selection import Application, SelectionProblem, SelectionResult, solve_selection
from madang.core.selection.verify_total import verify_total
from tests.core.selection.selection_problems import keeps, problems

SCHEMA = jsonschema.Draft202012Validator(SelectionResult.model_json_schema())
thorough = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
brief = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Ids = frozenset[str]


@st.composite
def totals(draw: st.DrawFn, *, most: int = 7, ties: bool = True) -> SelectionProblem:
    """The problems of the walk with other values: negative ones, zeros, many alike, and ranks that may be missing."""
    problem = draw(problems(most=most, ties=ties))
    alike = draw(st.booleans())
    ranked = draw(st.booleans())
    applications = []
    for a in problem.applications:
        value = Decimal(draw(st.integers(1, 2) if alike else st.integers(-2, 9))) / draw(st.sampled_from([1, 4]))
        changed: dict[str, Any] = {"value": value}
        if not ranked:
            changed["rank"] = None
        if alike:
            changed |= {"cost_krw": 4, "own_krw": 2}
        applications.append(a.model_copy(update=changed))
    return problem.model_copy(update={"applications": tuple(applications), "objective": "total_value"})


class Everything:
    """Every subset that keeps the rules, and how good it is."""

    def __init__(self, problem: SelectionProblem, rises: dict[str, Fraction] | None = None) -> None:
        rises = rises or {}
        self.values = {a.id: Fraction(a.value) + rises.get(a.id, 0) for a in problem.applications}
        applications = [
            a.model_copy(update={"value": Decimal(int(self.values[a.id] * 10**6)) / 10**6})
            for a in problem.applications
        ]
        ranks = {a.id: n if a.rank is None else a.rank for n, a in enumerate(applications)}
        self.order: dict[Ids, Any] = {}
        for size in range(len(applications) + 1):
            for chosen in combinations(applications, size):
                if all(keeps(rule, chosen) for rule in problem.rules):
                    ids = frozenset(a.id for a in chosen)
                    counts = [sum(ranks[i] == rank for i in ids) for rank in sorted(set(ranks.values()))]
                    grant = sum(a.grant_krw for a in chosen)
                    self.order[ids] = (sum(self.values[i] for i in ids), -grant, counts)
        self.top = max(self.order.values(), default=None)
        self.best = [ids for ids, order in self.order.items() if order == self.top]

    @property
    def common(self) -> Ids:
        return frozenset.intersection(*self.best)


def without(problem: SelectionProblem, place: int) -> SelectionProblem:
    rules = problem.rules[:place] + problem.rules[place + 1 :]
    return problem.model_copy(update={"rules": rules})


def exact(value: int | str | None) -> Fraction:
    assert value is not None
    return Fraction(value)


@thorough
@given(totals())
def test_nothing_is_better_and_the_tied_are_told(problem: SelectionProblem) -> None:
    every, result = Everything(problem), solve_selection(problem)
    SCHEMA.validate(result)
    assert verify_total(problem, result) == []
    if not every.best:
        assert result["status"] == "infeasible"
        assert_smallest(problem, set(result["conflict"]))
        return
    tied = frozenset.union(*every.best) - every.common
    assert set(result["selected"]) == every.common
    assert exact(result["bound"]) == every.top[0]
    assert result["status"] == ("undetermined" if tied else "optimal")
    assert {entry["id"] for entry in result["why"] if entry["code"] == "tied"} == tied
    for place, use in enumerate(result["per_rule"]):
        other, change = Everything(without(problem, place)), use["if_dropped"]
        assert exact(change["value_gain"]) == other.top[0] - every.top[0]
        assert set(change["enters"]) == other.common - every.common
        assert set(change["leaves"]) == every.common - other.common
        assert change["settled"] == (len(other.best) == 1)


def assert_smallest(problem: SelectionProblem, conflict: set[str]) -> None:
    def holds(rules: Iterable[str]) -> bool:
        some = tuple(rule for rule in problem.rules if rule.id in rules)
        return bool(Everything(problem.model_copy(update={"rules": some})).best)

    assert not holds(conflict)
    assert all(holds(some) for some in combinations([r.id for r in problem.rules], len(conflict) - 1))


@thorough
@given(totals(most=6))
def test_the_smallest_rise_lets_in_and_a_smaller_one_does_not(problem: SelectionProblem) -> None:
    every, result = Everything(problem), solve_selection(problem)
    for entry in result["explain"]:
        id_ = entry["id"]
        if not entry["possible"]:
            high = Everything(problem, {id_: Fraction(10**6)})
            assert not any(id_ in ids for ids in high.best)
            continue
        if id_ in every.common:
            continue
        rise = exact(entry["value_rise"])
        risen = Everything(problem, {id_: rise})
        assert all(id_ in ids for ids in risen.best)
        assert set(entry["enters"]) == risen.common - every.common
        assert set(entry["leaves"]) == every.common - risen.common
        if rise:
            smaller = Everything(problem, {id_: rise - Fraction(1, 10**6)})
            assert not all(id_ in ids for ids in smaller.best)


@thorough
@given(totals(most=6))
def test_the_bounds_of_the_others_are_never_above_the_smallest_rise(problem: SelectionProblem) -> None:
    ids = [a.id for a in problem.applications]
    result = solve_selection(problem.model_copy(update={"explain": tuple(ids)}))
    rises = {entry["id"]: entry for entry in result["explain"]}
    for entry in result["why"]:
        if entry["code"] == "outvalued" and rises[entry["id"]]["possible"]:
            at_least = exact(entry["reasons"][0]["params"]["rise_at_least"])
            assert 0 <= at_least <= exact(rises[entry["id"]]["value_rise"])


@brief
@given(totals(), st.randoms())
def test_shuffling_and_renaming_change_nothing(problem: SelectionProblem, random: Any) -> None:
    applications = [
        a.model_copy(update={"rank": n + 1 if a.rank is None else a.rank}) for n, a in enumerate(problem.applications)
    ]
    names = {a.id: f"x{n}" for n, a in enumerate(random.sample(applications, len(applications)))}
    renamed = [a.model_copy(update={"id": names[a.id]}) for a in random.sample(applications, len(applications))]
    rules = [
        rule.model_copy(update={"applications": tuple(names[i] for i in rule.applications)})
        if rule.type == "exclude_together"
        else rule
        for rule in problem.rules
    ]
    one = solve_selection(problem.model_copy(update={"applications": tuple(applications), "explain": ()}))
    other = solve_selection(
        problem.model_copy(update={"applications": tuple(renamed), "rules": tuple(rules), "explain": ()})
    )
    assert {names[i] for i in one["selected"]} == set(other["selected"])
    for same in ("status", "value", "bound", "used_krw", "conflict"):
        assert one[same] == other[same]


@brief
@given(totals(ties=False))
def test_one_who_is_dominated_changes_nothing(problem: SelectionProblem) -> None:
    """The same as another, but of less value, more grant and the last rank: it never comes in before the other."""
    first = problem.applications[0]
    extra = Application(
        id="dominated",
        rank=None if first.rank is None else 100,
        value=Decimal(-50),
        cost_krw=(first.cost_krw or 0) + 1,
        own_krw=first.own_krw,
        tags={},
    )
    if any(rule.type == "seats" and rule.min for rule in problem.rules):
        return
    more = problem.model_copy(update={"applications": (*problem.applications, extra)})
    assert solve_selection(more)["selected"] == solve_selection(problem)["selected"]


def made(applications: list[dict[str, Any]], rules: list[dict[str, Any]], **more: Any) -> SelectionProblem:
    given = {"version": 1, "objective": "total_value", "applications": applications, "rules": rules, **more}
    return SelectionProblem.model_validate(given)


def solved(problem: SelectionProblem) -> dict[str, Any]:
    result = solve_selection(problem)
    SCHEMA.validate(result)
    assert verify_total(problem, result) == []
    return result


def test_sums_near_the_largest_integer_are_exact() -> None:
    big = 2**53 // 4
    values = [big, big - 1, big - 2, big - 3]
    applications = [{"id": f"a{n}", "value": value, "cost_krw": value, "own_krw": 0} for n, value in enumerate(values)]
    rules = [{"id": "purse", "type": "budget", "max_krw": 2 * big - 2}]
    result = solved(made(applications, rules, explain=["a0"]))
    assert result["selected"] == ["a0", "a2"]
    assert result["value"] == 2 * big - 2


def test_values_beyond_two_to_the_fifty_three_are_refused() -> None:
    with pytest.raises(Malformed, match="sum_too_large"):
        solve_selection(made([{"id": f"a{n}", "value": 2**52} for n in range(3)], []))


def test_values_are_needed_and_a_million_applications_are_refused_politely() -> None:
    with pytest.raises(Malformed, match="value_needed"):
        solve_selection(made([{"id": "a"}], []))
    one = Application(id="a", value=Decimal(1))
    many = tuple(one.model_copy(update={"id": f"a{n}"}) for n in range(20_001))
    with pytest.raises(Malformed) as refused:
        solve_selection(SelectionProblem(version=1, objective="total_value", applications=many))
    assert [fault.code for fault in refused.value.faults] == ["too_many_to_optimise"]


@pytest.mark.parametrize("count", [0, 2, 60])
def test_everybody_equal_goes_down_the_ranking(count: int) -> None:
    applications = [{"id": f"a{n}", "rank": n + 1, "value": 1, "cost_krw": 3} for n in range(count)]
    rules = [{"id": "purse", "type": "budget", "max_krw": 3 * (count // 2)}]
    result = solved(made(applications, rules, reserve=2))
    assert result["status"] == "optimal"
    assert result["selected"] == [f"a{n}" for n in range(count // 2)]
    assert result["reserve"] == [f"a{n}" for n in range(count // 2, count)][:2]


def test_everybody_equal_without_a_ranking_between_them_is_undetermined() -> None:
    applications = [{"id": f"a{n}", "rank": 1, "value": 1, "cost_krw": 3} for n in range(60)]
    result = solved(made(applications, [{"id": "s", "type": "seats", "max": 20}]))
    assert result["status"] == "undetermined"
    assert result["selected"] == []
    assert len(result["reasons"][0]["params"]["applications"]) == 60


def ending_after(questions: int) -> Deadline:
    left = iter(range(questions, -1, -1))
    return Deadline(lambda: next(left, 0))


HARD = made(
    [
        {
            "id": f"a{n}",
            "value": 50 + n * 37 % 41,
            "cost_krw": 150 + n * 53 % 97 + n * 37 % 41,
            "tags": {"r": str(n % 3)},
        }
        for n in range(24)
    ],
    [
        {"id": "purse", "type": "budget", "max_krw": 1503},
        {"id": "r1", "type": "quota", "tag": "r", "equals": "1", "min": 2, "max": 3},
        {"id": "r2", "type": "quota", "tag": "r", "equals": "2", "max": 3},
    ],
    explain=["a3", "a7"],
    reserve=2,
)


@pytest.mark.parametrize("questions", [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
def test_time_that_ends_leaves_the_best_found_and_a_proven_bound(questions: int) -> None:
    whole = solved(HARD)
    assert whole["status"] == "optimal"
    result = solve_selection(HARD, ending_after(questions))
    SCHEMA.validate(result)
    assert verify_total(HARD, result) == []
    assert result["status"] in ("unknown", "feasible", "optimal")
    if result["status"] == "feasible":
        assert exact(result["value"]) <= exact(whole["value"]) <= exact(result["bound"])
