"""The published rule: the outline of the definition, as paper."""

from __future__ import annotations

from collections.abc import Iterator

from madang.papers import outline
from madang.papers.blocks import Block, Bullets, Facts, Grid, Heading, Line, Paragraph
from madang.papers.chapters.telling import Teller, grid
from madang.papers.describe import describe

_LEFT_OUT = ("form", "papers")  # what an applicant fills in and hands in: in the call, pages long


def rule(t: Teller) -> Iterator[Block]:
    told = describe(t.definition, t.language)
    yield Paragraph(t.say("rule.lead"))
    sections = [section for section in told.sections if section.id not in _LEFT_OUT]
    if any(_marked(part) for section in sections for part in section.parts):
        yield Paragraph(t.say("rule.marked", mark=told.sample_word), "note")
    for section in sections:
        yield Heading(2, section.title)
        for part in section.parts:
            yield from _part(part, told.sample_word)


def _marked(part: outline.Part) -> bool:
    match part:
        case outline.Words():
            return part.sample
        case Bullets():
            return any(item.sample for item in part.items)
        case Facts():
            return any(value.sample for row in part.rows for value in row.values)
        case outline.Table():
            return part.sample or any(row.sample for row in part.rows)


def _part(part: outline.Part, mark: str) -> Iterator[Block]:
    match part:
        case outline.Words():
            text = f"[{mark}] {part.text}" if part.sample else part.text
            yield Paragraph(text)
            if part.note:
                yield Paragraph(part.note, "note")
        case Bullets() | Facts():
            yield part
        case outline.Table():
            yield _table(part, mark)


def _table(part: outline.Table, mark: str) -> Grid:
    rows = []
    for row in part.rows:
        cells = list(row.cells)
        if row.sample and not part.sample:
            cells[part.mark_in] = f"[{mark}] {cells[part.mark_in]}"
        rows.append(Line(tuple(cells)))
    title = f"[{mark}] {part.title}".strip() if part.sample else part.title
    return grid(title, [(head, i in part.numeric) for i, head in enumerate(part.header)], rows)
