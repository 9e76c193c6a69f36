"""To whom an announcement about a call can go: people who have to do with it, each once, in their own language."""

from collections.abc import Callable
from typing import Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.models import Person
from madang.apps.applications.models import DraftMember
from madang.apps.calls.models import Call
from madang.kernel.mail import Reader

GIVEN_UP: Final = ("discarded", "withdrawn")


def _writers(call: Call) -> QuerySet[Person]:
    """Who writes in an application to this call that was neither given up nor withdrawn."""
    members = DraftMember.objects.filter(draft__call=call, ended_at__isnull=True).exclude(draft__state__in=GIVEN_UP)
    return Person.objects.filter(pk__in=members.values("person"))


def _askers(call: Call) -> QuerySet[Person]:
    return Person.objects.filter(enquiries__call=call)


def _registered(call: Call) -> QuerySet[Person]:
    return Person.objects.filter(registrations__briefing__call=call, registrations__cancelled_at__isnull=True)


_Choosing = Callable[[Call], QuerySet[Person]]
AUDIENCES: Final[dict[str, tuple[str | Promise, tuple[_Choosing, ...]]]] = {
    "writers": (_("Everybody who writes an application"), (_writers,)),
    "askers": (_("Everybody who asked a question"), (_askers,)),
    "registered": (_("Everybody registered for a briefing session"), (_registered,)),
    "all": (_("All of these"), (_writers, _askers, _registered)),
}
"""Name -> what it is called, and whom it takes in."""


def readers(call: Call, name: str) -> list[Reader]:
    """The readers of an audience, each once, by their address. A statement for each part of it."""
    people: dict[int, Person] = {}
    for choose in AUDIENCES[name][1]:
        people |= {one.pk: one for one in choose(call).filter(is_active=True).distinct()}
    return [Reader(one.email, one.language) for one in sorted(people.values(), key=lambda one: one.email)]
