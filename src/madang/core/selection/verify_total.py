"""Checks a result of `selection` by `total_value` against its problem, without the solver's code and any solver.

Everything is checked and nothing left open: who is selected and what they use is counted; that nothing is better is
added up from the certificate (`verify_total_proof`); reasons, reserve, explanations and what dropping a rule changes
are made anew from the problem and from what the certificate proves.
Cost: about the size of the certificate times the rows of an application.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from madang.core.reasons import Malformed, Param, Reason
from madang.core.selection.model import (
    Budget,
    CapEach,
    Match,
    PassMark,
    Quota,
    ReservePerTag,
    Seats,
    SelectionProblem,
    faults_in,
)
from madang.core.selection.verify_total_facts import brief, millionths, money, plain, reason, use_of
from madang.core.selection.verify_total_proof import (
    MILLION,
    Proven,
    Refused,
    Rows,
    check_conflict,
    check_proof,
    check_tree,
    fails_alone,
    never,
    read_sum,
)

_MISSING = object()
_FIELDS = {"kind", "version", "status", "reasons", "seed", "elapsed_ms", "engine", "selected", "reserve", "value"}
_FIELDS |= {"bound", "used_krw", "per_rule", "why", "explain", "conflict", "certificate"}


def verify_total(problem: SelectionProblem, result: Mapping[str, Any]) -> list[Reason]:
    """Everything in `result` that does not follow from `problem`; empty where nothing contradicts.

    Raises `Malformed` for a problem with faults of meaning.
    """
    faults = faults_in(problem)
    if faults:
        raise Malformed(faults)
    check = _Check(problem, result)
    try:
        check.everything()
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError):
        check.wrong("", "result_not_readable")
    return check.contradictions


class _Check:
    def __init__(self, problem: SelectionProblem, result: Mapping[str, Any]) -> None:
        self.problem, self.result = problem, result
        self.contradictions: list[Reason] = []
        self.rows = Rows(problem)
        self.all_rules = range(len(problem.rules))
        self.places = {a.id: i for i, a in enumerate(problem.applications)}
        self.down = [i for group in self.rows.groups for i in group]
        self.chosen: frozenset[int] = frozenset()

    def wrong(self, at: str, code: str) -> None:
        self.contradictions.append(Reason(code, {"at": at}))

    def same(self, at: str, given: object, expected: object) -> None:
        """Equal in value and type, all the way down; the first few differences are told."""
        if isinstance(given, dict) and isinstance(expected, dict):
            for name in sorted(expected.keys() | given.keys()):
                self.same(f"{at}/{name}", given.get(name, _MISSING), expected.get(name, _MISSING))
        elif isinstance(given, list) and isinstance(expected, list) and len(given) == len(expected):
            for place, (one, other) in enumerate(zip(given, expected, strict=True)):
                self.same(f"{at}/{place}", one, other)
        elif given != expected or type(given) is not type(expected):
            params: dict[str, Param] = {"at": at, "given": brief(given), "expected": brief(expected)}
            self.contradictions.append(Reason("does_not_follow", params))

    def everything(self) -> None:
        result, problem = self.result, self.problem
        common = {"kind": "selection", "version": 1, "seed": problem.seed}
        for name, value in common.items():
            self.same(f"/{name}", result[name], value)
        extra = set(result) - _FIELDS
        for name in sorted(extra):
            self.wrong(f"/{name}", "result_not_readable")
        selected = result["selected"]
        if not set(selected) <= set(self.places) or len(set(selected)) < len(selected):
            self.wrong("/selected", "ids_not_of_the_problem")
            return
        self.chosen = frozenset(self.places[id_] for id_ in selected)
        if selected != self.ids(self.chosen):
            self.wrong("/selected", "not_in_rank_order")
        parts = {"optimal": self._optimal, "undetermined": self._optimal, "infeasible": self._infeasible}
        parts |= {"feasible": self._feasible, "unknown": self._unknown}
        parts[result["status"]]()

    def ids(self, chosen: Iterable[int]) -> list[str]:
        members = set(chosen)
        return [self.problem.applications[i].id for i in self.down if i in members]

    def _numbers(self, dropped: Sequence[Any] | None) -> None:
        chosen = [self.problem.applications[i] for i in self.down if i in self.chosen]
        total = sum((Fraction(a.value or 0) for a in chosen), Fraction(0))
        self.same("/value", self.result["value"], plain(total) if chosen else None)
        self.same("/used_krw", self.result["used_krw"], sum((a.cost_krw or 0) - a.own_krw for a in chosen))
        uses = [
            {"id": r.id, "type": r.type, **use_of(r, chosen, self.problem.applications)} for r in self.problem.rules
        ]
        if dropped is not None:
            uses = [{**use, "if_dropped": change} for use, change in zip(uses, dropped, strict=True)]
        self.same("/per_rule", self.result["per_rule"], uses)

    def _nothing(self, *names: str) -> None:
        nobody: object = {} if isinstance(self.problem.reserve, ReservePerTag) else []
        blank: dict[str, object] = {"reserve": nobody, "bound": None}
        for name in names:
            self.same(f"/{name}", self.result[name], blank.get(name, []))

    # nothing, or cut short

    def _unknown(self) -> None:
        self._nothing("selected", "reserve", "why", "explain", "conflict", "bound")
        self._numbers(None)
        self.same("/certificate", self.result["certificate"], None)
        self.same("/reasons", self.result["reasons"], [reason("time_ended_without_a_selection")])

    def _infeasible(self) -> None:
        self._nothing("selected", "reserve", "why", "explain", "bound")
        self._numbers(None)
        conflict, certificate = self.result["conflict"], self.result["certificate"]
        by_id = {rule.id: place for place, rule in enumerate(self.problem.rules)}
        rules = [by_id[id_] for id_ in conflict]
        if rules != sorted(set(rules)):
            self.wrong("/conflict", "ids_not_of_the_problem")
        told = [reason("no_selection_keeps_the_rules", rules=conflict)]
        told += [self._told(rule, None, "conflict", ()) for rule in rules]
        self.same("/reasons", self.result["reasons"], told)
        if certificate.keys() != {"conflict"}:
            self.wrong("/certificate", "proof_does_not_hold")
            return
        try:
            check_conflict(self.rows, rules, certificate["conflict"], (), None)
        except Refused as refused:
            self.wrong(f"/certificate/conflict{refused.at}", "proof_does_not_hold")

    def _feasible(self) -> None:
        """Time ended: in the search (a bound is proven), or after the proof (some parts are missing)."""
        codes = [one["code"] for one in self.result["reasons"]]
        if "time_ended_after_the_proof" in codes:
            self._optimal()
            return
        self._nothing("reserve", "explain", "conflict")
        self._numbers(None)
        stages = [reason("time_ended_in_the_search", stage=stage) for stage in ("value", "grant", "ranks")]
        if len(codes) != 1 or self.result["reasons"][0] not in stages:
            self.wrong("/reasons", "result_not_readable")
        self.same("/why", self.result["why"], self._why(None))
        box, certificate = self.rows.box(self.all_rules), self.result["certificate"]
        if not box.keeps(self.chosen):
            self.wrong("/selected", "selected_break_a_rule")
        bound = millionths(self.result["bound"])
        if bound < self.rows.total(self.rows.value, self.chosen) or certificate.keys() != {"bound"}:
            self.wrong("/bound", "proof_does_not_hold")
            return
        box.at_least(self.rows.value, bound + 1)
        try:
            check_tree(box, certificate["bound"], self.places, never)
        except Refused:
            self.wrong("/certificate/bound", "proof_does_not_hold")

    # proven

    def _optimal(self) -> None:
        result, certificate = self.result, self.result["certificate"]
        if certificate.keys() != {"proof", "explain", "dropped"}:
            self.wrong("/certificate", "proof_does_not_hold")
            return
        proven = self._proof("/certificate/proof", self.rows.box(self.all_rules), certificate["proof"])
        if proven is None:
            return
        self.same("/selected", result["selected"], self.ids(proven.chosen - proven.tied))
        self.same("/bound", result["bound"], plain(Fraction(proven.order[0], MILLION)))
        self._nothing("conflict")
        tied = self.ids(proven.tied)
        reasons = [reason("tie_at_the_line", applications=tied)] if tied else []
        if tied:
            self._nothing("reserve")
        else:
            self.same("/reserve", result["reserve"], self._reserve(reasons))
        self.same("/why", result["why"], self._why(proven))
        unfinished = []
        if not self._explained(proven):
            unfinished.append("explain")
        dropped = self._dropped(proven)
        if None in dropped:
            unfinished.append("if_dropped")
        self._numbers(dropped)
        if unfinished:
            reasons.append(reason("time_ended_after_the_proof", parts=unfinished))
        self.same("/reasons", result["reasons"], reasons)
        status = "undetermined" if tied else "feasible" if unfinished else "optimal"
        self.same("/status", result["status"], status)

    def _proof(self, at: str, box: Any, proof: Mapping[str, Any]) -> Proven | None:
        try:
            return check_proof(self.rows, box, proof)
        except Refused as refused:
            self.wrong(f"{at}{refused.at}", "proof_does_not_hold")
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            self.wrong(at, "result_not_readable")
        return None

    # why

    def _why(self, proven: Proven | None) -> list[dict[str, Any]]:
        entries = []
        rises = {} if proven is None else self._least_rises(proven)
        full = self._sums(self.chosen)
        tied = frozenset() if proven is None else proven.tied
        for i in self.down:
            id_ = self.problem.applications[i].id
            entry: dict[str, Any] = {"id": id_, "code": "selected", "rules": [], "also": [], "reasons": []}
            entries.append(entry)
            if i in self.chosen:
                continue
            own, beside = self._broken(i, {}), self._broken(i, full)
            if own:
                ids = [self.problem.rules[rule].id for rule in own]
                told = [self._told(rule, i, "forbids", ()) for rule in own]
                entry |= {"code": "kept_out", "rules": ids[:1], "also": ids[1:], "reasons": told}
            elif proven is None:
                entry |= {"code": "not_settled", "reasons": [reason("not_settled")]}
            elif i in tied:
                entry |= {"code": "tied", "reasons": [reason("tie_at_the_line", applications=self.ids(tied))]}
            else:
                told = [reason("outvalued", rise_at_least=plain(Fraction(rises[i], MILLION)))]
                told += [self._told(rule, i, "forbids", self.chosen) for rule in beside]
                ids = [self.problem.rules[rule].id for rule in beside]
                entry |= {"code": "outvalued", "rules": ids, "reasons": told}
        return entries

    def _sums(self, chosen: Iterable[int]) -> dict[int, int]:
        totals: dict[int, int] = {}
        for i in chosen:
            for row, weight in self.rows.loads[i]:
                totals[row] = totals.get(row, 0) + weight
        return totals

    def _broken(self, i: int, totals: Mapping[int, int]) -> list[int]:
        """The rules that `i` fails alone, or whose most it breaks on top of these totals."""
        a, rows = self.problem.applications[i], self.rows
        found = {place for place in self.all_rules if fails_alone(self.problem.rules[place], a)}
        for row, weight in rows.loads[i]:
            most, owner = rows.sides[row][1], rows.owner[row]
            if owner is not None and most is not None and totals.get(row, 0) + weight > most:
                found.add(owner)
        return sorted(found)

    def _least_rises(self, proven: Proven) -> dict[int, int]:
        """The bound of the first sum of the value proof, application by application."""
        nodes = self.result["certificate"]["proof"]["value"]
        rows, everyone = self.rows, range(len(self.places))
        sum_ = read_sum(nodes[0]["sums"][0], len(rows.weights)) if nodes[0]["sums"] else {}
        times = sum_.get(rows.value, 0)
        if times <= 0:
            return dict.fromkeys(everyone, 0)
        most = 0
        for row, by in sum_.items():
            if row != rows.value:
                most -= by * (rows.sides[row][0 if by > 0 else 1] or 0)
        gains = {i: sum(sum_[row] * weight for row, weight in rows.loads[i] if row in sum_) for i in everyone}
        barred = {i for i in everyone if any(fails_alone(r, self.problem.applications[i]) for r in self.problem.rules)}
        most += sum(gain for i, gain in gains.items() if gain > 0 and i not in barred)
        unit = rows.divisor[rows.value]
        return {i: max(0, proven.order[0] - (most + min(0, gains[i])) // times * unit) for i in everyone}

    def _told(self, place: int, asked: int | None, how: str, inside: Iterable[int]) -> dict[str, Any]:
        """A rule with its facts: what those inside use, what the one asked about needs."""
        rule = self.problem.rules[place]
        a = None if asked is None else self.problem.applications[asked]
        others = [self.problem.applications[i] for i in sorted(inside)]
        facts: dict[str, Any] = {"rule": rule.id}
        if isinstance(rule, Budget):
            facts |= {"money": rule.money, "max_krw": rule.max_krw, "used_krw": sum(money(rule, b) for b in others)}
            if a:
                facts["needed_krw"] = money(rule, a)
        elif isinstance(rule, Match):
            facts |= {"grant": rule.grant, "own": rule.own}
            if a:
                facts |= {"grant_krw": (a.cost_krw or 0) - a.own_krw, "own_krw": a.own_krw}
        elif isinstance(rule, Seats):
            facts |= {"count": len(others), "min": rule.min, "max": rule.max}
        elif isinstance(rule, Quota):
            count = sum(rule.equals in b.tags.get(rule.tag, ()) for b in others)
            facts |= {"tag": rule.tag, "equals": rule.equals, "count": count, "min": rule.min, "max": rule.max}
        elif isinstance(rule, CapEach):
            mine = a.tags.get(rule.tag, ()) if a else ()
            full = [v for v in mine if sum(v in b.tags.get(rule.tag, ()) for b in others) >= rule.max]
            facts |= {"tag": rule.tag, "max": rule.max, "values": sorted(full or mine)}
        elif isinstance(rule, PassMark):
            facts["min_value"] = plain(Fraction(rule.min_value))
            if a and a.value is not None:
                facts["value"] = plain(Fraction(a.value))
        else:
            named = [b.id for b in others if b.id in rule.applications]
            facts |= {"applications": list(rule.applications), "selected": named}
        return {"code": f"{how}_{rule.type}", "params": facts}

    # reserve

    def _reserve(self, reasons: list[dict[str, Any]]) -> object:
        wish = self.problem.reserve
        able: dict[int, bool] = {}
        if not isinstance(wish, ReservePerTag):
            return self._list(wish, None, able, reasons)
        values = sorted({v for a in self.problem.applications for v in a.tags.get(wish.tag, ())})
        return {v: self._list(wish.count, (wish.tag, v), able, reasons) for v in values}

    def _list(
        self, count: int, of: tuple[str, str] | None, able: dict[int, bool], reasons: list[dict[str, Any]]
    ) -> list[str]:
        applications = self.problem.applications
        rank = {i: n for n, group in enumerate(self.rows.groups) for i in group}
        equal: dict[tuple[Fraction, int, int], list[int]] = {}
        for i, a in enumerate(applications):
            if i not in self.chosen and (of is None or of[1] in a.tags.get(of[0], ())):
                key = (-Fraction(a.value or 0), (a.cost_krw or 0) - a.own_krw, rank[i])
                equal.setdefault(key, []).append(i)
        listed: list[str] = []
        for key in sorted(equal):
            if len(listed) >= count:
                break
            for i in equal[key]:
                if i not in able:
                    able[i] = self._follows(i)
            next_ = [applications[i].id for i in equal[key] if able[i]]
            if len(next_) > 1:
                code = "tie_within_reserve" if len(listed) + len(next_) <= count else "tie_in_reserve"
                reasons.append(reason(code, applications=next_, **({} if of is None else {"value": of[1]})))
                if code == "tie_in_reserve":
                    break
            listed += next_
        return listed

    def _follows(self, i: int) -> bool:
        rules, rows = self.problem.rules, self.rows
        if any(fails_alone(rule, self.problem.applications[i]) for rule in rules):
            return False
        totals = self._sums(self.chosen)
        for row, weight in rows.loads[i]:
            totals[row] = totals.get(row, 0) + weight
        short = {r for r, (least, _) in enumerate(rows.sides) if least is not None and totals.get(r, 0) < least}
        over = {r for r, (_, most) in enumerate(rows.sides) if most is not None and totals.get(r, 0) > most}
        for leaver in () if short else self.chosen:
            gone = dict(rows.loads[leaver])
            if all(totals[r] - gone.get(r, 0) <= (rows.sides[r][1] or 0) for r in over) and all(
                (least := rows.sides[r][0]) is None or totals[r] - weight >= least for r, weight in gone.items()
            ):
                return True
        return False

    # explanations and rules dropped

    def _explained(self, proven: Proven) -> bool:
        """Checks `explain`; whether it is complete."""
        told, proofs = self.result["explain"], self.result["certificate"]["explain"]
        expected = []
        needed = set()
        for id_, entry in zip(self.problem.explain, told, strict=False):
            answer, with_proof = self._rise(id_, entry, proofs.get(id_), proven)
            expected.append(answer)
            needed |= {id_} if with_proof else set()
        self.same("/explain", told, expected)
        if set(proofs) != needed:
            self.wrong("/certificate/explain", "proof_does_not_hold")
        return len(told) == len(self.problem.explain)

    def _rise(self, id_: str, told: Mapping[str, Any], proof: Any, proven: Proven) -> tuple[dict[str, Any], bool]:
        """The entry made anew, and whether it rests on a proof."""
        i, common = self.places[id_], proven.chosen - proven.tied
        entry: dict[str, Any] = {"id": id_, "selected": i in common, "possible": True, "value": None}
        entry |= {"value_rise": None, "rank": None, "overtakes": 0, "ahead_of": [], "leaves": [], "enters": []}
        entry["reasons"] = []
        if i in common:
            return entry, False
        rules, a = self.problem.rules, self.problem.applications[i]
        alone = [place for place in self._broken(i, {}) if not isinstance(rules[place], PassMark)]
        if alone:
            reasons = [reason("no_rise_lets_in")] + [self._told(place, i, "forbids", ()) for place in alone]
            return entry | {"possible": False, "reasons": reasons}, False
        at = f"/certificate/explain/{id_.replace('~', '~0').replace('/', '~1')}"
        if "nodes" in proof:
            by_id = {rule.id: place for place, rule in enumerate(rules)}
            named = [by_id[one["params"]["rule"]] for one in told["reasons"][1:]]
            if named != sorted(set(named)):
                self.wrong(at, "ids_not_of_the_problem")
            try:
                check_conflict(self.rows, named, proof, (i,), i)
            except Refused as refused:
                self.wrong(f"{at}{refused.at}", "proof_does_not_hold")
            reasons = [reason("no_rise_lets_in")] + [self._told(place, i, "jointly", ()) for place in named]
            return entry | {"possible": False, "reasons": reasons}, True
        found = self._proof(at, self.rows.box(self.all_rules, (i,), i), proof)
        if found is None:
            return entry, True
        rise = proven.order[0] - found.order[0] + (0 if found.order[1:] > proven.order[1:] else 1)
        value = Fraction(a.value or 0)
        for rule in rules:
            if isinstance(rule, PassMark):
                rise = max(rise, int((Fraction(rule.min_value) - value) * MILLION))
        rise = max(rise, 0)
        after = found.chosen - found.tied
        return entry | {
            "value": plain(value + Fraction(rise, MILLION)),
            "value_rise": plain(Fraction(rise, MILLION)),
            "leaves": self.ids(common - after),
            "enters": self.ids(after - common),
            "reasons": [reason("later_not_settled")] if found.tied else [],
        }, True

    def _dropped(self, proven: Proven) -> list[dict[str, Any] | None]:
        """What each rule's proof says; no proof is needed where the proof of the best does without the rule."""
        proofs, common = self.result["certificate"]["dropped"], proven.chosen - proven.tied
        used = self._rules_used()
        expected: list[dict[str, Any] | None] = []
        for place, rule in enumerate(self.problem.rules):
            others = [other for other in self.all_rules if other != place]
            found: Proven | None = proven
            if rule.id in proofs:
                at = f"/certificate/dropped/{rule.id.replace('~', '~0').replace('/', '~1')}"
                found = self._proof(at, self.rows.box(others), proofs[rule.id])
            elif place in used:
                found = None
            if found is None:
                expected.append(None)
                continue
            after = found.chosen - found.tied
            gain = plain(Fraction(found.order[0] - proven.order[0], MILLION))
            moved = {"enters": self.ids(after - common), "leaves": self.ids(common - after)}
            expected.append({"value_gain": gain, **moved, "settled": not found.tied})
        if not set(proofs) <= {rule.id for rule in self.problem.rules}:
            self.wrong("/certificate/dropped", "ids_not_of_the_problem")
        return expected

    def _rules_used(self) -> set[int | None]:
        """The rules without which the proof of the best might not hold."""
        proof = self.result["certificate"]["proof"]
        trees = [proof["value"], proof["grant"], *(step["nodes"] for step in proof["ranks"]), proof["rest"]]
        sums = [*proof["settled"], *(sum_ for tree in trees for node in tree for sum_ in node["sums"])]
        used = {self.rows.owner[row] for sum_ in sums for row, _ in sum_}
        failing: dict[int, set[int]] = {
            place: {i for i, a in enumerate(self.problem.applications) if fails_alone(rule, a)}
            for place, rule in enumerate(self.problem.rules)
            if isinstance(rule, Match | PassMark)
        }
        for place, mine in failing.items():
            others = set().union(*(theirs for other, theirs in failing.items() if other != place))
            if not mine <= others:
                used.add(place)
        return used
