"""A call in words for the templates: every section of its outline, its parts named by kind."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from madang.papers.outline import Bullets, Facts, Outline, Part, Table, Words

Context = dict[str, Any]


def sections(outline: Outline) -> list[Context]:
    """Every section of an outline, its parts named by kind, as `calls/_section.html` draws them."""
    return [
        {"id": section.id, "title": section.title, "parts": list(_parts(section.id, section.parts))}
        for section in outline.sections
    ]


def _parts(section: str, parts: Iterable[Part]) -> Iterator[Mapping[str, Any]]:
    for place, part in enumerate(parts):
        match part:
            case Words():
                yield {"kind": "words", "words": part}
            case Bullets():
                yield {"kind": "bullets", "items": part.items}
            case Facts():
                yield {"kind": "facts", "rows": part.rows}
            case Table():
                yield {"kind": "table", "id": f"{section}-{place}", "table": part, "rows": list(_rows(part))}


def _rows(table: Table) -> Iterator[list[Context]]:
    """Cells with their column's name (rows fold into cards on a phone), and the sample mark where it belongs."""
    for row in table.rows:
        yield [
            {
                "text": text,
                "column": table.header[place],
                "number": place in table.numeric,
                "sample": row.sample and place == table.mark_in,
            }
            for place, text in enumerate(row.cells)
        ]
