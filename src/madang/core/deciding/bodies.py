"""Decided by a body's vote, or by an authority's appointment. Nothing is scored and nobody is ranked by points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from madang.core.callspec import expressions
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByAppointment, ByVote
from madang.core.callspec.scored import basis_points
from madang.core.deciding import units
from madang.core.deciding.case import Application, Appointment, Case
from madang.core.deciding.eligibility import Counts, amounts, facts_of
from madang.core.deciding.ruling import Ruling
from madang.core.problem import read_problem
from madang.core.reasons import Fault, Malformed, Param, Reason
from madang.core.votes import VoteProblem, solve_vote

# -- by vote ------------------------------------------------------------------------------------------------------


def by_vote(definition: Definition, decide: ByVote, case: Case, eligible: frozenset[str]) -> Ruling:
    """The body's votes on each application, or on each task; who joins without a vote, by the condition, is in."""
    ruling = Ruling()
    counts = Counts(case)
    without = expressions.compile_rule(decide.without_vote.when) if decide.without_vote else None
    to_vote = []
    for application in case.applications:
        if application.id not in eligible:
            continue
        if without is not None and without(facts_of(definition, application, counts)):
            ruling.say(application.id, "selected", [Reason("joined_without_vote")])
        else:
            to_vote.append(application)
    if to_vote:
        _body_is_complete(decide, case)
    for application in to_vote:
        if tasks := units.tasks_of(definition, application):
            units.combine(ruling, application.id, [_task_vote(ruling, decide, case, application, t) for t in tasks])
            if ruling.lines[application.id]["outcome"] == "undetermined":
                ruling.undetermined(Reason("vote_without_result", {"application": application.id}))
        else:
            _vote(ruling, application.id, solve_vote(vote_problem(decide, case, application.id)))
    if decide.places is not None:
        _places(ruling, decide, decide.places, case)
    ruling.reasons += units.granted_twice(ruling.lines)
    return ruling


def _body_is_complete(decide: ByVote, case: Case) -> None:
    if decide.drawn is not None and not case.seats:
        raise Malformed([Fault("body_not_drawn", "draws")])
    wanted = decide.drawn.seats if decide.drawn is not None else decide.seats
    if wanted is not None and len(case.seats) != wanted:
        told: dict[str, Param] = {"found": len(case.seats), "seats": wanted}
        raise Malformed([Fault("seats_do_not_match", "seats", told)])
    groups = Counter(seat.group for seat in case.seats)
    for group, share in decide.compose.items():
        most = len(case.seats) if share.max is None else share.max
        if not (share.min or 0) <= groups[group] <= most:
            told = {"group": group, "found": groups[group], "min": share.min or 0, "max": most}
            raise Malformed([Fault("seats_not_composed", "seats", told)])


def vote_problem(decide: ByVote, case: Case, application: str, task: str = "") -> VoteProblem:
    """The vote on one application (or one task of it) as a `vote` problem."""
    return read_problem(
        VoteProblem,
        {
            "kind": "vote",
            "version": 1,
            "seats": [{"id": s.seat, **({"group": s.group} if s.group else {})} for s in case.seats],
            "quorum_bp": basis_points(decide.quorum),
            "threshold_bp": basis_points(decide.majority),
            "of": decide.of,
            "votes": [
                {"seat": v.seat, "option": v.option}
                for v in case.votes
                if (v.application, v.task) == (application, task)
            ],
            "options": list(decide.options),
        },
    )


def _tell(ruling: Ruling, name: str, result: Mapping[str, Any], **more: str) -> str:
    """Puts a vote among the ruling's; gives the outcome that follows."""
    told = {key: result[key] for key in ("outcome", "counts", "quorum_met", "cast", "seats")}
    ruling.votes.append({"application": name, **more, **told})
    if result["outcome"] is None or result["outcome"] == "no_quorum":
        return "undetermined"
    return "selected" if result["outcome"] == "yes" else "not_selected"


def _vote(ruling: Ruling, name: str, result: Mapping[str, Any]) -> None:
    reasons = [Reason(r["code"], r["params"]) for r in result["reasons"]]
    outcome = _tell(ruling, name, result)
    if outcome == "undetermined":
        ruling.undetermined(Reason("vote_without_result", {"application": name}))
    ruling.say(name, outcome, reasons)


