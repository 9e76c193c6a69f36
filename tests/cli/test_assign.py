"""`madang assign` as an office uses it, from the folder without sheets to the decided call."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from madang.cli.main import main
from madang.papers.library import example

SAMPLE = "idea-reading-sample"
PLANNED = ("assignments.csv", "assignment_plans.csv", "sheets.csv")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MADANG_LANGUAGE", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def madang(*words: object) -> int:
    """The command line as typed; gives the exit code."""
    return main([str(word) for word in words])


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return before_scores(tmp_path / "office")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command makes of that folder, once for all who only look at it."""
    where = tmp_path_factory.mktemp("planned")
    assert madang("assign", before_scores(where / "office"), "--out", where / "plan", "--language", "en") == 0
    return where / "plan"


def before_scores(folder: Path) -> Path:
    """The sample's folder before there are scores."""
    shipped = example(SAMPLE)
    assert shipped is not None
    shutil.copytree(shipped, folder)
    for name in PLANNED:
        (folder / name).unlink()
    rows = [row for row in table(folder / "conflicts.csv") if row["rule"] == "declared"]
    put(folder / "conflicts.csv", rows)
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def put(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def pairs(path: Path) -> set[tuple[str, str]]:
    return {(row["application"], row["evaluator"]) for row in table(path)}


def test_the_shipped_sample_is_what_the_command_makes(plan: Path) -> None:
    out, shipped = plan, example(SAMPLE)
    assert shipped is not None
    for name in PLANNED[:2]:
        assert (out / name).read_text("utf-8") == (shipped / name).read_text("utf-8")
    assert pairs(out / "conflicts.csv") == pairs(shipped / "conflicts.csv")
    assert pairs(out / "conflicts.csv").isdisjoint(pairs(out / "assignments.csv"))


def test_anybody_can_run_the_problems_again(plan: Path, tmp_path: Path) -> None:
    out = plan
    for name, kind in (("conflicts", "conflicts"), ("affinity", "affinity"), ("assignment", "assignment"),
                       ("explained", "assignment")):  # fmt: skip
        problem, result = out / f"written-{name}.json", out / f"written-{name}-result.json"
        assert madang("solve", kind, problem, "--check", result) == 0
    [row] = table(out / "assignment_plans.csv")
    assert row["problem_sha256"] == hashlib.sha256((out / "written-assignment.json").read_bytes()).hexdigest()
    forged = json.loads((out / "written-assignment-result.json").read_text("utf-8"))
    forged["pairs"][0][1], forged["pairs"][1][1] = forged["pairs"][1][1], forged["pairs"][0][1]
    (tmp_path / "forged.json").write_text(json.dumps(forged), "utf-8")
    assert madang("solve", "assignment", out / "written-assignment.json", "--check", tmp_path / "forged.json") == 1


def test_the_plan_goes_into_the_folder_and_is_decided_by(office: Path, plan: Path, tmp_path: Path, capsys) -> None:
    for name in ("assignments.csv", "assignment_plans.csv", "conflicts.csv"):
        shutil.copy(plan / name, office / name)
    shipped = example(SAMPLE)
    assert shipped is not None
    shutil.copy(shipped / "sheets.csv", office / "sheets.csv")
    assert madang("decide", office, "--out", tmp_path / "decided", "--unsigned") == 0
    assert madang("verify", tmp_path / "decided" / "record.json") == 0
    rows = table(office / "sheets.csv")
    stranger = next(row["evaluator"] for row in rows if (rows[0]["application"], row["evaluator"]) not in
                    pairs(office / "assignments.csv") | pairs(office / "conflicts.csv"))  # fmt: skip
    put(office / "sheets.csv", [{**rows[0], "evaluator": stranger}, *rows[1:]])
    capsys.readouterr()
    assert madang("decide", office, "--out", tmp_path / "refused", "--unsigned") == 2
    told = capsys.readouterr().err
    assert "sheets.csv, row 2, column evaluator" in told
    assert "was not assigned to" in told


def test_no_word_about_the_people_is_in_the_record(office: Path, tmp_path: Path) -> None:
    shipped = example(SAMPLE)
    assert shipped is not None
    assert madang("decide", shipped, "--out", tmp_path, "--unsigned", "--parties") == 0
    record = (tmp_path / "record.json").read_text("utf-8")
    assert "Sample Laboratory" not in record
    assert "reader-0" not in record
    for edition in (tmp_path / "record.public.json", *(tmp_path / "parties").iterdir()):
        assert "assignments/" not in edition.read_text("utf-8")


def test_nothing_is_overwritten(office: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "plan"
    out.mkdir()
    (out / "assignments.csv").write_text("mine", "utf-8")
    assert madang("assign", office, "--out", out) == 2
    assert "assignments.csv" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["assignments.csv"]
    assert (out / "assignments.csv").read_text("utf-8") == "mine"


def test_a_link_to_nothing_is_not_written_through(office: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    out.mkdir()
    (out / "assignments.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert madang("assign", office, "--out", out) == 2
    assert not (tmp_path / "elsewhere.csv").exists()


def test_somebody_who_drops_out_changes_no_more_than_needed(office: Path, plan: Path, tmp_path: Path, capsys) -> None:
    for name in PLANNED[:2]:
        shutil.copy(plan / name, office / name)
    before = office / "assignments.csv"
    gone = table(before)[0]["evaluator"]
    people = table(office / "evaluators.csv")
    put(office / "evaluators.csv", [row for row in people if row["evaluator"] != gone])
    assert madang("assign", office, "--out", tmp_path / "two", "--keep", before) == 0
    stay = {pair for pair in pairs(before) if pair[1] != gone}
    after = pairs(tmp_path / "two" / "assignments.csv")
    assert len(after) == len(pairs(before))
    changed = json.loads((tmp_path / "two" / "written-assignment-result.json").read_text("utf-8"))["changed"]
    assert changed["kept"] == len(stay & after) >= len(stay) - 2
    assert gone not in {evaluator for _, evaluator in after}
    told = capsys.readouterr()
    assert told.err.count(gone) == 1
    assert "among the plans that keep as much of the earlier one" in told.out
    [row] = table(tmp_path / "two" / "assignment_plans.csv")
    assert row["kept"] == "yes"
    assert not row.get("total_bound")
    assert not row.get("worst_bound")
    book = openpyxl.load_workbook(tmp_path / "two" / "assignment.xlsx", read_only=True)
    text = " ".join(str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line)
    assert f"{len(pairs(before)) - len(stay)} are gone with" in text
    assert "no plan has more)" not in text


def test_where_there_is_no_plan_it_says_why_and_what_would_help(office: Path, tmp_path: Path, capsys) -> None:
    call = office / "call.yaml"
    call.write_text(call.read_text("utf-8").replace("load: {min: 2, max: 7}", "load: {min: 2, max: 4}"), "utf-8")
    out = tmp_path / "plan"
    assert madang("assign", office, "--out", out) == 1
    told = capsys.readouterr().err
    assert "the evaluators may take 96 at most" in told
    assert "With 6 more evaluators" in told
    assert not (out / "assignments.csv").exists()
    assert (out / "conflicts.csv").exists()
    assert madang("solve", "assignment", out / "written-assignment.json", "--check",
                  out / "written-assignment-result.json") == 0  # fmt: skip


def test_time_that_ends_is_not_told_as_impossible(office: Path, tmp_path: Path, capsys) -> None:
    code = madang("assign", office, "--out", tmp_path / "plan", "--time-limit", "0")
    told = "".join(capsys.readouterr())
    assert "no plan keeps all" not in told
    assert (code == 0) == (tmp_path / "plan" / "assignments.csv").exists()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_overview_tells_it_all(office: Path, tmp_path: Path, capsys, language: str) -> None:
    assert madang("assign", office, "--out", tmp_path, "--language", language, "--papers", "xlsx,pdf") == 0
    told_first = capsys.readouterr().out
    assert {"ko": "증명되었습니다", "en": "proven best"}[language] in told_first
    assert (tmp_path / "assignment.pdf").read_bytes().startswith(b"%PDF")
    book = openpyxl.load_workbook(tmp_path / "assignment.xlsx", read_only=True)
    sheets = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
    assert len(sheets) == 6
    result = json.loads((tmp_path / "written-assignment-result.json").read_text("utf-8"))
    told = {row[0]: row[3] for row in sheets[1][1:41]}
    assert {name: told[name].count("(") for name in told} == {one["id"]: 3 for one in result["applications"]}
    assert all(isinstance(row[2], float | int) for row in sheets[1][1:41])
    in_plan = {row[4] for row in sheets[4][1:4]}
    assert in_plan <= {"yes", "no", "예", "아니요"}
    text = json.dumps(sheets, ensure_ascii=False)
    assert "{" not in text
    assert "explain_" not in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--stage", "talk"], "not a stage that assigns"),
        (["--on", "soon"], "not a day"),
        (["--keep", "nowhere.csv"], "nowhere.csv"),
        (["--papers", "gif"], "gif"),
    ],
)
def test_what_cannot_be_is_refused(office: Path, tmp_path: Path, capsys, words: list[str], told: str) -> None:
    assert madang("assign", office, "--out", tmp_path / "plan", *words) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "plan").exists()


def test_a_call_with_panels_assigns_nobody(tmp_path: Path, capsys) -> None:
    shipped = example("idea-fund-sample")
    assert shipped is not None
    assert madang("assign", shipped, "--out", tmp_path / "plan") == 2
    assert "evaluators" in capsys.readouterr().err
