"""Who writes in a draft: invite, let file, leave."""

import datetime as dt
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import by_email
from madang.apps.applications import rules
from madang.apps.applications.commands.shared import LONGEST_EMAIL, acting_person, locked_draft
from madang.apps.applications.models import Draft, DraftInvitation, DraftMember
from madang.apps.calls.queries import definition_of
from madang.apps.directory.queries import verified_addresses
from madang.core.form.written import shown
from madang.core.lifecycle import DRAFT, check
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.kernel.tokens import new_token, token_hash

INVITATION_GOOD_FOR: Final = dt.timedelta(days=14)
MOST_INVITATIONS: Final = 30
"""Invitations into one draft that wait for an answer."""
INVITATIONS_A_DAY: Final = 50
"""By one person, into all drafts, those that were taken back among them: the outbox is no way to mail strangers."""


@command("applications.invite_colleague")
def invite_colleague(*, actor: Actor, draft: Draft, email: str, may_file: bool) -> DraftInvitation:
    """Ask somebody by mail to write in the draft, and to file it where `may_file` says so. An earlier one is replaced.

    Raises `Refused`: no right to share, no address, somebody who writes in it already, too many that wait.
    Side effects: one mail, whose link is kept only as a hash.
    """
    person, draft = acting_person(actor), _shared(actor, draft)
    email = email.strip().lower()
    try:
        if len(email) > LONGEST_EMAIL:
            raise ValidationError("too long")
        validate_email(email)
    except ValidationError:
        raise Refused([Reason("not_an_address", {"given": shown(email)})]) from None
    if draft.people.filter(person__email=email, ended_at__isnull=True).exists():
        raise Refused([Reason("draft_writes_already", {"address": email})])
    waiting = draft.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now())
    waiting.filter(email=email).update(revoked_at=now())
    if waiting.count() >= MOST_INVITATIONS:
        raise Refused([Reason("draft_invitations_full", {"most": MOST_INVITATIONS})])
    today = DraftInvitation.objects.filter(invited_by=person, invited_at__gt=now() - dt.timedelta(days=1))
    if today.count() >= INVITATIONS_A_DAY:
        raise Refused([Reason("too_many_invitations", {"most": INVITATIONS_A_DAY})])
    token = new_token()
    invitation = DraftInvitation.objects.create(
        draft=draft,
        email=email,
        may_file=may_file,
        token_sha256=token_hash(token),
        invited_by=person,
        invited_at=now(),
        expires_at=now() + INVITATION_GOOD_FOR,
    )
    language, languages = _mail_language(by_email(email), draft, person), definition_of(draft.version).languages
    mail.post(
        "draft-invitation",
        to=email,
        language=language,
        about=rules.mails_about(draft),
        languages=languages,
        context={
            "inviter": person.shown,
            "organisation": draft.organisation.name,
            "call": mail.words_in(draft.call.title, language, languages),
            "may_file": may_file,
            "path": f"/invitations/drafts/{token}",
            "days": INVITATION_GOOD_FOR.days,
        },
        secret=True,
    )
    record(draft, payload={"draft": draft.uid, "invitation": invitation.pk, "may_file": may_file})
    return invitation


@command("applications.accept_invitation")
def accept_invitation(*, actor: Actor, token: str) -> Draft:
    """The signed-in person writes in the draft from now on, and nowhere else; to file it, where the invitation says so,
    the address invited must be theirs.

    Accepted before by the same person: nothing changes. Raises `Refused`: nobody signed in; a link that is unknown,
    used, taken back or too old; a draft that was discarded.
    """
    person = acting_person(actor)
    known = DraftInvitation.objects.filter(token_sha256=token_hash(token)).first() if token.isascii() else None
    if known is None:
        raise Refused([Reason("draft_invitation_unknown")])
    draft = locked_draft(known.draft)  # the draft first, as everywhere: two orders of locking would wait for each other
    invitation = locked(DraftInvitation.objects).get(pk=known.pk)
    standing = draft.people.filter(person=person, ended_at__isnull=True).first()
    if invitation.accepted_at and standing:
        return unchanged(draft)
    if invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now():
        raise Refused([Reason("draft_invitation_over")])
    refuse_if(check(DRAFT, "share", draft.state))
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])
    # A mail is passed on easily: to file is only for whoever has shown that the address invited is theirs.
    may_file = invitation.may_file and invitation.email in verified_addresses(person)
    if standing is None:
        DraftMember.objects.create(draft=draft, person=person, may_file=may_file, since=now())
    elif may_file and not standing.may_file:
        standing.may_file = True
        standing.save(update_fields=["may_file"])
    record(draft, payload={"draft": draft.uid, "invitation": invitation.pk, "person": person.uid, "may_file": may_file})
    return draft


