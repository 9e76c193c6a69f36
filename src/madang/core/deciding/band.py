"""The announced use of estimates: whom the scores cannot separate from the line, and what the call does with them.

A call may announce that among those whose estimated probability to be above the line lies within a band, lots decide,
or a second round does. Nothing else of a decision ever depends on an estimate.

Estimates are rounded and agree between machines within a tolerance, so a decision rests on the figures that stand in
its record: whoever checks it holds them against figures of their own (`agreeing`), and derives the rest from the
record's. Thus two machines never come to two results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByRank, Uncertainty
from madang.core.callspec.scored import Judged
from madang.core.deciding.case import Case
from madang.core.deciding.scores import adjustments_of, ranking_problem
from madang.core.reasons import Reason
from madang.core.scoring import Adjustment, RankingProblem, solve_ranking
from madang.core.scoring import Uncertainty as Asked
from madang.core.selection import SelectionProblem

#: How far a probability in a record may lie from the one that another machine computes.
TOLERANCE = Decimal("0.005")
DRAWS = 20_000

_PROBABILITY = re.compile(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?")

#: Application -> probability to be above the line, as decimal text.
Probabilities = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Band:
    """One list's band. `order`: its members as they are walked now; `unsettled`: why they have no order yet."""

    list: str
    top: int  # how many the walk by score alone selects
    p_top: Probabilities
    order: tuple[str, ...]
    unsettled: Reason | None = None

    def as_json(self) -> dict[str, Any]:
        lines = [{"application": name, "p_top": p} for name, p in self.p_top.items()]
        told = {"list": self.list, "top": self.top, "probabilities": lines, "band": list(self.order)}
        return {**told, "settled": self.unsettled is None}


def stage_of(definition: Definition, rule: ByRank) -> Judged:
    """The one judged stage whose sheets the estimates rest on (the linter sees to it that there is one)."""
    return next(stage for stage in definition.judged() if stage.id in rule.combine)


def estimated(definition: Definition, rule: ByRank, case: Case, members: frozenset[str], top: int) -> dict[str, str]:
    """Each member's probability to be among the first `top`, from the sheets of the members. Cost: an estimate."""
    stage, only = stage_of(definition, rule), len(definition.judged()) == 1
    plain = ranking_problem(stage, case, members, rule.decimals, only=only)
    points = adjustments_of(definition, case)
    adjusted = tuple(
        Adjustment(application=name, points=signed, id=str(reason.params["adjustment"]))
        for name, several in points.items()
        if name in members
        for signed, reason in several
    )
    asked: RankingProblem = plain.model_copy(
        update={"adjustments": adjusted, "uncertainty": Asked(top=top, draws=DRAWS), "seed": 1}
    )
    return {line["id"]: str(Decimal(repr(line["p_top"]))) for line in solve_ranking(asked)["estimates"]}


def band_of(
    name: str,
    asked: Uncertainty,
    problem: SelectionProblem,
    top: int,
    p_top: Probabilities,
    lot_order: Sequence[str],
    second_round: Mapping[str, Fraction],
) -> Band:
    """Who lies in the band, in the order that lots or the second round give; those of equal rank stay together."""
    assert asked.band is not None, "the linter asks for a band where a use is announced"
    low, high = (Decimal(edge) / 100 for edge in (asked.band.from_, asked.band.to))
    ranks = {application.id: application.rank for application in problem.applications}
    near = {ranks[one] for one in ranks if low <= Decimal(p_top.get(one, "0")) <= high}
    members = [one for one in ranks if ranks[one] in near]
    if asked.announced_use == "lot_in_band":
        places = {one: place for place, one in enumerate(lot_order)}
        missing = [one for one in members if one not in places]
        unsettled = Reason("band_without_lots", {"applications": missing}) if missing else None
        members.sort(key=lambda one: places.get(one, len(places)))
    else:
        missing = [one for one in members if one not in second_round]
        scores = [second_round[one] for one in members if one in second_round]
        unsettled = Reason("second_round_open", {"applications": missing}) if missing else None
        if not missing and len(set(scores)) < len(scores):
            equal = [one for one in members if scores.count(second_round[one]) > 1]
            unsettled = Reason("second_round_tied", {"applications": equal})
        members.sort(key=lambda one: -second_round.get(one, Fraction(0)))
    if len(members) < 2:
        unsettled = None
    return Band(name, top, p_top, tuple(members), unsettled)


def walked_by(problem: SelectionProblem, band: Band) -> SelectionProblem:
    """The problem with the places of the band's members dealt out anew among them."""
    inside = set(band.order)
    applications = {application.id: application for application in problem.applications}
    fresh = iter(band.order)
    order = [next(fresh) if one in inside else one for one in applications]
    changed = [
        applications[one].model_copy(update={"rank": place}) if one in inside else applications[one]
        for place, one in enumerate(order, 1)
    ]
    return problem.model_copy(update={"applications": tuple(changed)})


def told(asked: Uncertainty, band: Band) -> Iterator[tuple[str, Reason]]:
    """What each member of the band is told; and everybody's own probability, where the call shows it to parties."""
    assert asked.band is not None
    if "party" in asked.shown_to:
        for name, p_top in band.p_top.items():
            yield name, Reason("estimate_is", {"percent": f"{Decimal(p_top) * 100:.1f}", "top": band.top})
    edges = {"from": str(asked.band.from_), "to": str(asked.band.to)}
    for place, name in enumerate(band.order, 1):
        yield name, Reason("in_the_band", edges)
        if band.unsettled is None and len(band.order) > 1:
            place_of = {"place": place, "of": len(band.order)}
            yield name, Reason("band_by_lot" if asked.announced_use == "lot_in_band" else "band_by_round", place_of)


def stated_in(leaf: Any) -> dict[str, str]:
    """The probabilities of a record's leaf. Raises `ValueError` for what is none."""
    found = {line["application"]: line["p_top"] for line in leaf["probabilities"]}
    for p_top in found.values():
        if not isinstance(p_top, str) or not _PROBABILITY.fullmatch(p_top):
            raise ValueError("not a probability")
    return found


def agreeing(stated: Probabilities, own: Probabilities, name: str) -> Iterator[Reason]:
    """Where a record's probabilities leave the tolerance around those computed here."""
    for application in sorted(stated.keys() | own.keys()):
        one, other = stated.get(application), own.get(application)
        if one is None or other is None or abs(Decimal(one) - Decimal(other)) > TOLERANCE:
            yield Reason(
                "estimate_differs", {"list": name, "application": application, "stated": one, "follows": other}
            )
