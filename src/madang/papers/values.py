"""A cell -> the value that its column asks for, or why not. Exact: no float reaches a score or an amount.

Numbers are `figures`, days are `days`; here are ids, words and the one door to all of them.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from madang.core.form.count import characters, words
from madang.core.form.written import plain
from madang.core.problem import LARGEST
from madang.papers.days import Order, day_of, moment_of
from madang.papers.figures import number_of
from madang.papers.plan import NUMERIC, Column
from madang.papers.refusal import Refused, shown
from madang.papers.tables import Cell, seen

__all__ = ["Known", "Refused", "identity", "nearest", "plain", "shown", "text_of", "value_of"]

_WHOLE_AS_DECIMAL = re.compile(r"\d+\.0+")
_MONTH_OR_YEAR = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")
_IN_EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{1,3}")
_EXACT_DIGITS = 10**15  # a spreadsheet program holds 15 digits of a number
_YES_NO = {"yes": True, "true": True, "예": True, "no": False, "false": False, "아니오": False, "아니요": False}
_ERRORS = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)
_FORMULA = ("=", "+", "-", "@")  # tab and line end are no part of an id (see `identity`)
_HASHES = re.compile(r"#{3,}")


@dataclass(frozen=True, slots=True)
class Known:
    """What holds beyond the definition: `sets` of ids by the name of the classification, `country` among them.

    A set that is not given is not checked. `sample`: the invented countries XA-XZ hold too. `dates`: how the folder
    says that its dates with the year last are written.
    """

    sets: Mapping[str, Collection[str]] = field(default_factory=dict)
    sample: bool = False
    dates: Order | None = None


def value_of(cell: Cell, column: Column, *, typed: bool, known: Known = Known(), unit: str | None = None) -> Any:
    """What a filled cell means in its column: text, ids, whole won, decimal text, true/false or an ISO date.

    `typed`: the file tells numbers from text (XLSX, ODS), so that a number written as text is refused.
    `unit`: the unit of money in the header, else won. Raises `Refused`.
    """
    if isinstance(cell, str) and cell.startswith("#") and (cell in _ERRORS or _HASHES.fullmatch(cell)):
        raise Refused("error_value", given=shown(cell))
    if isinstance(cell, str) and column.kind != "text" and not (cell := seen(cell)):
        raise Refused("cell_unseen")
    if column.kind in NUMERIC:
        return number_of(cell, column, typed=typed, unit=unit or "one")
    match column.kind:
        case "id":
            return _no_formula(identity(cell))
        case "choice":
            return _option(identity(cell), column, known)
        case "choices" | "tags":
            return _options(cell, column, known)
        case "country":
            return _country(text_of(cell), known)
        case "yes_no":
            return _yes_no(cell)
        case "date":
            return day_of(cell, known.dates)
        case "partial_date":
            return _partial(cell, known)
        case "moment":
            return moment_of(cell, known.dates)
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
    """An id. A spreadsheet program may have made a number of it: `1` and `1.0` are the id `1`.

    What such a program spoils for good is refused: `3-4` that became a day, and digits beyond the fifteenth.
    """
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        raise Refused("id_is_a_date", given=shown(text_of(cell)))
    text = unicodedata.normalize("NFC", text_of(cell))
    lost = isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT_DIGITS
    if lost or _IN_EXPONENT.fullmatch(text):
        raise Refused("id_digits_lost", given=shown(text))
    if _WHOLE_AS_DECIMAL.fullmatch(text):
        text = text.partition(".")[0]
    if len(text) > 200 or any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text):
        raise Refused("not_an_id", given=shown(text))
    return text


def _no_formula(text: str) -> str:
    """Ids go into every table and paper; a spreadsheet program would run one that begins as a formula does."""
    if unicodedata.normalize("NFKC", text)[:1] in _FORMULA:
        raise Refused("id_like_a_formula", given=shown(text))
    return text


def nearest(given: str, among: Collection[str]) -> str:
    return next(iter(get_close_matches(given[:100].lower(), sorted(among), 1, 0.5)), "")


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


def _partial(cell: Cell, known: Known) -> str:
    """A day, or the month or year that is known of it: `2021-03-15`, `2021-03`, `2021`."""
    text = text_of(cell)
    return text if _MONTH_OR_YEAR.fullmatch(text) else day_of(cell, known.dates)


def _text(cell: Cell, column: Column) -> str:
    text = text_of(cell)
    if column.max_characters is not None and (count := characters(text)) > column.max_characters:
        raise Refused("too_many_characters", count=count, max=column.max_characters)
    if column.max_words is not None and (count := words(text)) > column.max_words:
        raise Refused("too_many_words", count=count, max=column.max_words)
    return text
