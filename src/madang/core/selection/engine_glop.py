"""The one door to OR-Tools GLOP: linear relaxations whose dual prices become proofs. Imported only to optimise.

Nothing that comes out of here is believed: prices are rounded to integers and added up exactly elsewhere, so a wrong
float can weaken a bound and never make a false proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ortools
from ortools.linear_solver import pywraplp

NAME = f"ortools {ortools.__version__}"
PENALTY = 1e4
_SOLVER: Any = pywraplp.Solver  # its types are not published
_PARAMETERS = "use_dual_simplex: true use_preprocessing: false"


class Relaxation:
    """Largest `sum(gain * x)` with `least <= sum(weight * x) <= most`, `0 <= x <= 1`; a side may be broken at a price.

    The price keeps it solvable whatever is fixed, so that there are always dual prices.
    """

    def __init__(
        self, gains: Mapping[int, int], rows: Mapping[int, tuple[Mapping[int, int], int | None, int | None]]
    ) -> None:
        """`gains` names every column. Rows and gains are scaled to a largest weight of 1."""
        solver = _SOLVER.CreateSolver("GLOP")
        solver.SetSolverSpecificParametersAsString(_PARAMETERS)
        infinity = solver.infinity()
        self._solver, self._objective = solver, solver.Objective()
        self._objective.SetMinimization()
        self._columns = {i: solver.NumVar(0, 1, "") for i in gains}
        self._bounds = dict.fromkeys(gains, (0, 1))
        self._unit = float(max((abs(gain) for gain in gains.values()), default=0) or 1)
        self._costs = {i: -gain / self._unit for i, gain in gains.items() if gain}
        for i, cost in self._costs.items():
            self._objective.SetCoefficient(self._columns[i], cost)
        self._rows, self._scales, self._breaks = {}, {}, []
        for number, (weights, least, most) in rows.items():
            scale = float(max(map(abs, weights.values())))
            row = solver.Constraint(
                -infinity if least is None else least / scale, infinity if most is None else most / scale
            )
            for i, weight in weights.items():
                row.SetCoefficient(self._columns[i], weight / scale)
            for sign in ([1.0] if least is not None else []) + ([-1.0] if most is not None else []):
                slack = solver.NumVar(0, infinity, "")
                row.SetCoefficient(slack, sign)
                self._objective.SetCoefficient(slack, PENALTY)
                self._breaks.append(slack)
            self._rows[number], self._scales[number] = row, scale

    def fix(self, state: Sequence[int]) -> None:
        """Columns with state 0 or 1 are held there, -1 is free. Cost: columns."""
        for i, bounds in self._bounds.items():
            wanted = (0, 1) if state[i] < 0 else (state[i], state[i])
            if wanted != bounds:
                self._columns[i].SetBounds(*wanted)
                self._bounds[i] = wanted

    def solve(self) -> tuple[dict[int, float], dict[int, float], bool] | None:
        """(x, price of each row in gains for one unit of the row, whether every row holds); None: no answer."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        x = {i: column.solution_value() for i, column in self._columns.items()}
        holds = all(slack.solution_value() < 1e-7 for slack in self._breaks)
        return x, self._prices(self._unit), holds

    def contradiction(self) -> dict[int, float] | None:
        """Prices of the rows alone, without gains: a proof that they cannot hold together, if there is one."""
        for i in self._costs:
            self._objective.SetCoefficient(self._columns[i], 0.0)
        solved = self._solver.Solve() == pywraplp.Solver.OPTIMAL
        prices = self._prices(1.0) if solved else None
        for i, cost in self._costs.items():
            self._objective.SetCoefficient(self._columns[i], cost)
        return prices

    def _prices(self, unit: float) -> dict[int, float]:
        found = {number: row.dual_value() for number, row in self._rows.items()}
        return {number: price / self._scales[number] * unit for number, price in found.items() if abs(price) > 1e-12}
