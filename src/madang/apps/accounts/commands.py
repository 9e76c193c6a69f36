"""Writes: register people, keep their particulars, passwords and consents, close accounts, give and end roles.

Rows of allauth that belong to a person (addresses, authenticators, sessions) are written here too where our own state
depends on them; everything else about signing in is allauth's.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from madang.apps.accounts import rules
from madang.apps.accounts.enums import ConsentKind, Role
from madang.apps.accounts.events import AccountClosed, PersonRegistered, RoleEnded, RoleGranted
from madang.apps.accounts.models import Consent, Grant, Person
from madang.apps.accounts.queries import consents_of, holders
from madang.core.reasons import Reason
from madang.kernel.actors import SYSTEM, Actor
from madang.kernel.cipher import CODES, CannotOpen, is_current, seal, unseal
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.events import announce
from madang.kernel.mail import post
from madang.kernel.permissions import allowed


def actor_of(person: Person) -> Actor:
    """The person as the one who acts."""
    return Actor("person", person.uid, "", person=person)


@command("accounts.register_person")
def register_person(
    *,
    actor: Actor = SYSTEM,
    email: str,
    name: str = "",
    language: str = "",
    zone: str = "",
    consents: Mapping[str, str] | None = None,
    sample: bool = False,
    password_hash: str = "",
    verified: bool = False,
) -> Person:
    """A new account for an address; the person who has it already, unchanged, where there is one.

    `consents` maps what was consented to (`ConsentKind`) to the version of its text. `password_hash` is already
    hashed: no command ever sees a password. `verified`: the person has shown that the address is theirs; else the
    first code does. Raises `Refused`: not an address, unknown language or zone.
    Side effects: a `PersonRegistered` event. Whoever calls must not tell a visitor whether the account was there.
    """
    email = email.strip().lower()
    refuse_if(_particulars(email=email, language=language, zone=zone, name=name))
    if standing := Person.objects.filter(email=email).first():
        return unchanged(standing)
    person = Person(
        email=email,
        name=name.strip(),
        language=language or settings.LANGUAGE_CODE,
        zone=zone or settings.TIME_ZONE,
        is_sample=sample,
        created_at=now(),
    )
    if password_hash:
        person.password = password_hash
    else:
        person.set_unusable_password()
    person.save()
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=verified)
    _consent(person, {kind: (version, True) for kind, version in (consents or {}).items()})
    record(person, after=_state(person), payload={"consents": dict(consents or {}), "sample": sample})
    announce(PersonRegistered(person_id=person.pk))
    return person


@command("accounts.edit_person")
def edit_person(*, actor: Actor, person: Person, name: str, language: str, zone: str) -> Person:
    """One's own name, language and time zone. Raises `Refused`. The journal says that, not what."""
    person = locked(Person.objects).get(pk=person.pk)
    refuse_if(allowed(actor, rules.EDIT_PERSON, person))
    refuse_if(_particulars(email=person.email, language=language, zone=zone, name=name))
    before, wanted = _state(person), (name.strip(), language, zone)
    if (person.name, person.language, person.zone) == wanted:
        return unchanged(person)
    person.name, person.language, person.zone = wanted
    person.save(update_fields=["name", "language", "zone"])
    record(person, before=before, after=_state(person))
    return person


@command("accounts.set_password")
def set_password(*, actor: Actor, person: Person, password_hash: str) -> Person:
    """One's own password, already hashed. Every other session of the person ends by it. The journal says that only."""
    person = locked(Person.objects).get(pk=person.pk)
    refuse_if(allowed(actor, rules.EDIT_PERSON, person))
    person.password = password_hash
    person.save(update_fields=["password"])
    record(person)
    return person


