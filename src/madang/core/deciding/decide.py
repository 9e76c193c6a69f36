"""A whole call decided from its definition and its case: the part of a record that anyone can recompute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from madang.core.callspec.model import ByGrade, ByRank, ByThreshold, ByVote, Definition
from madang.core.deciding import rules
from madang.core.deciding.case import Case
from madang.core.deciding.eligibility import eligibility
from madang.core.deciding.inputs import contradictions
from madang.core.deciding.scores import Scores, score_all
from madang.core.problem import Status
from madang.core.reasons import Fault, Malformed, Reason
from madang.core.statistics import Classifications, of_call, reception_of

OUTCOMES = ("selected", "reserve", "not_selected", "ineligible", "undetermined")


def never() -> bool:
    return False


def decide(
    definition: Definition, case: Case, classifications: Classifications, expired: Callable[[], bool] = never
) -> dict[str, Any]:
    """What follows from the definition and the case, as JSON values (`docs/formats/record.md`, "computed").

    Decides, in this order: who is eligible, what each scored, the rank (or mark, grade, vote), who is selected by the
    announced rules, and says the reason for each application. Deterministic; money in won, scores as decimal text.
    Raises `Malformed` where the case cannot be read as this definition asks. Cost: linear in the sheets, but for
    minimum quotas (`docs/algorithms/selection.md`).
    """
    if wrong := list(contradictions(definition, case)):
        raise Malformed([Fault(reason.code, "", reason.params) for reason in wrong])
    if parts := list(_not_available(definition)):
        raise Malformed([Fault("deciding_part_not_available", "call.yaml", {"part": part}) for part in parts])
    verdicts = eligibility(definition, case)
    eligible = frozenset(name for name, reasons in verdicts.items() if not reasons)
    scores = Scores()
    match definition.decide:
        case ByRank() as rule:
            scores = score_all(definition, case, eligible, rule)
            region_of = regions(definition, case, classifications)
            ruling = rules.by_rank(definition, rule, case, scores, region_of, expired)
        case ByThreshold() as rule:
            scores = score_all(definition, case, eligible, rule)
            ruling = rules.by_threshold(rule, scores)
        case ByGrade() as rule:
            scores = score_all(definition, case, eligible, rule)
            ruling = rules.by_grade(rule, scores)
        case ByVote() as rule:
            ruling = rules.by_vote(definition, rule, case, eligible)
        case _:
            raise Malformed([Fault("deciding_rule_not_available", "decide", {"by": definition.decide.by})])
    for name, missing in scores.unscored.items():
        ruling.say(name, "undetermined", missing)
    if scores.unscored:
        ruling.undetermined(Reason("applications_without_score", {"applications": sorted(scores.unscored)}))
    for name, reasons in verdicts.items():
        if reasons:
            ruling.say(name, "ineligible", reasons)
    if definition.decide.close == "per_case" and ruling.status is Status.UNDETERMINED:
        ruling.status = Status.COMPUTED  # each case stands by itself; its own outcome says what is not settled
    return {
        "status": ruling.status.value,
        "reasons": [reason.as_json() for reason in ruling.reasons],
        "eligibility": [
            {"application": name, "eligible": not reasons, "reasons": [reason.as_json() for reason in reasons]}
            for name, reasons in verdicts.items()
        ],
        "stages": scores.stages,
        "ranking": ruling.ranking,
        "selections": ruling.selections,
        "votes": ruling.votes,
        "outcomes": [{"application": a.id, **ruling.lines[a.id]} for a in case.applications],
        "counts": {o: sum(line["outcome"] == o for line in ruling.lines.values()) for o in OUTCOMES},
        "statistics": of_call(definition, case, classifications),
    }


def _not_available(definition: Definition) -> Iterator[str]:
    """What a definition can announce and this release does not decide by yet: refused, never left out in silence."""
    rule = definition.decide
    if definition.adjustments:
        yield "adjustments"
    if definition.outside_checks:
        yield "outside_checks"
    if rule.unit != "application":
        yield f"decide.unit: {rule.unit}"
    if isinstance(rule, ByRank) and rule.walk != "rank_order":
        yield f"decide.walk: {rule.walk}"
    if isinstance(rule, ByRank) and rule.uncertainty.announced_use != "none":
        yield f"decide.uncertainty.announced_use: {rule.uncertainty.announced_use}"


def regions(definition: Definition, case: Case, classifications: Classifications) -> dict[str, str]:
    """The region of each country that applied, on the day that counts."""
    reception = reception_of(definition, case, classifications)
    found = {one.country: classifications.region_of(one.country, reception.on) for one in reception.received}
    return {country: region for country, region in found.items() if region}


__all__ = ["OUTCOMES", "decide"]
