"""The totals of complete sheets, each by itself: what estimates are made from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import lcm

from madang.core.problem import DECIMALS
from madang.core.scoring.model import RankingProblem


def sheet_totals(problem: RankingProblem) -> Iterator[tuple[str, str, int]]:
    """(application, evaluator, total, higher is better) of each sheet without a blank, in order.

    Exact integers: `full_total(problem)` of them are 100 points. Sheets that the rule trims are among them: a model
    needs the whole spread. Cost: sheets x criteria.
    """
    widths = [_micro(criterion.max - criterion.min) for criterion in problem.criteria]
    common = lcm(*widths)
    sign = 1 if problem.higher_is_better else -1
    worth = [
        (c.id, _micro(c.min if problem.higher_is_better else c.max), sign * c.weight_bp * (common // width))
        for c, width in zip(problem.criteria, widths, strict=True)
    ]
    for sheet in problem.sheets:
        total = 0
        for name, worst, points in worth:
            score = sheet.scores.get(name)
            if score is None:
                break
            total += (_micro(score) - worst) * points
        else:
            yield sheet.application, sheet.evaluator, total


def full_total(problem: RankingProblem) -> int:
    """What the best sheet's total is: 100 points."""
    return 10_000 * lcm(*(_micro(criterion.max - criterion.min) for criterion in problem.criteria))


def _micro(number: Decimal) -> int:
    """In millionths, exactly: problems hold at most six decimals."""
    numerator, denominator = number.as_integer_ratio()
    return int(numerator * (10**DECIMALS // denominator))
