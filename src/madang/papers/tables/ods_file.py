"""ODS, as LibreOffice and Hancom's Cell save OpenDocument spreadsheets: the same checks as for a workbook of Excel."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.archive import MAX_INDEX_BYTES, MAX_PART_BYTES, Archive, Broken, Reader, flag, opened, walk
from madang.papers.tables.choosing import choose
from madang.papers.tables.formats import Numbers
from madang.papers.tables.model import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Row,
    Table,
    finish,
    header_cell,
    plain_text,
)
from madang.papers.tables.survey import Survey, note

_TIME = re.compile(r"(-?)PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,](\d{1,9}))?S")
_APART = frozenset({"annotation", "shapes", "tracked-changes", "forms"})
_MANIFEST = "META-INF/manifest.xml"


def read_ods(path: Path, keys: Collection[str] = (), titles: Collection[str] = ()) -> Table:
    """The sheet that holds the table, chosen as in a workbook of Excel. Raises `Malformed`."""
    with opened(path) as archive:
        _refuse_locked(archive)
        content = _Content(path.name)
        walk(archive.pieces("content.xml", MAX_PART_BYTES), content)
    sheets = {sheet.title: sheet for sheet in content.sheets if sheet.style not in content.hidden}
    title = choose(path.name, list(sheets), keys, titles, lambda title: sheets[title].header())
    sheet = sheets[title]
    name = path.name if len(sheets) == 1 else f"{path.name}, worksheet {title}"
    shape = Table(name, tuple(header_cell(cell) for cell in sheet.header()), [], typed=True)
    survey = sheet.survey
    return finish(
        name,
        iter(sheet.rows if not sheet.rows or sheet.rows[0][0] == 1 else [(1, []), *sheet.rows]),
        typed=True,
        found=survey.found(shape),
        covered=survey.covered(),
        remarks=survey.remarks(shape),
        spoilt=survey.spoilt(),
    )


def _refuse_locked(archive: Archive) -> None:
    manifest = _Manifest()
    if _MANIFEST in archive.parts:
        walk(_without_doctype(b"".join(archive.pieces(_MANIFEST, MAX_INDEX_BYTES))), manifest)
    if manifest.encrypted:
        raise Malformed([Fault("workbook_locked", archive.name)])


def _without_doctype(data: bytes) -> Iterator[bytes]:
    """Old programs name a document type in the manifest; without entities it may be left out."""
    yield re.sub(rb"<!DOCTYPE[^\[>]{0,300}>", b"", data, count=1)


class _Manifest(Reader):
    encrypted = False

    def start(self, name: str, attrs: dict[str, str]) -> None:
        self.encrypted = self.encrypted or name == "encryption-data"


class _Sheet:
    """A sheet while it is read: filled rows by their number, repeated ones written out."""

    def __init__(self, title: str, style: str) -> None:
        self.title = title
        self.style = style
        self.survey = Survey()
        self.rows: list[Row] = []
        self.row = 0
        self.next_row = 1
        self.columns = 0

    def header(self) -> list[Cell]:
        return self.rows[0][1] if self.rows and self.rows[0][0] == 1 else []


class _Content(Reader):
    """`content.xml`. What stands in annotations, shapes and tracked changes is not in a cell."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.sheets: list[_Sheet] = []
        self.hidden: set[str] = set()  # styles of sheets that are not shown
        self._style = ""
        self._numbers = Numbers()
        self._sheet: _Sheet | None = None
        self._apart = 0  # depth inside what is no cell of the sheet
        self._row: dict[str, str] = {}
        self._repeat_row = 1
        self._cells: list[Cell] = []
        self._column = 0
        self._formulas: list[tuple[int, str]] = []
        self._merged: list[tuple[int, int, int]] = []
        self._cell: dict[str, str] = {}
        self._in_cell = False
        self._paragraphs: list[list[str]] = []
        self._in_paragraph = 0

    # -- elements -------------------------------------------------------------------------------------------------

    def start(self, name: str, attrs: dict[str, str]) -> None:
        if self._apart or name in _APART:
            self._apart += 1
        elif self._in_cell:
            self._inside(name, attrs)
        elif name == "table-row" and self._sheet is not None:
            self._begin_row(attrs)
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._in_cell, self._paragraphs, self._in_paragraph = attrs, True, [], 0
        elif name == "table-column" and self._sheet is not None:
            self._take_column(attrs)
        elif name == "table" and "table:name" in attrs:
            self._sheet = _Sheet(attrs["table:name"], attrs.get("table:style-name", ""))
            self.sheets.append(self._sheet)
            if len(self.sheets) > 10_000:
                raise Broken("more sheets than any program shows")
        elif name == "style":
            self._style = attrs.get("style:name", "")
        elif name == "table-properties" and attrs.get("table:display") == "false":
            self.hidden.add(self._style)

    def text(self, data: str) -> None:
        if self._in_paragraph and not self._apart:
            self._paragraphs[-1].append(data)

    def end(self, name: str) -> None:
        if self._apart:
            self._apart -= 1
        elif self._in_cell:
            if name in ("table-cell", "covered-table-cell"):
                self._in_cell = False
                self._end_cell()
            elif self._in_paragraph:
                self._in_paragraph -= 1
        elif name == "table-row":
            self._end_row()
        elif name == "table":
            self._sheet = None

    def _inside(self, name: str, attrs: dict[str, str]) -> None:
        if self._in_paragraph:
            self._in_paragraph += 1
            if name in ("s", "tab", "line-break"):
                count = min(_repeat(attrs, "text:c"), 1_000)
                self._paragraphs[-1].append({"s": " " * count, "tab": "\t"}.get(name, "\n"))
        elif name == "p":
            self._in_paragraph = 1
            self._paragraphs.append([])
        else:
            self._apart = 1

    # -- rows and columns -----------------------------------------------------------------------------------------

    def _take_column(self, attrs: dict[str, str]) -> None:
        assert self._sheet is not None
        first = self._sheet.columns
        self._sheet.columns += _repeat(attrs, "table:number-columns-repeated")
        if attrs.get("table:visibility", "visible") != "visible":
            note(self._sheet.survey.hidden_columns, (first, self._sheet.columns - 1))

    def _begin_row(self, attrs: dict[str, str]) -> None:
        assert self._sheet is not None
        self._row = attrs
        self._repeat_row = _repeat(attrs, "table:number-rows-repeated")
        self._sheet.row = self._sheet.next_row
        self._sheet.next_row += self._repeat_row
        self._cells, self._column, self._formulas, self._merged = [], 0, [], []

    def _end_row(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        sheet.survey.count(self._name())
        for left, right, down in self._merged:
            note(sheet.survey.merged, (sheet.row, left, sheet.row + down - 1, right))
        if not self._cells:
            return
        if self._repeat_row > MAX_ROWS:
            raise Malformed([Fault("table_too_many_rows", self._name(), {"max": MAX_ROWS})])
        for row in range(sheet.row, sheet.row + self._repeat_row):
            sheet.survey.reach(self._name(), row, len(self._cells) - 1)
            sheet.survey.count(self._name(), len(self._cells))
            sheet.rows.append((row, self._cells))
            if self._row.get("table:visibility", "visible") != "visible":
                note(sheet.survey.hidden_rows, row)
            self._tell_formulas(sheet.survey, row)

    def _tell_formulas(self, survey: Survey, row: int) -> None:
        for column, state in self._formulas:
            if state == "computed":
                survey.formula(row, column)
            else:
                note(survey.errors if state == "error" else survey.uncomputed, (row, column))

    def _name(self) -> str:
        return f"{self._file}, worksheet {self._sheet.title}" if self._sheet and len(self.sheets) > 1 else self._file

    # -- cells ----------------------------------------------------------------------------------------------------

    def _end_cell(self) -> None:
        attrs, first = self._cell, self._column
        repeat = _repeat(attrs, "table:number-columns-repeated")
        self._column += repeat
        across, down = (_repeat(attrs, f"table:number-{way}-spanned") for way in ("columns", "rows"))
        if across > 1 or down > 1:
            self._merged.append((first, first + across - 1, down))
        state = self._formula_state(attrs)
        value = None if state in ("error", "uncomputed") else self._value(attrs)
        if value is None and state in ("", "computed"):
            return
        if self._column > MAX_COLUMNS or first + repeat > MAX_CELLS:
            assert self._sheet is not None
            told = {"max": MAX_COLUMNS}
            raise Malformed([Fault("table_too_many_columns", f"{self._name()}, row {self._sheet.row}", told)])
        self._cells += [None] * (first - len(self._cells)) + [value] * repeat
        if state:
            self._formulas += [(column, state) for column in range(first, first + repeat)]

    def _formula_state(self, attrs: dict[str, str]) -> str:
        if attrs.get("calcext:value-type") == "error":
            return "error"
        if "table:formula" not in attrs:
            return ""
        if "office:value-type" not in attrs:
            return "uncomputed"
        return "error" if self._shown() in ERRORS else "computed"

    def _value(self, attrs: dict[str, str]) -> Cell:
        match attrs.get("office:value-type"):
            case None:
                return None
            case "float" | "currency":
                return self._numbers.cell(attrs["office:value"], "number")
            case "percentage":
                return self._numbers.cell(attrs["office:value"], "percent")
            case "date":
                return _date(attrs["office:date-value"])
            case "time":
                return _time(attrs["office:time-value"])
            case "boolean":
                return flag(attrs["office:boolean-value"])
            case "string":
                return plain_text(attrs.get("office:string-value") or self._shown())
        raise Broken("no such type of value")

    def _shown(self) -> str:
        return "\n".join("".join(parts) for parts in self._paragraphs)


#: What a program writes into a cell whose formula has no result.
ERRORS = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)


def _repeat(attrs: dict[str, str], name: str) -> int:
    told = attrs.get(name)
    if told is None:
        return 1
    if not told.isascii() or not told.isdigit() or len(told) > 9 or int(told) < 1:
        raise Broken("no number of repetitions")
    return int(told)


def _date(text: str) -> Cell:
    text = text.removesuffix("Z")
    if "T" not in text:
        return dt.date.fromisoformat(text)
    whole, _, fraction = text.partition(".")
    return dt.datetime.fromisoformat(whole) + dt.timedelta(seconds=float(f"0.{fraction[:9] or '0'}"))


def _time(text: str) -> Cell:
    """A time of day, or a length of time beyond one."""
    found = _TIME.fullmatch(text)
    if not found:
        raise Broken("no time")
    sign, hours, minutes, seconds, fraction = found.groups()
    if sign or int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        length = dt.timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
        return -length if sign else length
    return dt.time(int(hours), int(minutes), int(seconds), int((fraction or "0").ljust(6, "0")[:6]))
