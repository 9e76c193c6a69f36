"""The one door to HiGHS (through SciPy) for plans with floors. Imported only when such a plan is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

NAME: Final = f"scipy {scipy.__version__} (HiGHS)"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """`least <= matrix @ x <= most`; infinite where a side is open."""

    matrix: csr_array
    least: Floats
    most: Floats

    def also(self, others: Rows) -> Rows:
        matrix = vstack([self.matrix, others.matrix], format="csr")
        return Rows(matrix, np.concatenate([self.least, others.least]), np.concatenate([self.most, others.most]))


def sparse(rows: NDArray[Any], columns: NDArray[Any], values: NDArray[Any], shape: tuple[int, int]) -> csr_array:
    return coo_array((values.astype(np.float64), (rows, columns)), shape=shape).tocsr()


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The optimum of a linear problem, and what one more on each row's binding side would gain (signed)."""

    value: float
    x: Floats
    prices: Floats


def largest(worth: Floats, rows: Rows, slack_cost: Floats, most: Floats, seconds: float) -> Relaxed | None:
    """max worth @ x - slack_cost @ (by how much each row is missed), 0 <= x <= most; None: not within the time.

    Every row may be missed at its cost, so there is always an optimum. A row with both sides costs twice in size.
    """
    if seconds <= 0:
        return None
    columns = len(worth)
    upper, lower = np.isfinite(rows.most), np.isfinite(rows.least)
    equal = upper & lower & (rows.most == rows.least)
    upper, lower = upper & ~equal, lower & ~equal
    parts, sides, signs = [], [], []
    for chosen, sign in ((upper, 1.0), (lower, -1.0)):
        at = np.flatnonzero(chosen)
        # sign * (row @ x) - slack <= sign * side
        slack = sparse(np.arange(len(at)), at, -np.ones(len(at)), (len(at), len(equal)))
        parts.append((rows.matrix[at] * sign, slack, csr_array((len(at), len(equal)))))
        sides.append((rows.most if sign > 0 else rows.least)[at] * sign)
        signs.append(at)
    at = np.flatnonzero(equal)
    under = sparse(np.arange(len(at)), at, np.ones(len(at)), (len(at), len(equal)))
    unequal = vstack([hstack(part) for part in parts], format="csr")
    equals = hstack([rows.matrix[at], under, -under], format="csr")
    cost = np.concatenate([-worth, slack_cost, slack_cost])
    bounds = np.zeros((len(cost), 2))
    bounds[:, 1] = np.inf
    bounds[:columns, 1] = most
    options = {"time_limit": seconds} if np.isfinite(seconds) else {}
    solver: Any = linprog  # its overloads know no sparse matrices
    found = solver(
        cost,
        A_ub=unequal,
        b_ub=np.concatenate(sides),
        A_eq=equals,
        b_eq=rows.most[at],
        bounds=bounds,
        method="highs",
        options=options,
    )
    if found.status != 0:
        return None
    prices = np.zeros(len(equal))
    marginals = -np.asarray(found.ineqlin.marginals)
    prices[signs[0]] += marginals[: len(signs[0])]
    prices[signs[1]] -= marginals[len(signs[0]) :]
    prices[at] = -np.asarray(found.eqlin.marginals)
    return Relaxed(-float(found.fun), np.asarray(found.x)[:columns], prices)


@dataclass(frozen=True, slots=True)
class Chosen:
    """`x` if a choice was found; `closed`: the search was brought to its end."""

    x: NDArray[np.bool_] | None
    closed: bool


def choose(worth: Floats, rows: Rows, *, within: float, seconds: float, nodes: int | None = None) -> Chosen:
    """0/1 variables, max worth @ x. It may stop `within` so much of the best, or after so many branches."""
    if len(worth) == 0:
        kept = bool(((rows.least <= 0) & (rows.most >= 0)).all())
        return Chosen(np.zeros(0, dtype=np.bool_) if kept else None, True)
    if seconds <= 0:
        return Chosen(None, False)
    size = max(1.0, float(np.sort(np.abs(worth))[-max(1, int(_seats(rows))) :].sum()))
    options: dict[str, Any] = {"mip_rel_gap": within / size}
    if np.isfinite(seconds):
        options["time_limit"] = seconds
    if nodes is not None:
        options["node_limit"] = nodes
    solver: Any = milp
    found = solver(
        -worth,
        constraints=LinearConstraint(rows.matrix, rows.least, rows.most),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(worth)),
        options=options,
    )
    x = None if found.x is None else np.asarray(found.x) > 0.5
    return Chosen(x, found.status in (0, 2))


def _seats(rows: Rows) -> float:
    """The sum of what rows with one value ask for: how many variables can be 1, or more."""
    equal = rows.least == rows.most
    return float(np.abs(rows.least[equal]).sum()) + 1
