"""Numbers and days as a reader of the paper's language writes them."""

from __future__ import annotations

import datetime as dt
from typing import Any


def percent(value: Any, language: str) -> str:
    """`30%` in Korean, `30 %` elsewhere."""
    return "" if value is None else f"{plain(value)}%" if language == "ko" else f"{plain(value)} %"


def plain(value: Any) -> str:
    """A decimal without trailing zeros or an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def moment(text: str, zone: str, language: str) -> str:
    """`2022-01-28 18:00` in words, with its zone where there is an hour; as it is where it is no date."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    day = (
        f"{found.year}년 {found.month}월 {found.day}일"
        if language == "ko"
        else f"{found.day} {_MONTHS[found.month - 1]} {found.year}"
    )
    return f"{day} {found:%H:%M} ({zone})" if len(text) > 10 else day
