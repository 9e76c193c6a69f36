"""A record whose call announced the largest total value: proven by its certificate, without a solver."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from madang.core.callspec import parse
from madang.core.callspec.rule import ByRank
from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.deciding.decide import prepare
from madang.core.deciding.rules import selection_problem
from madang.core.deciding.ruling import Stated
from madang.core.deciding.scores import score_all
from madang.core.record.verify import State, verify
from madang.core.scoring import Place
from madang.core.selection import solve_selection
from madang.papers.folder import Folder
from madang.papers.folder import read as read_folder
from madang.papers.library import example
from tests.core.record.sealed import leaf_of, seal_case, sealed_again


@cache
def spread() -> Folder:
    path = example("solution-spread-sample")
    assert path is not None
    return read_folder(path)


@cache
def sealed_spread() -> str:
    return seal_case(spread().definition_text, spread().case)


def failing(text: str) -> set[str]:
    return {f.check for f in verify(text).findings if f.state is State.FAILS}


def test_it_holds_and_no_solver_is_loaded_for_that(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(sealed_spread(), "utf-8")
    program = (
        "import sys\nfrom madang.core.record.verify import verify\n"
        "found = verify(open(sys.argv[1], encoding='utf-8').read())\n"
        "print(found.exit_code, sorted(m for m in ('ortools', 'scipy', 'numpy') if m in sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["0", "[]"]


def worse(result: dict[str, Any]) -> None:
    """Somebody else in the place of the last one, with every number that shows it."""
    inside = set(result["selected"])
    other = next(entry["id"] for entry in result["why"] if entry["id"] not in inside and entry["code"] == "outvalued")
    result["selected"][-1] = other


def not_finished(result: dict[str, Any]) -> None:
    """As if time had ended: then nobody is selected, whatever stands there."""
    result |= {"status": "feasible", "reserve": [], "explain": [], "conflict": []}
    result["certificate"] = {"bound": result["certificate"]["proof"]["value"]}


def no_proof(result: dict[str, Any]) -> None:
    result["certificate"]["proof"]["value"] = [{"sums": [], "branch": None}]


def dearer(result: dict[str, Any]) -> None:
    result["explain"][1]["value_rise"] = "99"


@pytest.mark.parametrize("forge", [worse, not_finished, no_proof, dearer])
def test_whoever_decides_on_another_selection_is_found(forge: Callable[[dict[str, Any]], None]) -> None:
    """The forger decides on the result, so that everything else in the record follows from it."""
    result = leaf_of(json.loads(sealed_spread()), "computed/selections/all")["value"]
    forge(result)
    text = seal_case(spread().definition_text, spread().case, stated=Stated(certified={"all": result}))
    assert failing(text) == {"selection"}


def test_what_time_cut_short_selects_nobody() -> None:
    result = leaf_of(json.loads(sealed_spread()), "computed/selections/all")["value"]
    not_finished(result)
    text = seal_case(spread().definition_text, spread().case, stated=Stated(certified={"all": result}))
    outcomes = [
        leaf["value"] for leaf in json.loads(text)["leaves"] if leaf.get("name", "").startswith("computed/outcomes/")
    ]
    assert "selected" not in {line["outcome"] for line in outcomes}


def test_a_result_of_any_shape_is_a_contradiction_and_never_a_traceback() -> None:
    for value in (None, [], {}, {"selected": 5}, "optimal", {"status": "optimal", "selected": [], "why": 7}):
        record = json.loads(sealed_spread())
        leaf_of(record, "computed/selections/all")["value"] = value
        assert failing(sealed_again(record)) != set()


def solved(without: str = "", deadline: Deadline = NO_DEADLINE) -> dict[str, Any]:
    """The selection among everybody but one."""
    definition, leaves = parse(spread().definition_text), json.loads(sealed_spread())["leaves"]
    assert isinstance(definition.decide, ByRank)
    given = prepare(definition, spread().case)
    scores = score_all(definition, given.case, given.eligible, definition.decide)
    applications = {a.id: a for a in given.case.applications}
    lines = [leaf["value"] for leaf in leaves if leaf["name"].startswith("computed/ranking/")]
    ranked = [
        (Place(line["application"], line["rank"]), applications[line["application"]])
        for line in sorted(lines, key=lambda line: (line["rank"], line["application"]))
        if line["application"] != without and scores.of[line["application"]].passed
    ]
    result = solve_selection(selection_problem(definition, definition.decide, "all", ranked, scores, {}), deadline)
    return {part: value for part, value in result.items() if part not in ("elapsed_ms", "engine")}


def test_a_competitor_left_out_of_the_proof_is_found() -> None:
    first = leaf_of(json.loads(sealed_spread()), "computed/selections/all")["value"]["selected"][0]
    result = solved(without=first)
    assert first not in result["selected"]
    text = seal_case(spread().definition_text, spread().case, stated=Stated(certified={"all": result}))
    assert failing(text) == {"selection"}


def test_a_call_that_can_be_decided_is_not_impossible() -> None:
    """Over no applications at all a minimum cannot be kept, and that would be proven well."""
    honest = leaf_of(json.loads(sealed_spread()), "computed/selections/all")["value"]
    told = [{"code": "no_selection_keeps_the_rules", "params": {"rules": ["by-size:small"]}}]
    result = honest | {"status": "infeasible", "selected": [], "reserve": [], "why": [], "explain": [], "bound": None}
    result |= {"conflict": ["by-size:small"], "reasons": told, "value": None, "used_krw": 0}
    result["certificate"] = {"conflict": {"nodes": [{"sums": [[[1, "1"]]], "branch": None}], "kept": [[]]}}
    text = seal_case(spread().definition_text, spread().case, stated=Stated(certified={"all": result}))
    assert failing(text) == {"selection"}


def test_time_that_ended_is_shown_as_not_checked() -> None:
    result = solved(deadline=Deadline(lambda: 0))
    assert result["status"] == "unknown"
    text = seal_case(spread().definition_text, spread().case, stated=Stated(certified={"all": result}))
    found = [f for f in verify(text).findings if f.check == "selection"]
    assert {f.state for f in found} == {State.NOT_CHECKED}
    assert [reason.code for finding in found for reason in finding.reasons] == ["total_value_not_finished"]
