"""Time stamps and deposits: what belongs to a root, what does not, and what is not even one."""

import base64
import datetime as dt
import hashlib
import random

import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from hypothesis import given
from hypothesis import strategies as st
from rfc3161_client import HashAlgorithm

from madang.core.reasons import Malformed
from madang.core.record import der
from madang.core.record.anchors import DepositNote, check_anchor, imprint_of, read_anchor
from madang.core.record.keylist import in_fours
from madang.core.record.stamps import TimeStamp, read_trusted
from tests.core.record.authority import OPENSSL, ROOT, STAMPED, OpenSsl, authority, certificate, pem, request

OTHER = "0b" * 32
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="no openssl here")


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


def refusal(data: bytes) -> list[str]:
    with pytest.raises(Malformed) as refused:
        read_anchor(data)
    return codes(refused.value.faults)


def wrong(data: bytes, trusted=(), root: str = ROOT) -> list[str]:
    return codes(check_anchor(root, read_anchor(data), trusted).wrong)


# -- time stamps that hold ----------------------------------------------------------------------------------------


def test_the_imprint_is_the_hash_of_the_roots_32_bytes():
    assert imprint_of(ROOT) == hashlib.sha256(b"\x0a" * 32).digest()


def test_a_stamp_by_a_trusted_authority_holds_and_says_when():
    who = authority()
    judged = check_anchor(ROOT, read_anchor(who.stamp()), who.trusted())
    assert (judged.wrong, judged.unjudged) == ((), ())
    assert [(reason.code, reason.params) for reason in judged.holds] == [
        ("anchor_stamped", {"time": "2022-02-01 01:30:00 UTC", "authority": "CN=invented stamps"})
    ]


def test_without_a_certificate_to_trust_it_is_whole_but_who_stamped_is_not_judged():
    judged = check_anchor(ROOT, read_anchor(authority().stamp()))
    assert (judged.wrong, judged.holds, codes(judged.unjudged)) == ((), (), ["anchor_authority_not_judged"])


def test_response_token_and_both_in_pem_are_the_same_stamp():
    response = authority().stamp()
    token = tsp.TimeStampResp.load(response)["time_stamp_token"].dump()
    armoured = [
        f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n".encode()
        for label, data in (("TIMESTAMP RESPONSE", response), ("PKCS7", token))
    ]
    read = [read_anchor(data) for data in (response, token, *armoured)]
    assert read == [read[0]] * 4
    assert isinstance(read[0], TimeStamp)
    assert read[0].time == STAMPED


def test_the_day_of_a_stamp_is_never_told_too_early():
    """20:00 UTC is the next day in Seoul already."""
    anchor = read_anchor(authority().stamp(at=dt.datetime(2023, 1, 14, 20, tzinfo=dt.UTC)))
    assert isinstance(anchor, TimeStamp)
    assert anchor.latest_day == dt.date(2023, 1, 15)


def test_a_certificate_that_ran_out_after_the_stamp_does_no_harm():
    who = authority("ended", until=dt.datetime(2023, 1, 1, tzinfo=dt.UTC))
    assert codes(check_anchor(ROOT, read_anchor(who.stamp()), who.trusted()).holds) == ["anchor_stamped"]


@needs_openssl
@pytest.mark.parametrize(("digest", "ess"), [("sha256", "sha256"), ("sha512", "sha384"), ("sha384", "sha1")])
def test_openssl_as_authority(tmp_path, digest, ess):
    """It sends its certificates in the order of the chain, which is not DER's: half of its stamps need sorting."""
    who = authority()
    for name in ("invented", "second", "elliptic"):
        each = authority(name)
        response = OpenSsl(tmp_path, each).answer(request(), digest=digest, ess=ess)
        assert codes(check_anchor(ROOT, read_anchor(response), each.trusted()).holds) == ["anchor_stamped"]
        assert wrong(response, root=OTHER) == ["anchor_of_another_root"]
        assert wrong(response, who.trusted()) == ([] if name == "invented" else ["anchor_not_trusted"])


@needs_openssl
def test_a_time_with_fractions_of_a_second_is_told_in_whole_seconds(tmp_path):
    anchor = read_anchor(OpenSsl(tmp_path, authority()).answer(request(), digits=6))
    assert isinstance(anchor, TimeStamp)
    assert anchor.time.microsecond == 0
    assert [reason.code for reason in check_anchor(ROOT, anchor, authority().trusted()).holds] == ["anchor_stamped"]


@needs_openssl
def test_openssl_as_verifier_agrees(tmp_path):
    who, other = authority(), authority("second")
    verifier = OpenSsl(tmp_path, who)
    for response, root in ((who.stamp(), ROOT), (who.stamp(), OTHER), (other.stamp(), ROOT)):
        ours = check_anchor(root, read_anchor(response), who.trusted())
        assert verifier.verifies(response, root) == (not ours.wrong)


