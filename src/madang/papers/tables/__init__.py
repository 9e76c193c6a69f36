"""One spreadsheet as rows of cells, each with its place: CSV and XLSX behind one door.

A table is what its author sees: the first row is the header, rows carry the number that the spreadsheet program shows.
What would change a result unseen (merged cells, hidden rows, formulas never computed) is found here, not counted.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.model import MAX_FILE_BYTES, Cell, Found, Row, Table, letters, place

__all__ = ["SUFFIXES", "Cell", "Found", "Row", "Table", "letters", "place", "read_table"]

SUFFIXES = (".csv", ".xlsx")


def read_table(path: Path, keys: Collection[str] = ()) -> Table:
    """The table in a `.csv` or `.xlsx` file.

    `keys` are the columns by which a worksheet is recognised when a workbook has several. What is wrong inside a
    readable table stands in `Table.found`; a file that cannot be read at all raises `Malformed`. Linear in the file.
    """
    if path.is_symlink():
        raise Malformed([Fault("file_is_link", path.name)])
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Malformed([Fault("file_too_large", path.name, {"max_mb": MAX_FILE_BYTES // 10**6})])
    if path.suffix.lower() == ".csv":
        from madang.papers.tables.csv_file import read_csv

        return read_csv(path)
    from madang.papers.tables.xlsx_file import read_xlsx

    return read_xlsx(path, keys)
