"""Mails as the pages of the desk show them: kinds, states, moments, who gets what, and what was done with them."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.outbox.queries import Share, shares
from madang.core.lifecycle.mail import CANCELLED, HELD, RELEASED
from madang.kernel.clock import now
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OF_A_DRAFT, STOPPED, MailBatch, MailServer, OutgoingMail, State, coming_back
from madang.web.enquiry_view import language_name
from madang.web.public.call_view import reader
from madang.web.public.mail_stop import LISTS

Context = dict[str, Any]

STATES: Final = {
    State.WAITING: pgettext_lazy("mail", "Waits"),
    State.HELD: pgettext_lazy("mail", "Held"),
    State.SENDING: pgettext_lazy("mail", "Being sent"),
    State.SENT: pgettext_lazy("mail", "Sent"),
    State.FAILED: pgettext_lazy("mail", "Failed"),
    State.BOUNCED: pgettext_lazy("mail", "Came back"),
    State.CANCELLED: pgettext_lazy("mail", "Cancelled"),
}
TONES: Final = {
    State.WAITING: "open",
    State.HELD: "wait",
    State.SENDING: "open",
    State.SENT: "done",
    State.FAILED: "danger",
    State.BOUNCED: "danger",
    State.CANCELLED: "closed",
}
BATCH_STATES: Final = {
    HELD: (pgettext_lazy("announcement", "Held"), "wait"),
    RELEASED: (pgettext_lazy("announcement", "Released"), "done"),
    CANCELLED: (pgettext_lazy("announcement", "Cancelled"), "closed"),
}
KINDS: Final = {
    "": _("Announcement to many"),
    "address_code": _("Code for an address"),
    "address_exists": _("Account is there already"),
    "address_in_use": _("Address is in use"),
    "alert": _("Alert of new calls"),
    "application-filed": _("Receipt of an application"),
    "application-withdrawn": _("Application withdrawn"),
    "briefing_cancelled": _("Briefing session cancelled"),
    "briefing_changed": _("Briefing session changed"),
    "briefing_moved_up": _("Seat at a briefing session"),
    "briefing_registered": _("Registered for a briefing session"),
    "deadline-moved": _("Deadline extended"),
    "draft-invitation": _("Invitation to a draft"),
    "draft-reminder": _("Reminder before closing"),
    "enquiry_answered": _("Question answered"),
    "enquiry_asked": _("Question for the desk"),
    "late-admission": _("Answer about a late admission"),
    "notice": _("Change in an account"),
    "organisation_domain_code": _("Code for a mail domain"),
    "organisation_invitation": _("Invitation to an organisation"),
    "organisation_join_answer": _("Answer to a request to join"),
    "organisation_join_request": _("Request to join"),
    "paper-request": _("Request for a partner's paper"),
    "password_code": _("Code for a password"),
    "sign_in_code": _("Code for signing in"),
    "sign_up_code": _("Code for a new account"),
    "supplement-answered": _("A supplement was filed"),
    "supplement-asked": _("Request for a supplement"),
    "supplement-cancelled": _("Request for a supplement taken back"),
    "supplement-expired": _("Time for a supplement is over"),
    "supplement-expired-office": _("No supplement arrived"),
    "supplement-extended": _("More time for a supplement"),
    "supplement-reminder": _("Reminder of a supplement"),
    "unknown_address": _("No account with this address"),
}
ACTS: Final = {
    "outbox.hold_mail": _("Held back"),
    "outbox.release_mail": _("Released"),
    "outbox.cancel_mail": _("Cancelled"),
    "outbox.edit_mail": _("Text changed"),
    "outbox.send_again": _("Sent again"),
    "outbox.take_bounce": _("Came back"),
    "outbox.write_batch": _("Written"),
    "outbox.edit_batch": _("Text changed"),
    "outbox.release_batch": _("Released"),
    "outbox.cancel_batch": _("Cancelled"),
}
LATE: Final = dt.timedelta(minutes=5)
"""For so long a mail may be due before the page says that nobody sends it."""
LONGEST_HISTORY: Final = 100


def kind_of(mail: OutgoingMail) -> str:
    return str(KINDS.get(mail.template, mail.template))


def state_badge(mail: OutgoingMail) -> Context:
    return {"text": str(STATES[mail.state]), "tone": TONES[mail.state]}


def batch_badge(batch: MailBatch) -> Context:
    text, tone = BATCH_STATES[batch.state]
    return {"text": str(text), "tone": tone}


def moment(at: dt.datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def language(tag: str) -> str:
    return language_name(tag, reader())


def why(reason: str) -> str:
    """The reason that stands at a mail, in the reader's words where it is one of ours."""
    return gettext("Its reader wants no mails of this kind.") if reason == STOPPED else reason


def titles(slugs: Iterable[str]) -> dict[str, Call]:
    """Calls by their slug. One statement."""
    return {call.slug: call for call in Call.objects.filter(slug__in={slug for slug in slugs if slug})}


def title_of(call: Call | None, slug: str) -> str:
    if slug == OF_A_DRAFT:
        return gettext("An application that is being written")
    return reader().of(call.title) or slug if call else slug


