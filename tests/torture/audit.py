"""What stands after the faults, read from the database and the store; a program of its own (`children.py`).

Asked: `call`, `filed` (what applicants were told: draft, number, receipt, answers, files), `silent` (drafts that must
not be filed). Answers counts, and in words everything that is not as it must be.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.torture.children import answer

MOST: Final = 20
"""Faults of one kind that are told; there may be thousands."""


def looked_at(asked: dict[str, Any]) -> dict[str, Any]:
    from madang.apps.applications.models import Application, Filing
    from madang.kernel.journal import JournalEntry

    of_call = Filing.objects.filter(draft__call__slug=asked["call"])
    filings = {one.draft.uid: one for one in of_call.select_related("draft")}
    drafts = [str(one.draft_id) for one in filings.values()]
    journal = JournalEntry.objects.filter(command="applications.file_draft", object_id__in=drafts)
    told = {one["draft"]: one for one in asked["filed"]}
    faults: dict[str, list[str]] = {
        "lost": list(_lost(told, filings)),
        "doubled": list(_doubled(asked["call"])),
        "half-written": [*_half_written(filings), *_not_to_be(asked.get("silent", []), filings)],
        "journal": list(_disorder(filings, journal)),
        "database": list(_damage()),
    }
    return {
        "filings": of_call.count(),
        "standing": Application.objects.filter(call__slug=asked["call"], undone_at__isnull=True).count(),
        "journal": journal.count(),
        "receipts": len({one.receipt for one in filings.values()}),
        "faults": {kind: found[:MOST] for kind, found in faults.items() if found},
        "counts": {kind: len(found) for kind, found in faults.items()},
    }


def _lost(told: Mapping[str, Any], filings: Mapping[str, Any]) -> Iterator[str]:
    """Every acknowledged filing stands, byte for byte as it was told, with its files."""
    from madang.core.record.canonical import canonical, text_digest
    from madang.core.record.numbers import receipt_number
    from madang.kernel import files

    for uid, one in told.items():
        filing = filings.get(uid)
        if filing is None:
            yield f"{uid}: acknowledged as {one['number']}, and not there"
            continue
        form = json.loads(filing.form)
        if receipt_number(filing.draft.number, filing.revision) != one["number"]:
            yield f"{uid}: acknowledged as {one['number']}, stands as {filing.draft.number}"
        if one["receipt"] and filing.receipt != one["receipt"]:
            yield f"{uid}: another receipt than was given out"
        if text_digest(filing.form) != filing.form_sha256 or canonical(form).decode() != filing.form:
            yield f"{uid}: the form is not the one that was hashed"
        if json.loads(filing.receipt)["form_sha256"] != filing.form_sha256:
            yield f"{uid}: the receipt states another form"
        for key, value in one["answers"].items():
            if form["answers"].get(key) != value:
                yield f"{uid}: {key} is not what was saved"
        handed_in = {file["key"]: file["sha256"] for file in form["files"]}
        for key, sha256 in one["files"].items():
            if handed_in.get(key) != sha256:
                yield f"{uid}: the file at {key} is not the one that was handed in"
            try:
                files.read(sha256)
            except Exception as error:  # whichever: it cannot be read
                yield f"{uid}: the file at {key} cannot be read: {type(error).__name__}"


def _doubled(call: str) -> Iterator[str]:
    from madang.apps.applications.models import Application, Filing

    for uid, count in Counter(
        Filing.objects.filter(draft__call__slug=call).values_list("draft__uid", flat=True)
    ).items():
        if count > 1:
            yield f"{uid}: filed {count} times"
    standing = Application.objects.filter(call__slug=call, undone_at__isnull=True)
    for reference, count in Counter(standing.values_list("reference", flat=True)).items():
        if count > 1:
            yield f"{reference}: counted {count} times"


def _half_written(filings: Mapping[str, Any]) -> Iterator[str]:
    """A filing has everything that belongs to it: state, row that counts, mails; and every file is in the store."""
    from madang.apps.applications.models import Application, DraftFile, DraftMember
    from madang.kernel import files
    from madang.kernel.mail import OutgoingMail

    counted = set(Application.objects.filter(filing__isnull=False).values_list("filing_id", flat=True))
    members = Counter(DraftMember.objects.filter(ended_at__isnull=True).values_list("draft_id", flat=True))
    mails = Counter(
        text.partition("/verify/")[2].split()[0]
        for text in OutgoingMail.objects.filter(template="application-filed").values_list("text", flat=True)
        if "/verify/" in text
    )
    from madang.core.record.numbers import receipt_number

    for uid, filing in filings.items():
        if filing.draft.state != "filed" or filing.draft.standing_id != filing.pk:
            yield f"{uid}: filed, but its draft does not say so"
        if filing.pk not in counted:
            yield f"{uid}: filed, but not counted"
        number = receipt_number(filing.draft.number, filing.revision)
        if mails[number] != members[filing.draft_id]:
            yield f"{uid}: {mails[number]} mails for {members[filing.draft_id]} people"
    for sha256 in set(DraftFile.objects.values_list("sha256", flat=True)):
        try:
            files.read(sha256)
        except Exception as error:  # whichever: it cannot be read
            yield f"file {sha256[:12]} cannot be read: {type(error).__name__}"


def _not_to_be(silent: list[str], filings: Mapping[str, Any]) -> Iterator[str]:
    for uid in silent:
        if uid in filings:
            yield f"{uid}: its filing died before it was written, and stands"


def _disorder(filings: Mapping[str, Any], journal: Any) -> Iterator[str]:
    """One row for each filing that tells the same, after every row about the writing of its draft."""
    from madang.kernel.journal import JournalEntry

    rows = {row.details["draft"]: row for row in journal}
    if len(rows) != journal.count():
        yield f"{journal.count()} rows about {len(rows)} filings"
    if missing := set(filings) - set(rows):
        yield f"{len(missing)} filings without a row, such as {min(missing)}"
    if more := set(rows) - set(filings):
        yield f"{len(more)} rows without a filing, such as {min(more)}"
    for uid, filing in filings.items():
        if uid in rows and rows[uid].details["form_sha256"] != filing.form_sha256:
            yield f"{uid}: the journal tells another form"
    about = JournalEntry.objects.filter(object_id__in=[str(one.draft_id) for one in filings.values()])
    last: dict[str, str] = {}
    for object_id, command in about.order_by("at", "id").values_list("object_id", "command"):
        if command.startswith("applications."):
            last[object_id] = command
    for uid, filing in filings.items():
        if last.get(str(filing.draft_id)) != "applications.file_draft":
            yield f"{uid}: the journal's last row about it is {last.get(str(filing.draft_id))}"


def _damage() -> Iterator[str]:
    """What the database itself finds damaged."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            found = [str(row[0]) for row in cursor.fetchall()]
            if found != ["ok"]:
                yield from found
            cursor.execute("PRAGMA foreign_key_check")
            yield from (f"foreign key: {row}" for row in cursor.fetchall())
            return
        # Everything is read once: PostgreSQL checks each page against its checksum.
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select sum(length(t::text)) from "{table}" t')
        connection.check_constraints()


if __name__ == "__main__":
    answer(looked_at)
