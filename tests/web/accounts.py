"""Signing in as people do it: by the code that comes by mail."""

import re

from django.core import mail
from django.test import Client

from madang.kernel.mail import deliver_due

PARTICULARS = {
    "name": "Ibu Sari",
    "language": "en",
    "zone": "Asia/Jakarta",
    "password": "",
    "terms": "on",
    "privacy": "on",
}


def reader(language: str = "en", **more: str) -> Client:
    client = Client(headers={"host": "localhost", "accept-language": language, **more})
    return client


def code() -> str:
    """Deliver what is due, and read the newest code (codes go before notices)."""
    deliver_due()
    return next(found[0] for one in reversed(mail.outbox) if (found := re.search(r"\d{4}-\d{4}", one.body)))


def sign_in(client: Client, email: str) -> None:
    assert client.post("/account/login/", {"login": email, "password": ""}).status_code == 302
    answer = client.post("/account/login/code/confirm/", {"code": code()})
    assert answer.status_code == 302, answer.content.decode()


def sign_up(client: Client, email: str, **more: str) -> None:
    assert client.post("/account/signup/", {"email": email, **PARTICULARS, **more}).status_code == 303
    answer = client.post("/account/signup/code/", {"code": code()})
    assert answer.status_code == 302, answer.content.decode()
