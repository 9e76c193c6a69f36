"""From score sheets to scores and ranks, exactly and in integers.

Three layers, so that a call with several stages can use them without JSON: `aggregate` (sheets -> one mean per
application), `rank` (scores -> places), `solve_ranking` (problem -> result).

Model, guarantees and a worked example: `docs/algorithms/ranking.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from madang import __version__
from madang.core.problem import DECIMALS, Status, decimal_text, frame
from madang.core.scoring.explain import explain_applications, explain_ranking
from madang.core.scoring.explain_estimates import explain_estimates
from madang.core.scoring.model import (
    FEWEST_TO_TRIM,
    LOT,
    Criterion,
    RankingProblem,
    Sheet,
    Trim,
    applications_of,
    require_sound,
)

ENGINE = f"own {__version__}"
_MICRO = 10**DECIMALS


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What the sheets of one application come to."""

    application: str
    mean: Fraction | None  # 0..100, higher is better; None where no complete sheet exists
    shares: Mapping[str, Fraction]  # per criterion 0..1 over the kept scores, higher is better: for ties
    means: Mapping[str, Fraction]  # the same on the criterion's own scale: for people
    dropped: tuple[int, ...]  # under trim total: the sheet of the highest total, then of the lowest
    dropped_by_criterion: Mapping[str, tuple[int, ...]]  # under trim criterion, in the same way
    skipped: tuple[int, ...]  # incomplete sheets
    sheets: int  # complete sheets, the dropped ones among them
    trimmed: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One application's place. `tied_with`: the others that no published rule separates from it."""

    application: str
    rank: int
    tied_with: tuple[str, ...] = ()


# --- from sheets to means ---------------------------------------------------------------------------------------


def aggregate(
    *,
    criteria: Sequence[Criterion],
    sheets: Sequence[Sheet],
    higher_is_better: bool,
    trim: Trim,
    min_sheets_to_trim: int | None = None,
) -> dict[str, Aggregate]:
    """The exact mean of each application that has a sheet, in order of first appearance.

    A criterion counts (score - min) / (max - min), turned round where lower is better; the weighted sum lies in
    0..100. Of equal totals (or equal scores of a criterion, under trim "criterion") the highest is the one whose
    counted criterion scores, read in criteria order, are largest, the lowest the one whose are smallest; sheets
    still equal are interchangeable, and the first in the list is named. So neither the order of the sheets nor the
    names of evaluators matter.

    Sheets that leave a criterion blank are skipped. The criteria and scores must be sound (`require_sound`).
    Numbers in the answer count the given sheets from 0. Cost: sheets x criteria, plus sorting nothing.
    """
    scale = _Scale(criteria, higher_is_better)
    lines: dict[str, list[tuple[int, ...]]] = {}
    skipped: dict[str, list[int]] = {}
    for number, sheet in enumerate(sheets):
        kept = lines.setdefault(sheet.application, [])
        line = scale.line(number, sheet.scores)
        if line is None:
            skipped.setdefault(sheet.application, []).append(number)
        else:
            kept.append(line)
    fewest = max(min_sheets_to_trim or 0, FEWEST_TO_TRIM)
    return {
        application: _aggregate_one(
            application, scale, kept, trim if len(kept) >= fewest else "none", tuple(skipped.get(application, ()))
        )
        for application, kept in lines.items()
    }


