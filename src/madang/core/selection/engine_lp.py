"""The door to OR-Tools GLOP for the walk: the least cost of filling minimums, and the prices that show it.

Nothing that comes out of here is believed: prices are rounded to integers and added up exactly in `prices`, and a
selection is counted. Imported only when a question needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ortools
from ortools.linear_solver import pywraplp

NAME = f"ortools {ortools.__version__}"
SHORT = 1e4  #: what one unit missing on a row costs, in the dearest column's cost: keeps every problem solvable


@dataclass(frozen=True, slots=True)
class Solved:
    """`taken[i]` in 0..1 for every column; `prices` of the rows, in the unit of the costs."""

    taken: Sequence[float]
    prices: Mapping[int, float]


class LeastCost:
    """Least `sum(cost * x)`, `0 <= x <= 1`, under those rows that are asked for. Kept from question to question."""

    def __init__(self, costs: Sequence[int], rows: Mapping[int, tuple[Mapping[int, int], int, int | None]]) -> None:
        """`rows`: number -> weights, at least, at most."""
        solver: Any = pywraplp.Solver("", pywraplp.Solver.GLOP_LINEAR_PROGRAMMING)
        solver.SetSolverSpecificParametersAsString("use_dual_simplex: true use_preprocessing: false")
        self._solver, infinity = solver, solver.infinity()
        self._unit = float(max(costs, default=0) or 1)
        self._columns = [solver.NumVar(0, 1, "") for _ in costs]
        self._state = [-1] * len(costs)  # 0 or 1 where held, -1 where free
        objective = solver.Objective()
        for column, cost in zip(self._columns, costs, strict=True):
            objective.SetCoefficient(column, cost / self._unit)
        objective.SetMinimization()
        self._rows: dict[int, Any] = {}
        self._bounds: dict[int, tuple[float, float]] = {}
        self._scales: dict[int, float] = {}
        for number, (weights, least, most) in rows.items():
            scale = self._scales[number] = float(max(weights.values(), default=1))
            bounds = (least / scale if least else -infinity, infinity if most is None else most / scale)
            row = self._rows[number] = solver.Constraint(-infinity, infinity)
            self._bounds[number] = bounds
            for i, weight in weights.items():
                row.SetCoefficient(self._columns[i], weight / scale)
            for sign in (1.0, -1.0):
                slack = solver.NumVar(0, infinity, "")
                row.SetCoefficient(slack, sign)
                objective.SetCoefficient(slack, SHORT)
        self._active: set[int] = set()

    def solve(self, held_in: Iterable[int], held_out: Iterable[int], rows: Iterable[int]) -> Solved | None:
        """None where the engine has no answer. Cost: columns, and pivots from the last question's answer."""
        state = [-1] * len(self._columns)
        for i in held_out:
            state[i] = 0
        for i in held_in:
            state[i] = 1
        for i, (old, new) in enumerate(zip(self._state, state, strict=True)):
            if old != new:
                self._columns[i].SetBounds(max(new, 0), 1 if new else 0)
        self._state = state
        wanted, infinity = set(rows), self._solver.infinity()
        for number in self._active ^ wanted:
            self._rows[number].SetBounds(*(self._bounds[number] if number in wanted else (-infinity, infinity)))
        self._active = wanted
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        prices = {n: self._rows[n].dual_value() / self._scales[n] * self._unit for n in wanted}
        return Solved([column.solution_value() for column in self._columns], prices)
