"""After the end: what can still be done with an application that was not filed in time."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import Draft
from madang.apps.calls.queries import definition_of
from madang.core.lifecycle.draft import WRITABLE
from madang.core.lifecycle.late_admission import ADMITTED
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.applicant.form_view import draft_of, person_of, step_address
from madang.web.enquiry_view import Field, given, put_faults
from madang.web.late_view import exact, outage_words, state_badge

LONGEST_REASON = 2_000

Context = dict[str, Any]


def late_of(person: Person, draft: Draft) -> Context | None:
    """What `applicant/_late.html` wants; nothing before the end, or where nothing waits to be filed.

    Two statements, none before the end.
    """
    until, moment = draft.call.counts_until, now()
    if draft.supplement is not None:  # what was filed in time is only completed
        return None
    if until is None or moment <= until or draft.state not in WRITABLE:
        return None
    zone = ZoneInfo(definition_of(draft.version).schedule.zone)
    last = draft.late_admissions.first()
    outages = [outage_words(one, zone) for one in queries.outages_before_the_end(draft.call)]
    closed = last is None or last.state not in ("asked", "proposed", "admitted")
    return {
        "last": last,
        "badge": state_badge(last) if last else None,
        "until": exact(last.until, zone) if last and last.until else "",
        "runs": bool(last and last.state == ADMITTED and last.until and moment <= last.until),
        "outages": outages,
        "may_ask": may(person, rules.FILE_DRAFT, draft),
        "asks": closed and bool(outages) and draft.call.decided_at is None,
        "decided": draft.call.decided_at is not None,
        "field": _field(),
        "faults": [],
        "address": reverse("applicant:late", args=[draft.uid]),
        "enquiry": reverse("applicant:ask", args=[draft.call.slug]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def late(request: HttpRequest, uid: str) -> HttpResponse:
    """The same as a page of its own; POST asks to be admitted after the end, for an outage of ours (`reason`)."""
    person, draft = person_of(request), draft_of(request.user, uid)
    context, field = late_of(person, draft) or {"asks": False, "faults": [], "last": None}, _field()
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        try:
            commands.ask_late_admission(actor=actor_of(person), draft=draft, reason=field.value)
        except Refused as refused:
            context |= {"field": field, "faults": put_faults([field], refused.reasons, _PLACES)}
        else:
            messages.success(request, gettext("Asked. The office of the call looks at it, and you are told by mail."))
            return HttpResponseRedirect(step_address(uid, "check") + "#late", status=303)
    page = {
        "section": "me",
        "draft": draft,
        "late": context,
        "back": step_address(uid, "check"),
        "crumbs": [
            {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
            {"text": draft.organisation.name, "url": step_address(uid, "check")},
            {"text": gettext("After the end")},
        ],
    }
    return render(request, "applicant/late.html", page, status=422 if context["faults"] else 200)


_PLACES = dict.fromkeys(("late_needs_reason", "words_too_long", "words_have_control", "words_turn_direction"), "reason")


def _field() -> Field:
    field = Field("reason", gettext("What kept you from filing in time?"), "area", rows=4, most=LONGEST_REASON)
    field.required = True
    field.help = gettext("When did you try, and what did you see? The office of the call reads it.")
    return field
