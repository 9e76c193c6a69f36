"""People, what they consented to, and the roles they were given."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from madang.apps.accounts.enums import ConsentKind, Role
from madang.kernel.append_only import AppendOnly
from madang.kernel.prepared import Prepared
from madang.kernel.tokens import UID_LENGTH, new_uid


class PersonManager(BaseUserManager["Person"]):
    """Finds people by their address, whatever its letter case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """One human being's account. The address is kept in small letters, so that one address is one person.

    `uid` is the name in addresses of pages and in the journal; it stays when name and address change.
    """

    uid = models.CharField(max_length=UID_LENGTH, unique=True, default=new_uid, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, default="ko")  # of mails and, until a cookie says otherwise, of screens
    zone = models.CharField(max_length=64, default="Asia/Seoul")  # IANA: reminders come at sensible hours of it
    is_active = models.BooleanField(default=True)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = PersonManager()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(email=models.functions.Lower("email")), name="addresses_are_in_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return self.uid  # never the name or the address: this text reaches logs

    def get_session_auth_hash(self) -> str:
        """Ends a session when the password changes. It stands inside the session, which is enciphered, and so needs no
        secret of its own: Django's would sign people out when that key is replaced (of two requests at once, one).
        """
        return salted_hmac("madang.session", self.password, secret="", algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """There is no other."""
        return iter(())

    @property
    def shown(self) -> str:
        """How others see this person: the name, else the part of the address before the @."""
        return self.name or self.email.partition("@")[0]

    @cached_property
    def held(self) -> "tuple[Grant, ...]":
        """The roles held now; read once for each loaded person. One statement."""
        return tuple(_HELD.all(self.pk))

    def holds(self, role: str, *, programme: str | None = None, secretariat: str | None = None) -> bool:
        """Whether the person holds the role, for this programme and secretariat where they are given.

        A role given for everything (blank) covers each of them.
        """
        return any(
            grant.role == role
            and (programme is None or grant.programme in ("", programme))
            and (secretariat is None or grant.secretariat in ("", secretariat))
            for grant in self.held
        )


class Grant(models.Model):
    """A role given to a person: for everything, or for one programme, or for one secretariat. Ended, never removed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=[(one.value, one.value) for one in Role])
    programme = models.CharField(max_length=80, blank=True)  # slug; blank: every programme
    secretariat = models.CharField(max_length=80, blank=True)  # id in call definitions; blank: every one
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=100)  # the actor's id
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["role", "programme", "secretariat", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "programme", "secretariat"],
                condition=Q(ended_at__isnull=True),
                name="one_standing_grant_of_a_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.programme} {self.secretariat}".strip()


_HELD: Prepared[Grant] = Prepared(lambda person: Grant.objects.filter(person=person, ended_at__isnull=True), int)


class Consent(AppendOnly):
    """One act of giving or taking back consent to one version of a text; the last one counts."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in ConsentKind])
    version = models.CharField(max_length=40)
    given = models.BooleanField()
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["person", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}: {'given' if self.given else 'taken back'}"


def is_person(user: Any) -> bool:
    """Whether a request's user is somebody who signed in."""
    return isinstance(user, Person) and user.is_active
