"""Where a place lies: `Bandung (-6.9147, 107.6098)`, a name, and after it, where known, latitude and longitude.

Degrees with a decimal point, north and east positive, at most six decimals (a tenth of a metre). One notation, so that
a map, a paper and a spreadsheet read the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_DEGREES = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_POINT = re.compile(rf"(?P<name>.*?)\s*\(\s*(?P<lat>{_DEGREES})\s*,\s*(?P<lon>{_DEGREES})\s*\)", re.DOTALL)
_EXACT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Place:
    """`lat` and `lon` are decimal text, or blank where only the name is known."""

    name: str
    lat: str = ""
    lon: str = ""

    @property
    def text(self) -> str:
        return f"{self.name} ({self.lat}, {self.lon})" if self.lat else self.name


def place_of(text: str) -> Place:
    """The place that a text names. Raises `ValueError` for coordinates that are not on the earth."""
    found = _POINT.fullmatch(text.strip())
    if not found:
        return Place(text.strip())
    lat, lon = Decimal(found["lat"]), Decimal(found["lon"])
    if abs(lat) > 90 or abs(lon) > 180:
        raise ValueError("not on the earth")
    return Place(found["name"].strip(), _degrees(lat), _degrees(lon))


def name_of_place(text: str) -> str:
    """The name alone: by it two places are compared, because nobody clicks the same point of a map twice."""
    found = _POINT.fullmatch(text.strip())
    return found["name"].strip() if found else text.strip()


def _degrees(number: Decimal) -> str:
    text = f"{number.quantize(_EXACT):f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
