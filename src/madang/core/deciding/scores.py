"""Scored stages: sheets and measured values become one exact score per application, rounded once at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, ByRank, ByThreshold
from madang.core.callspec.scored import Computed, Indicator, Judged, basis_points
from madang.core.deciding.case import Application, Case
from madang.core.problem import decimal_text, read_problem
from madang.core.reasons import Param, Reason
from madang.core.scoring import Aggregate, RankingProblem, aggregate, require_sound, round_half_up

Scored = ByRank | ByThreshold | ByGrade


@dataclass(frozen=True, slots=True)
class StageScore:
    """One application in one stage. `score` is exact, 0..100; None where no complete sheet exists."""

    score: Fraction | None
    parts: Mapping[str, Fraction]  # criterion -> 0..1, higher is better: for ties and marks
    shown: dict[str, Any]  # what the record tells of it
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """An application over all stages."""

    application: str
    exact: Fraction
    rounded: Fraction
    parts: Mapping[str, Fraction]  # `criterion`, `stage.criterion` and `stage` -> 0..1 (stage: 0..100)
    passed: bool
    missed: tuple[Reason, ...]
    adjusted: tuple[Reason, ...] = ()


@dataclass(slots=True)
class Scores:
    """All stages of a call: `of` holds who has a full score, `unscored` the reason why somebody has none."""

    stages: list[dict[str, Any]] = field(default_factory=list)
    of: dict[str, Score] = field(default_factory=dict)
    unscored: dict[str, list[Reason]] = field(default_factory=dict)
    second_round: dict[str, Fraction] = field(default_factory=dict)  # of those who were in it


def score_all(definition: Definition, case: Case, eligible: frozenset[str], decide: Scored) -> Scores:
    """Score every eligible application by every stage and combine them. Cost: linear in the scores."""
    by_stage: dict[str, dict[str, StageScore]] = {}
    result = Scores()
    for stage in definition.evaluation:
        if isinstance(stage, Judged):
            found = _judged(stage, case, eligible, decide.decimals, only=len(definition.judged()) == 1)
        else:
            found = _computed(stage, case, eligible, decide.decimals)
        by_stage[stage.id] = found
        if stage.id not in decide.combine:
            result.second_round = {name: one.score for name, one in found.items() if one.score is not None}
        lines = [{"application": a.id, **found[a.id].shown} for a in case.applications if a.id in found]
        result.stages.append({"id": stage.id, "kind": stage.kind, "applications": lines})
    adjusted = adjustments_of(definition, case)
    for application in case.applications:
        if application.id in eligible:
            _combine(definition, decide, application.id, by_stage, adjusted.get(application.id, []), result)
    return result


def adjustments_of(definition: Definition, case: Case) -> dict[str, list[tuple[Decimal, Reason]]]:
    """Application -> the signed points of each adjustment that applies, with what is told of it."""
    announced = {one.id: one for one in definition.adjustments}
    found: dict[str, list[tuple[Decimal, Reason]]] = {}
    for row in case.adjustments:
        rule = announced[row.adjustment]
        points = Decimal(row.points) if row.points else rule.points
        signed = points if rule.kind == "bonus" else -points
        told: dict[str, Param] = {"adjustment": rule.id, "points": str(points), "proof": row.proof}
        found.setdefault(row.application, []).append((signed, Reason(f"{rule.kind}_points", told)))
    return found


def _combine(
    definition: Definition,
    decide: Scored,
    application: str,
    by_stage: dict[str, dict[str, StageScore]],
    adjusted: list[tuple[Decimal, Reason]],
    result: Scores,
) -> None:
    total, parts = Fraction(0), dict[str, Fraction]()
    missed: list[Reason] = []
    for stage in definition.evaluation:
        if stage.id not in decide.combine:
            continue  # a second round: it orders the band, and adds to no score
        found = by_stage[stage.id].get(application)
        if found is None or found.score is None:
            reasons = list(found.reasons) if found else [Reason("stage_without_sheets", {"stage": stage.id})]
            result.unscored.setdefault(application, []).extend(reasons)
            continue
        total += found.score * basis_points(decide.combine[stage.id]) / 10_000
        parts[stage.id] = found.score
        for name, value in found.parts.items():
            parts[f"{stage.id}.{name}"] = value
            parts.setdefault(name, value)
        if stage.pass_mark is not None and round_half_up(found.score, decide.decimals) < Fraction(stage.pass_mark):
            told = {
                "stage": stage.id,
                "score": decimal_text(found.score, decide.decimals),
                "mark": str(stage.pass_mark),
            }
            missed.append(Reason("stage_mark_missed", told))
    if application in result.unscored:
        return
    total += sum((Fraction(points) for points, _ in adjusted), Fraction(0))
    rounded = round_half_up(total, decide.decimals)
    mark = decide.pass_mark if isinstance(decide, ByRank) else None
    if mark is not None and rounded < Fraction(mark):
        missed.append(
            Reason("pass_mark_missed", {"score": decimal_text(rounded, decide.decimals), "pass_mark": str(mark)})
        )
    told_adjusted = tuple(reason for _, reason in adjusted)
    result.of[application] = Score(application, total, rounded, parts, not missed, tuple(missed), told_adjusted)


def ranking_problem(
    stage: Judged, case: Case, eligible: frozenset[str], decimals: int, *, only: bool
) -> RankingProblem:
    """The stage as a `ranking` problem; sheet numbers are positions in `sheets_of`."""
    scale = {"min": stage.scale.min, "max": stage.scale.max}
    trims = stage.score.trim != "none"
    return read_problem(
        RankingProblem,
        {
            "kind": "ranking",
            "version": 1,
            "higher_is_better": stage.higher_is_better,
            "criteria": [{"id": c.id, "weight_bp": basis_points(c.weight), **scale} for c in stage.criteria],
            "sheets": [
                {"application": s.application, "evaluator": s.evaluator, "scores": dict(s.scores)}
                for _, s in sheets_of(stage, case, eligible, only=only)
            ],
            "rule": {
                "trim": stage.score.trim,
                "min_sheets_to_trim": stage.score.min_sheets_to_trim if trims else None,
                "decimals": decimals,
                "blanks": stage.score.blanks,
            },
        },
    )


def sheets_of(stage: Judged, case: Case, eligible: frozenset[str], *, only: bool) -> list[tuple[int, Any]]:
    """The stage's sheets of eligible applications with their number in the case; a lone stage need not be named."""
    return [
        (number, sheet)
        for number, sheet in enumerate(case.sheets)
        if (sheet.stage == stage.id or (only and not sheet.stage)) and sheet.application in eligible
    ]


