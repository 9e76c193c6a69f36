"""Who may do what with applications at the desk before they are evaluated. Pure questions."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q, QuerySet
from rules import predicate

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Person, is_person
from madang.apps.applications.models import Application, Dossier
from madang.apps.applications.rules import READ_DOSSIER
from madang.apps.calls.models import Call
from madang.apps.enquiries.queries import secretariat_of
from madang.apps.enquiries.rules import About, answers_for, at_the_desk, audits
from madang.apps.review.models import Assignment, Note, SavedList
from madang.kernel.permissions import may, permission, visible_to

# --- Lists, who handles it, notes -------------------------------------------------------------------------------------

LONGEST_NOTE: Final = 5_000
LONGEST_NAME: Final = 80
LONGEST_REASON: Final = 1_000
LONGEST_SEARCH: Final = 1_000
"""Characters of a kept list's address, as the column takes them."""
MOST_LISTS: Final = 50
"""Saved lists of one person about one call."""
OF_OFFICERS: Final = ""
OF_NO_SECRETARIAT: Final = "-"
"""Whose a note is: the programme's officers', or (where neither type nor role names one) every secretariat's."""


def _received(person: Any, rows: QuerySet[Application]) -> QuerySet[Application]:
    if not is_person(person):
        return rows.none()
    return rows.filter(at_the_desk(person, Call.objects.filter(published_at__isnull=False)))


LIST_APPLICATIONS = permission("review.list_applications", answers_for | audits, filter=_received)


def readable_tracks(person: Person, call: Call, desks: Mapping[str, str]) -> tuple[str, ...] | None:
    """The types of a call (type -> its secretariat, as the definition has them) of which the person reads applications;
    `None`: all of them. What `LIST_APPLICATIONS` says of each row, said once for a call, so that a list of ten thousand
    need not ask it row by row.
    """
    programme = call.programme.slug
    if person.holds(Role.AUDITOR, programme=programme) or person.holds(Role.OFFICER, programme=programme):
        return None
    mine = {track for track, desk in desks.items() if has_desk(person, programme, desk)}
    if mine == desks.keys() and person.holds(Role.SECRETARIAT, programme=programme):
        return None
    return tuple(sorted(mine))


def has_desk(person: Person, programme: str, secretariat: str) -> bool:
    """Whether applications of this secretariat (blank: of a type that names none) can be the person's cases. As
    `enquiries.rules.answers_for` says it of one application; for many people, without a statement.
    """
    return person.holds(Role.OFFICER, programme=programme) or person.holds(
        Role.SECRETARIAT, programme=programme, secretariat=secretariat or None
    )


def desk_of(person: Person, dossier: Dossier) -> str:
    """In whose name the person writes a note about it: the ministry's officers', or one secretariat's."""
    programme = dossier.call.programme.slug
    if person.holds(Role.OFFICER, programme=programme):
        return OF_OFFICERS
    if named := secretariat_of(dossier.call, dossier.track):
        return named
    own = [one.secretariat for one in person.held if one.role == Role.SECRETARIAT and one.programme in ("", programme)]
    return next((one for one in own if one), OF_NO_SECRETARIAT)


@predicate("of-the-note's-desk")
def of_its_desk(person: Any, note: Any = None) -> bool:
    """The same secretariat, or (of the ministry's own notes) an officer; of a dossier that the person reads."""
    if not is_person(person) or not isinstance(note, Note):
        return False
    programme = note.dossier.call.programme.slug
    if note.secretariat == OF_OFFICERS:
        same = person.holds(Role.OFFICER, programme=programme)
    else:
        same = person.holds(Role.SECRETARIAT, programme=programme, secretariat=note.secretariat)
    return same and note.removed_at is None and may(person, READ_DOSSIER, note.dossier)


@predicate("audits-the-note's-call")
def audits_note(person: Any, note: Any = None) -> bool:
    return isinstance(note, Note) and audits.test(person, note.dossier)


@predicate("wrote-note")
def wrote(person: Any, note: Any = None) -> bool:
    return is_person(person) and isinstance(note, Note) and note.by_id == person.pk


def _notes(person: Any, rows: QuerySet[Note]) -> QuerySet[Note]:
    """Auditors also read what was removed."""
    if not is_person(person):
        return rows.none()
    seen = Q(pk__in=[])
    for grant in person.held:
        covered = Q(dossier__call__programme__slug=grant.programme) if grant.programme else Q(pk__isnull=False)
        if grant.role == Role.AUDITOR:
            seen |= covered
        elif grant.role == Role.OFFICER:
            seen |= covered & Q(secretariat=OF_OFFICERS, removed_at__isnull=True)
        elif grant.role == Role.SECRETARIAT:
            named = Q(secretariat=grant.secretariat) if grant.secretariat else ~Q(secretariat=OF_OFFICERS)
            seen |= covered & named & Q(removed_at__isnull=True)
    return rows.filter(seen, dossier__in=visible_to(person, READ_DOSSIER, Dossier.objects.order_by()).values("pk"))


WRITE_NOTE = permission("review.write_note", answers_for)
READ_NOTE = permission("review.read_note", of_its_desk | audits_note, filter=_notes)
REMOVE_NOTE = permission("review.remove_note", wrote & of_its_desk)


@predicate("owns-list")
def owns(person: Any, saved: Any = None) -> bool:
    return is_person(person) and isinstance(saved, SavedList) and saved.owner_id == person.pk


@predicate("shared-with-desk")
def shared(person: Any, saved: Any = None) -> bool:
    """Everybody who reads applications of the call has what its desks share."""
    return isinstance(saved, SavedList) and saved.shared and (answers_for | audits).test(person, About(saved.call))


def _lists(person: Any, rows: QuerySet[SavedList]) -> QuerySet[SavedList]:
    if not is_person(person):
        return rows.none()
    seen = Q(owner=person)
    for grant in person.held:
        if grant.role in (Role.OFFICER, Role.SECRETARIAT, Role.AUDITOR):
            covered = Q(call__programme__slug=grant.programme) if grant.programme else Q()
            seen |= Q(shared=True) & covered
    return rows.filter(seen)


SAVE_LIST = permission("review.save_list", answers_for)
READ_LIST = permission("review.read_list", owns | shared, filter=_lists)
CHANGE_LIST = permission("review.change_list", owns)


@predicate("assigned-it")
def assigned(person: Any, assignment: Any = None) -> bool:
    return is_person(person) and isinstance(assignment, Assignment) and assignment.by_id == person.pk


UNDO_ASSIGNMENT = permission("review.undo_assignment", assigned)
