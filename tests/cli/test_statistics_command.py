"""`madang statistics` as an office types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from madang.cli.main import main
from madang.papers import library

CALL = "kcity-network-2021"


@pytest.fixture
def reception(tmp_path: Path) -> Path:
    """A copy of the shipped folder, to be changed."""
    shipped = library.example(CALL)
    assert shipped
    return shutil.copytree(shipped, tmp_path / "reception")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def test_json_has_the_promised_shape(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statistics", CALL, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["call"] == CALL
    assert told["sample"] is True
    assert set(told["note"]) == {"en", "ko"}
    assert told["total"] == {"cases": 111, "countries": 39}
    for table in ("by_type", "by_region", "by_country", "by_field"):
        assert {tuple(row) for row in told[table]} == {("id", "cases", "countries")}
    assert told["growth"]["cases"]["shown"] == "38.8"


def test_shares_on_request_print_to_a_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statistics", CALL, "--format", "json", "--shares"]) == 0
    told = json.loads(capsys.readouterr().out)
    for table in ("by_type", "by_region", "by_country", "by_field"):
        assert sum(round(float(row["share_shown"]) * 10) for row in told[table]) == 1000


@pytest.mark.parametrize(
    ("language", "title", "expected"),
    [
        ("en", "By region", ["Other (Africa, Middle East, advanced economies)", "24", "15", "21.6%"]),
        ("ko", "권역별", ["기타(아프리카·중동·선진국 등)", "24", "15", "21.6%"]),
    ],
)
def test_a_table_is_labelled_and_aligned_in_both_languages(
    capsys: pytest.CaptureFixture[str], language: str, title: str, expected: list[str]
) -> None:
    assert main(["statistics", CALL, "--language", language]) == 0
    blocks = [block.splitlines() for block in capsys.readouterr().out.split("\n\n")]
    block = next(block for block in blocks if block[0].startswith(title))
    assert [cell.strip() for cell in block[4].split("  ") if cell.strip()] == expected
    assert len({width(line) for line in block}) == 1


def test_countries_carry_the_name_of_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    main(["statistics", CALL, "--language", "ko"])
    told = capsys.readouterr().out
    assert "터키" in told
    assert "튀르키예" not in told


def test_a_folder_is_counted_anew_after_an_edit(reception: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(reception / "rounds.csv", "2020,80,23", "2020,0,23")
    assert main(["statistics", str(reception), "--format", "json"]) == 0
    growth = json.loads(capsys.readouterr().out)["growth"]
    assert (growth["cases"]["change"], growth["cases"]["shown"]) == (111, None)


def test_without_an_earlier_round_it_says_so(reception: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (reception / "rounds.csv").unlink()
    assert main(["statistics", str(reception), "--language", "en"]) == 0
    assert "No earlier round to compare with." in capsys.readouterr().out


def test_an_unknown_country_is_counted_and_named(reception: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(reception / "applications.csv", ",FR,", ",QZ,")
    assert main(["statistics", str(reception), "--language", "en"]) == 0
    told = capsys.readouterr().out
    assert "No place in the classification" in told
    assert '"QZ" has no place in the classification (By country)' in told


def test_a_name_that_is_no_folder_lists_the_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statistics", "nowhere", "--language", "en"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert CALL in told.err


def test_faults_stand_on_stderr_with_their_place(reception: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(reception / "applications.csv", "A001,Applicant 001 (sample),company", "A001,Applicant 001 (sample),castle")
    assert main(["statistics", str(reception), "--language", "en"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("applications.csv, row 2, column kind:")


def test_a_classification_that_does_not_exist_is_named(reception: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(reception / "call.yaml", "country: iso-3166,", "country: iso-9999,")
    assert main(["statistics", str(reception), "--language", "ko"]) == 2
    assert "iso-9999" in capsys.readouterr().err
