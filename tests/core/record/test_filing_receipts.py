"""Numbers that people type, and receipts that anybody can check."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from madang.core.reasons import Malformed
from madang.core.record.canonical import canonical, text_digest
from madang.core.record.filing import contradictions, number_on, read_filing_receipt, signed, signers
from madang.core.record.numbers import BITS, LETTERS, number_of, read_number, receipt_number

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FORM = '{"madang_filed_form":1}'
DRAWN = st.integers(0, (1 << BITS) - 1)


def receipt(**more):
    stated = {
        "number": number_of(12345),
        "revision": 2,
        "call": "small-2027",
        "track": "plan",
        "definition_version": 1,
        "definition_sha256": "0" * 64,
        "form_sha256": text_digest(FORM),
        "files": 2,
        "arrived_at": "2027-12-01T18:00:00+09:00",
        "counts_until": "2027-12-01T18:00:00+09:00",
        "zone": "Asia/Seoul",
        "site": "https://example.org",
        "sample": True,
    }
    return signed(KEY, **{**stated, **more})


@given(DRAWN)
def test_a_number_is_read_back_however_it_is_typed(drawn):
    number = number_of(drawn)
    typed = [number, number.lower(), number.replace("-", ""), f"  {number} ", number.replace("0", "O")]
    assert {read_number(one) for one in typed} == {(number, None)}
    assert read_number(receipt_number(number, 17)) == (number, 17)


@given(DRAWN, st.integers(0, 10), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_noticed(drawn, place, letter):
    letters = list(number_of(drawn).replace("-", ""))
    if letters[place] != letter:
        letters[place] = letter
        assert read_number("".join(letters)) is None


@given(DRAWN, st.integers(0, 9))
def test_two_neighbours_in_the_wrong_order_are_noticed(drawn, place):
    letters = list(number_of(drawn).replace("-", ""))
    if letters[place] != letters[place + 1]:
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
        assert read_number("".join(letters)) is None


@pytest.mark.parametrize("text", ["", "-", "x" * 1000, "7F3KQ", "\0" * 13, "7F3KQ-9XWM2-H-0", "７F3KQ-9XWM2-H"])
def test_what_is_no_number_is_none(text):
    assert read_number(text) is None


def test_too_many_bits_make_no_number():
    with pytest.raises(ValueError, match="50 bits"):
        number_of(1 << BITS)


def test_a_receipt_holds_with_the_form_it_belongs_to():
    read = read_filing_receipt(receipt())
    assert contradictions(read, FORM) == ()
    assert signers(read) == [KEY.public_key().public_bytes_raw().hex()]
    assert number_on(read) == f"{number_of(12345)}-2"
    [reason] = contradictions(read, FORM + " ")
    assert reason.code == "filing_form_differs"


CHANGED = {"revision": 3, "call": "other", "arrived_at": "2027-12-01T17:59:59+09:00", "sample": False, "files": 0}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_word_breaks_the_signature(name):
    data = json.loads(receipt())
    data[name] = CHANGED[name]
    read = read_filing_receipt(canonical(data).decode())
    assert [reason.code for reason in contradictions(read)] == ["signature_bad"]


def test_an_unsigned_receipt_proves_nothing():
    data = {**json.loads(receipt()), "signatures": []}
    assert [reason.code for reason in contradictions(read_filing_receipt(json.dumps(data)))] == [
        "filing_receipt_unsigned"
    ]


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"arrived_at": "yesterday"}, "/arrived_at"),
        ({"form_sha256": "x"}, "/form_sha256"),
        ({"revision": True}, "/revision"),
        ({"sample": 1}, "/sample"),
        ({"signatures": {}}, "/signatures"),
        ({"more": 1}, "/more"),
        ({"call": None}, "/call"),
        ({"madang_filing_receipt": 2}, "/madang_filing_receipt"),
    ],
)
def test_a_fault_is_named_with_its_place(change, at):
    with pytest.raises(Malformed) as wrong:
        read_filing_receipt(json.dumps({**json.loads(receipt()), **change}))
    assert [fault.at for fault in wrong.value.faults] == [at]


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", "not json", '{"a":' * 100, "x" * 30_000])
def test_what_is_no_receipt_is_refused(text):
    with pytest.raises(Malformed):
        read_filing_receipt(text)
