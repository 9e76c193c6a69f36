"""Files that come in pieces: begun, received, made into a file of the draft, given up.

A piece is no command: it writes into the spool and nowhere else, and leaves no row. What begins and ends an upload is.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from io import BufferedReader
from typing import Any, BinaryIO, Final

from django.db import transaction
from django.db.models import QuerySet, Sum

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.commands.attachments import attach_file, most_megabytes
from madang.apps.applications.commands.shared import acting_person, against_place, against_writing, writable_draft
from madang.apps.applications.models import Draft, DraftFile, Upload
from madang.core.form.model import MOST_FILES
from madang.core.form.read import MEGABYTE
from madang.core.form.written import shown
from madang.core.lifecycle import UPLOAD, check
from madang.core.lifecycle.upload import DONE, EXPIRED, GIVEN_UP, OPEN, REFUSED
from madang.core.reasons import Reason
from madang.kernel import spool
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed

MOST_PIECE: Final = 8 * MEGABYTE
"""Bytes of one piece."""
MOST_OPEN: Final = 5
"""Uploads of one person under way at the same time."""
MOST_BYTES_OF_A_PERSON: Final = 4_000 * MEGABYTE
MOST_BYTES: Final = 40_000 * MEGABYTE
"""Announced by all uploads under way: what the spool may grow to."""
UPLOAD_GOOD_FOR: Final = dt.timedelta(hours=24)
"""After its last piece."""

FOR_NOW: Final = frozenset(
    {"file_store_gone", "disk_full", "file_not_scanned", "draft_files_full", "draft_files_too_much"}
)
"""Reasons that have nothing to do with the file: what has come stays, and the end can be tried again."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@command("applications.start_upload")
def start_upload(*, actor: Actor, draft: Draft, key: str, name: str, size: int, sha256: str = "") -> Upload:
    """Begin a file that comes in pieces. `size` in bytes; `sha256` (small hexadecimal digits) is checked at the end.

    Raises `Refused`: no right, no such place, empty, larger than the place takes, the place is full, no SHA-256, too
    many under way, no room.
    """
    person, draft = acting_person(actor), writable_draft(actor, draft)
    called, most_mb = shown(name), most_megabytes(draft, key)
    refuse_if(against_place(draft, key))
    if size < 1:
        raise Refused([Reason("draft_file_empty", {"name": called})])
    if size > most_mb * MEGABYTE:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": most_mb})])
    if draft.files.filter(key=key, removed_at__isnull=True).count() >= MOST_FILES:
        raise Refused([Reason("draft_files_full", {"most": MOST_FILES})])
    if sha256 and not _SHA256.fullmatch(sha256):
        raise Refused([Reason("upload_digest_malformed")])
    _refuse_too_many(person, size)
    upload = Upload.objects.create(
        draft=draft, key=key, name=_on_one_line(name), size_bytes=size, sha256=sha256, by=person, started_at=now()
    )
    spool.begin(upload.uid)  # where all of this is undone after all, an empty file is left for `tasks` to clear away
    record(upload, after={"state": OPEN}, payload=_told(upload, size_bytes=size))
    return upload


def _refuse_too_many(person: Person, size: int) -> None:
    locked(Person.objects.all()).get(pk=person.pk)  # one after the other: two that begin at once are both counted
    under_way = Upload.objects.filter(state=OPEN)
    own = under_way.filter(by=person)
    if own.count() >= MOST_OPEN:
        raise Refused([Reason("upload_too_many", {"most": MOST_OPEN})])
    if _announced(own) + size > MOST_BYTES_OF_A_PERSON or _announced(under_way) + size > MOST_BYTES:
        raise Refused([Reason("upload_no_room")])


def _announced(uploads: QuerySet[Upload]) -> int:
    return int(uploads.aggregate(sum=Sum("size_bytes"))["sum"] or 0)


def _on_one_line(name: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())[-255:]


