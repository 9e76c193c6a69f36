"""The requests for a supplement to one application: what was asked, until when, and what became of it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from madang.apps.applications import queries
from madang.apps.applications.models import Supplement
from madang.kernel import mail
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.filed_view import receipt_address
from madang.web.applicant.form_view import FormView, draft_of, language, moment_of, person_of, step_address
from madang.web.applicant.supplement_view import supplement_of
from madang.web.supplement_view import also_open, count_words, counted_again, rule_words, state_badge, things_of

Context = dict[str, Any]


@require_safe
@login_required
def page(request: HttpRequest, uid: str) -> HttpResponse:
    """Every request, the newest first, with its days counted. 404 where there never was one."""
    view = FormView(person_of(request), draft_of(request.user, uid))
    found = queries.supplements_of_draft(view.draft)
    if not found:
        raise Http404
    context = {
        "section": "me",
        "draft": view.draft,
        "view": view,
        "supplement": supplement_of(view),
        "requests": [_told(one, view) for one in found],
        "back": step_address(uid, "check"),
        "crumbs": [
            {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
            {"text": view.call_title, "url": step_address(uid, "check")},
            {"text": gettext("Supplement")},
        ],
    }
    return render(request, "applicant/supplement.html", context)


def _told(one: Supplement, view: FormView) -> Context:
    words = FormWords(queries.supplement_definition(one), language())
    zone, person = words.d.schedule.zone, view.person
    extensions = [(moment_of(more.until, zone, person), more.reason) for more in one.extensions.all()]
    return {
        "uid": one.uid,
        "badge": state_badge(one),
        "asked": moment_of(one.asked_at, zone, person),
        "until": moment_of(one.until, zone, person),
        "reason": mail.words_in(one.reason, language(), words.d.languages),
        "things": things_of(one, words),
        "also": also_open(one, words),
        "rule": rule_words(one.terms["item"], one.terms, words),
        "days": count_words(counted_again(one, ZoneInfo(zone)), words.w),
        "extensions": [{"until": until, "reason": reason} for until, reason in extensions],
        "ended": moment_of(one.ended_at, zone, person) if one.ended_at else None,
        "cancelled": one.ended_reason,
        "receipt": receipt_address(view.draft, one.filing.revision) if one.filing else "",
    }
