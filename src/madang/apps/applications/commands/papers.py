"""Papers that a partner hands over: a government's letter, an agreement, through a link of the partner's own."""

from collections.abc import Collection
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from madang.apps.applications import rules
from madang.apps.applications.commands.attachments import enter_file, file_place, looked_at, put_back, take_out
from madang.apps.applications.commands.shared import (
    LONGEST_EMAIL,
    acting_person,
    against_moment,
    against_place,
    against_writing,
    call_title,
    end_of,
    language_faults,
    locked_draft,
)
from madang.apps.applications.models import Draft, DraftFile, PaperRequest
from madang.apps.enquiries.rules import text_faults, tidy
from madang.core.form.written import shown
from madang.core.reasons import Reason
from madang.kernel import files, mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.kernel.tokens import new_token, token_hash

MOST_REQUESTS = 20
"""Links of one draft that stand at the same time."""
LONGEST_NOTE = 1_000
LONGEST_PARTNER = 200


@command("applications.ask_for_paper")
def ask_for_paper(
    *, actor: Actor, draft: Draft, keys: Collection[str], partner: str, email: str, language: str, note: str = ""
) -> PaperRequest:
    """Send a partner the link by which files come into these places of the draft. The link is in the mail alone.

    Raises `Refused`: no right to write, no such place or none that takes files, no name, a wrong address, texts that
    cannot be shown, too many links. Side effects: one mail, in the language named.
    """
    person, draft = acting_person(actor), locked_draft(draft)
    refuse_if(against_writing(actor, draft))
    wanted = list(dict.fromkeys(keys))
    for key in wanted:
        file_place(draft, key)
        refuse_if(against_place(draft, key))
    if not wanted:
        raise Refused([Reason("paper_needs_place")])
    partner, note = _one_line(partner), tidy(note)
    refuse_if(partner_faults(partner))
    if len(note) > LONGEST_NOTE:
        raise Refused([Reason("paper_note_too_long", {"most": LONGEST_NOTE})])
    refuse_if(text_faults(note, "", LONGEST_NOTE))
    email = _address(email)
    refuse_if(language_faults(language))
    if draft.paper_requests.filter(revoked_at__isnull=True).count() >= MOST_REQUESTS:
        raise Refused([Reason("paper_too_many", {"most": MOST_REQUESTS})])
    token = new_token()
    asked = PaperRequest.objects.create(
        draft=draft,
        keys=wanted,
        partner=partner,
        email=email,
        language=language,
        note=note,
        token_sha256=token_hash(token),
        asked_by=person,
        asked_at=now(),
    )
    record(asked, after={"uid": asked.uid, "keys": wanted}, payload={"draft": draft.uid, "keys": wanted})
    mail.post(
        "paper-request",
        to=email,
        language=language,
        about=rules.mails_about(draft),
        context=_told(asked, draft, token),
        secret=True,
    )
    return asked


@command("applications.resend_paper_request")
def resend_paper_request(*, actor: Actor, asked: PaperRequest) -> PaperRequest:
    """Send a new link to the same address; the one before opens nothing any more. What came by it stays with the new.

    Raises `Refused`: no right to write, the application takes nothing now, the link was ended. Side effects: one mail.
    """
    draft = locked_draft(asked.draft)
    refuse_if(against_writing(actor, draft))
    asked.refresh_from_db()
    if asked.revoked_at:
        raise Refused([Reason("paper_request_ended")])
    token, before = new_token(), asked.asked_at
    asked.token_sha256, asked.asked_at, asked.opened_at = token_hash(token), now(), None
    asked.save(update_fields=["token_sha256", "asked_at", "opened_at"])
    sent = {"before": {"asked_at": before.isoformat()}, "after": {"asked_at": asked.asked_at.isoformat()}}
    record(asked, payload={"draft": draft.uid}, **sent)
    context = _told(asked, draft, token)
    mail.post(
        "paper-request",
        to=asked.email,
        language=asked.language,
        about=rules.mails_about(draft),
        context=context,
        secret=True,
    )
    return asked


@command("applications.open_paper_request")
def open_paper_request(*, actor: Actor, asked: PaperRequest) -> PaperRequest:
    """Note that the link was opened for the first time (a mail program that follows links opens it too)."""
    found = locked(PaperRequest.objects).get(pk=asked.pk)
    if found.opened_at:
        return unchanged(found)
    found.opened_at = now()
    found.save(update_fields=["opened_at"])
    record(found, before={"opened": False}, after={"opened": True})
    return found


