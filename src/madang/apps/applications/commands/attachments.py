"""Files in a draft: put in, take out, bring back."""

import datetime as dt
from typing import BinaryIO, Final

from django.db.models import Sum

from madang.apps.accounts.models import Person
from madang.apps.applications.commands.shared import (
    acting_person,
    against_place,
    against_writing,
    note_changes,
    record_changes,
    writable_draft,
)
from madang.apps.applications.models import Draft, DraftFile, PaperRequest
from madang.apps.calls.queries import definition_of
from madang.core.callspec.asked import Document, FileField
from madang.core.form import FileFacts
from madang.core.form.keys import Keys
from madang.core.form.model import MOST_FILES
from madang.core.form.read import MEGABYTE, read_files
from madang.core.form.written import shown
from madang.core.reasons import Reason
from madang.kernel import files
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, refuse_if, unchanged
from madang.kernel.file_formats import harmless_name
from madang.kernel.incoming.take import take_in

MOST_FILE_MB: Final = 200
"""Megabytes of a file where the call names no limit."""
MOST_BYTES_OF_A_DAY: Final = 20_000 * MEGABYTE
"""Handed in by one person (and by partners whom that person asked) within a day. What is taken out stays in the store,
so without this one account could fill the disk.
"""
A_DAY: Final = dt.timedelta(days=1)


def attach_file(*, actor: Actor, draft: Draft, key: str, name: str, content: BinaryIO) -> DraftFile:
    """Put a file into a place of the form. It is streamed into the store before the draft is locked.

    What it is, its content says, not its name; a size over the call's limit ends the stream. The same file again in
    the same place changes nothing. Raises `Refused`: no right, no such place, too large, empty, unknown or unwanted
    format, as many files as a place may have; what no place takes (`kernel.incoming`); no room, store or scanner.
    """
    refuse_if(against_writing(actor, draft) or against_place(draft, key))
    kept, called, format = looked_at(draft, acting_person(actor), key, name, content)
    return keep_file(actor=actor, draft=draft, key=key, name=called, kept=kept, format=format)


