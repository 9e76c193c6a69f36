"""Checks what a result says beyond the walk: the reserve, and what would let somebody in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from madang.core.selection.model import PassMark, ReservePerTag
from madang.core.selection.verify_rules import Gauge, plain, told
from madang.core.selection.verify_search import Completion, TooMuch
from madang.core.selection.verify_walk import WalkCheck


class MoreCheck(WalkCheck):
    """The reserve and the explanations, made anew."""

    def after_the_walk(self, reasons: list[dict[str, Any]], tied: bool) -> None:
        self._reserve_and_reasons(reasons, tied)
        self._explain()

    # reserve

    def _reserve_and_reasons(self, reasons: list[dict[str, Any]], tied: bool) -> None:
        given, wish = self.result["reserve"], self.problem.reserve
        if tied:
            self.same("/reserve", given, self.no_reserve())
            self.same("/reasons", self.result["reasons"], reasons)
            return
        try:
            able: dict[str, bool] = {}
            if isinstance(wish, ReservePerTag):
                values = sorted({v for a in self.problem.applications for v in a.tags.get(wish.tag, ())})
                expected: object = {v: self._list(wish.count, (wish.tag, v), able, reasons) for v in values}
            else:
                expected = self._list(wish, None, able, reasons)
            self.same("/reserve", given, expected)
            self.same("/reasons", self.result["reasons"], reasons)
        except TooMuch:
            self.open("reserve_not_checked")

    def _list(
        self, count: int, of: tuple[str, str] | None, able: dict[str, bool], reasons: list[dict[str, Any]]
    ) -> list[str]:
        places: list[str] = []
        for group in self.groups:
            if len(places) >= count:
                break
            mine = [i for i in group if of is None or of[1] in self.by_id[i].tags.get(of[0], ())]
            for id_ in mine:
                if id_ not in able:
                    able[id_] = self._follows(id_)
            next_ = [id_ for id_ in mine if able[id_]]
            if len(next_) > 1:
                code = "tie_within_reserve" if len(places) + len(next_) <= count else "tie_in_reserve"
                value = {} if of is None else {"value": of[1]}
                reasons.append({"code": code, "params": {"applications": next_, **value}})
                if code == "tie_in_reserve":
                    break
            places += next_
        return places

    def _follows(self, id_: str) -> bool:
        if id_ in self.selected:
            return False
        held, later = self.search.held(self.selected), []
        for leaver in self.selected:
            for gauge, weight in self.search.all_adds[leaver]:
                held[gauge] -= weight
            if not self.search.broken_by(id_, held):
                rest = [other for other in self.selected if other != leaver]
                if self.search.keeps_all([*rest, id_]):
                    return True
                later.append((frozenset([*rest, id_]), leaver))
            for gauge, weight in self.search.all_adds[leaver]:
                held[gauge] += weight
        return any(self.search.possible(wanted, None, leaver) for wanted, leaver in later)

    # explanations

    def _explain(self) -> None:
        told = self.result["explain"]
        if [entry["id"] for entry in told] != list(self.problem.explain):
            self.wrong("/explain", "ids_not_of_the_problem")
            return
        for place, entry in enumerate(told):
            at = f"/explain/{place}"
            try:
                expected = self._rise(entry["id"], entry)
                if entry["reasons"] != expected["reasons"] and not expected["possible"]:
                    self._never(at, entry)
                    expected["reasons"] = entry["reasons"]
                self.same_fields(at, entry, expected)
            except TooMuch:
                self.open("explain_not_checked", application=entry["id"])

    def _never(self, at: str, entry: Mapping[str, Any]) -> None:
        """Jointly impossible from the start: several smallest sets may be named."""
        rules = [reason["params"].get("rule") for reason in entry["reasons"][1:]]
        expected: list[dict[str, Any]] = [{"code": "no_rise_lets_in", "params": {}}]
        known = [rule.id for rule in self.problem.rules if rule.id in rules]
        wanted, search = frozenset([entry["id"]]), self._raised(entry["id"])[0]
        expected += self._told_at_the_mark(search, known, entry["id"], "jointly")
        if (
            entry["reasons"] != expected
            or search.possible(wanted, frozenset(known))
            or not self.is_smallest(f"{at}/reasons", wanted, frozenset(known), search)
        ):
            self.wrong(f"{at}/reasons", "rules_do_not_forbid")

    def _told_at_the_mark(self, search: Completion, rules: list[str], id_: str, how: str) -> list[dict[str, Any]]:
        """The facts of rules with nobody in, the value as `search` has it."""
        asked = search.applications[id_]
        return [told(search.rules[rule], asked, how) for rule in rules]

    def _raised(self, id_: str) -> tuple[Completion, dict[str, Any]]:
        """The search with the value of this one at the pass mark, and what it takes to be there."""
        problem, a = self.problem, self.by_id[id_]
        mark = max((rule.min_value for rule in problem.rules if isinstance(rule, PassMark)), default=None)
        if mark is None or a.value is None or a.value >= mark:
            return self.search, {}
        changed = a.model_copy(update={"value": mark})
        others = tuple(changed if b.id == id_ else b for b in problem.applications)
        search = Completion(problem.model_copy(update={"applications": others}), self.search.work)
        return search, {"value": plain(Fraction(mark)), "value_rise": plain(Fraction(mark) - Fraction(a.value))}

    def _rise(self, id_: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """The explanation made anew. One who comes earlier never loses by it, so two places are enough to see that a
        told place is the lowest: there it is let in, one lower it is not. A told one that fails this is searched for.
        """
        blank = {"id": id_, "selected": id_ in self.selected, "possible": True, "value": None, "value_rise": None}
        blank |= {"rank": None, "overtakes": 0, "ahead_of": [], "leaves": [], "enters": [], "reasons": []}
        if id_ in self.selected:
            return blank
        after = [i for i in self.selected if i not in told["leaves"]] + [i for i in told["enters"] if i in self.by_id]
        search, needs = self._raised(id_)
        if needs:
            blank |= needs
            selected, settled = self.walk_anew(search, self.groups, after)
            if id_ in selected:
                return blank | self._difference(selected, settled)
        rest = [[other for other in group if other != id_] for group in self.groups]
        own = next(place for place, group in enumerate(self.groups) if id_ in group)
        places = [place for place in range(own, -1, -1) if rest[place]]  # the least rise first

        def moved(place: int) -> list[list[str]]:
            return [group for group in (*rest[:place], [id_], *rest[place:]) if group]

        def lets_in(place: int) -> bool:
            return id_ in self.walk_anew(search, moved(place), after, until=id_)[0]

        claimed = next((n for n, place in enumerate(places) if rest[place] == told["ahead_of"]), len(places) - 1)
        if claimed > 0 and not lets_in(places[claimed - 1]):
            places = places[claimed:]
        for place in places:
            if lets_in(place):
                overtakes = sum(len(group) for group in rest[place : own + 1])
                found = {"rank": self.ranks[rest[place][0]], "overtakes": overtakes, "ahead_of": rest[place]}
                return blank | found | self._difference(*self.walk_anew(search, moved(place), after))
        alone = search.broken_by(id_, {})
        reasons = [{"code": "no_rise_lets_in", "params": {}}]
        reasons += self._told_at_the_mark(search, alone, id_, "forbids")
        return blank | {"possible": False, "reasons": reasons}

    def _difference(self, selected: Sequence[str], settled: bool) -> dict[str, Any]:
        return {
            "leaves": [id_ for id_ in self.selected if id_ not in selected],
            "enters": [id_ for id_ in selected if id_ not in self.selected],
            "reasons": [] if settled else [{"code": "later_not_settled", "params": {}}],
        }

    def walk_anew(
        self, search: Completion, groups: Sequence[Sequence[str]], after: Sequence[str], until: str | None = None
    ) -> tuple[list[str], bool]:
        """The walk, straight from the definition; `after` is what a result says comes out (a hint, checked)."""
        hint = frozenset(after) if search.keeps_all(after) else frozenset()
        inside: list[str] = []
        held: Counter[Gauge] = Counter()
        for group in groups:
            able = [id_ for id_ in group if search.comes_in(inside, id_, held, hint)]
            if len(able) > 1 and not search.possible(frozenset([*inside, *able])):
                return inside, False
            inside += able
            for id_ in able:
                held.update(dict(search.all_adds[id_]))
            if until in group:
                break
        return inside, True
