"""The tables of the procedure around the scores: pools and draws, outside checks, adjustments, amounts, conditions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByAppointment
from madang.core.deciding.draws import BODY, LOTS, panels_of
from madang.papers.columns import Column, TablePlan, application, evaluator, said

EXCLUSION_CODES = ("excluded_by_law", "challenged", "withdrew")
VERDICTS = ("clear", "found", "unknown")
APPOINTED = ("granted", "reduced", "conditional", "refused")

#: In the order of reading.
NAMES = (
    "pool", "exclusions", "draws", "reveals", "outside_checks", "adjustments", "reductions", "conditions",
    "appointments",
)  # fmt: skip


def before_scores(definition: Definition) -> Iterator[TablePlan]:
    """Pools of panels, who was excluded, and what was committed to and revealed for each draw."""
    panels = panels_of(definition)
    names = draws_of(definition)
    if panels:
        stage = Column("stage", "choice", said("Stage", "평가 단계"), True, True, options=tuple(panels))
        tags = Column("tags", "tags", said("Tags, separated by ;", "구분(;로 나눔)"))
        offered = any(panel.draw_from is not None for panel in panels.values())
        pool = (stage, evaluator(), tags)
        yield TablePlan(
            "pool", said("Pool of candidates", "평가위원 후보군"), pool, ("stage", "evaluator"), offered=offered
        )
        code = Column("code", "choice", said("Ground", "사유 구분"), True, True, options=EXCLUSION_CODES)
        after = Column("after_draw", "yes_no", said("After the draw?", "추첨 후입니까?"))
        reason = Column("reason", "text", said("Reason", "사유"))
        excluded = (stage, evaluator(), code, reason, after)
        title = said("Excluded from the panel", "제척·기피·회피")
        yield TablePlan("exclusions", title, excluded, ("stage", "evaluator"), offered=offered)
    if names:
        offered = any(panel.draw_from is not None for panel in panels.values())
        draw = Column("draw", "choice", said("Draw", "추첨"), required=True, filled=True, options=names)
        drawn = (
            draw,
            Column("public", "text", said("Public value fixed afterwards", "추후 확정된 공개값")),
            Column("parties", "whole", said("Parties that committed", "약속한 참여자 수"), low=Decimal(0)),
            Column("entries_sha256", "text", said("SHA-256 of the entries as published", "공개한 추첨 대상의 SHA-256")),
        )
        yield TablePlan("draws", said("Draws", "추첨"), drawn, ("draw",), offered=offered)
        revealed = (
            draw,
            Column("by", "text", said("Party", "참여자"), required=True, filled=True),
            Column("commitment", "text", said("Commitment (SHA-256)", "약속값(SHA-256)"), required=True, filled=True),
            Column("reveal", "text", said("Reveal", "공개한 원문")),
        )
        title = said("Commitments and reveals", "약속값과 공개 원문")
        yield TablePlan("reveals", title, revealed, ("draw", "by"), offered=offered)


def draws_of(definition: Definition) -> tuple[str, ...]:
    """Which draws a call can have: its panels, the order of presentations, and the lots that settle ties."""
    judged = [f"order:{stage.id}" for stage in definition.judged()]
    lots = [LOTS] if definition.decide.by_lot else []
    return (*(f"panel:{name}" for name in panels_of(definition)), *judged, *lots)


def after_scores(definition: Definition) -> Iterator[TablePlan]:
    """What other bodies found, points with proof, reduced grants, conditions, and an authority's decisions."""
    by = Column("by", "text", said("By whom", "확인자"))
    on = Column("on", "date", said("Day", "일자"))
    reason = Column("reason", "text", said("Reason", "사유"))
    if definition.outside_checks:
        checks = tuple(check.id for check in definition.outside_checks)
        checked = (
            application(),
            Column("check", "choice", said("Outside check", "외부 확인 항목"), True, True, options=checks),
            Column("verdict", "choice", said("Verdict", "결과"), required=True, filled=True, options=VERDICTS),
            Column("source", "text", said("Source", "출처"), required=True, filled=True),
            Column("on", "date", said("Checked on", "확인일"), required=True, filled=True),
            Column("by", "text", said("Checked by", "확인자"), required=True, filled=True),
            reason,
        )
        title = said("Outside checks", "외부 확인")
        yield TablePlan("outside_checks", title, checked, ("application", "check"))
    if definition.adjustments:
        yield _adjustments(definition, by)
    if "reduced" in definition.outcome.amounts and definition.money.cost and not _appointed(definition):
        reduced = (
            application(),
            _grant(required=True),
            Column("reason", "text", said("Reason", "사유"), required=True, filled=True),
            by,
        )
        yield TablePlan("reductions", said("Reduced grants", "감액 지원"), reduced, ("application",), offered=False)
    if definition.outcome.conditions:
        conditions = tuple(condition.id for condition in definition.outcome.conditions)
        met = (
            application(),
            *_task(definition, required=False),
            Column("condition", "choice", said("Condition", "조건"), True, True, options=conditions),
            Column("met", "yes_no", said("Met?", "충족 여부"), required=True, filled=True),
            on,
            by,
            reason,
        )
        title = said("Conditions of the outcome", "조건 이행 확인")
        yield TablePlan("conditions", title, met, ("application", "condition"))
    if _appointed(definition):
        yield _appointments(definition, by, on)


def _adjustments(definition: Definition, by: Column) -> TablePlan:
    ids = tuple(one.id for one in definition.adjustments)
    most = max(one.points for one in definition.adjustments)
    columns = (
        application(),
        Column("adjustment", "choice", said("Bonus or deduction", "가점·감점 항목"), True, True, options=ids),
        Column("points", "score", said("Points", "점수"), low=Decimal(0), high=most),
        Column("proof", "text", said("Proof", "증빙"), required=True, filled=True),
        by,
    )
    title = said("Bonus and deduction points", "가점·감점")
    return TablePlan("adjustments", title, columns, ("application", "adjustment"))


def _appointed(definition: Definition) -> bool:
    return isinstance(definition.decide, ByAppointment)


def _appointments(definition: Definition, by: Column, on: Column) -> TablePlan:
    grant = (_grant(required=False),) if definition.money.cost else ()
    columns = (
        application(),
        *_task(definition, required=True),
        Column("outcome", "choice", said("Decision", "결정"), required=True, filled=True, options=APPOINTED),
        *grant,
        Column("reason", "text", said("Reason", "사유"), required=True, filled=True),
        by,
        on,
    )
    title = said("Decisions of the authority", "결정권자의 결정")
    return TablePlan("appointments", title, columns, ("application", "outcome"), required=True)


def _grant(*, required: bool) -> Column:
    return Column("grant_krw", "money", said("Grant in won", "지원금(원)"), required, filled=required)


def _task(definition: Definition, *, required: bool) -> tuple[Column, ...]:
    """The column that says which task, where tasks are decided one by one."""
    if definition.decide.tasks is None:
        return ()
    label = said("Task, its key cells joined by /", "업무(구분 값을 /로 이음)")
    return (Column("task", "text", label, required, filled=required),)


def task_column(definition: Definition) -> tuple[Column, ...]:
    """The same column for votes: each is on one task."""
    return _task(definition, required=True)


__all__ = ["BODY", "NAMES", "after_scores", "before_scores", "draws_of", "task_column"]
