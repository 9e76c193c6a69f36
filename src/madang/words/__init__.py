"""Reason and fault codes as sentences, in every language of the house.

The catalogue is `catalogue/<area>.json`: `{"code": {"en": "...", "ko": "..."}}`. A sentence names its parameters in
braces; in Korean `{name:을}` puts the particle that fits the last sound (을/를, 은/는, 이/가, 과/와, 으로/로), and
`‘{name}’{name:~을}` the particle alone, behind a closing quotation mark.
A further language is one more key in each entry; what it lacks is said in English. Short labels are `words.labels`.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from madang.core.reasons import Fault, Reason

LANGUAGES = ("ko", "en")

MOST_LISTED = 12
"""How many entries of a list a sentence names."""

#: particle -> (after a consonant, after a vowel)
_PARTICLES = {"은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와"), "으로": ("으로", "로")}
_PARTICLES |= {"이라는": ("이라는", "라는")}
_DIGITS_ENDING_IN_CONSONANT = "013678"  # 영 일 삼 육 칠 팔


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every code with its sentences, from all areas. A code stands in one area only (a test holds that)."""
    entries: dict[str, Mapping[str, str]] = {}
    for area in sorted(files(__package__).joinpath("catalogue").iterdir(), key=lambda path: path.name):
        if area.name.endswith(".json"):
            entries.update(json.loads(area.read_text("utf-8")))
    return entries


def say(reason: Reason | Fault, language: str) -> str:
    """The sentence for a reason or fault (a fault's place is put in front by `say_fault`)."""
    return sentence(reason.code, reason.params, language)


def say_fault(fault: Fault, language: str) -> str:
    """`sheets.xlsx, row 12, column need: 120 is not between 0 and 100.`"""
    text = say(fault, language)
    return f"{place(fault.at, language)}: {text}" if fault.at else text


#: The parts of a place as code writes them, and as they are said in Korean.
_PLACES = (
    (re.compile(r"\bworksheet (.+?)(?=, row |, column |$)"), r"\1 시트"),
    (re.compile(r"\brow (\d+)"), r"\1행"),
    (re.compile(r"\bline (\d+)"), r"\1번째 줄"),
    (re.compile(r"\bcolumn ([^,]+)$"), r"\1 열"),
)


def place(at: str, language: str) -> str:
    """`sheets.xlsx, row 12, column need` in the reader's language."""
    if language == "ko":
        for pattern, said in _PLACES:
            at = pattern.sub(said, at)
    return at


def sentence(code: str, params: Mapping[str, Any], language: str) -> str:
    """The sentence of a code. A code that nobody has put into words is shown as it is, with its parameters."""
    entry = catalogue().get(code)
    if entry is None:
        told = ", ".join(f"{name}={value}" for name, value in params.items())
        return f"{code} ({told})" if told else code
    text = entry.get(language) or entry["en"]
    return fill(_without(text, "nearest") if params.get("nearest") == "-" else text, params)


def _without(text: str, name: str) -> str:
    """The text without the aside, or the sentence, that speaks of a parameter for which there is nothing to say."""
    aside = re.sub(rf"\s*\([^()]*\{{{name}\}}[^()]*\)", "", text)
    kept = [said for said in re.split(r"(?<=\.)\s+", aside) if f"{{{name}" not in said]
    return " ".join(kept) or aside


def fill(text: str, params: Mapping[str, Any]) -> str:
    """A text with its parameters in braces and their Korean particles."""
    return _Sentence().vformat(text, (), dict(params))


class _Sentence(string.Formatter):
    """`{x}` as text (lists joined by commas, won grouped by thousands), `{x:을}` with its Korean particle.

    A missing parameter shows as `?`.
    """

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(key, "?")
        return f"{value:,}" if isinstance(value, int) and str(key).endswith("_krw") else value

    def format_field(self, value: Any, format_spec: str) -> str:
        text = _listed(value) if isinstance(value, list | tuple) else str(value)
        if format_spec.removeprefix("~") in _PARTICLES:
            fitting = particle(text, format_spec.removeprefix("~"))
            return fitting if format_spec.startswith("~") else text + fitting
        return text if not format_spec else format(value, format_spec)


def _listed(values: list[Any] | tuple[Any, ...]) -> str:
    """A list in a sentence: the first dozen, and how many more. The full list stands in the record."""
    shown = ", ".join(map(str, values[:MOST_LISTED]))
    return f"{shown}, … (+{len(values) - MOST_LISTED})" if len(values) > MOST_LISTED else shown


def particle(word: str, kind: str) -> str:
    """The Korean particle that fits after `word`: `particle("서울", "으로")` -> `"로"`."""
    after_consonant, after_vowel = _PARTICLES[kind]
    last = next((char for char in reversed(word) if char.isalnum()), "")
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        consonant = final != 0 and not (kind == "으로" and final == 8)  # ㄹ takes 로
    elif last.isdigit():
        consonant = last in _DIGITS_ENDING_IN_CONSONANT and not (kind == "으로" and last in "178")
    else:
        consonant = last.lower() in "lmnr" and not (kind == "으로" and last.lower() in "lr")
    return after_consonant if consonant else after_vowel
