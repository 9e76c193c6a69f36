"""What a `total_value` result must say of rules and numbers: made anew for the checker, without the solver's code."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from madang.core.reasons import Param
from madang.core.selection.model import Application, Budget, CapEach, Match, PassMark, Quota, Rule, Seats
from madang.core.selection.verify_total_proof import MILLION, fails_alone


def reason(code: str, **params: object) -> dict[str, Any]:
    return {"code": code, "params": params}


def brief(value: object) -> Param:
    """A value as a parameter: small ones as they are, long ones by their size, nothing where a field is missing."""
    if isinstance(value, list | dict):
        return f"[{len(value)}]" if isinstance(value, list) else f"{{{len(value)}}}"
    return value if isinstance(value, str | int | bool) else None


def plain(value: Fraction) -> int | str:
    """A value as a result writes it: an integer, or decimal text without trailing zeros."""
    if value.denominator == 1:
        return value.numerator
    digits = f"{abs(value.numerator) * MILLION // value.denominator:07d}"
    return f"{'-' if value < 0 else ''}{digits[:-6]}.{digits[-6:].rstrip('0')}"


def millionths(value: int | str) -> int:
    """A number of the result, read exactly."""
    found = Fraction(value) * MILLION
    if isinstance(value, bool) or found.denominator != 1 or plain(Fraction(value)) != value:
        raise ValueError("not a number of a result")
    return found.numerator


def money(rule: Budget, a: Application) -> int:
    return (a.cost_krw or 0) - (a.own_krw if rule.money == "grant" else 0)


def use_of(rule: Rule, chosen: Sequence[Application], everybody: Sequence[Application]) -> dict[str, Any]:
    """What the result must say of a rule's use."""
    failing = sum(fails_alone(rule, a) for a in everybody)
    if isinstance(rule, Budget):
        used = sum(money(rule, a) for a in chosen)
        return {"money": rule.money, "used_krw": used, "max_krw": rule.max_krw, "slack_krw": rule.max_krw - used}
    if isinstance(rule, Match):
        own = sum(a.own_krw for a in chosen)
        cost = sum(a.cost_krw or 0 for a in chosen)
        return {"grant": rule.grant, "own": rule.own, "grant_krw": cost - own, "own_krw": own, "failing": failing}
    if isinstance(rule, Seats):
        return counted(len(chosen), rule)
    if isinstance(rule, Quota):
        count = sum(rule.equals in a.tags.get(rule.tag, ()) for a in chosen)
        return {"tag": rule.tag, "equals": rule.equals, **counted(count, rule)}
    if isinstance(rule, CapEach):
        held: dict[str, int] = {}
        for value in (value for a in chosen for value in a.tags.get(rule.tag, ())):
            held[value] = held.get(value, 0) + 1
        return {"tag": rule.tag, "max": rule.max, "values_at_cap": sorted(v for v in held if held[v] == rule.max)}
    if isinstance(rule, PassMark):
        mark = Fraction(rule.min_value)
        lowest = min((Fraction(a.value) for a in chosen if a.value is not None), default=None)
        found = {"min_value": plain(mark), "failing": failing, "lowest_value": None, "slack_value": None}
        return found if lowest is None else found | {"lowest_value": plain(lowest), "slack_value": plain(lowest - mark)}
    return {"selected": [a.id for a in chosen if a.id in rule.applications], "max": 1}


def counted(count: int, rule: Seats | Quota) -> dict[str, Any]:
    slack = None if rule.max is None else rule.max - count
    return {"count": count, "min": rule.min, "max": rule.max, "slack": slack}
