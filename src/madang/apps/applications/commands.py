"""Writes: receive a batch of applications and undo it; and everything that happens to a draft before it is filed.

A draft is one organisation's form for one call, written by several people over days. Its revision grows with every
command that changes what stands in it. Whoever saves says which revision was read, place by place: what somebody else
changed since is never overwritten silently, and everything else is saved all the same.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import regex
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from madang.apps.accounts.models import Person, is_person
from madang.apps.accounts.queries import by_email
from madang.apps.applications import rules
from madang.apps.applications.events import BatchReceived, BatchUndone
from madang.apps.applications.models import (
    Application,
    Draft,
    DraftChange,
    DraftEntry,
    DraftFile,
    DraftInvitation,
    DraftMember,
    PreviousRound,
    ReceptionBatch,
    Translation,
)
from madang.apps.applications.queries import form_state, removed_rows, typed_of, values_at, with_everything
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition, current_version, definition_of, state_of
from madang.apps.calls.rules import may_publish
from madang.apps.directory.models import Handover, Organisation
from madang.core.callspec import Definition
from madang.core.callspec.asked import ChoiceField, Document, FileField
from madang.core.deciding import case as rows
from madang.core.deciding.case import Case
from madang.core.form import FileFacts, Typed
from madang.core.form.clean import NotText, clean, clean_text
from madang.core.form.keys import TRACK, Keys, Named
from madang.core.form.model import MOST_FILES
from madang.core.form.read import MEGABYTE, read_files
from madang.core.form.written import shown
from madang.core.lifecycle import CALL, DRAFT, check
from madang.core.lifecycle.call import OPEN
from madang.core.lifecycle.draft import WRITING
from madang.core.reasons import Reason
from madang.core.record.canonical import digest
from madang.kernel import files, mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.file_formats import format_of, harmless_name
from madang.kernel.permissions import allowed
from madang.kernel.tokens import new_row_id, new_token, token_hash
from madang.kernel.translators import NotTranslated, translator

MOST_KEYS: Final = 2000
"""Places that one save takes; the rest is refused, so that it can be sent again."""
MOST_FILE_MB: Final = 200
"""Megabytes of a file where the call names no limit."""
INVITATION_GOOD_FOR: Final = dt.timedelta(days=14)
MOST_INVITATIONS: Final = 30
"""Invitations into one draft that wait for an answer."""
_LANGUAGE = regex.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NAMED_KEYS = 50  # keys that one journal row names; of more it says how many


@command("applications.receive_from_folder")
def receive_from_folder(
    *, actor: Actor, call: Call, case: Case, source: str = "folder", note: Mapping[str, str] | None = None
) -> ReceptionBatch:
    """Take in the applications and earlier rounds of a case as one batch, or nothing of it.

    `note` tells in words where the applications come from. The same content received again changes nothing; so an
    import that was cut off is simply repeated.
    Raises `Refused`: the call takes nothing now, an unknown type, a reference or earlier round that is there already.
    Side effects: a `BatchReceived` event.
    """
    call = locked(Call.objects).get(pk=call.pk)
    sha256 = digest(
        {"applications": [a.as_json() for a in case.applications], "rounds": [r.as_json() for r in case.rounds]}
    )
    if standing := ReceptionBatch.objects.filter(call=call, sha256=sha256, undone_at__isnull=True).first():
        return unchanged(standing)
    sample = call.is_sample or case.sample
    refuse_if(may_publish(actor))
    refuse_if(check(CALL, "receive", state_of(call)))
    definition = current_definition(call)
    refuse_if([*rules.fit(definition, case.applications), *_nothing_twice(call, case)])
    batch = ReceptionBatch.objects.create(
        call=call, source=source, sha256=sha256, note=dict(note or {}), imported_at=now()
    )
    Application.objects.bulk_create(_applications(batch, definition, case, sample), batch_size=500)
    PreviousRound.objects.bulk_create(
        PreviousRound(batch=batch, call=call, year=r.year, cases=r.cases, countries=r.countries) for r in case.rounds
    )
    record(
        batch, after=_state(batch), payload={**_state(batch), "call": call.slug, "applications": len(case.applications)}
    )
    announce(BatchReceived(call_id=call.pk, batch_id=batch.pk, applications=len(case.applications)))
    return batch


@command("applications.undo_batch")
def undo_batch(*, actor: Actor, batch: ReceptionBatch, reason: str) -> ReceptionBatch:
    """Take a batch out of the reception; its rows stay, for what was counted before. A second time changes nothing.

    Raises `Refused`: no reason was given, or the call is decided. Side effects: a `BatchUndone` event.
    """
    call = locked(Call.objects).get(pk=batch.call_id)
    batch = locked(ReceptionBatch.objects).get(pk=batch.pk)
    if batch.undone_at:
        return unchanged(batch)
    refuse_if(may_publish(actor))
    refuse_if(check(CALL, "undo", state_of(call)))
    if not reason.strip():
        raise Refused([Reason("undoing_needs_reason")])
    before = _state(batch)
    batch.undone_at = now()
    batch.save(update_fields=["undone_at"])
    batch.application_set.update(undone_at=batch.undone_at)
    batch.previousround_set.update(undone_at=batch.undone_at)
    record(batch, before=before, after=_state(batch), payload={**_state(batch), "reason": reason.strip()})
    announce(BatchUndone(call_id=call.pk, batch_id=batch.pk))
    return batch


def _nothing_twice(call: Call, case: Case) -> Iterator[Reason]:
    standing = Application.objects.filter(call=call, undone_at__isnull=True)
    yield from rules.not_received_before(set(standing.values_list("reference", flat=True)), case.applications)
    rounds = PreviousRound.objects.filter(call=call, undone_at__isnull=True, year__in=[r.year for r in case.rounds])
    for one in rounds:
        yield Reason("round_received_before", {"year": one.year})


def _applications(batch: ReceptionBatch, definition: Definition, case: Case, sample: bool) -> Iterator[Application]:
    zone = ZoneInfo(definition.schedule.zone)
    fields = [field.id for field in definition.fields() if isinstance(field, ChoiceField) and field.set == "field"]
    for position, one in enumerate(case.applications):
        yield Application(
            batch=batch,
            call=batch.call,
            position=position,
            reference=one.id,
            applicant_name=one.applicant,
            organisation=one.organisation,
            kind=one.kind,
            track=one.track,
            country=one.country,
            field=_first_field(one, fields),
            answers=dict(one.answers),
            members=[dict(member) for member in one.members],
            received=one.received,
            received_at=_moment(one.received, zone) or batch.imported_at,
            is_sample=sample,
        )


def _first_field(one: rows.Application, fields: list[str]) -> str:
    """The first field that an application names; blank: not itemised."""
    answers = (one.answers.get(id_) for id_ in fields)
    named = [id_ for answer in answers if answer for id_ in (answer if isinstance(answer, list) else [answer])]
    return str(named[0]) if named else ""


def _moment(received: str, zone: ZoneInfo) -> dt.datetime | None:
    return dt.datetime.fromisoformat(received).replace(tzinfo=zone) if received else None


def _state(batch: ReceptionBatch) -> dict[str, Any]:
    undone = batch.undone_at.isoformat() if batch.undone_at else None
    return {"sha256": batch.sha256, "source": batch.source, "undone_at": undone}


# --- Drafts: begin, save ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody changed this place since it was read: what stands there now, and who wrote it."""

    key: str
    typed: Typed
    revision: int
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. `revision` is the draft's; `saved` maps each place that stands as it was sent (or was not
    touched on a page without script) to its revision; `noted` are saved places from which invisible characters were
    taken out, and why.
    """

    revision: int
    saved: Mapping[str, int]
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[tuple[str, Reason], ...] = ()
    noted: tuple[tuple[str, Reason], ...] = ()


@command("applications.start_draft")
def start_draft(*, actor: Actor, call: Call, organisation: Organisation, track: str = "", language: str) -> Draft:
    """Begin an application in an organisation's name; whoever begins it writes in it.

    Begun twice with nothing written in between (a button pressed twice) it is the same draft. Whoever files or manages
    for the organisation may also file it. Raises `Refused`: the call is not open, no duty for the organisation, an
    unknown type or language.
    """
    person = _person(actor)
    organisation = locked(Organisation.objects).get(pk=organisation.pk)
    refuse_if(allowed(actor, rules.START_DRAFT, organisation))
    if (state := state_of(call)) != OPEN:
        raise Refused([Reason(CALL.wrong_state[state])])
    version = current_version(call)
    assert version is not None, "an open call is published"
    tracks = [one.id for one in definition_of(version).tracks]
    if track and track not in tracks:
        raise Refused([Reason("draft_unknown_type", {"track": shown(track)})])
    refuse_if(_bad_language(language))
    track = track or (tracks[0] if len(tracks) == 1 else "")
    same = Draft.objects.filter(call=call, organisation=organisation, state=WRITING, started_by=person, revision=0)
    if standing := same.filter(track=track).first():
        return unchanged(standing)
    draft = Draft.objects.create(
        call=call,
        version=version,
        organisation=organisation,
        track=track,
        language=language,
        started_by=person,
        created_at=now(),
        changed_at=now(),
    )
    may_file = rules.files_for(person, organisation)
    DraftMember.objects.create(draft=draft, person=person, may_file=may_file, since=now())
    told = {"call": call.slug, "organisation": organisation.uid, "version": version.number, "track": track}
    record(draft, after={"uid": draft.uid, "state": draft.state}, payload={"draft": draft.uid, **told})
    return draft


@command("applications.save_entries")
def save_entries(
    *, actor: Actor, draft: Draft, changes: Mapping[str, Any], base: Mapping[str, int], language: str = ""
) -> Saved:
    """Keep what was typed. `base` says which revision of each place was read (0 or absent: it was empty).

    Each place by itself: what stands there already is saved (sent twice, it is written once); what somebody changed
    since it was read is a conflict; what cannot be kept is refused with its reason; the rest is written. `language`
    names the language of these answers where it is not the draft's. Raises `Refused`: no right, the draft or its call
    takes nothing now. Cost: nine statements for up to 140 places.
    """
    save = _Save(actor, draft, language)
    return save.keep(changes, lambda key: base.get(key, 0) if isinstance(base.get(key), int) else 0)


@command("applications.save_step")
def save_step(*, actor: Actor, draft: Draft, changes: Mapping[str, Any], base_revision: int) -> Saved:
    """Keep a whole page that was sent without script: it was drawn at the draft's revision `base_revision`.

    A place that comes back as it was drawn was not touched, whatever others wrote there since: it is left alone.
    Everything else as `save_entries`.
    """
    save = _Save(actor, draft)
    return save.keep(changes, lambda key: base_revision, drawn_at=base_revision)


@command("applications.overwrite_entry")
def overwrite_entry(*, actor: Actor, draft: Draft, key: str, typed: Any, seen_revision: int) -> Saved:
    """Write over what somebody else wrote, after looking at it: `seen_revision` says what was looked at.

    Changed once more since then, it is a conflict again.
    """
    save = _Save(actor, draft)
    return save.keep({key: typed}, lambda _: seen_revision)


class _Save:
    """One save under the draft's lock."""

    def __init__(self, actor: Actor, draft: Draft, language: str = "") -> None:
        self.person = _person(actor)
        self.draft = _writable(actor, draft)
        if language:
            refuse_if(_bad_language(language))
        self.language = "" if language == self.draft.language else language
        self.definition = definition_of(self.draft.version)
        self.keys = Keys(self.definition)
        self.refused: list[tuple[str, Reason]] = []
        self.noted: list[tuple[str, Reason]] = []

    def keep(self, changes: Mapping[str, Any], base: Callable[[str], int], drawn_at: int | None = None) -> Saved:
        wanted = self._readable(changes)
        standing = self._standing(wanted)
        wanted = self._with_rows(wanted, standing)
        drawn = self._drawn(wanted, standing, drawn_at)
        saved: dict[str, int] = {}
        conflicts, accepted = [], {}
        for key, (_, typed) in wanted.items():
            entry = standing.get(key)
            there, revision = (typed_of(entry.typed), entry.revision) if entry else (self._empty(key), 0)
            if typed == there or drawn.get(key) == typed:
                saved[key] = revision
            elif entry is not None and revision > base(key):
                conflicts.append(Conflict(key, there, revision, entry.by.shown, entry.at))
            else:
                accepted[key] = typed
        if accepted:
            write(self.draft, self.person, accepted, language=self.language)
            saved |= dict.fromkeys(accepted, self.draft.revision)
        noted = tuple(one for one in self.noted if one[0] in saved)
        found = Saved(self.draft.revision, saved, tuple(conflicts), tuple(self.refused), noted)
        return found if accepted else unchanged(found)

    def _readable(self, changes: Mapping[str, Any]) -> dict[str, tuple[Named, Typed]]:
        """The places that this form has, with a text that can be kept."""
        found = {}
        for number, (key, given) in enumerate(changes.items()):
            named = self.keys.named(key)
            if number >= MOST_KEYS:
                self.refused.append((key, Reason("form_too_many_keys", {"most": MOST_KEYS})))
            elif named is None or named.kind in ("rows", "files"):
                self.refused.append((key, Reason("form_no_such_place")))
            else:
                try:
                    typed, hidden = clean(given, many=named.many)
                except NotText as wrong:
                    self.refused.append((key, wrong.reason))
                    continue
                if named.kind == "track" and typed and typed not in {track.id for track in self.definition.tracks}:
                    self.refused.append((key, Reason("form_no_such_place")))
                    continue
                if hidden:
                    self.noted.append((key, Reason("form_hidden_removed")))
                found[key] = (named, typed)
        return found

    def _standing(self, wanted: Mapping[str, tuple[Named, Typed]]) -> dict[str, DraftEntry]:
        """What stands in these places, and the orders of the rows that they belong to."""
        keys = {*wanted, *(named.of for named, _ in wanted.values() if named.kind == "cell")}
        if not keys:
            return {}
        found = self.draft.entries.filter(key__in=keys).select_related("by").order_by()
        return {entry.key: entry for entry in found}

    def _with_rows(
        self, wanted: dict[str, tuple[Named, Typed]], standing: Mapping[str, DraftEntry]
    ) -> dict[str, tuple[Named, Typed]]:
        """Without cells of rows that are not there: removed by somebody, or forged."""
        found = {}
        for key, (named, typed) in wanted.items():
            order = standing.get(named.of)
            if named.kind == "cell" and (order is None or named.row not in order.typed):
                self.refused.append((key, Reason("form_row_not_there")))
            else:
                found[key] = (named, typed)
        return found

    def _drawn(
        self, wanted: Mapping[str, Any], standing: Mapping[str, DraftEntry], drawn_at: int | None
    ) -> dict[str, Typed]:
        """What the page showed, of places that were changed since."""
        if drawn_at is None:
            return {}
        late = [key for key in wanted if key in standing and standing[key].revision > drawn_at]
        shown = values_at(self.draft, late, drawn_at) if late else {}
        return {key: shown.get(key, self._empty(key)) for key in late}

    def _empty(self, key: str) -> Typed:
        if key == TRACK:
            return self.draft.track
        named = self.keys.named(key)
        return () if named is not None and named.many else ""


