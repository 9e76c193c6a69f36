"""Every problem that the format page shows is answered, fits the schema, and passes the checker that solves nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from madang.cli.main import main
from madang.core.kinds import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "solve.md"


def examples() -> list[dict[str, Any]]:
    blocks = re.findall(r"^```json\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    found = [json.loads(block) for block in blocks if block.lstrip().startswith('{"kind"')]
    return [one for one in found if "status" not in one]  # results are shown too


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that examples name beside themselves."""
    np.savez_compressed(tmp_path / "scores.npz", affinity=np.array([[0.5, 0.25], [1.0, 0.0]]))
    lines = re.search(r"^```jsonl\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert lines
    (tmp_path / "docs.jsonl").write_text(lines[1], "utf-8")
    return tmp_path


@pytest.mark.parametrize("problem", examples(), ids=lambda problem: problem["kind"])
def test_an_example_is_answered_and_checked(problem: dict[str, Any], folder: Path, capsys: Any) -> None:
    kind, path, out = problem["kind"], folder / "problem.json", folder / "result.json"
    path.write_text(json.dumps(problem), "utf-8")
    assert main(["solve", kind, str(path), "--out", str(out), "--language", "en"]) == 0, capsys.readouterr().err
    result = json.loads(out.read_text("utf-8"))
    jsonschema.Draft202012Validator(KINDS[kind].schema()["result"]).validate(result)
    assert main(["solve", kind, str(path), "--check", str(out), "--language", "en"]) == 0, capsys.readouterr().out


def test_every_kind_has_an_example() -> None:
    assert {problem["kind"] for problem in examples()} == set(KINDS)


def test_a_changed_result_is_contradicted_and_another_kind_s_is_refused(folder: Path, capsys: Any) -> None:
    problem = next(one for one in examples() if one["kind"] == "panel")
    path, out = folder / "problem.json", folder / "result.json"
    path.write_text(json.dumps(problem), "utf-8")
    main(["solve", "panel", str(path), "--out", str(out)])
    result = json.loads(out.read_text("utf-8"))
    out.write_text(json.dumps({**result, "members": result["members"][1:]}), "utf-8")
    assert main(["solve", "panel", str(path), "--check", str(out), "--language", "en"]) == 1
    assert capsys.readouterr().out.strip()
    out.write_text(json.dumps({**result, "kind": "lots"}), "utf-8")
    assert main(["solve", "panel", str(path), "--check", str(out), "--language", "en"]) == 2


def test_a_table_put_aside_is_assigned_from_and_checked(tmp_path: Path) -> None:
    problem = next(one for one in examples() if one["kind"] == "affinity")
    (tmp_path / "texts.json").write_text(json.dumps(problem), "utf-8")
    words = ["solve", "affinity", str(tmp_path / "texts.json")]
    assert main([*words, "--out", str(tmp_path / "affinity.json"), "--npz", str(tmp_path / "scores.npz")]) == 0
    assert json.loads((tmp_path / "affinity.json").read_text("utf-8"))["affinity"] == "scores.npz#affinity"
    assert main([*words, "--check", str(tmp_path / "affinity.json")]) == 0
    assign = {
        "kind": "assignment",
        "version": 1,
        "applications": [{"id": one["id"], "required": 1} for one in problem["applications"]],
        "evaluators": [{"id": one["id"], "min_load": 0, "max_load": 1} for one in problem["evaluators"]],
        "affinity": "scores.npz#affinity",
        "objective": "total",
    }
    (tmp_path / "assign.json").write_text(json.dumps(assign), "utf-8")
    plan = ["solve", "assignment", str(tmp_path / "assign.json")]
    assert main([*plan, "--out", str(tmp_path / "plan.json")]) == 0
    result = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert result["status"] == "optimal"
    assert result["pairs"] == [["A1", "E1"], ["A2", "E2"]]
    assert main([*plan, "--check", str(tmp_path / "plan.json")]) == 0


def test_a_table_is_put_aside_beside_its_result_only(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    problem = next(one for one in examples() if one["kind"] == "affinity")
    (tmp_path / "texts.json").write_text(json.dumps(problem), "utf-8")
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "one")
    words = ["solve", "affinity", str(tmp_path / "texts.json"), "--language", "en"]
    assert main([*words, "--out", "result.json", "--npz", str(tmp_path / "other" / "scores.npz")]) == 2
    assert "must lie in the folder of the result" in capsys.readouterr().err
    assert main([*words, "--npz", "../other/scores.npz"]) == 2
    assert main([*words, "--npz", "scores.npz"]) == 0  # the result goes to standard output
    assert main([*words, "--out", "result.json", "--npz", str(tmp_path / "one" / "scores.npz")]) == 0
    assert not list((tmp_path / "other").iterdir())
    assert main([*words, "--check", "result.json"]) == 0


def test_only_affinity_has_a_table_to_put_aside(folder: Path, capsys: Any) -> None:
    path = folder / "problem.json"
    path.write_text(json.dumps(next(one for one in examples() if one["kind"] == "lots")), "utf-8")
    assert main(["solve", "lots", str(path), "--npz", str(folder / "x.npz"), "--language", "en"]) == 2
    assert not (folder / "x.npz").exists()
    assert "--npz" in capsys.readouterr().err
