"""An archive from outside, unpacked piece by piece under a limit, and XML read as it comes: neither can fill memory."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from madang.core.reasons import Fault, Malformed

MAX_PART_BYTES = 250 * 10**6
MAX_UNPACKED_BYTES = 400 * 10**6
MAX_INDEX_BYTES = 5 * 10**6  # the parts that list others
MAX_PARTS = 5_000
MAX_DEPTH = 64
MAX_TOKEN_BYTES = 2 * 10**6
_PIECE = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0"  # an old .xls whatever its name, or a workbook behind a password
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


class Broken(Exception):
    """What is read is not what its format says."""


class Archive:
    """The parts of a zip file. All that is unpacked through it counts against one limit."""

    def __init__(self, name: str, file: zipfile.ZipFile) -> None:
        self.name = name
        self._file = file
        self._left = MAX_UNPACKED_BYTES
        self.parts = set(file.namelist())
        if len(file.infolist()) > MAX_PARTS:
            raise self._too_large()
        if len(self.parts) != len(file.infolist()):
            raise Broken("two parts of one name")

    def pieces(self, part: str, limit: int = MAX_PART_BYTES) -> Iterator[bytes]:
        """The part in pieces; raises `Malformed` as soon as it is larger than allowed."""
        if part not in self.parts:
            raise Broken(part)
        with self._file.open(part) as stream:
            while piece := stream.read(_PIECE):
                limit -= len(piece)
                self._left -= len(piece)
                if limit < 0 or self._left < 0:
                    raise self._too_large()
                yield piece

    def _too_large(self) -> Malformed:
        return Malformed([Fault("workbook_too_large", self.name, {"max_mb": MAX_UNPACKED_BYTES // 10**6})])


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive of a workbook. Whatever is wrong with it inside the `with` becomes one `Malformed` for the file."""
    try:
        with path.open("rb") as file:
            if file.read(4) == _OLE:
                raise Malformed([Fault("workbook_locked", path.name)])
            if _directory_bytes(file) > MAX_INDEX_BYTES:
                raise Malformed([Fault("workbook_too_large", path.name, {"max_mb": MAX_UNPACKED_BYTES // 10**6})])
            with zipfile.ZipFile(file) as inner:
                yield Archive(path.name, inner)
    except Malformed:
        raise
    except (
        Broken,
        expat.ExpatError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,  # a part behind a password
        NotImplementedError,  # a compression that nobody uses
        LookupError,
        OSError,
        ValueError,
        OverflowError,
        struct.error,
    ):
        raise Malformed([Fault("workbook_unreadable", path.name)]) from None


def _directory_bytes(file: BinaryIO) -> int:
    """How large the archive says its list of parts is; `zipfile` reads that list whole."""
    size = file.seek(0, 2)
    start = max(0, size - 65_557 - 20)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0:
        raise Broken("no end of archive")
    told: int = struct.unpack_from("<L", tail, end + 12)[0]
    if end >= 20 and tail[end - 20 : end - 16] == _LOCATOR64:
        file.seek(struct.unpack_from("<Q", tail, end - 12)[0])
        record = file.read(56)
        if not record.startswith(_END64):
            raise Broken("no end of archive")
        told = struct.unpack_from("<Q", record, 40)[0]
    file.seek(0)
    return told


# -- xml ----------------------------------------------------------------------------------------------------------


class Reader:
    """What a pass over XML does at each element; names come without their prefix. Subclasses add to it."""

    def start(self, name: str, attrs: dict[str, str]) -> None:
        """An element begins. Attributes keep their prefix."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text, in one or several pieces."""


class Enough(Exception):
    """Raised by a `Reader` that has seen what it wanted."""


class _Local(dict[str, str]):
    """`x:row` -> `row`. Hancom's Cell puts a prefix before every element."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition(":")[2]
        if len(self) < 1_000:
            self[name] = local
        return local


def walk(pieces: Iterator[bytes], reader: Reader) -> None:
    """Send `reader` through the XML. No entity is ever defined, no depth or single tag is without bound.

    Raises `Broken` and `expat.ExpatError`; ends quietly at `Enough`. Linear, one piece in memory.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    local = _Local()
    begin, finish = reader.start, reader.end
    depth = 0

    def start(name: str, attrs: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Broken("too deep")
        begin(local[name], attrs)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        finish(local[name])

    def forbid(*_: object) -> None:
        raise Broken("a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = forbid
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > MAX_TOKEN_BYTES:  # the parser begins such a tag anew with each piece
                raise Broken("a tag without end")
        parser.Parse(b"", True)
    except Enough:
        return


def flag(value: str | None) -> bool:
    """An XML boolean attribute."""
    return value is not None and value.strip() in ("1", "true", "on")
