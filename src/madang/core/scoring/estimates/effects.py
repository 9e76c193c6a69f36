"""Under one division of the variance: what the sheets say of every application and evaluator (mixed-model equations).

What is estimated of an application is what it would get from all of this call's evaluators: its effect plus the mean
of theirs. With a finite `panel`, the residuals of the sheets at hand count in it too, by their share of such a panel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from madang.core.scoring.estimates.division import Division, Sides
from madang.core.scoring.estimates.tables import by_column, by_row, held, plus_diagonal, row_products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from madang.core.scoring.estimates.tables import Table

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effects:
    """Means in points, variances in residual variances; `squares / chi-squared(sheets - 1)` is the residual variance.

    `targets = mean + rows @ x + noise` with x of covariance `kept` and independent noise. What all targets share is
    left out of `rows`, `mixed` and `own`: no rank depends on it. It is in `target_variances`.
    """

    targets: Floats  # per application, from the centre
    target_variances: Floats
    leniencies: Floats  # per evaluator, from the mean of the call's evaluators
    leniency_variances: Floats
    kept: Floats  # covariance of the kept effects, the mean integrated out
    rows: Table  # what a kept effect counts in each target
    shift: Floats  # what the mean counts in each target
    mean_variance: float
    mixed: Table | None  # covariance that the eliminated effects give the targets, where not diagonal
    own: Floats  # independent variance of each target

    def covariance(self) -> Floats:
        """Of the targets, up to what they all share."""
        found = self.rows @ (self.rows @ self.kept).T
        found += np.outer(self.shift * self.mean_variance, self.shift)
        if self.mixed is not None:
            found += held(self.mixed)
        found[np.diag_indices_from(found)] += self.own
        return np.asarray(found)


def effects(sides: Sides, division: Division, panel: int | None) -> Effects:
    """Cost: k^3 for k on the smaller side, and n k for n sheets."""
    seen = sides.seen
    kept_log, eliminated_log = sides.logs(division.application, division.evaluator)
    diagonal, block, right, _ = sides.reduced(eliminated_log)
    solid = held(block)
    solid[np.diag_indices_from(solid)] += math.exp(-kept_log)
    covariance = linalg.inv(solid, overwrite_a=True, check_finite=False, assume_a="pos")
    # Kept and eliminated effects, once for the totals and once per point of the mean.
    kept = covariance @ right
    other = (sides.right_eliminated - sides.met_back @ kept) / diagonal[:, None]
    both = [part[:, 0] - division.mean * part[:, 1] for part in (kept, other)]
    per_mean = [-kept[:, 1], -other[:, 1]]
    if sides.keeps_evaluators:
        (evaluators, applications), (by_mean, of_mean) = both, per_mean
    else:
        (applications, evaluators), (of_mean, by_mean) = both, per_mean

    part = 0.0 if panel is None else 1 / panel
    rest = 1 - part * seen.sheets_of  # what of a full panel is not yet seen
    met = seen.met
    targets = rest * (division.mean + applications) + part * (seen.sums_of - met @ evaluators)
    shift = rest * (1 + of_mean) - part * (met @ by_mean)
    mixed: Table | None = None
    if sides.keeps_evaluators:
        rows = by_row(met, -(part + rest / diagonal))
        own = rest**2 / diagonal + part * rest
        mean_row = np.full(len(kept), 1 / len(kept))
        mean_own, mean_with = 0.0, np.zeros(len(targets))
    else:
        through = by_column(met, 1 / diagonal)
        shared = through @ sides.met_back
        mixed = part**2 * shared if part else None
        rows = plus_diagonal(part * shared, rest)
        own = part * rest
        count = len(diagonal)
        mean_row = -(through @ np.ones(count)) / count
        mean_own = float((1 / diagonal).sum()) / count**2
        mean_with = -part * (through @ np.ones(count)) / count

    spread = rows @ covariance
    variances = row_products(rows, spread) + own + 2 * (spread @ mean_row)
    variances += float(mean_row @ covariance @ mean_row) + mean_own + 2 * mean_with
    if mixed is not None:
        variances += mixed.diagonal()
    level = float(by_mean.mean())
    variances += (shift + level) ** 2 * division.mean_variance
    return Effects(
        targets=targets + evaluators.mean(),
        target_variances=np.maximum(variances, 0.0),
        leniencies=evaluators - evaluators.mean(),
        leniency_variances=_of_evaluators(sides, covariance, diagonal, by_mean, division.mean_variance),
        kept=covariance,
        rows=rows,
        shift=shift,
        mean_variance=division.mean_variance,
        mixed=mixed,
        own=own,
    )


def _of_evaluators(sides: Sides, covariance: Floats, diagonal: Floats, by_mean: Floats, mean_variance: float) -> Floats:
    """Variance of each evaluator's effect less the mean effect of all evaluators."""
    count = len(by_mean)
    if sides.keeps_evaluators:
        variance, with_mean = np.diagonal(covariance), covariance.mean(axis=1)
    else:
        through = by_row(sides.met_back, 1 / diagonal)  # evaluators x applications
        spread = through @ covariance
        variance = 1 / diagonal + row_products(through, spread)
        with_mean = 1 / diagonal / count + spread @ (through.T @ np.full(count, 1 / count))
    centred = by_mean - by_mean.mean()
    found = variance - 2 * with_mean + with_mean.mean() + centred**2 * mean_variance
    return np.asarray(np.maximum(found, 0.0))
