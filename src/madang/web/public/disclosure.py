"""What of a decision may be shown to everybody: a pure rule, applied before anything reaches a template.

A sample may be shown whole: nobody stands behind it. Of a real decision only what its definition publishes
(`announcement.publish`) passes; whatever the definition says nothing about is closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from madang.core.callspec.model import ByRank, Definition
from madang.core.deciding.case import Case
from madang.papers.decision import ApplicationLine, DecisionView

Share = Literal["all", "selected", "none"]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a decision is public.

    `whole`: every score, reason and vote count may be shown. `files`: the auditor's edition may be handed out too,
    which also holds answers, single sheets and comments. The rest counts only where it is not whole.
    """

    whole: bool
    files: bool
    selected: bool = True
    ranking: Share = "all"
    scores: Share = "all"


def extent(definition: Definition, case: Case | None, *, sample: bool) -> Extent:
    """How far a decision by `definition` is public. Without its case, its files stay closed (unless it is a sample)."""
    if sample:
        return Extent(whole=True, files=True)
    publish = definition.announcement.publish
    ranked = isinstance(definition.decide, ByRank)
    whole = publish.selected == "all" and publish.scores == "all" and (publish.ranking == "all" or not ranked)
    return Extent(
        whole=whole,
        files=whole and case is not None and _open(definition, case),
        selected=publish.selected == "all",
        ranking=publish.ranking,
        scores=publish.scores,
    )


def _open(definition: Definition, case: Case) -> bool:
    """That the record holds nothing which no definition can publish: private answers, comments, conflicts, votes."""
    private = any(not field.public for field in definition.fields())
    said = any(sheet.comment for sheet in case.sheets) or any(check.reason for check in case.checklist)
    members = any(application.members for application in case.applications)
    return not (private or said or members or case.conflicts or case.opinions or case.votes)


def disclose(seen: DecisionView, to: Extent) -> DecisionView:
    """The view with everything taken out that is not public. Evaluators are never in it. Cost: linear."""
    seen = replace(seen, sheets=(), conflicts=())
    if to.whole:
        return seen
    lines = [_disclosed(line, to) for line in seen.applications]
    listed = [line for line in lines if line is not None]
    if to.ranking != "all":  # the order of the record is the ranking
        listed.sort(key=lambda line: (line.rank is None, line.rank or 0, line.applicant, line.id))
    names = {line.id for line in listed}
    boards = tuple(replace(board, ids=tuple(name for name in board.ids if name in names)) for board in seen.boards)
    return replace(
        seen,
        applications=tuple(listed),
        counts=tuple(count for count in seen.counts if count.outcome == "selected"),
        columns=seen.columns if to.scores != "none" else (),
        boards=boards if to.ranking == "all" else (),
        status_reasons=(),
        grant_total="",
        rules=(),
        reserve=(),
        ballots=(),
        opinions=(),
        statistics=(),
        growth="",
    )


def _disclosed(line: ApplicationLine, to: Extent) -> ApplicationLine | None:
    """One application with what is public about it; nothing where not even its name is."""
    selected = line.outcome == "selected"
    ranked = line.rank is not None and (to.ranking == "all" or (to.ranking == "selected" and selected))
    scored = line.score is not None and (to.scores == "all" or (to.scores == "selected" and selected))
    if not (ranked or scored or (selected and to.selected)):
        return None
    return replace(
        line,
        rank=line.rank if ranked else None,
        score=line.score if scored else None,
        passed=None,
        parts=line.parts if scored else (None,) * len(line.parts) if to.scores != "none" else (),
        computed=line.outcome,
        place=line.place if to.ranking == "all" else None,
        grade=line.grade if selected or scored else "",
        grant_krw=None,
        grant="",
        reasons=(),
        deviation="",
    )