# -- time stamps that do not --------------------------------------------------------------------------------------


def test_a_stamp_of_another_root_is_found_even_where_nobody_is_trusted():
    assert wrong(authority().stamp(OTHER)) == ["anchor_of_another_root"]


def test_only_sha256_of_the_root_is_its_imprint():
    response = authority().answer(request(ROOT, HashAlgorithm.SHA512))
    assert wrong(response) == ["anchor_other_algorithm"]


def test_a_stamp_signed_over_sha1_is_refused():
    assert wrong(authority().stamp(md="sha1"), authority().trusted()) == ["anchor_weak_hash"]


def test_another_authority_is_not_trusted():
    assert wrong(authority("second").stamp(), authority().trusted()) == ["anchor_not_trusted"]


@pytest.mark.parametrize(
    ("usage", "critical"),
    [
        (None, True),
        ((Usage.CODE_SIGNING,), True),
        ((Usage.TIME_STAMPING, Usage.CODE_SIGNING), True),
        ((Usage.TIME_STAMPING,), False),
    ],
)
def test_the_certificate_must_be_for_time_stamps_alone(usage, critical):
    name = f"unfit {usage and [each.dotted_string for each in usage]} {critical}"
    who = authority(name, usage=usage, critical=critical)
    assert wrong(who.stamp(), who.trusted()) == ["anchor_not_for_stamping"]


@pytest.mark.parametrize("moment", [STAMPED - dt.timedelta(days=900), STAMPED + dt.timedelta(days=400)])
def test_the_certificate_must_have_been_good_when_it_stamped(moment):
    who = authority("ended", until=dt.datetime(2023, 1, 1, tzinfo=dt.UTC))
    assert wrong(who.stamp(at=moment), who.trusted()) == ["anchor_certificate_not_valid_then"]


def changed(response: bytes, change) -> bytes:
    """The response with a part of it changed, put together again by asn1crypto."""
    parsed = tsp.TimeStampResp.load(response)
    change(parsed["time_stamp_token"]["content"])
    return parsed.dump(force=True)


def test_an_earlier_time_put_into_a_token_is_found_without_any_certificate():
    def earlier(signed):
        info = signed["encap_content_info"]["content"].parsed
        info["gen_time"] = STAMPED - dt.timedelta(days=30)
        signed["encap_content_info"]["content"] = cms.ParsableOctetString(info.dump(force=True))

    assert wrong(changed(authority().stamp(), earlier)) == ["anchor_content_changed"]


def test_a_changed_signature_is_found():
    def other(signed):
        signature = signed["signer_infos"][0]["signature"].native
        signed["signer_infos"][0]["signature"] = bytes([signature[0] ^ 1]) + signature[1:]

    assert wrong(changed(authority().stamp(), other)) == ["anchor_signature_bad"]


def test_a_kind_of_signature_that_is_not_known_here_is_left_to_openssl():
    """The kind is not covered by the signature: giving it another name must not let a changed token through."""

    def renamed(signed):
        signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": "rsassa_pss"}

    def renamed_and_changed(signed):
        renamed(signed)
        signed["signer_infos"][0]["signature"] = b"\x01" * 256

    for change in (renamed, renamed_and_changed):
        judged = check_anchor(ROOT, read_anchor(changed(authority().stamp(), change)))
        assert (judged.wrong, judged.holds, codes(judged.unjudged)) == ((), (), ["anchor_signature_unknown"])
    assert wrong(changed(authority().stamp(), renamed_and_changed), authority().trusted()) == ["anchor_not_trusted"]


def test_another_certificate_of_the_same_key_cannot_be_put_in():
    """Same issuer, number, key and usage, but other days: the signature names the certificate that it was made with."""
    who = authority()
    twin = certificate(
        "invented stamps",
        issuer=who.middle,
        issuer_name="invented middle",
        usage=(Usage.TIME_STAMPING,),
        days=(STAMPED - dt.timedelta(days=3000), STAMPED + dt.timedelta(days=1)),
    )

    def swap(signed):
        theirs = cms.CertificateChoices.load(twin.public_bytes(Encoding.DER))
        signed["certificates"] = [*(c for c in signed["certificates"] if "stamps" not in str(c.native)), theirs]
        signed["signer_infos"][0]["sid"].chosen["serial_number"] = twin.serial_number

    assert wrong(changed(who.stamp(), swap), who.trusted()) == ["anchor_certificate_swapped"]


def test_a_refusal_is_told_with_the_authoritys_words():
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["not today"]})
    with pytest.raises(Malformed) as refused:
        read_anchor(der.encode(der.SEQUENCE, status.dump()))
    (fault,) = refused.value.faults
    assert (fault.code, fault.params) == ("anchor_refused", {"status": 2, "text": "not today"})


