"""Writes: found and edit organisations, show what they are, let people in and out, pass on, join two entries in one.

Whatever changes who belongs to an organisation locks the organisation first, so that two changes at once can never
leave it without a manager. Journal rows stand at the organisation, with ids and counts only.
"""

import datetime as dt
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from madang.apps.accounts.commands import end_role, grant_role
from madang.apps.accounts.models import Grant, Person
from madang.apps.accounts.queries import by_email
from madang.apps.directory import rules
from madang.apps.directory.enums import Duty, Joined
from madang.apps.directory.events import HandedOver, OrganisationsMerged
from madang.apps.directory.models import (
    Affiliation,
    Domain,
    FormerName,
    Handover,
    Invitation,
    JoinRequest,
    Merge,
    Organisation,
    RegistryNumber,
)
from madang.apps.directory.queries import (
    CODE_GOOD_FOR,
    domain_in_ascii,
    domains_shown_by,
    invitation_of,
    joinable_by_domain,
    managers_of,
    open_invitations,
    verified_addresses,
)
from madang.core.callspec.model import OrganisationKind
from madang.core.conflicts import domains
from madang.core.identity import hidden_characters, name_key, normalised_number, number_faults, search_form
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.permissions import allowed, may
from madang.kernel.tokens import new_token, token_hash
from madang.papers import classifications

INVITATION_GOOD_FOR: Final = dt.timedelta(days=14)
INVITATIONS_A_DAY: Final = 50
"""By one organisation: nobody invites more by hand, and the outbox is no way to send mail to strangers."""
REQUESTS_AT_ONCE: Final = 10
"""Open requests to join of one person."""
CODE_TRIES: Final = 5
CODE_AGAIN_AFTER: Final = dt.timedelta(minutes=1)
MOST: Final = {"name": 300, "post": 200, "note": 500, "reason": 2000, "names": 20}
"""Characters (languages, for `names`)."""

_CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ALL_DUTIES: Final = tuple(sorted(Duty))


# --- What an organisation is ------------------------------------------------------------------------------------------


@command("directory.found_organisation")
def found_organisation(
    *,
    actor: Actor,
    kind: str,
    country: str,
    name: str,
    names: Mapping[str, str] | None = None,
    parent: Organisation | None = None,
    numbers: Sequence[tuple[str, str]] = (),
    claimed_domains: Sequence[str] = (),
    sure: bool = False,
    sample: bool = False,
) -> Organisation:
    """A new organisation; whoever founds it manages it, files, fills and is its contact.

    `numbers` are pairs of scheme and number, `sure` as in `add_number`. Raises `Refused`: also when a number, or a
    verified domain, is another organisation's, which is not named here (`queries.holder_of_number`).
    """
    refuse_if(allowed(actor, rules.FOUND_ORGANISATION))
    sample = sample or bool(actor.person and actor.person.is_sample)
    particulars = _particulars(kind=kind, country=country, name=name, names=names or {}, sample=sample)
    refuse_if(_parent_faults(actor, None, parent))
    organisation = Organisation.objects.create(
        kind=kind, country=country, parent=parent, is_sample=sample, created_at=now(), **particulars
    )
    for scheme, number in numbers:
        _add_number(organisation, scheme, number, sure=sure)
    for domain in claimed_domains:
        _claim(actor, organisation, domain)
    if actor.person is not None:
        _join(organisation, actor.person, ALL_DUTIES, Joined.FOUNDED)
    _restate(organisation)
    counts = {"numbers": len(numbers), "domains": len(claimed_domains), "sample": sample}
    record(organisation, after=_state(organisation), payload=counts)
    return organisation


