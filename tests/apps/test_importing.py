"""Applications that came outside: handed in, previewed, taken in as one batch, taken out again."""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, queries, tasks
from madang.apps.applications.models import Application, BatchSource, Import, ReceivedFile, ReceptionBatch
from madang.kernel import clock, files, spool
from madang.kernel.actors import OFFICE
from madang.kernel.commands import Refused
from madang.kernel.journal import JournalEntry
from tests.factories.calls import published
from tests.factories.enquiries import call_with_desks
from tests.factories.filing import FilingWorld
from tests.factories.imports import HEADER, PDF, as_csv, confirmed, handed_in, row, sheet, taken_in, worked, zipped
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def references(call: Any) -> list[str]:
    return [one.id for one in queries.reception(call).applications]


def codes(imported: Import) -> list[str]:
    return [code for code, *_ in imported.found.get("faults", [])] + [code for code, _ in imported.reasons]


def test_a_sheet_is_previewed_then_taken_in_with_its_original():
    call, content = published(), sheet(row(1), row(2), row(3, country="XB"))
    imported = handed_in(call, content)
    assert imported.state == "ready", (imported.found, imported.reasons)
    counts = imported.found["counts"]
    assert (counts["rows"], counts["new"], counts["unchanged"]) == (3, 3, 0)
    totals = imported.found["totals"]
    assert (totals["cases"], totals["countries"]) == ([0, 3], [0, 2])
    assert totals["by_type"] == [["plan", 0, 2], ["trial", 0, 1]]
    assert not Application.objects.exists()
    done = confirmed(imported)
    assert (done.state, references(call)) == ("done", ["A1", "A2", "A3"])
    origin = BatchSource.objects.get()
    assert files.read(origin.sha256) == content
    assert done.batch.note == {"en": "From the agency's mailbox"}
    assert spool.uids() == []
    entry = JournalEntry.objects.get(command="applications.receive_import")
    assert entry.details["applications"] == 3
    assert "Aram" not in entry.payload


def test_the_same_file_again_changes_nothing_and_says_so():
    call, content = published(), sheet(row(1), row(2))
    taken_in(call, content)
    again = handed_in(call, content)
    assert again.found["counts"] == dict.fromkeys(again.found["counts"], 0) | {"rows": 2, "unchanged": 2}
    with pytest.raises(Refused) as refused:
        confirmed(again)
    assert [one.code for one in refused.value.reasons] == ["import_changes_nothing"]
    assert ReceptionBatch.objects.count() == 1


def test_what_changed_takes_the_place_of_what_was_and_undoing_brings_it_back():
    call = published()
    taken_in(call, sheet(row(1), row(2)))
    second = handed_in(call, sheet(row(1, applicant="City of Borim"), row(2), row(3)))
    assert second.found["changed"] == [["A1", "City of Borim", 2, ["applicant"]]]
    assert (second.found["counts"]["new"], second.found["counts"]["unchanged"]) == (1, 1)
    batch = confirmed(second).batch
    assert Application.objects.get(reference="A1", undone_at=None).applicant_name == "City of Borim"
    commands.undo_batch(actor=OFFICE, batch=batch, reason="wrong list")
    standing = Application.objects.filter(undone_at=None).order_by("reference")
    assert [(one.reference, one.applicant_name) for one in standing] == [
        ("A1", "City of Aram 1"), ("A2", "City of Aram 2")
    ]  # fmt: skip


def test_every_earlier_day_is_counted_as_it_was_after_changes_and_undoing():
    call = published()
    first = taken_in(call, sheet(row(1), row(2))).batch
    second = taken_in(call, sheet(row(1, country="XB"), row(3))).batch
    commands.undo_batch(actor=OFFICE, batch=second, reason="wrong list")
    second.refresh_from_db()

    def at(moment: Any) -> list[tuple[str, str]]:
        return sorted((one.id, one.country) for one in queries.reception(call, known_at=moment).applications)

    assert at(first.imported_at) == [("A1", "XA"), ("A2", "XA")]
    assert at(second.imported_at) == [("A1", "XB"), ("A2", "XA"), ("A3", "XA")]
    assert at(second.undone_at) == at(None) == [("A1", "XA"), ("A2", "XA")]


def test_undoing_goes_back_to_the_last_batch_that_stands():
    call = published()
    for name in ("One", "Two", "Three"):
        taken_in(call, sheet(row(1, applicant=name)))
    _, second, third = ReceptionBatch.objects.order_by("pk")
    commands.undo_batch(actor=OFFICE, batch=second, reason="wrong")
    assert Application.objects.get(undone_at=None).applicant_name == "Three"
    commands.undo_batch(actor=OFFICE, batch=third, reason="wrong too")
    assert Application.objects.get(undone_at=None).applicant_name == "One"


