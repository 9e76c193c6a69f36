"""Real files: encodings of CSV, what an XLSX hides, and files that mean harm."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from madang.core.reasons import Malformed
from madang.papers.folder import read
from madang.papers.tables import archive, read_table
from tests.papers.papers_folders import STAGE_TABLES, STAGES, TABLES, edit, faults, lay

SHEETS: list[list[Any]] = [
    ["application", "evaluator", "need", "plan", "comment"],
    ["A1", "E1", 80, 74.5, "good"],
    ["A1", "E2", 70, 60, None],
    ["A2", "E1", 55, 100, None],
]


@pytest.fixture
def contest(tmp_path: Path) -> Path:
    """A good folder whose sheets are still to be written as a workbook."""
    return lay(tmp_path, tables={name: text for name, text in TABLES.items() if name != "sheets"})


def workbook(rows: list[list[Any]] = SHEETS) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def found(contest: Path, book: openpyxl.Workbook, name: str = "sheets.xlsx") -> list[tuple[str, str]]:
    book.save(contest / name)
    return faults(contest)


# -- csv ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_with_any_delimiter_and_mark(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lay(tmp_path, STAGES, STAGE_TABLES)
    text = "application,applicant\r\nA1,예시시 1\r\n".replace(",", delimiter)
    (tmp_path / "applications.csv").write_text(text, encoding, newline="")
    assert read(tmp_path).case.applications[0].applicant == "예시시 1"


def test_cp949_is_read_and_said(tmp_path: Path) -> None:
    lay(tmp_path, STAGES, STAGE_TABLES)
    (tmp_path / "applications.csv").write_text("application,applicant\nA1,예시시 뷁\n", "cp949")
    result = read(tmp_path)
    assert result.case.applications[0].applicant == "예시시 뷁"
    assert [(remark.at, remark.code) for remark in result.remarks] == [("applications.csv", "read_as_cp949")]


@pytest.mark.parametrize(
    ("data", "at", "code"),
    [
        (b"application,applicant\nA1,\xff\xff\n", "applications.csv, row 2, column applicant", "encoding_unknown"),
        (b"\xff\xfea\0,\0\x00\xd8b\0", "applications.csv, row 1, column B", "encoding_unknown"),
        (b"application,applicant\nA1,a\0b\n", "applications.csv, row 2, column applicant", "nul_byte"),
        (b'application,applicant\nA1,"never closed\n', "applications.csv, row 2", "csv_broken"),
        (b'application,applicant\nA1,"' + b"x" * 200_000 + b'"\n', "applications.csv, row 2", "csv_broken"),
        (b"x," * 2_000, "applications.csv, row 1", "table_too_many_columns"),
        (b"", "applications.csv", "table_empty"),
        (b"application,applicant\n", "applications.csv", "no_applications"),
    ],
)
def test_csv_that_cannot_be_read(tmp_path: Path, data: bytes, at: str, code: str) -> None:
    lay(tmp_path, STAGES, STAGE_TABLES)
    (tmp_path / "applications.csv").write_bytes(data)
    (tmp_path / "sheets.csv").write_text("application,evaluator,stage,need,clarity\n", "utf-8")
    assert faults(tmp_path) == [(at, code)]


def test_rows_are_counted_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    """A comment over two lines is one row; empty rows count but say nothing."""
    lay(tmp_path)
    edit(tmp_path, "sheets", "74.5,good\n", '74.5,"two\nlines"\n,,,,\n\n')
    edit(tmp_path, "sheets", "A2,E1,55", "A2,E1,155")
    assert faults(tmp_path) == [("sheets.csv, row 6, column need", "score_off_scale")]


# -- xlsx ---------------------------------------------------------------------------------------------------------


def test_a_workbook_reads_as_its_csv_does(contest: Path) -> None:
    workbook().save(contest / "sheets.xlsx")
    from_xlsx = read(contest).case
    (contest / "sheets.xlsx").unlink()
    (contest / "sheets.csv").write_text(TABLES["sheets"], "utf-8")
    assert read(contest).case == from_xlsx


def test_a_number_typed_as_text(contest: Path) -> None:
    book = workbook()
    book.active["C3"] = "70"
    assert found(contest, book) == [("sheets.xlsx, row 3, column need", "number_as_text")]


def test_a_binary_fraction_without_a_short_decimal(contest: Path) -> None:
    book = workbook()
    book.active["C3"] = 1 / 3
    assert found(contest, book) == [("sheets.xlsx, row 3, column need", "too_many_decimals_here")]


def test_merged_header_and_merged_cells(contest: Path) -> None:
    book = workbook()
    book.active.merge_cells("D1:E1")
    book.active.merge_cells("A3:A4")
    assert found(contest, book) == [
        ("sheets.xlsx, row 1, column plan", "merged_header"),
        ("sheets.xlsx, row 3, column application", "merged_cells"),
        ("sheets.xlsx, row 4, column application", "cell_empty"),
    ]


def test_hidden_rows_and_columns(contest: Path) -> None:
    book = workbook()
    book.active.row_dimensions[3].hidden = True
    book.active.row_dimensions[9].hidden = True  # empty: nothing hides there
    book.active.column_dimensions["D"].hidden = True
    assert found(contest, book) == [
        ("sheets.xlsx, column plan", "hidden_column"),
        ("sheets.xlsx, row 3", "hidden_row"),
    ]


def test_formulas_count_by_their_stored_value_only(contest: Path) -> None:
    with xlsxwriter.Workbook(str(contest / "sheets.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(SHEETS):
            sheet.write_row(number, 0, row)
        sheet.write_formula("C2", "=40*2", None, 80)
        sheet.write_formula("D3", "=1/0", None, "#DIV/0!")
    assert faults(contest) == [
        ("sheets.xlsx, row 3, column plan", "formula_error"),
    ]
    book = workbook()
    book.active["C2"] = "=40*2"  # openpyxl stores no value
    assert found(contest, book)[0] == ("sheets.xlsx, row 2, column need", "formula_without_value")


def test_days_as_cells_and_as_text(contest: Path) -> None:
    rows = [line.split(",") for line in TABLES["applications"].splitlines()]
    table: list[list[Any]] = [rows[0], *([cell or None for cell in row] for row in rows[1:])]
    table[1][5] = dt.datetime.fromisoformat("2021-03-01 09:00")
    table[2][5] = dt.date(2021, 3, 2)
    table[1][8] = dt.date(2020, 5, 1)
    for row in table[1:]:
        row[9:10] = [float(row[9])] if row[9] else [None]
        row[12:] = [float(cell) if cell else None for cell in row[12:]]
    (contest / "sheets.csv").write_text(TABLES["sheets"], "utf-8")
    expected = read(contest).case
    (contest / "applications.csv").unlink()
    workbook(table).save(contest / "applications.xlsx")
    assert read(contest).case == expected


def test_the_one_worksheet_with_a_known_header_is_read_and_named(contest: Path) -> None:
    book = workbook()
    book.active.title = "Scores"
    book.create_sheet("Read me", 0).append(["How to fill in"])
    hidden = book.create_sheet("Lists")
    hidden.append(["application"])
    hidden.sheet_state = "hidden"
    assert found(contest, book) == []
    book["Scores"]["C2"] = 200
    assert found(contest, book) == [("sheets.xlsx, worksheet Scores, row 2, column need", "score_off_scale")]
    book.create_sheet("Second").append(["application"])
    assert found(contest, book) == [("sheets.xlsx", "several_worksheets")]


def test_no_worksheet_begins_with_a_known_column(contest: Path) -> None:
    book = workbook([["Evaluation of 2021"], *SHEETS])
    book.create_sheet("Notes")
    assert found(contest, book) == [("sheets.xlsx", "no_known_worksheet")]


def test_empty_rows_at_the_end_and_formatted_cells_are_nothing(contest: Path) -> None:
    book = workbook([*SHEETS, [None, " "]])
    book.active["A5000"].font = openpyxl.styles.Font(bold=True)
    assert found(contest, book) == []


# -- files that mean harm -----------------------------------------------------------------------------------------


def _rewritten(path: Path, part: str, data: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | {part: data}).items():
            archive.writestr(name, content)


def test_a_zip_bomb_is_refused_before_it_grows(contest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 2_000_000)
    workbook().save(contest / "sheets.xlsx")
    _rewritten(contest / "sheets.xlsx", "xl/worksheets/sheet1.xml", b" " * 2_000_001)
    assert (contest / "sheets.xlsx").stat().st_size < 20_000
    assert faults(contest) == [("sheets.xlsx", "workbook_too_large")]


def test_entities_in_a_worksheet_are_refused(contest: Path) -> None:
    workbook().save(contest / "sheets.xlsx")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData>&b;</sheetData></worksheet>'
    _rewritten(contest / "sheets.xlsx", "xl/worksheets/sheet1.xml", bomb)
    assert faults(contest) == [("sheets.xlsx", "workbook_unreadable")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("A2000000", ("sheets.xlsx", "table_too_many_rows")),
        ("XFD2", ("sheets.xlsx, row 2", "table_too_many_columns")),
        ("ALM900000", ("sheets.xlsx, row 900000", "table_too_many_columns")),
    ],
)
def test_a_cell_far_away_does_not_fill_the_memory(contest: Path, cell: str, code: tuple[str, str]) -> None:
    workbook().save(contest / "sheets.xlsx")
    rows = f'<row><c r="A1"><v>1</v></c></row><row><c r="{cell}"><v>1</v></c></row>'
    sheet = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
    _rewritten(contest / "sheets.xlsx", "xl/worksheets/sheet1.xml", sheet.encode())
    assert faults(contest) == [code]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 not really", "workbook_unreadable"),
        (b"", "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook_locked"),
    ],
)
def test_what_is_no_workbook(contest: Path, data: bytes, code: str) -> None:
    (contest / "sheets.xlsx").write_bytes(data)
    assert faults(contest) == [("sheets.xlsx", code)]


def test_a_workbook_without_its_parts(contest: Path) -> None:
    with zipfile.ZipFile(contest / "sheets.xlsx", "w") as archive:
        archive.writestr("../../evil.txt", "x")
    assert faults(contest) == [("sheets.xlsx", "workbook_unreadable")]
    assert not (contest.parent.parent / "evil.txt").exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    lay(folder)
    (tmp_path / "elsewhere.csv").write_text(TABLES["sheets"], "utf-8")
    (folder / "sheets.csv").unlink()
    (folder / "sheets.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert faults(folder) == [("sheets.csv", "file_is_link"), ("sheets.csv", "table_missing")]
    (folder / "call.yaml").unlink()
    (folder / "call.yaml").symlink_to(tmp_path / "elsewhere.csv")
    assert faults(folder) == [("call.yaml", "file_is_link")]
    with pytest.raises(Malformed):
        read_table(folder / "sheets.csv")


def test_a_huge_header_is_told_in_a_few_words(tmp_path: Path) -> None:
    lay(tmp_path)
    edit(tmp_path, "sheets", ",comment\n", ",comment," + "c" * 100_000 + "\n")
    ((at, code),) = faults(tmp_path)
    assert code == "column_unknown"
    assert len(at) < 200


def test_an_archive_that_lies_about_its_size_cannot_pass_on_more(contest: Path) -> None:
    """The directory of the archive says 10 bytes, the worksheet has more: what is handed on is what was counted."""
    workbook().save(contest / "sheets.xlsx")
    with zipfile.ZipFile(contest / "sheets.xlsx") as archive:
        true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    data = (contest / "sheets.xlsx").read_bytes()
    assert data.count(true_size) >= 1
    (contest / "sheets.xlsx").write_bytes(data.replace(true_size, (10).to_bytes(4, "little")))
    assert faults(contest) == [("sheets.xlsx", "workbook_unreadable")]


def test_damaged_workbooks_end_in_a_named_fault(contest: Path) -> None:
    workbook().save(contest / "sheets.xlsx")
    good = (contest / "sheets.xlsx").read_bytes()
    random = Random(1)
    for _ in range(150):
        data = bytearray(good)
        for _ in range(random.randint(1, 20)):
            data[random.randrange(len(data))] = random.randrange(256)
        (contest / "sheets.xlsx").write_bytes(data)
        faults(contest)  # anything but `Malformed` would pass through


@pytest.mark.parametrize("encoding", ["UTF-6", "utf-16", "cp949"])
def test_a_worksheet_in_a_strange_encoding(contest: Path, encoding: str) -> None:
    workbook().save(contest / "sheets.xlsx")
    sheet = f'<?xml version="1.0" encoding="{encoding}"?><worksheet><sheetData/></worksheet>'
    _rewritten(contest / "sheets.xlsx", "xl/worksheets/sheet1.xml", sheet.encode())
    assert {at for at, _ in faults(contest)} == {"sheets.xlsx"}
