"""Do the printed estimates follow from the sheets? Estimated anew by other means, within the stated tolerance.

Shares no code with `estimates/`: all mixed-model equations at once in a sparse LU factorisation instead of the smaller
side's block, draws by perturbing and solving instead of from a covariance, ranks and intervals counted from those
draws instead of computed. Imports SciPy inside functions only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from madang.core.reasons import Reason
from madang.core.scoring.explain_estimates import Ground, ground
from madang.core.scoring.model import RankingProblem, Uncertainty

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: The definition of the prior, as `docs/algorithms/estimates.md` states it.
_DIRICHLET = 0.25
_FROM, _TO = -8.0, 10.0
_LARGE = 300

_ESTIMATE = {"calibrated": 2, "low": 2, "high": 2, "p_top": 3, "expected_rank": 2}
_EVALUATOR = {"leniency": 2, "low": 2, "high": 2}
_VARIANCE = {"application": 4, "evaluator": 4, "residual": 4}


def verify_estimates(problem: RankingProblem, result: dict[str, Any]) -> list[Reason]:
    """What in `estimates`, `evaluators` and `variance` does not follow; empty where all of it does, within tolerance.

    The problem must be sound. Cost: some hundred sparse factorisations and some thousand solves of the whole system.
    """
    state = ground(problem) if problem.uncertainty else Ground.NOTHING
    asked = problem.uncertainty
    if asked is None or state is Ground.NOTHING:
        empty: dict[str, object] = {"estimates": [], "evaluators": [], "variance": None}
        return [
            _finding(f"/{name}", result.get(name), value) for name, value in empty.items() if result.get(name) != value
        ]
    sheets = _sheets(problem)
    shape = list(_misshapen(sheets, result, has_variance=state is not Ground.ONE_SHEET))
    if shape:
        return shape
    if state is not Ground.SPREAD:
        return list(_without_spread(problem, asked, sheets, result, state))
    return list(_with_spread(problem, asked, sheets, result))


@dataclass(frozen=True)
class _Sheets:
    applications: list[str]
    evaluators: list[str]
    lines: list[tuple[int, int, float]]  # application, evaluator, total
    bonus: list[float]


def _sheets(problem: RankingProblem) -> _Sheets:
    names = [criterion.id for criterion in problem.criteria]
    whole = [sheet for sheet in problem.sheets if all(sheet.scores.get(name) is not None for name in names)]
    applications = sorted({sheet.application for sheet in whole})
    evaluators = sorted({sheet.evaluator for sheet in whole})
    at = {name: number for number, name in enumerate(applications)}, {n: k for k, n in enumerate(evaluators)}

    def total(scores: Any) -> float:
        share = sum(
            Fraction(c.weight_bp) * (Fraction(scores[c.id]) - Fraction(c.min)) / (Fraction(c.max) - Fraction(c.min))
            for c in problem.criteria
        )
        return float(share / 100 if problem.higher_is_better else 100 - share / 100)

    lines = [(at[0][sheet.application], at[1][sheet.evaluator], total(sheet.scores)) for sheet in whole]
    bonus = [
        float(sum((Fraction(a.points) for a in problem.adjustments if a.application == name), Fraction(0)))
        for name in (applications if problem.adjustments else ())
    ]
    return _Sheets(applications, evaluators, sorted(lines), bonus or [0.0] * len(applications))


# --- form -------------------------------------------------------------------------------------------------------


def _misshapen(sheets: _Sheets, result: dict[str, Any], *, has_variance: bool) -> Iterator[Reason]:
    """Who must stand there, under which names, with so many decimals."""
    counts = [0] * len(sheets.evaluators)
    for _, evaluator, _ in sheets.lines:
        counts[evaluator] += 1
    for name, ids, digits in (
        ("estimates", sheets.applications, _ESTIMATE),
        ("evaluators", sheets.evaluators, _EVALUATOR),
    ):
        given = result.get(name)
        if not isinstance(given, list) or len(given) != len(ids):
            yield _finding(f"/{name}", given, f"[{len(ids)}]")
            continue
        for number, (line, one) in enumerate(zip(given, ids, strict=True)):
            at = f"/{name}/{number}"
            fixed = {"id": one} if name == "estimates" else {"id": one, "sheets": counts[number]}
            if not isinstance(line, dict) or line.keys() != digits.keys() | fixed.keys():
                yield _finding(at, line, one)
                continue
            for field, value in fixed.items():
                if type(line[field]) is not type(value) or line[field] != value:
                    yield _finding(f"{at}/{field}", line[field], value)
            yield from _undecimal(at, line, digits)
    variance = result.get("variance")
    if not has_variance:
        if variance is not None:
            yield _finding("/variance", variance, None)
    elif not isinstance(variance, dict) or variance.keys() != _VARIANCE.keys():
        yield _finding("/variance", variance, "application, evaluator, residual")
    else:
        yield from _undecimal("/variance", variance, _VARIANCE)


def _undecimal(at: str, line: dict[str, Any], digits: dict[str, int]) -> Iterator[Reason]:
    for field, places in digits.items():
        value = line[field]
        number = Decimal(repr(value)) if isinstance(value, float) else value
        if not isinstance(number, Decimal) or not number.is_finite() or number != round(number, places):
            yield _finding(f"{at}/{field}", value, f"{places} decimals")


# --- without a model --------------------------------------------------------------------------------------------


def _without_spread(
    problem: RankingProblem, asked: Uncertainty, sheets: _Sheets, result: dict[str, Any], state: Ground
) -> Iterator[Reason]:
    total = sheets.lines[0][2]
    for number, line in enumerate(result["estimates"]):
        own = sheets.bonus[number]
        better = sum(other > own for other in sheets.bonus)
        equal = sum(other == own for other in sheets.bonus)
        ends = (0.0, 100.0) if state is Ground.ONE_SHEET else (total, total)
        expected = {
            "calibrated": total + own,
            "low": ends[0] + own,
            "high": ends[1] + own,
            "p_top": min(max((asked.top - better) / equal, 0.0), 1.0),
            "expected_rank": 1 + better + (equal - 1) / 2,
        }
        for field, value in expected.items():
            if abs(float(line[field]) - value) > 0.51 * 10 ** -_ESTIMATE[field] + 1e-12 * abs(value):
                yield _finding(f"/estimates/{number}/{field}", line[field], value)
    for number, line in enumerate(result["evaluators"]):
        for field in _EVALUATOR:
            if line[field] != 0:
                yield _finding(f"/evaluators/{number}/{field}", line[field], 0)
    for field, value in (result["variance"] or {}).items():
        if value != 0:
            yield _finding(f"/variance/{field}", value, 0)


# --- with one ---------------------------------------------------------------------------------------------------


class _Model:
    """Mean, applications and evaluators in one symmetric system; the residual variance is 1 in it."""

    def __init__(self, sheets: _Sheets) -> None:
        import numpy as np
        from scipy import sparse

        self.n, self.a, self.e = len(sheets.lines), len(sheets.applications), len(sheets.evaluators)
        self.y = np.array([total for _, _, total in sheets.lines])
        self.level = float(np.median(self.y))
        self.y -= self.level
        rows = np.arange(self.n)
        of = np.array([application for application, _, _ in sheets.lines])
        by = np.array([evaluator for _, evaluator, _ in sheets.lines])
        columns = np.concatenate([np.zeros(self.n, int), 1 + of, 1 + self.a + by])
        self.design = sparse.csr_matrix((np.ones(3 * self.n), (np.tile(rows, 3), columns)))
        self.normal = (self.design.T @ self.design).tocsc()
        self.right = self.design.T @ self.y
        self.of = of
        self.counts = np.bincount(of)

    def solved(self, application: float, evaluator: float) -> Any:
        """(log density, squares, solver, prior precisions) at one division."""
        import numpy as np
        from scipy import sparse
        from scipy.sparse.linalg import splu

        prior = np.concatenate([[0.0], np.full(self.a, math.exp(-application)), np.full(self.e, math.exp(-evaluator))])
        solver = splu((self.normal + sparse.diags(prior)).tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0)
        squares = max(float(self.y @ self.y - self.right @ solver.solve(self.right)), 1e-12)
        determinant = float(np.log(np.abs(solver.U.diagonal())).sum()) + self.a * application + self.e * evaluator
        shares = [application, evaluator, 0.0]
        top = max(shares)
        whole = top + math.log(sum(math.exp(share - top) for share in shares))
        prior_density = _DIRICHLET * sum(share - whole for share in shares)
        density = prior_density - 0.5 * determinant - 0.5 * (self.n - 1) * math.log(squares)
        return density, squares, solver, prior


def _nodes(model: _Model) -> list[tuple[float, float, float]]:
    """(weight, log application ratio, log evaluator ratio)"""
    import numpy as np
    from scipy import optimize

    if min(model.a, model.e) > _LARGE:

        def cost(logs: Floats) -> float:
            return -float(model.solved(*np.clip(logs, _FROM, _TO))[0])

        peak = optimize.fmin(cost, np.array([1.0, 0.5]), xtol=0.003, disp=False)
        application, evaluator = (float(value) for value in np.clip(peak, _FROM, _TO))
        return [(1.0, application, evaluator)]
    first = second = np.linspace(_FROM, _TO, 19)
    for _ in range(4):
        table = np.array([[model.solved(a, e)[0] for e in second] for a in first])
        table -= table.max()
        inside = table > -8.5
        tall, wide = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        if len(tall) >= 7 and len(wide) >= 7:
            break
        step = first[1] - first[0], second[1] - second[0]
        first = np.linspace(max(first[tall[0]] - step[0], _FROM), min(first[tall[-1]] + step[0], _TO), 14)
        second = np.linspace(max(second[wide[0]] - step[1], _FROM), min(second[wide[-1]] + step[1], _TO), 14)
    weights = np.exp(table) * inside
    weights /= weights.sum()
    return [
        (float(weights[i, j]), float(first[i]), float(second[j]))
        for i in range(len(first))
        for j in range(len(second))
        if weights[i, j] > 1e-5
    ]


@dataclass
class _Own:
    """This checker's own estimates."""

    targets: Floats  # posterior means
    leniencies: Floats
    variance: Floats
    target_draws: Floats  # draws x applications
    leniency_draws: Floats


