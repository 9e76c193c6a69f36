"""Papers that partners hand over: who was asked for what by which link, what came of it; ask, send again, end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands, queries
from madang.apps.applications.models import Draft, PaperRequest
from madang.core.callspec.asked import Document, FileField
from madang.core.form.keys import Keys
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.web.applicant.form_view import FormView, draft_of, language, language_name, person_of, when
from madang.words import say

Context = dict[str, Any]

FIELDS: Final = {
    "paper_needs_place": "keys",
    "form_no_such_place": "keys",
    "paper_needs_partner": "partner",
    "not_an_address": "email",
    "no_such_language": "language",
    "paper_note_too_long": "note",
}
"""Beside which field a reason stands; what is no text at all, beside the name or the note (`_fields`)."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def page(request: HttpRequest, uid: str) -> HttpResponse:
    """The links of this application. GET `for=KEY` has that place chosen. POST `do`: `ask` (`keys`, `partner`, `email`,
    `language`, `note`), `again` and `end` (with `id`).
    """
    person, draft = person_of(request), draft_of(request.user, uid)
    reasons: list[Reason] = []
    if request.method == "POST":
        if not ratelimit.consume(request, action="ask_for_paper"):
            return ratelimit.respond_429(request)
        try:
            messages.success(request, _act(person, draft, request))
        except Refused as refused:
            reasons = refused.reasons
        else:
            return HttpResponseRedirect(reverse("applicant:partners", args=[uid]), status=303)
    context = _context(request, person, draft, reasons)
    return render(request, "applicant/partners.html", context, status=422 if reasons else 200)


def _act(person: Person, draft: Draft, request: HttpRequest) -> str:
    """What the button says; what to say of it. Raises `Refused`."""
    actor, given = actor_of(person), request.POST
    what = given.get("do", "")
    if what == "ask":
        commands.ask_for_paper(
            actor=actor,
            draft=draft,
            keys=given.getlist("keys"),
            partner=given.get("partner", ""),
            email=given.get("email", ""),
            language=given.get("language", ""),
            note=given.get("note", ""),
        )
        return gettext("The link is on its way by mail.")
    asked = draft.paper_requests.filter(uid=given.get("id", "").replace("\x00", "")).first()
    if asked is None or what not in ("again", "end"):
        raise Refused([Reason("nobody_chosen")])
    if what == "again":
        commands.resend_paper_request(actor=actor, asked=asked)
        return gettext("A new link is on its way by mail. The one before opens nothing any more.")
    commands.revoke_paper_request(actor=actor, asked=asked)
    return gettext("The link has ended. What was handed over stays.")


def _context(request: HttpRequest, person: Person, draft: Draft, reasons: list[Reason]) -> Context:
    view = FormView(person, draft)
    given = request.POST if reasons else request.GET
    chosen = set(given.getlist("keys" if reasons else "for"))
    return {
        "section": "me",
        "draft": draft,
        "view": view,
        "links": [_link(view, one) for one in queries.paper_requests(draft)],
        "places": _places(view, chosen),
        "languages": [(code, language_name(code)) for code, _ in settings.LANGUAGES],
        "typed": {name: given.get(name, "") if reasons else "" for name in ("partner", "email", "note")},
        "language": (given.get("language", "") if reasons else "") or language(),
        "errors": [say(reason, language()) for reason in reasons],
        "at": _fields(reasons, given),
        "longest": {"partner": commands.LONGEST_PARTNER, "note": commands.LONGEST_NOTE},
        "crumbs": [
            {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
            {"text": view.call_title, "url": reverse("applicant:draft", args=[draft.uid])},
            {"text": gettext("Papers from partners")},
        ],
    }


def _fields(reasons: list[Reason], given: Mapping[str, Any]) -> dict[str, str]:
    """Field -> what is wrong with it."""
    found = {}
    for reason in reasons:
        text = reason.code in ("words_too_long", "words_have_control", "words_turn_direction")
        # The name is looked at before the note, so a note of which a text is wrong has a sound name before it.
        name = "partner" if text and _is_wrong(str(given.get("partner", ""))) else "note" if text else ""
        found[name or FIELDS.get(reason.code, "")] = say(reason, language())
    return found


def _is_wrong(partner: str) -> bool:
    return bool(commands.partner_faults(partner))


def _places(view: FormView, chosen: set[str]) -> list[Context]:
    """The places of the form that take files and are asked now, and those chosen."""
    return [
        {"key": key, "name": view.places.words.place_name(place), "chosen": key in chosen}
        for key, place in view.state.places.items()
        if isinstance(place.field, FileField | Document) and (place.shown or key in chosen)
    ]


def _link(view: FormView, asked: PaperRequest) -> Context:
    files = sorted(asked.files.all(), key=lambda one: one.at)
    standing = sum(one.removed_at is None for one in files)
    return {
        "id": asked.uid,
        "partner": asked.partner,
        "email": asked.email,
        "note": asked.note,
        "language": language_name(asked.language),
        "places": [place_name(view, key) for key in asked.keys],
        "by": asked.asked_by.shown,
        "sent": when(asked.asked_at, view.person),
        "opened": when(asked.opened_at, view.person) if asked.opened_at else "",
        "ended": when(asked.revoked_at, view.person) if asked.revoked_at else "",
        "files": [
            {
                "name": one.name,
                "place": place_name(view, one.key),
                "size": filesizeformat(one.size_bytes),
                "at": when(one.at, view.person),
                "removed": when(one.removed_at, view.person) if one.removed_at else "",
                "url": reverse("applicant:file", args=[view.draft.uid, one.uid]),
            }
            for one in files
        ],
        **_state(asked, standing),
    }


def _state(asked: PaperRequest, standing: int) -> Context:
    if standing:
        text = ngettext("%(n)s file handed over", "%(n)s files handed over", standing) % {"n": standing}
        return {"state": text, "tone": "done"}
    if asked.revoked_at:
        return {"state": gettext("link ended"), "tone": "closed"}
    return (
        {"state": gettext("opened"), "tone": "wait"} if asked.opened_at else {"state": gettext("sent"), "tone": "plain"}
    )


def place_name(view: FormView, key: str) -> str:
    """What a place that takes files is called, also one that is not asked now; its key where the call dropped it."""
    named = Keys(view.definition).named(key)
    return view.places.words.w.of(named.asked.label) if named and isinstance(named.asked, FileField | Document) else key
