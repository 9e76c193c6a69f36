"""Does a ranking follow from its sheets? Computed anew, by other means than the solver's.

Shares no code with `solve.py`: exact decimals and fractions instead of scaled integers, the mean per criterion before
the weights instead of after, sorting instead of searching for the ends, counting those who are better instead of
walking down, union-find instead of a walk through the graph.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from math import prod
from typing import Any

from madang.core.reasons import Reason
from madang.core.scoring.explain import explain_applications, explain_ranking
from madang.core.scoring.explain_estimates import explain_estimates
from madang.core.scoring.model import RankingProblem, require_sound
from madang.core.scoring.verify_estimates import verify_estimates

#: Fields that may differ from run to run.
_FREE = ("engine", "elapsed_ms")
#: Fields that are checked within a tolerance.
_ESTIMATED = ("estimates", "evaluators", "variance")
_MISSING = object()


def verify_ranking(problem: RankingProblem, result: object) -> list[Reason]:
    """What in `result` (as read from JSON) does not follow from `problem`; empty if all of it does.

    Checks every field but `engine` and `elapsed_ms`: scores, ranks, dropped sheets, groups, status, reasons;
    the estimates within their tolerance. Each finding is `does_not_follow` with the JSON pointer, what is given and
    what follows. Raises `Malformed` for an unsound problem. Cost: sheets x criteria.
    """
    require_sound(problem)
    if not isinstance(result, dict):
        return [_finding("", result, {})]
    exact = {name: value for name, value in result.items() if name not in (*_FREE, *_ESTIMATED)}
    missing = [_finding(f"/{name}", _MISSING, {}) for name in _ESTIMATED if name not in result]
    findings = [*_differences("", exact, _expected(problem)), *missing]
    return findings if missing else [*findings, *verify_estimates(problem, result)]


def _expected(problem: RankingProblem) -> dict[str, Any]:
    lines = independent_lines(problem)
    explain_applications(problem, lines)
    ranks = [line["rank"] for line in lines]
    groups = _connected(problem)
    apart = sum(bool(group["applications"]) and bool(group["evaluators"]) for group in groups)
    reasons = [*explain_ranking(problem, lines), *explain_estimates(problem, apart)]
    settled = None not in ranks and len(set(ranks)) == len(ranks)
    return {
        "kind": "ranking",
        "version": 1,
        "status": "computed" if settled else "undetermined",
        "reasons": [reason.as_json() for reason in reasons],
        "seed": problem.seed,
        "applications": lines,
        "connected": groups,
    }


def independent_lines(problem: RankingProblem) -> list[dict[str, Any]]:
    """Every application's line without reasons: ranked ones by rank and id, then the unscored by id."""
    counted = _Sheets(problem)
    sheets: dict[str, list[int]] = {entry.application: [] for entry in problem.adjustments}
    for number, sheet in enumerate(problem.sheets):
        sheets.setdefault(sheet.application, []).append(number)
    bonus: dict[str, Fraction] = {}
    for entry in problem.adjustments:
        bonus[entry.application] = bonus.get(entry.application, Fraction(0)) + Fraction(entry.points)
    lines = [_line(problem, counted, name, sheets[name], bonus.get(name, Fraction(0))) for name in sheets]
    _put_ranks(problem, [line for line in lines if line["exact"] is not None])
    lines.sort(key=lambda line: (line["rank"] is None, line["rank"] or 0, line["id"]))
    for line in lines:
        line["exact"] = None if line["exact"] is None else str(line["exact"])
        line["criteria"] = {name: str(mean) for name, mean in line["criteria"].items()}
    return lines


