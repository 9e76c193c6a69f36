"""Every number in a text, with what it counts where that stands beside it, and whether it is left alone.

Read are: digits with thousands separators, decimals and a sign (`1,234`, `38.8`); Korean units (`28억 원`,
`3만 5천`); English words from two to ninety-nine (`one` is as often no number); Korean native numerals from two on
before a counter (`열한 개국`). Left alone, because no reception has them: days, times, years, articles and ordinals,
what is glued to Latin letters (`G2G`, `5G`), numbers of a list, telephone numbers and addresses.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction

from madang.core.statistics.press.figures import Unit


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `start` to `end` of its text. `left`: why it is left alone, blank where it is not."""

    start: int
    end: int
    value: Fraction
    unit: Unit | None
    left: str = ""


def numbers_in(text: str, names: Collection[str] = ()) -> list[Number]:
    """The numbers of a text in their order; none overlaps another. Those within one of `names` are left alone.

    Cost: linear in the text, for each name that holds a number once more.
    """
    found: list[Number] = []
    spans = sorted([*_left_alone(text), *_named(text, names)])
    starts = [span[0] for span in spans]
    reach = 0
    for start, end, value in sorted(_values(text), key=lambda one: (one[0], -one[1])):
        if start < reach:
            continue
        reach = end
        unit = _unit(text, end)
        at = bisect_right(starts, start)
        left = next((why for first, last, why in reversed(spans[:at]) if end <= last), "")
        if not left and unit is None and _is_year(text[start:end]):
            left = "year"
        found.append(Number(start, end, value, unit, left))
    return found


# --- What is a number -------------------------------------------------------------------------------------------------

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_DIGITS = re.compile(rf"(?:(?<![\w.,%)\]])[-−+])?{_PLAIN}")
_KOREAN_UNITS = {
    "천조": 10**15, "백조": 10**14, "조": 10**12, "천억": 10**11, "백억": 10**10, "억": 10**8, "천만": 10**7,
    "백만": 10**6, "만": 10**4, "천": 10**3,
}  # fmt: skip
_KOREAN_PART = rf"{_PLAIN}\s?(?:{'|'.join(_KOREAN_UNITS)})"
_KOREAN = re.compile(rf"{_KOREAN_PART}(?:\s?{_KOREAN_PART})*(?:\s?{_PLAIN}(?=\s?원))?")
_KOREAN_PARTS = re.compile(rf"({_PLAIN})\s?({'|'.join(_KOREAN_UNITS)})?")
_ENGLISH_UNITS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ENGLISH = re.compile(rf"({_PLAIN})[ \u00a0-]({'|'.join(_ENGLISH_UNITS)})\b", re.IGNORECASE)

_SMALL = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SPELLED = {word: n for n, word in enumerate(_SMALL, 2)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_WORD = re.compile(
    rf"\b(?:({'|'.join(_TENS)})[- ](one|{'|'.join(_SMALL[:8])})|({'|'.join(_SMALL + _TENS)}))\b", re.IGNORECASE
)
_NATIVE_TENS = {"열": 10, "스물": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90}
_NATIVE_ONES = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}
_NATIVE = re.compile(
    rf"(?<![가-힣])({'|'.join(_NATIVE_TENS)}|스무)?\s?({'|'.join(_NATIVE_ONES)})?"
    r"(?=\s?(?:건|개국|개 나라|나라|곳|가지))"
)


def _values(text: str) -> Iterator[tuple[int, int, Fraction]]:
    for found in _DIGITS.finditer(text):
        yield found.start(), found.end(), _plain(found[0])
    for found in _KOREAN.finditer(text):
        parts = _KOREAN_PARTS.findall(found[0])
        yield found.start(), found.end(), sum((_plain(n) * _KOREAN_UNITS.get(u, 1) for n, u in parts), Fraction(0))
    for found in _ENGLISH.finditer(text):
        yield found.start(), found.end(), _plain(found[1]) * _ENGLISH_UNITS[found[2].lower()]
    for found in _WORD.finditer(text):
        tens, ones, alone = (part and part.lower() for part in found.groups())
        value = _SPELLED[alone] if alone else _SPELLED[tens] + (1 if ones == "one" else _SPELLED[ones])
        yield found.start(), found.end(), Fraction(value)
    for found in _NATIVE.finditer(text):
        value = 20 if found[1] == "스무" else _NATIVE_TENS.get(found[1] or "", 0)
        value += _NATIVE_ONES.get(found[2] or "", 0)
        if value > 1:
            yield found.start(), found.end(), Fraction(value)


