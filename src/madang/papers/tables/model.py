"""What a table is, whatever file it came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from madang.core.reasons import Fault, Param

MAX_FILE_BYTES = 100 * 10**6
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELLS = 20_000_000
FIRST_ROWS = 20
"""Where a header is looked for that does not stand in row 1."""


class Percent(float):
    """A number whose cell shows it as a percentage: 0.8 seen as 80 %."""

    __slots__ = ()


Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
"""A value as the file holds it; `None` for an empty cell. In a CSV every value is text."""

Row = tuple[int, list[Cell]]
"""The row's number as the spreadsheet program counts (the header is row 1), and its cells."""

Found = tuple[int, int, Fault]
"""A fault with its row and column (from 0), by which faults are put in the order of the source."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows; wholly empty rows are left out. `typed`: numbers and dates are told apart from text."""

    name: str  # the file, with the worksheet where a workbook has several
    header: tuple[str, ...]
    rows: list[Row]
    typed: bool
    found: tuple[Found, ...] = ()
    remarks: tuple[Fault, ...] = ()
    spoilt: frozenset[tuple[int, int]] = frozenset()  # row and column of cells whose fault is in `found`

    def at(self, row: int, column: int | None = None) -> str:
        """`sheets.xlsx, row 12, column need`; a column without a header by its letter."""
        if column is None:
            return place(self.name, row)
        return place(self.name, row, self.column(column))

    def column(self, index: int) -> str:
        name = self.header[index] if index < len(self.header) else ""
        return name[:80] or letters(index)


def place(table: str, row: int | None = None, column: str = "") -> str:
    """A place in the words of a spreadsheet."""
    parts = [table] + ([f"row {row}"] if row else []) + ([f"column {column}"] if column else [])
    return ", ".join(parts)


def letters(index: int) -> str:
    """A column (from 0) as spreadsheet programs name it: 0 -> `A`, 27 -> `AB`."""
    name, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


#: What no eye sees at the edge of a cell: space of every width, the marks of byte order and of no width.
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060\u00ad\u200e\u200f"


def plain_text(text: str) -> str | None:
    """A text without the space around it and without marks of byte order; nothing where nothing is left."""
    return text.strip().strip("\ufeff").strip() or None


def seen(text: str) -> str:
    """A text without what nobody sees at its edges."""
    while text and (text[0] in _UNSEEN or text[-1] in _UNSEEN or text != text.strip()):
        text = text.strip().strip(_UNSEEN)
    return text


def header_cell(value: Cell) -> str:
    """A column's name on one line, without what cannot be seen."""
    if value is None:
        return ""
    return " ".join("".join(char for char in str(value) if char not in _UNSEEN).split())


def finish(
    name: str,
    records: Iterator[Row],
    *,
    typed: bool,
    found: list[Found],
    covered: frozenset[int] = frozenset(),
    remarks: tuple[Fault, ...] = (),
    spoilt: frozenset[tuple[int, int]] = frozenset(),
) -> Table:
    """The table of these records (the first of them its header), with what is wrong with its shape.

    `covered`: header columns inside a merged cell, which are reported as such and not as empty.
    """
    _, first = next(records, (1, []))
    header = [header_cell(value) for value in first]
    header += [""] * (max(covered, default=-1) + 1 - len(header))
    while header and not header[-1] and len(header) - 1 not in covered:
        header.pop()
    if not any(header):
        first_rows = list(islice(records, FIRST_ROWS))
        return Table(name, (), first_rows, typed, (*found, (1, -1, Fault("table_empty", place(name)))), remarks)
    unread = {row for row, _ in spoilt}
    rows = [(number, cells) for number, cells in records if number in unread or any(c is not None for c in cells)]
    table = Table(name, tuple(header), rows, typed)

    def add(code: str, row: int, column: int, **params: Param) -> None:
        found.append((row, column, Fault(code, table.at(row, column), params)))

    seen: dict[str, int] = {}
    for index, title in enumerate(header):
        if not title:
            if index not in covered:
                add("header_empty", 1, index)
        elif title in seen:
            add("header_twice", 1, index, name=title[:80], first=letters(seen[title]))
        else:
            seen[title] = index
    for number, cells in rows:
        beyond = next((i for i in range(len(header), len(cells)) if cells[i] is not None), None)
        if beyond is not None:
            add("cell_without_header", number, beyond)
    return Table(name, tuple(header), rows, typed, tuple(found), remarks, spoilt)
