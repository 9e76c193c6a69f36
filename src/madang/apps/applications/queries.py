"""Reads: what was received, as of a day, as it was known on a day.

Two moments belong to every number of a reception. `as_of`: what had arrived by then. `known_at`: what this platform
knew then, so that a number published before an import was undone or added can be counted again exactly.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from madang.apps.applications import rules
from madang.apps.applications.models import (
    Application,
    BatchSource,
    Dossier,
    Draft,
    DraftChange,
    DraftEntry,
    DraftFile,
    DraftInvitation,
    DraftMember,
    Export,
    Filing,
    Import,
    LateAdmission,
    PaperRequest,
    PreviousRound,
    ReceivedFile,
    ReceptionBatch,
    Supplement,
    Translation,
    Upload,
)
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import current_definition, definition_of
from madang.core.callspec import Definition
from madang.core.callspec.places import name_of_place
from madang.core.clocks import SUPPLEMENT, Span
from madang.core.deciding import case
from madang.core.deciding.case import Case
from madang.core.form import Entered, FileFacts, FormState, Typed, review
from madang.core.form.differences import Attached, Form
from madang.core.form.filed import entered_of as refilled
from madang.core.form.filed import numbered, stands
from madang.core.form.keys import Keys
from madang.core.lifecycle.draft import DISCARDED, STATES, WRITABLE
from madang.core.lifecycle.exporting import EXPIRED as EXPORT_GONE
from madang.core.lifecycle.exporting import WAITING as EXPORT_WAITING
from madang.core.lifecycle.importing import AT_WORK as IMPORTS_AT_WORK
from madang.core.lifecycle.importing import SEEN as IMPORTS_SEEN
from madang.core.lifecycle.importing import WAITING as IMPORTS_WAITING
from madang.core.lifecycle.late_admission import ADMITTED
from madang.core.lifecycle.late_admission import OPEN as LATE_OPEN
from madang.core.lifecycle.supplement import CANCELLED as SUPPLEMENT_CANCELLED
from madang.core.lifecycle.supplement import EXPIRED as SUPPLEMENT_EXPIRED
from madang.core.lifecycle.supplement import OPEN as SUPPLEMENT_OPEN
from madang.core.lifecycle.upload import OPEN as UPLOAD_OPEN
from madang.kernel.clock import now
from madang.kernel.outages import Outage
from madang.kernel.outages import standing as outages_between
from madang.kernel.permissions import may, visible_to
from madang.kernel.prepared import Prepared
from madang.kernel.tokens import token_hash
from madang.papers import classifications

Moment = dt.datetime | dt.date


def reception(call: Call, as_of: Moment | None = None, known_at: Moment | None = None, *, public: bool = False) -> Case:
    """The applications and earlier rounds of a call, as `madang.core.statistics.of_call` counts them.

    A day stands for its end, in the call's zone. Default: everything, as known now. `public`: without what is being
    filed while others may still file. Four statements at most, whatever the number of applications.
    """
    zone = ZoneInfo(current_definition(call).schedule.zone)
    known, until = _end(known_at, zone), _end(as_of, zone)
    rows = Application.objects.filter(call=call)
    open_to_all = not public or told_in_public(call)
    rows = rows.filter(_imported(known) | _filed(known, until) if open_to_all else _imported(known))
    if until is not None:
        rows = rows.filter(received_at__lte=until)
    rounds = PreviousRound.objects.filter(_imported(known), call=call)
    found = list(rows)
    return Case(
        applications=tuple(row_of(one) for one in found),
        rounds=tuple(case.Round(one.year, one.cases, one.countries) for one in rounds),
        sample=call.is_sample or any(one.is_sample for one in found),
    )


def told_in_public(call: Call) -> bool:
    """Whether everybody may know how many applications were filed here: not while others may still file."""
    return call.counts_until is None or now() > call.counts_until


def _imported(known: dt.datetime | None) -> Q:
    """Rows of batches that stood at a moment (default: that stand now): imported by then, and not undone by then."""
    if known is None:
        return Q(batch__isnull=False, undone_at__isnull=True)
    return Q(batch__imported_at__lte=known) & (Q(undone_at__isnull=True) | Q(undone_at__gt=known))


def _filed(known: dt.datetime | None, until: dt.datetime | None) -> Q:
    """Rows filed here of which the revision stood at the earlier of both moments (default: that stands now).

    A revision that was replaced later still counts for the days before: its application had been received then.
    """
    given = [moment for moment in (known, until) if moment is not None]
    if not given:
        return Q(filing__isnull=False, undone_at__isnull=True)
    filed = Q(filing__isnull=False) & (Q(undone_at__isnull=True) | Q(undone_at__gt=min(given)))
    return filed & Q(filing__filed_at__lte=known) if known is not None else filed


def with_counts(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Each call with `cases`: the number of applications that stand and may be told (`told_in_public`). For lists;
    statistics count by `reception`.
    """
    closed = Q(call__closes_at__isnull=True) | Q(call__closes_at__lt=now(), call__grace_minutes=0)
    closed |= Q(call__closes_at__lt=now() - dt.timedelta(days=1))  # no grace is longer
    cases = (
        Application.objects.filter(Q(batch__isnull=False) | closed, call=OuterRef("pk"), undone_at__isnull=True)
        .order_by()
        .values("call")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return calls.annotate(cases=Coalesce(Subquery(cases), Value(0), output_field=IntegerField()))


def batches(call: Call) -> QuerySet[ReceptionBatch]:
    """All imports of a call, those that were undone too, in the order they came."""
    return ReceptionBatch.objects.filter(call=call)


def _end(moment: Moment | None, zone: ZoneInfo) -> dt.datetime | None:
    if moment is None or isinstance(moment, dt.datetime):
        return moment
    return dt.datetime.combine(moment, dt.time.max, zone)


# --- Drafts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changed:
    """What stands in a place since somebody's save. `by` is how others see that person."""

    key: str
    typed: Typed
    revision: int
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One draft in a list: how far it is, and until when. `own`: the reader writes in it."""

    draft: Draft
    state: FormState
    closes_at: dt.datetime | None
    own: bool

    @property
    def needed(self) -> int:
        return self.state.needed

    @property
    def done(self) -> int:
        return self.state.done


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation beside its original. `stale`: the original was changed after it."""

    translation: Translation
    stale: bool


@dataclass(frozen=True, slots=True)
class Life:
    """A filed revision: `standing`, `replaced` or `withdrawn`, and since when it stands no longer."""

    filing: Filing
    state: str
    until: dt.datetime | None


def with_everything(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    """Drafts with call, definition and organisation, in the same statement."""
    return drafts.select_related("call", "version", "organisation").defer("version__data", "call__search_text")


def draft_of(person: Any, uid: str) -> Draft | None:
    """The draft of this address, if the person may see it. Two statements; a third for those who only manage."""
    found = _BY_UID.first(uid)
    return found if found is not None and may(person, rules.READ_DRAFT, found) else None


_BY_UID: Prepared[Draft] = Prepared(lambda uid: with_everything(Draft.objects.filter(uid=uid)), str)


def bare_draft_of(person: Any, uid: str) -> Draft | None:
    """The same without anything but its names: for a command, which reads and locks it itself. Statements as there."""
    found = _BARE_BY_UID.first(uid)
    return found if found is not None and may(person, rules.READ_DRAFT, found) else None


_BARE_BY_UID: Prepared[Draft] = Prepared(lambda uid: Draft.objects.filter(uid=uid), str)


def typed_of(stored: Any) -> Typed:
    """What stands in a row as the form has it."""
    return tuple(stored) if isinstance(stored, list) else stored or ""


@dataclass(frozen=True, slots=True)
class Stood:
    """What stands in one place, and who wrote it when."""

    typed: Typed
    revision: int
    language: str  # where it is not the draft's
    by: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A draft as it was read at one moment: for the form, and place by place. `files`: those that stand, and those
    that were removed.
    """

    entered: Entered
    entries: Mapping[str, Stood]
    files: Sequence[DraftFile]


def held_by(draft: Draft) -> Held:
    """Everything that stands in the draft. Three statements, with those of `with_everything` four."""
    received = _RECEIVED_OF.all(draft.call_id, draft.organisation.uid)
    return _held([draft], _ENTRIES.all(draft.pk), _FILES.all(draft.pk), received)[draft.pk]


_ENTRIES: Prepared[DraftEntry] = Prepared(lambda draft: DraftEntry.objects.filter(draft=draft).order_by(), int)
_FILES: Prepared[DraftFile] = Prepared(lambda draft: DraftFile.objects.filter(draft=draft), int)
_RECEIVED_OF: Prepared[Application] = Prepared(
    lambda call, organisation: Application.objects.filter(
        call=call, organisation=organisation, undone_at__isnull=True
    ).order_by(),
    int,
    str,
)


def entered_of(draft: Draft) -> Entered:
    """The same, for the form alone."""
    return held_by(draft).entered


def form_state(draft: Draft) -> FormState:
    """What `madang.core.form.review` says of the draft now. Statements as `entered_of`."""
    return review(definition_of(draft.version), entered_of(draft))


def _all_held(drafts: Sequence[Draft]) -> dict[int, Held]:
    """Draft -> what stands in it. Three statements for any number of drafts."""
    received = Application.objects.filter(
        call__in={draft.call_id for draft in drafts},
        organisation__in={draft.organisation.uid for draft in drafts},
        undone_at__isnull=True,
    )
    entries = DraftEntry.objects.filter(draft__in=[draft.pk for draft in drafts])
    files = DraftFile.objects.filter(draft__in=[draft.pk for draft in drafts], removed_at__isnull=True)
    return _held(drafts, entries.order_by(), files, received.order_by())


def _held(
    drafts: Sequence[Draft],
    entries: Iterable[DraftEntry],
    all_files: Iterable[DraftFile],
    received: Iterable[Application],
) -> dict[int, Held]:
    stood: dict[int, dict[str, Stood]] = defaultdict(dict)
    typed: dict[int, dict[str, Typed]] = defaultdict(dict)
    for one in entries:
        typed[one.draft_id][one.key] = now_typed = typed_of(one.typed)
        stood[one.draft_id][one.key] = Stood(now_typed, one.revision, one.language, one.by_id, one.at)
    every: dict[int, list[DraftFile]] = defaultdict(list)
    files: dict[int, dict[str, tuple[FileFacts, ...]]] = defaultdict(dict)
    for file in all_files:
        every[file.draft_id].append(file)
        if file.removed_at is None:
            facts = FileFacts(name=file.name, size_bytes=file.size_bytes, format=file.format)
            files[file.draft_id][file.key] = (*files[file.draft_id].get(file.key, ()), facts)
    counted = _counts(drafts, typed, received)
    found = {}
    for draft in drafts:
        definition, sample = definition_of(draft.version), draft.call.is_sample
        entered = Entered(
            typed=typed[draft.pk],
            files=files[draft.pk],
            track=draft.track,
            applicant=draft.organisation.name,
            organisation=draft.organisation.uid,
            kind=draft.organisation.kind,
            country=draft.organisation.country,
            counts=counted[draft.pk],
            sets=_sets(tuple(sorted(definition.classifications.items())), sample),
            sample=sample,
        )
        found[draft.pk] = Held(entered, stood[draft.pk], every[draft.pk])
    return found


def _counts(
    drafts: Sequence[Draft], typed: Mapping[int, Mapping[str, Typed]], rows: Iterable[Application]
) -> dict[int, dict[str, int]]:
    """How often each draft's organisation applies in its call, with this draft.

    What the draft itself has filed is not counted beside it.
    """
    received: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for one in rows:
        place = name_of_place(str(one.answers.get("place", "")))
        received[one.call_id, one.organisation].append((one.reference, place))
    found = {}
    for draft in drafts:
        others = received[draft.call_id, draft.organisation.uid]
        places = [place for reference, place in others if reference != draft.number]
        here = name_of_place(str(typed[draft.pk].get("place", "")))
        found[draft.pk] = {
            "applications_of_applicant": len(places) + 1,
            "applications_of_applicant_for_same_city": places.count(here) + 1,
        }
    return found


@lru_cache(maxsize=64)
def _sets(chosen: tuple[tuple[str, str], ...], sample: bool) -> dict[str, tuple[str, ...]]:
    """The ids of each classification by the call's name of it; a sample knows the invented countries too."""
    guests = classifications.load(classifications.INVENTED).ids if sample else ()
    sets = {role: classifications.load(name) for role, name in chosen}
    return {role: (*one.ids, *guests) if one.kind == "country" else one.ids for role, one in sets.items()}


def changes_since(draft: Draft, revision: int, until: int | None = None) -> list[Changed]:
    """What others (and oneself elsewhere) have changed after a revision, the last value of each place. One statement.

    `until`: the last revision that is looked at. Of a place with files the names that stand there now are told.
    """
    rows = DraftChange.objects.filter(draft=draft, revision__gt=revision).select_related("by")
    rows = rows.filter(revision__lte=until) if until is not None else rows
    last = {row.key: row for row in rows.order_by("revision", "pk")}
    return [Changed(row.key, typed_of(row.typed), row.revision, row.by.shown, row.at) for row in last.values()]


def values_at(draft: Draft, keys: Collection[str], revision: int) -> dict[str, Typed]:
    """What stood in these places at a revision; a place that was empty then is absent. One statement."""
    rows = DraftChange.objects.filter(draft=draft, key__in=keys, revision__lte=revision)
    return {key: typed_of(typed) for key, typed in rows.order_by("revision", "pk").values_list("key", "typed")}


def value_at(draft: Draft, key: str, revision: int) -> Typed:
    """What stood in a place at a revision of the draft."""
    return values_at(draft, [key], revision).get(key, "")


def history_of(draft: Draft, key: str, most: int = 50) -> list[Changed]:
    """The values that a place has had, the newest first."""
    rows = DraftChange.objects.filter(draft=draft, key=key).select_related("by").order_by("-revision", "-pk")[:most]
    return [Changed(row.key, typed_of(row.typed), row.revision, row.by.shown, row.at) for row in rows]


def revisions_of(draft: Draft) -> dict[str, int]:
    """Key -> the revision of its last change: what a screen says that it has read. One statement."""
    return dict(DraftEntry.objects.filter(draft=draft).order_by().values_list("key", "revision"))


def removed_rows(draft: Draft, key: str) -> list[str]:
    """Rows of a repeated place that were removed and can come back, the last one first. One statement."""
    orders = (
        DraftChange.objects.filter(draft=draft, key=key).order_by("-revision", "-pk").values_list("typed", flat=True)
    )
    listed = [typed_of(order) for order in orders]
    if not listed:
        return []
    gone = (row for order in listed[1:] for row in order if row not in listed[0])
    return list(dict.fromkeys(gone))


def drafts_of(person: Any, *, discarded: bool = False) -> list[DraftLine]:
    """Applications that the person may see, with how far they are; or those that were discarded. Six statements,
    whatever their number.
    """
    rows = visible_to(person, rules.READ_DRAFT, with_everything(Draft.objects.all()).select_related("supplement"))
    drafts = list(rows.filter(state__in=[DISCARDED] if discarded else [one for one in STATES if one != DISCARDED]))
    own = set(DraftMember.objects.filter(person=person, ended_at__isnull=True).values_list("draft_id", flat=True))
    held = _all_held(drafts)
    return [
        DraftLine(
            draft, review(definition_of(draft.version), held[draft.pk].entered), draft.call.closes_at, draft.pk in own
        )
        for draft in drafts
    ]


def files_of(draft: Draft) -> dict[str, list[DraftFile]]:
    """Key -> the files that stand there. One statement."""
    found: dict[str, list[DraftFile]] = defaultdict(list)
    for file in draft.files.filter(removed_at__isnull=True).select_related("by"):
        found[file.key].append(file)
    return dict(found)


def paper_requests(draft: Draft) -> list[PaperRequest]:
    """Every link that a partner was sent, the newest first, with what came by it. Two statements."""
    return list(draft.paper_requests.select_related("asked_by").prefetch_related("files"))


def partners_of(requests: Collection[int]) -> dict[int, str]:
    """Link -> what the partner is called, in the applicant's words. One statement."""
    return dict(PaperRequest.objects.filter(pk__in=requests).values_list("pk", "partner"))


def paper_request_of(token: str) -> PaperRequest | None:
    """The link of this token, with its draft's call, definition and organisation. One statement."""
    rows = PaperRequest.objects.select_related("asked_by", "draft__call", "draft__version", "draft__organisation")
    rows = rows.defer("draft__version__data", "draft__call__search_text")
    return rows.filter(token_sha256=token_hash(token)).first() if token.isascii() else None


def people_of(draft: Draft) -> list[DraftMember]:
    """Who writes in the draft now. One statement."""
    return _PEOPLE.all(draft.pk)


_PEOPLE: Prepared[DraftMember] = Prepared(
    lambda draft: DraftMember.objects.filter(draft=draft, ended_at__isnull=True).select_related("person"), int
)


def open_invitations(draft: Draft) -> list[DraftInvitation]:
    """Invitations that can still be accepted. One statement."""
    rows = draft.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now())
    return list(rows.select_related("invited_by"))


def abandoned_uploads(before: dt.datetime) -> QuerySet[Upload]:
    """Begun before this moment and still open; whether anything came since, the spool knows."""
    return Upload.objects.filter(state=UPLOAD_OPEN, started_at__lt=before)


def open_uploads(uids: Collection[str]) -> set[str]:
    """Which of these are under way."""
    return set(Upload.objects.filter(uid__in=uids, state=UPLOAD_OPEN).values_list("uid", flat=True))


def translations_of(draft: Draft, revisions: Mapping[str, int] | None = None) -> list[Translated]:
    """Every translation beside an original that is still there. Two statements; one, where `revisions_of` is given."""
    revisions = revisions_of(draft) if revisions is None else revisions
    rows = (one for one in _TRANSLATIONS.all(draft.pk) if one.text)
    return [Translated(one, one.of_revision < revisions[one.key]) for one in rows if one.key in revisions]


_TRANSLATIONS: Prepared[Translation] = Prepared(
    lambda draft: Translation.objects.filter(draft=draft).select_related("by"), int
)


def left_behind(draft: Draft) -> list[DraftEntry]:
    """Answers to what the call no longer asks: kept, and shown so that they can be copied. One statement."""
    keys = Keys(definition_of(draft.version))
    return [one for one in draft.entries.all() if one.typed not in ("", []) and keys.named(one.key) is None]


def behind_their_call() -> QuerySet[Draft]:
    """Drafts that do not follow the version of their call that counts."""
    later = DefinitionVersion.objects.filter(call=OuterRef("call"), number__gt=OuterRef("version__number"))
    return Draft.objects.filter(Exists(later), state__in=WRITABLE, supplement__isnull=True)


def to_be_reminded(moment: dt.datetime, within: dt.timedelta) -> Iterable[Draft]:
    """Drafts that are still written while their call closes soon. One statement."""
    rows = Draft.objects.filter(state__in=WRITABLE).select_related("call").defer("call__search_text")
    return rows.filter(call__closes_at__gt=moment, call__closes_at__lte=moment + within, call__decided_at__isnull=True)


def writers(drafts: Iterable[Draft]) -> list[DraftMember]:
    """Who writes in these drafts now. One statement."""
    rows = DraftMember.objects.filter(draft__in=drafts, ended_at__isnull=True, person__is_active=True)
    return list(rows.select_related("person"))


def members_told_by(version: DefinitionVersion) -> list[DraftMember]:
    """Who wrote in an application of the call, filed and withdrawn ones too, when this version was published, and still
    does: with person and draft. One statement.
    """
    rows = DraftMember.objects.filter(draft__call=version.call_id, ended_at__isnull=True, person__is_active=True)
    rows = rows.filter(since__lte=version.published_at).exclude(draft__state=DISCARDED)
    return list(rows.select_related("person", "draft").order_by("pk"))


# --- What was filed --------------------------------------------------------------------------------------------------


def filings_of(draft: Draft) -> list[Filing]:
    """Every filed revision, the newest first, with who pressed; without the forms. One statement."""
    return list(
        draft.filings.select_related("by", "version")
        .defer("form", "version__data", "version__text")
        .order_by("-revision")
    )


def filing_of(number: str, revision: int | None = None) -> Filing | None:
    """The filing of a receipt's number, of whatever state; without a revision the last one. One statement.

    Without the form. For anybody who has the number: what may be told of it is the caller's affair.
    """
    rows = Filing.objects.filter(draft__number=number).select_related("draft__call", "version").order_by("-revision")
    rows = rows.defer("form", "version__data", "draft__call__search_text")
    return (rows.filter(revision=revision) if revision is not None else rows).first()


def filing_seen_by(person: Any, uid: str, revision: int) -> Filing | None:
    """One filed revision of the draft at this address, if the person may see it: with draft and call. Statements as
    `draft_of`.
    """
    seen = visible_to(person, rules.READ_DRAFT, Draft.objects.filter(uid=uid))
    rows = Filing.objects.filter(draft__in=seen.values("pk"), revision=revision)
    rows = rows.select_related("draft__call", "version", "by")
    return rows.defer("version__data", "draft__call__search_text").order_by().first()


def filing_of_draft(draft: Draft, revision: int) -> Filing | None:
    """One filed revision of a draft. One statement."""
    return draft.filings.select_related("by", "version").defer("version__data").filter(revision=revision).first()


def standing_of(filing: Filing) -> str:
    """What became of a filed revision: `standing`, `replaced` or `withdrawn`."""
    if filing.draft.standing_id == filing.pk:
        return "standing"
    return "withdrawn" if filing.draft.standing_id is None else "replaced"


# --- Late, because of us ----------------------------------------------------------------------------------------------


def outages_before_the_end(call: Call) -> QuerySet[Outage]:
    """What the log says of the last day before the call's end."""
    until = call.counts_until
    return outages_between(until - rules.OUTAGES_WITHIN, until) if until else Outage.objects.none()


def outage_named(uid: str) -> Outage | None:
    return Outage.objects.filter(uid=uid).first() if uid else None


def late_admissions(call: Call) -> list[LateAdmission]:
    """What was admitted, as everybody may know it: outage, reason, until when; never whose. One statement."""
    return list(LateAdmission.objects.filter(draft__call=call, state=ADMITTED).order_by("decided_at", "pk"))


def lives_of(draft: Draft) -> list[Life]:
    """Every filed revision with what became of it, the newest first; without forms and receipts. One statement."""
    rows = draft.filings.select_related("application").only(
        "draft_id", "revision", "form_sha256", "arrived_at", "application__undone_at", "application__filing_id"
    )
    found = []
    for place, filing in enumerate(rows.order_by("-revision")):
        state = "standing" if filing.pk == draft.standing_id else "replaced" if place else "withdrawn"
        found.append(Life(filing, state, filing.application.undone_at))
    return found


def standing_translations(draft: Draft, state: FormState) -> list[tuple[str, Translation]]:
    """Translations of answers that are asked, each at its key with rows by number. One statement."""
    found = []
    for one in draft.translations.exclude(text="").order_by("key", "language"):
        if stands(state.places.get(one.key)) is not None:
            found.append((numbered(state, one.key), one))
    return sorted(found, key=lambda pair: (pair[0], pair[1].language))


def filed_state(filing: Filing, form: Mapping[str, Any]) -> FormState:
    """The filed form reviewed again under its own version: the same answers and members. No statement."""
    definition = definition_of(filing.version)
    return review(definition, refilled(definition, form))


def filed_side(filing: Filing) -> Form:
    """A filed revision as one side of a comparison. No statement, with the whole filing."""
    form = filing.content
    files: dict[str, list[Attached]] = defaultdict(list)
    for one in form["files"]:
        files[one["key"]].append(Attached(one["name"], one["size_bytes"], one["sha256"]))
    return Form(
        state=filed_state(filing, form),
        applicant=form["applicant"]["name"],
        files={key: tuple(found) for key, found in files.items()},
        translations={(one["key"], one["language"]): one["text"] for one in form["translations"]},
    )


def standing_side(draft: Draft, state: FormState) -> Form:
    """The draft as it is now as one side of a comparison. Two statements."""
    files: dict[str, list[Attached]] = defaultdict(list)
    for one in draft.files.filter(removed_at__isnull=True).order_by("key", "at", "pk"):
        files[one.key].append(Attached(one.name, one.size_bytes, one.sha256))
    return Form(
        state=state,
        applicant=draft.organisation.name,
        files={key: tuple(found) for key, found in files.items()},
        translations={(key, one.language): one.text for key, one in standing_translations(draft, state)},
    )


def outages_named(uids: Iterable[str]) -> dict[str, Outage]:
    """uid -> outage. One statement."""
    return {one.uid: one for one in Outage.objects.filter(uid__in=set(uids))}


def late_admission_named(uid: str) -> LateAdmission | None:
    """What was admitted under this name, which receipts state; for anybody. One statement."""
    return LateAdmission.objects.filter(uid=uid, state=ADMITTED).first() if uid else None


def late_at_the_desk(person: Any) -> list[LateAdmission]:
    """Those that this person of the office may read: the open ones first, of these who has waited longest. A few rows:
    the right is asked for in Python.
    """
    rows = LateAdmission.objects.select_related(*_LATE_WHOLE).defer("draft__call__search_text")
    seen = [one for one in rows if may(person, rules.READ_LATE, one.draft)]
    waiting = sorted((one for one in seen if one.state in LATE_OPEN), key=lambda one: one.asked_at)
    return [*waiting, *(one for one in seen if one.state not in LATE_OPEN)]


def late_of_the_desk(person: Any, uid: str) -> LateAdmission | None:
    """The one of this name, if this person of the office may read it."""
    found = LateAdmission.objects.select_related(*_LATE_WHOLE).filter(uid=uid).first()
    return found if found is not None and may(person, rules.READ_LATE, found.draft) else None


_LATE_WHOLE = ("draft__call__programme", "draft__organisation", "asked_by", "proposed_by", "decided_by")


# --- At the desk ------------------------------------------------------------------------------------------------------


def dossier_of(person: Any, uid: str) -> Dossier | None:
    """The dossier of this address, if the person reads it at a desk: with call and programme. Two statements."""
    found = Dossier.objects.select_related("call__programme").defer("call__search_text").filter(uid=uid).first()
    return found if found is not None and may(person, rules.READ_DOSSIER, found) else None


def last_of(dossier: Dossier) -> Application:
    """The row of the dossier that counts; where none does, the last one that did. One statement."""
    rows = dossier.applications.select_related("filing__draft", "filing__version", "batch").defer("filing__form")
    rows = rows.defer("filing__version__data", "filing__version__text")
    return rows.order_by(F("undone_at").desc(nulls_first=True), "-pk")[0]


# --- Supplements ------------------------------------------------------------------------------------------------------

_SUPPLEMENT_WHOLE = ("dossier__call__programme", "application__filing__version", "draft", "asked_by", "ended_by")


def _whole_supplements() -> QuerySet[Supplement]:
    rows = Supplement.objects.select_related(*_SUPPLEMENT_WHOLE)
    return rows.defer("dossier__call__search_text", "application__filing__form", "application__filing__version__data")


def open_supplement_of(dossier: Dossier) -> Supplement | None:
    """The supplement that the applicant still has time for, or of which the time has just run out and which has not
    expired yet: while there is one, nothing is decided about the dossier. One statement.
    """
    return dossier.supplements.filter(state=SUPPLEMENT_OPEN).first()


def expired_supplement_of(dossier: Dossier) -> Supplement | None:
    """The supplement that nobody answered in time, where none came after it: by it the dossier may be excluded. One
    statement.
    """
    last = dossier.supplements.exclude(state=SUPPLEMENT_CANCELLED).order_by("-round").first()
    return last if last is not None and last.state == SUPPLEMENT_EXPIRED else None


def supplements_of(dossier: Dossier) -> list[Supplement]:
    """Every supplement of a dossier, the newest first, with their extensions. Two statements."""
    return list(_whole_supplements().filter(dossier=dossier).prefetch_related("extensions__by", "filing"))


def supplement_at_desk(person: Any, uid: str) -> Supplement | None:
    """The supplement of this name, for whoever reads its dossier."""
    found = _whole_supplements().filter(uid=uid).first()
    return found if found is not None and may(person, rules.READ_DOSSIER, found.dossier) else None


def supplements_at_desk(person: Any) -> QuerySet[Supplement]:
    """Those of the dossiers that this person reads at a desk, the ones that end first at the top."""
    seen = visible_to(person, rules.READ_DOSSIER, Dossier.objects.order_by())
    return _whole_supplements().filter(dossier__in=seen.values("pk")).order_by("until", "pk")


def open_in_round(supplement: Supplement, person: Any) -> QuerySet[Supplement]:
    """Everybody's open supplement of the same call and round, of the dossiers that this person reads."""
    seen = visible_to(person, rules.READ_DOSSIER, Dossier.objects.filter(call=supplement.dossier.call_id).order_by())
    rows = Supplement.objects.filter(dossier__in=seen.values("pk"), round=supplement.round, state=SUPPLEMENT_OPEN)
    return rows.order_by("pk")


def supplements_of_draft(draft: Draft) -> list[Supplement]:
    """Every supplement of an application, the newest first, with their extensions. Two statements."""
    return list(_whole_supplements().filter(draft=draft).prefetch_related("extensions"))


def due_supplements(moment: dt.datetime) -> QuerySet[Supplement]:
    """Open ones of which the last second is over at this moment. One statement."""
    return Supplement.objects.filter(state=SUPPLEMENT_OPEN, until__lt=moment).order_by("until", "pk")


def supplements_to_remind(moment: dt.datetime) -> QuerySet[Supplement]:
    """Open ones that end soon, of which nobody was reminded since their end was set; none that was asked so late that
    the request itself is the reminder. One statement.
    """
    rows = Supplement.objects.filter(state=SUPPLEMENT_OPEN, draft__isnull=False, until__gte=moment)
    rows = rows.filter(until__lte=moment + rules.REMINDED_BEFORE, asked_at__lt=F("until") - rules.REMINDED_BEFORE)
    return rows.filter(Q(reminded_for__isnull=True) | ~Q(reminded_for=F("until"))).order_by("until", "pk")


def supplement_definition(supplement: Supplement) -> Definition:
    """The definition under which it was asked: that of what was filed; of a batch, the call's. A statement for that."""
    filing = supplement.application.filing
    return definition_of(filing.version) if filing is not None else current_definition(supplement.dossier.call)


def stopped_spans(dossier: Dossier, zone: ZoneInfo) -> list[Span]:
    """When the dossier's clocks stood because of supplements, for `madang.core.clocks.stops_of`. One statement.

    From the day on which it was asked to the day on which the answer arrived; where none came, to its last day, and to
    the day of its cancelling where that was before. It goes on while it is open.
    """
    found: list[Span] = []
    for one in dossier.supplements.select_related("filing").defer("filing__form", "filing__receipt"):
        last: dt.date | None = None
        if one.arrived_on is not None:
            last = one.arrived_on
        elif one.filing is not None:
            last = one.filing.arrived_at.astimezone(zone).date()
        elif one.ended_at is not None:
            last = min(one.ended_at, one.until).astimezone(zone).date()
        first = one.asked_at.astimezone(zone).date()
        found.append((SUPPLEMENT, first, max(first, last) if last is not None else None))
    return found


def row_of(one: Application) -> case.Application:
    """A stored application as the core has it."""
    return case.Application(
        id=one.reference,
        applicant=one.applicant_name,
        kind=one.kind,
        organisation=one.organisation,
        track=one.track,
        country=one.country,
        received=one.received,
        answers=one.answers,
        members=tuple(one.members),
        admitted=one.admitted,
    )


# --- Imports ----------------------------------------------------------------------------------------------------------


def standing_before(batch: ReceptionBatch, references: Collection[str]) -> list[Application]:
    """What each of these applications was before the batch changed it, in the batch that stands; a new one was nothing.

    A statement for the batch, and one for each earlier batch that was undone meanwhile.
    """
    replaced = {key: pk for key, pk in _replaced_by(batch).items() if key in references}
    found: list[Application] = []
    while replaced:
        rows = Application.objects.filter(pk__in=replaced.values()).select_related("batch__call", "dossier")
        further: dict[str, int] = {}
        for one in rows:
            assert one.batch is not None, "an import takes the place of an import only"
            if one.batch.undone_at is None:
                found.append(one)
            elif before := _replaced_by(one.batch).get(one.reference):
                further[one.reference] = before
        replaced = further
    return sorted(found, key=lambda one: one.pk)


def _replaced_by(batch: ReceptionBatch) -> dict[str, int]:
    origin = BatchSource.objects.filter(batch=batch).first()
    return dict(origin.replaced) if origin is not None else {}


def imports_at_work() -> QuerySet[Import]:
    """What waits for the worker, the oldest first."""
    return Import.objects.filter(state__in=IMPORTS_AT_WORK).select_related("call", "by").order_by("started_at", "pk")


def imports_left_behind(before: dt.datetime) -> QuerySet[Import]:
    """Begun before this moment and neither taken in nor dropped."""
    return Import.objects.filter(state__in=(IMPORTS_WAITING, *IMPORTS_SEEN), started_at__lt=before)


def imports_of(person: Any, call: Call) -> QuerySet[Import]:
    """What this person has under way for the call, the newest first."""
    return Import.objects.filter(by=person, call=call, state__in=(*IMPORTS_AT_WORK, *IMPORTS_SEEN))


def import_of(person: Any, uid: str) -> Import | None:
    """The import of this address, if it is the person's. Two statements."""
    found = Import.objects.select_related("call__programme", "batch").defer("call__search_text").filter(uid=uid).first()
    return found if found is not None and may(person, rules.READ_IMPORT, found) else None


def chosen_before(call: Call) -> tuple[dict[str, dict[str, str]], str]:
    """Which columns were chosen at the last import of the call in which any were, and how dates were said to be."""
    last = Import.objects.filter(call=call).exclude(chosen={}).order_by("-started_at", "-pk").first()
    return (dict(last.chosen), last.dates) if last is not None else ({}, "")


def batches_seen_by(person: Any, call: Call) -> QuerySet[ReceptionBatch]:
    """The imports of a call that this person reads, the newest first, with who made them and how many stand."""
    rows = visible_to(person, rules.READ_BATCH, ReceptionBatch.objects.filter(call=call))
    return rows.select_related("origin__by").annotate(**_COUNTED).order_by("-imported_at", "-pk")


_COUNTED: dict[str, Any] = {
    "came": Count("application", distinct=True),
    "stand": Count("application", filter=Q(application__undone_at__isnull=True), distinct=True),
}


def batch_of(person: Any, pk: int) -> ReceptionBatch | None:
    """The batch of this address, if the person reads all of it. Two or three statements."""
    rows = ReceptionBatch.objects.select_related("call__programme", "origin__by").defer("call__search_text")
    found = rows.annotate(**_COUNTED).filter(pk=pk).first()
    return found if found is not None and may(person, rules.READ_BATCH, found) else None


def imported_since(call: Call, moment: dt.datetime) -> bool:
    """Whether a batch came or was undone after this moment."""
    later = Q(imported_at__gt=moment) | Q(undone_at__gt=moment)
    return ReceptionBatch.objects.filter(later, call=call).exists()


def received_file_of(person: Any, uid: str) -> ReceivedFile | None:
    """The file of this address, if the person reads its application at a desk. Two statements."""
    rows = ReceivedFile.objects.select_related("application__dossier__call__programme")
    found = rows.filter(uid=uid).first()
    return found if found is not None and may(person, rules.READ_DOSSIER, found.application.dossier) else None


# --- Exports ----------------------------------------------------------------------------------------------------------

Narrow = Callable[[Any, Call, QuerySet[Dossier], str], QuerySet[Dossier]]


"""Person, call, the dossiers that the person reads, what was typed -> those of them that the list would show."""


def _by_words(person: Any, call: Call, rows: QuerySet[Dossier], q: str) -> QuerySet[Dossier]:
    """Every word stands in the reference or in the applicant's name."""
    for word in q.split()[:20]:
        named = Q(applications__undone_at__isnull=True, applications__applicant_name__icontains=word)
        rows = rows.filter(Q(reference__icontains=word) | named)
    return rows.distinct()


_narrow: list[Narrow] = [_by_words]


def narrow_exports_by(narrow: Narrow) -> None:
    """Let exports understand a search as the desk's list does, which stands further to the right. For `madang.site`."""
    _narrow[0] = narrow


def exported(person: Any, call: Call, q: str) -> QuerySet[Application]:
    """The applications of a call that stand and that the person reads, narrowed by a search, by their numbers."""
    dossiers = visible_to(person, rules.READ_DOSSIER, Dossier.objects.filter(call=call))
    if q.strip():
        dossiers = _narrow[0](person, call, dossiers, q)
    rows = Application.objects.filter(dossier__in=dossiers.order_by().values("pk"), undone_at__isnull=True)
    return rows.order_by("reference", "pk")


def files_taken_along(applications: Collection[Application]) -> dict[int, list[Attached]]:
    """Application -> its files with the place before the name: of a filed revision, or as they came with an import.

    Two statements.
    """
    found: dict[int, list[Attached]] = defaultdict(list)
    keys = [one.pk for one in applications]
    for file in ReceivedFile.objects.filter(application__in=keys):
        found[file.application_id].append(Attached(_placed(file.key, file.name), file.size_bytes, file.sha256))
    filings = {one.filing_id: one.pk for one in applications if one.filing_id}
    for filing in Filing.objects.filter(pk__in=filings).only("form").iterator(chunk_size=200):
        for one in filing.content["files"]:
            name = _placed(one["key"], one["name"])
            found[filings[filing.pk]].append(Attached(name, one["size_bytes"], one["sha256"]))
    return found


def _placed(key: str, name: str) -> str:
    """`documents.plan` and `a.pdf` -> `plan_a.pdf`, by which an import finds the place again."""
    place = key.rpartition(".")[2]
    return f"{place}_{name}" if place else name


def export_of(person: Any, uid: str) -> Export | None:
    """The export of this address, if the person asked for it. Two statements."""
    found = Export.objects.select_related("call__programme").defer("call__search_text").filter(uid=uid).first()
    return found if found is not None and may(person, rules.READ_EXPORT, found) else None


def exports_of(person: Any, call: Call) -> QuerySet[Export]:
    """What this person has asked for of the call and can still take, the newest first."""
    return Export.objects.filter(by=person, call=call, expires_at__gt=now()).exclude(state=EXPORT_GONE)


def exports_at_work() -> QuerySet[Export]:
    """What waits for the worker, the oldest first."""
    return (
        Export.objects.filter(state=EXPORT_WAITING).select_related("call__programme", "by").order_by("asked_at", "pk")
    )


def exports_past() -> QuerySet[Export]:
    """Those whose day is over."""
    return Export.objects.filter(expires_at__lte=now()).exclude(state=EXPORT_GONE)
