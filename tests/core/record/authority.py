"""Time-stamp authorities for tests: certificates by `cryptography`, stamps by pyHanko or OpenSSL, none of it ours."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import NameOID, ObjectIdentifier
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

START, END = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2120, 1, 1, tzinfo=dt.UTC)
STAMPED = dt.datetime(2022, 2, 1, 1, 30, tzinfo=dt.UTC)
ROOT = "0a" * 32
OPENSSL = shutil.which("openssl")


PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key_of(name: str) -> PrivateKey:
    """A key of its own for each name, made once a run; whoever is called elliptic has one on P-256."""
    return ec.generate_private_key(ec.SECP256R1()) if "elliptic" in name else rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Authority:
    """A root, a certificate between, and a certificate that stamps."""

    root: x509.Certificate
    middle: x509.Certificate
    stamps: x509.Certificate
    key: PrivateKey

    def answer(self, request: bytes, *, at: dt.datetime = STAMPED, md: str | None = None) -> bytes:
        """The response to an RFC 3161 request, by pyHanko."""
        stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(self.stamps.public_bytes(Encoding.DER)),
            asn1_keys.PrivateKeyInfo.load(self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
            [asn1_x509.Certificate.load(self.middle.public_bytes(Encoding.DER))],
            fixed_dt=at,
            override_md=md,
        )
        found: bytes = stamper.request_tsa_response(tsp.TimeStampReq.load(request)).dump()
        return found

    def stamp(self, root: str = ROOT, **how: Any) -> bytes:
        return self.answer(request(root), **how)

    def trusted(self) -> tuple[x509.Certificate, ...]:
        return (self.root,)


def request(root: str = ROOT, algorithm: HashAlgorithm = HashAlgorithm.SHA256) -> bytes:
    return TimestampRequestBuilder().data(bytes.fromhex(root)).hash_algorithm(algorithm).build().as_bytes()


@cache
def authority(
    name: str = "invented",
    *,
    usage: tuple[ObjectIdentifier, ...] | None = (Usage.TIME_STAMPING,),
    critical: bool = True,
    from_: dt.datetime = START,
    until: dt.datetime = END,
) -> Authority:
    """An invented authority; its stamping certificate may be unfit for that."""
    root = certificate(f"{name} root", ca=True)
    middle = certificate(f"{name} middle", issuer=root, issuer_name=f"{name} root", ca=True)
    stamps = certificate(
        f"{name} stamps",
        issuer=middle,
        issuer_name=f"{name} middle",
        usage=usage,
        critical=critical,
        days=(from_, until),
    )
    return Authority(root, middle, stamps, key_of(f"{name} stamps"))


def certificate(
    name: str,
    *,
    issuer: x509.Certificate | None = None,
    issuer_name: str | None = None,
    ca: bool = False,
    usage: tuple[ObjectIdentifier, ...] | None = None,
    critical: bool = True,
    days: tuple[dt.datetime, dt.datetime] = (START, END),
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key_of(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(days[0])
        .not_valid_after(days[1])
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=critical)
    return builder.sign(key_of(issuer_name or name), hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


OPENSSL_SETTINGS = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
default_policy = 1.2.3.4.1
digests = sha256,sha512
signer_digest = {digest}
ess_cert_id_alg = {ess}
accuracy = secs:1, millisecs:500
clock_precision_digits = {digits}
"""


class OpenSsl:
    """OpenSSL's own authority and verifier, in a folder of its own."""

    def __init__(self, folder: Path, who: Authority) -> None:
        self.folder = folder
        (folder / "stamps.pem").write_bytes(pem(who.stamps))
        (folder / "root.pem").write_bytes(pem(who.root))
        (folder / "chain.pem").write_bytes(pem(who.middle, who.root))
        key = who.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "stamps.key").write_bytes(key)

    def answer(self, asked: bytes, *, digest: str = "sha256", ess: str = "sha256", digits: int = 0) -> bytes:
        settings = OPENSSL_SETTINGS.format(folder=self.folder, digest=digest, ess=ess, digits=digits)
        (self.folder / "tsa.cnf").write_text(settings)
        (self.folder / "asked.tsq").write_bytes(asked)
        names = ["-signer", "stamps.pem", "-inkey", "stamps.key", "-chain", "chain.pem", "-out", "answer.tsr"]
        self._run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "asked.tsq", *names)
        return (self.folder / "answer.tsr").read_bytes()

    def verifies(self, response: bytes, root: str) -> bool:
        (self.folder / "given.tsr").write_bytes(response)
        (self.folder / "data").write_bytes(bytes.fromhex(root))
        done = self._run("ts", "-verify", "-in", "given.tsr", "-data", "data", "-CAfile", "root.pem", check=False)
        return done.returncode == 0

    def _run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        assert OPENSSL
        return subprocess.run([OPENSSL, *words], cwd=self.folder, capture_output=True, check=check)
