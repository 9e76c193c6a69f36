"""What a reader gets: in which language, in lines that no program breaks badly, and with a way out of lists."""

import datetime as dt
import email
import email.policy
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as django_mail
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel import clock
from madang.kernel.mail import STOPPED, MailStop, OutgoingMail, State, deliver_due, pick, post, stop_address, stopping
from madang.kernel.mail import words_in as words
from madang.kernel.mail.message import COLUMNS, flowed, message_of, width

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def greeting(settings: Any, tmp_path: Path) -> None:
    """A template that says in which language it is: of the house's own words."""
    (tmp_path / "mail").mkdir()
    source = '{% load i18n %}{{ title }}\n{% translate "Call" %}: {{ title }}\n{% include "mail/_end.txt" %}'
    (tmp_path / "mail" / "greeting.txt").write_text(source, "utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]


# --- Languages --------------------------------------------------------------------------------------------------------

TITLE = {"vi": "Thành phố thông minh", "ko": "스마트시티", "en": "Smart city"}


@pytest.mark.parametrize(
    ("own", "there", "order", "chosen"),
    [
        ("ko", {"ko", "en"}, ["vi", "en"], "ko"),
        ("vi", {"ko", "en"}, ["vi", "ko", "en"], "ko"),
        ("vi", {"ko", "en"}, ["vi", "en", "ko"], "en"),
        ("vi", {"ko", "en"}, ["vi"], "en"),
        ("vi", {"ko", "en"}, [], "en"),
        ("pt-BR", {"pt", "en"}, [], "pt"),
        ("vi", {"th", "ms"}, [], "ms"),
        ("vi", set(), ["en"], ""),
    ],
)
def test_the_order_of_languages(own: str, there: set[str], order: list[str], chosen: str) -> None:
    assert pick(own, there, order) == chosen


def test_words_of_a_call_are_in_the_readers_language_where_the_call_has_it() -> None:
    assert words(TITLE, "vi") == "Thành phố thông minh"
    assert words(TITLE | {"vi": ""}, "vi", ["vi", "ko"]) == "스마트시티"
    assert words({}, "vi") == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("own", "languages", "chosen", "house"),
    [
        ("vi", ["vi", "en", "ko"], "en", "Call"),
        ("vi", ["vi", "ko"], "ko", "공고"),
        ("vi", [], "en", "Call"),
        ("ko", ["en"], "ko", "공고"),
    ],
)
def test_a_reader_whose_language_the_site_does_not_speak(
    greeting: None, own: str, languages: list[str], chosen: str, house: str
) -> None:
    mail = post("greeting", to="a@example.org", language=own, languages=languages, context={"title": words(TITLE, own)})
    assert (mail.own_language, mail.language) == (own, chosen)
    assert mail.subject == TITLE[own]
    assert mail.text.startswith(f"{house}: {TITLE[own]}\n")
    assert message_of(mail).extra_headers["Content-Language"] == chosen


# --- Lines ------------------------------------------------------------------------------------------------------------


def unflowed(text: str) -> str:
    """RFC 3676, section 4, as a mail program reads it."""
    lines: list[str] = []
    soft = False
    for line in text.split("\n"):
        line = line[1:] if line.startswith(" ") else line
        if soft:
            lines[-1] += line
        else:
            lines.append(line)
        soft = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


@given(st.text(st.sampled_from("ab 가나>\nF.-"), max_size=400))
def test_a_program_that_knows_flowed_text_shows_what_was_written(text: str) -> None:
    meant = "\n".join("-- " if line.rstrip(" ") == "--" else line.rstrip(" ") for line in text.split("\n"))
    assert unflowed(flowed(text)) == meant


def test_lines_are_short_and_links_stay_whole() -> None:
    link = "https://madang.example.org/alerts/end/" + "a" * 64
    korean = "이 공모는 " + "스마트시티 해외 진출을 지원하는 " * 8
    got = flowed(f"{korean}\n{link}\nSee {link} for more of what {link} says.\n    1234-5678\n").split("\n")
    assert [line for line in got if width(line.rstrip()) > COLUMNS and link not in line] == []
    assert [line.strip() for line in got].count(link) >= 1
    assert all(link in line or "alerts/end" not in line for line in got)
    assert "     1234-5678" in got


@pytest.mark.django_db
def test_on_the_wire_a_mail_is_one_flowed_text_that_every_server_takes(greeting: None) -> None:
    korean = "스마트시티 해외 진출 지원 공모 안내입니다. " * 20
    mail = post("greeting", to="a@example.org", language="ko", context={"title": "공모 안내"})
    mail.text = korean
    mail.save()
    deliver_due()
    raw = django_mail.outbox[0].message().as_bytes(linesep="\r\n")
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert (read.get_content_type(), read["Content-Type"].params["format"]) == ("text/plain", "flowed")
    assert unflowed(read.get_content().replace("\r\n", "\n")).rstrip() == korean.rstrip()
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert read["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in read


@pytest.mark.django_db
def test_what_cannot_be_delivered_goes_to_an_address_of_its_own(greeting: None, settings: Any) -> None:
    settings.MAIL_RETURN = "bounces@agency.example"
    mail = post("greeting", to="a@example.org", language="en", context={"title": "Hello"})
    made = message_of(mail)
    assert (made.from_email, made.message()["From"]) == ("bounces@agency.example", settings.DEFAULT_FROM_EMAIL)


def test_every_template_ends_alike() -> None:
    folder = Path(str(__import__("madang").__path__[0])) / "web" / "templates" / "mail"
    assert [one.name for one in folder.glob("[!_]*.txt") if "mail/_end.txt" not in one.read_text("utf-8")] == []


# --- Held, and lists that a reader leaves -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_the_operator_wants_to_read_first_is_held_but_never_a_code_or_a_receipt(
    greeting: None, settings: Any
) -> None:
    settings.MAIL_HELD = frozenset({"greeting"})
    given = {"to": "a@example.org", "language": "en", "context": {"title": "Hello"}}
    held = post("greeting", **given)
    assert (held.state, held.due_at) == (State.HELD, None)
    assert [post("greeting", **given, secret=True).state, post("greeting", **given, prompt=True).state] == [
        State.WAITING, State.WAITING,
    ]  # fmt: skip
    assert deliver_due() == 2


@pytest.mark.django_db
def test_a_list_has_a_one_click_way_out_that_cannot_be_forged(greeting: None, settings: Any) -> None:
    given = {"to": "a@example.org", "language": "en", "context": {"title": "Hello"}}
    mail = post("greeting", **given, stoppable="alerts", reader="R1")
    headers = message_of(mail).message()
    address = headers["List-Unsubscribe"].strip("<>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address == stop_address("alerts", "R1")
    assert address in mail.text
    token = address.rpartition("/")[2]
    assert stopping(token) == ("alerts", "R1")
    assert [stopping(one) for one in (token[:-1], token.replace("R1", "R2"), "alerts.R1", "", "\0")] == [None] * 5
    MailStop.objects.create(list="alerts", reader="R1", stopped_at=NOON)
    with clock.at(NOON):
        gone = post("greeting", **given, stoppable="alerts", reader="R1", key="day-2")
        other = post("greeting", **given, stoppable="reminders", reader="R1")
    assert (gone.state, gone.reason, other.state) == (State.CANCELLED, STOPPED, State.WAITING)
    assert post("greeting", **given, stoppable="alerts", reader="R1", key="day-2").pk == gone.pk
    assert re.search(r"No more mails of this kind: \S+/mail/stop/alerts\.R1\.\S+", OutgoingMail.objects.first().text)
