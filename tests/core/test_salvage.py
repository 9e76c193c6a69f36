"""A problem with one broken place is refused by name or answered, whatever stands there: never anything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from madang.core.kinds import KINDS
from madang.core.problem import read_json
from madang.core.reasons import Fault, Malformed
from madang.words import LANGUAGES, say_fault
from tests.cli.test_solve_examples import examples

BROKEN = (None, [], {}, "x", ["a"], [["a"]], [["a", "b", "c"]], [["a", "b"]], -1, 2**53)

#: What the examples of the page leave out, so that it is broken too.
MORE: dict[str, dict[str, Any]] = {
    "assignment": {"fixed": [["A1", "E1"]], "keep": [["A1", "E1"]], "floor": "0.5"},
    "timetable": {
        "vetoes": [["C1", "G1"]],
        "met_before": [["C1", "G1"]],
        "interpreters": [{"languages": ["ko", "en"], "count": 1, "free": []}],
        "apart": [{"companies": ["C1", "C2"]}],
        "breaks": {"max_in_a_row": 2},
    },
}


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a problem, the whole first."""
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from places(value, (*path, number))


def broken(problem: Any, path: tuple[str | int, ...], value: object) -> Any:
    """A copy with another value at one place."""
    if not path:
        return value
    changed = copy.deepcopy(problem)
    here = changed
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return changed


def faults_of_meaning(kind: str, data: object) -> list[Fault]:
    """What reading, then asking for the meaning, refuses."""
    try:
        problem = KINDS[kind].read(data)
    except Malformed as malformed:
        return malformed.faults
    found: list[Fault] = KINDS[kind]._part("faults_in")(problem)
    return found


@pytest.mark.parametrize(
    "problem", [one | MORE.get(one["kind"], {}) for one in examples()], ids=lambda one: one["kind"]
)
def test_one_broken_place_is_refused_in_words_or_sound(problem: dict[str, Any]) -> None:
    problem = read_json(json.dumps(problem))
    for path in places(problem):
        for value in BROKEN:
            for fault in faults_of_meaning(problem["kind"], broken(problem, path, value)):
                for language in LANGUAGES:
                    assert "?" not in say_fault(fault, language), (path, value)


@pytest.mark.parametrize(
    "problem", [one for one in examples() if one["kind"] != "affinity"], ids=lambda one: one["kind"]
)
def test_a_problem_without_one_of_its_fields_is_refused_or_answered(problem: dict[str, Any]) -> None:
    for name in problem:
        rest = read_json(json.dumps({key: value for key, value in problem.items() if key != name}))
        with suppress(Malformed):
            KINDS[problem["kind"]].solve(KINDS[problem["kind"]].read(rest))


@pytest.mark.parametrize(
    ("kind", "field", "value", "at"),
    [
        ("assignment", "conflicts", [["A1"]], "/conflicts/0"),
        ("assignment", "fixed", [["A1", "E1", "E2"]], "/fixed/0"),
        ("assignment", "explain", [["A1"]], "/explain/0"),
        ("assignment", "affinity", [["0.9", "x"]], "/affinity/0/1"),
        ("assignment", "affinity", [["0.9", "0.8"], ["1"]], "/affinity/1"),
        ("timetable", "vetoes", [["A1"]], "/vetoes/0"),
        ("timetable", "met_before", [["A1"]], "/met_before/0"),
        ("timetable", "interpreters", [{"languages": ["ko"], "count": 1}], "/interpreters/0/languages"),
        ("timetable", "apart", [{"companies": ["hanbit"]}], "/apart/0/companies"),
    ],
)
def test_a_wrong_number_of_entries_is_named_at_its_place(kind: str, field: str, value: object, at: str) -> None:
    problem = next(one for one in examples() if one["kind"] == kind)
    with pytest.raises(Malformed) as refused:
        KINDS[kind].read(problem | {field: value})
    assert [fault.at for fault in refused.value.faults] == [at]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('{"b": "a",\n"a": [1,\n NaN]}', "constant_not_a_number", "line 3"),
        ('{"NaN": "-Infinity",\n"a": -Infinity}', "constant_not_a_number", "line 2"),
        ('{"9007199254740993": 1,\n\n"a": 9007199254740993}', "integer_too_large", "line 3"),
        ('{"x": {"a": 1},\n"a": "a",\n"y": ["a", "a"],\n"\\u0061": 2}', "duplicate_key", "line 4"),
        ('{"k": 1,\n"k": {"in": "{",\n"in": 2}}', "duplicate_key", "line 3"),
    ],
)
def test_what_reading_refuses_is_named_with_its_line(text: str, code: str, line: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_json(text)
    assert [(fault.code, fault.at) for fault in refused.value.faults] == [(code, line)]


@pytest.mark.parametrize(
    ("change", "told"),
    [({"quorum_bp": -1}, "0 or more"), ({"quorum_bp": 10_001}, "10000 or less")],
)
def test_a_number_out_of_reach_is_told_the_bound(change: dict[str, Any], told: str) -> None:
    problem = next(one for one in examples() if one["kind"] == "vote")
    with pytest.raises(Malformed) as refused:
        KINDS["vote"].read(problem | change)
    assert told in say_fault(refused.value.faults[0], "en")
