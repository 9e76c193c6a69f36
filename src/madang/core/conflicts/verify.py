"""Is this what the rules say of every pair? Checked pair by pair, without the solver's code.

Every pair of an application and an evaluator is looked at with every rule (`verify_pair`), up to a limit; beyond it
those that the result names come first, and `check_conflicts` says how many others were not looked at. Everything else
in the result (pairs, counts, who remains free) is then added up from the conflicts that it names.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from madang.core.conflicts import explain
from madang.core.conflicts.faults import require_sound
from madang.core.conflicts.model import ConflictsProblem, ConflictsResult
from madang.core.conflicts.verify_pair import Reader
from madang.core.conflicts.verify_terms import first_that_counts
from madang.core.problem import faults_of
from madang.core.reasons import Checked, Reason

MOST_PAIRS = 100_000

Pair = tuple[str, str]


def verify_conflicts(problem: ConflictsProblem, result: object) -> list[Reason]:
    """Everything in `result` (as read from JSON) that does not follow from `problem`; empty where nothing contradicts.

    Raises `Malformed` for an unsound problem. Cost: pairs looked at x rules x their ties and parties.
    """
    return check_conflicts(problem, result).contradictions


def check_conflicts(problem: ConflictsProblem, result: object, most_pairs: int = MOST_PAIRS) -> Checked:
    """As `verify_conflicts`, and how many pairs were left out because there are more than `most_pairs`."""
    require_sound(problem)
    try:
        ConflictsResult.model_validate(result)
    except ValidationError as error:
        faults = faults_of(error, result)
        return Checked([_wrong(fault.at, None, fault.code) for fault in faults], [])
    assert isinstance(result, dict)
    contradictions, left = _conflicts_wrong(problem, result, most_pairs)
    if not contradictions:
        contradictions = [
            _wrong(f"/{name}", result[name], value)
            for name, value in _added_up(problem, result["conflicts"]).items()
            if not _same(result[name], value)
        ]
    return Checked(contradictions, [Reason("conflicts_not_checked", {"pairs": left})] if left else [])


def _wrong(at: str, given: object, expected: object) -> Reason:
    return Reason("does_not_follow", {"at": at, "given": repr(given)[:200], "expected": repr(expected)[:200]})


def _conflicts_wrong(problem: ConflictsProblem, result: dict[str, Any], most: int) -> tuple[list[Reason], int]:
    """What is wrong with the list of conflicts, and how many pairs nobody looked at."""
    given: dict[Pair, list[dict[str, Any]]] = {}
    for one in result["conflicts"]:
        given.setdefault((one["application"], one["evaluator"]), []).append(one)
    reader = Reader(problem)
    applications = {one.id: one for one in problem.applications}
    evaluators = {one.id: one for one in problem.evaluators}
    rules = sorted(problem.rules, key=lambda rule: rule.id)
    wrong: list[Reason] = []
    order = [(one["application"], one["evaluator"], one["rule"]) for one in result["conflicts"]]
    if order != sorted(set(order)):
        wrong.append(_wrong("/conflicts", order, sorted(set(order))))
    for pair in given:
        if pair[0] not in applications or pair[1] not in evaluators:
            return [_wrong("/conflicts", list(pair), None)], 0
    looked_at = 0
    for pair in itertools.islice(_pairs(problem, given), most):
        looked_at += 1
        expected = []
        for rule in rules:
            found = reader.find(applications[pair[0]], evaluators[pair[1]], rule)
            if found is not None:
                expected.append(
                    {
                        "application": pair[0],
                        "evaluator": pair[1],
                        "strength": found[0],
                        "rule": rule.id,
                        "evidence": explain.as_json([*found[1]]),
                    }
                )
        if not _same(given.get(pair, []), expected):
            wrong.append(_wrong(f"/conflicts ({pair[0]}, {pair[1]})", given.get(pair, []), expected))
    return wrong, len(applications) * len(evaluators) - looked_at


def _same(one: object, other: object) -> bool:
    """Equal as JSON, which tells 1, 1.0 and true apart."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _pairs(problem: ConflictsProblem, named: dict[Pair, Any]) -> Iterator[Pair]:
    """Those that the result names, then all others."""
    yield from named
    for application in problem.applications:
        for evaluator in problem.evaluators:
            if (application.id, evaluator.id) not in named:
                yield application.id, evaluator.id


def _added_up(problem: ConflictsProblem, conflicts: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything besides the conflicts themselves, from them."""
    strengths: dict[Pair, set[str]] = {}
    for one in conflicts:
        strengths.setdefault((one["application"], one["evaluator"]), set()).add(one["strength"])
    doubtful = sorted(pair for pair, found in strengths.items() if found == {"suspected"})
    asked = doubtful if problem.treat_suspected == "ask" else []
    apart = sorted(strengths.keys() - set(asked))
    free = _free(problem, conflicts, apart, asked)
    short = sum(not one["enough"] for one in free)
    counts = Counter((one["rule"], one["strength"]) for one in conflicts)
    return {
        "kind": "conflicts",
        "version": 1,
        "status": "computed",
        "seed": problem.seed,
        "reasons": [one.as_json() for one in explain.beside(problem, len(apart), len(doubtful), short)],
        "pairs": [list(pair) for pair in apart],
        "to_check": [list(pair) for pair in doubtful],
        "per_rule": [
            {
                "id": rule.id,
                "type": rule.type,
                "active": rule.active,
                "since": _since(problem, getattr(rule, "years", None)),
                **{strength: counts[rule.id, strength] for strength in ("found", "declared", "suspected")},
            }
            for rule in problem.rules
        ],
        "free": free,
    }


def _since(problem: ConflictsProblem, years: int | None) -> str | None:
    return None if years is None else first_that_counts(problem.day, years).isoformat()


def _free(
    problem: ConflictsProblem, conflicts: list[dict[str, Any]], apart: list[Pair], asked: list[Pair]
) -> list[dict[str, Any]]:
    barred, open_ = (Counter(application for application, _ in pairs) for pairs in (apart, asked))
    kept = set(asked)
    against = Counter(
        (one["application"], one["rule"]) for one in conflicts if (one["application"], one["evaluator"]) not in kept
    )
    found = []
    for name, required in sorted((one.id, one.required) for one in problem.applications):
        needed = problem.required if required is None else required
        free, unsure = len(problem.evaluators) - barred[name], open_[name]
        counts = {rule.id: against[name, rule.id] for rule in problem.rules}
        found.append(
            {
                "application": name,
                "free": free,
                "unsure": unsure,
                "required": needed,
                "enough": free >= needed,
                "reasons": [one.as_json() for one in explain.why_few(needed, free, unsure, counts)],
            }
        )
    return found
