"""What may follow a filing: change it, drop the changes, withdraw it, write on; and what differs between revisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import Draft
from madang.core.lifecycle.draft import REVISING, STANDING, WITHDRAWN
from madang.core.record.numbers import receipt_number
from madang.kernel.actors import Actor
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.applicant.filed_view import Side, filed_of, filed_side, summary, told
from madang.web.applicant.filing import filing_or_404
from madang.web.applicant.form_pages import anew, sentences
from madang.web.applicant.form_view import FormView, draft_of, moment_of, person_of, step_address

Context = dict[str, Any]


@require_POST
@login_required
def revise(request: HttpRequest, uid: str) -> HttpResponse:
    """Open the filed application for changes; leads to the form's first step."""
    draft = draft_of(request.user, uid)
    said = gettext("You can change it now. What is filed counts until you file again.")
    return _done(request, draft, lambda actor: commands.revise_filed(actor=actor, draft=draft), said, first=True)


@require_POST
@login_required
def resume(request: HttpRequest, uid: str) -> HttpResponse:
    """Write on in a withdrawn application."""
    draft = draft_of(request.user, uid)
    said = gettext("You can write on. It does not count before you file it again.")
    return _done(request, draft, lambda actor: commands.resume_application(actor=actor, draft=draft), said, first=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def keep(request: HttpRequest, uid: str) -> HttpResponse:
    """Drop the changes since the filing: asked first, with all that would be dropped. 404 where there is nothing."""
    person, draft = person_of(request), draft_of(request.user, uid)
    if request.method == "POST":
        said = gettext("The changes were dropped. What you filed stands as it was.")
        return _done(request, draft, lambda actor: commands.keep_filed(actor=actor, draft=draft), said)
    if draft.state != REVISING or not may(person, rules.WRITE_DRAFT, draft):
        raise Http404
    assert draft.standing is not None, "what is revised was filed"
    view = FormView(person, draft)
    filing = filing_or_404(draft, draft.standing.revision)
    now_ = Side(queries.standing_side(draft, view.state), view.definition)
    groups = told(now_, filed_side(filing))
    context = _context(view, gettext("Drop the changes")) | {
        "filed": filed_of(view),
        "groups": groups,
        "summary": summary(groups),
    }
    return render(request, "applicant/keep.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    """Take a filed application back: asked first, with what it means. POST takes `reason`, which may stay blank."""
    person, draft = person_of(request), draft_of(request.user, uid)
    if request.method == "POST":
        reason = request.POST.get("reason", "").replace("\x00", "")
        said = gettext("The application is withdrawn. It does not count any more.")
        return _done(
            request,
            draft,
            lambda actor: commands.withdraw_application(actor=actor, draft=draft, reason=reason),
            said,
        )
    if draft.state not in (*STANDING, WITHDRAWN) or not may(person, rules.WITHDRAW_DRAFT, draft):
        raise Http404
    view = FormView(person, draft)
    if draft.state == WITHDRAWN:  # it was done already, perhaps by somebody else
        return HttpResponseRedirect(step_address(uid, "check"))
    context = _context(view, gettext("Withdraw")) | {
        "filed": filed_of(view),
        "most": commands.LONGEST_REASON,
        "deadline": view.deadline(),
    }
    return render(request, "applicant/withdraw.html", context)


@require_safe
@login_required
def changes(request: HttpRequest, uid: str, revision: int) -> HttpResponse:
    """What differs between a filed revision and another one (`with`, a number), or what stands in the form now.

    Without `with`: the revision before; of the first one, what stands now.
    """
    person, draft = person_of(request), draft_of(request.user, uid)
    view, filing = FormView(person, draft), filing_or_404(draft, revision)
    asked = request.GET.get("with", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else None
    lives = queries.lives_of(draft)
    if not asked:
        number = max((one.filing.revision for one in lives if one.filing.revision < revision), default=None)
    here, zone = filed_side(filing), view.definition.schedule.zone
    if number is not None and number != revision:
        other = filing_or_404(draft, number)
        older, newer = (other, filing) if number < revision else (filing, other)
        groups = told(filed_side(older), filed_side(newer))
        names = _named(older), _named(newer)
    elif asked == "now" or not asked:
        groups = told(here, Side(queries.standing_side(draft, view.state), view.definition))
        names = _named(filing), gettext("the form as it is now")
    else:
        raise Http404
    context = _context(view, gettext("What changed")) | {
        "groups": groups,
        "summary": summary(groups),
        "before": names[0],
        "after": names[1],
        "revision": revision,
        "with": str(number) if number is not None else "now",
        "choices": [
            {"value": str(one.filing.revision), "at": moment_of(one.filing.arrived_at, zone, person)["text"]}
            for one in lives
            if one.filing.revision != revision
        ],
        "receipt": reverse("applicant:receipt", args=[uid, revision]),
    }
    return render(request, "applicant/changes.html", context)


def _named(filing: Any) -> str:
    return gettext("filed revision %(n)s") % {"n": filing.revision}


def _context(view: FormView, title: str) -> Context:
    draft = view.draft
    return {
        "section": "me",
        "view": view,
        "draft": draft,
        "title": title,
        "number": receipt_number(draft.number or "", draft.standing.revision) if draft.standing else draft.number,
        "back": step_address(draft.uid, "check"),
        "crumbs": [
            {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
            {"text": view.call_title, "url": step_address(draft.uid, "check")},
            {"text": title},
        ],
    }


def _done(
    request: HttpRequest, draft: Draft, act: Callable[[Actor], Any], said: str, *, first: bool = False
) -> HttpResponse:
    """Carry it out and say so on the application's page, or why not; `first`: on the form's first step of its own."""
    person, where = person_of(request), "check"
    try:
        act(actor_of(person))
    except Refused as refused:
        for text in sentences(refused.reasons):
            messages.error(request, text)
    else:
        messages.success(request, said)
        if first:
            steps = FormView(person, anew(draft)).state.steps
            where = next((one.id for one in steps if one.kind not in ("applicant", "check")), "check")
    return HttpResponseRedirect(step_address(draft.uid, where), status=303)
