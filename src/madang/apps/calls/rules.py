"""Who may write, approve and publish calls. Pure questions; the answer is the reasons against, none where allowed."""

from typing import Any

from django.db.models import QuerySet
from rules import predicate

from madang.apps.accounts.models import is_person
from madang.apps.accounts.rules import is_auditor, is_officer, is_signed_in
from madang.apps.calls.models import Alert, DefinitionDraft
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.permissions import allowed, permission


def _office(person: Any, rows: QuerySet[DefinitionDraft]) -> QuerySet[DefinitionDraft]:
    seen = is_person(person) and (is_officer.test(person, None) or is_auditor.test(person, None))
    return rows if seen else rows.none()


READ_DEFINITIONS = permission("calls.read_definition_draft", is_officer | is_auditor, filter=_office)
WRITE_DEFINITION = permission("calls.write_definition_draft", is_officer)
APPROVE_DEFINITION = permission("calls.approve_definition_draft", is_officer)
PUBLISH = permission("calls.publish", is_officer)


def may_publish(actor: Actor) -> tuple[Reason, ...]:
    """To publish, amend, take in or decide is an act of people: the platform never does it by itself."""
    return (Reason("people_publish"),) if actor.kind == "system" else allowed(actor, PUBLISH)


@predicate("alert-of-oneself")
def is_own_alert(person: Any, alert: Any = None) -> bool:
    return is_person(person) and alert is not None and alert.person_id == person.pk


def _own_alerts(person: Any, rows: QuerySet[Alert]) -> QuerySet[Alert]:
    return rows.filter(person=person) if is_person(person) else rows.none()


SAVE_ALERT = permission("calls.save_alert", is_signed_in)
EDIT_ALERT = permission("calls.edit_alert", is_own_alert, filter=_own_alerts)
