"""A paper as PDF: tagged for screen readers (PDF/UA-1) and made for archives (PDF/A-2a), set by typst.

Typst runs inside the process; it loads nothing from the network and reads one template of ours (`data/report.typ`).
What a paper says goes in as JSON and is shown as text, so nothing in it can become markup. The same paper gives the
same bytes: the date is that of the decision, and only our own fonts are used where they have every letter.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from madang.papers import fonts
from madang.papers.blocks import (
    Block,
    Bullets,
    Contents,
    Facts,
    Figure,
    Grid,
    Heading,
    PageBreak,
    Paper,
    Paragraph,
    Tiles,
    Words,
)
from madang.papers.office import lines, stretches, told

STANDARDS: list[Any] = ["ua-1", "a-2a"]
_LONG = re.compile(r"\S{28,}")
_PIECE = 14  # so many letters of a long word stay together
TEXT_WIDTH_MM = 170


def render(paper: Paper) -> bytes:
    """The paper as a PDF file. Any text is safe; letters that no font at hand has are written as their code points.

    Cost: a tenth of a second, and about 0.2 ms for each cell of a table.
    """
    letters = fonts.unusual(paper.texts())
    unknown = fonts.unknown(letters)
    found, families = fonts.elsewhere(unknown) if unknown else (unknown, ())
    try:
        return _typeset(paper, _Words(unknown - found), families)
    except typst.TypstError:
        if not letters:
            raise
        return _typeset(paper, _Words(letters), ())  # a letter that breaks a rule of archives must not stop the paper


def _typeset(paper: Paper, words: _Words, families: tuple[str, ...]) -> bytes:
    made = _moment(paper.made)
    data = {
        **{name: words(getattr(paper, name)) for name in ("title", "subtitle", "kicker", "footer", "sample_note")},
        "language": paper.language,
        "sample_word": paper.sample_word,
        "fallback": families,
        "made": {"year": made.year, "month": made.month, "day": made.day},
        "stretches": [
            {"wide": one.wide, "parts": [_part(part, words) for part in one.parts]} for one in stretches(paper.parts)
        ],
    }
    return bytes(
        typst.compile(
            _template(),
            format="pdf",
            font_paths=fonts.for_typst(system=bool(families)),
            sys_inputs={"paper": json.dumps(data, ensure_ascii=False)},
            pdf_standards=STANDARDS,
            timestamp=made,
        )
    )


@cache
def _template() -> bytes:
    return files("madang.papers").joinpath("data", "report.typ").read_bytes()


class _Words:
    """Text made ready: no control letters, none that turns its direction, none without a font, no word too long."""

    def __init__(self, missing: frozenset[str]) -> None:
        self.missing = missing

    def __call__(self, text: str) -> str:
        return "\n".join(_LONG.sub(_breakable, fonts.written_out(line, self.missing)) for line in lines(text))

    def of(self, words: Words) -> dict[str, Any]:
        return {"text": self(words.text), "sample": words.sample, "note": self(words.note)}


def _part(part: Block, words: _Words) -> dict[str, Any]:
    """A block as JSON: the name of its kind, and its fields with their texts made ready."""
    return {"is": type(part).__name__, **_fields(part, words)}


def _fields(part: Block, words: _Words) -> dict[str, Any]:
    match part:
        case Heading():
            return {"level": part.level, "text": words(told(part))}
        case Paragraph():
            return {"role": part.role, "text": words(part.text)}
        case Tiles():
            return {"items": [{**dataclasses.asdict(tile), "label": words(tile.label)} for tile in part.items]}
        case Facts():
            rows = [
                {"label": words(row.label), "values": [words.of(value) for value in row.values]} for row in part.rows
            ]
            return {"rows": rows}
        case Bullets():
            return {"items": [words.of(item) for item in part.items]}
        case Grid():
            return {
                "title": words(part.title),
                "note": words(part.note),
                "columns": [{"label": words(c.label), "width": c.width, "align": c.align} for c in part.columns],
                "rows": [{"style": row.style, "cells": [words(cell) for cell in row.cells]} for row in part.rows],
            }
        case Figure():
            picture = fonts.written_out(part.svg.decode(), words.missing)
            told_of = {"alt": words(part.alt), "caption": words(part.caption)}
            return {"svg": picture, "width": min(part.width, TEXT_WIDTH_MM), **told_of}
        case Contents():
            return {"title": words(part.title)}
        case PageBreak():
            return {}


def _breakable(found: re.Match[str]) -> str:
    """A word longer than a column may break between its letters, though not between a letter and its mark."""
    word = found[0]
    if any(letter >= "\u1100" for letter in word):  # Korean and Chinese break anywhere
        return word
    out: list[str] = []
    for place, letter in enumerate(word):
        if place and place % _PIECE == 0 and not unicodedata.combining(letter):
            out.append("\u200b")
        out.append(letter)
    return "".join(out)


def _moment(made: str) -> dt.datetime:
    """The moment of the decision, never now: the same paper has the same bytes."""
    try:
        found = dt.datetime.fromisoformat(made)
    except ValueError:
        found = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
