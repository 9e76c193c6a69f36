"""`madang solve panel|lots`: one draw from files, and what its words say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from madang.cli.main import main

PANEL = """{"kind":"panel","version":1,
 "pool":[{"id":"E1","tags":["external","transport"]},{"id":"E2","tags":["external"]},{"id":"E3"},
 {"id":"E4","tags":["transport"]}],"seats":2,"at_least":{"external":1,"transport":1},
 "at_most":{"same-institute":1},
 "excluded":[{"id":"E3","code":"service_for_applicant"}],"lot_order":["E3","E2","E4","E1"]}"""
LOTS = {"kind": "lots", "version": 1, "entries": ["A1", "A2", "A3"], "seed": 5}


def solve(folder: Path, kind: str, problem: str | dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
    given, out = folder / "problem.json", folder / "result.json"
    given.write_text(problem if isinstance(problem, str) else json.dumps(problem), encoding="utf-8")
    code = main(["solve", kind, str(given), "--out", str(out), "--language", "en"])
    return code, json.loads(out.read_text("utf-8")) if out.exists() else None


def test_a_panel_is_drawn(tmp_path: Path) -> None:
    code, result = solve(tmp_path, "panel", PANEL)
    assert code == 0
    assert result is not None
    assert (result["members"], result["substitutes"]) == (["E2", "E4"], ["E1"])
    assert result["passed_over"] == [{"id": "E3", "code": "service_for_applicant", "params": {}}]


def test_a_panel_that_cannot_be_is_an_answer(tmp_path: Path) -> None:
    code, result = solve(tmp_path, "panel", PANEL.replace('"seats":2', '"seats":4'))
    assert code == 0
    assert result is not None
    assert (result["status"], result["conflict"]) == ("infeasible", ["seats", "excluded"])


def test_lots_are_drawn_and_a_missing_reveal_is_an_answer_too(tmp_path: Path) -> None:
    code, result = solve(tmp_path, "lots", LOTS)
    assert code == 0
    assert result is not None
    assert sorted(result["lot_order"]) == LOTS["entries"]
    code, result = solve(tmp_path, "lots", {**LOTS, "commitments": ["0" * 64]})
    assert code == 0
    assert result is not None
    assert (result["status"], result["digest"]) == ("undetermined", None)


@pytest.mark.parametrize(
    ("kind", "problem", "told"),
    [
        (
            "panel",
            PANEL.replace('"E4","E1"]', '"E4"]'),
            "/lot_order: These stand in the pool but not in the lot order: E1.",
        ),
        ("lots", {**LOTS, "reveals": ["x"]}, "/reveals/0: There is no commitment for this reveal"),
    ],
)
def test_a_malformed_draw_is_refused_in_words(
    tmp_path: Path, capsys: Any, kind: str, problem: str | dict[str, Any], told: str
) -> None:
    assert solve(tmp_path, kind, problem) == (2, None)
    assert capsys.readouterr().err.startswith(told)


@pytest.mark.parametrize("kind", ["panel", "lots"])
def test_the_schema_is_printed(kind: str, capfdbinary: Any) -> None:
    assert main(["schema", kind]) == 0
    schema = json.loads(capfdbinary.readouterr().out)
    for side in ("problem", "result"):
        assert schema[side]["$id"] == f"urn:madang:schema:{kind}.{side}:1"
        jsonschema.Draft202012Validator.check_schema(schema[side])


@pytest.mark.parametrize(("kind", "problem"), [("panel", PANEL), ("lots", LOTS)])
def test_the_same_draw_gives_the_same_bytes_but_for_time(
    tmp_path: Path, kind: str, problem: str | dict[str, Any]
) -> None:
    texts = []
    for _ in range(2):
        _, result = solve(tmp_path, kind, problem)
        assert result is not None
        texts.append(json.dumps({**result, "elapsed_ms": 0}))
    assert texts[0] == texts[1]
