"""Where an application begins, and where one's drafts are found again."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands, queries, rules
from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls, current_definition, definition_of, state_of
from madang.apps.directory.models import Organisation
from madang.core.callspec import Definition
from madang.core.lifecycle.call import OPEN
from madang.core.lifecycle.draft import FILED, REVISING, WITHDRAWN, WRITING
from madang.core.reasons import Reason
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.filed_view import standing_line
from madang.web.applicant.form_view import (
    deadline_of,
    draft_of,
    language,
    language_name,
    moment_of,
    person_of,
    step_address,
    supplement_deadline,
    when,
)
from madang.web.applicant.place_view import Beside, Places
from madang.web.applicant.supplement_view import supplement_line
from madang.words import say

Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin an application: who applies, for which type, in which language. Drafts that are there already stand first.

    POST takes `organisation` (its uid), `track` and `language`; 303 to the form, 422 with the reasons.
    """
    call = get_object_or_404(all_calls(), slug=slug)
    definition = current_definition(call)
    reasons: list[Reason] = []
    if request.method == "POST":
        mine = {one.uid: one for one in _mine(person_of(request))}
        organisation = mine.get(request.POST.get("organisation", ""))
        if organisation is None:
            reasons = [Reason("organisation_not_chosen")]
        else:
            try:
                draft = commands.start_draft(
                    actor=actor_of(person_of(request)),
                    call=call,
                    organisation=organisation,
                    track=request.POST.get("track", ""),
                    language=request.POST.get("language", ""),
                )
            except Refused as refused:
                reasons = refused.reasons
            else:
                return HttpResponseRedirect(reverse("applicant:draft", args=[draft.uid]), status=303)
    context = _start(request, call, definition, reasons)
    return render(request, "applicant/apply.html", context, status=422 if reasons else 200)


def _start(request: HttpRequest, call: Call, definition: Definition, reasons: list[Reason]) -> Context:
    person, words = person_of(request), FormWords(definition, language())
    mine = _mine(person)
    given = request.POST
    tracks = [_track(words, track) for track in definition.tracks] if len(definition.tracks) > 1 else []
    standing = [line.draft for line in queries.drafts_of(person) if line.draft.call_id == call.pk]
    return {
        "section": "calls",
        "call": call,
        "title": words.w.of(call.title),
        "is_open": call.state == OPEN,
        "state": call.state,
        "deadline": deadline_of(call, definition, person, now()),
        "opens": when(call.opens_at, person) if call.opens_at else "",
        "organisations": [
            {
                "uid": one.uid,
                "name": one.name,
                "kind": words.label(f"organisation.{one.kind}"),
                "chosen": given.get("organisation") == one.uid,
            }
            for one in mine
        ],
        "only": mine[0] if len(mine) == 1 else None,
        "organisations_url": _organisations(),
        "tracks": [{**track, "chosen": given.get("track") == track["id"]} for track in tracks],
        "languages": [
            {"code": code, "name": language_name(code), "chosen": given.get("language", language()) == code}
            for code in definition.languages
        ],
        "standing": [
            {
                "url": reverse("applicant:draft", args=[one.uid]),
                "who": one.organisation.name,
                "changed": when(one.changed_at, person),
                "track": words.track(one.track) if one.track else "",
                "state_text": {state: title for state, title in GROUPS if state != WRITING}.get(one.state, ""),
            }
            for one in standing
        ],
        "errors": [say(reason, language()) for reason in reasons],
        "crumbs": [
            {"text": gettext("Calls"), "url": reverse("public:calls")},
            {"text": words.w.of(call.title), "url": reverse("public:call", args=[call.slug])},
            {"text": gettext("Apply")},
        ],
    }


def _track(words: FormWords, track: Any) -> Context:
    partners = ", ".join(words.role(role) for role in track.consortium if role.min)
    return {
        "id": track.id,
        "title": words.w.of(track.title),
        "for": ", ".join(name for _, name in words.kinds(track.applicants)) if track.applicants else "",
        "with": partners,
    }


