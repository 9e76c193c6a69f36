"""`python -m tests.bench.enumeration`: does the time of an answer tell whether an address has an account?

For each way in: the median time for a known address over that for an unknown one, and (the noise of this machine) for
one unknown address over another. Requests go in turn, so that what else the machine does strikes them alike.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

ROUNDS = int(os.environ.get("ROUNDS", "60"))
PASSWORD = "correct horse battery staple"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "MADANG_DATA": folder,
            "MADANG_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "madang.site.settings",
        }
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        compare()


def compare() -> None:
    from django.contrib.auth.hashers import make_password

    from madang.apps.accounts.commands import register_person
    from madang.kernel.actors import SYSTEM

    register_person(
        actor=SYSTEM, email="known@example.org", name="Known", password_hash=make_password(PASSWORD), verified=True
    )
    print(f"{'way in':10} {'known/unknown':>14} {'noise':>8}   ({ROUNDS} rounds, median of ratios by round)")
    for name, ask in WAYS.items():
        times: dict[str, list[float]] = {"known": [], "unknown": [], "other": []}
        for turn in range(ROUNDS + 3):
            for who in ("known", "unknown", "other") if turn % 2 else ("other", "unknown", "known"):
                times[who].append(timed(ask, f"{who}@example.org"))
        kept = {who: values[3:] for who, values in times.items()}
        print(f"{name:10} {ratio(kept['known'], kept['unknown']):14.3f} {ratio(kept['other'], kept['unknown']):8.3f}")


def ratio(one: list[float], other: list[float]) -> float:
    return median(a / b for a, b in zip(one, other, strict=True))


def timed(ask: Callable[[Any, str], Any], email: str) -> float:
    from django.core.cache import cache
    from django.test import Client

    cache.clear()
    client = Client()
    began = time.perf_counter()
    answer = ask(client, email)
    took = time.perf_counter() - began
    if answer.status_code >= 500 or answer.status_code == 429:
        sys.exit(f"{answer.status_code} for {email}")
    return took


SIGN_UP = {"name": "A", "language": "en", "zone": "Asia/Seoul", "password": PASSWORD, "terms": "on", "privacy": "on"}
WAYS: dict[str, Callable[[Any, str], Any]] = {
    "code": lambda client, email: client.post("/account/login/", {"login": email, "password": ""}),
    "password": lambda client, email: client.post(
        "/account/login/", {"login": email, "password": "wrong horse battery"}
    ),
    "sign-up": lambda client, email: client.post("/account/signup/", {"email": email, **SIGN_UP}),
    "reset": lambda client, email: client.post("/account/password/reset/", {"email": email}),
}

if __name__ == "__main__":
    main()
