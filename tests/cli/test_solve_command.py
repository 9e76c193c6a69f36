"""`madang solve` and `madang schema` as an office with files uses them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from madang import __version__
from madang.cli.main import main

VOTE = {
    "kind": "vote",
    "version": 1,
    "seats": [{"id": "b1"}, {"id": "b2"}],
    "quorum_bp": 5000,
    "threshold_bp": 5000,
    "of": "cast",
    "votes": [{"seat": "b1", "option": "yes"}],
    "options": ["yes", "no", "abstain"],
}
RANKING = """{"kind":"ranking","version":1,"higher_is_better":true,
 "criteria":[{"id":"need","weight_bp":3000,"min":0,"max":100},{"id":"plan","weight_bp":7000,"min":0,"max":100}],
 "sheets":[{"application":"A1","evaluator":"E1","scores":{"need":80,"plan":74.5}},
           {"application":"A2","evaluator":"E1","scores":{"need":60,"plan":"50.25"}}],
 "adjustments":[{"application":"A1","points":2,"id":"region-bonus"}],
 "rule":{"trim":"total","min_sheets_to_trim":5,"decimals":2,"pass_mark":60,"ties":["plan","need","lot"]},
 "lot_order":["A2","A1"],"uncertainty":{"top":11,"draws":20000},"seed":1}"""


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MADANG_LANGUAGE", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def madang(*words: object) -> int:
    """The command line as typed; gives the exit code."""
    return main([str(word) for word in words])


def write(folder: Path, problem: object) -> Path:
    path = folder / "problem.json"
    path.write_text(problem if isinstance(problem, str) else json.dumps(problem), encoding="utf-8")
    return path


def test_the_example_of_the_format_page_is_answered(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    assert madang("solve", "ranking", write(tmp_path, RANKING), "--out", out) == 0
    result = json.loads(out.read_text("utf-8"))
    assert [(line["id"], line["score"], line["passed"]) for line in result["applications"]] == [
        ("A1", "78.15", True),
        ("A2", "53.18", False),  # 53.175, half up
    ]
    assert result["engine"] == f"own {__version__}"
    assert isinstance(result["elapsed_ms"], int)
    assert result["status"] == "computed"


def test_without_out_the_result_goes_to_standard_output(tmp_path: Path, capfdbinary: Any) -> None:
    assert madang("solve", "vote", write(tmp_path, VOTE)) == 0
    written = capfdbinary.readouterr()
    assert json.loads(written.out)["outcome"] == "yes"
    assert written.err == b""


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + json.dumps(VOTE).encode())))
    assert madang("solve", "vote", "-") == 0
    assert json.loads(capfdbinary.readouterr().out)["outcome"] == "yes"


def test_a_malformed_problem_names_every_place_and_writes_nothing(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "result.json"
    out.write_text("an older result")
    broken = {**VOTE, "quorum_bp": -1, "colour": "blue", "options": ["yes", "yes"]}
    assert madang("solve", "vote", write(tmp_path, broken), "--out", out) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["/quorum_bp", "/options/1", "/colour"]
    assert lines[1] == "/options/1: The option “yes” stands here twice. Keep one."
    assert out.read_text() == "an older result"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["problem.json", "result.json"]


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (["--language", "ko"], {"MADANG_LANGUAGE": "en"}),
        ([], {"MADANG_LANGUAGE": "ko"}),
        ([], {"LANG": "ko_KR.UTF-8"}),
    ],
)
def test_faults_are_told_in_the_reader_s_language(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, words: list[str], environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert madang("solve", "vote", write(tmp_path, {**VOTE, "seats": []}), *words) == 2
    assert capsys.readouterr().err.startswith("/seats: 의결권을 가진 위원이 없습니다.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "This is not JSON"),
        ("", "This is not JSON"),
        ('{"kind":"vote","kind":"vote"}', "stands here twice"),
        ('{"version":9007199254740993}', "beyond 2^53"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_in_words(tmp_path: Path, capsys: Any, text: str, told: str) -> None:
    assert madang("solve", "vote", write(tmp_path, text)) == 2
    assert told in capsys.readouterr().err


def test_files_that_cannot_be_used_are_refused_in_words(tmp_path: Path, capsys: Any) -> None:
    problem = write(tmp_path, VOTE)
    assert madang("solve", "vote", tmp_path / "none.json") == 2
    assert madang("solve", "vote", problem, "--out", tmp_path / "no" / "result.json") == 2
    assert madang("solve", "vote", problem, "--out", tmp_path) == 2
    problem.write_bytes(b'{"kind": "\xb0\xa1"}')
    assert madang("solve", "vote", problem) == 2
    told = capsys.readouterr().err.splitlines()
    for line, words in zip(
        told, ["cannot be read", "cannot be written", "cannot be written", "not UTF-8"], strict=True
    ):
        assert words in line


def test_an_unknown_kind_is_answered_with_the_kinds(tmp_path: Path, capsys: Any) -> None:
    assert madang("solve", "rnaking", write(tmp_path, VOTE)) == 2
    assert madang("schema", "rnaking") == 2
    told = capsys.readouterr().err
    assert told.count("ranking, selection, vote") == 2


def test_the_kind_of_the_problem_must_be_the_one_asked_for(tmp_path: Path, capsys: Any) -> None:
    assert madang("solve", "ranking", write(tmp_path, VOTE)) == 2
    assert "/kind: " in capsys.readouterr().err


def test_the_same_problem_gives_the_same_bytes_but_for_time(tmp_path: Path) -> None:
    problem = write(tmp_path, RANKING)
    texts = []
    for name in ("one.json", "two.json"):
        assert madang("solve", "ranking", problem, "--out", tmp_path / name) == 0
        result = json.loads((tmp_path / name).read_text("utf-8"))
        del result["elapsed_ms"]
        texts.append(json.dumps(result))
    assert texts[0] == texts[1]


def test_a_result_is_written_through_a_link_and_is_as_readable_as_any_file(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link = tmp_path / "result.json"
    link.symlink_to(tmp_path / "kept" / "result.json")
    plain = tmp_path / "plain"
    plain.touch()
    assert madang("solve", "vote", write(tmp_path, VOTE), "--out", link) == 0
    assert link.is_symlink()
    assert link.stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("kind", ["ranking", "selection", "vote"])
def test_a_schema_is_printed_and_is_a_schema(kind: str, capfdbinary: Any) -> None:
    assert madang("schema", kind) == 0
    schema = json.loads(capfdbinary.readouterr().out)
    assert schema.keys() == {"problem", "result"}
    for side, part in schema.items():
        assert part["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert part["$id"] == f"urn:madang:schema:{kind}.{side}:1"
        jsonschema.Draft202012Validator.check_schema(part)


def test_the_schema_of_a_call_definition_is_printed_too(capfdbinary: Any) -> None:
    assert madang("schema", "call") == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(capfdbinary.readouterr().out))


def test_one_kind_does_not_load_another_s_solver() -> None:
    others = "('madang.core.scoring', 'madang.core.selection', 'ortools')"
    program = f"""
import sys
from madang.core.kinds import KINDS
KINDS["vote"].solve
print([name for name in sys.modules if name.startswith({others})])
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", ["ranking", "selection", "vote"])
def test_a_problem_must_say_its_kind(kind, tmp_path, capsys):
    path = tmp_path / "problem.json"
    path.write_text('{"version": 1}', "utf-8")
    assert main(["solve", kind, str(path), "--language", "en"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if line.startswith("/kind:")] == ["/kind: This field is missing. Add it."]


def test_pointers_name_places_of_the_file_and_nothing_else(tmp_path, capsys):
    path = tmp_path / "problem.json"
    rules = '[{"id": "b", "type": "budget", "max_krw": "x"}, {"id": "c", "type": "nope"}]'
    path.write_text(f'{{"kind": "selection", "version": 1, "applications": [], "rules": {rules}}}', "utf-8")
    assert main(["solve", "selection", str(path), "--language", "en"]) == 2
    assert [line.split(": ")[0] for line in capsys.readouterr().err.splitlines()] == ["/rules/0/max_krw", "/rules/1"]
