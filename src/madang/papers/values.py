"""A cell -> the value that its column asks for, or why not. Exact: no float reaches a score or an amount."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from madang.core.callspec.model import WON_PER_UNIT
from madang.core.problem import DECIMALS, LARGEST
from madang.core.reasons import Param
from madang.papers.plan import NUMERIC, Column
from madang.papers.tables import Cell

_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")
_WHOLE_AS_DECIMAL = re.compile(r"\d+\.0+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(:\d{2})?)?")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class Refused(Exception):
    """This cell does not hold what its column asks for."""

    def __init__(self, code: str, **params: Param) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Known:
    """Ids that hold beyond the definition: `sets` by the name of the classification, `country` among them.

    A set that is not given is not checked. `sample`: the invented countries XA-XZ hold too.
    """

    sets: Mapping[str, Collection[str]] = field(default_factory=dict)
    sample: bool = False


def value_of(cell: Cell, column: Column, *, typed: bool, known: Known = Known(), unit: str | None = None) -> Any:
    """What a filled cell means in its column: text, ids, whole won, decimal text, true/false or an ISO date.

    `typed`: the file tells numbers from text (XLSX), so that a number written as text is refused.
    `unit`: the unit of money in the header, else won. Raises `Refused`.
    """
    if column.kind in NUMERIC:
        return _numeric(cell, column, typed, unit or "one")
    match column.kind:
        case "id":
            return identity(cell)
        case "choice":
            return _option(identity(cell), column, known)
        case "choices" | "tags":
            return _options(cell, column, known)
        case "country":
            return _country(text_of(cell), known)
        case "yes_no":
            return _yes_no(cell)
        case "date":
            return _day(cell)
        case "moment":
            return _moment(cell)
    return _text(cell, column)


def text_of(cell: Cell) -> str:
    """A cell as text: numbers by their digits, dates in ISO form."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= LARGEST:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


def identity(cell: Cell) -> str:
    """An id. A spreadsheet program may have made a number of it: `1` and `1.0` are the id `1`."""
    text = unicodedata.normalize("NFC", text_of(cell))
    if _WHOLE_AS_DECIMAL.fullmatch(text):
        text = text.partition(".")[0]
    if len(text) > 200 or any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text):
        raise Refused("not_an_id", given=shown(text))
    return text


def shown(text: str) -> str:
    """What was given, short and on one line, for a sentence."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= 60 else flat[:57] + "..."


def nearest(given: str, among: Collection[str]) -> str:
    return next(iter(get_close_matches(given[:100].lower(), sorted(among), 1, 0.5)), "")


def plain(number: Decimal) -> str:
    """`Decimal("80.50")` -> `80.5`: one text for one number."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


# -- numbers ------------------------------------------------------------------------------------------------------


def _numeric(cell: Cell, column: Column, typed: bool, unit: str) -> Any:
    number = _exact(cell, typed)
    if column.kind == "money":
        return _won(number, unit)
    places = -int(number.normalize().as_tuple().exponent)
    if places > DECIMALS:
        raise Refused("too_many_decimals_here", given=shown(str(cell)), max=DECIMALS)
    if column.kind == "whole" and places > 0:
        raise Refused("not_a_whole_number", given=shown(text_of(cell)))
    if places > column.decimals:
        raise Refused("too_many_decimals_here", given=shown(text_of(cell)), max=column.decimals)
    if column.kind != "score":  # a score is held against the scale of its row's stage
        _in_range(number, column)
    return int(number) if column.kind == "whole" else plain(number)


def _exact(cell: Cell, typed: bool) -> Decimal:
    """The number as the shortest decimal text of what the cell holds."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Refused("not_a_number_here", given=shown(text_of(cell)))
    if isinstance(cell, str):
        if not _NUMBER.fullmatch(cell):
            raise Refused("not_a_number_here", given=shown(cell))
        if typed:
            raise Refused("number_as_text", given=shown(cell))
    try:
        number = Decimal(cell if isinstance(cell, str) else repr(cell))
    except InvalidOperation:
        raise Refused("not_a_number_here", given=shown(str(cell))) from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise Refused("cell_number_too_large", given=shown(str(cell)))
    return number


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


# -- words --------------------------------------------------------------------------------------------------------


def _option(given: str, column: Column, known: Known) -> str:
    among: Collection[str] | None = column.options or known.sets.get(column.known_set)
    if among is None or given in among:
        return given
    near = nearest(given, among)
    options = sorted(among) if len(among) > 12 else list(among)
    raise Refused("not_an_option", given=shown(given), nearest=near or "-", options=options[:12])


def _options(cell: Cell, column: Column, known: Known) -> Any:
    given = [part.strip() for part in text_of(cell).split(";") if part.strip()]
    if len(set(given)) != len(given):
        raise Refused("option_repeated", given=shown(text_of(cell)))
    if column.kind == "tags":
        return tuple(identity(part) for part in given)
    return [_option(identity(part), column, known) for part in given]


def _country(given: str, known: Known) -> str:
    if not re.fullmatch(r"[A-Z]{2}", given):
        raise Refused("not_an_iso_country", given=shown(given))
    among = known.sets.get("country")
    if among is None or given in among or (known.sample and given[0] == "X"):
        return given
    raise Refused("country_not_in_set", given=given)


def _yes_no(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    answer = _YES_NO.get(text_of(cell).lower())
    if answer is None:
        raise Refused("not_yes_no_here", given=shown(text_of(cell)))
    return answer


def _text(cell: Cell, column: Column) -> str:
    text = text_of(cell)
    if column.max_characters is not None and len(text) > column.max_characters:
        raise Refused("too_many_characters", count=len(text), max=column.max_characters)
    if column.max_words is not None and (words := len(text.split())) > column.max_words:
        raise Refused("too_many_words", count=words, max=column.max_words)
    return text


# -- days ---------------------------------------------------------------------------------------------------------


def _day(cell: Cell) -> str:
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, str) and _DAY.fullmatch(cell) and _real(cell):
        return cell
    raise Refused("not_an_iso_day", given=shown(text_of(cell)))


def _moment(cell: Cell) -> str:
    """Whole seconds, rounded down; a cell's time is stored as a fraction of a day, hence the millisecond of grace."""
    if isinstance(cell, dt.datetime):
        return (cell + dt.timedelta(milliseconds=1)).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    found = _MOMENT.fullmatch(cell) if isinstance(cell, str) else None
    if found and _real(found.group(0)):
        day, minute, second = found.groups()
        return day + (f" {minute}{second or ':00'}" if minute else "")
    raise Refused("not_an_iso_moment", given=shown(text_of(cell)))


def _real(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
