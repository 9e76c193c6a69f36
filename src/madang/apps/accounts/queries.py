"""Reads: people by what names them, and who holds a role."""

from django.db.models import Q, QuerySet

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Grant, Person
from madang.kernel.prepared import Prepared


def by_uid(uid: str) -> Person | None:
    return Person.objects.filter(uid=uid).first()


def active_person(pk: int) -> Person | None:
    """Whoever may be signed in under this key. Asked for by every request with a session."""
    found = _BY_KEY.first(pk)
    return found if found is not None and found.is_active else None


_BY_KEY: Prepared[Person] = Prepared(lambda pk: Person.objects.filter(pk=pk), int)


def by_email(email: str) -> Person | None:
    """Whatever the letter case."""
    return Person.objects.filter(email=email.strip().lower()).first()


def active_by_email(email: str) -> Person | None:
    """Whoever may sign in with this address."""
    return Person.objects.filter(email=email.strip().lower(), is_active=True).first()


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


def sample_people() -> QuerySet[Person]:
    """The invented people of a demo who can be signed in as, in the order in which they were made."""
    return Person.objects.filter(is_sample=True, is_active=True).order_by("pk")


def matching_people(query: str) -> QuerySet[Person]:
    """Everybody whose name or address holds the text (of two letters at least: else nobody), by name."""
    text = query.strip()
    if len(text) < 2:
        return Person.objects.none()
    return Person.objects.filter(Q(name__icontains=text) | Q(email__icontains=text)).order_by("name", "email")


def role_holders() -> QuerySet[Grant]:
    """Every role held now, with its person, by role."""
    return (
        Grant.objects.filter(ended_at__isnull=True)
        .select_related("person")
        .order_by("role", "programme", "person__name")
    )


def with_authenticators() -> QuerySet[Person]:
    """People with an authenticator app, recovery codes or a passkey."""
    return Person.objects.filter(authenticator__isnull=False).distinct().order_by("pk")
