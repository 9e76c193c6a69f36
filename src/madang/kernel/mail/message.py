"""A mail as it goes over the line: plain text that neither a phone nor a terminal breaks badly.

Lines are written for 76 columns (Hangul takes two) as `format=flowed` (RFC 3676): a program that knows it flows the
paragraphs again, another one shows lines of sensible length. A link is never broken. What is indented (a code, a
title) and what is short stays as it is.
"""

import unicodedata
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage

from madang.kernel.mail.lists import stop_address
from madang.kernel.mail.models import OutgoingMail

COLUMNS: Final = 76


class FlowedMessage(EmailMessage):
    """Only what is handed to a mail server is flowed; a backend that speaks another protocol gets the text as it is."""

    body: str

    def message(self, *args: Any, **kwargs: Any) -> Any:
        whole, self.body = self.body, flowed(self.body)
        try:
            made = super().message(*args, **kwargs)
        finally:
            self.body = whole
        made.set_param("format", "flowed")
        return made


def message_of(mail: OutgoingMail) -> FlowedMessage:
    """Its headers: the same Message-ID however often it is tried, so that a server can drop a second copy."""
    headers = {
        "Message-ID": message_id(mail),
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
    }
    if mail.stoppable:
        headers["List-Unsubscribe"] = f"<{stop_address(mail.stoppable, mail.reader)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    envelope = settings.MAIL_RETURN or settings.DEFAULT_FROM_EMAIL
    if settings.MAIL_RETURN:
        headers["From"] = settings.DEFAULT_FROM_EMAIL
    return FlowedMessage(mail.subject, mail.words, envelope, [mail.to], headers=headers)


def message_id(mail: OutgoingMail) -> str:
    return f"<{mail.uid}@{settings.MAIL_DOMAIN}>"


def flowed(text: str) -> str:
    """The text with soft breaks (a space before the line's end) where a line is too long."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line.rstrip(" \t\r")))


def unflowed(text: str) -> str:
    """The text again, as a mail program that knows RFC 3676 shows it."""
    lines: list[str] = []
    soft = False
    for line in text.splitlines():
        whole = line.removeprefix(" ")
        if soft:
            lines[-1] += whole
        else:
            lines.append(whole)
        soft = whole.endswith(" ") and whole != "-- "
    return "\n".join(lines)


def _parts(line: str) -> list[str]:
    if line == "--":
        return ["-- "]  # the sign before a signature, as RFC 3676 has it
    if line.startswith((" ", "\t")) or width(line) <= COLUMNS:
        return [_stuffed(line)]
    parts, here = [], ""
    for word in line.split(" "):
        if here and width(here) + 1 + width(word) > COLUMNS:
            parts.append(_stuffed(here) + " ")
            here = word
        else:
            here = f"{here} {word}" if here else word
    return [*parts, _stuffed(here)]


def _stuffed(line: str) -> str:
    """A line that begins like a quotation or with a space gets one more, which the reader's program takes away."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line


def width(text: str) -> int:
    """Columns on a screen: Hangul, Han and Kana take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