def _estimated(problem: RankingProblem, asked: Uncertainty, sheets: _Sheets) -> _Own:
    import numpy as np

    model = _Model(sheets)
    nodes = _nodes(model)
    draws = 10_000 if model.a + model.e <= 400 else 3_000
    chance = np.random.default_rng([problem.seed, 7])
    numbers = np.diff(np.floor(np.cumsum([0.0, *(node[0] for node in nodes)]) * draws + 1e-6)).astype(int)
    part = 0.0 if asked.panel is None else 1 / asked.panel

    def read(x: Floats) -> tuple[Floats, Floats]:
        """Targets and leniencies from draws x unknowns."""
        evaluators = x[:, 1 + model.a :]
        middle = evaluators.mean(axis=1, keepdims=True)
        targets = x[:, :1] + x[:, 1 : 1 + model.a] + middle
        if part:
            rest = model.y - (model.design @ x.T).T
            by_application = np.zeros((len(x), model.a))
            np.add.at(by_application.T, model.of, rest.T)
            targets = targets + part * by_application
        return targets, evaluators - middle

    own = [np.zeros(model.a), np.zeros(model.e), np.zeros(3)]
    whole = 0.0  # mean logarithm of the whole variance
    drawn: list[tuple[Floats, Floats]] = []
    for (weight, application, evaluator), number in zip(nodes, numbers, strict=True):
        _, squares, solver, prior = model.solved(application, evaluator)
        best = solver.solve(model.right)
        for total, value in zip(own, (*(part[0] for part in read(best[None])),), strict=False):
            total += weight * value
        ratios = np.exp([application, evaluator, 0.0])
        own[2] += weight * ratios / ratios.sum()
        whole += weight * math.log(squares / (model.n - 1) * ratios.sum())
        for start in range(0, number, 500):
            size = min(500, number - start)
            noise = model.design.T @ chance.standard_normal((model.n, size))
            noise += np.sqrt(prior)[:, None] * chance.standard_normal((len(prior), size))
            sigma = np.sqrt(squares / chance.chisquare(model.n - 1, size))[:, None]
            targets, leniencies = read(best + sigma * solver.solve(noise).T)
            unseen = sigma * np.sqrt(np.maximum(part * (1 - part * model.counts), 0.0))
            drawn.append((targets + unseen * chance.standard_normal(targets.shape), leniencies))
    return _Own(
        own[0] + model.level,
        own[1],
        own[2] * math.exp(whole),
        np.concatenate([pair[0] for pair in drawn]) + model.level,
        np.concatenate([pair[1] for pair in drawn]),
    )


