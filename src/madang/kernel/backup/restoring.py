"""A backup's way back, into a place where nothing is: copied with every hash checked, then proven by comparing."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from madang.kernel.backup import databases, manifest
from madang.kernel.backup.contents import Contents
from madang.kernel.backup.databases import BackupRefused, Server
from madang.kernel.backup.making import parts, pool_of
from madang.kernel.backup.manifest import FILES, check_file, listed
from madang.kernel.datadir import private
from madang.kernel.files import Corrupted, NotKept, Store, copy
from madang.kernel.files.local import Local


def restore(
    backup: Path,
    *,
    to: Path,
    server: Server | None = None,
    store: Store | None = None,
    keys: Path | None = None,
) -> dict[str, Any]:
    """Bring a backup into the data folder `to`, which must be empty or not there; what was proven.

    `server`: the empty PostgreSQL database, for a backup of one. `store`: where the files go, if not into the folder.
    `keys`: a copy of the installation's keys, which lie apart from the backup. The folder appears whole or not at all.
    Raises `BackupRefused`, which names the first thing that differs, and `OSError`.
    """
    told, key = manifest.read(backup)
    _refuse_unfit(told, to, server)
    private(to.absolute().parent)
    part = Path(tempfile.mkdtemp(dir=to.absolute().parent, prefix=f".{to.name}.part-"))
    try:
        for name, expected in parts(told).items():
            (part / name).parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(backup / name, part / name) if (backup / name).exists() else None
            check_file(part / name, expected)
        _bring_files(backup, part, store or Local(private(part / "files")))
        _bring_keys(part, keys)
        with _restored(part / told["database"]["file"], server) as contents:
            _compare(told, contents)
        os.unlink(part / FILES)
        if server is not None:
            os.unlink(part / told["database"]["file"])
        if to.exists():
            to.rmdir()
        os.rename(part, to)
        databases.flush(to.absolute().parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return {**told, "signed_by": key}


def _refuse_unfit(told: dict[str, Any], to: Path, server: Server | None) -> None:
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise BackupRefused("restore_not_empty", folder=str(to))
    vendor = told["database"]["vendor"]
    if (vendor == "postgresql") != (server is not None):
        raise BackupRefused("restore_other_database", vendor=vendor)


def _bring_files(backup: Path, part: Path, store: Store) -> None:
    source = Local(pool_of(backup))
    for sha256, _ in listed(part):
        try:
            copy(sha256, source=source, to=store)
        except NotKept:
            raise BackupRefused("backup_file_missing", file=str(source.path_of(sha256))) from None
        except Corrupted:
            raise BackupRefused("backup_file_damaged", file=str(source.path_of(sha256))) from None


def _bring_keys(part: Path, keys: Path | None) -> None:
    """Closed to others, whatever mode their copy has."""
    private(part / "keys")
    if keys is not None:
        for path in keys.iterdir():
            if path.is_file() and not path.name.startswith("."):
                shutil.copyfile(path, part / "keys" / path.name)
    for path in (part / "keys").iterdir():
        path.chmod(0o644 if path.name.endswith(".public.json") else 0o600)


@contextmanager
def _restored(file: Path, server: Server | None) -> Iterator[Contents]:
    if server is None:
        with databases.restored_sqlite(file) as found:
            yield found
    else:
        databases.restore_postgres(server, file)
        with databases.restored_postgres(server) as found:
            yield found


def _compare(told: dict[str, Any], contents: Contents) -> None:
    tables = contents.tables()
    for name, (rows, digest) in told["database"]["tables"].items():
        found_rows, found_digest = tables.pop(name, [0, ""])
        if found_rows != rows:
            raise BackupRefused("restore_rows_differ", table=name, rows=rows, found=found_rows)
        if found_digest != digest:
            raise BackupRefused("restore_table_differs", table=name)
    if tables:
        raise BackupRefused("restore_table_more", table=sorted(tables)[0])
    for name, asked in told["named"].items():
        if contents.rows(asked["query"]) != asked["rows"]:
            raise BackupRefused("restore_named_differ", name=name)
