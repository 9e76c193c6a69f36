"""Imports of applications that came outside: handed in, columns chosen, previewed, confirmed, taken in, dropped.

What is slow (reading, comparing, keeping files) is done by the worker outside of any transaction; each command only
writes down how it ended.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, Final

from django.db import transaction

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.rules import has_controls
from madang.apps.applications import rules
from madang.apps.applications.commands.import_preview import as_json, columns_of, preview_of
from madang.apps.applications.commands.import_reading import (
    LARGEST_FILE_MB,
    AsksColumns,
    Compared,
    FaultyTables,
    Opened,
    Tell,
    compare,
    opened,
)
from madang.apps.applications.commands.import_taking import Taken, not_of_others, receive_import
from madang.apps.applications.models import Import
from madang.apps.applications.queries import chosen_before
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition, state_of
from madang.apps.enquiries.rules import About
from madang.core.form.read import MEGABYTE
from madang.core.form.written import shown
from madang.core.lifecycle import CALL, IMPORT, check
from madang.core.lifecycle.importing import CONFIRMED, DROPPED, WAITING
from madang.core.reasons import Malformed, Reason
from madang.kernel import files, progress, spool
from madang.kernel.actors import OFFICE, SYSTEM, Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.incoming.take import scan_or_refuse, store_or_refuse, take_in
from madang.kernel.permissions import allowed
from madang.kernel.tokens import new_uid

log = logging.getLogger(__name__)

MOST_IMPORT_MB: Final = 1000
IMPORT_GOOD_FOR: Final = dt.timedelta(hours=24)
"""After it was handed in: then it is dropped, if nobody has taken it in."""
MOST_UNDER_WAY: Final = 5
"""Imports of one person for one call that are neither taken in nor dropped."""
LONGEST_IMPORT_NOTE: Final = 500
_MOST_COLUMNS: Final = 2_000


# --- Handing in -------------------------------------------------------------------------------------------------------


def hand_in_import(*, actor: Actor, call: Call, name: str, content: BinaryIO, size: int) -> Import:
    """Put what came into the spool and begin an import of it, which the worker then reads.

    Raises `Refused`: no desk of this call, it takes nothing now, empty, too large, too many under way, no room.
    """
    refuse_if(_against_importing(actor, call))
    called = shown(name)
    if not size:
        raise Refused([Reason("draft_file_empty", {"name": called})])
    if size > MOST_IMPORT_MB * MEGABYTE:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": MOST_IMPORT_MB})])
    uid = new_uid()
    spool.begin(uid)
    try:
        spool.append(uid, content, at=0, count=size)
        with spool.whole(uid) as whole:
            sha256 = hashlib.file_digest(whole, "sha256").hexdigest()
        return start_import(actor=actor, call=call, uid=uid, name=name, size=size, sha256=sha256)
    except OSError as error:
        spool.remove(uid)
        log.error("the spool: %s", error)
        raise Refused([Reason("disk_full")]) from error
    except BaseException:
        spool.remove(uid)
        raise


@command("applications.start_import")
def start_import(*, actor: Actor, call: Call, uid: str, name: str, size: int, sha256: str) -> Import:
    """Enter what lies in the spool under `uid`. Use `hand_in_import`."""
    refuse_if(_against_importing(actor, call))
    under_way = Import.objects.filter(call=call, by=actor.person).exclude(state__in=("done", "dropped"))
    if actor.person is not None and under_way.count() >= MOST_UNDER_WAY:
        raise Refused([Reason("import_too_many", {"most": MOST_UNDER_WAY})])
    chosen, dates = chosen_before(call)
    imported = Import.objects.create(
        uid=uid,
        call=call,
        by=actor.person,
        name=_on_one_line(name),
        sha256=sha256,
        size_bytes=size,
        chosen=chosen,
        dates=dates,
        started_at=now(),
    )
    record(imported, after={"state": WAITING}, payload=_told(imported, sha256=sha256, size_bytes=size))
    return imported


def _against_importing(actor: Actor, call: Call) -> list[Reason]:
    return [*allowed(actor, rules.IMPORT_BATCH, About(call)), *check(CALL, "receive", state_of(call))]


def _on_one_line(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return " ".join("".join(char if char.isprintable() else " " for char in last).split())[-200:] or "file"


# --- What people do with it -------------------------------------------------------------------------------------------


@command("applications.choose_import_columns")
def choose_import_columns(
    *, actor: Actor, imported: Import, chosen: Mapping[str, Mapping[str, str]] | None = None, dates: str | None = None
) -> Import:
    """Say which column each title is (table -> title -> column, blank: leave it out), and have it read again.

    Without `chosen` it is only read again, as the reception stands now. Raises `Refused`: not one's own, at work or
    ended.
    """
    imported = _own(actor, imported)
    refuse_if(check(IMPORT, "choose", imported.state))
    before = imported.state
    if chosen is not None:
        imported.chosen = _clean(chosen)
    if dates is not None:
        imported.dates = dates if dates in ("dmy", "mdy") else ""
    imported.state, imported.reasons = IMPORT.move("choose").to, []
    imported.save(update_fields=["state", "chosen", "dates", "reasons"])
    told = _told(imported, columns=sum(len(titles) for titles in imported.chosen.values()))
    record(imported, before={"state": before}, after={"state": imported.state}, payload=told)
    return imported


def _clean(chosen: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    given = {str(table)[:200]: dict(list(titles.items())[:_MOST_COLUMNS]) for table, titles in chosen.items()}
    return {table: titles for table, titles in given.items() if titles}


@command("applications.confirm_import")
def confirm_import(*, actor: Actor, imported: Import, seen: str, note: Mapping[str, str]) -> Import:
    """Have it taken in. `seen`: the moment of the preview that was on screen; `note`: where the applications come from.

    Raises `Refused`: not one's own, not previewed, another preview than the one seen, nothing would change, no note, a
    type of others.
    """
    imported = _own(actor, imported)
    if imported.state == CONFIRMED:
        return unchanged(imported)
    said = {tag: text.strip()[:LONGEST_IMPORT_NOTE] for tag, text in note.items() if text.strip()}
    counts = imported.found.get("counts", {})
    facts = set()
    if counts.get("new", 0) + counts.get("changed", 0):
        facts.add("changes")
    if imported.seen_at is not None and imported.seen_at.isoformat() == seen:
        facts.add("seen")
    if said:
        facts.add("note_given")
    refuse_if(_note_faults(said))
    refuse_if(check(IMPORT, "confirm", imported.state, facts))
    before, imported.state, imported.note = imported.state, IMPORT.move("confirm").to, said
    imported.save(update_fields=["state", "note"])
    record(imported, before={"state": before}, after={"state": CONFIRMED}, payload=_told(imported, counts=counts))
    return imported


def _note_faults(said: Mapping[str, str]) -> list[Reason]:
    return [Reason("import_note_controls") for text in said.values() if has_controls(text)][:1]


@command("applications.drop_import")
def drop_import(*, actor: Actor, imported: Import) -> Import:
    """Throw away what was handed in; nothing of it was stored. Ended already: nothing changes.

    By whose it is, or by the platform after a day. Raises `Refused`: it is being taken in.
    """
    imported = locked(Import.objects).get(pk=imported.pk) if actor.kind == "system" else _own(actor, imported)
    if imported.state in (DROPPED, "done"):
        return unchanged(imported)
    refuse_if(check(IMPORT, "drop", imported.state))
    before, imported.state, imported.ended_at = imported.state, IMPORT.move("drop").to, now()
    imported.found, imported.reasons = {}, []
    imported.save(update_fields=["state", "ended_at", "found", "reasons"])
    record(imported, before={"state": before}, after={"state": DROPPED}, payload=_told(imported))
    transaction.on_commit(lambda: spool.remove(imported.uid))
    return imported


def _own(actor: Actor, imported: Import) -> Import:
    imported = locked(Import.objects.select_related("call__programme")).get(pk=imported.pk)
    refuse_if(allowed(actor, rules.READ_IMPORT, imported))
    return imported


# --- What the worker does with it -------------------------------------------------------------------------------------


def work_on(imported: Import) -> Import:
    """Read it, or take it in, whichever it waits for. Whatever happens, it says how it ended."""
    tell: Tell = lambda phase, done, total: progress.tell(imported.uid, phase, done, total)  # noqa: E731 - one word
    try:
        return _taken_in(imported, tell) if imported.state == CONFIRMED else _read(imported, tell)
    except Exception:  # a file of strangers may fail in any way: an answer all the same
        log.exception("import %s", imported.uid)
        return note_import(actor=SYSTEM, imported=imported, move="fault", reasons=[Reason("import_failed")])
    finally:
        progress.end(imported.uid)


def _read(imported: Import, tell: Tell) -> Import:
    definition = current_definition(imported.call)
    try:
        with opened(imported, definition) as handed:
            found = compare(imported, handed, definition, tell)
        refused = not_of_others(_whose(imported), imported.call, found)
        if refused:
            return note_import(actor=SYSTEM, imported=imported, move="fault", reasons=refused)
    except AsksColumns as asks:
        return note_import(actor=SYSTEM, imported=imported, move="ask", found={"columns": columns_of(asks.titles)})
    except Malformed as malformed:
        return note_import(actor=SYSTEM, imported=imported, move="fault", found=_faults(malformed))
    tell("counting", 0, 0)
    actor = _whose(imported)
    answers = lambda track: not allowed(actor, rules.IMPORT_BATCH, About(imported.call, track))  # noqa: E731 - one word
    preview = preview_of(imported.call, definition, found, answers)
    return note_import(actor=SYSTEM, imported=imported, move="preview", found=preview, base=found.base_sha256)


def _faults(malformed: Malformed) -> dict[str, Any]:
    titles = malformed.titles if isinstance(malformed, FaultyTables) else ()
    return {"faults": [as_json(fault) for fault in malformed.faults], "columns": columns_of(titles)}


def _taken_in(imported: Import, tell: Tell) -> Import:
    definition = current_definition(imported.call)
    try:
        with opened(imported, definition) as handed:
            found = compare(imported, handed, definition, tell)
            if found.base_sha256 != imported.base_sha256:
                raise Refused([Reason("import_base_changed")])
            kept = _keep(imported, handed, found, tell)
        tell("storing", 0, 0)
        receive_import(actor=_whose(imported), imported=imported, taken=Taken(found, kept))
    except (AsksColumns, Malformed):  # the definition was amended since
        return note_import(actor=SYSTEM, imported=imported, move="recompute", reasons=[Reason("import_base_changed")])
    except Refused as refused:
        changed = any(one.code == "import_base_changed" for one in refused.reasons)
        move = "recompute" if changed else "fault"
        return note_import(actor=SYSTEM, imported=imported, move=move, reasons=refused.reasons)
    spool.remove(imported.uid)
    return Import.objects.get(pk=imported.pk)


def _keep(imported: Import, handed: Opened, found: Compared, tell: Tell) -> dict[int, str]:
    """The original and every file of what is taken in go into the store, looked at and scanned; member -> hash."""
    _keep_original(handed.whole, imported)
    came = [file for line in found.taken for file in line.files]
    kept = {}
    for number, file in enumerate(came):
        tell("keeping", number, len(came))
        with handed.content(file.member) as content:
            one, _ = take_in(content, name=file.name, most=LARGEST_FILE_MB * MEGABYTE, accept=lambda size, format: None)
        kept[file.member] = one.sha256
    return kept


def _keep_original(whole: BinaryIO, imported: Import) -> None:
    """It was looked at when it was opened; a CSV has no format by which it is told apart."""
    whole.seek(0)
    with store_or_refuse():
        files.keep(whole, check=lambda aside: scan_or_refuse(aside, shown(imported.name)))


def _whose(imported: Import) -> Actor:
    return actor_of(imported.by) if imported.by is not None else OFFICE


@command("applications.note_import")
def note_import(
    *,
    actor: Actor,
    imported: Import,
    move: str,
    found: Mapping[str, Any] | None = None,
    base: str = "",
    reasons: Iterable[Reason] = (),
) -> Import:
    """Write down how the worker's work ended. By the platform only; ended otherwise meanwhile: nothing changes."""
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    imported = locked(Import.objects).get(pk=imported.pk)
    if check(IMPORT, move, imported.state):
        return unchanged(imported)
    before, imported.state = imported.state, IMPORT.move(move).to
    told = list(reasons)
    if move == "preview":  # why it was read again is still worth telling
        told += [Reason(code, params) for code, params in imported.reasons]
    imported.reasons = [[one.code, dict(one.params)] for one in told]
    if found is not None:
        imported.found, imported.base_sha256, imported.seen_at = dict(found), base, now()
    imported.save(update_fields=["state", "found", "base_sha256", "seen_at", "reasons"])
    more = {"reasons": [one.code for one in told], "counts": imported.found.get("counts", {})}
    record(imported, before={"state": before}, after={"state": imported.state}, payload=_told(imported, **more))
    return imported


def _told(imported: Import, **more: Any) -> dict[str, Any]:
    """No name: a file's name may be a person's."""
    return {"import": imported.uid, "call": imported.call.slug, **more}
