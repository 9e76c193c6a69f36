"""The facts that a conflict rests on, and the reasons beside a result. Words are in `madang.words`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from madang.core.conflicts.model import ConflictsProblem
from madang.core.conflicts.rules import Declared, EmailDomain, Participant, SameParent, TieRule, Together
from madang.core.reasons import Param, Reason

Fact = tuple[str, tuple[tuple[str, Param], ...]]
"""A `Reason` that can be hashed and sorted: its code, and its parameters by name."""


def fact(code: str, **params: str | int) -> Fact:
    return f"conflict_{code}", tuple(params.items())


def as_json(facts: Sequence[Fact]) -> list[dict[str, object]]:
    """Facts in the order of their codes and parameters."""
    ordered = sorted(facts, key=lambda one: (one[0], [str(value) for _, value in one[1]]))
    return [{"code": code, "params": dict(params)} for code, params in ordered]


def tie(kind: str, organisation: str, period: str) -> Fact:
    """An evaluator's tie to an organisation; a code for each kind, so that each has its own sentence."""
    return fact(f"tie_{kind}", organisation=organisation, period=period)


def party(organisation: str, role: str) -> Fact:
    return fact("party", organisation=organisation, role=role)


def day_open(period: str, since: str) -> Fact:
    """The days are not known closely enough to say whether it falls within the years."""
    return fact("day_open", period=period, since=since)


def same_number(one: str, other: str, number: str) -> Fact:
    return fact("same_number", one=one, other=other, number=number)


def same_as(one: str, other: str) -> Fact:
    return fact("same_as", one=one, other=other)


def name_alike(one: str, other: str) -> Fact:
    return fact("name_alike", one=one, other=other)


def same_group(one: str, other: str, parent: str) -> Fact:
    return fact("same_group", one=one, other=other, parent=parent)


def link_open(one: str, other: str) -> Fact:
    """Some link between two organisations and their parent is not dated closely enough."""
    return fact("link_open", one=one, other=other)


def together(kind: str, event: str, day: str, one: str, other: str) -> Fact:
    return fact(f"together_{kind}", event=event, day=day, one=one, other=other)


def applies_together(application: str, one: str, other: str) -> Fact:
    return fact("applies_together", application=application, one=one, other=other)


def email_registered(domain: str, organisation: str) -> Fact:
    return fact("email_registered", domain=domain, organisation=organisation)


def email_shared(domain: str, person: str, organisation: str) -> Fact:
    return fact("email_shared", domain=domain, person=person, organisation=organisation)


def person_email(person: str, organisation: str) -> Fact:
    return fact("person_email", person=person, organisation=organisation)


def person_alike(person: str, organisation: str) -> Fact:
    return fact("person_alike", person=person, organisation=organisation)


def declared(relation: str, target: str, period: str) -> Fact:
    return fact("declared", relation=relation, target=target, period=period)


def challenged(state: str) -> Fact:
    return fact(f"challenge_{state}")


# --- beside the result ---


def why_few(required: int, free: int, unsure: int, counts: Mapping[str, int]) -> list[Reason]:
    """Why fewer than required remain, with how many pairs each rule speaks against; or would, without those unsure."""
    if free < required:
        rules: list[str] = [f"{rule}: {count}" for rule, count in counts.items() if count]
        return [Reason("conflict_too_few_free", {"free": free, "required": required, "rules": rules})]
    if free - unsure < required:
        return [Reason("conflict_enough_if_cleared", {"free": free, "unsure": unsure, "required": required})]
    return []


def beside(problem: ConflictsProblem, pairs: int, to_check: int, short: int) -> list[Reason]:
    """What was counted, and where nothing could be found because nothing is known."""
    sizes: dict[str, Param] = {"applications": len(problem.applications), "evaluators": len(problem.evaluators)}
    reasons = [Reason("conflicts_counted", {**sizes, "pairs": pairs, "to_check": to_check})]
    if to_check and problem.treat_suspected == "exclude":
        reasons.append(Reason("conflicts_suspected_excluded", {"to_check": to_check}))
    if short:
        reasons.append(Reason("conflicts_short", {"applications": short}))
    if not any(rule.active for rule in problem.rules):
        return [*reasons, Reason("conflicts_without_rules")]
    reasons += [Reason("conflict_rule_without_data", {"rule": name}) for name in _without_data(problem)]
    unknown = sorted(one.id for one in problem.evaluators if not one.affiliations)
    if unknown:
        reasons.append(Reason("conflict_evaluators_unknown", {"count": len(unknown), "evaluators": [*unknown]}))
    return reasons


def _without_data(problem: ConflictsProblem) -> list[str]:
    """Rules that can find nothing in this problem, whoever is who."""
    kinds = {affiliation.kind for one in problem.evaluators for affiliation in one.affiliations}
    happened = {event.kind for event in problem.earlier}
    mails = any(one.emails for one in problem.evaluators)
    named = any(one.names for one in problem.evaluators)
    parents = any(one.parents for one in problem.organisations)
    lacking = []
    for rule in problem.rules:
        match rule:
            case SameParent():
                none = not (parents and kinds & set(rule.kinds))
            case Together():
                none = rule.kind != "application" and rule.kind not in happened
            case EmailDomain():
                none = not mails
            case Participant():
                none = not (mails or named)
            case Declared():
                none = False  # that nobody declared anything is an answer
            case _:
                none = isinstance(rule, TieRule) and not kinds & set(rule.kinds)
        if rule.active and none:
            lacking.append(rule.id)
    return lacking
