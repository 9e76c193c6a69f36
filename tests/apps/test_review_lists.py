"""Lists of what other bodies found: what one would do to the applications of a desk, before anything is stored."""

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from madang.apps.accounts.commands import actor_of
from madang.apps.directory import commands as directory
from madang.apps.review.commands import (
    SheetFile,
    enter_result,
    import_results,
    keep_sheet,
    open_sheet,
    pass_review,
)
from madang.apps.review.models import OutsideResult
from madang.apps.review.queries import Preview, preview
from madang.core.reasons import Malformed
from madang.kernel.actors import OFFICE
from madang.kernel.commands import Refused
from madang.words import LANGUAGES, say_fault
from tests.factories.review import filed, made_clean, received, review_call, said, secretary

pytestmark = pytest.mark.django_db


def sheet(*rows: tuple[Any, ...], name: str = "tax.csv") -> SheetFile:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return keep_sheet(name, io.BytesIO(out.getvalue().encode()))


def seen(person: Any, call: Any, *rows: tuple[Any, ...], check: str = "tax") -> Preview:
    table = open_sheet(sheet(*rows))
    return preview(person, call, check, table, source="National tax office", on=dt.date(2022, 1, 20))


def told(found: Preview) -> list[tuple[str, str]]:
    for fault in (*found.faults, *found.remarks):
        for language in LANGUAGES:
            assert "{" not in say_fault(fault, language)
            assert fault.code not in say_fault(fault, language)
    return [(fault.at, fault.code) for fault in found.faults]


def test_a_preview_says_what_would_change_and_stores_nothing():
    call, first = review_call(), secretary("first")
    one, two, three = received(call, 1, 3, 5)
    enter_result(actor=actor_of(first), dossier=one, check="tax", said=said())
    enter_result(actor=actor_of(first), dossier=two, check="tax", said=said())
    found = seen(
        first, call, ("reference", "result", "note"), ("A1", "clear", ""), ("A3", "found", "3m"), ("A5", "open", "")
    )
    assert [(one.row, one.kind, one.said.result) for one in found.changes] == [
        (2, "same", "clear"), (3, "change", "found"), (4, "new", "open")
    ]  # fmt: skip
    assert OutsideResult.objects.count() == 2
    results = [(change.review.dossier, change.said) for change in found.news]
    assert import_results(actor=actor_of(first), call=call, check="tax", results=results, sheet_sha256="a" * 64) == 2
    again = seen(
        first, call, ("reference", "result", "note"), ("A1", "clear", ""), ("A3", "found", "3m"), ("A5", "open", "")
    )
    assert (again.news, len(again.changes)) == ((), 3)
    assert three.outside_results.get().sheet_sha256 == "a" * 64


def test_every_planted_fault_is_named_and_its_line_left_out():
    call, first, second = review_call(), secretary("first"), secretary("second")
    _one, _two, passed = received(call, 1, 3, 5)
    received(call, 7, applicant="Twin", organisation="twin-1")
    received(call, 9, applicant="Twin", organisation="twin-2")
    received(call, 2, track="trial")
    made_clean(passed, first, second)
    pass_review(actor=actor_of(first), dossier=passed)
    found = seen(
        first,
        call,
        ("reference", "organisation", "result", "as of", "note"),
        ("A1", "", "clear", "", ""),
        ("A2", "", "clear", "", ""),
        ("A99", "", "clear", "", ""),
        ("A3", "", "clear", "", ""),
        ("A3", "", "found", "", ""),
        ("A5", "", "found", "", ""),
        ("", "Nobody", "clear", "", ""),
        ("", "Twin", "clear", "", ""),
        ("A7", "", "clear", "2999-01-01", ""),
        ("A9", "", "clear", "", "a\u202eb"),
        ("A1", "", "clear", "", ""),
        ("A7", "", "yes", "", ""),
    )
    assert [(one.row, one.review.dossier.reference) for one in found.changes] == [(2, "A1")]
    assert told(found) == [
        ("tax.csv, row 3, column reference", "list_reference_unknown"),
        ("tax.csv, row 4, column reference", "list_reference_unknown"),
        ("tax.csv, row 5, column result", "list_rows_contradict_later"),
        ("tax.csv, row 6, column result", "list_rows_contradict"),
        ("tax.csv, row 7, column reference", "review_is_passed"),
        ("tax.csv, row 8, column organisation", "list_organisation_unknown"),
        ("tax.csv, row 9, column organisation", "list_organisation_ambiguous"),
        ("tax.csv, row 10, column as of", "review_day_ahead"),
        ("tax.csv, row 11, column note", "words_turn_direction"),
        ("tax.csv, row 13, column result", "list_result_unknown"),
    ]
    assert [(one.at, one.code) for one in found.remarks] == [("tax.csv, row 12, column reference", "list_row_twice")]


