"""The press, and what may follow it: revise and press again, keep what is filed, withdraw, resume.

A press files what stands in the draft. Everything but the press was stored before; the press itself is one transaction
that writes the revision, its receipt, the row that is counted and the mails, and it counts by the moment at which it
arrived, whenever its turn comes.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.commands.life import follow_version
from madang.apps.applications.commands.reception import fields_of, first_field
from madang.apps.applications.commands.saving import put
from madang.apps.applications.commands.shared import (
    acting_person,
    against_moment,
    end_of,
    facts_of,
    in_words,
    locked_draft,
    zone_of,
)
from madang.apps.applications.commands.supplement_ends import answer_by_press, end_by_withdrawal
from madang.apps.applications.events import ApplicationFiled, ApplicationWithdrawn
from madang.apps.applications.models import Application, Dossier, Draft, DraftChange, Filing
from madang.apps.applications.queries import entered_of, people_of, standing_translations, values_at
from madang.apps.calls.queries import definition_of
from madang.apps.directory.models import Organisation
from madang.core.callspec import Definition
from madang.core.form import FormState, review
from madang.core.form.keys import Keys
from madang.core.form.places import changed_places, elsewhere
from madang.core.lifecycle import DRAFT, check
from madang.core.lifecycle.draft import FILED, REVISING, WITHDRAWN, WRITING
from madang.core.reasons import Reason
from madang.core.record.canonical import canonical, digest, text_digest
from madang.core.record.filing import FORM, FORMAT, signed
from madang.core.record.numbers import BITS, number_of, receipt_number
from madang.kernel import keys, mail
from madang.kernel.actors import SYSTEM, Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.permissions import allowed

MOST_MISSING: Final = 20
"""Things that one refusal names; of more it says how many there are."""
LONGEST_REASON: Final = 2000
"""Characters of a withdrawal's reason."""


@command("applications.file_draft")
def file_draft(*, actor: Actor, draft: Draft, seen_revision: int, arrived_at: dt.datetime) -> Filing:
    """File what stands in the draft, as the application's next revision; the receipt is in what comes back.

    Pressed again (twice, in another tab, by a browser that sends it once more) it is the same filing: `seen_revision`
    is the draft's revision that the filer had on screen, and one that was filed already is not filed anew,
    also where it was withdrawn and is written on since (its receipt then says that it is withdrawn).
    `arrived_at` is when the press came in; it alone is held against the deadline. Raises `Refused`: no right, before
    the opening, after the deadline, something is missing (each thing named), withdrawn or discarded. Under a supplement
    also: nothing changed, or something that it did not ask for (each place named); such a press answers it.
    Cost: one review of the form, one signature, about 20 statements. Side effects: mails; `ApplicationFiled`.
    """
    person, draft = acting_person(actor), locked_draft(draft)
    refuse_if(allowed(actor, rules.FILE_DRAFT, draft))
    standing = draft.standing
    if standing is not None and (draft.state == FILED or seen_revision <= standing.draft_revision):
        return unchanged(_whole(standing))
    if standing is None and draft.number and draft.state == WRITING:  # resumed: an old press does not count again
        last = draft.filings.filter(draft_revision__gte=seen_revision).order_by("-revision").first()
        if last is not None:
            return unchanged(_whole(last))
    # One applicant's presses come one after the other: a limit on applications must see the one before.
    locked(Organisation.objects).filter(pk=draft.organisation_id).first()
    if draft.call.versions.filter(number__gt=draft.version.number).exists():
        draft = follow_version(actor=SYSTEM, draft=draft)
    arrived_at = arrived_at.replace(microsecond=0)
    definition, entered = definition_of(draft.version), entered_of(draft)
    state = review(definition, entered)
    refuse_if(_reasons(draft, state, arrived_at))
    draft.number = draft.number or number_of(secrets.randbits(BITS))
    form = _form(draft, state)
    if draft.supplement is not None:
        form = _within_supplement(draft, form)
    elif standing is not None and digest(form) == standing.form_sha256:
        return _kept(draft, standing)
    filing = _filing(draft, definition, form, person, seen_revision, arrived_at)
    _count(draft, filing, definition, state, form)
    before = {"state": draft.state, "revision": standing.revision if standing else 0}
    answered = draft.supplement
    draft.state, draft.standing = DRAFT.move("file").to, filing
    draft.save(update_fields=["number", "state", "standing"])
    if answered is not None:
        answer_by_press(actor=actor, draft=draft, filing=filing)
    told = _told(draft, filing)
    record(draft, before=before, after={"state": draft.state, "revision": filing.revision}, payload=told)
    _tell(draft, filing, "application-filed", person, answers=answered is not None)
    announce(ApplicationFiled(draft_id=draft.pk, filing_id=filing.pk, revision=filing.revision))
    return filing


