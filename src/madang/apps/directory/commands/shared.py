"""What the commands about organisations ask and write alike: locks, journal rows, what an entry is found by."""

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from madang.apps.accounts.models import Person
from madang.apps.directory.enums import Joined
from madang.apps.directory.models import Affiliation, Organisation
from madang.core.identity import name_key, search_form
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, locked

MOST: Final = {"name": 300, "post": 200, "note": 500, "reason": 2000, "names": 20}
"""Characters (languages, for `names`)."""


def locked_organisation(organisation: Organisation) -> Organisation:
    """The organisation as it is now, locked: before whatever changes who belongs to it."""
    return locked(Organisation.objects).get(pk=organisation.pk)


def merged_faults(organisation: Organisation) -> tuple[Reason, ...]:
    """An entry that was merged into another changes no more."""
    return (Reason("organisation_is_merged"),) if organisation.merged_into_id is not None else ()


def let_in(organisation: Organisation, person: Person, duties: Iterable[str], by: Joined) -> Affiliation:
    """The person belongs, with these duties beside those they have."""
    standing = person.affiliations.filter(organisation=organisation, ended_at__isnull=True).first()
    if standing is not None:
        standing.duties = sorted_duties({*standing.duties, *duties})
        standing.save(update_fields=["duties"])
        return standing
    return Affiliation.objects.create(
        person=person, organisation=organisation, duties=sorted_duties(duties), joined_by=by, since=now()
    )


def sorted_duties(duties: Iterable[str]) -> list[str]:
    """Duties as they are stored: each once, in order."""
    return sorted({str(duty) for duty in duties})


def address_faults(email: str) -> list[Reason]:
    """Why no mail can be sent there."""
    try:
        validate_email(email)
    except ValidationError:
        return [Reason("not_an_address", {"given": email[:80]})]
    return [] if len(email) <= 254 else [Reason("not_an_address", {"given": email[:80]})]


def language_of(actor: Actor) -> str:
    """The language of mails for somebody who has no account: the actor's."""
    return actor.person.language if actor.person is not None else settings.LANGUAGE_CODE


def given_text(text: str, what: str, *, missing: str) -> str:
    """Words that must be given; lines are kept."""
    kept = unicodedata.normalize("NFC", text[: 4 * MOST[what]]).replace("\0", "").strip()
    if not kept:
        raise Refused([Reason(missing)])
    if len(kept) > MOST[what]:
        raise Refused([Reason("line_too_long", {"most": MOST[what]})])
    return kept


def is_below(organisation: Organisation, above: Organisation) -> bool:
    """Whether `above` is among the parents. One statement a step; a circle cannot be stored."""
    parent = organisation.parent
    while parent is not None:
        if parent.pk == above.pk:
            return True
        parent = parent.parent
    return False


def restate(organisation: Organisation) -> None:
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


def state_of(organisation: Organisation) -> dict[str, Any]:
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


def people_state(organisation: Organisation) -> dict[str, Any]:
    """Who belongs, by account uid, with which duties."""
    standing = organisation.affiliations.filter(ended_at__isnull=True)
    return {"uid": organisation.uid, "people": dict(standing.values_list("person__uid", "duties"))}