def receive_piece(*, actor: Actor, upload: Upload, at: int, count: int, total: int, content: BinaryIO) -> int:
    """Take the piece of `count` bytes that begins at byte `at`; returns how many bytes are here now, on the disk.

    Raises `Refused`: no right, ended, another size than announced, beyond the end, too large a piece, a gap, bytes that
    are here already, shorter or longer than it says. Then what has come is as it was.
    """
    _refuse_unless_open(actor, upload, "receive")
    if total != upload.size_bytes:
        raise Refused([Reason("upload_size_changed", {"size": upload.size_bytes})])
    if at + count > upload.size_bytes:
        raise Refused([Reason("upload_beyond_end", {"size": upload.size_bytes})])
    if count > MOST_PIECE:
        raise Refused([Reason("upload_piece_too_large", {"most_mb": MOST_PIECE // MEGABYTE})])
    try:
        return spool.append(upload.uid, content, at=at, count=count)
    except spool.WrongPlace as wrong:
        code = "upload_gap" if at > wrong.length else "upload_here_already"
        raise Refused([Reason(code, {"here": wrong.length})]) from None
    except spool.WrongLength:
        raise Refused([Reason("upload_piece_length")]) from None
    except spool.NotSpooled:
        raise Refused([Reason("upload_lost")]) from None


def finish_upload(*, actor: Actor, upload: Upload) -> Upload:
    """Make a file of the draft from what has come, once all of it is here; looked at as `attach_file` does.

    Done already: nothing changes. A file that the draft does not take ends the upload, with the reasons kept in it.
    Raises `Refused` where the end can be tried again: not all is here, no right or not now, a reason `FOR_NOW`.
    """
    try:
        with spool.whole(upload.uid) as content:  # a second one waits, and then finds it ended
            upload.refresh_from_db()
            if upload.state == DONE:
                return upload
            _refuse_unless_open(actor, upload, "finish")
            here = spool.length(upload.uid)
            if here != upload.size_bytes:
                raise Refused([Reason("upload_not_whole", {"here": here, "size": upload.size_bytes})])
            upload = _made(actor, upload, content)
    except spool.NotSpooled:
        upload.refresh_from_db()
        if upload.state == DONE:
            return upload
        _refuse_unless_open(actor, upload, "finish")
        raise Refused([Reason("upload_lost")]) from None
    spool.remove(upload.uid)
    return upload


def _made(actor: Actor, upload: Upload, content: BufferedReader) -> Upload:
    if upload.sha256 and hashlib.file_digest(content, "sha256").hexdigest() != upload.sha256:
        reasons = [Reason("upload_not_that_file", {"name": shown(upload.name)})]
        return end_upload(actor=actor, upload=upload, reasons=reasons)
    content.seek(0)
    try:
        file = attach_file(actor=actor, draft=upload.draft, key=upload.key, name=upload.name, content=content)
    except Refused as refused:
        if any(one.code in FOR_NOW for one in refused.reasons):
            raise
        refuse_if(against_writing(actor, upload.draft))  # the moment, or the right, and not the file
        return end_upload(actor=actor, upload=upload, reasons=refused.reasons)
    return end_upload(actor=actor, upload=upload, file=file)


@command("applications.end_upload")
def end_upload(
    *, actor: Actor, upload: Upload, file: DraftFile | None = None, reasons: Iterable[Reason] = ()
) -> Upload:
    """Enter how an upload ended: the file that it became, or why it became none. Use `finish_upload`."""
    upload = _locked_open(actor, upload, "finish" if file else "refuse")
    found = list(reasons)
    upload.file = file
    upload.reasons = [[one.code, dict(one.params)] for one in found]
    _end(upload, DONE if file else REFUSED, file=file.uid if file else "", reasons=[one.code for one in found])
    return upload


@command("applications.give_up_upload")
def give_up_upload(*, actor: Actor, upload: Upload) -> Upload:
    """End an upload; what has come is thrown away. Ended already: nothing changes. Raises `Refused`: it is done."""
    refuse_if(allowed(actor, rules.CONTINUE_UPLOAD, upload))
    upload = locked(Upload.objects.all()).get(pk=upload.pk)
    if upload.state not in (OPEN, DONE):
        return unchanged(upload)
    refuse_if(check(UPLOAD, "give_up", upload.state))
    _end(upload, GIVEN_UP)
    return upload


@command("applications.expire_upload")
def expire_upload(*, actor: Actor, upload: Upload) -> Upload:
    """End an upload that nothing has come of for `UPLOAD_GOOD_FOR`. By the platform only."""
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    upload = locked(Upload.objects.all()).get(pk=upload.pk)
    last = spool.last_written(upload.uid)
    if upload.state != OPEN or (last is not None and last > now() - UPLOAD_GOOD_FOR):
        return unchanged(upload)
    refuse_if(check(UPLOAD, "expire", upload.state))
    _end(upload, EXPIRED)
    return upload


def _locked_open(actor: Actor, upload: Upload, move: str) -> Upload:
    upload = locked(Upload.objects.select_related("draft")).get(pk=upload.pk)
    _refuse_unless_open(actor, upload, move)
    return upload


def _refuse_unless_open(actor: Actor, upload: Upload, move: str) -> None:
    refuse_if(allowed(actor, rules.CONTINUE_UPLOAD, upload))
    refuse_if(check(UPLOAD, move, upload.state))
    refuse_if(against_writing(actor, upload.draft))


def _end(upload: Upload, state: str, **more: Any) -> None:
    """The row, its journal, and after the commit the spool."""
    upload.state, upload.ended_at = state, now()
    upload.save(update_fields=["state", "ended_at", "file", "reasons"])
    record(upload, before={"state": OPEN}, after={"state": state}, payload=_told(upload, state=state, **more))
    if state in (GIVEN_UP, EXPIRED):
        transaction.on_commit(lambda: spool.remove(upload.uid))


def _told(upload: Upload, **more: Any) -> dict[str, Any]:
    """No name: it is the person's, and the journal never forgets."""
    return {"upload": upload.uid, "draft": upload.draft.uid, "key": upload.key, **more}
