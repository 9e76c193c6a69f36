"""What was typed into one place -> its value, as `core.deciding.case.Application` holds answers, and what is wrong.

Exact: no float reaches an amount. Where nothing can be read the value is `None`; where something can be read and breaks
a limit of its field, the value stands and the reason says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from madang.core.callspec.asked import (
    WON_PER_UNIT,
    ChoiceField,
    Document,
    FileField,
    FormField,
    MoneyField,
    NumberField,
    RowCell,
    RowsField,
    TextField,
    YesNoField,
)
from madang.core.callspec.places import place_of
from madang.core.form.count import characters, tidy, words
from madang.core.form.model import MOST_FILES, Count, FileFacts, Typed
from madang.core.form.written import DECIMAL_COMMA, EXPONENT, PERCENT, WITH_UNIT, narrow, plain, shown
from madang.core.problem import DECIMALS, LARGEST
from madang.core.reasons import Param, Reason

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([, ])[0-9]{3}(\1[0-9]{3}){0,9}(\.[0-9]{1,30})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+")
_WEB = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?", re.IGNORECASE)
_YES_NO = {"yes": True, "no": False}
MEGABYTE = 1024 * 1024
_LISTED = 12  # options that one sentence names


@dataclass(frozen=True, slots=True)
class Known:
    """What holds beyond a field: `sets` of ids by the call's own name of the classification."""

    sets: Mapping[str, Collection[str]] = field(default_factory=dict)
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in a place: `there` says that something does, whether or not it can be read."""

    value: Any = None
    faults: tuple[Reason, ...] = ()
    counts: tuple[Count, ...] = ()
    there: bool = False


NOTHING = Read()


class _Wrong(Exception):
    """Nothing can be read, for this reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def _wrong(code: str, **params: Param) -> _Wrong:
    return _Wrong(Reason(code, params))


def read(asked: FormField | RowCell, typed: Typed | None, known: Known = Known()) -> Read:
    """What stands in the place of a field or cell (of any type but `file` and `rows`). Never raises."""
    if isinstance(asked, TextField):
        return _text(asked, _one(typed))
    given = _several(typed) if isinstance(asked, ChoiceField) and asked.many else _one(typed)
    if not given:
        return NOTHING
    try:
        return Read(*_value(asked, given, known), there=True)
    except _Wrong as wrong:
        return Read(None, (wrong.reason,), there=True)


def read_option(typed: Typed | None, options: Collection[str]) -> Read:
    """One of these ids."""
    given = _one(typed)
    if not given:
        return NOTHING
    return Read(given, there=True) if given in options else Read(None, (_no_option(given, options),), there=True)


def read_country(typed: Typed | None, known: Known) -> Read:
    given = _one(typed)
    if not given:
        return NOTHING
    try:
        return Read(_country(given, known), there=True)
    except _Wrong as wrong:
        return Read(None, (wrong.reason,), there=True)


def read_line(typed: Typed | None) -> Read:
    """A text without a limit of its own."""
    given = _one(typed)
    return Read(given, there=True) if given else NOTHING


def read_files(files: tuple[FileFacts, ...], asked: FileField | Document) -> Read:
    """The names of the files, as a spreadsheet would have them in this column."""
    faults = [fault for file in files for fault in _file_faults(file, asked)]
    if len(files) > MOST_FILES:
        faults.append(Reason("form_too_many_files", {"found": len(files), "most": MOST_FILES}))
    counts = (Count(unit="files", used=len(files), most=MOST_FILES),)
    return Read("; ".join(file.name for file in files) or None, tuple(faults), counts, there=bool(files))


def _file_faults(file: FileFacts, asked: FileField | Document) -> Iterator[Reason]:
    if asked.formats and file.format not in asked.formats:
        told: dict[str, Param] = {"name": shown(file.name), "format": file.format, "allowed": list(asked.formats)}
        yield Reason("form_file_format", told)
    if asked.max_mb is not None and file.size_bytes > asked.max_mb * MEGABYTE:
        yield Reason("form_file_too_large", {"name": shown(file.name), "most_mb": asked.max_mb})


def _one(typed: Typed | None) -> str:
    if isinstance(typed, str):
        return tidy(typed)
    return tidy(str(typed[0])) if typed else ""


def _several(typed: Typed | None) -> tuple[str, ...]:
    given = (typed,) if isinstance(typed, str) else typed or ()
    return tuple(dict.fromkeys(one for one in (tidy(str(part)) for part in given) if one))


def _text(asked: TextField, given: str) -> Read:
    counts, faults = [], []
    if asked.max_characters is not None:
        used = characters(given)
        counts.append(Count(unit="characters", used=used, most=asked.max_characters))
        if used > asked.max_characters:
            faults.append(Reason("too_many_characters", {"count": used, "max": asked.max_characters}))
    if asked.max_words is not None:
        used = words(given)
        counts.append(Count(unit="words", used=used, most=asked.max_words))
        if used > asked.max_words:
            faults.append(Reason("too_many_words", {"count": used, "max": asked.max_words}))
    if given and asked.type == "email" and not _ADDRESS.fullmatch(given):
        faults.append(Reason("not_an_address", {"given": shown(given)}))
    if given and asked.type == "url" and not _WEB.fullmatch(given):
        faults.append(Reason("not_a_web_address", {"given": shown(given)}))
    return Read(given or None, tuple(faults), tuple(counts), there=bool(given))


