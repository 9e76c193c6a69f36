"""The blocks of a printed paper (`madang.papers.blocks`) for `parts/_blocks.html`, drawn by the site's own parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from madang.papers.blocks import Block, Bullets, Facts, Grid, Heading, Line, Paragraph, Words

Context = dict[str, Any]

LONG = 12
"""A table with more rows is folded away until somebody wants it."""


def drawn(blocks: Iterable[Block], prefix: str, *, level: int = 1) -> list[Context]:
    """What the part draws, one for each block that a page can show (contents, page breaks and figures are a printed
    paper's). `prefix` makes ids unique on the page; headings go down by `level`. A table without a title is called
    what the heading above it says.
    """
    return list(_drawn(blocks, prefix, level))


def _drawn(blocks: Iterable[Block], prefix: str, level: int) -> Iterator[Context]:
    heading = ""
    for place, block in enumerate(blocks):
        match block:
            case Heading():
                heading = block.text
                yield {"kind": "heading", "level": min(block.level + level, 6), "text": block.text}
            case Paragraph(text, role):
                yield {"kind": "paragraph", "role": role, "text": text}
            case Facts(rows):
                yield {"kind": "facts", "rows": [(row.label, [*map(_words, row.values)]) for row in rows]}
            case Bullets(items):
                yield {"kind": "bullets", "items": [*map(_words, items)]}
            case Grid():
                table = _table(block, heading, f"{prefix}-{place}")
                yield {"kind": "table", "table": table, "note": block.note, "long": len(table["rows"]) > LONG}


def _words(words: Words) -> Context:
    return {"text": words.text, "sample": words.sample, "note": words.note}


def _table(grid: Grid, heading: str, id_: str) -> Context:
    """As `parts/_table.html` wants it; a line across the table is a row of its own, the sum stands at its foot."""
    table: Context = {
        "id": id_,
        "caption": grid.title or heading,
        "quiet": grid.title in ("", heading),
        "columns": [
            {"text": column.label, **({"kind": "number"} if column.align == "right" else {})} for column in grid.columns
        ],
        "rows": [_row(line, len(grid.columns)) for line in grid.rows if line.style != "total"],
    }
    totals = [line for line in grid.rows if line.style == "total"]
    if totals:
        table["total"] = _row(totals[-1], len(grid.columns))
    return table


def _row(line: Line, columns: int) -> list[SafeString]:
    cells = [*line.cells, *[""] * (columns - len(line.cells))]
    return [format_html_join(mark_safe("<br>"), "{}", ((text,) for text in cell.split("\n"))) for cell in cells]
