"""`madang call check` and `madang call show`, run as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from madang.cli.layout import outline_lines, width, wrap
from madang.cli.main import main
from madang.core.callspec import parse
from madang.papers.describe import describe
from tests.core.callspec.plant import ALL, CITIES, planted, text_of


def test_a_definition_without_faults_is_one_line_and_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "check", CITIES, "--language", "en"]) == 0
    told = capsys.readouterr()
    assert told.out.count("\n") == 1
    assert told.out.strip().endswith("no faults; small-cities-2022 can be published.")
    assert told.err == ""


def test_faults_are_told_as_file_line_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    text = planted(CITIES, ("weight: 40", "weight: 41"), ("zone: Asia/Seoul", "zone: Mars"))
    file.write_text(text, "utf-8")
    assert main(["call", "check", str(file), "--language", "en"]) == 1
    zone, weights = capsys.readouterr().out.splitlines()
    line = text[: text.index("zone:")].count("\n") + 1
    assert zone == f"{file}:{line}: There is no time zone “Mars”. Write it as Asia/Seoul."
    assert weights.endswith(": The weights add up to 101, not to 100 (problem 41, plan 60). Correct them.")
    assert main(["call", "check", str(file), "--language", "ko"]) == 1
    assert "‘Mars’라는 시간대는 없습니다" in capsys.readouterr().out


def test_a_set_of_another_kind_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(planted(CITIES, ("{field: decree-fields}", "{field: iso-3166}")), "utf-8")
    assert main(["call", "check", str(file), "--language", "en"]) == 1
    assert "The set iso-3166 is a set of kind country" in capsys.readouterr().out


def test_a_faulty_definition_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(planted(CITIES, ("by: rank", "by: merit")), "utf-8")
    assert main(["call", "show", str(file), "--language", "en"]) == 1
    assert "must be one of" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_what_cannot_be_read_is_two(tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    if content is not None:
        file.write_bytes(content)
    assert main(["call", "check", str(file), "--language", "en"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert str(file) in told.err


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text_of(CITIES), "utf-8-sig")
    assert main(["call", "check", str(file)]) == 0


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        ("ko", ["16곳", "640억 원", "1:1", "2021년 12월 27일(월)", "[예시]", "결과 발표와 이의신청"]),
        (
            "en",
            ["up to 16", "KRW 64 billion", "1:1", "Monday 27 December 2021", "[sample]", "Announcement and objections"],
        ),
    ],
)
def test_show_tells_the_call(language: str, facts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "show", CITIES, "--language", language]) == 0
    told = capsys.readouterr().out
    assert [fact for fact in facts if fact not in told] == []


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("columns", [60, 100])
def test_no_line_is_wider_than_the_terminal(name: str, language: str, columns: int) -> None:
    lines = list(outline_lines(describe(parse(text_of(name)), language), columns))
    assert [line for line in lines if width(line) > columns] == []


def test_korean_letters_are_two_columns_wide() -> None:
    assert width("중소도시 16곳") == 13
    assert wrap("가나다 라마바사아", 10) == ["가나다", "라마바사아"]
    assert wrap("가나다라마바사", 6) == ["가나다", "라마바", "사"]
    assert wrap("", 10) == [""]
