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

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from madang.core.reasons import Checked, Malformed, Reason
from madang.core.selection.model import SelectionProblem, faults_in
from madang.core.selection.verify_more import MoreCheck
from madang.core.selection.verify_rules import plain, use_of
from madang.core.selection.verify_search import Completion, TooMuch

WORK = 1_500_000


def verify_selection(problem: SelectionProblem, result: Mapping[str, Any]) -> list[Reason]:
    """Everything in `result` that does not follow from `problem`; empty where nothing contradicts."""
    if problem.objective == "total_value":
        return _total(problem, result)
    return check_selection(problem, result).contradictions


def check_selection(problem: SelectionProblem, result: Mapping[str, Any], work: int = WORK) -> Checked:
    """As `verify_selection`, and what could not be checked within `work` states of the search.

    Raises `Malformed` for a problem with faults of meaning.
    """
    faults = faults_in(problem)
    if faults:
        raise Malformed(faults)
    if problem.objective == "total_value":
        return Checked(_total(problem, result), [])
    check = _Check(problem, result, Completion(problem, work))
    try:
        check.everything()
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        check.wrong("", "result_not_readable")
    return Checked(check.contradictions, check.not_checked)


def _total(problem: SelectionProblem, result: Mapping[str, Any]) -> list[Reason]:
    """By the largest sum of values there is a certificate to add up instead of a walk to follow."""
    from madang.core.selection.verify_total import verify_total

    return verify_total(problem, result)


class _Check(MoreCheck):
    """The whole result."""

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
            self.walked()
        elif status in ("unknown", "feasible"):
            self._cut_short(status)
        else:
            self.wrong("/status", "result_not_readable")

    # numbers

    def _numbers(self) -> None:
        chosen = [self.by_id[id_] for id_ in self.selected]
        values = [Fraction(a.value) for a in chosen if a.value is not None]
        self.same("/value", self.result["value"], plain(sum(values, Fraction(0))) if values else None)
        grants = sum((a.cost_krw or 0) - a.own_krw for a in chosen)
        self.same("/used_krw", self.result["used_krw"], grants)
        uses = self.result["per_rule"]
        if len(uses) != len(self.problem.rules):
            self.wrong("/per_rule", "ids_not_of_the_problem")
            return
        for place, (rule, use) in enumerate(zip(self.problem.rules, uses, strict=True)):
            expected = {"id": rule.id, "type": rule.type, **use_of(rule, chosen, self.problem.applications)}
            self.same_fields(f"/per_rule/{place}", use, expected)

    # infeasible

    def _infeasible(self) -> None:
        result = self.result
        for name in ("selected", "why", "explain"):
            self.same(f"/{name}", result[name], [])
        self.same("/reserve", result["reserve"], self.no_reserve())
        conflict = list(result["conflict"])
        order = [rule.id for rule in self.problem.rules]
        if conflict != [id_ for id_ in order if id_ in conflict]:
            self.wrong("/conflict", "ids_not_of_the_problem")
            return
        try:
            if self.search.possible(frozenset(), frozenset(conflict)):
                self.wrong("/conflict", "rules_do_not_forbid")
            elif not self.is_smallest("/conflict", frozenset(), frozenset(conflict)):
                self.wrong("/conflict", "not_a_smallest_set")
        except TooMuch:
            self.open("conflict_not_checked")
        told = [{"code": "no_selection_keeps_the_rules", "params": {"rules": conflict}}]
        told += [self.told_of(id_, None, "conflict") for id_ in conflict]
        self.same("/reasons", result["reasons"], told)

    def _cut_short(self, status: str) -> None:
        """Of a result that time cut short: who is selected, as far as it goes. Its reasons and lists stay unchecked."""
        code = "time_ended_in_the_walk" if status == "unknown" else "time_ended_after_the_walk"
        if code not in [reason["code"] for reason in self.result["reasons"]]:
            self.wrong("/status", "result_not_readable")
        self.open("cut_short_not_checked", status=status)
        try:
            selected, _ = self.walk_anew(self.search, self.groups, self.selected)
        except TooMuch:
            self.open("selected_not_checked")
            return
        if status == "unknown":
            selected = selected[: len(self.selected)]
        if self.selected != selected:
            self.wrong("/selected", "not_the_walk")
