"""Who may be decided upon: in time, the definition's rules, kinds of applicant, consortium, money limits, the
checklist, what other bodies found, and applications in sister calls."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from madang.core.callspec import expressions
from madang.core.callspec.model import Definition, Eligibility, Limit, Track
from madang.core.callspec.places import name_of_place
from madang.core.deciding.case import Application, Case
from madang.core.reasons import Fault, Malformed, Param, Reason


@dataclass(frozen=True, slots=True)
class Examined:
    """What the rules say of one application: each rule of the definition with whether it holds (or why it cannot be
    answered), and the reasons that come before and after them.
    """

    rules: tuple[tuple[Eligibility, bool | expressions.RuleError], ...]
    before: tuple[Reason, ...] = ()  # in time, the party, the money, sister calls
    after: tuple[Reason, ...] = ()  # lines of the checklist, other bodies

    @property
    def reasons(self) -> list[Reason]:
        """Why it is out, in the order in which it is told; a rule that cannot be answered excludes nobody."""
        return [*self.before, *(not_met(rule) for rule, holds in self.rules if holds is False), *self.after]

    @property
    def unanswered(self) -> list[tuple[Eligibility, expressions.RuleError]]:
        return [(rule, holds) for rule, holds in self.rules if isinstance(holds, expressions.RuleError)]


def eligibility(definition: Definition, case: Case) -> dict[str, list[Reason]]:
    """For each application, in the order of the case, why it is out; an empty list says eligible.

    Raises `Malformed` where a rule cannot be answered (it needs an answer that is missing), naming rule and
    application: nobody is excluded by a stumble. Cost: about 0.1 ms a rule and application.
    """
    faults: list[Fault] = []
    verdicts: dict[str, list[Reason]] = {}
    for name, examined in examine(definition, case):
        for rule, error in examined.unanswered:
            told = {"rule": rule.id, "problem": str(error)}
            faults.append(Fault("rule_not_answerable", f"application {name}", told))
        verdicts[name] = examined.reasons
    if faults:
        raise Malformed(faults)
    return verdicts


def examine(definition: Definition, case: Case) -> Iterator[tuple[str, Examined]]:
    """The same rule by rule, for an office that looks on: `eligibility` is made of this, so they cannot differ."""
    counts = Counts(case)
    failed = _failed_checks(definition, case)
    elsewhere = Elsewhere(definition, case)
    for application in case.applications:
        before = [*_on_time(definition, application), *of_party(definition, application)]
        before += [*of_money(definition, application), *elsewhere.found(application)]
        rules = tuple(rules_of(definition, facts_of(definition, application, counts)))
        yield application.id, Examined(rules, tuple(before), tuple(failed.get(application.id, ())))


def rules_of(
    definition: Definition, facts: Mapping[str, Any]
) -> Iterator[tuple[Eligibility, bool | expressions.RuleError]]:
    """Each eligibility rule with whether it holds for these facts, or why it cannot be answered."""
    for rule in definition.eligibility:
        try:
            yield rule, expressions.compile_rule(rule.rule)(facts)
        except expressions.RuleError as error:
            yield rule, error


def not_met(rule: Eligibility) -> Reason:
    return Reason("rule_not_met", {"rule": rule.id})


ALONE: Mapping[str, int] = {"applications_of_applicant": 1, "applications_of_applicant_for_same_city": 1}
"""The counts of an application that is looked at by itself."""


class Counts:
    """How often the same applicant applied, in all and for the same city."""

    def __init__(self, case: Case) -> None:
        self._of_applicant = Counter(identity(a) for a in case.applications)
        self._of_city = Counter((identity(a), _city(a)) for a in case.applications)

    def of(self, application: Application) -> dict[str, int]:
        return {
            "applications_of_applicant": self._of_applicant[identity(application)],
            "applications_of_applicant_for_same_city": self._of_city[identity(application), _city(application)],
        }


class Elsewhere:
    """Who applied (or was selected) in a sister call of the season."""

    def __init__(self, definition: Definition, case: Case) -> None:
        self._calls: dict[str, list[str]] = {}
        sisters = definition.sisters
        if sisters is None:
            return
        for row in case.sisters:
            counts = sisters.refuse == "second_application" or row.outcome == "selected"
            if counts and row.call in sisters.calls:
                for name in {_same(row.organisation), _same(row.applicant)} - {""}:
                    self._calls.setdefault(name, []).append(row.call)

    def found(self, application: Application) -> Iterator[Reason]:
        names = dict.fromkeys(map(_same, (application.organisation, application.applicant)))
        for call in dict.fromkeys(call for name in names if name for call in self._calls.get(name, ())):
            yield Reason("applied_in_sister_call", {"call": call})


def _same(name: str) -> str:
    """An identity as compared between calls: letter case, width and spacing of a name make nobody somebody else."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def identity(application: Application) -> str:
    """Who applies, across applications: the organisation, or the applicant's name where none is given."""
    return application.organisation or application.applicant


def _city(application: Application) -> str:
    return name_of_place(str(application.answers.get("place", "")))


def facts_of(definition: Definition, application: Application, counts: Counts) -> dict[str, Any]:
    """What the definition's rules see of an application."""
    return facts_with(definition, application, counts.of(application))