def test_a_token_without_its_certificate_says_so():
    def bare(signed):
        signed["certificates"] = [
            c for c in signed["certificates"] if "middle" in str(c.native["tbs_certificate"]["subject"])
        ]

    assert refusal(changed(authority().stamp(), bare)) == ["anchor_without_certificate"]


def test_every_cut_of_a_token_is_refused_by_name():
    response = authority().stamp()
    assert {code for end in range(1, len(response), 7) for code in refusal(response[:end])} <= {
        "anchor_broken",
        "not_an_anchor",
    }


def test_hostile_bytes_never_get_through_and_never_raise_anything_else():
    """3,000 damaged tokens. What is not covered by the signature (the order of certificates, say) may still hold."""
    response, trusted, chance = authority().stamp(), authority().trusted(), random.Random(1)
    held = 0
    for _ in range(3000):
        data = bytearray(response)
        for _ in range(chance.choice((1, 1, 2, 6))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            anchor = read_anchor(bytes(data))
        except Malformed:
            continue
        assert isinstance(anchor, TimeStamp)
        judged = check_anchor(ROOT, anchor, trusted)
        check_anchor(ROOT, anchor)
        if judged.holds:
            held += 1
            assert (anchor.time, anchor.imprint) == (STAMPED, imprint_of(ROOT))
    assert held < 150


@given(st.binary(max_size=400))
def test_garbage_is_refused_cleanly(data):
    for given_bytes in (data, b"0" + data, der.encode(der.SEQUENCE, data)):
        try:
            anchor = read_anchor(given_bytes)
        except Malformed:
            continue
        assert isinstance(anchor, DepositNote)


def test_a_file_of_another_kind_is_named():
    assert refusal(pem(authority().root)) == ["anchor_is_certificate"]
    assert refusal(b"0" * (1024 * 1024 + 1)) == ["anchor_too_large"]
    assert refusal(b"") == ["not_an_anchor"]
    assert refusal(b"-----BEGIN PKCS7-----\n!!!\n-----END PKCS7-----\n") == ["anchor_broken"]


def test_certificates_to_trust_are_read_in_pem_and_der_and_nothing_else_is():
    root, middle = authority().root, authority().middle
    assert read_trusted(pem(root, middle)) == (root, middle)
    assert read_trusted(root.public_bytes(Encoding.DER)) == (root,)
    for garbage in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"0\x82", b"text"):
        with pytest.raises(Malformed) as refused:
            read_trusted(garbage)
        assert codes(refused.value.faults) == ["not_a_certificate"]


# -- deposits -----------------------------------------------------------------------------------------------------

DIGITS = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "text",
    [
        DIGITS,
        DIGITS.upper(),
        f"root: {DIGITS}",
        f"ROOT={DIGITS}\n",
        f"루트: {in_fours(DIGITS)}\nAdd a copy to the file.",
        f"Root: {in_fours(DIGITS)} 2022-02-01",
        f"The root is\n  {DIGITS[:32]}\n  {DIGITS[32:]}\nand no other.",
        "\t".join(DIGITS[i : i + 8] for i in range(0, 64, 8)),
        "-".join(DIGITS[i : i + 4] for i in range(0, 64, 4)),
        f"{in_fours(DIGITS)}\nroot: {DIGITS}\n{DIGITS.upper()}",
        f"Deposited on 2022-02-01 by A\n{in_fours(DIGITS)}\nA bad copy is no copy.",
        f"root: {in_fours(DIGITS[:30])} {DIGITS[30:]}",
    ],
)
def test_a_deposited_root_is_read_however_it_is_grouped(text):
    for data in (
        text.encode(),
        text.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
    ):
        assert read_anchor(data) == DepositNote(DIGITS)
    assert read_anchor(text.encode("cp949")) == DepositNote(DIGITS)


@pytest.mark.parametrize(
    "text", ["no root", f"root: {DIGITS[:-1]}", DIGITS + "0", f"root: {DIGITS}0", f"{in_fours(DIGITS)} 2022", "root:"]
)
def test_a_text_without_a_whole_root_is_no_deposit(text):
    assert refusal(text.encode()) == ["not_an_anchor"]


def test_a_text_with_two_roots_is_refused():
    assert refusal(f"root: {ROOT}\nroot: {OTHER}".encode()) == ["anchor_several_roots"]
    assert refusal(f"{in_fours(ROOT)}\n\nroot: {OTHER}".encode()) == ["anchor_several_roots"]


def test_a_deposit_is_compared_with_the_root():
    assert codes(check_anchor(ROOT, DepositNote(ROOT)).holds) == ["deposit_is_root"]
    assert codes(check_anchor(ROOT, DepositNote(OTHER)).wrong) == ["deposit_of_another_root"]