def _with_spread(
    problem: RankingProblem, asked: Uncertainty, sheets: _Sheets, result: dict[str, Any]
) -> Iterator[Reason]:
    import numpy as np

    own = _estimated(problem, asked, sheets)
    bonus = np.array(sheets.bonus)
    draws, count = own.target_draws.shape
    lines = result["estimates"]
    yield from _points("estimates", "calibrated", lines, own.targets, own.target_draws, bonus, (0.0, 100.0))
    middle = np.zeros(len(sheets.evaluators))
    whole = (-100.0, 100.0)
    yield from _points(
        "evaluators", "leniency", result["evaluators"], own.leniencies, own.leniency_draws, middle, whole
    )

    ranked = own.target_draws + np.array(_felt(sheets.bonus))
    # Equal to a ten-thousandth of a point is equal: such a pair takes each order as often.
    ranked = ranked + 1e-4 * np.random.default_rng(problem.seed + 1).standard_normal(ranked.shape)
    ranks = 1.0 + np.argsort(np.argsort(-ranked, axis=1), axis=1)
    chances, means, spreads = (ranks <= asked.top).mean(axis=0), ranks.mean(axis=0), ranks.std(axis=0)
    for number, line in enumerate(lines):
        given = float(line["p_top"])
        likely = min(max((given + chances[number]) / 2, 0.01), 0.99)
        allowed = 0.01 + 5 * math.sqrt(likely * (1 - likely) * (1 / draws + 1 / asked.draws))
        if abs(given - chances[number]) > allowed or not 0 <= given <= 1:
            yield _finding(f"/estimates/{number}/p_top", line["p_top"], round(float(chances[number]), 3))
        allowed = 0.02 + 0.003 * count + 5 * spreads[number] / math.sqrt(draws)
        if abs(float(line["expected_rank"]) - means[number]) > allowed:
            yield _finding(f"/estimates/{number}/expected_rank", line["expected_rank"], round(float(means[number]), 2))
    # Whatever the draws: so many places are above the line, and ranks add up.
    places, sums = sum(float(line["p_top"]) for line in lines), sum(float(line["expected_rank"]) for line in lines)
    if abs(places - min(asked.top, count)) > 0.0005 * count + 1e-6:
        yield _finding("/estimates", f"{places:.3f}", min(asked.top, count))
    if abs(sums - count * (count + 1) / 2) > 0.005 * count + 1e-4 * count:
        yield _finding("/estimates", f"{sums:.2f}", count * (count + 1) // 2)
    for field, value in zip(_VARIANCE, own.variance, strict=True):
        if abs(float(result["variance"][field]) - value) > 0.0005 + 0.05 * value:
            yield _finding(f"/variance/{field}", result["variance"][field], round(float(value), 4))


def _points(
    name: str, field: str, lines: Sequence[Any], means: Floats, drawn: Floats, bonus: Floats, scale: tuple[float, float]
) -> Iterator[Reason]:
    """The value by its size; the ends by how many draws lie beyond them (so any tail is judged alike)."""
    import numpy as np

    slack = 0.004 + 5 * math.sqrt(0.025 * 0.975 / len(drawn))
    clipped = np.clip(means, *scale) + bonus
    cut = np.clip(drawn, *scale) + bonus
    for number, line in enumerate(lines):
        width = float(line["high"]) - float(line["low"])
        # Doubles of millions hold no hundredths of a millionth: the last digits of large adjustments are not judged.
        fine = 1e-12 * abs(float(bonus[number]))
        if abs(float(line[field]) - clipped[number]) > 0.011 + 0.02 * abs(width) + fine:
            yield _finding(f"/{name}/{number}/{field}", line[field], round(float(clipped[number]), 2))
        for end, sign in (("low", 1), ("high", -1)):
            beyond = sign * (float(line[end]) - cut[:, number])
            hair = 0.006 + fine
            if (beyond > hair).mean() > 0.025 + slack or (beyond > -hair).mean() < 0.025 - slack:
                quantile = float(np.quantile(cut[:, number], 0.025 if sign > 0 else 0.975))
                yield _finding(f"/{name}/{number}/{end}", line[end], round(quantile, 2))


def _felt(bonus: Sequence[float]) -> list[float]:
    """Larger gaps than 1000 points decide a rank as surely as 1000."""
    order = sorted(set(bonus))
    felt = {order[0]: 0.0}
    for before, after in pairwise(order):
        felt[after] = felt[before] + min(after - before, 1000.0)
    return [felt[value] for value in bonus]


def _finding(at: str, given: object, expected: object) -> Reason:
    def brief(value: object) -> str | int | bool | None:
        if isinstance(value, list | dict):
            return f"[{len(value)}]" if isinstance(value, list) else f"{{{len(value)}}}"
        return value if isinstance(value, str | int | bool) or value is None else str(value)

    return Reason("does_not_follow", {"at": at, "given": brief(given), "expected": brief(expected)})
