"""Decided by a mark: yes to everyone who reaches it, or the highest grade whose mark is reached. Nobody is ranked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from madang.core.callspec import expressions
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, ByThreshold, Grade
from madang.core.deciding.case import Case
from madang.core.deciding.eligibility import Counts, facts_of
from madang.core.deciding.ruling import Ruling
from madang.core.deciding.scores import Score, Scores
from madang.core.problem import decimal_text
from madang.core.reasons import Reason


def by_threshold(decide: ByThreshold, scores: Scores) -> Ruling:
    """Yes to everyone who reaches the mark and each part's own mark."""
    ruling = Ruling()
    for name, score in scores.of.items():
        shown = _line(ruling, name, score, decide.decimals)
        told = {"score": shown, "mark": str(decide.at_least)}
        reached = score.rounded >= Fraction(decide.at_least)
        against = list(score.missed)
        for part, mark in decide.each_at_least.items():
            value = score.parts[part] * (1 if part in decide.combine else 100)
            if value < Fraction(mark):
                part_told = {"part": part, "score": decimal_text(value, decide.decimals), "mark": str(mark)}
                against.append(Reason("part_mark_missed", part_told))
        first = Reason("threshold_reached" if reached else "threshold_missed", told)
        granted = reached and not against
        ruling.say(name, "selected" if granted else "not_selected", [first, *score.adjusted, *against])
    return ruling


def by_grade(definition: Definition, decide: ByGrade, case: Case, scores: Scores) -> Ruling:
    """The highest grade whose mark, of the application's own group, is reached."""
    ruling = Ruling()
    groups = groups_of(definition, decide, case)
    for name, score in scores.of.items():
        shown = _line(ruling, name, score, decide.decimals)
        group = groups.get(name)
        grade = next((g for g in decide.grades if score.rounded >= mark_of(g, group)), None)
        if grade is None:
            lowest = decide.grades[-1]
            first = Reason("no_grade_reached", {"score": shown, "mark": _plain(lowest, group)})
        else:
            first = Reason("grade_reached", {"score": shown, "grade": grade.id, "mark": _plain(grade, group)})
        reasons = [first, *score.adjusted, *score.missed]
        more: dict[str, Any] = {}
        if group is not None:
            reasons.insert(0, Reason("group_is", {"group": group}))
            more = {"group": group}
        granted = grade is not None and grade.granted and score.passed
        outcome = "selected" if granted else "not_selected"
        ruling.say(name, outcome, reasons, grade=grade.id if grade else None, **more)
    return ruling


def groups_of(definition: Definition, decide: ByGrade, case: Case) -> dict[str, str]:
    """Application -> the first group whose condition holds; who falls into none is not in the map."""
    rules = [(group.id, expressions.compile_rule(group.when)) for group in decide.groups]
    counts, found = Counts(case), dict[str, str]()
    for application in case.applications if rules else ():
        facts = facts_of(definition, application, counts)
        name = next((name for name, holds in rules if holds(facts)), None)
        if name is not None:
            found[application.id] = name
    return found


def mark_of(grade: Grade, group: str | None) -> Fraction:
    """Where a grade begins, for a group."""
    return Fraction(_own(grade, group))


def _own(grade: Grade, group: str | None) -> Any:
    return grade.by_group.get(group, grade.at_least) if group is not None else grade.at_least


def _plain(grade: Grade, group: str | None) -> str:
    return str(_own(grade, group))


def _line(ruling: Ruling, name: str, score: Score, decimals: int) -> str:
    """The application's line among the scores; gives the score as shown."""
    shown = decimal_text(score.rounded, decimals)
    ruling.ranking.append({"application": name, "score": shown, "exact": str(score.exact), "passed": score.passed})
    return shown
