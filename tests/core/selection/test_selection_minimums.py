"""Minimum quotas under a tight budget, all costs different: the sums and prices that answer instead of a search."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core.deadline import NO_DEADLINE
from madang.core.selection import SelectionProblem, check_selection, solve_selection
from madang.core.selection.cheapest import Cheapest
from madang.core.selection.feasible import Feasibility
from madang.core.selection.hitting import first_smallest_hitting_set
from madang.core.selection.lines import lines_of
from madang.core.selection.prices import Proof
from madang.core.selection.verify import Checked
from madang.core.selection.verify_fill import Fills
from madang.core.selection.verify_search import Completion
from tests.core.selection.selection_problems import Brute

thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDS = "ABCDEFGH"


@st.composite
def tight(draw: st.DrawFn) -> SelectionProblem:
    """Up to eight applications, quotas over one or two tags, caps, a match that some miss, and little money."""
    ids = IDS[: draw(st.integers(4, 8))]
    costs = draw(st.lists(st.integers(2, 60), min_size=len(ids), max_size=len(ids), unique=True))
    two = draw(st.booleans())
    applications = [
        {
            "id": id_,
            "rank": place + 1,
            "cost_krw": cost,
            "own_krw": cost if draw(st.integers(0, 4)) == 0 else cost // 2,
            "tags": {"region": draw(st.sampled_from("nsw")), "city": draw(st.sampled_from("xyz"))}
            | ({"type": draw(st.sampled_from("pq"))} if two else {}),
        }
        for place, (id_, cost) in enumerate(zip(ids, costs, strict=True))
    ]
    quotas = [("region", value) for value in "nsw"] + ([("type", value) for value in "pq"] if two else [])
    rules: list[dict[str, Any]] = [
        {"id": "seats", "type": "seats", "max": draw(st.integers(2, len(ids)))},
        {"id": "budget", "type": "budget", "max_krw": draw(st.integers(20, 160)), "money": "cost"},
        {"id": "city", "type": "cap_each", "tag": "city", "max": draw(st.integers(1, 3))},
        {"id": "match", "type": "match", "grant": 1, "own": 1},
    ]
    for tag, value in quotas:
        least = draw(st.integers(0, 2))
        most = {"max": least + draw(st.integers(0, 2))} if draw(st.booleans()) else {}
        rules.append({"id": f"{tag}:{value}", "type": "quota", "tag": tag, "equals": value, "min": least} | most)
    return SelectionProblem.model_validate(
        {"version": 1, "applications": applications, "rules": draw(st.permutations(rules)), "reserve": 1}
    )


@thorough
@given(tight())
def test_reasons_are_the_first_of_the_smallest_sets_and_the_verifier_says_so(problem: SelectionProblem) -> None:
    brute, result = Brute(problem), solve_selection(problem)
    assert check_selection(problem, result) == Checked([], [])
    if not brute.possible([]):
        assert result["status"] == "infeasible"
        return
    assert result["selected"] == brute.walk([a.id for a in problem.applications])
    inside: list[str] = []
    for told in result["why"]:
        if told["code"] == "kept_out_jointly":
            assert told["rules"] == _first_smallest(brute, problem, [*inside, told["id"]])
        inside += [told["id"]] if told["code"] == "selected" else []


def _first_smallest(brute: Brute, problem: SelectionProblem, chosen: list[str]) -> list[str]:
    ids = [rule.id for rule in problem.rules]
    for size in range(len(ids) + 1):
        for some in itertools.combinations(ids, size):
            if not brute.possible(chosen, frozenset(some)):
                return list(some)
    raise AssertionError("it can be completed")


def _feasibility(problem: SelectionProblem) -> Feasibility:
    return Feasibility(
        lines=lines_of(problem),
        order=range(len(problem.applications)),
        rules=frozenset(range(len(problem.rules))),
        seed=1,
        limit=10.0,
        expired=NO_DEADLINE.expired,
    )


@thorough
@given(tight(), st.data())
def test_what_sums_prove_is_so(problem: SelectionProblem, data: st.DataObject) -> None:
    """Both sides' sums, along a walk: what they forbid is impossible, what they allow is possible."""
    brute, ask = Brute(problem), _feasibility(problem)
    cheapest, search = Cheapest(ask), Completion(problem, 10**6)
    ids, rule_ids = [a.id for a in problem.applications], [rule.id for rule in problem.rules]
    inside: list[int] = []
    for i, id_ in enumerate(ids):
        chosen = [ids[j] for j in inside]
        if ask.is_broken_by(i, cheapest.sums):
            continue
        some = frozenset(data.draw(st.sets(st.sampled_from(range(len(rule_ids))))))
        named = frozenset(rule_ids[rule] for rule in some)
        possible = brute.possible([*chosen, id_], named)
        bounds = cheapest.bounds(i, some & cheapest.closed)
        assert not (bounds.forbids(some) and possible)
        assert not (bounds.allows(some) and not possible)
        fills = Fills(search, chosen, search.held(chosen))
        assert not (fills.forbid(named, id_) and possible)
        if fills.allow_every(len(some), id_):
            assert all(
                brute.possible([*chosen, id_], frozenset(other))
                for other in itertools.combinations(rule_ids, len(some))
            )
        if brute.possible([*chosen, id_]):
            inside.append(i)
            cheapest.grow(i)