def test_an_organisation_is_found_by_its_number_a_former_name_and_through_a_merge():
    call, first = review_call(), secretary("first")
    _, dossier = filed(call, "City of Aram")
    aram = dossier.applications.get().filing.draft.organisation
    directory.add_number(actor=OFFICE, organisation=aram, scheme="other", number="AR-77")
    aram.former_names.create(name="Old Aram Town")
    for column, key in (
        ("organisation", "city of  ARAM"),
        ("organisation", "Old Aram Town"),
        ("register number", "ar 77"),
    ):
        found = seen(first, call, (column, "result"), (key, "clear"))
        assert [one.review.dossier for one in found.changes] == [dossier], (column, key, found.faults)
    found = seen(first, call, ("register number", "result"), ("AR-78", "clear"))
    assert told(found) == [("tax.csv, row 2, column register number", "list_number_unknown")]


def test_one_answer_about_an_organisation_counts_for_all_of_its_applications():
    call, first = review_call(), secretary("first")
    received(call, 1, 3, organisation="aram", applicant="Aram")
    found = seen(first, call, ("organisation", "result"), ("Aram", "found"))
    assert [one.review.dossier.reference for one in found.changes] == ["A1", "A3"]


def test_a_check_that_does_not_apply_or_does_not_exist_takes_nothing():
    call, first = review_call(), secretary("first")
    received(call, 1)
    found = seen(first, call, ("reference", "result"), ("A1", "clear"), check="nothing")
    assert told(found) == [("tax.csv, row 2, column reference", "list_check_not_asked")]


def test_cells_that_a_spreadsheet_would_run_are_text():
    call, first = review_call(), secretary("first")
    received(call, 1)
    found = seen(first, call, ("reference", "result", "note"), ("A1", "found", '=HYPERLINK("http://x")'))
    [change] = found.changes
    assert change.said.note == '=HYPERLINK("http://x")'
    found = seen(first, call, ("reference", "result"), ("=cmd|' /C calc'!A0", "clear"))
    assert told(found) == [("tax.csv, row 2, column reference", "list_reference_unknown")]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "draft_file_empty"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "list_is_no_table"),
        ("a.csv", b"%PDF-1.7\n%%EOF\n", "list_is_no_table"),
        ("a.csv", b"x" * (11 * 1024 * 1024), "form_file_too_large"),
    ],
)
def test_what_is_no_list_is_refused(name, content, code):
    with pytest.raises(Refused) as caught:
        keep_sheet(name, io.BytesIO(content))
    assert [reason.code for reason in caught.value.reasons] == [code]


def test_a_list_with_a_nul_is_refused_with_its_place():
    kept = keep_sheet("..\\..\\tax\u202e.csv", io.BytesIO(b"reference,result\nA1,cle\0ar\n"))
    assert kept.name == "tax.csv"
    with pytest.raises(Malformed) as caught:
        open_sheet(kept)
    assert [(fault.code, fault.at) for fault in caught.value.faults] == [("nul_byte", "tax.csv, row 2, column result")]


def test_a_workbook_names_its_cells_too(tmp_path: Path):
    path = tmp_path / "answers.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Tax")
        for row, cells in enumerate((("접수번호", "결과"), ("A1", "해당 없음"), ("A2", "글쎄"))):
            page.write_row(row, 0, cells)
    call, first = review_call(), secretary("first")
    received(call, 1)
    with path.open("rb") as file:
        table = open_sheet(keep_sheet(path.name, file))
    found = preview(first, call, "tax", table, source="국세청", on=dt.date(2022, 1, 20))
    assert [one.said.result for one in found.changes] == ["clear"]
    assert told(found) == [("answers.xlsx, row 3, column 결과", "list_result_unknown")]
