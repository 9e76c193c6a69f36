"""More than a hundred faults, planted one by one and all at once: each named by file, worksheet, row and column."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest

from madang import words
from madang.core.callspec import parse
from madang.core.reasons import Malformed
from madang.papers.folder import read
from madang.papers.plan import plan as plan_of
from tests.papers.papers_folders import CONTEST, TABLES, lay
from tests.papers.spreadsheets import Formula, Grid, Styled, write

NUMBERS = {"need", "plan", "ratio", "requested [million]", "own [million]", "weight", "answer", "year", "cases"}

#: Table, cell as a spreadsheet names it, what is planted there, the code; the column is its header's, without the unit.
IN_CSV: list[tuple[str, str, str, str]] = [
    ("sheets", "C2", "80점", "number_with_unit"),
    ("sheets", "C2", "80%", "number_with_percent"),
    ("sheets", "C2", "８０％", "number_with_percent"),
    ("sheets", "D2", "74,5", "decimal_comma"),
    ("sheets", "D2", "1.074,5", "decimal_comma"),
    ("sheets", "C3", "1,234", "comma_in_number"),
    ("sheets", "C3", "8E+01", "number_in_exponent"),
    ("sheets", "C3", "eighty", "not_a_number_here"),
    ("sheets", "C3", "-", "not_a_number_here"),
    ("sheets", "C3", "(80)", "not_a_number_here"),
    ("sheets", "C3", "=40*2", "not_a_number_here"),
    ("sheets", "C3", "٨٠", "not_a_number_here"),
    ("sheets", "C3", "8²", "not_a_number_here"),
    ("sheets", "C3", "8 0", "not_a_number_here"),
    ("sheets", "C3", "NaN", "not_a_number_here"),
    ("sheets", "C4", "120", "score_off_scale"),
    ("sheets", "C4", "-0.5", "score_off_scale"),
    ("sheets", "C4", "80.2", "score_off_step"),
    ("sheets", "D4", "", "score_left_blank"),
    ("sheets", "D4", "#N/A", "error_value"),
    ("sheets", "D4", "#REF!", "error_value"),
    ("sheets", "E4", "#DIV/0!", "error_value"),
    ("sheets", "D4", "########", "error_value"),
    ("sheets", "D4", "\u200b", "cell_unseen"),
    ("sheets", "D4", "80.12345678", "too_many_decimals_here"),
    ("sheets", "D4", "99999999999999999999", "cell_number_too_large"),
    ("sheets", "A2", "", "cell_empty"),
    ("sheets", "B3", "", "cell_empty"),
    ("sheets", "A2", "A7", "no_such_application"),
    ("sheets", "A2", "2.02104E+11", "id_digits_lost"),
    ("sheets", "A2", "A\u200b1", "not_an_id"),
    ("sheets", "B3", "E1", "row_twice"),
    ("sheets", "B3", "E9", "not_on_panel"),
    ("sheets", "G3", "left over", "cell_without_header"),
    ("applications", "B2", "", "cell_empty"),
    ("applications", "C2", "village", "not_an_option"),
    ("applications", "D2", "demos", "not_an_option"),
    ("applications", "D3", "", "cell_empty"),
    ("applications", "E2", "KOR", "not_an_iso_country"),
    ("applications", "E2", "kr", "not_an_iso_country"),
    ("applications", "E3", "베트남", "not_an_iso_country"),
    ("applications", "F2", "4/5/2021", "date_ambiguous"),
    ("applications", "F2", "04-05-2021", "date_ambiguous"),
    ("applications", "F2", "4.5.2021 18:00", "date_ambiguous"),
    ("applications", "F2", "21.4.20", "date_short_year"),
    ("applications", "F2", "'21. 4. 20.", "date_short_year"),
    ("applications", "F2", "4/20/21", "date_short_year"),
    ("applications", "F2", "20-Apr-21", "date_short_year"),
    ("applications", "F2", "210420", "date_short_year"),
    ("applications", "F2", "4월 20일", "date_without_year"),
    ("applications", "F2", "4/20", "date_without_year"),
    ("applications", "F3", "46000", "date_is_a_number"),
    ("applications", "F3", "44306.75", "date_is_a_number"),
    ("applications", "F3", "2021-02-30", "no_such_day"),
    ("applications", "F3", "2021년 4월 31일", "no_such_day"),
    ("applications", "F3", "31/4/2021", "no_such_day"),
    ("applications", "F3", "Feb 29, 2021", "no_such_day"),
    ("applications", "F3", "20211301", "no_such_day"),
    ("applications", "F3", "2021. 4. 20.(월)", "weekday_differs"),
    ("applications", "F3", "Monday, 20 April 2021", "weekday_differs"),
    ("applications", "F3", "2021-04-20 25:00", "not_a_time"),
    ("applications", "F3", "2021-04-20 18:60", "not_a_time"),
    ("applications", "F3", "2021-04-20 오전 18:00", "not_a_time"),
    ("applications", "F3", "2021-04-20 12:00 AM", "noon_or_midnight"),
    ("applications", "F3", "2021-04-20 오후 12시", "noon_or_midnight"),
    ("applications", "F3", "2021-04-20T09:00:00+09:00", "not_an_iso_moment"),
    ("applications", "F3", "yesterday", "not_an_iso_moment"),
    ("applications", "F3", "18:00", "not_an_iso_moment"),
    ("applications", "I2", "2020-05-01 09:00", "day_with_time"),
    ("applications", "I2", "20년 5월 1일", "date_short_year"),
    ("applications", "I2", "soon", "not_an_iso_day"),
    ("applications", "I3", "2020-05-01", "answer_not_asked"),
    ("applications", "G2", "", "answer_missing"),
    ("applications", "G2", "A name that is far too long", "too_many_characters"),
    ("applications", "H3", "ja", "not_yes_no_here"),
    ("applications", "H3", "O", "not_yes_no_here"),
    ("applications", "J2", "12.55", "too_many_decimals_here"),
    ("applications", "J2", "112", "cell_out_of_range"),
    ("applications", "J2", "12.5 %", "number_with_percent"),
    ("applications", "K2", "watr", "not_an_option"),
    ("applications", "L2", "a;a", "option_repeated"),
    ("applications", "L2", "a,b", "not_an_option"),
    ("applications", "M2", "300백만원", "money_with_unit"),
    ("applications", "M2", "3억", "money_with_unit"),
    ("applications", "M2", "￦300", "money_with_unit"),
    ("applications", "M2", "300 USD", "number_with_unit"),
    ("applications", "M2", "1,300", "comma_in_number"),
    ("applications", "M2", "-1", "money_below_zero"),
    ("applications", "M2", "0.0000001", "not_whole_won"),
    ("applications", "M3", "", "answer_missing"),
    ("members", "A2", "A9", "no_such_application"),
    ("members", "B2", "friend", "not_an_option"),
    ("members", "E2", "X", "not_an_iso_country"),
    ("rows-goals", "B3", "", "cell_empty"),
    ("rows-goals", "C2", "three", "not_a_number_here"),
    ("panel", "A4", "E1", "row_twice"),
    ("conflicts", "A2", "A9", "no_such_application"),
    ("checklist", "C3", "passed", "not_an_option"),
    ("opinions", "D2", "6", "cell_out_of_range"),
    ("opinions", "D2", "4.5", "not_a_whole_number"),
    ("lots", "A3", "A2", "row_twice"),
    ("rounds", "B2", "80건", "number_with_unit"),
    ("rounds", "B2", "-5", "cell_below_range"),
    ("rounds", "A2", "2020년", "number_with_unit"),
    ("rounds", "C2", "", "cell_empty"),
]

#: The same for workbooks; each is planted as Excel and as LibreOffice (`.ods`) would save it.
IN_WORKBOOKS: list[tuple[str, str, Any, str]] = [
    ("sheets", "C2", "80", "number_as_text"),
    ("sheets", "C2", " ８０ ", "number_as_text"),
    ("sheets", "C2", "1,234,567", "number_as_text"),
    ("sheets", "C2", "80점", "number_with_unit"),
    ("sheets", "C2", Styled(0.8, "percent"), "percent_cell"),
    ("sheets", "C3", dt.date(2021, 4, 5), "number_is_a_date"),
    ("sheets", "C3", dt.time(18, 30), "number_is_a_date"),
    ("sheets", "C3", True, "not_a_number_here"),
    ("sheets", "C3", 1 / 3, "too_many_decimals_here"),
    ("sheets", "C3", 0.1 + 0.2, "too_many_decimals_here"),
    ("sheets", "D3", Formula("C3+1"), "formula_without_value"),
    ("sheets", "D3", Formula("1/0", error="#DIV/0!"), "formula_error"),
    ("sheets", "D3", Formula("VLOOKUP(A3,Old!A:B,2)", error="#REF!"), "formula_error"),
    ("sheets", "D4", Formula("C4+90", 145), "score_off_scale"),
    ("sheets", "B4", dt.date(2021, 3, 4), "id_is_a_date"),
    ("sheets", "A4", 2021042012345678, "id_digits_lost"),
    ("sheets", "A4", 12, "no_such_application"),
    ("sheets", "E4", Formula("1/0", error="#NAME?"), "formula_error"),
    ("applications", "F2", 46000, "date_is_a_number"),
    ("applications", "F2", 44306.5, "date_is_a_number"),
    ("applications", "F2", "4/5/2021", "date_ambiguous"),
    ("applications", "F2", dt.time(18, 30), "not_an_iso_moment"),
    ("applications", "I2", True, "not_an_iso_day"),
    ("applications", "M2", "4,000백만원", "money_with_unit"),
    ("applications", "J2", Styled(0.125, "percent"), "percent_cell"),
    ("rounds", "A2", dt.date(2020, 1, 1), "number_is_a_date"),
]


#: Faults between cells, which are not asked where one of the cells is refused already.
HANGS_ON_OTHERS = {"no_such_application", "row_twice", "score_off_scale", "answer_missing", "answer_not_asked"}


def rows_of(table: str, *, typed: bool) -> list[list[Any]]:
    rows: list[list[Any]] = list(csv.reader(io.StringIO(TABLES[table])))
    if typed:
        for row in rows[1:]:
            for index, cell in enumerate(row):
                number = cell and rows[0][index] in NUMBERS
                row[index] = (float(cell) if "." in cell else int(cell)) if number else cell or None
    return rows


def plant(rows: list[list[Any]], cell: str, value: Any) -> None:
    row, column = int(cell[1:]), ord(cell[0]) - ord("A")
    while len(rows) < row:
        rows.append([])
    line = rows[row - 1]
    line.extend([""] * (column + 1 - len(line)))
    line[column] = value


def place_of(table: str, cell: str, suffix: str, worksheet: str = "") -> str:
    header = rows_of(table, typed=False)[0]
    column = ord(cell[0]) - ord("A")
    title = header[column].partition(" [")[0] if column < len(header) else cell[0]
    middle = f", worksheet {worksheet}" if worksheet else ""
    return f"{table}{suffix}{middle}, row {cell[1:]}, column {title}"


def saved(folder: Path, table: str, rows: list[list[Any]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    (folder / f"{table}.csv").write_text(stream.getvalue(), "utf-8-sig", newline="")


def found_in(folder: Path) -> list[tuple[str, str]]:
    """Every fault; each is said in Korean and English with its place, and nothing was written into the folder."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Malformed) as caught:
        read(folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    for fault in caught.value.faults:
        for language in ("ko", "en"):
            told = words.say_fault(fault, language)
            assert told.startswith(f"{words.place(fault.at, language)}: ")
            assert fault.code not in told
            assert not re.search(r"[{}]|\?", told), told
    return [(fault.at, fault.code) for fault in caught.value.faults]


def test_there_are_more_than_a_hundred_and_none_twice() -> None:
    assert len(set(IN_CSV)) == len(IN_CSV) > 100
    assert len({code for *_, code in (*IN_CSV, *IN_WORKBOOKS)}) > 45


@pytest.mark.parametrize(("table", "cell", "value", "code"), IN_CSV)
def test_a_fault_in_a_csv(tmp_path: Path, table: str, cell: str, value: str, code: str) -> None:
    lay(tmp_path)
    rows = rows_of(table, typed=False)
    plant(rows, cell, value)
    saved(tmp_path, table, rows)
    assert found_in(tmp_path) == [(place_of(table, cell, ".csv"), code)]


@pytest.mark.parametrize(("table", "cell", "value", "code"), IN_WORKBOOKS)
@pytest.mark.parametrize("dialect", ["excel", "ods"])
def test_a_fault_in_a_workbook(tmp_path: Path, table: str, cell: str, value: Any, code: str, dialect: str) -> None:
    lay(tmp_path)
    (tmp_path / f"{table}.csv").unlink()
    rows = rows_of(table, typed=True)
    plant(rows, cell, value)
    suffix = ".ods" if dialect == "ods" else ".xlsx"
    grids = [Grid([["How to fill in"]], title="안내"), Grid(rows, title="2021")]
    write(tmp_path / f"{table}{suffix}", grids, dialect)
    assert found_in(tmp_path)[0] == (place_of(table, cell, suffix, "2021"), code)


@pytest.mark.parametrize(
    ("table", "cell", "title", "expected"),
    [
        ("sheets", "C1", "needs", [("row 1, column needs", "column_unknown"), ("row 1", "column_missing")]),
        ("sheets", "E1", "need", [("row 1, column need", "header_twice")]),
        ("sheets", "E1", "", [("row 2, column E", "cell_without_header")]),
        ("sheets", "F1", "x", [("row 1, column x", "column_unknown")]),
        ("sheets", "C1", "need [million]", [("row 1, column need [million]", "unit_without_money")]),
        ("applications", "M1", "requested [dollar]", [("row 1, column requested [dollar]", "unit_unknown")]),
        ("applications", "M1", "requested(달러)",
            [("row 1, column requested(달러)", "column_unknown"), ("row 1", "column_missing")]),
        ("applications", "C1", "", [("row 1, column C", "header_empty")]),
    ],
)  # fmt: skip
def test_a_fault_in_a_header(
    tmp_path: Path, table: str, cell: str, title: str, expected: list[tuple[str, str]]
) -> None:
    lay(tmp_path)
    rows = rows_of(table, typed=False)
    plant(rows, cell, title)
    saved(tmp_path, table, rows)
    assert found_in(tmp_path) == [(f"{table}.csv, {at}", code) for at, code in expected]


def test_a_whole_folder_of_faults_is_told_in_one_run(tmp_path: Path) -> None:
    """One fault in each cell that the lists name, in every table at once; the sheets as Hancom's Cell saves them."""
    lay(tmp_path)
    expected = set()
    for table in TABLES:
        suffix, planted = (".xlsx", IN_WORKBOOKS) if table == "sheets" else (".csv", IN_CSV)
        rows = rows_of(table, typed=table == "sheets")
        for cell, value, code in {c: (c, v, code) for of, c, v, code in planted if of == table}.values():
            if code not in HANGS_ON_OTHERS:
                plant(rows, cell, value)
                expected.add((place_of(table, cell, suffix), code))
        if table == "sheets":
            (tmp_path / "sheets.csv").unlink()
            write(tmp_path / "sheets.xlsx", rows, "hancom")
        else:
            saved(tmp_path, table, rows)
    found = found_in(tmp_path)
    assert len(expected) > 25
    assert expected <= set(found)
    assert len(found) == len(set(found))
    tables = [at.partition(".")[0] for at, _ in found]
    assert tables == sorted(tables, key=list(plan_of(parse(CONTEST))).index)


# -- dates --------------------------------------------------------------------------------------------------------

SAME_DAY = (
    "2021-04-20", "2021/04/20", "2021/4/20", "2021.4.20.", "2021.04.20", "2021. 4. 20.", "2021. 4. 20", "20210420",
    "2021년 4월 20일", "2021년4월20일", "2021-04-20(화)", "2021. 4. 20.(화)", "2021년 4월 20일 화요일",
    "２０２１．４．２０．", "20 April 2021", "20 Apr 2021", "20-Apr-2021", "2021-Apr-20", "Apr 20, 2021",
    "April 20, 2021", "April 20th, 2021", "Tuesday, 20 April 2021", "Tue, Apr 20, 2021", "4/20/2021", "20/4/2021",
    "20.4.2021", "20-04-2021",
)  # fmt: skip
SIX = (
    "18:00",
    "18:00:00",
    "오후 6:00",
    "오후 6시",
    "6:00 PM",
    "6:00 p.m.",
    "6 PM",
    "18시",
    "18시 00분",
    "오후 06:00:00",
)


@pytest.mark.parametrize("text", SAME_DAY)
def test_one_day_in_every_form_that_can_be_read_one_way(tmp_path: Path, text: str) -> None:
    lay(tmp_path)
    rows = rows_of("applications", typed=False)
    plant(rows, "F2", text)
    plant(rows, "I2", text)
    saved(tmp_path, "applications", rows)
    application = read(tmp_path).case.applications[0]
    assert (application.received, application.answers["mou_day"]) == ("2021-04-20", "2021-04-20")


@pytest.mark.parametrize("text", [
    *(f"{day} {SIX[n % len(SIX)]}" for n, day in enumerate(SAME_DAY)),
    *(f"2021-04-20 {time}" for time in SIX), "2021-04-20T18:00", "2021년 4월 20일18시", "2021. 4. 20.(화)18:00",
    "20 April 2021, 18:00",
])  # fmt: skip
def test_a_time_of_day_behind_it(tmp_path: Path, text: str) -> None:
    lay(tmp_path)
    rows = rows_of("applications", typed=False)
    plant(rows, "F2", text)
    saved(tmp_path, "applications", rows)
    assert read(tmp_path).case.applications[0].received == "2021-04-20 18:00:00"


@pytest.mark.parametrize(
    ("text", "time"),
    [("오전 0:30", "00:30:00"), ("12:30 AM", "00:30:00"), ("오후 12:30", "12:30:00"), ("18시 30분 5초", "18:30:05")],
)
def test_the_hours_around_noon_and_midnight(tmp_path: Path, text: str, time: str) -> None:
    lay(tmp_path)
    rows = rows_of("applications", typed=False)
    plant(rows, "F2", f"2021-04-20 {text}")
    saved(tmp_path, "applications", rows)
    assert read(tmp_path).case.applications[0].received == f"2021-04-20 {time}"


@pytest.mark.parametrize(
    ("other", "code", "said"),
    [
        ("20/4/2021", "date_ambiguous_dmy", "Rows 3 of this column can only be read day first"),
        ("4/20/2021", "date_ambiguous_mdy", "Rows 3 of this column can only be read month first"),
        ("5/5/2021", "date_ambiguous", "may be 2021-05-04 (day first) or 2021-04-05 (month first)"),
    ],
)
def test_an_ambiguous_date_is_asked_with_what_its_column_points_to(
    tmp_path: Path, other: str, code: str, said: str
) -> None:
    lay(tmp_path)
    rows = rows_of("applications", typed=False)
    plant(rows, "F2", "4/5/2021")
    plant(rows, "F3", other)
    saved(tmp_path, "applications", rows)
    assert found_in(tmp_path) == [("applications.csv, row 2, column received", code)]
    with pytest.raises(Malformed) as caught:
        read(tmp_path)
    assert said in words.say_fault(caught.value.faults[0], "en")


@pytest.mark.parametrize(("order", "day"), [("dmy", "2021-05-04"), ("mdy", "2021-04-05")])
def test_the_folder_may_say_once_which_comes_first(tmp_path: Path, order: str, day: str) -> None:
    lay(tmp_path)
    (tmp_path / "folder.yaml").write_text(f"dates: {order}\n", "utf-8")
    rows = rows_of("applications", typed=False)
    plant(rows, "F2", "4/5/2021 18:00")
    saved(tmp_path, "applications", rows)
    assert read(tmp_path).case.applications[0].received == f"{day} 18:00:00"
    plant(rows, "F2", "20/4/2021" if order == "mdy" else "4/20/2021")
    saved(tmp_path, "applications", rows)
    assert found_in(tmp_path) == [("applications.csv, row 2, column received", "date_against_order")]


@pytest.mark.parametrize("text", ["4,000,000", "4,000", "４，０００，０００", " 4000 ", "4,000.00"])
def test_separators_that_can_only_be_thousands(tmp_path: Path, text: str) -> None:
    lay(tmp_path)
    csv_text = TABLES["applications"].replace("requested [million]", "requested")
    (tmp_path / "applications.csv").write_text(
        csv_text.replace(",300,", f',"{text}",').replace(",0.5,", ",5,"), "utf-8"
    )
    wanted = 4_000_000 if "000,000" in text or "０００，０００" in text else 4_000
    assert read(tmp_path).case.applications[0].answers["requested"] == wanted
