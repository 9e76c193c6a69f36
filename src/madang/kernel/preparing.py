"""What must be done before the platform serves: migrations applied, the browser's files collected. Both say if it is.

Collecting costs seconds, so it is done only where files have changed since (names, sizes and times are compared).
"""

import hashlib
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from madang import __version__

STAMP: Final = ".collected"


def unapplied() -> list[str]:
    """Migrations of this code that the database does not have, in order. Raises Django's `DatabaseError`."""
    executor = MigrationExecutor(connection)
    return [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def migrate() -> None:
    """Apply them."""
    call_command("migrate", verbosity=0, interactive=False)


def collect() -> bool:
    """Collect the browser's files where they are not those of this code; whether that had to be done."""
    stamp, now = Path(settings.STATIC_ROOT) / STAMP, _fingerprint()
    if stamp.exists() and stamp.read_text("ascii") == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(now, "ascii")
    return True


def _fingerprint() -> str:
    found = [__version__, settings.STORAGES["staticfiles"]["BACKEND"]]
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            found.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
