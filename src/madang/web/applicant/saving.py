"""What the script of the form sends and asks: changes as they are typed, and what others have changed since.

Nothing is a page here: every answer is JSON with a status that the script understands. 401: nobody is signed in (what
was typed stays in the browser); 403: the page's token is old (ask `changes?token=1` for a new one); 409: something of
what was sent meets a newer version of somebody else, and was not written; 422: refused, with the reasons.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import is_person
from madang.apps.applications import commands, queries
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.web.applicant.form_pages import anew, shown
from madang.web.applicant.form_view import FormView, draft_of, language, person_of, step_address
from madang.words import say

MOST_CHANGES: Final = 500
"""Places in one request; a page has fewer, and a script that was away for days sends them in turns."""

Context = dict[str, Any]


class _Unreadable(ValueError):
    """The body is not what the script sends."""


@require_POST
@gzip_page
def save(request: HttpRequest, uid: str) -> HttpResponse:
    """Keep changes. Takes `{"changes": {KEY: text or list of texts}, "base": {KEY: revision read}, "step": ...}`, and
    `"overwrite": {KEY: revision seen}` for places where the reader has seen both versions and keeps the own one.
    """
    if not is_person(request.user):
        return _signed_out()
    person, draft = person_of(request), draft_of(request.user, uid)
    try:
        sent = _read(request)
    except _Unreadable:
        return JsonResponse({"reasons": [say(Reason("request_unreadable"), language())]}, status=400)
    actor, every = actor_of(person), []
    try:
        plain = {key: typed for key, typed in sent["changes"].items() if key not in sent["overwrite"]}
        if plain:
            base = {key: sent["base"].get(key, 0) for key in plain}
            every.append(
                commands.save_entries(actor=actor, draft=draft, changes=plain, base=base, language=sent["language"])
            )
        every += [
            commands.overwrite_entry(actor=actor, draft=draft, key=key, typed=sent["changes"][key], seen_revision=seen)
            for key, seen in sent["overwrite"].items()
        ]
    except Refused as problem:
        return JsonResponse({"reasons": [say(reason, language()) for reason in problem.reasons]}, status=422)
    view = FormView(person, every[-1].draft if every else anew(draft))
    conflicts = [_change(view, one) for done in every for one in done.conflicts]
    told: Context = {
        "revision": view.draft.revision,
        "saved": {key: revision for done in every for key, revision in done.saved.items()},
        "refused": [{"key": key, "text": say(reason, language())} for done in every for key, reason in done.refused],
        "noted": [{"key": key, "text": say(reason, language())} for done in every for key, reason in done.noted],
        "conflicts": conflicts,
        **_page(view, sent["step"]),
    }
    return JsonResponse(told, status=409 if conflicts else 200)


@require_safe
@never_cache
@gzip_page
def changes(request: HttpRequest, uid: str) -> HttpResponse:
    """What was changed after revision `since`, by whoever; 204 where nothing was. `step` asks for that step's state
    too; `token=1` for a new token and who is signed in.
    """
    if not is_person(request.user):
        return _signed_out()
    person, draft = person_of(request), draft_of(request.user, uid)
    if request.GET.get("token"):
        return JsonResponse({"token": get_token(request), "person": person.uid, "revision": draft.revision})
    since = request.GET.get("since", "")
    known = int(since) if since.isascii() and since.isdigit() and len(since) < 10 else 0
    if draft.revision <= known:
        return HttpResponse(status=204)
    view = FormView(person, draft)
    told = {
        "revision": draft.revision,
        "changes": [_change(view, one) for one in queries.changes_since(draft, known)],
        **_page(view, request.GET.get("step", "")),
    }
    return JsonResponse(told)


def _change(view: FormView, one: Any) -> Context:
    """One change or conflict: what stands there now, in words too, by whom and when."""
    return {
        "key": one.key,
        "typed": one.typed,
        "text": shown(view, one.key, one.typed),
        "revision": one.revision,
        "by": one.by,
        "at": view.when(one.at),
        "url": step_address(view.draft.uid, view.state.places[one.key].step, one.key)
        if one.key in view.state.places
        else "",
    }


def _page(view: FormView, step: str) -> Context:
    """The state of the step that the script shows; nothing where it names none of this form."""
    try:
        return {"page": view.told(view.step(step))} if step else {}
    except Http404:
        return {}


def _read(request: HttpRequest) -> Context:
    """The body, checked part by part: nothing from outside is trusted to have a shape."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError, RequestDataTooBig):
        raise _Unreadable from None
    if not isinstance(body, dict):
        raise _Unreadable
    changes, base, overwrite = (body.get(name, {}) for name in ("changes", "base", "overwrite"))
    if not all(isinstance(one, dict) and len(one) <= MOST_CHANGES for one in (changes, base, overwrite)):
        raise _Unreadable
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in [*base.values(), *overwrite.values()]):
        raise _Unreadable
    if not set(overwrite) <= set(changes):
        raise _Unreadable
    step, written = body.get("step", ""), body.get("language", "")
    if not isinstance(step, str) or not isinstance(written, str):
        raise _Unreadable
    typed = {key: _typed(value) for key, value in changes.items()}
    return {"changes": typed, "base": base, "overwrite": overwrite, "step": step, "language": written}


def _typed(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise _Unreadable


def _signed_out() -> HttpResponse:
    return JsonResponse({"reasons": []}, status=401)