@command("applications.revise_filed")
def revise_filed(*, actor: Actor, draft: Draft) -> Draft:
    """Open a filed application for changes; what is filed goes on counting until it is pressed again.

    Raises `Refused`: no right, not filed, the call takes nothing any more. Open already: nothing changes.
    """
    draft = locked_draft(draft)
    refuse_if(allowed(actor, rules.WRITE_DRAFT, draft))
    if draft.state == REVISING:
        return unchanged(draft)
    refuse_if(against_moment(draft, "revise"))
    before, draft.state = draft.state, DRAFT.move("revise").to
    draft.revision, draft.changed_at = draft.revision + 1, now()  # a press of an older page is told from a new one
    draft.save(update_fields=["state", "revision", "changed_at"])
    record(draft, before={"state": before}, after={"state": draft.state}, payload={"draft": draft.uid})
    return draft


@command("applications.keep_filed")
def keep_filed(*, actor: Actor, draft: Draft) -> Draft:
    """Drop what was changed since the application was filed: everything stands again as it was filed.

    What is dropped stays in the history of each place. Possible after the deadline too. Raises `Refused`: no right, or
    nothing is being changed.
    """
    person, draft = acting_person(actor), locked_draft(draft)
    refuse_if(allowed(actor, rules.WRITE_DRAFT, draft))
    if draft.state == FILED:
        return unchanged(draft)
    refuse_if(check(DRAFT, "keep", draft.state))
    assert draft.standing is not None, "what is revised was filed"
    keys_ = _put_back(draft, draft.standing, person)
    before, draft.state = draft.state, DRAFT.move("keep").to
    draft.save(update_fields=["state", "revision", "changed_at", "track"])
    told = {"draft": draft.uid, "revision": draft.revision, "count": len(keys_)}
    record(draft, before={"state": before}, after={"state": draft.state}, payload=told)
    return draft


@command("applications.withdraw_application")
def withdraw_application(*, actor: Actor, draft: Draft, reason: str = "") -> Draft:
    """Take a filed application back. It stays, with its receipts; until the deadline it can be resumed and filed anew.

    `reason`, which may stay blank, is kept for the office. Raises `Refused`: no right, not filed, the call is decided.
    Withdrawn already: nothing changes.
    Side effects: mails to everybody who writes in it; `ApplicationWithdrawn`.
    """
    draft = locked_draft(draft)
    refuse_if(allowed(actor, rules.WITHDRAW_DRAFT, draft))
    if draft.state == WITHDRAWN:
        return unchanged(draft)
    refuse_if(check(DRAFT, "withdraw", draft.state, facts_of(draft)))
    filing = draft.standing
    assert filing is not None, "what stands was filed"
    Application.objects.filter(filing=filing).update(undone_at=now())
    before = {"state": draft.state, "revision": filing.revision}
    draft.state, draft.standing, draft.withdrawn_at = DRAFT.move("withdraw").to, None, now()
    draft.withdrawn_reason = reason.strip()[:LONGEST_REASON]
    draft.save(update_fields=["state", "standing", "withdrawn_at", "withdrawn_reason"])
    if draft.supplement is not None:
        end_by_withdrawal(actor=SYSTEM, draft=draft)
    told = {"draft": draft.uid, "number": draft.number, "revision": filing.revision}
    record(draft, before=before, after={"state": draft.state, "revision": 0}, payload=told)
    _tell(draft, filing, "application-withdrawn", actor.person)
    announce(ApplicationWithdrawn(draft_id=draft.pk, filing_id=filing.pk))
    return draft


