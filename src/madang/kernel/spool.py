"""Files that come in pieces, until they are whole: `uploads/UID`, in the data folder of this host.

The length of the file is the only truth about how much has come. A piece is added under a lock, at the end and nowhere
else, and is on the disk before anybody is told so. Imports no Django.
"""

import datetime as dt
import fcntl
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from madang.kernel.datadir import data_dir, private

CHUNK: Final = 256 * 1024


class NotSpooled(FileNotFoundError):
    """Nothing of this upload is here: it was never begun, or has ended."""


class WrongPlace(ValueError):
    """The piece does not begin where the file ends; nothing was written."""

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(f"{length} bytes are here")


class WrongLength(ValueError):
    """The piece was shorter or longer than announced; nothing of it was kept."""


def begin(uid: str) -> None:
    """An empty file. Raises `FileExistsError` where there is one."""
    os.close(os.open(path_of(uid), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def length(uid: str) -> int:
    """How many bytes have come. Raises `NotSpooled`."""
    try:
        return path_of(uid).stat().st_size
    except FileNotFoundError:
        raise NotSpooled(uid) from None


def append(uid: str, content: BinaryIO, *, at: int, count: int) -> int:
    """Add a piece of `count` bytes that begins at byte `at`; returns the new length, after the disk has it.

    Raises `WrongPlace`, `WrongLength`, `NotSpooled`, or `OSError` for a full disk; then the file is as it was.
    """
    with _locked(uid, os.O_RDWR) as handle:
        here = os.fstat(handle).st_size
        if here != at:
            raise WrongPlace(here)
        try:
            os.lseek(handle, at, os.SEEK_SET)
            _copy(content, handle, count)
            os.fsync(handle)
        except BaseException:
            os.ftruncate(handle, at)
            raise
        return at + count


def _copy(content: BinaryIO, handle: int, count: int) -> None:
    left = count
    while piece := content.read(min(CHUNK, left + 1)):
        if len(piece) > left:
            raise WrongLength("longer than announced")
        left -= len(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(handle, view) :]
    if left:
        raise WrongLength("shorter than announced")


@contextmanager
def whole(uid: str) -> Iterator[io.BufferedReader]:
    """The file, to be read from its beginning; nobody adds to it meanwhile. Raises `NotSpooled`."""
    with _locked(uid, os.O_RDONLY) as handle, os.fdopen(handle, "rb", closefd=False) as file:
        yield file


def remove(uid: str) -> None:
    """Take the file away, at once: whoever holds it at this moment goes on with what then has no name. Not there:
    nothing happens. Without a wait, because it follows a write, and the holder may itself be waiting to write.
    """
    path_of(uid).unlink(missing_ok=True)


def last_written(uid: str) -> dt.datetime | None:
    """When the last piece came; nothing where the file is not here."""
    try:
        return dt.datetime.fromtimestamp(path_of(uid).stat().st_mtime, dt.UTC)
    except FileNotFoundError:
        return None


def uids() -> list[str]:
    """Of every file that is here."""
    return sorted(path.name for path in _folder().iterdir())


def path_of(uid: str) -> Path:
    """Where a file of this name lies, or would lie."""
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", uid):
        raise ValueError("not the name of an upload")
    return _folder() / uid


def _folder() -> Path:
    return private(data_dir() / "uploads")


@contextmanager
def _locked(uid: str, flags: int) -> Iterator[int]:
    """The file opened, and nobody else's; a file that was taken away while we waited is no longer here."""
    try:
        handle = os.open(path_of(uid), flags)
    except FileNotFoundError:
        raise NotSpooled(uid) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not os.fstat(handle).st_nlink:
            raise NotSpooled(uid)
        yield handle
    finally:
        os.close(handle)
