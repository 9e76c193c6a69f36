"""A programme has calls (one a round); a call has versions of its definition, the last of which counts."""

from django.db import models

from madang.kernel.append_only import AppendOnly


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
    published_at = models.DateTimeField(null=True)  # of the first version
    decided_at = models.DateTimeField(null=True)  # only of calls decided in one go
    search_text = models.TextField(default="")  # small letters: titles, host, programme, slug

    class Meta:
        ordering = ["-opens_at", "slug"]
        indexes = [models.Index(fields=["opens_at", "closes_at"], name="call_window")]

    def __str__(self) -> str:
        return self.slug


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