@thorough
@given(tight(), st.lists(st.floats(-40, 40), min_size=40, max_size=40))
def test_wrong_prices_never_make_a_false_proof(problem: SelectionProblem, prices: list[float]) -> None:
    brute, ask = Brute(problem), _feasibility(problem)
    if not ask.budgets:
        return
    (budget,) = ask.budgets
    priced = {n: price for n, price in zip(range(len(ask.lines)), prices, strict=False) if n != budget}
    proof = Proof.of(ask.lines, budget, frozenset(), ask.rules, priced)
    for i, a in enumerate(problem.applications):
        if proof.refuses(frozenset(), i):
            assert not brute.possible([a.id])


@thorough
@given(st.lists(st.frozensets(st.integers(0, 7), min_size=1), max_size=12))
def test_hitting_sets_are_smallest_and_first(sets: list[frozenset[int]]) -> None:
    expected = next(
        frozenset(some)
        for size in range(9)
        for some in itertools.combinations(range(8), size)
        if all(other.intersection(some) for other in sets)
    )
    assert first_smallest_hitting_set(list(range(8)), sets) == expected


@pytest.mark.parametrize("tags", [("region",), ("region", "type")])
def test_hundreds_with_twelve_minimums_are_settled_and_checked(tags: tuple[str, ...]) -> None:
    """Twelve minimums that fill nearly every seat, over one tag or two; costs are a permutation."""
    values, count = 12 // len(tags), 240
    applications = [
        {
            "id": f"A{n:03d}",
            "rank": n + 1,
            "cost_krw": 1_000 + (n * 97) % count,
            "tags": {tag: f"{tag}-{(n * step) % values}" for tag, step in zip(tags, (5, 7), strict=False)},
        }
        for n in range(count)
    ]
    cheapest = sorted(Fraction(str(a["cost_krw"])) for a in applications)[:36]
    rules: list[dict[str, Any]] = [
        {"id": "seats", "type": "seats", "max": 40},
        {"id": "budget", "type": "budget", "max_krw": int(sum(cheapest)) + 1_500, "money": "grant"},
    ]
    for tag in tags:
        rules += [
            {"id": f"{tag}-{n}", "type": "quota", "tag": tag, "equals": f"{tag}-{n}", "min": 36 // values}
            for n in range(values)
        ]
    problem = SelectionProblem.model_validate({"version": 1, "applications": applications, "rules": rules})
    result = solve_selection(problem)
    assert result["status"] == "computed"
    assert check_selection(problem, result).contradictions == []
