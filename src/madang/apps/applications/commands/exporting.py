"""Exports: what somebody reads of a call's applications, made into a file of their own that lasts for a day.

A large one is made by the worker. Who took what is in the journal, by counts and the hash of the file.
"""

import datetime as dt
import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import rules
from madang.apps.applications.models import Application, Export
from madang.apps.applications.queries import exported, files_taken_along, row_of
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition
from madang.apps.enquiries.rules import About
from madang.core.form.differences import Attached
from madang.core.lifecycle import EXPORT, check
from madang.core.lifecycle.exporting import EXPIRED, FAILED, READY, WAITING
from madang.core.reasons import Reason
from madang.kernel import files, progress, spool
from madang.kernel.actors import SYSTEM, Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.papers import exporting
from madang.papers.writing import Written

log = logging.getLogger(__name__)

EXPORT_FORMS: Final = ("xlsx", "csv", "json", "zip")
EXPORT_GOOD_FOR: Final = dt.timedelta(days=1)
AT_ONCE: Final = 300
"""Up to so many applications a table is made while one waits; larger ones, and files, by the worker."""
MOST_EXPORTS: Final = 10
"""Of one person for one call within a day."""
LONGEST_SEARCH: Final = 500


@command("applications.ask_export")
def ask_export(*, actor: Actor, call: Call, form: str, q: str = "") -> Export:
    """Begin an export. `form` is one of `EXPORT_FORMS`; `q` narrows it as the list is narrowed.

    Raises `Refused`: no desk of this call, no such form, too many within a day.
    """
    refuse_if(allowed(actor, rules.EXPORT_APPLICATIONS, About(call)))
    if form not in EXPORT_FORMS or actor.person is None:
        raise Refused([Reason("export_no_such_form")])
    recent = Export.objects.filter(call=call, by=actor.person, asked_at__gt=now() - EXPORT_GOOD_FOR)
    if recent.count() >= MOST_EXPORTS:
        raise Refused([Reason("export_too_many", {"most": MOST_EXPORTS})])
    export = Export.objects.create(
        call=call,
        by=actor.person,
        form=form,
        q=" ".join(q.replace("\0", " ").split())[:LONGEST_SEARCH],
        asked_at=now(),
        expires_at=now() + EXPORT_GOOD_FOR,
    )
    record(export, after={"state": WAITING}, payload=_told(export, form=form))
    return export


def make_export_at_once(export: Export) -> Export:
    """Make it now, where it is small; else it waits for the worker."""
    if export.form != "zip" and exported(export.by, export.call, export.q).count() <= AT_ONCE:
        return make_export(export)
    return export


def make_export(export: Export) -> Export:
    """Make the file, with the rights that the person has now. Whatever happens, it says how it ended."""
    path = spool.path_of(export.uid)
    try:
        with path.open("wb"):
            path.chmod(0o600)
        counts = _written(export, path)
        sha256, size = _hashed(path)
        return export_applications(actor=actor_of(export.by), export=export, sha256=sha256, size=size, counts=counts)
    except Refused as refused:
        spool.remove(export.uid)
        return fail_export(actor=SYSTEM, export=export, reasons=refused.reasons)
    except Exception:  # a lost file, a full disk: an answer all the same
        log.exception("export %s", export.uid)
        spool.remove(export.uid)
        return fail_export(actor=SYSTEM, export=export, reasons=[Reason("export_failed")])
    finally:
        progress.end(export.uid)


@command("applications.export_applications")
def export_applications(*, actor: Actor, export: Export, sha256: str, size: int, counts: Mapping[str, int]) -> Export:
    """Enter what was made for the person: how much, and its hash. Made already: nothing changes.

    Raises `Refused`: no desk any more, nothing in it, its day is over.
    """
    export = locked(Export.objects.select_related("call__programme", "by")).get(pk=export.pk)
    if export.state == READY:
        return unchanged(export)
    refuse_if(allowed(actor, rules.READ_EXPORT, export))
    facts = {"something_to_take"} if counts.get("applications") else set()
    refuse_if(check(EXPORT, "make", export.state, facts))
    export.state, export.made_at, export.sha256 = EXPORT.move("make").to, now(), sha256
    export.size_bytes, export.counts = size, dict(counts)
    export.save(update_fields=["state", "made_at", "sha256", "size_bytes", "counts"])
    told = _told(export, form=export.form, sha256=sha256, size_bytes=size, **counts)
    record(export, before={"state": WAITING}, after={"state": READY, "sha256": sha256}, payload=told)
    return export


