"""The one door by which a file from outside comes into the store."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from madang.core.reasons import Reason
from madang.kernel import files, scanning
from madang.kernel.commands import Refused
from madang.kernel.file_formats import format_of
from madang.kernel.incoming.look import look
from madang.kernel.incoming.unwanted import Unwanted

log = logging.getLogger(__name__)


def take_in(
    content: BinaryIO, *, name: str, most: int, accept: Callable[[int, str | None], None]
) -> tuple[files.Kept, str]:
    """Look at a file while it lies aside, then keep it; gives it with its format.

    `accept(size, format)` raises `Refused` for what the caller does not want; it is asked before anything is unpacked,
    and must refuse a format that nobody knows (`None`). Then the file is looked into, then scanned, then kept. Raises
    `Refused`, and `files.TooLarge` after `most` bytes; then nothing stays. Not for use inside a transaction.
    """
    found: list[str] = []

    def check(whole: BinaryIO) -> None:
        size, format = whole.seek(0, 2), format_of(whole)
        if format is not None or not size:
            accept(size, format)
        try:
            look(whole, format)
        except Unwanted as unwanted:
            raise Refused([Reason(unwanted.reason.code, {"name": name, **unwanted.reason.params})]) from None
        if format is None:
            accept(size, None)
            raise Refused([Reason("file_damaged", {"name": name})])
        scan_or_refuse(whole, name)
        found.append(format)

    with store_or_refuse():
        return files.keep(content, most=most, check=check), found[0]


@contextmanager
def store_or_refuse() -> Iterator[None]:
    """Raises `Refused` where the store is gone or full: the log gets the particulars, the reader the reason."""
    try:
        yield
    except files.StoreGone as gone:
        log.error("the file store: %s", gone)
        raise Refused([Reason("file_store_gone")]) from gone
    except files.DiskFull as full:
        log.error("the file store: %s", full)
        raise Refused([Reason("disk_full")]) from full


def scan_or_refuse(whole: BinaryIO, name: str) -> None:
    """Raises `Refused` where a virus is found, or where the scanner that is asked for does not answer."""
    try:
        virus = scanning.scan(whole)
    except scanning.NotScanned as error:
        log.error("not scanned: %s", error)
        raise Refused([Reason("file_not_scanned", {"name": name})]) from error
    if virus is not None:
        raise Refused([Reason("file_infected", {"name": name, "virus": virus[:80]})])
