"""The look of every chart and map, in one place: fonts, sizes, and the palette of each display mode."""

from dataclasses import dataclass
from typing import Any, Final

FONT: Final = "Pretendard GOV Variable, Pretendard GOV, Noto Sans KR, Noto Sans CJK KR, sans-serif"
SMALLEST_TEXT: Final = 13  # px; a chart is drawn for its width and never scaled down below this


@dataclass(frozen=True)
class Palette:
    """Colours of one mode. `steps` run from few to many, in order of lightness: grey paper shows them too."""

    text: str
    faint: str
    rule: str
    mark: str
    second: str
    empty: str
    border: str
    steps: tuple[str, ...]


PALETTES: Final = {
    "light": Palette(
        text="#1e2124", faint="#464c53", rule="#e6e8ea", mark="#0b50d0", second="#0a7c72", empty="#dde3ea",
        border="#ffffff", steps=("#b1cefb", "#6f9ff5", "#256ef4", "#083891", "#03163a"),
    ),
    "high-contrast": Palette(
        text="#ffffff", faint="#e6e8ea", rule="#464c53", mark="#86aff9", second="#7ee0d2", empty="#33363d",
        border="#000000", steps=("#1c4cad", "#3f78e8", "#86aff9", "#c4dafc", "#ffffff"),
    ),
}  # fmt: skip


def config(palette: Palette) -> dict[str, Any]:
    """Vega-Lite's `config` for a palette."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": SMALLEST_TEXT, "titleFontSize": SMALLEST_TEXT}
    return {
        "aria": False,  # the picture as a whole is described; its parts are in the table beside it
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "axis": text
        | {
            "labelColor": palette.text,
            "titleColor": palette.faint,
            "titleFontWeight": "normal",
            "gridColor": palette.rule,
            "domain": False,
            "ticks": False,
            "labelPadding": 8,
            "labelLimit": 400,
        },
        "legend": text | {"labelColor": palette.text, "titleColor": palette.faint, "orient": "top"},
        "text": {"font": FONT, "fontSize": SMALLEST_TEXT, "color": palette.text},
    }
