"""Files by their content: `files/ab/abcdef…`, named by SHA-256, so that a file cannot change behind its name.

Written aside, flushed to the disk, then moved into place: after a crash a file is there whole, or not at all.
Imports no Django.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from madang.kernel.datadir import data_dir, private

CHUNK = 1024 * 1024


class NotKept(FileNotFoundError):
    """No file with this hash was ever kept here (or it has been taken away)."""


class TooLarge(ValueError):
    """More came than was allowed; nothing was kept."""


class Corrupted(OSError):
    """What lies under this name no longer has its hash: the disk or a hand has changed it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store."""

    sha256: str
    size: int


def keep(
    content: bytes | BinaryIO, *, most: int | None = None, check: Callable[[BinaryIO], None] | None = None
) -> Kept:
    """Put a file into the store and return its hash and size. Reads in pieces; memory does not grow with the file.

    Keeping the same content again is harmless, and mends a damaged copy. `most` bytes are read, then `TooLarge` is
    raised. `check` looks at the whole file before it is kept: where it raises, nothing stays.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    store = data_dir() / "files"
    handle, aside = tempfile.mkstemp(dir=store, prefix=".new-")  # same file system, so that the move is atomic
    try:
        digest, size = hashlib.sha256(), 0
        with os.fdopen(handle, "wb") as file:
            while piece := source.read(CHUNK):
                digest.update(piece)
                size += len(piece)
                if most is not None and size > most:
                    raise TooLarge(f"more than {most} bytes")
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if check is not None:
            with open(aside, "rb") as whole:
                check(whole)
        path = path_of(digest.hexdigest())
        private(path.parent)
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    return Kept(digest.hexdigest(), size)


def read(sha256: str) -> bytes:
    """The whole content, checked against its name. Raises `NotKept` or `Corrupted`."""
    with reading(sha256) as file:
        return file.read()


@contextmanager
def reading(sha256: str) -> Iterator[BinaryIO]:
    """The file, open for reading and already checked against its name, so that nothing wrong is ever sent out."""
    try:
        file = path_of(sha256).open("rb")
    except FileNotFoundError:
        raise NotKept(sha256) from None
    with file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise Corrupted(f"{path_of(sha256)}: the content does not have this hash. Restore it from a backup.")
        file.seek(0)
        yield file


def path_of(sha256: str) -> Path:
    """Where a file of this hash lies, or would lie."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError("not a SHA-256 in small hexadecimal digits")
    return data_dir() / "files" / sha256[:2] / sha256


def _flush_folder(folder: Path) -> None:
    """A new name survives a power cut only when its folder is flushed too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
