"""Applications as tables, JSON and names of files, to take along. `docs/formats/export.md`.

The tables are those that an import reads. Text is always text: in a workbook by its type, in a CSV by an apostrophe
before what a spreadsheet program would run as a formula.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application, Case
from madang.papers.intake.reading import plans_of
from madang.papers.values import plain
from madang.papers.writing import Written, tables_of

FORMAT: Final = "export-1"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST_CELL: Final = 32_767
_LONGEST_NAME: Final = 100
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*/\\]')


def tables(definition: Definition, applications: Sequence[Application], *, sample: bool) -> list[Written]:
    """The applications, their consortium members and repeated rows: each table that holds anything."""
    ours = plans_of(definition)
    case = Case(applications=tuple(applications), sample=sample)
    return [table for table in tables_of(definition, case) if table.name in ours]


def csv_bytes(table: Written) -> bytes:
    """UTF-8 with its mark, so that Korean opens whole in every program."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([defused(title) for title in table.header])
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(found: Iterable[Written], path: Path) -> None:
    """A worksheet for each table, header frozen; numbers are numbers, everything else is text. Memory does not grow."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        for table in found:
            page = book.add_worksheet(table.name[:31])
            page.freeze_panes(1, 0)
            for index, title in enumerate(table.header):
                page.write_string(0, index, title, bold)
                page.set_column(index, index, min(40, max(10, len(title) + 2)))
            for number, row in enumerate(table.rows, start=1):
                for index, cell in enumerate(row):
                    if isinstance(cell, Decimal | int) and not isinstance(cell, bool):
                        page.write_number(number, index, cell)
                    elif cell is not None:
                        page.write_string(number, index, str(cell)[:_LONGEST_CELL])


def defused(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return plain(cell) if isinstance(cell, Decimal) else str(cell) if isinstance(cell, int) else defused(str(cell))


class Paths:
    """Paths that archives, Windows and macOS all take: each given once, whatever its capital letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, *parts: str) -> str:
        """The path of these parts, each made harmless; numbered where there is one like it."""
        *folders, name = map(safe_part, parts)
        stem, dot, suffix = name.rpartition(".")
        if not dot or len(suffix) > 10:
            stem, dot, suffix = name, "", ""
        number = 1
        while True:
            path = "/".join([*folders, f"{stem}{f' ({number})' if number > 1 else ''}{dot}{suffix}"])
            if path.casefold() not in self._taken:
                self._taken.add(path.casefold())
                return path
            number += 1


def safe_part(given: str) -> str:
    """One part of a path: composed, visible, nothing that Windows forbids or reserves, not too long."""
    text = unicodedata.normalize("NFC", given)
    text = "".join(" " if char.isspace() else char for char in text)
    text = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    text = " ".join(_FORBIDDEN.sub("_", text).split()).strip(". ")
    stem, dot, suffix = text.rpartition(".")
    if dot and len(suffix) <= 10:
        text = f"{_cut(stem, _LONGEST_NAME - len(suffix) - 1)}.{suffix}"
    text = _cut(text, _LONGEST_NAME) or "_"
    return f"_{text}" if _RESERVED.fullmatch(text) else text


def _cut(text: str, most: int) -> str:
    """At most so many characters, and twice as many bytes: file systems count bytes."""
    text = text[:most]
    while len(text.encode()) > 2 * most:
        text = text[:-1]
    return text.rstrip(". ")


def document(
    *, call: str, sample: bool, exported_at: str, q: str, applications: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The whole export as JSON values."""
    return {
        "madang": FORMAT,
        "call": call,
        "sample": sample,
        "exported_at": exported_at,
        "q": q,
        "applications": list(applications),
    }
