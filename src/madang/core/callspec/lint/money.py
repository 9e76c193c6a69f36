"""Money: fields that exist, match funding that the ceilings allow, quotas and seats that the budget can pay."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.asked import MoneyField
from madang.core.callspec.lint.common import Found, Params, Sets
from madang.core.callspec.model import Definition, Limits
from madang.core.callspec.rule import ByRank, Quota


def money_fields(d: Definition, sets: Sets) -> Iterator[Found]:
    known = [field.id for field in d.fields() if isinstance(field, MoneyField)]
    for name in ("cost", "own"):
        field = getattr(d.money, name)
        if field is not None and field not in known:
            yield ("money", name), "not_a_money_field", {"name": field, "known": known}
    if d.money.match and d.money.match.own and not (d.money.own and d.money.cost):
        yield ("money", "match"), "match_without_fields", {}
    if isinstance(d.decide, ByRank) and d.money.cost is None:
        for name in ("budget_krw", "limits"):
            if getattr(d.money, name):
                yield ("money", name), "money_without_cost_field", {"name": name}


def limits(d: Definition, sets: Sets) -> Iterator[Found]:
    """Bounds that leave room, and a grant ceiling that the match allows under the ceiling of the cost."""
    for name, limit in d.money.limits.items():
        for bound in ("cost_krw", "grant_krw"):
            given = getattr(limit, bound)
            if given.min is not None and given.max is not None and given.min > given.max:
                told: Params = {"id": bound, "min": str(given.min), "max": str(given.max)}
                yield ("money", "limits", name, bound), "least_over_most", told
        yield from _match(d, name, limit)


def _match(d: Definition, name: str, limit: Limits) -> Iterator[Found]:
    cost, grant, match = limit.cost_krw, limit.grant_krw, d.money.match
    asked = grant.min if grant.max is None else grant.max
    if cost.max is None or asked is None:
        return
    most = cost.max * match.grant // (match.grant + match.own) if match else cost.max
    if asked > most:
        told: Params = {"cost": cost.max, "most": most, "grant": asked}
        if match:
            told["match"] = f"{match.grant}:{match.own}"
        yield ("money", "limits", name), "match_over_ceiling" if match else "grant_over_cost", told


def budget(d: Definition, sets: Sets) -> Iterator[Found]:
    """Whether the fewest seats, and the fewest of each track, can be paid at their cheapest."""
    total, decide = d.money.budget_krw, d.decide
    if total is None or not isinstance(decide, ByRank):
        return
    tracks = [track.id for track in d.tracks] or ["default"]
    cheapest = min(_least_used(d, track) for track in tracks)
    if cheapest > total:
        yield ("money", "budget_krw"), "limit_over_budget", {"budget": total, "needed": cheapest}
        return
    if decide.seats.min * cheapest > total:
        told: Params = {"budget": total, "needed": decide.seats.min * cheapest, "seats": decide.seats.min}
        yield ("money", "budget_krw"), "seats_over_budget", told
    for number, rule in enumerate(decide.rules):
        if not isinstance(rule, Quota) or rule.quota != "track":
            continue
        placed = sum(share.min or 0 for share in rule.values.values())
        needed = sum((share.min or 0) * _least_used(d, value) for value, share in rule.values.items())
        needed += max(0, decide.seats.min - placed) * cheapest
        if needed > total and decide.seats.min * cheapest <= total:
            yield ("decide", "rules", number), "quota_over_budget", {"id": rule.id, "budget": total, "needed": needed}


def _least_used(d: Definition, track: str) -> int:
    """The least that one application of a track takes from the budget, in won."""
    limit = d.money.limits.get(track) or d.money.limits.get("default") or Limits()
    match = d.money.match
    if d.money.budget_of == "cost":
        least = limit.cost_krw.min or 0
        if match and limit.grant_krw.min:  # a grant of so much comes with its own share
            least = max(least, limit.grant_krw.min * (match.grant + match.own) // match.grant)
        return least
    return limit.grant_krw.min or 0


CHECKS = (money_fields, limits, budget)
