"""Applications as they were received, and the batches they came in.

Nothing is ever removed: a batch that is undone keeps its rows, marked with the moment, so that a number published
before can still be counted again.
"""

from django.db import models
from django.db.models import Q

from madang.apps.calls.models import Call


class ReceptionBatch(models.Model):
    """One import: where from, and the hash of everything in it."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="batches")
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    note = models.JSONField(default=dict)  # provenance in words, {language: text}: shown with every figure
    imported_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["call", "imported_at", "id"]
        verbose_name_plural = "reception batches"
        constraints = [
            models.UniqueConstraint(
                fields=["call", "sha256"], condition=Q(undone_at__isnull=True), name="one_standing_batch_of_a_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} ({self.sha256[:12]})"


class InBatch(models.Model):
    """A row that came in a batch and is undone with it; `undone_at` is the batch's, copied for the unique rules."""

    batch = models.ForeignKey(ReceptionBatch, on_delete=models.PROTECT)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Application(InBatch):
    """One application. `country` is the applicant's own; `field` the first of the fields it names."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="applications")
    position = models.PositiveIntegerField()  # in the batch, from 0: rows are given back in the order they came
    reference = models.CharField(max_length=200)
    applicant_name = models.CharField(max_length=500)
    organisation = models.CharField(max_length=500, blank=True)  # identity across calls
    kind = models.CharField(max_length=50, blank=True)
    track = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    field = models.CharField(max_length=80, blank=True)
    answers = models.JSONField(default=dict)
    members = models.JSONField(default=list)
    received = models.CharField(max_length=19, blank=True)  # as handed in: a day, or a day and time of the call's zone
    received_at = models.DateTimeField()  # the same as a moment; the import's, where nothing was handed in
    is_sample = models.BooleanField()

    class Meta:
        ordering = ["call", "batch", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "reference"], condition=Q(undone_at__isnull=True), name="one_application_of_a_reference"
            ),
        ]
        indexes = [models.Index(fields=["call", "received_at"], name="application_received")]

    def __str__(self) -> str:
        return self.reference


class PreviousRound(InBatch):
    """What an earlier round of the call received, as it was published."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="previous_rounds")
    year = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    countries = models.PositiveIntegerField()

    class Meta:
        ordering = ["call", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "year"], condition=Q(undone_at__isnull=True), name="one_round_of_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.cases} / {self.countries}"