def write(draft: Draft, person: Person, typed: Mapping[str, Typed], *, language: str = "") -> None:
    """Put these values into the locked draft, as its next revision, with this command's journal row."""
    before = draft.revision
    draft.revision, draft.changed_at = before + 1, now()
    if TRACK in typed:
        draft.track = str(typed[TRACK])
    draft.save(update_fields=["revision", "changed_at", "track"])
    stored = {key: list(value) if isinstance(value, tuple) else value for key, value in typed.items()}
    written: dict[str, Any] = {"revision": draft.revision, "by": person, "at": draft.changed_at}
    DraftEntry.objects.bulk_create(
        [DraftEntry(draft=draft, key=key, typed=value, language=language, **written) for key, value in stored.items()],
        update_conflicts=True,
        unique_fields=["draft", "key"],
        update_fields=["typed", "language", "revision", "by", "at"],
    )
    _changed(draft, person, stored)
    _journal(draft, before, typed)


def _changed(draft: Draft, person: Person, stored: Mapping[str, Any]) -> None:
    written: dict[str, Any] = {"revision": draft.revision, "by": person, "at": draft.changed_at}
    DraftChange.objects.bulk_create(
        [DraftChange(draft=draft, key=key, typed=value, **written) for key, value in stored.items()]
    )


