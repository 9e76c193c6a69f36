"""What the commands of a review ask alike: who acts, the locked dossier, what its review says now."""

from madang.apps.accounts.models import Person, is_person
from madang.apps.applications.models import Dossier
from madang.apps.applications.rules import HANDLE_DOSSIER
from madang.apps.review.queries import Reviewed, review_of
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.commands import Refused, locked_whole, refuse_if
from madang.kernel.permissions import allowed


def acting_person(actor: Actor) -> Person:
    """Whoever acts, as a person: a verdict has somebody who gave it."""
    if not is_person(actor.person):
        raise Refused([Reason("people_only")])
    person: Person = actor.person
    return person


def locked_review(actor: Actor, dossier: Dossier) -> tuple[Person, Reviewed]:
    """The review of the locked dossier, for somebody who handles it. Raises `Refused`."""
    person = acting_person(actor)
    found: Dossier = locked_whole(Dossier.objects.select_related("call__programme"), dossier.pk)
    refuse_if(allowed(actor, HANDLE_DOSSIER, found))
    return person, review_of(found)
