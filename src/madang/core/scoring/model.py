"""The ranking problem (`madang solve ranking`) and its result: what is asked, what is answered, what is refused.

Contract: `docs/formats/solve.md`, "ranking". Scores are exact decimals, weights basis points (10,000 in all).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from madang.core.problem import BasisPoints, Exact, Id, Items, Problem, ReasonModel, Seed, Status, Strict, pointer
from madang.core.reasons import Fault, Malformed, Param
from madang.core.salvage import HOLE

#: The tie rule that is not a criterion: the place in `lot_order`.
LOT = "lot"
#: The fewest sheets of which the highest and the lowest can go and something stays.
FEWEST_TO_TRIM = 3

Trim = Literal["none", "total", "criterion"]
Text = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$")]
FractionText = Annotated[str, Field(pattern=r"^-?\d+(/\d+)?$")]
Count = Annotated[int, Field(ge=0)]


class Criterion(Strict):
    """One criterion: its share of the total and its scale."""

    id: Id
    weight_bp: BasisPoints
    min: Exact
    max: Exact


class Sheet(Strict):
    """What one evaluator gave one application. A criterion that is missing or null is blank."""

    application: Id
    evaluator: Id
    scores: dict[Id, Exact | None]


class Adjustment(Strict):
    """Bonus or deduction points on the score of 0..100; several for one application add up."""

    application: Id
    points: Exact
    id: Id


class Rule(Strict):
    """How sheets become a score and scores become ranks. Frozen when the call is published."""

    trim: Trim
    min_sheets_to_trim: Count | None = None  # needed unless nothing is trimmed
    decimals: Annotated[int, Field(ge=0, le=6)]
    pass_mark: Exact | None = None
    ties: Items[Id] = ()
    blanks: Literal["refuse", "skip_sheet"] = "refuse"


class Uncertainty(Strict):
    """Which estimates are wanted: the probability to be among the first `top`, from so many `draws`.

    With `panel`, of what so many evaluators would find who all score every application; without it, of what remains
    when chance is averaged out altogether.
    """

    top: Annotated[int, Field(ge=1)]
    draws: Annotated[int, Field(ge=1, le=1_000_000)]
    panel: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class RankingProblem(Problem):
    """Sheets, weights and the published rule; asks for scores and ranks."""

    kind: Literal["ranking"]
    higher_is_better: bool
    criteria: Items[Criterion]
    sheets: Items[Sheet] = ()
    adjustments: Items[Adjustment] = ()
    rule: Rule
    lot_order: Items[Id] = ()
    uncertainty: Uncertainty | None = None


class RankedApplication(Strict):
    """One application's line in the result. `score`, `exact`, `rank` and `passed` are null where no sheet counts."""

    id: Id
    score: Text | None  # rounded once, at the end
    exact: FractionText | None  # before rounding
    rank: Annotated[int, Field(ge=1)] | None
    dropped: Items[Count]  # the highest, then the lowest; numbers in the problem's list of sheets, from 0
    dropped_by_criterion: dict[Id, Items[Count]]  # only under trim: criterion
    skipped: Items[Count]  # incomplete sheets that blanks: skip_sheet left out
    sheets: Count  # complete sheets, the dropped ones among them
    criteria: dict[Id, FractionText]  # exact mean of the kept scores, on the criterion's own scale
    passed: bool | None
    reasons: Items[ReasonModel]


class Estimate(Strict):
    """What the call's evaluators would give an application if all of them scored it. By id; never official.

    Points on the scale of the score, 2 decimals; [low, high] holds the value with probability 95 %. `p_top` 3 decimals,
    `expected_rank` 2 decimals. How closely two machines agree: `docs/algorithms/estimates.md`, "Tolerance".
    """

    id: Id
    calibrated: float
    low: float
    high: float
    p_top: Annotated[float, Field(ge=0, le=1)]
    expected_rank: Annotated[float, Field(ge=1)]


class EvaluatorEstimate(Strict):
    """Points of 0..100 that an evaluator gives above the mean of the call's evaluators; positive favours applicants."""

    id: Id
    leniency: float
    low: float
    high: float
    sheets: Count  # complete ones


