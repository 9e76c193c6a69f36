"""What somebody takes along: all that the person reads and nothing else, in every form; for a day; in the journal."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import unicodedata
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from madang.apps.accounts.commands import actor_of, end_role
from madang.apps.accounts.models import Grant
from madang.apps.applications import commands, queries, tasks
from madang.apps.applications.models import Application, Dossier, Export, ReceivedFile
from madang.apps.calls.models import Call
from madang.kernel import clock, files, spool
from madang.kernel.actors import OFFICE
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from madang.papers.exporting import Paths, safe_part
from tests.factories.applications import application, case
from tests.factories.calls import published
from tests.factories.enquiries import call_with_desks
from tests.factories.filing import FilingWorld
from tests.factories.imports import PDF, as_csv, handed_in, row, sheet, taken_in, zipped
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def taken(someone: Any, call: Call, form: str, q: str = "") -> bytes:
    export = commands.ask_export(actor=actor_of(someone), call=call, form=form, q=q)
    export = commands.make_export(export)
    assert export.state == "ready", export.reasons
    content = spool.path_of(export.uid).read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (export.sha256, export.size_bytes)
    return content


def numbers(form: str, content: bytes) -> list[str]:
    """The references in an export of any form."""
    if form == "csv":
        return [line["application"] for line in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
    if form == "json":
        return [one["id"] for one in json.loads(content)["applications"]]
    if form == "xlsx":
        page = openpyxl.load_workbook(io.BytesIO(content))["applications"]
        return [str(line[0]) for line in page.iter_rows(min_row=2, values_only=True)]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return numbers("csv", archive.read("applications.csv"))


@pytest.fixture
def call():
    """A call of two desks: plans (odd) of the northern office, trials (even) of the southern one."""
    call = call_with_desks(opens="2022-01-03", closes="2022-02-04 18:00")
    officer = actor_of(person("officer", role="officer"))
    bundle = {"applications.xlsx": sheet(*(row(n) for n in range(1, 7)))} | {
        f"A{n}/plan.pdf": PDF + f"secret {n}".encode() for n in range(1, 7)
    }
    taken_in(call, zipped(bundle), "all.zip", officer)
    return call


@pytest.mark.parametrize("form", commands.EXPORT_FORMS)
@pytest.mark.parametrize(
    ("role", "secretariat", "expected"),
    [
        ("secretariat", "north", ["A1", "A3", "A5"]), ("secretariat", "south", ["A2", "A4", "A6"]),
        ("officer", "", ["A1", "A2", "A3", "A4", "A5", "A6"]), ("auditor", "", ["A1", "A2", "A3", "A4", "A5", "A6"]),
    ],
)  # fmt: skip
def test_each_one_gets_what_each_one_reads_and_not_a_word_more(call, form, role, secretariat, expected):
    someone = person("someone", role=role, programme="sample-programme", secretariat=secretariat)
    content = taken(someone, call, form)
    assert numbers(form, content) == expected
    others = {"A1", "A2", "A3", "A4", "A5", "A6"} - set(expected)
    everything = [content]
    if form in ("zip", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            everything += [archive.read(name) for name in archive.namelist()] + [
                name.encode() for name in archive.namelist()
            ]
    for other in others:
        number = other.removeprefix("A")
        for text in (f"City of Aram {number}", f"secret {number}", f"files/{other}"):
            assert not any(text.encode() in one for one in everything)


def test_who_has_no_desk_takes_nothing(call):
    for other in (
        person("other", role="secretariat", programme="another-programme"),
        person("applicant"), person("evaluator", role="evaluator"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            commands.ask_export(actor=actor_of(other), call=call, form="csv")
        assert [one.code for one in refused.value.reasons] == ["not_permitted"]


def test_rights_are_those_of_the_moment_at_which_it_is_made(call):
    north = person("north", role="secretariat", programme="sample-programme", secretariat="north")
    export = commands.ask_export(actor=actor_of(north), call=call, form="csv")
    end_role(actor=OFFICE, grant=Grant.objects.get(person=north))
    export = Export.objects.get(pk=export.pk)
    assert commands.make_export(export).state == "failed"
    assert spool.uids() == []
    assert queries.export_of(Export.objects.get().by, export.uid) is None


def test_it_is_in_the_journal_by_counts_and_hash_and_gone_after_a_day(call, django_capture_on_commit_callbacks):
    officer = person("dami", role="officer")
    content = taken(officer, call, "zip", q="Aram 3")
    entry = JournalEntry.objects.get(command="applications.export_applications")
    told = entry.details
    assert (told["applications"], told["files"], told["form"]) == (1, 1, "zip")
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert entry.actor_id == officer.uid
    assert "Aram" not in entry.payload
    assert tasks.end_exports() == 0
    with clock.at(clock.now() + dt.timedelta(days=1, minutes=1)), django_capture_on_commit_callbacks(execute=True):
        assert tasks.end_exports() == 1
    assert (Export.objects.get().state, spool.uids()) == ("expired", [])


def test_formulas_in_cells_stay_text(call):
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\u202e=1"]
    rows = [row(n, application=f"E{n}", applicant=text) for n, text in enumerate(evil)]
    imported = handed_in(call, as_csv(*rows), "evil.csv")
    assert imported.state == "ready", imported.found
    Application.objects.filter(reference="A1").update(
        applicant_name=evil[0], answers={"field": evil[3], "requested": 1}
    )
    officer = person("dami", role="officer")
    content = taken(officer, call, "csv").decode("utf-8-sig")
    assert not re.search(r'(^|[,"])[=+@]', content, re.MULTILINE)
    page = openpyxl.load_workbook(io.BytesIO(taken(officer, call, "xlsx")))["applications"]
    cells = [cell for line in page.iter_rows() for cell in line]
    assert any(cell.value == evil[0] for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n"}  # none is a formula


def test_what_was_taken_along_is_imported_again_as_it_is(call):
    officer = person("dami", role="officer")
    for form, name in (("zip", "back.zip"), ("xlsx", "back.xlsx"), ("csv", "back.csv")):
        imported = handed_in(call, taken(officer, call, form), name, actor_of(officer))
        assert imported.state == "ready", imported.found
        assert (imported.found["counts"]["unchanged"], imported.found["counts"]["rows"]) == (6, 6), form


def test_an_archive_has_names_for_every_system_an_order_and_is_whole(call):
    one = Application.objects.get(reference="A1")
    for name in ("CON.pdf", "con.pdf", "e\u0301.pdf", "x" * 300 + ".pdf", "a\u202eb.pdf", "a:b.pdf", "end. .pdf"):
        kept = files.keep(name.encode())
        ReceivedFile.objects.create(
            application=one, key="", name=name[:255], sha256=kept.sha256, size_bytes=kept.size, format="pdf"
        )
    officer = person("dami", role="officer")
    first, second = taken(officer, call, "zip"), taken(officer, call, "zip")
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        listed = archive.infolist()
    names = [item.filename for item in listed]
    assert len({name.casefold() for name in names}) == len(names)
    for item in listed:
        assert unicodedata.is_normalized("NFC", item.filename)
        assert item.filename.isascii() or item.flag_bits & 0x800
        for part in item.filename.split("/"):
            assert len(part.encode()) <= 255
            assert not re.fullmatch(r"(con|prn|aux|nul)(\..*)?", part, re.IGNORECASE)
            assert not re.search(r'[<>:"|?*\\\x00-\x1f\u202e]|[. ]$', part)
    tables = [name for name in names if "/" not in name]
    assert tables == ["applications.csv", "export.json"]
    assert names[2:] == sorted(names[2:], key=lambda name: name.split("/")[1])
    with zipfile.ZipFile(io.BytesIO(second)) as again:
        assert again.namelist() == names
        assert [item.date_time for item in again.infolist()] == [(1980, 1, 1, 0, 0, 0)] * len(names)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("a/b\\c.pdf", "a_b_c.pdf"), ("", "_"), ("..", "_"), ("NUL", "_NUL"), ("aux.pdf", "_aux.pdf"),
        ("가\u0000나", "가나"),
        ("각.pdf".encode().decode(), "각.pdf"), ("\u1100\u1161\u11a8.pdf", "각.pdf"), (" . x . ", "x"), ("a\nb", "a b"),
    ],
)  # fmt: skip
def test_a_part_of_a_path_is_made_harmless(given, safe):
    assert safe_part(given) == safe


def test_equal_paths_are_numbered_whatever_their_capitals():
    paths = Paths()
    assert [paths.of("f", "A1", name) for name in ("a.pdf", "A.PDF", "a.pdf", "b")] == [
        "f/A1/a.pdf", "f/A1/A (2).PDF", "f/A1/a (3).pdf", "f/A1/b"
    ]  # fmt: skip


def test_what_was_filed_here_goes_along_with_its_files():
    world = FilingWorld()
    world.file()
    number = Application.objects.get().reference
    content = taken(person("dami", role="officer"), world.call, "zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        document = json.loads(archive.read("export.json"))
        [one] = document["applications"]
        assert (document["madang"], document["call"], one["id"]) == ("export-1", world.call.slug, number)
        assert one["files"]
        for file in one["files"]:
            assert hashlib.sha256(archive.read(file["path"])).hexdigest() == file["sha256"]
            assert file["path"].startswith(f"files/{number}/")


def test_it_is_narrowed_as_the_desk_s_list_is(call):
    officer = person("dami", role="officer")
    assert numbers("csv", taken(officer, call, "csv", q="track:trial")) == ["A2", "A4", "A6"]
    assert numbers("csv", taken(officer, call, "csv", q='track:trial -"aram 2"')) == ["A4", "A6"]
    north = person("nari", role="secretariat", programme="sample-programme", secretariat="north")
    assert not queries.exported(north, call, "track:trial").exists()
    assert not queries.exported(officer, call, "no-such-field:x").exists(), "what is not understood takes nothing along"


def test_a_search_narrows_it_and_another_understanding_can_be_put_in(call, monkeypatch):
    officer = person("dami", role="officer")
    assert numbers("csv", taken(officer, call, "csv", q="aram 2")) == ["A2"]
    monkeypatch.setattr(queries, "_narrow", [lambda person, call, rows, q: rows.filter(track=q.partition(":")[2])])
    assert numbers("csv", taken(officer, call, "csv", q="type:trial")) == ["A2", "A4", "A6"]
    assert isinstance(Dossier.objects.first(), Dossier)


def test_nothing_to_take_is_said_and_requests_are_bounded(call):
    officer = actor_of(person("dami", role="officer"))
    empty = commands.ask_export(actor=officer, call=call, form="csv", q="nobody\0 is called so")
    assert commands.make_export(empty).reasons == [["export_is_empty", {}]]
    with pytest.raises(Refused):
        commands.ask_export(actor=officer, call=call, form="exe")
    for _ in range(9):
        commands.ask_export(actor=officer, call=call, form="csv")
    with pytest.raises(Refused) as refused:
        commands.ask_export(actor=officer, call=call, form="csv")
    assert [one.code for one in refused.value.reasons] == ["export_too_many"]
    assert tasks.make_exports() == 9


def test_the_number_of_statements_does_not_grow(django_assert_num_queries):
    officer = person("dami", role="officer")
    for slug, size in (("small-call", 2), ("large-call", 60)):
        call = published(slug)
        commands.receive_from_folder(
            actor=OFFICE, call=call, case=replace(case(), applications=tuple(application(n) for n in range(size)))
        )
        with django_assert_num_queries(2 if slug == "large-call" else 3):
            rows = list(queries.exported(officer, call, ""))
            queries.files_taken_along(rows)
        assert len(rows) == size
