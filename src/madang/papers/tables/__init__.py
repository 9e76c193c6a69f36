"""One spreadsheet as rows of cells, each with its place: CSV, XLSX and ODS behind one door.

A table is what its author sees: the first row is the header, rows carry the number that the spreadsheet program shows.
What would change a result unseen (merged cells, hidden rows, formulas never computed) is found here, not counted.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.model import (
    FIRST_ROWS,
    MAX_FILE_BYTES,
    Cell,
    Found,
    Percent,
    Row,
    Table,
    header_cell,
    letters,
    place,
    seen,
)

__all__ = [
    "FIRST_ROWS",
    "SUFFIXES",
    "Cell",
    "Found",
    "Percent",
    "Row",
    "Table",
    "header_cell",
    "letters",
    "place",
    "read_table",
    "seen",
]

SUFFIXES = (".csv", ".xlsx", ".ods")


def read_table(path: Path, keys: Collection[str] = (), titles: Collection[str] = ()) -> Table:
    """The table in a `.csv`, `.xlsx` or `.ods` file.

    Of a workbook with several worksheets, the one that bears one of the `titles`, else the one whose first row has one
    of the `keys`. What is wrong inside a readable table stands in `Table.found`; a file that cannot be read at all
    raises `Malformed`. Linear in the file; limits on size, cells and memory hold for hostile files too.
    """
    if path.is_symlink():
        raise Malformed([Fault("file_is_link", path.name)])
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Malformed([Fault("file_too_large", path.name, {"max_mb": MAX_FILE_BYTES // 10**6})])
    match path.suffix.lower():
        case ".csv":
            from madang.papers.tables.csv_file import read_csv

            return read_csv(path)
        case ".ods":
            from madang.papers.tables.ods_file import read_ods

            return read_ods(path, keys, titles)
    from madang.papers.tables.xlsx_file import read_xlsx

    return read_xlsx(path, keys, titles)
