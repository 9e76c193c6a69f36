"""XLSX: values by calamine, and one pass over the worksheet for what values do not show.

A workbook is an archive from outside: it is unpacked here under a limit, and only the parts that hold values are handed
on, so that no archive can grow in memory (a bomb) and nothing outside the worksheet read has a say.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml
import python_calamine
from defusedxml import ElementTree, sax

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.model import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Found,
    Row,
    Table,
    finish,
    header_cell,
    letters,
    place,
)

MAX_PART_BYTES = 250 * 10**6
MAX_UNPACKED_BYTES = 400 * 10**6
MAX_INDEX_BYTES = 5 * 10**6
MAX_PARTS = 5_000
_OLE = b"\xd0\xcf\x11\xe0"  # an old .xls, or a workbook behind a password
_REFERENCE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")
_MANY = 1_000  # more places than anybody reads


def read_xlsx(path: Path, keys: Collection[str] = ()) -> Table:
    """The worksheet of the workbook that holds the table; raises `Malformed` where there is none, or no single one."""
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            raise Malformed([Fault("workbook_locked", path.name)])
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path.name, _Workbook(path.name, archive), keys)
    except Malformed:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        NotImplementedError,
        LookupError,
        OSError,
        ValueError,
    ):
        raise Malformed([Fault("workbook_unreadable", path.name)]) from None
    except (SAXException, ElementTree.ParseError, defusedxml.DefusedXmlException):
        raise Malformed([Fault("workbook_unreadable", path.name)]) from None
    except python_calamine.CalamineError:
        raise Malformed([Fault("workbook_unreadable", path.name)]) from None


def _read(name: str, workbook: _Workbook, keys: Collection[str]) -> Table:
    title = workbook.choose(keys)
    if len(workbook.visible) > 1:
        name = f"{name}, worksheet {title}"
    survey = workbook.survey(title)
    survey.refuse_absurd(name)
    rows = workbook.rows(title)
    header = tuple(header_cell(cell) for cell in rows[0]) if rows else ()
    shape = Table(name, header, [], typed=True)
    covered = frozenset(c for top, left, _, right in survey.merged if top == 1 for c in range(left, right + 1))
    return finish(name, _numbered(rows), typed=True, found=survey.found(shape), covered=covered)


def _numbered(rows: list[list[Cell]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, start=1):
        yield number, [_plain(cell) for cell in cells]


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return cell.strip() or None
    return cell


class _Workbook:
    """The parts of an archive that hold values, unpacked under a limit."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self.name = name
        self.archive = archive
        self.left = MAX_UNPACKED_BYTES
        if len(archive.infolist()) > MAX_PARTS:
            self._too_large()
        self.parts = self._sheet_parts()
        self.visible = tuple(title for title, (_, visible) in self.parts.items() if visible)
        shared = [part for part in archive.namelist() if part.startswith("xl/") and part.count("/") == 1]
        wanted = ["[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", *shared]
        self.common = {part: self._unpack(part) for part in dict.fromkeys(wanted) if part in archive.namelist()}
        self.sheets: dict[str, bytes] = {}
        self.surveys: dict[str, _Survey] = {}

    def _too_large(self) -> None:
        raise Malformed([Fault("workbook_too_large", self.name, {"max_mb": MAX_UNPACKED_BYTES // 10**6})])

    def _unpack(self, part: str, limit: int | None = None) -> bytes:
        limit = min(limit or MAX_PART_BYTES, self.left)
        with self.archive.open(part) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            self._too_large()
        self.left -= len(data)
        return data

    def _sheet_parts(self) -> dict[str, tuple[str, bool]]:
        """Worksheet title -> its part of the archive, and whether it is visible."""
        relations = ElementTree.fromstring(self._unpack("xl/_rels/workbook.xml.rels", MAX_INDEX_BYTES), forbid_dtd=True)
        targets = {item.get("Id"): item.get("Target", "") for item in relations}
        book = ElementTree.fromstring(self._unpack("xl/workbook.xml", MAX_INDEX_BYTES), forbid_dtd=True)
        parts: dict[str, tuple[str, bool]] = {}
        for sheet in book.iter():
            if sheet.tag.rpartition("}")[2] != "sheet":
                continue
            identity = next((v for k, v in sheet.attrib.items() if k.rpartition("}")[2] == "id" and "}" in k), None)
            target = targets.get(identity, "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            if "worksheets/" in part:
                parts[sheet.get("name", "")] = (part, sheet.get("state", "visible") == "visible")
        return parts

    def choose(self, keys: Collection[str]) -> str:
        """The one visible worksheet, or the one of several whose first row names a column that we know."""
        if not self.visible:
            raise Malformed([Fault("no_worksheet", self.name)])
        if len(self.visible) == 1:
            return self.visible[0]
        known = [title for title in self.visible if any(header_cell(c) in keys for c in self._first_row(title))]
        if len(known) != 1:
            told = known or list(self.visible)
            code = "several_worksheets" if known else "no_known_worksheet"
            raise Malformed([Fault(code, self.name, {"worksheets": told[:10], "columns": sorted(keys)[:5]})])
        return known[0]

    def _first_row(self, title: str) -> list[Cell]:
        survey = self.survey(title)
        survey.refuse_absurd(f"{self.name}, worksheet {title}")
        return self.rows(title, 1)[0] if survey.last_row else []

    def _sheet(self, title: str) -> bytes:
        if title not in self.sheets:
            self.sheets[title] = self._unpack(self.parts[title][0])
        return self.sheets[title]

    def survey(self, title: str) -> _Survey:
        if title not in self.surveys:
            survey = self.surveys[title] = _Survey()
            parser = sax.make_parser()
            parser.forbid_dtd = True
            parser.setContentHandler(survey)
            parser.parse(io.BytesIO(self._sheet(title)))
        return self.surveys[title]

    def rows(self, title: str, count: int | None = None) -> list[list[Cell]]:
        """The values, from the first row and column on; of other worksheets nothing is read."""
        copy = io.BytesIO()
        empty = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
        with zipfile.ZipFile(copy, "w") as clean:
            for part, data in self.common.items():
                clean.writestr(part, data)
            for other, (part, _) in self.parts.items():
                clean.writestr(part, self._sheet(other) if other == title else empty)
        copy.seek(0)
        sheet = python_calamine.CalamineWorkbook.from_filelike(copy).get_sheet_by_name(title)
        return sheet.to_python(skip_empty_area=False, nrows=count)  # type: ignore[return-value]  # its list is wider


@dataclass
class _Survey(ContentHandler):
    """What one pass over a worksheet finds: its extent, and what its values do not show."""

    last_row: int = 0
    last_column: int = -1
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # top (1..), left (0..), bottom, right
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.row = 0
        self.column = -1
        self.hidden = self.formula = self.valued = self.text = self.error = self.in_value = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        match name.rpartition(":")[2]:
            case "c":
                self._cell(attrs)
            case "v" | "t":
                self.in_value = True
                self.valued = True
            case "f":
                self.formula = True
            case "row":
                self.row = int(attrs.get("r") or self.row + 1)
                self.column = -1
                self.hidden = attrs.get("hidden", "0") in ("1", "true") or attrs.get("ht", "") in ("0", "0.0")
            case "mergeCell":
                if len(self.merged) < _MANY and (area := _area(attrs.get("ref", ""))):
                    self.merged.append(area)
            case "col":
                hidden = attrs.get("hidden", "0") in ("1", "true") or attrs.get("width", "") in ("0", "0.0")
                if hidden and len(self.hidden_columns) < _MANY:
                    self.hidden_columns.append((int(attrs["min"]) - 1, int(attrs["max"]) - 1))

    def _cell(self, attrs: AttributesImpl) -> None:
        reference = _REFERENCE.match(attrs.get("r", ""))
        if reference:
            self.column, self.row = _index(reference.group(1)), int(reference.group(2))
        else:
            self.column += 1
        self.formula = self.valued = self.text = False
        self.error = attrs.get("t") == "e"

    def characters(self, content: str) -> None:
        if self.in_value and content:
            self.text = True

    def endElement(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "v" | "t":
                self.in_value = False
            case "c":
                self._leave()

    def _leave(self) -> None:
        if self.formula and not self.text and len(self.uncomputed) < _MANY:
            self.uncomputed.append((self.row, self.column))
        if self.error and len(self.errors) < _MANY:
            self.errors.append((self.row, self.column))
        if not (self.valued or self.formula):
            return
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)
        if self.hidden and len(self.hidden_rows) < _MANY and (self.row not in self.hidden_rows[-1:]):
            self.hidden_rows.append(self.row)

    def refuse_absurd(self, name: str) -> None:
        if self.last_row > MAX_ROWS + 1:
            raise Malformed([Fault("table_too_many_rows", name, {"max": MAX_ROWS})])
        if self.last_column >= MAX_COLUMNS:
            raise Malformed([Fault("table_too_many_columns", name, {"max": MAX_COLUMNS})])
        if self.last_row * (self.last_column + 1) > MAX_CELLS:
            raise Malformed([Fault("table_too_many_cells", name, {"max": MAX_CELLS})])

    def found(self, shape: Table) -> list[Found]:
        """Each finding as a fault at its place in the table."""
        found: list[Found] = []
        for top, left, bottom, right in self.merged:
            if top <= self.last_row and left <= self.last_column:
                code = "merged_header" if top == 1 else "merged_cells"
                cells = f"{letters(left)}{top}:{letters(right)}{bottom}"
                found.append((top, left, Fault(code, shape.at(top, left), {"cells": cells})))
        for row in self.hidden_rows:
            found.append((row, -1, Fault("hidden_row", shape.at(row))))
        for left, right in self.hidden_columns:
            for column in range(left, min(right, len(shape.header) - 1) + 1):
                at = place(shape.name, None, shape.column(column))
                found.append((1, column, Fault("hidden_column", at, {"letter": letters(column)})))
        for row, column in self.uncomputed:
            found.append((row, column, Fault("formula_without_value", shape.at(row, column))))
        for row, column in self.errors:
            found.append((row, column, Fault("formula_error", shape.at(row, column))))
        return found


def _index(column: str) -> int:
    index = 0
    for letter in column:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _area(reference: str) -> tuple[int, int, int, int] | None:
    corners = [_REFERENCE.match(corner) for corner in reference.split(":")]
    if len(corners) != 2 or not all(corners):
        return None
    (left, top), (right, bottom) = ((_index(c.group(1)), int(c.group(2))) for c in corners if c)
    return top, left, bottom, right
