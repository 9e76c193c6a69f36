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
from madang.apps.accounts.rules import READ_ROLES
from madang.apps.calls.rules import READ_DEFINITIONS
from madang.apps.directory.rules import LIST_ORGANISATIONS
from madang.apps.enquiries.models import Enquiry
from madang.apps.enquiries.rules import READ_AT_DESK, SEE_DESK
from madang.apps.outbox.rules import READ_MAIL
from madang.core.lifecycle.enquiry import ASKED
from madang.kernel.permissions import may, visible_to
from madang.web.office.calls import waiting_for
from madang.web.office.dossier_desk import waiting_for as cases_waiting_for
from madang.web.office.late import waiting_for as late_waiting_for
from madang.web.office.mail import waiting_for as mail_waiting_for
from madang.web.office.supplement_list import waiting_for as supplements_waiting_for


@dataclass(frozen=True)
class Card:
    """A room of the office: shown to whoever has `right`; `waiting` counts what waits for this person, where a room
    has such a thing.
    """

    right: str
    route: str
    title: str | Promise
    text: str | Promise
    waiting: Callable[[Person], int] | None = None


def questions_waiting_for(person: Person) -> int:
    """Questions at this person's desks that nobody has answered yet."""
    return int(visible_to(person, READ_AT_DESK, Enquiry.objects.filter(state=ASKED)).count())


CARDS: Final = (
    Card(
        READ_DEFINITIONS,
        "office:calls",
        _("Calls in the office"),
        _("Write a call, have it approved, publish it, amend it."),
        waiting_for,
    ),
    Card(
        SEE_DESK,
        "office:dossiers",
        _("Applications"),
        _("What was filed and imported for your calls: search it, read it, say who handles it, keep notes."),
        cases_waiting_for,
    ),
    Card(
        SEE_DESK,
        "office:enquiries",
        _("Questions and briefings"),
        _("Answer questions about your calls, publish answers, name contacts and plan briefing sessions."),
        questions_waiting_for,
    ),
    Card(
        READ_MAIL,
        "office:mails",
        _("Mail"),
        _("See what was sent and what was not, hold, change and release mails, and write to everybody of a call."),
        mail_waiting_for,
    ),
    Card(
        SEE_DESK,
        "office:late",
        _("Late admissions"),
        _("Who could not file in time because of an outage of ours: propose it, and decide what a colleague proposed."),
        late_waiting_for,
    ),
    Card(
        SEE_DESK,
        "office:supplements",
        _("Supplements"),
        _("What applicants were asked to correct or complete, until when, and what was not answered in time."),
        supplements_waiting_for,
    ),
    Card(
        SEE_DESK,
        "office:press-calls",
        _("Figures for the press"),
        _("Reports in Korean and English whose numbers are checked, packs for the sites, any table of a reception."),
    ),
    Card(
        LIST_ORGANISATIONS,
        "office:organisations",
        _("Organisations"),
        _("Look organisations up, with their people and register numbers, and find double entries."),
    ),
    Card(
        READ_ROLES,
        "office:people",
        _("People and roles"),
        _("Who holds which role, since when, and given by whom."),
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
        {"title": card.title, "text": card.text, "url": reverse(card.route)}
        | {"counts": card.waiting is not None, "waiting": card.waiting(person) if card.waiting else 0}
        for card in CARDS
        if may(person, card.right)
    ]
    return render(request, "office/home.html", {"section": "office", "cards": cards})