def _journal(draft: Draft, before: int, keys: Collection[str], **more: Any) -> None:
    """Keys and counts: what was typed belongs to the people who wrote it, and the journal never forgets."""
    told = {"draft": draft.uid, "revision": draft.revision, "count": len(keys), "keys": sorted(keys)[:_NAMED_KEYS]}
    record(draft, before={"revision": before}, after={"revision": draft.revision}, payload={**told, **more})


# --- Drafts: rows ----------------------------------------------------------------------------------------------------


@command("applications.add_row")
def add_row(*, actor: Actor, draft: Draft, key: str) -> str:
    """One more row in a repeated place; returns its id. Raises `Refused`: no such place, or as many as it may have."""
    person, draft, named, order = _rows(actor, draft, key)
    most = Keys(definition_of(draft.version)).most_rows(named)
    if len(order) >= most:
        raise Refused([Reason("form_rows_full", {"most": most})])
    taken = {*order, *removed_rows(draft, key)}
    row = next(id_ for id_ in iter(new_row_id, "") if id_ not in taken)
    write(draft, person, {key: (*order, row)})
    return row


@command("applications.remove_row")
def remove_row(*, actor: Actor, draft: Draft, key: str, row: str) -> Draft:
    """Take a row out. What was typed in it is kept, and `restore_row` brings it back. Gone already: nothing changes."""
    person, draft, _, order = _rows(actor, draft, key)
    if row not in order:
        return unchanged(draft)
    write(draft, person, {key: tuple(one for one in order if one != row)})
    return draft


