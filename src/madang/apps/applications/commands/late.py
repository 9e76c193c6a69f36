"""Late because of an outage of ours: an applicant asks, one of the office proposes, another one admits."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from madang.apps.applications import rules
from madang.apps.applications.commands.shared import acting_person, in_words, locked_draft
from madang.apps.applications.models import Draft, LateAdmission
from madang.apps.applications.queries import outage_named, outages_before_the_end, people_of
from madang.apps.calls.queries import definition_of
from madang.apps.enquiries.rules import text_faults, tidy
from madang.core.lifecycle import LATE_ADMISSION, check
from madang.core.lifecycle.draft import WRITABLE
from madang.core.lifecycle.late_admission import OPEN
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked_whole, record, refuse_if, unchanged
from madang.kernel.permissions import allowed

LONGEST_REASON = 2_000


@command("applications.ask_late_admission")
def ask_late_admission(*, actor: Actor, draft: Draft, reason: str) -> LateAdmission:
    """Ask that this draft may be pressed after the end, because an outage of ours kept it from being pressed in time.

    Asked already: the same. Raises `Refused`: no right to file, it can still be pressed, it is not being written, no
    outage is in the log for the last day before the end, no reason given.
    """
    person, draft = acting_person(actor), locked_draft(draft)
    refuse_if(allowed(actor, rules.FILE_DRAFT, draft))
    if standing := draft.late_admissions.filter(state__in=OPEN).first():
        return unchanged(standing)
    if rules.before_end(draft, now()):
        raise Refused([Reason("late_not_late")])
    if draft.state not in WRITABLE or draft.supplement is not None:  # what was filed in time is only completed
        raise Refused([Reason("late_nothing_to_press")])
    if draft.call.decided_at:
        raise Refused([Reason("call_already_decided")])
    if not outages_before_the_end(draft.call).exists():
        raise Refused([Reason("late_no_outage")])
    reason = _given(reason)
    admission = LateAdmission.objects.create(draft=draft, asked_by=person, asked_at=now(), asked_reason=reason)
    record(admission, after=_state(admission), payload={**_state(admission), "draft": draft.uid})
    return admission


@command("applications.propose_late_admission")
def propose_late_admission(
    *, actor: Actor, admission: LateAdmission, outage: str, reason: str, until: dt.datetime
) -> LateAdmission:
    """Propose to admit it: because of this outage (its uid), for this reason, which is published, until this moment.

    Raises `Refused`: no right (nobody decides for an applicant of their own), no such outage of the last day before
    the end, no reason, an end that is past or more than `rules.LATEST` away, decided already.
    """
    person, admission = acting_person(actor), _locked(admission)
    refuse_if(allowed(actor, rules.ADMIT_LATE, admission.draft))
    facts = _facts(admission, until) | ({"reason_given"} if reason.strip() else set())
    if outages_before_the_end(admission.draft.call).filter(uid=outage).exists():
        facts.add("outage_of_ours")
    refuse_if(check(LATE_ADMISSION, "propose", admission.state, facts))
    if until > now() + rules.LATEST:
        raise Refused([Reason("late_ends_too_late", {"days": rules.LATEST.days})])
    before = _state(admission)
    admission.state, admission.outage = LATE_ADMISSION.move("propose").to, outage
    admission.reason, admission.until = _given(reason), until.replace(microsecond=0)
    admission.proposed_by, admission.proposed_at = person, now()
    admission.save()
    record(admission, before=before, after=_state(admission), payload=_state(admission))
    return admission


@command("applications.admit_late")
def admit_late(*, actor: Actor, admission: LateAdmission) -> LateAdmission:
    """Admit it, as somebody else has proposed: the draft can be written and pressed until that moment.

    Raises `Refused`: no right, proposed by oneself, its end has passed, decided already. Side effects: mails to those
    who write in the draft; the admission is published with the call.
    """
    person, admission = acting_person(actor), _locked(admission)
    draft = locked_draft(admission.draft)
    refuse_if(allowed(actor, rules.ADMIT_LATE, draft))
    facts = _facts(admission, admission.until) | (
        {"another_person"} if person.pk != admission.proposed_by_id else set()
    )
    refuse_if(check(LATE_ADMISSION, "admit", admission.state, facts))
    before = _state(admission)
    admission.state, admission.decided_by, admission.decided_at = LATE_ADMISSION.move("admit").to, person, now()
    admission.save(update_fields=["state", "decided_by", "decided_at"])
    draft.admitted, draft.admitted_until = admission.uid, admission.until
    draft.save(update_fields=["admitted", "admitted_until"])
    record(admission, before=before, after=_state(admission), payload=_state(admission))
    _tell(admission, draft)
    return admission


@command("applications.refuse_late_admission")
def refuse_late_admission(*, actor: Actor, admission: LateAdmission, reason: str) -> LateAdmission:
    """Refuse it with a reason, which the applicant is told. Raises `Refused`: no right, no reason, decided already."""
    person, admission = acting_person(actor), _locked(admission)
    refuse_if(allowed(actor, rules.ADMIT_LATE, admission.draft))
    refuse_if(check(LATE_ADMISSION, "refuse", admission.state, {"reason_given"} if reason.strip() else set()))
    before = _state(admission)
    admission.state, admission.reason = LATE_ADMISSION.move("refuse").to, _given(reason)
    admission.decided_by, admission.decided_at = person, now()
    admission.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    record(admission, before=before, after=_state(admission), payload=_state(admission))
    _tell(admission, admission.draft)
    return admission


def _locked(admission: LateAdmission) -> LateAdmission:
    whole = LateAdmission.objects.select_related("draft__call__programme", "draft__organisation")
    found: LateAdmission = locked_whole(whole, admission.pk)
    return found


def _facts(admission: LateAdmission, until: dt.datetime | None) -> set[str]:
    found = set() if admission.draft.call.decided_at else {"not_decided"}
    if until is not None and until > now():
        found.add("ends_later")
    return found


def _given(reason: str) -> str:
    reason = tidy(reason)
    refuse_if(text_faults(reason, "late_needs_reason", LONGEST_REASON))
    return reason


def _state(admission: LateAdmission) -> dict[str, Any]:
    """Without the reasons: they are people's words."""
    until = admission.until.isoformat() if admission.until else None
    return {"uid": admission.uid, "state": admission.state, "outage": admission.outage, "until": until}


def _tell(admission: LateAdmission, draft: Draft) -> None:
    """Everybody who writes in the draft hears what was decided."""
    outage = outage_named(admission.outage)
    languages = definition_of(draft.version).languages
    for member in people_of(draft):
        reader = member.person
        context = {
            "call": mail.words_in(draft.call.title, reader.language, languages),
            "organisation": draft.organisation.name,
            "admitted": admission.state == LATE_ADMISSION.move("admit").to,
            "until": in_words(admission.until, ZoneInfo(reader.zone)) if admission.until else "",
            "outage": outage is not None,
            "reason": admission.reason,
            "path": f"/applications/{draft.uid}",
        }
        mail.post(
            "late-admission",
            to=reader.email,
            language=reader.language,
            languages=languages,
            about=draft.call.slug,
            prompt=True,
            context=context,
        )
