"""What a check of a selection finds, and how it says it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from madang.core.reasons import Param, Reason
from madang.core.selection.model import ExcludeTogether, SelectionProblem
from madang.core.selection.verify_rules import NOTHING, Gauge, told
from madang.core.selection.verify_search import Completion

_MISSING = object()


class Findings:
    """What a check found, and the problem as it looks things up."""

    def __init__(self, problem: SelectionProblem, result: Mapping[str, Any], search: Completion) -> None:
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

    def told_of(
        self,
        rule_id: str,
        asked: str | None,
        how: str,
        inside: Collection[str] = (),
        held: Mapping[Gauge, int] = NOTHING,
    ) -> dict[str, Any]:
        """The facts of one rule at a moment of the walk: `inside` are in and add up to `held`."""
        rule, chosen = self.search.rules[rule_id], list[str]()
        if isinstance(rule, ExcludeTogether):
            chosen = sorted(set(inside).intersection(rule.applications), key=self.places.__getitem__)
        return told(rule, None if asked is None else self.by_id[asked], how, chosen, held)


def _brief(value: object) -> Param:
    """A value as a parameter: small ones as they are, long ones by their size, nothing where a field is missing."""
    if isinstance(value, list | dict):
        return f"[{len(value)}]" if isinstance(value, list) else f"{{{len(value)}}}"
    return value if isinstance(value, str | int | bool) else None
