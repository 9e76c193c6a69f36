"""Who belongs to an organisation: invited, let in, with which duties, and leaving."""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q

from madang.apps.accounts.queries import by_email
from madang.apps.directory import rules
from madang.apps.directory.commands.shared import (
    MOST,
    address_faults,
    language_of,
    let_in,
    locked_organisation,
    merged_faults,
    people_state,
    sorted_duties,
)
from madang.apps.directory.enums import Duty, Joined
from madang.apps.directory.models import Affiliation, Invitation, JoinRequest, Organisation
from madang.apps.directory.queries import (
    invitation_of,
    joinable_by_domain,
    managers_of,
    open_invitations,
    verified_addresses,
)
from madang.core.identity import hidden_characters
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.kernel.tokens import new_token, token_hash

INVITATION_GOOD_FOR: Final = dt.timedelta(days=14)
INVITATIONS_A_DAY: Final = 50
"""By one organisation, and by one person for all of theirs: nobody invites more by hand, and the outbox is no way to
send mail to strangers."""
REQUESTS_AT_ONCE: Final = 10
"""Open requests to join of one person."""


@command("directory.invite_person")
def invite_person(*, actor: Actor, organisation: Organisation, email: str, duties: Iterable[str]) -> Invitation:
    """Mail somebody a link by which they may join, once, within `INVITATION_GOOD_FOR`; an open one to the same address
    is revoked. Whether the address has an account changes nothing that the inviter could see. Raises `Refused`.
    """
    organisation = locked_organisation(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    if actor.person is None:
        raise Refused([Reason("people_only")])
    refuse_if(merged_faults(organisation))
    email = email.strip().lower()
    refuse_if([*address_faults(email), *_duty_faults(duties)])
    today = Invitation.objects.filter(invited_at__gt=now() - dt.timedelta(days=1))
    if today.filter(Q(organisation=organisation) | Q(invited_by=actor.person)).count() >= INVITATIONS_A_DAY:
        raise Refused([Reason("too_many_invitations", {"most": INVITATIONS_A_DAY})])
    open_invitations(organisation).filter(email=email).update(revoked_at=now())
    token = new_token()
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        duties=sorted_duties(duties),
        token_sha256=token_hash(token),
        invited_by=actor.person,
        invited_at=now(),
        expires_at=now() + INVITATION_GOOD_FOR,
    )
    invited = by_email(email)
    mail.post(
        "organisation_invitation",
        to=email,
        language=invited.language if invited else language_of(actor),
        context={
            "organisation": organisation.name,
            "inviter": actor.person.shown,
            "path": f"/invitations/organisations/{token}",
            "days": INVITATION_GOOD_FOR.days,
        },
        secret=True,
    )
    record(organisation, payload={"invitation_id": invitation.pk, "duties": invitation.duties})
    return invitation


