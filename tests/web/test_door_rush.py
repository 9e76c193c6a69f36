"""A rush with real people: the whole site under granian, on the database of the run."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import connection
from django.test import Client

from madang.apps.applications.models import Draft, DraftEntry
from madang.kernel.mail import deliver_due
from madang.web.door.handler import READ_AT_ONCE
from tests.factories.drafts import World
from tests.factories.people import person
from tests.web.served import Line, granian

STORM = 60
"""Sign-ins and sign-ups with a password, each from an address of its own."""
TOKEN = "a" * 32
LARGE_SHEET = "/static/vendor/krds/css/component/output.css"
PASSWORD = "correct horse battery"


def session_of(person: Any) -> str:
    client = Client()
    client.force_login(person)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


@pytest.fixture
def site(committing: None, data_folder: Path) -> Callable[..., Any]:
    """`site(**environment)`: the running site on this test's database, with this test's keys."""
    keys = data_folder / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    (keys / "secret-key").write_text(settings.SECRET_KEY)
    (keys / "secret-key").chmod(0o600)

    def running(**environment: str) -> Any:
        return granian("madang.site.asgi:application", MADANG_DATA=str(data_folder), **environment)

    return running


def database() -> str:
    """The address of the database that this test writes into."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    address = os.environ["MADANG_DATABASE_URL"]
    head, mark, query = address.partition("?")
    return f"{head.rpartition('/')[0]}/{name}{mark}{query}"


def form(path: str, cookies: str = "", **values: str) -> tuple[str, bytes]:
    """A form as a browser posts it."""
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **values}).encode()
    head = f"POST {path} HTTP/1.1\nCookie: madang-csrf={TOKEN}{cookies}\nContent-Length: {len(body)}"
    return f"{head}\nContent-Type: application/x-www-form-urlencoded", body


def test_known_people_go_on_writing_during_a_storm_of_sign_ups(site: Callable[..., Any]) -> None:
    """Sixty who sign in or up with passwords at the same moment; somebody who is signed in saves ten times meanwhile.

    All that is counted is order: when the ten are saved, most of the storm still waits for its one place.
    """
    world = World()
    mine = person("mira", password_hash=make_password(PASSWORD))
    draft, session = world.draft, session_of(world.aram)
    environment = {"MADANG_DATABASE_URL": database(), "MADANG_DEBUG": "1", "MADANG_CLIENT_HEADER": "X-Real-IP"}
    with site(**environment) as port:
        cookie = f"; madang-session={session}"
        with Line(port) as line:
            assert line.send(f"GET /applications/{draft.uid} HTTP/1.1\nCookie: x=y{cookie}").answer().status < 400
            _files(port)
            signed_in = Line(port)
            head, body = form("/account/login/", login=mine.email, password=PASSWORD)
            assert signed_in.send(head, body).answer().status == 302  # the password is right: it works at all

            storm = [Line(port) for _ in range(STORM)]
            for n, one in enumerate(storm):
                head, body = _signing(n, mine.email)
                one.send(f"{head}\nX-Real-IP: 203.0.113.{n}\nAccept-Language: en", body)
            with ThreadPoolExecutor(STORM) as pool:
                answered = [pool.submit(lambda one: one.answer().status, one) for one in storm]
                statuses = []
                for n in range(10):
                    head = (
                        f"POST /applications/{draft.uid}/save HTTP/1.1\nX-CSRFToken: {TOKEN}\nAccept: application/json"
                    )
                    sent = b'{"changes": {"name": "Name %d"}, "base": {"name": 99999}}' % n
                    head += f"\nCookie: madang-csrf={TOKEN}{cookie}\nContent-Length: {len(sent)}"
                    statuses.append(line.send(f"{head}\nContent-Type: application/json", sent).answer().status)
                done_meanwhile = sum(one.done() for one in answered)
                of_storm = [one.result() for one in answered]
    assert statuses == [200] * 10
    assert DraftEntry.objects.get(draft=draft, key="name").typed == "Name 9"
    assert done_meanwhile < STORM / 2
    # Everybody got an answer: signed in, a wrong password, a code on its way, too many tries of one mailbox, or "busy".
    assert set(of_storm) <= {302, 303, 422, 429, 503}
    assert Draft.objects.count() == 1


def _files(port: int) -> None:
    """Style sheets, small and large; a reader who leaves in the middle of one leaves nothing open."""
    with Line(port) as line:
        line.send(f"GET {LARGE_SHEET} HTTP/1.1")
        line._take()
    with Line(port) as line:
        large = line.send(f"GET {LARGE_SHEET} HTTP/1.1").answer()
        assert len(large.body) == int(large.headers["content-length"]) > READ_AT_ONCE
        assert line.send("GET /static/css/door.css HTTP/1.1").answer().status == 200


def _signing(n: int, email: str) -> tuple[str, bytes]:
    """A wrong password of somebody, a password of nobody, a new account with a password: in turn."""
    if n % 3 == 0:
        return form("/account/login/", login=email, password=f"wrong {n}")
    if n % 3 == 1:
        return form("/account/login/", login=f"nobody-{n}@example.org", password="anything at all")
    given = {"name": "New", "language": "en", "zone": "Asia/Seoul", "terms": "on", "privacy": "on"}
    return form("/account/signup/", email=f"new-{n}@example.org", password=PASSWORD, **given)


# --- Limits of attempts -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_three_hundred_people_behind_one_address_sign_up_and_in_within_a_minute(settings: Any) -> None:
    """A city hall on the last afternoon: nobody is refused for sitting beside the others.

    A tenth of the people under a tenth of each limit by address: to the limits it is the same.
    """
    of_address = re.compile(r"(\d+)/(\w+)/ip")
    settings.ACCOUNT_RATE_LIMITS = {
        action: of_address.sub(lambda found: f"{int(found[1]) // 10}/{found[2]}/ip", rates)
        for action, rates in settings.ACCOUNT_RATE_LIMITS.items()
    }
    city = Client(headers={"host": "localhost", "accept-language": "en"}, REMOTE_ADDR="203.0.113.7")
    given = {"name": "New", "language": "en", "zone": "Asia/Seoul", "password": "", "terms": "on", "privacy": "on"}
    statuses = []
    for n in range(30):
        for path, values in (
            ("/account/signup/", {"email": f"person-{n}@example.org", **given}),
            ("/account/login/", {"login": f"person-{n}@example.org", "password": ""}),
        ):
            city.cookies.clear()
            statuses.append(city.post(path, values).status_code)
    assert statuses == [303, 302] * 30
    more = [city.post("/account/login/", {"login": f"other-{n}@example.org", "password": ""}) for n in range(100)]
    assert 429 in {answer.status_code for answer in more}  # there is a limit all the same


@pytest.mark.django_db
def test_one_mailbox_is_not_flooded_from_however_many_addresses() -> None:
    sent = []
    for n in range(12):
        one = Client(headers={"host": "localhost", "accept-language": "en"}, REMOTE_ADDR=f"203.0.113.{n}")
        one.post("/account/login/", {"login": "somebody@example.org", "password": ""})
        deliver_due()
        sent.append(len(mail.outbox))
    assert sent[:3] == [1, 2, 3]
    assert sent[-1] == 3
