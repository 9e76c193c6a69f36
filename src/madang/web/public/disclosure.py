"""What of a decision may be shown to everybody: a pure rule, applied before anything reaches a template.

A sample may be shown whole: nobody stands behind it. Of a real decision only what its definition publishes
(`announcement.publish`) passes, and nothing that its public edition keeps closed; whatever the definition says nothing
about is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from madang.core.callspec.model import Definition
from madang.core.record.opens import audience, opens
from madang.core.record.read import Record
from madang.papers.decision import ApplicationLine, DecisionView

Share = Literal["all", "selected", "none"]
Reasons = Mapping[str, tuple[Mapping[str, Any], ...]]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a decision is public. `whole`: all of it; the rest counts only where it is not whole."""

    whole: bool
    selected: bool = True
    ranking: Share = "all"
    scores: Share = "all"

    @property
    def files(self) -> bool:
        """Whether the auditor's edition, and what is made from it, may be handed out. It also holds answers, comments
        and who scored what, which no definition publishes; of a real decision there is only the public edition.
        """
        return self.whole


def extent(definition: Definition, *, sample: bool) -> Extent:
    """How far a decision by `definition` is public."""
    publish = definition.announcement.publish
    return Extent(
        whole=sample,
        selected=sample or publish.selected == "all",
        ranking="all" if sample else publish.ranking,
        scores="all" if sample else publish.scores,
    )


def published_reasons(record: Record) -> Reasons:
    """By application, the reasons that the public edition of this record opens. Cost: linear in the record."""
    to = audience(record.definition(), record.values)
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for part in ("figures", "why"):
        for name, value in record.named(f"computed/{part}").items():
            if opens(f"computed/{part}/{name}", value, to):
                found[name] = (*found.get(name, ()), *value["reasons"])
    return found


def disclose(seen: DecisionView, to: Extent, reasons: Mapping[str, tuple[str, ...]]) -> DecisionView:
    """The view with everything taken out that is not public. Evaluators are never in it. Cost: linear.

    `reasons`: the sentences that the public edition opens, by application; they count where it is not whole.
    """
    seen = replace(seen, sheets=(), conflicts=())
    if to.whole:
        return seen
    lines = [_disclosed(line, to, reasons.get(line.id, ())) for line in seen.applications]
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


def _disclosed(line: ApplicationLine, to: Extent, reasons: tuple[str, ...]) -> ApplicationLine | None:
    """One application with what is public about it; nothing where not even its name is."""
    selected = line.outcome == "selected"
    ranked = line.rank is not None and (to.ranking == "all" or (to.ranking == "selected" and selected))
    scored = line.score is not None and (to.scores == "all" or (to.scores == "selected" and selected))
    if not (ranked or scored or (selected and to.selected)):
        return None
    granted = selected and to.selected and line.computed == "selected"
    tasks = tuple(replace(task, reasons=()) for task in line.tasks if granted and task.outcome == "selected")
    return replace(
        line,
        rank=line.rank if ranked else None,
        score=line.score if scored else None,
        passed=None,
        parts=line.parts if scored else (None,) * len(line.parts) if to.scores != "none" else (),
        computed=line.outcome,
        place=line.place if to.ranking == "all" else None,
        grade=line.grade if granted else "",
        grant_krw=None,
        grant="",
        reasons=reasons,
        deviation="",
        group=line.group if granted else "",
        tasks=tasks,
    )
