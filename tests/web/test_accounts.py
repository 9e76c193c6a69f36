"""Signing up and in, without a browser: what it does, and that it tells nobody who has an account."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from madang.apps.accounts.commands import actor_of, close_account, set_password
from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import consents_of
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail, deliver_due
from tests.factories.people import person
from tests.web.accounts import PARTICULARS, code, reader, sign_in, sign_up

pytestmark = pytest.mark.django_db
SECRET = "correct horse battery staple"


def signed_in_as(client: Client) -> str | None:
    answer = client.get("/me")
    return None if answer.status_code == 302 else answer.context["user"].email


# --- Signing up -------------------------------------------------------------------------------------------------------


def test_a_person_is_registered_once_the_code_has_come_back():
    client = reader()
    client.post("/account/signup/", {"email": "Sari@Example.ORG", **PARTICULARS, "news": "on"})
    assert not Person.objects.exists()
    answer = client.post("/account/signup/code/?next=/calls", {"code": code().replace("-", " ")})
    assert (answer.status_code, answer["Location"]) == (302, "/calls")
    sari = Person.objects.get()
    assert (sari.email, sari.name, sari.language, sari.zone) == ("sari@example.org", "Ibu Sari", "en", "Asia/Jakarta")
    assert set(consents_of(sari)) == {"terms", "privacy", "news"}
    assert all(len(version) > 3 and given for version, given in consents_of(sari).values())
    assert not sari.has_usable_password()
    assert EmailAddress.objects.get(user=sari).verified
    assert signed_in_as(client) == "sari@example.org"
    assert [row.command for row in JournalEntry.objects.all()] == ["accounts.register_person"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a\0b@example.org"),
        ("email", "a@example.org\nBcc: b@example.org"),
        ("email", f"{'a' * 300}@example.org"),
        ("name", ""),
        ("name", "a" * 201),
        ("name", "a\0b"),
        ("language", "tlh"),
        ("zone", "Mars/Base"),
        ("terms", ""),
        ("privacy", ""),
        ("password", "short"),
        ("password", "password1234"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_the_rest_is_kept(field, value):
    given = {"email": "sari@example.org", **PARTICULARS, field: value}
    answer = reader().post("/account/signup/", given)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert f'id="id_{field}-error"' in html
    assert field == "name" or 'value="Ibu Sari"' in html
    assert "password1234" not in html
    assert not OutgoingMail.objects.exists()


def test_a_name_that_turns_the_line_around_is_refused():
    client = reader()
    client.post("/account/signup/", {"email": "sari@example.org", **PARTICULARS, "name": "Sari \u202egnp.exe"})
    answer = client.get("/account/signup/code/")
    assert answer.status_code == 303  # nothing waits: the form was refused
    assert not OutgoingMail.objects.exists()


def test_five_wrong_codes_end_it_and_an_old_code_is_none():
    client = reader()
    client.post("/account/signup/", {"email": "sari@example.org", **PARTICULARS})
    right = code()
    for _ in range(4):
        assert client.post("/account/signup/code/", {"code": "0000-0000"}).status_code == 422
    assert client.post("/account/signup/code/", {"code": "0000-0000"}).status_code == 303
    assert client.post("/account/signup/code/", {"code": right}).status_code == 303
    assert not Person.objects.exists()


def test_who_has_an_account_is_signed_in_by_the_code_and_nothing_typed_counts():
    sari = person("sari", language="en")
    client = reader()
    sign_up(client, sari.email, name="Somebody else", password=SECRET)
    assert "account already" in mail.outbox[-1].subject
    sari = Person.objects.get()
    assert (sari.name, sari.has_usable_password()) == ("Sari", False)
    assert signed_in_as(client) == sari.email


# --- Signing in -------------------------------------------------------------------------------------------------------


def test_the_code_signs_in_and_next_is_kept():
    person("sari")
    client = reader()
    page = client.get("/account/login/?next=/office/people").content.decode()
    assert 'name="next" value="/office/people"' in page
    answer = client.post("/account/login/", {"login": "SARI@example.org", "password": "", "next": "/me/consents"})
    answer = client.post(answer["Location"], {"code": code()})
    assert answer["Location"] == "/me/consents"
    assert signed_in_as(client) == "sari@example.org"


def test_a_password_signs_in_those_who_have_one():
    client = reader()
    sign_up(client, "sari@example.org", password=SECRET)
    other = reader()
    assert (
        other.post("/account/login/", {"login": "sari@example.org", "password": "wrong horse battery"}).status_code
        == 422
    )
    other.post("/account/login/", {"login": "sari@example.org", "password": SECRET})
    assert signed_in_as(other) == "sari@example.org"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil.example",
        "https://localhost.evil.example", "///evil.example", "\thttps://evil.example", "https://127.0.0.1/",
        "/\t/evil.example", "/a\0b",
    ],
)  # fmt: skip
def test_no_way_in_leads_to_another_site(target):
    person("sari")
    client = reader()
    answer = client.post("/account/login/", {"login": "sari@example.org", "password": "", "next": target})
    answer = client.post(answer["Location"], {"code": code(), "next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/me")
    assert client.get("/account/login/", {"next": target})["Location"] == "/me"
    assert client.get("/account/signup/", {"next": target})["Location"] == "/me"
    assert client.post("/account/logout/", {"next": target})["Location"] == "/"


def test_the_session_is_a_new_one_after_signing_in_and_gone_after_signing_out():
    person("sari")
    client = reader()
    client.post("/account/login/", {"login": "sari@example.org", "password": ""})
    before = client.cookies["madang-session"].value
    client.post("/account/login/code/confirm/", {"code": code()})
    during = client.cookies["madang-session"].value
    assert before != during
    cookie = client.cookies["madang-session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    client.post("/account/logout/")
    for old in (before, during):
        client.cookies["madang-session"] = old
        assert signed_in_as(client) is None


def test_with_https_every_cookie_is_secure(settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True  # as MADANG_HTTPS sets them
    person("sari")
    client = reader()
    client.get("/account/login/", secure=True)
    client.post("/account/login/", {"login": "sari@example.org", "password": ""}, secure=True)
    assert {name for name, one in client.cookies.items() if not one["secure"]} == set()
    assert set(client.cookies) == {"madang-csrf", "madang-session"}


def test_a_closed_account_is_not_entered_and_its_sessions_end():
    sari = person("sari", language="en")
    client = reader()
    sign_in(client, sari.email)
    close_account(actor=actor_of(sari), person=sari)
    assert signed_in_as(client) is None
    reader().post("/account/login/", {"login": sari.email, "password": ""})
    deliver_due()
    subjects = [one.subject for one in mail.outbox]
    assert subjects[-2:] == ["There is no account with this address", "Something changed in your account"]


# --- Nobody is told who has an account --------------------------------------------------------------------------------


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL of a block, without its values."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as caught:
        yield found
    found += [re.sub(r"'[^']*'|\b\d+\b", "?", one["sql"]) for one in caught.captured_queries]


def normal(answer: Any, email: str) -> tuple[Any, ...]:
    """An answer without what differs from request to request, whoever asks."""
    body = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"\w+"', "", answer.content.decode())
    body = body.replace(email, "ADDRESS")
    headers = {name: value for name, value in answer.items() if name not in ("Content-Length", "Date", "Expires")}
    return answer.status_code, headers, re.sub(r"\s+", " ", body), sorted(answer.cookies)


def by_code(client: Client, email: str) -> Iterator[Any]:
    yield client.get("/account/login/")
    yield client.post("/account/login/", {"login": email, "password": ""})
    yield client.get("/account/login/code/confirm/")
    yield client.post("/account/login/code/confirm/", {"code": "0000-0000"})


def by_password(client: Client, email: str) -> Iterator[Any]:
    yield client.post("/account/login/", {"login": email, "password": "wrong horse battery staple"})


def by_sign_up(client: Client, email: str) -> Iterator[Any]:
    yield client.post("/account/signup/", {"email": email, **PARTICULARS, "password": SECRET})
    yield client.get("/account/signup/code/")
    yield client.post("/account/signup/code/", {"code": "0000-0000"})


def by_reset(client: Client, email: str) -> Iterator[Any]:
    yield client.post("/account/password/reset/", {"email": email})
    yield client.get("/account/password/reset/confirm/")
    yield client.post("/account/password/reset/confirm/", {"code": "0000-0000"})


WAYS: list[Callable[[Client, str], Iterator[Any]]] = [by_code, by_password, by_sign_up, by_reset]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_known_and_unknown_addresses_get_the_same_at_the_same_cost(way, language):
    from django.contrib.auth.hashers import make_password

    known = person("known", language=language)
    with_password = person("other", language=language)
    set_password(actor=actor_of(with_password), person=with_password, password_hash=make_password(SECRET))
    seen: list[Any] = []
    for email in (known.email, with_password.email, "nobody@example.org"):
        posted = OutgoingMail.objects.count()
        with statements() as sql:
            answers = [normal(answer, email) for answer in way(reader(language), email)]
        seen.append((answers, [one.split()[0] for one in sql], OutgoingMail.objects.count() - posted))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][2] == (0 if way is by_password else 1)
    assert set(OutgoingMail.objects.values_list("is_secret", flat=True)) <= {True}


def test_one_mailbox_is_protected_but_a_city_behind_one_address_goes_on():
    answers = [reader().post("/account/login/", {"login": "sari@example.org", "password": ""}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 422]
    assert "Too many attempts" in answers[-1].content.decode()
    others = [reader().post("/account/login/", {"login": f"officer{i}@example.org", "password": ""}) for i in range(40)]
    assert {answer.status_code for answer in others} == {302}


# --- Nothing readable lies in the database ----------------------------------------------------------------------------


def everything() -> str:
    """Every row of every table, as the database has it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_no_table_and_no_log_ever_holds_a_password_or_a_code(caplog):
    caplog.set_level("DEBUG")
    secrets = [SECRET, "wrong horse battery staple", "new horse battery staple"]
    client = reader()

    def looked_at() -> None:
        rows = everything()
        for secret in secrets:
            for form in {secret, secret.replace("-", "")}:
                assert form not in rows
                assert form not in caplog.text

    def coded() -> str:
        before = everything()  # the mail still waits: its text must be closed
        found = code()
        assert found not in before
        secrets.append(found)
        looked_at()
        return found

    client.post("/account/signup/", {"email": "sari@example.org", **PARTICULARS, "password": SECRET})
    client.post("/account/signup/code/", {"code": coded()})
    looked_at()
    assert signed_in_as(client) == "sari@example.org"
    client.post(
        "/account/password/change/", {"oldpassword": "wrong horse battery staple", "password1": "x", "password2": "x"}
    )
    looked_at()
    client.post("/account/logout/")
    client.post("/account/login/", {"login": "sari@example.org", "password": "wrong horse battery staple"})
    client.post("/account/login/", {"login": "sari@example.org", "password": ""})
    client.post("/account/login/code/confirm/", {"code": coded()})
    looked_at()
    client.post("/account/logout/")
    client.post("/account/password/reset/", {"email": "sari@example.org"})
    client.post("/account/password/reset/confirm/", {"code": coded()})
    done = client.post("/account/password/reset/complete/", {"password1": secrets[2], "password2": secrets[2]})
    assert done.status_code == 302
    looked_at()
    client.post("/account/login/", {"login": "sari@example.org", "password": secrets[2]})
    assert signed_in_as(client) == "sari@example.org"
    client.post("/me/address", {"email": "sari2@example.org"})
    client.post("/me/address/code", {"code": coded()})
    looked_at()
    assert Person.objects.get().email == "sari2@example.org"
    assert (
        OutgoingMail.objects.exclude(text__startswith="(cleared").filter(is_secret=True, sent_at__isnull=False).count()
        == 0
    )


def test_the_session_row_tells_nothing_and_another_key_opens_nothing(data_folder):
    from django.contrib.sessions.models import Session

    client = reader()
    client.post("/account/signup/", {"email": "sari@example.org", **PARTICULARS})
    row = Session.objects.get()
    assert "sari" not in row.session_data
    assert "Jakarta" not in row.session_data
    assert Session.objects.get().expire_date > now() + dt.timedelta(days=13)
    (data_folder / "keys" / "session-key").unlink()
    assert client.get("/account/signup/code/").status_code == 303  # an empty session: nothing waits
