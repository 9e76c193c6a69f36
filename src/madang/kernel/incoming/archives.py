"""ZIP files, and all that are made of them (DOCX, XLSX, PPTX, HWPX, ODF): what would come out, told without putting
anything on the disk. Imports no Django.

The list of members is checked before it is believed: its length, members that share bytes, and sizes: each member is
unpacked in memory, in pieces that are thrown away, and must be as large as it says. An archive in an archive is looked
at in the same way, all against one limit.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from madang.core.reasons import Reason
from madang.kernel.incoming.ole import does_something
from madang.kernel.incoming.programs import is_program, named_as_program
from madang.kernel.incoming.unwanted import Unwanted, damaged, encrypted, macros

MOST_MEMBERS: Final = 10_000
MOST_UNPACKED: Final = 1024**3
"""Bytes that may come out in all; of an archive larger than a quarter of this, four times its own size."""
DENSE_FROM: Final = 256 * 1024**2
DENSEST: Final = 100
"""Where more than `DENSE_FROM` bytes come out, at most so many times the archive's own size."""
MOST_NESTED: Final = 2
"""Archives inside archives: a ZIP with a DOCX with a workbook in it."""
LARGEST_NESTED: Final = 32 * 1024**2
"""A larger one inside another is not looked into, so it is not taken."""
_LARGEST_LIST: Final = 4 * 1024**2
_LARGEST_TEXT: Final = 4 * 1024**2
_LARGEST_SCRIPT: Final = 256 * 1024
_PIECE: Final = 256 * 1024
_HEAD: Final = 4096
_LOCAL, _END, _END64, _LOCATOR64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


