"""Scores: weights that add up, scales with room, panels that can sit, marks that lie on the scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from madang.core.callspec.lint.common import Found, Params, Path, Sets
from madang.core.callspec.model import (
    ByGrade,
    ByRank,
    ByThreshold,
    Computed,
    Definition,
    Judged,
    NumberField,
    Panel,
    ScoreRule,
)

HUNDRED = Decimal(100)


def shares(path: Path, weights: Mapping[str, Decimal]) -> Iterator[Found]:
    """Per cents that must add up to 100, none finer than a hundredth of a per cent."""
    total = sum(weights.values(), Decimal(0))
    if total != HUNDRED:
        yield (
            path,
            "weights_do_not_add_up",
            {"sum": _plain(total), "of": [f"{n} {_plain(w)}" for n, w in weights.items()]},
        )
    for name, weight in weights.items():
        if weight * 100 != int(weight * 100):
            yield (*path, name), "share_too_fine", {"id": name, "weight": str(weight)}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def scored_stages(d: Definition, sets: Sets) -> Iterator[Found]:
    for number, stage in enumerate(d.evaluation):
        path = ("evaluation", number)
        yield from shares((*path, "criteria"), {c.id: c.weight for c in stage.criteria})
        yield from _mark((*path, "pass_mark"), stage.pass_mark)
        for c, name in enumerate([criterion.id for criterion in stage.criteria]):
            if name == "lot":
                yield (*path, "criteria", c, "id"), "criterion_called_lot", {}
        if isinstance(stage, Judged):
            yield from _judged(path, stage)
        else:
            yield from _computed(path, stage, d)


def _judged(path: Path, stage: Judged) -> Iterator[Found]:
    scale = stage.scale
    if scale.min >= scale.max:
        yield (*path, "scale"), "least_over_most", {"id": "scale", "min": str(scale.min), "max": str(scale.max)}
    elif scale.step is not None and (scale.step <= 0 or (scale.max - scale.min) % scale.step):
        told: Params = {"step": str(scale.step), "min": str(scale.min), "max": str(scale.max)}
        yield (*path, "scale", "step"), "step_does_not_fit", told
    for c, criterion in enumerate(stage.criteria):
        for anchor in criterion.anchors:
            if not scale.min <= Decimal(anchor) <= scale.max:
                told = {"mark": anchor, "min": str(scale.min), "max": str(scale.max)}
                yield (*path, "criteria", c, "anchors", anchor), "mark_outside_scale", told
    if stage.panel:
        yield from _sheets(path, stage.score, stage.panel.seats)
        yield from _panel((*path, "panel"), stage.panel)


def _sheets(path: Path, score: ScoreRule, seats: int) -> Iterator[Found]:
    if score.trim != "none" and score.min_sheets_to_trim > seats:
        told: Params = {"sheets": score.min_sheets_to_trim, "seats": seats}
        yield (*path, "score", "min_sheets_to_trim"), "trim_never_happens", told
    if score.min_sheets > seats:
        yield (*path, "score", "min_sheets"), "more_sheets_than_seats", {"sheets": score.min_sheets, "seats": seats}


def _panel(path: Path, panel: Panel) -> Iterator[Found]:
    if panel.draw_from is not None and panel.draw_from < panel.seats:
        yield (*path, "draw_from"), "pool_smaller_than_panel", {"pool": panel.draw_from, "seats": panel.seats}
    for tag, share in panel.compose.items():
        least, most = share.min or 0, panel.seats if share.max is None else share.max
        if least > min(most, panel.seats):
            yield (*path, "compose", tag), "composition_cannot_hold", {"id": tag, "seats": panel.seats}


def _computed(path: Path, stage: Computed, d: Definition) -> Iterator[Found]:
    known = [field.id for field in d.fields() if isinstance(field, NumberField)]
    for c, indicator in enumerate(stage.criteria):
        if indicator.field not in known:
            told: Params = {"name": indicator.field, "known": known}
            yield (*path, "criteria", c, "field"), "not_a_number_field", told
        starts = [step.from_ for step in indicator.steps]
        if starts != sorted(set(starts)):
            yield (*path, "criteria", c, "steps"), "steps_out_of_order", {"id": indicator.id}


def combined(d: Definition, sets: Sets) -> Iterator[Found]:
    """What is scored counts, and what counts is scored."""
    if not isinstance(d.decide, ByRank | ByThreshold | ByGrade):
        return
    stages = [stage.id for stage in d.evaluation]
    yield from shares(("decide", "combine"), d.decide.combine)
    for name in d.decide.combine:
        if name not in stages:
            yield ("decide", "combine", name), "unknown_scored_stage", {"name": name, "known": stages}
    for number, stage_id in enumerate(stages):
        if stage_id not in d.decide.combine:
            yield ("evaluation", number, "id"), "scored_stage_not_combined", {"name": stage_id}


def marks(d: Definition, sets: Sets) -> Iterator[Found]:
    """Marks lie between 0 and 100; grades go down."""
    match d.decide:
        case ByRank():
            yield from _mark(("decide", "pass_mark"), d.decide.pass_mark)
        case ByThreshold():
            yield from _mark(("decide", "at_least"), d.decide.at_least)
            for name, mark in d.decide.each_at_least.items():
                yield from _mark(("decide", "each_at_least", name), mark)
        case ByGrade():
            limits = [grade.at_least for grade in d.decide.grades]
            if limits != sorted(set(limits), reverse=True):
                yield ("decide", "grades"), "grades_out_of_order", {}
            if not any(grade.granted for grade in d.decide.grades):
                yield ("decide", "grades"), "no_grade_granted", {}
            for number, mark in enumerate(limits):
                yield from _mark(("decide", "grades", number, "at_least"), mark)


def _mark(path: Path, given: Decimal | None) -> Iterator[Found]:
    if given is not None and not 0 <= given <= 100:
        yield path, "mark_outside_scale", {"mark": str(given), "min": "0", "max": "100"}


CHECKS = (scored_stages, combined, marks)
