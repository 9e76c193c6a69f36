"""Reads: people by what names them, and who holds a role."""

from django.db.models import Q, QuerySet

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Person


def by_uid(uid: str) -> Person | None:
    return Person.objects.filter(uid=uid).first()


def by_email(email: str) -> Person | None:
    """Whatever the letter case."""
    return Person.objects.filter(email=email.strip().lower()).first()


def holders(role: Role, *, programme: str = "", secretariat: str = "") -> QuerySet[Person]:
    """Active people who hold the role now, for this programme and secretariat where they are given."""
    grants = Q(grants__role=role, grants__ended_at__isnull=True)
    if programme:
        grants &= Q(grants__programme__in=["", programme])
    if secretariat:
        grants &= Q(grants__secretariat__in=["", secretariat])
    return Person.objects.filter(grants, is_active=True).distinct().order_by("pk")


def consents_of(person: Person) -> dict[str, tuple[str, bool]]:
    """kind -> (version, given): the last act of each kind."""
    return {one.kind: (one.version, one.given) for one in person.consents.order_by("id")}
