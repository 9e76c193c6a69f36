"""What a decision rests on besides the applications: opinions and score sheets, labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.scored import Judged
from madang.core.deciding.case import Case, Sheet
from madang.papers.decision.labels import Labels
from madang.papers.decision.model import OpinionSummary, SheetLine


def opinions(definition: Definition, case: Case, labels: Labels) -> tuple[OpinionSummary, ...]:
    """How often each answer was given to each question."""
    summaries = []
    for opinion in definition.opinions:
        given = [row for row in case.opinions if row.opinion == opinion.id and (row.text or row.answer is not None)]
        of = Counter(row.answer for row in given)
        scale = range(opinion.scale[0], opinion.scale[1] + 1) if opinion.scale else sorted(n for n in of if n)
        summaries.append(
            OpinionSummary(
                question=labels.text(opinion.question),
                answered=len({row.application for row in given}),
                applications=len(case.applications),
                answers=tuple((str(answer), of[answer]) for answer in scale),
            )
        )
    return tuple(summaries)


def sheets(
    definition: Definition, case: Case, leaves: Iterable[str], computed: Mapping[str, Any], labels: Labels
) -> Iterator[SheetLine]:
    """Every sheet as entered, with its leaf in the record and whether it counted."""
    dropped, skipped, parts = _not_counted(computed)
    judged = definition.judged()
    for number, (leaf, sheet) in enumerate(zip(leaves, case.sheets, strict=True)):
        stage = next((s for s in judged if s.id == sheet.stage or (len(judged) == 1 and not sheet.stage)), None)
        state = "dropped" if number in dropped else "skipped" if number in skipped else "counted"
        notes = [f"{name}: {value}" for name, value in sheet.notes.items()]
        label = labels.say(f"sheet_{state}")
        if left := parts.get(number):
            label = labels.say("sheet_part_dropped", criteria=[labels.part(name) for name in left])
            state = "dropped"
        yield SheetLine(
            leaf=leaf,
            stage=stage.id if stage else sheet.stage,
            stage_label=labels.stage(stage.id) if stage else sheet.stage,
            application=sheet.application,
            evaluator=sheet.evaluator,
            scores=_scores(stage, sheet),
            comment=sheet.comment,
            notes="; ".join(notes),
            state=state,
            state_label=label,
        )


def _not_counted(computed: Mapping[str, Any]) -> tuple[set[int], set[int], dict[int, list[str]]]:
    """Sheets left out whole, sheets skipped for blanks, and sheets of which some criteria were left out."""
    dropped: set[int] = set()
    skipped: set[int] = set()
    parts: dict[int, list[str]] = {}
    for stage in computed["stages"]:
        for line in stage["applications"]:
            dropped.update(line.get("dropped", ()))
            skipped.update(line.get("skipped", ()))
            for criterion, numbers in line.get("dropped_by_criterion", {}).items():
                for number in numbers:
                    parts.setdefault(number, []).append(f"{stage['id']}.{criterion}")
    return dropped, skipped, parts


def _scores(stage: Judged | None, sheet: Sheet) -> tuple[str, ...]:
    names = [criterion.id for criterion in stage.criteria] if stage else list(sheet.scores)
    return tuple(str(sheet.scores.get(name) or "") for name in names)
