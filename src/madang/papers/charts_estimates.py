"""The chart of estimates: a point with its interval for each application, in the order of the ranking, and the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from madang.papers.charts import WIDTHS, Chart, Spec

_STEP: Final = 22  # px for each application
_LABELS: Final = 230  # px for the labels beside
_CHANCE: Final = 70  # px for the probability at the right edge


@dataclass(frozen=True, slots=True)
class Interval:
    """A point with its interval: its label (no two alike), and the words at its end. A drawing, no official number."""

    label: str
    middle: float
    low: float
    high: float
    text: str
    above: bool


def interval_chart(rows: Sequence[Interval], *, title: str, description: str, line: int | None = None) -> Chart:
    """Intervals in the order given; a dashed line after the first `line`; filled points are above it."""
    values = [
        {"label": r.label, "middle": r.middle, "low": r.low, "high": r.high, "text": r.text, "group": int(not r.above)}
        for r in rows
    ]
    plot = WIDTHS["wide"] - _LABELS - _CHANCE
    y: Spec = {"field": "label", "type": "nominal", "sort": None, "title": None}
    y["axis"] = {"minExtent": _LABELS - 10, "labelLimit": _LABELS - 14}
    low, high = min((r.low for r in rows), default=0.0), max((r.high for r in rows), default=1.0)
    x: Spec = {"field": "middle", "type": "quantitative", "title": None}
    x["scale"] = {"domain": [low, high], "zero": False, "nice": True}
    span: Spec = {**x, "field": "low"}
    colours = {"domain": [0, 1], "range": [{"theme": "mark"}, {"theme": "empty"}]}
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "stroke": {"theme": "text"}, "strokeWidth": 1.2},
            "encoding": {"x": span, "x2": {"field": "high"}, "y": y},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "stroke": {"theme": "text"}, "strokeWidth": 1,
                     "opacity": 1},
            "encoding": {
                "x": x,
                "y": y,
                "fill": {"field": "group", "type": "nominal", "legend": None, "scale": colours},
            },
        },
        {
            "mark": {"type": "text", "align": "right"},
            "encoding": {"x": {"value": plot + _CHANCE - 6}, "y": y, "text": {"field": "text"}},
        },
    ]  # fmt: skip
    if line and line < len(values):
        rule: Spec = {"type": "rule", "stroke": {"theme": "text"}, "strokeWidth": 1.4, "strokeDash": [5, 3]}
        below = {"field": "label", "type": "nominal", "sort": None, "bandPosition": 1.05}
        layers.append({"data": {"values": [values[line - 1]]}, "mark": rule, "encoding": {"y": below}})
    spec: Spec = {
        "width": plot,
        "height": {"step": _STEP},
        "autosize": {"type": "pad", "contains": "content"},
        "padding": {"left": 0, "right": _CHANCE, "top": 4, "bottom": 4},
        "data": {"values": values},
        "layer": layers,
    }
    return Chart(title, description, {"wide": spec})