@command("applications.revoke_paper_request")
def revoke_paper_request(*, actor: Actor, asked: PaperRequest) -> PaperRequest:
    """End a link; what was handed over by it stays. Ended already: nothing changes."""
    draft = locked_draft(asked.draft)
    refuse_if(allowed(actor, rules.WRITE_DRAFT, draft))
    asked.refresh_from_db()
    if asked.revoked_at:
        return unchanged(asked)
    asked.revoked_at = now()
    asked.save(update_fields=["revoked_at"])
    record(asked, before={"revoked": False}, after={"revoked": True}, payload={"draft": draft.uid})
    return asked


def hand_over_paper(
    *, asked: PaperRequest, key: str, name: str, content: BinaryIO, instead_of: DraftFile | None = None
) -> DraftFile:
    """A partner's file, by the link. It is looked at and kept before the draft is locked, as `attach_file` does.

    `instead_of`: a file of the same link and place that it replaces; both happen, or neither does. Raises `Refused`:
    the link has ended, another place, the application takes nothing now, and what `attach_file` refuses.
    """
    refuse_if(against_handing_over(asked, key))
    kept, called, format = looked_at(asked.draft, asked.asked_by, key, name, content)
    return keep_paper(
        actor=link(asked), asked=asked, key=key, name=called, kept=kept, format=format, instead_of=instead_of
    )


@command("applications.hand_over_paper")
def keep_paper(
    *,
    actor: Actor,
    asked: PaperRequest,
    key: str,
    name: str,
    kept: files.Kept,
    format: str,
    instead_of: DraftFile | None = None,
) -> DraftFile:
    """Enter a partner's file that is in the store already. Use `hand_over_paper`."""
    if instead_of is not None and instead_of.sha256 != kept.sha256:
        take_back_paper(actor=actor, asked=asked, file=instead_of)  # first: the place may be full
    draft = locked_draft(asked.draft)
    asked.refresh_from_db()
    asked.draft = draft
    refuse_if(against_handing_over(asked, key))
    return enter_file(draft, asked.asked_by, key, name, kept, format, handed_by=asked)


@command("applications.take_back_paper")
def take_back_paper(*, actor: Actor, asked: PaperRequest, file: DraftFile) -> DraftFile:
    """A partner takes back what came by this link; it stays in the draft's history. Out already: nothing changes."""
    draft, found = _of_link(asked, file)
    return take_out(draft, asked.asked_by, found)


@command("applications.restore_paper")
def restore_paper(*, actor: Actor, asked: PaperRequest, file: DraftFile) -> DraftFile:
    """A partner brings back what was taken back. There already: nothing changes. Raises `Refused`: the place is full,
    and as `take_back_paper`.
    """
    draft, found = _of_link(asked, file)
    return put_back(draft, asked.asked_by, found)


def partner_faults(partner: str) -> tuple[Reason, ...]:
    """Why a partner cannot be called so."""
    return text_faults(_one_line(partner), "paper_needs_partner", LONGEST_PARTNER)


def _one_line(text: str) -> str:
    return " ".join(tidy(text).split())


def link(asked: PaperRequest) -> Actor:
    """Whoever holds the link."""
    return Actor("link", asked.uid, "")


def against_handing_over(asked: PaperRequest, key: str) -> list[Reason]:
    """The reasons against a file by this link now."""
    if asked.revoked_at:
        return [Reason("paper_link_ended")]
    if key not in asked.keys:
        return [Reason("form_no_such_place")]
    return against_moment(asked.draft, "write") or against_place(asked.draft, key)


def _of_link(asked: PaperRequest, file: DraftFile) -> tuple[Draft, DraftFile]:
    """The locked draft, and the file in it that came by this link. Raises `Refused`."""
    draft = locked_draft(asked.draft)
    asked.refresh_from_db()
    asked.draft = draft
    refuse_if(against_handing_over(asked, file.key))
    found = draft.files.filter(pk=file.pk, handed_by=asked).first()
    if found is None:
        raise Refused([Reason("draft_file_not_there")])
    return draft, found


def _address(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
        fits = len(email) <= LONGEST_EMAIL and email.isprintable()
    except ValidationError:
        fits = False
    if not fits:
        raise Refused([Reason("not_an_address", {"given": shown(email)})])
    return email


def _told(asked: PaperRequest, draft: Draft, token: str) -> dict[str, object]:
    return {
        "call": call_title(draft.call, asked.language),
        "organisation": draft.organisation.name,
        "partner": asked.partner,
        "asker": asked.asked_by.shown,
        "note": asked.note,
        "until": end_of(draft),
        "path": f"/papers/{token}",
    }
