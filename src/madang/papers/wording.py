"""Dates, periods, clocks, numbers and amounts of a definition in words of the reader's language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone, get_timezone_name
from babel.numbers import format_decimal

from madang.core.callspec.blocks import Clock
from madang.core.callspec.model import Period
from madang.words import money
from madang.words.labels import label as _label

_DATE = {"ko": "y년 M월 d일(E)", "en": "EEEE d MMMM y"}


class Wording:
    """The words of one language; what the house has no labels for is said in English."""

    def __init__(self, language: str) -> None:
        self.language = language
        try:
            self.locale = Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError):
            self.locale = Locale("en")

    def label(self, key: str, **params: Any) -> str:
        return _label("describe", key, self.language, **params)

    def of(self, words: dict[str, str] | None) -> str:
        """Words of the definition in this language; in English, or in what there is, where it lacks them."""
        words = words or {}
        return words.get(self.language) or words.get("en") or next(iter(words.values()), "")

    def listed(self, items: list[str]) -> str:
        return ", ".join(item for item in items if item)

    def day(self, text: str) -> str:
        """`2021-12-27` -> `2021년 12월 27일(월)`, `Monday 27 December 2021`; an hour stays behind it."""
        day = dt.date.fromisoformat(text[:10])
        pattern = _DATE.get(self.language, "long")
        return f"{format_date(day, pattern, locale=self.locale)}{text[10:]}"

    def date(self, text: str) -> str:
        """`2021-12-27` -> `2021년 12월 27일`, `27 December 2021`: without the day of the week."""
        pattern = {"ko": "y년 M월 d일", "en": "d MMMM y"}.get(self.language, "long")
        return format_date(dt.date.fromisoformat(text[:10]), pattern, locale=self.locale)

    def days(self, first: str, last: str) -> str:
        return self.label("when.range", **{"from": self.day(first), "to": self.day(last)})

    def zone(self, name: str) -> str:
        """`Asia/Seoul` -> `대한민국 시간 (Asia/Seoul)`."""
        if name in ("UTC", "Etc/UTC"):
            return "UTC"
        try:
            return f"{get_timezone_name(get_timezone(name), locale=self.locale)} ({name})"
        except LookupError:
            return name

    def number(self, value: Decimal | int) -> str:
        return format_decimal(value, locale=self.locale, decimal_quantization=False)

    def won(self, amount: int) -> str:
        """Exact, in the largest unit that needs at most two decimals: `40억 원`, `KRW 4 billion`."""
        return money.show(amount, self.language)

    def period(self, period: Period) -> str:
        given = (("years", period.years), ("months", period.months), ("days", period.days))
        return self.listed([self.label(f"period.{unit}", n=n) for unit, n in given if n]) or self.label("none")

    def clock(self, clock: Clock, stages: dict[str, str]) -> str:
        """`10 business days (the first day not counted)`; `stages` names what may stop it."""
        notes = [self.label(f"clock.{clock.first_day}")]
        if clock.stops_on:
            notes.append(self.label("clock.stops", names=self.listed([stages.get(n, n) for n in clock.stops_on])))
        return f"{self.label(f'clock.{clock.count}', days=clock.days)} ({'; '.join(notes)})"
