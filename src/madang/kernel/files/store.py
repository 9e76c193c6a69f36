"""What a file store is, whichever kind it is of, and what can be wrong with it."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

CHUNK: Final = 1024 * 1024
"""Bytes that are read at a time; memory never grows with a file."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


class NotKept(FileNotFoundError):
    """No file with this hash was ever kept here (or it has been taken away)."""


class TooLarge(ValueError):
    """More came than was allowed; nothing was kept."""


class Corrupted(OSError):
    """What lies under this name no longer has its hash: the disk or a hand has changed it."""


class StoreGone(Exception):
    """The store cannot be reached, or does not do its work. Nothing was kept; the next try may succeed."""


class DiskFull(Exception):
    """There is no room. Nothing was kept; nothing half-written stays."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store."""

    sha256: str
    size: int


class Store(Protocol):
    """A place for files. All methods raise `StoreGone`; those that write `DiskFull`; those that read one `NotKept`."""

    def aside(self) -> Path:
        """The folder on this machine in which a file is gathered before it is put in."""

    def put(self, aside: Path, kept: Kept) -> None:
        """Take over a finished file, already flushed to the disk. Returns when it would survive a power cut."""

    def opened(self, sha256: str) -> BinaryIO:
        """The file, checked against its hash, at its beginning. Raises `Corrupted` too."""

    def size(self, sha256: str) -> int:
        """Its size, without reading it."""

    def all(self) -> Iterator[Kept]:
        """Every file, in the order of the hashes, as the store lists them (unchecked)."""


def checked_name(sha256: str) -> str:
    """A hash as it names a file; nothing else may become part of a path or an address."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError("not a SHA-256 in small hexadecimal digits")
    return sha256


@contextmanager
def at_work(what: str) -> Iterator[None]:
    """What goes wrong on the disk inside, said as `DiskFull` or `StoreGone`; not for reading what somebody sends."""
    try:
        yield
    except (NotKept, Corrupted):
        raise
    except OSError as error:
        raise failed(error, what) from error


def failed(error: OSError, what: str) -> DiskFull | StoreGone:
    said = f"{what}: {error.strerror or type(error).__name__}"
    return DiskFull(said) if error.errno in _FULL else StoreGone(said)


def flush_folder(folder: Path) -> None:
    """A new name survives a power cut only when its folder is flushed too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
