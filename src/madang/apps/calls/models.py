"""A programme has calls (one a round); a call has versions of its definition, the last of which counts.

Before a version is published it is a draft that officers write, send for approval and approve. People may keep alerts,
which tell them of new calls that fit.
"""

import datetime as dt

from django.db import models
from django.db.models import Q

from madang.apps.accounts.models import Person
from madang.kernel.append_only import AppendOnly
from madang.kernel.tokens import UID_LENGTH, new_uid


class Programme(models.Model):
    """A line of calls over the years, such as `kcity-network`."""

    slug = models.SlugField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.slug


class Call(models.Model):
    """One round. What lists and filters need is copied here from the current version by `publish_definition`.

    Its state is never stored: it follows from the versions, the schedule, the decision and the clock
    (`madang.core.lifecycle`). `opens_at` and `closes_at` are the first and the last second that count.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="calls")
    slug = models.SlugField(max_length=80, unique=True)
    is_sample = models.BooleanField()  # invented: shown on every screen and paper
    title = models.JSONField(default=dict)  # {language: text}
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    grace_minutes = models.PositiveIntegerField(default=0)  # printed in the notice; a press within it counts
    published_at = models.DateTimeField(null=True)  # of the first version
    decided_at = models.DateTimeField(null=True)  # only of calls decided in one go
    search_text = models.TextField(default="")  # small letters: titles, host, programme, slug

    class Meta:
        ordering = ["-opens_at", "slug"]
        indexes = [models.Index(fields=["opens_at", "closes_at"], name="call_window")]

    def __str__(self) -> str:
        return self.slug

    @property
    def counts_until(self) -> dt.datetime | None:
        """The last second at which a press still counts: the closing, and the grace that the notice prints."""
        return self.closes_at + dt.timedelta(minutes=self.grace_minutes) if self.closes_at else None


class DefinitionVersion(AppendOnly):
    """A call definition as published: the text as the officer wrote it, and what was read from it.

    Version 1 is the publication; every later one is an amendment, with its reason and where it was notified.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)  # of the text in UTF-8
    data = models.JSONField()  # the parsed definition as JSON
    published_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    notice = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ["call", "number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="one_version_of_a_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="versions_count_from_one"),
            models.CheckConstraint(
                condition=models.Q(number=1) | ~models.Q(reason=""), name="an_amendment_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} version {self.number}"


class DefinitionDraft(models.Model):
    """A definition that is being written: of a new call, or of the next version of a published one (`call`).

    Its state is one of `madang.core.lifecycle.definition.STATES`. `revision` counts the texts; whoever saves says which
    one was read, so that nobody's work is overwritten.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="drafts")
    slug = models.CharField(max_length=80, blank=True)  # the id in the text, where it can be read
    title = models.JSONField(default=dict)  # {language: text}, where it can be read
    origin = models.CharField(
        max_length=200
    )  # `programmes/kcity-network-2021.yaml`, `call kcity-network-2021`, `empty`
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20)
    reason = models.TextField(blank=True)  # of an amendment
    notice = models.TextField(blank=True)  # where the amendment is made known
    is_sample = models.BooleanField(default=False)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    returned_reason = models.TextField(blank=True)  # why it came back from approval
    published_version = models.ForeignKey(DefinitionVersion, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(call__isnull=False) & ~Q(state__in=["published", "discarded"]),
                name="one_open_amendment_of_a_call",
            ),
        ]

    def __str__(self) -> str:
        return self.slug or self.uid


class DefinitionDraftText(AppendOnly):
    """Every text that a draft has had: for undo, and for seeing who changed what."""

    draft = models.ForeignKey(DefinitionDraft, on_delete=models.PROTECT, related_name="texts")
    revision = models.PositiveIntegerField()
    text = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["draft", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "revision"], name="one_text_of_a_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} revision {self.revision}"


class Alert(models.Model):
    """A saved search that tells its owner of new calls. Never more than one mail a day (or a week), and never an empty
    one. `token_sha256` is of the link in each mail that ends it without signing in.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="alerts")
    filters = models.JSONField(default=dict)  # {"q", "programme", "kind", "rule"}: as the call list understands them
    every_days = models.PositiveIntegerField(default=1)  # 1 or 7
    token_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    told_until = models.DateTimeField()  # calls published (or amended) after this moment were not yet told
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.uid
