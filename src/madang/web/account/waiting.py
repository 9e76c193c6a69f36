"""What is mine and what waits for me: the cards of one's own page.

A room of the site adds a function `(request) -> Card | None` to `CARDS`, in the order in which people look for things.
A card costs a bounded number of statements, and is left out where the person has nothing to do with its subject.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from django.db.models import Case, F, When
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import Person
from madang.apps.applications.models import Draft
from madang.apps.applications.queries import with_everything
from madang.apps.applications.rules import READ_DRAFT
from madang.apps.calls.queries import alerts_of, definition_of
from madang.apps.calls.rules import READ_DEFINITIONS
from madang.apps.directory.enums import Duty
from madang.apps.directory.queries import mine as affiliations_of
from madang.apps.directory.queries import requests_waiting
from madang.apps.enquiries.models import Enquiry
from madang.apps.enquiries.queries import at_desk
from madang.apps.enquiries.rules import ASK_ON, READ_AT_DESK, SEE_DESK
from madang.core.lifecycle.draft import FILED, REVISING, WRITABLE
from madang.core.lifecycle.enquiry import ASKED
from madang.core.record.numbers import receipt_number
from madang.kernel.clock import now
from madang.kernel.permissions import may, visible_to
from madang.web.applicant.form_view import deadline_of
from madang.web.enquiry_view import STATES as STATE_NAMES
from madang.web.office.calls import my_turns
from madang.web.public.alerts import words_of
from madang.web.public.call_view import reader

MOST: Final = 3
"""Lines on one card; the page behind it has all."""
LONGEST: Final = 80
"""Characters of a question in a line."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is, where it leads, and when or how far (`note`)."""

    text: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """`empty` says what to do where there is nothing yet; `count` is how many wait, where that can be counted."""

    title: str
    url: str
    link: str
    empty: str
    items: list[Item] = field(default_factory=list)
    count: int | None = None


def cards(request: HttpRequest) -> list[Card]:
    """The cards of this person."""
    return [card for make in CARDS if (card := make(request)) is not None]


def _address(name: str) -> str:
    """The address of a page; blank where this installation has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _card(name: str, title: str, link: str, empty: str) -> Card | None:
    url = _address(name)
    return Card(title, url, link, empty) if url else None


def drafts(request: HttpRequest) -> Card | None:
    """The applications that one writes in or reads: those that wait for a press first, by deadline; then the filed."""
    card = _card(
        "applicant:drafts",
        gettext("My applications"),
        gettext("All my applications"),
        gettext("You have not started an application yet. Every open call says how to begin."),
    )
    if card is None:
        return None
    person = person_of(request)
    rows = visible_to(person, READ_DRAFT, with_everything(Draft.objects.filter(state__in=(*WRITABLE, FILED))))
    first = rows.order_by(
        Case(When(state=FILED, then=1), default=0), F("call__closes_at").asc(nulls_last=True), "-changed_at", "pk"
    )
    for draft in first[:MOST]:
        text = f"{reader().of(draft.call.title)} · {draft.organisation.name}"
        card.items.append(Item(text, reverse("applicant:draft", args=[draft.uid]), _how_far(draft, person)))
    return counted(card, rows.count())


def organisations(request: HttpRequest) -> Card | None:
    """What one belongs to, with what waits there for whoever manages it."""
    card = _card(
        "account:organisations",
        gettext("My organisations"),
        gettext("All my organisations"),
        gettext("You belong to no organisation here yet. Look for yours, or enter it."),
    )
    if card is None:
        return None
    mine = list(affiliations_of(person_of(request)))
    asked = requests_waiting(one.organisation_id for one in mine if one.has(Duty.MANAGE))
    for one in sorted(mine, key=lambda one: not asked.get(one.organisation_id))[:MOST]:
        n = asked.get(one.organisation_id, 0)
        said = ngettext("%(n)s request to join", "%(n)s requests to join", n) % {"n": n} if n else ""
        address = reverse("account:organisation", args=[one.organisation.uid])
        card.items.append(Item(one.organisation.name, address, said))
    return counted(card, len(mine))


def enquiries(request: HttpRequest) -> Card | None:
    """One's questions, the newest first."""
    card = _card(
        "applicant:enquiries",
        gettext("My questions"),
        gettext("All my questions"),
        gettext("You have asked nothing yet. Questions about a call are asked on its page."),
    )
    if card is None:
        return None
    rows = visible_to(request.user, ASK_ON, Enquiry.objects.all())
    for one in at_desk(rows)[:MOST]:
        address = reverse("applicant:enquiry", args=[one.uid])
        card.items.append(Item(Truncator(one.question).chars(LONGEST), address, str(STATE_NAMES[one.state])))
    return counted(card, rows.count())


