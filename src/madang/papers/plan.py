"""Which tables a definition asks for, and their columns: one plan for reading, for empty tables and for samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import get_args

from madang.core.callspec.asked import (
    ChoiceField,
    FormField,
    MoneyField,
    NumberField,
    RowCell,
    RowsField,
    TextField,
    YesNoField,
)
from madang.core.callspec.model import Definition, OrganisationKind
from madang.core.callspec.rule import ByVote
from madang.core.callspec.scored import Judged
from madang.core.deciding.draws import panels_of
from madang.papers import plan_assigning, plan_procedure
from madang.papers.columns import NUMERIC, Column, Kind, TablePlan, application, evaluator, said

__all__ = ["NAMES", "NUMERIC", "ORGANISATION_KINDS", "VERDICTS", "Column", "Kind", "TablePlan", "plan"]

VERDICTS = ("pass", "fail", "not_applicable")
ORGANISATION_KINDS: tuple[str, ...] = get_args(OrganisationKind)


#: Every table that any call may have; `rows-FIELD` besides. The order is the order of reading and of faults.
NAMES = (
    "applications", "members", "panel", *plan_assigning.NAMES, "conflicts", *plan_assigning.PLANNED, "sheets",
    "checklist", "opinions", "seats", "votes", "lots",
    "rounds", *plan_procedure.NAMES,
)  # fmt: skip


def plan(definition: Definition, *, answers_required: bool = True) -> dict[str, TablePlan]:
    """The tables that this definition has room for, by name, in the order of reading.

    `answers_required=False` asks for no column of the form, as where only the reception is counted.
    """
    return {table.name: table for table in _tables(definition, answers_required)}


def _tables(definition: Definition, answers_required: bool) -> Iterator[TablePlan]:
    yield _applications(definition, answers_required)
    if roles := tuple(dict.fromkeys(role.role for track in definition.tracks for role in track.consortium)):
        yield _members(roles)
    for rows in definition.fields():
        if isinstance(rows, RowsField):
            cells = tuple(replace(c, filled=c.required) for c in (_column(cell) for cell in rows.fields))
            yield TablePlan(f"rows-{rows.id}", rows.label, (application(), *cells), ("application",))
    judged = definition.judged()
    yield from plan_procedure.before_scores(definition)
    if judged:
        if seated := tuple(stage for stage in judged if stage.assign is None):
            yield _panel(seated, several=len(judged) > 1)
        yield from plan_assigning.people(definition)
        yield _conflicts(definition)
        yield from plan_assigning.planned(definition)
        yield _sheets(judged)
    if definition.review:
        yield _checklist(definition)
    if definition.opinions:
        yield _opinions(definition)
    if isinstance(definition.decide, ByVote):
        yield from _votes(definition, definition.decide)
    yield from plan_procedure.after_scores(definition)
    drawn = any(panel.draw_from for panel in panels_of(definition).values())
    yield _lots(offered=definition.decide.by_lot and not drawn)
    yield _rounds()


def _kind() -> Column:
    return Column("kind", "choice", said("Kind of organisation", "기관 유형"), options=ORGANISATION_KINDS)


def _country() -> Column:
    return Column("country", "country", said("Country (two letters, ISO 3166)", "국가(ISO 3166 두 글자)"))


def _applications(definition: Definition, answers_required: bool) -> TablePlan:
    tracks = tuple(track.id for track in definition.tracks)
    several = len(tracks) > 1
    base = [
        application(),
        Column("applicant", "text", said("Applicant", "신청기관"), required=True, filled=True),
        _kind(),
        Column("organisation", "text", said("Identity of the applicant across calls", "신청기관의 고유 식별자")),
        Column("track", "choice", said("Type of application", "신청 유형"), several, filled=several, options=tracks),
        _country(),
        Column("received", "moment", said("Received at", "접수 일시")),
    ]
    if not tracks:
        base = [column for column in base if column.id != "track"]
    answers = {
        field.id: _column(field, for_all and answers_required)
        for for_all, field in _asked(definition)
        if not isinstance(field, RowsField)
    }
    columns = [_shared(column, answers.pop(column.id, None)) for column in base]
    title = said("Applications", "신청서")
    return TablePlan("applications", title, (*columns, *answers.values()), ("application",), required=True)


def _asked(definition: Definition) -> Iterator[tuple[bool, FormField]]:
    """Each field, and whether its section is for everybody."""
    for section in definition.form:
        for asked in section.fields:
            yield not section.tracks, asked


def _shared(base: Column, answer: Column | None) -> Column:
    """A form field with the id of a general column shares that column; a field `country` also says how it is asked."""
    return (
        answer if answer is not None and base.id in ("country", "organisation") and answer.kind == base.kind else base
    )


def _column(asked: FormField | RowCell, for_all: bool = True) -> Column:
    """The column of a form field. Whether a row must fill it may hang on a condition, so that is asked per row."""
    needed = asked.required is True and asked.when is None and for_all and asked.type != "file"
    match asked:
        case TextField():
            return Column(
                asked.id, "text", asked.label, needed, max_characters=asked.max_characters, max_words=asked.max_words
            )
        case NumberField():
            low, high = asked.min, asked.max
            return Column(asked.id, "number", asked.label, needed, low=low, high=high, decimals=asked.decimals)
        case MoneyField():
            return Column(asked.id, "money", asked.label, needed, unit=asked.unit)
        case YesNoField():
            return Column(asked.id, "yes_no", asked.label, needed)
        case ChoiceField():
            options = tuple(option.id for option in asked.options)
            kind: Kind = "choices" if asked.many else "choice"
            return Column(asked.id, kind, asked.label, needed, options=options, known_set=asked.set or "")
        case _:
            kinds: dict[str, Kind] = {"country": "country", "date": "date"}
            return Column(asked.id, kinds.get(asked.type, "text"), asked.label, needed)


def _members(roles: tuple[str, ...]) -> TablePlan:
    columns = (
        application(),
        Column("role", "choice", said("Role", "역할"), required=True, filled=True, options=roles),
        Column("name", "text", said("Name", "기관명"), required=True, filled=True),
        _kind(),
        _country(),
    )
    return TablePlan("members", said("Members of the consortium", "컨소시엄 구성원"), columns, ("application", "role"))


def _stage(judged: tuple[Judged, ...], *, optional: bool) -> Column:
    ids = tuple(stage.id for stage in judged)
    needed = not optional or len(ids) > 1
    return Column("stage", "choice", said("Stage", "평가 단계"), needed, filled=needed, options=ids)


def _panel(judged: tuple[Judged, ...], *, several: bool) -> TablePlan:
    tags = Column("tags", "tags", said("Tags, separated by ;", "구분(;로 나눔)"))
    columns = (_stage(judged, optional=not several), evaluator(), tags)
    drawn = any(stage.panel and stage.panel.draw_from for stage in judged)  # its pool and draw are offered instead
    return TablePlan("panel", said("Evaluation panel", "평가위원회"), columns, ("evaluator",), offered=not drawn)


def _conflicts(definition: Definition) -> TablePlan:
    reason = Column("reason", "text", said("Reason", "사유"))
    found = Column("rule", "choice", said("Found by rule", "찾은 규칙"), options=plan_assigning.RULES)
    rule = (found,) if plan_assigning.assigned_stages(definition) else ()
    title = said("Conflicts of interest", "이해충돌(제척·회피)")
    return TablePlan("conflicts", title, (application(), evaluator(), reason, *rule), ("application", "evaluator"))


def _sheets(judged: tuple[Judged, ...]) -> TablePlan:
    scores: dict[str, Column] = {}
    for stage in judged:
        scale = stage.scale
        for criterion in stage.criteria:
            scores.setdefault(
                criterion.id,
                Column(criterion.id, "score", criterion.label, True, low=scale.min, high=scale.max, step=scale.step),
            )
    comment = Column("comment", "text", said("Comment", "의견"))
    columns = (application(), evaluator(), _stage(judged, optional=True), *scores.values(), comment)
    title = said("Score sheets", "평가표")
    return TablePlan("sheets", title, columns, ("application", "evaluator"), required=True, notes=True)


def _checklist(definition: Definition) -> TablePlan:
    items = tuple(item.id for item in definition.review)
    columns = (
        application(),
        Column("item", "choice", said("Item of the review", "검토 항목"), True, True, options=items),
        Column("verdict", "choice", said("Verdict", "판정"), required=True, filled=True, options=VERDICTS),
        Column("reason", "text", said("Reason", "사유")),
    )
    return TablePlan("checklist", said("Preliminary review", "사전검토"), columns, ("application", "item"), True)


def _opinions(definition: Definition) -> TablePlan:
    asked = tuple(opinion.id for opinion in definition.opinions)
    columns = (
        application(),
        Column("opinion", "choice", said("Question", "의견조회 항목"), True, True, options=asked),
        Column("by", "text", said("Given by", "회신기관")),
        Column("answer", "whole", said("Answer on the scale", "답변(척도)")),
        Column("text", "text", said("Text", "의견 내용")),
    )
    return TablePlan("opinions", said("Opinions", "의견조회"), columns, ("application", "opinion"))


def _votes(definition: Definition, decide: ByVote) -> Iterator[TablePlan]:
    seat = Column("seat", "id", said("Seat", "위원석"), required=True, filled=True)
    group = Column("group", "text", said("Group", "구분"))
    option = Column("option", "choice", said("Vote", "표결"), required=True, filled=True, options=decide.options)
    needed = decide.without_vote is None
    if decide.drawn is None:  # the members of a drawn body come from the draw
        title = said("Seats of the voting body", "의결기구 위원석")
        yield TablePlan("seats", title, (seat, group), ("seat",), needed)
    columns = (application(), *plan_procedure.task_column(definition), seat, option)
    yield TablePlan("votes", said("Votes", "표결"), columns, ("application", "seat", "option"), needed)


def _lots(*, offered: bool) -> TablePlan:
    title = said("Lots, in the order drawn", "추첨 순서")
    return TablePlan("lots", title, (application(),), ("application",), offered=offered)


def _rounds() -> TablePlan:
    labels = {
        "year": said("Year", "연도"),
        "cases": said("Applications", "접수 건수"),
        "countries": said("Countries", "국가 수"),
    }
    columns = tuple(Column(name, "whole", label, True, True, low=Decimal(0)) for name, label in labels.items())
    return TablePlan("rounds", said("Earlier rounds", "지난 공모"), columns, ("year",), offered=False)
