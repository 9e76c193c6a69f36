"""The one door to HiGHS' linear programming: prices for composition rules that overlap. Imported only where some do.

What it says is a float and only a hint: the prices are rounded, and the bound is added up from the rounded ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

NAME = f"highs in scipy {scipy.__version__}"

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Lines over the columns: each column counts its weight in the lines named beside it; `least <= sum <= most`."""

    lines: Whole  # with `columns`: which line counts which column
    columns: Whole
    least: Floats
    most: Floats
    weights: Floats | None = None  # 1 each


@dataclass(frozen=True, slots=True)
class Relaxed:
    """How much of each column, the price of each line, and by how much the lines must be missed (0: not at all)."""

    taken: Floats
    prices: Floats
    missing: float


def relax(values: Floats, rows: Rows, penalty: float, seconds: float) -> Relaxed | None:
    """The largest sum of values with each column between 0 and 1; what a line lacks costs `penalty` a piece.

    None: the engine gave no answer in `seconds`.
    """
    count = len(values)
    counts = _counted(rows, count)
    floor = np.nonzero(rows.least > 0)[0]
    capped = np.nonzero(np.isfinite(rows.most))[0]
    if count + len(floor) == 0:
        return Relaxed(np.zeros(0), np.zeros(len(rows.least)), 0.0)
    lacking = eye_array(len(floor))
    above = hstack((counts[capped], csr_array((len(capped), len(floor)))))
    below = hstack((-counts[floor], -lacking))
    found: Any = linprog(
        np.concatenate((-values, np.full(len(floor), penalty))),
        A_ub=vstack((above, below), format="csr"),
        b_ub=np.concatenate((rows.most[capped], -rows.least[floor])),
        bounds=[(0, 1)] * count + [(0, None)] * len(floor),
        method="highs",
        options=_limit(seconds),
    )
    if found.x is None or found.status != 0:
        return None
    prices = np.zeros(len(rows.least))
    prices[capped] -= found.ineqlin.marginals[: len(capped)]
    prices[floor] += found.ineqlin.marginals[len(capped) :]
    return Relaxed(found.x[:count], prices, float(found.x[count:].sum()))


def settled(values: Floats, rows: Rows, kinds: Rows, seconds: float) -> Whole | None:
    """Whole counts of the `kinds` in the best of all selections that keep the lines; None where none was found."""
    count, whole = len(values), len(kinds.least)
    if not count:
        return None
    nothing = csr_array((len(rows.least), whole))
    held = hstack((_counted(rows, count), nothing), format="csr")
    same = hstack((_counted(kinds, count), -eye_array(whole)), format="csr")
    found = milp(
        np.concatenate((-values, np.zeros(whole))),
        constraints=[LinearConstraint(held, rows.least, rows.most), LinearConstraint(same, 0, 0)],
        integrality=np.concatenate((np.zeros(count), np.ones(whole))),
        bounds=Bounds(np.zeros(count + whole), np.concatenate((np.ones(count), kinds.most))),
        options=_limit(seconds),
    )
    return None if found.x is None else np.rint(found.x[count:]).astype(np.int64)


def _counted(rows: Rows, columns: int) -> csr_array:
    shape = (len(rows.least), columns)
    weights = np.ones(len(rows.lines)) if rows.weights is None else rows.weights
    return csr_array((weights, (rows.lines, rows.columns)), shape=shape)


def _limit(seconds: float) -> Any:
    return {} if seconds > 1e9 else {"time_limit": max(seconds, 0.01)}
