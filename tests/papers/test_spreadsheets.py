"""Whatever program saved a table, it is read as what its author sees, and so by readers we did not write."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine

from madang.core.reasons import Malformed
from madang.papers.folder import read
from madang.papers.tables import Percent, read_table
from tests.papers.papers_folders import STAGE_TABLES, STAGES, TABLES, faults, lay
from tests.papers.spreadsheets import DIALECTS, Formula, Grid, Styled, write

HEADER = ["application", "evaluator", "need", "plan", "comment"]
SHEETS: list[list[Any]] = [HEADER, ["A1", "E1", 80, 74.5, "good"], ["A1", "E2", 70, 60], ["A2", "E1", 55, 100]]
RECEIVED = dt.datetime(2021, 3, 1, 9, 0)  # noqa: DTZ001
MIXED: list[list[Any]] = [
    ["id", "text", "number", "day", "moment", "time", "yes", "formula"],
    ["A1", "예시시 <1> & 2", 80.1, dt.date(2021, 4, 20), RECEIVED, dt.time(18, 30), True, Formula("40*2", 80)],
    ["A2", "a\nb", -3, None, None, None, False, Formula('"x"&"y"', "xy")],
    [None] * 8,
    ["A4", "same", "same", "same", None, None, None, 0.1],
]


def suffix(dialect: str) -> str:
    return ".ods" if dialect == "ods" else ".xlsx"


@pytest.fixture
def contest(tmp_path: Path) -> Path:
    return lay(tmp_path, tables={name: text for name, text in TABLES.items() if name != "sheets"})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_table_reads_alike_whoever_saved_it(contest: Path, dialect: str) -> None:
    path = write(contest / f"sheets{suffix(dialect)}", SHEETS, dialect)
    from_workbook = read(contest).case
    path.unlink()
    (contest / "sheets.csv").write_text(TABLES["sheets"], "utf-8")
    assert read(contest).case == from_workbook


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "bare"])
def test_every_kind_of_cell(tmp_path: Path, dialect: str) -> None:
    table = read_table(write(tmp_path / f"t{suffix(dialect)}", MIXED, dialect))
    assert table.header == tuple(MIXED[0])
    assert [number for number, _ in table.rows] == [2, 3, 5]
    time = dt.time(18, 30)
    assert table.rows[0][1] == ["A1", "예시시 <1> & 2", 80.1, dt.date(2021, 4, 20), RECEIVED, time, True, 80]
    assert table.rows[1][1] == ["A2", "a\nb", -3, None, None, None, False, "xy"]
    assert table.rows[2][1] == ["A4", "same", "same", "same", None, None, None, 0.1]
    (remark,) = table.remarks
    assert (remark.code, remark.params["cells"], remark.params["count"]) == ("formulas_by_value", "H2, H3", 2)


@pytest.mark.parametrize("dialect", ["excel", "libreoffice", "google"])
@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_readers_we_did_not_write_see_the_same(tmp_path: Path, dialect: str) -> None:
    path = write(tmp_path / "t.xlsx", MIXED, dialect)
    ours = [cells for _, cells in read_table(path).rows]
    sheet = python_calamine.load_workbook(str(path)).get_sheet_by_index(0)
    theirs = [[None if cell == "" else cell for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    assert [(row + [None] * 8)[:8] for row in ours] == [theirs[1], theirs[2], theirs[4]]
    rows = openpyxl.load_workbook(path, data_only=True).worksheets[0].iter_rows(min_row=2, max_row=3, max_col=3)
    assert [row[:3] for row in ours[:2]] == [[cell.value for cell in row] for row in rows]


@pytest.mark.parametrize("style", ["day", "korean day", "written day"])
def test_a_day_is_known_by_its_format_also_where_korean_excel_leaves_it_unwritten(tmp_path: Path, style: str) -> None:
    path = write(tmp_path / "t.xlsx", [["on"], [Styled(44306, style)]], "excel")
    assert read_table(path).rows == [(2, [dt.date(2021, 4, 20)])]


def test_the_1904_system_of_the_macintosh(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", [["on"], [dt.date(2021, 4, 20)], [RECEIVED]], "excel", since_1904=True)
    assert read_table(path).rows == [(2, [dt.date(2021, 4, 20)]), (3, [RECEIVED])]


@pytest.mark.parametrize("number", [0.5, 1, 60])
def test_days_before_march_1900_are_no_certain_days(tmp_path: Path, number: float) -> None:
    """Excel counts a 29 February 1900 that never was; a number below stays a number, and a date column asks."""
    path = write(tmp_path / "t.xlsx", [["on"], [Styled(number, "day")]], "excel")
    ((_, (cell,)),) = read_table(path).rows
    assert not isinstance(cell, dt.date)


def test_percent_and_money_formats(tmp_path: Path) -> None:
    cells = [Styled(0.8, "percent"), Styled(4000, "money"), Styled(44306, "General")]
    ((_, found),) = read_table(write(tmp_path / "t.xlsx", [["a", "b", "c"], cells], "excel")).rows
    assert found == [0.8, 4000, 44306]
    assert isinstance(found[0], Percent)
    assert not isinstance(found[1], Percent)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_values_do_not_show_is_told_in_every_dialect(contest: Path, dialect: str) -> None:
    rows = [HEADER, ["A1", "E1", Formula("1/0", error="#DIV/0!"), Formula("1+1"), None], *SHEETS[2:]]
    grid = Grid(rows, merged=["A3:A4"], hidden_rows=[3], hidden_columns=[5])
    write(contest / f"sheets{suffix(dialect)}", [grid], dialect)
    name = f"sheets{suffix(dialect)}"
    found = faults(contest)
    assert (f"{name}, column comment", "hidden_column") in found
    assert (f"{name}, row 2, column need", "formula_error") in found
    assert (f"{name}, row 2, column plan", "formula_without_value") in found
    assert (f"{name}, row 3", "hidden_row") in found
    assert (f"{name}, row 3, column application", "merged_cells") in found
    assert len(found) == 5


@pytest.mark.parametrize("dialect", ["excel", "hancom", "ods"])
def test_several_worksheets(contest: Path, dialect: str) -> None:
    name = f"sheets{suffix(dialect)}"
    other = Grid([["How to fill in"]], title="Read me")
    hidden = Grid(SHEETS, title="Old", visible=False)
    mine = Grid(SHEETS, title="2021")
    write(contest / name, [other, mine, hidden], dialect)
    assert faults(contest) == []
    write(contest / name, [mine, Grid(SHEETS, title="2022")], dialect)
    assert faults(contest) == [(name, "several_worksheets")]
    write(contest / name, [mine, Grid(SHEETS, title="평가표")], dialect)  # the table's own name settles it
    assert faults(contest) == []
    write(contest / name, [other, Grid([["none"]], title="2022")], dialect)
    assert faults(contest) == [(name, "no_known_worksheet")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_header_may_use_the_labels_of_the_call(contest: Path, dialect: str) -> None:
    rows = [["신청번호", "평가위원", "Need", "PLAN", " 의견\u200b "], *SHEETS[1:]]
    write(contest / f"sheets{suffix(dialect)}", rows, dialect)
    assert faults(contest) == []
    assert read(contest).case.sheets[0].comment == "good"


@pytest.mark.parametrize("unit", ["[million]", "(백만원)", "[백만원]", "(단위: 백만원)"])
def test_a_header_may_name_its_unit_as_offices_do(tmp_path: Path, unit: str) -> None:
    lay(tmp_path)
    text = TABLES["applications"].replace("requested [million]", f"Requested {unit}")
    (tmp_path / "applications.csv").write_text(text, "utf-8")
    assert read(tmp_path).case.applications[0].answers["requested"] == 300_000_000


def test_a_title_above_the_header_is_one_fault(contest: Path) -> None:
    write(contest / "sheets.xlsx", [Grid([["2021년 평가표"], [None], *SHEETS], merged=["A1:E1"])], "excel")
    assert faults(contest) == [("sheets.xlsx, row 3", "header_further_down")]
    write(contest / "sheets.xlsx", [Grid([[None], *SHEETS])], "excel")
    assert faults(contest) == [("sheets.xlsx, row 2", "header_further_down")]


# -- csv ----------------------------------------------------------------------------------------------------------

TEXT = "application,applicant\r\nA1,예시시 1\r\nA2,둘째 도시\r\n"


def stages(where: Path, data: bytes) -> Path:
    lay(where, STAGES, STAGE_TABLES)
    (where / "applications.csv").write_bytes(data)
    return where


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp949"),
        TEXT.replace(",", "\t").encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        ("sep=;\r\n" + TEXT.replace(",", ";")).encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.replace("\r\n", ",,\r\n").encode(),
        ("\ufeff" + TEXT).encode("utf-8-sig"),
        TEXT.replace("A1", " A1\u00a0").replace("A2", "\u200bA2").encode(),
    ],
)  # fmt: skip
def test_csv_in_every_hand(tmp_path: Path, data: bytes) -> None:
    found = read(stages(tmp_path, data)).case.applications
    assert [(a.id, a.applicant) for a in found] == [("A1", "예시시 1"), ("A2", "둘째 도시")]


@pytest.mark.parametrize(
    ("data", "at", "code"),
    [
        (TEXT.encode() + "A3,셋째\r\n".encode("cp949"), "row 4, column applicant", "encoding_mixed"),
        ("application,applicant\nA1,Café olé\n".encode("latin-1"), "row 2, column applicant", "encoding_unknown"),
        ("application,applicant\nA1,東京\n".encode("shift-jis"), "row 2, column applicant", "encoding_unknown"),
        (b'sep=;\napplication;applicant\n"A\n1";x\nA2;\xff\xff\n', "row 3, column applicant", "encoding_unknown"),
    ],
)  # fmt: skip
def test_characters_that_would_be_read_wrongly_are_refused_at_their_cell(
    tmp_path: Path, data: bytes, at: str, code: str
) -> None:
    assert faults(stages(tmp_path, data)) == [(f"applications.csv, {at}", code)]


def test_the_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    data = b"sep=;\r\napplication;applicant\r\nA1;\r\n"
    assert faults(stages(tmp_path, data)) == [("applications.csv, row 2, column applicant", "cell_empty")]


@pytest.mark.parametrize(
    "name", ["sheets.xls", "sheets.xlsm", "sheets.xlsb", "sheets.cell", "sheets.numbers", "sheets.tsv"]
)
def test_other_formats_are_refused_with_how_to_save_instead(contest: Path, name: str) -> None:
    (contest / name).write_bytes(b"\xd0\xcf\x11\xe0")
    assert faults(contest)[0] == (name, "table_format_unknown")


def test_an_old_workbook_under_a_new_name(contest: Path) -> None:
    """Hancom's Cell may save the old format under `.xlsx`."""
    (contest / "sheets.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert faults(contest) == [("sheets.xlsx", "workbook_locked")]


def test_an_ods_behind_a_password(contest: Path) -> None:
    path = write(contest / "sheets.ods", SHEETS, "ods")
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", '<!DOCTYPE manifest><m:a xmlns:m="m"><m:encryption-data/></m:a>')
    assert faults(contest) == [("sheets.ods", "workbook_locked")]
    with pytest.raises(Malformed):
        read_table(path)
