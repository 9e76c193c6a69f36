"""A table read by its plan: each row as typed values, each fault at its cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from madang.core.callspec.asked import WON_PER_UNIT
from madang.core.reasons import Fault, Param
from madang.papers.days import order_in
from madang.papers.figures import UNITS
from madang.papers.findings import Findings
from madang.papers.plan import Column, TablePlan
from madang.papers.tables import FIRST_ROWS, Table, header_cell, place
from madang.papers.values import Known, Refused, nearest, shown, value_of

_UNIT = re.compile(r"(.*\S)\s*[\[(]\s*(?:단위\s*:\s*)?(\S+)\s*[\])]")
_ASIDE = re.compile(r"\s*\([^()]*\)$")
_EVIDENCE_ROWS = 3
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
    """The rows of one table. Making it checks the header; going through it checks the cells.

    `chosen`: titles of this header whose column somebody has chosen: title -> id; blank for one that is left out.
    """

    def __init__(
        self,
        table: Table,
        plan: TablePlan,
        *,
        file: int,
        findings: Findings,
        known: Known,
        chosen: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.table = table
        self.plan = plan
        self._chosen = chosen
        self._file = file
        self._findings = findings
        self._known = known
        self._index: dict[str, int] = {}
        self._called: dict[str, str] = {}  # columns that the header calls by a label
        self._slots: list[_Slot] = []
        self._notes: list[tuple[int, str]] = []
        self._spoilt = {row for row, _ in table.spoilt}
        self._unreadable: set[str] = set()  # columns whose unit nobody knows
        self._orders: dict[int, dict[str, list[int]]] = {}  # column -> order of a date -> rows that prove it
        if not self._header_is_further_down():
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
        at = place(self.name, line.number, self._called.get(column, column))
        self._findings.add(self._file, line.number, self._index.get(column, -1), Fault(code, at, params))

    def fault_of_table(self, code: str, **params: Param) -> None:
        self._findings.add(self._file, 2**31, 0, Fault(code, self.name, params))

    def _header_is_further_down(self) -> bool:
        """Whether a title stands above the header: one fault where the header is, and not one for each column."""
        names = titles(self.plan)
        if any(self._named(title, names) in self.plan.keys for title in self.table.header):
            return False
        if any(self._chosen.get(title) in self.plan.keys for title in self.table.header):
            return False
        for number, cells in self.table.rows[:FIRST_ROWS]:
            named = {self._named(header_cell(cell), names) for cell in cells}
            if named.issuperset(self.plan.keys):
                fault = Fault("header_further_down", place(self.name, number), {"row": number})
                self._findings.add(self._file, number, -1, fault)
                return True
        return False

    @staticmethod
    def _named(title: str, names: Mapping[str, str]) -> str | None:
        """The id of the column that a title of the header means, whatever its unit."""
        match = _UNIT.fullmatch(title)
        return names.get(title.casefold()) or (names.get(match.group(1).casefold()) if match else None)

    def _read_header(self) -> None:
        names = titles(self.plan)
        for index, title in enumerate(self.table.header):
            if not title:
                continue
            if self.plan.notes and title.startswith("note:"):
                self._notes.append((index, title.removeprefix("note:").strip()))
                continue
            if self._chosen.get(title) == "":
                continue
            if title in self._chosen:
                name, unit = self._chosen[title], unit_in(title)
            else:
                name, unit = self._name_and_unit(title, names)
            column = self.plan.by_id.get(name)
            if column is None:
                near = nearest(name, self.plan.by_id)
                self._header_fault(index, "column_unknown", given=shown(title), nearest=near or "-")
            elif name not in self._index:
                self._index[name] = index
                if not title.casefold().startswith(name.casefold()):
                    self._called[name] = title[:80]
                slot = _Slot(index, column, self._unit(index, column, unit), {})
                if name not in self._unreadable:
                    self._slots.append(slot)
            elif title not in self.table.header[:index]:  # `own` beside `own [million]`
                self._header_fault(index, "header_twice", name=name, first=self.table.header[self._index[name]])
        for column in self.plan.columns:
            if column.required and column.id not in self._index and self.table.header:
                fault = Fault("column_missing", place(self.name, 1), {"column": column.id})
                self._findings.add(self._file, 1, 2**31, fault)

    def columns(self) -> frozenset[str]:
        """The columns that the header has."""
        return frozenset(self._index)

    @staticmethod
    def _name_and_unit(title: str, names: Mapping[str, str]) -> tuple[str, str | None]:
        """`own [million]` and its label with `(백만원)` -> the column's id and the unit."""
        if known := names.get(title.casefold()):
            return known, None
        match = _UNIT.fullmatch(title)
        if not match:
            return title, None
        name = names.get(match.group(1).casefold())
        unit = match.group(2)
        if title.endswith(")") and (name is None or not UNITS.get(unit)):
            return name if name and unit in WON_PER_UNIT else title, unit if name and unit in WON_PER_UNIT else None
        return name or match.group(1), UNITS.get(unit) or unit

    def _header_fault(self, index: int, code: str, **params: Param) -> None:
        self._findings.add(self._file, 1, index, Fault(code, self.table.at(1, index), params))

    def _unit(self, index: int, column: Column, unit: str | None) -> str | None:
        if unit is None:
            return None
        if column.kind != "money":
            self._header_fault(index, "unit_without_money", unit=shown(unit))
        elif unit not in WON_PER_UNIT:
            near = nearest(unit, WON_PER_UNIT)
            self._unreadable.add(column.id)
            self._header_fault(index, "unit_unknown", unit=shown(unit), nearest=near or "-", units=list(WON_PER_UNIT))
        else:
            return unit
        return None

    def __iter__(self) -> Iterator[Line]:
        for number, cells in self.table.rows:
            line = Line(number, {}, self._spoilt_in(number) if number in self._spoilt else self._unreadable)
            width = len(cells)
            for slot in self._slots:
                cell = cells[slot.index] if slot.index < width else None
                if cell is None:
                    if slot.column.filled and slot.column.id not in line.bad:
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
                self._refuse(line, slot.column.id, *self._with_evidence(slot, refused))
                return
            if len(slot.known) < _REMEMBERED:
                slot.known[key] = value
        line.values[slot.column.id] = value

    def _refuse(self, line: Line, column: str, code: str, params: Mapping[str, Param] = MappingProxyType({})) -> None:
        line.bad = {*line.bad, column}
        self.fault(line, column, code, **params)

    def _spoilt_in(self, row: int) -> set[str]:
        """Columns whose cell in this row has no value for a fault that is named already."""
        spoilt = {slot.column.id for slot in self._slots if (row, slot.index) in self.table.spoilt}
        return self._unreadable | spoilt

    def _with_evidence(self, slot: _Slot, refused: Refused) -> tuple[str, dict[str, Param]]:
        """A date that may be two is asked all the same, but it is told to which order the rest of its column points."""
        if refused.code != "date_ambiguous":
            return refused.code, refused.params
        found = self._orders.get(slot.index)
        if found is None:
            found = self._orders[slot.index] = self._proven(slot.index)
        if len(found) != 1:
            return refused.code, refused.params
        ((order, rows),) = found.items()
        return f"date_ambiguous_{order}", {**refused.params, "rows": [str(row) for row in rows]}

    def _proven(self, index: int) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, cells in self.table.rows:
            order = order_in(cells[index]) if index < len(cells) else None
            if order is not None and len(found.setdefault(order, [])) < _EVIDENCE_ROWS:
                found[order].append(number)
        return found