@command("accounts.change_address")
def change_address(*, actor: Actor, person: Person, email: str) -> Person:
    """Another address, which the person has shown to be theirs. Both, the old and the new one, are told by mail.

    Raises `Refused`: not an address, or somebody else's (whoever calls has had the code read from that mailbox, so that
    this tells nothing to strangers). The journal says that, not which.
    """
    person = locked(Person.objects).get(pk=person.pk)
    email = email.strip().lower()
    refuse_if(allowed(actor, rules.EDIT_PERSON, person))
    refuse_if(_particulars(email=email, language="", zone="", name=""))
    if Person.objects.filter(email=email).exclude(pk=person.pk).exists():
        raise Refused([Reason("address_has_an_account")])
    if person.email == email:
        return unchanged(person)
    before, person.email = person.email, email
    person.save(update_fields=["email"])
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.filter(email=email).delete()  # somebody wrote it down once and never showed it to be theirs
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=True)
    record(person)
    for to in (before, email):
        post("notice", to=to, language=person.language, context={"what": "address_changed"})
    return person


@command("accounts.close_account")
def close_account(*, actor: Actor, person: Person) -> Person:
    """Nobody signs in to this account any more: sessions, password, authenticators, single sign-on and roles end.

    Kept are the address, the name and the consents given, as long as files of procedures name the person; an
    administrator can open the account again. Closed already: nothing changes. Raises `Refused`: the last administrator.
    Side effects: a `RoleEnded` event for each role, `AccountClosed`, and a mail that says so.
    """
    person = locked(Person.objects).get(pk=person.pk)
    refuse_if(allowed(actor, rules.CLOSE_ACCOUNT, person))
    if not person.is_active:
        return unchanged(person)
    administrators = holders(Role.ADMINISTRATOR)
    if administrators.filter(pk=person.pk).exists() and not administrators.exclude(pk=person.pk).exists():
        raise Refused([Reason("last_administrator")])
    ended = list(person.grants.filter(ended_at__isnull=True))
    person.grants.filter(ended_at__isnull=True).update(ended_at=now())
    person.is_active = False
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    for rows in (Authenticator, SocialAccount, UserSession):
        rows.objects.filter(user=person).delete()
    record(person, payload={"roles_ended": sorted(grant.role for grant in ended)})
    for grant in ended:
        announce(RoleEnded(person_id=person.pk, grant_id=grant.pk))
    announce(AccountClosed(person_id=person.pk))
    post("notice", to=person.email, language=person.language, context={"what": "account_closed"})
    return person


@command("accounts.forget_sign_ons")
def forget_sign_ons(*, actor: Actor, person: Person) -> Person:
    """Single sign-on connected before the address was shown to be the person's, and by somebody else. None: unchanged.

    Whoever is new may write down any address; it is theirs once its code has come back, and until then somebody else
    may have written it down first.
    """
    person = locked(Person.objects).get(pk=person.pk)
    if not SocialAccount.objects.filter(user=person).delete()[0]:
        return unchanged(person)
    record(person)
    return person


@command("accounts.reseal_authenticators")
def reseal_authenticators(*, actor: Actor, person: Person) -> Person:
    """Close the secrets of the person's authenticator apps and recovery codes with the key that is in use now, because
    an older one shall go. All closed with it already: nothing changes.
    """
    person = locked(Person.objects).get(pk=person.pk)
    changed = []
    for authenticator in Authenticator.objects.filter(user=person).order_by("pk"):
        data = {name: _resealed(value) for name, value in authenticator.data.items() if name in _SEALED}
        if data.items() <= authenticator.data.items():
            continue
        authenticator.data = authenticator.data | data
        authenticator.save(update_fields=["data"])
        changed.append(authenticator.pk)
    if not changed:
        return unchanged(person)
    record(person, payload={"authenticators": changed})
    return person


_SEALED = ("secret", "seed", "migrated_codes")
"""What allauth encrypts of an authenticator's data."""


def _resealed(value: Any) -> Any:
    if isinstance(value, list):
        return [_resealed(one) for one in value]
    if is_current(value, key=CODES):
        return value
    try:
        return seal(unseal(value, key=CODES), key=CODES)
    except CannotOpen:  # closed by a key that is not here: it helps nobody, and stands in nobody's way
        return value