class _Scale:
    """The criteria over one common denominator, so that sheets are added and compared as integers.

    A line is `(total, points of each criterion ..., -number)`: its order is the order of sheets under trimming.
    Points run from 0 at the worst end of a scale to `common` at its best; a total of `full` is 100.
    """

    def __init__(self, criteria: Sequence[Criterion], higher_is_better: bool) -> None:
        self.criteria = tuple(criteria)
        self.higher_is_better = higher_is_better
        lows = [_micro(criterion.min) for criterion in criteria]
        highs = [_micro(criterion.max) for criterion in criteria]
        widths = [high - low for low, high in zip(lows, highs, strict=True)]
        common = lcm(*widths)
        #: the worst end of each scale, and the (signed) points of one millionth of a score
        self.worst = lows if higher_is_better else highs
        sign = 1 if higher_is_better else -1
        self.steps = [sign * (common // width) for width in widths]
        self.weights = [criterion.weight_bp for criterion in criteria]
        self.common = common
        self.full = 10_000 * common
        self._reader = tuple(
            (criterion.id, worst, step) for criterion, worst, step in zip(criteria, self.worst, self.steps, strict=True)
        )

    def line(self, number: int, scores: Mapping[str, Decimal | None]) -> tuple[int, ...] | None:
        """One sheet as comparable integers; None if a criterion is blank."""
        points = []
        for name, worst, step in self._reader:
            score = scores.get(name)
            if score is None:
                return None
            points.append((_micro(score) - worst) * step)
        total = sum(map(int.__mul__, points, self.weights))
        return (total, *points, -number)

    def mean_on_scale(self, place: int, points: int, kept: int) -> Fraction:
        """The mean score of the criterion in that place, from the sum of its points over so many sheets."""
        return Fraction(self.worst[place] * kept + points // self.steps[place], kept * _MICRO)


def _micro(number: Decimal) -> int:
    """A score in millionths, exactly: problems hold at most six decimals."""
    numerator, denominator = number.as_integer_ratio()
    micro: int = numerator * (_MICRO // denominator)
    return micro


def _aggregate_one(
    application: str, scale: _Scale, lines: list[tuple[int, ...]], trim: Trim, skipped: tuple[int, ...]
) -> Aggregate:
    dropped: tuple[int, ...] = ()
    by_criterion: dict[str, tuple[int, ...]] = {}
    places = range(len(scale.criteria))
    sums = [sum(line[place + 1] for line in lines) for place in places]
    kept = len(lines)
    if trim == "total":
        ends = _ends(lines)
        dropped = tuple(-line[-1] for line in ends)
        sums = [sums[place] - sum(line[place + 1] for line in ends) for place in places]
        kept -= len(ends)
    elif trim == "criterion":
        for place in places:
            ends = _ends([(line[place + 1], *line[1:]) for line in lines])
            by_criterion[scale.criteria[place].id] = tuple(-line[-1] for line in ends)
            sums[place] -= sum(line[0] for line in ends)
        kept -= 2
    weighted = sum(map(int.__mul__, sums, scale.weights))
    named = {criterion.id: place for place, criterion in enumerate(scale.criteria)} if kept else {}
    return Aggregate(
        application=application,
        mean=Fraction(100 * weighted, kept * scale.full) if kept else None,
        shares={name: Fraction(sums[place], kept * scale.common) for name, place in named.items()},
        means={name: scale.mean_on_scale(place, sums[place], kept) for name, place in named.items()},
        dropped=dropped,
        dropped_by_criterion=by_criterion,
        skipped=skipped,
        sheets=len(lines),
        trimmed=trim != "none",
    )


def _ends(lines: list[tuple[int, ...]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The highest line, then the lowest of the rest; of interchangeable ones the first in the list of sheets."""
    highest = max(lines)
    # The last entry is the sheet's number, negated: for the lowest it must not speak against the first.
    lowest = min((line for line in lines if line[-1] != highest[-1]), key=lambda line: (line[:-1], -line[-1]))
    return highest, lowest


# --- from scores to places --------------------------------------------------------------------------------------


def round_half_up(value: Fraction, decimals: int) -> Fraction:
    """Rounded to so many decimals, a half away from zero: `Fraction(1, 8), 2` -> `Fraction(13, 100)`."""
    unit = 10**decimals
    doubled = 2 * abs(value.numerator) * unit + value.denominator
    rounded = Fraction(doubled // (2 * value.denominator), unit)
    return -rounded if value < 0 else rounded


def rank(
    *,
    scores: Mapping[str, Fraction],
    tie_rules: Sequence[str] = (),
    tie_values: Mapping[str, Mapping[str, Fraction]] | None = None,
    lot_order: Sequence[str] = (),
    passed: AbstractSet[str] | None = None,
) -> list[Place]:
    """The ranking: those who passed before those who did not, then by score, then by the tie rules in order.

    `scores` are what ranks compare (round them before); `tie_rules` name values in `tie_values[application]`, larger
    is better, and may end in "lot". A lot settles a tie only where the lot order holds every tied application. Who is
    still equal shares the rank, the next rank counts them all (1, 1, 3), and `tied_with` names the others: never is a
    tie settled by id or input order. `passed` None: all passed.

    The list is in the order of the ranking, equals by id (a matter of listing only). Works for any scores, combined
    ones of several stages too. Cost: n log n.
    """
    lot = {application: place for place, application in enumerate(lot_order)} if LOT in tie_rules else {}
    values = [name for name in tie_rules if name != LOT]
    places: list[Place] = []
    known = tie_values or {}

    def tie_key(application: str) -> tuple[Fraction, ...]:
        return tuple(known[application][name] for name in values)

    for group in _groups(scores, lambda app: (passed is None or app in passed, scores[app])):
        for equals in _groups(group, tie_key) if len(group) > 1 else [group]:
            places += _places(equals, len(places) + 1, lot)
    return places


def _groups(applications: Iterable[str], key: Any) -> list[list[str]]:
    """Applications with equal keys together, the largest key first."""
    groups: dict[Any, list[str]] = {}
    for application in applications:
        groups.setdefault(key(application), []).append(application)
    return [groups[value] for value in sorted(groups, reverse=True)]


def _places(equals: list[str], first: int, lot: Mapping[str, int]) -> list[Place]:
    if len(equals) > 1 and all(application in lot for application in equals):
        drawn = sorted(equals, key=lot.__getitem__)
        return [Place(application, first + step) for step, application in enumerate(drawn)]
    listed = sorted(equals)
    return [
        Place(application, first, tuple(other for other in listed if other != application)) for application in listed
    ]


# --- from problem to result -------------------------------------------------------------------------------------


def solve_ranking(problem: RankingProblem) -> dict[str, Any]:
    """Scores, ranks and their reasons, ready for JSON (`RankingResult`).

    Status `computed`, or `undetermined` where the published order does not settle a tie or an application has no
    complete sheet. With `uncertainty`, estimates stand beside it, and nothing official depends on them. Raises
    `Malformed` with every fault of meaning. Guarantees: exact; the same for any order of the
    sheets and any names of evaluators (sheet numbers move with their sheets). Cost: sheets x criteria.
    """
    require_sound(problem)
    rule = problem.rule
    found = aggregate(
        criteria=problem.criteria,
        sheets=problem.sheets,
        higher_is_better=problem.higher_is_better,
        trim=rule.trim,
        min_sheets_to_trim=rule.min_sheets_to_trim,
    )
    exact = _with_adjustments(problem, found)
    scores = {application: round_half_up(score, rule.decimals) for application, score in exact.items()}
    pass_mark = None if rule.pass_mark is None else Fraction(rule.pass_mark)
    passed = {application for application, score in scores.items() if pass_mark is None or score >= pass_mark}
    places = rank(
        scores=scores,
        tie_rules=rule.ties,
        tie_values={application: found[application].shares for application in scores},
        lot_order=problem.lot_order,
        passed=passed,
    )
    lines = [
        _line(
            found[place.application], place.rank, exact[place.application], rule.decimals, place.application in passed
        )
        for place in places
    ]
    for application in sorted(app for app in applications_of(problem) if app not in exact):
        lines.append(_line_without_score(application, found.get(application)))
    explain_applications(problem, lines)
    groups = connected_groups(problem.criteria, problem.sheets, applications_of(problem))
    scored_apart = sum(1 for group in groups if group["applications"] and group["evaluators"])
    reasons = [*explain_ranking(problem, lines), *explain_estimates(problem, scored_apart)]
    undetermined = any(place.tied_with for place in places) or len(places) < len(lines)
    status = Status.UNDETERMINED if undetermined else Status.COMPUTED
    return {
        **frame("ranking", status, reasons, problem.seed, ENGINE),
        "applications": lines,
        **_estimates(problem),
        "connected": groups,
    }


def _estimates(problem: RankingProblem) -> dict[str, Any]:
    """Beside the official part, which is complete without them."""
    if problem.uncertainty is None:
        return {"estimates": [], "evaluators": [], "variance": None}
    # Loads NumPy and SciPy, which the processes that only rank never need.
    from madang.core.scoring.estimates import estimates

    return estimates(problem)


def _with_adjustments(problem: RankingProblem, found: Mapping[str, Aggregate]) -> dict[str, Fraction]:
    """The exact scores, in the order of the applications, of those that have one."""
    exact = {application: entry.mean for application, entry in found.items() if entry.mean is not None}
    for adjustment in problem.adjustments:
        if adjustment.application in exact:
            exact[adjustment.application] += Fraction(adjustment.points)
    return exact


def _line(entry: Aggregate, place: int, exact: Fraction, decimals: int, passed: bool) -> dict[str, Any]:
    return {
        "id": entry.application,
        "score": decimal_text(exact, decimals),
        "exact": str(exact),
        "rank": place,
        "dropped": list(entry.dropped),
        "dropped_by_criterion": {name: list(numbers) for name, numbers in entry.dropped_by_criterion.items()},
        "skipped": list(entry.skipped),
        "sheets": entry.sheets,
        "criteria": {name: str(mean) for name, mean in entry.means.items()},
        "passed": passed,
        "reasons": [],
    }


def _line_without_score(application: str, entry: Aggregate | None) -> dict[str, Any]:
    """An application that only has adjustments, or whose sheets were all skipped: the mean of nothing is not 0."""
    return {
        "id": application,
        "score": None,
        "exact": None,
        "rank": None,
        "dropped": [],
        "dropped_by_criterion": {},
        "skipped": list(entry.skipped) if entry else [],
        "sheets": 0,
        "criteria": {},
        "passed": None,
        "reasons": [],
    }


def connected_groups(
    criteria: Sequence[Criterion], sheets: Sequence[Sheet], applications: Sequence[str] = ()
) -> list[dict[str, list[str]]]:
    """Who is tied together by complete sheets: between two groups, strictness cannot be told from quality.

    Groups by their first application id, evaluators without a complete sheet last. Cost: linear, plus sorting.
    """
    names = [criterion.id for criterion in criteria]
    neighbours: dict[tuple[bool, str], list[tuple[bool, str]]] = {(False, name): [] for name in applications}
    for sheet in sheets:
        application, evaluator = (False, sheet.application), (True, sheet.evaluator)
        to, back = neighbours.setdefault(application, []), neighbours.setdefault(evaluator, [])
        if all(sheet.scores.get(name) is not None for name in names):
            to.append(evaluator)
            back.append(application)
    seen: set[tuple[bool, str]] = set()
    groups = []
    for start in sorted(neighbours):
        if start in seen:
            continue
        seen.add(start)
        reached = [start]
        for node in reached:  # grows while it is read: a breadth-first walk
            fresh = [other for other in dict.fromkeys(neighbours[node]) if other not in seen]
            seen.update(fresh)
            reached += fresh
        groups.append(
            {
                "applications": sorted(name for is_evaluator, name in reached if not is_evaluator),
                "evaluators": sorted(name for is_evaluator, name in reached if is_evaluator),
            }
        )
    return groups
