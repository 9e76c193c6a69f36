"""What an office does with a received application before it is evaluated: who handles it, what was noted, judged and
asked of others.

Everything hangs on the application's dossier, so it stays through its revisions. What was judged is never changed: a
later row about the same thing counts instead.
"""

from django.db import models
from django.db.models import Q

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application, Dossier
from madang.apps.calls.models import Call, DefinitionVersion
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


class Letter(models.Model):
    """An official letter about one application, out or in, as the office's document system has it; entered by hand.

    `act`: what it is about (`madang.apps.review.commands.LETTER_ACTS`), `act_uid` which one, where that has a name here
    (a supplement's). Nothing is removed: a mistaken one is marked, with the reason.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="letters")
    direction = models.CharField(max_length=10)  # `out` or `in`
    number = models.CharField(max_length=80, blank=True)  # the document number; blank where it bears none
    dated = models.DateField()
    counterpart = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    way = models.CharField(max_length=20)
    act = models.CharField(max_length=20)
    act_uid = models.CharField(max_length=UID_LENGTH, blank=True)
    scan_sha256 = models.CharField(max_length=64, blank=True)
    scan_name = models.CharField(max_length=255, blank=True)
    scan_format = models.CharField(max_length=20, blank=True)
    scan_bytes = models.PositiveBigIntegerField(default=0)
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    removed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["dossier", "-dated", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "direction", "number"],
                condition=Q(removed_at__isnull=True) & ~Q(number=""),
                name="one_letter_of_a_number",
            ),
        ]

    def __str__(self) -> str:
        return self.uid


class PressReport(models.Model):
    """A report on a call's reception for the press. `state` is one of `madang.core.lifecycle.press.STATES`; `revision`
    is the number of the revision that counts.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="press_reports")
    state = models.CharField(max_length=20)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["call", "-created_at", "-id"]

    def __str__(self) -> str:
        return self.uid


class PressRevision(AppendOnly):
    """A report as it was saved once. Its figures are counted again whenever it is opened: as of the day, as it was
    known at the moment; `figures_sha256` is of what was counted then.

    `templates`: what each text was filled from; `texts`: as somebody edited it (both by language); `confirmed`: numbers
    that do not come from the reception, each `{language, shown, sentence, key, reason}`. `by`: nobody for the console.
    """

    report = models.ForeignKey(PressReport, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField(null=True)  # nothing: everything that had arrived
    known_at = models.DateTimeField()
    figures_sha256 = models.CharField(max_length=64)
    tables = models.JSONField(default=list)
    templates = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    confirmed = models.JSONField(default=list)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["report", "number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="one_press_revision_of_a_number")]

    def __str__(self) -> str:
        return f"{self.report_id} revision {self.number}"


class PressPack(models.Model):
    """The pack of a finished revision for the sites that publish it, made by the worker. `state`: `waiting`, `made`
    (the file lies in the store by its hash) or `failed`.
    """

    revision = models.ForeignKey(PressRevision, on_delete=models.PROTECT, related_name="packs")
    state = models.CharField(max_length=20, default="waiting")
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["revision", "-asked_at", "-id"]
        indexes = [models.Index(fields=["state"], name="press_pack_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["revision"], condition=~Q(state="failed"), name="one_press_pack_of_a_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.state}"


class Assignment(AppendOnly):
    """One act by which applications got an officer (`to`; nobody: they were let go), one of them or many at once.

    `handed_over_by`: whose cases they all were, where somebody took them over. `undoes`: the earlier act that this one
    takes back.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="+")  # null: of several calls
    to = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    handed_over_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    reason = models.TextField(blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["by", "at"], name="assignment_by_at")]

    def __str__(self) -> str:
        return self.uid


class AssignedCase(AppendOnly):
    """One application of an assignment, with whose it was and whose it became."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="cases")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="assigned")
    before = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["assignment", "id"]
        constraints = [models.UniqueConstraint(fields=["assignment", "dossier"], name="one_case_of_an_assignment")]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.dossier_id}"
