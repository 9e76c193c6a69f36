"""What was checked before and beside the scores: eligibility, review, other bodies, points, conditions, opinions,
conflicts. A part that a call does not have is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from madang.papers.blocks import Block, Heading, Line, Paragraph
from madang.papers.chapters.telling import Teller, grid
from madang.words import money

_VERDICTS = ("pass", "fail", "not_applicable")


def checks(t: Teller) -> Iterator[Block]:
    yield from _eligibility(t)
    yield from _review(t)
    yield from _outside(t)
    yield from _adjustments(t)
    yield from _reductions(t)
    yield from _conditions(t)
    yield from _appointments(t)
    yield from _opinions(t)
    yield from _conflicts(t)


def _eligibility(t: Teller) -> Iterator[Block]:
    yield Heading(2, t.say("checks.eligibility"))
    lines = [line for line in t.seen.applications if line.computed == "ineligible"]
    if not lines:
        yield Paragraph(t.say("checks.all_eligible"))
        return
    rows = [(line.id, line.applicant, " ".join(line.reasons)) for line in lines]
    yield t.table(t.say("checks.ineligible"), "id applicant reasons", rows)


def _review(t: Teller) -> Iterator[Block]:
    if not t.case.checklist:
        return
    yield Heading(2, t.say("checks.review"))
    labels = _labels(t, t.definition.review)
    tally = Counter((check.item, check.verdict) for check in t.case.checklist)
    heads = [(t.word("column_item"), False), *((t.say(f"verdict.{verdict}"), True) for verdict in _VERDICTS)]
    items = dict.fromkeys(check.item for check in t.case.checklist)
    rows = [Line((labels.get(item, item), *(f"{tally[item, v]:,}" for v in _VERDICTS))) for item in items]
    yield grid(t.say("checks.reviewed"), heads, rows)
    failed = [
        (check.application, t.applicant(check.application), labels.get(check.item, check.item), check.reason)
        for check in t.case.checklist
        if check.verdict == "fail"
    ]
    if failed:
        yield t.table(t.say("checks.failed"), "id applicant item reason", failed)


def _outside(t: Teller) -> Iterator[Block]:
    rows = t.case.outside_checks
    if rows:
        yield Heading(2, t.say("checks.outside"))
        labels = _labels(t, t.definition.outside_checks)
        told = [
            (r.application, labels.get(r.check, r.check), t.say(f"verdict.{r.verdict}"), r.source, r.on, r.by, r.reason)
            for r in rows
        ]
        yield t.table("", "id check verdict source on by reason", told)


def _adjustments(t: Teller) -> Iterator[Block]:
    rows = t.case.adjustments
    if rows:
        yield Heading(2, t.say("checks.adjustments"))
        known = {one.id: one for one in t.definition.adjustments}
        labels = _labels(t, t.definition.adjustments)
        told = []
        for r in rows:
            one = known.get(r.adjustment)
            kind = t.say(f"kind.{one.kind}") if one else ""
            points = r.points or (f"{one.points:f}" if one else "")
            told.append((r.application, kind, labels.get(r.adjustment, r.adjustment), points, r.proof, r.by))
        yield t.table("", "id kind item >points proof by", told)


def _reductions(t: Teller) -> Iterator[Block]:
    rows = t.case.reductions
    if rows:
        yield Heading(2, t.say("checks.reductions"))
        told = [
            (r.application, t.applicant(r.application), money.show(r.grant_krw, t.language), r.reason, r.by)
            for r in rows
        ]
        yield t.table("", "id applicant >grant reason by", told)


def _conditions(t: Teller) -> Iterator[Block]:
    rows = t.case.conditions
    if rows:
        yield Heading(2, t.say("checks.conditions"))
        labels = _labels(t, t.definition.outcome.conditions)
        told = [
            (
                _of_task(r.application, r.task),
                labels.get(r.condition, r.condition),
                t.say("condition.met" if r.met else "condition.not_met"),
                r.on,
                r.by,
                r.reason,
            )
            for r in rows
        ]
        yield t.table("", "id condition verdict on by reason", told)


def _appointments(t: Teller) -> Iterator[Block]:
    rows = t.case.appointments
    if rows:
        yield Heading(2, t.say("checks.appointments"))
        told = [
            (_of_task(r.application, r.task), t.say(f"appointment.{r.outcome}"), r.reason, r.by, r.on) for r in rows
        ]
        yield t.table("", "id outcome reason by on", told)


def _opinions(t: Teller) -> Iterator[Block]:
    opinions = t.seen.opinions
    if not opinions:
        return
    yield Heading(2, t.word("heading_opinions"))
    for scale, asked in groupby(opinions, lambda one: tuple(answer for answer, _ in one.answers)):
        heads = [(t.say("column.question"), False), *((answer, True) for answer in scale)]
        heads.append((t.say("column.answered"), True))
        rows = [
            Line((one.question, *(f"{count:,}" for _, count in one.answers), f"{one.answered:,}/{one.applications:,}"))
            for one in asked
        ]
        yield grid(t.say("checks.opinions"), heads, rows)
    yield Paragraph(t.say("checks.opinions_weigh"), "note")


def _conflicts(t: Teller) -> Iterator[Block]:
    yield Heading(2, t.word("heading_conflicts"))
    conflicts = t.seen.conflicts
    if not conflicts:
        yield Paragraph(t.word("no_conflicts"))
        return
    yield Paragraph(t.word("conflicts_shown", count=len(conflicts)))
    yield t.table("", "evaluator id reason", [(c.evaluator, c.application, c.reason) for c in conflicts])


def _labels(t: Teller, blocks: Sequence[Any]) -> dict[str, str]:
    return {block.id: t.labels.text(block.label) for block in blocks}


def _of_task(application: str, task: str) -> str:
    return f"{application}\n{task}" if task else application