class Variance(Strict):
    """Of one sheet's total, in points squared, 4 decimals."""

    application: Annotated[float, Field(ge=0)]
    evaluator: Annotated[float, Field(ge=0)]
    residual: Annotated[float, Field(ge=0)]


class Group(Strict):
    """Applications and evaluators that complete sheets tie together, directly or through one another."""

    applications: Items[Id]
    evaluators: Items[Id]


class RankingResult(Strict):
    """Scores and ranks in the order of the ranking; equal ranks, and unranked applications, listed by id."""

    kind: Literal["ranking"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.COMPUTED, Status.UNDETERMINED]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    applications: Items[RankedApplication]
    estimates: Items[Estimate]
    evaluators: Items[EvaluatorEstimate]
    variance: Variance | None
    connected: Items[Group]


def require_sound(problem: RankingProblem) -> None:
    """Raises `Malformed` with every fault of meaning. Cost: linear in the scores."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: RankingProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer, in the order of the contract; steps over `HOLE`s."""
    return [
        *_criteria_faults(problem.criteria),
        *_sheet_faults(problem),
        *_rule_faults(problem),
        *_lot_faults(problem),
        *_panel_faults(problem),
    ]


def applications_of(problem: RankingProblem) -> list[str]:
    """Those that have a sheet or an adjustment, in the order in which the problem first names them."""
    of_sheets = (sheet.application for sheet in problem.sheets)
    return list(dict.fromkeys([*of_sheets, *(entry.application for entry in problem.adjustments)]))


def _criteria_faults(criteria: tuple[Criterion, ...]) -> Iterator[Fault]:
    if criteria is HOLE:
        return
    known = [criterion for criterion in criteria if criterion is not HOLE]
    yield from _repeated((c if c is HOLE else c.id for c in criteria), "duplicate_criterion", ("criteria",), "id")
    for number, criterion in enumerate(criteria):
        if criterion is HOLE:
            continue
        if criterion.id == LOT:
            yield Fault("criterion_called_lot", pointer(("criteria", number, "id")))
        if criterion.min is not HOLE and criterion.max is not HOLE and criterion.min >= criterion.max:
            params = {"min": plain(criterion.min), "max": plain(criterion.max)}
            yield Fault("scale_without_width", pointer(("criteria", number, "max")), params)
    weights = [criterion.weight_bp for criterion in known]
    if len(known) == len(criteria) and HOLE not in weights and sum(weights) != 10_000:
        yield Fault("weights_not_10000", "/criteria", {"sum": sum(weights)})


def _sheet_faults(problem: RankingProblem) -> Iterator[Fault]:
    if problem.sheets is HOLE:
        return
    criteria = _readable_criteria(problem.criteria)
    refuse_blanks = _blanks(problem.rule) == "refuse"
    first_seen: dict[tuple[str, str], int] = {}
    for number, sheet in enumerate(problem.sheets):
        if sheet is HOLE:
            continue
        if sheet.application is not HOLE and sheet.evaluator is not HOLE:
            first = first_seen.setdefault((sheet.application, sheet.evaluator), number)
            if first != number:
                params: dict[str, Param] = {
                    "application": sheet.application,
                    "evaluator": sheet.evaluator,
                    "first": first,
                }
                yield Fault("duplicate_sheet", pointer(("sheets", number)), params)
        if criteria is not None and sheet.scores is not HOLE:
            yield from _score_faults(criteria, sheet, number, refuse_blanks)


def _readable_criteria(criteria: tuple[Criterion, ...]) -> dict[str, Criterion] | None:
    """The criteria by id; None where an unreadable one could be the one that a sheet means."""
    if criteria is HOLE or any(c is HOLE or c.id is HOLE for c in criteria):
        return None
    return {criterion.id: criterion for criterion in criteria}


def _blanks(rule: Rule) -> str | None:
    """What the rule says of blanks; None where that cannot be read."""
    return None if rule is HOLE or rule.blanks is HOLE else rule.blanks