def _mine(person: Person) -> list[Organisation]:
    """The organisations in whose name the person may begin an application."""
    rows = person.affiliations.filter(ended_at__isnull=True, organisation__merged_into__isnull=True)
    found = rows.select_related("organisation").order_by("organisation__name", "organisation__pk")
    return [one.organisation for one in found if not rules.STARTING.isdisjoint(one.duties)]


def _organisations() -> str:
    """Where organisations are founded and joined; nothing where this installation has no such page."""
    try:
        return reverse("account:organisations")
    except NoReverseMatch:
        return ""


GROUPS: Final = (
    (REVISING, _("Being changed")),
    (WRITING, _("Being written")),
    (FILED, _("Filed")),
    (WITHDRAWN, _("Withdrawn")),
)
"""The list's groups in their order: what may be mistaken for filed stands first."""


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """My applications, by state: being changed, being written, filed, withdrawn; how far, until when, what is missing.
    Discarded ones stand apart.
    """
    person = person_of(request)
    lines = sorted(
        (_line(line, person) for line in queries.drafts_of(person)),
        key=lambda line: (not line["takes"], line["closes"]),
    )
    by_state = {state: [line for line in lines if line["state"] == state] for state, _ in GROUPS}
    context = {
        "section": "me",
        "groups": [
            {"id": state, "title": title, "drafts": by_state[state]} for state, title in GROUPS if by_state[state]
        ],
        "discarded": [_line(line, person) for line in queries.drafts_of(person, discarded=True)],
        "crumbs": [{"text": gettext("My applications")}],
    }
    return render(request, "applicant/drafts.html", context)


def _line(line: queries.DraftLine, person: Person) -> Context:
    draft, state = line.draft, line.state
    definition = definition_of(draft.version)
    view = Places(definition, state, language(), Beside())
    words, names = view.words, [one["text"].removesuffix(".") for _, one in view.missing()]
    return {
        "uid": draft.uid,
        "state": draft.state,
        "filed": standing_line(draft, person, definition),
        "number": draft.number or "",
        "withdrawn": moment_of(draft.withdrawn_at, definition.schedule.zone, person) if draft.withdrawn_at else None,
        "takes": draft.supplement is None and (state_of(draft.call) == OPEN or rules.in_time(draft, now())),
        "supplement": supplement_line(draft, definition, person),
        "title": words.w.of(draft.call.title),
        "is_sample": draft.call.is_sample,
        "who": draft.organisation.name,
        "track": words.track(state.track) if state.track and len(definition.tracks) > 1 else "",
        "url": reverse("applicant:draft", args=[draft.uid]),
        "check": step_address(draft.uid, "check"),
        "people": reverse("applicant:people", args=[draft.uid]),
        "needed": state.needed,
        "done": state.done,
        "text": gettext("%(done)s of %(needed)s") % {"done": state.done, "needed": state.needed},
        "missing": names[:4],
        "more": max(0, len(names) - 4),
        "complete": state.complete,
        "changed": when(draft.changed_at, person),
        "discarded": when(draft.discarded_at, person) if draft.discarded_at else "",
        "deadline": supplement_deadline(draft.supplement.until, definition, person, now())
        if draft.supplement is not None
        else deadline_of(draft.call, definition, person, now()),
        "closes": draft.call.closes_at.isoformat() if draft.call.closes_at else "9999",
        "own": line.own,
    }


@require_POST
@login_required
def discard(request: HttpRequest, uid: str) -> HttpResponse:
    """Put a draft aside; it can be brought back from the list."""
    draft = draft_of(request.user, uid)
    return _done(
        request,
        lambda actor: commands.discard_draft(actor=actor, draft=draft),
        gettext("The draft was discarded. You can restore it below."),
    )


@require_POST
@login_required
def restore(request: HttpRequest, uid: str) -> HttpResponse:
    """Bring a discarded draft back."""
    draft = draft_of(request.user, uid)
    return _done(request, lambda actor: commands.restore_draft(actor=actor, draft=draft), gettext("The draft is back."))


def _done(request: HttpRequest, act: Any, said: str) -> HttpResponse:
    try:
        act(actor_of(person_of(request)))
    except Refused as refused:
        for reason in refused.reasons:
            messages.error(request, say(reason, language()))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("applicant:drafts"), status=303)
