"""A report as HTML: a piece for a page of another site, and a page of its own. No script, nothing is loaded.

The piece has plain elements and classes that begin with `madang-`; the site that takes it brings its own look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, tostring  # writes only; nothing is parsed

from madang.papers.blocks import Figure, Grid, Heading, Line, Paper, Paragraph
from madang.papers.html import h

_STYLE: Final = """\
body { margin: 0 auto; max-width: 50rem; padding: 2rem 1rem; color: #1e2124; background: #fff;
  font: 1rem/1.7 "Pretendard GOV", "Noto Sans KR", sans-serif; }
h1 { font-size: 1.8rem; line-height: 1.35; } h2 { margin-top: 2.5rem; } h3 { margin-top: 2rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .6rem; border-bottom: 1px solid #b1b8be; text-align: left; }
.madang-number { text-align: right; } .madang-total > * { font-weight: 700; border-top: 2px solid #464c53; }
.madang-scroll { overflow-x: auto; } .madang-note, figcaption { color: #464c53; font-size: .9rem; }
.madang-sample { padding: .6rem 1rem; border: 2px solid #4a1d78; color: #4a1d78; font-weight: 700; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
"""
_ROLES: Final = {"body": None, "alert": "madang-sample"}


def fragment(paper: Paper) -> str:
    """The report as one `<article>`."""
    head = [h("h1", paper.title), h("p", paper.subtitle, class_="madang-note")]
    inside = "".join([*map(_text, head), *_body(paper)])
    return f'<article class="madang-report" lang="{paper.language}">{inside}</article>\n'


def page(paper: Paper) -> str:
    """The same as a whole page."""
    title = f"[{paper.sample_word}] {paper.title}" if paper.sample_note else paper.title
    head = "".join(
        [
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            _text(h("title", title)),
            f"<style>{_STYLE}</style>",
        ]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{paper.language}"><head>{head}</head><body>\n{fragment(paper)}</body></html>\n'
    )


def _body(paper: Paper) -> Iterator[str]:
    heading = ""
    for part in paper.parts:
        match part:
            case Heading():
                heading = part.text
                yield _text(h(f"h{part.level + 1}", part.text))
            case Paragraph(text, role):
                yield _text(h("p", text, class_=_ROLES.get(role, "madang-note")))
            case Grid():
                yield _text(_table(part, part.title or heading))
            case Figure():
                caption = _text(h("figcaption", part.caption)) if part.caption else ""
                yield f"<figure>{part.svg.decode()}{caption}</figure>"


def _table(table: Grid, title: str) -> Element:
    numeric = [column.align == "right" for column in table.columns]
    heads = (
        h("th", column.label, scope="col", class_="madang-number" if number else None)
        for column, number in zip(table.columns, numeric, strict=True)
    )
    rows = [_row(line, numeric) for line in table.rows]
    whole = h("table", h("caption", title), h("thead", h("tr", *heads)), h("tbody", *rows))
    note = h("p", table.note, class_="madang-note") if table.note else None
    scrolled = h("div", whole, class_="madang-scroll", role="region", tabindex=0, aria_label=title)
    return h("div", scrolled, note)


def _row(line: Line, numeric: list[bool]) -> Element:
    first, *rest = line.cells
    cells = (h("td", cell, class_="madang-number" if n else None) for cell, n in zip(rest, numeric[1:], strict=True))
    return h("tr", h("th", first, scope="row"), *cells, class_="madang-total" if line.style == "total" else None)


def _text(element: Element) -> str:
    return tostring(element, encoding="unicode", method="html")
