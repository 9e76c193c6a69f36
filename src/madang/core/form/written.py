"""How people write numbers, and how what was given is shown in a sentence: shared by the form and by spreadsheets."""

from __future__ import annotations

import re
from decimal import Decimal

WIDE = str.maketrans("０１２３４５６７８９．，－＋％／：（）", "0123456789.,-+%/:()")
"""Full-width digits and signs, as Korean and Japanese keyboards type them. Nothing else is taken for a digit."""

DECIMAL_COMMA = re.compile(r"[+-]?[0-9]{1,30},[0-9]{1,30}|[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,30}")
PERCENT = re.compile(r"[+-]?[0-9]{1,30}([.,][0-9]{1,30})?\s?(%|퍼센트|프로)")
EXPONENT = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?[eE][+-]?[0-9]{1,3}")
WITH_UNIT = re.compile(r"(?:₩|￦|\\|krw\s?)?\s?([+-]?[0-9][0-9,]{0,40}(?:\.[0-9]{1,30})?)\s?([^\W\d_]{1,12}\.?)?", re.I)


def narrow(text: str) -> str:
    """The text with full-width digits and signs, no-break spaces and the minus sign as a keyboard types them."""
    return text.translate(WIDE).replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-").strip()


def shown(text: str) -> str:
    """What was given, short and on one line, for a sentence."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= 60 else flat[:57] + "..."


def plain(number: Decimal) -> str:
    """`Decimal("80.50")` -> `80.5`: one text for one number."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
