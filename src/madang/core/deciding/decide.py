"""A whole call decided from its definition and its case: the part of a record that anyone can recompute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByAppointment, ByGrade, ByRank, ByThreshold, ByVote
from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.deciding import bodies, marks, rules
from madang.core.deciding.afterwards import settle
from madang.core.deciding.case import Case
from madang.core.deciding.draws import drawn, with_draws
from madang.core.deciding.eligibility import eligibility, in_time
from madang.core.deciding.inputs import TABLE_OF, contradictions, not_seated
from madang.core.deciding.ruling import NOTHING_STATED, Stated
from madang.core.deciding.scores import Scores, score_all
from madang.core.problem import Status
from madang.core.reasons import Fault, Malformed, Reason
from madang.core.statistics import Classifications, of_call, reception_of

OUTCOMES = ("selected", "reserve", "not_selected", "ineligible", "undetermined", "later")


def decide(
    definition: Definition,
    case: Case,
    classifications: Classifications,
    deadline: Deadline = NO_DEADLINE,
    stated: Stated = NOTHING_STATED,
) -> dict[str, Any]:
    """What follows from the definition and the case, as JSON values (`docs/formats/record.md`, "computed").

    Decides, in this order: which batch an application counts for, who is eligible, what was drawn by lot, what each
    scored, the rank (or mark, grade, vote, appointment), who is selected by the announced rules, what is reduced, open
    or conditional, and says the reason for each application. Deterministic; money in won, scores as decimal text.
    Raises `Malformed` where the case cannot be read as this definition asks. Cost: linear in the sheets, but for
    minimum quotas (`docs/algorithms/selection.md`). `stated`: what a record that is being checked states and that
    has checks of its own.
    """
    if wrong := list(contradictions(definition, case)):
        raise Malformed([Fault(reason.code, TABLE_OF.get(reason.code, ""), reason.params) for reason in wrong])
    if parts := list(_not_available(definition)):
        raise Malformed([Fault("deciding_part_not_available", "call.yaml", {"part": part}) for part in parts])
    given = prepare(definition, case)
    if strangers := list(not_seated(given.case, given.draws)):
        raise Malformed([Fault(reason.code, TABLE_OF.get(reason.code, ""), reason.params) for reason in strangers])
    eligible, case = given.eligible, given.case
    scores = Scores()
    if isinstance(definition.decide, ByRank | ByThreshold | ByGrade):
        scores = score_all(definition, case, eligible, definition.decide)
    match definition.decide:
        case ByRank() as rule:
            region_of = regions(definition, case, classifications)
            ruling = rules.by_rank(rules.RankContext(definition, rule, case, region_of, stated, deadline), scores)
        case ByThreshold() as rule:
            ruling = marks.by_threshold(rule, scores)
        case ByGrade() as rule:
            ruling = marks.by_grade(definition, rule, case, scores)
        case ByVote() as rule:
            ruling = bodies.by_vote(definition, rule, case, eligible)
        case ByAppointment() as rule:
            ruling = bodies.by_appointment(definition, rule, case, eligible)
    for name, missing in scores.unscored.items():
        ruling.say(name, "undetermined", missing)
    if scores.unscored:
        ruling.undetermined(Reason("applications_without_score", {"applications": sorted(scores.unscored)}))
    settle(definition, case, ruling)
    for draw in given.draws:
        if draw["status"] != "computed":
            ruling.undetermined(Reason("draw_not_settled", {"draw": draw["draw"]}))
    for name, reasons in given.verdicts.items():
        if reasons:
            ruling.say(name, "ineligible", reasons)
    for name, cut_off in given.later.items():
        ruling.say(name, "later", [Reason("counts_for_next_cut_off", {"cut_off": cut_off})])
    if definition.decide.close == "per_case" and ruling.status is Status.UNDETERMINED:
        ruling.status = Status.COMPUTED  # each case stands by itself; its own outcome says what is not settled
    return {
        "status": ruling.status.value,
        "reasons": [reason.as_json() for reason in ruling.reasons],
        "eligibility": [
            {"application": name, "eligible": not reasons, "reasons": [reason.as_json() for reason in reasons]}
            for name, reasons in given.verdicts.items()
        ],
        "draws": given.draws,
        "stages": scores.stages,
        "ranking": ruling.ranking,
        "selections": ruling.selections,
        "bands": ruling.bands,
        "votes": ruling.votes,
        "outcomes": [{"application": a.id, **ruling.lines[a.id]} for a in case.applications],
        "counts": {o: sum(line["outcome"] == o for line in ruling.lines.values()) for o in OUTCOMES},
        "statistics": of_call(definition, case, classifications),
    }


@dataclass(frozen=True, slots=True)
class Prepared:
    """What stands before any score: `verdicts` on this batch, who is left for the next one, and the draws.

    `case` is the case with drawn panels, bodies and lots in their places.
    """

    case: Case
    eligible: frozenset[str]
    verdicts: dict[str, list[Reason]]
    later: dict[str, str]
    draws: list[dict[str, Any]]


def prepare(definition: Definition, case: Case) -> Prepared:
    """Batch, eligibility and draws; what `decide` and `verify` both begin with."""
    cut_off = case.batch[0].cut_off if case.batch else ""
    later = {a.id: cut_off for a in case.applications if cut_off and not in_time(a.received, cut_off)}
    verdicts = {name: told for name, told in eligibility(definition, case).items() if name not in later}
    eligible = frozenset(name for name, reasons in verdicts.items() if not reasons)
    draws = drawn(definition, case, eligible)
    return Prepared(with_draws(case, draws), eligible, verdicts, later, draws)


def _not_available(definition: Definition) -> Iterator[str]:
    """What a definition can announce and this release does not decide by yet: refused, never left out in silence."""
    rule = definition.decide
    if rule.unit != "application" and not isinstance(rule, ByVote | ByAppointment):
        yield f"decide.unit: {rule.unit}"


def regions(definition: Definition, case: Case, classifications: Classifications) -> dict[str, str]:
    """The region of each country that applied, on the day that counts."""
    reception = reception_of(definition, case, classifications)
    found = {one.country: classifications.region_of(one.country, reception.on) for one in reception.received}
    return {country: region for country, region in found.items() if region}


__all__ = ["OUTCOMES", "Prepared", "decide", "prepare"]
