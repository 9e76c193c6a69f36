"""How the variance divides between applications, evaluators and the rest, and how surely the sheets tell it.

total = mean + application + evaluator + residual, all three drawn from normal distributions. What is asked is the
division of the variance into three shares. Its posterior is integrated on a lattice over the logarithms of the two
ratios to the residual; mean and size of the variance are integrated in closed form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, optimize, sparse
from scipy.sparse.linalg import splu

from madang.core.scoring.estimates.observed import Observed
from madang.core.scoring.estimates.tables import by_column, held, plus_diagonal, turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from madang.core.scoring.estimates.tables import Table

    Floats = NDArray[np.float64]

#: Before any sheet, the shares (application, evaluator, residual) are Dirichlet with this number each: a quarter of an
#: observation, so that even three evaluators' sheets speak louder.
PRIOR = 0.25
#: Natural logarithms of (application or evaluator variance / residual variance) that are looked at.
LEAST, MOST = -8.0, 10.0
#: With more on the smaller side, the division is known well enough to be taken at its peak.
MOST_INTEGRATED = 300
#: A lattice point whose log density lies further under the best is left out.
_DROP = 9.0
#: Of the points left in, the weightiest stand for all as soon as they carry this much.
_ENOUGH = 0.999


@dataclass(frozen=True)
class Division:
    """One division of the variance: logs of its ratios to the residual, and what the sheets say under it."""

    application: float
    evaluator: float
    weight: float  # posterior, adds to 1 over all divisions
    squares: float  # generalised residual sum of squares: residual variance ~ squares / chi-squared(sheets - 1)
    mean: float  # of all applications and evaluators, from the centre
    mean_variance: float  # of that mean, in residual variances


@dataclass(frozen=True)
class _Lattice:
    """Log density and its by-products on (application x evaluator) points."""

    density: Floats
    squares: Floats
    mean: Floats
    information: Floats


class Sides:
    """The smaller side is kept, the larger eliminated: its block of the mixed-model equations is diagonal."""

    def __init__(self, seen: Observed) -> None:
        self.seen = seen
        applications, evaluators = seen.shape
        self.keeps_evaluators = evaluators <= applications
        met = seen.met
        if self.keeps_evaluators:
            self.met = turned(met)  # kept x eliminated
            self.kept, self.eliminated = seen.sheets_by, seen.sheets_of
            sums, other = seen.sums_by, seen.sums_of
        else:
            self.met = met
            self.kept, self.eliminated = seen.sheets_of, seen.sheets_by
            sums, other = seen.sums_of, seen.sums_by
        #: Right-hand sides for the totals and for the mean.
        self.right_kept = np.stack([sums, self.kept], axis=1)
        self.right_eliminated = np.stack([other, self.eliminated], axis=1)
        total = float(seen.totals.sum())
        self.met_back = turned(self.met)
        self.products = np.array([[float(seen.totals @ seen.totals), total], [total, float(seen.size)]])

    def logs(self, application: float, evaluator: float) -> tuple[float, float]:
        """(kept, eliminated)"""
        return (evaluator, application) if self.keeps_evaluators else (application, evaluator)

    def reduced(self, eliminated: float) -> tuple[Floats, Table, Floats, Floats]:
        """Diagonal of the eliminated block; the kept block without its own ratio; right sides; their products."""
        diagonal = self.eliminated + math.exp(-eliminated)
        scaled = by_column(self.met, -1 / diagonal)
        block = plus_diagonal(scaled @ self.met_back, self.kept)
        right = self.right_kept + scaled @ self.right_eliminated
        products = self.products - self.right_eliminated.T @ (self.right_eliminated / diagonal[:, None])
        return diagonal, block, right, products


def divisions(sides: Sides) -> list[Division]:
    """The divisions that carry the posterior, the weightiest first. Needs two sheets with different totals.

    Cost: with k on the smaller side and n sheets, about 60 symmetric eigenproblems of k x k; for k over
    `MOST_INTEGRATED` about 60 factorisations (sparse where few pairs share an evaluator), and one division comes back.
    """
    if len(sides.kept) > MOST_INTEGRATED:
        return [_peak(sides)]
    return _integrated(sides)


def _integrated(sides: Sides) -> list[Division]:
    rows = columns = np.linspace(LEAST, MOST, 19)
    for _ in range(5):
        found = _on_lattice(sides, rows, columns)
        near = found.density > found.density.max() - _DROP
        spread = near.any(axis=1), near.any(axis=0)
        if all(part.sum() >= 8 for part in spread):
            break
        rows, columns = _narrowed(rows, spread[0]), _narrowed(columns, spread[1])
    weights = np.where(near, np.exp(found.density - found.density.max()), 0.0)
    weights /= weights.sum()
    order = np.argsort(-weights, axis=None, kind="stable")
    order = order[: 1 + int(np.searchsorted(np.cumsum(weights.ravel()[order]), _ENOUGH))]
    weights /= weights.ravel()[order].sum()
    places = [divmod(int(place), len(columns)) for place in order]
    return [
        Division(
            float(rows[a]),
            float(columns[e]),
            float(weights[a, e]),
            float(found.squares[a, e]),
            float(found.mean[a, e]),
            1 / float(found.information[a, e]),
        )
        for a, e in places
    ]


def _narrowed(points: Floats, near: NDArray[np.bool_]) -> Floats:
    """A finer lattice over the part that matters, one old step to either side."""
    at = np.flatnonzero(near)
    first, last = max(int(at[0]) - 1, 0), min(int(at[-1]) + 1, len(points) - 1)
    return np.linspace(points[first], points[last], 15)


def _on_lattice(sides: Sides, applications: Floats, evaluators: Floats) -> _Lattice:
    """One eigenproblem per value of the eliminated side answers every value of the kept side."""
    kept, eliminated = (evaluators, applications) if sides.keeps_evaluators else (applications, evaluators)
    columns: list[tuple[Floats, Floats, Floats, Floats]] = []
    for ratio in eliminated:
        diagonal, block, right, products = sides.reduced(float(ratio))
        values, vectors = np.linalg.eigh(held(block))
        turned = vectors.T @ right
        solid = np.maximum(values, 0.0)[None, :] + np.exp(-kept)[:, None]
        left = products - np.einsum("kr,uk,ks->urs", turned, 1 / solid, turned)
        log_determinant = (
            len(diagonal) * ratio + np.log(diagonal).sum() + len(values) * kept + np.log(solid).sum(axis=1)
        )
        ones = (ratio, kept) if sides.keeps_evaluators else (kept, ratio)
        columns.append(_density(sides.seen.size, left, log_determinant, *ones))
    parts = [np.stack(part, axis=0 if sides.keeps_evaluators else 1) for part in zip(*columns, strict=True)]
    return _Lattice(*parts)


def _density(
    sheets: int, products: Floats, log_determinant: Floats, application: Floats | float, evaluator: Floats | float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Log posterior density of a division, mean and size of the variance integrated out (restricted likelihood)."""
    information = products[..., 1, 1]
    mean = products[..., 0, 1] / information
    # The totals themselves bound rounding: a sum of squares under this is a perfect fit.
    squares = np.maximum(products[..., 0, 0] - products[..., 0, 1] * mean, 1e-12)
    whole = np.logaddexp(np.logaddexp(application, evaluator), 0.0)
    prior = PRIOR * (application + evaluator - 3 * whole)
    density = -0.5 * (log_determinant + np.log(information) + (sheets - 1) * np.log(squares)) + prior
    return density, squares, mean, information


