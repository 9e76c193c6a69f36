"""Tables to take along, as CSV or XLSX.

A cell is text or a whole number. Text is always text: in a workbook by its type, in CSV by an apostrophe in front of
what a spreadsheet program would run as a formula.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import xlsxwriter
from django.http import HttpResponse

Cell = str | int | None

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST: Final = 32_767  # characters in a cell of a workbook
_SHEET_NAME: Final = str.maketrans(dict.fromkeys("[]:*?/\\'"))


@dataclass(frozen=True)
class Sheet:
    """One table: its title, its header, its rows. `head` lines (what is counted, as of when) stand above it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    head: Sequence[str] = ()


def csv_file(name: str, sheet: Sheet) -> HttpResponse:
    """`name.csv`: UTF-8 with a byte order mark, so that Korean opens whole. The head lines are left out."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_defused(cell) for cell in sheet.header])
    writer.writerows([_defused(cell) for cell in row] for row in sheet.rows)
    return attachment(f"{name}.csv", out.getvalue().encode("utf-8-sig"), CSV)


def xlsx_file(name: str, sheets: Sequence[Sheet]) -> HttpResponse:
    """`name.xlsx`, a worksheet for each table, with its header frozen. Numbers are numbers."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True})
        for place, sheet in enumerate(sheets, start=1):
            _write(book.add_worksheet(_sheet_name(place, sheet.title)), sheet, bold)
    return attachment(f"{name}.xlsx", out.getvalue(), XLSX)


def attachment(name: str, content: bytes, content_type: str) -> HttpResponse:
    """A file to save. `name` is of letters, digits, points and hyphens."""
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _sheet_name(place: int, title: str) -> str:
    """Unique, at most 31 characters, without the letters that a workbook forbids."""
    return f"{place} {title.translate(_SHEET_NAME)}"[:31]


def _write(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, bold: xlsxwriter.format.Format) -> None:
    for row, line in enumerate(sheet.head):
        page.write_string(row, 0, line[:_LONGEST])
    first = len(sheet.head)
    for column, text in enumerate(sheet.header):
        page.write_string(first, column, text, bold)
        longest = max((len(str(row[column] or "")) for row in sheet.rows), default=0)
        page.set_column(column, column, min(60, max(8, len(text) * 2, longest + 2)))
    page.freeze_panes(first + 1, 0)
    for row, cells in enumerate(sheet.rows, start=first + 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                page.write_number(row, column, cell)
            elif cell:
                page.write_string(row, column, cell[:_LONGEST])
