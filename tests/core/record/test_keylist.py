"""The office's key list: chains of endorsements, days, revocations, and lists that somebody made up."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from madang.core.reasons import Malformed
from madang.core.record import keylist
from madang.core.record.keylist import Key, KeyList, judge, read_key_argument, read_keys, revoked, rotated

PRIVATE = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 6)]
PUBLIC = [key.public_key().public_bytes_raw().hex() for key in PRIVATE]
DAYS = [dt.date(2021, 6, 1), dt.date(2022, 6, 1), dt.date(2023, 6, 1)]


def three() -> KeyList:
    """Three keys, each endorsed by the one before, changed on the first of June."""
    keys = KeyList((Key(PUBLIC[0], DAYS[0]),))
    for number in (1, 2):
        keys = rotated(keys, PRIVATE[number - 1], key=PUBLIC[number], day=DAYS[number])
    return keys


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


def wrong(keys, signer, day, **known) -> list[str]:
    return codes(judge(keys, signer, f"{day} 10:00", **known).wrong)


def refusal(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as refused:
        read_keys(text)
    return [(fault.code, fault.at) for fault in refused.value.faults]


# -- a list and its chain -----------------------------------------------------------------------------------------


def test_a_list_reads_back_as_it_was_written():
    keys = revoked(three(), PUBLIC[1], day=dt.date(2022, 9, 1), reason="분실한 노트북")
    assert read_keys(keys.text()) == keys
    assert json.loads(keys.text())["keys"][0] == {
        "key": PUBLIC[0], "from": "2021-06-01", "until": "2022-06-01", "endorsed_by": None, "endorsement": None,
    }  # fmt: skip


def test_the_bytes_of_an_endorsement_are_those_of_the_format_page():
    signed = keylist.endorsed_bytes(by="aa", by_until=DAYS[1], key="bb", from_=DAYS[1])
    assert signed == (
        b'{"endorsed_by":"aa","endorsed_by_until":"2022-06-01","from":"2022-06-01","key":"bb","madang_keys":1}'
    )
    endorsement = keylist.endorse(PRIVATE[0], until=DAYS[1], key=PUBLIC[1], from_=DAYS[1])
    told = keylist.endorsed_bytes(by=PUBLIC[0], by_until=DAYS[1], key=PUBLIC[1], from_=DAYS[1])
    PRIVATE[0].public_key().verify(bytes.fromhex(endorsement), told)


@pytest.mark.parametrize(
    ("number", "day", "found"),
    [
        (0, "2021-05-31", []),  # the list begins too late, or the day is stated too early: not judged
        (0, "2021-06-01", []),
        (0, "2022-06-01", []),
        (0, "2022-06-02", ["key_no_longer_valid"]),
        (1, "2022-05-31", ["key_not_yet_valid"]),
        (1, "2022-06-01", []),
        (2, "2099-12-31", []),
        (3, "2023-01-01", ["key_not_in_list"]),
        (0, "soon", ["key_day_unreadable"]),
    ],
)
def test_a_key_counts_on_its_days(number, day, found):
    assert wrong(three(), PUBLIC[number], day) == found


@pytest.mark.parametrize("pinned", [0, 1, 2])
@pytest.mark.parametrize("signer", [0, 1, 2])
def test_a_pinned_key_vouches_for_itself_and_for_those_after_it(pinned, signer):
    day = DAYS[signer]
    expected = [] if pinned <= signer else ["key_not_reached"]
    assert wrong(three(), PUBLIC[signer], day, pinned=PUBLIC[pinned]) == expected


def test_a_key_that_is_known_but_not_in_the_list_vouches_for_nothing():
    assert wrong(three(), PUBLIC[2], DAYS[2], pinned=PUBLIC[4]) == ["key_pinned_not_in_list"]


def test_of_several_signatures_one_good_one_is_enough():
    assert not judge(three(), [PUBLIC[4], PUBLIC[0], PUBLIC[2]], "2024-01-01").wrong
    assert codes(judge(three(), [PUBLIC[4], PUBLIC[0]], "2024-01-01").wrong) == ["key_no_longer_valid"]


def test_a_record_that_nobody_signed_is_told_so():
    assert wrong(three(), [], "2024-01-01") == ["key_unsigned"]


def test_what_holds_and_what_is_only_taken_on_trust_are_both_said():
    judged = judge(three(), PUBLIC[2], "2024-01-01 09:00")
    assert (codes(judged.holds), codes(judged.unjudged)) == (["key_of_list"], ["key_list_trusted"])
    assert not judge(three(), PUBLIC[2], "2024-01-01 09:00", pinned=PUBLIC[0]).unjudged


# -- forged lists -------------------------------------------------------------------------------------------------


def with_key(keys: KeyList, number: int, **changes) -> KeyList:
    changed = [replace(key, **changes) if n == number else key for n, key in enumerate(keys.keys)]
    return read_keys(KeyList(tuple(changed)).text())


@pytest.mark.parametrize(
    ("number", "changes"),
    [
        (1, {"from_": dt.date(2021, 12, 1)}),  # an earlier first day for a stolen key
        (1, {"until": dt.date(2025, 1, 1)}),  # a longer life for it
        (2, {"endorsement": "00" * 64}),
    ],
)
def test_days_and_keys_of_a_chain_cannot_be_changed_under_a_pinned_key(number, changes):
    forged = with_key(three(), number, **changes)
    assert "key_endorsement_bad" in wrong(forged, PUBLIC[2], "2024-01-01", pinned=PUBLIC[0])
    assert "key_endorsement_bad" in wrong(forged, PUBLIC[2], "2024-01-01")


def test_a_forgers_key_needs_an_endorsement_it_cannot_have():
    keys = three()
    forged = (*keys.keys[:2], replace(keys.keys[2], key=PUBLIC[4]))
    assert wrong(KeyList(forged), PUBLIC[4], "2024-01-01", pinned=PUBLIC[0]) == ["key_endorsement_bad"]
    by_itself = rotated(KeyList((Key(PUBLIC[3], DAYS[0]),)), PRIVATE[3], key=PUBLIC[4], day=DAYS[1])
    assert wrong(by_itself, PUBLIC[4], "2024-01-01", pinned=PUBLIC[0]) == ["key_pinned_not_in_list"]


# -- revocation ---------------------------------------------------------------------------------------------------

LEAKED = dt.date(2022, 9, 1)


def test_a_revoked_key_does_not_count_from_that_day_on():
    keys = revoked(three(), PUBLIC[1], day=LEAKED, reason="stolen")
    assert wrong(keys, PUBLIC[1], "2022-09-01") == ["key_revoked"]
    assert wrong(keys, PUBLIC[1], "2023-12-01") == ["key_revoked"]
    assert wrong(keys, PUBLIC[1], "2022-08-31") == []


def test_an_earlier_date_signed_by_a_leaked_key_needs_a_time_stamp():
    """Whoever has the key writes any date: only something outside shows that the record was there before."""
    keys = revoked(three(), PUBLIC[1], day=LEAKED, reason="stolen")
    before, after = LEAKED - dt.timedelta(days=1), LEAKED
    for stamped_on, unjudged in ((None, True), (after, True), (before, False)):
        judged = judge(keys, PUBLIC[1], "2022-08-01", pinned=PUBLIC[0], stamped_on=stamped_on)
        assert (judged.wrong, codes(judged.unjudged)) == ((), ["key_revoked_later"] if unjudged else [])


def test_what_a_leaked_key_endorsed_afterwards_does_not_count():
    keys = revoked(three(), PUBLIC[1], day=LEAKED, reason="stolen")
    assert wrong(keys, PUBLIC[2], DAYS[2], pinned=PUBLIC[0]) == ["key_endorsed_after_revocation"]
    later = revoked(three(), PUBLIC[1], day=dt.date(2024, 1, 1), reason="stolen")
    assert wrong(later, PUBLIC[2], DAYS[2], pinned=PUBLIC[0]) == []


def test_after_a_revocation_a_new_chain_starts_that_an_old_pin_does_not_reach():
    keys = KeyList((Key(PUBLIC[0], DAYS[0]),))
    keys = revoked(keys, PUBLIC[0], day=LEAKED, reason="stolen")
    keys = read_keys(KeyList((*keys.keys, Key(PUBLIC[1], LEAKED))).text())
    assert wrong(keys, PUBLIC[1], "2023-01-01", pinned=PUBLIC[0]) == ["key_not_reached"]
    assert wrong(keys, PUBLIC[1], "2023-01-01", pinned=PUBLIC[1]) == []
    assert wrong(keys, PUBLIC[1], "2023-01-01") == []
    assert keys.current is keys.keys[1]


def test_a_key_is_revoked_once_and_only_if_it_is_there():
    keys = revoked(three(), PUBLIC[1], day=LEAKED, reason="stolen")
    for key, code in ((PUBLIC[1], "keys_revoked_already"), (PUBLIC[4], "keys_unknown_key")):
        with pytest.raises(Malformed) as refused:
            revoked(keys, key, day=LEAKED, reason="again")
        assert codes(refused.value.faults) == [code]


def test_only_the_current_key_is_replaced_and_not_before_it_began():
    for private, day, code in (
        (PRIVATE[1], DAYS[2], "keys_not_current"),
        (PRIVATE[2], DAYS[0], "keys_day_before"),
    ):
        with pytest.raises(Malformed) as refused:
            rotated(three(), private, key=PUBLIC[4], day=day)
        assert codes(refused.value.faults) == [code]


# -- reading ------------------------------------------------------------------------------------------------------


def changed(number: int, **fields) -> str:
    data = json.loads(three().text())
    data["keys"][number] |= fields
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[]", [("not_a_map", "")]),
        ("{}", [("missing_field", "/madang_keys"), ("missing_field", "/keys")]),
        ('{"madang_keys":2,"keys":[]}', [("not_one_of", "/madang_keys"), ("list_too_short", "/keys")]),
        (changed(0, key="AA" * 32), [("not_a_hash", "/keys/0/key")]),
        (changed(1, until="2023-02-30"), [("not_a_day", "/keys/1/until")]),
        (changed(1, until="20230601", extra=1), [("not_a_day", "/keys/1/until"), ("unknown_field", "/keys/1/extra")]),
        (
            changed(1, key=PUBLIC[0]),
            [("keys_twice", "/keys/1/key"), ("keys_endorsed_by_another", "/keys/2/endorsed_by")],
        ),
        (changed(2, until="2023-05-31"), [("keys_ends_before", "/keys/2/until")]),
        (changed(1, endorsement=None), [("keys_half_endorsed", "/keys/1/endorsement")]),
        (changed(0, endorsed_by=PUBLIC[1], endorsement="00" * 64), [("keys_first_endorsed", "/keys/0/endorsed_by")]),
        (changed(1, endorsed_by=None, endorsement=None), [("keys_unendorsed", "/keys/1/endorsed_by")]),
        (changed(2, endorsed_by=PUBLIC[0]), [("keys_endorsed_by_another", "/keys/2/endorsed_by")]),
        (changed(0, until=None), [("keys_open_before", "/keys/1/from")]),
        (changed(2, **{"from": "2022-01-01"}), [("keys_out_of_order", "/keys/2/from")]),
    ],
)  # fmt: skip
def test_every_fault_of_a_list_is_named_with_its_place(text, found):
    assert refusal(text) == found


def test_a_key_argument_is_digits_pem_or_a_list():
    pem = PRIVATE[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    alone = KeyList((Key(PUBLIC[0]),))
    grouped = keylist.in_fours(PUBLIC[0])
    for text in (PUBLIC[0], PUBLIC[0].upper() + "\n", grouped, pem, "\ufeff" + pem):
        assert read_key_argument(text) == alone
    assert read_key_argument(three().text()) == three()


def test_a_key_by_itself_is_good_on_every_day():
    alone = read_key_argument(PUBLIC[0])
    judged = judge(alone, PUBLIC[0], "anything")
    assert (judged.wrong, codes(judged.holds), judged.unjudged) == ((), ["key_signed"], ())
    assert codes(judge(alone, PUBLIC[1], "2022-01-01").wrong) == ["key_did_not_sign"]


def test_what_is_no_key_is_refused():
    other = X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for text in ("", "12", PUBLIC[0][:-1], PUBLIC[0] + "0", other.decode(), "-----BEGIN PUBLIC KEY-----\nAA"):
        with pytest.raises(Malformed) as refused:
            read_key_argument(text)
        assert codes(refused.value.faults) == ["not_a_public_key"]


@given(st.one_of(st.text(), st.text().map(lambda t: "{" + t), st.text().map(lambda t: "-----BEGIN" + t)))
def test_garbage_is_refused_cleanly(text):
    with pytest.raises(Malformed):
        read_key_argument(text)


def test_the_lines_for_a_page_begin_with_the_newest():
    keys = revoked(three(), PUBLIC[0], day=LEAKED, reason="stolen")
    lines = list(keylist.listed(keys))
    assert [(line["state"], line["from"], line["revoked"]) for line in lines] == [
        ("current", "2023-06-01", None),
        ("retired", "2022-06-01", None),
        ("revoked", "2021-06-01", "2022-09-01"),
    ]
    assert len(lines[0]["key"].split()) == 16
