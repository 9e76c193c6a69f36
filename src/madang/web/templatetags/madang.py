"""What the shared parts need beyond Django's own tags."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from madang.papers.charts import Chart
from madang.papers.charts_theme import PALETTES
from madang.web.drawing import draw

register = template.Library()


@register.filter
def beside(columns: Iterable[Any], cells: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Columns with their cells, for a row of a table; refuses a row of another length."""
    return list(zip(columns, cells, strict=True))


@register.filter
def linestart(text: str) -> str:
    """A text for a textarea: browsers drop a line end right after the tag, so one that counts needs another."""
    return f"\n{text}" if str(text).startswith("\n") else str(text)


@register.simple_tag(takes_context=True)
def chart(context: template.Context, picture: Chart) -> SafeString:
    """A chart for the reader's mode; a reader who follows the device gets both, and the style sheet shows one."""
    mode = context.get("mode", "light")
    themes = ["light", "high-contrast"] if mode == "theme" else [mode]
    return format_html_join("", "{}", ((_drawn(picture, theme, both=len(themes) > 1),) for theme in themes))


def _drawn(picture: Chart, theme: str, *, both: bool) -> SafeString:
    # The SVG is our own renderer's: text in it is escaped there.
    drawings = ((width, mark_safe(draw(picture, theme=theme, width=width))) for width in picture.specs)  # noqa: S308
    return format_html(
        '<div class="m-drawn"{}>{}{}</div>',
        format_html(' data-for="{}"', theme) if both else "",
        format_html_join("", '<div class="m-drawn-{}">{}</div>', drawings),
        _legend(picture, theme),
    )


def _legend(picture: Chart, theme: str) -> SafeString | str:
    """The classes of a map in HTML, where text keeps its size however narrow the map gets."""
    if not picture.legend:
        return ""
    swatch = (
        '<li><svg width="18" height="18" aria-hidden="true">'
        '<rect class="m-swatch" width="18" height="18" fill="{}"/></svg>{}</li>'
    )
    steps = PALETTES[theme].steps
    return format_html(
        '<ul class="m-legend">{}</ul>',
        format_html_join("", swatch, ((steps[step], label) for label, step in picture.legend)),
    )


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str, values: dict[str, Any]) -> SafeString:
    """A part drawn with the values given for it (the style guide names parts as data)."""
    engine = context.template.engine
    with context.push(**values):
        return engine.get_template(name).render(context)
