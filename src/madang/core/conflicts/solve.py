"""Who must not evaluate which application: conflicts found, declared and suspected, each with its rule and evidence.

Model, guarantees, cost and a worked example: `docs/algorithms/conflicts.md`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from madang import __version__
from madang.core.conflicts import explain
from madang.core.conflicts.days import since
from madang.core.conflicts.faults import require_sound
from madang.core.conflicts.model import Application, ConflictsProblem
from madang.core.conflicts.rules import Rule
from madang.core.conflicts.search import STRENGTHS, SUSPECTED, Entry, Search
from madang.core.problem import Status, frame

Pair = tuple[str, str]


def solve_conflicts(problem: ConflictsProblem) -> dict[str, Any]:
    """Every conflict by the active rules, and who remains free, ready for JSON (`ConflictsResult`).

    Nothing is optimised or guessed: `found` rests on ids, register numbers and dates, `declared` on what somebody
    declared or the office accepted, `suspected` on names, mail domains of people, days that are not known closely
    enough, and pending challenges; a person clears or confirms it. The order of the problem's lists does not matter.
    Raises `Malformed` for an unsound problem, and where the data relate so many that no answer would be of use.
    Cost: linear in the problem and in the facts found.
    """
    require_sound(problem)
    search = Search(problem)
    search.run()
    entries = sorted(search.entries.items(), key=lambda item: (*item[0][:2], problem.rules[item[0][2]].id))
    strongest: dict[Pair, int] = {}
    for (application, evaluator, _), entry in entries:
        pair = (application, evaluator)
        strongest[pair] = max(strongest.get(pair, 0), entry.strength)
    to_check = [pair for pair, strength in strongest.items() if strength == SUSPECTED]
    kept_free = set(to_check) if problem.treat_suspected == "ask" else set()
    pairs = [pair for pair in strongest if pair not in kept_free]
    free = _free(problem, pairs, kept_free, [key for key, _ in entries])
    short = sum(not one["enough"] for one in free)
    reasons = explain.beside(problem, len(pairs), len(to_check), short)
    return {
        **frame("conflicts", Status.COMPUTED, reasons, problem.seed, f"own {__version__}"),
        "conflicts": [_conflict(problem, key, entry) for key, entry in entries],
        "pairs": [list(pair) for pair in pairs],
        "to_check": [list(pair) for pair in to_check],
        "per_rule": _per_rule(problem, search),
        "free": free,
    }


def _conflict(problem: ConflictsProblem, key: tuple[str, str, int], entry: Entry) -> dict[str, Any]:
    application, evaluator, number = key
    return {
        "application": application,
        "evaluator": evaluator,
        "strength": STRENGTHS[entry.strength],
        "rule": problem.rules[number].id,
        "evidence": explain.as_json([*entry.facts]),
    }


def _per_rule(problem: ConflictsProblem, search: Search) -> list[dict[str, Any]]:
    counts = Counter((number, STRENGTHS[entry.strength]) for (_, _, number), entry in search.entries.items())
    return [
        {
            "id": rule.id,
            "type": rule.type,
            "active": rule.active,
            "since": _since(problem, rule),
            **{strength: counts[number, strength] for strength in ("found", "declared", "suspected")},
        }
        for number, rule in enumerate(problem.rules)
    ]


def _since(problem: ConflictsProblem, rule: Rule) -> str | None:
    years: int | None = getattr(rule, "years", None)
    return None if years is None else since(problem.day, years).isoformat()


def _free(
    problem: ConflictsProblem, pairs: list[Pair], unsure: set[Pair], keys: list[tuple[str, str, int]]
) -> list[dict[str, Any]]:
    """Who remains for each application. A rule counts for a pair that is kept apart, if it speaks against it."""
    barred = Counter(application for application, _ in pairs)
    open_ = Counter(application for application, _ in unsure)
    by_rule: dict[str, Counter[int]] = defaultdict(Counter)
    for application, evaluator, number in keys:
        if (application, evaluator) not in unsure:
            by_rule[application][number] += 1

    def one(application: Application) -> dict[str, Any]:
        free, required = len(problem.evaluators) - barred[application.id], problem.required_by(application)
        found = by_rule[application.id]
        counts = {rule.id: found[number] for number, rule in enumerate(problem.rules)}
        reasons = explain.why_few(required, free, open_[application.id], counts)
        return {
            "application": application.id,
            "free": free,
            "unsure": open_[application.id],
            "required": required,
            "enough": free >= required,
            "reasons": [reason.as_json() for reason in reasons],
        }

    return [one(application) for application in sorted(problem.applications, key=lambda each: each.id)]
