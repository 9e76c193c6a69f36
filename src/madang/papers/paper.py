"""The printed report of a decision as a `Paper`: what was decided, by what rule, from what, and how to check it.

`paper_of(view, record) -> Paper` computes nothing: every number and sentence comes from the view. PDF, Word and HWPX
are made from the same paper (`pdf.render`, `docx.render`, `hwpx.render`).
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import replace

from madang.core.record.read import Record
from madang.papers.blocks import (
    Block,
    Bullets,
    Column,
    Contents,
    Facts,
    Figure,
    Grid,
    Heading,
    Line,
    PageBreak,
    Paper,
    Paragraph,
    Row,
    Tile,
    Tiles,
    Words,
)
from madang.papers.chapters.band import band
from madang.papers.chapters.checks import checks
from madang.papers.chapters.draws import draws
from madang.papers.chapters.largest import largest
from madang.papers.chapters.opening import decided_otherwise, host_of, opening
from madang.papers.chapters.readers import readers
from madang.papers.chapters.reception import reception
from madang.papers.chapters.results import reasons, results
from madang.papers.chapters.rule import rule
from madang.papers.chapters.telling import Teller, groups_of_four
from madang.papers.chapters.verifying import terms, verifying
from madang.papers.decision import DecisionView

__all__ = [
    "Block", "Bullets", "Column", "Contents", "Facts", "Figure", "Grid", "Heading", "Line", "PageBreak", "Paper",
    "Paragraph", "Row", "Tile", "Tiles", "Words", "paper_of",
]  # fmt: skip


_CHAPTERS = (
    ("otherwise", decided_otherwise),
    ("rule", rule),
    ("reception", reception),
    ("results", results),
    ("largest", largest),
    ("band", band),
    ("reasons", reasons),
    ("readers", readers),
    ("checks", checks),
    ("draws", draws),
    ("verify", verifying),
    ("terms", terms),
)
_ON_A_NEW_PAGE = ("rule", "reception", "results")


def paper_of(view: DecisionView, record: Record) -> Paper:
    """The paper of a decision, in the language of its view. Chapters without content are left out.

    Raises `Malformed` where the record cannot be read. Cost: linear in the applications, and about a second for charts.
    """
    teller = Teller(view, record)
    sample = view.sample
    return Paper(
        title=view.title,
        subtitle=host_of(teller),
        language=view.language,
        sample_note=teller.word("sample_long") if sample else "",
        parts=tuple(_parts(teller)),
        kicker=teller.word("subtitle"),
        footer=teller.say("footer", call=view.call, root=groups_of_four(view.root[:16])),
        made=_moment(str(record.meta["decided_at"]), teller.definition.schedule.zone),
        sample_word=teller.say("sample_mark"),
    )


def _parts(teller: Teller) -> Iterator[Block]:
    yield from opening(teller)
    number = 0
    for name, chapter in _CHAPTERS:
        blocks = list(chapter(teller))
        if not blocks:
            continue
        number += 1
        if name in _ON_A_NEW_PAGE or number == 1:
            yield PageBreak()
        yield Heading(1, teller.say(f"chapter.{name}"), str(number))
        yield from _numbered(blocks, number)


def _numbered(blocks: Iterable[Block], chapter: int) -> Iterator[Block]:
    """The sections of a chapter as `3.1`, `3.2`."""
    section = 0
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            section += 1
            yield replace(block, number=f"{chapter}.{section}")
        else:
            yield block


def _moment(text: str, zone: str) -> str:
    """Wall time in the zone of the call with its offset, ISO 8601; nothing where it is no date."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)).isoformat()
    except (ValueError, LookupError):
        return ""
