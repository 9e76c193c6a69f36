"""Charts of the site: drawn by the papers' renderer, kept in the installation's cache."""

from pathlib import Path

from django.conf import settings

from madang.papers import charts


def draw(chart: charts.Chart, *, theme: str, width: str) -> str:
    """The SVG of a chart for a mode and one of its widths. Errors: ChartError. Cost: a file read, once drawn."""
    return charts.draw(chart, theme=theme, width=width, cache=Path(settings.DATA) / "cache" / "charts")
