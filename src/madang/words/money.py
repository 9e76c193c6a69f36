"""Money as words, and the roundings that never break a sum. The one place where won become text. Imports no Django.

Amounts are whole won (`int`). Nothing here knows floats.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from madang.core.problem import decimal_text

Unit = Literal["one", "thousand", "million", "eok", "billion"]
Language = str

WON: dict[Unit, int] = {"one": 1, "thousand": 10**3, "million": 10**6, "eok": 10**8, "billion": 10**9}

#: Numerals of the Korean units, before 원.
_KOREAN: dict[Unit, str] = {"one": "", "thousand": "천", "million": "백만", "eok": "억", "billion": "십억"}
_ENGLISH: dict[Unit, str] = {"one": "", "thousand": " thousand", "million": " million", "billion": " billion"}

#: The units that a reader of the language expects, largest first.
_NATURAL: dict[Language, tuple[Unit, ...]] = {
    "ko": ("eok", "million", "one"),
    "en": ("billion", "million", "one"),
}
_SHORT = 2  # decimals up to which a larger unit is still easier to read


def show(won: int, language: Language, unit: Unit | None = None, *, decimals: int | None = None) -> str:
    """An amount in words: `show(4_200_000_000, "ko")` -> `"42억 원"`, `"en"` -> `"KRW 4.2 billion"`.

    Without `unit` the largest natural unit that needs at most two decimals; so nothing is lost. With `unit` the digits
    are exact too, unless `decimals` asks for rounding (half up). English knows no eok: those are shown in millions.
    """
    if language != "ko" and unit == "eok":
        unit = "million"
    unit = unit or natural_unit([won], language)
    digits = in_unit(won, unit, decimals=decimals)
    if language == "ko":
        return f"{digits}원" if unit == "one" else f"{digits}{_KOREAN[unit]} 원"
    return f"KRW {digits}{_ENGLISH[unit]}"


def unit_name(unit: Unit, language: Language) -> str:
    """For the head of a column: `unit_name("million", "ko")` -> `"백만원"`, `"en"` -> `"KRW million"`."""
    if language == "ko":
        return f"{_KOREAN[unit]}원"
    return f"KRW{_ENGLISH['million' if unit == 'eok' else unit]}"


def natural_unit(amounts: Sequence[int], language: Language) -> Unit:
    """One unit for a whole column: the largest in which every amount is at least one and needs at most two decimals."""
    spoken = [abs(won) for won in amounts if won]
    for unit in _NATURAL.get(language, _NATURAL["en"]):
        if spoken and all(won >= WON[unit] and won * 10**_SHORT % WON[unit] == 0 for won in spoken):
            return unit
    return "one"


def in_unit(won: int, unit: Unit, *, decimals: int | None = None) -> str:
    """The digits alone, with thousands separators: `in_unit(1_234_500_000, "million")` -> `"1,234.5"`."""
    if decimals is None:
        exact = Decimal(won).scaleb(1 - len(str(WON[unit])))
        return f"{exact:,f}".rstrip("0").rstrip(".") if WON[unit] > 1 else f"{won:,}"
    return f"{Decimal(decimal_text(Fraction(won, WON[unit]), decimals)):,f}"


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Share out `total` in whole won by weight, so that the shares add up to it: largest remainder, ties by order.

    Every share lies within one won of its exact proportion. Raises `ValueError` when no weight is positive or one is
    negative.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, and one must be positive")
    return _largest_remainder([Fraction(total * weight, whole) for weight in weights], total)


def round_keeping_sum(values: Sequence[int], unit: int) -> list[int]:
    """Round won to whole `unit`s (1_000_000 for 백만원) so that the rounded parts add up to the rounded total.

    The total is rounded half up; the parts by largest remainder, ties by order. Every part moves by less than one
    unit, and one that is whole already does not move. Returns won.
    """
    if unit <= 0:
        raise ValueError("a unit is a positive number of won")
    total = (2 * sum(values) + unit) // (2 * unit)
    return [part * unit for part in _largest_remainder([Fraction(value, unit) for value in values], total)]


def _largest_remainder(exact: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers that add up to `total`, each the floor of its exact value or one more."""
    floors = [value.numerator // value.denominator for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])  # stable: ties keep their order
    for i in by_remainder[: total - sum(floors)]:
        floors[i] += 1
    return floors
