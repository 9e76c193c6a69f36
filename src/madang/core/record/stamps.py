"""RFC 3161 time stamps: reading a token, whether it is whole, and whether an authority that is trusted made it.

The chain of certificates and the signature are judged by `rfc3161_client` (OpenSSL's own code). That a token is *whole*
(its content is what its embedded certificate's key signed) is also checked here by itself, so that a changed token is
found even where nobody knows which authority to trust, and so that two programs look at the same signature.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
from rfc3161_client.tsp import TimeStampResponse

from madang.core.reasons import Fault, Malformed, Param, Reason
from madang.core.record import der

GRANTED, GRANTED_WITH_MODS = 0, 1
SHA256 = "2.16.840.1.101.3.4.2.1"
HASHES: dict[str, hashes.HashAlgorithm] = {
    SHA256: hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
"""Hashes that a token may be signed over; older ones (SHA-1, MD5) can be forged."""

_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_PSS = "1.2.840.113549.1.1.10"


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What a token says. Nothing of it is checked yet but its shape."""

    token: bytes  # DER, its certificates in DER's order
    imprint: bytes
    imprint_algorithm: str  # OID
    time: dt.datetime  # UTC, whole seconds
    authority: str  # the subject of the certificate that signed
    certificate: x509.Certificate
    nonce: int | None

    @property
    def latest_day(self) -> dt.date:
        """The day of the stamp where on earth it is latest (UTC+14): a revocation is a day of some zone, and a stamp
        must not count as earlier than it was.
        """
        return (self.time + dt.timedelta(hours=14)).date()


# -- reading ------------------------------------------------------------------------------------------------------


def read_response(data: bytes) -> TimeStamp:
    """A time-stamp response, or a token by itself, in DER. Raises `Malformed`, whatever the bytes are."""
    try:
        return _read(data)
    except Malformed:
        raise
    except Exception as error:  # other people's parsers over hostile bytes: whatever trips them, it is no token
        raise Malformed([Fault("anchor_broken", "", {"problem": str(error)[:200]})]) from None


def _read(data: bytes) -> TimeStamp:
    parts = der.element(data, der.SEQUENCE).inside()
    if not parts:
        raise der.BrokenDer("empty")
    token = _in_der_order(data if parts[0].tag == der.OID else _token_of(parts))
    response = _granted(token)
    info, certificate = response.tst_info, _signer(response)
    return TimeStamp(
        token=token,
        imprint=info.message_imprint.message,
        imprint_algorithm=info.message_imprint.hash_algorithm.dotted_string,
        time=info.gen_time,
        authority=certificate.subject.rfc4514_string(),
        certificate=certificate,
        nonce=info.nonce,
    )


def _token_of(response: list[der.Element]) -> bytes:
    """The token of a response; raises `Malformed` where the authority refused."""
    status = decode_timestamp_response(der.encode(der.SEQUENCE, response[0].whole))
    if status.status not in (GRANTED, GRANTED_WITH_MODS):
        told: dict[str, Param] = {"status": status.status, "text": "; ".join(status.status_string)[:300]}
        raise Malformed([Fault("anchor_refused", "", told)])
    if len(response) != 2:
        raise der.BrokenDer("no token in the response")
    return response[1].whole


def _granted(token: bytes) -> TimeStampResponse:
    """The token in a plain "granted" response, the only form that the library takes."""
    status = der.encode(der.SEQUENCE, der.encode(der.INTEGER, bytes([GRANTED])))
    return decode_timestamp_response(der.encode(der.SEQUENCE, status, token))


def _in_der_order(token: bytes) -> bytes:
    """The token with its certificates sorted as DER asks for. Authorities that run OpenSSL send them in the order of
    the chain, which the library refuses; the signature does not cover them.
    """
    content_type, wrapped = der.element(token, der.SEQUENCE).inside()
    signed = der.element(wrapped.content, der.SEQUENCE).inside()
    parts = [
        der.encode(part.tag, *sorted(each.whole for each in part.inside())) if part.tag == 0xA0 else part.whole
        for part in signed
    ]
    inner = der.encode(wrapped.tag, der.encode(der.SEQUENCE, *parts))
    return der.encode(der.SEQUENCE, content_type.whole, inner)


def _signer(response: TimeStampResponse) -> x509.Certificate:
    """The certificate of the token's one signer, which a request with `certReq` makes the authority put in."""
    signers = list(response.signed_data.signer_infos)
    if len(signers) != 1:
        raise der.BrokenDer(f"{len(signers)} signers instead of one")
    for data in sorted(response.signed_data.certificates):
        certificate = x509.load_der_x509_certificate(data)
        if (certificate.issuer, certificate.serial_number) == (signers[0].issuer, signers[0].serial_number):
            return certificate
    raise Malformed([Fault("anchor_without_certificate", "")])