def _plain(text: str) -> Fraction:
    """Digits of any script; `−` is a minus. Longer ones than any count are cut, and so match nothing."""
    return Fraction(text[:60].replace(",", "").replace("−", "-").rstrip("."))


# --- What it counts ---------------------------------------------------------------------------------------------------

_BETWEEN = r"(?:(?:distinct|different|overseas|foreign|new|more|fewer|other|separate|in)\s+)?"
_UNITS: tuple[tuple[Unit | None, re.Pattern[str]], ...] = (
    (None, re.compile(r"\s?(?:%p|%\s?포인트|퍼센트\s?포인트|percentage points?)", re.IGNORECASE)),
    ("percent", re.compile(r"\s?(?:%|％|퍼센트|per cent|percent)", re.IGNORECASE)),
    ("countries", re.compile(rf"\s?(?:개\s?국|개\s?나라|나라|개\s?국가)|\s{_BETWEEN}(?:countries|country)\b", re.I)),
    ("cases", re.compile(rf"\s?건|\s{_BETWEEN}(?:applications?|cases?|proposals?|submissions?)\b", re.IGNORECASE)),
)


def _unit(text: str, end: int) -> Unit | None:
    return next((unit for unit, pattern in _UNITS if pattern.match(text, end)), None)


# --- What is left alone -----------------------------------------------------------------------------------------------

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
)
_LEFT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("address", re.compile(r"https?://\S+|\bwww\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("date", re.compile(r"\d{4}\s?[-./]\s?\d{1,2}\s?[-./]\s?\d{1,2}\.?")),
    ("date", re.compile(r"(?:[’']?\d{2,4}년\s?)?\d{1,2}월(?:\s?\d{1,2}일)?")),
    ("date", re.compile(r"\d{1,2}일(?![가-힣]*\s?건)")),
    ("year", re.compile(r"[’']\d{2}\.?년?|(?:19|20)\d{2}\s?년(?:도|대)?")),
    ("date", re.compile(rf"\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\b(?:,?\s+\d{{4}})?")),
    ("date", re.compile(rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?|\b{_MONTH}\s+\d{{4}}")),
    ("time", re.compile(r"\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}시(?:\s?\d{1,2}분)?|\d{1,2}(?::\d{2})?\s?[ap]\.?m\b", re.I)),
    ("article", re.compile(r"제\s?\d+(?:-\d+)?(?:\s?(?:조|항|호|차|회|기|장|절|권)(?:의\s?\d+)?)?")),
    ("article", re.compile(r"\b(?:Articles?|Art\.|No\.|Nos\.|Section|Chapter|Annex)\s?\d+(?:-\d+)*", re.I)),
    ("ordinal", re.compile(r"\d+(?:st|nd|rd|th)\b|\d+\s?(?:차|번째|회차)")),
    ("telephone", re.compile(r"(?<!\d)(?:\+\d{1,3}[- ])?\d{2,4}-\d{3,4}-\d{4}(?!\d)")),
    ("name", re.compile(r"(?<![A-Za-z])(?!KRW|USD|EUR)[A-Za-z][A-Za-z]*-?\d+(?:[.-]\d+)*|\d[A-Za-z]{1,2}(?![A-Za-z])")),
    ("list", re.compile(r"^[ \t]*\(?\d{1,2}[.)](?=\s)", re.MULTILINE)),
)


def _left_alone(text: str) -> list[tuple[int, int, str]]:
    return [(found.start(), found.end(), why) for why, pattern in _LEFT for found in pattern.finditer(text)]


def _named(text: str, names: Collection[str]) -> Iterator[tuple[int, int, str]]:
    for name in names:
        if any(letter.isdigit() for letter in name):
            for found in re.finditer(re.escape(name), text):
                yield found.start(), found.end(), "name"


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdecimal() and text[:2] in ("19", "20")