def last_moment(mail: OutgoingMail, zone: ZoneInfo) -> tuple[str, str]:
    """What happened last, or happens next, and when."""
    for name, at in (
        (gettext("Cancelled"), mail.cancelled_at),
        (gettext("Came back"), mail.bounced_at),
        (gettext("Sent"), mail.sent_at),
        (gettext("Failed"), mail.failed_at),
        (gettext("Held since"), mail.held_at),
    ):
        if at:
            return name, moment(at, zone)
    if mail.due_at and mail.due_at > now() and mail.state is State.WAITING:
        return gettext("Due"), moment(mail.due_at, zone)
    return gettext("Posted"), moment(mail.posted_at, zone)


def rows_of(mails: Iterable[OutgoingMail], zone: ZoneInfo) -> list[Context]:
    """Lines of the list. Three statements."""
    listed = list(mails)
    calls, back = titles(one.about for one in listed), coming_back(one.to for one in listed)
    return [
        {
            "url": reverse("office:mail", args=[one.uid]),
            "subject": one.subject,
            "lang": one.language,
            "kind": kind_of(one),
            "to": one.to,
            "back": one.to in back,
            "language": language(one.language),
            "call": title_of(calls.get(one.about), one.about) if one.about else "",
            "sample": one.about in calls and calls[one.about].is_sample,
            "badge": state_badge(one),
            "note": _note(one),
            "moment": last_moment(one, zone),
        }
        for one in listed
    ]


def _note(mail: OutgoingMail) -> str:
    """What a line adds to the state: why it is held, how often it was tried."""
    if mail.state in (State.HELD, State.CANCELLED):
        return why(mail.reason)
    if mail.state in (State.WAITING, State.FAILED) and mail.attempts:
        return ngettext("%(n)s try", "%(n)s tries", mail.attempts) % {"n": mail.attempts}
    return ""


def facts_of(mail: OutgoingMail, zone: ZoneInfo) -> Iterator[Context]:
    """What is known about one mail, as parts/_facts.html has it."""
    back = coming_back([mail.to])
    yield {"name": gettext("To"), "value": mail.to, "note": gettext("Mail to this address comes back.") if back else ""}
    yield {"name": gettext("Kind"), "value": kind_of(mail)}
    if mail.about:
        call = titles([mail.about]).get(mail.about)
        address = reverse("public:call", args=[mail.about]) if call else ""
        yield {"name": gettext("Call"), "value": title_of(call, mail.about), "url": address}
    if mail.batch:
        yield {
            "name": gettext("Announcement"),
            "value": gettext("Text and readers"),
            "url": reverse("office:mail-batch", args=[mail.batch.uid]),
        }
    yield {"name": gettext("Language"), "value": language(mail.language), "note": fallback(mail)}
    yield {"name": gettext("Posted"), "value": moment(mail.posted_at, zone)}
    if mail.not_before:
        yield {"name": gettext("Not before"), "value": moment(mail.not_before, zone)}
    name, at = last_moment(mail, zone)
    if name != gettext("Posted"):
        yield {"name": name, "value": at}
    if mail.attempts:
        yield {"name": gettext("Tries"), "value": str(mail.attempts), "note": mail.last_error}
    if mail.bounce_status:
        yield {"name": gettext("What the server said"), "value": mail.bounce_status}
    if mail.reason:
        yield {"name": gettext("Reason"), "value": why(mail.reason)}
    if mail.stoppable:
        yield {"name": gettext("Can be stopped by its reader"), "value": str(LISTS.get(mail.stoppable, mail.stoppable))}


def fallback(mail: OutgoingMail) -> str:
    """That the reader reads another language than the mail is in; blank where it fits."""
    if not mail.own_language or mail.own_language.partition("-")[0] == mail.language.partition("-")[0]:
        return ""
    return gettext("The reader reads %(language)s.") % {"language": language(mail.own_language)}


def history_of(thing: OutgoingMail | MailBatch, zone: ZoneInfo) -> list[Context]:
    """What was done with it and by whom, from the journal, the newest first. Two statements."""
    rows = JournalEntry.objects.filter(object_kind=thing._meta.label_lower, object_id=str(thing.pk))
    found = list(rows.order_by("-at", "-id")[:LONGEST_HISTORY])
    people = {one.uid: one.shown for one in Person.objects.filter(uid__in={row.actor_id for row in found})}
    return [
        {
            "when": moment(row.at, zone),
            "datetime": row.at.isoformat(timespec="seconds"),
            "title": str(ACTS.get(row.command, row.command)),
            "text": gettext("by %(actor)s") % {"actor": people.get(row.actor_id, row.actor_label or row.actor_id)},
        }
        for row in found
    ]


def share_rows(batch: MailBatch) -> list[Context]:
    """Who gets an announcement in which language: the table, and that a reader gets another language than their own."""
    return [_share(one) for one in shares(batch)]


def _share(share: Share) -> Context:
    return {
        "own": language(share.own) if share.own else gettext("unknown"),
        "language": language(share.language),
        "tag": share.language,
        "readers": share.readers,
        "fits": share.own.partition("-")[0] == share.language.partition("-")[0],
    }


def trouble(zone: ZoneInfo) -> str:
    """What keeps mails from going out, in words; blank where nothing does. Two statements at most."""
    server = MailServer.known()
    if server.down_since:
        return gettext(
            "The mail server has not answered since %(since)s (%(error)s). Mails wait and lose no try; it is asked "
            "again every minute."
        ) % {"since": moment(server.down_since, zone), "error": server.last_error}
    late = OutgoingMail.objects.filter(due_at__lt=now() - LATE).order_by("due_at").first()
    if late is None:
        return ""
    return gettext("Mails have been due since %(since)s and nobody sends them. Does the worker run?") % {
        "since": moment(late.due_at, zone)
    }
