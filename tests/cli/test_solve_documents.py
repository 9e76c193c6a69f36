"""`madang solve duplicates` with its documents in a file of lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from madang.cli.main import main

LINES = (
    '{"id": "A", "text": "하천 둔치에 수위 센서와 차단기를 설치합니다.", "language": "ko", "tags": {"call": "2026"}}',
    '{"id": "B", "text": "하천둔치에 수위센서와 차단기를 설치함", "language": "ko", "tags": {}}',
)
PROBLEM = {"kind": "duplicates", "version": 1, "documents": "docs.jsonl", "threshold": 0.5, "seed": 1}


def solve(folder: Path, lines: str | bytes, *words: str, **more: Any) -> int:
    (folder / "docs.jsonl").write_bytes(lines if isinstance(lines, bytes) else lines.encode())
    (folder / "problem.json").write_text(json.dumps(PROBLEM | more), "utf-8")
    return main(["solve", "duplicates", str(folder / "problem.json"), "--language", "en", *words])


@pytest.mark.parametrize("text", ["\n".join(LINES), "\r\n\r\n".join(LINES) + "\r\n", "\ufeff" + "\n \n".join(LINES)])
def test_the_problem_of_the_contract_is_answered_and_checked(tmp_path: Path, text: str, capsys: Any) -> None:
    out = tmp_path / "result.json"
    assert solve(tmp_path, text, "--out", str(out)) == 0
    result = json.loads(out.read_text("utf-8"))
    (pair,) = result["pairs"]
    assert (pair["a"], pair["b"]) == ("A", "B")
    assert {"containment", "resemblance", "passages"} <= pair.keys()
    assert solve(tmp_path, text, "--check", str(out)) == 0
    result["pairs"][0]["shared"] -= 1
    out.write_text(json.dumps(result), "utf-8")
    assert solve(tmp_path, text, "--check", str(out)) == 1
    assert "/pairs/0/shared" in capsys.readouterr().out


def test_lines_that_are_no_json_are_all_named(tmp_path: Path, capsys: Any) -> None:
    broken = ("{", LINES[0], "", '{"id": "A", "id": "B"}', "[" * 100_000)
    assert solve(tmp_path, "\n".join(broken)) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in told] == [f"docs.jsonl, line {number}" for number in (1, 4, 5)]


def test_faults_of_form_and_meaning_are_named_by_line_and_field(tmp_path: Path, capsys: Any) -> None:
    lines = ("", LINES[0], '{"id": "B"}', "", '{"id": "A", "text": "x", "size": 3}', '"text"', LINES[0])
    assert solve(tmp_path, "\n".join(lines), threshold=0) == 2
    told = [line.split(": ")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == [
        "docs.jsonl, line 3, /text",
        "docs.jsonl, line 5, /size",
        "docs.jsonl, line 6",
        "/threshold",
    ]
    assert solve(tmp_path, "\n".join([LINES[0], "", LINES[0]])) == 2
    assert capsys.readouterr().err.startswith("docs.jsonl, line 3, /id: The id A is already used by document number 1.")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("other.jsonl", "cannot be read"),
        ("../docs.jsonl", "outside the folder"),
        ("docs.json", "does not name a file of documents"),
        ("docs\0.jsonl", "does not name a file of documents"),
        ("", "does not name a file of documents"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_at_its_place(tmp_path: Path, capsys: Any, name: str, told: str) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "docs.jsonl").write_text(LINES[0], "utf-8")
    assert solve(folder, LINES[0], documents=name) == 2
    error = capsys.readouterr().err
    assert error.startswith("/documents: ")
    assert told in error


def test_a_file_that_is_no_text_is_refused(tmp_path: Path, capsys: Any) -> None:
    assert solve(tmp_path, b'{"id": "A", "text": "\xff"}') == 2
    assert "not UTF-8" in capsys.readouterr().err
