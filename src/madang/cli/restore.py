"""`madang restore DIR --data NEW`: a backup into a place where nothing is, with every hash checked, and proven after.

A backup of PostgreSQL goes into the empty database that MADANG_DATABASE_URL names; files into the store that
MADANG_FILES_URL names, where it is set. Exit 0: everything is there and equal. 1: refused, with the first difference.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from madang.cli.backup import REFUSED
from madang.cli.installation import tell
from madang.core.reasons import Reason

if TYPE_CHECKING:
    from madang.kernel.backup.databases import Server
    from madang.kernel.files import Store


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of backups (the latest), or one backup")
    parser.add_argument("--data", metavar="NEW", type=Path, required=True, help="the new data folder, not there yet")
    parser.add_argument("--keys", metavar="DIR", type=Path, help="the keys' own backup")


def run(args: argparse.Namespace) -> int:
    from madang.kernel.backup import manifest
    from madang.kernel.backup.databases import BackupRefused
    from madang.kernel.backup.making import find
    from madang.kernel.backup.restoring import restore

    try:
        backup = find(args.folder)
        server = _server() if manifest.read(backup)[0]["database"]["vendor"] == "postgresql" else None
        told = restore(backup, to=args.data, server=server, store=_store(), keys=args.keys)
    except BackupRefused as refused:
        tell(refused.reason)
        return REFUSED
    except OSError as error:
        tell(Reason("backup_not_written", {"file": str(error.filename or ""), "system": error.strerror or str(error)}))
        return REFUSED
    tables = told["database"]["tables"]
    named = {name: asked["rows"] for name, asked in told["named"].items()}
    seal = named.get("seal") or [[0, 0, "-"]]
    rows = sum(rows for rows, _ in tables.values())
    tell(Reason("restored", {"folder": str(args.data), "made": told["made_at"][:19] + "Z"}))
    tell(Reason("restored_equal", {"tables": len(tables), "rows": rows, "files": told["files"]["count"]}))
    journal = tables["kernel_journalentry"][0]
    tell(Reason("restored_journal", {"rows": journal, "sealed": seal[0][1], "root": seal[0][2]}))
    tell(Reason("restored_named", {name: len(named.get(name, ())) for name in ("definitions", "records", "filings")}))
    tell(Reason("restored_signed_by", {"key": told["signed_by"]}))
    if not (told["has_keys"] or args.keys):
        tell(Reason("restored_without_keys", {"folder": str(args.data / "keys")}))
    return 0


def _server() -> Server | None:
    """The database that the settings name; the settings make keys on first use, so they get a folder to throw away."""
    with tempfile.TemporaryDirectory() as away:
        os.environ["MADANG_DATA"] = away
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
        import django

        django.setup()
        from django.db import connection

        from madang.kernel.backup.databases import server

        return server(connection) if connection.vendor == "postgresql" else None


def _store() -> Store | None:
    """Another place than the data folder, where one is set."""
    from madang.kernel import files

    url = os.environ.get(files.VARIABLE, "")
    return files.store_at(url) if url else None