@command("applications.restore_row")
def restore_row(*, actor: Actor, draft: Draft, key: str, row: str) -> Draft:
    """Bring a removed row back, to where it stood if that can be. Raises `Refused`: there never was such a row."""
    person, draft, named, order = _rows(actor, draft, key)
    if row in order:
        return unchanged(draft)
    most = Keys(definition_of(draft.version)).most_rows(named)
    if len(order) >= most:
        raise Refused([Reason("form_rows_full", {"most": most})])
    earlier = DraftChange.objects.filter(draft=draft, key=key).order_by("-revision", "-pk")
    before = next((typed for typed in earlier.values_list("typed", flat=True) if row in (typed or ())), None)
    if before is None:
        raise Refused([Reason("form_row_not_there")])
    ahead = set(before[: before.index(row)])
    at = max((number for number, one in enumerate(order, 1) if one in ahead), default=0)
    write(draft, person, {key: (*order[:at], row, *order[at:])})
    return draft


@command("applications.move_row")
def move_row(*, actor: Actor, draft: Draft, key: str, row: str, up: bool) -> Draft:
    """One place up or down. At the end already: nothing changes. Raises `Refused`: there is no such row."""
    person, draft, _, order = _rows(actor, draft, key)
    if row not in order:
        raise Refused([Reason("form_row_not_there")])
    at = order.index(row)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return unchanged(draft)
    moved = list(order)
    moved[at], moved[to] = moved[to], moved[at]
    write(draft, person, {key: tuple(moved)})
    return draft


def _rows(actor: Actor, draft: Draft, key: str) -> tuple[Person, Draft, Named, tuple[str, ...]]:
    """The person, the locked draft, the repeated place and the ids of its rows."""
    person, draft = _person(actor), _writable(actor, draft)
    named = Keys(definition_of(draft.version)).named(key)
    if named is None or named.kind != "rows":
        raise Refused([Reason("form_no_such_place")])
    entry = draft.entries.filter(key=key).first()
    return person, draft, named, tuple(entry.typed) if entry else ()


# --- Drafts: files ---------------------------------------------------------------------------------------------------


