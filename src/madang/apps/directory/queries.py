"""Reads: organisations by what names them, who belongs to them, what a person may join, which entries look alike."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db.models import Count, Q, QuerySet

from madang.apps.accounts.models import Person
from madang.apps.directory.enums import Duty
from madang.apps.directory.models import Affiliation, Domain, Handover, Invitation, JoinRequest, Merge, Organisation
from madang.core.conflicts import domains
from madang.core.conflicts.naming import registry_number
from madang.core.identity import SCHEMES, name_key, near_pairs, normalised_number, search_form
from madang.kernel.clock import now
from madang.kernel.journal import JournalEntry
from madang.kernel.tokens import token_hash

CODE_GOOD_FOR: Final = dt.timedelta(minutes=30)
"""How long the code that verifies a domain may be typed in."""


def standing_organisations() -> QuerySet[Organisation]:
    """Every organisation that was not merged into another."""
    return Organisation.objects.filter(merged_into__isnull=True)


def matching(rows: QuerySet[Organisation], text: str) -> QuerySet[Organisation]:
    """Organisations of which every word of `text` is in a name, former name or number, in any script and letter case.

    A number may be typed with its hyphens and points.
    """
    for word in search_form(text).split():
        plain = registry_number(word).lower()
        same = Q(search_text__contains=word)
        if any(char.isdecimal() for char in plain) and plain != word:
            same |= Q(search_text__contains=plain)
        rows = rows.filter(same)
    return rows


def with_people(rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Each with `people`: how many belong to it now."""
    return rows.annotate(people=Count("affiliations", filter=Q(affiliations__ended_at__isnull=True), distinct=True))


def the_one_that_counts(organisation: Organisation) -> Organisation:
    """Where a merged entry leads in the end; itself where it was not merged. One statement a step."""
    while organisation.merged_into is not None:
        organisation = organisation.merged_into
    return organisation


def mine(person: Person) -> QuerySet[Affiliation]:
    """What the person belongs to now."""
    return person.affiliations.filter(ended_at__isnull=True).select_related("organisation").order_by("since", "id")


def people_of(organisation: Organisation) -> QuerySet[Affiliation]:
    """Who belongs to it now, the longest first."""
    return organisation.affiliations.filter(ended_at__isnull=True).select_related("person").order_by("since", "id")


def managers_of(organisation: Organisation) -> list[Affiliation]:
    """Duties stand in a list: they are read here, because SQLite cannot look into one."""
    return [one for one in people_of(organisation) if one.has(Duty.MANAGE)]


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    """Neither accepted, nor revoked, nor run out."""
    found = organisation.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now())
    return found.select_related("invited_by")


def invitation_of(token: str) -> Invitation | None:
    """The invitation that a link belongs to, whatever became of it."""
    found = Invitation.objects.select_related("organisation", "invited_by", "organisation__merged_into")
    return found.filter(token_sha256=token_hash(token)).first()


def open_requests(organisation: Organisation) -> QuerySet[JoinRequest]:
    return organisation.join_requests.filter(answered_at__isnull=True).select_related("person")


def requests_waiting(organisations: Iterable[int]) -> dict[int, int]:
    """Organisation (its key) -> how many ask to join it; those that nobody asks are left out. One statement."""
    rows = JoinRequest.objects.filter(organisation__in=list(organisations), answered_at__isnull=True)
    return dict(rows.values_list("organisation").annotate(n=Count("pk")))


def asked_by(person: Person) -> QuerySet[JoinRequest]:
    """What the person asked to join and nobody has answered yet."""
    return person.join_requests.filter(answered_at__isnull=True).select_related("organisation")


# --- Addresses and domains --------------------------------------------------------------------------------------------


def domain_in_ascii(text: str) -> str:
    """A mail domain as it is stored: small letters, punycode. Raises `ValueError` for what is no domain."""
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        for label in domains.canonical(text.strip().removeprefix("@")).split(".")
    )


def verified_addresses(person: Person) -> list[str]:
    """Addresses that the person has shown to be theirs, in small letters."""
    found = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary", "pk")
    return [address.lower() for address in found.values_list("email", flat=True)]


