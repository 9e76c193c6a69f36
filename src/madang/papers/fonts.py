"""The fonts of printed papers: our own (Korean, Latin, Greek, Cyrillic, common Chinese characters), and their letters.

What no font at hand has is written as its code point, so that a paper never shows an empty box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst
from fontTools.ttLib import TTFont, TTLibError

FOLDER = Path(str(files("madang.papers"))) / "vendor" / "pretendard-gov"

_PLAIN = re.compile(r"[\n\u0020-\u007e\u00a0-\u00ff\uac00-\ud7a3]+")
"""What our own fonts surely have: no need to open them for a paper that has nothing else."""


@cache
def for_typst(*, system: bool) -> typst.Fonts:
    """Our own fonts, and those of the system where a paper needs them."""
    return typst.Fonts(include_system_fonts=system, font_paths=[str(FOLDER)])


def unusual(texts: Iterable[str]) -> frozenset[str]:
    """The letters of the texts beside Korean, Latin and what is on every keyboard."""
    return frozenset().union(*(_PLAIN.sub("", text) for text in texts))


def unknown(letters: frozenset[str]) -> frozenset[str]:
    """Which of the letters our own fonts do not have. Private ones mean something else to everyone: nobody has them."""
    return frozenset(letter for letter in letters if _private(letter) or letter not in _own())


def elsewhere(letters: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Which of the letters the system's fonts have, and the families that have them. Cost: opens the fonts."""
    found: set[str] = set()
    families: dict[str, None] = {}
    wanted = {letter for letter in letters if not _private(letter)}
    for family, path, index in _system():
        if wanted <= found:
            break
        if new := (wanted - found) & _letters_of(path, index):
            found |= new
            families[family] = None
    return frozenset(found), tuple(families)


def written_out(text: str, missing: frozenset[str]) -> str:
    """The text with each missing letter as its code point: `[U+1F600]`. What has no shape of its own is left out."""
    if not missing or not missing & frozenset(text):
        return text
    return "".join(_code_point(letter) if letter in missing else letter for letter in text)


def _private(letter: str) -> bool:
    return unicodedata.category(letter) in ("Co", "Cn", "Cs")


def _code_point(letter: str) -> str:
    shapeless = unicodedata.category(letter) == "Cf" or "\ufe00" <= letter <= "\ufe0f"  # joiners, variants of a letter
    return "" if shapeless else f"[U+{ord(letter):04X}]"


@cache
def _own() -> frozenset[str]:
    return _letters_of(str(FOLDER / "PretendardGOV-Regular.otf"), 0)


@cache
def _letters_of(path: str, index: int) -> frozenset[str]:
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap() or ()))
    except (OSError, TTLibError, KeyError):
        return frozenset()


def _system() -> Iterator[tuple[str, str, int]]:
    """Family, file and place in the file of every upright font of normal weight."""
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts()
    for font in sorted(fonts, key=lambda one: (one.family, one.path or "")):
        if font.path and font.weight == 400 and font.style == "normal":
            yield font.family, font.path, font.index
