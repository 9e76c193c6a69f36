"""Checks a result of `selection` against its problem, without the solver's code and without any solver.

What is checked, and by what:

- the selected keep every rule (counted directly), so each of them was rightly let in as long as every one passed over
  before was rightly passed over;
- each one passed over: the named rules forbid it given those in, and no smaller set of rules does (a rule that is
  broken outright is seen directly; otherwise an own exact search over counts says that nothing can be completed);
- equal ranks, reserve, explanations, `per_rule`, sums, status and conflict: made anew from the problem.

The search has a limit (`work`, in states visited). What it cannot settle is not called right: `check_selection` gives
it in `not_checked` (`skip_not_checked`, `reserve_not_checked`, ...), apart from what contradicts.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from madang.core.reasons import Malformed, Param, Reason
from madang.core.selection.model import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    ReservePerTag,
    Rule,
    Seats,
    SelectionProblem,
    faults_in,
)

WORK = 1_500_000
SETS = 500  # how many sets of rules are tried to see that no smaller one forbids
Gauge = tuple[str, str]  # (rule id, value of the tag or "")
_NOTHING: Mapping[Gauge, int] = {}


@dataclass(frozen=True, slots=True)
class Checked:
    """`contradictions`: what does not follow. `not_checked`: what the search limit left open."""

    contradictions: list[Reason]
    not_checked: list[Reason]


class TooMuch(Exception):
    """The search limit was reached."""


def verify_selection(problem: SelectionProblem, result: Mapping[str, Any]) -> list[Reason]:
    """Everything in `result` that does not follow from `problem`; empty where nothing contradicts."""
    return check_selection(problem, result).contradictions


def check_selection(problem: SelectionProblem, result: Mapping[str, Any], work: int = WORK) -> Checked:
    """As `verify_selection`, and what could not be checked within `work` states of the search.

    Raises `Malformed` for a problem with faults of meaning.
    """
    faults = faults_in(problem)
    if faults:
        raise Malformed(faults)
    check = _Check(problem, result, _Completion(problem, work))
    try:
        check.everything()
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        check.wrong("", "result_not_readable")
    return Checked(check.contradictions, check.not_checked)


# --- what a rule measures: one or more gauges, each the sum of what the selected add to it ---


def _adds(rule: Rule, a: Application) -> list[tuple[Gauge, int]]:
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


def _high(rule: Rule) -> int | None:
    if isinstance(rule, Budget):
        return rule.max_krw
    if isinstance(rule, ExcludeTogether):
        return 1
    return rule.max if isinstance(rule, Seats | Quota | CapEach) else None


def _low(rule: Rule) -> int:
    return rule.min if isinstance(rule, Seats | Quota) else 0


def _fails_alone(rule: Rule, a: Application) -> bool:
    if isinstance(rule, Match):
        return a.own_krw * rule.grant < ((a.cost_krw or 0) - a.own_krw) * rule.own
    if isinstance(rule, PassMark):
        return a.value is None or a.value < rule.min_value
    return False


class _Completion:
    """An exact search: can `inside` be completed to a selection that keeps `rules`?

    Forward over classes of applications that the open gauges cannot tell apart, keeping for each vector of counts the
    least money that reaches it (a Pareto front where two budgets bind). A gauge is forgotten after its last class.
    """

    def __init__(self, problem: SelectionProblem, work: int) -> None:
        self.work = work
        self.rules = {rule.id: rule for rule in problem.rules}
        self.applications = {a.id: a for a in problem.applications}
        self.all_adds = {a.id: [add for r in problem.rules for add in _adds(r, a)] for a in problem.applications}
        self.failing = {a.id: [r.id for r in problem.rules if _fails_alone(r, a)] for a in problem.applications}
        self.high = {rule.id: _high(rule) for rule in problem.rules}
        self.has_minimum = any(_low(rule) > 0 for rule in problem.rules)
        self.answers: dict[object, bool] = {}
        self.refuted: dict[str, list[frozenset[str]]] = {}

    def held(self, inside: Iterable[str]) -> Counter[Gauge]:
        """What `inside` adds to each gauge."""
        total: Counter[Gauge] = Counter()
        for id_ in inside:
            for gauge, weight in self.all_adds[id_]:
                total[gauge] += weight
        return total

    def broken_by(self, more: str, held: Mapping[Gauge, int]) -> list[str]:
        """The rules that `more`, on top of what is held, breaks outright, whatever else comes; in their order."""
        broken = set(self.failing[more])
        for gauge, weight in self.all_adds[more]:
            most = self.high[gauge[0]]
            if most is not None and held.get(gauge, 0) + weight > most:
                broken.add(gauge[0])
        return [id_ for id_ in self.rules if id_ in broken] if broken else []

    def comes_in(self, inside: Iterable[str], more: str, held: Mapping[Gauge, int], hint: frozenset[str]) -> bool:
        """Whether `more` can come to those in (who can be completed, and add up to `held`).

        `hint`: a selection that keeps every rule, if one is known.
        """
        if self.broken_by(more, held):
            return False
        if not self.has_minimum:
            return True
        wanted = frozenset(inside) | {more}
        if wanted <= hint:
            return True
        if any(past <= wanted for past in self.refuted.get(more, ())):
            return False
        possible = self.possible(wanted)
        if not possible:
            self.refuted.setdefault(more, []).append(wanted)
        return possible

    def keeps_all(self, chosen: Iterable[str]) -> bool:
        """Counted directly: no maximum and no minimum is broken."""
        ids = list(chosen)
        held = self.held(ids)
        return (
            not any(self.failing[id_] for id_ in ids)
            and all((most := self.high[gauge[0]]) is None or total <= most for gauge, total in held.items())
            and all(held[rule.id, ""] >= _low(rule) for rule in self.rules.values())
        )

    def possible(self, inside: frozenset[str], rules: frozenset[str] | None = None, without: str = "") -> bool:
        active = frozenset(self.rules) if rules is None else rules
        key = (inside, active, without)
        if key not in self.answers:
            self.answers[key] = self._search(inside, [self.rules[id_] for id_ in sorted(active)], without)
        return self.answers[key]

    def _search(self, inside: frozenset[str], rules: list[Rule], without: str) -> bool:
        active = {rule.id for rule in rules}
        if any(failing in active for id_ in inside for failing in self.failing[id_]):
            return False
        used: Counter[Gauge] = Counter()
        for id_ in inside:
            for gauge, weight in self.all_adds[id_]:
                if gauge[0] in active:
                    used[gauge] += weight
        high = self.high
        if any((most := high[gauge[0]]) is not None and total > most for gauge, total in used.items()):
            return False
        need = {(rule.id, ""): _low(rule) - used[rule.id, ""] for rule in rules if _low(rule) > used[rule.id, ""]}
        if not need:
            return True
        self._spend(len(self.applications))
        items = []
        for id_, all_adds in self.all_adds.items():
            if id_ in inside or id_ == without or not any(gauge in need for gauge, _ in all_adds):
                continue
            adds = {gauge: weight for gauge, weight in all_adds if gauge[0] in active}
            if active.isdisjoint(self.failing[id_]) and all(
                (most := high[g[0]]) is None or used[g] + w <= most for g, w in adds.items()
            ):
                items.append(adds)
        offered: Counter[Gauge] = Counter()
        for adds in items:
            for gauge, weight in adds.items():
                offered[gauge] += weight
        if any(offered[gauge] < missing for gauge, missing in need.items()):
            return False
        room = {}
        for gauge, total in offered.items():
            most = high[gauge[0]]
            if most is not None and total > most - used[gauge]:
                room[gauge] = most - used[gauge]
        if _filled_in_order(items, need, room):
            return True
        money = sorted(gauge for gauge in room if isinstance(self.rules[gauge[0]], Budget))
        return self._forward(items, need, room, money)

    def _forward(
        self, items: list[dict[Gauge, int]], need: dict[Gauge, int], room: dict[Gauge, int], money: list[Gauge]
    ) -> bool:
        counted = sorted((need.keys() | room.keys()) - set(money))
        classes: dict[tuple[tuple[int, ...], tuple[int, ...]], list[tuple[int, ...]]] = {}
        for adds in items:
            spends = tuple(adds.get(gauge, 0) for gauge in money)
            profile = tuple(n for n, gauge in enumerate(counted) if gauge in adds)
            # With one budget the cheapest of a class come first; with several, only equal spenders are a class.
            classes.setdefault((profile, spends if len(money) > 1 else ()), []).append(spends)
        # Gauges with few members first, so that they can be forgotten early.
        breadth = Counter(n for profile, _ in classes for n in profile)
        ordered = sorted(classes.items(), key=lambda c: (sorted((breadth[n], n) for n in c[0][0]), c[0]))
        last = {n: place for place, ((profile, _), _) in enumerate(ordered) for n in profile}
        start = tuple((need.get(gauge, 0), room.get(gauge, 0)) for gauge in counted)
        states: dict[tuple[tuple[int, int], ...], list[tuple[int, ...]]] = {start: [(0,) * len(money)]}
        limits = [room[gauge] for gauge in money]
        bounded = [gauge in room for gauge in counted]
        for place, ((profile, _), members) in enumerate(ordered):
            reached: dict[tuple[tuple[int, int], ...], list[tuple[int, ...]]] = {}
            members.sort()
            for state, fronts in states.items():
                spent = [0] * len(money)
                for count in range(len(members) + 1):
                    self._spend(1)
                    if count:
                        spent = [s + m for s, m in zip(spent, members[count - 1], strict=True)]
                    new = list(state)
                    for n in profile:
                        missing, free = state[n]
                        new[n] = (max(0, missing - count), free - count if bounded[n] else 0)
                    if any(new[n][1] < 0 for n in profile):
                        break
                    if any(last[n] == place and new[n][0] > 0 for n in profile):
                        continue
                    closed = tuple((0, 0) if last[n] == place else pair for n, pair in enumerate(new))
                    for front in fronts:
                        total = tuple(f + s for f, s in zip(front, spent, strict=True))
                        if all(t <= limit for t, limit in zip(total, limits, strict=True)):
                            _keep(reached.setdefault(closed, []), total)
            states = {state: fronts for state, fronts in reached.items() if fronts}
        return bool(states)

    def _spend(self, states: int) -> None:
        self.work -= states
        if self.work < 0:
            raise TooMuch


def _filled_in_order(items: list[dict[Gauge, int]], need: dict[Gauge, int], room: dict[Gauge, int]) -> bool:
    """One quick try: everyone in turn who fills a need and fits. No says nothing."""
    need, room = dict(need), dict(room)
    for adds in items:
        if any(need.get(gauge, 0) > 0 for gauge in adds) and all(w <= room.get(g, w) for g, w in adds.items()):
            for gauge, weight in adds.items():
                if gauge in need:
                    need[gauge] -= weight
                if gauge in room:
                    room[gauge] -= weight
    return all(missing <= 0 for missing in need.values())


def _keep(front: list[tuple[int, ...]], new: tuple[int, ...]) -> None:
    """Keep only those that spend no more than another in every budget."""
    if any(all(o <= n for o, n in zip(old, new, strict=True)) for old in front):
        return
    front[:] = [old for old in front if not all(n <= o for n, o in zip(new, old, strict=True))]
    front.append(new)


# --- the check itself ---


class _Check:
    def __init__(self, problem: SelectionProblem, result: Mapping[str, Any], search: _Completion) -> None:
        self.problem, self.result, self.search = problem, result, search
        self.contradictions: list[Reason] = []
        self.not_checked: list[Reason] = []
        self.by_id = {a.id: a for a in problem.applications}
        self.ranks = {a.id: n + 1 if a.rank is None else a.rank for n, a in enumerate(problem.applications)}
        by_rank: dict[int, list[str]] = {}
        for id_, rank in self.ranks.items():
            by_rank.setdefault(rank, []).append(id_)
        self.groups = [by_rank[rank] for rank in sorted(by_rank)]
        self.places = {a.id: n for n, a in enumerate(problem.applications)}
        down = [id_ for rank in sorted(by_rank) for id_ in by_rank[rank]]
        self.why_places = {id_: n for n, id_ in enumerate(down)}
        self.selected: list[str] = []
        self.why: dict[str, Mapping[str, Any]] = {}

    def wrong(self, at: str, code: str) -> None:
        """What is at this JSON pointer of the result is wrong in itself; `code` says how."""
        self.contradictions.append(Reason(code, {"at": at}))

    def same(self, at: str, given: object, expected: object) -> None:
        if given != expected or type(given) is not type(expected):
            params: dict[str, Param] = {"at": at, "given": _brief(given), "expected": _brief(expected)}
            self.contradictions.append(Reason("does_not_follow", params))

    def same_fields(self, at: str, given: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
        for name in sorted(expected.keys() | given.keys()):
            self.same(f"{at}/{name}", given.get(name, _MISSING), expected.get(name, _MISSING))

    def open(self, code: str, **params: Param) -> None:
        self.not_checked.append(Reason(code, params))

    def everything(self) -> None:
        result, problem = self.result, self.problem
        for name, value in (("kind", "selection"), ("version", 1), ("seed", problem.seed)):
            self.same(f"/{name}", result[name], value)
        for name in ("bound", "certificate"):
            self.same(f"/{name}", result[name], None)
        self.selected = list(result["selected"])
        if len(set(self.selected)) < len(self.selected) or not set(self.selected) <= set(self.by_id):
            self.wrong("/selected", "ids_not_of_the_problem")
            return
        self._numbers()
        status = result["status"]
        if status == "infeasible":
            self._infeasible()
        elif status in ("computed", "undetermined"):
            self._walked()
        elif status in ("unknown", "feasible"):
            self._cut_short(status)
        else:
            self.wrong("/status", "result_not_readable")

    # numbers

    def _numbers(self) -> None:
        chosen = [self.by_id[id_] for id_ in self.selected]
        values = [Fraction(a.value) for a in chosen if a.value is not None]
        self.same("/value", self.result["value"], _plain(sum(values, Fraction(0))) if values else None)
        grants = sum((a.cost_krw or 0) - a.own_krw for a in chosen)
        self.same("/used_krw", self.result["used_krw"], grants)
        uses = self.result["per_rule"]
        if len(uses) != len(self.problem.rules):
            self.wrong("/per_rule", "ids_not_of_the_problem")
            return
        for place, (rule, use) in enumerate(zip(self.problem.rules, uses, strict=True)):
            expected = {"id": rule.id, "type": rule.type, **_use(rule, chosen, self.problem.applications)}
            self.same_fields(f"/per_rule/{place}", use, expected)

    # infeasible

    def _infeasible(self) -> None:
        result = self.result
        for name in ("selected", "why", "explain"):
            self.same(f"/{name}", result[name], [])
        self.same("/reserve", result["reserve"], self._no_reserve())
        conflict = list(result["conflict"])
        order = [rule.id for rule in self.problem.rules]
        if conflict != [id_ for id_ in order if id_ in conflict]:
            self.wrong("/conflict", "ids_not_of_the_problem")
            return
        try:
            if self.search.possible(frozenset(), frozenset(conflict)):
                self.wrong("/conflict", "rules_do_not_forbid")
            elif not self._is_smallest("/conflict", frozenset(), frozenset(conflict)):
                self.wrong("/conflict", "not_a_smallest_set")
        except TooMuch:
            self.open("conflict_not_checked")
        told = [{"code": "no_selection_keeps_the_rules", "params": {"rules": conflict}}]
        told += [self._told(id_, None, "conflict") for id_ in conflict]
        self.same("/reasons", result["reasons"], told)

    def _is_smallest(self, at: str, inside: frozenset[str], rules: frozenset[str]) -> bool:
        """No rule can be spared, and no other set of fewer rules forbids it either.

        If every set with one rule less can be kept, so can every smaller one. Where those are too many to try, the
        second half is told as not checked.
        """
        if not all(self.search.possible(inside, rules - {rule}) for rule in rules):
            return False
        size = max(0, len(rules) - 1)
        if math.comb(len(self.problem.rules), size) > SETS:
            self.open("smallest_not_checked", at=at)
            return True
        sets = itertools.combinations(self.search.rules, size)
        return all(self.search.possible(inside, frozenset(some)) for some in sets)

    def _cut_short(self, status: str) -> None:
        """Of a result that time cut short: who is selected, as far as it goes. Its reasons and lists stay unchecked."""
        code = "time_ended_in_the_walk" if status == "unknown" else "time_ended_after_the_walk"
        if code not in [reason["code"] for reason in self.result["reasons"]]:
            self.wrong("/status", "result_not_readable")
        self.open("cut_short_not_checked", status=status)
        try:
            selected, _ = self._walk(self.search, self.groups, self.selected)
        except TooMuch:
            self.open("selected_not_checked")
            return
        if status == "unknown":
            selected = selected[: len(self.selected)]
        if self.selected != selected:
            self.wrong("/selected", "not_the_walk")

    def _no_reserve(self) -> object:
        return {} if isinstance(self.problem.reserve, ReservePerTag) else []

    # the walk

    def _walked(self) -> None:
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
        self._reserve_and_reasons(reasons, bool(tied))
        self._explain()

    def _at(self, id_: str) -> str:
        return f"/why/{self.why_places[id_]}"

    def _entry(self, id_: str, code: str, rules: list[str], also: list[str], reasons: list[Any]) -> None:
        expected = {"id": id_, "code": code, "rules": rules, "also": also, "reasons": reasons}
        self.same_fields(self._at(id_), self.why[id_], expected)

    def _not_reached(self, id_: str, code: str, reasons: list[Any]) -> None:
        alone = [r.id for r in self.problem.rules if _fails_alone(r, self.by_id[id_])]
        if alone:
            self._entry(id_, "kept_out", alone[:1], alone[1:], [self._told(r, id_, "forbids") for r in alone])
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
            told = [self._told(rule, id_, "forbids", inside, held) for rule in alone]
            self._entry(id_, "kept_out", alone[:1], alone[1:], told)
            return
        rules = list(self.why[id_]["rules"])
        if rules != [rule.id for rule in self.problem.rules if rule.id in rules]:
            self.wrong(f"{self._at(id_)}/rules", "ids_not_of_the_problem")
            return
        told = [self._told(rule, id_, "jointly", inside, held) for rule in rules]
        self._entry(id_, "kept_out_jointly", rules, [], told)
        wanted = frozenset([*inside, id_])
        try:
            if self.search.possible(wanted, frozenset(rules)):
                self.wrong(f"{self._at(id_)}/rules", "rules_do_not_forbid")
                return
            self.search.refuted.setdefault(id_, []).append(wanted)
            if not self._is_smallest(f"{self._at(id_)}/rules", wanted, frozenset(rules)):
                self.wrong(f"{self._at(id_)}/rules", "not_a_smallest_set")
        except TooMuch:
            self.open("skip_not_checked", application=id_)

    def _told(
        self,
        rule_id: str,
        asked: str | None,
        how: str,
        inside: Collection[str] = (),
        held: Mapping[Gauge, int] = _NOTHING,
    ) -> dict[str, Any]:
        """The sentence's facts at that moment, from the page; `held`: what those already `inside` add up to."""
        rule = self.search.rules[rule_id]
        a = None if asked is None else self.by_id[asked]
        facts: dict[str, Any] = {"rule": rule_id}
        if isinstance(rule, Budget):
            facts |= {"money": rule.money, "max_krw": rule.max_krw}
            facts["used_krw"] = held.get((rule_id, ""), 0)
            if a:
                facts["needed_krw"] = sum(weight for _, weight in _adds(rule, a))
        elif isinstance(rule, Match):
            facts |= {"grant": rule.grant, "own": rule.own}
            if a:
                facts |= {"grant_krw": (a.cost_krw or 0) - a.own_krw, "own_krw": a.own_krw}
        elif isinstance(rule, Seats | Quota):
            if isinstance(rule, Quota):
                facts |= {"tag": rule.tag, "equals": rule.equals}
            facts |= {"count": held.get((rule_id, ""), 0), "min": rule.min, "max": rule.max}
        elif isinstance(rule, CapEach):
            mine = a.tags.get(rule.tag, ()) if a else ()
            facts |= {"tag": rule.tag, "max": rule.max}
            facts["values"] = sorted([v for v in mine if held.get((rule_id, v), 0) >= rule.max] or mine)
        elif isinstance(rule, PassMark):
            facts["min_value"] = _plain(Fraction(rule.min_value))
            if a and a.value is not None:
                facts["value"] = _plain(Fraction(a.value))
        else:
            facts["applications"] = list(rule.applications)
            facts["selected"] = sorted(set(inside).intersection(rule.applications), key=self.places.__getitem__)
        return {"code": f"{how}_{rule.type}", "params": facts}

    # reserve

    def _reserve_and_reasons(self, reasons: list[dict[str, Any]], tied: bool) -> None:
        given, wish = self.result["reserve"], self.problem.reserve
        if tied:
            self.same("/reserve", given, self._no_reserve())
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
        told = [{"code": "no_rise_lets_in", "params": {}}]
        known = [rule.id for rule in self.problem.rules if rule.id in rules]
        told += [self._told(rule, entry["id"], "jointly") for rule in known]
        wanted = frozenset([entry["id"]])
        if (
            entry["reasons"] != told
            or self.search.possible(wanted, frozenset(known))
            or not self._is_smallest(f"{at}/reasons", wanted, frozenset(known))
        ):
            self.wrong(f"{at}/reasons", "rules_do_not_forbid")

    def _rise(self, id_: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """The explanation made anew. One who comes earlier never loses by it, so two places are enough to see that a
        told place is the lowest: there it is let in, one lower it is not. A told one that fails this is searched for.
        """
        blank = {"id": id_, "selected": id_ in self.selected, "possible": True, "value": None, "value_rise": None}
        blank |= {"rank": None, "overtakes": 0, "ahead_of": [], "leaves": [], "enters": [], "reasons": []}
        if id_ in self.selected:
            return blank
        problem, search, a = self.problem, self.search, self.by_id[id_]
        after = [i for i in self.selected if i not in told["leaves"]] + [i for i in told["enters"] if i in self.by_id]
        mark = max((rule.min_value for rule in problem.rules if isinstance(rule, PassMark)), default=None)
        if mark is not None and a.value is not None and a.value < mark:
            blank |= {"value": _plain(Fraction(mark)), "value_rise": _plain(Fraction(mark) - Fraction(a.value))}
            changed = a.model_copy(update={"value": mark})
            others = tuple(changed if b.id == id_ else b for b in problem.applications)
            search = _Completion(problem.model_copy(update={"applications": others}), self.search.work)
            selected, settled = self._walk(search, self.groups, after)
            if id_ in selected:
                return blank | self._difference(selected, settled)
        rest = [[other for other in group if other != id_] for group in self.groups]
        own = next(place for place, group in enumerate(self.groups) if id_ in group)
        places = [place for place in range(own, -1, -1) if rest[place]]  # the least rise first

        def moved(place: int) -> list[list[str]]:
            return [group for group in (*rest[:place], [id_], *rest[place:]) if group]

        def lets_in(place: int) -> bool:
            return id_ in self._walk(search, moved(place), after, until=id_)[0]

        claimed = next((n for n, place in enumerate(places) if rest[place] == told["ahead_of"]), len(places) - 1)
        if claimed > 0 and not lets_in(places[claimed - 1]):
            places = places[claimed:]
        for place in places:
            if lets_in(place):
                overtakes = sum(len(group) for group in rest[place : own + 1])
                found = {"rank": self.ranks[rest[place][0]], "overtakes": overtakes, "ahead_of": rest[place]}
                return blank | found | self._difference(*self._walk(search, moved(place), after))
        alone = search.broken_by(id_, {})
        reasons = [{"code": "no_rise_lets_in", "params": {}}]
        by_id, self.by_id = self.by_id, search.applications
        reasons += [self._told(rule, id_, "forbids") for rule in alone]
        self.by_id = by_id
        return blank | {"possible": False, "reasons": reasons}

    def _difference(self, selected: Sequence[str], settled: bool) -> dict[str, Any]:
        return {
            "leaves": [id_ for id_ in self.selected if id_ not in selected],
            "enters": [id_ for id_ in selected if id_ not in self.selected],
            "reasons": [] if settled else [{"code": "later_not_settled", "params": {}}],
        }

    def _walk(
        self, search: _Completion, groups: Sequence[Sequence[str]], after: Sequence[str], until: str | None = None
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


_MISSING = object()


def _brief(value: object) -> Param:
    """A value as a parameter: small ones as they are, long ones by their size, nothing where a field is missing."""
    if isinstance(value, list | dict):
        return f"[{len(value)}]" if isinstance(value, list) else f"{{{len(value)}}}"
    return value if isinstance(value, str | int | bool) else None


def _plain(value: Fraction) -> int | str:
    """A value as a result writes it: an integer, or decimal text without trailing zeros."""
    if value == int(value):
        return int(value)
    sign, rest = ("-", -value) if value < 0 else ("", value)
    digits = f"{int(rest * 10**6):07d}"
    return f"{sign}{digits[:-6]}.{digits[-6:].rstrip('0')}"


def _use(rule: Rule, chosen: Sequence[Application], everybody: Sequence[Application]) -> dict[str, Any]:
    """What the result must say of a rule's use."""
    total = sum(weight for a in chosen for _, weight in _adds(rule, a))
    failing = sum(_fails_alone(rule, a) for a in everybody)
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
        held = Counter(gauge[1] for a in chosen for gauge, _ in _adds(rule, a))
        return {"tag": rule.tag, "max": rule.max, "values_at_cap": sorted(v for v in held if held[v] == rule.max)}
    if isinstance(rule, PassMark):
        mark = Fraction(rule.min_value)
        lowest = min((Fraction(a.value) for a in chosen if a.value is not None), default=None)
        use = {"min_value": _plain(mark), "failing": failing, "lowest_value": None, "slack_value": None}
        return use if lowest is None else use | {"lowest_value": _plain(lowest), "slack_value": _plain(lowest - mark)}
    return {"selected": [a.id for a in chosen if a.id in rule.applications], "max": 1}
