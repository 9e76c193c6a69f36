"""Found an organisation, and change what is said of it."""

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from django.utils import timezone

from madang.apps.accounts.models import Person
from madang.apps.directory import rules
from madang.apps.directory.commands.domains import claim
from madang.apps.directory.commands.numbers import new_number
from madang.apps.directory.commands.shared import (
    MOST,
    is_below,
    let_in,
    locked_organisation,
    merged_faults,
    restate,
    state_of,
)
from madang.apps.directory.enums import Duty, Joined
from madang.apps.directory.models import FormerName, Organisation
from madang.core.callspec.model import OrganisationKind
from madang.core.identity import hidden_characters, name_key
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import command, locked, record, refuse_if, unchanged
from madang.kernel.permissions import allowed, may
from madang.papers import classifications

FOUNDED_A_DAY: Final = 20
"""By one person: what is counted by organisation shall not be had anew by founding another."""
ALL_DUTIES: Final = tuple(sorted(Duty))


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
    refuse_if(_founded_today(actor))
    organisation = Organisation.objects.create(
        kind=kind, country=country, parent=parent, is_sample=sample, created_at=now(), **particulars
    )
    for scheme, number in numbers:
        new_number(organisation, scheme, number, sure=sure)
    for domain in claimed_domains:
        claim(actor, organisation, domain)
    if actor.person is not None:
        let_in(organisation, actor.person, ALL_DUTIES, Joined.FOUNDED)
    restate(organisation)
    counts = {"numbers": len(numbers), "domains": len(claimed_domains), "sample": sample}
    record(organisation, after=state_of(organisation), payload=counts)
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
    organisation = locked_organisation(organisation)
    refuse_if(allowed(actor, rules.MANAGE_ORGANISATION, organisation))
    refuse_if(merged_faults(organisation))
    given = _particulars(kind=kind, country=country, name=name, names=names, sample=organisation.is_sample)
    if parent != organisation.parent:
        refuse_if(_parent_faults(actor, organisation, parent))
    wanted = given | {"kind": kind, "country": country, "parent": parent}
    if all(getattr(organisation, field) == value for field, value in wanted.items()):
        return unchanged(organisation)
    before, old = state_of(organisation), organisation.name
    renamed = given["name"] != old
    if renamed and not correction:
        FormerName.objects.create(organisation=organisation, name=old, until=timezone.localdate(now()))
    changed = [field for field, value in wanted.items() if getattr(organisation, field) != value]
    for field, value in wanted.items():
        setattr(organisation, field, value)
    organisation.save(update_fields=list(wanted))
    restate(organisation)
    payload = {"changed": sorted(changed), "renamed": renamed and not correction}
    record(organisation, before=before, after=state_of(organisation), payload=payload)
    return organisation


def _founded_today(actor: Actor) -> list[Reason]:
    if actor.person is None:
        return []
    locked(Person.objects).get(pk=actor.person.pk)  # two at once are counted one after the other
    founded = actor.person.affiliations.filter(joined_by=Joined.FOUNDED, since__gt=now() - dt.timedelta(days=1))
    return [Reason("too_many_founded", {"most": FOUNDED_A_DAY})] if founded.count() >= FOUNDED_A_DAY else []


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


def _parent_faults(actor: Actor, organisation: Organisation | None, parent: Organisation | None) -> list[Reason]:
    """To be part of another organisation is said by whoever manages both."""
    if parent is None:
        return []
    parent = Organisation.objects.get(pk=parent.pk)  # as it is now, whatever the caller has read
    people = actor.kind == "person"
    if people and not may(actor.person, rules.MANAGE_ORGANISATION, parent):
        return [Reason("parent_of_another")]
    if organisation is not None and (parent.pk == organisation.pk or is_below(parent, organisation)):
        return [Reason("parent_in_a_circle")]
    return [*merged_faults(parent)]