def _judged(stage: Judged, case: Case, eligible: frozenset[str], decimals: int, *, only: bool) -> dict[str, StageScore]:
    problem = ranking_problem(stage, case, eligible, decimals, only=only)
    require_sound(problem)
    numbers = [number for number, _ in sheets_of(stage, case, eligible, only=only)]
    found = aggregate(
        criteria=problem.criteria,
        sheets=problem.sheets,
        higher_is_better=stage.higher_is_better,
        trim=stage.score.trim,
        min_sheets_to_trim=problem.rule.min_sheets_to_trim,
    )
    return {name: _stage_score(stage, entry, numbers, decimals) for name, entry in found.items()}


def _stage_score(stage: Judged, entry: Aggregate, numbers: list[int], decimals: int) -> StageScore:
    reasons: list[Reason] = []
    score = entry.mean
    if entry.sheets < stage.score.min_sheets:
        told: dict[str, Param] = {"stage": stage.id, "sheets": entry.sheets, "needed": stage.score.min_sheets}
        reasons, score = [Reason("too_few_sheets", told)], None
    elif score is None:
        reasons = [Reason("stage_without_sheets", {"stage": stage.id})]
    by_criterion = {name: [numbers[n] for n in gone] for name, gone in entry.dropped_by_criterion.items()}
    shown: dict[str, Any] = {
        "score": None if score is None else decimal_text(score, decimals),
        "exact": None if score is None else str(score),
        "criteria": {name: decimal_text(mean, decimals) for name, mean in entry.means.items()},
        "sheets": entry.sheets,
        "dropped": [numbers[n] for n in entry.dropped],
        "skipped": [numbers[n] for n in entry.skipped],
        "trimmed": entry.trimmed,
    }
    if by_criterion:
        shown["dropped_by_criterion"] = by_criterion
    return StageScore(score, entry.shares, shown, tuple(reasons))


def _computed(stage: Computed, case: Case, eligible: frozenset[str], decimals: int) -> dict[str, StageScore]:
    return {a.id: _computed_one(stage, a, decimals) for a in case.applications if a.id in eligible}


def indicators_of(stage: Computed, application: Application) -> tuple[tuple[Indicator, ...], str | None]:
    """The indicators that measure an application, and their version: the oldest set that its day still falls under."""
    for earlier in stage.earlier:
        if application.received and application.received[:10] < earlier.received_before:
            return tuple(earlier.criteria), earlier.version
    return tuple(stage.criteria), stage.version


def _computed_one(stage: Computed, application: Application, decimals: int) -> StageScore:
    parts: dict[str, Fraction] = {}
    measured: dict[str, str] = {}
    reasons: list[Reason] = []
    criteria, version = indicators_of(stage, application)
    for indicator in criteria:
        value = application.answers.get(indicator.field)
        if not isinstance(value, str | int):
            reasons.append(Reason("value_not_measured", {"stage": stage.id, "criterion": indicator.id}))
            continue
        measured[indicator.id] = str(value)
        reached = [step.points for step in indicator.steps if Decimal(value) >= step.from_]
        parts[indicator.id] = Fraction(reached[-1] if reached else Decimal(0)) / 100
    weights = {indicator.id: basis_points(indicator.weight) for indicator in criteria}
    score = None if reasons else sum((part * weights[name] / 100 for name, part in parts.items()), Fraction(0))
    shown = {
        "score": None if score is None else decimal_text(score, decimals),
        "exact": None if score is None else str(score),
        "criteria": {name: decimal_text(part * 100, decimals) for name, part in parts.items()},
        "measured": measured,
        **({"version": version} if stage.earlier and version else {}),
    }
    return StageScore(score, parts, shown, tuple(reasons))
