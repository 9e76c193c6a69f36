"""Applications: drafts that are written together, what was filed, and what was received, here or in batches.

Nothing that was received is ever removed: a batch that is undone, a revision that is replaced or withdrawn keeps its
row, marked with the moment, so that a number published before can still be counted again.
"""

import json
from typing import Any

from django.db import models
from django.db.models import F, Q

from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.directory.models import Organisation
from madang.kernel.append_only import AppendOnly
from madang.kernel.tokens import UID_LENGTH, new_uid


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


class Dossier(models.Model):
    """One application over all its revisions, as an office handles it: what is done about it hangs here.

    The row that counts is the one of `applications` that stands (`undone_at` is null); none stands after a withdrawal
    or an undone batch. `track` is that of the last revision.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="dossiers")
    reference = models.CharField(max_length=200)
    track = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["call", "reference"]
        constraints = [models.UniqueConstraint(fields=["call", "reference"], name="one_dossier_of_a_reference")]
        indexes = [models.Index(fields=["call", "track"], name="dossier_call_track")]

    def __str__(self) -> str:
        return self.reference


class Application(models.Model):
    """One application as it was received: in a batch, or filed here (`filing`; a row for each revision, of which one
    stands). `country` is the applicant's own; `field` the first of the fields it names.

    `undone_at`: when its batch was undone, or its revision replaced or withdrawn.
    """

    batch = models.ForeignKey(ReceptionBatch, null=True, on_delete=models.PROTECT)
    filing = models.OneToOneField("Filing", null=True, on_delete=models.PROTECT, related_name="application")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="applications")
    undone_at = models.DateTimeField(null=True)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="applications")
    position = models.PositiveIntegerField(default=0)  # in the batch: rows are given back in the order they came
    reference = models.CharField(max_length=200)
    applicant_name = models.CharField(max_length=500)
    organisation = models.CharField(max_length=500, blank=True)  # identity across calls
    kind = models.CharField(max_length=50, blank=True)
    track = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    field = models.CharField(max_length=80, blank=True)
    answers = models.JSONField(default=dict)
    members = models.JSONField(default=list)
    # As handed in: a day, or a day and time of the call's zone. Of the answer to a supplement: when it first came in.
    received = models.CharField(max_length=19, blank=True)
    received_at = models.DateTimeField()  # when this revision came; the import's, where nothing was handed in
    admitted = models.CharField(max_length=UID_LENGTH, blank=True)  # the late admission by which it counts
    is_sample = models.BooleanField()

    class Meta:
        # What came in batches first, then what was filed, in the order of arrival.
        ordering = ["call", F("batch").asc(nulls_last=True), "position", "received_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "reference"], condition=Q(undone_at__isnull=True), name="one_application_of_a_reference"
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=True) ^ Q(filing__isnull=True), name="in_a_batch_or_filed_here"
            ),
        ]
        indexes = [models.Index(fields=["call", "received_at"], name="application_received")]

    def __str__(self) -> str:
        return self.reference


class PreviousRound(models.Model):
    """What an earlier round of the call received, as it was published."""

    batch = models.ForeignKey(ReceptionBatch, on_delete=models.PROTECT)
    undone_at = models.DateTimeField(null=True)  # the batch's, copied for the unique rule
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


class Draft(models.Model):
    """An application of one organisation for one call, written by several people over days, then filed.

    What stands in it is in `DraftEntry`, key by key. `revision` counts saves; it never goes back. `version` is the
    definition that the draft follows: after an amendment it moves on, and keeps every answer.
    `supplement` stands while it limits what can be changed: until it is answered or cancelled.
    Its state is one of `madang.core.lifecycle.draft.STATES`. `number` is the application's, drawn at its first filing
    (`madang.core.record.numbers`); `standing` is the filed revision that counts, none before and after a withdrawal.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="application_drafts")
    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="drafts")
    track = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10)  # that the answers are written in, unless an entry says another
    revision = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, default="writing")
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    discarded_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    number = models.CharField(max_length=20, unique=True, null=True)
    standing = models.ForeignKey("Filing", null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True)
    admitted = models.CharField(max_length=UID_LENGTH, blank=True)  # the late admission that stands, copied for reading
    admitted_until = models.DateTimeField(null=True)
    supplement = models.ForeignKey("Supplement", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-changed_at", "id"]
        indexes = [models.Index(fields=["call", "state"], name="draft_call_state")]

    def __str__(self) -> str:
        return self.uid


class DraftEntry(models.Model):
    """What stands in one place of the form, as it was typed (`madang.core.form.model.Typed`).

    `key`: a field (`summary`), the order of a repeated field's rows (`goals`), a cell of a row (`goals.r3f.when`), a
    consortium member (`members.r7a.name`). `revision` is the draft's at the last change of this key: whoever saves says
    which one was read, and a newer one of somebody else is never overwritten silently.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=250)
    typed = models.JSONField()  # text, or a list of texts
    language = models.CharField(max_length=10, blank=True)  # of this entry, where it differs from the draft's
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["draft", "key"]
        constraints = [models.UniqueConstraint(fields=["draft", "key"], name="one_entry_of_a_key")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.key}"


class DraftChange(AppendOnly):
    """Every value that a place has had, with who wrote it: so that nothing typed is ever lost."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="changes")
    key = models.CharField(max_length=250)
    typed = models.JSONField(null=True)  # none: the place was emptied by removing its row
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["draft", "revision", "id"]
        indexes = [models.Index(fields=["draft", "key", "revision"], name="draft_change_key")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.key} at {self.revision}"


class Filing(AppendOnly):
    """One press: a revision of an application as it was filed, which never changes.

    `form` is the whole form in canonical JSON (`docs/formats/receipts.md`), `form_sha256` its hash, `receipt` the
    office's signed statement about both. `arrived_at` is the moment that counts, in whole seconds; `filed_at` when it
    was written. `draft_revision` is the draft's that was filed, `seen_revision` the one that the filer had on screen.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="filings")
    revision = models.PositiveIntegerField()
    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="+")
    draft_revision = models.PositiveIntegerField()
    seen_revision = models.PositiveIntegerField()
    form = models.TextField()
    form_sha256 = models.CharField(max_length=64)
    receipt = models.TextField()
    arrived_at = models.DateTimeField()
    filed_at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["draft", "revision"]
        constraints = [models.UniqueConstraint(fields=["draft", "revision"], name="one_filing_of_a_revision")]

    def __str__(self) -> str:
        return f"{self.draft_id} revision {self.revision}"

    @property
    def content(self) -> dict[str, Any]:
        """The form, read."""
        found: dict[str, Any] = json.loads(self.form)
        return found


class DraftFile(models.Model):
    """A file in a draft. `key`: a field of type file, or `documents.ID`. The content lies in the store by its hash."""

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="files")
    key = models.CharField(max_length=250)
    name = models.CharField(max_length=255)  # as handed in, made harmless
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    format = models.CharField(max_length=20)  # by content: `pdf`, `hwpx`, `docx`, ...
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # of a partner's: who asked for it
    handed_by = models.ForeignKey("PaperRequest", null=True, on_delete=models.PROTECT, related_name="files")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["draft", "key", "at", "id"]

    def __str__(self) -> str:
        return self.uid


class DraftMember(models.Model):
    """Somebody who writes in a draft; `may_file` says whether also to file it. Ended, never removed."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="draft_memberships")
    may_file = models.BooleanField(default=False)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["draft", "since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "person"],
                condition=Q(ended_at__isnull=True),
                name="one_standing_membership_of_a_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}: {self.person_id}"


class DraftInvitation(models.Model):
    """A mail that lets its reader write in a draft; only the hash of its link's token is kept."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    may_file = models.BooleanField(default=False)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-invited_at", "id"]

    def __str__(self) -> str:
        return f"draft invitation {self.pk}"


class Translation(models.Model):
    """An answer in another language, beside the original, which alone counts.

    `origin` is `person` or `machine`; a machine's names its `engine`, and stays marked until a person takes it over.
    `of_revision` is the entry's revision that was translated: a later change makes it stale, and it says so.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="translations")
    key = models.CharField(max_length=250)
    language = models.CharField(max_length=10)
    text = models.TextField()
    origin = models.CharField(max_length=10)
    engine = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    of_revision = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["draft", "key", "language"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "key", "language"], name="one_translation_into_a_language"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.key} in {self.language}"


class PaperRequest(models.Model):
    """A link by which a partner (a government, a university) hands over the papers of some places of a draft, without
    an account. Only the hash of its token is kept. It ends with the call, or when it is revoked.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="paper_requests")
    keys = models.JSONField(default=list)  # places of the form that take files
    partner = models.CharField(max_length=200)  # who hands it over, in the applicant's words
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "id"]

    def __str__(self) -> str:
        return self.uid


class LateAdmission(models.Model):
    """One draft may be pressed after the end, because of an outage of ours. Its state is one of
    `madang.core.lifecycle.late_admission.STATES`; what was admitted is published, without the applicant's name.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="late_admissions")
    state = models.CharField(max_length=20, default="asked")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_reason = models.TextField()
    outage = models.CharField(max_length=UID_LENGTH, blank=True)
    reason = models.TextField(blank=True)  # the office's, as it is published; of a refusal: for the applicant
    until = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft"],
                condition=Q(state__in=["asked", "proposed"]),
                name="one_open_late_admission",
            ),
        ]

    def __str__(self) -> str:
        return self.uid


