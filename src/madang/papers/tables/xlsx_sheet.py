"""One pass over a worksheet of an XLSX: its filled cells, and what they do not show."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise

from madang.papers.tables.archive import Broken, Enough, Reader, flag
from madang.papers.tables.formats import Kind, Numbers
from madang.papers.tables.model import Cell, Row, plain_text
from madang.papers.tables.survey import Area, Survey, note

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SKIPPED = frozenset({"rPh", "Choice"})  # readings aids; what only another program understands


class Sheet(Reader):
    """Rows by number and cells by column, also where a program leaves the references out. Empty cells are not kept."""

    def __init__(
        self, name: str, kinds: Sequence[Kind], shared: Sequence[str], numbers: Numbers, *, only_first: bool = False
    ) -> None:
        self.name = name
        self.survey = Survey()
        self.rows: list[Row] = []
        self._kinds = kinds
        self._shared = [plain_text(text) for text in shared] if not only_first else shared
        self._numbers = numbers
        self._only_first = only_first
        self._columns: dict[str, int] = {}  # letters -> index
        self._row = 0
        self._column = -1
        self._cells: list[Cell] = []
        self._hidden = False
        self._in_data = False
        self._in_cell = False
        self._reading = False
        self._skip = 0
        self._type = ""
        self._style = 0
        self._text: list[str] = []
        self._formula = False
        self._valued = False

    # -- elements -------------------------------------------------------------------------------------------------

    def start(self, name: str, attrs: dict[str, str]) -> None:
        if self._in_cell:
            self._inside_cell(name)
        elif self._in_data:
            if name == "c":
                self._begin_cell(attrs)
            elif name == "row":
                self._begin_row(attrs)
        elif name == "sheetData":
            self._in_data = True
        elif name == "mergeCell":
            if area := _area(attrs.get("ref", "")):
                note(self.survey.merged, area)
        elif name == "col" and (flag(attrs.get("hidden")) or attrs.get("width") in ("0", "0.0")):
            note(self.survey.hidden_columns, (int(attrs["min"]) - 1, int(attrs["max"]) - 1))

    def text(self, data: str) -> None:
        if self._reading:
            self._text.append(data)

    def end(self, name: str) -> None:
        if self._in_cell:
            if name == "v" or name == "t":  # a tuple is built or hashed for each of a million cells
                self._reading = False
            elif name == "c":
                self._in_cell = False
                if self._valued or self._formula:
                    self._end_cell()
            elif name in _SKIPPED:
                self._skip -= 1
        elif name == "row":
            self._end_row()
        elif name == "sheetData":
            self._in_data = False

    def _begin_row(self, attrs: dict[str, str]) -> None:
        number = attrs.get("r")
        self._row = int(number) if number else self._row + 1
        self._column = -1
        self._cells = []
        self._hidden = flag(attrs.get("hidden")) or attrs.get("ht") in ("0", "0.0")
        if self._only_first and self._row > 1:
            raise Enough

    def _end_row(self) -> None:
        if not self._cells:
            self.survey.count(self.name)
            return
        self.rows.append((self._row, self._cells))
        if self._hidden:
            note(self.survey.hidden_rows, self._row)
        self._cells = []
        if self._only_first:
            raise Enough

    def _begin_cell(self, attrs: dict[str, str]) -> None:
        reference = attrs.get("r")
        self._column = self._place(reference) if reference else self._column + 1
        self._type = attrs.get("t", "n")
        self._style = int(attrs.get("s", "0"))
        self._text = []
        self._in_cell = True
        self._formula = self._valued = False

    def _inside_cell(self, name: str) -> None:
        if name == "v" or name == "t":
            if not self._skip:
                self._reading = self._valued = True
        elif name == "f":
            self._formula = True
        elif name in _SKIPPED:
            self._skip += 1

    def _place(self, reference: str) -> int:
        """The column of a reference; a row that names itself in its cells only is counted by them."""
        found = _REFERENCE.fullmatch(reference)
        if not found:
            raise Broken("no reference")
        letters, row = found.groups()
        if int(row) != self._row:
            if self._cells:
                raise Broken("a cell of another row")
            self._row = int(row)
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = index_of(letters)
        return column

    # -- values ---------------------------------------------------------------------------------------------------

    def _end_cell(self) -> None:
        row, column = self._row, self._column
        text = "".join(self._text)
        value = self._value(text) if self._valued else None
        if self._type == "e":
            self._keep(row, column, None)
            note(self.survey.errors, (row, column))
        elif value is not None:
            self._keep(row, column, value)
            if self._formula:
                self.survey.formula(row, column)
        elif self._formula and not (self._type == "str" and self._valued):  # a computed empty text is an empty cell
            self._keep(row, column, None)
            note(self.survey.uncomputed, (row, column))
        else:
            self.survey.count(self.name)

    def _keep(self, row: int, column: int, value: Cell) -> None:
        self.survey.reach(self.name, row, column)
        cells = self._cells
        missing = column - len(cells)
        if missing > 0:
            cells.extend([None] * missing)
        elif missing < 0:
            raise Broken("cells out of order")
        cells.append(value)

    def _value(self, text: str) -> Cell:
        kind = self._type
        if kind == "s":
            number = int(text)
            if number < 0:
                raise Broken("no such text")
            return self._shared[number]
        if kind == "n":
            style = self._style
            return (
                self._numbers.cell(text, self._kinds[style] if style < len(self._kinds) else "number") if text else None
            )
        if kind == "inlineStr" or kind == "str":
            return plain_text(unescaped(text))
        if kind == "b":
            return flag(text) if text else None
        if kind == "d":
            return _iso(text) if text else None
        return None if kind == "e" else _unknown(kind)

    # -- when all is read -----------------------------------------------------------------------------------------

    def put_in_order(self) -> None:
        """Rows by their number, with an empty first row where the file has none. Two rows of one number are broken."""
        numbers = [number for number, _ in self.rows]
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            if len(set(numbers)) != len(numbers):
                raise Broken("a row twice")
            self.rows.sort(key=lambda row: row[0])
        if self.rows and self.rows[0][0] != 1:
            self.rows.insert(0, (1, []))

    def header(self) -> list[Cell]:
        return self.rows[0][1] if self.rows else []


def unescaped(text: str) -> str:
    """`_x000D_` -> the character: what XML cannot hold is written so."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text)


def index_of(letters: str) -> int:
    """`A` -> 0, `AB` -> 27."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _area(reference: str) -> Area | None:
    corners = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")[:3]]
    if len(corners) != 2 or not all(corners):
        return None
    (left, top), (right, bottom) = ((index_of(c.group(1)), int(c.group(2))) for c in corners if c)
    return top, left, bottom, right


def _iso(text: str) -> Cell:
    """A day as the strict format may write it."""
    moment = dt.datetime.fromisoformat(text.removesuffix("Z"))
    return moment if "T" in text else moment.date()


def _unknown(kind: str) -> Cell:
    raise Broken(f"no such type: {kind[:20]}")
