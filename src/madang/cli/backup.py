"""`madang backup DIR`: database and files of the running platform into a folder of backups; `--check` reads one again.

Exit 0: made, or still good. 1: not made, not good, or made but a file that the database names is lost; with its name.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from madang.cli.installation import add_data, set_up, tell
from madang.cli.store import NAMED as FILES
from madang.core.reasons import Reason

if TYPE_CHECKING:
    from madang.kernel.backup.databases import Server

REFUSED: Final = 1

#: (table, column) of every hash that names a file of the store
STORED: Final = tuple((label.lower().replace(".", "_"), field) for label, fields in FILES.items() for field in fields)

STORED_QUERY: Final = " UNION ".join(
    f"SELECT {column} FROM {table} WHERE {column} <> ''"  # noqa: S608 - names from above
    for table, column in STORED
)

#: what is compared by name after a restore, beside every table: what others may hold in their hands
NAMED: Final = {
    "definitions": "SELECT c.slug, v.number, v.sha256 FROM calls_definitionversion v"
    " JOIN calls_call c ON c.id = v.call_id ORDER BY v.id",
    "records": "SELECT d.call_id, d.number, d.root FROM decisions_decision d ORDER BY d.id",
    "filings": "SELECT f.draft_id, f.revision, f.form_sha256 FROM applications_filing f ORDER BY f.id",
    "seal": "SELECT number, size, root FROM kernel_seal ORDER BY number DESC LIMIT 1",
}


def add(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of backups; files are shared between them")
    parser.add_argument("--with-keys", action="store_true", help="the keys too (whoever has it can sign as you)")
    parser.add_argument("--check", action="store_true", help="make none: read every byte of the latest, or of this one")


def run(args: argparse.Namespace) -> int:
    from madang.kernel.backup.databases import BackupRefused
    from madang.kernel.backup.making import check, find

    try:
        if not args.check:
            set_up(args)
            return _make(args)
        folder = find(args.folder)
        told, key = check(folder)
    except BackupRefused as refused:
        tell(refused.reason)
        return REFUSED
    except OSError as error:
        tell(Reason("backup_not_written", {"file": str(error.filename or ""), "system": error.strerror or str(error)}))
        return REFUSED
    tell(Reason("backup_good", {"folder": str(folder), "files": told["files"]["count"], "key": key}))
    return 0


def _make(args: argparse.Namespace) -> int:
    from madang.kernel.backup.making import make

    made = make(args.folder, database=database(), named=NAMED, stored=STORED_QUERY, with_keys=args.with_keys)
    tables = made.manifest["database"]["tables"]
    told: dict[str, str | int] = {
        "folder": str(made.folder),
        "rows": sum(rows for rows, _ in tables.values()),
        "journal": tables["kernel_journalentry"][0],
        "files": made.manifest["files"]["count"],
        "copied": made.copied,
    }
    tell(Reason("backup_made", told))
    tell(Reason("backup_has_keys" if args.with_keys else "backup_without_keys"))
    for sha256 in made.lost:
        tell(Reason("backup_lost", {"sha256": sha256}))
    return REFUSED if made.lost else 0


def database() -> Path | Server:
    """The database of this installation, as a backup takes it."""
    from django.db import connection

    from madang.kernel.backup.databases import server

    if connection.vendor == "postgresql":
        return server(connection)
    return Path(connection.settings_dict["NAME"])
