"""The verifier: accepts every result, refuses every change of one field, and loads no solver."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings

from madang.core.selection import SelectionProblem, solve_selection
from madang.core.selection.verify import Checked, check_selection, verify_selection
from tests.core.selection.selection_problems import problems

thorough = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
brief = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(problems(most=7))
def test_every_result_is_accepted(problem: SelectionProblem) -> None:
    assert check_selection(problem, solve_selection(problem)) == Checked([], [])


def test_one_below_the_pass_mark_whom_no_rise_lets_in_is_checked_at_the_mark() -> None:
    """At the mark three rules together keep it out; under the mark one rule did, which is no longer the point."""
    applications = [
        {"id": "E", "rank": 3, "value": 0, "tags": {"region": "north"}},
        {"id": "D", "rank": 1, "value": 0, "tags": {"organisation": "o"}},
        {"id": "F", "rank": 2, "value": 1, "tags": {"organisation": "o", "region": "north"}},
    ]
    rules = [
        {"id": "north", "type": "quota", "tag": "region", "equals": "north", "min": 1},
        {"id": "one-each", "type": "cap_each", "tag": "organisation", "max": 1},
        {"id": "mark", "type": "pass_mark", "min_value": 1},
    ]
    problem = SelectionProblem.model_validate(
        {"version": 1, "applications": applications, "rules": rules, "explain": ["D"]}
    )
    result = solve_selection(problem)
    assert [reason["params"].get("rule") for reason in result["explain"][0]["reasons"]] == [
        None,
        "north",
        "one-each",
        "mark",
    ]
    assert check_selection(problem, result) == Checked([], [])


def changes(value: Any) -> Iterator[Any]:
    """Copies of a JSON value with one leaf, one item or one field changed."""
    if isinstance(value, dict):
        for key in value:
            if key in ("elapsed_ms", "engine"):
                continue
            for changed in changes(value[key]):
                yield {**value, key: changed}
            yield {name: item for name, item in value.items() if name != key}
    elif isinstance(value, list):
        for place in range(len(value)):
            for changed in changes(value[place]):
                yield [*value[:place], changed, *value[place + 1 :]]
            yield value[:place] + value[place + 1 :]
        if len(value) > 1:
            yield [*value[1:], value[0]]
        yield [*value, "invented"]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield str(value)
    elif isinstance(value, str):
        yield value + "x"
    else:
        yield 1


@brief
@given(problems(most=4))
def test_every_change_of_one_field_is_refused(problem: SelectionProblem) -> None:
    result = solve_selection(problem)
    for changed in changes(copy.deepcopy(result)):
        assert changed != result
        accepted = check_selection(problem, changed)
        assert accepted != Checked([], []), changed


SIXTEEN = {
    "version": 1,
    "applications": [
        {"id": f"city-{n}", "rank": n, "cost_krw": 4_000_000_000, "own_krw": 2_000_000_000} for n in range(1, 20)
    ],
    "rules": [
        {"id": "budget", "type": "budget", "max_krw": 64_000_000_000, "money": "cost"},
        {"id": "match", "type": "match", "grant": 1, "own": 1},
        {"id": "seats", "type": "seats", "max": 16},
    ],
    "reserve": 2,
}


def test_another_selection_that_keeps_the_rules_is_not_the_walk() -> None:
    problem = SelectionProblem.model_validate(SIXTEEN)
    result = solve_selection(problem)
    assert verify_selection(problem, result) == []
    result["selected"][-1] = "city-17"
    assert verify_selection(problem, result) != []


def test_what_the_search_cannot_settle_is_told_and_not_called_wrong() -> None:
    problem = SelectionProblem.model_validate(_hard())
    result = solve_selection(problem)
    assert result["selected"] == ["B", "F"]
    checked = check_selection(problem, result, work=0)
    assert checked.contradictions == []
    assert {reason.code for reason in checked.not_checked} >= {"skip_not_checked"}


LOADED = """
import sys
from madang.core.selection import SelectionProblem, solve_selection
from madang.core.selection.verify import verify_selection
problem = SelectionProblem.model_validate({problem!r})
result = solve_selection(problem)
{then}
print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"ortools", "numpy", "scipy", "highspy", "pandas"}}))
"""


def loaded(problem: dict[str, Any], then: str = "") -> str:
    script = LOADED.format(problem=problem, then=then)
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()


def test_without_minimum_rules_no_solver_is_loaded() -> None:
    rules = [*SIXTEEN["rules"], {"id": "one", "type": "cap_each", "tag": "type", "max": 1}]  # type: ignore[misc]  # a literal of many shapes
    then = "assert verify_selection(problem, result) == []"
    assert loaded({**SIXTEEN, "rules": rules, "explain": ["city-19"]}, then) == "[]"


def test_the_verifier_loads_no_solver_even_where_solving_did() -> None:
    problem = _hard()
    assert loaded(problem) != "[]"
    result = solve_selection(SelectionProblem.model_validate(problem))
    then = f"assert verify_selection(problem, {result!r}) == []"
    script = LOADED.format(problem=problem, then=then).replace("result = solve_selection(problem)", "")
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    assert told == "[]"


def _hard() -> dict[str, Any]:
    """Two overlapping minimum quotas that counting alone does not settle: a triangle of exclusions."""
    applications = [
        {"id": name, "rank": n + 1, "tags": {"field": fields}}
        for n, (name, fields) in enumerate(
            [("A", []), ("B", ["x"]), ("C", ["x"]), ("D", ["y"]), ("E", ["y"]), ("F", ["x", "y"])]
        )
    ]
    pairs = [("B", "C"), ("D", "E"), ("A", "F"), ("B", "D"), ("C", "E"), ("B", "E"), ("C", "D")]
    rules: list[dict[str, Any]] = [
        {"id": f"never-{a}{b}", "type": "exclude_together", "applications": [a, b]} for a, b in pairs
    ]
    for value in ("x", "y"):
        rules.append({"id": value, "type": "quota", "tag": "field", "equals": value, "min": 1})
    return {"version": 1, "applications": applications, "rules": rules}
