"""`selection` by `total_value`: the largest sum of values, then the smallest grant, then the better ranks, proven.

Model, guarantees and cost: `docs/algorithms/selection-total.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.problem import Status, frame
from madang.core.reasons import Reason
from madang.core.selection.certificate import Certificates, rows_used
from madang.core.selection.explain import rule_reason
from madang.core.selection.feasible import Unsettled
from madang.core.selection.model import ReservePerTag, SelectionProblem, number
from madang.core.selection.solve import rank_groups, rule_use, total_value
from madang.core.selection.total_best import Best, NotProven, amount, best
from madang.core.selection.total_conflict import smallest_conflict
from madang.core.selection.total_explain import rise_of
from madang.core.selection.total_search import Aim, Node, Search
from madang.core.selection.total_system import MILLION, Limits, Selection, System, system_of
from madang.core.selection.total_why import reserve_of, why_of


def solve_total(problem: SelectionProblem, deadline: Deadline = NO_DEADLINE) -> dict[str, Any]:
    """The best selection with its proof, a `SelectionResult` ready for JSON. `problem` has no faults.

    Status `optimal`; `undetermined` where equal ranks leave several equally good; `infeasible`; when time ends
    `feasible` with a proven `bound`, or `unknown`. Cost: three searches, each some small linear programs.
    """
    return _Total(problem, deadline).solve()


class _Total:
    def __init__(self, problem: SelectionProblem, deadline: Deadline) -> None:
        self.problem, self.deadline = problem, deadline
        self.system: System = system_of(problem, rank_groups(problem))
        self.write = Certificates(problem, self.system)

    def solve(self) -> dict[str, Any]:
        try:
            found = best(self.system, self.system.limits, self.deadline)
        except NotProven as cut:
            return self._cut_short(cut)
        except Unsettled:
            return self._result(Status.UNKNOWN, [Reason("time_ended_without_a_selection")], frozenset())
        if found is None:
            return self._infeasible()
        return self._optimal(found)

    def _result(self, status: Status, reasons: Sequence[Reason], chosen: Selection) -> dict[str, Any]:
        """Every field, with the chosen and what they add up to."""
        from madang.core.selection.engine_glop import NAME

        problem = self.problem
        selected = [problem.applications[i] for i in self.write.order if i in chosen]
        return frame("selection", status, reasons, problem.seed, NAME) | {
            "selected": [a.id for a in selected],
            "reserve": {} if isinstance(problem.reserve, ReservePerTag) else [],
            "value": total_value(selected),
            "bound": None,
            "used_krw": sum(a.grant_krw for a in selected),
            "per_rule": [rule_use(rule, selected, problem.applications) for rule in problem.rules],
            "why": [],
            "explain": [],
            "conflict": [],
            "certificate": None,
        }

    def _optimal(self, found: Best) -> dict[str, Any]:
        problem, tied = self.problem, self.write.named(found.tied)
        reasons = [Reason("tie_at_the_line", {"applications": tied})] if tied else []
        status = Status.UNDETERMINED if tied else Status.OPTIMAL
        reserve: Any = {} if isinstance(problem.reserve, ReservePerTag) else []
        if not tied:
            reserve, told = reserve_of(problem, self.system, found.chosen)
            reasons += told
        unfinished = []
        explanations, proofs = [], {}
        try:
            for id_ in problem.explain:
                answer, proof = rise_of(problem, self.system, self.write, found, id_, self.deadline)
                explanations.append(answer)
                if proof is not None:
                    proofs[id_] = proof
        except (Unsettled, NotProven):
            unfinished.append("explain")
        uses, dropped, all_dropped = self._dropped(found)
        if not all_dropped:
            unfinished.append("if_dropped")
        if unfinished:
            status = Status.FEASIBLE if status is Status.OPTIMAL else status
            reasons.append(Reason("time_ended_after_the_proof", {"parts": unfinished}))
        result = self._result(status, reasons, found.common)
        for use, change in zip(result["per_rule"], uses, strict=True):
            use["if_dropped"] = change
        return result | {
            "bound": number(Fraction(found.value, MILLION)),
            "reserve": reserve,
            "why": why_of(problem, self.system, found),
            "explain": explanations,
            "certificate": {"proof": self.write.of_best(found), "explain": proofs, "dropped": dropped},
        }

    def _dropped(self, found: Best) -> tuple[list[dict[str, Any] | None], dict[str, Any], bool]:
        """For each rule, what is better without it, with the proof. None where time did not reach."""
        used = {self.system.rules[row] for row in rows_used(found)}
        everything = range(len(self.problem.rules))
        changes: list[dict[str, Any] | None] = []
        proofs = {}
        for place, rule in enumerate(self.problem.rules):
            limits = self.system.only([other for other in everything if other != place])
            if place not in used and limits.outside == self.system.limits.outside:
                changes.append(self._change(found, found))  # the proof does without the rule
                continue
            try:
                without = best(self.system, limits, self.deadline, found.chosen)
            except (Unsettled, NotProven):
                changes.append(None)
                continue
            assert without is not None, "what keeps all rules keeps all but one"
            changes.append(self._change(found, without))
            proofs[rule.id] = self.write.of_best(without)
        return changes, proofs, None not in changes

    def _change(self, before: Best, after: Best) -> dict[str, Any]:
        return {
            "value_gain": number(Fraction(after.value - before.value, MILLION)),
            "enters": self.write.named(after.common - before.common),
            "leaves": self.write.named(before.common - after.common),
            "settled": not after.tied,
        }

    def _infeasible(self) -> dict[str, Any]:
        try:
            conflict = smallest_conflict(self.system, self.deadline)
        except Unsettled:
            reason = Reason("time_ended_without_a_selection")
            return self._result(Status.UNKNOWN, [reason], frozenset())
        rules = [self.problem.rules[rule] for rule in conflict.rules]
        reasons = [Reason("no_selection_keeps_the_rules", {"rules": [rule.id for rule in rules]})]
        reasons += [rule_reason(rule, None, [], "conflict") for rule in rules]
        return self._result(Status.INFEASIBLE, reasons, frozenset()) | {
            "conflict": [rule.id for rule in rules],
            "certificate": {"conflict": self.write.of_conflict(conflict)},
        }

    def _cut_short(self, cut: NotProven) -> dict[str, Any]:
        """The best found, and how much more there can be: by one relaxation, or exactly where that was proven."""
        reason = Reason("time_ended_in_the_search", {"stage": cut.stage})
        bound, tree = self._bound(cut)
        return self._result(Status.FEASIBLE, [reason], cut.chosen) | {
            "bound": number(Fraction(bound, MILLION)),
            "why": why_of(self.problem, self.system, None, cut.chosen),
            "certificate": {"bound": self.write.tree(tree)},
        }

    def _bound(self, cut: NotProven) -> tuple[int, Node]:
        system = self.system
        value = amount(system, system.value, cut.chosen)
        if cut.proven is not None:
            return value, cut.proven
        limits: Limits = system.limits.copy()
        system.at_least(limits, system.value, value)
        search = Search(system, limits, Aim(system.value, 1), NO_DEADLINE, lambda _: False)
        room, sum_ = search.room()
        bound = value + room * system.divisors[system.value]
        return bound, Node([sum_])
