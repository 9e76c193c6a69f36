"""`madang days` as an office types it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from madang.cli.main import main

CHUSEOK = ["days", "--from", "2021-09-10", "--days", "10", "--count", "business"]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main([*arguments]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("language", "last", "chuseok", "first"),
    [
        ("ko", "마지막 날: 2021년 9월 29일(수)", "  2021-09-21  화요일, 추석", "  2021-09-10  금요일, 첫날 불산입"),
        (
            "en",
            "Last day: Wednesday 29 September 2021",
            "  2021-09-21  Tuesday, Chuseok",
            "  2021-09-10  Friday, the first day is not counted",
        ),
    ],
)
def test_the_last_day_and_every_day_that_did_not_count(
    capsys: pytest.CaptureFixture[str], language: str, last: str, chuseok: str, first: str
) -> None:
    lines = printed(capsys, *CHUSEOK, "--language", language)
    assert lines[1] == last
    assert first in lines
    assert chuseok in lines
    assert len([line for line in lines if line.startswith("  2021-09-")]) == 10


def test_days_left_and_days_over(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, *CHUSEOK, "--today", "2021-09-15", "--language", "en")
    assert "At the end of Wednesday 15 September 2021: 3 days used, 7 left." in lines
    lines = printed(capsys, *CHUSEOK, "--today", "2021-09-29", "--language", "ko")
    assert "이날이 마지막 날입니다." in lines
    lines = printed(capsys, *CHUSEOK, "--today", "2021-10-01", "--language", "en")
    assert "On Friday 1 October 2021 the period is overdue by 2 calendar days." in lines


def test_the_clock_of_a_stage_with_a_stop(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(
        capsys, "days", "service-certification-2023", "--stage", "decision", "--from", "2023-03-02",
        "--stop", "2023-04-03..2023-04-14", "--language", "en",
    )  # fmt: skip
    assert lines[0].startswith("60 days (the first day not counted) from Thursday 2 March 2023")
    assert lines[1] == "Last day: Monday 15 May 2023"
    assert "Saturday 13 May 2023" in lines[2]
    assert "  2023-04-03  Monday, the clock stands" in lines


def test_json_has_every_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CHUSEOK, "--json", "--stop", "2021-09-13..2021-09-13", "--today", "2021-09-14"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["last"] == told["not_before"] == "2021-09-30"
    assert told["calendar"] == {"name": "kr", "known_from": "2018-01-01", "known_until": "2027-12-31"}
    assert told["stops"] == [{"from": "2021-09-13", "to": "2021-09-13"}]
    assert len(told["counted"]) == 10
    assert told["skipped"][0] == {"day": "2021-09-10", "why": "first_day", "label": {}}
    assert told["position"]["left"] == 9
    assert told["reasons"] == []


def test_a_standing_clock_is_answered_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, *CHUSEOK, "--stop", "2021-09-15..", "--today", "2021-09-23", "--language", "en")
    assert lines[1].startswith("The clock has been standing since 2021-09-15, with 8 days left.")
    assert not any(line.startswith("Last day") for line in lines)


def test_with_the_holidays_known_at_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["days", "--from", "2023-09-18", "--days", "10", "--count", "business", "--language", "en"]
    assert "Last day: Friday 6 October 2023" in printed(capsys, *asked)
    assert "Last day: Thursday 5 October 2023" in printed(capsys, *asked, "--as-of", "2023-09-01")


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (["--from", "2021-02-30", "--days", "5"], ["--from: “2021-02-30”"]),
        (["--from", "24.6.2021", "--days", "x"], ["--from: “24.6.2021”", "--days: “x”"]),
        (["--from", "2021-06-24"], ["--days: How many days?"]),
        (["--from", "2021-06-24", "--days", "0"], ["--days: A period has 1 to 3660 days"]),
        (["--from", "2021-06-24", "--days", "5", "--calendar", "mars"], ["--calendar: There is no calendar “mars”"]),
        (["--from", "2021-06-24", "--days", "5", "--stop", "2021-06-28"], ["--stop: “2021-06-28” is not a stop"]),
        (["--from", "2021-06-24", "--days", "5", "--stop", "2021-06-28..x"], ["--stop: “x”"]),
        (["--from", "2021-06-24", "--days", "5", "--stop", "2021-06-28..2021-06-27"], ["stop 1: This stop ends on"]),
        (["--from", "2021-06-24", "--days", "5", "--today", "heute"], ["--today: “heute”"]),
        (["--from", "0001-01-01", "--days", "5"], ["from: 0001-01-01 is too far"]),
        (["--from", "2021-06-24", "--days", "5", "--stage", "decision"], ["--stage: A stage belongs to a definition"]),
        (["service-certification-2023", "--from", "2021-06-24"], ["--stage: The call", "papers"]),
        (["service-certification-2023", "--from", "2021-06-24", "--stage", "vote"], ["no clock “vote”"]),
        (["service-certification-2023", "--from", "2021-06-24", "--days", "5"], ["--days: The clock of"]),
        (["nowhere", "--from", "2021-06-24", "--stage", "vote"], ["nowhere"]),
    ],
)  # fmt: skip
def test_bad_input_is_named_on_stderr(
    capsys: pytest.CaptureFixture[str], options: list[str], places: list[str]
) -> None:
    assert main(["days", *options, "--language", "en"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    for place in places:
        assert place in told.err


def test_it_runs_without_django() -> None:
    code = "import sys; from madang.cli.main import main; main(sys.argv[1:]); sys.exit('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, *CHUSEOK], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
