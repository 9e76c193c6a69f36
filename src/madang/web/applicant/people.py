"""Who writes in a draft: colleagues, invitations by mail, and taking one up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import Draft, DraftInvitation
from madang.apps.calls.queries import definition_of
from madang.apps.directory.queries import verified_addresses
from madang.core.lifecycle.draft import STANDING, WRITING
from madang.core.reasons import Reason
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.kernel.tokens import token_hash
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.filed_view import filed_of
from madang.web.applicant.form_view import FormView, deadline_of, draft_of, language, person_of, when
from madang.words import say

Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest, uid: str) -> HttpResponse:
    """Who writes here, and who may file. POST `do`: `invite` (`email`, `may_file`), `revoke`, `may-file`, `may-fill`,
    `remove` (each with `id`), `leave`.
    """
    person, draft = person_of(request), draft_of(request.user, uid)
    errors: list[str] = []
    if request.method == "POST":
        what = request.POST.get("do", "")
        try:
            said = _act(person, draft, what, request)
        except Refused as refused:
            errors = [say(reason, language()) for reason in refused.reasons]
        else:
            messages.success(request, said)
            there = reverse("applicant:drafts") if what == "leave" else reverse("applicant:people", args=[uid])
            return HttpResponseRedirect(there, status=303)
    return render(
        request, "applicant/people.html", _context(request, person, draft, errors), status=422 if errors else 200
    )


def _act(person: Person, draft: Draft, what: str, request: HttpRequest) -> str:
    """One change of who writes; what to say of it. Raises `Refused`."""
    actor, given = actor_of(person), request.POST
    if what == "invite":
        may_file = given.get("may_file") == "yes"
        commands.invite_colleague(actor=actor, draft=draft, email=given.get("email", ""), may_file=may_file)
        return gettext("The invitation is on its way.")
    if what == "leave":
        commands.leave_draft(actor=actor, draft=draft)
        return gettext("You no longer write in this application.")
    rows: Any = draft.invitations if what == "revoke" else draft.people.select_related("person")
    id_ = given.get("id", "")
    found = rows.filter(pk=int(id_)).first() if id_.isascii() and id_.isdigit() and len(id_) < 18 else None
    if found is None or what not in ("revoke", "remove", "may-file", "may-fill"):
        raise Refused([Reason("nobody_chosen")])
    if what == "revoke":
        commands.revoke_invitation(actor=actor, invitation=found)
        return gettext("The invitation was taken back. Its link opens nothing any more.")
    if what == "remove":
        commands.remove_member(actor=actor, draft=draft, person=found.person)
        return gettext("That person no longer writes here. What was written stays.")
    commands.set_may_file(actor=actor, draft=draft, person=found.person, may_file=what == "may-file")
    return gettext("The right was changed.")


def _context(request: HttpRequest, person: Person, draft: Draft, errors: list[str]) -> Context:
    view = FormView(person, draft)
    may_share = may(person, rules.SHARE_DRAFT, draft)
    members = queries.people_of(draft)
    waiting = draft.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True).select_related("invited_by")
    return {
        "section": "me",
        "draft": draft,
        "view": view,
        "may_discard": draft.state == WRITING and may(person, rules.DISCARD_DRAFT, draft),
        "may_share": may_share and draft.state in (WRITING, *STANDING),
        "may_withdraw": draft.state in STANDING and may(person, rules.WITHDRAW_DRAFT, draft),
        "filed": filed_of(view),
        "writes": any(one.person_id == person.pk for one in members),
        "members": [
            {
                "id": one.pk,
                "name": one.person.shown,
                "email": one.person.email,
                "me": one.person_id == person.pk,
                "may_file": one.may_file,
                "since": when(one.since, person),
                "started": one.person_id == draft.started_by_id,
            }
            for one in members
        ],
        "invitations": [
            {
                "id": one.pk,
                "email": one.email,
                "may_file": one.may_file,
                "by": one.invited_by.shown,
                "at": when(one.invited_at, person),
                "expired": one.expires_at <= now(),
                "until": when(one.expires_at, person),
            }
            for one in waiting
        ]
        if may_share
        else [],
        "errors": errors,
        "typed_email": request.POST.get("email", "") if errors else "",
        "typed_may_file": request.POST.get("may_file", "") if errors else "",
        "crumbs": [
            {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
            {"text": view.call_title, "url": reverse("applicant:draft", args=[draft.uid])},
            {"text": gettext("Who writes here")},
        ],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation to write in a draft: shown first, taken up by POST. An unknown or ended one is 404."""
    person = person_of(request)
    found = (
        DraftInvitation.objects.select_related(
            "draft__call__programme", "draft__version", "draft__organisation", "invited_by"
        )
        .filter(token_sha256=token_hash(token), revoked_at__isnull=True)
        .first()
    )
    if found is None:
        raise Http404
    errors: list[str] = []
    if request.method == "POST":
        try:
            commands.accept_invitation(actor=actor_of(person), token=token)
        except Refused as refused:
            errors = [say(reason, language()) for reason in refused.reasons]
        else:
            messages.success(request, gettext("Welcome. You can write in this application now."))
            return HttpResponseRedirect(reverse("applicant:draft", args=[found.draft.uid]), status=303)
    return render(
        request, "applicant/invitation.html", _invitation(person, found, errors), status=422 if errors else 200
    )


def _invitation(person: Person, found: DraftInvitation, errors: list[str]) -> Context:
    definition = definition_of(found.draft.version)
    words = FormWords(definition, language())
    return {
        "section": "me",
        "call": words.w.of(found.draft.call.title),
        "is_sample": found.draft.call.is_sample,
        "who": found.draft.organisation.name,
        "by": found.invited_by.shown,
        "may_file": found.may_file,
        "me": person.email,
        "other_address": found.email not in verified_addresses(person),
        "over": found.accepted_at is not None or found.expires_at <= now(),
        "until": when(found.expires_at, person),
        "deadline": deadline_of(found.draft.call, definition, person, now()),
        "errors": errors,
    }