def attach_file(*, actor: Actor, draft: Draft, key: str, name: str, content: BinaryIO) -> DraftFile:
    """Put a file into a place of the form. It is streamed into the store before the draft is locked.

    What it is, its content says, not its name; a size over the call's limit ends the stream. The same file again in
    the same place changes nothing. Raises `Refused`: no right, no such place, too large, empty, unknown or unwanted
    format, as many files as a place may have.
    """
    refuse_if(_may_write(actor, draft))
    asked = _file_place(draft, key)
    most_mb = asked.max_mb or MOST_FILE_MB
    called = shown(name)
    found: list[str] = []

    def look(whole: BinaryIO) -> None:
        if not whole.read(1):
            raise Refused([Reason("draft_file_empty", {"name": called})])
        format = format_of(whole)
        if format is None:
            raise Refused([Reason("draft_file_unknown", {"name": called})])
        refuse_if(read_files((FileFacts(name=called, size_bytes=0, format=format),), asked).faults)
        found.append(format)

    try:
        kept = files.keep(content, most=most_mb * MEGABYTE, check=look)
    except files.TooLarge:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": most_mb})]) from None
    return keep_file(actor=actor, draft=draft, key=key, name=harmless_name(name, found[0]), kept=kept, format=found[0])


@command("applications.attach_file")
def keep_file(*, actor: Actor, draft: Draft, key: str, name: str, kept: files.Kept, format: str) -> DraftFile:
    """Enter a file that is in the store already. Use `attach_file`, which looks at it first."""
    person, draft = _person(actor), _writable(actor, draft)
    _file_place(draft, key)
    standing = list(draft.files.filter(key=key, removed_at__isnull=True))
    if same := next((one for one in standing if one.sha256 == kept.sha256), None):
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
        at=now(),
    )
    _files_changed(draft, person, key, file)
    return file


@command("applications.remove_file")
def remove_file(*, actor: Actor, draft: Draft, file: DraftFile) -> DraftFile:
    """Take a file out of its place; `restore_file` brings it back. Out already: nothing changes."""
    person, draft = _person(actor), _writable(actor, draft)
    file = _file_of(draft, file)
    if file.removed_at:
        return unchanged(file)
    file.removed_at = now()
    file.save(update_fields=["removed_at"])
    _files_changed(draft, person, file.key, file)
    return file


@command("applications.restore_file")
def restore_file(*, actor: Actor, draft: Draft, file: DraftFile) -> DraftFile:
    """Bring a removed file back. Raises `Refused`: the place is full, or the call asks for it no longer."""
    person, draft = _person(actor), _writable(actor, draft)
    file = _file_of(draft, file)
    _file_place(draft, file.key)
    standing = list(draft.files.filter(key=file.key, removed_at__isnull=True))
    if not file.removed_at or any(one.sha256 == file.sha256 for one in standing):
        return unchanged(file)
    if len(standing) >= MOST_FILES:
        raise Refused([Reason("draft_files_full", {"most": MOST_FILES})])
    file.removed_at = None
    file.save(update_fields=["removed_at"])
    _files_changed(draft, person, file.key, file)
    return file


def _file_place(draft: Draft, key: str) -> FileField | Document:
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
    _changed(
        draft, person, {key: list(draft.files.filter(key=key, removed_at__isnull=True).values_list("name", flat=True))}
    )
    _journal(draft, before, [key], file=file.uid, sha256=file.sha256, removed=file.removed_at is not None)


# --- Drafts: who writes in them --------------------------------------------------------------------------------------


@command("applications.invite_colleague")
def invite_colleague(*, actor: Actor, draft: Draft, email: str, may_file: bool) -> DraftInvitation:
    """Ask somebody by mail to write in the draft, and to file it where `may_file` says so. An earlier one is replaced.

    Raises `Refused`: no right to share, no address, somebody who writes in it already, too many that wait.
    Side effects: one mail, whose link is kept only as a hash.
    """
    person, draft = _person(actor), _shared(actor, draft)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused([Reason("not_an_address", {"given": shown(email)})]) from None
    if draft.people.filter(person__email=email, ended_at__isnull=True).exists():
        raise Refused([Reason("draft_writes_already", {"address": email})])
    waiting = draft.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now())
    waiting.filter(email=email).update(revoked_at=now())
    if waiting.count() >= MOST_INVITATIONS:
        raise Refused([Reason("draft_invitations_full", {"most": MOST_INVITATIONS})])
    token = new_token()
    invitation = DraftInvitation.objects.create(
        draft=draft,
        email=email,
        may_file=may_file,
        token_sha256=token_hash(token),
        invited_by=person,
        invited_at=now(),
        expires_at=now() + INVITATION_GOOD_FOR,
    )
    language = _mail_language(by_email(email), draft, person)
    mail.post(
        "draft-invitation",
        to=email,
        language=language,
        context={
            "inviter": person.shown,
            "organisation": draft.organisation.name,
            "call": _title(draft.call, language),
            "may_file": may_file,
            "path": f"/invitations/drafts/{token}",
            "days": INVITATION_GOOD_FOR.days,
        },
        secret=True,
    )
    record(draft, payload={"draft": draft.uid, "invitation": invitation.pk, "may_file": may_file})
    return invitation


