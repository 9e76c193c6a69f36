"""The three problems of a stage solved one after the other, each answer held against its independent verifier.

Loads the solvers, so that no web process imports it: `madang assign` and the samples do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.scored import Judged
from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.deciding.case import Application, Assignment, AssignmentPlan, Case, Conflict
from madang.core.kinds import KINDS
from madang.core.problem import decimal_text
from madang.core.reasons import Fault, Malformed, Param, Reason
from madang.papers.assigning import problems
from madang.papers.assigning.problems import Problem
from madang.papers.assigning.roster import Person, Roster
from madang.papers.plan_assigning import RULES

#: For so many applications at most it is told why the best-fitting evaluator who is free does not read them.
MOST_EXPLAINED = 60
#: For so many pairs it is worked out what the plan would be with them.
MOST_FORCED = 12
#: So many further evaluators are tried where there is no plan.
MOST_TRIED = 10
PLANNED = ("optimal", "feasible")
Clock = Callable[[int], Deadline]


@dataclass(frozen=True, slots=True)
class Matched:
    """A stage's plan with the problems that it answers: `conflicts`, `affinity`, `assignment`, and, to tell why others
    do not read, `explained` (the last once more, with questions). `more`: what would help where there is no plan.
    """

    stage: Judged
    applications: tuple[Application, ...]
    people: tuple[Person, ...]
    problems: Mapping[str, Problem]
    results: Mapping[str, dict[str, Any]]
    more: tuple[Reason, ...] = ()
    contradictions: tuple[Reason, ...] = ()
    affinities: Mapping[tuple[str, str], str] = field(default_factory=dict)
    forced: Mapping[tuple[str, str], Reason] = field(default_factory=dict)  # what a plan with this pair would be

    @property
    def plan(self) -> dict[str, Any]:
        return self.results["assignment"]

    @property
    def kept(self) -> bool:
        """Whether an earlier plan came first: what is best then is best among the plans that keep as much of it."""
        return bool(self.problems["assignment"]["keep"])

    def gone(self) -> int:
        """Pairs of the earlier plan whose evaluator or application is no longer there."""
        names = {one.id for one in self.applications}, {one.evaluator for one in self.people}
        return sum(a not in names[0] or e not in names[1] for a, e in self.problems["assignment"]["keep"])

    @property
    def there_is_one(self) -> bool:
        return self.plan["status"] in PLANNED and not self.contradictions

    def found(self) -> list[dict[str, Any]]:
        """Conflicts that hold: found by a rule, or declared."""
        return [one for one in self.results["conflicts"]["conflicts"] if one["strength"] != "suspected"]

    def suspected(self) -> list[dict[str, Any]]:
        """What a person must check, where nothing else speaks against the pair already."""
        open_ = {tuple(pair) for pair in self.results["conflicts"]["to_check"]}
        lines = self.results["conflicts"]["conflicts"]
        return [one for one in lines if (one["application"], one["evaluator"]) in open_]

    def assignments(self) -> tuple[Assignment, ...]:
        pairs = self.plan["pairs"] if self.there_is_one else ()
        return tuple(Assignment(self.stage.id, a, e, self.affinities[a, e]) for a, e in pairs)

    def plan_row(self) -> AssignmentPlan:
        """How good the plan is by the announced objective, whatever it was solved for. A kept plan has no bound."""
        plan, status = self.plan, self.plan["status"]
        assert self.stage.assign is not None
        announced = self.stage.assign.objective
        bound = dict.fromkeys(("total", "worst"), None) if self.kept else dict(plan["bound"])
        if plan["objective"] != announced:
            status = "feasible"
            if plan["objective"] == "fair":  # its bound of the total is of the plans with this smallest sum
                bound["total"] = None
        return AssignmentPlan(
            self.stage.id, announced, status, plan["total"] or "", bound["total"] or "", plan["worst"] or "",
            bound["worst"] or "", sha256_of(self.problems["assignment"]), self.kept or None,
        )  # fmt: skip


def match(
    definition: Definition,
    stage: Judged,
    case: Case,
    roster: Roster,
    eligible: frozenset[str],
    *,
    on: str,
    objective: str | None = None,
    keep: Sequence[tuple[str, str]] = (),
    clock: Clock = lambda seconds: NO_DEADLINE,
    time_limit_s: int = 60,
    explain: bool = True,
) -> Matched:
    """Who reads which of the eligible applications. Raises `Malformed` where a problem cannot be read.

    Every result is verified; what a verifier says against one stands in `contradictions`, and then there is no plan.
    `clock` turns seconds into a deadline (the core has no clock). Cost: that of the three kinds (`docs/algorithms`).
    """
    asked = stage.assign
    assert asked is not None
    applications = tuple(one for one in case.applications if one.id in eligible)
    people = roster.of_stage(stage.id)
    if not applications or not people:
        raise Malformed([Fault("nobody_to_assign", "", {"applications": len(applications), "evaluators": len(people)})])
    solving = _Solving(clock, time_limit_s)
    found = solving.answer(
        "conflicts", problems.conflicts_problem(definition, asked, applications, case, people, roster, on)
    )
    barred = sorted({tuple(pair) for pair in found["pairs"]} | _barred(case, applications, people))
    alike = solving.answer("affinity", problems.affinity_problem(definition, asked, applications, people, roster))

    def planning(explained: Sequence[Sequence[str]] = ()) -> Problem:
        return problems.assignment_problem(
            stage, applications, people, alike["affinity"], barred, objective=objective or asked.objective,
            keep=keep, explain=explained, time_limit_s=time_limit_s,
        )  # fmt: skip

    plan = solving.answer("assignment", planning())
    affinities = {
        (a.id, p.evaluator): value
        for a, row in zip(applications, alike["affinity"], strict=True)
        for p, value in zip(people, row, strict=True)
    }
    more: tuple[Reason, ...] = ()
    forced: dict[tuple[str, str], Reason] = {}
    if plan["status"] in PLANNED and explain:
        asked_for = list(_worth_explaining(plan, affinities, barred))
        if asked_for:
            solving.answer("assignment", planning(asked_for), name="explained")
            forced = dict(_forced(solving, planning(), asked_for, plan))
    elif plan["status"] == "infeasible":
        more = tuple(_what_would_help(solving, planning()))
    return Matched(
        stage, applications, people, solving.problems, solving.results, more, tuple(solving.contradictions), affinities,
        forced,
    )  # fmt: skip


def _barred(case: Case, applications: Sequence[Application], people: Sequence[Person]) -> set[tuple[str, str]]:
    """The folder's own conflicts, whatever rule once found them."""
    known, readers = {one.id for one in applications}, {one.evaluator for one in people}
    rows = case.conflicts
    return {(row.application, row.evaluator) for row in rows if row.application in known and row.evaluator in readers}


