"""The tables of a call whose evaluators are assigned: who may read, what ties them, what they wrote, and the plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from madang.core.callspec.asked import ChoiceField
from madang.core.callspec.model import Definition
from madang.core.callspec.scored import Judged
from madang.papers.columns import Column, TablePlan, application, evaluator, said

#: In the order of reading.
NAMES = ("evaluators", "affiliations", "works")
PLANNED = ("assignments", "assignment_plans")
TIES = ("employment", "director", "shareholder", "service", "advice", "contract", "research")
RULES = (
    "same_organisation", "employment", "service", "shareholding", "co_application", "email_domain", "declared",
)  # fmt: skip
OBJECTIVES = ("fair", "total")
STATUSES = ("optimal", "feasible")


def assigned_stages(definition: Definition) -> tuple[Judged, ...]:
    """The judged stages that give each application its own few evaluators."""
    return tuple(stage for stage in definition.judged() if stage.assign is not None)


def people(definition: Definition) -> Iterator[TablePlan]:
    """Who may evaluate, their ties to organisations, and works that show what they know."""
    if not (stages := assigned_stages(definition)):
        return
    declared = [_declared(definition, stages, part) for part in ("fields", "languages")]
    columns = (
        evaluator(),
        *((_stage(stages, filled=False),) if len(stages) > 1 else ()),
        Column("tags", "tags", said("Tags, separated by ;", "구분(;로 나눔)")),
        *(column for column in declared if column is not None),
        Column("email_domain", "text", said("E-mail domain (no address)", "전자우편 도메인(주소 아님)")),
    )
    yield TablePlan("evaluators", said("Evaluators", "평가위원 후보"), columns, ("evaluator",))
    ties = (
        evaluator(),
        Column("organisation", "text", said("Organisation", "기관"), required=True, filled=True),
        Column("kind", "choice", said("Kind of tie", "관계"), options=TIES),
        Column("since", "partial_date", said("Since (day, month or year)", "시작(일·월·연도)")),
        Column("until", "partial_date", said("Until (empty: still)", "종료(계속 중이면 비움)")),
    )
    yield TablePlan("affiliations", said("Affiliations", "소속·관계"), ties, ("evaluator", "organisation"))
    works = (
        evaluator(),
        Column("title", "text", said("Title", "제목")),
        Column("text", "text", said("Text", "내용")),
    )
    yield TablePlan("works", said("Works", "연구·저작"), works, ("evaluator",))


def planned(definition: Definition) -> Iterator[TablePlan]:
    """What `madang assign` writes: who reads what, and how good the plan is."""
    if not (stages := assigned_stages(definition)):
        return
    stage = _stage(stages, filled=len(stages) > 1)
    affinity = Column("affinity", "number", said("Affinity", "적합도"), low=Decimal(0), high=Decimal(1))
    columns = (stage, application(), evaluator(), affinity)
    title = said("Who reads what", "평가위원 배정")
    yield TablePlan("assignments", title, columns, ("application", "evaluator"), required=True)
    sums = {
        "total": said("Total affinity", "적합도 합계"),
        "total_bound": said("No plan has more", "합계 상한"),
        "worst": said("Worst-served application", "가장 낮은 신청의 합"),
        "worst_bound": said("No plan serves it better", "가장 낮은 합의 상한"),
    }
    told = (
        _stage(stages, filled=True),
        Column("objective", "choice", said("Objective", "목표"), options=OBJECTIVES),
        Column("status", "choice", said("Status", "상태"), options=STATUSES),
        *(Column(name, "number", label, low=Decimal(0)) for name, label in sums.items()),
        Column("problem_sha256", "text", said("SHA-256 of the problem", "배정 문제의 SHA-256")),
        Column("kept", "yes_no", said("An earlier plan was kept first", "이전 배정을 먼저 유지함")),
    )
    title = said("How good the plan is", "배정의 품질")
    yield TablePlan("assignment_plans", title, told, ("stage",), offered=False)


def _stage(stages: tuple[Judged, ...], *, filled: bool) -> Column:
    ids = tuple(stage.id for stage in stages)
    return Column("stage", "choice", said("Stage", "평가 단계"), filled, filled=filled, options=ids)


def _declared(definition: Definition, stages: tuple[Judged, ...], part: str) -> Column | None:
    """The column for what evaluators declare of a choice field of the form; none where no stage compares one."""
    labels = {
        "fields": said("Fields, separated by ;", "분야(;로 나눔)"),
        "languages": said("Languages, separated by ;", "언어(;로 나눔)"),
    }
    asked = [definition.field(name) for stage in stages if (name := getattr(stage.assign, part)) is not None]
    fields = [field for field in asked if isinstance(field, ChoiceField)]
    if not fields:
        return None
    if len({field.id for field in fields}) > 1:
        return Column(part, "tags", labels[part])
    options = tuple(option.id for option in fields[0].options)
    return Column(part, "choices", labels[part], options=options, known_set=fields[0].set or "")