def test_what_a_sheet_does_not_speak_of_stays():
    call = published()
    taken_in(call, sheet(row(1)))
    short = sheet(["A1", "City of Borim"], header=["application", "applicant"])
    imported = handed_in(call, short)
    # `track` is asked of everybody where a call has several types
    assert codes(imported) == ["column_missing"]
    fine = sheet(["A1", "City of Borim", "plan"], header=["application", "applicant", "track"])
    taken_in(call, fine)
    now = Application.objects.get(undone_at=None)
    assert (now.applicant_name, now.country, now.answers["requested"]) == ("City of Borim", "XA", 300_000_000)
    blank = sheet(["A1", "City of Borim", "plan", None], header=["application", "applicant", "track", "country"])
    taken_in(call, blank)
    assert Application.objects.get(undone_at=None).country == ""


def test_unknown_titles_are_asked_with_the_nearest_and_remembered_for_the_call():
    call = published()
    header = ["접수번호", "기관명", "기관 유형", "유형", "국가코드", "접수일", "분야", "신청금액(백만원)", "비고"]
    content = as_csv(*([*row(n), "-"] for n in (1, 2)), header=header, encoding="cp949")
    imported = handed_in(call, content, "접수목록.csv")
    assert imported.state == "asks"
    proposed = {one["title"]: one["column"] or one["near"] for one in imported.found["columns"]}
    assert proposed == {
        "접수번호": "application", "기관명": "applicant", "기관 유형": "kind", "유형": "track", "국가코드": "country",
        "접수일": "received", "분야": "field", "신청금액(백만원)": "requested", "비고": "",
    }  # fmt: skip
    commands.choose_import_columns(actor=OFFICE, imported=imported, chosen={"applications": proposed})
    imported = worked(imported)
    assert imported.state == "ready", imported.found
    assert [code for code, *_ in imported.found["remarks"]] == ["read_as_cp949"]
    confirmed(imported)
    assert Application.objects.filter(undone_at=None)[0].answers["requested"] == 300_000_000
    assert handed_in(call, content, "접수목록.csv").found["counts"]["unchanged"] == 2


def test_a_unit_that_nobody_knows_is_never_taken_for_won():
    call = published()
    header = [*HEADER[:-1], "신청금액(만원)"]
    imported = handed_in(call, sheet(row(1), header=header))
    commands.choose_import_columns(
        actor=OFFICE, imported=imported, chosen={"applications": {"신청금액(만원)": "requested"}}
    )
    assert codes(worked(imported)) == ["unit_unknown"]


def test_files_find_their_applications_by_name_and_are_kept():
    call = published()
    members = {
        "bundle/applications.xlsx": sheet(row(1), row(2)),
        "bundle/A1/Plan of the city.pdf": PDF,
        "bundle/files/A2_plan.pdf": PDF + b"2",
        "bundle/A2 notes.txt": b"hello",
        "bundle/other.pdf": PDF,
        "__MACOSX/._x": b"x",
    }
    imported = handed_in(call, zipped(members), "bundle.zip")
    assert imported.state == "ready", imported.found
    assert [path for path, *_ in imported.found["files"]] == ["A1/Plan of the city.pdf", "files/A2_plan.pdf"]
    assert imported.found["left"] == ["A2 notes.txt", "other.pdf"]
    confirmed(imported)
    held = {one.application.reference: one for one in ReceivedFile.objects.all()}
    assert files.read(held["A2"].sha256) == PDF + b"2"
    again = handed_in(call, zipped(members), "bundle.zip")
    assert (again.found["counts"]["unchanged"], again.found["counts"]["changed"]) == (2, 0)
    more = zipped({"applications.xlsx": sheet(row(1), row(2)), "A1/letter.pdf": PDF + b"3"})
    assert handed_in(call, more, "more.zip").found["changed"][0][3] == ["files"]
    taken_in(call, more, "more.zip")
    now = ReceivedFile.objects.filter(application__reference="A1", application__undone_at=None)
    assert sorted(one.name for one in now) == ["Plan of the city.pdf", "letter.pdf"]
    last = ReceptionBatch.objects.latest("pk")
    commands.undo_batch(actor=OFFICE, batch=last, reason="x")
    now = ReceivedFile.objects.filter(application__reference="A1", application__undone_at=None)
    assert [one.name for one in now] == ["Plan of the city.pdf"]


