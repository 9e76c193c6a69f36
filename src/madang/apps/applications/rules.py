"""May this batch come in, who may do what in a draft, and who is reminded when? Pure questions."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from rules import predicate

from madang.apps.accounts.models import Person, is_person
from madang.apps.applications.models import Application as Received
from madang.apps.applications.models import Dossier, Draft, DraftMember, ReceptionBatch, Supplement, Upload
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.directory.enums import Duty
from madang.apps.directory.models import Organisation
from madang.apps.directory.rules import standing
from madang.apps.enquiries.rules import DESK, About, answers_for, at_the_desk, audits
from madang.core.callspec import Definition
from madang.core.callspec.blocks import Clock
from madang.core.callspec.model import ReviewItem
from madang.core.clocks import Terms
from madang.core.deciding.case import Application
from madang.core.form.places import place_of
from madang.core.lifecycle.supplement import OPEN as SUPPLEMENT_OPEN
from madang.core.reasons import Reason
from madang.kernel.mail import OF_A_DRAFT
from madang.kernel.permissions import permission
from madang.kernel.prepared import Prepared

NAMED = 20
"""How many references one reason names; of more it says how many there are."""


def fit(definition: Definition, applications: Collection[Application]) -> tuple[Reason, ...]:
    """Every type that the call does not have is named with its application."""
    tracks = {track.id for track in definition.tracks} or {""}
    return tuple(
        Reason("type_not_in_call", {"application": one.id, "track": one.track or "-"})
        for one in applications
        if one.track not in tracks
    )


def not_received_before(standing: Collection[str], applications: Collection[Application]) -> tuple[Reason, ...]:
    """A reference comes in once: in this batch, and in all that stand."""
    times = Counter(one.id for one in applications)
    twice = [id_ for id_, n in times.items() if n > 1 or id_ in standing]
    if not twice:
        return ()
    return (Reason("application_received_before", {"applications": twice[:NAMED], "count": len(twice)}),)


# --- Drafts ----------------------------------------------------------------------------------------------------------
# A draft is seen by those who write in it and by whoever manages its organisation; by no office before it is filed.


def membership(person: Any, draft: Draft) -> DraftMember | None:
    """The person's standing membership in the draft. One statement."""
    if not is_person(person):
        return None
    return _MEMBERSHIP.first(draft.pk, person.pk)


_MEMBERSHIP: Prepared[DraftMember] = Prepared(
    lambda draft, person: DraftMember.objects.filter(draft=draft, person=person, ended_at__isnull=True), int, int
)


@predicate("writes-in-draft")
def writes(person: Any, draft: Any = None) -> bool:
    return draft is not None and membership(person, draft) is not None


@predicate("may-file-draft")
def files(person: Any, draft: Any = None) -> bool:
    found = membership(person, draft) if draft is not None else None
    return found is not None and found.may_file


@predicate("manages-draft's-organisation")
def manages_organisation(person: Any, draft: Any = None) -> bool:
    return (
        draft is not None
        and is_person(person)
        and any(
            Duty.MANAGE in one.duties
            for one in person.affiliations.filter(organisation=draft.organisation_id, ended_at__isnull=True)
        )
    )


def drafts_of(person: Any, rows: QuerySet[Draft]) -> QuerySet[Draft]:
    """Drafts that the person writes in, or whose organisation the person manages."""
    if not is_person(person):
        return rows.none()
    # A list of texts in JSON is asked for in Python: containment differs between the two databases.
    managed = [
        one.organisation_id for one in person.affiliations.filter(ended_at__isnull=True) if Duty.MANAGE in one.duties
    ]
    written = DraftMember.objects.filter(person=person, ended_at__isnull=True).values("draft")
    return rows.filter(Q(pk__in=written) | Q(organisation__in=managed))


STARTING = frozenset({Duty.FILL, Duty.FILE, Duty.MANAGE})


@predicate("writes-for-organisation")
def writes_for(person: Any, organisation: Any = None) -> bool:
    """Whether the person may begin an application in the organisation's name."""
    found = standing(person, organisation) if organisation is not None else None
    return found is not None and not STARTING.isdisjoint(found.duties)


def files_for(person: Any, organisation: Organisation) -> bool:
    """Whether the person files in the organisation's name."""
    found = standing(person, organisation)
    return found is not None and not {Duty.FILE, Duty.MANAGE}.isdisjoint(found.duties)


START_DRAFT = permission("applications.start_draft", writes_for)
READ_DRAFT = permission("applications.read_draft", writes | manages_organisation, filter=drafts_of)
WRITE_DRAFT = permission("applications.write_draft", writes)
SHARE_DRAFT = permission("applications.share_draft", files | manages_organisation)
DISCARD_DRAFT = permission("applications.discard_draft", files | manages_organisation)
FILE_DRAFT = permission("applications.file_draft", files)
WITHDRAW_DRAFT = permission("applications.withdraw_draft", files | manages_organisation)