@command("applications.resume_application")
def resume_application(*, actor: Actor, draft: Draft) -> Draft:
    """Write on in a withdrawn application. It does not count again before it is pressed again.

    Raises `Refused`: no right, not withdrawn, the call takes nothing any more.
    """
    draft = locked_draft(draft)
    refuse_if(allowed(actor, rules.WITHDRAW_DRAFT, draft))
    refuse_if(check(DRAFT, "resume", draft.state, facts_of(draft)))
    before, draft.state = draft.state, DRAFT.move("resume").to
    draft.revision, draft.changed_at, draft.withdrawn_at = draft.revision + 1, now(), None
    draft.save(update_fields=["state", "revision", "changed_at", "withdrawn_at"])
    record(draft, before={"state": before}, after={"state": draft.state}, payload={"draft": draft.uid})
    return draft


# --- One press -------------------------------------------------------------------------------------------------------


def _whole(filing: Filing) -> Filing:
    """The filing with its receipt, which lists leave in the database."""
    return Filing.objects.select_related("draft", "version").get(pk=filing.pk)


def _facts(draft: Draft, state: FormState, arrived_at: dt.datetime) -> set[str]:
    found = facts_of(draft)
    if rules.after_opening(draft, arrived_at):
        found.add("arrived_after_opening")
    if rules.before_end(draft, arrived_at):
        found.add("arrived_in_time")
    if state.complete:
        found.add("form_complete")
    return found


def _reasons(draft: Draft, state: FormState, arrived_at: dt.datetime) -> list[Reason]:
    """The lifecycle's reasons with what belongs to each: the deadline, or the things that are missing."""
    found: list[Reason] = []
    for reason in check(DRAFT, "file", draft.state, _facts(draft, state, arrived_at)):
        if reason.code == "press_after_deadline":
            told = {"arrived": in_words(arrived_at, zone_of(draft)), "until": end_of(draft)}
            return [Reason(reason.code, told)]  # what is missing does not matter any more
        if reason.code == "draft_incomplete":
            found.append(Reason(reason.code, {"count": max(1, len(state.missing))}))
            found += [missing.reason for missing in state.missing[:MOST_MISSING]]
        else:
            found.append(reason)
    return found


def _form(draft: Draft, state: FormState) -> dict[str, Any]:
    """What is filed, as canonical JSON values: `docs/formats/receipts.md`."""
    organisation, of = draft.organisation, state.application
    files = draft.files.filter(removed_at__isnull=True).select_related("handed_by").order_by("key", "at", "pk")
    return {
        FORM: FORMAT,
        "number": draft.number,
        "call": draft.call.slug,
        "definition": {"version": draft.version.number, "sha256": draft.version.sha256},
        "track": state.track,
        "language": draft.language,
        "applicant": {
            "organisation": organisation.uid,
            "name": of.applicant,
            "kind": of.kind,
            "country": of.country,
        },
        "answers": dict(of.answers),
        "members": [dict(member) for member in of.members],
        "files": [
            {"uid": one.uid, "key": one.key, "name": one.name, "format": one.format, "size_bytes": one.size_bytes,
             "sha256": one.sha256, **({"handed_by": one.handed_by.partner} if one.handed_by else {})}
            for one in files
            if one.key in state.places and state.places[one.key].shown
        ],
        "translations": [
            {"key": key, "language": one.language, "origin": one.origin, "text": one.text}
            for key, one in standing_translations(draft, state)
        ],
    }  # fmt: skip


