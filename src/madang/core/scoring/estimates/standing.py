"""Intervals, expected ranks and the probability of a place above the line, over all divisions of the variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, special

from madang.core.scoring.estimates.division import Division
from madang.core.scoring.estimates.effects import Effects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: What lies outside an interval on either side: 95 % lie within.
TAIL = 0.025
#: Two targets nearer than this (points of 0..100) are taken for equal: arithmetic itself is not finer.
_EQUAL = 1e-4
#: Applications^2 x divisions that are compared; of more divisions evenly spaced ones stand for all.
_MOST_PAIRS = 40_000_000
#: Numbers drawn at a time.
_CHUNK = 4_000_000


def student(values: Floats, freedom: int) -> Floats:
    """Distribution function of Student's t; from 30 degrees on by a normal one, right to five decimals (Wallace)."""
    if freedom < 30:
        return np.asarray(special.stdtr(freedom, values))
    return np.asarray(special.ndtr(values * (1 - 1 / (4 * freedom)) / np.sqrt(1 + values**2 / (2 * freedom))))


def intervals(weights: Floats, means: Floats, scales: Floats, freedom: int) -> tuple[Floats, Floats]:
    """Ends between which 95 % lie, 2.5 % on either side, of mixtures of Student distributions.

    `means` and `scales` are divisions x things, `weights` one per division. By bisection to a millionth of the width.
    """
    reach = -float(special.stdtrit(freedom, TAIL))
    first, last = (means - reach * scales).min(axis=0), (means + reach * scales).max(axis=0)
    width = np.maximum(scales, 1e-12)

    def quantile(probability: float) -> Floats:
        low, high = first.copy(), last.copy()
        for _ in range(30):
            middle = (low + high) / 2
            under = weights @ student((middle - means) / width, freedom) < probability
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)

    return quantile(TAIL), quantile(1 - TAIL)


def expected_ranks(found: Sequence[Effects], divided: Sequence[Division], freedom: int, bonus: Floats) -> Floats:
    """1 + the sum over the others of the probability that they are better: exact for each pair, nothing is drawn."""
    count = len(bonus)
    weights = np.array([division.weight for division in divided])
    taken = np.arange(len(divided))
    if len(divided) * count**2 > _MOST_PAIRS:
        fewer = max(1, _MOST_PAIRS // count**2)
        taken = np.searchsorted(np.cumsum(weights), (np.arange(fewer) + 0.5) / fewer).clip(0, len(divided) - 1)
        weights = np.full(len(divided), 1 / fewer)
    ranks = np.ones(count)
    for place in map(int, taken):
        one, unit = found[place], divided[place].squares / freedom
        covariance = one.covariance()
        variances = np.diagonal(covariance).copy()
        targets = one.targets + bonus
        for start in range(0, count, 500):
            rows = slice(start, start + 500)
            variance = variances[rows, None] + variances[None, :] - 2 * covariance[rows]
            scale = np.sqrt(np.maximum(variance, 0.0) * unit + _EQUAL**2)
            better = student((targets[None, :] - targets[rows, None]) / scale, freedom)
            ranks[rows] += weights[place] * (better.sum(axis=1) - 0.5)  # a half for itself
    return ranks


def above_the_line(
    found: Sequence[Effects],
    divided: Sequence[Division],
    freedom: int,
    bonus: Floats,
    top: int,
    draws: int,
    seed: int,
) -> Floats:
    """The share of draws from the joint posterior in which each is among the first `top`.

    Draws come in mirrored pairs, as many per division as its weight says. Cost: draws x applications x the smaller
    side. Deterministic for a seed up to the last bits of floating point.
    """
    count = len(bonus)
    if top >= count:
        return np.ones(count)
    chance = np.random.Generator(np.random.Philox(seed))
    hits = np.zeros(count)
    for one, division, number in zip(found, divided, _shares(divided, draws), strict=True):
        if not number:
            continue
        middle = (one.targets - one.targets.mean() + bonus).astype(np.float32)
        factor, own = _factor(one)
        for start in range(0, number, step := 2 * max(1, _CHUNK // (2 * count))):
            size = min(step, number - start)
            half = (size + 1) // 2
            spread = np.sqrt(division.squares / chance.chisquare(freedom, half)).astype(np.float32)
            moved = factor @ chance.standard_normal((factor.shape[1], half), dtype=np.float32)
            if own is not None:
                moved += own[:, None] * chance.standard_normal((count, half), dtype=np.float32)
            moved *= spread
            moved += np.float32(_EQUAL) * chance.standard_normal((count, half), dtype=np.float32)
            moved = np.ascontiguousarray(moved.T)
            hits += _hits(middle + moved, top)
            hits += _hits(middle - moved[: size - half], top)
    return hits / draws


def _hits(drawn: NDArray[np.float32], top: int) -> Floats:
    """How often each column is among the `top` largest of its row."""
    line = drawn.shape[1] - top
    lowest = np.partition(drawn, line, axis=1)[:, line]
    return np.asarray((drawn >= lowest[:, None]).sum(axis=0), dtype=np.float64)


def _factor(one: Effects) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """F and d with covariance of the targets = F F' + diag(d squared)."""
    if one.rows.shape[1] < one.rows.shape[0]:
        shift = one.shift[:, None] * np.sqrt(one.mean_variance)
        solid = np.hstack([one.rows @ _root(one.kept), shift])
        return solid.astype(np.float32), np.sqrt(np.maximum(one.own, 0.0)).astype(np.float32)
    return _root(one.covariance()).astype(np.float32), None


def _root(covariance: Floats) -> Floats:
    """Lower Cholesky factor; a hair is added to the diagonal, for a panel that saw everything leaves no variance."""
    solid = covariance.copy()
    solid[np.diag_indices_from(solid)] += 1e-9 * max(float(np.diagonal(solid).max()), 1e-9)
    return np.asarray(linalg.cholesky(solid, lower=True, overwrite_a=True, check_finite=False))


def _shares(divided: Sequence[Division], draws: int) -> list[int]:
    """Draws per division by largest remainder; equal remainders go to the weightier division."""
    wanted = [division.weight * draws for division in divided]
    given = [int(share) for share in wanted]
    order = sorted(range(len(divided)), key=lambda place: (given[place] - wanted[place], place))
    for place in order[: draws - sum(given)]:
        given[place] += 1
    return given