@command("applications.accept_invitation")
def accept_invitation(*, actor: Actor, token: str) -> Draft:
    """The signed-in person writes in the draft from now on, and nowhere else.

    Accepted before by the same person: nothing changes. Raises `Refused`: nobody signed in; a link that is unknown,
    used, taken back or too old; a draft that was discarded.
    """
    person = _person(actor)
    known = DraftInvitation.objects.filter(token_sha256=token_hash(token)).first() if token.isascii() else None
    if known is None:
        raise Refused([Reason("draft_invitation_unknown")])
    draft = _locked(known.draft)  # the draft first, as everywhere: two orders of locking would wait for each other
    invitation = locked(DraftInvitation.objects).get(pk=known.pk)
    standing = draft.people.filter(person=person, ended_at__isnull=True).first()
    if invitation.accepted_at and standing:
        return unchanged(draft)
    if invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now():
        raise Refused([Reason("draft_invitation_over")])
    refuse_if(check(DRAFT, "share", draft.state))
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])
    if standing is None:
        DraftMember.objects.create(draft=draft, person=person, may_file=invitation.may_file, since=now())
    elif invitation.may_file and not standing.may_file:
        standing.may_file = True
        standing.save(update_fields=["may_file"])
    record(draft, payload={"draft": draft.uid, "invitation": invitation.pk, "person": person.uid})
    return draft


@command("applications.revoke_invitation")
def revoke_invitation(*, actor: Actor, invitation: DraftInvitation) -> DraftInvitation:
    """Take an invitation back; its link opens nothing from now on. Over already: nothing changes."""
    draft = _locked(invitation.draft)
    refuse_if(allowed(actor, rules.SHARE_DRAFT, draft))
    invitation = locked(DraftInvitation.objects).get(pk=invitation.pk)
    if invitation.accepted_at or invitation.revoked_at:
        return unchanged(invitation)
    invitation.revoked_at = now()
    invitation.save(update_fields=["revoked_at"])
    record(draft, payload={"draft": draft.uid, "invitation": invitation.pk, "revoked": True})
    return invitation


@command("applications.set_may_file")
def set_may_file(*, actor: Actor, draft: Draft, person: Person, may_file: bool) -> DraftMember:
    """Let somebody who writes in the draft also file it, or no longer. Never leaves it without anybody who may."""
    draft = _shared(actor, draft)
    member = _member(draft, person)
    if member.may_file == may_file:
        return unchanged(member)
    if not may_file:
        refuse_if(_last_filer(draft, member))
    member.may_file = may_file
    member.save(update_fields=["may_file"])
    record(draft, payload={"draft": draft.uid, "person": person.uid, "may_file": may_file})
    return member


@command("applications.remove_member")
def remove_member(*, actor: Actor, draft: Draft, person: Person) -> DraftMember:
    """Somebody writes in the draft no longer; what they wrote stays. Never the last one who may file it."""
    draft = _shared(actor, draft)
    return _end(draft, _member(draft, person))


@command("applications.leave_draft")
def leave_draft(*, actor: Actor, draft: Draft) -> DraftMember:
    """Write in the draft no longer, oneself. The last one who may file it first lets somebody else file."""
    person, draft = _person(actor), _locked(draft)
    return _end(draft, _member(draft, person))


def _end(draft: Draft, member: DraftMember) -> DraftMember:
    refuse_if(_last_filer(draft, member))
    member.ended_at = now()
    member.save(update_fields=["ended_at"])
    record(draft, payload={"draft": draft.uid, "person": member.person.uid, "ended": True})
    return member


def _member(draft: Draft, person: Person) -> DraftMember:
    found = draft.people.filter(person=person, ended_at__isnull=True).select_related("person").first()
    if found is None:
        raise Refused([Reason("draft_member_not_there")])
    return found


def _last_filer(draft: Draft, member: DraftMember) -> tuple[Reason, ...]:
    others = draft.people.filter(may_file=True, ended_at__isnull=True, person__is_active=True).exclude(pk=member.pk)
    return () if not member.may_file or others.exists() else (Reason("draft_last_filer"),)


def _shared(actor: Actor, draft: Draft) -> Draft:
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.SHARE_DRAFT, draft))
    refuse_if(check(DRAFT, "share", draft.state))
    return draft


# --- Drafts: translations --------------------------------------------------------------------------------------------


@command("applications.set_translation")
def set_translation(*, actor: Actor, draft: Draft, key: str, language: str, text: str) -> Translation:
    """Write an answer in another language, beside the original, which alone counts. An empty text takes it away.

    Raises `Refused`: no such answer, the language of the original, no language, a text that cannot be kept.
    """
    person, draft = _person(actor), _writable(actor, draft)
    entry = _original(draft, key, language)
    try:
        kept, _ = clean_text(text)
    except NotText as wrong:
        raise Refused([wrong.reason]) from None
    standing = draft.translations.filter(key=key, language=language).first()
    if standing and (standing.text, standing.of_revision, standing.origin) == (kept, entry.revision, "person"):
        return unchanged(standing)
    return _translated(draft, entry, language, kept, origin="person", engine="", by=person)


