"""What other bodies say about one application: each check with its result, source, day, checker and proof."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.review import commands
from madang.apps.review.commands import MOST_PROOF_MB
from madang.apps.review.queries import review_of
from madang.apps.review.rules import Said
from madang.core.reasons import Reason
from madang.kernel import files
from madang.kernel.commands import Refused
from madang.web.enquiry_view import given
from madang.web.office.dossier_shared import Context, Page, found
from madang.web.office.review_view import ReviewView
from madang.web.sending import sent

ROUTE = "office:dossier-checks"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def checks(request: HttpRequest, uid: str) -> HttpResponse:
    """All checks of one application. POST enters one: `check`, `result`, `source`, `on`, `note`, a file `proof`."""
    page = found(request, uid, to_write=request.method == "POST")
    if request.method != "POST":
        return render(request, "office/review/checks.html", _context(page))
    check = given(request.POST, "check", 200)
    typed = {name: given(request.POST, name) for name in ("result", "source", "on", "note")}
    try:
        _entered(request, page, check, typed)
    except Refused as refused:
        return render(request, "office/review/checks.html", _context(page, check, typed, refused.reasons), status=422)
    messages.success(request, gettext("The result is saved."))
    return HttpResponseRedirect(f"{reverse(ROUTE, args=[uid])}#check-{check}", status=303)


def _entered(request: HttpRequest, page: Page, check: str, typed: dict[str, str]) -> None:
    day = day_of(typed["on"])
    if day is None:
        raise Refused([Reason("review_needs_day")])
    proof: Any = request.FILES.get("proof")
    after = given(request.POST, "after", 20)
    commands.enter_result(
        actor=actor_of(page.person),
        dossier=page.dossier,
        check=check,
        said=Said(typed["result"], typed["source"], day, typed["note"]),
        after=int(after) if after.isascii() and after.isdecimal() and len(after) < 18 else None,
        proof=(proof.name or "", proof) if proof is not None else None,
    )


def day_of(text: str) -> dt.date | None:
    """`2022-01-20`, as a browser sends it; nothing where it is no day."""
    try:
        return dt.date.fromisoformat(text.strip()) if len(text.strip()) == 10 else None
    except ValueError:
        return None


@require_safe
@login_required
def proof(request: HttpRequest, uid: str, pk: int) -> HttpResponseBase:
    """The proof of one result, only to be saved."""
    page = found(request, uid)
    row = get_object_or_404(page.dossier.outside_results.exclude(proof_sha256=""), pk=min(pk, 2**62))
    try:
        size = files.size(row.proof_sha256)
    except files.NotKept:
        raise Http404 from None
    return sent(request, sha256=row.proof_sha256, size=size, name=row.proof_name)


PLACES = {
    "review_no_such_result": "result",
    "review_needs_source": "source",
    **dict.fromkeys(("review_needs_day", "review_day_ahead", "review_day_too_early"), "on"),
    **dict.fromkeys(
        ("draft_file_empty", "draft_file_unknown", "form_file_too_large", "file_infected", "file_damaged"), "proof"
    ),
}
"""Where in the form a refusal is mended."""


def _context(
    page: Page, check: str = "", typed: dict[str, str] | None = None, reasons: list[Reason] | None = None
) -> Context:
    view = ReviewView(review_of(page.dossier), page.words, page.person, handles=page.handles)
    rows, faults = [], []
    for state in view.review.checks:
        if not state.asked:
            continue
        row = view.check(state, typed if state.spec.id == check else None)
        if state.spec.id == check:
            for reason in reasons or []:
                place = PLACES.get(reason.code, "")
                row["faults"].append({"text": view.tell.reason(reason), "place": place})
                faults.append(
                    {"text": view.tell.reason(reason), "field": f"{check}-{place}" if place else f"check-{check}"}
                )
        rows.append(row)
    if reasons and not faults:
        faults = [{"text": view.tell.reason(reason), "field": ""} for reason in reasons]
    not_asked = [page.words.wording.of(one.spec.label) for one in view.review.checks if not one.asked]
    return page.context(ROUTE) | {
        "view": view,
        "badges": [view.badge],
        "state": view.review.state,
        "checks": rows,
        "not_asked": not_asked,
        "faults": faults,
        "most_mb": MOST_PROOF_MB,
        "import_url": reverse("office:review-import", args=[page.dossier.call.slug]) if page.handles else "",
    }
