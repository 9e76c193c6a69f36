"""`python -m tests.bench.mailing`: mails a second to a real server with TLS and a password, by mails on one connection.

The server (aiosmtpd) runs in a thread of the same process, so the rates are of both together; what counts is how they
differ. Interleaved rounds, medians.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

MAILS = int(os.environ.get("MAILS", "200"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
PER_CONNECTION = (1, 10, 100)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "MADANG_DATA": folder,
            "MADANG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(Path(folder))


def measure(folder: Path) -> None:
    from aiosmtpd.smtp import AuthResult
    from django.conf import settings

    from madang.site.environment import mail
    from tests.kernel.smtp import Received, certificate, free_port, listening

    trusted, context = certificate(folder)
    os.environ["SSL_CERT_FILE"] = str(trusted)
    port = free_port()
    for name, value in mail(f"smtp+tls://office:word@127.0.0.1:{port}", folder).items():
        setattr(settings, name, value)
    rates: dict[int, list[tuple[float, float]]] = {n: [] for n in PER_CONNECTION}
    with listening(
        Received(),
        port,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=lambda *_: AuthResult(success=True),
    ):
        for _ in range(ROUNDS):
            for n in PER_CONNECTION:
                settings.MAIL_PER_CONNECTION = n
                rates[n].append(one_round())
    print(
        f"{'mails on a line':>15} {'mails a second':>15} {'ms of CPU a mail':>17}   ({MAILS} mails, STARTTLS, password)"
    )
    for n, found in rates.items():
        print(f"{n:15} {median(rate for rate, _ in found):15.0f} {median(cpu for _, cpu in found):17.1f}")


def one_round() -> tuple[float, float]:
    """Mails a second, and milliseconds of processor time for each (server and client together)."""
    from madang.kernel.mail import deliver_due, post

    for i in range(MAILS):
        post("notice", to=f"reader{i}@example.org", language="en", context={"what": "password_set"})
    began, cpu = time.perf_counter(), time.process_time()
    sent = 0
    while now_sent := deliver_due():
        sent += now_sent
    assert sent == MAILS
    return sent / (time.perf_counter() - began), (time.process_time() - cpu) * 1000 / sent


if __name__ == "__main__":
    sys.exit(main())
