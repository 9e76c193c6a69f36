"""Why a cell does not hold what its column asks for."""

from __future__ import annotations

from madang.core.reasons import Param


class Refused(Exception):
    """This cell does not hold what its column asks for."""

    def __init__(self, code: str, **params: Param) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


def shown(text: str) -> str:
    """What was given, short and on one line, for a sentence."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= 60 else flat[:57] + "..."


#: Full-width digits and signs, as Korean and Japanese keyboards type them. Nothing else is taken for a digit.
WIDE = str.maketrans("０１２３４５６７８９．，－＋％／：（）", "0123456789.,-+%/:()")
