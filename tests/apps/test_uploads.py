"""Files that come in pieces, by their commands: limits, the end, giving up, clearing away."""

import hashlib
import io
import os
from typing import Any

import pytest

from madang.apps.applications.commands import (
    UPLOAD_GOOD_FOR,
    attach_file,
    end_upload,
    expire_upload,
    finish_upload,
    give_up_upload,
    receive_piece,
    remove_file,
    start_upload,
)
from madang.apps.applications.commands import uploads as module
from madang.apps.applications.models import Upload
from madang.apps.applications.tasks import end_uploads
from madang.kernel import clock, files, spool
from madang.kernel.actors import SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.models import JournalEntry
from tests.factories.drafts import World

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def world() -> World:
    return World()


def begun(world: World, size: int = len(PDF), **more: Any) -> Upload:
    given = {"actor": world.first, "draft": world.draft, "key": "documents.letter", "name": "편지.pdf", **more}
    upload: Upload = start_upload(size=size, **given)
    return upload


def piece(world: World, upload: Upload, content: bytes, at: int, **more: Any) -> int:
    given = {"actor": world.first, "count": len(content), "total": upload.size_bytes, **more}
    return receive_piece(upload=upload, at=at, content=io.BytesIO(content), **given)


def refusal(act: Any, *given: Any, **more: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        act(*given, **more)
    return [reason.code for reason in refused.value.reasons]


def test_a_file_in_three_pieces_stands_in_the_draft_like_any_other(world):
    upload = begun(world, sha256=hashlib.sha256(PDF).hexdigest())
    for at in range(0, len(PDF), 20):
        part = PDF[at : at + 20]
        assert piece(world, upload, part, at) == at + len(part)
    done = finish_upload(actor=world.first, upload=upload)
    file = world.draft.files.get()
    assert (done.state, done.file) == ("done", file)
    assert (file.key, file.name, file.format, file.by) == ("documents.letter", "편지.pdf", "pdf", world.aram)
    assert files.read(file.sha256) == PDF
    assert spool.uids() == []
    assert finish_upload(actor=world.first, upload=upload) == done, "again: nothing changes"
    assert world.draft.files.count() == 1
    names = ["applications.start_upload", "applications.attach_file", "applications.end_upload"]
    rows = JournalEntry.objects.filter(command__in=names).order_by("at", "id")
    assert sorted(row.command for row in rows) == sorted(names)
    assert not any("편지" in str(row.payload) for row in rows), "no name in the journal"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"key": "paper", "size": 2 * 1024 * 1024}, "form_file_too_large"),
        ({"size": 201 * 1024 * 1024}, "form_file_too_large"),
        ({"size": 10**30}, "form_file_too_large"),
        ({"size": 0}, "draft_file_empty"),
        ({"size": -1}, "draft_file_empty"),
        ({"key": "why"}, "form_no_such_place"),
        ({"key": "a\0"}, "form_no_such_place"),
        ({"sha256": "x"}, "upload_digest_malformed"),
        ({"sha256": "A" * 64}, "upload_digest_malformed"),
    ],
)
def test_what_no_place_takes_is_refused_before_a_byte_is_read(world, more, code):
    assert refusal(begun, world, **more) == [code]
    assert Upload.objects.count() == 0
    assert spool.uids() == []


def test_a_name_of_tricks_is_kept_on_one_line_and_made_harmless_in_the_draft(world):
    upload = begun(world, name="../..\\\0\u202efdp.exe\n" + "x" * 500)
    assert upload.name.isprintable()
    assert len(upload.name) <= 255
    piece(world, upload, PDF, 0)
    name = finish_upload(actor=world.first, upload=upload).file.name
    assert name.endswith(".pdf")
    assert not {"/", "\\", "\0", "\u202e"} & set(name)


def test_only_so_many_are_under_way(world, monkeypatch):
    uploads = [begun(world) for _ in range(5)]
    assert refusal(begun, world) == ["upload_too_many"]
    assert begun(world, actor=world.second).by == world.boram, "of each person"
    give_up_upload(actor=world.first, upload=uploads[0])
    begun(world)
    monkeypatch.setattr(module, "MOST_BYTES_OF_A_PERSON", 3 * len(PDF))
    give_up_upload(actor=world.first, upload=uploads[1])
    assert refusal(begun, world) == ["upload_no_room"]
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_BYTES", 3 * len(PDF))
    assert refusal(begun, world) == ["upload_no_room"]


@pytest.mark.parametrize(
    ("at", "content", "more", "code"),
    [
        (0, b"%PDF", {"total": 9}, "upload_size_changed"),
        (4, b"x" * 100, {}, "upload_beyond_end"),
        (20, b"x", {}, "upload_gap"),
        (0, b"%PDF", {}, "upload_here_already"),
        (9, b"abc", {}, "upload_here_already"),
        (10, b"abc", {"count": 4}, "upload_piece_length"),
        (10, b"abcd", {"count": 3}, "upload_piece_length"),
        (10, b"", {"count": 3}, "upload_piece_length"),
    ],
)
def test_broken_ranges_are_refused_and_change_nothing(world, at, content, more, code):
    upload = begun(world)
    piece(world, upload, PDF[:10], 0)
    assert refusal(piece, world, upload, content, at, **more) == [code]
    assert spool.path_of(upload.uid).read_bytes() == PDF[:10]
    assert refusal(finish_upload, actor=world.first, upload=upload) == ["upload_not_whole"]
    piece(world, upload, PDF[10:], 10)
    assert finish_upload(actor=world.first, upload=upload).state == "done"