def translate_by_machine(*, actor: Actor, draft: Draft, key: str, language: str) -> Translation:
    """Let the office's engine translate an answer; marked as the machine's until a person takes it over.

    The engine is asked before the draft is locked. What a person wrote or took over is never replaced.
    Raises `Refused`: as `set_translation`; no engine here, one that fails, a person's translation that stands.
    """
    refuse_if(_may_write(actor, draft))
    engine = translator()
    if engine is None:
        raise Refused([Reason("draft_no_translator")])
    entry = _original(draft, key, language)
    try:
        said = engine.translate(
            str(entry.typed), source=_short(entry.language or draft.language), target=_short(language)
        )
        text, _ = clean_text(said)
    except (NotTranslated, NotText):
        raise Refused([Reason("draft_translator_failed")]) from None
    return keep_machine_translation(
        actor=actor, draft=draft, key=key, language=language, text=text, engine=engine.name, of_revision=entry.revision
    )


@command("applications.translate_by_machine")
def keep_machine_translation(
    *, actor: Actor, draft: Draft, key: str, language: str, text: str, engine: str, of_revision: int
) -> Translation:
    """Enter what an engine made. Use `translate_by_machine`, which asks the engine."""
    draft = _writable(actor, draft)
    entry = _original(draft, key, language)
    standing = draft.translations.filter(key=key, language=language).first()
    if standing and standing.text and standing.origin == "person":
        raise Refused([Reason("draft_translated_by_person")])
    entry.revision = of_revision
    return _translated(draft, entry, language, text, origin="machine", engine=engine, by=None)


@command("applications.take_over_translation")
def take_over_translation(*, actor: Actor, draft: Draft, key: str, language: str) -> Translation:
    """A person has read a machine's translation and answers for it. Raises `Refused`: there is none."""
    person, draft = _person(actor), _writable(actor, draft)
    standing = draft.translations.filter(key=key, language=language).exclude(text="").first()
    if standing is None:
        raise Refused([Reason("draft_not_translated")])
    if standing.origin == "person":
        return unchanged(standing)
    standing.origin, standing.by, standing.at = "person", person, now()
    standing.save(update_fields=["origin", "by", "at"])
    record(draft, payload={"draft": draft.uid, "key": key, "language": language, "origin": "person"})
    return standing


def _original(draft: Draft, key: str, language: str) -> DraftEntry:
    """The answer that is translated."""
    refuse_if(_bad_language(language))
    named = Keys(definition_of(draft.version)).named(key)
    entry = draft.entries.filter(key=key).first() if named is not None and named.words else None
    if entry is None or not entry.typed:
        raise Refused([Reason("draft_nothing_to_translate")])
    if _short(entry.language or draft.language) == _short(language):
        raise Refused([Reason("draft_same_language", {"language": language})])
    return entry


def _translated(
    draft: Draft, entry: DraftEntry, language: str, text: str, *, origin: str, engine: str, by: Person | None
) -> Translation:
    translation, _ = Translation.objects.update_or_create(
        draft=draft,
        key=entry.key,
        language=language,
        defaults={
            "text": text,
            "origin": origin,
            "engine": engine,
            "by": by,
            "of_revision": entry.revision,
            "at": now(),
        },
    )
    told = {"key": entry.key, "language": language, "origin": origin, "of_revision": entry.revision}
    record(draft, payload={"draft": draft.uid, **told})
    return translation


def _short(language: str) -> str:
    return language.partition("-")[0].lower()


# --- Drafts: discarded, restored, moved on ---------------------------------------------------------------------------


@command("applications.discard_draft")
def discard_draft(*, actor: Actor, draft: Draft) -> Draft:
    """Put a draft away; it stays, and `restore_draft` brings it back while the call is open."""
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.DISCARD_DRAFT, draft))
    if draft.state != WRITING:
        return unchanged(draft)
    refuse_if(check(DRAFT, "discard", draft.state))
    draft.state, draft.discarded_at = DRAFT.move("discard").to, now()
    draft.save(update_fields=["state", "discarded_at"])
    record(draft, before={"state": WRITING}, after={"state": draft.state}, payload={"draft": draft.uid})
    return draft


@command("applications.restore_draft")
def restore_draft(*, actor: Actor, draft: Draft) -> Draft:
    """Bring a discarded draft back, on the call's current version. Raises `Refused`: the call takes none now."""
    draft = _locked(draft)
    refuse_if(allowed(actor, rules.DISCARD_DRAFT, draft))
    if draft.state == WRITING:
        return unchanged(draft)
    refuse_if(check(DRAFT, "restore", draft.state, _facts(draft.call)))
    before = draft.state
    draft.state, draft.discarded_at = DRAFT.move("restore").to, None
    draft.version = current_version(draft.call) or draft.version
    draft.save(update_fields=["state", "discarded_at", "version"])
    told = {"draft": draft.uid, "version": draft.version.number}
    record(draft, before={"state": before}, after={"state": draft.state}, payload=told)
    return draft


