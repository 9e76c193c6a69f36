"""A list of results as a file: looked at, kept, and opened as a table. Nothing of it counts before it is confirmed."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from madang.core.form.read import MEGABYTE
from madang.core.form.written import shown
from madang.core.reasons import Reason
from madang.kernel import files
from madang.kernel.commands import Refused
from madang.kernel.file_formats import format_of, harmless_name
from madang.kernel.incoming.compound import MAGIC as OLD_OFFICE
from madang.kernel.incoming.look import look
from madang.kernel.incoming.take import scan_or_refuse, store_or_refuse
from madang.kernel.incoming.unwanted import Unwanted
from madang.papers.result_list import COLUMNS
from madang.papers.tables import Table, read_table

MOST_LIST_MB: Final = 10
TABLES: Final = ("xlsx", "ods")


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A list in the store: `name` as it is shown, `format` by its content (what is no spreadsheet is read as CSV)."""

    sha256: str
    name: str
    format: str


def keep_sheet(name: str, content: BinaryIO) -> SheetFile:
    """Take a list into the store, so that what is confirmed is what was previewed.

    Raises `Refused`: empty, too large, neither a spreadsheet nor text, unwanted inside, infected, no room or store.
    """
    called, formats = shown(name), list[str]()

    def check(whole: BinaryIO) -> None:
        if not whole.seek(0, 2):
            raise Refused([Reason("draft_file_empty", {"name": called})])
        format = format_of(whole)
        whole.seek(0)
        if format not in (*TABLES, None) or whole.read(len(OLD_OFFICE)) == OLD_OFFICE:
            raise Refused([Reason("list_is_no_table", {"name": called})])
        try:
            look(whole, format)
        except Unwanted as unwanted:
            raise Refused([Reason(unwanted.reason.code, {"name": called, **unwanted.reason.params})]) from None
        scan_or_refuse(whole, called)
        formats.append(format or "csv")

    try:
        with store_or_refuse():
            kept = files.keep(content, most=MOST_LIST_MB * MEGABYTE, check=check)
    except files.TooLarge:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": MOST_LIST_MB})]) from None
    return SheetFile(kept.sha256, harmless_name(name, formats[0]), formats[0])


def open_sheet(sheet: SheetFile) -> Table:
    """The table in a kept list, under its own name. Raises `Malformed`, `files.NotKept` and `files.Corrupted`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / sheet.name  # faults name the file by it
        path.write_bytes(files.read(sheet.sha256))
        return read_table(path, keys={alias for aliases in COLUMNS.values() for alias in aliases})