def domains_shown_by(person: Person) -> set[str]:
    """The domains of the person's verified addresses. Mail for everybody belongs to nobody and is left out."""
    shown = set()
    for address in verified_addresses(person):
        try:
            domain = domains.domain_of(address)
        except ValueError:
            continue
        if not domains.is_public(domain):
            shown.add(domain_in_ascii(domain))
    return shown


def holder_of_number(scheme: str, number: str, country: str) -> Organisation | None:
    """Whose number it is now. Who may learn that is the caller's question."""
    if scheme not in SCHEMES:
        return None
    plain = normalised_number(scheme, number, country)
    held = {"numbers__scheme": scheme, "numbers__number": plain, "numbers__ended_at__isnull": True}
    return standing_organisations().filter(**held).first()


def holder_of_domain(text: str) -> Organisation | None:
    """Whose verified domain it is now."""
    try:
        domain = domain_in_ascii(text)
    except ValueError:
        return None
    held = {"domains__domain": domain, "domains__verified_at__isnull": False, "domains__ended_at__isnull": True}
    return standing_organisations().filter(**held).first()


def verified_domains(organisation: Organisation) -> QuerySet[Domain]:
    return organisation.domains.filter(verified_at__isnull=False, ended_at__isnull=True)


def joinable_by_domain(person: Person) -> QuerySet[Organisation]:
    """Organisations whose verified domain is one of the person's verified addresses, and which they are not in."""
    holding = Domain.objects.filter(
        domain__in=domains_shown_by(person), verified_at__isnull=False, ended_at__isnull=True
    ).values("organisation")
    inside = person.affiliations.filter(ended_at__isnull=True).values("organisation")
    return standing_organisations().filter(pk__in=holding).exclude(pk__in=inside)


# --- Entries that look alike ------------------------------------------------------------------------------------------

SAME_NAME, SAME_DOMAIN, SAME_NUMBER, NEAR_NAME = "same_name", "same_domain", "same_number", "near_name"
MOST_LOOKED_AT: Final = 20_000
"""Organisations whose names are compared with their neighbours'; a directory that grows beyond needs another way."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Two entries that may be one organisation, and why; the older one first."""

    one: Organisation
    other: Organisation
    why: tuple[str, ...]


def looking_like(name: str, country: str) -> QuerySet[Organisation]:
    """Standing organisations of the country whose name looks the same. A person acting alone is nobody's business."""
    key = name_key(name)[:500]
    if not key or not country.isalpha():
        return Organisation.objects.none()
    return standing_organisations().filter(country=country, name_key=key).exclude(kind="person")


def possible_duplicates(rows: QuerySet[Organisation]) -> list[Alike]:
    """Pairs among `rows`: one look of the name in one country, one domain, one number, names that differ by little.

    The surest first. Three statements.
    """
    found = {one.pk: one for one in rows.order_by("pk")[:MOST_LOOKED_AT]}
    why: dict[tuple[int, int], set[str]] = defaultdict(set)
    by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
    keys: dict[str, dict[int, str]] = defaultdict(dict)
    for one in found.values():
        if one.name_key:
            by_name[one.country, one.name_key].append(one.pk)
            keys[one.country][one.pk] = one.name_key
    _pair_up(why, by_name.values(), SAME_NAME)
    standing = Q(ended_at__isnull=True, organisation__in=rows)
    by_domain: dict[str, list[int]] = defaultdict(list)
    for domain, pk in Domain.objects.filter(standing).values_list("domain", "organisation_id"):
        by_domain[domain].append(pk)
    _pair_up(why, by_domain.values(), SAME_DOMAIN)
    by_number: dict[tuple[str, str], list[int]] = defaultdict(list)
    numbers = Organisation.objects.filter(pk__in=rows, numbers__scheme__in=SCHEMES)
    for scheme, number, pk in numbers.values_list("numbers__scheme", "numbers__number", "pk"):
        by_number[scheme, number].append(pk)
    _pair_up(why, by_number.values(), SAME_NUMBER)
    for group in keys.values():
        for pair in near_pairs(group):
            why[pair].add(NEAR_NAME)
    order = (SAME_NUMBER, SAME_NAME, SAME_DOMAIN, NEAR_NAME)
    pairs = [
        Alike(found[one], found[other], tuple(word for word in order if word in words))
        for (one, other), words in why.items()
        if one in found and other in found
    ]
    return sorted(pairs, key=lambda pair: (order.index(pair.why[0]), -len(pair.why), pair.one.name, pair.other.pk))