def facts_with(definition: Definition, application: Application, counts: Mapping[str, int]) -> dict[str, Any]:
    """The same, with counts known from elsewhere."""
    applicant = {
        "id": application.id,
        "name": application.applicant,
        "kind": application.kind,
        "country": application.country,
        "organisation": identity(application),
    }
    return expressions.facts_of(
        definition,
        answers=application.answers,
        track=application.track,
        applicant=applicant,
        members=application.members,
        received=application.received,
        counts=counts,
    )


def track_of(definition: Definition, application: Application) -> Track | None:
    """The track named, or the only one."""
    if not application.track and len(definition.tracks) == 1:
        return definition.tracks[0]
    return next((track for track in definition.tracks if track.id == application.track), None)


def in_time(received: str, limit: str, grace_minutes: int = 0) -> bool:
    """Whether what was received counts for a limit. Whole seconds: 18:00:00 counts, 18:00:01 does not.

    Where only a day is known, of either, the day decides. Nothing is held against what carries no day.
    """
    if not received:
        return True
    if len(received) <= 10 or len(limit) <= 10:
        return received[:10] <= limit[:10]
    last = dt.datetime.fromisoformat(limit) + dt.timedelta(minutes=grace_minutes)
    return dt.datetime.fromisoformat(received) <= last


def _on_time(definition: Definition, application: Application) -> Iterator[Reason]:
    closes = definition.schedule.closes
    if closes is None or definition.intake.mode != "window" or application.admitted:
        return
    if not in_time(application.received, closes.at, closes.printed_grace_minutes):
        yield Reason("received_after_closing", {"received": application.received, "closes": closes.at})


def of_party(definition: Definition, application: Application) -> Iterator[Reason]:
    """What the type says against this applicant and its consortium."""
    track = track_of(definition, application)
    if track is None:
        return
    if track.applicants and application.kind and application.kind not in track.applicants:
        told: dict[str, Param] = {"kind": application.kind, "track": track.id, "allowed": list(track.applicants)}
        yield Reason("applicant_kind", told)
    roles: Mapping[str, int] = Counter(member.get("role", "") for member in application.members)
    for role in track.consortium:
        found = roles.get(role.role, 0)
        if found < role.min:
            yield Reason("consortium_too_few", {"role": role.role, "needed": role.min, "found": found})
        if role.max is not None and found > role.max:
            yield Reason("consortium_too_many", {"role": role.role, "most": role.max, "found": found})
        wrong = sorted(
            {m.get("kind", "") for m in application.members if m.get("role") == role.role} - {*role.kinds, ""}
        )
        if role.kinds and wrong:
            yield Reason("consortium_kind", {"role": role.role, "kinds": wrong, "allowed": list(role.kinds)})


def amounts(definition: Definition, application: Application) -> tuple[int | None, int]:
    """The cost (None where the call asks for none) and the applicant's own share, in won."""
    money = definition.money
    cost = application.answers.get(money.cost) if money.cost else None
    own = application.answers.get(money.own) if money.own else None
    return (cost if isinstance(cost, int) else None), (own if isinstance(own, int) else 0)


def of_money(definition: Definition, application: Application) -> Iterator[Reason]:
    """What the limits of the call say against these amounts. Match funding is a rule of the selection, not of this."""
    cost, own = amounts(definition, application)
    if cost is None:
        return
    if own > cost:
        yield Reason("own_share_over_cost", {"own_krw": own, "cost_krw": cost})
        return
    track = track_of(definition, application)
    limits = definition.money.limits.get(track.id if track else "") or definition.money.limits.get("default")
    if limits:
        yield from _bounds("cost", cost, limits.cost_krw)
        yield from _bounds("grant", cost - own, limits.grant_krw)


def _bounds(what: str, given: int, limit: Limit) -> Iterator[Reason]:
    if limit.min is not None and given < limit.min:
        yield Reason(f"{what}_under_limit", {"given_krw": given, "min_krw": limit.min})
    if limit.max is not None and given > limit.max:
        yield Reason(f"{what}_over_limit", {"given_krw": given, "max_krw": limit.max})


def _failed_checks(definition: Definition, case: Case) -> dict[str, list[Reason]]:
    excluding = {item.id for item in definition.review if item.excludes}
    failed: dict[str, list[Reason]] = {}
    for check in case.checklist:
        if check.verdict == "fail" and check.item in excluding:
            told = {"item": check.item, "note": check.reason}
            failed.setdefault(check.application, []).append(Reason("review_failed", told))
    excluding = {check.id for check in definition.outside_checks if check.excludes}
    for answer in case.outside_checks:
        if answer.verdict == "found" and answer.check in excluding:
            told = {"check": answer.check, "source": answer.source, "on": answer.on, "note": answer.reason}
            failed.setdefault(answer.application, []).append(Reason("outside_check_found", told))
    return failed


class OpenChecks:
    """The outside checks that could still exclude an application: not answered, or answered with `unknown`."""

    def __init__(self, definition: Definition, case: Case) -> None:
        self._definition, self._counts = definition, Counts(case)
        self._asked = [check for check in definition.outside_checks if check.excludes]
        self._answered = {(a.application, a.check) for a in case.outside_checks if a.verdict != "unknown"}

    def of(self, application: Application) -> list[Reason]:
        waiting = [check for check in self._asked if (application.id, check.id) not in self._answered]
        if not waiting:
            return []
        facts = facts_of(self._definition, application, self._counts)
        return [
            Reason("outside_check_open", {"check": check.id})
            for check in waiting
            if check.when is None or expressions.compile_rule(check.when)(facts)
        ]
