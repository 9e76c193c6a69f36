"""The second proof: authenticator app and recovery codes, held against RFC 6238 written out here."""

import base64
import hashlib
import hmac
import struct
import time

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from madang.kernel.mail import deliver_due
from tests.factories.people import person
from tests.web.accounts import code, reader, sign_in

pytestmark = pytest.mark.django_db


def app(secret: str, *, steps: int = 0) -> str:
    """The six digits that an authenticator app shows, `steps` of 30 s from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def confirmed(client: Client, path: str) -> None:
    """Once more a code by mail, as every page asks that protects the account."""
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/reauthenticate/code/")
    page = client.get(answer["Location"])
    client.post(answer["Location"], {"recipient": page.context["form"].fields["recipient"].choices[0][0], "next": path})
    answer = client.post("/account/reauthenticate/code/confirm/", {"code": code(), "next": path})
    assert answer["Location"] == path


def test_app_and_recovery_codes_are_asked_for_and_each_code_works_once(django_capture_on_commit_callbacks):
    client = reader()
    person("sari", language="en")
    sign_in(client, "sari@example.org")
    confirmed(client, "/account/2fa/totp/activate/")
    page = client.get("/account/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert client.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/account/2fa/totp/activate/", {"code": app(secret)}).status_code == 302
    deliver_due()
    assert "authenticator app was connected" in mail.outbox[-1].body
    spare = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    assert len(set(spare)) == 10
    assert spare[0] in client.get("/account/2fa/recovery-codes/download/").content.decode()

    def second(given: str, status: int) -> Client:
        cache.clear()  # some minutes later, as far as limits go
        other = reader()
        other.post("/account/login/", {"login": "sari@example.org", "password": ""})
        assert other.post("/account/login/code/confirm/", {"code": code()})["Location"] == "/account/2fa/authenticate/"
        assert other.get("/me").status_code == 302  # not yet in
        answer = other.post("/account/2fa/authenticate/", {"code": given})
        assert answer.status_code == status, answer.content.decode()
        return other

    assert second(spare[0], 302).get("/me").status_code == 200
    assert second(spare[0], 422).get("/me").status_code == 302
    inside = second(app(secret, steps=1), 302)
    assert "9 codes are left" in inside.get("/me/security").content.decode()


def test_a_new_browser_is_told_to_those_who_are_signed_in_elsewhere():
    sari = person("sari", language="ko")
    phone, laptop = reader(**{"user-agent": "Chrome Android"}), reader(**{"user-agent": "Firefox Windows"})
    sign_in(phone, sari.email)
    deliver_due()
    assert len(mail.outbox) == 1
    sign_in(laptop, sari.email)
    deliver_due()
    assert "처음 쓰는 브라우저" in mail.outbox[-1].body
    sign_in(reader(**{"user-agent": "Firefox Windows"}), sari.email)
    deliver_due()
    assert len(mail.outbox) == 4


def test_who_sets_a_password_ends_every_other_session():
    sari = person("sari", language="en")
    one, two = reader(), reader()
    sign_in(one, sari.email)
    sign_in(two, sari.email)
    secret = "correct horse battery staple"
    assert one.post("/account/password/set/", {"password1": secret, "password2": "other"}).status_code == 422
    assert one.post("/account/password/set/", {"password1": secret, "password2": secret})["Location"] == "/me/security"
    assert one.get("/me").status_code == 200
    assert two.get("/me").status_code == 302
    assert (
        one.post(
            "/account/password/change/", {"oldpassword": "wrong", "password1": secret, "password2": secret}
        ).status_code
        == 422
    )