def _within_supplement(draft: Draft, form: dict[str, Any]) -> dict[str, Any]:
    """The form that answers the supplement: who applies stays as it was filed, and nothing else may differ than what
    was asked for. Raises `Refused`.
    """
    supplement = draft.supplement
    assert supplement is not None, "only then is it asked"
    assert draft.standing is not None, "what is supplemented was filed"
    before = _whole(draft.standing).content
    form["applicant"] = before["applicant"]
    if changed := elsewhere(before, form, supplement.places):
        raise Refused([Reason("supplement_changes_elsewhere", {"places": list(changed)})])
    if not changed_places(before, form):
        raise Refused([Reason("supplement_nothing_changed")])
    return form


def _filing(
    draft: Draft,
    definition: Definition,
    form: Mapping[str, Any],
    person: Person,
    seen_revision: int,
    arrived_at: dt.datetime,
) -> Filing:
    text = canonical(form).decode()
    last = draft.standing.revision if draft.standing else _last_revision(draft)
    sha256, zone, until = text_digest(text), ZoneInfo(definition.schedule.zone), rules.counts_until(draft)
    receipt = signed(
        keys.load_or_make(),
        number=draft.number or "",
        revision=last + 1,
        call=draft.call.slug,
        track=draft.track,
        definition_version=draft.version.number,
        definition_sha256=draft.version.sha256,
        form_sha256=sha256,
        files=len(form["files"]),
        arrived_at=arrived_at.astimezone(zone).isoformat(),
        counts_until=until.astimezone(zone).isoformat() if until else "",
        zone=zone.key,
        site=settings.SITE_ADDRESS,
        sample=draft.call.is_sample,
        late_admission=draft.admitted if not draft.supplement and rules.is_late(draft, arrived_at) else "",
        supplement=draft.supplement.uid if draft.supplement else "",
    )
    return Filing.objects.create(
        draft=draft,
        revision=last + 1,
        version=draft.version,
        draft_revision=draft.revision,
        seen_revision=min(seen_revision, draft.revision),
        form=text,
        form_sha256=sha256,
        receipt=receipt,
        arrived_at=arrived_at,
        filed_at=now(),
        by=person,
    )


def _last_revision(draft: Draft) -> int:
    """Of an application that does not stand: it may have been withdrawn."""
    if draft.number is None:
        return 0
    return draft.filings.order_by("-revision").values_list("revision", flat=True).first() or 0


def _count(draft: Draft, filing: Filing, definition: Definition, state: FormState, form: Mapping[str, Any]) -> None:
    """The row that lists and statistics count; the one of the revision before stands no longer.

    What answers a supplement came in when the application did: it is in time by that, and not by its own moment.
    """
    if draft.standing_id:
        Application.objects.filter(filing=draft.standing_id).update(undone_at=filing.filed_at)
    of, applicant, zone = state.application, form["applicant"], ZoneInfo(definition.schedule.zone)
    received = f"{filing.arrived_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    admitted = draft.admitted if rules.is_late(draft, filing.arrived_at) else ""
    if draft.supplement is not None:
        before = Application.objects.get(filing=draft.standing_id)
        received, admitted = before.received, before.admitted
    Application.objects.create(
        filing=filing,
        dossier=_dossier(draft, filing, state.track),
        call=draft.call,
        reference=draft.number or "",
        applicant_name=applicant["name"],
        organisation=draft.organisation.uid,
        kind=applicant["kind"],
        track=state.track,
        country=applicant["country"],
        field=first_field(of, fields_of(definition)),
        answers=dict(of.answers),
        members=[dict(member) for member in of.members],
        received=received,
        received_at=filing.arrived_at,
        admitted=admitted,
        is_sample=draft.call.is_sample,
    )


