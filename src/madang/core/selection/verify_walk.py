"""Checks the walk: each one passed over, each set of rules that is said to forbid, each tie."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from typing import Any

from madang.core.selection.model import ReservePerTag
from madang.core.selection.verify_fill import Fills
from madang.core.selection.verify_findings import Findings
from madang.core.selection.verify_rules import Gauge, fails_alone
from madang.core.selection.verify_search import Completion, TooMuch

SETS = 500  # how many sets of rules are tried to see that no smaller one forbids


class WalkCheck(Findings, ABC):
    """The walk of a result against the problem."""

    fills: Fills | None = None

    @abstractmethod
    def after_the_walk(self, reasons: list[dict[str, Any]], tied: bool) -> None:
        """What a result says beyond the walk: `reasons` are those that the walk gives."""

    def walked(self) -> None:
        result = self.result
        self.same("/conflict", result["conflict"], [])
        down = [id_ for group in self.groups for id_ in group]
        self.why = {entry["id"]: entry for entry in result["why"]}
        if [entry["id"] for entry in result["why"]] != down:
            self.wrong("/why", "ids_not_of_the_problem")
            return
        if self.selected != sorted(self.selected, key=self.why_places.__getitem__):
            self.wrong("/selected", "not_in_rank_order")
            return
        try:
            if not (self.search.keeps_all(self.selected) or self.search.possible(frozenset(self.selected))):
                self.wrong("/selected", "selected_break_a_rule")
                return
        except TooMuch:
            self.open("selected_not_checked")
        inside: list[str] = []
        held: Counter[Gauge] = Counter()
        chosen = set(self.selected)
        tied: list[str] = []
        for group in self.groups:
            if tied:
                for id_ in group:
                    self._not_reached(id_, "after_tie", [])
                continue
            tied = [id_ for id_ in group if self.why[id_]["code"] == "tied"]
            if tied:
                self._tie(tied, group, inside)
            for id_ in group:
                if id_ not in tied and id_ not in chosen:
                    self._skip(id_, inside, held)
            for id_ in group:
                if id_ in chosen:
                    self._entry(id_, "selected", [], [], [])
                    inside.append(id_)
                    held.update(dict(self.search.all_adds[id_]))
        if len(inside) != len(self.selected):
            self.wrong("/selected", "selected_after_a_tie")
        if not tied and not self.search.keeps_all(self.selected):
            self.wrong("/selected", "selected_break_a_rule")
        self.same("/status", result["status"], "undetermined" if tied else "computed")
        reasons = [{"code": "tie_at_the_line", "params": {"applications": tied}}] if tied else []
        self.after_the_walk(reasons, bool(tied))

    def _at(self, id_: str) -> str:
        return f"/why/{self.why_places[id_]}"

    def _entry(self, id_: str, code: str, rules: list[str], also: list[str], reasons: list[Any]) -> None:
        expected = {"id": id_, "code": code, "rules": rules, "also": also, "reasons": reasons}
        self.same_fields(self._at(id_), self.why[id_], expected)

    def _not_reached(self, id_: str, code: str, reasons: list[Any]) -> None:
        alone = [r.id for r in self.problem.rules if fails_alone(r, self.by_id[id_])]
        if alone:
            self._entry(id_, "kept_out", alone[:1], alone[1:], [self.told_of(r, id_, "forbids") for r in alone])
        else:
            self._entry(id_, code, [], [], reasons or [{"code": code, "params": {}}])

    def _tie(self, tied: list[str], group: list[str], inside: list[str]) -> None:
        """Each of the tied could come in now, but not all of them together; nobody else of the group could."""
        told = [{"code": "tie_at_the_line", "params": {"applications": tied}}]
        for id_ in tied:
            self._entry(id_, "tied", [], [], told)
        try:
            if len(tied) < 2 or self.search.possible(frozenset([*inside, *tied])):
                self.wrong("/why", "not_a_tie")
            if not all(self.search.possible(frozenset([*inside, id_])) for id_ in tied):
                self.wrong("/why", "not_a_tie")
        except TooMuch:
            self.open("tie_not_checked", applications=list(tied))
        if any(id_ in self.selected for id_ in group):
            self.wrong("/selected", "selected_after_a_tie")

    def _skip(self, id_: str, inside: list[str], held: Mapping[Gauge, int]) -> None:
        """Rightly passed over, and by a smallest set of rules."""
        alone = self.search.broken_by(id_, held)
        if alone:
            told = [self.told_of(rule, id_, "forbids", inside, held) for rule in alone]
            self._entry(id_, "kept_out", alone[:1], alone[1:], told)
            return
        rules = list(self.why[id_]["rules"])
        if rules != [rule.id for rule in self.problem.rules if rule.id in rules]:
            self.wrong(f"{self._at(id_)}/rules", "ids_not_of_the_problem")
            return
        told = [self.told_of(rule, id_, "jointly", inside, held) for rule in rules]
        self._entry(id_, "kept_out_jointly", rules, [], told)
        wanted = frozenset([*inside, id_])
        fills = self._fills(inside, held)
        try:
            if not fills.forbid(frozenset(rules), id_) and self.search.possible(wanted, frozenset(rules)):
                self.wrong(f"{self._at(id_)}/rules", "rules_do_not_forbid")
                return
            self.search.refuted.setdefault(id_, []).append(wanted)
            if fills.allow_every(len(rules) - 1, id_):
                return
            if not self.is_smallest(f"{self._at(id_)}/rules", wanted, frozenset(rules)):
                self.wrong(f"{self._at(id_)}/rules", "not_a_smallest_set")
        except TooMuch:
            self.open("skip_not_checked", application=id_)

    def _fills(self, inside: list[str], held: Mapping[Gauge, int]) -> Fills:
        """The sums for those in; made once for all who are passed over before the next comes in."""
        if self.fills is None or len(self.fills.inside) != len(inside):
            self.fills = Fills(self.search, inside, held)
        return self.fills

    def is_smallest(
        self, at: str, inside: frozenset[str], rules: frozenset[str], search: Completion | None = None
    ) -> bool:
        """No rule can be spared, and no other set of fewer rules forbids it either.

        If every set with one rule less can be kept, so can every smaller one. Where those are too many to try, the
        second half is told as not checked. `search`: where something was changed in the problem.
        """
        search = search or self.search
        if not all(search.possible(inside, rules - {rule}) for rule in rules):
            return False
        size = max(0, len(rules) - 1)
        if math.comb(len(self.problem.rules), size) > SETS:
            self.open("smallest_not_checked", at=at)
            return True
        sets = itertools.combinations(search.rules, size)
        return all(search.possible(inside, frozenset(some)) for some in sets)

    def no_reserve(self) -> object:
        return {} if isinstance(self.problem.reserve, ReservePerTag) else []