class Upload(models.Model):
    """A file that comes in pieces. What has come lies in the spool (`madang.kernel.spool`); its length is the truth.

    When the last byte is there the file is attached like any other, and `file` is what stands in the draft; `reasons`
    (code, parameters) where it was refused. Its state is one of `madang.core.lifecycle.upload.STATES`.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="uploads")
    key = models.CharField(max_length=250)
    name = models.CharField(max_length=255)  # as handed in, on one line
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)  # as the sender says it; empty where nothing was said
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="open")
    file = models.ForeignKey(DraftFile, null=True, on_delete=models.PROTECT, related_name="+")
    reasons = models.JSONField(default=list)

    class Meta:
        ordering = ["started_at", "id"]
        indexes = [models.Index(fields=["state", "started_at"], name="upload_state_started")]

    def __str__(self) -> str:
        return self.uid


class Supplement(models.Model):
    """A request to an applicant to correct or complete what was filed: where, by when, and what became of it. Its state
    is one of `madang.core.lifecycle.supplement.STATES`.

    `things`: what is asked, in the order of the form: {"what": `review.ITEM` or a place of the form, "kind":
    `incorrect` or `incomplete`}. `places`: what may be changed, with what depends on it. `terms`: by which published
    rule the time was counted ({"item", "days", "count", "first_day", "calendar", "rolls"}). `until` is the last second.
    `application` is the revision that was looked at; `filing` the one that answered, where it was filed here. What was
    answered on paper has `note`, the day it arrived on, and a scan.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="supplements")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.PROTECT, related_name="supplements")
    round = models.PositiveIntegerField()
    state = models.CharField(max_length=20, default="open")
    things = models.JSONField()
    places = models.JSONField(default=list)
    reason = models.JSONField()  # {language: text}
    terms = models.JSONField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    reminded_for = models.DateTimeField(null=True)  # the `until` of which its readers were reminded
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_reason = models.TextField(blank=True)  # of a cancellation: the office's words, for the applicant
    filing = models.OneToOneField(Filing, null=True, on_delete=models.PROTECT, related_name="supplement")
    note = models.TextField(blank=True)
    arrived_on = models.DateField(null=True)
    scan_sha256 = models.CharField(max_length=64, blank=True)
    scan_name = models.CharField(max_length=255, blank=True)
    scan_format = models.CharField(max_length=20, blank=True)
    scan_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["dossier", "-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(state="open"), name="one_open_supplement_of_a_dossier"
            ),
            models.UniqueConstraint(fields=["dossier", "round"], name="one_supplement_of_a_round"),
        ]
        indexes = [models.Index(fields=["state", "until"], name="supplement_state_until")]

    def __str__(self) -> str:
        return self.uid


