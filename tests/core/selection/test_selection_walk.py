"""The walk against the definition: every subset of small random problems is tried."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from madang.core.selection import SelectionProblem, SelectionResult, solve_selection
from tests.core.selection.selection_problems import Brute, problems

SCHEMA = jsonschema.Draft202012Validator(SelectionResult.model_json_schema())
thorough = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
brief = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(problems())
def test_the_walk_selects_what_the_definition_says(problem: SelectionProblem) -> None:
    brute, result = Brute(problem), solve_selection(problem)
    SCHEMA.validate(result)
    if not brute.possible([]):
        assert result["status"] == "infeasible"
        assert result["selected"] == []
        return
    selected, tied, settled = brute.settled()
    assert result["selected"] == selected
    assert result["status"] == ("computed" if settled else "undetermined")
    told = [reason["params"]["applications"] for reason in result["reasons"] if reason["code"] == "tie_at_the_line"]
    assert told == ([] if settled else [tied])


@thorough
@given(problems())
def test_a_conflict_is_a_smallest_set_that_cannot_hold(problem: SelectionProblem) -> None:
    brute, result = Brute(problem), solve_selection(problem)
    if result["status"] == "infeasible":
        assert not brute.possible([], frozenset(result["conflict"]))
        assert len(result["conflict"]) == brute.smallest_conflict_size([])


@thorough
@given(problems())
def test_why_names_a_smallest_set_of_rules_given_those_already_in(problem: SelectionProblem) -> None:
    brute, result = Brute(problem), solve_selection(problem)
    why = {entry["id"]: entry for entry in result["why"]}
    inside: list[str] = []
    for group in brute.groups() if result["status"] == "computed" else []:
        for id_ in group:
            if id_ in result["selected"]:
                assert why[id_]["code"] == "selected"
                continue
            rules = why[id_]["rules"]
            assert not brute.possible([*inside, id_], frozenset(rules))
            assert len(rules) == brute.smallest_conflict_size([*inside, id_])
            for also in why[id_]["also"]:
                assert not brute.possible([*inside, id_], frozenset([also]))
        inside += [id_ for id_ in group if id_ in result["selected"]]


@thorough
@given(problems())
def test_the_reserve_follows_its_definition(problem: SelectionProblem) -> None:
    brute, result = Brute(problem), solve_selection(problem)
    if result["status"] != "computed":
        assert not result["reserve"]
        return
    lists: dict[str | None, Any] = (
        result["reserve"] if isinstance(result["reserve"], dict) else {None: result["reserve"]}
    )
    count = problem.reserve if isinstance(problem.reserve, int) else problem.reserve.count
    tags = {a.id: a.tags.get("region", ()) for a in problem.applications}
    for value, listed in lists.items():
        expected: list[str] = []
        for group in brute.groups():
            able = [
                id_
                for id_ in group
                if (value is None or value in tags[id_]) and brute.can_follow(id_, result["selected"])
            ]
            if len(expected) == count or (len(expected) + len(able) > count and len(able) > 1):
                break
            expected += able
        assert listed == expected


@thorough
@given(problems(ties=False, most=5))
def test_explain_tells_the_smallest_rise(problem: SelectionProblem) -> None:
    result = solve_selection(problem)
    for told in result["explain"]:
        if told["selected"]:
            continue
        raised = problem
        if told["value"] is not None:
            raised = _with_value(problem, told["id"], Decimal(str(told["value"])))
        groups = Brute(raised).groups()
        own = groups.index([told["id"]])
        others = [group for group in groups if group != [told["id"]]]
        lets_in = {}
        for place in range(own + 1):
            moved = [*others[:place], [told["id"]], *others[place:]]
            lets_in[place] = Brute(raised).settled(moved)[0]
        able = [place for place, selected in lets_in.items() if told["id"] in selected]
        assert told["possible"] == bool(able)
        if able:
            assert told["overtakes"] == own - max(able)
            after = set(lets_in[max(able)])
            assert set(told["leaves"]) == set(result["selected"]) - after
            assert set(told["enters"]) == after - set(result["selected"])


def _with_value(problem: SelectionProblem, id_: str, value: Decimal) -> SelectionProblem:
    applications = [a.model_copy(update={"value": value}) if a.id == id_ else a for a in problem.applications]
    return problem.model_copy(update={"applications": tuple(applications)})


def test_ties_of_two_are_settled_like_every_order() -> None:
    """The brute force's own reading of a tie, on the smallest case: one seat, two of equal rank."""
    problem = SelectionProblem.model_validate(
        {
            "version": 1,
            "applications": [{"id": "A", "rank": 1}, {"id": "B", "rank": 1}, {"id": "C", "rank": 2}],
            "rules": [{"id": "seats", "type": "seats", "max": 1}],
        }
    )
    result = solve_selection(problem)
    assert result["status"] == "undetermined"
    assert result["selected"] == []
    assert [entry["code"] for entry in result["why"]] == ["tied", "tied", "after_tie"]
    orders = {tuple(Brute(problem).walk(order)) for order in itertools.permutations("ABC")}
    assert orders == {("A",), ("B",), ("C",)}


@brief
@given(problems())
def test_new_names_change_nothing_but_names(problem: SelectionProblem) -> None:
    names = {a.id: f"{ord('Z') - ord(a.id):02d}" for a in problem.applications}

    def renamed(value: Any) -> Any:
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        return [renamed(item) for item in value] if isinstance(value, list) else value

    other = SelectionProblem.model_validate_json(json.dumps(renamed(problem.model_dump(mode="json"))))
    assert solve_selection(other) == renamed(solve_selection(problem))


@brief
@given(problems(ties=False))
def test_the_order_of_the_list_is_nothing_where_ranks_differ(problem: SelectionProblem) -> None:
    turned = problem.model_copy(update={"applications": tuple(reversed(problem.applications))})
    assert solve_selection(turned)["selected"] == solve_selection(problem)["selected"]
    assert solve_selection(turned)["why"] == solve_selection(problem)["why"]


@brief
@given(problems())
def test_a_hopeless_application_changes_nothing_else(problem: SelectionProblem) -> None:
    hopeless = problem.applications[0].model_copy(
        update={"id": "hopeless", "rank": 1, "value": Decimal(-1), "tags": {}}
    )
    rules = (*problem.rules, {"id": "mark", "type": "pass_mark", "min_value": 0})
    base = SelectionProblem.model_validate({**_parts(problem), "rules": rules})
    more = SelectionProblem.model_validate({**_parts(base), "applications": (*base.applications, hopeless)})
    one, two = solve_selection(base), solve_selection(more)
    for field in ("status", "selected", "reserve", "value", "used_krw"):
        assert one[field] == two[field]
    # Which rules forbid somebody may change: the mark now takes away one who could have filled a minimum.
    codes = {entry["id"]: entry["code"] for entry in two["why"]}
    assert {entry["id"]: entry["code"] for entry in one["why"]} == {i: c for i, c in codes.items() if i != "hopeless"}


def _parts(problem: SelectionProblem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in type(problem).model_fields}


@pytest.mark.parametrize("minimum", [0, 1])
def test_same_problem_same_bytes(minimum: int) -> None:
    rules = [{"id": "seats", "type": "seats", "min": minimum, "max": 2}]
    problem = SelectionProblem.model_validate(
        {"version": 1, "applications": [{"id": "A"}, {"id": "B"}, {"id": "C"}], "rules": rules, "reserve": 1}
    )
    assert repr(solve_selection(problem)) == repr(solve_selection(problem))
    assert solve_selection(problem)["selected"] == ["A", "B"]
    assert solve_selection(problem)["reserve"] == ["C"]
