"""The chart of scores: lying bars in the order given, with outcome in colour and in words, and the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from madang.papers.charts import WIDTHS, Chart, Spec

_STEP: Final = 24  # px for each bar
_LABELS: Final = 230  # px for the labels beside the bars
_GROUPS: Final = ("selected", "reserve")  # any other outcome is drawn as the third


@dataclass(frozen=True, slots=True)
class Score:
    """A bar: its label (no two alike), its score, the words at its end, and the outcome that colours it."""

    label: str
    score: Fraction
    text: str
    outcome: str


def score_chart(
    scores: Sequence[Score], *, title: str, description: str, line: int | None = None, mark: Fraction | None = None
) -> Chart:
    """Scores in the order given; a dashed line after the first `line` bars, or across them at `mark`."""
    return Chart(title, description, {"wide": _spec(scores, line, mark)})


def _spec(scores: Sequence[Score], line: int | None, mark: Fraction | None) -> Spec:
    rows = [_row(score) for score in scores]
    plot = WIDTHS["wide"] - _LABELS
    top = float(max([*(score.score for score in scores), mark or Fraction(0)], default=Fraction(1))) or 1.0
    longest = max((_width(score.text) for score in scores), default=1)
    room = top * plot / max(plot - longest - 12, plot / 3)  # so that bars and mark end before the words at the edge
    y: Spec = {"field": "label", "type": "nominal", "sort": None, "title": None}
    y["axis"] = {"minExtent": _LABELS - 10, "labelLimit": _LABELS - 14}
    y["scale"] = {"paddingInner": 0.32, "paddingOuter": 0.16}
    x: Spec = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, room]}}
    colours = [{"theme": "mark"}, {"theme": "second"}, {"theme": "empty"}]
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 3, "stroke": {"theme": "faint"}, "strokeWidth": 0.4},
            "encoding": {
                "x": x,
                "y": y,
                "color": {
                    "field": "group",
                    "type": "ordinal",
                    "legend": None,
                    "scale": {"domain": [0, 1, 2], "range": colours},
                },
            },
        },
        {
            "mark": {"type": "text", "align": "right", "fontWeight": "bold"},
            "encoding": {"x": {"value": plot}, "y": y, "text": {"field": "text"}},
        },
    ]
    rule: Spec = {"type": "rule", "stroke": {"theme": "text"}, "strokeWidth": 1.4, "strokeDash": [5, 3]}
    if line and line < len(rows):
        below = {"field": "label", "type": "nominal", "sort": None, "bandPosition": 1.235}  # between two bars
        layers.append({"data": {"values": [rows[line - 1]]}, "mark": rule, "encoding": {"y": below}})
    if mark is not None:
        layers.append({"data": {"values": [{"value": float(mark)}]}, "mark": rule, "encoding": {"x": x}})
    return {
        "width": plot,
        "height": {"step": _STEP},
        "autosize": {"type": "pad", "contains": "content"},
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 4},
        "data": {"values": rows},
        "layer": layers,
    }


def _row(score: Score) -> dict[str, Any]:
    """A drawing is no official number: here a fraction becomes a length."""
    group = _GROUPS.index(score.outcome) if score.outcome in _GROUPS else len(_GROUPS)
    return {"label": score.label, "value": float(score.score), "text": score.text, "group": group}


def _width(text: str) -> int:
    return sum(13 if ord(letter) > 0x1100 else 8 for letter in text)
