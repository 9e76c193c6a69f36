"""Mail goes out through a table: written in the transaction of the command that causes it, sent by the worker.

So no mail is lost with a crash after commit, none goes out for what was rolled back, and a page never waits for a mail
server. Text is rendered when it is posted, in the language of its reader, from `mail/<template>.txt`, whose first line
is the subject. A mail is claimed before it is sent: two workers never send the same one; one that crashes while sending
lets the mail come due again after `LEASE`. A secret mail lies enciphered until it is sent, and is cleared then.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models import Q
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from madang.kernel.cipher import CODES, seal, unseal
from madang.kernel.clock import now
from madang.kernel.tokens import UID_LENGTH, new_uid

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)
WAITS = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
"""How long after each failure the next try comes; after the last one the mail has failed."""
CLEARED = "(cleared after sending)"


class OutgoingMail(models.Model):
    """One mail to one reader. `key`, where given, makes it the only one of that key: posted again, nothing happens.

    `is_secret`: it holds a code or a link that opens something; its text is enciphered, and cleared as soon as it was
    sent, or has failed for good.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    key = models.CharField(max_length=200, unique=True, null=True)
    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=10)
    template = models.CharField(max_length=80)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    is_secret = models.BooleanField(default=False)
    posted_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # none: sent, or failed for good
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)  # the kind of error only: its text may name people

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="mail_due")]

    def __str__(self) -> str:
        return f"{self.template} {self.uid}"

    @property
    def words(self) -> str:
        """The text as its reader gets it. Raises `CannotOpen` where a secret was cleared, or closed by another key."""
        return unseal(self.text, key=CODES).decode() if self.is_secret else self.text


def post(
    template: str,
    *,
    to: str,
    language: str,
    context: Mapping[str, Any] | None = None,
    key: str | None = None,
    not_before: dt.datetime | None = None,
    secret: bool = False,
) -> OutgoingMail:
    """Put one mail into the outbox, inside the caller's transaction; the standing one where `key` is there already.

    `mail/<template>.txt` gets `context` and `site` (the site's address). Cost: one rendering and one or two statements.
    `secret`: the text opens something (a code, a link); the subject never may, it stays readable. Raises
    `ValidationError` where `to` is no address.
    """
    validate_email(to)
    if key is not None and (standing := OutgoingMail.objects.filter(key=key).first()):
        return standing
    with translation.override(language):
        given = Context({"site": settings.SITE_ADDRESS, **(context or {})}, autoescape=False)  # text, not HTML
        whole = get_template(f"mail/{template}.txt").template.render(given)
    subject, _, text = whole.lstrip().partition("\n")
    text = text.strip() + "\n"
    return OutgoingMail.objects.create(
        key=key,
        to=to,
        language=language,
        template=template,
        subject=" ".join(subject.split())[:300],
        text=seal(text.encode(), key=CODES) if secret else text,
        is_secret=secret,
        posted_at=now(),
        due_at=not_before or now(),
    )


def known_keys(keys: Iterable[str]) -> set[str]:
    """Those of these keys under which a mail was posted already. One statement."""
    return set(OutgoingMail.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def deliver_due(*, most: int = 100) -> int:
    """Send what is due, the oldest first; returns how many were sent. For the worker; several may run."""
    sent = 0
    for pk in list(_due().order_by("due_at", "id").values_list("pk", flat=True)[:most]):
        mail = _claim(pk)
        if mail is not None and _send(mail):
            sent += 1
    return sent


def _due() -> models.QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(due_at__lte=now())


def _claim(pk: int) -> OutgoingMail | None:
    """The mail, ours for `LEASE`; nothing where another worker has it."""
    with transaction.atomic():
        mail = _due().select_for_update().filter(pk=pk).first()
        if mail is None:
            return None
        mail.attempts += 1
        mail.due_at = now() + LEASE
        mail.save(update_fields=["attempts", "due_at"])
    return mail


def _send(mail: OutgoingMail) -> bool:
    try:
        EmailMessage(
            subject=mail.subject,
            body=mail.words,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[mail.to],
            headers={"Message-ID": f"<{mail.uid}@{settings.MAIL_DOMAIN}>", "Auto-Submitted": "auto-generated"},
        ).send()
    except Exception as error:  # a mail server may fail in any way; the mail comes due again
        log.warning("mail %s was not sent (try %s): %s", mail.uid, mail.attempts, type(error).__name__)
        mail.last_error = type(error).__name__[:200]
        if mail.attempts > len(WAITS):
            mail.due_at, mail.failed_at = None, now()
            mail.text = CLEARED if mail.is_secret else mail.text
        else:
            mail.due_at = now() + WAITS[mail.attempts - 1]
        mail.save(update_fields=["last_error", "due_at", "failed_at", "text"])
        return False
    mail.sent_at, mail.due_at, mail.last_error = now(), None, ""
    if mail.is_secret:
        mail.text = CLEARED
    mail.save(update_fields=["sent_at", "due_at", "last_error", "text"])
    return True
