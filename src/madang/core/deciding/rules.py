"""Decided by rank: down the ranking until seats and money end, skipping only where an announced rule forbids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from madang.core.callspec.asked import ChoiceField
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByRank, CapEach, Quota
from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.deciding.band import Band, band_of, estimated, told, walked_by
from madang.core.deciding.bodies import vote_problem
from madang.core.deciding.case import Application, Case, Reduction
from madang.core.deciding.eligibility import amounts, identity, track_of
from madang.core.deciding.ruling import NOTHING_STATED, Ruling, Stated
from madang.core.deciding.scores import Score, Scores
from madang.core.problem import Status, decimal_text, read_problem
from madang.core.reasons import Reason
from madang.core.scoring import Place, rank
from madang.core.selection import SelectionProblem, solve_selection

__all__ = ["RankContext", "by_rank", "reduced_amounts", "selection_problem", "tags_of", "vote_problem"]


@dataclass(frozen=True, slots=True)
class RankContext:
    """What deciding by rank looks at besides scores. `region_of`: country -> region on the day that counts, for quotas.
    `stated`: what is taken from a record that is being checked instead of being computed.
    """

    definition: Definition
    rule: ByRank
    case: Case
    region_of: Mapping[str, str]
    stated: Stated = NOTHING_STATED
    deadline: Deadline = NO_DEADLINE


def by_rank(context: RankContext, scores: Scores) -> Ruling:
    """Rank, then select by the announced walk; one list, or one for each track."""
    ruling, decide = Ruling(), context.rule
    applications = {a.id: a for a in context.case.applications if a.id in scores.of}
    lists = lists_of(context.definition, decide, applications)
    for name, members in lists.items():
        places = _rank(decide, {a: scores.of[a] for a in members}, context.case.lot_order)
        problem = selection_problem(
            context.definition,
            decide,
            name,
            [(p, applications[p.application]) for p in places if scores.of[p.application].passed],
            scores,
            context.region_of,
            context.case.reductions,
        )
        result = _selected(context, name, problem)
        band = _band(context, name, frozenset(members), problem, result, scores)
        if band is not None:
            ruling.bands.append(band.as_json())
            if band.unsettled is None and len(band.order) > 1:
                problem = walked_by(problem, band)
                result = _selected(context, name, problem)
        ruling.selections.append({"list": name, "result": result})
        _tell_list(decide, ruling, places, scores, problem, result)
        if band is not None:
            _tell_band(decide, ruling, problem, band)
    return ruling


def _selected(context: RankContext, name: str, problem: SelectionProblem) -> dict[str, Any]:
    """The result of a selection without time and engine. The largest total value of a record is taken as stated: its
    certificate proves it or not, and no checker needs a solver for that.
    """
    if context.rule.walk == "total_value" and name in context.stated.certified:
        return dict(context.stated.certified[name])
    result = solve_selection(problem, context.deadline)
    return {part: value for part, value in result.items() if part not in ("elapsed_ms", "engine")}


def _band(
    context: RankContext,
    name: str,
    members: frozenset[str],
    problem: SelectionProblem,
    result: Mapping[str, Any],
    scores: Scores,
) -> Band | None:
    """Whom the estimates do not separate from the line; None where nothing was announced or there is no line."""
    asked, top = context.rule.uncertainty, len(result["selected"])
    if asked.announced_use == "none" or result["status"] != "computed" or not 0 < top < len(problem.applications):
        return None
    given = context.stated.estimates.get(name)
    if given is not None and given.keys() != members:  # who is left out would leave the others better placed
        raise ValueError("estimates of other applications than those of the list")
    p_top = estimated(context.definition, context.rule, context.case, members, top) if given is None else given
    return band_of(name, asked, problem, top, p_top, context.case.lot_order, scores.second_round)


def _tell_band(decide: ByRank, ruling: Ruling, problem: SelectionProblem, band: Band) -> None:
    """Each in the band hears it; while lots or a second round are missing, nobody is settled whom they could touch."""
    for name, reason in told(decide.uncertainty, band):
        ruling.add(name, reason)
    if band.unsettled is None:
        return
    ruling.undetermined(band.unsettled)
    seats_only = all(rule.type == "seats" for rule in problem.rules)
    open_ = band.order if seats_only else [application.id for application in problem.applications]
    for name in open_:
        ruling.add(name, Reason(band.unsettled.code + "_here"), outcome="undetermined", place=None, grant_krw=None)


def lists_of(definition: Definition, decide: ByRank, applications: Mapping[str, Application]) -> dict[str, list[str]]:
    """List -> the applications that are ranked in it: all together, or each track by itself."""
    if decide.list == "one":
        return {"all": list(applications)}
    tracks = {a: track_of(definition, application) for a, application in applications.items()}
    return {track.id: [a for a, mine in tracks.items() if mine == track] for track in definition.tracks}


def _rank(decide: ByRank, scores: Mapping[str, Score], lot_order: tuple[str, ...]) -> list[Place]:
    return rank(
        scores={name: score.rounded for name, score in scores.items()},
        tie_rules=decide.ties,
        tie_values={name: score.parts for name, score in scores.items()},
        lot_order=lot_order,
        passed={name for name, score in scores.items() if score.passed},
    )


def selection_problem(
    definition: Definition,
    decide: ByRank,
    list_name: str,
    ranked: list[tuple[Place, Application]],
    scores: Scores,
    region_of: Mapping[str, str],
    reductions: Iterable[Reduction] = (),
) -> SelectionProblem:
    """The announced rules as a `selection` problem over those who passed, in rank order.

    A reduced grant counts as reduced: what one takes less is there for the next.
    """
    reduced = reduced_amounts(definition, (application for _, application in ranked), reductions)
    rules = _selection_rules(definition, decide, list_name)
    per = decide.reserve.per if decide.reserve else None
    count = decide.reserve.count if decide.reserve else 0
    with_money = any(rule["type"] in ("budget", "match") for rule in rules) or definition.money.cost is not None
    lines = []
    for place, application in ranked:
        cost, own = reduced.get(application.id) or amounts(definition, application)
        lines.append(
            {
                "id": application.id,
                "rank": place.rank,
                "value": decimal_text(scores.of[application.id].rounded, decide.decimals),
                **({"cost_krw": cost or 0, "own_krw": own} if with_money else {}),
                "tags": tags_of(definition, decide, application, region_of),
            }
        )
    return read_problem(
        SelectionProblem,
        {
            "kind": "selection",
            "version": 1,
            "applications": lines,
            "rules": rules,
            "objective": decide.walk,
            "reserve": {"tag": per, "count": count} if per and list_name == "all" else count,
            "explain": _to_explain(decide, lines),
        },
    )


EXPLAINED = 200
"""Up to so many applications each is told which score would let it in: every one is an optimisation of its own."""


def _to_explain(decide: ByRank, lines: list[dict[str, Any]]) -> list[str]:
    """Whom the largest total passes over cannot be seen from a ranking; down the ranking the reasons say it all."""
    return [line["id"] for line in lines] if decide.walk == "total_value" and len(lines) <= EXPLAINED else []


def _selection_rules(definition: Definition, decide: ByRank, list_name: str) -> list[dict[str, Any]]:
    money, whole = definition.money, list_name == "all"
    rules: list[dict[str, Any]] = []
    if whole:
        rules.append({"id": "seats", "type": "seats", "min": decide.seats.min, "max": decide.seats.max})
    if money.budget_krw is not None:
        rules.append({"id": "budget", "type": "budget", "max_krw": money.budget_krw, "money": money.budget_of})
    if money.match:
        rules.append({"id": "match", "type": "match", "grant": money.match.grant, "own": money.match.own})
    for rule in decide.rules:
        if isinstance(rule, CapEach):
            rules.append({"id": rule.id, "type": "cap_each", "tag": rule.cap_each, "max": rule.max})
        elif whole:
            rules += [
                {"id": f"{rule.id}:{value}", "type": "quota", "tag": rule.quota, "equals": value, **_bounds(share)}
                for value, share in rule.values.items()
            ]
        elif rule.quota == "track" and list_name in rule.values:
            rules.append({"id": rule.id, "type": "seats", **_bounds(rule.values[list_name])})
    return rules


def reduced_amounts(
    definition: Definition, applications: Iterable[Application], reductions: Iterable[Reduction]
) -> dict[str, tuple[int, int]]:
    """Application -> cost and own share in won, where the grant was reduced: the own share stays."""
    granted = {reduction.application: reduction.grant_krw for reduction in reductions}
    own = {a.id: amounts(definition, a)[1] for a in applications if a.id in granted}
    return {name: (granted[name] + share, share) for name, share in own.items()}


def _bounds(share: Any) -> dict[str, int]:
    return {"min": share.min or 0, **({} if share.max is None else {"max": share.max})}


def tags_of(
    definition: Definition, decide: ByRank, application: Application, region_of: Mapping[str, str]
) -> dict[str, list[str]]:
    """The values that quotas, caps and the reserve look at; a blank answer carries no tag."""
    asked = {rule.quota if isinstance(rule, Quota) else rule.cap_each for rule in decide.rules}
    if decide.reserve and decide.reserve.per:
        asked.add(decide.reserve.per)
    track = track_of(definition, application)
    country = str(application.answers.get("country") or application.country)
    known: dict[str, Any] = {
        "track": track.id if track else application.track,
        "country": country,
        "region": region_of.get(country, ""),
        "applicant": identity(application),
        "organisation": identity(application),
    }
    tags: dict[str, list[str]] = {}
    for tag in sorted(asked):
        field_ = definition.field(tag)
        value = application.answers.get(tag) if field_ is not None else known.get(tag, "")
        if isinstance(field_, ChoiceField) and isinstance(value, list):
            tags[tag] = list(dict.fromkeys(map(str, value)))
        elif value not in (None, ""):
            tags[tag] = [str(value).lower() if isinstance(value, bool) else str(value)]
    return tags


def _tell_list(
    decide: ByRank,
    ruling: Ruling,
    places: list[Place],
    scores: Scores,
    problem: SelectionProblem,
    result: dict[str, Any],
) -> None:
    why = {entry["id"]: entry for entry in result["why"]}
    selected, reserve = set(result["selected"]), _reserve_places(result["reserve"])
    settled = _is_settled(decide, result)
    if not settled and decide.walk == "total_value" and result["status"] != "undetermined":
        selected = set()  # the best found in time is not what was announced
    rises = {entry["id"]: entry for entry in result["explain"]}
    grants = {a.id: a.grant_krw for a in problem.applications if a.cost_krw is not None}
    if not settled:
        ruling.status = Status(result["status"])
        ruling.reasons += [Reason(r["code"], r["params"]) for r in result["reasons"]]
    for at, place in enumerate(places):
        score = scores.of[place.application]
        shown = decimal_text(score.rounded, decide.decimals)
        ruling.ranking.append(
            {
                "application": place.application,
                "score": shown,
                "exact": str(score.exact),
                "rank": place.rank,
                "passed": score.passed,
            }
        )
        reasons = [
            Reason("total_score_is", {"score": shown}),
            Reason("rank_is", {"rank": place.rank, "of": len(places)}),
            *score.adjusted,
        ]
        reasons += _tie_reasons(decide, at, places, scores)
        told = [Reason(r["code"], r["params"]) for r in why.get(place.application, {}).get("reasons", [])]
        told = list(_with_rise(told, rises.get(place.application), decide.decimals))
        name = place.application
        if name in selected:
            ruling.say(name, "selected", [*reasons, *told], grant_krw=grants.get(name))
        elif not score.passed:
            ruling.say(name, "not_selected", [*reasons, *score.missed])
        elif name in reserve:
            ruling.say(
                name,
                "reserve",
                [*reasons, *told, Reason("reserve_place", {"place": reserve[name]})],
                place=reserve[name],
            )
        elif not settled and why.get(name, {}).get("code") != "kept_out":
            ruling.say(name, "undetermined", [*reasons, *told])
        else:
            ruling.say(name, "not_selected", [*reasons, *told])


def _is_settled(decide: ByRank, result: Mapping[str, Any]) -> bool:
    """Whether who is selected is settled; time may have cut short what was to be said about it."""
    if result["status"] in ("computed", "optimal"):
        return True
    proven = decide.walk == "rank_order" or "proof" in (result["certificate"] or {})
    return result["status"] == "feasible" and proven


def _with_rise(reasons: Iterable[Reason], explained: Mapping[str, Any] | None, decimals: int) -> Iterator[Reason]:
    """The reasons, with the score that lets it in for the mere bound on it; in steps in which scores are given."""
    for reason in reasons:
        if reason.code != "outvalued":
            yield reason
            continue
        if explained is None or explained["value"] is None:  # the bound on its rise may differ between solvers
            yield Reason("outvalued_at_most")
            continue
        step = Fraction(1, 10**decimals)
        value = -(-Fraction(explained["value"]) // step) * step
        rise = value - Fraction(explained["value"]) + Fraction(explained["value_rise"])
        shown = {"score": decimal_text(value, decimals), "rise": decimal_text(rise, decimals)}
        yield Reason("outvalued_until", shown)


def _tie_reasons(decide: ByRank, at: int, places: list[Place], scores: Scores) -> list[Reason]:
    """What separated the place from its neighbours of the same score: first the one above, then the one below."""
    place = places[at]
    reasons = [Reason("tied_with", {"applications": list(place.tied_with)})] if place.tied_with else []
    mine = scores.of[place.application]
    for step, word in ((-1, "behind"), (1, "ahead")):
        near = at + step
        while 0 <= near < len(places) and places[near].rank == place.rank:
            near += step
        if not 0 <= near < len(places):
            continue
        theirs = scores.of[places[near].application]
        if (theirs.rounded, theirs.passed) != (mine.rounded, mine.passed):
            continue
        rule = next((r for r in decide.ties if r == "lot" or mine.parts[r] != theirs.parts[r]), "lot")
        told = {"other": places[near].application, "score": decimal_text(mine.rounded, decide.decimals)}
        if rule == "lot":
            reasons.append(Reason(f"{word}_by_lot", told))
        else:
            reasons.append(Reason(f"{word}_by_criterion", {**told, "criterion": rule}))
    return reasons


def _reserve_places(reserve: list[str] | dict[str, list[str]]) -> dict[str, int]:
    lists = reserve.values() if isinstance(reserve, dict) else [reserve]
    return {name: place for names in lists for place, name in enumerate(names, 1)}
