"""Who may write, approve and publish calls. Pure questions; the answer is the reasons against, none where allowed."""

from typing import Any

from django.db.models import QuerySet
from rules import predicate

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import is_person
from madang.apps.accounts.rules import is_auditor, is_officer, is_signed_in
from madang.apps.calls.models import Alert, Call, DefinitionDraft
from madang.apps.calls.queries import inspected
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.permissions import allowed, permission


def _office(person: Any, rows: QuerySet[DefinitionDraft]) -> QuerySet[DefinitionDraft]:
    seen = is_person(person) and (is_officer.test(person, None) or is_auditor.test(person, None))
    return rows if seen else rows.none()


def _programme_of(thing: Call | DefinitionDraft) -> str:
    """The programme that a call, an amendment of one, or the text of a new one is about; blank where none is said."""
    call = thing if isinstance(thing, Call) else thing.call
    return str(call.programme.slug) if call is not None else inspected(thing.text).word("programme")


@predicate("officer-of-the-programme")
def is_programmes_officer(person: Any, thing: Any = None) -> bool:
    """An officer of every programme, or of the one that the call or draft is about; of nothing named: any officer."""
    if thing is None or not is_officer.test(person, None):
        return bool(is_officer.test(person, None))
    every = any(
        grant.role == Role.OFFICER and not grant.programme for grant in person.held
    )  # no text is read for these
    return every or bool(person.holds(Role.OFFICER, programme=_programme_of(thing)))


@predicate("officer-of-the-amended-call")
def is_amending_officer(person: Any, thing: Any = None) -> bool:
    """Of a call that is published, the programme's officers; a new one any officer may write."""
    amended = thing if isinstance(thing, Call) else getattr(thing, "call", None)
    return bool(is_programmes_officer.test(person, amended))


READ_DEFINITIONS = permission("calls.read_definition_draft", is_officer | is_auditor, filter=_office)
WRITE_DEFINITION = permission("calls.write_definition_draft", is_amending_officer)
APPROVE_DEFINITION = permission("calls.approve_definition_draft", is_programmes_officer)
PUBLISH = permission("calls.publish", is_programmes_officer)


def may_publish(actor: Actor, thing: Call | DefinitionDraft) -> tuple[Reason, ...]:
    """To publish, amend, take in or decide is an act of people: the platform never does it by itself."""
    return (Reason("people_publish"),) if actor.kind == "system" else allowed(actor, PUBLISH, thing)


@predicate("alert-of-oneself")
def is_own_alert(person: Any, alert: Any = None) -> bool:
    return is_person(person) and alert is not None and alert.person_id == person.pk


def _own_alerts(person: Any, rows: QuerySet[Alert]) -> QuerySet[Alert]:
    return rows.filter(person=person) if is_person(person) else rows.none()


SAVE_ALERT = permission("calls.save_alert", is_signed_in)
EDIT_ALERT = permission("calls.edit_alert", is_own_alert, filter=_own_alerts)