class _Sheets:
    """The sheets as comparable decimals: exact, for the context refuses to round."""

    def __init__(self, problem: RankingProblem) -> None:
        self.names = [criterion.id for criterion in problem.criteria]
        self._sheets = problem.sheets
        self._turn = Decimal(1 if problem.higher_is_better else -1)
        self._context = Context(prec=60 + 30 * len(self.names), traps=[Inexact])
        with localcontext(self._context):
            widths = [criterion.max - criterion.min for criterion in problem.criteria]
            #: What a score counts in a total, times all widths; what is the same for every sheet is left out.
            self._factors = [
                c.weight_bp * prod((w for other, w in enumerate(widths) if other != place), start=self._turn)
                for place, c in enumerate(problem.criteria)
            ]

        turn = 1 if problem.higher_is_better else -1
        #: Per criterion the worst score, and what one score point above it counts.
        self._worth = {
            c.id: (
                Fraction(c.min if problem.higher_is_better else c.max),
                Fraction(c.weight_bp, 100) / (Fraction(c.max) - Fraction(c.min)) * turn,
            )
            for c in problem.criteria
        }

    def complete(self, number: int) -> bool:
        scores = self._sheets[number].scores
        return all(scores.get(name) is not None for name in self.names)

    def scores(self, number: int, name: str) -> Decimal:
        score = self._sheets[number].scores[name]
        assert score is not None  # asked of complete sheets only
        return score

    def keys(self, numbers: list[int]) -> dict[int, tuple[Decimal, ...]]:
        """Per sheet its total (up to what all sheets share), then its scores in criteria order, larger is better."""
        with localcontext(self._context):
            return {number: self._key([self.scores(number, name) for name in self.names]) for number in numbers}

    def _key(self, scores: list[Decimal]) -> tuple[Decimal, ...]:
        total = sum(map(Decimal.__mul__, scores, self._factors), Decimal(0))
        return (total, *(self._turn * score for score in scores))

    def points(self, name: str, mean: Fraction) -> Fraction:
        """Points are linear in the score, so the mean's points are the points' mean."""
        worst, worth = self._worth[name]
        return (mean - worst) * worth

    def mean(self, numbers: list[int], name: str) -> Fraction:
        with localcontext(self._context):
            total = sum((self.scores(number, name) for number in numbers), Decimal(0))
        return Fraction(total) / len(numbers)


def _line(
    problem: RankingProblem, sheets: _Sheets, application: str, numbers: list[int], bonus: Fraction
) -> dict[str, Any]:
    complete = [number for number in numbers if sheets.complete(number)]
    dropped, by_criterion = _dropped(problem, sheets, complete)
    means = {}
    score = bonus
    for criterion in problem.criteria:
        gone = (*dropped, *by_criterion.get(criterion.id, ()))
        if kept := [number for number in complete if number not in gone]:
            means[criterion.id] = mean = sheets.mean(kept, criterion.id)
            score += sheets.points(criterion.id, mean)
    text, rounded = _rounded(score, problem.rule.decimals)
    mark = problem.rule.pass_mark
    return {
        "id": application,
        "score": text if complete else None,
        "exact": score if complete else None,
        "rank": None,
        "dropped": dropped,
        "dropped_by_criterion": by_criterion,
        "skipped": [number for number in numbers if number not in complete],
        "sheets": len(complete),
        "criteria": means,
        "passed": (mark is None or rounded >= Fraction(mark)) if complete else None,
        "reasons": [],
    }


def _dropped(problem: RankingProblem, sheets: _Sheets, complete: list[int]) -> tuple[list[int], dict[str, list[int]]]:
    """The numbers of the sheets that go, and under trim criterion those of each criterion."""
    trim, fewest = problem.rule.trim, problem.rule.min_sheets_to_trim
    if trim == "none" or fewest is None or len(complete) < fewest:
        return [], {}
    keys = sheets.keys(complete)
    if trim == "total":
        return _two_ends(keys), {}
    return [], {
        name: _two_ends({number: (key[place], *key[1:]) for number, key in keys.items()})
        for place, name in enumerate(sheets.names, start=1)
    }


