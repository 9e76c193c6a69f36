"""The pictures of a paper: bars of reception and scores, the world map with its classes, the QR code of a root.

Whoever lays out a paper gets SVG with its words; a picture that cannot be drawn is left out, its table says the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

import segno

from madang.papers import charts
from madang.papers.blocks import Figure
from madang.papers.charts_estimates import Interval, interval_chart
from madang.papers.charts_scores import Score, score_chart
from madang.papers.charts_theme import FONT, PALETTES, SMALLEST_TEXT

_PALETTE = PALETTES["light"]
_LEGEND_HEIGHT = 36
_SIZE = re.compile(r' (?:width|height|viewBox)="[^"]*"')


def bars(rows: Sequence[tuple[str, int, str]], *, title: str, description: str) -> Figure | None:
    """Lying bars for (label, number, its words), in the order given; the heading above them is their caption."""
    counted = [Score(label, Fraction(number), told, "selected") for label, number, told in rows]
    return _drawn(score_chart(counted, title=title, description=description), "wide", caption="")


def scores(
    rows: Sequence[Score], *, title: str, description: str, line: int | None, mark: Fraction | None, note: str
) -> Figure | None:
    """Scores in their order, with the line after the last one selected, or the mark to be reached."""
    chart = score_chart(rows, title=title, description=description, line=line, mark=mark)
    return _drawn(chart, "wide", caption=f"{title}. {note}" if note else title)


def intervals(rows: Sequence[Interval], *, title: str, description: str, line: int) -> Figure | None:
    """Estimates with their intervals, and the line after the first `line`."""
    return _drawn(interval_chart(rows, title=title, description=description, line=line), "wide", caption=title)


def world(counts: Mapping[str, int], *, title: str, description: str, unit: str, note: str) -> Figure | None:
    """How many per country; the classes of the colours stand below the map."""
    chart = charts.world_map(counts, title=title, description=description, unit=unit)
    figure = _drawn(chart, "any", caption=f"{title}. {note}")
    return figure and Figure(_with_legend(figure.svg.decode(), chart.legend).encode(), figure.alt, figure.caption)


def not_on_the_map(counts: Mapping[str, int]) -> tuple[str, ...]:
    """The codes that have no place on the map."""
    return charts.world_map(counts, title="", description="").left_out


def qr(text: str, *, alt: str, caption: str) -> Figure:
    """A QR code that still reads with a seventh of it spoilt, and its quiet zone of four modules."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, border=4, xmldecl=False, dark="#000")
    return Figure(out.getvalue(), alt, caption, width=42)


def _drawn(chart: charts.Chart, width: str, caption: str) -> Figure | None:
    with suppress(charts.ChartError):
        picture = charts.draw(chart, theme="light", width=width)
        return Figure(picture.encode(), chart.description, caption)
    return None


def _with_legend(picture: str, legend: Sequence[tuple[str, int]]) -> str:
    """The map with a swatch and its words for each class below it."""
    width, height = charts.MAP_WIDTH, charts.MAP_HEIGHT
    step = min(120, width // max(len(legend), 1))
    left = (width - step * len(legend)) // 2
    swatches = "".join(
        f'<rect x="{left + n * step}" y="{height + 12}" width="16" height="16" fill="{_PALETTE.steps[shade]}"/>'
        f'<text x="{left + n * step + 24}" y="{height + 25}" font-family="{FONT}" font-size="{SMALLEST_TEXT}px" '
        f'fill="{_PALETTE.text}">{label}</text>'
        for n, (label, shade) in enumerate(legend)
    )
    inner = picture[picture.index(">") + 1 : picture.rindex("</svg>")]
    head = _SIZE.sub("", picture[: picture.index(">")])
    whole = height + _LEGEND_HEIGHT
    return f'{head} width="{width}" height="{whole}" viewBox="0 0 {width} {whole}">{inner}{swatches}</svg>'
