"""The review of one application: its rules, its checklist, its papers beside; passing and opening again."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from madang.apps.accounts.commands import actor_of
from madang.apps.review import commands, rules
from madang.apps.review.models import Closing, Verdict
from madang.apps.review.queries import closings_of, review_of
from madang.core.callspec import Definition
from madang.core.checklist import INCOMPLETE, INCORRECT
from madang.core.form.keys import Keys
from madang.core.lifecycle.review import OPEN
from madang.kernel.commands import Refused
from madang.web.enquiry_view import Field, given, put_faults
from madang.web.office.dossier_one import files_of
from madang.web.office.dossier_shared import Context, Page, found
from madang.web.office.enquiries_shared import TEXT_FAULTS, see_other
from madang.web.office.review_hints import hints_of
from madang.web.office.review_view import ReviewView

ROUTE = "office:dossier-review"
MENDED = (INCORRECT, INCOMPLETE)
REASON_PLACES = dict.fromkeys(("review_needs_reason", *TEXT_FAULTS), "reason")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def review(request: HttpRequest, uid: str) -> HttpResponse:
    """The review. POST judges one line: `item`, `verdict`, `reason`, and what was on screen (`seen`, `after`).

    With htmx the line alone comes back, with what is left to do.
    """
    page = found(request, uid, to_write=request.method == "POST")
    if request.method != "POST":
        return render(request, "office/review/review.html", _context(page))
    item = given(request.POST, "item", 200)
    typed = {"verdict": given(request.POST, "verdict", 20), "reason": given(request.POST, "reason")}
    faults: list[str] = []
    try:
        commands.judge(
            actor=actor_of(page.person),
            dossier=page.dossier,
            item=item,
            **typed,
            seen=_number(request, "seen"),
            after=_number(request, "after"),
        )
    except Refused as refused:
        view = _view(page)
        faults = [view.tell.reason(reason) for reason in refused.reasons]
    if request.headers.get("HX-Request") == "true":
        return _line(request, page, item, typed, faults)
    if faults:
        return render(request, "office/review/review.html", _context(page, (item, typed, faults)), status=422)
    messages.success(request, gettext("The verdict is saved."))
    return HttpResponseRedirect(f"{reverse(ROUTE, args=[uid])}#item-{item}", status=303)


@require_POST
@never_cache
@login_required
def confirm(request: HttpRequest, uid: str) -> HttpResponse:
    """Follow somebody else's verdict (`verdict`), as the second of two people."""
    page = found(request, uid, to_write=True)
    pk = _number(request, "verdict")
    verdict = Verdict.objects.filter(pk=pk, dossier=page.dossier).first() if pk else None
    if verdict is None:
        return _refused(request, page, [gettext("Choose the verdict that you confirm.")])
    try:
        commands.confirm(actor=actor_of(page.person), dossier=page.dossier, verdict=verdict)
    except Refused as refused:
        return _refused(request, page, _told(page, refused))
    messages.success(request, gettext("Confirmed. The verdict counts now."))
    return HttpResponseRedirect(f"{reverse(ROUTE, args=[uid])}#item-{verdict.item}", status=303)