def read_trusted(data: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of authorities that somebody trusts: one or more in PEM, or one in DER. Raises `Malformed`."""
    try:
        if data.lstrip().startswith(b"-----"):
            found = tuple(x509.load_pem_x509_certificates(data))
        else:
            found = (x509.load_der_x509_certificate(data),)
        for certificate in found:  # parsed only when asked for: here, and not in the middle of a check
            _ = certificate.extensions, certificate.subject, certificate.public_key()
    except Exception:  # see `read_response`
        raise Malformed([Fault("not_a_certificate", "")]) from None
    return found


# -- checking -----------------------------------------------------------------------------------------------------


class UnknownSignature(Exception):
    """A kind of signature that is not checked here (RSA-PSS, EdDSA); `kind` is its OID."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def whole(stamp: TimeStamp) -> list[Reason]:
    """Why the token is not what its embedded certificate's key signed; empty where it is. Raises `UnknownSignature`."""
    try:
        return _unlike_signed(stamp)
    except UnknownSignature:
        raise
    except InvalidSignature:
        return [Reason("anchor_signature_bad", {"authority": stamp.authority})]
    except Exception as error:  # see `read_response`
        return [Reason("anchor_not_whole", {"problem": str(error)[:200]})]


def _unlike_signed(stamp: TimeStamp) -> list[Reason]:
    content, signer = _content_and_signer(stamp.token)
    algorithm = _oid_of(signer[2])
    if algorithm not in HASHES:
        return [Reason("anchor_weak_hash", {"algorithm": algorithm})]
    signed = next((part for part in signer if part.tag == 0xA0), None)
    if signed is None:
        raise der.BrokenDer("no signed attributes")
    attributes = _attributes(signed)
    if attributes.get(_MESSAGE_DIGEST) != der.encode(der.OCTETS, _digest(HASHES[algorithm], content)):
        return [Reason("anchor_content_changed")]
    if der.oid_text(der.element(attributes.get(_CONTENT_TYPE, b""), der.OID).content) != _TST_INFO:
        raise der.BrokenDer("the signature is over another type of content")
    if not _names_certificate(attributes, stamp.certificate):
        return [Reason("anchor_certificate_swapped", {"authority": stamp.authority})]
    method, signature = signer[signer.index(signed) + 1 : signer.index(signed) + 3]
    _verify(stamp.certificate, signature.content, der.encode(der.SET, signed.content), algorithm, _oid_of(method))
    return []


def _content_and_signer(token: bytes) -> tuple[bytes, list[der.Element]]:
    """The signed content (TSTInfo) and the parts of its SignerInfo (RFC 5652, 5.1 and 5.3)."""
    wrapped = der.element(token, der.SEQUENCE).inside()[1]
    signed = der.element(wrapped.content, der.SEQUENCE).inside()
    content = der.element(signed[2].inside()[1].content, der.OCTETS).content
    return content, der.element(signed[-1].content, der.SEQUENCE).inside()


def _attributes(signed: der.Element) -> dict[str, bytes]:
    """Signed attributes: type -> its one value, whole."""
    found: dict[str, bytes] = {}
    for attribute in signed.inside():
        kind, values = attribute.inside()
        if (name := der.oid_text(kind.content)) in found:
            raise der.BrokenDer("an attribute stands twice")
        found[name] = values.content
    return found


def _oid_of(algorithm: der.Element) -> str:
    return der.oid_text(algorithm.inside()[0].content)


def _digest(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    made = hashes.Hash(algorithm)
    made.update(data)
    return made.finalize()


def _verify(certificate: x509.Certificate, signature: bytes, signed: bytes, algorithm: str, method: str) -> None:
    """Raises `InvalidSignature`, or `UnknownSignature`."""
    key, hashed = certificate.public_key(), HASHES[algorithm]
    if isinstance(key, rsa.RSAPublicKey) and method != _PSS:
        key.verify(signature, signed, padding.PKCS1v15(), hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(hashed))
    else:
        raise UnknownSignature(method)


def _names_certificate(attributes: dict[str, bytes], certificate: x509.Certificate) -> bool:
    """Whether the signature covers the very certificate that stands in the token (ESSCertID, RFC 2634 and RFC 5816)."""
    data = certificate.public_bytes(Encoding.DER)
    if value := attributes.get(_SIGNING_CERTIFICATE_V2):
        parts = _first_id(value)
        algorithm = _oid_of(parts[0]) if parts[0].tag == der.SEQUENCE else SHA256
        stated = next(part.content for part in parts if part.tag == der.OCTETS)
        return algorithm in HASHES and stated == _digest(HASHES[algorithm], data)
    if value := attributes.get(_SIGNING_CERTIFICATE):
        return _first_id(value)[0].content == hashlib.sha1(data, usedforsecurity=False).digest()
    return False


def _first_id(value: bytes) -> list[der.Element]:
    """SigningCertificate ::= SEQUENCE { certs SEQUENCE OF ESSCertID, ... }: the parts of the first."""
    return der.element(value, der.SEQUENCE).inside()[0].inside()[0].inside()


def authority_faults(stamp: TimeStamp, trusted: Sequence[x509.Certificate]) -> list[Reason]:
    """Why the token was not made by an authority under one of the trusted certificates, at the time that it says.

    Certificates need to have been good at that time, not today: a record outlives them.
    """
    try:
        if wrong := _certificate_faults(stamp):
            return wrong
        VerifierBuilder(roots=list(trusted)).build().verify(_granted(stamp.token), stamp.imprint)
    except VerificationError as error:
        told = {"authority": stamp.authority, "problem": str(error)[:200]}
        return [Reason("anchor_not_trusted", told)]
    except Exception as error:  # see `read_response`
        return [Reason("anchor_not_whole", {"problem": str(error)[:200]})]
    return []


def _certificate_faults(stamp: TimeStamp) -> list[Reason]:
    """Is the certificate for time stamps (only), and was it good when it stamped? (RFC 3161, 2.3)"""
    certificate = stamp.certificate
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        fits = usage.critical and list(usage.value) == [x509.ExtendedKeyUsageOID.TIME_STAMPING]
    except x509.ExtensionNotFound:
        fits = False
    if not fits:
        return [Reason("anchor_not_for_stamping", {"authority": stamp.authority})]
    from_, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not from_ <= stamp.time <= until:
        told = {"time": time_text(stamp.time), "from": time_text(from_), "until": time_text(until)}
        return [Reason("anchor_certificate_not_valid_then", told)]
    return []


def time_text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
