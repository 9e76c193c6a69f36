"""What a number's format says of it: a plain number, a share shown in percent, a day or a length of time.

A workbook stores a day as a number of days; only the number's format tells. The built-in formats are those of ECMA-376
part 1, 18.8.30, with the ones that Korean, Japanese and Chinese programs leave unwritten (27-36, 50-58).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Literal

from madang.papers.tables.archive import Broken, Reader
from madang.papers.tables.model import Cell, Percent

Kind = Literal["number", "percent", "day", "moment", "duration"]

_BUILT_IN: dict[int, Kind] = {
    **dict.fromkeys((9, 10), "percent"),
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 34, 35, 36, *range(50, 59)), "day"),
    **dict.fromkeys((18, 19, 20, 21, 22, 32, 33, 45, 47), "moment"),
    46: "duration",
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  # wall time, as a spreadsheet keeps it
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_DAY = 2_958_466  # the day after 9999-12-31
_REMEMBERED = 65_536


def kind_of(code: str) -> Kind:
    """The kind of a written format: `yyyy"년" m"월" d"일"` -> `day`."""
    code = _LITERAL.sub("", code[:1_000]).partition(";")[0]
    if _ELAPSED.search(code):
        return "duration"
    code = _BRACKETS.sub("", code).lower()
    if "general" in code or "#" in code or ("0" in code and "s" not in code):
        return "percent" if "%" in code else "number"
    if "h" in code or "s" in code:
        return "moment"
    return "day" if any(letter in code for letter in "ymd") else "number"


class Styles(Reader):
    """The number format of each cell style: a pass over `styles.xml`."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._ids: list[int] = []
        self._inside = False

    def start(self, name: str, attrs: dict[str, str]) -> None:
        if name == "numFmt" and len(self._codes) < 10_000:
            self._codes[int(attrs["numFmtId"])] = attrs.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            if len(self._ids) >= 100_000:
                raise Broken("more styles than any program writes")
            self._ids.append(int(attrs.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def kinds(self) -> list[Kind]:
        """By the number of the style. A format that is written out counts before a built-in one."""
        known: dict[int, Kind] = {}
        for number in self._ids:
            if number not in known:
                code = self._codes.get(number)
                known[number] = kind_of(code) if code is not None else _BUILT_IN.get(number, "number")
        return [known[number] for number in self._ids]


class Numbers:
    """Stored numbers -> cells. Equal texts are read once."""

    def __init__(self, *, since_1904: bool = False) -> None:
        self._since_1904 = since_1904
        self._known: dict[tuple[str, Kind], Cell] = {}

    def cell(self, text: str, kind: Kind) -> Cell:
        """The cell of a stored number; raises `Broken` for what is none."""
        key = (text, kind)
        value = self._known.get(key)
        if value is None:
            value = self._read(text.strip(), kind)
            if len(self._known) < _REMEMBERED:
                self._known[key] = value
        return value

    def _read(self, text: str, kind: Kind) -> Cell:
        if not _NUMBER.fullmatch(text):
            raise Broken("not a number")
        number = float(text)
        if not math.isfinite(number):
            raise Broken("not a number")
        if kind == "number":
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        if kind == "percent":
            return Percent(number)
        if kind == "duration":
            return dt.timedelta(seconds=round(number * 86_400, 3)) if abs(number) < _LAST_DAY else number
        return self._when(number, kind)

    def _when(self, number: float, kind: Kind) -> Cell:
        """A day, a moment or a time of day; a number that is none of them stays a number.

        In the 1900 system a program counts a 29 February 1900 that never was: what lies before it is no certain day.
        """
        days = math.floor(number)
        seconds = round((number - days) * 86_400, 3)
        if days == 0 and (kind == "moment" or seconds):
            return (_EPOCH + dt.timedelta(seconds=min(seconds, 86_399.999))).time()
        first = 0 if self._since_1904 else 61
        last = _LAST_DAY - (1_462 if self._since_1904 else 0)
        if not first <= days < last:
            return number
        moment = (_EPOCH_1904 if self._since_1904 else _EPOCH) + dt.timedelta(days=days, seconds=seconds)
        return moment if kind == "moment" or seconds else moment.date()
