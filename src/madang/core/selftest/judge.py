"""What a rule says of what is known: it holds, it does not, or it hangs on what is unknown.

A rule is answered without the unknown names. CEL answers all the same where they cannot matter (`true || unknown` is
true), and stumbles where they do: no value is ever guessed. Everything else is asked of `core.deciding.eligibility`, so
that a self-test and a decision cannot say two things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from madang.core.callspec import expressions
from madang.core.callspec.model import Definition, Track
from madang.core.deciding.case import Application, Case
from madang.core.deciding.eligibility import eligibility
from madang.core.reasons import Reason
from madang.core.selftest.model import COUNTRY, KIND, MEMBERS, OFFICE, TRACK, Given, State
from madang.core.selftest.questions import keys_of, needs_of, roles_of

ALONE: Mapping[str, int] = {"applications_of_applicant": 1, "applications_of_applicant_for_same_city": 1}
_MONEY = ("own_share_over_cost", "cost_under_limit", "cost_over_limit", "grant_under_limit", "grant_over_limit")


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    reasons: tuple[Reason, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to be judged, under its finding's id; `rule` is its expression, where it is one."""

    id: str
    kind: Any
    judge: Callable[[Given], Verdict]
    rule: str = ""


def checks_of(definition: Definition) -> tuple[Check, ...]:
    """Everything that a self-test can judge, in the order of the findings."""
    return tuple(_checks(definition))


def _checks(definition: Definition) -> Iterator[Check]:
    wanted = needs_of(definition)
    rules = {rule.id: rule.rule for rule in definition.eligibility}
    # Without its rules a definition is judged on applicant, consortium and money alone, by the same code as a decision.
    plain = definition.model_copy(update={"eligibility": (), "sisters": None})
    if "applicant.kind" in wanted:
        yield Check("applicant.kind", "applicants", partial(_applicants, plain))
    for role in roles_of(definition):
        yield Check(f"consortium.{role}", "consortium", partial(_consortium, plain, role))
    for id_, rule in rules.items():
        yield Check(id_, "rule", partial(_rule, definition, id_, rule), rule)
    if "money.limits" in wanted:
        yield Check("money.limits", "limits", partial(_limits, plain))
    if "money.match" in wanted:
        yield Check("money.match", "match", partial(_match, definition))


# -- rules --------------------------------------------------------------------------------------------------------


def _rule(definition: Definition, id_: str, rule: str, given: Given) -> Verdict:
    facts = known(definition, given)
    answer = _answer(rule, facts)
    if answer is not None:
        return Verdict("holds") if answer else Verdict("fails", (Reason("rule_not_met", {"rule": id_}),))
    if (
        given.counts is None
        and expressions.compile_rule(rule).names & set(OFFICE)
        and _answer(rule, {**facts, **ALONE})
    ):
        return Verdict("office")
    return Verdict(
        "open", needs=tuple(key for key in keys_of(rule, definition) if not _is_known(definition, given, key))
    )


def _answer(rule: str, facts: Mapping[str, Any]) -> bool | None:
    try:
        return expressions.compile_rule(rule)(facts)
    except expressions.RuleError:
        return None


def known(definition: Definition, given: Given) -> dict[str, Any]:
    """What the rules may see: the facts without what is unknown."""
    hidden = {} if given.complete else _hidden(definition, given)
    return _facts(definition, given, hidden)


def _facts(definition: Definition, given: Given, hidden: Mapping[str, None]) -> dict[str, Any]:
    applicant = {"kind": given.kind, "country": given.country}
    members = given.members or ()
    facts = expressions.facts_of(
        definition,
        answers={name: value for name, value in given.answers.items() if name not in hidden},
        track=track_id(definition, given) or "",
        applicant={},
        members=(),
        received="",
        counts=given.counts or {},
    )
    facts["applicant"] = {part: value or "" for part, value in applicant.items() if given.complete or value}
    facts["members"] = [
        {part: value for part, value in member.items() if given.complete or value} for member in members
    ]
    unknown = {"received"}
    if not given.complete:
        unknown |= {field.id for field in definition.fields()} - given.answers.keys() - hidden.keys()
        unknown |= {"members"} if given.members is None else set()
        unknown |= {"track"} if track_id(definition, given) is None else set()
    return {name: value for name, value in facts.items() if name not in unknown}


def _hidden(definition: Definition, given: Given) -> dict[str, None]:
    """Fields that are not asked of this applicant: they stay blank, whatever was answered."""
    track = track_id(definition, given)
    facts = _facts(definition, given, {})
    hidden: dict[str, None] = {}
    for section in definition.form:
        elsewhere = bool(section.tracks) and track is not None and track not in section.tracks
        for field in section.fields:
            if elsewhere or (field.when is not None and _answer(field.when, facts) is False):
                hidden[field.id] = None
    return hidden