def test_a_piece_of_more_than_eight_megabytes_is_not_read(world):
    upload = begun(world, size=20 * 1024 * 1024)
    assert refusal(piece, world, upload, b"", 0, count=9 * 1024 * 1024) == ["upload_piece_too_large"]


def test_an_upload_is_its_beginner_s_alone(world):
    upload = begun(world)
    for actor in (world.second, world.stranger):
        assert refusal(piece, world, upload, PDF, 0, actor=actor) == ["not_permitted"]
        assert refusal(finish_upload, actor=actor, upload=upload) == ["not_permitted"]
        assert refusal(give_up_upload, actor=actor, upload=upload) == ["not_permitted"]
        assert refusal(end_upload, actor=actor, upload=upload) == ["not_permitted"]
    assert refusal(expire_upload, actor=world.first, upload=upload) == ["not_permitted"]
    assert refusal(begun, world, actor=world.stranger) == ["not_permitted"]
    assert spool.length(upload.uid) == 0


@pytest.mark.parametrize(
    ("content", "more", "code"),
    [
        (b"MZ\x90\x00 a program", {}, "draft_file_unknown"),
        (b"\x89PNG\r\n\x1a\n", {}, "form_file_format"),
        (PDF, {"sha256": "0" * 64}, "upload_not_that_file"),
    ],
)
def test_what_the_place_does_not_take_ends_the_upload_with_its_reasons(world, content, more, code):
    upload = begun(world, size=len(content), **more)
    piece(world, upload, content, 0)
    ended = finish_upload(actor=world.first, upload=upload)
    assert (ended.state, ended.file, [one[0] for one in ended.reasons]) == ("refused", None, [code])
    assert world.draft.files.count() == 0
    assert spool.uids() == []
    assert refusal(piece, world, Upload.objects.get(), b"x", 0) == ["upload_ended"]
    assert refusal(finish_upload, actor=world.first, upload=ended) == ["upload_ended"]


def test_a_place_that_was_filled_meanwhile_keeps_what_has_come(world):
    upload = begun(world)
    piece(world, upload, PDF, 0)
    others = [
        attach_file(
            actor=world.first,
            draft=world.draft,
            key="documents.letter",
            name="a.pdf",
            content=io.BytesIO(PDF + b"%%%d" % n),
        )
        for n in range(10)
    ]
    assert refusal(finish_upload, actor=world.first, upload=upload) == ["draft_files_full"]
    remove_file(actor=world.first, draft=world.draft, file=others[0])
    assert finish_upload(actor=world.first, upload=upload).state == "done"


def test_after_the_deadline_nothing_more_is_taken(world):
    upload = begun(world)
    with clock.at(world.call.closes_at + UPLOAD_GOOD_FOR):
        assert refusal(piece, world, upload, PDF, 0) == ["call_takes_no_drafts"]
    piece(world, upload, PDF, 0)
    with clock.at(world.call.closes_at + UPLOAD_GOOD_FOR):
        assert refusal(finish_upload, actor=world.first, upload=upload) == ["call_takes_no_drafts"]
    assert Upload.objects.get().state == "open", "an extension of the call lets it end well"


def test_giving_up_throws_away_what_has_come(world, django_capture_on_commit_callbacks):
    upload = begun(world)
    piece(world, upload, PDF[:10], 0)
    with django_capture_on_commit_callbacks(execute=True):
        ended = give_up_upload(actor=world.first, upload=upload)
    assert (ended.state, spool.uids()) == ("given_up", [])
    assert give_up_upload(actor=world.first, upload=upload).state == "given_up"
    assert refusal(piece, world, ended, PDF[10:], 10) == ["upload_ended"]
    assert JournalEntry.objects.filter(command="applications.give_up_upload").count() == 1


def test_what_is_done_is_not_given_up(world):
    upload = begun(world)
    piece(world, upload, PDF, 0)
    finish_upload(actor=world.first, upload=upload)
    assert refusal(give_up_upload, actor=world.first, upload=upload) == ["upload_is_done"]


def test_a_spool_that_is_lost_says_so(world):
    upload = begun(world)
    spool.remove(upload.uid)
    assert refusal(piece, world, upload, PDF, 0) == ["upload_lost"]
    assert refusal(finish_upload, actor=world.first, upload=upload) == ["upload_lost"]


def aged(uid: str) -> None:
    past = (clock.now() - UPLOAD_GOOD_FOR * 2).timestamp()
    os.utime(spool.path_of(uid), (past, past))


def test_what_was_left_alone_for_a_day_is_cleared_away(world, django_capture_on_commit_callbacks):
    with clock.at(clock.now() - UPLOAD_GOOD_FOR * 2):
        left, slow, lost = begun(world), begun(world), begun(world)
    young = begun(world)
    aged(left.uid)
    spool.remove(lost.uid)
    spool.begin("orphan")
    aged("orphan")
    spool.begin("young-orphan")  # perhaps of a command that is not committed yet
    with django_capture_on_commit_callbacks(execute=True):
        assert end_uploads() == 3
    states = {one.pk: one.state for one in Upload.objects.all()}
    assert states == {left.pk: "expired", lost.pk: "expired", slow.pk: "open", young.pk: "open"}
    assert set(spool.uids()) == {slow.uid, young.uid, "young-orphan"}
    assert end_uploads() == 0
    assert expire_upload(actor=SYSTEM, upload=slow).state == "open", "something came within the day"


def test_nothing_is_written_where_nothing_is_due(world, django_assert_num_queries):
    begun(world)
    with django_assert_num_queries(1):
        assert end_uploads() == 0
