"""What the call's rules say of a form as it stands: money and match funding, kinds and consortium, eligibility."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from madang.core.callspec.expressions import RuleError, compile_rule
from madang.core.callspec.model import Eligibility, Match
from madang.core.deciding.case import Application
from madang.core.deciding.eligibility import amounts, not_met, of_money, of_party, rules_of
from madang.core.form.filled import Filled
from madang.core.form.model import APPLICANT, MEMBERS, Missing, MoneyState, Place
from madang.core.reasons import Malformed, Reason


@dataclass(frozen=True, slots=True)
class Ruled:
    """`unmet` are the reasons of `eligibility`; `told` says of each, of each open rule and of the match where to go."""

    money: MoneyState
    unmet: tuple[Reason, ...]
    open_rules: tuple[str, ...]
    told: tuple[Missing, ...]
    subsidised: Mapping[str, bool]


def ruled(filled: Filled, application: Application, places: Mapping[str, Place]) -> Ruled:
    """The answer of every rule to `application`, which is what counts of `filled`."""
    state = money_of(filled, application, places)
    told = [*_of_applicant(filled, application), *_of_limits(filled, application, places)]
    waiting = _waiting(filled, places, told)
    open_rules = []
    unmet = [one.reason for one in told]
    for rule, holds in rules_of(filled.definition, filled.facts):
        if isinstance(holds, RuleError) or (not holds and compile_rule(rule.rule).names & waiting):
            open_rules.append(rule.id)
            reason = Reason("form_rule_waits", {"rule": rule.id})
        elif not holds:
            reason = not_met(rule)
            unmet.append(reason)
        else:
            continue
        told.append(Missing(step=_step_of(rule, filled, places), key="", reason=reason))
    if state.match_holds is False:
        told.append(_of_match(filled, places, state))
    return Ruled(state, tuple(unmet), tuple(open_rules), tuple(told), subsidised(filled))


def money_of(filled: Filled, application: Application, places: Mapping[str, Place]) -> MoneyState:
    """The amounts, the limits of the call, and the match as the selection reckons it."""
    money = filled.definition.money
    match, own_place = money.match, places.get(money.own or "")
    cost, own = amounts(filled.definition, application)
    if own_place is not None and own_place.shown and own_place.value is None:
        return MoneyState(cost_krw=cost, match_least_own_krw=_least_own(match, cost))
    if cost is None:
        return MoneyState(own_krw=own if money.own else None)
    reasons, holds = list(of_money(filled.definition, application)), None
    least = _least_own(match, cost)
    if match is not None:
        holds = own * match.grant >= (cost - own) * match.own  # as `core.selection.model.Match.met_by`
        if not holds:
            told = {"own_krw": own, "grant_krw": cost - own, "least_krw": least}
            reasons.append(Reason("form_match_not_met", told))
    return MoneyState(
        cost_krw=cost,
        own_krw=own,
        grant_krw=max(cost - own, 0),
        match_least_own_krw=least,
        match_holds=holds,
        reasons=tuple(reasons),
    )


def subsidised(filled: Filled) -> dict[str, bool]:
    """Row of the consortium -> whether the money may reach that member, where it can be said."""
    track = filled.track_now()
    roles = {role.role: role for role in track.consortium} if track else {}
    found = {}
    for id_, member in filled.members().items():
        if not (role := roles.get(member["role"])):
            continue
        try:
            found[id_] = role.subsidy is None or compile_rule(role.subsidy)({"member": member})
        except (RuleError, Malformed):
            continue
    return found


def _least_own(match: Match | None, cost: int | None) -> int | None:
    """own x grant parts >= (cost - own) x own parts, solved for the smallest whole own."""
    if match is None or cost is None:
        return None
    return -(-cost * match.own // (match.grant + match.own))


def _of_applicant(filled: Filled, application: Application) -> Iterator[Missing]:
    for reason in of_party(filled.definition, application):
        step = APPLICANT if reason.code == "applicant_kind" else "consortium"
        yield Missing(step=step, key="", reason=reason)


def _of_limits(filled: Filled, application: Application, places: Mapping[str, Place]) -> Iterator[Missing]:
    cost = filled.definition.money.cost or ""
    for reason in of_money(filled.definition, application):
        yield Missing(step=places[cost].step, key=cost, reason=reason)


def _of_match(filled: Filled, places: Mapping[str, Place], state: MoneyState) -> Missing:
    own = places.get(filled.definition.money.own or "")
    if own is None or not own.shown:
        return Missing(step="check", key="", reason=state.reasons[-1])
    return Missing(step=own.step, key=own.key, reason=state.reasons[-1])


def _waiting(filled: Filled, places: Mapping[str, Place], told: list[Missing]) -> frozenset[str]:
    """Names of which a rule cannot speak yet: what is still to be answered, or cannot be read."""
    shown = {name: places[name] for name in filled.fields if places[name].shown}
    names = {name for name, place in shown.items() if place.missing or place.faults}
    if filled.kind.value is None or filled.country.value is None:
        names.add("applicant")
    cells = (place for key, place in places.items() if key.startswith(f"{MEMBERS}."))
    if any(place.missing or place.faults for place in cells):
        names.add("members")
    if any(one.reason.code == "consortium_too_few" for one in told):
        names.add("members")
    return frozenset(names)


def _step_of(rule: Eligibility, filled: Filled, places: Mapping[str, Place]) -> str:
    """Where an answer that the rule speaks of is given."""
    names = compile_rule(rule.rule).names
    for name in filled.fields:
        if name in names and places[name].shown:
            return places[name].step
    return "consortium" if MEMBERS in names and MEMBERS in places else "check"
