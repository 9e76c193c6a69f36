"""The press, and the receipt that it gives.

The press is small and carries nothing that is not stored already: the draft's revision that the filer had on screen.
It counts by the moment at which it arrived (`web/arrival.py`).
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, queries
from madang.apps.applications.models import Draft, Filing
from madang.core.record.numbers import receipt_number
from madang.kernel.commands import Refused
from madang.web.applicant.form_pages import sentences
from madang.web.applicant.form_view import draft_of, person_of, step_address
from madang.web.arrival import arrived_at


@require_POST
@login_required
def press(request: HttpRequest, uid: str) -> HttpResponse:
    """File what stands. `seen`: the draft's revision on the filer's screen. Leads to the receipt; the same for the same
    press sent again. A script that asks for JSON gets number and address.
    """
    person, draft = person_of(request), draft_of(request.user, uid)
    seen = request.POST.get("seen", "")
    try:
        filing = commands.file_draft(
            actor=actor_of(person),
            draft=draft,
            seen_revision=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
            arrived_at=arrived_at(request),
        )
    except Refused as refused:
        words = sentences(refused.reasons)
        if not request.accepts("text/html"):
            return JsonResponse({"reasons": words}, status=422)
        for text in words:
            messages.error(request, text)
        return HttpResponseRedirect(step_address(uid, "check"), status=303)
    where = receipt_address(draft, filing)
    if request.accepts("text/html"):
        return HttpResponseRedirect(where, status=303)
    return JsonResponse({"receipt": receipt_number(filing.draft.number or "", filing.revision), "url": where})


@require_safe
@login_required
def receipt(request: HttpRequest, uid: str, revision: int) -> HttpResponse:
    """The receipt of one revision."""
    draft = draft_of(request.user, uid)
    filing = _filing(draft, revision)
    context = {
        "section": "me",
        "draft": draft,
        "filing": filing,
        "number": receipt_number(draft.number or "", filing.revision),
        "standing": queries.standing_of(filing),
    }
    return render(request, "applicant/receipt.html", context)


@require_safe
@login_required
def receipt_file(request: HttpRequest, uid: str, revision: str, name: str) -> HttpResponse:
    """`receipt.json`: the signed receipt; `form.json`: the form that was filed, byte for byte what was hashed."""
    filing = _filing(draft_of(request.user, uid), int(revision))
    text = {"receipt": filing.receipt, "form": filing.form}[name]
    answer = HttpResponse(text.encode(), content_type="application/json; charset=utf-8")
    stem = receipt_number(filing.draft.number or "", filing.revision)
    answer["Content-Disposition"] = f'attachment; filename="{stem}-{name}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def receipt_address(draft: Draft, filing: Filing) -> str:
    return reverse("applicant:receipt", args=[draft.uid, filing.revision])


def _filing(draft: Draft, revision: int) -> Any:
    found = queries.filing_of_draft(draft, revision)
    if found is None:
        raise Http404
    return found
