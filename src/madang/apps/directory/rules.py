"""Who may read and change what about organisations."""

from typing import Any

from django.db.models import QuerySet
from rules import predicate

from madang.apps.accounts.models import is_person
from madang.apps.accounts.rules import is_administrator, is_auditor, is_officer, is_secretariat, is_signed_in
from madang.apps.directory.enums import Duty
from madang.apps.directory.models import Affiliation, Organisation
from madang.kernel.permissions import permission


def standing(person: Any, organisation: Organisation) -> Affiliation | None:
    """The person's affiliation with the organisation, if there is one now. One statement."""
    if not is_person(person):
        return None
    return person.affiliations.filter(organisation=organisation, ended_at__isnull=True).first()


@predicate("belongs")
def belongs(person: Any, organisation: Any = None) -> bool:
    return organisation is not None and standing(person, organisation) is not None


@predicate("manages")
def manages(person: Any, organisation: Any = None) -> bool:
    found = standing(person, organisation) if organisation is not None else None
    return found is not None and found.has(Duty.MANAGE)


@predicate("same-person-in-affiliation")
def is_own_affiliation(person: Any, affiliation: Any = None) -> bool:
    return is_person(person) and affiliation is not None and affiliation.person_id == person.pk


@predicate("manages-of-affiliation")
def manages_its_organisation(person: Any, affiliation: Any = None) -> bool:
    return affiliation is not None and manages.test(person, affiliation.organisation)


def _own_or_all(person: Any, rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
    if not is_person(person):
        return rows.none()
    if (is_officer | is_secretariat | is_auditor | is_administrator).test(person, None):
        return rows
    return rows.filter(affiliations__person=person, affiliations__ended_at__isnull=True).distinct()


READ_ORGANISATION = permission(
    "directory.read_organisation",
    belongs | is_officer | is_secretariat | is_auditor | is_administrator,
    filter=_own_or_all,
)
FOUND_ORGANISATION = permission("directory.found_organisation", is_signed_in)
JOIN_ORGANISATION = permission("directory.join_organisation", is_signed_in)
MANAGE_ORGANISATION = permission("directory.manage_organisation", manages | is_administrator)
END_AFFILIATION = permission(
    "directory.end_affiliation", is_own_affiliation | manages_its_organisation | is_administrator
)
HAND_OVER = permission("directory.hand_over", is_own_affiliation | manages_its_organisation | is_administrator)
HAND_OVER_FOR_OTHERS = permission("directory.hand_over_for_others", is_administrator)
LIST_ORGANISATIONS = permission(
    "directory.list_organisations", is_officer | is_secretariat | is_auditor | is_administrator
)
MERGE_ORGANISATIONS = permission("directory.merge_organisations", is_officer | is_administrator)
