"""Numbers and amounts as people write them -> exact. What may be two numbers is asked, not guessed."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from madang.core.callspec.asked import WON_PER_UNIT
from madang.core.form.written import DECIMAL_COMMA, EXPONENT, PERCENT, WITH_UNIT, plain
from madang.core.problem import DECIMALS, LARGEST
from madang.papers.plan import Column
from madang.papers.refusal import WIDE, Refused, shown
from madang.papers.tables import Cell, Percent

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3}){2,9}(\.[0-9]{1,30})?|[+-]?[0-9]{1,3},[0-9]{3}\.[0-9]{1,30}")
_ONE_GROUP = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")
#: Units of money as Korean offices write them -> the unit of a header.
UNITS = {
    "원": "one", "천원": "thousand", "만원": "", "백만원": "million", "백만": "million", "천만원": "", "억원": "eok",
    "억": "eok", "십억원": "billion", "십억": "billion", "조원": "", "krw": "one", "won": "one",
}  # fmt: skip


def number_of(cell: Cell, column: Column, *, typed: bool, unit: str) -> Any:
    """What a number's column asks for: decimal text, a whole number, or whole won. Raises `Refused`."""
    number = _exact(cell, column, typed, unit)
    if column.kind == "money":
        return _won(number, unit)
    places = -int(number.normalize().as_tuple().exponent)
    if places > DECIMALS:
        raise Refused("too_many_decimals_here", given=shown(str(cell)), max=DECIMALS)
    if column.kind == "whole" and places > 0:
        raise Refused("not_a_whole_number", given=plain(number))
    if places > column.decimals:
        raise Refused("too_many_decimals_here", given=plain(number), max=column.decimals)
    if column.kind != "score":  # a score is held against the scale of its row's stage
        _in_range(number, column)
    return int(number) if column.kind == "whole" else plain(number)


def _exact(cell: Cell, column: Column, typed: bool, unit: str) -> Decimal:
    """The number as the shortest decimal text of what the cell holds."""
    if isinstance(cell, Percent):
        stored = Decimal(repr(float(cell)))
        raise Refused("percent_cell", given=f"{plain(stored * 100)}%", stored=plain(stored))
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        raise Refused("number_is_a_date", given=shown(str(cell)))
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Refused("not_a_number_here", given=shown(str(cell).lower()))
    text = _digits(cell, column, typed, unit) if isinstance(cell, str) else repr(cell)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Refused("not_a_number_here", given=shown(text)) from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise Refused("cell_number_too_large", given=shown(text))
    return number


def _digits(given: str, column: Column, typed: bool, unit: str) -> str:
    """The digits of a number written as text.

    Commas between groups of three hold where they can only be thousands: with two groups or a point behind, and in
    whole won, which have no thousandths.
    """
    text = given.translate(WIDE).replace("\u00a0", " ").replace("\u2212", "-").strip()
    won = column.kind == "money" and unit == "one"
    if _NUMBER.fullmatch(text) or _GROUPS.fullmatch(text) or (won and _ONE_GROUP.fullmatch(text)):
        if typed:
            raise Refused("number_as_text", given=shown(given))
        return text.replace(",", "")
    raise _why_not(text, given, column)


def _why_not(text: str, given: str, column: Column) -> Refused:
    """What stands in the way of a number, with the mend."""
    told = shown(given)
    if _ONE_GROUP.fullmatch(text):
        return Refused("comma_in_number", given=told, thousands=text.replace(",", ""), decimal=text.replace(",", "."))
    if DECIMAL_COMMA.fullmatch(text):
        return Refused("decimal_comma", given=told, meant=text.replace(".", "").replace(",", "."))
    if PERCENT.fullmatch(text):
        return Refused("number_with_percent", given=told)
    if EXPONENT.fullmatch(text):
        return Refused("number_in_exponent", given=told)
    found = WITH_UNIT.fullmatch(text)
    if not found or len(found[1]) == len(text) or not (found[2] or "원").removesuffix(".").isalpha():
        return Refused("not_a_number_here", given=told)
    number = found[1].replace(",", "")
    header = UNITS.get((found[2] or "원").casefold())
    if column.kind == "money" and header:
        return Refused("money_with_unit", given=told, number=number, header=f"{column.id} [{header}]")
    return Refused("number_with_unit", given=told, number=number)


def _in_range(number: Decimal, column: Column) -> None:
    low, high = column.low, column.high
    if (low is None or number >= low) and (high is None or number <= high):
        return
    if low is not None and high is not None:
        raise Refused("cell_out_of_range", given=plain(number), min=plain(low), max=plain(high))
    if low is not None:
        raise Refused("cell_below_range", given=plain(number), min=plain(low))
    assert high is not None
    raise Refused("cell_above_range", given=plain(number), max=plain(high))


def _won(number: Decimal, unit: str) -> int:
    won = number * WON_PER_UNIT[unit]
    if won < 0:
        raise Refused("money_below_zero", given=plain(number))
    if won != won.to_integral_value():
        raise Refused("not_whole_won", given=plain(number), unit=unit)
    if won > LARGEST:
        raise Refused("cell_number_too_large", given=plain(number))
    return int(won)
