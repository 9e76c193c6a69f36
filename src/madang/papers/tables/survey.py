"""What a worksheet's values do not show: how far it reaches, and what is hidden, merged or computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from madang.core.reasons import Fault, Malformed
from madang.papers.tables.model import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Found, Table, letters, place

MANY = 1_000  # more places than anybody reads
_NAMED = 10

Area = tuple[int, int, int, int]
"""Top (from 1), left (from 0), bottom, right."""


@dataclass(slots=True)
class Survey:
    """Filled by a pass over a worksheet; rows from 1, columns from 0. Lists stop at a thousand places."""

    last_row: int = 0
    last_column: int = -1
    cells: int = 0
    merged: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    computed: list[tuple[int, int]] = field(default_factory=list)
    formulas: int = 0

    def reach(self, table: str, row: int, column: int) -> None:
        """A filled cell: refused at once where the table is larger than any that is read."""
        if row > self.last_row:
            if row > MAX_ROWS + 1:
                raise Malformed([Fault("table_too_many_rows", table, {"max": MAX_ROWS})])
            self.last_row = row
        if column > self.last_column:
            if column >= MAX_COLUMNS:
                raise Malformed([Fault("table_too_many_columns", place(table, row), {"max": MAX_COLUMNS})])
            self.last_column = column
        self.count(table)

    def count(self, table: str, cells: int = 1) -> None:
        """So many more cells to look at, filled or not."""
        self.cells += cells
        if self.cells > MAX_CELLS:
            raise Malformed([Fault("table_too_many_cells", table, {"max": MAX_CELLS})])

    def formula(self, row: int, column: int) -> None:
        """A formula whose stored value is read."""
        self.formulas += 1
        note(self.computed, (row, column))

    def found(self, shape: Table) -> list[Found]:
        """Each finding as a fault at its place in the table."""
        found: list[Found] = []
        for top, left, bottom, right in self.merged:
            if top <= self.last_row and left <= self.last_column:
                code = "merged_header" if top == 1 else "merged_cells"
                cells = f"{letters(left)}{top}:{letters(right)}{bottom}"
                found.append((top, left, Fault(code, shape.at(top, left), {"cells": cells})))
        for row in self.hidden_rows:
            found.append((row, -1, Fault("hidden_row", shape.at(row))))
        for left, right in self.hidden_columns:
            for column in range(left, min(right, len(shape.header) - 1, MAX_COLUMNS) + 1):
                at = place(shape.name, None, shape.column(column))
                found.append((1, column, Fault("hidden_column", at, {"letter": letters(column)})))
        for row, column in self.uncomputed:
            found.append((row, column, Fault("formula_without_value", shape.at(row, column))))
        for row, column in self.errors:
            found.append((row, column, Fault("formula_error", shape.at(row, column))))
        return found

    def spoilt(self) -> frozenset[tuple[int, int]]:
        """Cells without a value for a fault that is named: nothing more is to be said of them."""
        return frozenset((*self.uncomputed, *self.errors))

    def covered(self) -> frozenset[int]:
        """Columns whose name lies under a merged cell of row 1."""
        return frozenset(
            column
            for top, left, _, right in self.merged
            if top == 1
            for column in range(left, min(right, self.last_column) + 1)
        )

    def remarks(self, shape: Table) -> tuple[Fault, ...]:
        """Formulas count by their stored values; which cells are formulas is told."""
        if not self.formulas:
            return ()
        cells = [f"{letters(column)}{row}" for row, column in self.computed[:_NAMED]]
        more = self.formulas - len(cells)
        told = ", ".join(cells) + (f" (+{more})" if more else "")
        return (Fault("formulas_by_value", shape.name, {"cells": told, "count": self.formulas}),)


def note(places: list[Any], where: Any) -> None:
    """Remember a place, unless there are more than anybody reads."""
    if len(places) < MANY:
        places.append(where)
