"""Scores: weights that add up, scales with room, panels that can sit, marks that lie on the scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from madang.core.callspec.asked import ChoiceField, NumberField, TextField
from madang.core.callspec.lint.common import Found, Params, Path, Sets, repeated
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, ByRank, ByThreshold
from madang.core.callspec.scored import Assign, Computed, EarlierIndicators, Indicator, Judged, Panel, ScoreRule

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
        yield from mark((*path, "pass_mark"), stage.pass_mark)
        for c, name in enumerate([criterion.id for criterion in stage.criteria]):
            if name == "lot":
                yield (*path, "criteria", c, "id"), "criterion_called_lot", {}
        if isinstance(stage, Judged):
            yield from _judged(path, stage, d)
        else:
            yield from _computed(path, stage, d)


def _judged(path: Path, stage: Judged, d: Definition) -> Iterator[Found]:
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
        yield from panel((*path, "panel"), stage.panel)
    if stage.assign:
        if stage.panel:
            yield (*path, "assign"), "panel_and_assign", {"id": stage.id}
        else:
            yield from _sheets(path, stage.score, stage.assign.each)
        yield from _assign((*path, "assign"), stage.assign, d)


def _assign(path: Path, asked: Assign, d: Definition) -> Iterator[Found]:
    """Shares that fit into the few who read, loads that leave room, and fields of the form that can be compared."""
    for tag, least in asked.at_least.items():
        if least > asked.each:
            yield (*path, "at_least", tag), "share_over_each", {"id": tag, "least": least, "each": asked.each}
    load = asked.load
    if load.max is not None and load.min > load.max:
        yield (*path, "load"), "least_over_most", {"id": "load", "min": str(load.min), "max": str(load.max)}
    texts = [field.id for field in d.fields() if isinstance(field, TextField) and field.type in ("text", "long_text")]
    choices = [field.id for field in d.fields() if isinstance(field, ChoiceField)]
    for number, name in enumerate(asked.texts):
        if name not in texts:
            yield (*path, "texts", number), "not_a_text_field", {"name": name, "known": texts}
    for part, given in (("fields", asked.fields), ("languages", asked.languages)):
        if given is not None and given not in choices:
            yield (*path, part), "not_a_choice_field", {"name": given, "known": choices}


def _sheets(path: Path, score: ScoreRule, seats: int) -> Iterator[Found]:
    if score.trim != "none" and score.min_sheets_to_trim > seats:
        told: Params = {"sheets": score.min_sheets_to_trim, "seats": seats}
        yield (*path, "score", "min_sheets_to_trim"), "trim_never_happens", told
    if score.min_sheets > seats:
        yield (*path, "score", "min_sheets"), "more_sheets_than_seats", {"sheets": score.min_sheets, "seats": seats}


def panel(path: Path, asked: Panel) -> Iterator[Found]:
    """A pool that can fill the seats, and shares that fit into them (one member may count for several)."""
    if asked.draw_from is not None and asked.draw_from < asked.seats:
        yield (*path, "draw_from"), "pool_smaller_than_panel", {"pool": asked.draw_from, "seats": asked.seats}
    for tag, share in asked.compose.items():
        least, most = share.min or 0, asked.seats if share.max is None else share.max
        if least > min(most, asked.seats):
            yield (*path, "compose", tag), "composition_cannot_hold", {"id": tag, "seats": asked.seats}


def _computed(path: Path, stage: Computed, d: Definition) -> Iterator[Found]:
    yield from _indicators(path, stage.criteria, d)
    if not stage.earlier:
        return
    if stage.version is None:
        yield (*path, "earlier"), "earlier_without_version", {"id": stage.id}
    days = [earlier.received_before for earlier in stage.earlier]
    if days != sorted(set(days)):
        yield (*path, "earlier"), "earlier_out_of_order", {"id": stage.id}
    for number, version in repeated([stage.version or "", *(earlier.version for earlier in stage.earlier)]):
        yield (*path, "earlier", number - 1, "version"), "repeated_name", {"name": version}
    for number, earlier in enumerate(stage.earlier):
        yield from _earlier((*path, "earlier", number), stage, earlier, d)


def _earlier(path: Path, stage: Computed, earlier: EarlierIndicators, d: Definition) -> Iterator[Found]:
    """An earlier set is a set of its own, somebody can fall under it, and it has what ties and marks ask for."""
    yield from shares((*path, "criteria"), {c.id: c.weight for c in earlier.criteria})
    yield from _indicators(path, earlier.criteria, d)
    opens = (d.schedule.opens or "")[:10]
    if opens and earlier.received_before <= opens:
        told: Params = {"version": earlier.version, "opens": opens, "before": earlier.received_before}
        yield (*path, "received_before"), "earlier_never_used", told
    own = {criterion.id for criterion in earlier.criteria}
    lost = {criterion.id for criterion in stage.criteria} - own
    for name in _named_parts(d):
        criterion = name.removeprefix(f"{stage.id}.")
        if criterion in lost:
            told = {"criterion": criterion, "version": earlier.version}
            yield (*path, "criteria"), "criterion_not_in_earlier", told


def _named_parts(d: Definition) -> tuple[str, ...]:
    """What ties and marks of their own name."""
    if isinstance(d.decide, ByThreshold):
        return tuple(d.decide.each_at_least)
    return tuple(d.decide.ties) if isinstance(d.decide, ByRank) else ()


def _indicators(path: Path, criteria: Sequence[Indicator], d: Definition) -> Iterator[Found]:
    known = [field.id for field in d.fields() if isinstance(field, NumberField)]
    for c, indicator in enumerate(criteria):
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
    second_round = d.decide.uncertainty.second_round if isinstance(d.decide, ByRank) else None
    for number, stage_id in enumerate(stages):
        if stage_id not in d.decide.combine and stage_id != second_round:
            yield ("evaluation", number, "id"), "scored_stage_not_combined", {"name": stage_id}


def marks(d: Definition, sets: Sets) -> Iterator[Found]:
    """Marks lie between 0 and 100."""
    match d.decide:
        case ByRank():
            yield from mark(("decide", "pass_mark"), d.decide.pass_mark)
        case ByThreshold():
            yield from mark(("decide", "at_least"), d.decide.at_least)
            for name, own in d.decide.each_at_least.items():
                yield from mark(("decide", "each_at_least", name), own)


def mark(path: Path, given: Decimal | None) -> Iterator[Found]:
    if given is not None and not 0 <= given <= 100:
        yield path, "mark_outside_scale", {"mark": str(given), "min": "0", "max": "100"}


CHECKS = (scored_stages, combined, marks)
