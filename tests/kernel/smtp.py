"""A mail server that is not ours (aiosmtpd), which answers as it is told to."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Received:
    """What came in, as envelopes; `refuses` and `rejects`: reader -> the answer to RCPT, or to the mail itself."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.connections = 0
        self.refuses: dict[str, str] = {}
        self.rejects: dict[str, str] = {}
        self.until_it_breaks: int | None = None  # mails accepted before every line breaks
        self.broken = 0

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        self.connections += 1 if not session.host_name else 0
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.until_it_breaks is not None and len(self.envelopes) >= self.until_it_breaks:
            self.broken += 1
            server.transport.abort()
            await asyncio.sleep(0)
        if answer := self.refuses.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if answer := self.rejects.get(envelope.rcpt_tos[0]):
            return answer
        self.envelopes.append(envelope)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def listening(received: Received, port: int, **more: Any) -> Iterator[Received]:
    controller = Controller(received, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield received
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that signs itself, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    day = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, day - dt.timedelta(1), day + dt.timedelta(1))
    where = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = made.add_extension(where, critical=False).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context
