"""Won as words, and roundings that never break a sum."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.words.money import WON, allocate, in_unit, natural_unit, round_keeping_sum, show, unit_name

won = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize(
    ("amount", "korean", "english"),
    [
        (4_000_000_000, "40억 원", "KRW 4 billion"),
        (4_250_000_000, "42.5억 원", "KRW 4.25 billion"),
        (350_000_000, "3.5억 원", "KRW 350 million"),
        (35_000_000, "35백만 원", "KRW 35 million"),
        (123_456_789, "123,456,789원", "KRW 123,456,789"),
        (1_234_500_000, "1,234.5백만 원", "KRW 1,234.5 million"),
        (35_500, "35,500원", "KRW 35,500"),
        (0, "0원", "KRW 0"),
        (-350_000_000, "-3.5억 원", "KRW -350 million"),
    ],
)
def test_an_amount_is_shown_in_the_unit_its_reader_expects(amount, korean, english):
    assert (show(amount, "ko"), show(amount, "en")) == (korean, english)


@pytest.mark.parametrize(
    ("unit", "korean", "english"),
    [
        ("one", "1,250,000,000원", "KRW 1,250,000,000"),
        ("thousand", "1,250,000천 원", "KRW 1,250,000 thousand"),
        ("million", "1,250백만 원", "KRW 1,250 million"),
        ("eok", "12.5억 원", "KRW 1,250 million"),
        ("billion", "1.25십억 원", "KRW 1.25 billion"),
    ],
)
def test_an_amount_is_shown_in_the_unit_asked_for(unit, korean, english):
    assert (show(1_250_000_000, "ko", unit), show(1_250_000_000, "en", unit)) == (korean, english)


def test_rounding_for_display_is_half_up_and_only_when_asked():
    assert show(1_250_000_000, "ko", "eok", decimals=0) == "13억 원"
    assert show(1_249_999_999, "ko", "eok", decimals=0) == "12억 원"
    assert show(1_249_999_999, "ko", "eok") == "12.49999999억 원"


def test_a_column_has_one_unit():
    assert natural_unit([4_000_000_000, 350_000_000, 0], "ko") == "eok"
    assert natural_unit([4_000_000_000, 35_000_000], "ko") == "million"
    assert natural_unit([4_000_000_000, 1], "en") == natural_unit([], "en") == "one"
    assert (unit_name("million", "ko"), unit_name("million", "en")) == ("백만원", "KRW million")
    assert (unit_name("one", "ko"), unit_name("one", "en")) == ("원", "KRW")


@given(won, st.sampled_from(sorted(WON)))
def test_digits_in_a_unit_lose_nothing(amount, unit):
    assert Fraction(in_unit(amount, unit).replace(",", "")) * WON[unit] == amount


@given(won, st.sampled_from(sorted(WON)), st.integers(0, 3))
def test_rounded_digits_are_within_half_a_last_digit(amount, unit, decimals):
    shown = Fraction(in_unit(amount, unit, decimals=decimals).replace(",", ""))
    assert abs(shown - Fraction(amount, WON[unit])) <= Fraction(1, 2 * 10**decimals)


@given(won, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_shares_add_up_and_lie_within_one_won(total, weights):
    shares = allocate(total, weights)
    assert sum(shares) == total
    assert all(abs(s - Fraction(total * w, sum(weights))) < 1 for s, w in zip(shares, weights, strict=True))


@given(st.lists(won, max_size=20), st.sampled_from([1, 10**3, 10**6, 10**8, 7]))
def test_rounded_parts_add_up_to_the_rounded_total(values, unit):
    rounded = round_keeping_sum(values, unit)
    total = Fraction(sum(values), unit)
    assert all(part % unit == 0 for part in rounded)
    assert sum(rounded) // unit == (total + Fraction(1, 2)).__floor__()
    assert all(abs(part - value) < unit for part, value in zip(rounded, values, strict=True))
    assert all(part == value for part, value in zip(rounded, values, strict=True) if value % unit == 0)


def test_ties_go_by_order():
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert round_keeping_sum([1_500_000, 1_500_000, 1_000_000], 10**6) == [2_000_000, 1_000_000, 1_000_000]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_nothing_is_shared_out_without_a_weight(weights):
    with pytest.raises(ValueError, match="weights"):
        allocate(10, weights)