def track_id(definition: Definition, given: Given) -> str | None:
    """The type applied for; nothing where there are several and none was named."""
    if given.track is not None or given.complete:
        return given.track or ""
    if len(definition.tracks) > 1:
        return None
    return definition.tracks[0].id if definition.tracks else ""


def _track(definition: Definition, given: Given) -> Track | None:
    name = track_id(definition, given)
    if not name and len(definition.tracks) == 1:
        return definition.tracks[0]
    return next((track for track in definition.tracks if track.id == name), None)


def _is_known(definition: Definition, given: Given, key: str) -> bool:
    if given.complete:
        return True
    if key == TRACK:
        return track_id(definition, given) is not None
    if key == MEMBERS:
        return given.members is not None and all(
            member.get("kind") and member.get("country") for member in given.members
        )
    if key in (KIND, COUNTRY):
        return bool(given.kind if key == KIND else given.country)
    return key in given.answers or key in _hidden(definition, given)


# -- applicant, consortium, money ---------------------------------------------------------------------------------


def _reasons(plain: Definition, given: Given, **parts: Any) -> list[Reason]:
    """What `eligibility` has against an application of these parts."""
    application = Application(id="a", applicant="a", track=track_id(plain, given) or "", **parts)
    return eligibility(plain, Case(applications=(application,)))["a"]


def _of(reasons: list[Reason], *codes: str) -> Verdict:
    found = tuple(reason for reason in reasons if reason.code in codes)
    return Verdict("fails", found) if found else Verdict("holds")


def _applicants(plain: Definition, given: Given) -> Verdict:
    track = _track(plain, given)
    if track is None and not given.complete:
        return Verdict("open", needs=(TRACK,) if given.kind else (TRACK, KIND))
    if not given.kind and track is not None and track.applicants and not given.complete:
        return Verdict("open", needs=(KIND,))
    return _of(_reasons(plain, given, kind=given.kind or ""), "applicant_kind")


def _consortium(plain: Definition, role: str, given: Given) -> Verdict:
    track = _track(plain, given)
    if track is None and not given.complete:
        return Verdict("open", needs=(TRACK,))
    asked = next((one for one in track.consortium if one.role == role), None) if track else None
    if asked is None:
        return Verdict("holds")  # this type has no such role
    if given.members is None and not given.complete:
        free = not asked.min and asked.max is None and not asked.kinds
        return Verdict("holds") if free else Verdict("open", needs=(MEMBERS,))
    members = given.members or ()
    found = [r for r in _reasons(plain, given, members=members) if r.params.get("role") == role]
    verdict = _of(found, "consortium_too_few", "consortium_too_many", "consortium_kind")
    unclear = asked.kinds and any(member.get("role") == role and not member.get("kind") for member in members)
    if verdict.state == "holds" and unclear and not given.complete:
        return Verdict("open", needs=(MEMBERS,))
    return verdict


def _amounts(definition: Definition, given: Given) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The amounts that are known, and the questions still to be answered for them."""
    hidden = {} if given.complete else _hidden(definition, given)
    names = [name for name in (definition.money.cost, definition.money.own) if name]
    here = {name: given.answers[name] for name in names if name in given.answers and name not in hidden}
    return here, tuple(
        name for name in names if not given.complete and name not in given.answers and name not in hidden
    )


def _limits(plain: Definition, given: Given) -> Verdict:
    here, needs = _amounts(plain, given)
    if len(plain.money.limits) > 1 and track_id(plain, given) is None:
        needs = (TRACK, *needs)
    return Verdict("open", needs=needs) if needs else _of(_reasons(plain, given, answers=here), *_MONEY)


def _match(definition: Definition, given: Given) -> Verdict:
    """For each `grant` parts of the programme's money at least `own` parts of the applicant's."""
    here, needs = _amounts(definition, given)
    match, money = definition.money.match, definition.money
    if needs:
        return Verdict("open", needs=needs)
    if match is None or money.cost not in here:
        return Verdict("holds")
    cost, own = here[money.cost], here.get(money.own or "", 0)
    if own > cost or own * match.grant >= (cost - own) * match.own:
        return Verdict("holds")
    least = -(-cost * match.own // (match.grant + match.own))
    told = {"own_krw": own, "grant_krw": cost - own, "least_krw": least}
    return Verdict("fails", (Reason("selftest_match_not_met", told),))
