"""Figures for the press: every number of a reception by a stable name, texts filled from them, and the check that marks
a number which no longer matches (`docs/formats/press.md`).
"""

from madang.core.statistics.press.check import CHANGED, MATCHES, OTHER_UNIT, SEVERAL, UNKNOWN, Mark, check, rebased
from madang.core.statistics.press.figures import Figure, differences, figures_of
from madang.core.statistics.press.numbers import Number, numbers_in
from madang.core.statistics.press.text import Filled, escaped, fill, names_in

__all__ = [
    "CHANGED",
    "MATCHES",
    "OTHER_UNIT",
    "SEVERAL",
    "UNKNOWN",
    "Figure",
    "Filled",
    "Mark",
    "Number",
    "check",
    "differences",
    "escaped",
    "figures_of",
    "fill",
    "names_in",
    "numbers_in",
    "rebased",
]