class Budget:
    """What may still come out, over all depths."""

    def __init__(self, size: int) -> None:
        self.members = MOST_MEMBERS
        self.most = max(MOST_UNPACKED, 4 * size)
        self.dense = max(DENSE_FROM, DENSEST * size)
        self.unpacked = 0

    def spend(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > min(self.most, self.dense):
            raise self.too_much()

    def too_much(self) -> Unwanted:
        return Unwanted(Reason("file_zip_large", {"most_mb": min(self.most, self.dense) // 1024**2}))

    def count(self, members: int) -> None:
        self.members -= members
        if self.members < 0:
            raise Unwanted(Reason("file_zip_members", {"most": MOST_MEMBERS}))


def look_at_archive(file: BinaryIO) -> None:
    """Refuses bombs, forged lists, paths that lead out, passwords, programs and macros, at any depth."""
    _look(file, Budget(file.seek(0, 2)), 0)


def _look(file: BinaryIO, budget: Budget, depth: int) -> None:
    listed = _members(file, budget)
    if sum(one.size for one in listed) > min(budget.most, budget.dense) - budget.unpacked:
        raise budget.too_much()
    for one in listed:
        head = _unpacked(file, one, budget, depth)
        if not one.name.endswith("/") and (named_as_program(one.name) or is_program(head)):
            raise Unwanted(Reason("file_holds_program", {"member": one.name.rpartition("/")[2][:80]}))
    _office(file, {one.name: one for one in listed})


# --- The list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the list has it; `at`: where its packed bytes begin."""

    name: str
    at: int
    packed: int
    size: int
    stored: bool


def _members(file: BinaryIO, budget: Budget) -> list[Member]:
    _sane_end(file, budget)
    try:
        with zipfile.ZipFile(file) as archive:
            listed, end = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, UnicodeError, struct.error):
        raise damaged() from None
    budget.count(len(listed))
    found, places = [], []
    for one in listed:
        if one.flag_bits & 0x41:
            raise encrypted()
        if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unwanted(Reason("file_zip_unsound"))
        name = one.orig_filename.replace("\\", "/")
        if "\0" in name or ".." in name.split("/") or re.match(r"/|[A-Za-z]:", name):
            raise Unwanted(Reason("file_zip_paths"))
        at = _data_of(file, one.header_offset)
        stored = one.compress_type == zipfile.ZIP_STORED
        places.append((one.header_offset, at + one.compress_size))
        found.append(Member(name, at, one.compress_size, one.file_size, stored))
    places.sort()
    ends = [place[0] for place in places[1:]] + [end]
    if places and any(place[1] > following for place, following in zip(places, ends, strict=True)):
        raise Unwanted(Reason("file_zip_unsound"))
    return found


def _sane_end(file: BinaryIO, budget: Budget) -> None:
    """Whether the list is there and small enough to be read; a forged one can be made to eat memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557 - 20))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise damaged()
    count, length = struct.unpack_from("<HI", tail, at + 10)
    if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR64:
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if len(record) < 56 or not record.startswith(_END64):
            raise damaged()
        count, length = struct.unpack_from("<QQ", record, 32)
    if count > budget.members or length > _LARGEST_LIST:
        raise Unwanted(Reason("file_zip_members", {"most": MOST_MEMBERS}))


def _data_of(file: BinaryIO, offset: int) -> int:
    """Where a member's packed bytes begin, by its own header."""
    if offset < 0:
        raise damaged()
    file.seek(offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(_LOCAL):
        raise damaged()
    name, extra = struct.unpack_from("<HH", head, 26)
    return offset + 30 + int(name) + int(extra)


# --- What comes out ---------------------------------------------------------------------------------------------------


def _unpacked(file: BinaryIO, one: Member, budget: Budget, depth: int) -> bytes:
    """Unpack a member and throw it away; gives its beginning. An archive among the members is looked into."""
    head, size, inner = b"", 0, None
    for piece in _pieces(file, one):
        size += len(piece)
        budget.spend(len(piece))
        if size > one.size:
            raise Unwanted(Reason("file_zip_unsound"))
        if inner is not None:
            inner.write(piece)
        elif len(head) < _HEAD:
            head += piece  # whole pieces, so that nothing is lost where it turns out to be an archive
            if head.startswith(_LOCAL):
                if depth >= MOST_NESTED or one.size > LARGEST_NESTED:
                    raise Unwanted(Reason("file_zip_nested", {"most_mb": LARGEST_NESTED // 1024**2}))
                inner = io.BytesIO(head)
                inner.seek(0, 2)
    if size != one.size:
        raise damaged()
    if inner is not None:
        _look(inner, budget, depth + 1)
    return head


def _pieces(file: BinaryIO, one: Member) -> Iterator[bytes]:
    left, at = one.packed, one.at
    unpack = None if one.stored else zlib.decompressobj(-15)
    while left:
        file.seek(at)
        packed = file.read(min(_PIECE, left))
        if not packed:
            raise damaged()
        left, at = left - len(packed), at + len(packed)
        if unpack is None:
            yield packed
            continue
        try:
            while packed and not unpack.eof:
                yield unpack.decompress(packed, _PIECE)
                packed = unpack.unconsumed_tail
        except zlib.error:
            raise damaged() from None
    if unpack is not None and one.packed:
        while not unpack.eof:
            try:
                rest = unpack.decompress(unpack.unconsumed_tail, _PIECE)
            except zlib.error:
                raise damaged() from None
            if not rest:
                raise damaged()  # ends before its end
            yield rest


def _text(file: BinaryIO, one: Member | None) -> bytes:
    """The beginning of a member."""
    found = b""
    for piece in _pieces(file, one) if one else ():
        found += piece
        if len(found) > _LARGEST_TEXT:
            break
    return found[:_LARGEST_TEXT]


# --- Office files -----------------------------------------------------------------------------------------------------

_BASIC = re.compile(r"(.*/)?basic/.+\.xml", re.IGNORECASE)
_BASIC_LIST = re.compile(r"(script|dialog)-l[bc]\.xml", re.IGNORECASE)


def _office(file: BinaryIO, members: dict[str, Member]) -> None:
    manifest = _text(file, members.get("META-INF/manifest.xml"))
    if b"encryption-data" in manifest:
        raise encrypted()
    types = _text(file, members.get("[Content_Types].xml"))
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise macros()
    mimetype = _text(file, members.get("mimetype"))[:100]
    for name, member in members.items():
        low = name.lower()
        if low.endswith("vbaproject.bin") or (types and low.startswith("xl/macrosheets/")):
            raise macros()
        if mimetype.startswith(b"application/vnd.oasis.") and _odf_macro(low, member):
            raise macros()
        if mimetype.startswith(b"application/hwp") and low.startswith("scripts/") and _hwpx_script(file, member):
            raise macros()


def _odf_macro(name: str, member: Member) -> bool:
    if _BASIC.fullmatch(name):
        return not _BASIC_LIST.fullmatch(name.rpartition("/")[2])
    return name.startswith("scripts/") and not name.endswith("/") and member.size > 0


def _hwpx_script(file: BinaryIO, member: Member) -> bool:
    content = _text(file, member)[:_LARGEST_SCRIPT]
    return does_something(content.decode("utf-16-le" if b"\0" in content[:4] else "utf-8", "replace"))