class _Solving:
    """Solves, verifies, and keeps problem and result of each kind."""

    def __init__(self, clock: Clock, time_limit_s: int) -> None:
        self._clock, self._limit = clock, time_limit_s
        self.problems: dict[str, Problem] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.contradictions: list[Reason] = []

    def clock(self) -> Deadline:
        return self._clock(self._limit)

    def answer(self, kind: str, data: Problem, name: str = "") -> dict[str, Any]:
        problem, result = self.try_(kind, data)
        self.problems[name or kind], self.results[name or kind] = data, result
        self.contradictions += KINDS[kind].verify(problem, result)
        return result

    def try_(self, kind: str, data: Problem, deadline: Deadline | None = None) -> tuple[Any, dict[str, Any]]:
        of_kind = KINDS[kind]
        problem = of_kind.read(data)
        return problem, of_kind.solve(problem, deadline or self.clock())


def _worth_explaining(
    plan: Mapping[str, Any], affinities: Mapping[tuple[str, str], str], barred: Sequence[Sequence[str]]
) -> Iterator[list[str]]:
    """For each application the evaluator who fits better than one who reads it, and is in no conflict."""
    taken, out = {tuple(pair) for pair in plan["pairs"]}, {tuple(pair) for pair in barred}
    best: dict[str, tuple[str, str]] = {}
    for (application, evaluator), value in affinities.items():
        pair = (application, evaluator)
        if pair not in taken and pair not in out and value > best.get(application, ("", ""))[0]:
            best[application] = (value, evaluator)
    least: dict[str, str] = {}
    for application, evaluator in plan["pairs"]:
        value = affinities[application, evaluator]
        least[application] = min(value, least.get(application, value))
    better = [(name, *one) for name, one in best.items() if one[0] > least.get(name, "2")]
    better.sort(key=lambda one: one[1], reverse=True)
    yield from ([application, evaluator] for application, _, evaluator in better[:MOST_EXPLAINED])


