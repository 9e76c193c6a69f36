"""Files of a draft, given back to those who may read it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from madang.web.applicant.form_view import draft_of
from madang.web.sending import sent


@require_safe
@login_required
def download(request: HttpRequest, uid: str, file: str) -> HttpResponseBase:
    """One file, only to be saved. 404 for another's, and for one that is lost."""
    found = get_object_or_404(draft_of(request.user, uid).files, uid=file)
    return sent(request, sha256=found.sha256, size=found.size_bytes, name=found.name)
