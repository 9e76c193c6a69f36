"""PDF: whether it is one and nothing else, is there to its end, opens without a password, and starts no program.

Read in pieces and never laid out. Streams of objects are unpacked in memory, each and all together under a limit, so
that what an ordinary reader would find is found here too. Imports no Django.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from madang.core.reasons import Reason
from madang.kernel.incoming.pdf_password import needs_password
from madang.kernel.incoming.pdf_strings import text
from madang.kernel.incoming.programs import is_program, named_as_program
from madang.kernel.incoming.unwanted import Unwanted, damaged, encrypted, two_in_one

_HEAD: Final = 1024
"""Readers look for `%PDF-` so far."""
_TAIL: Final = 65_557
_PIECE: Final = 1024 * 1024
_OVERLAP: Final = 16 * 1024
_MOST_OBJECTS: Final = 512 * 1024**2
"""Bytes of packed objects that are looked through."""
_MOST_STREAMS: Final = 200_000
_MOST_NAMES: Final = 20_000
_STEP: Final = 256 * 1024

_MARKUP = re.compile(rb"<[a-z!?]", re.IGNORECASE)
_PAGE = re.compile(rb"<(!doctype\s+html|html|script|svg|iframe)[\s/>]", re.IGNORECASE)
_OTHER_STARTS: Final = (
    b"GIF8",
    b"PK\x03\x04",
    b"MZ",
    b"\x7fELF",
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"#!",
    b"\xd0\xcf\x11\xe0",
)
_END = re.compile(rb"%%EOF|startxref\s+\d+")
_STREAM = re.compile(rb"(?<!end)stream(\r\n|\n|\r)")


def _name(word: str) -> bytes:
    """A name in any spelling: each letter may stand as `#` and its number."""
    letters = [b"(?:%c|#[%c%c][%c%c])" % (ord(one), *_hex(ord(one))) for one in word]
    return b"/" + b"".join(letters) + rb"(?![A-Za-z0-9#])"


def _hex(number: int) -> bytes:
    digits = f"{number:02x}"
    return (digits[0] + digits[0].upper() + digits[1] + digits[1].upper()).encode()


_LAUNCH = re.compile(_name("S") + rb"\s{0,100}" + _name("Launch"))
_EMBEDS = re.compile(_name("EF"))
_OBJECTS = re.compile(_name("ObjStm"))
_PACKED = re.compile(_name("FlateDecode") + b"|" + _name("Fl"))
_FILE = re.compile(
    b"(?:" + _name("F") + b"|" + _name("UF") + rb")"
    rb"\s{0,100}(\((?:[^()\\]|\\.){0,300}\)|<[0-9A-Fa-f\s]{0,1200}>)",
    re.DOTALL,
)
_ENCRYPT = re.compile(rb"/Encrypt[\s/<]|/Encrypt\s*\d")


def look_at_pdf(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    _begins_well(file)
    _ends_well(file, size)
    seen, is_locked = _Seen(), False
    for start, piece, fresh in _pieces(file, size):
        is_locked = is_locked or bool(_ENCRYPT.search(piece))
        seen.look_at(piece)
        for found in _STREAM.finditer(piece, fresh):
            described = piece[max(0, found.start() - 2048) : found.start()]
            seen.look_at_stream(file, start + found.end(), described[described.rfind(b" obj") + 1 :])
    if is_locked and needs_password(file, size):
        raise encrypted()


def _begins_well(file: BinaryIO) -> None:
    file.seek(0)
    head = file.read(_HEAD + 8)
    before = head[: head.find(b"%PDF-")]
    if before.lstrip(b"\xef\xbb\xbf\0 \t\r\n\x0c").startswith(_OTHER_STARTS):
        raise two_in_one()
    if _MARKUP.search(before) or _PAGE.search(head):
        raise two_in_one()


def _ends_well(file: BinaryIO, size: int) -> None:
    """Its end is there, perhaps with something behind it; but what is behind it is no archive."""
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    ends = [found.end() for found in _END.finditer(tail)]
    if not ends:
        raise damaged()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return
    reaches_the_end = at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)
    if reaches_the_end or at > ends[-1]:
        raise two_in_one()


def _pieces(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes, int]]:
    """Where a piece begins, the piece, and from where in it on it is new."""
    at = 0
    while at < size:
        begin = max(0, at - _OVERLAP)
        file.seek(begin)
        piece = file.read(at - begin + _PIECE)
        if not piece:
            return
        yield begin, piece, at - begin
        at = begin + len(piece)


class _Seen:
    """One walk through a file: what it may not hold, and how much was looked at."""

    def __init__(self) -> None:
        self._objects, self._streams, self._names = _MOST_OBJECTS, _MOST_STREAMS, _MOST_NAMES

    def look_at(self, shown: bytes) -> None:
        """What stands in the open, in the file itself or in an unpacked stream of objects."""
        if _LAUNCH.search(shown):
            raise Unwanted(Reason("file_starts_something"))
        if not _EMBEDS.search(shown):
            return
        for found in _FILE.finditer(shown):
            self._names -= 1
            if self._names < 0:
                raise damaged()
            name = text(found[1])
            if named_as_program(name):
                raise Unwanted(Reason("file_holds_program", {"member": name[-80:]}))

    def look_at_stream(self, file: BinaryIO, at: int, described: bytes) -> None:
        """A stream of objects is looked through, any other one only at its beginning."""
        self._streams -= 1
        if self._streams < 0:
            raise damaged()
        packed = _PACKED.search(described) is not None
        if packed and _OBJECTS.search(described):
            before = b""
            for piece in _inflated(file, at):
                self._objects -= len(piece)
                if self._objects < 0:
                    raise Unwanted(Reason("file_zip_large", {"most_mb": _MOST_OBJECTS // 1024**2}))
                self.look_at(before + piece)
                before = piece[-_OVERLAP:]
            return
        file.seek(at)
        head = next(_inflated(file, at, 1024), b"") if packed else file.read(1024)
        if is_program(head):
            raise Unwanted(Reason("file_holds_program", {"member": "-"}))


def _inflated(file: BinaryIO, at: int, step: int = _STEP) -> Iterator[bytes]:
    """A packed stream in pieces, as far as it can be unpacked: nothing of one that is broken or enciphered."""
    unpack = zlib.decompressobj()
    packed = b""
    while not unpack.eof:
        if not packed:
            file.seek(at)
            packed = file.read(step)
            at += len(packed)
            if not packed:
                return
        try:
            piece = unpack.decompress(packed, _STEP)
        except zlib.error:
            return
        packed = unpack.unconsumed_tail
        if piece:
            yield piece