@predicate("began-upload")
def began(person: Any, upload: Any = None) -> bool:
    return upload is not None and is_person(person) and upload.by_id == person.pk


def uploads_of(person: Any, rows: QuerySet[Upload]) -> QuerySet[Upload]:
    return rows.filter(by=person) if is_person(person) else rows.none()


CONTINUE_UPLOAD = permission("applications.continue_upload", began, filter=uploads_of)


def mails_about(draft: Draft) -> str:
    """Under what a mail to the draft's own people stands in the outbox: once it was filed, under its call."""
    return draft.call.slug if draft.number else OF_A_DRAFT


# --- At the desk ------------------------------------------------------------------------------------------------------
# What was filed or came in a batch is handled by the secretariat of its type, and by the programme's officer above all.


def _dossiers(person: Any, rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
    if not is_person(person):
        return rows.none()
    return rows.filter(at_the_desk(person, Call.objects.filter(dossiers__isnull=False)))


READ_DOSSIER = permission("applications.read_dossier", answers_for | audits, filter=_dossiers)
HANDLE_DOSSIER = permission("applications.handle_dossier", answers_for)


# --- The press -------------------------------------------------------------------------------------------------------


def counts_until(draft: Draft) -> dt.datetime | None:
    """The last second at which a press for this draft counts: a supplement's, the call's, or a late admission's;
    nothing where the call never closes by the clock. A statement more where a supplement limits the draft.
    """
    return draft.supplement.until if draft.supplement is not None else own_end(draft)


def own_end(draft: Draft) -> dt.datetime | None:
    """The same without a supplement."""
    until = draft.call.counts_until
    return max(until, draft.admitted_until) if until and draft.admitted_until else until


def is_late(draft: Draft, arrived_at: dt.datetime) -> bool:
    """Whether a press that arrived then needs the late admission."""
    until = draft.call.counts_until
    return until is not None and arrived_at.replace(microsecond=0) > until


OUTAGES_WITHIN: Final = dt.timedelta(days=1)
"""How long before the end an outage may have been so that somebody may be late because of it."""
LATEST: Final = dt.timedelta(days=7)
"""How long after its approval an admission may let a draft be pressed."""


@predicate("on-the-applicant's-side")
def is_applicant(person: Any, draft: Any = None) -> bool:
    """Whether the person belongs to the draft's organisation, or writes in the draft: nobody decides their own."""
    return (
        draft is not None
        and is_person(person)
        and (standing(person, draft.organisation) is not None or membership(person, draft) is not None)
    )


ADMIT_LATE = permission("applications.admit_late", answers_for & ~is_applicant)
READ_LATE = permission("applications.read_late_admission", answers_for | audits)


def in_time(draft: Draft, arrived_at: dt.datetime) -> bool:
    """Whether a press that arrived then counts. Whole seconds, rounded down: 18:00:00.999 counts, 18:00:01 does not."""
    return after_opening(draft, arrived_at) and before_end(draft, arrived_at)


def after_opening(draft: Draft, arrived_at: dt.datetime) -> bool:
    opens = draft.call.opens_at
    return opens is None or arrived_at.replace(microsecond=0) >= opens


def before_end(draft: Draft, arrived_at: dt.datetime) -> bool:
    last = counts_until(draft)
    return last is None or arrived_at.replace(microsecond=0) <= last


# --- Supplements ------------------------------------------------------------------------------------------------------

REMINDED_BEFORE: Final = dt.timedelta(days=2)
"""How long before its end those who write are reminded of a supplement."""
SETTLES: Final = dt.timedelta(minutes=2)
"""How long after its last second a supplement waits to expire: a press that arrived in time may still be in the queue.
Nothing counts in between that arrived later.
"""
LONGEST_EXTENSION: Final = dt.timedelta(days=90)


def runs(supplement: Supplement, moment: dt.datetime) -> bool:
    """Whether something can still be changed or answered then. Whole seconds, rounded down, as everywhere."""
    return supplement.state == SUPPLEMENT_OPEN and moment.replace(microsecond=0) <= supplement.until


def may_change(draft: Draft, key: str) -> bool:
    """Whether this place of the form may be changed at all: under a supplement only what was asked for."""
    return draft.supplement is None or place_of(key) in draft.supplement.places


def correction_terms(item: ReviewItem) -> tuple[Terms, str] | None:
    """How the days of a supplement for this item are counted, and by which calendar; nothing where it has none.

    The days are those that the notice prints; how they count, says their clock (calendar days, the first day excluded,
    where it says nothing).
    """
    if item.correction is None:
        return None
    clock = item.correction.clock or Clock(days=item.correction.days)
    return replace(Terms.of(clock), days=item.correction.days), clock.calendar


def last_second(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """23:59:59 of that day, on the clocks of that zone."""
    return dt.datetime.combine(day, dt.time(23, 59, 59), zone)


def supplement_key(supplement: Supplement, person: Person, what: str) -> str:
    """What makes a mail about a supplement the only one of its kind."""
    return f"supplement:{what}:{supplement.uid}:{person.uid}"


# --- Reminders -------------------------------------------------------------------------------------------------------

WEEK, DAY = dt.timedelta(days=7), dt.timedelta(days=1)
WAKING: Final = (dt.time(8), dt.time(20))
"""The hours of the reader's own day in which a reminder may come."""


def reminder_due(draft: Draft, moment: dt.datetime) -> dt.timedelta | None:
    """Which reminder a draft may get now: the week's, the day's, or none.

    While somebody is at work on it (changed within a day) the week's waits; the day's does not.
    """
    closes = draft.call.closes_at
    if closes is None or not moment < closes <= moment + WEEK:
        return None
    if closes <= moment + DAY:
        return DAY
    return WEEK if draft.changed_at <= moment - DAY else None


def is_awake(person: Person, moment: dt.datetime) -> bool:
    first, last = WAKING
    return first <= moment.astimezone(ZoneInfo(person.zone)).time() < last


def reminder_key(draft: Draft, person: Person, before: dt.timedelta) -> str:
    """What makes a reminder the only one of its kind."""
    return f"draft-reminder:{before.days}:{draft.uid}:{person.uid}"


TOLD_WITHIN: Final = dt.timedelta(days=1)
"""How long after an amendment those who write are still told of a closing that moved with it."""


def deadline_key(version: DefinitionVersion, person: Person) -> str:
    """What makes the mail about a moved closing the only one: one for each person and version."""
    return f"deadline-moved:{version.pk}:{person.uid}"


# --- Imports ----------------------------------------------------------------------------------------------------------
# What came outside is taken in by whoever answers for its types: the secretariat for its own, the officer for all.


def answers_for_type(person: Any, call: Call, track: str) -> bool:
    """Whether the person may take in, and take out again, applications of this type."""
    return bool(answers_for.test(person, About(call, track)))


@predicate("answers-for-the-batch")
def answers_for_batch(person: Any, batch: Any = None) -> bool:
    """Whether every application of the batch, those that stand no longer too, is of a type the person answers for."""
    return (
        batch is not None
        and bool(answers_for.test(person, About(batch.call)))
        and all(answers_for_type(person, batch.call, track) for track in _tracks_of(batch))
    )


@predicate("audits-the-batch")
def audits_batch(person: Any, batch: Any = None) -> bool:
    return batch is not None and bool(audits.test(person, batch))


def _tracks_of(batch: ReceptionBatch) -> set[str]:
    return set(batch.application_set.order_by().values_list("track", flat=True).distinct())


def _batches(person: Any, rows: QuerySet[ReceptionBatch]) -> QuerySet[ReceptionBatch]:
    if not is_person(person):
        return rows.none()
    desk = Q(pk__in=[])
    for grant in person.held:
        if grant.role in DESK:
            desk |= Q(call__programme__slug=grant.programme) if grant.programme else Q(pk__isnull=False)
    others = Received.objects.filter(batch__isnull=False).exclude(
        at_the_desk(person, Call.objects.filter(batches__isnull=False))
    )
    return rows.filter(desk).exclude(pk__in=others.order_by().values("batch"))


@predicate("began-import")
def began_import(person: Any, imported: Any = None) -> bool:
    """Whose import it is, as long as the person still has that desk."""
    return (
        imported is not None
        and is_person(person)
        and imported.by_id == person.pk
        and bool(answers_for.test(person, About(imported.call)))
    )


@predicate("asked-for-export")
def asked_for_export(person: Any, export: Any = None) -> bool:
    """Whose export it is, as long as the person still reads at that desk."""
    return (
        export is not None
        and is_person(person)
        and export.by_id == person.pk
        and bool((answers_for | audits).test(person, About(export.call)))
    )


EXPORT_APPLICATIONS = permission("applications.export_applications", answers_for | audits)


READ_EXPORT = permission("applications.read_export", asked_for_export)


IMPORT_BATCH = permission("applications.import_batch", answers_for)


READ_IMPORT = permission("applications.read_import", began_import)


READ_BATCH = permission("applications.read_batch", answers_for_batch | audits_batch, filter=_batches)


UNDO_BATCH = permission("applications.undo_batch", answers_for_batch)
