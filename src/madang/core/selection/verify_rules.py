"""What each rule measures and says, for the verifier: written from the page, without the solver's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from madang.core.selection.model import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    Rule,
    Seats,
)

Gauge = tuple[str, str]  # (rule id, value of the tag or "")
NOTHING: Mapping[Gauge, int] = {}

# --- a rule measures one or more gauges, each the sum of what the selected add to it ---


def adds(rule: Rule, a: Application) -> list[tuple[Gauge, int]]:
    if isinstance(rule, Seats):
        return [((rule.id, ""), 1)]
    if isinstance(rule, Quota):
        return [((rule.id, ""), 1)] if rule.equals in a.tags.get(rule.tag, ()) else []
    if isinstance(rule, CapEach):
        return [((rule.id, value), 1) for value in a.tags.get(rule.tag, ())]
    if isinstance(rule, ExcludeTogether):
        return [((rule.id, ""), 1)] if a.id in rule.applications else []
    if isinstance(rule, Budget):
        money = (a.cost_krw or 0) - (a.own_krw if rule.money == "grant" else 0)
        return [((rule.id, ""), money)] if money else []
    return []


def high_of(rule: Rule) -> int | None:
    if isinstance(rule, Budget):
        return rule.max_krw
    if isinstance(rule, ExcludeTogether):
        return 1
    return rule.max if isinstance(rule, Seats | Quota | CapEach) else None


def low_of(rule: Rule) -> int:
    return rule.min if isinstance(rule, Seats | Quota) else 0


def fails_alone(rule: Rule, a: Application) -> bool:
    if isinstance(rule, Match):
        return a.own_krw * rule.grant < ((a.cost_krw or 0) - a.own_krw) * rule.own
    if isinstance(rule, PassMark):
        return a.value is None or a.value < rule.min_value
    return False


# --- what a result says of a rule ---


def told(
    rule: Rule,
    a: Application | None,
    how: str,
    chosen: Sequence[str] = (),
    held: Mapping[Gauge, int] = NOTHING,
) -> dict[str, Any]:
    """The sentence's facts at that moment, from the page; `held`: what those already in add up to.

    `chosen`: for `exclude_together`, which of its applications are in, in the order of the problem.
    """
    facts: dict[str, Any] = {"rule": rule.id}
    if isinstance(rule, Budget):
        facts |= {"money": rule.money, "max_krw": rule.max_krw}
        facts["used_krw"] = held.get((rule.id, ""), 0)
        if a:
            facts["needed_krw"] = sum(weight for _, weight in adds(rule, a))
    elif isinstance(rule, Match):
        facts |= {"grant": rule.grant, "own": rule.own}
        if a:
            facts |= {"grant_krw": (a.cost_krw or 0) - a.own_krw, "own_krw": a.own_krw}
    elif isinstance(rule, Seats | Quota):
        if isinstance(rule, Quota):
            facts |= {"tag": rule.tag, "equals": rule.equals}
        facts |= {"count": held.get((rule.id, ""), 0), "min": rule.min, "max": rule.max}
    elif isinstance(rule, CapEach):
        mine = a.tags.get(rule.tag, ()) if a else ()
        facts |= {"tag": rule.tag, "max": rule.max}
        facts["values"] = sorted([v for v in mine if held.get((rule.id, v), 0) >= rule.max] or mine)
    elif isinstance(rule, PassMark):
        facts["min_value"] = plain(Fraction(rule.min_value))
        if a and a.value is not None:
            facts["value"] = plain(Fraction(a.value))
    else:
        facts["applications"] = list(rule.applications)
        facts["selected"] = list(chosen)
    return {"code": f"{how}_{rule.type}", "params": facts}


def plain(value: Fraction) -> int | str:
    """A value as a result writes it: an integer, or decimal text without trailing zeros."""
    if value == int(value):
        return int(value)
    sign, rest = ("-", -value) if value < 0 else ("", value)
    digits = f"{int(rest * 10**6):07d}"
    return f"{sign}{digits[:-6]}.{digits[-6:].rstrip('0')}"


def use_of(rule: Rule, chosen: Sequence[Application], everybody: Sequence[Application]) -> dict[str, Any]:
    """What the result must say of a rule's use."""
    total = sum(weight for a in chosen for _, weight in adds(rule, a))
    failing = sum(fails_alone(rule, a) for a in everybody)
    if isinstance(rule, Budget):
        left = rule.max_krw - total
        return {"money": rule.money, "used_krw": total, "max_krw": rule.max_krw, "slack_krw": left}
    if isinstance(rule, Match):
        own = sum(a.own_krw for a in chosen)
        cost = sum(a.cost_krw or 0 for a in chosen)
        return {"grant": rule.grant, "own": rule.own, "grant_krw": cost - own, "own_krw": own, "failing": failing}
    if isinstance(rule, Seats | Quota):
        named = {"tag": rule.tag, "equals": rule.equals} if isinstance(rule, Quota) else {}
        slack = None if rule.max is None else rule.max - total
        return {**named, "count": total, "min": rule.min, "max": rule.max, "slack": slack}
    if isinstance(rule, CapEach):
        held = Counter(gauge[1] for a in chosen for gauge, _ in adds(rule, a))
        return {"tag": rule.tag, "max": rule.max, "values_at_cap": sorted(v for v in held if held[v] == rule.max)}
    if isinstance(rule, PassMark):
        mark = Fraction(rule.min_value)
        lowest = min((Fraction(a.value) for a in chosen if a.value is not None), default=None)
        use = {"min_value": plain(mark), "failing": failing, "lowest_value": None, "slack_value": None}
        return use if lowest is None else use | {"lowest_value": plain(lowest), "slack_value": plain(lowest - mark)}
    return {"selected": [a.id for a in chosen if a.id in rule.applications], "max": 1}