@command("applications.revoke_invitation")
def revoke_invitation(*, actor: Actor, invitation: DraftInvitation) -> DraftInvitation:
    """Take an invitation back; its link opens nothing from now on. Over already: nothing changes."""
    draft = locked_draft(invitation.draft)
    refuse_if(allowed(actor, rules.SHARE_DRAFT, draft))
    invitation = locked(DraftInvitation.objects).get(pk=invitation.pk)
    if invitation.accepted_at or invitation.revoked_at:
        return unchanged(invitation)
    invitation.revoked_at = now()
    invitation.save(update_fields=["revoked_at"])
    record(draft, payload={"draft": draft.uid, "invitation": invitation.pk, "revoked": True})
    return invitation


@command("applications.set_may_file")
def set_may_file(*, actor: Actor, draft: Draft, person: Person, may_file: bool) -> DraftMember:
    """Let somebody who writes in the draft also file it, or no longer. Never leaves it without anybody who may."""
    draft = _shared(actor, draft)
    member = _member(draft, person)
    if member.may_file == may_file:
        return unchanged(member)
    if not may_file:
        refuse_if(_last_filer(draft, member))
    member.may_file = may_file
    member.save(update_fields=["may_file"])
    record(draft, payload={"draft": draft.uid, "person": person.uid, "may_file": may_file})
    return member


@command("applications.remove_member")
def remove_member(*, actor: Actor, draft: Draft, person: Person) -> DraftMember:
    """Somebody writes in the draft no longer; what they wrote stays. Never the last one who may file it."""
    draft = _shared(actor, draft)
    return _end(draft, _member(draft, person))


@command("applications.leave_draft")
def leave_draft(*, actor: Actor, draft: Draft) -> DraftMember:
    """Write in the draft no longer, oneself. The last one who may file it first lets somebody else file."""
    person, draft = acting_person(actor), locked_draft(draft)
    return _end(draft, _member(draft, person))


def _end(draft: Draft, member: DraftMember) -> DraftMember:
    refuse_if(_last_filer(draft, member))
    member.ended_at = now()
    member.save(update_fields=["ended_at"])
    record(draft, payload={"draft": draft.uid, "person": member.person.uid, "ended": True})
    return member


def _member(draft: Draft, person: Person) -> DraftMember:
    found = draft.people.filter(person=person, ended_at__isnull=True).select_related("person").first()
    if found is None:
        raise Refused([Reason("draft_member_not_there")])
    return found


def _last_filer(draft: Draft, member: DraftMember) -> tuple[Reason, ...]:
    others = draft.people.filter(may_file=True, ended_at__isnull=True, person__is_active=True).exclude(pk=member.pk)
    return () if not member.may_file or others.exists() else (Reason("draft_last_filer"),)


def _shared(actor: Actor, draft: Draft) -> Draft:
    draft = locked_draft(draft)
    refuse_if(allowed(actor, rules.SHARE_DRAFT, draft))
    refuse_if(check(DRAFT, "share", draft.state))
    return draft


def _mail_language(reader: Person | None, draft: Draft, inviter: Person) -> str:
    """The reader's own where they have an account, else the draft's, else the inviter's."""
    return reader.language if reader is not None else draft.language or inviter.language
