"""Invented score sheets of those who are seated, conflicts of interest, a tie, and points with proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from madang.core.callspec.scored import Judged
from madang.core.deciding.case import Adjusted, Application, Case, Conflict, Member, Sheet
from madang.papers.samples.common import Sampling, bell, said
from madang.papers.samples.panels import Seated
from madang.papers.values import plain


@dataclass(frozen=True, slots=True)
class _Judging:
    """A stage with its panel: evaluator -> leniency in thousandths of the scale."""

    stage: Judged
    panel: tuple[Member, ...]
    leniency: Mapping[str, int]
    readers: Mapping[str, frozenset[str]]  # application -> who reads it, where evaluators are assigned


def judge(s: Sampling, case: Case, seated: Seated, judged: list[Application]) -> Case:
    """The case with conflicts and sheets: everybody seated judges every application that they may judge, or, where
    evaluators are assigned, those that they were given.
    """
    stages = [
        _Judging(stage, panel, {member.evaluator: bell(s.random, 60) for member in panel}, _readers(case, stage))
        for stage in s.definition.judged()
        if (panel := seated.get(stage.id, ()))
    ]
    conflicts = (*case.conflicts, *_conflicts(s, judged, [one for one in stages if one.stage.assign is None]))
    sheets = tuple(_sheets(s, judged, stages, conflicts))
    return replace(case, conflicts=conflicts, sheets=_tied(s, judged, sheets))


def adjustments(s: Sampling, judged: list[Application]) -> Iterator[Adjusted]:
    """One application in four has points to add or to take away, each with its proof."""
    random = s.chance("adjustments")
    for number, application in enumerate(judged):
        if not s.definition.adjustments or number % 4 != 1:
            continue
        one = random.choice(s.definition.adjustments)
        halves = random.randrange(1, int(one.points * 2) + 1) if one.points >= 1 else 0
        points = plain(Decimal(halves) / 2 if halves else one.points) if one.up_to else ""
        proof = f"예시 증빙 {number:02}: {said(one.proof)}"
        yield Adjusted(application.id, one.id, proof, points, "예시 담당자 / Sample officer")


def _readers(case: Case, stage: Judged) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in case.assignments:
        if row.stage == stage.id:
            found.setdefault(row.application, set()).add(row.evaluator)
    return {name: frozenset(readers) for name, readers in found.items()}


def _seated(s: Sampling, judging: _Judging, application: Application) -> tuple[Member, ...]:
    """The panel of this application: the call's, its track's, or those who were assigned to it."""
    stage = judging.stage
    if stage.assign is not None:
        mine = judging.readers.get(application.id, frozenset())
        return tuple(member for member in judging.panel if member.evaluator in mine)
    if not (stage.panel and stage.panel.per == "track" and s.definition.tracks):
        return judging.panel
    index = [track.id for track in s.definition.tracks].index(application.track)
    return judging.panel[index * stage.panel.seats : (index + 1) * stage.panel.seats]


def _conflicts(s: Sampling, judged: list[Application], judgings: list[_Judging]) -> Iterator[Conflict]:
    """One in thirty applications, from the third on, and only where enough evaluators remain."""
    for application in judged[2::30]:
        for judging in judgings:
            seated = _seated(s, judging, application)
            if len(seated) > max(judging.stage.score.min_sheets, 2):
                evaluator = s.random.choice(seated).evaluator
                yield Conflict(application.id, evaluator, "예시: 자문 용역 수행 / Sample: advised the applicant")


def _sheets(
    s: Sampling, judged: list[Application], judgings: list[_Judging], conflicts: tuple[Conflict, ...]
) -> Iterator[Sheet]:
    barred = {(conflict.application, conflict.evaluator) for conflict in conflicts}
    quality = {application.id: 700 + bell(s.random, 170) for application in judged} if judgings else {}
    for judging in judgings:
        late = _late(s, judging, judged)
        for application in judged:
            for member in _seated(s, judging, application):
                if (application.id, member.evaluator) not in barred | late:
                    seen = quality[application.id] + judging.leniency[member.evaluator]
                    yield _sheet(s, judging.stage, application.id, member.evaluator, seen)


def _late(s: Sampling, judging: _Judging, judged: list[Application]) -> set[tuple[str, str]]:
    """Where evaluators are assigned and one may be missing, one in thirteen applications lacks a sheet in the end."""
    asked = judging.stage.assign
    if asked is None or judging.stage.score.min_sheets >= asked.each:
        return set()
    random = s.chance(f"late:{judging.stage.id}")
    readers = ((one.id, sorted(judging.readers.get(one.id, ()))) for one in judged[4::13])
    return {(name, random.choice(mine)) for name, mine in readers if len(mine) > judging.stage.score.min_sheets}


def _sheet(s: Sampling, stage: Judged, application: str, evaluator: str, seen: int) -> Sheet:
    scores = {criterion.id: _score(stage, seen + bell(s.random, 90)) for criterion in stage.criteria}
    comment = "예시 의견 / Sample comment" if stage.score.comment_required_when else ""
    return Sheet(stage.id, application, evaluator, scores, comment)


def _score(stage: Judged, thousandths: int) -> str:
    """A place on the scale, on its step; turned round where lower is better."""
    scale = stage.scale
    width = scale.max - scale.min
    share = min(1000, max(0, thousandths))
    share = share if stage.higher_is_better else 1000 - share
    step = scale.step or (Decimal(1) if width >= 5 else Decimal("0.1"))
    steps = (width * share / 1000 / step + Decimal("0.5")) // 1
    return plain(scale.min + min(steps, width // step) * step)


def _tied(s: Sampling, judged: list[Application], sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
    """The same scores for the first two neighbours whom the same evaluators judged: a tie to be settled."""
    by_application: dict[str, dict[tuple[str, str], Sheet]] = {application.id: {} for application in judged}
    for sheet in sheets:
        by_application[sheet.application][sheet.stage, sheet.evaluator] = sheet
    if s.definition.computed() or len(judged) < 4:
        return sheets
    for one, other in pairwise(judged):
        first, second = by_application[one.id], by_application[other.id]
        if first and first.keys() == second.keys():
            return tuple(
                replace(sheet, scores=first[sheet.stage, sheet.evaluator].scores)
                if sheet.application == other.id
                else sheet
                for sheet in sheets
            )
    return sheets
