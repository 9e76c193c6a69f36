"""Why an application has its score and rank: reasons in the order in which an applicant asks.

Everything here is read off the problem and the official fields of the result, so that a checker can tell whether the
reasons fit the figures without knowing how the figures were found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from madang.core.reasons import Reason
from madang.core.scoring.model import LOT, RankingProblem, plain

Line = dict[str, Any]


def explain_applications(problem: RankingProblem, lines: Sequence[Line]) -> None:
    """Puts `reasons` into each line of the result (lines in the order of the ranking).

    Score, rank, sheets that went, adjustments, what separated it from equal scores, pass mark.
    """
    adjustments: dict[str, list[Reason]] = {}
    for entry in problem.adjustments:
        reason = Reason("score_adjusted", {"id": entry.id, "points": _signed(plain(entry.points))})
        adjustments.setdefault(entry.application, []).append(reason)
    ranked = sum(line["rank"] is not None for line in lines)
    blocks = [list(block) for _, block in groupby(lines, key=lambda line: (line["passed"], line["score"]))]
    for block in blocks:
        for place, line in enumerate(block):
            reasons = [
                *_score(line, ranked, adjusted=line["id"] in adjustments),
                *_sheets(problem, line),
                *adjustments.get(line["id"], ()),
                *(_ties(problem, block, place) if line["rank"] is not None else ()),
                *_pass_mark(problem, line),
            ]
            line["reasons"] = [reason.as_json() for reason in reasons]


def explain_ranking(problem: RankingProblem, lines: Sequence[Line]) -> list[Reason]:
    """What is to be known of the ranking as a whole; first what keeps it from being settled."""
    reasons = []
    if unscored := [line["id"] for line in lines if line["rank"] is None]:
        reasons.append(Reason("no_sheets", {"applications": unscored}))
    ranked = [line for line in lines if line["rank"] is not None]
    for place, block in groupby(ranked, key=lambda line: line["rank"]):
        tied = [line["id"] for line in block]
        if len(tied) > 1:
            reasons.append(Reason("tie_not_settled", {"rank": place, "applications": tied}))
    if untrimmed := [line["id"] for line in ranked if _too_few(problem, line)]:
        needed = problem.rule.min_sheets_to_trim
        reasons.append(Reason("too_few_sheets_to_trim", {"applications": untrimmed, "needed": needed}))
    if skipped := sorted(number for line in lines for number in line["skipped"]):
        reasons.append(Reason("sheets_skipped", {"sheets": [str(number) for number in skipped]}))
    return reasons


def _score(line: Line, ranked: int, *, adjusted: bool) -> Iterator[Reason]:
    if line["rank"] is None:
        yield Reason("application_without_sheets")
        return
    gone = 2 if line["dropped"] or line["dropped_by_criterion"] else 0
    params = {"score": line["score"], "sheets": line["sheets"], "kept": line["sheets"] - gone}
    yield Reason("adjusted_score_is" if adjusted else "score_is", params)
    yield Reason("rank_is", {"rank": line["rank"], "of": ranked})


def _sheets(problem: RankingProblem, line: Line) -> Iterator[Reason]:
    for code, number in zip(("sheet_dropped_highest", "sheet_dropped_lowest"), line["dropped"], strict=False):
        yield Reason(code, {"sheet": number})
    for criterion, numbers in line["dropped_by_criterion"].items():
        for code, number in zip(("score_dropped_highest", "score_dropped_lowest"), numbers, strict=False):
            yield Reason(code, {"sheet": number, "criterion": criterion})
    if line["rank"] is not None and _too_few(problem, line):
        yield Reason("not_trimmed", {"sheets": line["sheets"], "needed": problem.rule.min_sheets_to_trim})
    for number in line["skipped"]:
        scores = problem.sheets[number].scores
        blank = [criterion.id for criterion in problem.criteria if scores.get(criterion.id) is None]
        yield Reason("sheet_skipped", {"sheet": number, "criteria": blank})


def _too_few(problem: RankingProblem, line: Line) -> bool:
    return problem.rule.trim != "none" and line["sheets"] < (problem.rule.min_sheets_to_trim or 0)


def _ties(problem: RankingProblem, block: Sequence[Line], place: int) -> Iterator[Reason]:
    """What separated the line from its neighbours of the same score: first the one above, then the one below."""
    line = block[place]
    tied = [other["id"] for other in block if other["rank"] == line["rank"] and other is not line]
    if tied:
        yield Reason("tied_with", {"applications": tied})
    for step, word in ((-1, "behind"), (1, "ahead")):
        # A neighbour is the nearest line with another rank.
        near = place + step
        while 0 <= near < len(block) and block[near]["rank"] == line["rank"]:
            near += step
        if 0 <= near < len(block):
            yield _separated(problem, line, block[near], word)


def _separated(problem: RankingProblem, line: Line, other: Line, word: str) -> Reason:
    """The first tie rule under which the two differ; there is one, for their ranks do."""

    def differ(rule: str) -> bool:
        return rule == LOT or Fraction(line["criteria"][rule]) != Fraction(other["criteria"][rule])

    rule = next(filter(differ, problem.rule.ties))
    params = {"other": other["id"], "score": line["score"]}
    if rule == LOT:
        return Reason(f"{word}_by_lot", params)
    return Reason(f"{word}_by_criterion", {**params, "criterion": rule})


def _pass_mark(problem: RankingProblem, line: Line) -> Iterator[Reason]:
    if problem.rule.pass_mark is not None and line["rank"] is not None:
        code = "pass_mark_met" if line["passed"] else "pass_mark_missed"
        yield Reason(code, {"score": line["score"], "pass_mark": plain(problem.rule.pass_mark)})


def _signed(number: str) -> str:
    return number if number.startswith("-") else f"+{number}"
