"""A list of what another body found, as it sends it: a spreadsheet with one line for each application or applicant.

A line is found by the application's reference, by the organisation's name, or by its number in a register. What is not
understood is named by file, row and column, and never guessed.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from madang.core.reasons import Fault
from madang.papers.days import day_of
from madang.papers.refusal import Refused, shown
from madang.papers.tables import Cell, Table
from madang.papers.values import identity, text_of

REFERENCE, ORGANISATION, NUMBER = KEYS = ("reference", "organisation", "number")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    REFERENCE: ("reference", "application", "application number", "id", "접수번호", "신청번호"),
    ORGANISATION: ("organisation", "organization", "applicant", "name", "기관", "기관명", "신청기관", "업체명", "상호"),
    NUMBER: (
        "register number", "registration number", "business number", "사업자등록번호", "법인등록번호", "등록번호"
    ),
    "result": ("result", "answer", "finding", "결과", "조회결과", "조회 결과", "회신"),
    "on": ("on", "day", "as of", "date", "기준일", "조회일", "확인일"),
    "source": ("source", "who said so", "출처", "회신기관", "조회기관"),
    "note": ("note", "remark", "details", "비고", "내용", "사유"),
}  # fmt: skip
"""What a column may be called, in small letters."""
_SAID: Final[Mapping[str, tuple[str, ...]]] = {
    "clear": ("clear", "none", "nothing found", "이상 없음", "이상없음", "해당 없음", "해당없음", "없음"),
    "found": ("found", "해당", "해당 있음", "해당있음", "있음"),
    "open": ("open", "unknown", "pending", "no answer", "미회신", "미확인", "확인 중", "확인중", "조회 중", "조회중"),
}
ANSWERS: Final[Mapping[str, str]] = {word: result for result, words in _SAID.items() for word in words}
"""What stands in the column of the result, in small letters. A bare yes or no is not among them: to which question?"""
UNDERSTOOD: Final = ("clear", "found", "open", "이상 없음", "해당", "미회신")
"""Those that a refusal names."""
MOST_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: `by` (one of `KEYS`) and `key` say of whom; `on` and `source` where the list says its own."""

    row: int
    by: str
    key: str
    result: str
    on: dt.date | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResultList:
    """`whole`: what makes the list as a whole unreadable. `faults`: lines that are left out (the row), and why."""

    rows: tuple[Listed, ...]
    faults: tuple[tuple[int, Fault], ...] = ()
    whole: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()
    columns: Mapping[str, str] | None = None  # ours -> as the list calls it


def read_results(table: Table) -> ResultList:
    """The lines of a list. Linear in the table."""
    places, whole, remarks = _columns(table)
    whole += [fault for row, _, fault in table.found if row <= 1]
    if len(table.rows) > MOST_ROWS:
        whole.append(Fault("result_list_too_long", table.name, {"most": MOST_ROWS, "rows": len(table.rows)}))
    if not table.rows:
        whole.append(Fault("list_without_rows", table.name))
    if whole:
        return ResultList((), whole=tuple(whole), remarks=(*table.remarks, *remarks))
    found: list[Listed] = []
    faults: dict[int, list[Fault]] = {}
    for row, _, fault in table.found:
        faults.setdefault(row, []).append(fault)
    for row, cells in table.rows:
        if row in faults:
            continue
        line = _Line(table, row, cells, places)
        read = line.read()
        if line.faults or read is None:
            faults[row] = line.faults
        else:
            found.append(read)
    told = tuple((row, fault) for row in sorted(faults) for fault in faults[row])
    names = {name: table.header[place] for name, place in places.items()}
    return ResultList(tuple(found), told, remarks=(*table.remarks, *remarks), columns=names)


def _columns(table: Table) -> tuple[dict[str, int], list[Fault], list[Fault]]:
    """Where our columns stand; what is missing or there twice; what is not read."""
    known = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
    places: dict[str, int] = {}
    faults, remarks = [], []
    for place, title in enumerate(table.header):
        name = known.get(_plain(title))
        if name is None:
            if title:
                remarks.append(Fault("list_column_not_read", table.at(1, place), {"column": shown(title)}))
        elif name in places:
            told = {"column": shown(title), "other": shown(table.header[places[name]])}
            faults.append(Fault("list_column_twice", table.at(1, place), told))
        else:
            places[name] = place
    if not places.keys() & set(KEYS):
        faults.append(Fault("list_names_nobody", table.at(1)))
    if "result" not in places:
        faults.append(Fault("list_without_result", table.at(1)))
    return places, faults, remarks


class _Line:
    """One row while it is read."""

    def __init__(self, table: Table, row: int, cells: list[Cell], places: Mapping[str, int]) -> None:
        self._table, self._row, self._cells, self._places = table, row, cells, places
        self.faults: list[Fault] = []

    def read(self) -> Listed | None:
        by, key = self._key()
        result = self._result()
        on, source, note = self._day(), self._text("source"), self._text("note")
        return Listed(self._row, by, key, result, on, source, note) if key and result else None

    def _cell(self, name: str) -> Cell:
        place = self._places.get(name)
        return self._cells[place] if place is not None and place < len(self._cells) else None

    def _fault(self, name: str, code: str, **told: str) -> None:
        self.faults.append(Fault(code, self._table.at(self._row, self._places.get(name)), dict(told)))

    def _key(self) -> tuple[str, str]:
        """The first of the keys that this row gives."""
        for name in KEYS:
            cell = self._cell(name)
            if cell is None:
                continue
            try:
                text = identity(cell) if name != ORGANISATION else " ".join(text_of(cell).split())
            except Refused as refused:
                self.faults.append(Fault(refused.code, self._table.at(self._row, self._places[name]), refused.params))
                return name, ""
            if len(text) > 500:
                self._fault(name, "not_an_id", given=shown(text))
                return name, ""
            return name, text
        self._fault(next(name for name in KEYS if name in self._places), "list_row_names_nobody")
        return "", ""

    def _result(self) -> str:
        cell = self._cell("result")
        if cell is None:
            self._fault("result", "list_result_blank")
            return ""
        found = ANSWERS.get(_plain(text_of(cell)), "")
        if not found:
            self._fault("result", "list_result_unknown", given=shown(text_of(cell)), known=", ".join(UNDERSTOOD))
        return found

    def _day(self) -> dt.date | None:
        cell = self._cell("on")
        if cell is None:
            return None
        try:
            return dt.date.fromisoformat(day_of(cell))
        except Refused as refused:
            self.faults.append(Fault(refused.code, self._table.at(self._row, self._places["on"]), refused.params))
            return None

    def _text(self, name: str) -> str:
        cell = self._cell(name)
        return text_of(cell).strip() if cell is not None else ""


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
