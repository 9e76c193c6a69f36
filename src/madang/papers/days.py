"""Days and moments as people and spreadsheet programs write them; what can be read in two ways is asked, not guessed.

One reading only: `2021-04-20`, `2021. 4. 20.(화)`, `2021년 4월 20일`, `20210420`, `20 April 2021`, `Apr 20, 2021`, and
`20/4/2021`, where no other month exists. `4/5/2021` is asked, unless the folder says once for all which comes first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Literal

from madang.papers.refusal import WIDE, Refused, shown

Order = Literal["dmy", "mdy"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december")  # fmt: skip
_MONTH = {name: number for names in (_MONTHS, _FULL, (*_MONTHS[:8], "sept")) for number, name in enumerate(names, 1)}
_WEEKDAYS = ("월", "화", "수", "목", "금", "토", "일")
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(
    r"[\s,]*\(\s*(?P<short>[월화수목금토일])(?:요일)?\s*\)|[\s,]*(?P<long>[월화수목금토일])요일"
    r"|\(?\b(?P<en>mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?\b\.?\)?,?\s*",
    re.IGNORECASE,
)
_HALF = r"오전|오후|[ap]\.?m\.?"
_TIME = re.compile(
    rf"(?:^|[\s,]+|(?<=[일)])|(?<=\d)T(?=\d))(?:(?P<before>{_HALF})\s*)?(?P<hour>\d{{1,2}})"
    r"(?:\s*시(?:\s*(?P<minute>\d{1,2})\s*분(?:\s*(?P<second>\d{1,2})\s*초)?)?"
    r"|:(?P<minutes>\d{2})(?::(?P<seconds>\d{2})(?:\.0{1,9})?)?)?"
    rf"(?:\s*(?P<after>{_HALF}))?$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?\.?"
    r"|(\d{4})\s?년\s?(\d{1,2})\s?월\s?(\d{1,2})\s?일"
    r"|(\d{4})(\d{2})(\d{2})"
)
_YEAR_LAST = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})\.?")
_DAY_NAME_YEAR = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]*([a-z]{3,9})\.?,?[\s-]*(\d{4})", re.IGNORECASE)
_NAME_DAY_YEAR = re.compile(r"([a-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)
_YEAR_NAME_DAY = re.compile(r"(\d{4})[\s-]+([a-z]{3,9})[\s-]+(\d{1,2})", re.IGNORECASE)
_SHORT_YEAR = re.compile(
    r"['’]?\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?['’]?\d{1,2}\s?\.?"
    r"|['’]?\d{2}\s?년\s?\d{1,2}\s?월\s?\d{1,2}\s?일"
    r"|\d{1,2}[\s-][a-z]{3,9}[\s-]['’]?\d{2}|\d{6}",
    re.IGNORECASE,
)
_NO_YEAR = re.compile(r"\d{1,2}\s?[-/.]\s?\d{1,2}\.?|\d{1,2}\s?월\s?\d{1,2}\s?일|\d{1,2}[\s-][a-z]{3,9}", re.IGNORECASE)
_EPOCH = dt.date(1899, 12, 30)


def day_of(cell: object, order: Order | None = None) -> str:
    """The ISO day of a cell (a date, or text). Raises `Refused` where there is none or more than one."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    text = _text(cell, "not_an_iso_day")
    day, time = _split(text)
    if time is not None and any(time):
        raise Refused("day_with_time", given=shown(text))
    found = _day(day, order, text)
    if found is None:
        raise Refused("not_an_iso_day", given=shown(text))
    return found.isoformat()


def moment_of(cell: object, order: Order | None = None) -> str:
    """The ISO moment of a cell, to the second, or the ISO day where no time is given. Raises `Refused`.

    A cell's time is stored as a fraction of a day, hence the millisecond of grace before seconds are cut off.
    """
    if isinstance(cell, dt.datetime):
        return (cell + dt.timedelta(milliseconds=1)).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    text = _text(cell, "not_an_iso_moment")
    written, time = _split(text)
    day = _day(written, order, text)
    if day is None:
        raise Refused("not_an_iso_moment", given=shown(text))
    return day.isoformat() if time is None else f"{day} {time[0]:02}:{time[1]:02}:{time[2]:02}"


def order_in(cell: object) -> Order | None:
    """Which order a slashed date proves by itself: `20/4/2021` can only be d/m/y."""
    if not isinstance(cell, str):
        return None
    try:
        found = _YEAR_LAST.fullmatch(_without_weekday(_split(cell.translate(WIDE))[0]))
    except Refused:
        return None
    if not found:
        return None
    readings = dict(_readings(int(found[1]), int(found[3]), int(found[4])))
    return next(iter(readings)) if len(readings) == 1 else None


