"""The office's front page: what one may do, and what waits for one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from madang.apps.accounts.models import Person
from madang.apps.calls.rules import READ_DEFINITIONS
from madang.kernel.permissions import may
from madang.web.office.calls import waiting_for


@dataclass(frozen=True)
class Card:
    """A room of the office: shown to whoever has `right`; `waiting` counts what waits for this person."""

    right: str
    route: str
    title: str | Promise
    text: str | Promise
    waiting: Callable[[Person], int]


CARDS: Final = (
    Card(
        READ_DEFINITIONS,
        "office:calls",
        _("Calls in the office"),
        _("Write a call, have it approved, publish it, amend it."),
        waiting_for,
    ),
)


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Cards for what this person may do; for people who hold no role there is no office."""
    person: Any = request.user
    if not person.held:
        raise PermissionDenied
    cards = [
        {"title": card.title, "text": card.text, "url": reverse(card.route), "waiting": card.waiting(person)}
        for card in CARDS
        if may(person, card.right)
    ]
    return render(request, "office/home.html", {"section": "office", "cards": cards})
