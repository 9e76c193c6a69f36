"""Django's cache as one small SQLite file beside the others of this machine: every process counts in the same place.

Limits of attempts (allauth keeps them in the cache) hold only where all web processes share it, and where `add` is one
act: memory of a process is neither, and Django's cache of files throws entries away at random once there are many. This
file may be lost at any time, so it is written without waiting for the disk. Web processes on several hosts each count
by themselves: the limit is then per host.
"""

import pickle
import random
import sqlite3
from contextlib import closing
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from madang.kernel.clock import unix

TABLE = "CREATE TABLE IF NOT EXISTS counted (name TEXT PRIMARY KEY, value BLOB NOT NULL, until REAL) WITHOUT ROWID"
PUT = (
    "INSERT INTO counted VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value, until = excluded.until"
)
SWEEP_EVERY = 500  # writes, on average


class Counters(BaseCache):
    """`LOCATION` is the file; its folder must be closed to other users, because values are pickled."""

    def __init__(self, location: Any, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._path = str(location)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """True where the name was free: of processes that ask at once, one gets it."""
        row = self._row(key, value, timeout, version)
        return self._write(f"{PUT} WHERE counted.until <= ?", (*row, unix())) == 1

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with closing(self._connection()) as connection:
            found = connection.execute(
                "SELECT value FROM counted WHERE name = ? AND (until IS NULL OR until > ?)",
                (self._name(key, version), unix()),
            ).fetchone()
        return pickle.loads(found[0]) if found else default  # noqa: S301 - our own file, closed to others

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._write(PUT, self._row(key, value, timeout, version))
        if random.randrange(SWEEP_EVERY) == 0:  # noqa: S311 - when to sweep is no secret
            self._write("DELETE FROM counted WHERE until <= ?", (unix(),))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        until, now = self.get_backend_timeout(timeout), unix()
        changed = self._write(
            "UPDATE counted SET until = ? WHERE name = ? AND (until IS NULL OR until > ?)",
            (until, self._name(key, version), now),
        )
        return changed == 1

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._write("DELETE FROM counted WHERE name = ?", (self._name(key, version),)) == 1

    def clear(self) -> None:
        self._write("DELETE FROM counted", ())

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> float | None:
        """Until when, by the clock that nobody sets (Django would ask the machine's)."""
        seconds = self.default_timeout if timeout == DEFAULT_TIMEOUT else timeout
        return None if seconds is None else unix() + seconds

    def _name(self, key: str, version: int | None) -> str:
        name = self.make_key(key, version=version)
        self.validate_key(name)
        return name

    def _row(self, key: str, value: Any, timeout: Any, version: int | None) -> tuple[str, bytes, float | None]:
        return self._name(key, version), pickle.dumps(value), self.get_backend_timeout(timeout)

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(TABLE)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _write(self, statement: str, values: tuple[Any, ...]) -> int:
        with closing(self._connection()) as connection:
            return connection.execute(statement, values).rowcount
