"""Receive a batch of applications as it was handed in, and undo it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from madang.apps.applications import rules
from madang.apps.applications.events import BatchReceived, BatchUndone
from madang.apps.applications.models import Application, Dossier, PreviousRound, ReceivedFile, ReceptionBatch
from madang.apps.applications.queries import standing_before
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition, state_of
from madang.apps.calls.rules import may_publish
from madang.core.callspec import Definition
from madang.core.callspec.asked import ChoiceField
from madang.core.deciding import case as rows
from madang.core.deciding.case import Case
from madang.core.lifecycle import CALL, check
from madang.core.reasons import Reason
from madang.core.record.canonical import digest
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.permissions import allowed


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
    refuse_if(may_publish(actor, call))
    refuse_if(check(CALL, "receive", state_of(call)))
    definition = current_definition(call)
    refuse_if([*rules.fit(definition, case.applications), *_nothing_twice(call, case)])
    batch = ReceptionBatch.objects.create(
        call=call, source=source, sha256=sha256, note=dict(note or {}), imported_at=now()
    )
    dossiers = dossiers_for(batch, case.applications)
    rows_ = applications_of(batch, definition, case.applications, sample, dossiers)
    Application.objects.bulk_create(rows_, batch_size=500)
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

    What an application was before this batch changed it stands again, as a batch of its own for each one that it came
    in first: so that any earlier day can still be counted. Raises `Refused`: not of one's own types alone, no reason
    was given, or the call is decided. Side effects: a `BatchUndone` event.
    """
    call = locked(Call.objects).get(pk=batch.call_id)
    batch = locked(ReceptionBatch.objects).get(pk=batch.pk)
    if batch.undone_at:
        return unchanged(batch)
    refuse_if([Reason("people_publish")] if actor.kind == "system" else allowed(actor, rules.UNDO_BATCH, batch))
    refuse_if(check(CALL, "undo", state_of(call)))
    if not reason.strip():
        raise Refused([Reason("undoing_needs_reason")])
    before = _state(batch)
    batch.undone_at = now()
    batch.save(update_fields=["undone_at"])
    going = {one.reference: one for one in batch.application_set.filter(undone_at__isnull=True)}
    back = standing_before(batch, going)
    batch.application_set.filter(undone_at__isnull=True).update(undone_at=batch.undone_at)
    batch.previousround_set.filter(undone_at__isnull=True).update(undone_at=batch.undone_at)
    brought = [_brought_back(of, ones, batch.undone_at) for of, ones in _by_batch(back).items()]
    told = {"reason": reason.strip(), "gone": len(going) - len(back), "back": len(back), "batches": brought}
    record(batch, before=before, after=_state(batch), payload={**_state(batch), **told})
    announce(BatchUndone(call_id=call.pk, batch_id=batch.pk))
    return batch


def _by_batch(back: Iterable[Application]) -> dict[ReceptionBatch, list[Application]]:
    found: dict[ReceptionBatch, list[Application]] = {}
    for one in back:
        assert one.batch is not None, "only what was imported is brought back"
        found.setdefault(one.batch, []).append(one)
    return found


def _brought_back(of: ReceptionBatch, ones: list[Application], at: dt.datetime) -> int:
    """A batch of what these rows were, from now on; its key. The rows of old keep their days."""
    sha256 = digest({"back": [one.pk for one in ones]})
    batch = ReceptionBatch.objects.create(call=of.call, source=of.source, sha256=sha256, note=of.note, imported_at=at)
    came: dict[int, list[ReceivedFile]] = {}
    for file in ReceivedFile.objects.filter(application__in=ones):
        came.setdefault(file.application_id, []).append(file)
    copies = [_copied(one, batch) for one in ones]
    Application.objects.bulk_create(copies, batch_size=500)
    ReceivedFile.objects.bulk_create(
        (file_of(file, copy) for one, copy in zip(ones, copies, strict=True) for file in came.get(one.pk, ())),
        batch_size=500,
    )
    tracks = {one.reference: one.track for one in ones}
    moved = [one.dossier for one in copies if one.dossier.track != tracks[one.reference]]
    for dossier in moved:
        dossier.track = tracks[dossier.reference]
    Dossier.objects.bulk_update(moved, ["track"], batch_size=500)
    return batch.pk


