"""The intake curve: how many applications had arrived by each day before the close, this round and an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madang.papers.charts import WIDTHS, Chart, Spec

Curve = Mapping[int, int]
"""Day (0: the day of the close; -1: the one before it) -> how many had arrived by its end; without gaps."""


def cumulative(days: Mapping[int, int], last: int) -> dict[int, int]:
    """How many had arrived by the end of each day, from the first on which one came to `last`. What came later counts
    on no day of the curve.
    """
    known = [day for day in days if day <= last]
    found, so_far = {}, 0
    for day in range(min(known, default=last), last + 1):
        so_far += days.get(day, 0)
        found[day] = so_far
    return found


def intake_chart(
    curve: Curve, earlier: Curve, *, names: tuple[str, str], title: str, description: str, axis: str
) -> Chart:
    """Two lines that climb in steps; the earlier round's is dashed, and each says at its end whose it is."""
    specs = {name: _spec(curve, earlier, names, axis, width) for name, width in WIDTHS.items()}
    return Chart(title, description, specs)


def _spec(curve: Curve, earlier: Curve, names: tuple[str, str], axis: str, width: int) -> Spec:
    rows: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for series, points in enumerate((curve, earlier)):
        rows += [{"day": day, "n": n, "series": series} for day, n in sorted(points.items())]
        if points:
            day = max(points)
            ends.append({"day": day, "n": points[day], "series": series, "text": f"{names[series]} {points[day]:,}"})
    first, last = min(row["day"] for row in rows), max(row["day"] for row in rows)
    top = max(row["n"] for row in rows) or 1
    span = max(last - first, 1)
    x: Spec = {
        "field": "day",
        "type": "quantitative",
        "title": axis,
        "scale": {"domain": [first, last + span * 0.02], "nice": False},
        "axis": {"grid": False, "tickCount": 4 if width < WIDTHS["middle"] else 7, "format": "d"},
    }
    y: Spec = {
        "field": "n",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, top * 1.18]},
        "axis": {"tickCount": 4, "format": ",d"},
    }
    colour: Spec = {
        "field": "series",
        "type": "ordinal",
        "legend": None,
        "scale": {"domain": [0, 1], "range": [{"theme": "mark"}, {"theme": "second"}]},
    }
    dash: Spec = {
        "field": "series",
        "type": "ordinal",
        "legend": None,
        "scale": {"domain": [0, 1], "range": [[1, 0], [6, 4]]},
    }
    return {
        "width": width,
        "height": 240,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 0, "right": 4, "top": 8, "bottom": 0},
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.4},
                "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
            },
            {
                "data": {"values": ends},
                "mark": {
                    "type": "text",
                    "align": "right",
                    "baseline": "bottom",
                    "dx": -2,
                    "dy": -6,
                    "fontWeight": "bold",
                },
                "encoding": {"x": x, "y": y, "text": {"field": "text"}},
            },
        ],
    }