def test_names_of_a_korean_windows_archive_are_read():
    call = published()
    imported = handed_in(call, cp949_zip({"신청서.xlsx": sheet(row(1)), "A1/계획서.pdf": PDF}), "자료.zip")
    assert imported.state == "ready", imported.found
    assert imported.found["files"][0][0] == "A1/계획서.pdf"


class _Cp949(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp949"), self.flag_bits & ~0x800


def cp949_zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(_Cp949(name), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"a.xlsx": b"", "b.csv": b"x"}, "intake_which_table"),
        ({"readme.pdf": PDF}, "intake_no_table"),
        ({"applications.csv": b"application,applicant,track\nA1,x,plan\n", "../out.pdf": PDF}, "file_zip_paths"),
        ({"applications.csv": b"application,applicant,track\nA1,x,plan\n", "A1/x.exe": b"MZ"}, "file_holds_program"),
        (
            {"applications.csv": b"application,applicant,track\nA1,x,plan\n", "A1/x.pdf": b"%PDF-1.7 cut"},
            "file_damaged",
        ),
        ({"applications.csv": b"a\0b"}, "nul_byte"),
        ({"applications.csv": b"", "applications.xlsx": b""}, "table_twice"),
    ],
)
def test_what_must_not_come_in_is_named(members, code):
    assert codes(handed_in(published(), zipped(members), "x.zip")) == [code]


def test_a_bomb_is_refused():
    bomb = zipped({"applications.csv": b"application,applicant,track\nA1,x,plan\n", "A1/x.pdf": b"0" * (300 * 1024**2)})
    assert codes(handed_in(published(), bomb, "x.zip")) == ["file_zip_large"]


def test_a_secretariat_imports_its_own_types_and_no_others():
    call = call_with_desks(opens="2022-01-03", closes="2022-02-04 18:00")
    north = actor_of(person("north", role="secretariat", programme="sample-programme", secretariat="north"))
    mixed = handed_in(call, sheet(row(1), row(2)), actor=north)
    assert (mixed.state, codes(mixed)) == ("faulty", ["import_type_of_others"])
    batch = taken_in(call, sheet(row(1), row(3)), actor=north).batch
    other = actor_of(person("other", role="secretariat", programme="another-programme"))
    for attempt in (
        lambda: handed_in(call, sheet(row(5)), actor=other),
        lambda: commands.undo_batch(actor=other, batch=batch, reason="x"),
        lambda: commands.drop_import(actor=other, imported=mixed),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert [one.code for one in refused.value.reasons] == ["not_permitted"]
    commands.undo_batch(actor=north, batch=batch, reason="x")
    assert references(call) == []


def test_two_previews_of_the_same_applications_cannot_both_come_in():
    call = published()
    first, second = handed_in(call, sheet(row(1))), handed_in(call, sheet(row(1, applicant="City of Borim")))
    confirmed(first)
    late = confirmed(second)
    assert (late.state, codes(late)) == ("waiting", ["import_base_changed"])
    assert ReceptionBatch.objects.count() == 1
    again = worked(late)
    assert (again.state, again.found["counts"]["changed"], codes(again)) == ("ready", 1, ["import_base_changed"])


def test_what_was_filed_here_is_never_overwritten():
    world = FilingWorld()
    filing = world.file()
    filed = Application.objects.get(filing=filing)
    header = ["application", "applicant", "track"]
    rows = [[filed.reference, "Somebody", filed.track], ["X-1", filed.applicant_name, filed.track]]
    imported = handed_in(world.call, sheet(*rows, header=header))
    counts = imported.found["counts"]
    assert (counts["conflicts"], counts["new"], counts["alike"]) == (1, 1, 1)
    assert imported.found["alike"][0][-1] == filed.reference
    confirmed(imported)
    filed.refresh_from_db()
    assert (filed.undone_at, filed.applicant_name) == (None, "City of Aram")


def test_what_nobody_confirms_is_dropped_after_a_day(django_capture_on_commit_callbacks):
    imported = handed_in(published(), sheet(row(1)))
    assert tasks.end_imports() == 0
    later = clock.now() + dt.timedelta(days=1, minutes=1)
    with clock.at(later), django_capture_on_commit_callbacks(execute=True):
        assert tasks.end_imports() == 1
    imported.refresh_from_db()
    assert (imported.state, imported.found, spool.uids()) == ("dropped", {}, [])