def recognised_by(plan: TablePlan) -> tuple[list[str], list[str]]:
    """By which columns, and by which names, a worksheet is known to hold this table; see `tables.read_table`."""
    keys = [title for title, name in titles(plan).items() if name in plan.keys]
    return keys, [plan.name, *plan.title.values()]


def unit_in(title: str) -> str | None:
    """The unit of money that a title names in brackets, whatever the title says before it."""
    match = _UNIT.fullmatch(title)
    unit = match.group(2) if match else ""
    return UNITS.get(unit) or unit if unit in UNITS or unit in WON_PER_UNIT else None


def titles(plan: TablePlan) -> dict[str, str]:
    """What a header may call each column, in small letters -> its id: the id, or its label in a language of the call.

    A label that two columns share names none of them; without what stands in brackets behind it, it is a label too.
    """
    names: dict[str, str | None] = {}
    for shorten in (False, True):
        for column in plan.columns:
            for label in column.label.values():
                title = header_cell(_ASIDE.sub("", label) if shorten else label).casefold()
                if title and names.setdefault(title, column.id) != column.id:
                    names[title] = None
    ids = {column.id.casefold(): column.id for column in plan.columns}
    return {title: id_ for title, id_ in names.items() if id_} | ids


_NOTE = Column("note", "text", {"en": "Note", "ko": "참고"})
