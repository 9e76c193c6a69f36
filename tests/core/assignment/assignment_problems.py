"""Small assignments, and what is best for them when every plan is tried."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from madang.core.assignment import AssignmentProblem, solve_assignment, verify_assignment
from madang.core.problem import read_problem

TAGS = ["external", "field", "abroad"]

Plan = frozenset[tuple[str, str]]


def problem_of(data: dict[str, Any]) -> AssignmentProblem:
    return read_problem(AssignmentProblem, data)


def solved(data: dict[str, Any]) -> dict[str, Any]:
    """The result as a reader of its file has it; the verifier has nothing to say against it."""
    problem = problem_of(data)
    result: dict[str, Any] = json.loads(json.dumps(solve_assignment(problem)))
    assert verify_assignment(problem, result) == []
    return result


WORTH = st.sampled_from([0, 1, 2, 3, "0.25", "-1", "0.333333"])


@st.composite
def any_problems(draw: st.DrawFn) -> dict[str, Any]:
    """Up to 4 applications and 4 evaluators; loads, fixed pairs, conflicts, compositions; most have no plan."""
    n, m = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    counts = st.dictionaries(st.sampled_from(TAGS), st.integers(0, 2), max_size=2)
    applications = [
        {"id": f"A{row}", "required": draw(st.integers(0, 3)), "at_least": draw(counts), "at_most": {}}
        for row in range(n)
    ]
    evaluators: list[dict[str, Any]] = []
    for column in range(m):
        least = draw(st.sampled_from([0, 0, 1, 2]))
        tags = draw(st.lists(st.sampled_from(TAGS), unique=True))
        evaluators.append(
            {"id": f"E{column}", "min_load": least, "max_load": least + draw(st.integers(0, 2)), "tags": tags}
        )
    cells = [(f"A{row}", f"E{column}") for row in range(n) for column in range(m)]
    some = st.lists(st.sampled_from(cells), unique=True, max_size=2) if cells else st.just([])
    conflicts = draw(some)
    fixed = [one for one in draw(some) if one not in conflicts]
    return _problem(applications, evaluators, draw(_affinities(n, m)), conflicts, fixed)


@st.composite
def problems(draw: st.DrawFn, overlapping: bool = True, most: int = 4) -> dict[str, Any]:
    """Problems with a plan: one is drawn, and the rules are drawn around it, often tightly."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, 4))
    tags = TAGS if overlapping else TAGS[:1]
    plan = draw(st.lists(st.lists(st.booleans(), min_size=m, max_size=m), min_size=n, max_size=n))
    carried = [draw(st.lists(st.sampled_from(tags), unique=True)) for _ in range(m)]
    applications = []
    for row in range(n):
        counts = {tag: sum(on and tag in has for on, has in zip(plan[row], carried, strict=True)) for tag in tags}
        at_least = {
            tag: max(0, count - draw(st.integers(0, 1))) for tag, count in counts.items() if draw(st.booleans())
        }
        at_most = {
            tag: count + draw(st.integers(0, 1)) for tag, count in counts.items() if draw(st.integers(0, 3)) == 0
        }
        applications.append({"id": f"A{row}", "required": sum(plan[row]), "at_least": at_least, "at_most": at_most})
    evaluators = []
    for column in range(m):
        load = sum(row[column] for row in plan)
        loads = {"min_load": max(0, load - draw(st.integers(0, 2))), "max_load": load + draw(st.integers(0, 2))}
        evaluators.append({"id": f"E{column}", **loads, "tags": carried[column]})
    cells = [(f"A{row}", f"E{column}", plan[row][column]) for row in range(n) for column in range(m)]
    chosen = draw(st.lists(st.sampled_from(cells), unique=True, max_size=3))
    conflicts = [(a, e) for a, e, on in chosen if not on]
    fixed = [(a, e) for a, e, on in chosen[:1] if on]
    return _problem(applications, evaluators, draw(_affinities(n, m)), conflicts, fixed)


def _affinities(n: int, m: int) -> st.SearchStrategy[list[list[Any]]]:
    return st.lists(st.lists(WORTH, min_size=m, max_size=m), min_size=n, max_size=n)


def _problem(applications: Any, evaluators: Any, affinity: Any, conflicts: Any, fixed: Any) -> dict[str, Any]:
    return {
        "kind": "assignment",
        "version": 1,
        "applications": applications,
        "evaluators": evaluators,
        "affinity": affinity,
        "conflicts": [list(one) for one in conflicts],
        "fixed": [list(one) for one in fixed],
    }


def keeps(data: dict[str, Any], plan: Plan) -> bool:
    """Whether a plan keeps every rule but the counts of the applications, in the words of the format page."""
    tags = {one["id"]: set(one["tags"]) for one in data["evaluators"]}
    if any(tuple(pair) in plan for pair in data["conflicts"]) or any(tuple(pair) not in plan for pair in data["fixed"]):
        return False
    for one in data["evaluators"]:
        load = sum(evaluator == one["id"] for _, evaluator in plan)
        if not one["min_load"] <= load <= one.get("max_load", len(data["applications"])):
            return False
    for one in data["applications"]:
        mine = [evaluator for application, evaluator in plan if application == one["id"]]
        for tag in (*one["at_least"], *one["at_most"]):
            count = sum(tag in tags[evaluator] for evaluator in mine)
            if not one["at_least"].get(tag, 0) <= count <= one["at_most"].get(tag, count):
                return False
    return True


def plans(data: dict[str, Any]) -> Iterator[Plan]:
    """Every plan that keeps every rule."""
    names = [one["id"] for one in data["evaluators"]]
    choices = [
        [[(one["id"], name) for name in some] for some in itertools.combinations(names, one["required"])]
        for one in data["applications"]
    ]
    for chosen in itertools.product(*choices):
        plan = frozenset(itertools.chain.from_iterable(chosen))
        if keeps(data, plan):
            yield plan


def worth_of(data: dict[str, Any], plan: Plan) -> int:
    """The sum in millionths."""
    rows = {one["id"]: number for number, one in enumerate(data["applications"])}
    columns = {one["id"]: number for number, one in enumerate(data["evaluators"])}
    return sum(millionths(data["affinity"][rows[a]][columns[e]]) for a, e in plan)


def millionths(text: object) -> int:
    return round(float(str(text)) * 1_000_000)
