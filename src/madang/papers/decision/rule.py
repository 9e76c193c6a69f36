"""How a call scores and decides, as sentences, from what its definition says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.model import Definition
from madang.papers.describe import describe
from madang.papers.outline import Bullets, Facts, Part, Table, Words


def rule_sentences(definition: Definition, language: str) -> Iterator[str]:
    """How it was scored and decided, as the call itself says it; what was never published is marked."""
    outline = describe(definition, language)
    for id_ in ("scoring", "decision"):
        section = outline.section(id_)
        for part in section.parts if section else ():
            yield from _sentences(part, f" [{outline.sample_word}]")


def _sentences(part: Part, mark: str) -> Iterator[str]:
    """One part of an outline as sentences for a list; `mark` follows what is a sample."""
    match part:
        case Words():
            yield part.text + mark * part.sample
        case Bullets():
            for item in part.items:
                yield item.text + mark * item.sample
        case Facts():
            for row in part.rows:
                yield f"{row.label}: " + "; ".join(value.text + mark * value.sample for value in row.values)
        case Table():
            rows = [" ".join(row.cells) + mark * (row.sample or part.sample) for row in part.rows]
            yield ": ".join(filter(None, (part.title, "; ".join(rows))))