def _copied(one: Application, batch: ReceptionBatch) -> Application:
    left = ("id", "batch", "undone_at")
    values = {field.name: getattr(one, field.name) for field in Application._meta.fields if field.name not in left}
    return Application(**values, batch=batch)


def file_of(file: ReceivedFile, application: Application) -> ReceivedFile:
    """The same file, of another row of its application."""
    return ReceivedFile(
        application=application,
        key=file.key,
        name=file.name,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        format=file.format,
    )


def _nothing_twice(call: Call, case: Case) -> Iterator[Reason]:
    standing = Application.objects.filter(call=call, undone_at__isnull=True)
    yield from rules.not_received_before(set(standing.values_list("reference", flat=True)), case.applications)
    rounds = PreviousRound.objects.filter(call=call, undone_at__isnull=True, year__in=[r.year for r in case.rounds])
    for one in rounds:
        yield Reason("round_received_before", {"year": one.year})


def dossiers_for(batch: ReceptionBatch, applications: Iterable[rows.Application]) -> dict[str, Dossier]:
    """Reference -> its dossier: a new one, or the one that is there already. A statement for 500 applications."""
    tracks = {one.id: one.track for one in applications}
    there = Dossier.objects.filter(call=batch.call)
    known = {one.reference: one for one in there if one.reference in tracks}
    moved = [one for one in known.values() if one.track != tracks[one.reference]]
    for one in moved:
        one.track = tracks[one.reference]
    Dossier.objects.bulk_update(moved, ["track"], batch_size=500)
    new = [
        Dossier(call=batch.call, reference=reference, track=track, opened_at=batch.imported_at)
        for reference, track in tracks.items()
        if reference not in known
    ]
    return known | {one.reference: one for one in Dossier.objects.bulk_create(new, batch_size=500)}


def applications_of(
    batch: ReceptionBatch,
    definition: Definition,
    applications: Iterable[rows.Application],
    sample: bool,
    dossiers: Mapping[str, Dossier],
) -> Iterator[Application]:
    """The rows of a batch, in this order; not stored yet."""
    zone = ZoneInfo(definition.schedule.zone)
    fields = fields_of(definition)
    for position, one in enumerate(applications):
        yield Application(
            batch=batch,
            call=batch.call,
            dossier=dossiers[one.id],
            position=position,
            reference=one.id,
            applicant_name=one.applicant,
            organisation=one.organisation,
            kind=one.kind,
            track=one.track,
            country=one.country,
            field=first_field(one, fields),
            answers=dict(one.answers),
            members=[dict(member) for member in one.members],
            received=one.received,
            received_at=_moment(one.received, zone) or batch.imported_at,
            is_sample=sample,
        )


def fields_of(definition: Definition) -> list[str]:
    """The places of the form that ask for the field of a project."""
    return [field.id for field in definition.fields() if isinstance(field, ChoiceField) and field.set == "field"]


def first_field(one: rows.Application, fields: list[str]) -> str:
    """The first field that an application names; blank: not itemised."""
    answers = (one.answers.get(id_) for id_ in fields)
    named = [id_ for answer in answers if answer for id_ in (answer if isinstance(answer, list) else [answer])]
    return str(named[0]) if named else ""


def _moment(received: str, zone: ZoneInfo) -> dt.datetime | None:
    return dt.datetime.fromisoformat(received).replace(tzinfo=zone) if received else None


def _state(batch: ReceptionBatch) -> dict[str, Any]:
    undone = batch.undone_at.isoformat() if batch.undone_at else None
    return {"sha256": batch.sha256, "source": batch.source, "undone_at": undone}