def _dossier(draft: Draft, filing: Filing, track: str) -> Dossier:
    """Opened at the first press, the same for every later one. One statement at the first, two later."""
    given = {"track": track, "opened_at": filing.filed_at}
    if filing.revision == 1:
        return Dossier.objects.create(call=draft.call, reference=draft.number or "", **given)
    found = Dossier.objects.get(call=draft.call, reference=draft.number)
    if found.track != track:
        found.track = track
        found.save(update_fields=["track"])
    return found


def _kept(draft: Draft, standing: Filing) -> Filing:
    """Pressed again with nothing changed: what is filed stands, under its receipt."""
    before, draft.state = draft.state, DRAFT.move("keep").to
    draft.save(update_fields=["state"])
    told = {"draft": draft.uid, "number": draft.number, "revision": standing.revision}
    record(draft, before={"state": before}, after={"state": draft.state}, payload=told)
    return _whole(standing)


def _told(draft: Draft, filing: Filing) -> dict[str, Any]:
    return {
        "draft": draft.uid,
        "number": draft.number,
        "revision": filing.revision,
        "form_sha256": filing.form_sha256,
        "arrived_at": filing.arrived_at.isoformat(),
        "version": draft.version.number,
    }


def _tell(draft: Draft, filing: Filing, template: str, by: Any, *, answers: bool = False) -> None:
    """One mail to everybody who writes in the application, with the receipt in it."""
    zone, until = zone_of(draft), rules.counts_until(draft)
    languages = definition_of(draft.version).languages
    until = until if until is not None and now() <= until else None  # what can be done no more is not offered
    for member in people_of(draft):
        reader = member.person
        own = ZoneInfo(reader.zone)
        there, here = filing.arrived_at.astimezone(zone), filing.arrived_at.astimezone(own)
        context: Mapping[str, Any] = {
            "call": mail.words_in(draft.call.title, reader.language, languages),
            "organisation": draft.organisation.name,
            "number": receipt_number(draft.number or "", filing.revision),
            "revision": filing.revision,
            "arrived": in_words(filing.arrived_at, zone),
            "until": in_words(until, zone) if until else "",
            "elsewhere": there.utcoffset() != here.utcoffset(),
            "arrived_here": in_words(filing.arrived_at, own),
            "until_here": in_words(until, own) if until else "",
            "sha256": filing.form_sha256,
            "receipt": filing.receipt,
            "by": by.shown if by is not None else "",
            "own": by is not None and by.pk == reader.pk,
            "answers": answers,
            "path": f"/applications/{draft.uid}",
            "verify": f"/verify/{receipt_number(draft.number or '', filing.revision)}",
        }
        mail.post(
            template,
            to=reader.email,
            language=reader.language,
            languages=languages,
            about=draft.call.slug,
            prompt=True,
            context=context,
        )


# --- Back to what is filed -------------------------------------------------------------------------------------------


def _put_back(draft: Draft, filing: Filing, person: Person) -> list[str]:
    """Answers and files as they stood when this was filed; the places that were changed since. Translations stay: they
    follow their original's revision.
    """
    changed = DraftChange.objects.filter(draft=draft, revision__gt=filing.draft_revision)
    names = sorted(set(changed.values_list("key", flat=True)))
    named = {name: Keys(definition_of(draft.version)).named(name) for name in names}
    files = {name for name, place in named.items() if place is not None and place.kind == "files"}
    kept = {file["uid"] for file in _whole(filing).content["files"]}
    for file in draft.files.filter(key__in=files):
        if (file.uid in kept) != (file.removed_at is None):
            file.removed_at = None if file.uid in kept else now()
            file.save(update_fields=["removed_at"])
    typed = [name for name in names if name not in files]
    before = values_at(draft, typed, filing.draft_revision)
    empty = {name: () if (place := named[name]) is not None and place.many else "" for name in typed}
    if typed:
        put(draft, person, {**empty, **before})
    return names
