"""Files by their content, named by SHA-256, so that a file cannot change behind its name. Imports no Django.

`MADANG_FILES_URL` says where: empty, the folder `files/` of the data folder; `s3://KEY:SECRET@host:port/bucket/prefix`,
a bucket of any S3-compatible service (`?region=…`, `&tls=0` for plain HTTP; without host AWS itself; without key the
usual AWS_ environment). Whatever is kept is gathered aside on this machine first, hashed and flushed to the disk; what
is read is checked before its first byte leaves. This is the only way to the store.
"""

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from madang.kernel.datadir import data_dir
from madang.kernel.files.local import Local
from madang.kernel.files.store import CHUNK, Corrupted, DiskFull, Kept, NotKept, Store, StoreGone, TooLarge, at_work

__all__ = [
    "CHUNK", "VARIABLE", "Corrupted", "DiskFull", "Kept", "NotKept", "Store", "StoreGone", "TooLarge", "all",
    "check_address", "copy", "exists", "keep", "opened", "path_of", "read", "reading", "size", "store", "store_at",
    "sweep",
]  # fmt: skip

VARIABLE: Final = "MADANG_FILES_URL"
_ASIDE: Final = ".new-"
_LEFT_ASIDE_S: Final = 24 * 3600
"""Older ones were left by a process that died: no upload takes as long."""


def store() -> Store:
    """The store of this installation. Raises `ValueError` where its address is none."""
    return store_at(os.environ.get(VARIABLE, ""))


def store_at(url: str) -> Store:
    """The store of an address: empty, the data folder's; `file:///folder`; or `s3://…`. Raises `ValueError`."""
    check_address(url)
    if not url:
        return Local()
    return Local(Path(url.removeprefix("file://"))) if url.startswith("file:///") else _bucket(url)


def check_address(url: str) -> None:
    """Raises `ValueError` where the address is of no store; does not go there."""
    if url and not url.startswith(("file:///", "s3://")):
        raise ValueError(f"{url.partition(':')[0]!r} is neither s3 nor file")
    if url.startswith("s3://") and not urlsplit(url).path.strip("/"):
        raise ValueError("an S3 address reads s3://KEY:SECRET@host:port/bucket/prefix")


@lru_cache(maxsize=4)
def _bucket(url: str) -> Store:
    from madang.kernel.files.s3 import Bucket

    return Bucket(url)


def keep(
    content: bytes | BinaryIO, *, most: int | None = None, check: Callable[[BinaryIO], None] | None = None
) -> Kept:
    """Put a file into the store and return its hash and size. Reads in pieces; memory does not grow with the file.

    Keeping the same content again is harmless, and mends a damaged copy. `most` bytes are read, then `TooLarge` is
    raised. `check` looks at the whole file before it is kept: where it raises, nothing stays. Raises `DiskFull` and
    `StoreGone`; then nothing was kept.
    """
    return _keep(store(), io.BytesIO(content) if isinstance(content, bytes) else content, most, check)


def _keep(into: Store, source: BinaryIO, most: int | None, check: Callable[[BinaryIO], None] | None) -> Kept:
    with at_work("the folder of the files"):
        handle, aside = tempfile.mkstemp(dir=into.aside(), prefix=_ASIDE)
    try:
        kept = _gathered(source, handle, most)
        if check is not None:
            with open(aside, "rb") as whole:
                check(whole)
        into.put(Path(aside), kept)
    finally:
        Path(aside).unlink(missing_ok=True)  # a folder's store has moved it away
    return kept


def _gathered(source: BinaryIO, handle: int, most: int | None) -> Kept:
    digest, size = hashlib.sha256(), 0
    file = os.fdopen(handle, "wb", buffering=0)
    try:
        while piece := source.read(CHUNK):
            digest.update(piece)
            size += len(piece)
            if most is not None and size > most:
                raise TooLarge(f"more than {most} bytes")
            with at_work("the folder of the files"):
                _write(file, piece)
        with at_work("the folder of the files"):
            os.fsync(handle)
    finally:
        file.close()
    return Kept(digest.hexdigest(), size)


def _write(file: io.RawIOBase, piece: bytes) -> None:
    """Without a buffer, or a full disk would only be met by closing; a write may then take a part."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def read(sha256: str) -> bytes:
    """The whole content, checked against its name. Raises `NotKept`, `Corrupted` or `StoreGone`."""
    with reading(sha256) as file:
        return file.read()


@contextmanager
def reading(sha256: str) -> Iterator[BinaryIO]:
    """The file, open for reading and already checked against its name, so that nothing wrong is ever sent out."""
    with opened(sha256) as file:
        yield file


def opened(sha256: str) -> BinaryIO:
    """The same for an answer that is sent later, in pieces: who asks for it closes it.

    Cost: the file read once from the folder; from a bucket it is fetched into a nameless file of this machine.
    """
    return store().opened(sha256)


def exists(sha256: str) -> bool:
    """Whether the store has it, unread. Raises `StoreGone`."""
    try:
        size(sha256)
    except NotKept:
        return False
    return True


def size(sha256: str) -> int:
    """Its size, unread. Raises `NotKept` or `StoreGone`."""
    return store().size(sha256)


def all() -> Iterator[Kept]:
    """Every file of the store in the order of the hashes, unchecked: for a backup."""
    return store().all()


def copy(sha256: str, *, source: Store, to: Store) -> Kept:
    """Bring one file from a store to another, checked on both sides. Raises as `keep` and `read` do."""
    with source.opened(sha256) as file:
        return _keep(to, file, None, None)


def path_of(sha256: str) -> Path:
    """Where a file lies on this machine. For those who work on the folder itself (a backup of it, a test that damages a
    file): raises `StoreGone` where the files are in a bucket.
    """
    here = store()
    if not isinstance(here, Local):
        raise StoreGone("the files of this installation are not in a folder")
    return here.path_of(sha256)


def sweep() -> int:
    """Remove what processes that died left aside more than a day ago, whole uploads too; returns how many. For the
    worker.
    """
    here, removed = data_dir(), 0
    left = [*(here / "files").glob(f"{_ASIDE}*"), *(here / "cache").glob(f"{_ASIDE}*")]
    for path in [*left, *(here / "cache" / "uploads").glob("*.upload*")]:
        try:
            if path.stat().st_mtime < time.time() - _LEFT_ASIDE_S:
                path.unlink()
                removed += 1
        except FileNotFoundError:  # another process was quicker
            pass
    return removed
