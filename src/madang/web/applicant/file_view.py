"""A PDF of a draft, shown on a page of its own to those who may read the draft."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from madang.web.applicant.form_view import FormView, draft_of, person_of, step_address
from madang.web.pdf_frame import LARGEST, holds_a_pdf


@require_safe
@login_required
@holds_a_pdf
def view(request: HttpRequest, uid: str, file: str) -> HttpResponse:
    """The page around the document. 404 for another's file, and for one that is no PDF by its content."""
    draft = draft_of(request.user, uid)
    found = get_object_or_404(draft.files, uid=file)
    if found.format != "pdf":
        raise Http404
    form = FormView(person_of(request), draft)
    place = form.state.places.get(found.key)
    back = step_address(uid, place.step, found.key) if place else reverse("applicant:draft", args=[uid])
    context = {
        "section": "me",
        "view": form,
        "file": found,
        "pdf": {
            "url": reverse("applicant:file", args=[uid, file]),
            "name": found.name,
            "facts": f"PDF · {filesizeformat(found.size_bytes)} · {found.by.shown}, {form.when(found.at)}",
            "shown": found.size_bytes <= LARGEST,
        },
        "crumbs": [
            {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
            {"text": form.call_title, "url": reverse("public:call", args=[draft.call.slug])},
            {"text": draft.organisation.name, "url": back},
            {"text": found.name},
        ],
    }
    return render(request, "applicant/file.html", context)