MOST_OF_ONE_KIND: Final = 12
"""Entries with one look beyond these are not paired with each other: a list of hundreds of pairs helps nobody."""


def _pair_up(why: dict[tuple[int, int], set[str]], groups: Iterable[list[int]], word: str) -> None:
    for group in groups:
        alike: Sequence[int] = sorted(set(group))[:MOST_OF_ONE_KIND]
        for place, one in enumerate(alike):
            for other in alike[place + 1 :]:
                why[one, other].add(word)


def merges() -> QuerySet[Merge]:
    return Merge.objects.select_related("kept", "absorbed")


# --- What other rooms still have to pass on -------------------------------------------------------------------------

CATCH_UP: Final = dt.timedelta(days=7)
"""How far back the worker looks for handovers and merges of which a room was not told (a crash after the commit)."""


def handovers_to_follow(by: str) -> list[Handover]:
    """Handovers within an organisation that the command `by` of another room has not followed, the oldest first.

    Two statements; one where nobody handed over within `CATCH_UP`.
    """
    recent = Handover.objects.filter(at__gte=now() - CATCH_UP, organisation__isnull=False).order_by("at", "pk")
    followed = _followed(recent, by) if recent else set()
    return [handover for handover in recent if str(handover.pk) not in followed]


def was_followed(handover: Handover, by: str) -> bool:
    """Whether the command `by` has passed on its part of a handover: its one journal row says so."""
    return bool(_followed([handover], by))


def _followed(handovers: Iterable[Handover], by: str) -> set[str]:
    ids = [str(handover.pk) for handover in handovers]
    rows = JournalEntry.objects.filter(command=by, object_kind=Handover._meta.label_lower, object_id__in=ids)
    return set(rows.values_list("object_id", flat=True))


def handed_over_in(handover: Handover) -> set[int]:
    """Ids of the organisation of a handover and of every entry that had been merged into it by then, and still is.

    One statement a step.
    """
    found = new = {pk for pk in [handover.organisation_id] if pk is not None}
    merged = Merge.objects.filter(merged_at__lte=handover.at, undone_at__isnull=True)
    while new:
        new = set(merged.filter(kept__in=new).values_list("absorbed_id", flat=True)) - found
        found = found | new
    return found


def recent_merges() -> list[Merge]:
    """Merges that were made or undone within `CATCH_UP`, in the order in which that happened. One statement."""
    since = now() - CATCH_UP
    rows = merges().filter(Q(merged_at__gte=since) | Q(undone_at__gte=since))
    return sorted(rows, key=lambda merge: (merge.undone_at or merge.merged_at, merge.pk))


def left_to_move(merge: Merge, rows: QuerySet[Any], *, by: str, what: str) -> list[int]:
    """Ids of another room's rows (with an `organisation`) that a merge, or its undoing, still has to move.

    After the merge: those that stand at the absorbed entry. Undone: those that the journal rows of the command `by`
    name under `what` as moved and not yet as moved back, and that still stand at the kept one. Two statements at most.
    """
    if merge.undone_at is None:
        here = rows.filter(organisation=merge.absorbed_id)
    else:
        went, returned = set[int](), set[int]()
        of = {"object_kind": Merge._meta.label_lower, "object_id": str(merge.pk)}
        for entry in JournalEntry.objects.filter(command=by, **of):
            (returned if entry.details.get("undone") else went).update(entry.details[what])
        here = rows.filter(organisation=merge.kept_id, pk__in=went - returned)
    return list(here.order_by("pk").values_list("pk", flat=True))
