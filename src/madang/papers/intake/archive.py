"""What a ZIP holds, by names as their authors saw them; its tables among them. No name of it becomes a path of ours.

Whether the archive may be opened at all (bombs, passwords, paths that lead out) is asked before
(`madang.kernel.incoming`).
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final

from madang.core.reasons import Fault, Malformed
from madang.papers.columns import TablePlan
from madang.papers.tables import SUFFIXES
from madang.papers.tables.model import MAX_FILE_BYTES
from madang.papers.values import shown

APPLICATIONS: Final = "applications"
_UTF8: Final = 0x800
_IGNORED: Final = re.compile(r"(__MACOSX|\..*|~\$.*|Thumbs\.db|desktop\.ini)", re.IGNORECASE)
_UNSAFE: Final = re.compile(r'[<>:"|?*\x00-\x1f/\\]')


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive: where it lies (`parts`, the name last), and which member of the archive it is."""

    parts: tuple[str, ...]
    size: int
    member: int

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def path(self) -> str:
        return "/".join(self.parts)


def entries(archive: zipfile.ZipFile) -> list[Entry]:
    """Every file that counts, in the order of their names. A folder that holds everything is left out of the paths."""
    found = []
    for number, one in enumerate(archive.infolist()):
        path = unicodedata.normalize("NFC", name_of(one)).replace("\\", "/")
        parts = tuple(part for part in path.split("/") if part not in ("", "."))
        if parts and not path.endswith("/") and not any(_IGNORED.fullmatch(part) for part in parts):
            found.append(Entry(parts, one.file_size, number))
    while found and all(len(one.parts) > 1 and one.parts[0] == found[0].parts[0] for one in found):
        found = [Entry(one.parts[1:], one.size, one.member) for one in found]
    return sorted(found, key=lambda one: one.parts)


def name_of(one: zipfile.ZipInfo) -> str:
    """A member's name: UTF-8 where it says so or is so, else CP949, in which Korean Windows writes."""
    if one.flag_bits & _UTF8:
        return one.orig_filename
    raw = one.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return one.orig_filename


def tables_in(found: Sequence[Entry], plans: Mapping[str, TablePlan]) -> dict[str, Entry]:
    """Table -> its file, among those that lie in no folder. Raises `Malformed`: no table, one twice, or which one?

    A table is known by its name or title (`applications.xlsx`, `신청서.csv`); where none is called so, a single one is
    the applications.
    """
    names = {name.casefold(): name for name in plans}
    for name, plan in plans.items():
        for title in plan.title.values():
            names.setdefault(title.casefold(), name)
    tables: dict[str, Entry] = {}
    others: list[Entry] = []
    for one in found:
        stem, _, suffix = one.name.rpartition(".")
        if len(one.parts) > 1 or f".{suffix.lower()}" not in SUFFIXES:
            continue
        table = names.get(stem.strip().casefold())
        if table is None:
            others.append(one)
        elif table in tables:
            raise Malformed([Fault("table_twice", shown(one.name), {"other": shown(tables[table].name)})])
        else:
            tables[table] = one
    if APPLICATIONS not in tables and len(others) == 1:
        tables[APPLICATIONS] = others[0]
    if APPLICATIONS not in tables:
        told = [shown(one.name) for one in others]
        raise Malformed([Fault("intake_which_table" if told else "intake_no_table", "", {"files": told})])
    return tables


def unpack(archive: zipfile.ZipFile, tables: Mapping[str, Entry], into: Path) -> dict[str, Path]:
    """The tables as files of their own, under their own names made harmless. Raises `Malformed` for one too large."""
    paths = {}
    for number, (name, one) in enumerate(tables.items()):
        if one.size > MAX_FILE_BYTES:
            raise Malformed([Fault("file_too_large", shown(one.name), {"max_mb": MAX_FILE_BYTES // 10**6})])
        folder = into / str(number)
        folder.mkdir()
        paths[name] = folder / safe(one.name)
        with opened(archive, one) as source, paths[name].open("wb") as target:
            for piece in pieces(source):
                target.write(piece)
    return paths


def opened(archive: zipfile.ZipFile, one: Entry) -> BinaryIO:
    """The content of a file of the archive."""
    return archive.open(archive.infolist()[one.member])  # type: ignore[return-value]  # it reads as a file does


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(256 * 1024):
        yield piece


def safe(name: str) -> str:
    """A name for a file of ours and for the places of faults: no path, not long, its ending kept."""
    stem, _, suffix = _UNSAFE.sub("_", name).rpartition(".")
    return f"{stem[-60:].strip('. ') or 'table'}.{suffix.lower()}"


def pack(named: Iterable[tuple[str, BinaryIO]], into: BinaryIO) -> None:
    """Files as one ZIP, in which they lie under these paths. The same files give the same bytes at any time."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        for path, content in named:
            one = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(one, "w", force_zip64=True) as target:
                for piece in pieces(content):
                    target.write(piece)
