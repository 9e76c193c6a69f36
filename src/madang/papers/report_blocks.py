"""The blocks of a paper as parts of the HTML report: headings, facts, lists and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from madang.papers.blocks import Block, Bullets, Column, Facts, Grid, Heading, Line, Paragraph, Words
from madang.papers.html import h


def drawn(blocks: Iterable[Block]) -> Iterator[Element]:
    """One element for each block that a page can show; contents, page breaks and figures are a printed paper's.

    A table without a title of its own is called what the heading above it says.
    """
    heading = ""
    for block in blocks:
        match block:
            case Heading():
                heading = block.text
                yield h(f"h{min(block.level + 1, 6)}", block.text)
            case Paragraph(text, role):
                yield h("code" if role == "code" else "p", text, class_=None if role == "body" else role)
            case Facts():
                yield h("dl", *_facts(block), class_="facts")
            case Bullets():
                yield h("ul", *(h("li", *_words(item)) for item in block.items), class_="prose plain")
            case Grid():
                yield grid(block, block.title or heading)


def _facts(facts: Facts) -> Iterator[Element]:
    for row in facts.rows:
        yield h("dt", row.label)
        yield h("dd", *(h("span", *_words(value), class_="value") for value in row.values))


def _words(said: Words) -> tuple[Element | str | None, ...]:
    return said.text, h("small", said.note, class_="note") if said.note else None


def grid(table: Grid, title: str) -> Element:
    """A table that scrolls by itself where the screen is narrow, with the keyboard too."""
    head = h("tr", *(h("th", column.label, scope="col", class_=_side(column)) for column in table.columns))
    rows = [_row(line, table.columns) for line in table.rows]
    drawn_table = h("table", h("caption", title), h("thead", head), h("tbody", *rows))
    note = h("p", table.note, class_="note") if table.note else None
    return h("div", drawn_table, note, class_="wide", role="region", aria_label=title, tabindex=0)


def _row(line: Line, columns: tuple[Column, ...]) -> Element:
    if line.style == "line":
        return h("tr", h("td", *line.cells, colspan=len(columns)), class_="line")
    cells = zip(line.cells, columns, strict=True)
    return h("tr", *(h("td", *_lines(cell), class_=_side(column)) for cell, column in cells))


def _lines(cell: str) -> Iterator[Element | str]:
    """The lines of a cell, with breaks between them."""
    for number, text in enumerate(cell.split("\n")):
        if number:
            yield h("br")
        yield text


def _side(column: Column) -> str | None:
    return "number" if column.align == "right" else None
