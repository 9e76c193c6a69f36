"""XLSX as Excel, LibreOffice, Google, Hancom's Cell and libraries save it, strict or not: the parts of the workbook.

Read by our own pass, not by a library: a table must say what its values do not show (formulas, merged and hidden cells,
percent), a library's reader gives values only, and the unwritten day formats of Korean Excel are unknown to most.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from pathlib import Path

from madang.papers.tables.archive import MAX_INDEX_BYTES, MAX_PART_BYTES, Archive, Broken, Reader, flag, opened, walk
from madang.papers.tables.choosing import choose
from madang.papers.tables.formats import Kind, Numbers, Styles
from madang.papers.tables.model import Cell, Table, finish, header_cell
from madang.papers.tables.xlsx_sheet import Sheet, unescaped

MAX_SHARED_BYTES = 150 * 10**6
MAX_SHARED = 5_000_000


def read_xlsx(path: Path, keys: Collection[str] = (), titles: Collection[str] = ()) -> Table:
    """The worksheet that holds the table; raises `Malformed` where there is none, or no single one.

    `keys`: columns by which it is recognised; `titles`: names of the table that a worksheet may bear.
    """
    with opened(path) as archive:
        workbook = _Workbook(archive)
        visible = workbook.visible()
        title = choose(path.name, visible, keys, titles, workbook.first_row)
        name = path.name if len(visible) == 1 else f"{path.name}, worksheet {title}"
        sheet = workbook.read(title, Sheet(name, workbook.kinds, workbook.shared, workbook.numbers))
    shape = Table(name, tuple(header_cell(cell) for cell in sheet.header()), [], typed=True)
    survey = sheet.survey
    return finish(
        name,
        iter(sheet.rows),
        typed=True,
        found=survey.found(shape),
        covered=survey.covered(),
        remarks=survey.remarks(shape),
        spoilt=survey.spoilt(),
    )


class _Workbook:
    """Which worksheets there are, and what they share."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        main = _target(archive, "", "officeDocument") or "xl/workbook.xml"
        index = _Index()
        walk(archive.pieces(main, MAX_INDEX_BYTES), index)
        relations = _relations(archive, main)
        self._sheets = {
            title: (relations[identity][1], visible)
            for title, (identity, visible) in index.sheets.items()
            if identity in relations and relations[identity][0] == "worksheet"
        }
        self.numbers = Numbers(since_1904=index.since_1904)
        self.kinds = self._styles(_part(relations, "styles"))
        self.shared = self._strings(_part(relations, "sharedStrings"))

    def visible(self) -> list[str]:
        return [title for title, (_, visible) in self._sheets.items() if visible]

    def read(self, title: str, sheet: Sheet) -> Sheet:
        walk(self._archive.pieces(self._sheets[title][0], MAX_PART_BYTES), sheet)
        sheet.put_in_order()
        return sheet

    def first_row(self, title: str) -> list[Cell]:
        name = f"{self._archive.name}, worksheet {title}"
        return self.read(title, Sheet(name, self.kinds, self.shared, self.numbers, only_first=True)).header()

    def _styles(self, part: str | None) -> list[Kind]:
        if part is None:
            return []
        styles = Styles()
        walk(self._archive.pieces(part, 4 * MAX_INDEX_BYTES), styles)
        return styles.kinds()

    def _strings(self, part: str | None) -> list[str]:
        if part is None:
            return []
        strings = _Strings()
        walk(self._archive.pieces(part, MAX_SHARED_BYTES), strings)
        return strings.found


class _Index(Reader):
    """`workbook.xml`: each worksheet's title -> the id of its relation and whether it is visible."""

    def __init__(self) -> None:
        self.sheets: dict[str, tuple[str, bool]] = {}
        self.since_1904 = False

    def start(self, name: str, attrs: dict[str, str]) -> None:
        if name == "sheet":
            identity = next((value for key, value in attrs.items() if key.endswith(":id")), "")
            self.sheets[attrs.get("name", "")] = (identity, attrs.get("state", "visible") == "visible")
        elif name == "workbookPr":
            self.since_1904 = flag(attrs.get("date1904"))


class _Relations(Reader):
    def __init__(self) -> None:
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attrs: dict[str, str]) -> None:
        if name == "Relationship" and attrs.get("TargetMode") != "External":
            kind = attrs.get("Type", "").rpartition("/")[2]  # the same word in the strict and the usual namespace
            self.found[attrs.get("Id", "")] = (kind, attrs.get("Target", ""))


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Of a part: the id of each relation -> its kind and the part it leads to, inside the archive only."""
    folder, _, file = part.rpartition("/")
    listed = posixpath.join(folder, "_rels", f"{file}.rels")
    if listed not in archive.parts:
        return {}
    relations = _Relations()
    walk(archive.pieces(listed, MAX_INDEX_BYTES), relations)
    return {
        identity: (kind, target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}"))
        for identity, (kind, target) in relations.found.items()
    }


def _target(archive: Archive, part: str, kind: str) -> str | None:
    return _part(_relations(archive, part), kind)


def _part(relations: dict[str, tuple[str, str]], kind: str) -> str | None:
    return next((part.lstrip("/") for of, part in relations.values() if of == kind), None)


class _Strings(Reader):
    """`sharedStrings.xml`. Readings aid (phonetic) and what only another program understands are left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._skip = 0
        self._inside = False

    def start(self, name: str, attrs: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name in ("rPh", "Choice"):
            self._skip += 1
        elif name == "t":
            self._inside = not self._skip

    def text(self, data: str) -> None:
        if self._inside:
            self._parts.append(data)

    def end(self, name: str) -> None:
        if name == "t":
            self._inside = False
        elif name in ("rPh", "Choice"):
            self._skip -= 1
        elif name == "si":
            if len(self.found) >= MAX_SHARED:
                raise Broken("more texts than cells")
            self.found.append(unescaped("".join(self._parts)))
