"""Texts as counted terms: the same reading for every script, with a little help for Korean.

A term is what stands for a word: the first six letters of its singular in scripts with spaces; each two neighbouring
characters of a Korean noun (so that compounds meet their parts) and of scripts without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from madang.core.affinity.wordlists import (
    AFTER_CONSONANT,
    AFTER_VOWEL,
    ENDINGS,
    HANGUL,
    KEEPS_S,
    KEPT_WHOLE,
    LONGEST_RUN,
    SOUNDED_PLURALS,
    STEM,
    STOP_WORDS,
    UNSPACED,
)

TITLE = 2  # how often a title counts


def _range(low: int, high: int) -> str:
    return f"{chr(low)}-{chr(high)}"


_SYLLABLES = _range(*HANGUL)
_PACKED = "".join(_range(low, high) for low, high in UNSPACED)
#: One run of one way of writing: Hangul, a script without spaces, or anything else.
_RUN = re.compile(f"([{_SYLLABLES}]+)|([{_PACKED}]+)|[^ {_SYLLABLES}{_PACKED}]+")


class _Letters(dict[int, str | int | None]):
    """For `str.translate`: letters, marks and digits stay, what joins invisibly goes, all else parts words."""

    def __missing__(self, code: int) -> str | int | None:
        letter = unicodedata.category(chr(code))[0] in "LMN"
        self[code] = kept = code if letter else " "
        return kept


@dataclass(slots=True)
class Reader:
    """Reads texts; remembers words, for the same words come again and again."""

    letters: _Letters = field(default_factory=lambda: _Letters({0x00AD: None, 0x200C: None, 0x200D: None}))
    known: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def counts(self, title: str, text: str) -> Counter[str]:
        """term -> how often, a title counting twice. Cost: linear in the text."""
        found: Counter[str] = Counter()
        for part, times in ((title, TITLE), (text, 1)):
            for chunk, count in Counter(part.split()).items():
                for term, _ in self.terms(chunk):
                    found[term] += count * times
        return found

    def first_words(self, title: str, text: str) -> dict[str, str]:
        """term -> the first word, as it is read, that gives it."""
        words: dict[str, str] = {}
        for part in (title, text):
            for chunk in part.split():
                for term, word in self.terms(chunk):
                    words.setdefault(term, word)
        return words

    def terms(self, chunk: str) -> tuple[tuple[str, str], ...]:
        """`(term, word)` of what stands between two spaces."""
        if chunk not in self.known:
            self.known[chunk] = tuple(
                pair
                for start in range(0, len(chunk), LONGEST_RUN)
                for pair in self._read(chunk[start : start + LONGEST_RUN])
            )
        return self.known[chunk]

    def _read(self, piece: str) -> Iterator[tuple[str, str]]:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", piece).casefold())
        for run in _RUN.finditer(folded.translate(self.letters)):
            word = run.group()
            if run.group(1) is not None:
                word = korean_stem(word)
            if len(word) < 2 or word in STOP_WORDS or run.group() in STOP_WORDS or word.isdecimal():
                continue
            if run.group(1) is None and run.group(2) is None:
                yield singular(word)[:STEM], word
            else:
                for place in range(len(word) - 1):
                    yield word[place : place + 2], word


def singular(word: str) -> str:
    """An English plural as its singular, by its letters alone; French and Spanish ones mostly too.

    >>> singular("buses"), singular("cities"), singular("models"), singular("access"), singular("gas")
    ('bus', 'city', 'model', 'access', 'gas')
    """
    if len(word) <= 3 or not word.endswith("s") or word.endswith(KEEPS_S):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(SOUNDED_PLURALS) else word[:-1]


def korean_stem(word: str) -> str:
    """A Korean word without its particles and verbal endings, never shorter than two syllables.

    >>> korean_stem("교통약자들을"), korean_stem("구축하였습니다"), korean_stem("전문가가"), korean_stem("고속도로")
    ('교통약자', '구축', '전문가', '고속도로')
    """
    while (ending := _ending(word)) and len(word) - len(ending) >= 2:
        word = word[: -len(ending)]
    return word


def _ending(word: str) -> str:
    if word.endswith(KEPT_WHOLE):
        return ""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return ending
    for particle in (*AFTER_CONSONANT, *AFTER_VOWEL):
        if word.endswith(particle) and len(word) > len(particle) and _fits(word[-len(particle) - 1], particle):
            return particle
    return ""


def _fits(last: str, particle: str) -> bool:
    """Whether Korean puts this particle behind this syllable (`로` also stands behind ㄹ)."""
    final = (ord(last) - HANGUL[0]) % 28
    if particle in ("로", "으로"):
        return (final in (0, 8)) == (particle == "로")
    return (final == 0) == (particle in AFTER_VOWEL)