@command("applications.follow_version")
def follow_version(*, actor: Actor, draft: Draft) -> Draft:
    """Move a draft to the call's current version; every answer stays, also those that are asked no longer.

    The platform does this by itself after an amendment. On it already: nothing changes.
    """
    draft = _locked(draft)
    if actor.kind != "system":
        refuse_if(allowed(actor, rules.WRITE_DRAFT, draft))
    version = current_version(draft.call)
    if version is None or version.pk == draft.version_id or draft.state != WRITING:
        return unchanged(draft)
    refuse_if(check(DRAFT, "follow", draft.state))
    before, draft.version = draft.version.number, version
    definition = definition_of(version)
    keys = Keys(definition)
    left = [key for key in draft.entries.values_list("key", flat=True) if keys.named(key) is None]
    if draft.track not in [one.id for one in definition.tracks]:
        draft.track = definition.tracks[0].id if len(definition.tracks) == 1 else ""
    draft.changed_at = now()
    draft.save(update_fields=["version", "track", "changed_at"])
    told = {"draft": draft.uid, "version": version.number, "left_behind": len(left)}
    record(draft, before={"version": before}, after={"version": version.number}, payload=told)
    return draft


@command("applications.take_over_draft")
def take_over_draft(*, actor: Actor, draft: Draft, handover: Handover) -> Draft:
    """What the giver of a handover did in this draft, its taker does from now on. Done already: nothing changes.

    By the platform only, when a handover was made.
    """
    draft = _locked(draft)
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    given = draft.people.filter(person=handover.giver, ended_at__isnull=True).first()
    if given is None:
        return unchanged(draft)
    given.ended_at = now()
    given.save(update_fields=["ended_at"])
    taker = draft.people.filter(person=handover.taker, ended_at__isnull=True).first()
    if taker is None:
        DraftMember.objects.create(draft=draft, person=handover.taker, may_file=given.may_file, since=now())
    elif given.may_file and not taker.may_file:
        taker.may_file = True
        taker.save(update_fields=["may_file"])
    record(draft, payload={"draft": draft.uid, "handover": handover.uid})
    return draft


# --- Drafts: reminders -----------------------------------------------------------------------------------------------


@command("applications.remind_writers")
def remind_writers(*, actor: Actor, draft: Draft, people: Collection[Person], before: dt.timedelta) -> int:
    """Tell these people that their draft is not filed and its call closes soon; returns how many mails were new.

    At most one mail for each person, draft and stage (`before`: a week or a day). By the platform only.
    """
    draft = _locked(draft)
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    closes = draft.call.closes_at
    if draft.state != WRITING or closes is None or closes <= now():
        return unchanged(0)
    told = mail.known_keys(rules.reminder_key(draft, person, before) for person in people)
    people = [person for person in people if rules.reminder_key(draft, person, before) not in told]
    if not people:
        return unchanged(0)
    state, zone = form_state(draft), ZoneInfo(definition_of(draft.version).schedule.zone)
    for person in people:
        mail.post(
            "draft-reminder",
            to=person.email,
            language=person.language,
            key=rules.reminder_key(draft, person, before),
            context={
                "call": _title(draft.call, person.language),
                "organisation": draft.organisation.name,
                "closes": f"{closes.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})",
                "closes_here": f"{closes.astimezone(ZoneInfo(person.zone)):%Y-%m-%d %H:%M} ({person.zone})",
                "elsewhere": person.zone != zone.key,
                "missing": len(state.missing),
                "path": f"/applications/{draft.uid}",
            },
        )
    draft.reminded_at = now()
    draft.save(update_fields=["reminded_at"])
    record(
        draft, payload={"draft": draft.uid, "people": len(people), "hours_before": int(before.total_seconds() // 3600)}
    )
    return len(people)


# --- Drafts: what all of them ask ------------------------------------------------------------------------------------


def _person(actor: Actor) -> Person:
    """Whoever acts, as a person: what is written in a draft has somebody who wrote it."""
    if not is_person(actor.person):
        raise Refused([Reason("people_only")])
    person: Person = actor.person
    return person


def _locked(draft: Draft) -> Draft:
    return locked(with_everything(Draft.objects.all())).get(pk=draft.pk)


def _writable(actor: Actor, draft: Draft) -> Draft:
    """The locked draft, which this person may write in, and which can be written in now."""
    draft = _locked(draft)
    refuse_if(_may_write(actor, draft))
    return draft


def _may_write(actor: Actor, draft: Draft) -> Iterable[Reason]:
    """The reasons against; what is wrong with the moment only concerns those who have the right."""
    return allowed(actor, rules.WRITE_DRAFT, draft) or check(DRAFT, "write", draft.state, _facts(draft.call))


def _facts(call: Call) -> set[str]:
    return {"call_takes_drafts"} if state_of(call) == OPEN else set()


def _bad_language(language: str) -> Iterable[Reason]:
    if len(language) > 10 or not _LANGUAGE.fullmatch(language):
        yield Reason("no_such_language", {"language": shown(language)[:20]})


def _mail_language(reader: Person | None, draft: Draft, inviter: Person) -> str:
    """The reader's own where they have an account, else the draft's where we have words in it, else the inviter's."""
    if reader is not None:
        return reader.language
    return draft.language if draft.language in dict(settings.LANGUAGES) else inviter.language


def _title(call: Call, language: str) -> str:
    return str(call.title.get(language) or next(iter(call.title.values()), call.slug))
