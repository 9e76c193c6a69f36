"""Writes: what the office does with mails that wait or have failed, announcements to many, what comes back, and lists
that a reader leaves. The journal keeps ids, counts and hashes, never an address or a text.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition
from madang.apps.outbox import rules
from madang.apps.outbox.queries import batch_state, languages_for, seen_of
from madang.core.lifecycle import MAIL, MAIL_BATCH, check
from madang.core.lifecycle.mail import CANCELLED, HELD, RELEASED
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, locked_whole, record, refuse_if, unchanged
from madang.kernel.mail import (
    STOPPED,
    MailBatch,
    MailEdit,
    MailStop,
    OutgoingMail,
    Reader,
    State,
    in_state,
    post_to_many,
    stopping,
)
from madang.kernel.mail.bounces import Bounce
from madang.kernel.permissions import allowed

# --- One mail ---------------------------------------------------------------------------------------------------------


@command("outbox.hold_mail")
def hold_mail(*, actor: Actor, mail: OutgoingMail, reason: str) -> OutgoingMail:
    """Keep a mail back until somebody releases it. Raises `Refused`: not waiting, a code or a receipt, no reason."""
    mail, reason = _locked(mail), rules.tidy(reason)
    _may(actor, mail, "hold", reason=reason)
    before = _state(mail)
    mail.held_at, mail.due_at, mail.claimed_at, mail.reason = now(), None, None, reason
    mail.save(update_fields=["held_at", "due_at", "claimed_at", "reason"])
    return _recorded(mail, before)


@command("outbox.release_mail")
def release_mail(*, actor: Actor, mail: OutgoingMail) -> OutgoingMail:
    """Let a held mail go, at once or at its hour. Raises `Refused`: not held, or its announcement is."""
    mail = _locked(mail)
    _may(actor, mail, "release")
    before = _state(mail)
    mail.held_at, mail.reason = None, ""
    mail.due_at = max(now(), mail.not_before) if mail.not_before else now()
    mail.save(update_fields=["held_at", "due_at", "reason"])
    return _recorded(mail, before)


@command("outbox.cancel_mail")
def cancel_mail(*, actor: Actor, mail: OutgoingMail, reason: str) -> OutgoingMail:
    """Never send a mail that has not left. Raises `Refused`: sent, a code or a receipt, no reason."""
    mail, reason = _locked(mail), rules.tidy(reason)
    _may(actor, mail, "cancel", reason=reason)
    before = _state(mail)
    mail.cancelled_at, mail.held_at, mail.due_at, mail.claimed_at, mail.reason = now(), None, None, None, reason
    mail.save(update_fields=["cancelled_at", "held_at", "due_at", "claimed_at", "reason"])
    return _recorded(mail, before)


@command("outbox.edit_mail")
def edit_mail(*, actor: Actor, mail: OutgoingMail, subject: str, text: str, seen: int) -> OutgoingMail:
    """Change the words of a mail that has not left; what it said before is kept (`MailEdit`).

    `seen`: how many edits the reader of the page had before them. Raises `Refused`: secret, a receipt, part of an
    announcement that is held, no words, changed by somebody else meanwhile. The same words: unchanged.
    """
    mail, subject, text = _locked(mail), rules.tidy(subject), rules.tidy(text)
    _may(actor, mail, "edit")
    refuse_if(
        [
            *rules.subject_faults(subject, missing="mail_needs_subject"),
            *rules.text_faults(text, rules.LONGEST_TEXT, missing="mail_needs_text"),
        ]
    )
    if seen != mail.edits.count():
        raise Refused([Reason("mail_changed_since")])
    if (mail.subject, mail.text.strip()) == (subject, text):
        return unchanged(mail)
    before = _state(mail)
    MailEdit.objects.create(mail=mail, subject=mail.subject, text=mail.text, at=now(), by=actor.id)
    mail.subject, mail.text = subject, text + "\n"
    mail.save(update_fields=["subject", "text"])
    return _recorded(mail, before)


@command("outbox.send_again")
def send_again(*, actor: Actor, mail: OutgoingMail) -> OutgoingMail:
    """Try a mail that has failed or came back once more, from the first try on, with the same Message-ID.

    Raises `Refused`: it has not failed, or its text was cleared (a code: a new one is asked for on its page).
    """
    mail = _locked(mail)
    _may(actor, mail, "send_again")
    before = _state(mail)
    mail.failed_at = mail.bounced_at = mail.sent_at = mail.claimed_at = None
    mail.attempts, mail.due_at, mail.last_error, mail.bounce_status = 0, now(), "", ""
    mail.save(
        update_fields=[
            "failed_at", "bounced_at", "sent_at", "claimed_at", "attempts", "due_at", "last_error", "bounce_status",
        ]
    )  # fmt: skip
    return _recorded(mail, before)


def _locked(mail: OutgoingMail) -> OutgoingMail:
    found: OutgoingMail = locked_whole(OutgoingMail.objects.select_related("batch"), mail.pk)
    return found


def _may(actor: Actor, mail: OutgoingMail, move: str, *, reason: str = "") -> None:
    refuse_if(allowed(actor, rules.HANDLE_MAIL, mail))
    refuse_if(rules.text_faults(reason, rules.LONGEST_REASON))
    refuse_if(check(MAIL, move, mail.state, rules.facts_of(mail, reason=reason)))


def _state(mail: OutgoingMail) -> dict[str, Any]:
    """Hashed for the journal: the words too, so that a later change of the row can be shown."""
    return {
        "uid": mail.uid,
        "state": str(mail.state),
        "subject": mail.subject,
        "text": mail.text,
        "due_at": mail.due_at.isoformat() if mail.due_at else "",
        "reason": mail.reason,
    }


def _recorded(mail: OutgoingMail, before: dict[str, Any]) -> OutgoingMail:
    told = {"mail": mail.uid, "template": mail.template, "about": mail.about}
    record(mail, before=before, after=_state(mail), payload={key: value for key, value in told.items() if value})
    return mail


# --- Announcements to many --------------------------------------------------------------------------------------------


@command("outbox.write_batch")
def write_batch(
    *,
    actor: Actor,
    call: Call,
    texts: Mapping[str, Mapping[str, str]],
    readers: Iterable[Reader],
    key: str | None = None,
    not_before: dt.datetime | None = None,
) -> MailBatch:
    """An announcement about a call to many readers, held until somebody releases it. The same `key`: unchanged.

    Raises `Refused`: no text in any language, a language that the call does not have, nobody to read it, too many.
    """
    if key and (standing := MailBatch.objects.filter(key=key).first()):
        return unchanged(standing)
    refuse_if(allowed(actor, rules.HANDLE_MAIL, MailBatch(about=call.slug)))
    languages, wanted, people = current_definition(call).languages, _tidied(texts), list(readers)
    refuse_if(rules.texts_faults(wanted, languages))
    if not people:
        raise Refused([Reason("batch_has_no_readers")])
    if len(people) > rules.MOST_READERS:
        raise Refused([Reason("batch_has_too_many_readers", {"most": rules.MOST_READERS, "count": len(people)})])
    try:
        batch = post_to_many(
            about=call.slug,
            languages=languages,
            texts=wanted,
            readers=people,
            made_by=actor.id,
            key=key,
            not_before=not_before,
        )
    except ValidationError:
        raise Refused([Reason("batch_has_a_bad_address")]) from None
    record(batch, after=batch_state(batch), payload={"batch": batch.uid, "call": call.slug, **_counted(batch)})
    return batch


@command("outbox.edit_batch")
def edit_batch(
    *,
    actor: Actor,
    batch: MailBatch,
    texts: Mapping[str, Mapping[str, str]],
    not_before: dt.datetime | None,
    seen: str,
) -> MailBatch:
    """Other words for an announcement that is held; each reader gets those of the language that fits now.

    `seen`: the state that was read (`queries.seen_of`). Raises `Refused` as `write_batch` does, and where it changed.
    """
    batch = locked(MailBatch.objects).get(pk=batch.pk)
    refuse_if(allowed(actor, rules.HANDLE_MAIL, batch))
    refuse_if(check(MAIL_BATCH, "edit", batch.state))
    wanted = _tidied(texts)
    refuse_if(rules.texts_faults(wanted, batch.languages))
    if seen != seen_of(batch):
        raise Refused([Reason("batch_changed_since")])
    if (batch.texts, batch.not_before) == (wanted, not_before):
        return unchanged(batch)
    before = batch_state(batch)
    batch.texts, batch.not_before = wanted, not_before
    batch.save(update_fields=["texts", "not_before"])
    for own, language in languages_for(batch).items():
        batch.mails.filter(own_language=own).update(language=language, not_before=not_before, **batch.texts[language])
    record(batch, before=before, after=batch_state(batch), payload={"batch": batch.uid, **_counted(batch)})
    return batch


@command("outbox.release_batch")
def release_batch(*, actor: Actor, batch: MailBatch, seen: str) -> MailBatch:
    """Let an announcement go to all its readers, at once or at its hour; those left out stay left out.

    `seen` as for `edit_batch`. Raises `Refused`: a language of the call without words, nobody to read it, changed.
    """
    batch = locked(MailBatch.objects).get(pk=batch.pk)
    refuse_if(allowed(actor, rules.HANDLE_MAIL, batch))
    refuse_if(against_release(batch, seen))
    before, moment = batch_state(batch), now()
    batch.state, batch.decided_at = RELEASED, moment
    batch.save(update_fields=["state", "decided_at"])
    due = max(moment, batch.not_before) if batch.not_before else moment
    going = in_state(batch.mails.all(), HELD).update(held_at=None, due_at=due)
    record(
        batch, before=before, after=batch_state(batch), payload={"batch": batch.uid, **_counted(batch), "going": going}
    )
    return batch


@command("outbox.cancel_batch")
def cancel_batch(*, actor: Actor, batch: MailBatch, reason: str) -> MailBatch:
    """Send an announcement to nobody (any more): what has left has left, the rest is cancelled. Raises `Refused`."""
    batch, reason = locked(MailBatch.objects).get(pk=batch.pk), rules.tidy(reason)
    refuse_if(allowed(actor, rules.HANDLE_MAIL, batch))
    refuse_if(rules.text_faults(reason, rules.LONGEST_REASON))
    refuse_if(check(MAIL_BATCH, "cancel", batch.state, rules.facts_of_batch(batch, reason=reason)))
    before, moment = batch_state(batch), now()
    mails = batch.mails.all()
    gone = sum(
        in_state(mails, state).update(cancelled_at=moment, held_at=None, due_at=None, claimed_at=None, reason=reason)
        for state in (HELD, State.WAITING)
    )
    batch.state, batch.decided_at, batch.reason = CANCELLED, moment, reason
    batch.save(update_fields=["state", "decided_at", "reason"])
    record(batch, before=before, after=batch_state(batch), payload={"batch": batch.uid, "cancelled": gone})
    return batch


def against_release(batch: MailBatch, seen: str | None = None) -> list[Reason]:
    """What stands against releasing it now; `seen`: the state that was read (`None`: the present one)."""
    current = seen_of(batch)
    facts = rules.facts_of_batch(batch, seen=current if seen is None else seen, current=current)
    lacking = [Reason("batch_lacks_language", {"language": tag}) for tag in batch.lacking]
    return [*check(MAIL_BATCH, "release", batch.state, facts)] or lacking


def _tidied(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Only languages in which something is written."""
    tidied = {
        tag: {"subject": rules.tidy(one.get("subject", "")), "text": rules.tidy(one.get("text", ""))}
        for tag, one in texts.items()
    }
    return {tag: one for tag, one in tidied.items() if any(one.values())}


