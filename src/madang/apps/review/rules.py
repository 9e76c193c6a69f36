"""Who may do what with a received application before it is evaluated, and with what is told of all of them."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from rules import predicate

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Person, is_person
from madang.apps.applications.models import Application, Dossier
from madang.apps.applications.queries import told_in_public
from madang.apps.applications.rules import READ_DOSSIER
from madang.apps.calls.models import Call
from madang.apps.enquiries.queries import secretariat_of
from madang.apps.enquiries.rules import About, answers_for, at_the_desk, audits, text_faults, tidy
from madang.apps.review.models import Assignment, Note, PressReport, SavedList
from madang.core.callspec import Definition
from madang.core.reasons import Reason
from madang.core.statistics.press import Figure, names_in, numbers_in
from madang.kernel.clock import now
from madang.kernel.permissions import may, permission, visible_to
from madang.papers.press.model import LANGUAGES, TABLES

# --- The word to the press --------------------------------------------------------------------------------------------
# A report tells of the whole reception. Before the end that is the officer's alone (and the auditor's to read): a
# secretariat knows of its own types only. Once everybody may know the numbers, every secretariat of the programme may
# write one. `thing` has a `call`.

LONGEST_TEXT: Final = 20_000
LONGEST_NUMBER_REASON: Final = 500


@predicate("writes-of-the-reception")
def writes_of_reception(person: Any, thing: Any = None) -> bool:
    if not is_person(person) or thing is None:
        return False
    programme = thing.call.programme.slug
    if person.holds(Role.OFFICER, programme=programme):
        return True
    return bool(person.holds(Role.SECRETARIAT, programme=programme)) and told_in_public(thing.call)


def _press_reports(person: Any, rows: QuerySet[PressReport]) -> QuerySet[PressReport]:
    """Few reports, fewer calls: the right is asked of each call."""
    calls = Call.objects.filter(press_reports__in=rows).select_related("programme").distinct()
    return rows.filter(call__in=[one.pk for one in calls if reads_of_reception.test(person, About(one))])


reads_of_reception = writes_of_reception | audits
READ_PRESS = permission("review.read_press", reads_of_reception, filter=_press_reports)
WRITE_PRESS = permission("review.write_press", writes_of_reception)


def day_faults(as_of: dt.date | None, today: dt.date) -> tuple[Reason, ...]:
    """Figures are of a day that has begun."""
    return (Reason("press_day_ahead", {"day": as_of.isoformat()}),) if as_of and as_of > today else ()


def table_faults(tables: Collection[str]) -> tuple[Reason, ...]:
    unknown = [name[:40] for name in tables if name not in TABLES]
    return (Reason("press_table_unknown", {"table": unknown[0]}),) if unknown else ()


def press_text_faults(texts: Mapping[str, str], figures: Mapping[str, Figure]) -> tuple[Reason, ...]:
    """Both languages have a text, and every `{name}` in it is a figure that there is."""
    found: list[Reason] = []
    for language in LANGUAGES:
        text = texts.get(language, "")
        found += [
            Reason(reason.code, {**reason.params, "language": language})
            for reason in text_faults(text, "press_text_missing", LONGEST_TEXT)
        ]
        unknown = [name for name in names_in(text) if name not in figures]
        if (numbers := len(numbers_in(text[:LONGEST_TEXT]))) > MOST_NUMBERS:
            told = {"most": MOST_NUMBERS, "count": numbers, "language": language}
            found.append(Reason("press_too_many_numbers", told))
        found += [Reason("press_figure_unknown", {"name": name[:80], "language": language}) for name in unknown[:3]]
    return tuple(found)


def reason_faults(reasons: Mapping[str, str]) -> tuple[Reason, ...]:
    """What is said of numbers that do not come from the reception."""
    faults = [text_faults(reason, "press_number_needs_reason", LONGEST_NUMBER_REASON) for reason in reasons.values()]
    return next((some for some in faults if some), ())


# --- Lists, who handles it, notes -------------------------------------------------------------------------------------

LONGEST_NOTE: Final = 5_000
LONGEST_NAME: Final = 80
LONGEST_REASON: Final = 2_000
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
    return rows.filter(at_the_desk(person, Call.objects.filter(dossiers__isnull=False)))


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


LONGEST_SOURCE: Final = 200


FIRST_DAY: Final = dt.date(1990, 1, 1)


"""No answer that is still worth anything is older; an earlier day is a slip of the pen."""


CLEAR, FOUND, ASKED = RESULTS = ("clear", "found", "open")


"""What another body says: nothing there, something there; or it was asked and has not answered."""


SUPPLEMENT, LATE, PARTY, MONEY, SISTERS = "supplement", "late", "applicant", "money", "sisters"


"""Grounds of exclusion that are published by the call as a whole; the others name a rule of it: `review.ID`,
`eligibility.ID`, `outside_checks.ID`.
"""


_GROUND_OF: Final = {
    "received_after_closing": LATE,
    **dict.fromkeys(("applicant_kind", "consortium_too_few", "consortium_too_many", "consortium_kind"), PARTY),
    **dict.fromkeys(
        ("own_share_over_cost", "cost_under_limit", "cost_over_limit", "grant_under_limit", "grant_over_limit"), MONEY
    ),
    "applied_in_sister_call": SISTERS,
}


def ground_of(reason: Reason) -> str:
    """Under which ground a reason of `core.deciding.eligibility` excludes."""
    match reason.code, reason.params:
        case "rule_not_met", params:
            return f"eligibility.{params['rule']}"
        case "review_failed", params:
            return f"review.{params['item']}"
        case "outside_check_found", params:
            return f"outside_checks.{params['check']}"
    return _GROUND_OF[reason.code]


def handled_by(person: Any, rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Those that the person handles (`applications.handle_dossier`), for bulk acts. One statement at most."""
    if not is_person(person):
        return rows.none()
    calls = Call.objects.filter(dossiers__isnull=False)
    return rows.filter(at_the_desk(person, calls, roles=(Role.OFFICER, Role.SECRETARIAT)))


