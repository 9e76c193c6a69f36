"""Why a cell does not hold what its column asks for."""

from __future__ import annotations

from madang.core.form.written import WIDE, shown
from madang.core.reasons import Param

__all__ = ["WIDE", "Refused", "shown"]


class Refused(Exception):
    """This cell does not hold what its column asks for."""

    def __init__(self, code: str, **params: Param) -> None:
        self.code = code
        self.params = params
        super().__init__(code)