@command("accounts.open_account")
def open_account(*, actor: Actor, person: Person) -> Person:
    """Let the person sign in again, with a code to the same address; roles stay ended. Open already: unchanged."""
    person = locked(Person.objects).get(pk=person.pk)
    refuse_if(allowed(actor, rules.GRANT_ROLE, person))
    if person.is_active:
        return unchanged(person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(person)
    return person


@command("accounts.set_consents")
def set_consents(*, actor: Actor, person: Person, given: Mapping[str, tuple[str, bool]]) -> Person:
    """Give or take back consents: kind -> (version of the text, given). What stands so already is left alone."""
    person = locked(Person.objects).get(pk=person.pk)
    refuse_if(allowed(actor, rules.EDIT_PERSON, person))
    standing = consents_of(person)
    changed = {kind: act for kind, act in given.items() if standing.get(kind) != act}
    if not changed:
        return unchanged(person)
    _consent(person, changed)
    record(person, payload={"consents": {kind: [version, yes] for kind, (version, yes) in changed.items()}})
    return person


@command("accounts.grant_role")
def grant_role(*, actor: Actor, person: Person, role: str, programme: str = "", secretariat: str = "") -> Grant:
    """Give a role, for everything or for one programme or secretariat. Given already: nothing changes.

    Raises `Refused`. Side effects: a `RoleGranted` event.
    """
    person = locked(Person.objects).get(pk=person.pk)
    refuse_if(allowed(actor, rules.GRANT_ROLE, person))
    if role not in set(Role):
        raise Refused([Reason("no_such_role", {"role": role[:80]})])
    if not person.is_active:
        raise Refused([Reason("account_is_closed")])
    where = {"role": role, "programme": programme, "secretariat": secretariat}
    if standing := person.grants.filter(**where, ended_at__isnull=True).first():
        return unchanged(standing)
    grant = Grant.objects.create(person=person, granted_at=now(), granted_by=actor.id, **where)
    record(person, after=where, payload=where)
    announce(RoleGranted(person_id=person.pk, grant_id=grant.pk))
    return grant


@command("accounts.end_role")
def end_role(*, actor: Actor, grant: Grant) -> Grant:
    """End a role from now on; ended already: nothing changes. Side effects: a `RoleEnded` event."""
    grant = locked(Grant.objects).get(pk=grant.pk)
    refuse_if(allowed(actor, rules.GRANT_ROLE, grant.person))
    if grant.ended_at:
        return unchanged(grant)
    if grant.role == Role.ADMINISTRATOR and not holders(Role.ADMINISTRATOR).exclude(pk=grant.person_id).exists():
        raise Refused([Reason("last_administrator")])
    grant.ended_at = now()
    grant.save(update_fields=["ended_at"])
    where = {"role": grant.role, "programme": grant.programme, "secretariat": grant.secretariat}
    record(grant.person, before=where, payload=where)
    announce(RoleEnded(person_id=grant.person_id, grant_id=grant.pk))
    return grant


def _consent(person: Person, acts: Mapping[str, tuple[str, bool]]) -> None:
    unknown = set(acts) - set(ConsentKind)
    if unknown:
        raise Refused([Reason("no_such_consent", {"kind": sorted(unknown)[0][:80]})])
    for kind, (version, given) in acts.items():
        Consent.objects.create(person=person, kind=kind, version=version, given=given, at=now())


def _particulars(*, email: str, language: str, zone: str, name: str) -> list[Reason]:
    reasons = []
    try:
        validate_email(email)
    except ValidationError:
        reasons.append(Reason("not_an_address", {"given": email[:80]}))
    if language and not rules.is_language(language):
        reasons.append(Reason("no_such_language", {"language": language[:20]}))
    if zone and zone not in available_timezones():
        reasons.append(Reason("no_such_zone", {"zone": zone[:80]}))
    if len(name.strip()) > 200:
        reasons.append(Reason("name_too_long", {"most": 200}))
    if rules.has_controls(name):
        reasons.append(Reason("name_has_controls"))
    return reasons


def _state(person: Person) -> dict[str, Any]:
    """Without name and address: a hash of either could be guessed, and the journal never forgets."""
    return {"uid": person.uid, "language": person.language, "zone": person.zone}
