"""A table of numbers in a problem: rows of applications, columns of evaluators, held as whole millionths.

Inline lists are read exactly; where the problem names a file (`scores.npz#affinity`), the shell reads it and puts the
`Matrix` in its place: the core opens no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from madang.core.problem import LARGEST

#: What 1 counts as.
SCALE: Final = 1_000_000
#: More cells than this are refused before anything is computed.
MOST_CELLS: Final = 50_000_000


class Matrix:
    """Whole millionths, rows by columns, read-only. Two matrices are equal when their numbers are."""

    __slots__ = ("values",)

    def __init__(self, values: NDArray[np.int64]) -> None:
        self.values = values.astype(np.int64, copy=True)
        self.values.setflags(write=False)

    @classmethod
    def of_floats(cls, numbers: NDArray[Any]) -> Matrix:
        """From numbers of any numeric type, each to the nearest millionth, half even; the sign stays.

        Raises `PydanticCustomError`: not two-dimensional, too many cells, not numbers, NaN or infinite, over 2^53
        millionths.
        """
        if numbers.ndim != 2:
            raise PydanticCustomError("matrix_not_two_dimensional", "{given}", {"given": numbers.ndim})
        if numbers.size > MOST_CELLS:
            raise PydanticCustomError("matrix_too_large", "{most}", {"cells": numbers.size, "most": MOST_CELLS})
        if numbers.dtype.kind not in "fiub":
            raise PydanticCustomError("matrix_not_numbers", "{given}", {"given": str(numbers.dtype)})
        exact = numbers.astype(np.float64) * SCALE
        wrong = ~np.isfinite(exact) | (np.abs(exact) > LARGEST)
        if wrong.any():
            row, column = (int(place) for place in np.argwhere(wrong)[0])
            raise PydanticCustomError("matrix_cell_wrong", "{row}", _cell(row, column, str(numbers[row, column])))
        return cls(np.rint(exact).astype(np.int64))

    @classmethod
    def of_lists(cls, rows: Sequence[object]) -> Matrix:
        """From rows of integers, `Decimal`s or decimal text; raises `PydanticCustomError` naming row and column."""
        table: list[list[int]] = []
        known: dict[str, int] = {}  # cells share their texts
        cells = 0
        for number, row in enumerate(rows):
            if not isinstance(row, list | tuple):
                raise PydanticCustomError("matrix_row_not_a_list", "{row}", {"row": number})
            if len(row) != (width := len(table[0]) if table else len(row)):
                given = {"row": number, "given": len(row), "expected": width}
                raise PydanticCustomError("matrix_row_length", "{row}", given)
            cells += len(row)
            if cells > MOST_CELLS:
                raise PydanticCustomError("matrix_too_large", "{most}", {"cells": cells, "most": MOST_CELLS})
            table.append(
                [
                    known[value] if isinstance(value, str) and value in known else _kept(known, value, number, column)
                    for column, value in enumerate(row)
                ]
            )
        return cls(np.array(table, dtype=np.int64).reshape(len(table), len(table[0]) if table else 0))

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.values.shape
        return int(rows), int(columns)

    def floats(self) -> NDArray[np.float64]:
        """For estimates and files: reading them with `of_floats` gives the same millionths again."""
        floats: NDArray[np.float64] = self.values / SCALE
        return floats

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Matrix) and bool(np.array_equal(self.values, other.values))

    __hash__ = None  # type: ignore[assignment]  # an array is compared, never looked up

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_read)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        number = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}]}
        rows = {"type": "array", "items": {"type": "array", "items": number}}
        return {"anyOf": [rows, {"type": "string", "pattern": r"^.+\.npz#.+$"}]}


def _read(value: object) -> Matrix:
    if isinstance(value, Matrix):
        return value
    if isinstance(value, str):
        raise PydanticCustomError("matrix_file_not_read", "{given}", {"given": value[:200]})
    if isinstance(value, list | tuple):
        return Matrix.of_lists(value)
    raise PydanticCustomError("not_a_list", "")


def _kept(known: dict[str, int], value: object, row: int, column: int) -> int:
    found = _millionths(value, row, column)
    if isinstance(value, str):
        known[value] = found
    return found


def _millionths(value: object, row: int, column: int) -> int:
    """One cell; half even where more than six decimals are given."""
    if isinstance(value, str):
        if len(value) > 40 or not value.removeprefix("-").replace(".", "", 1).isdecimal() or not value.isascii():
            raise PydanticCustomError("matrix_cell_wrong", "{row}", _cell(row, column, value[:40]))
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("matrix_cell_wrong", "{row}", _cell(row, column, str(value)[:40]))
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() > 15:
            raise PydanticCustomError("matrix_cell_wrong", "{row}", _cell(row, column, str(value)[:40]))
        scaled = int((value * SCALE).to_integral_value(rounding=ROUND_HALF_EVEN))
    else:
        scaled = value * SCALE
    if abs(scaled) > LARGEST:
        raise PydanticCustomError("matrix_cell_wrong", "{row}", _cell(row, column, str(value)[:40]))
    return scaled


def _cell(row: int, column: int, given: str) -> dict[str, Any]:
    return {"row": row, "column": column, "given": given}