def alerts(request: HttpRequest) -> Card | None:
    """What one is told of by mail."""
    card = _card(
        "public:alerts",
        gettext("Alerts for new calls"),
        gettext("My alerts"),
        gettext("Get a mail when a call opens that fits what you look for."),
    )
    if card is None:
        return None
    rows = list(alerts_of(person_of(request)))
    for alert in rows[:MOST]:
        card.items.append(Item(", ".join(words_of(alert.filters)) or gettext("Every new call"), card.url))
    return counted(card, len(rows))


def calls_of_the_office(request: HttpRequest) -> Card | None:
    if not may(request.user, READ_DEFINITIONS):
        return None
    card = _card(
        "office:calls",
        gettext("Calls of my office"),
        gettext("To the desk of calls"),
        gettext("Write a call, or go on with one that is being written."),
    )
    if card is None:
        return None
    mine = my_turns(person_of(request))
    for view in mine[:MOST]:
        card.items.append(Item(view.title, view.url, view.turn))
    return counted(card, len(mine))


def enquiries_of_the_office(request: HttpRequest) -> Card | None:
    if not may(request.user, SEE_DESK):
        return None
    card = _card(
        "office:enquiries",
        gettext("Questions to my office"),
        gettext("To the desk of questions"),
        gettext("No question waits for an answer."),
    )
    if card is None:
        return None
    rows = at_desk(visible_to(request.user, READ_AT_DESK, Enquiry.objects.filter(state=ASKED)))
    for one in rows.order_by("asked_at", "pk")[:MOST]:
        address = reverse("office:enquiry", args=[one.uid])
        card.items.append(Item(Truncator(one.question).chars(LONGEST), address, reader().of(one.call.title)))
    return counted(card, rows.count())


def counted(card: Card, n: int) -> Card:
    """The card with how many there are."""
    return replace(card, count=n)


def _how_far(draft: Draft, person: Person) -> str:
    """Filed, or how long one may still write and file."""
    if draft.state == FILED and draft.standing is not None:
        return gettext("filed, receipt %(number)s") % {
            "number": receipt_number(draft.number or "", draft.standing.revision)
        }
    left = str(deadline_of(draft.call, definition_of(draft.version), person, now())["left"])
    if draft.state == REVISING:
        return f"{gettext('changes not filed')} · {left}" if left else gettext("changes not filed")
    return left


def person_of(request: HttpRequest) -> Person:
    """Whoever is signed in (the page asks for that first)."""
    assert isinstance(request.user, Person)
    return request.user


def people(request: HttpRequest) -> Card | None:
    if not _holds(request, Role.ADMINISTRATOR, Role.AUDITOR):
        return None
    return _card(
        "office:people",
        gettext("People and roles"),
        gettext("To people and roles"),
        gettext("Who holds which role, since when, and given by whom."),
    )


def _holds(request: HttpRequest, *roles: Role) -> bool:
    return any(request.user.holds(role) for role in roles)


CARDS: Final[list[Callable[[HttpRequest], Card | None]]] = [
    calls_of_the_office,
    enquiries_of_the_office,
    drafts,
    organisations,
    enquiries,
    alerts,
    people,
]
