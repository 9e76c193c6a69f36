"""Names and register numbers in the form in which they are compared.

A name alone proves nothing: two that agree here are only suspected to mean one organisation or person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from madang.core.conflicts.legal_forms import ATTACHED, BRACKETED, LEADING, TRAILING

_SILENT = frozenset(".'’`·")  # S.A. is SA, O'Neil is ONeil
_LATIN = frozenset("đøłħ")
_PLAIN = str.maketrans("đøłħ", "dolh")


@lru_cache(maxsize=65_536)
def organisation_name(text: str) -> str:
    """The name without legal form, case, accents on Latin letters, points and spaces; empty if nothing is left.

    >>> organisation_name("㈜ 한빛 모빌리티") == organisation_name("한빛모빌리티 주식회사")
    True
    >>> organisation_name("Hanbit Mobility Co., Ltd.")
    'hanbitmobility'
    """
    folded = _folded(text)
    for form in BRACKETED:
        folded = folded.replace(f"({form})", " ")
    name = "".join(_without_forms(_words(folded)))
    return _without_attached(name)


@lru_cache(maxsize=65_536)
def person_name(text: str) -> str:
    """The name without case, accents on Latin letters, points and spaces."""
    return "".join(_words(_folded(text)))


@lru_cache(maxsize=65_536)
def registry_number(text: str) -> str:
    """Letters and digits only: `110111-1234567` and `1101111234567` are one number."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())


def _folded(text: str) -> str:
    """NFKC, lower case, and Latin letters without their accents (Công ty, Cong ty); other scripts keep every mark."""
    kept: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()):
        if not unicodedata.combining(char):
            base = char
        elif "a" <= base <= "z" or base in _LATIN:
            continue
        kept.append(char)
    return unicodedata.normalize("NFKC", "".join(kept)).translate(_PLAIN)


def _words(text: str) -> list[str]:
    spaced = "".join(
        char if unicodedata.category(char)[0] in "LNM" else " and " if char == "&" else "" if char in _SILENT else " "
        for char in text
    )
    return spaced.split()


def _without_forms(words: Sequence[str]) -> Sequence[str]:
    """Without the legal forms in front, then without those behind, as long as something is left."""
    while form := next((f for f in LEADING if len(words) > len(f) and tuple(words[: len(f)]) == f), None):
        words = words[len(form) :]
    while form := next((f for f in TRAILING if len(words) > len(f) and tuple(words[-len(f) :]) == f), None):
        words = words[: -len(form)]
    return words


def _without_attached(name: str) -> str:
    while form := next((f for f in ATTACHED if name != f and name.startswith(f)), None):
        name = name.removeprefix(form)
    while form := next((f for f in ATTACHED if name != f and name.endswith(f)), None):
        name = name.removesuffix(form)
    return name
