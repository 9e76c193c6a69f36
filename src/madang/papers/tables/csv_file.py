"""CSV: UTF-8 (with or without mark), else CP949 and saying so; comma, semicolon or tab by the header row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.model import MAX_COLUMNS, MAX_ROWS, Row, Table, finish, place

DELIMITERS = (",", ";", "\t")


def read_csv(path: Path) -> Table:
    """Every cell is text here, so a number in text is fine. Raises `Malformed` where the file cannot be read."""
    text, remarks = _decode(path)
    return finish(path.name, _records(path.name, text), typed=False, found=[], remarks=remarks)


def _decode(path: Path) -> tuple[str, tuple[Fault, ...]]:
    """UTF-8 strictly; only what is not UTF-8 is tried as CP949, the older Korean encoding, also strictly."""
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed([Fault("encoding_unknown", path.name)])
    if (nul := data.find(b"\0")) >= 0:
        raise Malformed([Fault("nul_byte", f"{path.name}, line {_line(data, nul)}")])
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
    try:
        return data.decode("cp949"), (Fault("read_as_cp949", path.name),)
    except UnicodeDecodeError:
        raise Malformed([Fault("encoding_unknown", f"{path.name}, line {line}")]) from None


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _records(name: str, text: str) -> Iterator[Row]:
    number = 0
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            number += 1
            if number > MAX_ROWS + 1:
                raise Malformed([Fault("table_too_many_rows", name, {"max": MAX_ROWS})])
            if len(cells) > MAX_COLUMNS:
                raise Malformed([Fault("table_too_many_columns", place(name, number), {"max": MAX_COLUMNS})])
            yield number, [cell.strip() or None for cell in cells]
    except csv.Error:
        raise Malformed([Fault("csv_broken", place(name, number + 1))]) from None


def _delimiter(text: str) -> str:
    """The delimiter that splits the header row into most cells; a comma where none does better."""

    def width(delimiter: str) -> int:
        try:
            return len(next(csv.reader(io.StringIO(text[:65536], newline=""), delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=width)
