"""Reads: questions by whose turn it is, the answers of a call, its contacts, and who has a place at a briefing."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Window

from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import current_version
from madang.apps.directory.models import Organisation
from madang.apps.enquiries.models import Briefing, Contact, Enquiry, PublicAnswer, Registration
from madang.core.lifecycle.enquiry import ANSWERED, ASKED
from madang.core.record.canonical import digest
from madang.kernel.clock import now

# --- Desks ------------------------------------------------------------------------------------------------------------


def desks(data: Mapping[str, Any]) -> dict[str, str]:
    """Track -> id of its secretariat (blank: none named), as a definition's data say."""
    return {track["id"]: track.get("secretariat") or "" for track in data.get("tracks") or ()}


def secretariat_of(call: Call, track: str) -> str:
    """The secretariat that the definition in force names for a track; blank where none is. At most one statement."""
    version = current_version(call) if track else None
    return desks(version.data).get(track, "") if version else ""


def desks_of(calls: QuerySet[Call]) -> dict[int, dict[str, str]]:
    """Call -> track -> secretariat, by the definitions in force. One statement."""
    versions = DefinitionVersion.objects.filter(call__in=calls.values("pk")).order_by("number")
    return {
        call: desks({"tracks": tracks}) for call, tracks in versions.values_list("call_id", "data__tracks")
    }  # of equal calls the last one stays


# --- Questions --------------------------------------------------------------------------------------------------------


def at_desk(rows: QuerySet[Enquiry]) -> QuerySet[Enquiry]:
    """With everything that a list shows."""
    return rows.select_related("call__programme", "asker", "organisation").order_by("-asked_at", "-pk")


def whose_turn(enquiry: Enquiry) -> str:
    """`office`, `asker`, or blank where the question is closed."""
    return {ASKED: "office", ANSWERED: "asker"}.get(enquiry.state, "")


def waiting(call: Call, person: Any) -> QuerySet[Enquiry]:
    """The person's questions about the call that wait for an answer."""
    return Enquiry.objects.filter(call=call, asker=person, state=ASKED)


def known_names(enquiry: Enquiry | None) -> dict[str, list[str]]:
    """The names and addresses by which the asker or the organisation would be known. At most four statements."""
    if enquiry is None:
        return {}
    organisation = enquiry.organisation
    said = enquiry.replies.filter(by_office=False).values("by")
    writers = Person.objects.filter(Q(pk=enquiry.asker_id) | Q(pk__in=said))
    addresses, people = [], []
    for address, name in writers.values_list("email", "name"):
        addresses.append(address)
        people.append(name)
    if organisation:
        addresses += organisation.domains.filter(ended_at__isnull=True).values_list("domain", flat=True)
    return {
        "address": addresses,
        "person": [name for name in people if name],
        "organisation": [*_names(organisation)] if organisation else [],
    }


def _names(organisation: Organisation) -> Iterable[str]:
    yield organisation.name
    yield from organisation.names.values()
    yield from organisation.former_names.values_list("name", flat=True)


# --- Answers to all ---------------------------------------------------------------------------------------------------


def answers_of(call: Call) -> list[PublicAnswer]:
    """All answers about a call by number, those that were corrected too. One statement."""
    return list(PublicAnswer.objects.filter(call=call).order_by("number"))


def in_force(call: Call) -> QuerySet[PublicAnswer]:
    """The answers that no later one corrects, the newest first; each with `counted`, how many there are."""
    standing = PublicAnswer.objects.filter(call=call, corrections__isnull=True)
    return standing.annotate(counted=Window(Count("pk"))).order_by("-number")


def as_published(answer: PublicAnswer, slug: str, corrects: int | None) -> dict[str, Any]:
    """What an answer's hash is computed of (docs/formats/questions.md). `corrects`: the number of the replaced one."""
    return {
        "call": slug,
        "number": answer.number,
        "track": answer.track,
        "question": answer.question,
        "answer": answer.answer,
        "corrects": corrects,
        "published_at": moment(answer.published_at),
    }


def listed(call: Call, answers: Sequence[PublicAnswer]) -> dict[str, Any]:
    """The whole list of a call's answers, with its hash: the same bytes until there is a further answer."""
    numbers = {answer.pk: answer.number for answer in answers}
    hashes = [answer.sha256 for answer in answers]
    return {
        "madang": "questions-1",
        "call": call.slug,
        "sample": call.is_sample,
        "answers": [
            as_published(answer, call.slug, numbers.get(answer.corrects_id or 0)) | {"sha256": answer.sha256}
            for answer in answers
        ],
        "sha256": digest({"call": call.slug, "answers": hashes}),
    }


def moment(at: dt.datetime) -> str:
    """`2022-01-10T00:00:00Z`: whole seconds, in UTC."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


# --- Contacts and briefings -------------------------------------------------------------------------------------------


def contacts_of(call: Call) -> QuerySet[Contact]:
    """Who can be asked now, the general contact first."""
    return Contact.objects.filter(call=call, ended_at__isnull=True).order_by("track", "pk")


def coming(call: Call) -> QuerySet[Briefing]:
    """Sessions that are not over, the next one first."""
    return Briefing.objects.filter(call=call, cancelled_at__isnull=True, ends_at__gt=now()).order_by("begins_at", "pk")


def standing(briefing: Briefing) -> list[Registration]:
    """Who is registered, in order, those who wait too. One statement."""
    rows = briefing.registrations.filter(cancelled_at__isnull=True).select_related("person")
    return list(rows.order_by("registered_at", "pk"))


def takes_seat(briefing: Briefing, registration: Registration) -> bool:
    """Seats are of the room: whoever comes online to a session that has a place takes none."""
    return not (briefing.place and registration.online)


def seated(briefing: Briefing, registrations: Sequence[Registration]) -> list[Registration]:
    """Those who have a place: the first ones up to the seats, and everybody who needs no seat."""
    left = briefing.seats
    found = []
    for one in registrations:
        if left is None or not takes_seat(briefing, one):
            found.append(one)
        elif left > 0:
            found.append(one)
            left -= 1
    return found


def seats_taken(briefing: Briefing, registrations: Sequence[Registration]) -> int:
    return sum(takes_seat(briefing, one) for one in seated(briefing, registrations))
