"""The one door to OR-Tools CP-SAT. Imported only when a counting question needs a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ortools
from ortools.sat.python import cp_model

NAME = f"ortools {ortools.__version__}"


class TimeEnded(Exception):
    """The search limit came before an answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """`at_least <= sum(weight * count) <= at_most`."""

    weights: Mapping[int, int]
    at_least: int
    at_most: int | None


def find_counts(sizes: Sequence[int], rows: Sequence[Row], *, seed: int, limit: float) -> list[int] | None:
    """How many to take of each class, `0 <= count <= size`, so that every row holds; None where that is impossible.

    Exact in integers, one worker, fixed seed; `limit` is in the engine's deterministic units, about seconds.
    Raises `TimeEnded`.
    """
    model = cp_model.CpModel()
    counts = [model.new_int_var(0, size, "") for size in sizes]
    for row in rows:
        total = cp_model.LinearExpr.weighted_sum([counts[i] for i in row.weights], list(row.weights.values()))
        most = sum(weight * sizes[i] for i, weight in row.weights.items()) if row.at_most is None else row.at_most
        model.add_linear_constraint(total, row.at_least, most)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = limit
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [solver.value(count) for count in counts]
    if status == cp_model.INFEASIBLE:
        return None
    raise TimeEnded(solver.status_name(status))