@command("directory.revoke_invitation")
def revoke_invitation(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Its link opens nothing any more. Accepted or revoked already: nothing changes. Raises `Refused`."""
    organisation = locked_organisation(invitation.organisation)
    invitation = locked(Invitation.objects).get(pk=invitation.pk)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    if invitation.accepted_at or invitation.revoked_at:
        return unchanged(invitation)
    invitation.revoked_at = now()
    invitation.save(update_fields=["revoked_at"])
    record(organisation, payload={"invitation_id": invitation.pk})
    return invitation


@command("directory.accept_invitation")
def accept_invitation(*, actor: Actor, token: str) -> Affiliation:
    """Join by the link of an invitation; who belongs already gets its duties in addition.

    The link alone is not enough, because mails are passed on: the actor has verified the address invited.
    Raises `Refused`.
    """
    refuse_if(allowed(actor, rules.JOIN_ORGANISATION))
    found = invitation_of(token)
    if found is None or actor.person is None:
        raise Refused([Reason("no_such_invitation")])
    organisation = locked_organisation(found.organisation)
    invitation = locked(Invitation.objects).get(pk=found.pk)
    refuse_if(invitation_faults(invitation))
    refuse_if(merged_faults(organisation))
    if invitation.email not in verified_addresses(actor.person):
        raise Refused([Reason("invitation_of_another_address", {"address": masked(invitation.email)})])
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])
    affiliation = let_in(organisation, actor.person, invitation.duties, Joined.INVITATION)
    payload = _of(affiliation) | {"invitation_id": invitation.pk}
    record(organisation, after=people_state(organisation), payload=payload)
    return affiliation


def invitation_faults(invitation: Invitation) -> tuple[Reason, ...]:
    """Why the link opens nothing any more; nothing while it does."""
    if invitation.accepted_at:
        return (Reason("invitation_used"),)
    if invitation.revoked_at:
        return (Reason("invitation_revoked"),)
    if invitation.expires_at <= now():
        return (Reason("invitation_too_old", {"days": INVITATION_GOOD_FOR.days}),)
    return ()


def masked(email: str) -> str:
    """`a…@example.org`: enough to know one's own address by, and no more."""
    mailbox, _, domain = email.partition("@")
    return f"{mailbox[:1]}…@{domain}"


@command("directory.join_by_domain")
def join_by_domain(*, actor: Actor, organisation: Organisation) -> Affiliation:
    """Join without being asked, by a verified address at a verified domain of the organisation; without duties, which
    a manager gives. Belongs already: nothing changes. Raises `Refused`.
    """
    organisation = locked_organisation(organisation)
    refuse_if(allowed(actor, rules.JOIN_ORGANISATION))
    if standing := rules.standing(actor.person, organisation):
        return unchanged(standing)
    if actor.person is None or not joinable_by_domain(actor.person).filter(pk=organisation.pk).exists():
        raise Refused([Reason("no_address_of_its_domain")])
    affiliation = let_in(organisation, actor.person, (), Joined.DOMAIN)
    actor.person.join_requests.filter(organisation=organisation, answered_at__isnull=True).update(
        answered_at=now(), approved=True
    )
    record(organisation, after=people_state(organisation), payload=_of(affiliation))
    return affiliation


@command("directory.ask_to_join")
def ask_to_join(*, actor: Actor, organisation: Organisation, note: str = "") -> JoinRequest:
    """Ask the managers to be let in; they get a mail. Asked already: nothing changes. Raises `Refused`."""
    organisation = locked_organisation(organisation)
    refuse_if(allowed(actor, rules.JOIN_ORGANISATION))
    if actor.person is None:
        raise Refused([Reason("people_only")])
    refuse_if(merged_faults(organisation))
    note = _one_line(note, "note")
    if rules.standing(actor.person, organisation):
        raise Refused([Reason("belongs_already")])
    mine = actor.person.join_requests.filter(answered_at__isnull=True)
    if standing := mine.filter(organisation=organisation).first():
        return unchanged(standing)
    if mine.count() >= REQUESTS_AT_ONCE:
        raise Refused([Reason("too_many_requests_to_join", {"most": REQUESTS_AT_ONCE})])
    request = JoinRequest.objects.create(organisation=organisation, person=actor.person, note=note, asked_at=now())
    for manager in managers_of(organisation):
        mail.post(
            "organisation_join_request",
            to=manager.person.email,
            language=manager.person.language,
            context={"organisation": organisation.name, "asker": actor.person.shown, "uid": organisation.uid},
            key=f"join-request-{request.pk}-{manager.person.pk}",
        )
    record(organisation, payload={"request_id": request.pk})
    return request


@command("directory.answer_request")
def answer_request(*, actor: Actor, request: JoinRequest, approve: bool, duties: Iterable[str] = ()) -> JoinRequest:
    """Let somebody in who asked, with these duties, or not. Answered already: nothing changes. Raises `Refused`."""
    organisation = locked_organisation(request.organisation)
    request = locked(JoinRequest.objects).select_related("person").get(pk=request.pk)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(merged_faults(organisation))
    refuse_if(_duty_faults(duties))
    if request.answered_at:
        return unchanged(request)
    request.answered_at, request.approved = now(), approve
    request.save(update_fields=["answered_at", "approved"])
    payload: dict[str, Any] = {"request_id": request.pk, "approved": approve}
    if approve:
        payload |= _of(let_in(organisation, request.person, duties, Joined.REQUEST))
    mail.post(
        "organisation_join_answer",
        to=request.person.email,
        language=request.person.language,
        context={"organisation": organisation.name, "approved": approve, "uid": organisation.uid},
    )
    record(organisation, after=people_state(organisation), payload=payload)
    return request


@command("directory.set_duties")
def set_duties(*, actor: Actor, affiliation: Affiliation, duties: Iterable[str], post: str = "") -> Affiliation:
    """What somebody may do for the organisation, and the name of their post there. As it was: nothing changes.

    Raises `Refused`, also when nobody would be left who manages it.
    """
    organisation, affiliation = _locked_affiliation(affiliation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if([*merged_faults(organisation), *_ended(affiliation), *_duty_faults(duties)])
    post, wanted = _one_line(post, "post"), sorted_duties(duties)
    if (affiliation.duties, affiliation.post) == (wanted, post):
        return unchanged(affiliation)
    if Duty.MANAGE not in wanted:
        refuse_if(_last_manager(organisation, affiliation))
    before = people_state(organisation)
    affiliation.duties, affiliation.post = wanted, post
    affiliation.save(update_fields=["duties", "post"])
    record(organisation, before=before, after=people_state(organisation), payload=_of(affiliation))
    return affiliation


@command("directory.end_affiliation")
def end_affiliation(*, actor: Actor, affiliation: Affiliation) -> Affiliation:
    """Somebody leaves, or is taken off by a manager; what they did stays. Ended already: nothing changes.

    Raises `Refused`, also when nobody would be left who manages it: then hand over first.
    """
    organisation, affiliation = _locked_affiliation(affiliation)
    refuse_if(allowed(actor, rules.END_AFFILIATION, affiliation))
    if affiliation.ended_at:
        return unchanged(affiliation)
    refuse_if(_last_manager(organisation, affiliation))
    before = people_state(organisation)
    affiliation.ended_at = now()
    affiliation.save(update_fields=["ended_at"])
    payload = _of(affiliation) | {"left": actor.id == affiliation.person.uid}
    record(organisation, before=before, after=people_state(organisation), payload=payload)
    return affiliation


def _locked_affiliation(affiliation: Affiliation) -> tuple[Organisation, Affiliation]:
    organisation = locked_organisation(affiliation.organisation)
    found = locked(Affiliation.objects).select_related("person", "organisation").get(pk=affiliation.pk)
    if found.organisation_id != organisation.pk:  # merged in between
        organisation = locked_organisation(found.organisation)
    return organisation, found


def _ended(affiliation: Affiliation) -> tuple[Reason, ...]:
    return (Reason("belongs_no_longer"),) if affiliation.ended_at else ()


def _last_manager(organisation: Organisation, affiliation: Affiliation) -> tuple[Reason, ...]:
    """Why this one cannot stop managing: there is nobody else who does."""
    managing = managers_of(organisation)
    return (Reason("last_manager"),) if [one.pk for one in managing] == [affiliation.pk] else ()


def _duty_faults(duties: Iterable[str]) -> list[Reason]:
    unknown = sorted({str(duty) for duty in duties} - set(Duty))
    return [Reason("no_such_duty", {"duty": unknown[0][:40]})] if unknown else []


def _one_line(text: str, what: str) -> str:
    line = " ".join(unicodedata.normalize("NFC", text[: 4 * MOST[what]]).split())
    if len(line) > MOST[what]:
        raise Refused([Reason("line_too_long", {"most": MOST[what]})])
    if hidden := hidden_characters(line):
        raise Refused([Reason("name_has_hidden_characters", {"characters": hidden})])
    return line


def _of(affiliation: Affiliation) -> dict[str, Any]:
    return {"person": affiliation.person.uid, "duties": affiliation.duties, "joined_by": affiliation.joined_by}
