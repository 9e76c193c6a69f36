"""What stands in a database, told so that two databases can be compared: rows and a digest for each table.

A digest is the sum of the SHA-256 of every row modulo 2^256: so the order in which a database gives its rows does not
matter. Whether somebody tampered is told by the hash of the whole file and the signature.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

Rows = list[list[Any]]


class Contents(Protocol):
    """A database that does not change while it is read."""

    vendor: str
    version: str

    def tables(self) -> dict[str, list[Any]]:
        """`{table: [rows, digest]}` of every table."""

    def rows(self, query: str) -> Rows:
        """What a query gives, as JSON values."""


def summed(rows: Iterable[bytes]) -> list[Any]:
    """`[how many, digest]`."""
    count, total = 0, 0
    for row in rows:
        count += 1
        total += int.from_bytes(hashlib.sha256(row).digest(), "big")
    return [count, f"{total % (1 << 256):064x}"]


class SqliteContents:
    """One file that nobody writes into."""

    vendor = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.text_factory = bytes  # as it lies there, also where it is no text
        self.version = sqlite3.sqlite_version

    def tables(self) -> dict[str, list[Any]]:
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        names = sorted(name.decode() for (name,) in self._connection.execute(named))
        return {name: summed(self._told(name)) for name in names}

    def _told(self, table: str) -> Iterator[bytes]:
        for row in self._connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name from its own catalogue
            yield repr(row).encode()

    def rows(self, query: str) -> Rows:
        return [
            [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in row]
            for row in self._connection.execute(query)
        ]

    def faults(self) -> str:
        """Empty where SQLite finds nothing wrong with the file."""
        told = self.rows("PRAGMA integrity_check(1)")
        return "" if told == [["ok"]] else str(told[0][0])


@contextmanager
def sqlite_contents(path: Path) -> Iterator[SqliteContents]:
    """The contents of a finished file. Raises `sqlite3.Error`."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield SqliteContents(connection)
    finally:
        connection.close()


class PostgresContents:
    """One transaction that sees one moment (`REPEATABLE READ`); `connection` is psycopg's, and in it."""

    vendor = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        for setting in ("TimeZone = 'UTC'", "DateStyle = 'ISO'", "bytea_output = 'hex'", "extra_float_digits = 3"):
            connection.execute(f"SET LOCAL {setting}")
        self.version = str(connection.execute("SHOW server_version").fetchone()[0])

    def tables(self) -> dict[str, list[Any]]:
        named = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        names = [name for (name,) in self._connection.execute(named).fetchall()]
        return {name: summed(self._told(name)) for name in names}

    def _told(self, table: str) -> Iterator[bytes]:
        with self._connection.cursor(name="told") as cursor:  # on the server: memory does not grow with the table
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - a name from its own catalogue
            for (row,) in cursor:
                yield row.encode()

    def rows(self, query: str) -> Rows:
        return [list(row) for row in self._connection.execute(query).fetchall()]
