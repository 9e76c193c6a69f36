"""The office asks for a supplement, gives more time, cancels it, enters what came on paper; the platform reminds."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from madang.apps.applications import rules
from madang.apps.applications.commands.shared import acting_person, in_words, language_faults, locked_draft
from madang.apps.applications.commands.supplement_ends import end, lift, state_of, told, whole
from madang.apps.applications.commands.supplement_mails import tell_applicants
from madang.apps.applications.commands.supplement_plan import application_to_supplement, plan_supplement
from madang.apps.applications.events import SupplementEnded
from madang.apps.applications.models import Dossier, Supplement, SupplementExtension
from madang.apps.applications.queries import open_in_round, supplement_definition
from madang.apps.enquiries.rules import text_faults, tidy
from madang.core.form.read import MEGABYTE
from madang.core.form.written import shown
from madang.core.lifecycle import SUPPLEMENT, check
from madang.core.lifecycle.supplement import OPEN
from madang.core.reasons import Reason
from madang.kernel import files
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.file_formats import harmless_name
from madang.kernel.incoming.take import take_in
from madang.kernel.permissions import allowed, may

LONGEST_REASON: Final = 4_000
MOST_SCAN_MB: Final = 50
SCAN_FORMATS: Final = ("pdf", "png", "jpg")


@command("applications.ask_supplement")
def ask_supplement(
    *,
    actor: Actor,
    dossier: Dossier,
    things: Mapping[str, str],
    reason: Mapping[str, str],
    until: dt.datetime | None = None,
) -> Supplement:
    """Ask the applicant to correct or complete these things (what -> kind), for this reason (language -> text).

    `until`: the end that was shown before; where a day has passed since, it is refused, so that nobody sends what they
    have not seen. From now on the application can be changed only in the places asked for, and until then. Raises
    `Refused`: no right, what `plan_supplement` refuses, no reason in the application's language.
    Side effects: mails to everybody who writes in the application.
    """
    person = acting_person(actor)
    dossier = locked(Dossier.objects.select_related("call__programme")).get(pk=dossier.pk)
    refuse_if(allowed(actor, rules.HANDLE_DOSSIER, dossier))
    _, draft, _ = application_to_supplement(dossier)
    if draft is not None:
        draft = locked_draft(draft)  # a press or a withdrawal that came before is seen
    moment = now()
    plan = plan_supplement(dossier, things, moment)
    words = supplement_reason(reason, draft.language if draft is not None else plan.definition.languages[0])
    if until is not None and until != plan.until:
        raise Refused([Reason("supplement_day_changed", {"until": in_words(plan.until, plan.zone)})])
    supplement = Supplement.objects.create(
        dossier=dossier,
        application=plan.application,
        draft=draft,
        round=plan.round,
        things=[{"what": what, "kind": kind} for what, kind in plan.things],
        places=list(plan.places),
        reason=words,
        terms=plan.terms_told(),
        asked_by=person,
        asked_at=moment,
        until=plan.until,
    )
    if draft is not None:
        draft.supplement = supplement
        draft.save(update_fields=["supplement"])
    asked = {"things": supplement.things, "places": supplement.places, "days": plan.terms.days}
    record(supplement, after=state_of(supplement), payload=told(supplement, **asked))
    tell_applicants(supplement, "supplement-asked")
    return supplement


@command("applications.extend_supplement")
def extend_supplement(*, actor: Actor, supplement: Supplement, day: dt.date, reason: str) -> Supplement:
    """Give until the end of this day, for this reason, which the applicant is told.

    Raises `Refused`: no right, its time is over, not later than before, too late, no reason. Side effects: mails.
    """
    person, supplement = acting_person(actor), whole(supplement.pk)
    refuse_if(allowed(actor, rules.HANDLE_DOSSIER, supplement.dossier))
    zone = _zone(supplement)
    until, reason = rules.last_second(day, zone), tidy(reason)
    facts = {"reason_given"} if reason else set()
    facts |= {"still_runs"} if rules.runs(supplement, now()) else set()
    facts |= {"ends_later"} if until > supplement.until else set()
    refuse_if(_named_end(supplement, check(SUPPLEMENT, "extend", supplement.state, facts)))
    refuse_if(text_faults(reason, "", LONGEST_REASON))
    if until > supplement.until + rules.LONGEST_EXTENSION:
        raise Refused([Reason("supplement_ends_too_late", {"days": rules.LONGEST_EXTENSION.days})])
    before, moment = state_of(supplement), now()
    SupplementExtension.objects.create(
        supplement=supplement, before=supplement.until, until=until, reason=reason, by=person, at=moment
    )
    supplement.until = until
    supplement.save(update_fields=["until"])
    record(supplement, before=before, after=state_of(supplement), payload=told(supplement))
    tell_applicants(supplement, "supplement-extended", what=f"extended:{until.isoformat()}", why=reason)
    return supplement


@command("applications.extend_supplements")
def extend_round(*, actor: Actor, supplement: Supplement, day: dt.date, reason: str) -> int:
    """The same for everybody of its call and round at this desk whose time still runs, so that nobody gets more time
    than others; returns how many. Who has until then or longer keeps that. Raises `Refused` as `extend_supplement`.
    """
    until, others = rules.last_second(day, _zone(supplement)), _others(actor, supplement)
    extended = [supplement, *(one for one in others if one.until < until and rules.runs(one, now()))]
    for one in _in_order(extended):
        extend_supplement(actor=actor, supplement=one, day=day, reason=reason)
    record(supplement.dossier.call, payload={"round": supplement.round, "supplements": len(extended)})
    return len(extended)


@command("applications.cancel_supplement")
def cancel_supplement(*, actor: Actor, supplement: Supplement, reason: str) -> Supplement:
    """Take the request back, for this reason, which the applicant is told; what is filed stands, and the round is not
    used up. Raises `Refused`: no right, ended already (expired ones can be taken back), no reason. Side effects: mails.
    """
    person, supplement = acting_person(actor), whole(supplement.pk)
    refuse_if(allowed(actor, rules.HANDLE_DOSSIER, supplement.dossier))
    reason = tidy(reason)
    refuse_if(check(SUPPLEMENT, "cancel", supplement.state, {"reason_given"} if reason else set()))
    refuse_if(text_faults(reason, "", LONGEST_REASON))
    before = state_of(supplement)
    supplement.ended_reason = reason
    end(supplement, "cancel", by=person)
    lift(supplement, supplement.draft)
    record(supplement, before=before, after=state_of(supplement), payload=told(supplement))
    tell_applicants(supplement, "supplement-cancelled", why=reason)
    announce(SupplementEnded(dossier_id=supplement.dossier_id, supplement_id=supplement.pk, state=supplement.state))
    return supplement


@command("applications.cancel_supplements")
def cancel_round(*, actor: Actor, supplement: Supplement, reason: str) -> int:
    """The same for everybody of its call and round at this desk whose supplement is open; returns how many."""
    cancelled = [supplement, *_others(actor, supplement)]
    for one in _in_order(cancelled):
        cancel_supplement(actor=actor, supplement=one, reason=reason)
    record(supplement.dossier.call, payload={"round": supplement.round, "supplements": len(cancelled)})
    return len(cancelled)


def enter_paper_answer(
    *, actor: Actor, supplement: Supplement, note: str, arrived_on: dt.date | None, name: str, content: BinaryIO | None
) -> Supplement:
    """Enter what came on paper for an application of a batch: a note, the day on which it arrived, a scan.

    The scan is looked at and kept before anything is locked. Raises `Refused`: no right, not on paper, no note, no day
    or one that does not lie within its time, no scan, a file that no place takes.
    """
    refuse_if(allowed(actor, rules.HANDLE_DOSSIER, supplement.dossier))
    called = shown(name)
    refuse_if(_against_entering(supplement, tidy(note), arrived_on))
    if content is None:
        raise Refused([Reason("supplement_needs_scan")])

    def accept(size: int, format: str | None) -> None:
        if not size:
            raise Refused([Reason("draft_file_empty", {"name": called})])
        if format not in SCAN_FORMATS:
            raise Refused([Reason("supplement_scan_format", {"name": called})])

    try:
        kept, format = take_in(content, name=called, most=MOST_SCAN_MB * MEGABYTE, accept=accept)
    except files.TooLarge:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": MOST_SCAN_MB})]) from None
    assert arrived_on is not None, "it was asked for"
    return keep_paper_answer(
        actor=actor,
        supplement=supplement,
        note=note,
        arrived_on=arrived_on,
        scan_sha256=kept.sha256,
        scan_name=harmless_name(name, format),
        scan_format=format,
        scan_bytes=kept.size,
    )


@command("applications.enter_supplement")
def keep_paper_answer(
    *,
    actor: Actor,
    supplement: Supplement,
    note: str,
    arrived_on: dt.date,
    scan_sha256: str,
    scan_name: str,
    scan_format: str,
    scan_bytes: int,
) -> Supplement:
    """Enter it with a scan that is in the store already. Use `enter_paper_answer`, which looks at it first."""
    person, supplement = acting_person(actor), whole(supplement.pk)
    refuse_if(allowed(actor, rules.HANDLE_DOSSIER, supplement.dossier))
    note = tidy(note)
    refuse_if(_against_entering(supplement, note, arrived_on))
    before = state_of(supplement)
    supplement.note, supplement.arrived_on = note, arrived_on
    supplement.scan_sha256, supplement.scan_name, supplement.scan_format = scan_sha256, scan_name, scan_format
    supplement.scan_bytes = scan_bytes
    end(supplement, "enter", by=person)
    entered = {"arrived_on": arrived_on.isoformat(), "scan_sha256": scan_sha256}
    record(supplement, before=before, after=state_of(supplement), payload=told(supplement, **entered))
    announce(SupplementEnded(dossier_id=supplement.dossier_id, supplement_id=supplement.pk, state=supplement.state))
    return supplement


@command("applications.remind_supplement")
def remind_supplement(*, actor: Actor, supplement: Supplement) -> int:
    """Tell those who write in the application that its supplement ends soon; returns how many. Once for each end.

    By the platform only. Ended, over, or reminded already: nothing changes.
    """
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    supplement = whole(supplement.pk)
    if not rules.runs(supplement, now()) or supplement.reminded_for == supplement.until:
        return unchanged(0)
    supplement.reminded_for = supplement.until
    supplement.save(update_fields=["reminded_for"])
    posted = tell_applicants(supplement, "supplement-reminder", what=f"reminder:{supplement.until.isoformat()}")
    record(supplement, payload=told(supplement, people=posted))
    return posted


def supplement_reason(reason: Mapping[str, str], needed: str) -> dict[str, str]:
    """The texts as they are kept; one in the language `needed` at least. Raises `Refused`, naming the language."""
    words = {language: text for language, given in reason.items() if (text := tidy(given))}
    faults = [] if needed in words else [Reason("supplement_needs_reason_in", {"language": needed})]
    for language, text in words.items():
        faults += language_faults(language)
        found = text_faults(text, "", LONGEST_REASON)
        faults += [Reason(one.code, {**one.params, "language": language}) for one in found]
    refuse_if(faults)
    return words


def _zone(supplement: Supplement) -> ZoneInfo:
    return ZoneInfo(supplement_definition(supplement).schedule.zone)


def _named_end(supplement: Supplement, reasons: Iterable[Reason]) -> list[Reason]:
    until = in_words(supplement.until, _zone(supplement))
    return [Reason(one.code, {"until": until}) if one.code == "supplement_over" else one for one in reasons]


def _others(actor: Actor, supplement: Supplement) -> list[Supplement]:
    """Open ones of the same call and round that this person handles."""
    rows = open_in_round(supplement, actor.person).exclude(pk=supplement.pk).select_related("dossier__call__programme")
    return [one for one in rows if one.state == OPEN and may(actor.person, rules.HANDLE_DOSSIER, one.dossier)]


def _in_order(supplements: Iterable[Supplement]) -> list[Supplement]:
    """In the order in which everybody locks them."""
    return sorted(supplements, key=lambda one: one.pk)


def _against_entering(supplement: Supplement, note: str, arrived_on: dt.date | None) -> list[Reason]:
    zone = _zone(supplement)
    facts = set() if supplement.draft_id else {"on_paper"}
    facts |= {"note_given"} if note else set()
    if arrived_on is None:
        return [*text_faults(note, "supplement_needs_note", LONGEST_REASON), Reason("supplement_needs_day")]
    facts |= {"arrived_since"} if arrived_on >= supplement.asked_at.astimezone(zone).date() else set()
    facts |= {"arrived_by_now"} if arrived_on <= now().astimezone(zone).date() else set()
    facts |= {"arrived_in_time"} if arrived_on <= supplement.until.astimezone(zone).date() else set()
    reasons = _named_end(supplement, check(SUPPLEMENT, "enter", supplement.state, facts))
    return reasons or list(text_faults(note, "", LONGEST_REASON))
