"""One look at a file for each format that is taken, and why the others are not. Imports no Django."""

import logging
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from madang.kernel.incoming.archives import look_at_archive
from madang.kernel.incoming.compound import MAGIC as OLE
from madang.kernel.incoming.ole import look_at_ole
from madang.kernel.incoming.pdf import look_at_pdf
from madang.kernel.incoming.pictures import look_at_jpg, look_at_png
from madang.kernel.incoming.unwanted import Unwanted, damaged, encrypted, two_in_one

log = logging.getLogger(__name__)

_BY_START: Final[Mapping[bytes, Callable[[BinaryIO], None]]] = {
    b"PK\x03\x04": look_at_archive,
    OLE: look_at_ole,
    b"\x89PNG\r\n\x1a\n": look_at_png,
    b"\xff\xd8\xff": look_at_jpg,
}
#: How the document protections of Korean offices begin: whoever is outside that office reads nothing.
_DRM: Final = (b"DRMONE", b"SCDSA00", b"<DOCUMENT SAFER", b"<## NASCA DRM FILE")
_TAIL: Final = 65_557


def look(file: BinaryIO, format: str | None) -> None:
    """Raises `Unwanted` where the file must not be kept. `format`: as `format_of` told it; nothing, where it could not.

    Cost: linear in what the file unpacks to, which is bounded (`archives.MOST_UNPACKED`); memory of some megabytes.
    """
    try:
        _look(file, format)
    except Unwanted:
        raise
    except Exception:  # what is forged may fail in any way: an answer all the same
        log.exception("a file could not be looked at")
        raise damaged() from None


def _look(file: BinaryIO, format: str | None) -> None:
    file.seek(0)
    head = file.read(64)
    if any(mark in head for mark in _DRM):
        raise encrypted()
    if format == "pdf":
        look_at_pdf(file)
        return
    for start, look_at in _BY_START.items():
        if head.startswith(start):
            look_at(file)
            if format in ("png", "jpg"):
                _no_archive_behind(file)
            return


def _no_archive_behind(file: BinaryIO) -> None:
    """A picture to one program and an archive to the next; telephones put other things behind their pictures."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if 0 <= at <= len(tail) - 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
        raise two_in_one()
