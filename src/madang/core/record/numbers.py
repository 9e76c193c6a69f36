"""Numbers of applications and receipts, as people read them aloud, type them, and get them wrong.

`7F3KQ-9XWM2-H` is an application: 50 random bits in ten letters and digits (no I, L, O, U), and one that checks the
others. `7F3KQ-9XWM2-H-2` is the receipt of its second revision. They are drawn, not counted: nobody waits for the last
number, nothing tells how many there are, and none can be guessed.
"""

from __future__ import annotations

import re
from typing import Final

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS: Final = 50
_PLACES: Final = 10
_MISREAD: Final = str.maketrans("OIL", "011")
_LONGEST: Final = 60
_FORGIVEN: Final = " -./\t\r\n\u00a0\u200b\u2010\u2011\u2013"
_TYPED: Final = re.compile(rf"([{LETTERS}OIL]{{{_PLACES}}})([{LETTERS}OIL])(?:R?([1-9][0-9]{{0,3}}))?")


def number_of(drawn: int) -> str:
    """The application number of `BITS` random bits. Raises `ValueError` for more or fewer than none."""
    if not 0 <= drawn < 1 << BITS:
        raise ValueError(f"{BITS} bits are needed")
    letters = "".join(LETTERS[drawn >> (5 * place) & 31] for place in reversed(range(_PLACES)))
    return f"{letters[:5]}-{letters[5:]}-{_check(letters)}"


def receipt_number(number: str, revision: int) -> str:
    """The receipt's number of one revision."""
    return f"{number}-{revision}"


def read_number(text: str) -> tuple[str, int | None] | None:
    """Application number and revision (`None`: not said) of what somebody typed; nothing where it is no such number.

    Small letters, spaces (those of no width from a PDF too), missing hyphens and O for 0 or I, L for 1 are forgiven; a
    wrong letter is not.
    """
    if len(text) > _LONGEST:
        return None
    letters = "".join(char for char in text.upper() if char not in _FORGIVEN)
    found = _TYPED.fullmatch(letters)
    if found is None:
        return None
    body, check = found[1].translate(_MISREAD), found[2].translate(_MISREAD)
    if _check(body) != check:
        return None
    return f"{body[:5]}-{body[5:]}-{check}", int(found[3]) if found[3] else None


def _check(letters: str) -> str:
    """One letter that differs after any single wrong letter and after any two neighbours in the wrong order.

    A sum in the field of 32 elements in which each place weighs another power of x (ten places, x has order 31).
    """
    total = 0
    for letter in letters:
        total = _double(total ^ LETTERS.index(letter))
    return LETTERS[total]


def _double(value: int) -> int:
    """Multiplication by x in the field of 32 elements (x^5 + x^2 + 1)."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
