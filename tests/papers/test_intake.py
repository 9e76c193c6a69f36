"""Tables of others: titles that mean a column, faults by file, row and column, files that find their application."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from madang import words
from madang.core.callspec import parse
from madang.core.deciding.case import Application
from madang.core.reasons import Malformed
from madang.papers.intake.archive import Entry, entries, pack, tables_in
from madang.papers.intake.columns import nearest_column
from madang.papers.intake.comparing import differences, merged
from madang.papers.intake.matching import match, places_of
from madang.papers.intake.reading import Intake, plans_of, read_intake, read_tables, titles_of
from tests.papers.papers_folders import CONTEST, TABLES
from tests.papers.spreadsheets import write
from tests.papers.test_hundred_faults import IN_CSV, IN_WORKBOOKS, plant, rows_of

DEFINITION = parse(CONTEST + "documents:\n  - {id: plan, label: {en: Plan of the project, ko: 사업계획서}}\n")
OURS = ("applications", "members", "rows-goals")
#: What only a decision asks for: an import takes an application in as far as it is filled.
LATER = {"answer_missing"}


def found_in(paths: dict[str, Path], **more: Any) -> list[tuple[str, str]]:
    try:
        read_intake(read_tables(paths, plans_of(DEFINITION)), DEFINITION, sample=True, **more)
    except Malformed as malformed:
        for fault in malformed.faults:
            for language in words.LANGUAGES:
                told = words.say_fault(fault, language)
                assert fault.code not in told
                assert "?" not in told
        return [(fault.at, fault.code) for fault in malformed.faults]
    return []


def laid(folder: Path) -> dict[str, Path]:
    for name in OURS:
        (folder / f"{name}.csv").write_text(TABLES[name], "utf-8")
    return {name: folder / f"{name}.csv" for name in OURS}


def saved(path: Path, rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def at(table: str, cell: str, rows: list[list[Any]], suffix: str) -> str:
    column = str(rows[0][ord(cell[0]) - ord("A")]).partition(" [")[0]
    return f"{table}{suffix}, row {cell[1:]}, column {column}"


def test_the_tables_of_the_tests_are_in_order(tmp_path):
    assert found_in(laid(tmp_path)) == []


@pytest.mark.parametrize(
    ("table", "cell", "value", "code"), [one for one in IN_CSV if one[0] in OURS and one[3] not in LATER]
)
def test_each_fault_in_a_csv_is_named_at_its_cell(tmp_path, table, cell, value, code):
    paths = laid(tmp_path)
    rows = rows_of(table, typed=False)
    plant(rows, cell, value)
    saved(paths[table], rows)
    assert (at(table, cell, rows, ".csv"), code) in found_in(paths)


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
@pytest.mark.parametrize(
    ("table", "cell", "value", "code"), [one for one in IN_WORKBOOKS if one[0] in OURS and one[3] not in LATER]
)
def test_each_fault_in_a_workbook_is_named_at_its_cell(tmp_path, table, cell, value, code, suffix):
    paths = laid(tmp_path)
    rows = rows_of(table, typed=True)
    plant(rows, cell, value)
    paths[table] = tmp_path / f"{table}{suffix}"
    write(paths[table], rows, "ods" if suffix == ".ods" else "excel")
    assert (at(table, cell, rows, suffix), code) in found_in(paths)


#: Column, what is planted in a row of it, the code: by cells that mean the same in text and in a workbook.
KINDS = (
    ("applicant", "", "cell_empty"), ("kind", "village", "not_an_option"), ("track", "demos", "not_an_option"),
    ("country", "KOR", "not_an_iso_country"), ("country", "베트남", "not_an_iso_country"),
    ("received", "4/5/2021", "date_ambiguous"), ("received", "21.4.20", "date_short_year"),
    ("received", "4월 20일", "date_without_year"), ("received", "2021-02-30", "no_such_day"),
    ("received", "2021. 4. 20.(월)", "weekday_differs"), ("received", "2021-04-20 25:00", "not_a_time"),
    ("received", "yesterday", "not_an_iso_moment"), ("name", "A name that is far too long", "too_many_characters"),
    ("mou", "ja", "not_yes_no_here"), ("ratio", "12.5 %", "number_with_percent"),
    ("field", "watr", "not_an_option"), ("topics", "a;a", "option_repeated"),
    ("requested [million]", "300백만원", "money_with_unit"), ("requested [million]", "300 USD", "number_with_unit"),
    ("application", "A\u200b1", "not_an_id"), ("application", "=A1", "id_like_a_formula"),
    ("name", "#N/A", "error_value"),
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_hundred_faults_in_a_hundred_rows_are_all_named(tmp_path, suffix):
    header, first, *_ = rows_of("applications", typed=False)
    rows, expected = [header], []
    for number in range(2, 112):
        row = [*first]
        row[header.index("application")], row[header.index("applicant")] = f"A{number}", f"City {number}"
        row[header.index("mou")], row[header.index("mou_day")] = "no", ""
        row[header.index("requested [million]")], row[header.index("ratio")] = "", ""
        title, value, code = KINDS[number % len(KINDS)]
        row[header.index(title)] = value
        rows.append(row)
        expected.append((f"applications{suffix}, row {number}, column {title.partition(' [')[0]}", code))
    path = tmp_path / f"applications{suffix}"
    if suffix == ".csv":
        saved(path, rows)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([cell or None for cell in row])
            for cell in book.active[book.active.max_row]:
                cell.data_type = "s" if cell.value is not None else "n"  # text, also what looks like a formula
        book.save(path)
    found = found_in({"applications": path})
    assert len(expected) == 110
    assert found == expected


# -- titles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("접수번호", "application"), ("신청서 번호", "application"), ("Application No.", "application"),
        ("신청기관명", "applicant"), ("Applicant's name", "applicant"), ("유형", "track"), ("국가코드", "country"),
        ("Requsted", "requested"), ("Ratoi (%)", "ratio"), ("비고", ""), ("담당자", ""), ("", ""), ("()", ""),
    ],
)  # fmt: skip
def test_the_nearest_column_of_a_title(title, column):
    assert nearest_column(title, plans_of(DEFINITION)["applications"], set()) == column


def test_two_titles_for_one_column_are_a_fault_and_one_left_out_is_none(tmp_path):
    path = tmp_path / "list.csv"
    saved(path, [["No", "Name of it", "Other name", "track"], ["A1", "One", "Two", "plan"]])
    tables = read_tables({"applications": path}, plans_of(DEFINITION))
    assert [one.how for one in titles_of(tables, plans_of(DEFINITION), {})][3] == "own"
    both = {"applications": {"No": "application", "Name of it": "applicant", "Other name": "applicant"}}
    with pytest.raises(Malformed) as caught:
        read_intake(tables, DEFINITION, both, sample=True)
    assert [(fault.at, fault.code) for fault in caught.value.faults] == [
        ("list.csv, row 1, column Other name", "header_twice")
    ]
    both["applications"]["Other name"] = ""
    intake = read_intake(tables, DEFINITION, both, sample=True)
    assert [(one.id, one.applicant) for one in intake.applications] == [("A1", "One")]
    bad = {"applications": {"No": "application", "Name of it": "applicant", "Other name": "country"}}
    with pytest.raises(Malformed) as caught:
        read_intake(tables, DEFINITION, bad, sample=True)
    assert caught.value.faults[0].at == "list.csv, row 2, column Other name"  # as the table itself calls it


# -- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reference", "key"),
    [
        ("A1/plan.pdf", "A1", "documents.plan"),
        ("a1/2. 사업계획서 v3.pdf", "A1", "documents.plan"),
        ("files/A1/anything.pdf", "A1", ""),
        ("A1_plan.pdf", "A1", "documents.plan"),
        ("A1 - Plan of the project (final).pdf", "A1", "documents.plan"),
        ("A1.pdf", "A1", ""),
        ("A10_plan.pdf", "A10", "documents.plan"),
        ("2021-A-3-plan.pdf", "2021-A-3", "documents.plan"),
        ("2021_A_plan.pdf", "2021-A", "documents.plan"),
        ("plan.pdf", "", ""),
        ("A11_plan.pdf", "", ""),
        ("A3/plan.pdf", "", ""),
    ],
)
def test_a_file_finds_its_application_by_its_name(path, reference, key):
    one = Entry(tuple(path.split("/")), 1, 0)
    matched, left = match([one], ["A1", "A10", "2021-A", "2021-A-3"], places_of(DEFINITION))
    assert [(found.application, found.key) for found in matched] == ([(reference, key)] if reference else [])
    assert bool(left) is not bool(reference)


def test_what_systems_leave_in_archives_is_passed_over_and_names_are_composed():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (
            "x/applications.csv",
            "x/.DS_Store",
            "__MACOSX/x/a",
            "x/~$applications.xlsx",
            "x/A1/계획.pdf",
            "x/A1/",
        ):
            archive.writestr(name, b"")
    with zipfile.ZipFile(out) as archive:
        found = entries(archive)
    assert [one.path for one in found] == ["A1/계획.pdf", "applications.csv"]
    assert tables_in(found, plans_of(DEFINITION))["applications"].path == "applications.csv"


def test_packing_the_same_files_gives_the_same_bytes():
    made = []
    for _ in range(2):
        out = io.BytesIO()
        pack([("applications.csv", io.BytesIO(b"x")), ("A1/b.pdf", io.BytesIO(b"y" * 300_000))], out)
        made.append(out.getvalue())
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        assert archive.testzip() is None


# -- what differs -------------------------------------------------------------------------------------------------


def test_what_was_not_handed_in_stays_and_what_was_left_blank_goes():
    held = Application(
        "A1", "One", country="XA", track="plan", answers={"name": "N", "goals": [{"goal": "g"}]},
        members=({"role": "partner", "name": "P"},),
    )  # fmt: skip
    given = Application("A1", "One", track="plan", answers={"name": "M"})
    intake = Intake((given,), {"applications": frozenset({"application", "applicant", "name", "country"})}, {"A1": 2})
    after = merged(held, given, intake, DEFINITION)
    assert after.answers == {"name": "M", "goals": [{"goal": "g"}]}
    assert (after.country, after.members) == ("", held.members)
    assert differences(held, after) == ["country", "name"]
    assert differences(held, held) == []
