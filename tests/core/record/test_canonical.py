"""Canonical JSON, held against a library that is not ours."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from madang.core.record.canonical import NotCanonical, canonical, digest

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_reading_back_gives_the_same_value_and_the_same_bytes(value):
    assert canonical(json.loads(canonical(value))) == canonical(value)


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53 + 1, "\ud800", {"a": [0.1]}, {1: "x"}, {"\U0001f600": 1}, {1, 2}], ids=repr
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_refusal_names_the_place():
    with pytest.raises(NotCanonical) as refused:
        canonical({"scores": [1, {"need": 0.5}]})
    assert refused.value.at == "/scores/1/need"


def test_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
