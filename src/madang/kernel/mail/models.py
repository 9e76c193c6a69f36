"""What the outbox keeps: mails, announcements to many, earlier words, lists that were left, the server's state."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from django.db import models
from django.db.models import Max, Q

from madang.core.lifecycle import mail as lifecycle
from madang.kernel.append_only import AppendOnly
from madang.kernel.cipher import CODES, unseal
from madang.kernel.clock import now
from madang.kernel.tokens import UID_LENGTH, new_uid

CLEARED: Final = "(cleared after sending)"
STOPPED: Final = "(stopped by its reader)"
"""As `reason` of a mail that was never sent, because its reader does not want mails of this kind."""
OF_A_DRAFT: Final = ":drafts"
"""As `about` of a mail to those who write an application that is not filed: no office sees whom it went to. No slug."""

PROMPT, ORDINARY, MANY = range(3)
"""`OutgoingMail.urgency`: codes and receipts go first, announcements to many last."""


class State(StrEnum):
    """Where a mail is. It is never stored: it follows from the moments in its row, and the clock."""

    WAITING = lifecycle.WAITING
    HELD = lifecycle.HELD
    SENDING = lifecycle.SENDING
    SENT = lifecycle.SENT
    FAILED = lifecycle.FAILED
    BOUNCED = lifecycle.BOUNCED
    CANCELLED = lifecycle.CANCELLED


class MailBatch(models.Model):
    """One announcement to many readers, each of whom gets it once, in the language that fits.

    Its mails are there from the beginning, held; releasing the batch lets them go. `languages`: of the call, its first
    first; there must be a text in each. `texts`: language -> {"subject", "text"}. `state`: held, released, cancelled.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    key = models.CharField(max_length=200, unique=True, null=True)
    about = models.CharField(max_length=100, blank=True, db_index=True)
    languages = models.JSONField(default=list)
    texts = models.JSONField(default=dict)
    state = models.CharField(max_length=20, default=lifecycle.HELD)
    reason = models.CharField(max_length=1000, blank=True)  # why it was cancelled
    not_before = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)  # the actor's id
    decided_at = models.DateTimeField(null=True)  # released, or cancelled

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.uid

    @property
    def lacking(self) -> list[str]:
        """Languages of the call in which something is still to be written."""
        return [tag for tag in self.languages if not all(self.texts.get(tag, {}).get(part) for part in PARTS)]

    @property
    def written(self) -> list[str]:
        """Languages in which it is written whole, those of the call first."""
        order = [*self.languages, *sorted(set(self.texts) - set(self.languages))]
        return [tag for tag in order if all(self.texts.get(tag, {}).get(part) for part in PARTS)]


PARTS: Final = ("subject", "text")