def _value(asked: FormField | RowCell, given: Any, known: Known) -> tuple[Any, tuple[Reason, ...]]:
    match asked:
        case NumberField():
            return _number(asked, given)
        case MoneyField():
            return _won(given, asked.unit), ()
        case YesNoField():
            if given not in _YES_NO:
                raise _wrong("not_yes_no_here", given=shown(given))
            return _YES_NO[given], ()
        case ChoiceField():
            return _choice(asked, given, known)
        case FileField() | RowsField():
            return None, ()
    match asked.type:
        case "country":
            return _country(given, known), ()
        case "date":
            return _day(given), ()
        case "place":
            return _place(given), ()
    return given, ()


# -- numbers ------------------------------------------------------------------------------------------------------


def _exact(given: str) -> Decimal:
    """A number as a person types it: thousands in groups of three, by commas or spaces, and a decimal point."""
    text = narrow(given)
    if not (_NUMBER.fullmatch(text) or _GROUPED.fullmatch(text)):
        raise _why_not(text, given)
    number = Decimal(text.replace(",", "").replace(" ", ""))
    if abs(number) > LARGEST:
        raise _wrong("cell_number_too_large", given=shown(given))
    return number


def _why_not(text: str, given: str) -> _Wrong:
    told = shown(given)
    if DECIMAL_COMMA.fullmatch(text):
        return _wrong("decimal_comma", given=told, meant=text.replace(".", "").replace(",", "."))
    if PERCENT.fullmatch(text):
        return _wrong("number_with_percent", given=told)
    found = None if EXPONENT.fullmatch(text) else WITH_UNIT.fullmatch(text)
    if found and len(found[1]) < len(text):
        return _wrong("number_with_unit", given=told, number=found[1].replace(",", ""))
    return _wrong("not_a_number_here", given=told)


def _number(asked: NumberField, given: str) -> tuple[str, tuple[Reason, ...]]:
    number = _exact(given)
    places = -int(number.normalize().as_tuple().exponent)
    most = min(asked.decimals, DECIMALS)
    if places > most:  # rules read whole numbers where none are asked: what cannot be held is not read
        raise _wrong("too_many_decimals_here", given=plain(number), max=most)
    low, high, text = asked.min, asked.max, plain(number)
    if (low is None or number >= low) and (high is None or number <= high):
        return text, ()
    if low is not None and high is not None:
        return text, (Reason("cell_out_of_range", {"given": text, "min": plain(low), "max": plain(high)}),)
    if low is not None:
        return text, (Reason("cell_below_range", {"given": text, "min": plain(low)}),)
    return text, (Reason("cell_above_range", {"given": text, "max": plain(high or Decimal(0))}),)


def _won(given: str, unit: str) -> int:
    number = _exact(given)
    won = number * WON_PER_UNIT[unit]
    if won < 0:
        raise _wrong("money_below_zero", given=plain(number))
    if won != won.to_integral_value():
        raise _wrong("not_whole_won", given=plain(number), unit=unit)
    if won > LARGEST:
        raise _wrong("cell_number_too_large", given=plain(number))
    return int(won)


# -- words --------------------------------------------------------------------------------------------------------


def _choice(asked: ChoiceField, given: Any, known: Known) -> tuple[Any, tuple[Reason, ...]]:
    options = tuple(option.id for option in asked.options) or known.sets.get(asked.set or "")
    if not asked.many:
        if options is not None and given not in options:
            raise _Wrong(_no_option(given, options))
        return given, ()
    known_ones = [one for one in given if options is None or one in options]
    strange = tuple(_no_option(one, options or ()) for one in given if one not in known_ones)
    return known_ones or None, strange


def _no_option(given: str, options: Collection[str]) -> Reason:
    listed = list(options) if len(options) <= _LISTED else sorted(options)[:_LISTED]
    return Reason("not_an_option", {"given": shown(given), "nearest": "-", "options": listed})


def _country(given: str, known: Known) -> str:
    code = given.upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise _wrong("not_an_iso_country", given=shown(given))
    among = known.sets.get("country")
    if among is None or code in among or (known.sample and code[0] == "X"):
        return code
    raise _wrong("country_not_in_set", given=code)


def _day(given: str) -> str:
    text = narrow(given)
    try:
        if not _DAY.fullmatch(text):
            raise ValueError("not of this form")
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong("not_an_iso_day", given=shown(given)) from None


def _place(given: str) -> str:
    try:
        place = place_of(given)
    except ValueError:
        raise _wrong("place_not_on_earth", given=shown(given)) from None
    if not place.name:
        raise _wrong("place_needs_name", given=shown(given))
    return place.text
