"""Refusals shown by prices: what filling the minimums costs at least, whoever is chosen.

Give each line a price: for one more towards a minimum, for one more under a maximum. An application then costs its
budget weight less what its lines are worth; those whose balance is below zero are worth taking, the others are not.
Adding up gives a least cost for every selection, and with whoever is in, their balances where above zero. If that
exceeds the budget, nothing can be completed. All in integers: prices from the linear relaxation are rounded first, so
a wrong one can weaken a proof and never make a false one. (Lagrangian bound; Geoffrion 1974.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from madang.core.selection.lines import Line

SCALE = 1024  #: balances are held in 1/1024 won


@dataclass(slots=True)
class Proof:
    """Whatever holds `inside` costs at least `base` + the sum of `over` of those inside. Holds where `rules` must."""

    rules: frozenset[int]
    base: int
    limit: int
    balance: Sequence[int]
    _inside: frozenset[int] = field(default_factory=frozenset)
    _cost: int = 0

    @classmethod
    def of(
        cls,
        lines: Sequence[Line],
        budget: int,
        barred: frozenset[int],
        rules: frozenset[int],
        prices: Mapping[int, float],
    ) -> Proof:
        """`barred`: who cannot come in under `rules`, whatever else does. The proof keeps the rules that it draws on.

        Cost: the members of the priced lines.
        """
        most = lines[budget].at_most
        assert most is not None, "a budget has a maximum"
        count = 1 + max((max(line.weights, default=0) for line in lines), default=0)
        balance, base, needed = [0] * count, 0, {lines[budget].rule}
        for i, weight in lines[budget].weights.items():
            balance[i] = weight * SCALE
        for n, price in prices.items():
            line, whole = lines[n], round(price * SCALE)
            if whole > 0 and line.at_least > 0:
                base += whole * line.at_least
            elif whole < 0 and line.at_most is not None:
                base += whole * line.at_most
            else:
                continue
            needed.add(line.rule)
            for i, weight in line.weights.items():
                balance[i] -= whole * weight
        spared = {i for i in barred if balance[i] < 0}
        base += sum([b for b in balance if b < 0]) - sum([balance[i] for i in spared])
        needed |= {line.rule for line in lines if line.at_most == 0 and not spared.isdisjoint(line.weights)}
        return cls(rules & needed, base, most * SCALE, balance)

    def over(self, i: int) -> int:
        """What `i` adds to the least cost by being in."""
        return max(0, self.balance[i]) if i < len(self.balance) else 0

    def cost(self, inside: frozenset[int]) -> int:
        """The least cost with these in."""
        if inside is not self._inside:
            self._inside, self._cost = inside, self.base + sum([self.over(i) for i in inside])
        return self._cost if inside else self.base

    def refuses(self, inside: frozenset[int], i: int) -> bool:
        """Proven: nothing holds `inside` and `i` and keeps the rules."""
        return self.cost(inside) + self.over(i) > self.limit

    def settled(self, chosen: Iterable[int], everybody: Iterable[int]) -> tuple[list[int], list[int]] | None:
        """(who must be in, who stays open) beside `chosen`, to stay within the limit; None where nothing does.

        Cost: applications.
        """
        inside = frozenset(chosen)
        left = self.limit - self.base - sum([self.over(i) for i in inside])
        if left < 0:
            return None
        needed, open_ = [], []
        for i in everybody:
            if i not in inside:
                balance = self.balance[i] if i < len(self.balance) else 0
                if balance < -left:
                    needed.append(i)
                elif balance <= left:
                    open_.append(i)
        return needed, open_
