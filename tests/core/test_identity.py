"""Register numbers and names, as they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.core.identity import hidden_characters, name_key, near_pairs, number_faults, search_form


@pytest.mark.parametrize(
    ("scheme", "number"),
    [("kr-brn", "124-81-00998"), ("kr-crn", "130111-0006246"), ("lei", "HWUPKR0MPOU8FGXBT394"), ("other", "A-1")],
)
def test_published_numbers_stand_their_check(scheme: str, number: str) -> None:
    """Of a company, from its public reports; and of a company in the LEI index."""
    assert number_faults(scheme, number) == ()


@pytest.mark.parametrize(("scheme", "number"), [("kr-brn", "1248100998"), ("lei", "HWUPKR0MPOU8FGXBT394")])
def test_one_wrong_digit_is_always_found(scheme: str, number: str) -> None:
    for place, old in enumerate(number):
        for new in set("0123456789") - {old}:
            if old.isdecimal() and not (scheme == "kr-brn" and place == 8):  # its weight of 5 lets some pass there
                assert number_faults(scheme, number[:place] + new + number[place + 1 :])


@given(st.text(max_size=40))
def test_the_forms_are_settled_and_hold_nothing_unseen(text: str) -> None:
    assert search_form(search_form(text)) == search_form(text)
    assert hidden_characters(search_form(text).replace("\n", "")) == []
    assert name_key(text.upper().lower()) is not None


def test_alike_is_found_from_both_ends_and_equal_is_not_paired() -> None:
    keys = {1: "hanbitmobility", 2: "hanbitmobilty", 3: "anbitmobility", 4: "zzzzzzzz", 5: "hanbitmobility", 6: "ab"}
    pairs = set(near_pairs(keys))
    assert {(1, 2), (1, 3)} <= pairs
    assert (1, 5) not in pairs
    assert not any(4 in pair or 6 in pair for pair in pairs)
