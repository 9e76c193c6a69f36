"""Is this the panel that the lot order gives? Checked without the solver's code and without any solver.

- The members keep every rule: so each of them was rightly seated, for they are themselves the completion, as long as
  everybody passed over before was rightly passed over.
- Nobody passed over could have been seated: a count shows it, or a search over all ways to fill the seats left.
- A conflict: no panel keeps its rules, and some panel keeps every smaller set, and every earlier one of its size.

The search has a limit (`work`). What it leaves open is not called right: `check_panel` gives it in `not_checked`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from madang.core.lots.verify import order_by_seed
from madang.core.panels.explain import why_drawn, why_infeasible, why_passed_over
from madang.core.panels.model import Candidate, PanelProblem, require_sound
from madang.core.panels.verify_search import EVERYBODY, Search, TooMuch
from madang.core.reasons import Checked, Param, Reason

WORK = 200_000
SETS = 20_000  # how many sets of rules are looked at to see that no smaller one conflicts

#: Fields that may differ from run to run.
_FREE = ("engine", "elapsed_ms")


def verify_panel(problem: PanelProblem, result: object) -> list[Reason]:
    """Everything in `result` (as read from JSON) that does not follow from `problem`; empty where nothing contradicts.

    Raises `Malformed` for an unsound problem. Cost: candidates x tags, and a search where counting does not suffice.
    """
    return check_panel(problem, result).contradictions


def check_panel(problem: PanelProblem, result: object, work: int = WORK) -> Checked:
    """As `verify_panel`, and what could not be checked within `work` steps of the search."""
    require_sound(problem)
    if not isinstance(result, dict):
        finding = Reason("does_not_follow", {"at": "", "given": _brief(result), "expected": "{...}"})
        return Checked([finding], [])
    check = _Check(problem, result, Search(problem, work))
    check.everything()
    return Checked(check.contradictions, check.not_checked)


@dataclass(slots=True)
class _Check:
    problem: PanelProblem
    result: Mapping[str, Any]
    search: Search
    contradictions: list[Reason] = field(default_factory=list)
    not_checked: list[Reason] = field(default_factory=list)

    def everything(self) -> None:
        match self.result.get("status"):
            case "computed":
                self._compare(self._computed())
            case "infeasible":
                self._compare(self._infeasible())
            case "unknown":
                self._compare(self._nobody("unknown", [Reason("panel_search_ended")], []))
            case _:
                self._wrong("status", "computed")

    def _wrong(self, name: str, expected: object) -> None:
        params = {"at": f"/{name}", "given": _brief(self.result.get(name)), "expected": _brief(expected)}
        self.contradictions.append(Reason("does_not_follow", params))

    def _compare(self, expected: Mapping[str, Any] | None) -> None:
        if expected is None:
            return
        for name in (*expected, *(name for name in self.result if name not in expected and name not in _FREE)):
            # repr tells 1, 1.0 and true apart
            known = name in self.result and name in expected
            if not known or repr(self.result[name]) != repr(expected[name]):
                self._wrong(name, expected.get(name))

    def _order(self) -> list[str]:
        if self.problem.lot_order:
            return list(self.problem.lot_order)
        return order_by_seed(sorted(one.id for one in self.problem.pool), self.problem.seed)

    # --- a panel ---

    def _computed(self) -> dict[str, Any] | None:
        """The result that follows if these are the members; None where they cannot be."""
        order, members = self._order(), self.result.get("members")
        known = isinstance(members, list) and all(
            isinstance(name, str) and name in self.search.tags for name in members
        )
        if not isinstance(members, list) or not known or len(set(members)) < len(members):
            self._wrong("members", [])
            return None
        broken = self.search.broken_by(members)
        if broken:
            self.contradictions += [Reason("panel_breaks_a_rule", {"rule": rule}) for rule in broken]
            return None
        candidates = {one.id: one for one in self.problem.pool}
        barred = {one.id: one.code for one in self.problem.excluded}
        seated: list[str] = []
        passed: list[dict[str, Any]] = []
        refused: set[frozenset[str]] = set()
        for name in order:
            if name in barred:
                passed.append({"id": name, "code": barred[name], "params": {}})
            elif name in members:
                seated.append(name)
            elif len(seated) < self.problem.seats:
                self._check_refusal(candidates[name], seated, refused)
                passed.append({"id": name, **why_passed_over(self.problem, candidates[name], seated).as_json()})
        waiting = [name for name in order if name not in set(seated) and name not in barred]
        return self._frame("computed", why_drawn(self.problem)) | {
            "members": seated,
            "substitutes": waiting,
            "passed_over": passed,
            "lot_order": order,
            "conflict": [],
        }

    def _check_refusal(self, candidate: Candidate, seated: Sequence[str], refused: set[frozenset[str]]) -> None:
        """Once refused, always refused, and with it everybody who counts for the same: the seated only grow."""
        alike = self.search.counted[candidate.id]
        asked = alike & {
            EVERYBODY,
            *self.problem.at_least,
        }  # without the limits of its own: for all institutes at once
        if alike in refused or asked in refused or self.search.is_full(candidate, seated):
            return
        try:
            if self.search.panel(self.search.rules, seated, guest=asked) is None:
                refused.add(asked)
                return
            found = self.search.panel(self.search.rules, [*seated, candidate.id])
        except TooMuch:
            self.not_checked.append(Reason("seating_not_checked", {"candidate": candidate.id}))
            return
        if found is None:
            refused.add(alike)
        else:
            params: dict[str, Param] = {"candidate": candidate.id, "panel": sorted(found)}
            self.contradictions.append(Reason("could_have_been_seated", params))

    # --- no panel ---

    def _infeasible(self) -> dict[str, Any] | None:
        given = self.result.get("conflict")
        rules = self.search.rules
        places = [rules.index(rule) for rule in given if rule in rules] if isinstance(given, list) else []
        if not isinstance(given, list) or len(places) != len(given) or not places or places != sorted(set(places)):
            self._wrong("conflict", [])
            return None
        try:
            if self.search.panel(given, []) is not None:
                self._wrong("conflict", [])
                return None
            smaller = self._earlier_conflict(places)
        except TooMuch:
            self.not_checked.append(Reason("conflict_not_checked"))
            smaller = None
        if smaller is not None:
            self._wrong("conflict", smaller)
            return None
        return self._nobody("infeasible", why_infeasible(self.problem, given), list(given))

    def _earlier_conflict(self, places: Sequence[int]) -> list[str] | None:
        """A conflict that is smaller, or of the same size and earlier in the order of the rules.

        Where sets of one rule less can all be kept, so can smaller ones.
        """
        rules = self.search.rules
        kept: list[frozenset[str]] = []
        size = len(places)
        fewer = itertools.combinations(range(len(rules)), size - 1)
        as_many = itertools.takewhile(lambda c: c != tuple(places), itertools.combinations(range(len(rules)), size))
        for number, chosen in enumerate(itertools.chain(fewer, as_many)):
            if number > SETS:
                raise TooMuch
            some = frozenset(rules[place] for place in chosen)
            if any(some <= known for known in kept):
                continue
            panel = self.search.panel(some, [])
            if panel is None:
                return [rules[place] for place in chosen]
            kept.append(frozenset(rules) - frozenset(self.search.broken_by(panel)))
        return None

    def _nobody(self, status: str, reasons: Sequence[Reason], conflict: list[str]) -> dict[str, Any]:
        barred = {one.id: one.code for one in self.problem.excluded}
        order = self._order()
        return self._frame(status, reasons) | {
            "members": [],
            "substitutes": [],
            "passed_over": [{"id": name, "code": barred[name], "params": {}} for name in order if name in barred],
            "lot_order": order,
            "conflict": conflict,
        }

    def _frame(self, status: str, reasons: Sequence[Reason]) -> dict[str, Any]:
        told = [reason.as_json() for reason in reasons]
        return {"kind": "panel", "version": 1, "status": status, "reasons": told, "seed": self.problem.seed}


def _brief(value: object) -> Param:
    return value if isinstance(value, str | int | bool) or value is None else repr(value)[:200]
