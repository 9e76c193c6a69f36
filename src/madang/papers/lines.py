"""A table read by its plan: each row as typed values, each fault at its cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from madang.core.callspec.model import WON_PER_UNIT
from madang.core.reasons import Fault, Param
from madang.papers.findings import Findings
from madang.papers.plan import Column, TablePlan
from madang.papers.tables import Table, place
from madang.papers.values import Known, Refused, nearest, shown, value_of

_UNIT = re.compile(r"(.*\S)\s*\[\s*(\S+)\s*\]")
_REMEMBERED = 4_096  # values of a column that are typed once


@dataclass(slots=True)
class Line:
    """A row: its number, the values of its filled cells, and the columns whose cell was refused."""

    number: int
    values: dict[str, Any]
    bad: Collection[str] = ()
    notes: dict[str, str] = field(default_factory=dict)

    def get(self, column: str) -> str:
        """The text of a cell, or nothing."""
        return self.values.get(column) or ""


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a column stands in this file, and its unit."""

    index: int
    column: Column
    unit: str | None
    known: dict[tuple[type, Any], Any]


class Lines:
    """The rows of one table. Making it checks the header; going through it checks the cells."""

    def __init__(self, table: Table, plan: TablePlan, *, file: int, findings: Findings, known: Known) -> None:
        self.table = table
        self.plan = plan
        self._file = file
        self._findings = findings
        self._known = known
        self._index: dict[str, int] = {}
        self._slots: list[_Slot] = []
        self._notes: list[tuple[int, str]] = []
        for row, column, found in table.found:
            findings.add(file, row, column, found)
        self._read_header()

    @property
    def name(self) -> str:
        return self.table.name

    def has(self, column: str) -> bool:
        return column in self._index

    def complete(self) -> bool:
        """Whether the columns stand in the header without which a row says nothing."""
        return all(key in self._index for key in self.plan.keys)

    def fault(self, line: Line, column: str, code: str, **params: Param) -> None:
        """A fault of this row, at the given column (or the row, where the column is not there)."""
        at = place(self.name, line.number, column)
        self._findings.add(self._file, line.number, self._index.get(column, -1), Fault(code, at, params))

    def fault_of_table(self, code: str, **params: Param) -> None:
        self._findings.add(self._file, 2**31, 0, Fault(code, self.name, params))

    def _read_header(self) -> None:
        for index, title in enumerate(self.table.header):
            if not title:
                continue
            if self.plan.notes and title.startswith("note:"):
                self._notes.append((index, title.removeprefix("note:").strip()))
                continue
            match = _UNIT.fullmatch(title)
            name, unit = (match.group(1), match.group(2)) if match else (title, None)
            column = self.plan.by_id.get(name)
            if column is None:
                near = nearest(name, self.plan.by_id)
                self._header_fault(index, "column_unknown", given=shown(title), nearest=near or "-")
            elif name not in self._index:
                self._index[name] = index
                self._slots.append(_Slot(index, column, self._unit(index, column, unit), {}))
            elif title not in self.table.header[:index]:  # `own` beside `own [million]`
                self._header_fault(index, "header_twice", name=name, first=self.table.header[self._index[name]])
        for column in self.plan.columns:
            if column.required and column.id not in self._index and self.table.header:
                fault = Fault("column_missing", place(self.name, 1), {"column": column.id})
                self._findings.add(self._file, 1, 2**31, fault)

    def _header_fault(self, index: int, code: str, **params: Param) -> None:
        self._findings.add(self._file, 1, index, Fault(code, self.table.at(1, index), params))

    def _unit(self, index: int, column: Column, unit: str | None) -> str | None:
        if unit is None:
            return None
        if column.kind != "money":
            self._header_fault(index, "unit_without_money", unit=shown(unit))
        elif unit not in WON_PER_UNIT:
            near = nearest(unit, WON_PER_UNIT)
            self._header_fault(index, "unit_unknown", unit=shown(unit), nearest=near or "-", units=list(WON_PER_UNIT))
        else:
            return unit
        return None

    def __iter__(self) -> Iterator[Line]:
        for number, cells in self.table.rows:
            line = Line(number, {})
            width = len(cells)
            for slot in self._slots:
                cell = cells[slot.index] if slot.index < width else None
                if cell is None:
                    if slot.column.filled:
                        self._refuse(line, slot.column.id, "cell_empty")
                    continue
                self._take(line, slot, cell)
            for index, name in self._notes:
                if index < width and cells[index] is not None:
                    line.notes[name] = str(value_of(cells[index], _NOTE, typed=False))
            yield line

    def _take(self, line: Line, slot: _Slot, cell: Any) -> None:
        key = (cell.__class__, cell)
        value = slot.known.get(key)
        if value is None:
            try:
                value = value_of(cell, slot.column, typed=self.table.typed, known=self._known, unit=slot.unit)
            except Refused as refused:
                self._refuse(line, slot.column.id, refused.code, **refused.params)
                return
            if len(slot.known) < _REMEMBERED:
                slot.known[key] = value
        line.values[slot.column.id] = value

    def _refuse(self, line: Line, column: str, code: str, **params: Param) -> None:
        line.bad = {*line.bad, column}
        self.fault(line, column, code, **params)


_NOTE = Column("note", "text", {"en": "Note", "ko": "참고"})