def _forced(
    solving: _Solving, problem: Problem, pairs: Sequence[Sequence[str]], plan: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, str], Reason]]:
    """The best plan with each of the first pairs in it, for the objective `fair`; `total` is explained by the core."""
    if plan["objective"] != "fair" or plan["status"] != "optimal" or problem["keep"]:
        return
    left = solving.clock()
    for application, evaluator in pairs[:MOST_FORCED]:
        if left.expired():
            return
        result = solving.try_("assignment", {**problem, "fixed": [[application, evaluator]]})[1]
        if result["status"] == "infeasible":
            yield (application, evaluator), Reason("explain_cannot_be")
        elif result["status"] == "optimal":
            told: dict[str, Param] = {name: short(result[name], 3) for name in ("worst", "total")}
            told |= {f"{name}_now": short(plan[name], 3) for name in ("worst", "total")}
            yield (application, evaluator), Reason("with_pair_fair", told)


def short(value: str, decimals: int = 2) -> str:
    """An affinity with few decimals; the exact one stands in the result."""
    return decimal_text(Fraction(value), decimals)


def _what_would_help(solving: _Solving, problem: Problem) -> Iterator[Reason]:
    """The fewest further evaluators, in conflict with nobody, with whom there is a plan: of any kind, or of which.

    All tries share one time limit; when it ends, nothing is said of what was not tried.
    """
    left = solving.clock()
    asked = sorted({tag for one in problem["applications"] for tag in one.get("at_least", {})})
    for tags in [[], *([tag] for tag in asked), *([asked] if len(asked) > 1 else [])]:
        for count in range(1, MOST_TRIED + 1):
            result = solving.try_("assignment", _with_more(problem, tags, count), left)[1]
            if result["status"] in PLANNED:
                told = "more_evaluators_tagged" if tags else "more_evaluators"
                yield Reason(told, {"count": count, "tags": tags})
                return
            if left.expired():
                return
    yield Reason("more_evaluators_no_help", {"most": MOST_TRIED})


def _with_more(problem: Problem, tags: list[str], count: int) -> Problem:
    """The same with so many further evaluators of average affinity 0; only whether there is a plan is asked."""
    load = {name: value for name, value in problem["evaluators"][0].items() if name == "max_load"}
    taken = {one["id"] for one in problem["evaluators"]}
    names = [name for n in range(len(taken) + count) if (name := f"+{n + 1}") not in taken][:count]
    return {
        **problem,
        "evaluators": [*problem["evaluators"], *({"id": name, "tags": tags, **load} for name in names)],
        "affinity": [[*row, *["0"] * count] for row in problem["affinity"]],
        "objective": "total",
        "explain": [],
    }


def sha256_of(problem: Problem) -> str:
    """Of the problem as it is written into its file."""
    return hashlib.sha256(file_text(problem).encode()).hexdigest()


def file_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def told(lines: Sequence[Mapping[str, Any]], tell: Callable[[Any], str]) -> str:
    """The evidence of what speaks against one pair: the ties first, then where the organisation stands."""
    evidence = {repr(fact): fact for one in lines for fact in one["evidence"]}
    ordered = sorted(evidence.values(), key=lambda fact: fact["code"] == "conflict_party")
    return " ".join(map(tell, ordered))


def conflict_rows(case: Case, found: Sequence[Mapping[str, Any]], tell: Callable[[Any], str]) -> tuple[Conflict, ...]:
    """The folder's own conflicts, then those found, one row a pair: its rules, and their evidence in words."""
    rows = list(case.conflicts)
    known = {(row.application, row.evaluator) for row in rows}
    pairs: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in found:
        pairs.setdefault((one["application"], one["evaluator"]), []).append(one)
    for (application, evaluator), lines in pairs.items():
        if (application, evaluator) in known:
            continue
        first = min(lines, key=lambda one: RULES.index(one["rule"]))
        rows.append(Conflict(application, evaluator, told(lines, tell), first["rule"]))
    order = {application.id: place for place, application in enumerate(case.applications)}
    return tuple(sorted(rows, key=lambda row: order.get(row.application, len(order))))