def _text(cell: object, code: str) -> str:
    """The text of a cell. A bare number may be a day to a program, but nobody can see that it is one."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if isinstance(cell, int) and 10_000_000 <= cell <= 99_999_999:
            return str(cell)  # 20210420: too large for a program's own number of a day
        raise _bare(float(cell))
    if not isinstance(cell, str):
        raise Refused(code, given=shown(str(cell)))
    text = " ".join(cell.translate(WIDE).split())
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        raise _bare(float(text))
    return text


def _bare(number: float) -> Refused:
    if 1 <= number < 100_000:
        day = (_EPOCH + dt.timedelta(days=int(number))).isoformat()
        return Refused("date_is_a_number", given=f"{number:g}" if number % 1 else str(int(number)), day=day)
    return Refused("not_an_iso_day", given=f"{number:g}")


# -- the time of day ----------------------------------------------------------------------------------------------


def _split(text: str) -> tuple[str, tuple[int, int, int] | None]:
    """A text as its day and its time, where it has one."""
    found = _TIME.search(text)
    if not found:
        return text, None
    half = (found["before"] or found["after"] or "").lower().replace(".", "")
    marked = "시" in found.group(0) or found["minutes"] is not None
    if not marked and not half:
        return text, None
    if found["before"] and found["after"]:
        raise Refused("not_a_time", given=shown(text))
    hour, minute, second = (
        int(part or 0)
        for part in (found["hour"], found["minute"] or found["minutes"], found["second"] or found["seconds"])
    )
    return text[: found.start()], (_hour(hour, half, minute, second, text), minute, second)


def _hour(hour: int, half: str, minute: int, second: int, text: str) -> int:
    if minute > 59 or second > 59 or hour > 23:
        raise Refused("not_a_time", given=shown(text))
    if not half or hour > 12:
        if half in ("오전", "am"):
            raise Refused("not_a_time", given=shown(text))
        return hour
    if hour == 12 and not minute and not second:
        raise Refused("noon_or_midnight", given=shown(text))
    return hour % 12 + (12 if half in ("오후", "pm") else 0)


# -- the day ------------------------------------------------------------------------------------------------------


def _without_weekday(text: str) -> str:
    return _WEEKDAY.sub("", text).strip(" ,")


def _day(written: str, order: Order | None, given: str) -> dt.date | None:
    """The one day that a text can mean; nothing where it is no day at all."""
    text = _without_weekday(written)
    day = _year_first(text, given) or _with_name(text, given) or _year_last(text, order, given)
    if day is None:
        if _SHORT_YEAR.fullmatch(text):
            raise Refused("date_short_year", given=shown(given))
        if _NO_YEAR.fullmatch(text):
            raise Refused("date_without_year", given=shown(given))
        return None
    if (weekday := _weekday(written)) is not None and weekday != day.weekday():
        raise Refused("weekday_differs", given=shown(given), day=day.isoformat())
    return day


def _weekday(text: str) -> int | None:
    found = _WEEKDAY.search(text)
    if not found:
        return None
    korean = found["short"] or found["long"]
    return _WEEKDAYS.index(korean) if korean else _WEEKDAYS_EN.index(found["en"].lower())


def _year_first(text: str, given: str) -> dt.date | None:
    found = _YEAR_FIRST.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    return _real(year, month, day, given)


def _with_name(text: str, given: str) -> dt.date | None:
    for pattern, (year, month, day) in (
        (_DAY_NAME_YEAR, (3, 2, 1)), (_NAME_DAY_YEAR, (3, 1, 2)), (_YEAR_NAME_DAY, (1, 2, 3)),
    ):  # fmt: skip
        found = pattern.fullmatch(text)
        if found and (number := _MONTH.get(found[month].lower())):
            return _real(int(found[year]), number, int(found[day]), given)
    return None


def _year_last(text: str, order: Order | None, given: str) -> dt.date | None:
    found = _YEAR_LAST.fullmatch(text)
    if not found:
        return None
    readings = dict(_readings(int(found[1]), int(found[3]), int(found[4])))
    if not readings:
        raise Refused("no_such_day", given=shown(given))
    if order is not None:
        if order not in readings:
            raise Refused("date_against_order", given=shown(given), order=order)
        return readings[order]
    if len(set(readings.values())) > 1:
        raise Refused(
            "date_ambiguous", given=shown(given), dmy=readings["dmy"].isoformat(), mdy=readings["mdy"].isoformat()
        )
    return next(iter(readings.values()))


def _readings(first: int, second: int, year: int) -> Iterator[tuple[Order, dt.date]]:
    orders: tuple[tuple[Order, int, int], ...] = (("dmy", second, first), ("mdy", first, second))
    for order, month, day in orders:
        try:
            yield order, dt.date(year, month, day)
        except ValueError:
            continue


def _real(year: int, month: int, day: int, given: str) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise Refused("no_such_day", given=shown(given)) from None