def _two_ends(keys: dict[int, tuple[Decimal, ...]]) -> list[int]:
    """The number of the largest key and of the smallest of the rest; the first number among equals."""
    downward = sorted(sorted(keys), key=keys.__getitem__, reverse=True)  # stable: equals stay by number
    rest = downward[1:]
    return [downward[0], min(number for number in rest if keys[number] == keys[rest[-1]])]


def _rounded(value: Fraction, decimals: int) -> tuple[str, Fraction]:
    """Half away from zero, as text and as the number that ranks compare."""
    unit = 10**decimals
    whole, rest = divmod(abs(value) * unit, 1)
    units = int(whole) + (1 if rest >= Fraction(1, 2) else 0)
    before, after = divmod(units, unit)
    text = f"{before}.{after:0{decimals}d}" if decimals else str(before)
    return ("-" + text, -Fraction(units, unit)) if value < 0 and units else (text, Fraction(units, unit))


def _put_ranks(problem: RankingProblem, lines: list[dict[str, Any]]) -> None:
    """A rank is one more than the number of those strictly better."""
    direction = 1 if problem.higher_is_better else -1
    rules = problem.rule.ties
    keys = {
        line["id"]: (
            line["passed"],
            Fraction(line["score"]),
            *(direction * line["criteria"][rule] for rule in rules if rule != "lot"),
        )
        for line in lines
    }
    upward = sorted(keys.values())
    together: dict[tuple[Any, ...], list[str]] = {}
    for name, key in keys.items():
        together.setdefault(key, []).append(name)
    drawn = list(problem.lot_order) if "lot" in rules else []
    turn = {name: number for number, name in enumerate(drawn)}
    for line in lines:
        key = keys[line["id"]]
        equals = together[key]
        not_better = bisect_left(upward, key) + len(equals)
        line["rank"] = 1 + len(upward) - not_better
        if all(name in turn for name in equals):
            line["rank"] += sum(turn[name] < turn[line["id"]] for name in equals)


def _connected(problem: RankingProblem) -> list[dict[str, list[str]]]:
    """Groups by union-find over the complete sheets."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for entry in problem.adjustments:
        root(("applications", entry.application))
    for sheet in problem.sheets:
        ends = root(("applications", sheet.application)), root(("evaluators", sheet.evaluator))
        if all(sheet.scores.get(criterion.id) is not None for criterion in problem.criteria):
            parent[max(ends)] = min(ends)
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for node in sorted(parent):
        side, name = node
        groups.setdefault(root(node), {"applications": [], "evaluators": []})[side].append(name)
    return list(groups.values())


def _differences(at: str, given: object, expected: object) -> Iterator[Reason]:
    """Where two JSON values differ; `1`, `true` and `1.0` are three different things."""
    if given == expected and repr(given) == repr(expected):
        return  # the usual case, fast
    if type(given) is not type(expected):
        yield _finding(at, given, expected)
    elif isinstance(given, dict) and isinstance(expected, dict):
        for key in (*expected, *(key for key in given if key not in expected)):
            step = f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if key not in given or key not in expected:
                yield _finding(step, given.get(key, _MISSING), expected.get(key, _MISSING))
            else:
                yield from _differences(step, given[key], expected[key])
    elif isinstance(given, list) and isinstance(expected, list):
        if len(given) != len(expected):
            yield _finding(at, given, expected)
        else:
            for number, (mine, theirs) in enumerate(zip(given, expected, strict=True)):
                yield from _differences(f"{at}/{number}", mine, theirs)
    elif given != expected:
        yield _finding(at, given, expected)


def _finding(at: str, given: object, expected: object) -> Reason:
    return Reason("does_not_follow", {"at": at, "given": _brief(given), "expected": _brief(expected)})


def _brief(value: object) -> str | int | bool | None:
    """A value as a reason's parameter: small ones as they are, long ones by their size."""
    if value is _MISSING:
        return None
    if isinstance(value, list | dict):
        return f"[{len(value)}]" if isinstance(value, list) else f"{{{len(value)}}}"
    return value if isinstance(value, str | int | bool) or value is None else str(value)
