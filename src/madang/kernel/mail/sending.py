"""Send what is due: claimed first, then sent, then written down; nothing is locked while a mail server is spoken to.

Two workers never send the same mail: each claims it in a transaction of its own. One that dies while sending lets it
come due again after `LEASE`. That leaves one window: the server has accepted the mail and the worker dies before it has
written that down (or the answer is lost on the line). Then the mail goes out a second time, with the same Message-ID.

What is wrong decides what follows (`judge`): a mailbox that the server refuses is not tried again; another failure of
one mail is tried again by `WAITS`; where the server itself is away, nobody loses a try, and all mails wait.
"""

import datetime as dt
import logging
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Any, Final

from django.conf import settings
from django.core.mail import get_connection
from django.db import InterfaceError, OperationalError, connection, models, transaction

from madang.kernel.clock import now
from madang.kernel.mail.message import FlowedMessage, message_of
from madang.kernel.mail.models import CLEARED, MailServer, OutgoingMail

log = logging.getLogger(__name__)

LEASE: Final = dt.timedelta(minutes=5)
"""For how long a claim holds: longer than any talk with a server, whose every step ends after 30 s."""
WAITS: Final = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
"""How long after each failure the next try comes; after the last one the mail has failed."""
SERVER_WAITS: Final = tuple(dt.timedelta(seconds=s) for s in (2, 5, 10, 20, 40, 60))
"""How long after each failure a server that is away is asked again; then every minute, for as long as it takes."""
_LOST_LINES: Final = 2
"""Failures of the line one after the other, after which the server counts as away."""
_WRITING_TRIES: Final = 10
"""How often, a second apart, it is tried to write down that a mail left, where the database is away."""


class Verdict(Enum):
    """What a failure says."""

    LATER = auto()  # of this mail, or unclear: try it again
    LINE_LOST = auto()  # the same, and the line must be opened anew
    REFUSED = auto()  # the server knows no such mailbox: never again
    REJECTED = auto()  # the server does not take this message: never again
    SERVER_AWAY = auto()  # nothing was accepted, and it is not this mail's fault


def judge(error: Exception) -> Verdict:
    """Permanent is only what the server says of this mailbox or this message; a refusal by policy (5.7.x: not
    authenticated, relaying denied, a listed address of ours) says nothing about either.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, said), *_] = error.recipients.values()
        if code in (421, 530):
            return Verdict.SERVER_AWAY
        return Verdict.REFUSED if code >= 500 and not _by_policy(said) else Verdict.LATER
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Verdict.REJECTED if error.smtp_code == 552 else Verdict.SERVER_AWAY
    if isinstance(error, smtplib.SMTPDataError):
        if error.smtp_code == 421:
            return Verdict.SERVER_AWAY
        return Verdict.REJECTED if error.smtp_code >= 500 and not _by_policy(error.smtp_error) else Verdict.LATER
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Verdict.LINE_LOST
    if isinstance(error, smtplib.SMTPException):
        return Verdict.LATER
    return Verdict.LINE_LOST if isinstance(error, OSError) else Verdict.LATER


def _by_policy(said: bytes | str) -> bool:
    return (said if isinstance(said, bytes) else said.encode()).lstrip().startswith(b"5.7.")


def deliver_due(*, most: int = 100) -> int:
    """Send what is due, codes first, then the oldest; returns how many were sent. For the worker; several may run."""
    waiting = list(_due().order_by("urgency", "due_at", "id").values_list("pk", flat=True)[:most])
    if not waiting:
        return 0
    server = MailServer.known()
    if server.next_try_at and server.next_try_at > now():
        return 0
    sent = 0
    with _line(server) as line:
        for pk in waiting:
            if not line.ready():
                break
            mail = _claim(pk)
            if mail is not None and _send(line, mail):
                sent += 1
    return sent


class _Line:
    """The connection to the mail server, opened before anything is claimed, and used for many mails."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._connection: Any = None
        self._carried = self._lost = 0

    def ready(self) -> bool:
        """Whether a mail can be sent now; where the server does not answer, that is written down once."""
        if self._lost >= _LOST_LINES:
            return False
        if self._connection is not None and self._carried >= settings.MAIL_PER_CONNECTION:
            self.close()
        if self._connection is None:
            fresh = get_connection(fail_silently=False, **settings.MAIL_OPTIONS)
            try:
                fresh.open()
            except Exception as error:  # no address, no certificate, no right to sign in: whatever it is, mails wait
                self.away(error)
                return False
            self._connection, self._carried = fresh, 0
        return True

    def carry(self, message: FlowedMessage) -> None:
        """Raises whatever the backend raises; `NotSent` where it says by its count that it sent nothing."""
        message.connection = self._connection
        if message.send() == 0:
            raise NotSent
        self._carried += 1
        self._lost = 0
        self.server.works()

    def lost(self, error: Exception) -> None:
        """The connection broke; the second time in a row the server counts as away."""
        self.close()
        self._lost += 1
        if self._lost >= _LOST_LINES:
            self.away(error)

    def away(self, error: Exception) -> None:
        self.close()
        self._lost = _LOST_LINES
        log.warning("the mail server does not answer: %s", type(error).__name__)
        again = SERVER_WAITS[min(self.server.tries, len(SERVER_WAITS) - 1)]
        self.server.failed(type(error).__name__[:200], again_in=again)

    def close(self) -> None:
        if self._connection is not None:
            with suppress(Exception):  # what cannot be closed is gone already
                self._connection.close()
            self._connection = None


