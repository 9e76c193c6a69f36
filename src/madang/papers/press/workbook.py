"""A report as a workbook: a sheet with the text, one for each table. Numbers are numbers, text is never a formula."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any, Final

import xlsxwriter

from madang.papers.press.model import Report
from madang.papers.press.naming import Naming
from madang.papers.press.paper import known
from madang.papers.press.tables import Table, tables_of

_LONGEST: Final = 32_767
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'"))
_OPTIONS: Final = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def workbook(report: Report, language: str) -> bytes:
    """The workbook; the same bytes for the same report. Cost: linear in the cells."""
    naming = Naming(report.counts, language)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": report.title(language), "created": _moment(report)})
        looks = {
            "title": book.add_format({"bold": True, "font_size": 14, "text_wrap": True}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "head": book.add_format({"bold": True, "bottom": 1}),
            "number": book.add_format({"num_format": "#,##0"}),
            "total": book.add_format({"bold": True, "top": 1}),
            "total_number": book.add_format({"bold": True, "top": 1, "num_format": "#,##0"}),
            "right": book.add_format({"align": "right"}),
        }
        _text(book.add_worksheet(naming.say("kicker")[:31]), report, naming, looks)
        for place, table in enumerate(tables_of(report.counts, report.tables, language), 1):
            name = f"{place} {table.title.translate(_FORBIDDEN)}"[:31]
            _table(book.add_worksheet(name), table, report, naming, looks)
    return out.getvalue()


def _moment(report: Report) -> dt.datetime:
    return dt.datetime.fromisoformat(report.made).astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)


def _text(sheet: Any, report: Report, naming: Naming, looks: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 100)
    lines = [naming.say("sample_note")] if report.counts.sample else []
    lines += [report.title(naming.language), *report.body(naming.language), known(report, naming)]
    for row, line in enumerate(lines):
        look = looks["title"] if line == report.title(naming.language) else looks["text"]
        sheet.write_string(row, 0, line[:_LONGEST], look)


def _table(sheet: Any, table: Table, report: Report, naming: Naming, looks: dict[str, Any]) -> None:
    head = [naming.say("sample_note")] if report.counts.sample else []
    head += [table.title, known(report, naming)]
    for n, line in enumerate(head):
        sheet.write_string(n, 0, line)
    first = len(head)
    for column, (text, _) in enumerate(table.columns):
        sheet.write_string(first, column, text, looks["head"])
        longest = max((len(str(row[column])) for row in table.rows), default=0)
        sheet.set_column(column, column, min(48, max(10, 2 * len(text), 2 * longest)))
    sheet.freeze_panes(first + 1, 1)
    lines = [*((row, False) for row in table.rows), *([(table.total, True)] if table.total else [])]
    for n, (cells, total) in enumerate(lines, first + 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(n, column, cell, looks["total_number" if total else "number"])
            else:
                right = table.columns[column][1]
                sheet.write_string(n, column, cell, looks["total"] if total else looks["right"] if right else None)
    for n, note in enumerate(table.notes, first + len(lines) + 2):
        sheet.write_string(n, 0, note)