def _peak(sides: Sides) -> Division:
    """Where the density is highest."""
    seen = sides.seen

    def at(logs: Sequence[float]) -> tuple[float, float, float, float]:
        application, evaluator = (min(max(float(value), LEAST), MOST) for value in logs)
        kept, eliminated = sides.logs(application, evaluator)
        diagonal, block, right, products = sides.reduced(eliminated)
        solve, log_solid = factorised(block, math.exp(-kept))
        left = products - right.T @ solve(right)
        log_determinant = len(diagonal) * eliminated + float(np.log(diagonal).sum()) + len(right) * kept + log_solid
        parts = _density(seen.size, left, np.asarray(log_determinant), application, evaluator)
        return float(parts[0]), float(parts[1]), float(parts[2]), float(parts[3])

    simplex = np.array([[0.0, -1.0], [1.0, 0.0], [-1.0, 0.0]])

    def cost(logs: Floats) -> float:
        return -at((float(logs[0]), float(logs[1])))[0]

    found = optimize.fmin(cost, np.zeros(2), initial_simplex=simplex, xtol=2e-3, ftol=1e-5, disp=False)
    application, evaluator = (min(max(float(value), LEAST), MOST) for value in found)
    _, squares, mean, information = at((application, evaluator))
    return Division(application, evaluator, 1.0, squares, mean, 1 / information)


def factorised(block: Table, ridge: float) -> tuple[Callable[[Floats], Floats], float]:
    """(solver, log determinant) of block + ridge x identity, positive definite; sparse where that pays."""
    size = block.shape[0]
    if isinstance(block, sparse.csr_array) and block.nnz < 0.02 * size * size:
        solid = sparse.csc_array(plus_diagonal(block, np.full(size, ridge)))
        lower = splu(solid, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        return lower.solve, float(np.log(np.abs(lower.U.diagonal())).sum())
    factor = linalg.cho_factor(
        held(plus_diagonal(block, np.full(size, ridge))), lower=True, overwrite_a=True, check_finite=False
    )
    log_determinant = 2 * float(np.log(np.diagonal(factor[0])).sum())
    return (lambda right: linalg.cho_solve(factor, right, check_finite=False)), log_determinant
