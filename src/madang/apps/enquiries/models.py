"""What is asked about a call and what everybody is answered; who can be asked; briefing sessions with registration.

A question is private: its text and its asker are seen by the asker and the secretariat only. What all may read is the
public answer, with the question in words that name nobody; it is written once, and belongs to the call's record.
"""

from django.db import models
from django.db.models import Q

from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.directory.models import Organisation
from madang.kernel.append_only import AppendOnly
from madang.kernel.tokens import UID_LENGTH, new_uid


class Contact(models.Model):
    """Who answers for a track of a call (blank: for all). An office's name and address; a person's only by consent."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="contacts")
    track = models.CharField(max_length=80, blank=True)
    name = models.JSONField(default=dict)  # {language: text}
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.JSONField(default=dict)  # {language: text}
    is_sample = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["call", "track", "id"]

    def __str__(self) -> str:
        return f"{self.call_id} {self.track}"


class Enquiry(models.Model):
    """A private question. Its state is one of `madang.core.lifecycle.enquiry.STATES`."""

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="enquiries")
    track = models.CharField(max_length=80, blank=True)
    asker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enquiries")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="enquiries")
    language = models.CharField(max_length=10)
    question = models.TextField()
    state = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    closed_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at", "id"]
        verbose_name_plural = "enquiries"

    def __str__(self) -> str:
        return self.uid


class Reply(AppendOnly):
    """A private message in an enquiry, by the office (`by_office`) or the asker."""

    enquiry = models.ForeignKey(Enquiry, on_delete=models.PROTECT, related_name="replies")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by_office = models.BooleanField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["enquiry", "id"]

    def __str__(self) -> str:
        return f"{self.enquiry_id}: {self.pk}"


class PublicAnswer(AppendOnly):
    """Answer `number` to all about a call. A correction is a further answer that names the one it replaces.

    `question` and `answer` are words per language of the call; nobody is named in them. `sha256` is of the canonical
    JSON of call, number, track, question, answer, corrects and the moment.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveIntegerField()
    track = models.CharField(max_length=80, blank=True)
    question = models.JSONField()
    answer = models.JSONField()
    enquiry = models.ForeignKey(Enquiry, null=True, on_delete=models.PROTECT, related_name="public_answers")
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)

    class Meta(AppendOnly.Meta):
        ordering = ["call", "number"]
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="one_answer_of_a_number")]

    def __str__(self) -> str:
        return f"{self.call_id} answer {self.number}"


class Briefing(models.Model):
    """A briefing session of a call, on site, online or both; with registration where `seats` or a link need it."""

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="briefings")
    title = models.JSONField(default=dict)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.JSONField(default=dict)  # {language: text}; empty: online only
    link = models.URLField(max_length=500, blank=True)  # shown to the registered only
    language = models.CharField(max_length=10, blank=True)  # spoken there
    seats = models.PositiveIntegerField(null=True)  # none: as many as come
    is_sample = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["begins_at", "id"]

    def __str__(self) -> str:
        return self.uid


class Registration(models.Model):
    """Somebody wants to come. Places go in the order of registration; whoever is beyond the seats waits."""

    briefing = models.ForeignKey(Briefing, on_delete=models.PROTECT, related_name="registrations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="registrations")
    online = models.BooleanField(default=False)
    registered_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["briefing", "registered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["briefing", "person"],
                condition=Q(cancelled_at__isnull=True),
                name="one_standing_registration_for_a_briefing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.briefing_id}: {self.person_id}"
