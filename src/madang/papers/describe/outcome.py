"""Money, and the life of an outcome: conditions, validity, renewal, orders, revocation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from madang.core.callspec.asked import MoneyField
from madang.core.callspec.model import Condition, Limit
from madang.core.callspec.rule import ByRank
from madang.papers.describe.teller import Teller, marked
from madang.papers.outline import Facts, Part, Row, Words


class Outcomes(Teller):
    def money(self) -> Iterator[Part]:
        money = self.d.money
        rows: list[Row] = []
        if money.budget_krw is not None:
            text = self.label(f"money.budget_{money.budget_of}", amount=self.w.won(money.budget_krw))
            identities = [Words(text, marked(money, "budget_krw")), *self._identities(money.budget_krw)]
            rows += self._row("money.budget", *identities)
        if money.match:
            told = {"grant": self.w.won(10**6 * money.match.grant), "own": self.w.won(10**6 * money.match.own)}
            ratio = f"{money.match.grant}:{money.match.own}"
            sample = marked(money, "match") or marked(money.match)
            rows += self._row("money.match", self.label("money.match_words", ratio=ratio, **told), sample=sample)
        for track, limits in money.limits.items():
            for key, limit in (("money.cost", limits.cost_krw), ("money.grant", limits.grant_krw)):
                if told_limit := self._limit(limit):
                    heading = self.label(key)
                    if track != "default":
                        heading = self.label("money.for_track", label=heading, track=self._track(track))
                    sample = marked(money, "limits") or marked(limits) or marked(limit)
                    rows.append(Row(heading, (Words(told_limit, sample),)))
        asked = [self.w.of(field.label) for field in self.d.fields() if isinstance(field, MoneyField)]
        rows += self._row("money.asked_as", self.w.listed(asked))
        if not rows:
            if self.d.outcome.recipient == "none":
                yield Words(self.label("money.none"))
            return
        rows += self._row("money.recipient", self.label(f"recipient.{self.d.outcome.recipient}"))
        yield Facts(tuple(rows))

    def _identities(self, budget: int) -> Iterator[Words]:
        """What must add up: places times the amount of each, and the shares of grant and own money."""
        money, decide = self.d.money, self.d.decide
        limits = money.limits.get("default")
        if limits and isinstance(decide, ByRank):
            limit = limits.cost_krw if money.budget_of == "cost" else limits.grant_krw
            if limit.max is not None and limit.max * decide.seats.max == budget:
                told = {"seats": decide.seats.max, "each": self.w.won(limit.max), "total": self.w.won(budget)}
                yield Words(self.label("money.identity", **told))
        if money.match and money.match.own and money.budget_of == "cost":
            grant, left = divmod(budget * money.match.grant, money.match.grant + money.match.own)
            if not left:
                told = {"total": self.w.won(budget), "grant": self.w.won(grant), "own": self.w.won(budget - grant)}
                yield Words(self.label("money.split", **told))

    def _limit(self, limit: Limit) -> str:
        if limit.min is not None and limit.max is not None:
            same = limit.min == limit.max
            told = {"min": self.w.won(limit.min), "max": self.w.won(limit.max)}
            return self.label("money.exactly" if same else "money.between", **told)
        if limit.min is not None:
            return self.label("money.at_least", min=self.w.won(limit.min))
        return self.label("money.at_most", max=self.w.won(limit.max)) if limit.max is not None else ""

    def outcome(self) -> Iterator[Part]:
        o = self.d.outcome
        rows = [*self._row("outcome.kind", self.label(f"badge.{o.kind}"))]
        if self.d.money.cost or o.kind == "award":
            amounts = self.w.listed([self.label(f"amount.{amount}") for amount in o.amounts])
            rows += self._row("outcome.amounts", amounts, sample=marked(o, "amounts"))
        rows += self._row("outcome.conditions", *(self._condition_of(c, marked(o, "conditions")) for c in o.conditions))
        if o.conditions:
            rows += self._row("outcome.failed", self.label("outcome.undone"))
        if o.validity:
            rows += self._row("outcome.validity", self.w.period(o.validity), sample=marked(o, "validity"))
        if o.renewal:
            told = []
            if o.renewal.request_before:
                told.append(self.label("outcome.request_before", period=self.w.period(o.renewal.request_before)))
            if o.renewal.up_to:
                told.append(self.label("outcome.up_to", period=self.w.period(o.renewal.up_to)))
            if o.renewal.times:
                told.append(self.label("outcome.times", times=o.renewal.times))
            rows += self._row("outcome.renewal", "; ".join(told), sample=marked(o, "renewal") or marked(o.renewal))
        rows += self._row("outcome.amendment", self.w.of(o.amendment), sample=marked(o, "amendment"))
        rows += self._grounds("outcome.suspension", o.suspension, marked(o, "suspension"))
        rows += self._grounds("outcome.correction", o.correction, marked(o, "correction"))
        if o.revocation:
            for name in ("must", "may"):
                outer = marked(o, "revocation") or marked(o.revocation, name)
                rows += self._grounds(f"outcome.{name}", getattr(o.revocation, name), outer)
        if o.public_register:
            rows += self._row("outcome.register", self.label("outcome.registered"))
        yield Facts(tuple(rows))

    def _condition_of(self, condition: Condition, outer: bool) -> Words:
        """A condition with its time limit and whom it concerns."""
        notes = []
        if condition.due:
            word = f" [{self.label('sample')}]" if marked(condition.due) and not marked(condition) else ""
            notes.append(self.label("when.within", clock=self._clock(condition.due)) + word)
        if condition.when:
            notes.append(self.label("review.only", condition=self._condition(condition.when)))
        return Words(self.w.of(condition.label), outer or marked(condition), "; ".join(notes))

    def _grounds(self, key: str, grounds: Sequence[Any], outer: bool) -> Iterator[Row]:
        yield from self._row(key, *(Words(self.w.of(g.label), outer or marked(g)) for g in grounds))
