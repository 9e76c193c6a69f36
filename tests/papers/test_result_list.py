"""Lists of what another body found: what is read, and what is named by file, row and column."""

import csv
import datetime as dt
from pathlib import Path

import pytest
import xlsxwriter

from madang.papers.result_list import Listed, read_results
from madang.papers.tables import read_table
from madang.words import LANGUAGES, catalogue, say_fault


def table(folder: Path, *rows: tuple, name: str = "tax.csv"):
    path = folder / name
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet()
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        page.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), day)
                    elif cell is not None:
                        page.write(row, column, cell)
    return read_table(path)


@pytest.mark.parametrize("name", ["tax.csv", "tax.xlsx"])
def test_a_list_in_both_languages_is_read_whole(tmp_path, name):
    found = read_results(
        table(
            tmp_path,
            ("접수번호", "기관명", "사업자등록번호", "조회결과", "기준일", "출처", "비고"),
            ("A1", "", "", "이상 없음", dt.date(2022, 1, 20), "국세청", ""),
            ("", "City of Aram", "", "FOUND", None, "", "3 million"),
            ("", "", "123-45-67890", "미회신", "2022. 1. 21.", "", None),
            name=name,
        )
    )
    assert (found.faults, found.whole, found.remarks) == ((), (), ())
    assert found.rows == (
        Listed(2, "reference", "A1", "clear", dt.date(2022, 1, 20), "국세청"),
        Listed(3, "organisation", "City of Aram", "found", note="3 million"),
        Listed(4, "number", "123-45-67890", "open", dt.date(2022, 1, 21)),
    )


def test_every_planted_fault_is_named_by_file_row_and_column(tmp_path):
    found = read_results(
        table(
            tmp_path,
            ("reference", "result", "as of"),
            ("A1", "clear", "2022-01-20"),
            ("A2", "yes", ""),
            ("A3", "", ""),
            ("", "clear", ""),
            ("A5", "clear", "yesterday"),
            ("A6", "=1+1", "31/31/2022"),
            ("A\u202e7", "clear", ""),
            ("x" * 300, "clear", ""),
        )
    )
    assert [row.key for row in found.rows] == ["A1"]
    assert [(fault.at, fault.code) for _, fault in found.faults] == [
        ("tax.csv, row 3, column result", "list_result_unknown"),
        ("tax.csv, row 4, column result", "list_result_blank"),
        ("tax.csv, row 5, column reference", "list_row_names_nobody"),
        ("tax.csv, row 6, column as of", "not_an_iso_day"),
        ("tax.csv, row 7, column result", "list_result_unknown"),
        ("tax.csv, row 7, column as of", "no_such_day"),
        ("tax.csv, row 8, column reference", "not_an_id"),
        ("tax.csv, row 9, column reference", "not_an_id"),
    ]


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([("result",), ("clear",)], ["list_names_nobody"]),
        ([("reference", "what"), ("A1", "clear")], ["list_without_result"]),
        ([("reference", "접수번호", "result"), ("A1", "A1", "clear")], ["list_column_twice"]),
        ([("reference", "result")], ["list_without_rows"]),
        ([("reference", "result", "result"), ("A1", "clear", "clear")], ["list_column_twice", "header_twice"]),
    ],
)
def test_a_list_that_cannot_be_read_says_why(tmp_path, rows, codes):
    found = read_results(table(tmp_path, *rows))
    assert [fault.code for fault in found.whole] == codes
    assert found.rows == ()
    for fault in found.whole:
        assert fault.code in catalogue()
        assert all("{" not in say_fault(fault, language) for language in LANGUAGES)


def test_a_column_that_is_not_read_is_said(tmp_path):
    found = read_results(table(tmp_path, ("reference", "colour", "result"), ("A1", "red", "clear")))
    assert [(one.code, one.at) for one in found.remarks] == [("list_column_not_read", "tax.csv, row 1, column colour")]