def words_faults(words: Mapping[str, str], needed: str, languages: tuple[str, ...]) -> Iterator[Reason]:
    """Why these words cannot be what an applicant is told; `needed`: the language that must be among them."""
    if not words.get(needed):
        yield Reason("review_needs_words", {"language": needed})
    for language, text in words.items():
        if language not in languages:
            yield Reason("no_such_language", {"language": language[:20]})
        yield from text_faults(text, "", LONGEST_REASON)


def languages_of(definition: Definition, own: str) -> tuple[str, ...]:
    """In which languages an applicant may be told: those of the call, the applicant's own first."""
    return tuple(dict.fromkeys((own, *definition.languages)))


@dataclass(frozen=True, slots=True)
class Said:
    """What another body said of one application: `result` (one of `RESULTS`), who, as of which day, a note."""

    result: str
    source: str
    on: dt.date
    note: str = ""


def against_said(said: Said) -> list[Reason]:
    """Why this cannot be entered."""
    found = [] if said.result in RESULTS else [Reason("review_no_such_result")]
    found += text_faults(said.source, "review_needs_source", LONGEST_SOURCE)
    found += text_faults(said.note, "", LONGEST_REASON)
    if said.on > now().date() + dt.timedelta(days=1):  # wherever the office lies, its tomorrow is no later
        found.append(Reason("review_day_ahead", {"day": said.on.isoformat()}))
    if said.on < FIRST_DAY:
        found.append(Reason("review_day_too_early", {"day": said.on.isoformat(), "first": FIRST_DAY.isoformat()}))
    return found


def tidied(said: Said) -> Said:
    """As it is kept: the source on one line."""
    return Said(said.result, " ".join(tidy(said.source).split()), said.on, tidy(said.note))


MOST_NUMBERS: Final = 500


"""In one text: a release has some fifty."""
