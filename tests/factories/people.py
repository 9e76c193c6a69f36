"""People with roles, and organisations that they belong to. All invented."""

from typing import Any

from madang.apps.accounts.commands import actor_of, grant_role, register_person
from madang.apps.accounts.models import Person
from madang.apps.directory.models import Affiliation, Organisation
from madang.kernel.actors import OFFICE, Actor
from madang.kernel.clock import now


def person(name: str = "aram", *, role: str = "", programme: str = "", secretariat: str = "", **more: Any) -> Person:
    """A registered person with the (verified) address `NAME@example.org`, and one role where it is named."""
    given = {"verified": True} | more
    found = register_person(actor=OFFICE, email=f"{name}@example.org", name=name.title(), sample=True, **given)
    if role:
        grant_role(actor=OFFICE, person=found, role=role, programme=programme, secretariat=secretariat)
    return Person.objects.get(pk=found.pk)  # loaded anew: the roles held are read once


def acting(name: str = "aram", **more: Any) -> Actor:
    """The same as the one who acts."""
    return actor_of(person(name, **more))


def organisation(name: str = "City of Aram", *, kind: str = "city", country: str = "XA") -> Organisation:
    return Organisation.objects.create(name=name, kind=kind, country=country, is_sample=True, created_at=now())


def belongs(to: Organisation, someone: Person, *duties: str) -> Affiliation:
    """An affiliation with these duties (`manage`, `file`, `fill`, `contact`)."""
    return Affiliation.objects.create(
        person=someone, organisation=to, duties=sorted(duties), joined_by="founded", since=now()
    )
