"""Calendars of holidays by name, for `core.clocks`: a kept library, and our own dated table of exceptions over it.

`kr`: days on which Korean offices are closed (관공서의 공휴일에 관한 규정), from the package `holidays`, held against
the official calendar (월력요항) for the years that `data/calendar-kr.json` names. The table there has what was decided
late, each with the day of the decision: so a count can be made with what was known on an earlier day.
1 May is in it from 2026 on only: before, Labour Day was a day off for workers, on which offices were open.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from madang.core.clocks import Calendar
from madang.core.reasons import Fault, Malformed

NAMES = ("kr",)
_LANGUAGES = {"ko": "ko", "en": "en_US"}


def find(name: str) -> Calendar | None:
    """The calendar of that name with all that is known today, or None; what the linter of definitions asks."""
    return load(name) if name in NAMES else None


@lru_cache(maxsize=16)
def load(name: str, as_of: dt.date | None = None) -> Calendar:
    """The calendar of that name; `as_of` leaves out what was decided later. Raises `Malformed` for an unknown name."""
    if name not in NAMES:
        raise Malformed([Fault("unknown_calendar", "", {"name": name, "known": list(NAMES)})])
    table = json.loads(files(__package__).joinpath("data", f"calendar-{name}.json").read_text("utf-8"))
    first, last = dt.date.fromisoformat(table["known_from"]), dt.date.fromisoformat(table["known_until"])
    closed, opened = _from_library(first.year, last.year), dict[dt.date, dict[str, str]]()
    for row in table["exceptions"]:
        _apply(row, closed, opened, holds=as_of is None or dt.date.fromisoformat(row["decided"]) <= as_of)
    return Calendar(name, first, last, closed, opened)


def _from_library(first: int, last: int) -> dict[dt.date, dict[str, str]]:
    """Public holidays with their names in each language, substitute holidays and election days among them."""
    from holidays.countries.south_korea import SouthKorea

    closed: dict[dt.date, dict[str, str]] = {}
    for language, theirs in _LANGUAGES.items():
        # a year before and after, so that no substitute holiday over the turn of a year is lost
        for day, label in SouthKorea(years=range(first - 1, last + 2), language=theirs).items():
            if first <= day.year <= last:
                closed.setdefault(day, {})[language] = ", ".join(map(_official, label.split("; ")))
    return dict(sorted(closed.items()))


def _official(label: str) -> str:
    """The library's label in the words of the Public Holidays Act."""
    for start, ours in (
        ("Alternative holiday for ", "Substitute holiday for "),
        ("The day preceding ", "Day before "),
        ("The second day of ", "Day after "),
    ):
        if label.startswith(start):
            return ours + label.removeprefix(start)
    if label.endswith(" 대체 휴일"):
        return f"대체공휴일({label.removesuffix(' 대체 휴일')})"
    return "1월 1일" if label == "신정연휴" else label


def _apply(
    row: dict[str, Any],
    closed: dict[dt.date, dict[str, str]],
    opened: dict[dt.date, dict[str, str]],
    *,
    holds: bool,
) -> None:
    """Our table has the last word over the library, which may know a day already; before its decision it is undone."""
    day = dt.date.fromisoformat(row["day"])
    if row["does"] == "closed":
        closed.pop(day, None)
        if holds:
            closed[day] = row["label"]
    elif holds:
        opened[day] = row["label"]
