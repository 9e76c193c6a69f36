"""Copies of a database that others are writing into, and their way into an empty one."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from madang.core.reasons import Reason
from madang.kernel.backup.contents import Contents, PostgresContents, sqlite_contents

SQLITE_FILE: Final = "madang.sqlite3"
POSTGRES_FILE: Final = "madang.pgdump"


class BackupRefused(Exception):
    """It was not done, or is not good, for this reason."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.reason = Reason(code, params)


# -- SQLite ------------------------------------------------------------------------------------------------------------


def dump_sqlite(source: Path, to: Path) -> None:
    """A copy of one moment, made by SQLite itself. In WAL a reader stops no writer, and no writer starts it anew, as
    long as all pages are copied in one go. What is behind the copy's own file is brought into it, so that it is one.
    """
    address = f"{source.absolute().as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=60)) as running, closing(sqlite3.connect(to)) as copy:
            running.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupRefused("database_gone", error=str(error)[:200]) from None
    flush(to)


@contextmanager
def restored_sqlite(path: Path) -> Iterator[Contents]:
    """The contents of a copy. Raises `BackupRefused` where SQLite finds it damaged."""
    try:
        with sqlite_contents(path) as found:
            if fault := found.faults():
                raise BackupRefused("backup_database_damaged", fault=fault[:200])
            yield found
    except sqlite3.Error as error:
        raise BackupRefused("backup_database_damaged", fault=str(error)[:200]) from None


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Server:
    """Where a PostgreSQL database is: psycopg's parameters, and words and environment for its own programs."""

    parameters: Mapping[str, Any]
    words: tuple[str, ...]
    environment: Mapping[str, str]
    name: str


def server(wrapper: Any) -> Server:
    """Of Django's connection."""
    from django.db.backends.postgresql.client import DatabaseClient

    words, environment = DatabaseClient.settings_to_cmd_args_env(wrapper.settings_dict, [])
    name = wrapper.settings_dict["NAME"]
    return Server(wrapper.get_connection_params(), tuple(words[1:-1]), environment or {}, name)


def program(name: str, server_version: str) -> str:
    """`pg_dump` or `pg_restore`, beside our Python or on the PATH. Raises `BackupRefused` where there is none, or only
    one that is older than the server (it would refuse by itself, in other words).
    """
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        raise BackupRefused("backup_no_program", program=name, version=server_version.partition(".")[0])
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - found above
    major = re.search(r"\b(\d+)(?:\.\d+|devel|beta|rc)", told)
    if major is None or int(major[1]) < int(server_version.partition(".")[0]):
        raise BackupRefused("backup_old_program", program=found, told=told.strip()[:80], version=server_version)
    return found


@contextmanager
def dumping_postgres(place: Server, to: Path) -> Iterator[Contents]:
    """Writes the dump, and gives the contents of the very same moment. Raises `BackupRefused`."""
    with _one_moment(place) as connection:
        found = PostgresContents(connection)
        exported = connection.execute("SELECT pg_export_snapshot()").fetchone()
        snapshot = str(exported[0]) if exported else ""
        words = ["--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={to}"]
        _run(place, [program("pg_dump", found.version), *place.words, *words, place.name], "pg_dump")
        flush(to)
        yield found


def restore_postgres(place: Server, dump: Path) -> None:
    """Into an empty database, whole or not at all. Raises `BackupRefused`."""
    with _one_moment(place) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchone()
        version = connection.execute("SHOW server_version").fetchone()
    if found and found[0]:
        raise BackupRefused("restore_database_not_empty", name=place.name, tables=found[0])
    words = ["--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", f"--dbname={place.name}"]
    tool = program("pg_restore", str(version[0]) if version else "0")
    _run(place, [tool, *place.words, *words, str(dump)], "pg_restore")


@contextmanager
def restored_postgres(place: Server) -> Iterator[Contents]:
    """The contents of the database as it is now."""
    with _one_moment(place) as connection:
        yield PostgresContents(connection)


@contextmanager
def _one_moment(place: Server) -> Iterator[Any]:
    """A connection that reads the database as it is at this moment. Raises `BackupRefused`."""
    import psycopg

    try:
        with psycopg.connect(**place.parameters) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield connection
    except psycopg.Error as error:
        raise BackupRefused("database_gone", error=str(error).strip().partition("\n")[0][:200]) from None


def _run(place: Server, command: list[str], name: str) -> None:
    told = subprocess.run(  # noqa: S603 - PostgreSQL's own program with our own words
        command, env={**os.environ, **place.environment}, capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise BackupRefused("backup_program_failed", program=name, said=told.stderr.strip()[-300:])


def flush(path: Path) -> None:
    """What was written is on the disk, not only with the system."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
