"""Mail domains of an organisation: claimed, then verified by an address or a code."""

import datetime as dt
import secrets
import unicodedata
from typing import Final

from django.db import IntegrityError, transaction

from madang.apps.directory import rules
from madang.apps.directory.commands.shared import (
    address_faults,
    language_of,
    locked_organisation,
    merged_faults,
    restate,
    state_of,
)
from madang.apps.directory.models import Domain, Organisation
from madang.apps.directory.queries import CODE_GOOD_FOR, domain_in_ascii, domains_shown_by
from madang.core.conflicts import domains
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed
from madang.kernel.tokens import token_hash

CODE_TRIES: Final = 5
CODE_AGAIN_AFTER: Final = dt.timedelta(minutes=1)
CODES_A_DAY: Final = 5
"""To one mailbox, whoever asks for them: its owner did not."""
_MAIL: Final = "organisation_domain_code"
_CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@command("directory.claim_domain")
def claim_domain(*, actor: Actor, organisation: Organisation, domain: str) -> Domain:
    """A mail domain that the organisation says is its own. It counts once verified: at once where the actor has a
    verified address there, else by `send_domain_code` and `verify_domain`. Claimed already: nothing changes, unless
    the actor can now verify it. Raises `Refused`: no domain, everybody's (a mail provider's), or another's.
    """
    organisation = locked_organisation(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(merged_faults(organisation))
    before = state_of(organisation)
    found, new = claim(actor, organisation, domain)
    if not new:
        return unchanged(found)
    restate(organisation)
    payload = {"domain_id": found.pk, "verified": found.verified_at is not None}
    record(organisation, before=before, after=state_of(organisation), payload=payload)
    return found


@command("directory.send_domain_code")
def send_domain_code(*, actor: Actor, domain: Domain, mailbox: str) -> Domain:
    """Mail a code to `mailbox` at the domain. The last code sent is the one that counts. Raises `Refused`."""
    domain = _domain_for(actor, domain)
    address = f"{mailbox.strip().lower()}@{domain.domain}"
    refuse_if(address_faults(address))
    if domain.verified_at:
        return unchanged(domain)
    refuse_if(_taken_by_another(domain.organisation, domain.domain))
    if domain.code_sent_at and now() - domain.code_sent_at < CODE_AGAIN_AFTER:
        raise Refused([Reason("domain_code_just_sent", {"seconds": int(CODE_AGAIN_AFTER.total_seconds())})])
    today = mail.OutgoingMail.objects.filter(template=_MAIL, to=address, posted_at__gt=now() - dt.timedelta(days=1))
    if today.count() >= CODES_A_DAY:
        raise Refused([Reason("domain_codes_of_today", {"most": CODES_A_DAY})])
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(8))
    domain.code_sha256, domain.code_sent_at, domain.code_tries = _code_hash(domain, code), now(), 0
    domain.save(update_fields=["code_sha256", "code_sent_at", "code_tries"])
    mail.post(
        _MAIL,
        to=address,
        language=language_of(actor),
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
    organisation = locked_organisation(domain.organisation)
    domain = locked(Domain.objects).get(pk=domain.pk)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(merged_faults(organisation))
    if domain.ended_at:
        return unchanged(domain)
    before = state_of(organisation)
    domain.ended_at = now()
    domain.save(update_fields=["ended_at"])
    restate(organisation)
    record(organisation, before=before, after=state_of(organisation), payload={"domain_id": domain.pk})
    return domain


def claim(actor: Actor, organisation: Organisation, text: str) -> tuple[Domain, bool]:
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
    organisation = locked_organisation(domain.organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(merged_faults(organisation))
    found = locked(Domain.objects).get(pk=domain.pk)
    found.organisation = organisation
    if found.ended_at:
        raise Refused([Reason("domain_is_ended", {"domain": found.domain[:80]})])
    return found


def _code_hash(domain: Domain, code: str) -> str:
    return token_hash(f"{domain.pk}:{code}")