@command("applications.fail_export")
def fail_export(*, actor: Actor, export: Export, reasons: Sequence[Reason]) -> Export:
    """Enter why nothing was made. By the platform only; made meanwhile: nothing changes."""
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    export = locked(Export.objects.select_related("call")).get(pk=export.pk)
    if check(EXPORT, "fail", export.state):
        return unchanged(export)
    export.state, export.reasons = FAILED, [[one.code, dict(one.params)] for one in reasons]
    export.save(update_fields=["state", "reasons"])
    told = _told(export, reasons=[one.code for one in reasons])
    record(export, before={"state": WAITING}, after={"state": FAILED}, payload=told)
    return export


@command("applications.expire_export")
def expire_export(*, actor: Actor, export: Export) -> Export:
    """Throw the file away, a day after it was asked for. By the platform only."""
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    export = locked(Export.objects.select_related("call")).get(pk=export.pk)
    if export.state == EXPIRED or export.expires_at > now():
        return unchanged(export)
    before, export.state = export.state, EXPORT.move("expire").to
    export.save(update_fields=["state"])
    record(export, before={"state": before}, after={"state": EXPIRED}, payload=_told(export))
    transaction.on_commit(lambda: spool.remove(export.uid))
    return export


# --- The file ---------------------------------------------------------------------------------------------------------


def _written(export: Export, path: Path) -> dict[str, int]:
    """Write the file; what is in it, counted."""
    progress.tell(export.uid, "gathering")
    rows = list(exported(export.by, export.call, export.q))
    definition = current_definition(export.call)
    applications = [row_of(one) for one in rows]
    tables = exporting.tables(definition, applications, sample=export.call.is_sample)
    counts = {"applications": len(rows)}
    if export.form == "xlsx":
        exporting.write_xlsx(tables, path)
    elif export.form == "csv":
        path.write_bytes(exporting.csv_bytes(next(one for one in tables if one.name == "applications")))
    else:
        held = files_taken_along(rows)
        counts["files"] = sum(len(ones) for ones in held.values()) if export.form == "zip" else 0
        named = _paths(rows, held)
        text = _json(export, rows, named)
        if export.form == "json":
            path.write_bytes(text)
        else:
            _write_zip(export, path, tables, text, named)
    return counts


def _paths(
    rows: Sequence[Application], held: Mapping[int, Sequence[Attached]]
) -> dict[int, list[tuple[str, Attached]]]:
    """Application -> its files with their paths in an archive, in a fixed order."""
    paths = exporting.Paths()
    return {
        one.pk: [
            (paths.of("files", one.reference, file.name), file)
            for file in sorted(held.get(one.pk, ()), key=lambda file: (file.name, file.sha256))
        ]
        for one in rows
    }


def _json(export: Export, rows: Sequence[Application], named: Mapping[int, Sequence[tuple[str, Attached]]]) -> bytes:
    applications = (
        row_of(one).as_json()
        | {
            "files": [
                {"path": path, "name": file.name, "sha256": file.sha256, "size_bytes": file.size_bytes}
                for path, file in named[one.pk]
            ]
        }
        for one in rows
    )
    document = exporting.document(
        call=export.call.slug,
        sample=export.call.is_sample,
        exported_at=f"{now():%Y-%m-%dT%H:%M:%SZ}",
        q=export.q,
        applications=applications,
    )
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _write_zip(
    export: Export,
    path: Path,
    tables: Sequence[Written],
    text: bytes,
    named: Mapping[int, Sequence[tuple[str, Attached]]],
) -> None:
    """Tables first, then each file in pieces. Its order and its times are always the same."""
    every = [one for ones in named.values() for one in ones]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables:
            _add(archive, f"{table.name}.csv", io.BytesIO(exporting.csv_bytes(table)), zipfile.ZIP_DEFLATED)
        _add(archive, "export.json", io.BytesIO(text), zipfile.ZIP_DEFLATED)
        for number, (name, file) in enumerate(every):
            progress.tell(export.uid, "packing", number, len(every))
            with files.reading(file.sha256) as content:
                _add(archive, name, content, zipfile.ZIP_STORED)


def _add(archive: zipfile.ZipFile, name: str, content: Any, how: int) -> None:
    one = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    one.compress_type = how
    one.external_attr = 0o600 << 16
    with archive.open(one, "w", force_zip64=True) as target:
        for piece in _pieces(content):
            target.write(piece)


def _pieces(content: Any) -> Iterator[bytes]:
    while piece := content.read(files.CHUNK):
        yield piece


def _hashed(path: Path) -> tuple[str, int]:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest(), path.stat().st_size


def _told(export: Export, **more: Any) -> dict[str, Any]:
    """Not what was searched for: it may be somebody's name."""
    return {"export": export.uid, "call": export.call.slug, **more}
