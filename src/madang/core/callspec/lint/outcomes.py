"""The life of an outcome: amounts and what they need, conditions, renewal, grounds of revocation; points with proof."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.lint.common import Found, Sets, repeated
from madang.core.callspec.model import Definition, Outcome, Period

DAYS_A_MONTH = 30


def amounts(d: Definition, sets: Sets) -> Iterator[Found]:
    """A reduced grant needs a grant; a conditional outcome needs its conditions, and they need it."""
    outcome = d.outcome
    for number, name in repeated(outcome.amounts):
        yield ("outcome", "amounts", number), "repeated_name", {"name": name}
    if "reduced" in outcome.amounts and d.money.cost is None:
        yield ("outcome", "amounts"), "reduced_without_money", {}
    if "conditional" in outcome.amounts and not outcome.conditions:
        yield ("outcome", "amounts"), "conditional_without_conditions", {}
    if outcome.conditions and "conditional" not in outcome.amounts:
        yield ("outcome", "conditions"), "conditions_not_announced", {}


def life(d: Definition, sets: Sets) -> Iterator[Found]:
    """What ends can be renewed, and is asked for while it lasts; a ground either must or may revoke."""
    outcome = d.outcome
    if outcome.renewal and outcome.validity is None:
        yield ("outcome", "renewal"), "renewal_without_validity", {}
    if _too_early(outcome):
        yield ("outcome", "renewal", "request_before"), "renewal_before_validity", {}
    if outcome.validity and not _days(outcome.validity):
        yield ("outcome", "validity"), "empty_period", {}
    if outcome.revocation:
        must = {ground.id for ground in outcome.revocation.must}
        for number, ground in enumerate(outcome.revocation.may):
            if ground.id in must:
                yield ("outcome", "revocation", "may", number, "id"), "duplicate_id", {"id": ground.id}


def _too_early(outcome: Outcome) -> bool:
    """Whether a renewal would have to be asked for before the outcome begins."""
    asked = outcome.renewal.request_before if outcome.renewal else None
    return asked is not None and outcome.validity is not None and _days(asked) >= _days(outcome.validity)


def _days(period: Period) -> int:
    """About how long; a month counts 30 days, which is near enough to compare months with years."""
    return (period.years * 12 + period.months) * DAYS_A_MONTH + period.days


def points(d: Definition, sets: Sets) -> Iterator[Found]:
    """Bonus and deduction points are points of a hundred."""
    for number, adjustment in enumerate(d.adjustments):
        if adjustment.points > 100:
            told = {"mark": str(adjustment.points), "min": "0", "max": "100"}
            yield ("adjustments", number, "points"), "mark_outside_scale", {**told}


def checked_once(d: Definition, sets: Sets) -> Iterator[Found]:
    """The review and the outside checks stand in one list for the reader, so their ids do not meet."""
    reviewed = {item.id for item in d.review}
    for number, check in enumerate(d.outside_checks):
        if check.id in reviewed:
            yield ("outside_checks", number, "id"), "duplicate_id", {"id": check.id}


def nominated(d: Definition, sets: Sets) -> Iterator[Found]:
    """Who nominates is a question of nominated intake only."""
    if d.intake.nominated_by and d.intake.mode != "nominated":
        yield ("intake", "nominated_by"), "nominated_by_without_nomination", {"mode": d.intake.mode}


CHECKS = (amounts, life, points, checked_once, nominated)
