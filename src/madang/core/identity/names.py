"""Names of organisations: what nobody can see in them, how they are searched, and how two are found to be alike.

A name alone proves nothing: names that agree here are only suspected to mean one organisation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final

from madang.core.conflicts.naming import organisation_name

_JOINERS: Final = "\u200c\u200d"
"""Needed to write Persian and several Indian scripts; elsewhere they only hide a difference."""

_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that print nothing (Hangul fillers, grapheme joiner), though Unicode calls them no format."""

_LOOKALIKE: Final = str.maketrans("аеорсухіјѕһԁԛԝвкмнтαβεζηικμνορτυχ", "aeopcyxijshdqwbkmhtabezhikmnoptyx")
"""Small letters of other alphabets that look like a Latin one, themselves or as capitals (В is B, Н and Η are H)."""


def _is_unseen(char: str) -> bool:
    """Whether a character prints nothing of its own: format controls, fillers, variation selectors."""
    return (
        unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Cn")
        or char in _UNSEEN
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or "\u180b" <= char <= "\u180f"
    )


def hidden_characters(text: str) -> list[str]:
    """The characters that a reader cannot see, as `U+202E`, each once; joiners between letters of a script that needs
    them are not counted.
    """
    found = []
    for place, char in enumerate(text):
        if not _is_unseen(char) or (char in _JOINERS and _joins(text, place)):
            continue
        found.append(f"U+{ord(char):04X}")
    return list(dict.fromkeys(found))


def _joins(text: str, place: int) -> bool:
    """Whether the joiner stands behind a letter or mark of a script that is written with joiners."""
    before = text[place - 1] if place else ""
    name = unicodedata.name(before, "") if before else ""
    return name.split(" ")[0] in (
        "ARABIC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM",
        "SINHALA", "SYRIAC", "MONGOLIAN", "KHMER", "MYANMAR",
    )  # fmt: skip


def search_form(text: str) -> str:
    """Small letters, compatibility forms joined, nothing unseen, single spaces: the form that searching compares."""
    folded = unicodedata.normalize("NFKC", "".join(char if char.isspace() else _seen(char) for char in text)).casefold()
    return " ".join("".join(char if char.isspace() else _seen(char) for char in folded).split())


def _seen(char: str) -> str:
    return "" if _is_unseen(char) else char


def name_key(name: str) -> str:
    """The name without legal form, case, spaces, unseen characters, and without the difference of letters that look
    alike; empty if nothing is left. Two names with one key look the same to a reader, or nearly so.

    >>> name_key("Асme Ltd.") == name_key("ACME")  # the first two letters are Cyrillic
    True
    """
    key = organisation_name(search_form(name)).translate(_LOOKALIKE)
    return organisation_name(key) or key


_WINDOW: Final = 6
_ALIKE: Final = 0.88
_SHORTEST: Final = 5


def near_pairs(keys: Mapping[int, str]) -> Iterator[tuple[int, int]]:
    """Pairs of ids whose keys differ by little (a letter, a word left out), each once, the smaller id first.

    Only neighbours in the order of the keys, and in the order of the keys read backwards, are compared: linear in
    their number, so a slip at both ends of a long name is not found. Keys that are equal or short are left out.
    """
    seen: set[tuple[int, int]] = set()
    long = {id_: key for id_, key in keys.items() if len(key) >= _SHORTEST}
    for order in (sorted(long, key=lambda i: (long[i], i)), sorted(long, key=lambda i: (long[i][::-1], i))):
        for one, other in _neighbours(order):
            pair = (min(one, other), max(one, other))
            if pair not in seen and long[one] != long[other] and _alike(long[one], long[other]):
                seen.add(pair)
                yield pair


def _neighbours(order: list[int]) -> Iterable[tuple[int, int]]:
    for place, one in enumerate(order):
        for other in order[place + 1 : place + _WINDOW]:
            yield one, other


def _alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) * 3 >= len(longer) * 2 and longer.startswith(shorter):
        return True
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
