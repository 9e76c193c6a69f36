"""Invented findings before the evaluation: the checklist, what other bodies answered, opinions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from madang.core.callspec.rule import ByAppointment
from madang.core.deciding.case import Application, Check, OpinionGiven, OutsideAnswer
from madang.papers.samples.common import Sampling, said


def checklist(s: Sampling, made: Iterable[Application]) -> Iterator[Check]:
    """Every item passes, but one of one application in twenty."""
    items = s.definition.review
    for number, application in enumerate(made, start=1):
        facts = s.conditions.facts(application)
        failing = s.random.randrange(len(items)) if items and number % 20 == 11 else -1
        for index, item in enumerate(items):
            if item.when is not None and not s.conditions.holds(item.when, facts):
                continue
            if index == failing:
                yield Check(application.id, item.id, "fail", "예시: 보완 요청에 응하지 않음 / Sample: not supplemented")
            else:
                yield Check(application.id, item.id, "pass")


def outside_checks(s: Sampling, made: Iterable[Application]) -> Iterator[OutsideAnswer]:
    """Clear, but for one application in fifteen; where each case stands by itself, one answer is still open."""
    random = s.chance("outside checks")
    open_ = 9 if s.definition.decide.close == "per_case" else 0
    for number, application in enumerate(made, start=1):
        facts = s.conditions.facts(application)
        asked = [c for c in s.definition.outside_checks if c.when is None or s.conditions.holds(c.when, facts)]
        found = random.choice(asked).id if asked and number % 15 == 4 else ""
        for check in asked:
            verdict, reason = "clear", ""
            if check.id == found:
                verdict, reason = "found", "예시: 조회 결과 해당 / Sample: found in the register"
            elif number == open_:
                verdict, reason = "unknown", "예시: 회신 대기 / Sample: answer awaited"
            on = _days_after(application.received, random.randrange(3, 12))
            yield OutsideAnswer(
                application.id, check.id, verdict, said(check.source), on, "예시 담당자 / Sample officer", reason
            )


def opinions(s: Sampling, applications: Iterable[Application]) -> Iterator[OpinionGiven]:
    """One in five is silent; advice that an authority must have is always given."""
    decide = s.definition.decide
    needed = decide.advice if isinstance(decide, ByAppointment) else ()
    for application in applications:
        for opinion in s.definition.opinions:
            if s.random.randrange(5) == 0 and opinion.id not in needed:
                continue
            answer = s.random.randint(*opinion.scale) if opinion.scale else None
            by = f"예시 회신기관 {application.country} / Sample body {application.country}"
            yield OpinionGiven(application.id, opinion.id, " ".join(by.split()), answer, "예시 의견 / Sample opinion")


def _days_after(moment: str, days: int) -> str:
    return (dt.date.fromisoformat(moment[:10]) + dt.timedelta(days=days)).isoformat()