@command("directory.edit_organisation")
def edit_organisation(
    *,
    actor: Actor,
    organisation: Organisation,
    kind: str,
    country: str,
    name: str,
    names: Mapping[str, str],
    parent: Organisation | None,
    correction: bool = False,
) -> Organisation:
    """Change what is said of it. A new name keeps the old one as a former name, unless it only mends a slip
    (`correction`). A parent is one that the actor manages too. Raises `Refused`.
    """
    organisation = _locked(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(_merged(organisation))
    given = _particulars(kind=kind, country=country, name=name, names=names, sample=organisation.is_sample)
    if parent != organisation.parent:
        refuse_if(_parent_faults(actor, organisation, parent))
    wanted = given | {"kind": kind, "country": country, "parent": parent}
    if all(getattr(organisation, field) == value for field, value in wanted.items()):
        return unchanged(organisation)
    before, old = _state(organisation), organisation.name
    renamed = given["name"] != old
    if renamed and not correction:
        FormerName.objects.create(organisation=organisation, name=old, until=timezone.localdate(now()))
    changed = [field for field, value in wanted.items() if getattr(organisation, field) != value]
    for field, value in wanted.items():
        setattr(organisation, field, value)
    organisation.save(update_fields=list(wanted))
    _restate(organisation)
    payload = {"changed": sorted(changed), "renamed": renamed and not correction}
    record(organisation, before=before, after=_state(organisation), payload=payload)
    return organisation


@command("directory.add_number")
def add_number(
    *, actor: Actor, organisation: Organisation, scheme: str, number: str, sure: bool = False
) -> RegistryNumber:
    """A number in a public register, normalised and held against its check digit. There already: nothing changes.

    `sure`: the certificate says so, whatever the check digit (`core.identity.number_faults`). Raises `Refused`.
    """
    organisation = _locked(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(_merged(organisation))
    refuse_if(number_faults(scheme, number, sure=sure))
    plain = normalised_number(scheme, number, organisation.country)  # type: ignore[arg-type]  # number_faults looked
    if standing := organisation.numbers.filter(scheme=scheme, number=plain, ended_at__isnull=True).first():
        return unchanged(standing)
    found = _add_number(organisation, scheme, number, sure=sure)
    _restate(organisation)
    record(organisation, after=_state(organisation), payload={"scheme": scheme, "number_id": found.pk})
    return found


@command("directory.end_number")
def end_number(*, actor: Actor, number: RegistryNumber) -> RegistryNumber:
    """The organisation has the number no longer; ended already: nothing changes. Raises `Refused`."""
    organisation = _locked(number.organisation)
    number = locked(RegistryNumber.objects).get(pk=number.pk)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(_merged(organisation))
    if number.ended_at:
        return unchanged(number)
    before = _state(organisation)
    number.ended_at = now()
    number.save(update_fields=["ended_at"])
    _restate(organisation)
    payload = {"scheme": number.scheme, "number_id": number.pk}
    record(organisation, before=before, after=_state(organisation), payload=payload)
    return number


@command("directory.claim_domain")
def claim_domain(*, actor: Actor, organisation: Organisation, domain: str) -> Domain:
    """A mail domain that the organisation says is its own. It counts once verified: at once where the actor has a
    verified address there, else by `send_domain_code` and `verify_domain`. Claimed already: nothing changes, unless
    the actor can now verify it. Raises `Refused`: no domain, everybody's (a mail provider's), or another's.
    """
    organisation = _locked(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(_merged(organisation))
    before = _state(organisation)
    found, new = _claim(actor, organisation, domain)
    if not new:
        return unchanged(found)
    _restate(organisation)
    payload = {"domain_id": found.pk, "verified": found.verified_at is not None}
    record(organisation, before=before, after=_state(organisation), payload=payload)
    return found


@command("directory.send_domain_code")
def send_domain_code(*, actor: Actor, domain: Domain, mailbox: str) -> Domain:
    """Mail a code to `mailbox` at the domain. The last code sent is the one that counts. Raises `Refused`."""
    domain = _domain_for(actor, domain)
    address = f"{mailbox.strip()}@{domain.domain}"
    refuse_if(_address_faults(address))
    if domain.verified_at:
        return unchanged(domain)
    refuse_if(_taken_by_another(domain.organisation, domain.domain))
    if domain.code_sent_at and now() - domain.code_sent_at < CODE_AGAIN_AFTER:
        raise Refused([Reason("domain_code_just_sent", {"seconds": int(CODE_AGAIN_AFTER.total_seconds())})])
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(8))
    domain.code_sha256, domain.code_sent_at, domain.code_tries = _code_hash(domain, code), now(), 0
    domain.save(update_fields=["code_sha256", "code_sent_at", "code_tries"])
    mail.post(
        "organisation_domain_code",
        to=address,
        language=_language(actor),
        context={"organisation": domain.organisation.name, "domain": domain.domain, "code": f"{code[:4]}-{code[4:]}"},
        secret=True,
    )
    record(domain.organisation, payload={"domain_id": domain.pk})
    return domain


@command("directory.verify_domain")
def verify_domain(*, actor: Actor, domain: Domain, code: str) -> Domain:
    """Type in the code that was mailed. A wrong one is counted, not refused: the domain comes back unverified, so that
    what was counted is kept. Raises `Refused`: no code stands, it is too old, or was tried too often.
    """
    domain = _domain_for(actor, domain)
    if domain.verified_at:
        return unchanged(domain)
    if not domain.code_sha256 or not domain.code_sent_at or now() - domain.code_sent_at > CODE_GOOD_FOR:
        raise Refused([Reason("domain_code_too_old", {"minutes": int(CODE_GOOD_FOR.total_seconds()) // 60})])
    if domain.code_tries >= CODE_TRIES:
        raise Refused([Reason("domain_code_tried_too_often", {"most": CODE_TRIES})])
    refuse_if(_taken_by_another(domain.organisation, domain.domain))
    typed = "".join(char for char in unicodedata.normalize("NFKC", code[:80]).upper() if char.isalnum())
    if not secrets.compare_digest(_code_hash(domain, typed), domain.code_sha256):
        domain.code_tries += 1
        domain.save(update_fields=["code_tries"])
        record(domain.organisation, payload={"domain_id": domain.pk, "verified": False, "tries": domain.code_tries})
        return domain
    _verify(domain)
    record(domain.organisation, payload={"domain_id": domain.pk, "verified": True})
    return domain


@command("directory.end_domain")
def end_domain(*, actor: Actor, domain: Domain) -> Domain:
    """The domain is the organisation's no longer: nobody joins by it any more. Ended already: nothing changes."""
    organisation = _locked(domain.organisation)
    domain = locked(Domain.objects).get(pk=domain.pk)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(_merged(organisation))
    if domain.ended_at:
        return unchanged(domain)
    before = _state(organisation)
    domain.ended_at = now()
    domain.save(update_fields=["ended_at"])
    _restate(organisation)
    record(organisation, before=before, after=_state(organisation), payload={"domain_id": domain.pk})
    return domain


# --- Who belongs to it ------------------------------------------------------------------------------------------------


@command("directory.invite_person")
def invite_person(*, actor: Actor, organisation: Organisation, email: str, duties: Iterable[str]) -> Invitation:
    """Mail somebody a link by which they may join, once, within `INVITATION_GOOD_FOR`; an open one to the same address
    is revoked. Whether the address has an account changes nothing that the inviter could see. Raises `Refused`.
    """
    organisation = _locked(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    if actor.person is None:
        raise Refused([Reason("people_only")])
    refuse_if(_merged(organisation))
    email = email.strip().lower()
    refuse_if([*_address_faults(email), *_duty_faults(duties)])
    if organisation.invitations.filter(invited_at__gt=now() - dt.timedelta(days=1)).count() >= INVITATIONS_A_DAY:
        raise Refused([Reason("too_many_invitations", {"most": INVITATIONS_A_DAY})])
    open_invitations(organisation).filter(email=email).update(revoked_at=now())
    token = new_token()
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        duties=_sorted(duties),
        token_sha256=token_hash(token),
        invited_by=actor.person,
        invited_at=now(),
        expires_at=now() + INVITATION_GOOD_FOR,
    )
    invited = by_email(email)
    mail.post(
        "organisation_invitation",
        to=email,
        language=invited.language if invited else _language(actor),
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
    organisation = _locked(invitation.organisation)
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
    organisation = _locked(found.organisation)
    invitation = locked(Invitation.objects).get(pk=found.pk)
    refuse_if(invitation_faults(invitation))
    refuse_if(_merged(organisation))
    if invitation.email not in verified_addresses(actor.person):
        raise Refused([Reason("invitation_of_another_address", {"address": masked(invitation.email)})])
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])
    affiliation = _join(organisation, actor.person, invitation.duties, Joined.INVITATION)
    payload = _of(affiliation) | {"invitation_id": invitation.pk}
    record(organisation, after=_people_state(organisation), payload=payload)
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
    organisation = _locked(organisation)
    refuse_if(allowed(actor, rules.JOIN_ORGANISATION))
    if standing := rules.standing(actor.person, organisation):
        return unchanged(standing)
    if actor.person is None or not joinable_by_domain(actor.person).filter(pk=organisation.pk).exists():
        raise Refused([Reason("no_address_of_its_domain")])
    affiliation = _join(organisation, actor.person, (), Joined.DOMAIN)
    actor.person.join_requests.filter(organisation=organisation, answered_at__isnull=True).update(
        answered_at=now(), approved=True
    )
    record(organisation, after=_people_state(organisation), payload=_of(affiliation))
    return affiliation


@command("directory.ask_to_join")
def ask_to_join(*, actor: Actor, organisation: Organisation, note: str = "") -> JoinRequest:
    """Ask the managers to be let in; they get a mail. Asked already: nothing changes. Raises `Refused`."""
    organisation = _locked(organisation)
    refuse_if(allowed(actor, rules.JOIN_ORGANISATION))
    if actor.person is None:
        raise Refused([Reason("people_only")])
    refuse_if(_merged(organisation))
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
    organisation = _locked(request.organisation)
    request = locked(JoinRequest.objects).select_related("person").get(pk=request.pk)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(_merged(organisation))
    refuse_if(_duty_faults(duties))
    if request.answered_at:
        return unchanged(request)
    request.answered_at, request.approved = now(), approve
    request.save(update_fields=["answered_at", "approved"])
    payload: dict[str, Any] = {"request_id": request.pk, "approved": approve}
    if approve:
        payload |= _of(_join(organisation, request.person, duties, Joined.REQUEST))
    mail.post(
        "organisation_join_answer",
        to=request.person.email,
        language=request.person.language,
        context={"organisation": organisation.name, "approved": approve, "uid": organisation.uid},
    )
    record(organisation, after=_people_state(organisation), payload=payload)
    return request


@command("directory.set_duties")
def set_duties(*, actor: Actor, affiliation: Affiliation, duties: Iterable[str], post: str = "") -> Affiliation:
    """What somebody may do for the organisation, and the name of their post there. As it was: nothing changes.

    Raises `Refused`, also when nobody would be left who manages it.
    """
    organisation, affiliation = _locked_affiliation(affiliation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if([*_merged(organisation), *_ended(affiliation), *_duty_faults(duties)])
    post, wanted = _one_line(post, "post"), _sorted(duties)
    if (affiliation.duties, affiliation.post) == (wanted, post):
        return unchanged(affiliation)
    if Duty.MANAGE not in wanted:
        refuse_if(_last_manager(organisation, affiliation))
    before = _people_state(organisation)
    affiliation.duties, affiliation.post = wanted, post
    affiliation.save(update_fields=["duties", "post"])
    record(organisation, before=before, after=_people_state(organisation), payload=_of(affiliation))
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
    before = _people_state(organisation)
    affiliation.ended_at = now()
    affiliation.save(update_fields=["ended_at"])
    payload = _of(affiliation) | {"left": actor.id == affiliation.person.uid}
    record(organisation, before=before, after=_people_state(organisation), payload=payload)
    return affiliation


# --- Changing post ----------------------------------------------------------------------------------------------------


@command("directory.hand_over")
def hand_over(
    *,
    actor: Actor,
    giver: Person,
    taker: Person,
    organisation: Organisation | None = None,
    grants: Sequence[Grant] = (),
    leaves: bool = True,
    reason: str,
) -> Handover:
    """An officer changes post: the giver's duties in the organisation pass to the taker, in addition to their own; the
    giver leaves it, or stays without duties (`leaves` false). An administrator may pass on roles (`grants`) too.

    By the giver, a manager of the organisation, or an administrator. The taker belongs to the organisation, or has
    verified an address that it invited. Raises `Refused`.
    Side effects: role commands write their own journal rows; a `HandedOver` event, by which drafts and enquiries pass.
    """
    reason = _text(reason, "reason", missing="hand_over_needs_reason")
    if giver.pk == taker.pk or not taker.is_active:
        raise Refused([Reason("hand_over_to_another")])
    given: Affiliation | None = None
    parts: dict[str, Any] = {"grants": sorted(grant.pk for grant in grants)}
    if organisation is not None:
        organisation = _locked(organisation)
        given = giver.affiliations.filter(organisation=organisation, ended_at__isnull=True).first()
        if given is None:
            refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
            raise Refused([Reason("giver_does_not_belong")])
        refuse_if(allowed(actor, rules.HAND_OVER, given))
        refuse_if(_merged(organisation))
        parts |= {"affiliation": given.pk, "duties": given.duties, "leaves": leaves}
    elif not grants:
        raise Refused([Reason("nothing_to_hand_over")])
    if grants:
        refuse_if(allowed(actor, rules.HAND_OVER_FOR_OTHERS))
        if any(grant.person_id != giver.pk or grant.ended_at for grant in grants):
            raise Refused([Reason("role_of_another")])
    if organisation is not None and given is not None:
        _pass_on(organisation, given, taker, leaves)
    for grant in grants:
        end_role(actor=actor, grant=grant)
        where = {"programme": grant.programme, "secretariat": grant.secretariat}
        grant_role(actor=actor, person=taker, role=grant.role, **where)
    handover = Handover.objects.create(
        giver=giver, taker=taker, organisation=organisation, parts=parts, reason=reason, at=now(), by=actor.id
    )
    payload = {"handover": handover.uid, "giver": giver.uid, "taker": taker.uid, "roles": len(grants)}
    record(organisation or handover, payload=payload | {"duties": parts.get("duties", []), "leaves": leaves})
    announce(HandedOver(handover_id=handover.pk))
    return handover


def _pass_on(organisation: Organisation, given: Affiliation, taker: Person, leaves: bool) -> None:
    taken = taker.affiliations.filter(organisation=organisation, ended_at__isnull=True).first()
    if taken is None:
        invited = open_invitations(organisation).filter(email__in=verified_addresses(taker))
        if not invited:
            raise Refused([Reason("taker_must_belong")])
        duties = {duty for invitation in invited for duty in invitation.duties}
        taken = _join(organisation, taker, duties, Joined.HANDOVER)
        invited.update(accepted_at=now())
    taken.duties = _sorted({*taken.duties, *given.duties})
    taken.save(update_fields=["duties"])
    given.duties = given.duties if leaves else []
    given.ended_at = now() if leaves else None
    given.save(update_fields=["duties", "ended_at"])


# --- Two entries of one organisation ----------------------------------------------------------------------------------


@command("directory.merge_organisations")
def merge_organisations(*, actor: Actor, kept: Organisation, absorbed: Organisation, reason: str) -> Merge:
    """Two entries are one organisation: what stands in `absorbed` (people, numbers, domains, invitations, requests,
    parts) moves to `kept`, to which the old entry points from now on. Who belongs to both gets the duties of both.

    Its names stay with the old entry, and `kept` is found by them. Raises `Refused`.
    Side effects: an `OrganisationsMerged` event, by which other rooms move what is theirs.
    """
    refuse_if(allowed(actor, rules.MERGE_ORGANISATIONS))
    reason = _text(reason, "reason", missing="merge_needs_reason")
    if kept.pk == absorbed.pk:
        raise Refused([Reason("merge_with_itself")])
    kept, absorbed = _both_locked(kept, absorbed)
    refuse_if([*_merged(kept), *_merged(absorbed)])
    if kept.is_sample != absorbed.is_sample:
        raise Refused([Reason("merge_mixes_samples")])
    if _is_below(kept, absorbed):
        raise Refused([Reason("merge_into_own_part")])
    before = _people_state(kept)
    moved: dict[str, Any] = {"managers": [len(managers_of(kept)), len(managers_of(absorbed))]}
    moved |= _move_people(kept, absorbed)
    claimed = kept.domains.filter(ended_at__isnull=True).values("domain")
    asking = kept.join_requests.filter(answered_at__isnull=True).values("person")
    inside = kept.affiliations.filter(ended_at__isnull=True).values("person")
    what = {
        "directory.registrynumber": absorbed.numbers.filter(ended_at__isnull=True),
        "directory.domain": absorbed.domains.filter(ended_at__isnull=True).exclude(domain__in=claimed),
        "directory.invitation": open_invitations(absorbed).select_related(None),
        "directory.joinrequest": absorbed.join_requests.filter(answered_at__isnull=True)
        .exclude(person__in=asking)
        .exclude(person__in=inside),
    }
    for table, rows in what.items():
        moved[table] = sorted(rows.values_list("pk", flat=True))
        rows.model._default_manager.filter(pk__in=moved[table]).update(organisation=kept)
    children = absorbed.children.exclude(pk=kept.pk)
    moved["directory.organisation"] = sorted(children.values_list("pk", flat=True))
    Organisation.objects.filter(pk__in=moved["directory.organisation"]).update(parent=kept)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    _restate(absorbed)
    _restate(kept)
    merge = Merge.objects.create(
        kept=kept, absorbed=absorbed, moved=moved, reason=reason, merged_at=now(), merged_by=actor.id
    )
    counts = {table: len(ids) for table, ids in moved.items() if table != "managers"}
    payload = {"merge_id": merge.pk, "absorbed": absorbed.uid, "moved": counts}
    record(kept, before=before, after=_people_state(kept), payload=payload)
    announce(OrganisationsMerged(merge_id=merge.pk, kept_id=kept.pk, absorbed_id=absorbed.pk))
    return merge


def _move_people(kept: Organisation, absorbed: Organisation) -> dict[str, Any]:
    here = {one.person_id: one for one in kept.affiliations.filter(ended_at__isnull=True)}
    moved, joined = [], []
    for one in absorbed.affiliations.filter(ended_at__isnull=True):
        same = here.get(one.person_id)
        if same is None:
            one.organisation = kept
            one.save(update_fields=["organisation"])
            moved.append(one.pk)
            continue
        union = _sorted({*same.duties, *one.duties})
        joined.append({"ended": one.pk, "kept": same.pk, "before": same.duties, "after": union})
        same.duties, one.ended_at = union, now()
        same.save(update_fields=["duties"])
        one.save(update_fields=["ended_at"])
    return {"directory.affiliation": sorted(moved), "joined": joined}


_TABLES: Final[dict[str, type[models.Model]]] = {
    "directory.affiliation": Affiliation,
    "directory.registrynumber": RegistryNumber,
    "directory.domain": Domain,
    "directory.invitation": Invitation,
    "directory.joinrequest": JoinRequest,
}


@command("directory.undo_merge")
def undo_merge(*, actor: Actor, merge: Merge) -> Merge:
    """They were two after all: exactly what moved goes back, in the state in which it is now; what came to the kept
    one later stays there, and who left it meanwhile stays out of both. Undone already: nothing changes.

    Raises `Refused`: the kept one was itself merged since, or one of the two would be left without a manager.
    Side effects: an `OrganisationsMerged` event with `undone`.
    """
    refuse_if(allowed(actor, rules.MERGE_ORGANISATIONS))
    kept, absorbed = _both_locked(merge.kept, merge.absorbed)
    merge = locked(Merge.objects).get(pk=merge.pk)
    if merge.undone_at:
        return unchanged(merge)
    if kept.merged_into_id is not None:
        raise Refused([Reason("undo_later_merge_first")])
    before = _people_state(kept)
    for table, model in _TABLES.items():
        rows = model._default_manager.filter(pk__in=merge.moved[table], organisation=kept)
        rows.update(organisation=absorbed)
    for pair in merge.moved["joined"]:
        _part(pair)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    for child in Organisation.objects.filter(pk__in=merge.moved["directory.organisation"], parent=kept):
        if not _is_below(absorbed, child):  # somebody may have put the one below the other meanwhile
            child.parent = absorbed
            child.save(update_fields=["parent"])
    for organisation, managed in zip((kept, absorbed), merge.moved["managers"], strict=True):
        if managed and not managers_of(organisation):
            raise Refused([Reason("undo_leaves_no_manager", {"organisation": organisation.name})])
    _restate(absorbed)
    _restate(kept)
    merge.undone_at = now()
    merge.save(update_fields=["undone_at"])
    payload = {"merge_id": merge.pk, "absorbed": absorbed.uid}
    record(kept, before=before, after=_people_state(kept), payload=payload)
    announce(OrganisationsMerged(merge_id=merge.pk, kept_id=kept.pk, absorbed_id=absorbed.pk, undone=True))
    return merge


def _part(pair: Mapping[str, Any]) -> None:
    """Somebody belongs to both again, each with the duties it had; duties given since stay. Who left stays out."""
    same = Affiliation.objects.get(pk=pair["kept"])
    if same.ended_at is not None:
        return
    if same.duties == pair["after"]:
        same.duties = pair["before"]
        same.save(update_fields=["duties"])
    Affiliation.objects.filter(pk=pair["ended"]).update(ended_at=None)


# --- Parts of these ---------------------------------------------------------------------------------------------------


def _locked(organisation: Organisation) -> Organisation:
    return locked(Organisation.objects).get(pk=organisation.pk)


def _both_locked(one: Organisation, other: Organisation) -> tuple[Organisation, Organisation]:
    """In the order of their ids, whichever comes first here: two merges at once never wait for each other."""
    found = {row.pk: row for row in locked(Organisation.objects).filter(pk__in=[one.pk, other.pk]).order_by("pk")}
    return found[one.pk], found[other.pk]


def _locked_affiliation(affiliation: Affiliation) -> tuple[Organisation, Affiliation]:
    organisation = _locked(affiliation.organisation)
    found = locked(Affiliation.objects).select_related("person", "organisation").get(pk=affiliation.pk)
    if found.organisation_id != organisation.pk:  # merged in between
        organisation = _locked(found.organisation)
    return organisation, found


def _merged(organisation: Organisation) -> tuple[Reason, ...]:
    return (Reason("organisation_is_merged"),) if organisation.merged_into_id is not None else ()


def _ended(affiliation: Affiliation) -> tuple[Reason, ...]:
    return (Reason("belongs_no_longer"),) if affiliation.ended_at else ()


def _last_manager(organisation: Organisation, affiliation: Affiliation) -> tuple[Reason, ...]:
    """Why this one cannot stop managing: there is nobody else who does."""
    managing = managers_of(organisation)
    return (Reason("last_manager"),) if [one.pk for one in managing] == [affiliation.pk] else ()


def _join(organisation: Organisation, person: Person, duties: Iterable[str], by: Joined) -> Affiliation:
    """The person belongs, with these duties beside those they have."""
    standing = person.affiliations.filter(organisation=organisation, ended_at__isnull=True).first()
    if standing is not None:
        standing.duties = _sorted({*standing.duties, *duties})
        standing.save(update_fields=["duties"])
        return standing
    return Affiliation.objects.create(
        person=person, organisation=organisation, duties=_sorted(duties), joined_by=by, since=now()
    )


def _sorted(duties: Iterable[str]) -> list[str]:
    return sorted({str(duty) for duty in duties})


def _duty_faults(duties: Iterable[str]) -> list[Reason]:
    unknown = sorted({str(duty) for duty in duties} - set(Duty))
    return [Reason("no_such_duty", {"duty": unknown[0][:40]})] if unknown else []


def _address_faults(email: str) -> list[Reason]:
    try:
        validate_email(email)
    except ValidationError:
        return [Reason("not_an_address", {"given": email[:80]})]
    return [] if len(email) <= 254 else [Reason("not_an_address", {"given": email[:80]})]


def _add_number(organisation: Organisation, scheme: str, number: str, *, sure: bool) -> RegistryNumber:
    refuse_if(number_faults(scheme, number, sure=sure))
    plain = normalised_number(scheme, number, organisation.country)  # type: ignore[arg-type]  # looked at above
    try:
        with transaction.atomic():  # two who found the same company at once meet at the constraint
            return RegistryNumber.objects.create(organisation=organisation, scheme=scheme, number=plain)
    except IntegrityError:
        raise Refused([Reason("number_is_taken", {"number": number.strip()[:80]})]) from None


def _claim(actor: Actor, organisation: Organisation, text: str) -> tuple[Domain, bool]:
    """The claim, and whether anything about it is new."""
    try:
        domain = domain_in_ascii(text)
    except ValueError:
        raise Refused([Reason("not_a_domain", {"given": text.strip()[:80]})]) from None
    if domains.is_public(domains.canonical(domain)):
        raise Refused([Reason("domain_of_everybody", {"domain": domain[:80]})])
    refuse_if(_taken_by_another(organisation, domain))
    found = organisation.domains.filter(domain=domain, ended_at__isnull=True).first()
    new = found is None
    if found is None:
        found = Domain.objects.create(organisation=organisation, domain=domain, claimed_at=now())
    if found.verified_at is None and actor.person is not None and domain in domains_shown_by(actor.person):
        _verify(found)
        new = True
    return found, new


def _taken_by_another(organisation: Organisation, domain: str) -> tuple[Reason, ...]:
    others = Domain.objects.filter(domain=domain, verified_at__isnull=False, ended_at__isnull=True)
    taken = others.exclude(organisation=organisation).exists()
    return (Reason("domain_is_taken", {"domain": domain[:80]}),) if taken else ()


def _verify(domain: Domain) -> None:
    domain.verified_at, domain.code_sha256 = now(), ""
    try:
        with transaction.atomic():  # two organisations that verify one domain at once meet at the constraint
            domain.save(update_fields=["verified_at", "code_sha256"])
    except IntegrityError:
        raise Refused([Reason("domain_is_taken", {"domain": domain.domain[:80]})]) from None


def _domain_for(actor: Actor, domain: Domain) -> Domain:
    organisation = _locked(domain.organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(_merged(organisation))
    found = locked(Domain.objects).get(pk=domain.pk)
    found.organisation = organisation
    if found.ended_at:
        raise Refused([Reason("domain_is_ended", {"domain": found.domain[:80]})])
    return found


def _code_hash(domain: Domain, code: str) -> str:
    return token_hash(f"{domain.pk}:{code}")


def _language(actor: Actor) -> str:
    return actor.person.language if actor.person is not None else settings.LANGUAGE_CODE


def _particulars(*, kind: str, country: str, name: str, names: Mapping[str, str], sample: bool) -> dict[str, Any]:
    """`name` and `names` as they are stored. Raises `Refused` with everything that is wrong."""
    reasons = []
    if kind not in get_args(OrganisationKind):
        reasons.append(Reason("no_such_kind_of_organisation", {"kind": kind[:40]}))
    known = classifications.known_countries("iso-3166")
    if country not in known and not (sample and country in classifications.known_countries(classifications.INVENTED)):
        reasons.append(Reason("no_such_country", {"country": country[:10]}))
    name, faults = _name(name)
    reasons += faults
    kept: dict[str, str] = {}
    for language, text in names.items():
        if not text.strip():
            continue
        kept[language], faults = _name(text)
        reasons += faults
        if not language.isascii() or not 2 <= len(language) <= 10 or not language.replace("-", "").isalnum():
            reasons.append(Reason("no_such_language", {"language": language[:20]}))
    if len(names) > MOST["names"]:
        reasons.append(Reason("too_many_names", {"most": MOST["names"]}))
    refuse_if({(reason.code, str(reason.params)): reason for reason in reasons}.values())  # each once
    return {"name": name, "names": kept}


def _name(text: str) -> tuple[str, list[Reason]]:
    """A name as it is stored, and what is wrong with it."""
    name = " ".join(unicodedata.normalize("NFC", text[: 4 * MOST["name"]]).split())
    if len(name) > MOST["name"]:
        return name, [Reason("organisation_name_too_long", {"most": MOST["name"]})]
    if hidden := hidden_characters(name):
        return name, [Reason("name_has_hidden_characters", {"characters": hidden})]
    if not name_key(name):
        return name, [Reason("organisation_needs_name")]
    return name, []


def _one_line(text: str, what: str) -> str:
    line = " ".join(unicodedata.normalize("NFC", text[: 4 * MOST[what]]).split())
    if len(line) > MOST[what]:
        raise Refused([Reason("line_too_long", {"most": MOST[what]})])
    if hidden := hidden_characters(line):
        raise Refused([Reason("name_has_hidden_characters", {"characters": hidden})])
    return line


def _text(text: str, what: str, *, missing: str) -> str:
    """Words that must be given; lines are kept."""
    kept = unicodedata.normalize("NFC", text[: 4 * MOST[what]]).replace("\0", "").strip()
    if not kept:
        raise Refused([Reason(missing)])
    if len(kept) > MOST[what]:
        raise Refused([Reason("line_too_long", {"most": MOST[what]})])
    return kept


def _parent_faults(actor: Actor, organisation: Organisation | None, parent: Organisation | None) -> list[Reason]:
    """To be part of another organisation is said by whoever manages both."""
    if parent is None:
        return []
    parent = Organisation.objects.get(pk=parent.pk)  # as it is now, whatever the caller has read
    people = actor.kind == "person"
    if people and not may(actor.person, rules.MANAGE_ORGANISATION, parent):
        return [Reason("parent_of_another")]
    if organisation is not None and (parent.pk == organisation.pk or _is_below(parent, organisation)):
        return [Reason("parent_in_a_circle")]
    return [*_merged(parent)]


def _is_below(organisation: Organisation, above: Organisation) -> bool:
    """Whether `above` is among the parents. One statement a step; a circle cannot be stored."""
    parent = organisation.parent
    while parent is not None:
        if parent.pk == above.pk:
            return True
        parent = parent.parent
    return False


def _restate(organisation: Organisation) -> None:
    """What it is found by: its own names and numbers, and those of the entries merged into it."""
    lines = dict.fromkeys(search_form(line) for line in _lines(organisation))
    organisation.search_text = "\n".join(line for line in lines if line)
    organisation.name_key = name_key(organisation.name)[:500]
    organisation.save(update_fields=["search_text", "name_key"])


def _lines(organisation: Organisation) -> list[str]:
    lines = [organisation.name, *organisation.names.values()]
    lines += organisation.former_names.values_list("name", flat=True)
    lines += organisation.numbers.filter(ended_at__isnull=True).values_list("number", flat=True)
    lines += organisation.domains.filter(ended_at__isnull=True).values_list("domain", flat=True)
    for absorbed in Organisation.objects.filter(merged_into=organisation):
        lines += _lines(absorbed)
    return lines


def _state(organisation: Organisation) -> dict[str, Any]:
    """Without the name: of somebody who acts alone it is a person's."""
    return {
        "uid": organisation.uid,
        "kind": organisation.kind,
        "country": organisation.country,
        "parent": organisation.parent.uid if organisation.parent else None,
        "former_names": organisation.former_names.count(),
        "numbers": sorted(organisation.numbers.filter(ended_at__isnull=True).values_list("pk", flat=True)),
        "domains": sorted(organisation.domains.filter(ended_at__isnull=True).values_list("pk", flat=True)),
    }


def _people_state(organisation: Organisation) -> dict[str, Any]:
    """Who belongs, by account uid, with which duties."""
    standing = organisation.affiliations.filter(ended_at__isnull=True)
    return {"uid": organisation.uid, "people": dict(standing.values_list("person__uid", "duties"))}


def _of(affiliation: Affiliation) -> dict[str, Any]:
    return {"person": affiliation.person.uid, "duties": affiliation.duties, "joined_by": affiliation.joined_by}