def _score_faults(criteria: dict[str, Criterion], sheet: Sheet, number: int, refuse_blanks: bool) -> Iterator[Fault]:
    scores = sheet.scores
    if not scores.keys() <= criteria.keys():
        for name in scores:
            if name not in criteria:
                params: dict[str, Param] = {"criterion": name, "known": list(criteria)}
                yield Fault("unknown_criterion", pointer(("sheets", number, "scores", name)), params)
    for name, criterion in criteria.items():
        score, least, most = scores.get(name), criterion.min, criterion.max
        if score is None:
            if refuse_blanks:
                params = {"criterion": name, "application": str(sheet.application)}
                yield Fault("blank_score", pointer(("sheets", number, "scores", name)), params)
        elif score is HOLE or least is HOLE or most is HOLE:
            continue
        elif not least <= score <= most:
            params = {"given": plain(score), "min": plain(least), "max": plain(most)}
            yield Fault("score_out_of_range", pointer(("sheets", number, "scores", name)), params)


def _rule_faults(problem: RankingProblem) -> Iterator[Fault]:
    rule = problem.rule
    if rule is HOLE:
        return
    if rule.trim is not HOLE and rule.trim != "none" and rule.min_sheets_to_trim is not HOLE:
        if rule.min_sheets_to_trim is None:
            yield Fault("missing_field", "/rule/min_sheets_to_trim")
        elif rule.min_sheets_to_trim < FEWEST_TO_TRIM:
            given = rule.min_sheets_to_trim
            yield Fault("trim_leaves_nothing", "/rule/min_sheets_to_trim", {"given": given, "fewest": FEWEST_TO_TRIM})
    if rule.ties is HOLE:
        return
    criteria = _readable_criteria(problem.criteria)
    yield from _repeated(rule.ties, "duplicate_tie_rule", ("rule", "ties"))
    for number, name in enumerate(rule.ties):
        at = pointer(("rule", "ties", number))
        if name == LOT and number != len(rule.ties) - 1:
            yield Fault("lot_not_last", at)
        elif criteria is not None and name is not HOLE and name != LOT and name not in criteria:
            yield Fault("unknown_tie_rule", at, {"given": name, "known": [*criteria, LOT]})


def _lot_faults(problem: RankingProblem) -> Iterator[Fault]:
    if problem.lot_order is HOLE:
        return
    yield from _repeated(problem.lot_order, "duplicate_in_lot_order", ("lot_order",))
    if problem.sheets is HOLE or problem.adjustments is HOLE:
        return
    entries: list[Sheet | Adjustment] = [*problem.sheets, *problem.adjustments]
    if any(entry is HOLE or entry.application is HOLE for entry in entries):
        return  # the unreadable one could be the one that the lot order means
    applications = set(applications_of(problem))
    for number, name in enumerate(problem.lot_order):
        if name is not HOLE and name not in applications:
            yield Fault("unknown_in_lot_order", pointer(("lot_order", number)), {"application": name})


def _panel_faults(problem: RankingProblem) -> Iterator[Fault]:
    """A panel that scores every application has no fewer evaluators than an application has sheets."""
    asked = problem.uncertainty
    if asked is None or asked is HOLE or asked.panel is None or asked.panel is HOLE or problem.sheets is HOLE:
        return
    sheets = Counter(sheet.application for sheet in problem.sheets if sheet is not HOLE)
    most = max(sheets.values(), default=0)
    if most > asked.panel:
        yield Fault("panel_smaller_than_sheets", "/uncertainty/panel", {"panel": asked.panel, "sheets": most})


def _repeated(ids: Iterable[str], code: str, path: tuple[str, ...], field: str | None = None) -> Iterator[Fault]:
    """A fault at each id that stood before."""
    seen: Counter[str] = Counter()
    for number, name in enumerate(ids):
        if name is not HOLE and seen[name]:
            yield Fault(code, pointer((*path, number, *([field] if field else []))), {"id": name})
        seen[name] += 1


def plain(number: Decimal) -> str:
    """A decimal as people write it: `60`, `74.5`; no exponent, no trailing zeros."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
