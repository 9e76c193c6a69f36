"""Does the plan keep the rules, are its sums right, and is it proven that there is no better one?

Shares no code with the solver and loads none: rules and sums are counted anew, and the certificate's prices are added
up in integers (`verify_bounds`). For `fair`, its own certificate is checked by `fair_verify`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from madang.core.assignment.model import AssignmentProblem, AssignmentResult, require_sound
from madang.core.assignment.reasons import notes, why_infeasible
from madang.core.assignment.verify_bounds import (
    NoProof,
    Proven,
    Table,
    face,
    proven_by,
    table_of,
    with_pair,
    with_second,
)
from madang.core.differing import what_differs
from madang.core.matrix import SCALE
from madang.core.problem import decimal_text, pointer
from madang.core.reasons import Checked, Param, Reason

Flags = NDArray[np.bool_]


def check_assignment(problem: AssignmentProblem, result: object) -> Checked:
    """The same as `verify_assignment`, with what the certificate leaves to the word of the engine."""
    contradictions = verify_assignment(problem, result)
    certificate = result.get("certificate") if isinstance(result, Mapping) else None
    fair = certificate.get("fair") if isinstance(certificate, Mapping) else None
    by_search = [
        part for part in ("worst", "total") if isinstance(fair, Mapping) and fair.get(f"{part}_by") == "search"
    ]
    return Checked(contradictions, [Reason("proven_by_search_only", {"parts": by_search})] if by_search else [])


def verify_assignment(problem: AssignmentProblem, result: object) -> list[Reason]:
    """Everything in `result` (as read from JSON) that does not follow from `problem`; empty where nothing contradicts.

    Raises `Malformed` for an unsound problem. Cost: applications x evaluators, for each list of prices.
    """
    require_sound(problem)
    try:
        AssignmentResult.model_validate_json(json.dumps(result))
    except (ValidationError, TypeError, ValueError) as error:
        places = error.errors() if isinstance(error, ValidationError) else []
        at = pointer(places[0]["loc"]) if places else ""
        return [Reason("assignment_not_readable", {"at": at})]
    assert isinstance(result, dict)
    check = _Check(problem, result, table_of(problem))
    try:
        check.everything()
    except NoProof:
        check.say("assignment_proof_fails", "/certificate")
    return check.found


@dataclass(slots=True)
class _Check:
    problem: AssignmentProblem
    result: Mapping[str, Any]
    table: Table
    found: list[Reason] = field(default_factory=list)
    rows: dict[str, int] = field(init=False)
    columns: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = {one.id: place for place, one in enumerate(self.problem.applications)}
        self.columns = {one.id: place for place, one in enumerate(self.problem.evaluators)}

    def say(self, code: str, at: str) -> None:
        self.found.append(Reason(code, {"at": at}))

    def everything(self) -> None:
        expected = self._common() | {"scale": SCALE, "objective": self.problem.objective}
        if self.result["status"] in ("infeasible", "unknown"):
            expected |= self._nothing()
        else:
            pairs = self._pairs(self.result["pairs"], "/pairs")
            if pairs is None:
                return
            broken = self._broken(self.table, pairs)
            if broken:
                self.found += broken
                return
            expected |= self._plan(pairs)
        expected["certificate"] = self.result["certificate"]
        self.found += what_differs(expected, self.result)

    def _common(self) -> dict[str, Any]:
        return {"kind": "assignment", "version": 1, "seed": self.problem.seed}

    @property
    def _by_floor(self) -> bool:
        return self.problem.objective == "fair" or self.problem.floor is not None

    # --- no plan ---

    def _nothing(self) -> dict[str, Any]:
        status = self.result["status"]
        expected: dict[str, Any] = {"status": status, "pairs": [], "total": None, "worst": None}
        expected |= {"applications": [], "evaluators": [], "changed": None, "explain": [], "one_more": []}
        reasons = [Reason("assignment_time_ended")]
        if status == "infeasible":
            reasons = self._why_none()
            expected["bound"] = {"total": None, "worst": None}
        else:
            expected["bound"] = self.result["bound"]  # without a plan there is nothing to compare it with
        reasons += notes(self.problem)
        return expected | {"reasons": [reason.as_json() for reason in reasons]}

    def _why_none(self) -> list[Reason]:
        stages = self.result["certificate"]["stages"]
        if self.result["certificate"]["fair"] is not None:
            among = self._among(stages)
            if among is None or self.problem.floor is None:
                raise NoProof
            self.found += self._fair(among[0])
            return [Reason("floor_not_reached", {"floor": str(self.problem.floor)})]
        if len(stages) != 1 or self._proven(self.table, self._values(stages[0]["sum"]), stages[0]).most is not None:
            raise NoProof
        return why_infeasible(self.problem, stages[0]["nodes"])

    # --- a plan ---

    def _pairs(self, given: list[list[str]], at: str) -> Flags | None:
        """The plan as flags, if it names known ids, none twice, in order."""
        flags = np.full(self.table.affinity.shape, False)
        places = []
        for application, evaluator in given:
            if application not in self.rows or evaluator not in self.columns:
                self.say("pairs_not_of_the_problem", at)
                return None
            places.append((self.rows[application], self.columns[evaluator]))
        if places != sorted(set(places)):
            self.say("pairs_not_in_order", at)
            return None
        for row, column in places:
            flags[row, column] = True
        return flags

    def _broken(self, table: Table, pairs: Flags) -> list[Reason]:
        """The rules that a plan breaks, each with its first place."""
        applications = [one.id for one in self.problem.applications]
        found = []
        if (pairs & ~table.open & ~table.fixed).any() or (table.fixed & ~pairs).any():
            found.append(Reason("plan_against_conflict_or_fixed", {}))
        for name, count, need in zip(applications, pairs.sum(axis=1).tolist(), table.required, strict=True):
            if count != need:
                found.append(Reason("plan_wrong_count", {"application": name, "given": count, "required": need}))
        loads = zip(pairs.sum(axis=0).tolist(), table.least, table.most, strict=True)
        for place, (load, least, most) in enumerate(loads):
            if not least <= load <= most:
                name = self.problem.evaluators[place].id if place < len(self.columns) else "+"
                found.append(Reason("plan_wrong_load", {"evaluator": name, "load": load}))
        for rule in table.rules:
            count = int((pairs[rule.row] & rule.members).sum())
            if count < rule.least or (rule.most is not None and count > rule.most):
                found.append(Reason("plan_wrong_composition", {"application": applications[rule.row], "tag": rule.tag}))
        return found[:20]

    def _plan(self, pairs: Flags) -> dict[str, Any]:
        sums = [_sum(row[on]) for row, on in zip(self.table.affinity, pairs, strict=True)]
        names = [one.id for one in self.problem.evaluators]
        loads = pairs.sum(axis=0).tolist()
        among, bound, status = self._proof(pairs, sum(sums))
        self._explanations(pairs, sum(sums), among)
        return {
            "status": status,
            "reasons": [reason.as_json() for reason in [*self._unproven(status), *notes(self.problem)]],
            "pairs": self.result["pairs"],
            "total": _units(sum(sums)),
            "worst": _units(min(sums)) if sums else None,
            "bound": bound,
            "applications": [
                {"id": one.id, "sum": _units(own), "evaluators": [names[place] for place in np.nonzero(on)[0]]}
                for one, own, on in zip(self.problem.applications, sums, pairs, strict=True)
            ],
            "evaluators": [{"id": name, "load": load} for name, load in zip(names, loads, strict=True)],
            "changed": self._changed(),
            "explain": self.result["explain"],
            "one_more": self.result["one_more"],
        }

    def _changed(self) -> dict[str, Any] | None:
        if not self.problem.keep:
            return None
        before = {tuple(pair) for pair in self.problem.keep}
        now = {tuple(pair) for pair in self.result["pairs"]}
        return {
            "kept": len(before & now),
            "lost": [list(pair) for pair in self.problem.keep if tuple(pair) not in now],
            "new": [pair for pair in self.result["pairs"] if tuple(pair) not in before],
        }

    def _unproven(self, status: str) -> Iterator[Reason]:
        if status == "feasible":
            if self._weighted and self._by_floor:
                yield Reason("fair_not_searched_after_keep")
            else:
                yield Reason("assignment_time_ended")

    @property
    def _weighted(self) -> bool:
        return any(stage["sum"] == "kept_then_affinity" for stage in self.result["certificate"]["stages"])

    # --- the proof ---

    def _proven(self, table: Table, values: NDArray[np.int64], stage: Mapping[str, Any]) -> Proven:
        return proven_by(table, values, stage, self.rows)

    def _values(self, name: str) -> NDArray[np.int64]:
        if name == "affinity":
            return self.table.affinity
        able = self.table.open | self.table.fixed
        kept = np.full(able.shape, 0, dtype=np.int64)
        for application, evaluator in self.problem.keep:
            if application in self.rows and evaluator in self.columns:
                kept[self.rows[application], self.columns[evaluator]] = 1
        if name == "kept":
            return kept * able
        return kept * (_spread(self.table) + 1) + self.table.affinity

    def _proof(self, pairs: Flags, total: int) -> tuple[Table, dict[str, Any], str]:
        """The plans among which the last stage chose, the bound that is proven, and the status that follows."""
        stages = self.result["certificate"]["stages"]
        names = [stage["sum"] for stage in stages]
        told = self.result["bound"]
        if names == ["kept_then_affinity"]:
            both = self._proven(self.table, self._values("kept_then_affinity"), stages[0]).most
            if both is None:
                raise NoProof
            left = both - int(self._values("kept")[pairs].sum()) * (_spread(self.table) + 1)
            if self._by_floor:
                return self.table, {"total": None, "worst": None}, "feasible"
            return self.table, {"total": _units(left), "worst": None}, "optimal" if left == total else "feasible"
        among = self._among(stages)
        if among is None or int(self._values("kept")[pairs].sum()) != among[1]:
            if len(stages) > 1:
                raise NoProof
            sums = {"total": total, "worst": self._worst_of(pairs)}
            if any(told[name] is not None and Fraction(told[name]) * SCALE < sums[name] for name in sums):
                raise NoProof  # whatever it rests on, no bound lies under the plan itself
            return self.table, told, "feasible"
        table = among[0]
        most: int | None = None
        if names[-1:] == ["affinity"]:
            most = self._proven(table, self.table.affinity, stages[-1]).most
            if most is None:
                raise NoProof
        if not self._by_floor:
            if most is None:
                raise NoProof
            return table, {"total": _units(most), "worst": None}, "optimal" if most == total else "feasible"
        if self.result["certificate"]["fair"] is None:
            raise NoProof
        self.found += self._fair(table)
        if most is not None:
            told = {**told, "total": _units(most)}
        return table, told, self.result["status"]

    def _worst_of(self, pairs: Flags) -> int:
        """The smallest sum of an application."""
        return int((self.table.affinity * pairs).sum(axis=1).min(initial=2**53))

    def _among(self, stages: Sequence[Mapping[str, Any]]) -> tuple[Table, int] | None:
        """The plans that keep most of an earlier plan, and how many pairs that is; None where that is not proven."""
        if not self.problem.keep:
            return self.table, 0
        if not stages or stages[0]["sum"] != "kept":
            raise NoProof
        kept, times = self._values("kept"), stages[0]["times"]
        proven = self._proven(self.table, kept, stages[0])
        if proven.most is None or proven.prices is None or proven.exact != proven.most * times:
            return None
        return face(self.table, kept * times, proven.prices), proven.most

    def _fair(self, table: Table) -> list[Reason]:
        from madang.core.assignment.fair_verify import check

        return check(self.problem, self.result, table)

    # --- explanations ---

    def _explanations(self, pairs: Flags, total: int, among: Table) -> None:
        asked = [list(pair) for pair in self.problem.explain]
        if [[one["application"], one["evaluator"]] for one in self.result["explain"]] != asked:
            self.say("explain_not_as_asked", "/explain")
            return
        if not asked and self.result["one_more"]:
            self.say("explain_not_as_asked", "/one_more")
        for number, one in enumerate(self.result["explain"]):
            try:
                right = self._why_not(one, pairs, total, among)
            except NoProof:
                right = False
            if not right:
                self.say("explain_does_not_follow", f"/explain/{number}")
        for number, one in enumerate(self.result["one_more"]):
            try:
                right = self._gain(one, pairs, total)
            except NoProof:
                right = False
            if not right:
                self.say("explain_does_not_follow", f"/one_more/{number}")

    def _why_not(self, one: Mapping[str, Any], pairs: Flags, total: int, among: Table) -> bool:
        row, column = self.rows[one["application"]], self.columns[one["evaluator"]]
        reasons = [self._plain(pairs, row, column)]
        empty: dict[str, Any] = {"cost": None, "leave": [], "enter": [], "certificate": None}
        follows = {name: one[name] for name in empty} == empty
        if reasons[0].code in ("explain_full", "explain_others_fit_better", "explain_better_as_a_whole"):
            if one["certificate"] is not None:
                follows, forced = self._forced(one, pairs, total, among, row, column)
            else:
                forced = self._not_forced(among, row, column)
            reasons.append(forced)
        given: list[Any] = one["reasons"]
        return follows and given == [reason.as_json() for reason in reasons]

    def _plain(self, pairs: Flags, row: int, column: int) -> Reason:
        if pairs[row, column]:
            return Reason("explain_fixed" if self.table.fixed[row, column] else "explain_assigned")
        if not self.table.open[row, column]:
            return Reason("explain_conflict")
        holders = np.nonzero(pairs[:, column])[0]
        if len(holders) < self.table.most[column]:
            affinity = self.table.affinity[row]
            worse = any(affinity[reader] < affinity[column] for reader in np.nonzero(pairs[row])[0])
            return Reason("explain_better_as_a_whole" if worse else "explain_others_fit_better")
        holds = [self.problem.applications[place].id for place in holders]
        return Reason("explain_full", {"evaluator": self.problem.evaluators[column].id, "holds": holds})

    def _not_forced(self, among: Table, row: int, column: int) -> Reason:
        solved = not self._by_floor and self.result["status"] == "optimal" and not self._weighted
        return Reason("explain_keeps_fewer" if solved and not among.open[row, column] else "explain_not_forced")

    def _forced(
        self, one: Mapping[str, Any], pairs: Flags, total: int, among: Table, row: int, column: int
    ) -> tuple[bool, Reason]:
        stages = one["certificate"]["stages"]
        if [stage["sum"] for stage in stages] != ["affinity"] or not among.open[row, column]:
            raise NoProof
        table = with_pair(among, row, column)
        most = self._proven(table, self.table.affinity, stages[0]).most
        if most is None:
            code = "explain_keeps_fewer" if self.problem.keep else "explain_cannot_be"
            return one["cost"] is None and not one["leave"] and not one["enter"], Reason(code)
        after, entered = self._after(one, pairs, list(self.columns))
        right = not self._broken(table, after) and _sum(self.table.affinity[after]) == most
        gone = [self.problem.evaluators[place].id for place in np.nonzero(pairs[row] & ~after[row])[0]]
        params: dict[str, Param] = {"cost": _units(total - most), "leave": gone, "pairs": entered}
        code = "explain_equally_good" if most == total else "explain_costs"
        return right and one["cost"] == _units(total - most), Reason(code, params)

    def _after(self, one: Mapping[str, Any], pairs: Flags, names: list[str]) -> tuple[Flags, int]:
        """The plan after the changes told, and how many pairs come in."""
        after = pairs.copy()
        columns = {name: place for place, name in enumerate(names)}
        for field_name, value in (("leave", False), ("enter", True)):
            for application, evaluator in one[field_name]:
                if application not in self.rows or evaluator not in columns:
                    raise NoProof
                place = (self.rows[application], columns[evaluator])
                if bool(after[place]) is value:
                    raise NoProof
                after[place] = value
        return after, len(one["enter"])

    def _gain(self, one: Mapping[str, Any], pairs: Flags, total: int) -> bool:
        stages = one["certificate"]["stages"]
        if one["like"] not in self.columns or [stage["sum"] for stage in stages] != ["affinity"]:
            return False
        place = self.columns[one["like"]]
        if one["tag"] is not None and one["tag"] not in self.problem.evaluators[place].tags:
            return False
        table = with_second(self.table, place)
        most = self._proven(table, table.affinity, stages[0]).most
        before = np.hstack((pairs, np.full((len(pairs), 1), False)))
        after, _ = self._after(one, before, [*self.columns, f"{one['like']}+"])
        right = not self._broken(table, after) and most is not None and _sum(table.affinity[after]) == most
        return right and most is not None and one["gain"] == _units(most - total)


def _spread(table: Table) -> int:
    if not table.affinity.size:
        return 0
    reach = (table.affinity.max(axis=1) - table.affinity.min(axis=1)).tolist()
    return sum(need * width for need, width in zip(table.required, reach, strict=True))


def _sum(numbers: NDArray[np.int64]) -> int:
    return sum(numbers.tolist())


def _units(millionths: int) -> str:
    text = decimal_text(Fraction(millionths, SCALE), 6)
    return text.rstrip("0").rstrip(".")
