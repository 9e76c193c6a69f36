"""What an office does with a received application before it is evaluated: who handles it, what was noted, judged and
asked of others.

Everything hangs on the application's dossier, so it stays through its revisions. What was judged is never changed: a
later row about the same thing counts instead.
"""

from django.db import models
from django.db.models import Q

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application, Dossier
from madang.apps.calls.models import Call
from madang.kernel.append_only import AppendOnly
from madang.kernel.tokens import UID_LENGTH, new_uid


class Handling(models.Model):
    """How far a dossier is; a dossier without one is open and nobody's. Its state is one of
    `madang.core.lifecycle.review.STATES`.

    `ground`: by which published rule it was excluded (`review.ITEM`, `eligibility.ID`, `outside_checks.ID`,
    `supplement`, `late`); `reason`: the office's words for it, or for opening it again.
    """

    dossier = models.OneToOneField(Dossier, primary_key=True, on_delete=models.PROTECT, related_name="handling")
    officer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    officer_since = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="open")
    ground = models.CharField(max_length=160, blank=True)
    reason = models.TextField(blank=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["dossier"]
        indexes = [models.Index(fields=["officer", "state"], name="handling_officer_state")]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.state}"


class Note(models.Model):
    """A note of one secretariat, or (blank) of the programme's officers, about a dossier. Seen by nobody else."""

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="notes")
    secretariat = models.CharField(max_length=80, blank=True)
    text = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["dossier", "-at", "-id"]

    def __str__(self) -> str:
        return self.uid


class Verdict(AppendOnly):
    """What one person found about one item of the checklist (`item`: its id), of the revision that stood then.

    `verdict`: `pass`, `fail`, `incorrect`, `incomplete` (both can be mended by a supplement), or `open`, which takes an
    earlier one back. The last one of an item counts. Where the definition wants four eyes, it counts only once another
    person has written a row with the same verdict that `confirms` it.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="verdicts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=80)
    verdict = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    confirms = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="confirmations")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["dossier", "id"]
        indexes = [models.Index(fields=["dossier", "item"], name="verdict_dossier_item")]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.item}: {self.verdict}"


class OutsideResult(AppendOnly):
    """What another body said for one outside check (`check_id`) of the definition; the last one of a check counts.

    `result`: `clear`, `found` or `open` (asked, or taken back). `source`: who said so; `on`: as of which day; the proof
    lies in the store by its hash. `sheet_sha256`: of the list that it came in with, which lies there too; blank where
    typed.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="outside_results")
    check_id = models.CharField(max_length=80)
    result = models.CharField(max_length=20)
    source = models.CharField(max_length=200)
    on = models.DateField()
    note = models.TextField(blank=True)
    proof_sha256 = models.CharField(max_length=64, blank=True)
    proof_name = models.CharField(max_length=255, blank=True)
    proof_format = models.CharField(max_length=20, blank=True)
    sheet_sha256 = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["dossier", "id"]
        indexes = [models.Index(fields=["dossier", "check_id"], name="outside_dossier_check")]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.check_id}: {self.result}"


class Closing(AppendOnly):
    """One end of a review, or its opening again (`act`: `pass`, `exclude`, `reopen`).

    The last one stands in `Handling`. `ground`: as there. `words`: the reason by language (an exclusion's: what the
    applicant will be told); of an opening the office's own, under a blank key. `together`: the name of the bulk act
    that it was part of; blank for one alone.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="closings")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=20)
    ground = models.CharField(max_length=160, blank=True)
    words = models.JSONField(default=dict)
    together = models.CharField(max_length=UID_LENGTH, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["dossier", "id"]
        indexes = [models.Index(fields=["together"], name="closing_together")]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.act}"


class SavedList(models.Model):
    """A search of the desk under a name: its owner's, or shared with everybody who has a desk of the call."""

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["call", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "owner", "name"], condition=Q(removed_at__isnull=True), name="one_saved_list_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
