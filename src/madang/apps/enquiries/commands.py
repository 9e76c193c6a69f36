"""Writes: questions and their replies, answers to all, contacts, and briefing sessions with registration.

No text of a question stands in a journal row or a mail: those who may read it follow the link.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import holders
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition, state_of
from madang.apps.directory.commands import move_by_merge
from madang.apps.directory.models import Handover, Merge, Organisation
from madang.apps.directory.queries import handed_over_in, was_followed
from madang.apps.enquiries import rules
from madang.apps.enquiries.events import AnswerPublished, BriefingChanged, EnquiryAsked
from madang.apps.enquiries.models import Briefing, Contact, Enquiry, PublicAnswer, Registration, Reply
from madang.apps.enquiries.queries import (
    as_published,
    seated,
    seats_taken,
    secretariat_of,
    standing,
    takes_seat,
    waiting,
)
from madang.core.lifecycle import ENQUIRY, check
from madang.core.lifecycle.call import CLOSED, DRAFT, OPEN, PUBLISHED
from madang.core.lifecycle.enquiry import ANSWERED, ASKED
from madang.core.lifecycle.enquiry import CLOSED as ENDED
from madang.core.reasons import Reason
from madang.core.record.canonical import digest
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.permissions import allowed
from madang.papers.wording import Wording

Words = Mapping[str, str]  # {language: text}

# --- Private questions ------------------------------------------------------------------------------------------------


@command("enquiries.ask")
def ask(
    *,
    actor: Actor,
    call: Call,
    question: str,
    language: str,
    track: str = "",
    organisation: Organisation | None = None,
) -> Enquiry:
    """Ask the call's office, privately. `language` is the question's; `organisation` one that the asker belongs to.

    The same text that still waits, sent again (a form sent twice), is the same question: nothing changes.
    Raises `Refused`. Side effects: a mail to each one at the desk; an `EnquiryAsked` event.
    """
    asker = locked(Person.objects).get(pk=_person(actor).pk)  # the limit holds also for two questions at once
    refuse_if(allowed(actor, rules.ASK))
    question = rules.tidy(question)
    refuse_if(rules.text_faults(question, "question_needs_text", rules.LONGEST_QUESTION))
    for same in waiting(call, asker).filter(question=question):
        return unchanged(same)
    if state_of(call) not in (PUBLISHED, OPEN, CLOSED):
        raise Refused([Reason("call_takes_no_questions")])
    definition = current_definition(call)
    refuse_if(rules.track_faults(definition, track))
    if language not in {*definition.languages, "ko", "en"}:
        raise Refused([Reason("no_such_language", {"language": language[:20]})])
    if organisation and not asker.affiliations.filter(organisation=organisation, ended_at__isnull=True).exists():
        raise Refused([Reason("asks_for_another_organisation")])
    if waiting(call, asker).count() >= rules.MOST_OPEN:
        raise Refused([Reason("too_many_open_questions", {"most": rules.MOST_OPEN})])
    enquiry = Enquiry.objects.create(
        call=call,
        track=track,
        asker=asker,
        organisation=organisation,
        language=language,
        question=question,
        state=ASKED,
        asked_at=now(),
    )
    record(enquiry, after=_state(enquiry), payload=_state(enquiry))
    _tell_desk(enquiry, f"asked-{enquiry.uid}")
    announce(EnquiryAsked(enquiry_id=enquiry.pk))
    return enquiry


@command("enquiries.ask_on")
def ask_on(*, actor: Actor, enquiry: Enquiry, text: str) -> Enquiry:
    """The asker adds to the question; it waits for the office again. The last message sent again changes nothing.

    Raises `Refused`. Side effects: a mail to each one at the desk; an `EnquiryAsked` event.
    """
    enquiry, text = _locked(enquiry), rules.tidy(text)
    refuse_if(allowed(actor, rules.ASK_ON, enquiry))
    last = list(enquiry.replies.order_by("-pk")[: rules.MOST_FOLLOWING])
    if _repeated(last, text, by_office=False):
        return unchanged(enquiry)
    refuse_if(check(ENQUIRY, "ask_on", enquiry.state, {"text_given"} if text else ()))
    refuse_if(rules.text_faults(text, "question_needs_text", rules.LONGEST_QUESTION))
    if len(last) == rules.MOST_FOLLOWING and not any(one.by_office for one in last):
        raise Refused([Reason("too_many_follow_ups", {"most": rules.MOST_FOLLOWING})])
    reply = _say(enquiry, actor, text, by_office=False, state=ASKED)
    _tell_desk(enquiry, f"asked-{enquiry.uid}-{reply.pk}")
    announce(EnquiryAsked(enquiry_id=enquiry.pk))
    return enquiry


@command("enquiries.reply")
def reply(*, actor: Actor, enquiry: Enquiry, text: str) -> Enquiry:
    """The office answers the asker, privately. The last message sent again changes nothing.

    Raises `Refused`. Side effects: a mail to the asker, without the text.
    """
    enquiry, text = _locked(enquiry), rules.tidy(text)
    refuse_if(allowed(actor, rules.ANSWER, enquiry))
    if _repeated(enquiry.replies.order_by("-pk")[:1], text, by_office=True):
        return unchanged(enquiry)
    refuse_if(check(ENQUIRY, "reply", enquiry.state, {"text_given"} if text else ()))
    refuse_if(rules.text_faults(text, "reply_needs_text", rules.LONGEST_REPLY))
    said = _say(enquiry, actor, text, by_office=True, state=ANSWERED)
    _tell_asker(enquiry, f"answered-{enquiry.uid}-{said.pk}")
    return enquiry


@command("enquiries.close")
def close(*, actor: Actor, enquiry: Enquiry, reason: str) -> Enquiry:
    """The office ends the thread; the reason is shown to the asker. Closed already: nothing changes.

    Raises `Refused`. Side effects: a mail to the asker.
    """
    enquiry, reason = _locked(enquiry), rules.tidy(reason)
    refuse_if(allowed(actor, rules.ANSWER, enquiry))
    if enquiry.state == ENDED and enquiry.closed_reason == reason:
        return unchanged(enquiry)
    refuse_if(check(ENQUIRY, "close", enquiry.state, {"reason_given"} if reason else ()))
    refuse_if(rules.text_faults(reason, "closing_needs_reason", rules.LONGEST_REASON))
    before = _state(enquiry)
    enquiry.state, enquiry.closed_reason = ENDED, reason
    enquiry.save(update_fields=["state", "closed_reason"])
    record(enquiry, before=before, after=_state(enquiry), payload={"state": enquiry.state})
    _tell_asker(enquiry, f"closed-{enquiry.uid}")
    return enquiry


TAKE_OVER: Final = "enquiries.take_over_enquiries"
FOLLOW_MERGE: Final = "enquiries.follow_merge"


@command(TAKE_OVER)
def take_over_enquiries(*, actor: Actor, handover: Handover) -> int:
    """What a handover passes on in this room: the giver's questions that were asked for its organisation (or for one
    that had been merged into it) and are not closed now belong to the taker. Of roles alone: none. Returns how many.

    What the giver asks later stays. By the platform only; the right was asked for when the handover was written.
    Passed on already: nothing changes.
    """
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    locked(Person.objects).get(pk=handover.giver_id)  # a handover is written once, and cannot be locked itself
    handover = Handover.objects.get(pk=handover.pk)
    if handover.organisation_id is None or was_followed(handover, TAKE_OVER):
        return unchanged(0)
    asked = Enquiry.objects.filter(asker=handover.giver_id, asked_at__lte=handover.at).exclude(state=ENDED)
    rows = locked(asked.filter(organisation__in=handed_over_in(handover)))
    passed = [enquiry.pk for enquiry in rows.order_by("pk")]
    Enquiry.objects.filter(pk__in=passed).update(asker=handover.taker_id)
    record(handover, payload={"handover": handover.uid, "enquiries": passed})
    return len(passed)


@command(FOLLOW_MERGE)
def follow_merge(*, actor: Actor, merge: Merge) -> int:
    """Questions asked for an absorbed organisation belong to the kept one; once the merge is undone, those that went
    go back. By the platform only. Returns how many (see `move_by_merge`); followed already: nothing changes.
    """
    if actor.kind != "system":
        raise Refused([Reason("not_permitted")])
    return move_by_merge(merge, Enquiry.objects.all(), by=FOLLOW_MERGE, what="enquiries")


# --- Answers to all ---------------------------------------------------------------------------------------------------


@command("enquiries.publish_answer")
def publish_answer(
    *,
    actor: Actor,
    call: Call,
    question: Words,
    answer: Words,
    track: str = "",
    enquiry: Enquiry | None = None,
    corrects: PublicAnswer | None = None,
    looked: bool = False,
) -> PublicAnswer:
    """Answer a question to all, in every language of the call; it joins the call's record and is never changed.

    `enquiry` is the private question that it began with, `corrects` the answer that it replaces. `looked`: a human
    being has looked at whatever address or number still stands in the texts. What is known to be the asker's or the
    organisation's is refused always. The last answer sent again changes nothing.
    Raises `Refused`. Side effects: the question counts as answered, a mail to its asker; an `AnswerPublished` event.
    """
    call = locked(Call.objects).select_related("programme").get(pk=call.pk)
    about = rules.About(call, track)
    refuse_if(allowed(actor, rules.ANSWER, about))
    if state_of(call) == DRAFT:
        raise Refused([Reason("call_is_draft")])
    definition = current_definition(call)
    refuse_if(rules.track_faults(definition, track))
    asked = {language: rules.tidy(question.get(language, "")) for language in definition.languages}
    said = {language: rules.tidy(answer.get(language, "")) for language in definition.languages}
    last = call.answers.order_by("-number").first()
    same = (asked, said, track, corrects and corrects.pk)
    if last and (last.question, last.answer, last.track, last.corrects_id) == same:
        return unchanged(last)
    if enquiry:
        enquiry = _locked(enquiry)
        refuse_if(allowed(actor, rules.ANSWER, enquiry))
    if corrects:  # another desk's answer is not mended by naming one's own type
        refuse_if(allowed(actor, rules.ANSWER, corrects))
    refuse_if(rules.against_answer(call, asked, said, enquiry, corrects, looked=looked))
    published = PublicAnswer(
        call=call,
        number=last.number + 1 if last else 1,
        track=track,
        question=asked,
        answer=said,
        enquiry=enquiry,
        corrects=corrects,
        published_at=now().replace(microsecond=0),
        published_by=actor.id,
    )
    published.sha256 = digest(as_published(published, call.slug, corrects.number if corrects else None))
    published.save()
    payload = {"number": published.number, "sha256": published.sha256}
    record(
        call,
        after={"answers": published.number, "sha256": published.sha256},
        payload={**payload, "track": track, "corrects": corrects.number if corrects else None},
    )
    if enquiry and enquiry.state == ASKED:
        refuse_if(check(ENQUIRY, "reply", enquiry.state, {"text_given"}))
        enquiry.state = ANSWERED
        enquiry.save(update_fields=["state"])
    if enquiry:
        _tell_asker(enquiry, f"published-{enquiry.uid}-{published.number}", answer=published)
    announce(AnswerPublished(call_id=call.pk, answer_id=published.pk, number=published.number))
    return published


# --- Contacts ---------------------------------------------------------------------------------------------------------


@command("enquiries.set_contact")
def set_contact(
    *,
    actor: Actor,
    call: Call,
    name: Words,
    email: str = "",
    phone: str = "",
    hours: Words | None = None,
    track: str = "",
) -> Contact:
    """Name who answers for a track of the call (blank: for all); whoever stood there before ends.

    `name` in every language of the call, and an address or a telephone number. Raises `Refused`.
    """
    call = locked(Call.objects).select_related("programme").get(pk=call.pk)
    refuse_if(allowed(actor, rules.ANSWER, rules.About(call, track)))
    definition = current_definition(call)
    refuse_if(rules.track_faults(definition, track))
    languages = definition.languages
    names = {language: rules.tidy(name.get(language, "")) for language in languages}
    open_hours = {k: text for k in languages if (text := rules.tidy((hours or {}).get(k, "")))}
    email, phone = email.strip().lower(), rules.tidy(phone)
    reasons = [Reason("contact_needs_name", {"language": k}) for k, text in names.items() if not text]
    reasons += _lines([*names.values(), *open_hours.values(), phone])
    if not email and not phone:
        reasons.append(Reason("contact_needs_way"))
    if email and not _is_address(email):
        reasons.append(Reason("not_an_address", {"given": email[:80]}))
    if len(phone) > 40:
        reasons.append(Reason("words_too_long", {"most": 40, "length": len(phone)}))
    refuse_if(reasons)
    before = Contact.objects.filter(call=call, track=track, ended_at__isnull=True).order_by("-pk").first()
    wanted = {"name": names, "email": email, "phone": phone, "hours": open_hours}
    if before and all(getattr(before, field) == value for field, value in wanted.items()):
        return unchanged(before)
    Contact.objects.filter(call=call, track=track, ended_at__isnull=True).update(ended_at=now())
    contact = Contact.objects.create(call=call, track=track, is_sample=call.is_sample, **wanted)
    record(contact, payload={"call": call.slug, "track": track, "replaces": before.pk if before else None})
    return contact


@command("enquiries.end_contact")
def end_contact(*, actor: Actor, contact: Contact) -> Contact:
    """Nobody is named there any more. Ended already: nothing changes. Raises `Refused`."""
    contact = locked(Contact.objects).select_related("call__programme").get(pk=contact.pk)
    refuse_if(allowed(actor, rules.ANSWER, contact))
    if contact.ended_at:
        return unchanged(contact)
    contact.ended_at = now()
    contact.save(update_fields=["ended_at"])
    record(contact, payload={"call": contact.call.slug, "track": contact.track, "ended": True})
    return contact


# --- Briefing sessions ------------------------------------------------------------------------------------------------


@command("enquiries.plan_briefing")
def plan_briefing(
    *,
    actor: Actor,
    call: Call,
    begins_at: dt.datetime,
    ends_at: dt.datetime,
    title: Words | None = None,
    place: Words | None = None,
    link: str = "",
    language: str = "",
    seats: int | None = None,
) -> Briefing:
    """Plan a session: on site (`place` in every language of the call), online (`link`), or both. `seats`: of the room.

    The same session planned again (a form sent twice) changes nothing. Raises `Refused`.
    Side effects: a `BriefingChanged` event.
    """
    call = locked(Call.objects).select_related("programme").get(pk=call.pk)
    refuse_if(allowed(actor, rules.ANSWER, rules.About(call)))
    if state_of(call) == DRAFT:
        raise Refused([Reason("call_is_draft")])
    wanted = _briefing(call, begins_at, ends_at, title, place, link, language, seats)
    if same := call.briefings.filter(**wanted, cancelled_at__isnull=True).first():
        return unchanged(same)
    briefing = Briefing.objects.create(call=call, is_sample=call.is_sample, **wanted)
    record(briefing, after=_when(briefing), payload={"call": call.slug, **_when(briefing)})
    announce(BriefingChanged(call_id=call.pk, briefing_id=briefing.pk))
    return briefing


@command("enquiries.change_briefing")
def change_briefing(
    *,
    actor: Actor,
    briefing: Briefing,
    begins_at: dt.datetime,
    ends_at: dt.datetime,
    title: Words | None = None,
    place: Words | None = None,
    link: str = "",
    language: str = "",
    seats: int | None = None,
) -> Briefing:
    """Change a session. Nobody who has a seat loses it: fewer seats than are taken are refused. Raises `Refused`.

    Side effects: a mail to everybody registered where day, place or link change, and to whoever got a seat by it; a
    `BriefingChanged` event.
    """
    briefing = _locked_briefing(briefing)
    call = briefing.call
    refuse_if(allowed(actor, rules.ANSWER, rules.About(call)))
    refuse_if(_still_planned(briefing))
    wanted = _briefing(call, begins_at, ends_at, title, place, link, language, seats)
    if all(getattr(briefing, field) == value for field, value in wanted.items()):
        return unchanged(briefing)
    registered = standing(briefing)
    seated_before = {one.pk for one in seated(briefing, registered)}
    taken, before = seats_taken(briefing, registered), _when(briefing)
    told = any(getattr(briefing, field) != wanted[field] for field in ("begins_at", "ends_at", "place", "link"))
    for field, value in wanted.items():
        setattr(briefing, field, value)
    seated_now = seated(briefing, registered)
    if seated_before - {one.pk for one in seated_now}:
        raise Refused([Reason("seats_are_taken", {"taken": taken})])
    briefing.save()
    record(briefing, before=before, after=_when(briefing), payload={"call": call.slug, **_when(briefing)})
    for one in registered:
        if told:
            _tell(one, "briefing_changed", f"changed-{briefing.uid}-{one.pk}-{_version(briefing)}")
    for one in seated_now:
        if one.pk not in seated_before:
            _tell(one, "briefing_moved_up", f"seat-{briefing.uid}-{one.pk}")
    announce(BriefingChanged(call_id=call.pk, briefing_id=briefing.pk))
    return briefing


@command("enquiries.cancel_briefing")
def cancel_briefing(*, actor: Actor, briefing: Briefing) -> Briefing:
    """The session does not take place. Cancelled already: nothing changes. Raises `Refused`.

    Side effects: a mail to everybody registered; a `BriefingChanged` event.
    """
    briefing = _locked_briefing(briefing)
    refuse_if(allowed(actor, rules.ANSWER, rules.About(briefing.call)))
    if briefing.cancelled_at:
        return unchanged(briefing)
    refuse_if(_still_planned(briefing))
    briefing.cancelled_at = now()
    briefing.save(update_fields=["cancelled_at"])
    registered = standing(briefing)
    record(briefing, payload={"call": briefing.call.slug, "cancelled": True, "registered": len(registered)})
    for one in registered:
        _tell(one, "briefing_cancelled", f"cancelled-{briefing.uid}-{one.pk}")
    announce(BriefingChanged(call_id=briefing.call_id, briefing_id=briefing.pk))
    return briefing


@command("enquiries.register")
def register(*, actor: Actor, briefing: Briefing, online: bool = False) -> Registration:
    """Take part in a session; beyond the seats one waits, in the order of registration. Registered already: unchanged.

    `online` counts where the session has both a room and a link. Raises `Refused`. Side effects: a mail that says
    whether there is a seat.
    """
    person = _person(actor)
    briefing = _locked_briefing(briefing)
    refuse_if(allowed(actor, rules.REGISTER))
    if there := briefing.registrations.filter(person=person, cancelled_at__isnull=True).first():
        return unchanged(there)
    refuse_if(_still_planned(briefing))
    registration = Registration.objects.create(
        briefing=briefing,
        person=person,
        online=bool(briefing.link) and (online or not briefing.place),
        registered_at=now(),
    )
    waits = registration not in seated(briefing, standing(briefing))
    record(registration, payload={"briefing": briefing.uid, "online": registration.online, "waits": waits})
    _tell(registration, "briefing_registered", f"registered-{briefing.uid}-{registration.pk}", waits=waits)
    return registration


@command("enquiries.cancel_registration")
def cancel_registration(*, actor: Actor, registration: Registration) -> Registration:
    """Not come after all; the first who waits gets the seat. Cancelled already: nothing changes. Raises `Refused`.

    Side effects: a mail to whoever got the seat.
    """
    briefing = _locked_briefing(registration.briefing)
    registration = locked(Registration.objects).get(pk=registration.pk)
    refuse_if(allowed(actor, rules.CANCEL_REGISTRATION, registration))
    if registration.cancelled_at:
        return unchanged(registration)
    refuse_if(_still_planned(briefing))
    seated_before = {one.pk for one in seated(briefing, standing(briefing))}
    registration.cancelled_at = now()
    registration.save(update_fields=["cancelled_at"])
    moved = [one for one in seated(briefing, standing(briefing)) if one.pk not in seated_before]
    record(registration, payload={"briefing": briefing.uid, "cancelled": True, "moved_up": [one.pk for one in moved]})
    for one in moved:
        _tell(one, "briefing_moved_up", f"seat-{briefing.uid}-{one.pk}")
    return registration


# --- Inside -----------------------------------------------------------------------------------------------------------


def _person(actor: Actor) -> Person:
    if not isinstance(actor.person, Person):
        raise Refused([Reason("people_only")])
    return actor.person


def _locked(enquiry: Enquiry) -> Enquiry:
    rows = Enquiry.objects.select_related("call__programme", "asker")
    return locked(rows).get(pk=enquiry.pk)


def _locked_briefing(briefing: Briefing) -> Briefing:
    return locked(Briefing.objects).select_related("call__programme").get(pk=briefing.pk)


def _say(enquiry: Enquiry, actor: Actor, text: str, *, by_office: bool, state: str) -> Reply:
    before = _state(enquiry)
    said = Reply.objects.create(enquiry=enquiry, by=_person(actor), by_office=by_office, text=text, at=now())
    enquiry.state = state
    enquiry.save(update_fields=["state"])
    record(enquiry, before=before, after=_state(enquiry), payload={"state": state, "reply": said.pk})
    return said


def _repeated(last: Iterable[Reply], text: str, *, by_office: bool) -> bool:
    newest = next(iter(last), None)
    return newest is not None and newest.by_office == by_office and newest.text == text


def _lines(texts: Iterable[str]) -> list[Reason]:
    return [reason for text in texts if text for reason in rules.text_faults(text, "", rules.LONGEST_LINE)]


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def _is_link(link: str) -> bool:
    try:
        URLValidator(schemes=["https"])(link)
    except ValidationError:
        return False
    return len(link) <= 500


def _briefing(
    call: Call,
    begins_at: dt.datetime,
    ends_at: dt.datetime,
    title: Words | None,
    place: Words | None,
    link: str,
    language: str,
    seats: int | None,
) -> dict[str, Any]:
    """The fields of a sound session. Raises `Refused`."""
    definition = current_definition(call)
    titles = {k: text for k in definition.languages if (text := rules.tidy((title or {}).get(k, "")))}
    places = {k: text for k in definition.languages if (text := rules.tidy((place or {}).get(k, "")))}
    link = link.strip()
    reasons = [*_lines([*titles.values(), *places.values()]), *rules.text_faults(link, "", 500)]
    if ends_at <= begins_at:
        reasons.append(Reason("briefing_ends_first"))
    elif begins_at <= now():
        reasons.append(Reason("briefing_is_past"))
    if not places and not link:
        reasons.append(Reason("briefing_needs_place"))
    if places:
        reasons += [Reason("briefing_place_lacks", {"language": k}) for k in definition.languages if k not in places]
    if link and not _is_link(link):
        reasons.append(Reason("briefing_link_is_no_address"))
    if seats is not None and not 1 <= seats <= 100_000:
        reasons.append(Reason("briefing_seats_out_of_range", {"most": 100_000}))
    if language and language not in {*definition.languages, "ko", "en"}:
        reasons.append(Reason("no_such_language", {"language": language[:20]}))
    refuse_if(reasons)
    return {
        "title": titles,
        "begins_at": begins_at,
        "ends_at": ends_at,
        "place": places,
        "link": link,
        "language": language,
        "seats": seats,
    }


def _still_planned(briefing: Briefing) -> list[Reason]:
    if briefing.cancelled_at:
        return [Reason("briefing_is_cancelled")]
    return [Reason("briefing_has_begun")] if briefing.begins_at <= now() else []


def _state(enquiry: Enquiry) -> dict[str, Any]:
    """Without any text: the journal never forgets."""
    return {"uid": enquiry.uid, "call": enquiry.call_id, "track": enquiry.track, "state": enquiry.state}


def _when(briefing: Briefing) -> dict[str, Any]:
    """What the journal keeps of a session: the online link opens a door, so it is not in it."""
    return {
        "begins_at": briefing.begins_at.isoformat(),
        "ends_at": briefing.ends_at.isoformat(),
        "seats": briefing.seats,
        "on_site": bool(briefing.place),
        "online": bool(briefing.link),
    }


def _version(briefing: Briefing) -> str:
    return digest({**_when(briefing), "place": briefing.place, "link": briefing.link})[:16]


# --- Mail -------------------------------------------------------------------------------------------------------------


def _tell_desk(enquiry: Enquiry, key: str) -> None:
    """Everybody who holds the secretariat of the question's track; the programme's officers where nobody does."""
    programme = enquiry.call.programme.slug
    desk = secretariat_of(enquiry.call, enquiry.track)
    people = list(holders(Role.SECRETARIAT, programme=programme, secretariat=desk))
    for person in people or list(holders(Role.OFFICER, programme=programme)):
        _post("enquiry_asked", person, enquiry.call, f"enquiry-{key}-{person.uid}", {"uid": enquiry.uid})


def _tell_asker(enquiry: Enquiry, key: str, *, answer: PublicAnswer | None = None) -> None:
    asker = enquiry.asker
    context = {
        "uid": enquiry.uid,
        "closed": enquiry.state == ENDED and answer is None,
        "slug": enquiry.call.slug,
        "number": answer.number if answer else None,
    }
    _post("enquiry_answered", asker, enquiry.call, f"enquiry-{key}", context)


def _tell(registration: Registration, template: str, key: str, *, waits: bool = False) -> None:
    person, briefing = registration.person, registration.briefing
    context = {
        "slug": briefing.call.slug,
        "uid": briefing.uid,
        "when": _spoken(briefing, person.language),
        "place": _of(briefing.place, person.language),
        "waits": waits,
        "seat": takes_seat(briefing, registration),
    }
    _post(template, person, briefing.call, f"briefing-{key}", context)


def _post(template: str, person: Person, call: Call, key: str, context: Mapping[str, Any]) -> None:
    """A mail about a call, with its title in the reader's language where the call has that."""
    languages = current_definition(call).languages
    named = mail.words_in(call.title, person.language, languages) or call.slug
    mail.post(
        template,
        to=person.email,
        language=person.language,
        context={"call": named, **context},
        key=key,
        about=call.slug,
        languages=languages,
    )


def _of(words: Words, language: str) -> str:
    return Wording(language).of(dict(words))


def _spoken(briefing: Briefing, language: str) -> str:
    """The day and hours in the call's zone, in words."""
    zone, wording = ZoneInfo(current_definition(briefing.call).schedule.zone), Wording(language)
    begins, ends = briefing.begins_at.astimezone(zone), briefing.ends_at.astimezone(zone)
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else wording.day(f"{ends:%Y-%m-%d %H:%M}")
    return f"{wording.day(f'{begins:%Y-%m-%d %H:%M}')} – {until}, {wording.zone(zone.key)}"
