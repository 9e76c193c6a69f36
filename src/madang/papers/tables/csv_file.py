"""CSV as Excel, LibreOffice and Hancom's Cell save it: UTF-8, UTF-16 with its mark, or CP949 and saying so."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.model import (
    MAX_COLUMNS,
    MAX_ROWS,
    Row,
    Table,
    finish,
    header_cell,
    letters,
    place,
    plain_text,
)

DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=(.)[\t;,]*\r?\n", re.IGNORECASE)
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def read_csv(path: Path) -> Table:
    """Every cell is text here, so a number in text is fine. Raises `Malformed` where the file cannot be read."""
    text, remarks = _decode(path.name, path.read_bytes())
    return finish(path.name, _records(path.name, text), typed=False, found=[], remarks=remarks)


# -- characters ---------------------------------------------------------------------------------------------------


def _decode(name: str, data: bytes) -> tuple[str, tuple[Fault, ...]]:
    """UTF-8 strictly; only what is not UTF-8 is tried as CP949, the older Korean encoding, also strictly.

    CP949 gives a meaning to nearly any bytes. So it is believed only where it comes out as Korean, and where no line is
    UTF-8 Korean: a file glued together from both is named, for either reading would spoil the other half's names.
    """
    for mark, encoding in _UTF16.items():
        if data.startswith(mark):
            return _utf16(name, data[2:], encoding), ()
    if (nul := data.find(b"\0")) >= 0:
        raise Malformed([Fault("nul_byte", _where(name, data, nul))])
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        first = error.start
    if (line := _utf8_line(data)) is not None:
        raise Malformed([Fault("encoding_mixed", _where(name, data, first), {"other": line})])
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError as error:
        at = max(first, error.start)
        raise Malformed([Fault("encoding_unknown", _where(name, data, at), {"byte": at + 1})]) from None
    if not _korean(text):
        raise Malformed([Fault("encoding_unknown", _where(name, data, first), {"byte": first + 1})])
    return text, (Fault("read_as_cp949", name),)


def _utf16(name: str, data: bytes, encoding: str) -> str:
    """What Excel calls Unicode text."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        told = {"byte": error.start + 3}
        raise Malformed(
            [Fault("encoding_unknown", _place_of(name, data[: error.start].decode(encoding)), told)]
        ) from None
    if (nul := text.find("\0")) >= 0:
        raise Malformed([Fault("nul_byte", _place_of(name, text[:nul]))])
    return text


def _korean(text: str) -> bool:
    """Whether most of what is beyond ASCII is everyday Hangul, as in any Korean table.

    Other languages read as CP949 come out as Chinese characters and as syllables that nobody uses, which the older
    EUC-KR, with its 2,350 everyday syllables, leaves out.
    """
    beyond = [char for char in text if char > "\x7f"]
    return 2 * sum("가" <= char <= "힣" and _everyday(char) for char in beyond) >= len(beyond)


@cache
def _everyday(syllable: str) -> bool:
    return len(syllable.encode("euc_kr", "replace")) == 2


def _utf8_line(data: bytes) -> int | None:
    """The first line that is UTF-8 with Hangul in it, from 1. CP949 bytes look like that by chance hardly ever."""
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii():
            try:
                decoded = line.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if any("가" <= char <= "힣" for char in decoded):
                return number
    return None


def _where(name: str, data: bytes, offset: int) -> str:
    """The place of a byte, as far as the bytes before it can be read."""
    before = data[:offset]
    try:
        return _place_of(name, before.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _place_of(name, before.decode("cp949", "replace"))


def _place_of(name: str, before: str) -> str:
    """Row and column of what follows this text."""
    before = _SEPARATOR_LINE.sub("", before, count=1) if before[:4].lower() == "sep=" else before
    row, header, last = 1, [""], [""]
    delimiter = _delimiter(before)
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(before + "x", newline=""), delimiter=delimiter), start=1):
            header, last = (cells if row == 1 else header), cells
    except csv.Error:
        return place(name, row)
    column = len(last) - 1
    title = header_cell(header[column])[:80] if row > 1 and column < len(header) else ""
    return place(name, row, title or letters(column))


# -- rows ---------------------------------------------------------------------------------------------------------


def _records(name: str, text: str) -> Iterator[Row]:
    """A first line `sep=;` names the delimiter and is no row, as in Excel."""
    text = text.lstrip("\ufeff")
    told = _SEPARATOR_LINE.match(text[:64])
    delimiter = told.group(1) if told else _delimiter(text)
    stream = io.StringIO(text, newline="")
    stream.seek(told.end() if told else 0)
    number = 0
    try:
        for cells in csv.reader(stream, delimiter=delimiter, strict=True):
            number += 1
            if number > MAX_ROWS + 1:
                raise Malformed([Fault("table_too_many_rows", name, {"max": MAX_ROWS})])
            if len(cells) > MAX_COLUMNS:
                raise Malformed([Fault("table_too_many_columns", place(name, number), {"max": MAX_COLUMNS})])
            yield number, [plain_text(cell) for cell in cells]
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