def looked_at(draft: Draft, person: Person, key: str, name: str, content: BinaryIO) -> tuple[files.Kept, str, str]:
    """A file for this place, looked at and kept: the store's word for it, a harmless name, its format."""
    asked = file_place(draft, key)
    came = DraftFile.objects.filter(by=person, at__gt=now() - A_DAY).aggregate(sum=Sum("size_bytes"))["sum"] or 0
    if came >= MOST_BYTES_OF_A_DAY:
        raise Refused([Reason("draft_files_too_much", {"most_gb": MOST_BYTES_OF_A_DAY // (1000 * MEGABYTE)})])
    most_mb = asked.max_mb or MOST_FILE_MB
    called = shown(name)

    def accept(size: int, format: str | None) -> None:
        if not size:
            raise Refused([Reason("draft_file_empty", {"name": called})])
        if format is None:
            raise Refused([Reason("draft_file_unknown", {"name": called})])
        refuse_if(read_files((FileFacts(name=called, size_bytes=0, format=format),), asked).faults)

    try:
        kept, format = take_in(content, name=called, most=most_mb * MEGABYTE, accept=accept)
    except files.TooLarge:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": most_mb})]) from None
    return kept, harmless_name(name, format), format


@command("applications.attach_file")
def keep_file(*, actor: Actor, draft: Draft, key: str, name: str, kept: files.Kept, format: str) -> DraftFile:
    """Enter a file that is in the store already. Use `attach_file`, which looks at it first."""
    person, draft = acting_person(actor), writable_draft(actor, draft)
    return enter_file(draft, person, key, name, kept, format)


def enter_file(
    draft: Draft,
    person: Person,
    key: str,
    name: str,
    kept: files.Kept,
    format: str,
    handed_by: PaperRequest | None = None,
) -> DraftFile:
    """Put a kept file into its place of the locked draft, with the command's journal row; there already: no change.
    Raises `Refused` where this place may not be changed.

    What a partner hands over stands as theirs beside the same file of the applicant: a partner learns nothing of what
    else lies there, and the applicant sees who handed it over.
    """
    file_place(draft, key)
    refuse_if(against_place(draft, key))
    standing = list(draft.files.filter(key=key, removed_at__isnull=True))
    theirs = [one for one in standing if handed_by is None or one.handed_by_id == handed_by.pk]
    if same := next((one for one in theirs if one.sha256 == kept.sha256), None):
        return unchanged(same)
    if len(standing) >= MOST_FILES:
        raise Refused([Reason("draft_files_full", {"most": MOST_FILES})])
    file = DraftFile.objects.create(
        draft=draft,
        key=key,
        name=name,
        sha256=kept.sha256,
        size_bytes=kept.size,
        format=format,
        by=person,
        handed_by=handed_by,
        at=now(),
    )
    _files_changed(draft, person, key, file)
    return file


@command("applications.remove_file")
def remove_file(*, actor: Actor, draft: Draft, file: DraftFile) -> DraftFile:
    """Take a file out of its place; `restore_file` brings it back. Out already: nothing changes."""
    person, draft = acting_person(actor), writable_draft(actor, draft)
    file = _file_of(draft, file)
    return take_out(draft, person, file)


def take_out(draft: Draft, person: Person, file: DraftFile) -> DraftFile:
    """Take a file out of its place of the locked draft, with the command's journal row."""
    if file.removed_at:
        return unchanged(file)
    refuse_if(against_place(draft, file.key))
    file.removed_at = now()
    file.save(update_fields=["removed_at"])
    _files_changed(draft, person, file.key, file)
    return file


@command("applications.restore_file")
def restore_file(*, actor: Actor, draft: Draft, file: DraftFile) -> DraftFile:
    """Bring a removed file back. Raises `Refused`: the place is full, or the call asks for it no longer."""
    person, draft = acting_person(actor), writable_draft(actor, draft)
    return put_back(draft, person, _file_of(draft, file))


def put_back(draft: Draft, person: Person, file: DraftFile) -> DraftFile:
    """Bring a file back into its place of the locked draft, with the command's journal row."""
    file_place(draft, file.key)
    refuse_if(against_place(draft, file.key))
    standing = list(draft.files.filter(key=file.key, removed_at__isnull=True))
    same = [one for one in standing if one.sha256 == file.sha256 and one.handed_by_id == file.handed_by_id]
    if not file.removed_at or same:
        return unchanged(file)
    if len(standing) >= MOST_FILES:
        raise Refused([Reason("draft_files_full", {"most": MOST_FILES})])
    file.removed_at = None
    file.save(update_fields=["removed_at"])
    _files_changed(draft, person, file.key, file)
    return file


def file_place(draft: Draft, key: str) -> FileField | Document:
    named = Keys(definition_of(draft.version)).named(key)
    if named is None or not isinstance(named.asked, FileField | Document):
        raise Refused([Reason("form_no_such_place")])
    return named.asked


def _file_of(draft: Draft, file: DraftFile) -> DraftFile:
    found = locked(draft.files).filter(pk=file.pk).first()
    if found is None:
        raise Refused([Reason("draft_file_not_there")])
    return found


def _files_changed(draft: Draft, person: Person, key: str, file: DraftFile) -> None:
    """The draft's next revision, so that whoever looks on sees that the files changed."""
    before = draft.revision
    draft.revision, draft.changed_at = before + 1, now()
    draft.save(update_fields=["revision", "changed_at"])
    note_changes(
        draft, person, {key: list(draft.files.filter(key=key, removed_at__isnull=True).values_list("name", flat=True))}
    )
    record_changes(draft, before, [key], file=file.uid, sha256=file.sha256, removed=file.removed_at is not None)


def most_megabytes(draft: Draft, key: str) -> int:
    """What a file may have in this place of the form. Raises `Refused` where no file belongs there."""
    return file_place(draft, key).max_mb or MOST_FILE_MB
