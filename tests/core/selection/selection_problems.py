"""Random small problems, and the answer by trying every subset: the definition, written as naively as possible."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from madang.core.selection import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    Seats,
    SelectionProblem,
)

REGIONS = ["north", "south"]
ORGANISATIONS = ["o1", "o2", "o3"]
IDS = ["A", "B", "C", "D", "E", "F", "G"]


@st.composite
def problems(draw: st.DrawFn, *, minimum: bool = True, ties: bool = True, most: int = 6) -> SelectionProblem:
    ids = IDS[: draw(st.integers(1, most))]
    ranks = draw(st.lists(st.integers(1, len(ids)), min_size=len(ids), max_size=len(ids), unique=not ties))
    applications = [draw(_application(id_, rank)) for id_, rank in zip(ids, ranks, strict=True)]
    kinds = draw(st.lists(st.sampled_from(["budget", "match", "seats", "quota", "cap", "pass", "never"]), max_size=6))
    rules = [draw(_rule(kind, f"r{n}", ids, minimum)) for n, kind in enumerate(kinds)]
    reserve = draw(st.sampled_from([0, 1, 3, {"tag": "region", "count": 2}]))
    explain = draw(st.lists(st.sampled_from(ids), unique=True, max_size=2))
    return SelectionProblem.model_validate(
        {"version": 1, "applications": applications, "rules": rules, "reserve": reserve, "explain": explain}
    )


@st.composite
def _application(draw: st.DrawFn, id_: str, rank: int) -> Application:
    cost = draw(st.integers(0, 9))
    tags: dict[str, Any] = {}
    if draw(st.booleans()):
        tags["region"] = draw(st.one_of(st.sampled_from(REGIONS), st.lists(st.sampled_from(REGIONS), unique=True)))
    if draw(st.booleans()):
        tags["organisation"] = draw(st.sampled_from(ORGANISATIONS))
    return Application(
        id=id_,
        rank=rank,
        value=Decimal(draw(st.integers(0, 8))) / 2,
        cost_krw=cost,
        own_krw=draw(st.integers(0, cost)),
        tags=tags,
    )


@st.composite
def _rule(draw: st.DrawFn, kind: str, id_: str, ids: list[str], minimum: bool) -> Any:
    low = draw(st.integers(0, 3)) if minimum else 0
    high = draw(st.one_of(st.none(), st.integers(low, 5)))
    match kind:
        case "budget":
            return Budget(id=id_, max_krw=draw(st.integers(0, 25)), money=draw(st.sampled_from(["grant", "cost"])))
        case "match":
            return Match(id=id_, grant=draw(st.integers(1, 3)), own=draw(st.integers(0, 2)))
        case "seats":
            return Seats(id=id_, min=low, max=high)
        case "quota":
            return Quota(id=id_, tag="region", equals=draw(st.sampled_from(REGIONS)), min=low, max=high)
        case "cap":
            return CapEach(id=id_, tag=draw(st.sampled_from(["region", "organisation"])), max=draw(st.integers(0, 2)))
        case "pass":
            return PassMark(id=id_, min_value=Decimal(draw(st.integers(0, 6))) / 2)
        case _:
            return ExcludeTogether(id=id_, applications=draw(st.lists(st.sampled_from(ids), unique=True, max_size=3)))


def keeps(rule: Any, chosen: Iterable[Application]) -> bool:
    """Whether a set of applications keeps a rule, straight from the page."""
    chosen = list(chosen)
    match rule:
        case Budget():
            spent = sum(a.cost_krw - (a.own_krw if rule.money == "grant" else 0) for a in chosen)
            return spent <= rule.max_krw
        case Match():
            return all(a.own_krw * rule.grant >= (a.cost_krw - a.own_krw) * rule.own for a in chosen)
        case Seats():
            return rule.min <= len(chosen) <= (len(chosen) if rule.max is None else rule.max)
        case Quota():
            count = len([a for a in chosen if rule.equals in a.tags.get(rule.tag, ())])
            return rule.min <= count <= (count if rule.max is None else rule.max)
        case CapEach():
            values = [value for a in chosen for value in a.tags.get(rule.tag, ())]
            return all(values.count(value) <= rule.max for value in values)
        case PassMark():
            return all(a.value >= rule.min_value for a in chosen)
        case ExcludeTogether():
            return len([a for a in chosen if a.id in rule.applications]) <= 1
    raise AssertionError(rule)


class Brute:
    """Every subset of the applications with the rules that it keeps."""

    def __init__(self, problem: SelectionProblem) -> None:
        self.problem = problem
        applications = problem.applications
        self.kept = {
            frozenset(a.id for a in chosen): frozenset(r.id for r in problem.rules if keeps(r, chosen))
            for size in range(len(applications) + 1)
            for chosen in itertools.combinations(applications, size)
        }
        self.rules = frozenset(r.id for r in problem.rules)

    def possible(self, chosen: Iterable[str], rules: frozenset[str] | None = None, without: str = "") -> bool:
        wanted, active = frozenset(chosen), self.rules if rules is None else rules
        return any(wanted <= s and without not in s and active <= kept for s, kept in self.kept.items())

    def walk(self, order: Iterable[str]) -> list[str]:
        """Down one strict order."""
        chosen: list[str] = []
        for id_ in order:
            if self.possible([*chosen, id_]):
                chosen.append(id_)
        return chosen

    def groups(self) -> list[list[str]]:
        items = sorted(self.problem.applications, key=lambda a: a.rank)
        return [[a.id for a in group] for _, group in itertools.groupby(items, key=lambda a: a.rank)]

    def settled(self, groups: list[list[str]] | None = None) -> tuple[list[str], list[str], bool]:
        """(selected, tied, all settled): a group is settled when every order of it gives the same set."""
        chosen: list[str] = []
        for group in self.groups() if groups is None else groups:
            outcomes = set()
            for order in itertools.permutations(group):
                now = list(chosen)
                for id_ in order:
                    if self.possible([*now, id_]):
                        now.append(id_)
                outcomes.add(frozenset(now))
            if len(outcomes) > 1:
                return chosen, [id_ for id_ in group if self.possible([*chosen, id_])], False
            (outcome,) = outcomes
            chosen += [id_ for id_ in group if id_ in outcome]
        return chosen, [], True

    def smallest_conflict_size(self, chosen: Iterable[str]) -> int:
        chosen = frozenset(chosen)
        for size in range(len(self.rules) + 1):
            if any(not self.possible(chosen, frozenset(c)) for c in itertools.combinations(self.rules, size)):
                return size
        raise AssertionError("it can be completed")

    def can_follow(self, id_: str, selected: list[str]) -> bool:
        return id_ not in selected and any(
            self.possible({*selected, id_} - {leaver}, without=leaver) for leaver in selected
        )