class NotSent(Exception):
    """The backend took the mail and did not send it."""


@contextmanager
def _line(server: MailServer) -> Iterator[_Line]:
    line = _Line(server)
    try:
        yield line
    finally:
        line.close()


def _due() -> models.QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(due_at__lte=now())


def _claim(pk: int) -> OutgoingMail | None:
    """The mail, ours for `LEASE`; nothing where another worker has it."""
    with transaction.atomic():
        mail = _due().select_for_update().filter(pk=pk).first()
        if mail is None:
            return None
        mail.attempts += 1
        mail.claimed_at = now()
        mail.due_at = mail.claimed_at + LEASE
        mail.save(update_fields=["attempts", "claimed_at", "due_at"])
    return mail


def _send(line: _Line, mail: OutgoingMail) -> bool:
    try:
        line.carry(message_of(mail))
    except Exception as error:  # a mail server may fail in any way
        _failed(line, mail, error)
        return False
    cleared = {"text": CLEARED} if mail.is_secret else {}
    _written(
        lambda: OutgoingMail.objects.filter(pk=mail.pk).update(
            sent_at=now(), due_at=None, claimed_at=None, last_error="", **cleared
        )
    )
    return True


def _failed(line: _Line, mail: OutgoingMail, error: Exception) -> None:
    verdict = judge(error)
    log.warning("mail %s was not sent (try %s): %s", mail.uid, mail.attempts, type(error).__name__)
    if verdict is Verdict.SERVER_AWAY:
        line.away(error)
        _outcome(mail, attempts=mail.attempts - 1, due_at=now() + WAITS[0])
        return
    if verdict is Verdict.LINE_LOST:
        line.lost(error)
    told: dict[str, Any] = {"last_error": type(error).__name__[:200]}
    ended = mail.attempts > len(WAITS) and not line.server.down_since  # nothing fails while the server is away
    if ended or verdict in (Verdict.REFUSED, Verdict.REJECTED):
        told |= {"failed_at": now(), "due_at": None} | ({"text": CLEARED} if mail.is_secret else {})
    else:
        told["due_at"] = now() + WAITS[min(mail.attempts, len(WAITS)) - 1]
    if isinstance(error, smtplib.SMTPRecipientsRefused) and verdict is Verdict.REFUSED:
        [(code, _), *_] = error.recipients.values()
        told |= {"bounced_at": now(), "bounce_status": str(code)}
    _outcome(mail, **told)


def _outcome(mail: OutgoingMail, **values: Any) -> None:
    """Write down what became of this claim; nothing where it has passed to another worker meanwhile."""
    ours = OutgoingMail.objects.filter(pk=mail.pk, claimed_at=mail.claimed_at, sent_at__isnull=True)
    _written(lambda: ours.update(claimed_at=None, **values))


def _written(write: Callable[[], object]) -> None:
    """What has happened outside must be known inside: a database that is away for a moment is asked again."""
    for tries_left in reversed(range(_WRITING_TRIES)):
        try:
            write()
            return
        except (OperationalError, InterfaceError):
            if not tries_left or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(1)
