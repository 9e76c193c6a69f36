"""Mail leaves once: held against a real SMTP server that is not ours, refused connections, two workers, rollbacks."""

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from madang.kernel import clock
from madang.kernel.mail import CLEARED, LEASE, WAITS, MailServer, OutgoingMail, State, deliver_due, in_state, post
from tests.kernel.smtp import Received, free_port, listening

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def port(settings: Any) -> int:
    """A port at which nobody listens yet, and Django's mail leading there."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 20
    return int(settings.EMAIL_PORT)


@pytest.fixture
def server(port: int) -> Iterator[Received]:
    with listening(Received(), port) as received:
        yield received


def code(**more: Any) -> OutgoingMail:
    given = {
        "to": "sari@example.org",
        "language": "en",
        "context": {"code": "1234-5678", "minutes": 15},
        "secret": True,
    }
    return post("sign_in_code", **given | more)


def text(envelope: Any) -> str:
    import email
    import email.policy

    return str(email.message_from_bytes(envelope.content, policy=email.policy.default).get_content())


@pytest.mark.django_db
def test_a_mail_is_delivered_once_in_the_language_of_its_reader(server: Received) -> None:
    code()
    post("notice", to="aram@example.org", language="ko", context={"what": "password_set"})
    assert [deliver_due(), deliver_due()] == [2, 0]
    english, korean = server.envelopes
    assert (english.rcpt_tos, korean.rcpt_tos) == (["sari@example.org"], ["aram@example.org"])
    assert "1234-5678" in text(english)
    assert "비밀번호" in text(korean)
    assert "&" not in text(english) + text(korean)  # a text is no HTML: nothing is escaped
    assert re.search(rb"^Message-ID: <\w{22}@localhost>", english.content, re.MULTILINE)


@pytest.mark.django_db
def test_a_secret_mail_is_closed_while_it_waits_and_cleared_once_it_left(server: Received) -> None:
    mail = code()
    assert "1234-5678" not in mail.text
    assert "1234" not in mail.subject
    deliver_due()
    mail.refresh_from_db()
    assert mail.text == CLEARED
    assert "1234-5678" in text(server.envelopes[0])


@pytest.mark.django_db
def test_a_mailbox_that_is_full_is_tried_again_later_each_time_longer_until_it_has_failed(server: Received) -> None:
    server.refuses["sari@example.org"] = "452 4.2.2 mailbox full"
    moment, waited = NOON, []
    with clock.at(moment):
        mail = code()
    for _ in range(len(WAITS) + 1):
        with clock.at(moment):
            assert deliver_due() == 0
        mail.refresh_from_db()
        if mail.due_at:
            waited.append(mail.due_at - moment)
            with clock.at(mail.due_at - dt.timedelta(seconds=1)):
                assert deliver_due() == 0
            moment = mail.due_at
    assert waited == list(WAITS)
    assert (mail.due_at, mail.failed_at, mail.last_error) == (None, moment, "SMTPRecipientsRefused")
    assert (mail.text, mail.attempts, mail.state) == (CLEARED, len(WAITS) + 1, State.FAILED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "answer", "state", "attempts", "status"),
    [
        ("refuses", "550 5.1.1 no such user", State.BOUNCED, 1, "550"),
        ("refuses", "553 mailbox name not allowed", State.BOUNCED, 1, "553"),
        ("refuses", "550 5.7.1 relaying denied", State.WAITING, 1, ""),
        ("refuses", "451 4.3.0 greylisted", State.WAITING, 1, ""),
        ("refuses", "421 4.3.2 going down", State.WAITING, 0, ""),
        ("refuses", "530 5.7.0 sign in first", State.WAITING, 0, ""),
        ("rejects", "554 5.6.0 no such content here", State.FAILED, 1, ""),
        ("rejects", "451 4.3.0 later", State.WAITING, 1, ""),
        ("rejects", "421 4.3.2 going down", State.WAITING, 0, ""),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    server: Received, at: str, answer: str, state: State, attempts: int, status: str
) -> None:
    getattr(server, at)["sari@example.org"] = answer
    mail = code()
    deliver_due()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.bounce_status) == (state, attempts, status)
    assert (mail.text == CLEARED) == (state in (State.FAILED, State.BOUNCED))
    assert list(in_state(OutgoingMail.objects.all(), state)) == [mail]
    assert (MailServer.known().down_since is not None) == (attempts == 0)


@pytest.mark.django_db
def test_while_the_server_is_away_no_mail_loses_a_try_and_all_go_out_by_themselves(
    port: int, django_assert_num_queries: Any
) -> None:
    with clock.at(NOON):
        for i in range(30):
            post("notice", to=f"person{i}@example.org", language="en", context={"what": "password_set"})
        assert deliver_due() == 0
        with django_assert_num_queries(2):  # what is due, and that the server is not asked again yet
            assert deliver_due() == 0
    moment, tries = NOON, 0
    while moment < NOON + dt.timedelta(days=3):
        with clock.at(moment := moment + dt.timedelta(minutes=7)):
            assert deliver_due() == 0
            tries += 1
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {0}
    assert MailServer.known().tries == tries + 1
    with listening(Received(), port) as received, clock.at(moment + dt.timedelta(minutes=2)):
        assert deliver_due() == 30
    assert (len(received.envelopes), received.connections) == (30, 1)
    assert MailServer.known().down_since is None


@pytest.mark.django_db
def test_a_server_that_breaks_lines_costs_two_mails_a_try_and_the_rest_wait(server: Received) -> None:
    server.until_it_breaks = 0
    for i in range(6):
        post("notice", to=f"person{i}@example.org", language="en", context={"what": "password_set"})
    assert deliver_due() == 0
    assert sorted(OutgoingMail.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1, 1]
    assert MailServer.known().down_since


@pytest.mark.django_db
def test_a_round_uses_one_connection_and_a_new_one_after_many(server: Received, settings: Any) -> None:
    settings.MAIL_PER_CONNECTION = 4
    server.refuses["person1@example.org"] = "550 5.1.1 unknown"
    for i in range(9):
        post("notice", to=f"person{i}@example.org", language="en", context={"what": "password_set"})
    assert deliver_due() == 8
    assert server.connections == 2


@pytest.mark.django_db
def test_codes_go_before_everything_else(server: Received) -> None:
    for i in range(3):
        post("notice", to=f"person{i}@example.org", language="en", context={"what": "password_set"})
    code()
    assert deliver_due(most=1) == 1
    assert server.envelopes[0].rcpt_tos == ["sari@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "to",
    [
        "a@example.org\nBcc: b@example.org",
        "a@example.org\r\n\r\nText",
        "a@example.org, b@example.org",
        "a",
        "a\0@b.org",
    ],
)
def test_nobody_writes_headers_through_an_address(to: str) -> None:
    with pytest.raises(ValidationError):
        code(to=to)
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_nobody_writes_headers_through_a_subject(server: Received, tmp_path: Any, settings: Any) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "hostile.txt").write_text("{{ title }}\nHello {{ title }}", "utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    post("hostile", to="a@example.org", language="en", context={"title": "Call\r\nBcc: b@example.org\n\nInjected"})
    deliver_due()
    head = server.envelopes[0].content.partition(b"\r\n\r\n")[0]
    assert not re.search(rb"^Bcc", head, re.MULTILINE)
    assert server.envelopes[0].rcpt_tos == ["a@example.org"]


@pytest.mark.django_db
def test_what_is_rolled_back_posts_nothing_and_a_key_posts_once() -> None:
    with transaction.atomic():
        code()
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()
    assert code(key="reminder-1").pk == code(key="reminder-1").pk
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db
def test_nothing_leaves_before_its_hour_and_a_crashed_sending_comes_due_again(server: Received) -> None:
    from madang.kernel.mail.sending import _claim

    with clock.at(NOON):
        mail = code(not_before=NOON + dt.timedelta(hours=1))
        assert deliver_due() == 0
    with clock.at(NOON + dt.timedelta(hours=1)):
        assert _claim(mail.pk)  # and the worker crashes here
        assert deliver_due() == 0
        mail.refresh_from_db()
        assert mail.state is State.SENDING
        assert list(in_state(OutgoingMail.objects.all(), State.SENDING)) == [mail]
    with clock.at(NOON + dt.timedelta(hours=1) + LEASE):
        assert deliver_due() == 1


def test_two_workers_never_send_one_mail_twice(together: Callable[..., list[Any]], server: Received) -> None:
    for i in range(12):
        post("notice", to=f"person{i}@example.org", language="en", context={"what": "password_set"})
    sent = together(deliver_due, deliver_due, deliver_due)
    assert [one for one in sent if isinstance(one, Exception)] == []
    assert sum(sent) == 12
    assert sorted(one.rcpt_tos[0] for one in server.envelopes) == sorted(f"person{i}@example.org" for i in range(12))


@pytest.mark.django_db
def test_the_worker_waits_without_writing(django_assert_num_queries: Any) -> None:
    from madang.kernel.worker import run_once

    with django_assert_num_queries(1, exact=False):
        assert deliver_due() == 0
    assert run_once([]) == {}


def test_the_command_does_what_is_due_and_stops(tmp_path: Any) -> None:
    environment = {**os.environ, "MADANG_DATA": str(tmp_path), "MADANG_DATABASE_URL": "", "MADANG_MAIL_URL": ""}

    def run(*words: str) -> str:
        told = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        return told.stdout

    run("-m", "django", "migrate", "-v0")
    run("-c", "import django; django.setup(); from madang.kernel.mail import post;"
        "post('notice', to='a@example.org', language='en', context={'what': 'password_set'})")  # fmt: skip
    assert "mail: 1" in run("-m", "madang.cli.main", "worker", "--once").splitlines()
    [written] = (tmp_path / "mail").glob("*.log")
    assert "To: a@example.org" in written.read_text("utf-8")
    assert "mail: 0" in run("-m", "madang.cli.main", "worker", "--once").splitlines()
