"""Whose turn it is to write, on SQLite, which lets one write at a time.

SQLite's own way of waiting is to try again after longer and longer naps (up to 100 ms), so under a rush the pen lies
idle most of the time, and whoever came last may have it first. Here the writers of a process wait for one another, and
one of each process for those of the others by a lock on a file: the next has it within a millisecond or two. The
database's own lock stays what keeps data whole; this only spares the waiting. PostgreSQL needs none of it.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.db import connection

PATIENCE_S: Final = 10.0
"""How long a writer waits for its turn in all; then the database is asked without one, and says what is the matter."""
_NAP_S: Final = 0.001

_in_this_process = threading.Lock()
_mine = threading.local()
"""`held`, where this thread has the turn: listeners write after the commit, while the command's turn still lasts."""


@contextmanager
def turn() -> Iterator[None]:
    """A turn to write, for one transaction and what its listeners write after it. Inside another turn or transaction,
    and on PostgreSQL, there is nothing to wait for.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block or getattr(_mine, "held", False):
        yield
        return
    last = time.monotonic() + PATIENCE_S
    if not _in_this_process.acquire(timeout=PATIENCE_S):
        yield
        return
    try:
        handle = _among_processes(Path(str(connection.settings_dict["NAME"])), last)
        _mine.held = True
        try:
            yield
        finally:
            _mine.held = False
            if handle is not None:
                os.close(handle)  # with it goes the lock, as it does when the process dies
    finally:
        _in_this_process.release()


def _among_processes(database: Path, last: float) -> int | None:
    """The lock beside the database; nothing where it cannot be had (a full or read-only disk): then SQLite decides."""
    try:
        handle = os.open(database.with_name(f"{database.name}-turn"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    while time.monotonic() < last:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            time.sleep(_NAP_S)
    os.close(handle)
    return None