@require_POST
@never_cache
@login_required
def pass_(request: HttpRequest, uid: str) -> HttpResponse:
    """Let the application go on to its evaluation. It can be opened again."""
    page = found(request, uid, to_write=True)
    try:
        commands.pass_review(actor=actor_of(page.person), dossier=page.dossier)
    except Refused as refused:
        return _refused(request, page, _told(page, refused))
    messages.success(request, gettext("Passed: the application goes on to its evaluation."))
    return see_other(ROUTE, uid)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def reopen(request: HttpRequest, uid: str) -> HttpResponse:
    """Open a review again, with a reason for the office. The page itself is the confirmation."""
    page = found(request, uid, to_write=True)
    field = Field("reason", gettext("Reason"), "area", most=rules.LONGEST_REASON, rows=4, required=True)
    field.help = gettext("For the office and its auditors. The applicant is not told.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        try:
            commands.reopen(actor=actor_of(page.person), dossier=page.dossier, reason=field.value)
        except Refused as refused:
            faults = put_faults([field], refused.reasons, REASON_PLACES)
        else:
            messages.success(request, gettext("The review is open again. Its verdicts stand."))
            return see_other(ROUTE, uid)
    view = _view(page)
    context = page.context(ROUTE, gettext("Open the review again"))
    context |= {"field": field, "faults": faults, "state": view.review.state, "badge": view.badge}
    context |= {"back": reverse(ROUTE, args=[uid])}
    return render(request, "office/review/reopen.html", context, status=422 if faults else 200)


# --- Contexts ---------------------------------------------------------------------------------------------------------


def _view(page: Page) -> ReviewView:
    return ReviewView(review_of(page.dossier), page.words, page.person, handles=page.handles)


def _told(page: Page, refused: Refused) -> list[str]:
    view = _view(page)
    return [view.tell.reason(reason) for reason in refused.reasons]


def _refused(request: HttpRequest, page: Page, faults: list[str]) -> HttpResponse:
    """The review with what was refused above it."""
    context = _context(page) | {"faults": [{"text": text, "field": ""} for text in faults]}
    return render(request, "office/review/review.html", context, status=422)


Refusal = tuple[str, dict[str, str], list[str]]


def _context(page: Page, refused: Refusal | None = None) -> Context:
    """What the page shows; `refused`: a line with what was typed there, and why it was not taken."""
    view = _view(page)
    items = view.items()
    faults: list[Context] = []
    if refused is not None:
        item, typed, told = refused
        state = view.review.item(item)
        items = [
            view.item(state, typed) | {"faults": told} if state and one["id"] == item else one
            for one in items
        ]  # fmt: skip
        at = f"item-{item}" if any(one["id"] == item for one in items) else ""
        faults = [{"text": text, "field": at} for text in told]
    return page.context(ROUTE) | _side(page, view) | {
        "view": view,
        "rules": list(view.rules()),
        "items": items,
        "faults": faults,
        "papers": list(_papers(page, view.words.definition)),
        "hints": hints_of(page),
        "history": [_closing(one, view) for one in closings_of(page.dossier)],
    }  # fmt: skip


def _side(page: Page, view: ReviewView) -> Context:
    """What is left to do and what can be done about it."""
    review = view.review
    return {
        "badge": view.badge,
        "badges": [view.badge],
        "state": review.state,
        "left": view.left(),
        "can_pass": view.may_judge and review.clean,
        "can_exclude": view.may_judge and bool(review.grounds) and not review.awaits_supplement,
        "can_reopen": page.handles and review.state != OPEN and not review.against("reopen", "reason_given"),
        "can_ask": page.handles and review.state == OPEN and not review.awaits_supplement and _to_mend(view),
        "ground": view.tell.ground(review.handling.ground) if review.handling and review.handling.ground else "",
        "done": sum(one.asked and one.answered for one in review.items),
        "asked": sum(one.asked for one in review.items),
    }


def _to_mend(view: ReviewView) -> bool:
    """Whether a line stands that a supplement may mend."""
    return any(one.asked and one.line.verdict in MENDED and one.spec.correction for one in view.review.items)


def _line(request: HttpRequest, page: Page, item: str, typed: dict[str, str], faults: list[str]) -> HttpResponse:
    view = _view(page)
    state = view.review.item(item)
    if state is None:
        raise Http404
    one = view.item(state, typed if faults else None) | {"faults": faults, "saved": not faults}
    context = {"item": one, "page": page, "dossier": page.dossier, "view": view, "oob": True} | _side(page, view)
    return render(request, "office/review/_answer.html", context, status=422 if faults else 200)


def _closing(one: Closing, view: ReviewView) -> Context:
    names = {"pass": gettext("Passed"), "exclude": gettext("Excluded"), "reopen": gettext("Opened again")}
    return {
        "text": names[one.act],
        "ground": view.tell.ground(one.ground) if one.ground else "",
        "words": [{"language": language, "text": text} for language, text in one.words.items()],
        "by": one.by.shown,
        "at": view.when(one.at),
        "together": bool(one.together),
    }


def _papers(page: Page, definition: Definition) -> Iterator[Context]:
    """The papers that the call asks for, each with its files; then the files of the form's own places."""
    named = {page.words.wording.of(one.label): list[Context]() for one in definition.documents}
    for one in _files(page, definition):
        named.setdefault(one["place"], []).append(one)
    for title, files in named.items():
        yield {"title": title, "files": files}


def _files(page: Page, definition: Definition) -> Iterator[Context]:
    """Every file of the revision that stands: filed here, or come with an imported row."""
    if page.application.filing is not None:
        yield from files_of(page, page.application.filing, definition)
        return
    words, keys = page.words.wording, Keys(definition)
    for one in page.application.received_files.all():
        at = keys.named(one.key) if one.key else None
        yield {
            "place": words.of(at.asked.label) if at is not None and at.asked is not None else gettext("Other files"),
            "name": one.name,
            "size": filesizeformat(one.size_bytes),
            "url": reverse("office:received-file", args=[one.uid]),
        }


def _number(request: HttpRequest, name: str) -> int | None:
    text = given(request.POST, name, 20)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
