"""Real definitions with one fault planted: a text replaced, and the line on which it then stands."""

from __future__ import annotations

from functools import cache

from madang.core.callspec import check
from madang.core.reasons import Fault
from madang.papers.definitions import sets
from madang.papers.library import programmes

KCITY, CITIES = "kcity-network-2021", "small-cities-2022"
ALLIANCE, SERVICE = "alliance-membership-2019", "service-certification-2023"
ALL = tuple(programmes())


@cache
def text_of(name: str) -> str:
    return programmes()[name].read_text("utf-8")


def planted(name: str, *changes: tuple[str, str]) -> str:
    """The definition with each text replaced once; the first occurrence counts, and must be there."""
    text = text_of(name)
    for old, new in changes:
        assert old in text, f"{old!r} is not in {name}"
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, mark: str) -> str:
    """Where a text stands first, as a fault says it."""
    return f"line {text[: text.index(mark)].count(chr(10)) + 1}"


def faults_of(text: str) -> list[Fault]:
    return check(text, sets())[1]
