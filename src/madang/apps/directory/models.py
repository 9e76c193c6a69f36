"""Organisations, what identifies them, who belongs to them, and what was joined or handed over."""

from django.db import models
from django.db.models import Q

from madang.apps.accounts.models import Person
from madang.apps.directory.enums import Duty
from madang.kernel.append_only import AppendOnly
from madang.kernel.tokens import UID_LENGTH, new_uid


class Organisation(models.Model):
    """One identity: a government, city, public body, company, university, institution, ...

    `kind` is one of `madang.core.callspec.model.OrganisationKind`. A duplicate that was merged stays and points to the
    organisation that counts (`merged_into`), so that old addresses and records still lead somewhere.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    kind = models.CharField(max_length=50)
    country = models.CharField(max_length=2)  # ISO 3166-1, or user-assigned for samples
    name = models.CharField(max_length=500)  # as the organisation writes it
    names = models.JSONField(default=dict)  # {language: name}, where others are known
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="absorbed")
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    search_text = models.TextField(default="")  # `core.identity.search_form` of every name, former name and number
    name_key = models.CharField(max_length=500, default="")  # `core.identity.name_key` of `name`: equal for look-alikes

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["country", "kind"], name="organisation_country_kind"),
            models.Index(fields=["country", "name_key"], name="organisation_look_alikes"),
        ]

    def __str__(self) -> str:
        return self.name


class RegistryNumber(models.Model):
    """A number in a public register: business registration, corporate registration, LEI, ..."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="numbers")
    scheme = models.CharField(max_length=40)  # `kr-brn`, `kr-crn`, `lei`, `other`
    number = models.CharField(max_length=80)  # as compared: without spaces and hyphens, in capitals
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["scheme", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "number"], condition=Q(ended_at__isnull=True), name="one_organisation_of_a_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.number}"


class Domain(models.Model):
    """A mail domain of an organisation; whoever shows an address of a verified one may join without being asked.

    `code_sha256`: hash of the code that was mailed to an address of the domain; `code_tries` counts wrong ones.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="domains")
    domain = models.CharField(max_length=253)  # small letters, punycode
    claimed_at = models.DateTimeField()
    code_sha256 = models.CharField(max_length=64, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.PositiveIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["domain", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(verified_at__isnull=False, ended_at__isnull=True),
                name="one_organisation_of_a_verified_domain",
            ),
        ]

    def __str__(self) -> str:
        return self.domain


class FormerName(models.Model):
    """What the organisation was called before, until when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="former_names")
    name = models.CharField(max_length=500)
    until = models.DateField(null=True)

    class Meta:
        ordering = ["-until", "id"]

    def __str__(self) -> str:
        return self.name


class Affiliation(models.Model):
    """A person belongs to an organisation, with duties (`Duty`), until `ended_at`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="affiliations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="affiliations")
    duties = models.JSONField(default=list)  # sorted list of Duty values
    post = models.CharField(max_length=200, blank=True)  # the person's post or title there
    joined_by = models.CharField(max_length=20)  # `founded`, `invitation`, `domain`, `request`, `handover`
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=Q(ended_at__isnull=True),
                name="one_standing_affiliation_with_an_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.organisation_id}"

    def has(self, duty: Duty) -> bool:
        return duty in self.duties


class Invitation(models.Model):
    """A mail that lets its reader join, once; only the hash of its link's token is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    duties = models.JSONField(default=list)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-invited_at", "id"]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class JoinRequest(models.Model):
    """Somebody asks the managers of an organisation to be let in. `approved` is empty while nobody has answered."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="join_requests")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="join_requests")
    note = models.CharField(max_length=500, blank=True)  # who I am, to the managers
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)

    class Meta:
        ordering = ["-asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=Q(answered_at__isnull=True),
                name="one_open_request_to_join_an_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class Merge(models.Model):
    """Two entries were one organisation: what moved from the absorbed one to the kept one, so that it can move back.

    `moved` maps a table to the ids of the rows that were moved: {"directory.affiliation": [3, 4], ...}. In it `joined`
    lists who belonged to both: {"ended": affiliation with the absorbed one, "kept": that with the kept one, "before":
    its duties until then, "after": the union}; `managers`: how many managed the kept and the absorbed one.
    """

    kept = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)
    reason = models.TextField()
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=100)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-merged_at", "id"]

    def __str__(self) -> str:
        return f"{self.absorbed_id} into {self.kept_id}"


class Handover(AppendOnly):
    """An officer changed post: what passed from one person to another in an organisation (or for a role), and why.

    The rooms to the right hear of it and pass on what is theirs (drafts, enquiries), each with its own journal row.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="handed_over")
    taker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="taken_over")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="handovers")
    parts = models.JSONField(default=dict)  # {"affiliation": id, "duties": [...], "leaves": bool, "grants": [ids]}
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=100)  # the actor's id

    class Meta(AppendOnly.Meta):
        ordering = ["-at", "id"]

    def __str__(self) -> str:
        return self.uid
