"""The verifier of `total_value`: refuses every change of a result, and every certificate that proves too little."""

from __future__ import annotations

import copy
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from madang.core.selection import SelectionProblem, solve_selection
from madang.core.selection.verify_total import verify_total
from madang.words import catalogue
from tests.core.selection.test_selection_verify import changes
from tests.core.selection.test_total import HARD, totals

brief = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@brief
@given(totals(most=4))
def test_every_change_of_one_field_is_refused(problem: SelectionProblem) -> None:
    """Outside the certificate every field follows; the certificate has its own tests below."""
    result = solve_selection(problem)
    for name in result.keys() - {"certificate", "elapsed_ms", "engine"}:
        for changed in changes(copy.deepcopy(result[name])):
            assert verify_total(problem, {**result, name: changed}) != [], (name, changed)
        assert verify_total(problem, {key: value for key, value in result.items() if key != name}) != []
    assert verify_total(problem, {**result, "certificate": None}) != [] or result["status"] == "unknown"


@brief
@given(totals(most=5))
def test_a_certificate_proves_only_what_is_true(problem: SelectionProblem) -> None:
    """A changed certificate may still prove the same (a coarser multiplier); never another selection or number."""
    result = solve_selection(problem)
    worse = solve_selection(problem.model_copy(update={"rules": ()}))
    if worse["selected"] != result["selected"]:
        assert verify_total(problem, worse) != []
    for selected in ([], [problem.applications[0].id], [a.id for a in problem.applications]):
        if selected != result["selected"] and result["status"] == "optimal":
            other = copy.deepcopy(result)
            other["selected"] = other["certificate"]["proof"]["chosen"] = selected
            assert verify_total(problem, other) != []


@pytest.fixture(scope="module")
def hard() -> dict[str, Any]:
    return solve_selection(HARD)


def trees(result: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Every tree of a certificate: of the best, of those explained and of the rules dropped."""
    certificate = result["certificate"]
    for proof in (certificate["proof"], *certificate["explain"].values(), *certificate["dropped"].values()):
        yield from (proof["value"], proof["grant"], proof["rest"], *(step["nodes"] for step in proof["ranks"]))


def damages(result: dict[str, Any]) -> list[tuple[int, int, str]]:
    """A node missing, a leaf without its sums or with all signs turned, a box that is not divided as it was."""
    found = []
    for number, nodes in enumerate(trees(result)):
        for place, node in enumerate(nodes):
            found.append((number, place, "node"))
            if node["branch"] is not None:
                found.append((number, place, "branch"))
            elif node["sums"]:
                found += [(number, place, "sums"), (number, place, "signs")]
    return found


def damaged(result: dict[str, Any], number: int, place: int, damage: str) -> dict[str, Any]:
    copied = copy.deepcopy(result)
    tree = next(itertools.islice(trees(copied), number, None))
    if damage == "node":
        del tree[place]
    elif damage == "branch":
        tree[place]["branch"] = None
    elif damage == "sums":
        tree[place]["sums"] = []
    else:
        tree[place]["sums"] = [[[row, _turned(by)] for row, by in one] for one in tree[place]["sums"]]
    return copied


def _turned(by: str) -> str:
    return by.removeprefix("-") if by.startswith("-") else f"-{by}"


def test_a_certificate_with_a_part_missing_or_turned_is_refused(hard: dict[str, Any]) -> None:
    assert len(hard["certificate"]["proof"]["value"]) > 10
    everything = damages(hard)
    for damage in everything[:: len(everything) // 60]:  # all of them take minutes
        assert verify_total(HARD, damaged(hard, *damage)) != [], damage


@pytest.mark.parametrize("damage", ["0", "-0", "+1", "1.0", "1e9", "", "x", 1, None, "9" * 1001])
def test_a_multiplier_that_is_not_a_whole_number_is_refused(hard: dict[str, Any], damage: Any) -> None:
    damaged = copy.deepcopy(hard)
    damaged["certificate"]["proof"]["value"][0]["sums"][0][0][1] = damage
    assert verify_total(HARD, damaged) != []


@pytest.mark.parametrize("row", [-1, 10**6, "0", True, 1.0, None])
def test_a_row_that_there_is_not_is_refused(hard: dict[str, Any], row: Any) -> None:
    damaged = copy.deepcopy(hard)
    damaged["certificate"]["proof"]["value"][0]["sums"][0][0][0] = row
    assert verify_total(HARD, damaged) != []


def test_a_missing_proof_is_missed(hard: dict[str, Any]) -> None:
    for part in ("explain", "dropped"):
        for name in hard["certificate"][part]:
            damaged = copy.deepcopy(hard)
            del damaged["certificate"][part][name]
            assert verify_total(HARD, damaged) != []


def test_the_result_survives_json_and_the_verifier_loads_no_solver(hard: dict[str, Any]) -> None:
    problem = json.loads(HARD.model_dump_json())
    script = (
        "import json, sys\n"
        "from madang.core.selection import SelectionProblem\n"
        "from madang.core.selection.verify_total import verify_total\n"
        "problem, result = json.loads(sys.stdin.read())\n"
        "assert verify_total(SelectionProblem.model_validate(problem), result) == []\n"
        "print(sorted({n.split('.')[0] for n in sys.modules} & {'ortools', 'numpy', 'scipy'}),\n"
        "      sorted(n for n in sys.modules if 'selection.total' in n or 'engine' in n))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps([problem, hard]), check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == "[] []"


def test_every_code_has_its_words() -> None:
    codes = ["too_many_to_optimise", "value_needed", "outvalued", "time_ended_without_a_selection"]
    codes += ["time_ended_in_the_search", "time_ended_after_the_proof", "proof_does_not_hold"]
    assert all({"ko", "en"} <= set(catalogue()[code]) for code in codes)
