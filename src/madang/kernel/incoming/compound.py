"""Compound files (OLE, MS-CFB), of which HWP 5 and the old office formats are made: what streams there are, and the
beginning of one. Reads the directory and nothing else; bounded whatever the file claims. Imports no Django.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

MAGIC: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_MOST_ENTRIES: Final = 65_536
_MOST_SMALL: Final = 64 * 1024**2  # bytes of all streams under 4 kB together
_LAST: Final = 0xFFFFFFFA  # sector numbers from here on are signs
_STORAGE, _STREAM, _ROOT = 1, 2, 5


class NotCompound(ValueError):
    """Its tables lead nowhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A storage or a stream, as the directory has it."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class Compound:
    """A compound file. `names`: the streams and storages at its root, in small letters. Raises `NotCompound`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        head = self._at(0, 512)
        if len(head) < 512 or not head.startswith(MAGIC):
            raise NotCompound
        shift, mini = struct.unpack_from("<HH", head, 30)
        if shift not in (9, 12) or mini != 6:
            raise NotCompound
        self._sector, self._large = 1 << shift, struct.unpack_from("<I", head, 56)[0]
        first_dir, first_mini, difat = (struct.unpack_from("<I", head, at)[0] for at in (48, 60, 68))
        self._fat = [one for one in struct.unpack_from("<109I", head, 76) if one < _LAST]
        for sector in self._beyond_the_head(difat):
            self._fat += [one for one in sector if one < _LAST]
        self._entries = self._directory(first_dir)
        self._first_mini = first_mini
        self.names = self._children(self._entries[0])

    def inside(self, storage: str) -> dict[str, Entry]:
        """What a storage of the root holds; nothing where there is no such storage."""
        found = self.names.get(storage.lower())
        return self._children(found) if found and found.kind == _STORAGE else {}

    def read(self, stream: Entry, most: int) -> bytes:
        """The first `most` bytes of a stream."""
        size = min(stream.size, most)
        if stream.size >= self._large:
            return b"".join(self._sectors(stream.start, size))[:size]
        places = list(self._chain(self._entries[0].start, min(self._entries[0].size, _MOST_SMALL)))
        table = b"".join(self._sectors(self._first_mini, _MOST_SMALL // 16))
        found, at = b"", stream.start
        while len(found) < size and at * 4 + 4 <= len(table):
            sector, within = divmod(at * 64, self._sector)
            if sector >= len(places):
                raise NotCompound
            found += self._at(self._offset(places[sector]) + within, 64)
            at = struct.unpack_from("<I", table, at * 4)[0]
        return found[:size]

    def _beyond_the_head(self, at: int) -> Iterator[tuple[int, ...]]:
        """Where the table of sectors goes on, for files of more than 7 MB."""
        number = self._sector // 4
        for _ in range(self._size // self._sector // number // number + 2):
            if at >= _LAST:
                return
            sector = self._at(self._offset(at), self._sector)
            if len(sector) < self._sector:
                raise NotCompound
            *listed, at = struct.unpack(f"<{number}I", sector)
            yield tuple(listed)
        raise NotCompound  # a ring

    def _directory(self, first: int) -> list[Entry]:
        content = b"".join(self._sectors(first, _MOST_ENTRIES * 128))
        found = []
        for at in range(0, len(content) - 127, 128):
            length, kind = struct.unpack_from("<HB", content, at + 64)
            left, right, child = struct.unpack_from("<III", content, at + 68)
            start, size = struct.unpack_from("<II", content, at + 116)
            name = content[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            found.append(Entry(name, kind, left, right, child, start, size))
        if not found or found[0].kind != _ROOT:
            raise NotCompound
        return found

    def _children(self, of: Entry) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        waiting, seen = [of.child], set()
        while waiting:
            at = waiting.pop()
            if at >= len(self._entries) or at in seen:
                continue
            seen.add(at)
            entry = self._entries[at]
            if entry.kind in (_STORAGE, _STREAM):
                found[entry.name.lower()] = entry  # names differ by more than their case
            waiting += [entry.left, entry.right]
        return found

    def _chain(self, at: int, size: int) -> Iterator[int]:
        """The sectors of a chain, as many as `size` bytes need."""
        per = self._sector // 4
        for _ in range(-(-size // self._sector)):
            if at >= _LAST:
                return
            yield at
            table, place = divmod(at, per)
            if table >= len(self._fat):
                raise NotCompound
            following = self._at(self._offset(self._fat[table]) + place * 4, 4)
            if len(following) < 4:
                raise NotCompound
            at = struct.unpack("<I", following)[0]

    def _sectors(self, at: int, size: int) -> Iterator[bytes]:
        read = 0
        for sector in self._chain(at, min(size, self._size)):
            piece = self._at(self._offset(sector), self._sector)
            read += len(piece)
            if not piece or read > self._size:
                raise NotCompound
            yield piece

    def _offset(self, sector: int) -> int:
        return (sector + 1) * self._sector

    def _at(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)