def _counted(batch: MailBatch) -> dict[str, Any]:
    return {"readers": batch.mails.count(), "languages": sorted(batch.texts)}


# --- What comes back, and lists that a reader leaves ------------------------------------------------------------------


@command("outbox.take_bounce")
def take_bounce(*, actor: Actor, bounce: Bounce) -> OutgoingMail:
    """A mail that a server accepted and could not deliver after all. Known already: unchanged.

    By the platform or the console. Raises `Refused`: it names no mail that we sent to this reader.
    """
    if actor.kind not in ("system", "office"):
        raise Refused([Reason("not_permitted")])
    mail = locked(OutgoingMail.objects).filter(uid=bounce.uid).first()
    if mail is None or mail.sent_at is None or mail.to.lower() not in bounce.addresses:
        raise Refused([Reason("bounce_of_no_mail")])
    if mail.bounced_at:
        return unchanged(mail)
    before = _state(mail)
    mail.bounced_at, mail.bounce_status = now(), bounce.status
    mail.save(update_fields=["bounced_at", "bounce_status"])
    record(mail, before=before, after=_state(mail), payload={"mail": mail.uid, "status": bounce.status})
    return mail


@command("outbox.leave_list")
def leave_list(*, actor: Actor, token: str, leave: bool = True) -> MailStop:
    """Whoever holds the link of a mail wants no more of its kind (or, `leave` being false, wants them again).

    What waits of that kind is cancelled. Raises `Refused`: not an address of ours. As it was: unchanged.
    """
    named = stopping(token)
    if named is None:
        raise Refused([Reason("mail_stop_unknown")])
    name, reader = named
    stop = locked(MailStop.objects).filter(list=name, reader=reader).first() or MailStop(list=name, reader=reader)
    if bool(stop.stopped_at) == leave:
        return unchanged(stop)
    before = {"stopped": not leave}
    stop.stopped_at = now() if leave else None
    stop.save()
    mine = OutgoingMail.objects.filter(stoppable=name, reader=reader)
    states = (State.WAITING, State.HELD) if leave else ()
    for state in states:
        in_state(mine, state).update(cancelled_at=now(), held_at=None, due_at=None, claimed_at=None, reason=STOPPED)
    record(stop, before=before, after={"stopped": leave}, payload={"list": name, "reader": reader, "stopped": leave})
    return stop
