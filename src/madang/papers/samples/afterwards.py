"""Invented amounts and conditions after a decision: a grant cut down, conditions met, pending and failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from madang.core.callspec.expressions import compile_rule
from madang.core.callspec.rule import ByAppointment
from madang.core.deciding.case import Case, ConditionCheck, Reduction
from madang.core.deciding.decide import decide
from madang.core.deciding.eligibility import Counts, amounts, facts_of, track_of
from madang.papers.classifications import for_call
from madang.papers.samples.common import Sampling

_OFFICER = "예시 담당자 / Sample officer"


def afterwards(s: Sampling, case: Case) -> Case:
    """The case with what follows a yes. Who got one, a decision on the case so far tells."""
    outcome = s.definition.outcome
    reduces = (
        "reduced" in outcome.amounts and s.definition.money.cost and not isinstance(s.definition.decide, ByAppointment)
    )
    if not (reduces or outcome.conditions):
        return case
    computed = decide(s.definition, case, for_call(s.definition.classifications, sample=True))
    yes = [line for line in computed["outcomes"] if line["outcome"] == "selected"]
    reductions = tuple(_reductions(s, case, yes)) if reduces else ()
    return replace(case, reductions=reductions, conditions=tuple(_conditions(s, case, yes)))


def _reductions(s: Sampling, case: Case, yes: list[dict[str, Any]]) -> Iterator[Reduction]:
    """Every fifth grant is a tenth smaller, where its lower limit lets it be."""
    applications = {application.id: application for application in case.applications}
    for line in yes[1::5]:
        application = applications[line["application"]]
        cost, own = amounts(s.definition, application)
        track = track_of(s.definition, application)
        limits = s.definition.money.limits
        limit = limits.get(track.id if track else "") or limits.get("default")
        least = (limit.grant_krw.min or 0) if limit else 0
        asked = (cost or 0) - own
        smaller = max(least, asked * 9 // 10 // 10**6 * 10**6)
        if 0 < smaller < asked:
            yield Reduction(application.id, smaller, "예시: 예산 조정 / Sample: budget adjusted", _OFFICER)


def _conditions(s: Sampling, case: Case, yes: list[dict[str, Any]]) -> Iterator[ConditionCheck]:
    """Of five conditions three or four are met, one is pending, and one of seven fails."""
    counts, number = Counts(case), 0
    applications = {application.id: application for application in case.applications}
    for line in yes:
        application = applications[line["application"]]
        facts = facts_of(s.definition, application, counts)
        on = dt.date.fromisoformat(application.received[:10]) + dt.timedelta(days=75)
        tasks = [task["task"] for task in line.get("tasks", ()) if task["outcome"] == "selected"] or [""]
        for task in tasks:
            for condition in s.definition.outcome.conditions:
                if condition.when is not None and not compile_rule(condition.when)(facts):
                    continue
                number += 1
                if number % 5 == 3:
                    continue  # pending
                failed = number % 7 == 2
                reason = "예시: 확인 결과 미비 / Sample: found wanting" if failed else ""
                yield ConditionCheck(application.id, condition.id, not failed, task, on.isoformat(), _OFFICER, reason)
