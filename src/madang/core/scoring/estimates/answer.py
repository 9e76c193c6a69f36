"""The estimates of a ranking problem as the result prints them, rounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from madang.core.scoring.estimates.division import Sides, divisions
from madang.core.scoring.estimates.effects import effects
from madang.core.scoring.estimates.observed import Observed
from madang.core.scoring.estimates.standing import above_the_line, expected_ranks, intervals
from madang.core.scoring.explain_estimates import Ground, ground
from madang.core.scoring.model import RankingProblem, Uncertainty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Decimals of what is printed.
POINTS, PROBABILITY, RANK, VARIANCE = 2, 3, 2, 4


@dataclass(frozen=True)
class Expected:
    """What the model expects of sheets that it has not seen."""

    applications: dict[str, float]
    leniencies: dict[str, float]
    average: float

    def total(self, application: str, evaluator: str) -> float:
        """Total of 0..100 that this evaluator would give; whoever is not known counts as average."""
        return self.applications.get(application, self.average) + self.leniencies.get(evaluator, 0.0)


def estimates(problem: RankingProblem) -> dict[str, Any]:
    """`estimates`, `evaluators` and `variance` of the result; empty and null where nothing can be estimated.

    The problem must be sound and ask for `uncertainty`. Cost: see `docs/algorithms/estimates.md`.
    """
    asked = problem.uncertainty
    state = ground(problem)
    if asked is None or state is Ground.NOTHING:
        return {"estimates": [], "evaluators": [], "variance": None}
    seen = Observed.of_problem(problem)
    bonus = _bonus(problem, seen)
    if state is not Ground.SPREAD:
        return _without_spread(seen, asked.top, bonus, known=state is Ground.NO_SPREAD)
    return _with_spread(seen, asked, bonus, problem.seed)


def predict(sheets: Sequence[tuple[str, str, float]]) -> Expected:
    """What the model expects after these sheets (application, evaluator, total of 0..100), at least two totals.

    For measuring the model on sheets that were left out.
    """
    seen = Observed.of_totals(sheets)
    sides = Sides(seen)
    divided = divisions(sides)
    targets, leniencies = np.zeros(seen.shape[0]), np.zeros(seen.shape[1])
    for division in divided:
        one = effects(sides, division, None)
        targets += division.weight * (one.targets + seen.centre)
        leniencies += division.weight * one.leniencies
    return Expected(
        dict(zip(seen.applications, map(float, targets), strict=True)),
        dict(zip(seen.evaluators, map(float, leniencies), strict=True)),
        float(targets.mean()),
    )


def _bonus(problem: RankingProblem, seen: Observed) -> Floats:
    points = dict.fromkeys(seen.applications, Fraction(0))
    for entry in problem.adjustments:
        if entry.application in points:
            points[entry.application] += Fraction(entry.points)
    return np.array([float(value) for value in points.values()])


def _for_ranks(bonus: Floats) -> Floats:
    """Adjustments as far as ranks feel them: a gap of over 1000 points decides, however large, and stays small."""
    values, back = np.unique(bonus, return_inverse=True)
    gaps = np.minimum(np.diff(values, prepend=values[0]), 1000.0)
    return np.asarray(np.cumsum(gaps)[back])


def _with_spread(seen: Observed, asked: Uncertainty, bonus: Floats, seed: int) -> dict[str, Any]:
    sides = Sides(seen)
    divided = divisions(sides)
    freedom = seen.size - 1
    found = [effects(sides, division, asked.panel) for division in divided]
    weights = np.array([division.weight for division in divided])
    units = np.array([division.squares / freedom for division in divided])

    means = np.array([one.targets for one in found]) + seen.centre
    scales = np.sqrt(np.array([one.target_variances for one in found]) * units[:, None])
    lows, highs = intervals(weights, means, scales, freedom)
    lenient = np.array([one.leniencies for one in found])
    scales = np.sqrt(np.array([one.leniency_variances for one in found]) * units[:, None])
    lenient_lows, lenient_highs = intervals(weights, lenient, scales, freedom)

    felt = _for_ranks(bonus)
    ratios = np.exp([(division.application, division.evaluator, 0.0) for division in divided])
    sums = ratios.sum(axis=1)
    # The size of a variance is uncertain by factors: the mean of its logarithm stays sane with four sheets.
    whole = np.exp(weights @ np.log(sums * units))
    application, evaluator, residual = (float(part) for part in whole * (weights @ (ratios / sums[:, None])))
    return {
        "estimates": _applications(
            seen,
            (weights @ means, lows, highs),
            bonus,
            above_the_line(found, divided, freedom, felt, asked.top, asked.draws, seed),
            expected_ranks(found, divided, freedom, felt),
        ),
        "evaluators": _evaluators(seen, weights @ lenient, lenient_lows, lenient_highs),
        "variance": {
            "application": _rounded(application, VARIANCE),
            "evaluator": _rounded(evaluator, VARIANCE),
            "residual": _rounded(residual, VARIANCE),
        },
    }


def _without_spread(seen: Observed, top: int, bonus: Floats, *, known: bool) -> dict[str, Any]:
    """All totals equal (`known`), or one sheet alone: only adjustments separate anybody."""
    count, nobody = len(bonus), np.zeros(seen.shape[1])
    value = np.full(count, seen.centre)
    ends = (value, value) if known else (np.zeros(count), np.full(count, 100.0))
    above = np.array([float((bonus > mine).sum()) for mine in bonus])
    equal = np.array([float((bonus == mine).sum()) for mine in bonus])
    chances = np.clip((top - above) / equal, 0.0, 1.0)
    none = {"application": 0.0, "evaluator": 0.0, "residual": 0.0}
    return {
        "estimates": _applications(seen, (value, *ends), bonus, chances, 1 + above + (equal - 1) / 2),
        "evaluators": _evaluators(seen, nobody, nobody, nobody),
        "variance": none if known else None,
    }


def _applications(
    seen: Observed, values: tuple[Floats, Floats, Floats], bonus: Floats, chances: Floats, ranks: Floats
) -> list[dict[str, Any]]:
    """Points are cut to the scale of a score: 0..100, moved by the adjustments."""
    calibrated, lows, highs = (np.clip(value, 0.0, 100.0) + bonus for value in values)
    return [
        {
            "id": name,
            "calibrated": _rounded(calibrated[place], POINTS),
            "low": _rounded(lows[place], POINTS),
            "high": _rounded(highs[place], POINTS),
            "p_top": _rounded(chances[place], PROBABILITY),
            "expected_rank": _rounded(ranks[place], RANK),
        }
        for place, name in enumerate(seen.applications)
    ]


def _evaluators(seen: Observed, leniencies: Floats, lows: Floats, highs: Floats) -> list[dict[str, Any]]:
    # Between the best and the worst total lie 100 points: nobody is further from the others.
    lows, highs = np.maximum(lows, -100.0), np.minimum(highs, 100.0)
    return [
        {
            "id": name,
            "leniency": _rounded(leniencies[place], POINTS),
            "low": _rounded(lows[place], POINTS),
            "high": _rounded(highs[place], POINTS),
            "sheets": int(seen.sheets_by[place]),
        }
        for place, name in enumerate(seen.evaluators)
    ]


def _rounded(value: float, decimals: int) -> float:
    """A plain float without a minus before nought."""
    return round(float(value), decimals) + 0.0