class OutgoingMail(models.Model):
    """One mail to one reader. `key`, where given, makes it the only one of that key: posted again, nothing happens.

    `about`: what it is about (a call's slug; `OF_A_DRAFT`; blank: an account, an organisation). `own_language`: the
    reader's, and `language` the one that the mail is written in. `is_secret`: it holds a code or a link that opens
    something; its text is enciphered, and cleared as soon as it was sent, failed for good or was cancelled.
    `due_at`: when it is sent; none: not at all as things stand (held, sent, failed, cancelled).
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    key = models.CharField(max_length=200, unique=True, null=True)
    batch = models.ForeignKey(MailBatch, null=True, on_delete=models.PROTECT, related_name="mails")
    about = models.CharField(max_length=100, blank=True, db_index=True)
    to = models.EmailField(max_length=254)
    own_language = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=10)
    template = models.CharField(max_length=80)  # blank: words of the office
    subject = models.CharField(max_length=300)
    text = models.TextField()
    is_secret = models.BooleanField(default=False)
    urgency = models.PositiveSmallIntegerField(default=ORDINARY)
    stoppable = models.CharField(max_length=40, blank=True)  # the list that its reader can leave with one click
    reader = models.CharField(max_length=UID_LENGTH, blank=True)  # who that is: an account's uid
    posted_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)  # a worker has it since; until `due_at`, if it does not come back
    attempts = models.PositiveIntegerField(default=0)
    held_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    bounce_status = models.CharField(max_length=20, blank=True)  # `5.1.1` (RFC 3463), or the server's answer: `550`
    cancelled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=1000, blank=True)  # why it is held, or was cancelled
    last_error = models.CharField(max_length=200, blank=True)  # the kind of error only: its text may name people

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["urgency", "due_at"], condition=Q(due_at__isnull=False), name="mail_due"),
            models.Index(fields=["to", "id"], name="mail_to"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "to"], condition=Q(batch__isnull=False), name="one_mail_of_a_batch_to_a_reader"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template or 'words'} {self.uid}"

    @property
    def words(self) -> str:
        """The text as its reader gets it. Raises `CannotOpen` where a secret was cleared, or closed by another key."""
        return unseal(self.text, key=CODES).decode() if self.is_secret else self.text

    @property
    def state(self) -> State:
        for state, moment in (
            (State.CANCELLED, self.cancelled_at),
            (State.BOUNCED, self.bounced_at),
            (State.SENT, self.sent_at),
            (State.FAILED, self.failed_at),
            (State.HELD, self.held_at),
        ):
            if moment:
                return state
        return State.SENDING if self.claimed_at and self.due_at and self.due_at > now() else State.WAITING


def in_state(rows: models.QuerySet[OutgoingMail], state: str) -> models.QuerySet[OutgoingMail]:
    """The mails that are in this state now: the same as `OutgoingMail.state`, in SQL. An unknown state: none."""
    ended = {name: f"{name}_at__isnull" for name in ("cancelled", "bounced", "sent", "failed", "held")}
    if state in ended:
        names = list(ended)
        before = {ended[name]: True for name in names[: names.index(state)]}
        return rows.filter(**before, **{ended[state]: False})
    open_ = rows.filter(**dict.fromkeys(ended.values(), True))
    at_work = Q(claimed_at__isnull=False, due_at__gt=now())
    if state == State.SENDING:
        return open_.filter(at_work)
    return open_.filter(~at_work | Q(claimed_at__isnull=True)) if state == State.WAITING else rows.none()


def coming_back(addresses: Iterable[str]) -> dict[str, OutgoingMail]:
    """Those of these addresses whose mail comes back, each with the mail that did: the last one that left, or should.

    Nothing is kept about an address itself: the next mail that stays with its reader ends it. Two statements.
    """
    left = OutgoingMail.objects.filter(to__in=set(addresses)).exclude(sent_at__isnull=True, bounced_at__isnull=True)
    last = left.order_by().values("to").annotate(last=Max("id")).values("last")
    found = OutgoingMail.objects.filter(pk__in=last, bounced_at__isnull=False).exclude(bounce_status__startswith="5.7")
    return {one.to: one for one in found}


class MailEdit(AppendOnly):
    """What a mail said before somebody of the office changed it."""

    mail = models.ForeignKey(OutgoingMail, on_delete=models.PROTECT, related_name="edits")
    subject = models.CharField(max_length=300)
    text = models.TextField()
    at = models.DateTimeField()  # of the change
    by = models.CharField(max_length=100)  # the actor's id

    class Meta(AppendOnly.Meta):
        ordering = ["mail", "id"]

    def __str__(self) -> str:
        return f"{self.mail_id} before {self.at:%Y-%m-%d %H:%M}"


class MailStop(models.Model):
    """A reader who wants no mails of one list (alerts, reminders). `stopped_at` none: wants them again."""

    list = models.CharField(max_length=40)
    reader = models.CharField(max_length=UID_LENGTH)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "reader"], name="one_stop_of_a_list_by_a_reader")]

    def __str__(self) -> str:
        return f"{self.list} {self.reader}"


class MailServer(models.Model):
    """Whether the mail server answers; one row. While it does not, mails wait without losing a try."""

    down_since = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"down since {self.down_since}" if self.down_since else "answers"

    @classmethod
    def known(cls) -> "MailServer":
        """The row, or a new one that nobody has written yet. One statement."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def failed(self, error: str, *, again_in: dt.timedelta) -> None:
        """It did not answer; nobody asks it before `again_in` has passed."""
        moment = now()
        self._write(
            down_since=self.down_since or moment, tries=self.tries + 1, next_try_at=moment + again_in, last_error=error
        )

    def works(self) -> None:
        """It answers. Nothing is written where that was known."""
        if self.down_since:
            self._write(down_since=None, tries=0, next_try_at=None, last_error="")

    def _write(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        type(self).objects.update_or_create(pk=1, defaults=values)
