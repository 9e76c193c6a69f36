"""Invented amounts: inside their limits, or one that a rule names; own money that matches; parts that add up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from madang.core.callspec.asked import WON_PER_UNIT, MoneyField
from madang.core.callspec.model import Track
from madang.papers.samples.common import Sampling

_AMOUNT_KRW = 1_000_000_000
_KRW = re.compile(r"krw\(\s*(\d+)\s*,\s*['\"](\w+)['\"]\s*\)")
_AMOUNT = re.compile(r"\b\d{7,15}\b")
_SUM = re.compile(r"(\w+)\s*==\s*(\w+(?:\s*\+\s*\w+)+)")


class Amounts:
    """The money fields of one application after the other."""

    def __init__(self, sampling: Sampling) -> None:
        self._s = sampling
        self._fields = {f.id: f for f in sampling.definition.fields() if isinstance(f, MoneyField)}

    def draw(self, track: Track | None, *, adding_up: bool) -> dict[str, int]:
        """An amount for each money field, in won. `adding_up=False` breaks the sums that a rule asks for."""
        money = self._s.definition.money
        amounts = {name: self._amount(field, *self._limits(name, track)) for name, field in self._fields.items()}
        if money.cost in amounts and money.own in amounts:
            own = self._fields[str(money.own)]
            amounts[own.id] = self._own(own, amounts[str(money.cost)])
        for whole, parts in self._sums():
            amounts |= self._split(parts, amounts[whole] if adding_up else amounts[whole] // 2)
        return amounts

    def _limits(self, field: str, track: Track | None) -> tuple[int, int]:
        """From what to what an amount may be. The grant's limit bounds the cost with the own money beside it."""
        money = self._s.definition.money
        limits = money.limits.get(track.id if track else "", money.limits.get("default"))
        if limits is None or field != money.cost:
            return 0, _AMOUNT_KRW
        grant, whole = limits.grant_krw, Fraction(1)
        if money.match and money.own:
            whole = Fraction(money.match.grant + money.match.own, money.match.grant)
        tops = [int(grant.max * whole)] if grant.max is not None else []
        if limits.cost_krw.max is not None:
            tops.append(limits.cost_krw.max)
        low = max(limits.cost_krw.min or 0, int((grant.min or 0) * whole))
        return low, min(tops, default=max(low, _AMOUNT_KRW))

    def _amount(self, field: MoneyField, low: int, high: int) -> int:
        random = self._s.random
        rules = (rule for rule in self._s.rules if re.search(rf"\b{field.id}\b", rule))
        amounts = [krw for rule in rules for krw in _named_amounts(rule)]
        top = random.choice(amounts) if amounts else high
        share = 20 if random.randrange(2) else random.randrange(8, 22)
        unit = _round_sum(field)
        return max(low, top * share // 20 // unit * unit, unit)

    def _own(self, field: MoneyField, cost: int) -> int:
        """The least that matches, or (one in three) somewhat more; rounded up to a round sum."""
        match = self._s.definition.money.match
        least = -(-cost * match.own // (match.grant + match.own)) if match else cost * 3 // 10
        least = least if self._s.random.randrange(3) else least + (cost - least) // 10
        unit = _round_sum(field)
        return min(cost, -(-least // unit) * unit)

    def _sums(self) -> Iterator[tuple[str, list[str]]]:
        """`local == local_province + local_city`, where all of them are amounts of the form."""
        for rule in self._s.rules:
            if found := _SUM.fullmatch(rule.strip()):
                parts = re.split(r"\s*\+\s*", found[2])
                if {found[1], *parts} <= self._fields.keys():
                    yield found[1], parts

    def _split(self, parts: list[str], whole: int) -> dict[str, int]:
        """Round shares of a whole; the last takes the rest."""
        shares: dict[str, int] = {}
        for name in parts[:-1]:
            unit = _round_sum(self._fields[name])
            share = whole * self._s.random.randrange(10, 60) // 100 // len(parts) * 2
            shares[name] = share // unit * unit
        return shares | {parts[-1]: whole - sum(shares.values())}


def _round_sum(field: MoneyField) -> int:
    return min(WON_PER_UNIT[field.unit], 10_000_000)


def _named_amounts(rule: str) -> list[int]:
    """Amounts in won that a rule names."""
    units = [int(amount) * WON_PER_UNIT[unit] for amount, unit in _KRW.findall(rule) if unit in WON_PER_UNIT]
    return units + [int(amount) for amount in _AMOUNT.findall(_KRW.sub("", rule))]
