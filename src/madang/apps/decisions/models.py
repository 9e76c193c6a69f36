"""A decision: a sealed record of the core, with the papers made from it."""

from django.db import models

from madang.apps.calls.models import Call, DefinitionVersion
from madang.kernel.append_only import AppendOnly


class Decision(AppendOnly):
    """One sealed decision of a call. A call decided case by case has many; a later one of any other has its reason.

    `record_sha256`, `report_sha256` and `workbook_sha256` name files of the store (`madang.kernel.files`).
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="decisions")
    definition_version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    root = models.CharField(max_length=64)  # the Merkle root over the record's leaves
    status = models.CharField(max_length=20)  # of the computation: `madang.core.problem.Status`
    sealed_at = models.DateTimeField()
    is_sample = models.BooleanField()
    record_sha256 = models.CharField(max_length=64)
    report_sha256 = models.CharField(max_length=64, blank=True)
    workbook_sha256 = models.CharField(max_length=64, blank=True)
    summary = models.JSONField(default=dict)  # {"applications": 9, "outcomes": {"selected": 4, ...}, "signed": true}
    reason = models.TextField(blank=True)  # why there is a further one

    class Meta(AppendOnly.Meta):
        ordering = ["call", "number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="one_decision_of_a_number"),
            models.UniqueConstraint(fields=["call", "root"], name="one_decision_of_a_root"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} decision {self.number} ({self.root[:12]})"
