"""What is mine and what waits for me: the cards of one's own page.

A room of the site adds a function `(request) -> Card | None` to `CARDS`, in the order in which people look for things.
A card costs a bounded number of statements, and is left out where the person has nothing to do with its subject.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from madang.apps.accounts.enums import Role


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
    return _card(
        "applicant:drafts",
        gettext("My applications"),
        gettext("All my applications"),
        gettext("You have not started an application yet. Every open call says how to begin."),
    )


def organisations(request: HttpRequest) -> Card | None:
    return _card(
        "account:organisations",
        gettext("My organisations"),
        gettext("All my organisations"),
        gettext("You belong to no organisation here yet. Look for yours, or enter it."),
    )


def enquiries(request: HttpRequest) -> Card | None:
    return _card(
        "applicant:enquiries",
        gettext("My questions"),
        gettext("All my questions"),
        gettext("You have asked nothing yet. Questions about a call are asked on its page."),
    )


def alerts(request: HttpRequest) -> Card | None:
    return _card(
        "public:alerts",
        gettext("Alerts for new calls"),
        gettext("My alerts"),
        gettext("Get a mail when a call opens that fits what you look for."),
    )


def calls_of_the_office(request: HttpRequest) -> Card | None:
    if not _holds(request, Role.OFFICER, Role.SECRETARIAT):
        return None
    return _card(
        "office:calls",
        gettext("Calls of my office"),
        gettext("To the desk of calls"),
        gettext("Write a call, or go on with one that is being written."),
    )


def enquiries_of_the_office(request: HttpRequest) -> Card | None:
    if not _holds(request, Role.OFFICER, Role.SECRETARIAT):
        return None
    return _card(
        "office:enquiries",
        gettext("Questions to my office"),
        gettext("To the desk of questions"),
        gettext("Questions about your calls wait there for an answer."),
    )


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
