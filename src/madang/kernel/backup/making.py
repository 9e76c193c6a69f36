"""Making a backup, and looking whether one is still good."""

import contextlib
import datetime as dt
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from madang import __version__
from madang.kernel import files, keys
from madang.kernel.backup import databases, manifest
from madang.kernel.backup.contents import Contents
from madang.kernel.backup.databases import BackupRefused, Server
from madang.kernel.backup.manifest import FILES, check_file, hashed, listed
from madang.kernel.clock import now
from madang.kernel.datadir import private, root
from madang.kernel.files.local import Local

BESIDE: Final = ("seals.jsonl",)
"""Files of the data folder, beside database and store, that belong into a backup where they are there."""
_PART: Final = re.compile(r"(keys/)?[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(-\d+)?")


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup. `lost`: files that the database names and the running store does not have (or has damaged)."""

    folder: Path
    manifest: dict[str, Any]
    copied: int
    lost: tuple[str, ...]


def make(
    into: Path,
    *,
    database: Path | Server,
    named: Mapping[str, str],
    stored: str,
    with_keys: bool = False,
) -> Made:
    """Back up this installation into a new folder of `into`.

    `database`: SQLite's file, or where PostgreSQL is. `named`: queries that go into the manifest with their answers, to
    be compared after a restore. `stored`: the query that gives the hash of every file that the database names. Raises
    `BackupRefused` and `OSError`.
    """
    into = private(into.absolute())
    pool = Local(private(into / "files"))
    moment = now()
    part = Path(tempfile.mkdtemp(dir=into, prefix=".part-"))
    try:
        have: dict[str, int] = {}
        copied = _copy_files(pool, have)
        beside = _copy_beside(part)
        with _dumped(database, part) as (contents, file):
            told = {
                "vendor": contents.vendor,
                "version": contents.version,
                "file": file,
                **hashed(part / file),
                "tables": contents.tables(),
            }
            answers = {name: {"query": query, "rows": contents.rows(query)} for name, query in named.items()}
            wanted = {row[0] for row in contents.rows(stored)} - {"", None}
        copied += _copy_files(pool, have)
        if with_keys:
            beside |= _copy_keys(part)
        lost = tuple(sorted(wanted - have.keys()))
        lines = "".join(f"{sha256} {size}\n" for sha256, size in sorted(have.items()))
        (part / FILES).write_text(lines, "ascii")
        whole = {
            "made_at": moment.isoformat(),
            "madang": __version__,
            "database": told,
            "named": answers,
            "files": {"count": len(have), "bytes": sum(have.values()), "list": hashed(part / FILES)},
            "beside": beside,
            "lost": list(lost),
            "has_keys": with_keys,
        }
        databases.flush(part / FILES)
        manifest.write(part, whole, keys.load_or_make())
        for path in part.iterdir():
            if path.is_file():
                path.chmod(0o600)
        folder = _in_place(part, into, moment)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Made(folder, whole, copied, lost)


@contextmanager
def _dumped(database: Path | Server, part: Path) -> Iterator[tuple[Contents, str]]:
    if isinstance(database, Server):
        with databases.dumping_postgres(database, part / databases.POSTGRES_FILE) as found:
            yield found, databases.POSTGRES_FILE
    else:
        databases.dump_sqlite(database, part / databases.SQLITE_FILE)
        with databases.restored_sqlite(part / databases.SQLITE_FILE) as found:
            yield found, databases.SQLITE_FILE


def _copy_files(pool: Local, have: dict[str, int]) -> int:
    """What the store has and `have` does not; returns how many had to be copied. Each is checked while it is read.

    A file that lies in the pool with its size is believed: `check` reads them all.
    """
    copied, source = 0, files.store()
    for kept in files.all():
        if kept.sha256 in have:
            continue
        with contextlib.suppress(files.NotKept):
            if pool.size(kept.sha256) == kept.size:
                have[kept.sha256] = kept.size
                continue
        with contextlib.suppress(files.NotKept, files.Corrupted):  # told as lost, where the database names it
            files.copy(kept.sha256, source=source, to=pool)
            have[kept.sha256] = kept.size
            copied += 1
    return copied


def _copy_beside(part: Path) -> dict[str, Any]:
    """Before the database: a list of seals that knows more than the database would look like a log that was cut off.
    Of what only grows, whole lines.
    """
    found = {}
    for name in BESIDE:
        if (root() / name).is_file():
            whole = (root() / name).read_bytes().rpartition(b"\n")
            (part / name).write_bytes(whole[0] + whole[1])
            databases.flush(part / name)
            found[name] = hashed(part / name)
    return found


def _copy_keys(part: Path) -> dict[str, Any]:
    private(part / "keys")
    paths = sorted(path for path in (root() / "keys").iterdir() if path.is_file() and not path.name.startswith("."))
    return {f"keys/{path.name}": _copied(path, part / "keys" / path.name) for path in paths}


def _copied(source: Path, to: Path) -> dict[str, Any]:
    shutil.copyfile(source, to)
    to.chmod(source.stat().st_mode & 0o777)
    databases.flush(to)
    return hashed(to)


def _in_place(part: Path, into: Path, moment: dt.datetime) -> Path:
    name = f"{moment:%Y-%m-%dT%H%M%SZ}"
    number = 1
    while (folder := into / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    os.rename(part, folder)
    databases.flush(into)
    return folder


# -- is it still good? -----------------------------------------------------------------------------------------------


def find(folder: Path) -> Path:
    """The backup itself, or the latest in a folder of backups. Raises `BackupRefused` where there is none."""
    if (folder / manifest.MANIFEST).exists():
        return folder
    found = sorted(path for path in folder.glob("*/") if _NAME.fullmatch(path.name)) if folder.is_dir() else []
    if not found:
        raise BackupRefused("backup_none", folder=str(folder))
    return found[-1]


def pool_of(folder: Path) -> Path:
    return folder.absolute().parent / "files"


def check(folder: Path) -> tuple[dict[str, Any], str]:
    """Reads every byte of a backup; its manifest, and the key that signed it. Raises `BackupRefused`, which names the
    first file that is missing or not as it was.
    """
    told, key = manifest.read(folder)
    for name, expected in parts(told).items():
        check_file(folder / name, expected)
    for sha256, size in listed(folder):
        check_file(Local(pool_of(folder)).path_of(sha256), {"bytes": size, "sha256": sha256})
    return told, key


def parts(told: dict[str, Any]) -> dict[str, Any]:
    """The files that lie in the backup's own folder, and what they must be.

    Raises `BackupRefused` for a name that leads out of it: a manifest is signed by whoever made it, who may be anybody.
    """
    database = told["database"]
    found = {
        database["file"]: {"bytes": database["bytes"], "sha256": database["sha256"]},
        FILES: told["files"]["list"],
        **told["beside"],
    }
    for name in found:
        if not _PART.fullmatch(name):
            raise BackupRefused("backup_file_damaged", file=f"{manifest.MANIFEST}: {name[:80]!r}")
    return found
