"""The whole file as its evaluators would read it: on the last step of the form, and as PDF.

The PDF is set in a process of its own, within limits: no web process loads the typesetter, and a file that is too much
for it costs its reader's turn and nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

import madang
from madang.papers import pdf_child
from madang.papers.application_paper import About, answered, paper_of
from madang.papers.blocks import Paper
from madang.web.applicant.form_view import FormView, draft_of, language, language_name, person_of, step_address
from madang.web.public.blocks import drawn

SECONDS: Final = 30
AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Papers that one web process has set at the same time; a third reader is asked to come back."""

Context = dict[str, Any]


class NotMade(Exception):
    """The paper could not be set: a limit was met."""


def about(view: FormView) -> About:
    """What the paper says beside the answers."""
    draft, places = view.draft, view.places
    files = {
        key: [file_name(one["name"], one["partner"]) for one in found if not one["removed"]]
        for key, found in places.beside.about.files.items()
    }
    translations = {
        key: [(one["name"], one["text"], one["by_machine"]) for one in found if one["text"]]
        for key, found in places.beside.about.translations.items()
    }
    return About(
        uid=draft.uid[:8],
        revision=draft.revision,
        applicant=draft.organisation.name,
        track=view.state.track,
        language=language_name(draft.language),
        saved=view.when(draft.changed_at),
        made=draft.changed_at.isoformat(timespec="seconds"),
        sample=draft.call.is_sample or draft.organisation.is_sample,
        missing=view.missing_sentences(),
        files=files,
        translations={key: found for key, found in translations.items() if found},
    )


def file_name(name: str, partner: str) -> str:
    """A file as the papers name it: with the partner who handed it over."""
    return gettext("%(name)s (handed over by %(partner)s)") % {"name": name, "partner": partner} if partner else name


def preview_blocks(view: FormView) -> Context:
    """For the last step: the file as blocks, and what the page says of filing."""
    blocks = answered(view.definition, view.state, about(view), language())
    return {
        "blocks": drawn(blocks, "preview", level=2),
        "pdf": reverse("applicant:preview", args=[view.draft.uid]),
    }


@require_safe
@login_required
def pdf(request: HttpRequest, uid: str) -> HttpResponse:
    """The whole file as PDF, to be saved. Answers as `as_pdf`."""
    view = FormView(person_of(request), draft_of(request.user, uid))
    paper = paper_of(view.definition, view.state, about(view), language())
    return as_pdf(request, paper, name=f"{view.draft.call.slug}-{uid[:8]}", back=step_address(uid, "check"))


def as_pdf(request: HttpRequest, paper: Paper, *, name: str, back: str) -> HttpResponse:
    """A paper as PDF, to be saved. 503 while two others are waiting for theirs, or where it is too much."""
    if not AT_ONCE.acquire(timeout=10):
        return _not_now(request, back, gettext("Others are waiting for their PDF. Try again in a moment."))
    try:
        content = set_paper(pdf_child.as_json(paper))
    except NotMade:
        return _not_now(request, back, gettext("The PDF could not be made. The page on screen holds the same."))
    finally:
        AT_ONCE.release()
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _not_now(request: HttpRequest, back: str, text: str) -> HttpResponse:
    return render(request, "applicant/not_now.html", {"text": text, "back": back}, status=503)


def set_paper(told: bytes) -> bytes:
    """The paper as PDF. Raises `NotMade`. Cost: a process of at most `SECONDS`."""
    child = subprocess.Popen(
        [sys.executable, "-s", "-P", "-X", "utf8", "-m", "madang.papers.pdf_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # No secret and no data folder; the same source as ours, wherever that lies.
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path(madang.__file__).parents[1])},
        start_new_session=True,
    )
    try:
        content, _ = child.communicate(told, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise NotMade from None
    if child.returncode or not content.startswith(b"%PDF"):
        raise NotMade
    return content
