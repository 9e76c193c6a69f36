"""The steps of a definition after its writing: sent for approval, approved or returned, published, discarded."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.calls.commands import (
    approve_definition,
    discard_definition,
    publish_draft,
    return_definition,
    submit_definition,
    window,
)
from madang.kernel.commands import Refused
from madang.web.office.definition_view import DraftView
from madang.web.office.definitions import draft_of, seen, told, writing
from madang.web.office.extending import only_closing

Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def submit(request: HttpRequest, uid: str) -> HttpResponse:
    """Send for approval; an amendment says why (`reason`) and where it will be made known (`notice`)."""
    if request.method != "POST":
        return _page(request, draft_of(request, uid), "office/calls/submit.html", gettext("Send for approval"))
    view = writing(request, uid)
    given = {name: request.POST.get(name, "") for name in ("reason", "notice")}

    def send() -> None:
        submit_definition(actor=actor_of(view.person), draft=view.draft, seen_revision=seen(request), **given)

    return _do(
        request,
        view,
        send,
        gettext("Sent for approval. Another officer approves it or returns it."),
        "office/calls/submit.html",
        gettext("Send for approval"),
        given,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def decide(request: HttpRequest, uid: str) -> HttpResponse:
    """The approver's page: what to check, what changed; `answer` is "approve", or "return" with its `reason`."""
    if request.method != "POST":
        return _page(request, draft_of(request, uid), "office/calls/decide.html", gettext("Approval"))
    view = writing(request, uid)
    given = {"reason": request.POST.get("reason", "")}
    approving = request.POST.get("answer", "") == "approve"

    def answer() -> None:
        actor = actor_of(view.person)
        if approving:
            approve_definition(actor=actor, draft=view.draft, seen_revision=seen(request))
        else:
            return_definition(actor=actor, draft=view.draft, reason=given["reason"])

    done = gettext("Approved. An officer can publish it now.") if approving else gettext("Returned to its writers.")
    return _do(request, view, answer, done, "office/calls/decide.html", gettext("Approval"), given)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def publish(request: HttpRequest, uid: str) -> HttpResponse:
    """Says what becomes public, and when; POST publishes. It cannot be undone."""
    if request.method != "POST":
        return _page(request, draft_of(request, uid), "office/calls/publish.html", gettext("Publish"))
    view = writing(request, uid)

    def out() -> None:
        publish_draft(actor=actor_of(view.person), draft=view.draft, seen_revision=seen(request))

    done = gettext("Published. The call stands on the public pages now.")
    return _do(request, view, out, done, "office/calls/publish.html", gettext("Publish"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def discard(request: HttpRequest, uid: str) -> HttpResponse:
    """Give the draft up, after a question."""
    if request.method != "POST":
        return _page(request, draft_of(request, uid), "office/calls/discard.html", gettext("Discard"))
    view = writing(request, uid)

    def away() -> None:
        discard_definition(actor=actor_of(view.person), draft=view.draft)

    return _do(
        request, view, away, gettext("The draft was discarded."), "office/calls/discard.html", gettext("Discard")
    )


def _do(
    request: HttpRequest,
    view: DraftView,
    act: Callable[[], None],
    done: str,
    template: str,
    title: str,
    given: Context | None = None,
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        fresh = draft_of(request, view.draft.uid)
        return _page(request, fresh, template, title, given=given, errors=told(refused))
    messages.success(request, done)
    return HttpResponseRedirect(reverse("office:definition", args=[view.draft.uid]), status=303)


def _page(
    request: HttpRequest,
    view: DraftView,
    template: str,
    title: str,
    *,
    given: Context | None = None,
    errors: list[str] | None = None,
) -> HttpResponse:
    published, definition = view.published, view.found.definition
    opens, closes = window(definition) if definition else (None, None)
    context = {
        **view.frame,
        "tab": "",
        "crumbs": [*view.crumbs(()), {"text": title}],
        "heading": title,
        "given": given or {"reason": view.draft.reason, "notice": view.draft.notice},
        "errors": errors or [],
        "published": published,
        "compared": view.compared(published.text) if published else None,
        "extension": only_closing(view),
        "definition": definition,
        "opens": opens,
        "closes": closes,
        "zone": definition.schedule.zone if definition else "",
        "address": reverse("public:call", args=[view.draft.slug]) if definition else "",
    }
    return render(request, template, context, status=422 if errors else 200)
