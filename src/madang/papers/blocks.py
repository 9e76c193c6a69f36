"""A paper: what a printed report says, in order, and nothing about how PDF, Word or Hancom's format draw it.

Facts and lists are those of `outline`. A paper carries text as it was entered: whoever draws it escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from madang.papers.outline import Bullets, Facts, Row, Words, texts_of

Align = Literal["left", "right", "center"]
Role = Literal["body", "lead", "note", "alert", "code"]
Style = Literal["plain", "strong", "soft", "total", "line"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (a chapter), 2 or 3; `number` is told with it (`3`, `3.2`) and never made by the drawer."""

    level: int
    text: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`lead` stands large under a title, `note` small, `alert` is framed as a warning, `code` is a command or hash."""

    text: str
    role: Role = "body"


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that must be seen first; `style` is an outcome (`selected`, ...), `received` or `money`."""

    label: str
    value: str
    style: str


@dataclass(frozen=True, slots=True)
class Tiles:
    items: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `width` is its share of what the widths of all columns add up to."""

    label: str
    width: int
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table. A `line` has one cell that spans the whole table: here the selection ends.

    `strong` stands out, `soft` stands back (not selected), `total` is a sum.
    """

    cells: tuple[str, ...]
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its header is repeated on every page. `wide` asks for a page on its side, where a format has one."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    note: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG, `width` millimetres wide (`charts.png` makes pixels of it). `alt` says what it shows."""

    svg: bytes
    alt: str
    caption: str
    width: int = 165


@dataclass(frozen=True, slots=True)
class Contents:
    """Here stands the list of chapters, where a format can make one."""

    title: str


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Tiles | Facts | Bullets | Grid | Figure | Contents | PageBreak


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. `sample_note` is empty, or stands on every page. `made` is the moment of the decision, ISO 8601.

    `kicker` stands small above the title, `footer` small at the foot of every page beside the page's number.
    `sample_word` marks every `Words(sample=True)`.
    """

    title: str
    subtitle: str
    language: str
    sample_note: str
    parts: tuple[Block, ...]
    kicker: str = ""
    footer: str = ""
    made: str = ""
    sample_word: str = ""

    def texts(self) -> Iterator[str]:
        """Every text of the paper, in reading order."""
        yield from (self.kicker, self.title, self.subtitle)
        for part in self.parts:
            yield from _texts(part)


def _texts(part: Block) -> Iterator[str]:
    match part:
        case Heading() | Paragraph():
            yield part.text
        case Tiles(items):
            for tile in items:
                yield from (tile.label, tile.value)
        case Facts() | Bullets():
            yield from texts_of(part)
        case Grid():
            yield part.title
            yield from (column.label for column in part.columns)
            for line in part.rows:
                yield from line.cells
            yield part.note
        case Figure():
            yield part.caption
        case Contents():
            yield part.title


__all__ = [
    "Block", "Bullets", "Column", "Contents", "Facts", "Figure", "Grid", "Heading", "Line", "PageBreak", "Paper",
    "Paragraph", "Row", "Tile", "Tiles", "Words",
]  # fmt: skip