def _task_vote(ruling: Ruling, decide: ByVote, case: Case, application: Application, task: str) -> dict[str, Any]:
    result = solve_vote(vote_problem(decide, case, application.id, task))
    return {"task": task, "outcome": _tell(ruling, application.id, result, task=task), "reasons": result["reasons"]}


def _places(ruling: Ruling, decide: ByVote, places: int, case: Case) -> None:
    """Of the carried, the places go to the most yes votes; a tie at the line goes to the lot, or to nobody."""
    yes = {line["application"]: line["counts"].get("yes", 0) for line in ruling.votes}
    carried = [name for name, line in ruling.lines.items() if line["outcome"] == "selected" and name in yes]
    if len(carried) <= places:
        return
    lot = {name: number for number, name in enumerate(case.lot_order)}
    by_lot = "lot" in decide.ties and all(name in lot for name in carried)
    in_order = sorted(carried, key=lambda name: (-yes[name], lot[name] if by_lot else 0))
    line, next_ = yes[in_order[places - 1]], yes[in_order[places]]
    tied = [name for name in carried if yes[name] == line] if line == next_ else []
    for number, name in enumerate(in_order):
        told: dict[str, Param] = {"yes": yes[name], "places": places}
        if name in tied and not by_lot:
            ruling.add(name, Reason("votes_tied_at_the_line", {**told, "applications": tied}), outcome="undetermined")
        elif number >= places:
            ruling.add(name, Reason("not_among_places", told), outcome="not_selected")
        else:
            ruling.add(name, Reason("among_places", told))
        if name in tied and by_lot:
            ruling.add(name, Reason("votes_tied_settled_by_lot", {"applications": tied}))
    if tied and not by_lot:
        ruling.undetermined(Reason("votes_tied_at_the_line", {"yes": line, "places": places, "applications": tied}))


# -- by appointment -----------------------------------------------------------------------------------------------

_OUTCOMES = {"granted": "selected", "reduced": "selected", "conditional": "selected", "refused": "not_selected"}


def by_appointment(definition: Definition, decide: ByAppointment, case: Case, eligible: frozenset[str]) -> Ruling:
    """What the authority decided on each eligible application, or task of it, with its reason and on the advice heard.

    Without the authority's decision, or without advice that it must have, a case is not settled.
    """
    ruling = Ruling()
    given = {(row.application, row.task): row for row in case.appointments}
    heard = {(opinion.application, opinion.opinion) for opinion in case.opinions if opinion.text or opinion.answer}
    for application in case.applications:
        if application.id not in eligible:
            continue
        missing = [Reason("advice_missing", {"advice": a}) for a in decide.advice if (application.id, a) not in heard]
        if tasks := units.tasks_of(definition, application):
            told = [_task(given.get((application.id, task)), task, missing) for task in tasks]
            units.combine(ruling, application.id, told)
        else:
            row = given.get((application.id, ""))
            outcome, reasons = _decided(row, missing)
            ruling.say(application.id, outcome, reasons, **_granted(definition, application, row, outcome))
        if ruling.lines[application.id]["outcome"] == "undetermined":
            ruling.undetermined(Reason("case_not_settled", {"application": application.id}))
    ruling.reasons += units.granted_twice(ruling.lines)
    return ruling


def _decided(row: Appointment | None, missing: list[Reason]) -> tuple[str, list[Reason]]:
    if row is None:
        return "undetermined", [Reason("authority_has_not_decided"), *missing]
    reason = Reason(f"authority_{row.outcome}", {"reason": row.reason, "by": row.by, "on": row.on})
    return ("undetermined" if missing else _OUTCOMES[row.outcome]), [reason, *missing]


def _granted(definition: Definition, application: Application, row: Appointment | None, outcome: str) -> dict[str, Any]:
    """The grant in won: what was asked for, or what the authority set."""
    cost, own = amounts(definition, application)
    if row is None or outcome != "selected" or (cost is None and row.grant_krw is None):
        return {}
    if row.grant_krw is None:
        return {"grant_krw": (cost or 0) - own, "amount": "full"}
    return {"grant_krw": row.grant_krw, "amount": "reduced" if row.outcome == "reduced" else "full"}


def _task(row: Appointment | None, task: str, missing: list[Reason]) -> dict[str, Any]:
    outcome, reasons = _decided(row, missing)
    return {"task": task, "outcome": outcome, "reasons": [reason.as_json() for reason in reasons]}
