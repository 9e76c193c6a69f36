"""Texts as the letters that are compared, in a code that can be cut into shingles without looking at it.

A letter is written as one unit where it is narrow and as two where it is wide (Hangul, Han, kana: East Asian width), so
that eight units in a row are a shingle eight columns wide. What a letter is: `docs/algorithms/duplicates.md`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
import regex
from numpy.typing import NDArray

#: Single jamo are no letters: in Korean documents ㅇ and ㅁ are bullets. Halfwidth ones likewise.
_JAMO: Final = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xD7B0, 0xD7FF), (0xFFA0, 0xFFDC))
#: What may join the character before it: marks, and the vowels and finals of Hangul.
_JOINS: Final = regex.compile(r"[\p{M}\u1161-\u1175\u11a8-\u11c2\U00016d67-\U00016d6a]")
_PARTS: Final = regex.compile(rf".{_JOINS.pattern}*", regex.DOTALL)

#: Texts are read so many characters at a time.
_BLOCK: Final = 1 << 17

Units = NDArray[Any]  # unsigned, of one or two bytes
Whole = NDArray[np.int64]


def folded(character: str) -> str:
    """The letters of one character of a composed text: none, one, or several (`㎡` is `m2`)."""
    if any(low <= ord(character) <= high for low, high in _JAMO):
        return ""
    letters = []
    for one in unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold()):
        parts = one if "가" <= one <= "힣" else unicodedata.normalize("NFD", one)
        letters += [part for part in parts if _is_letter(part)]
    return "".join(letters)


def _is_letter(part: str) -> bool:
    category = unicodedata.category(part)
    is_jamo = any(low <= ord(part) <= high for low, high in _JAMO)
    return (category[0] in "LN" or category == "Mc") and not is_jamo


class Alphabet:
    """The letters of some texts, each with its units.

    One byte is a unit while there are at most 127 narrow and 4,096 wide letters; beyond, two bytes are. A unit says
    what it is: narrow, the first of a wide letter, or the second; 0 is none.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        seen = np.zeros(0x110000, bool)
        for block in _blocks(texts):
            seen[_code_points("".join(map(_composed, block)))] = True
        used = {point: folded(chr(point)) for point in np.flatnonzero(seen).tolist()}
        letters = sorted(set(chain.from_iterable(used.values())))
        wide = [one for one in letters if unicodedata.east_asian_width(one) in "WF"]
        narrow = sorted(set(letters) - set(wide))
        small = len(narrow) < 0x80 and len(wide) <= 0x40 * 0x40
        self.type: np.dtype[Any] = np.dtype("<u1") if small else np.dtype("<u2")
        self.first, self.second = (0x80, 0xC0) if small else (0x8000, 0xC000)
        bits = 6 if small else 14
        written = {one: (number,) for number, one in enumerate(narrow, start=1)}
        code: dict[str, tuple[int, ...]] = dict(written)
        for number, one in enumerate(wide):
            code[one] = (self.first | number >> bits, self.second | number & ((1 << bits) - 1))
        self._lay_out(used, code)

    def _lay_out(self, used: dict[int, str], code: dict[str, tuple[int, ...]]) -> None:
        """Tables by code point: how many letters it gives, and its units: two side by side, or more in `_long`."""
        self._letters = np.zeros(0x110000, np.int8)
        self._units = np.zeros((0x110000, 2), self.type)
        self._long: dict[str, str] = {}
        for point, letters in ({ord(one): one for one in code} | used).items():
            units = [unit for one in letters for unit in code[one]]
            self._letters[point] = len(letters)
            self._units[point, : len(units)] = units[:2]
            if len(units) > 2:
                self._long[chr(point)] = letters
        self._is_long = regex.compile(f"[{''.join(map(regex.escape, self._long))}]") if self._long else None

    def read(self, texts: Iterable[str]) -> Iterator[bytes]:
        """Each text in units. Cost: linear in its characters."""
        for block in _blocks(texts):
            spelt = [self._spelt(_composed(text)) for text in block]
            units = self._units[_code_points("".join(spelt))].reshape(-1)
            there = np.flatnonzero(units != 0)
            units = units[there]
            ends = np.searchsorted(there, 2 * np.cumsum([len(text) for text in spelt])).tolist()
            for start, end in zip([0, *ends], ends, strict=False):
                yield units[start:end].tobytes()

    def _spelt(self, text: str) -> str:
        """With the letters themselves for characters that give more than two units."""
        return self._is_long.sub(lambda found: self._long[found[0]], text) if self._is_long else text

    def letters(self, units: Units) -> tuple[Whole, Whole]:
        """A number for each letter (equal for equal letters), and the columns it takes."""
        starts = np.flatnonzero(units < self.second)
        heads = units[starts].astype(np.int64)
        wide = heads >= self.first
        tails = units[np.minimum(starts + 1, len(units) - 1)].astype(np.int64)
        return np.where(wide, (heads << 16) | tails, heads), np.where(wide, 2, 1)

    def spans(self, text: str) -> tuple[Whole, Whole]:
        """From which character to which each letter of the text comes, with the marks behind it (end not included)."""
        if not _JOINS.search(text) and unicodedata.is_normalized("NFC", text):
            counts = self._letters[_code_points(text)]
            starts = np.repeat(np.arange(len(text)), counts)
            return starts, starts + 1
        places, lengths, letters = [], [], []
        for part in _PARTS.finditer(text):
            places.append(part.start())
            lengths.append(part.end() - part.start())
            letters.append(int(self._letters[_code_points(_composed(part[0]))].sum()))
        starts = np.repeat(np.array(places), letters)
        return starts, starts + np.repeat(np.array(lengths), letters)


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _blocks(texts: Iterable[str]) -> Iterator[Sequence[str]]:
    block: list[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size >= _BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), "<u4")
