"""Takes in what was previewed and confirmed, as one batch or nothing of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from madang.apps.applications import rules
from madang.apps.applications.commands.import_reading import Compared, Line, standing_base
from madang.apps.applications.commands.reception import applications_of, dossiers_for, file_of
from madang.apps.applications.events import BatchReceived
from madang.apps.applications.models import Application, BatchSource, Import, ReceivedFile, ReceptionBatch
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition, state_of
from madang.apps.enquiries.rules import About
from madang.core.lifecycle import CALL, IMPORT, check
from madang.core.reasons import Reason
from madang.core.record.canonical import digest
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if
from madang.kernel.events import announce
from madang.kernel.permissions import allowed


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be stored: the comparison, and the member of the archive -> the hash under which the store has it."""

    compared: Compared
    kept: Mapping[int, str]


@command("applications.receive_import")
def receive_import(*, actor: Actor, imported: Import, taken: Taken) -> ReceptionBatch:
    """Store what was confirmed: new rows, and rows in the place of those that they change, which keep their days.

    Raises `Refused`: no right for one of the types, the call takes nothing now, not confirmed, or what it was compared
    with has changed meanwhile. Side effects: a `BatchReceived` event. About ten statements, and one for 500 rows.
    """
    call = locked(Call.objects).get(pk=imported.call_id)
    imported = locked(Import.objects).get(pk=imported.pk)
    found = taken.compared
    refuse_if(not_of_others(actor, call, found))
    refuse_if(check(CALL, "receive", state_of(call)))
    refuse_if(check(IMPORT, "take", imported.state))
    references = _references(found)
    if standing_base(call, references) != imported.base_sha256:
        raise Refused([Reason("import_base_changed")])
    batch = ReceptionBatch.objects.create(
        call=call, source=imported.name[:200], sha256=_digest(found), note=imported.note, imported_at=now()
    )
    replaced = {line.application.id: line.standing.pk for line in found.changed if line.standing is not None}
    Application.objects.filter(pk__in=replaced.values()).update(undone_at=batch.imported_at)
    _store(batch, call, found, taken.kept)
    BatchSource.objects.create(
        batch=batch,
        by=imported.by,
        name=imported.name,
        sha256=imported.sha256,
        size_bytes=imported.size_bytes,
        replaced=replaced,
    )
    imported.state, imported.batch, imported.ended_at = IMPORT.move("take").to, batch, now()
    imported.found = {"counts": imported.found.get("counts", {})}  # no second copy of names and titles
    imported.save(update_fields=["state", "batch", "ended_at", "found"])
    told = {
        "call": call.slug,
        "import": imported.uid,
        "file_sha256": imported.sha256,
        "applications": len(found.new),
        "changed": len(found.changed),
        "files": sum(len(line.files) for line in found.taken),
    }
    record(batch, after={"sha256": batch.sha256, "undone_at": None}, payload={"sha256": batch.sha256, **told})
    announce(BatchReceived(call_id=call.pk, batch_id=batch.pk, applications=len(found.taken)))
    return batch


def not_of_others(actor: Actor, call: Call, found: Compared) -> list[Reason]:
    """A reason for each type of the import that somebody else answers for; of what it would change, the type before."""
    tracks = {line.application.track for line in found.taken}
    tracks |= {line.standing.track for line in found.changed if line.standing is not None}
    return [
        Reason("import_type_of_others", {"track": track or "-"})
        for track in sorted(tracks)
        if allowed(actor, rules.IMPORT_BATCH, About(call, track))
    ]


def _references(found: Compared) -> set[str]:
    every = (*found.new, *found.changed, *found.unchanged, *found.conflicts)
    return {line.application.id for line in every}


def _digest(found: Compared) -> str:
    return digest(
        {
            "applications": [_content(line) for line in found.taken],
            "replaces": [line.standing.pk for line in found.changed if line.standing is not None],
        }
    )


def _content(line: Line) -> dict[str, Any]:
    return line.application.as_json() | {"came": [[file.key, file.name, file.sha256] for file in line.files]}


def _store(batch: ReceptionBatch, call: Call, found: Compared, kept: Mapping[int, str]) -> None:
    lines = sorted(found.taken, key=lambda line: line.row)
    applications = [line.application for line in lines]
    dossiers = dossiers_for(batch, applications)
    rows = list(applications_of(batch, current_definition(call), applications, call.is_sample, dossiers))
    for line, row in zip(lines, rows, strict=True):
        if line.standing is not None:
            row.is_sample = line.standing.is_sample
            if not row.received:
                row.received_at = line.standing.received_at
    Application.objects.bulk_create(rows, batch_size=500)
    files = []
    for line, row in zip(lines, rows, strict=True):
        files += [file_of(file, row) for file in line.kept]
        files += [
            ReceivedFile(
                application=row,
                key=file.key,
                name=file.name,
                sha256=kept[file.member],
                size_bytes=file.size_bytes,
                format=file.format,
            )
            for file in line.files
        ]
    ReceivedFile.objects.bulk_create(files, batch_size=500)