class SupplementExtension(models.Model):
    """More time for a supplement, with the reason that its readers were told."""

    supplement = models.ForeignKey(Supplement, on_delete=models.PROTECT, related_name="extensions")
    before = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["supplement", "at", "id"]

    def __str__(self) -> str:
        return f"{self.supplement_id} until {self.until}"


# --- Imports ----------------------------------------------------------------------------------------------------------


class Import(models.Model):
    """What somebody of the office has handed in to be imported, until it is taken in or dropped.

    What came lies in the spool under `uid`; it is read in the background. `chosen`: table -> title -> column, blank for
    one that is left out. `found` is the preview (`applications.commands.import_preview`), `base_sha256` what it was
    computed against: taken in is only what was seen. Its state is one of `madang.core.lifecycle.importing.STATES`;
    `reasons` (code, parameters) say why it went no further.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="imports")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # none: at the console
    name = models.CharField(max_length=255)  # as handed in, made harmless
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    state = models.CharField(max_length=20, default="waiting")
    chosen = models.JSONField(default=dict)
    dates = models.CharField(max_length=3, blank=True)  # dmy, mdy: how dates with the year last are written
    found = models.JSONField(default=dict)
    base_sha256 = models.CharField(max_length=64, blank=True)
    note = models.JSONField(default=dict)  # provenance in words, {language: text}
    reasons = models.JSONField(default=list)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # when `found` was computed
    ended_at = models.DateTimeField(null=True)
    batch = models.ForeignKey(ReceptionBatch, null=True, on_delete=models.PROTECT, related_name="imports")

    class Meta:
        ordering = ["-started_at", "id"]
        indexes = [models.Index(fields=["state", "started_at"], name="import_state_started")]

    def __str__(self) -> str:
        return self.uid


class BatchSource(models.Model):
    """Who imported a batch, and the file that it came from, which the store keeps by its hash.

    `replaced`: reference -> the row that this batch took the place of, so that undoing it can bring that one back.
    """

    batch = models.OneToOneField(ReceptionBatch, primary_key=True, on_delete=models.PROTECT, related_name="origin")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    replaced = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class ReceivedFile(models.Model):
    """A file that came with an imported application. `key`: the place of the form (`documents.ID`, a field's id), blank
    where its name says none.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="received_files")
    key = models.CharField(max_length=250, blank=True)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    format = models.CharField(max_length=20)

    class Meta:
        ordering = ["application", "key", "name", "id"]

    def __str__(self) -> str:
        return self.uid


class Export(models.Model):
    """What somebody takes along of a call's applications: a file of their own, in the spool under `uid`, for a day.

    `q`: the search of the list, as it was typed; `counts` and `sha256` are of what was made. Its state is one of
    `madang.core.lifecycle.exporting.STATES`.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="exports")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=4)  # xlsx, csv, json, zip
    q = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=20, default="waiting")
    counts = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    reasons = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-asked_at", "id"]
        indexes = [models.Index(fields=["state", "expires_at"], name="export_state_expires")]

    def __str__(self) -> str:
        return self.uid

    @property
    def name(self) -> str:
        return f"{self.call.slug}.{self.form}"
