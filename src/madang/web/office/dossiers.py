"""One application at the desk: what was handed in, its revisions, files, history, who handles it, and notes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import queries
from madang.apps.applications.models import Draft, Filing
from madang.apps.review import commands, rules
from madang.apps.review.models import Note
from madang.apps.review.queries import beside, desk_people
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.applicant.filed_view import filed_side, summary, told
from madang.web.enquiry_view import given, spoken_reason, uid_or_404
from madang.web.office import dossier_one
from madang.web.office.dossier_lists import STATUS_NAMES, TONES, AskedList, officer_of, status_of
from madang.web.office.dossier_shared import Page, found
from madang.web.pdf_frame import LARGEST, holds_a_pdf
from madang.web.sending import sent

Context = dict[str, Any]


@never_cache
@require_safe
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One application with everything that was handed in. `q` and `sort`: the list that one comes from."""
    page = found(request, uid)
    return render(request, "office/dossiers/one.html", _context(page, request))


def _context(page: Page, request: HttpRequest, **more: Any) -> Context:
    draft = page.application.filing.draft if page.application.filing else None
    page.application.dossier = page.dossier
    status = status_of(page.application)
    officer = officer_of(page.application)
    programme = page.dossier.call.programme.slug
    return (
        page.context("office:dossier")
        | {
            "badges": [{"text": STATUS_NAMES.get(status, status), "tone": TONES.get(status, "plain")}]
            if page.stands
            else [],
            "facts": dossier_one.who(page),
            "handed": dossier_one.handed_in(page),
            "revisions": dossier_one.revisions(page, draft) if draft else [],
            "withdrawal": dossier_one.withdrawal(page, draft) if draft else None,
            "questions": dossier_one.questions(page),
            "mails": dossier_one.mails(page, draft),
            "history": dossier_one.history(page, draft),
            "officer": officer,
            "mine": officer is not None and officer.pk == page.person.pk,
            "people": [
                (person.uid, person.shown)
                for person in (desk_people(programme) if page.handles else [])
                if rules.has_desk(person, programme, _secretariat(page))
            ],
            "notes": _notes(page),
            "writes_notes": page.handles,
            "ministry": page.handles and rules.desk_of(page.person, page.dossier) == rules.OF_OFFICERS,
            "most_note": rules.LONGEST_NOTE,
            "way": _way(page, request),
        }
        | more
    )


def _secretariat(page: Page) -> str:
    tracks = page.words.definition.tracks
    return next((track.secretariat or "" for track in tracks if track.id == page.dossier.track), "")


def _way(page: Page, request: HttpRequest) -> Context | None:
    """Back to the list that one comes from, and to the applications before and after this one in it."""
    if "q" not in request.GET or not page.stands:
        return None
    asked = AskedList(page.words, page.person, request.GET.get("q", ""), request.GET.get("sort", ""))
    if asked.faults:
        return None
    rows = asked.search.found(asked.query)
    query = urlencode({"q": asked.text, "sort": asked.sort})
    before, after = beside(rows, asked.sort, page.application)
    urls = [f"{reverse('office:dossier', args=[other])}?{query}" if other else "" for other in (before, after)]
    return {"list": asked.address(), "before": urls[0], "after": urls[1], "text": asked.text}


# --- Notes ------------------------------------------------------------------------------------------------------------


def _notes(page: Page) -> list[Context]:
    rows = visible_to(page.person, rules.READ_NOTE, Note.objects.filter(dossier=page.dossier)).select_related("by")
    secretariats = {one.id: page.words.wording.of(dict(one.title)) for one in page.words.definition.secretariats}
    return [
        {
            "uid": note.uid,
            "text": note.text,
            "by": note.by.shown,
            "at": page.words.spoken(note.at),
            "desk": gettext("The ministry's officers")
            if note.secretariat == rules.OF_OFFICERS
            else secretariats.get(note.secretariat, gettext("Secretariat")),
            "removed": note.removed_at is not None,
            "own": note.by_id == page.person.pk and note.removed_at is None,
        }
        for note in rows
    ]


@require_http_methods(["POST"])
@login_required
def note(request: HttpRequest, uid: str) -> HttpResponse:
    """Add a note (`text`). A refused one comes back with the page, so that nothing typed is lost."""
    page = found(request, uid, to_write=True)
    text = given(request.POST, "text")
    try:
        commands.add_note(actor=actor_of(page.person), dossier=page.dossier, text=text)
    except Refused as refused:
        more = {"note_text": text, "note_faults": [spoken_reason(one) for one in refused.reasons]}
        return render(request, "office/dossiers/one.html", _context(page, request, **more), status=422)
    messages.success(request, gettext("The note is added."))
    return HttpResponseRedirect(f"{page.url}#notes", status=303)


@require_POST
@login_required
def note_remove(request: HttpRequest, uid: str, note: str) -> HttpResponse:
    """Take a note of one's own away. 404 for somebody else's."""
    page = found(request, uid, to_write=True)
    rows = visible_to(page.person, rules.READ_NOTE, Note.objects.filter(dossier=page.dossier))
    standing = get_object_or_404(rows.select_related("dossier__call__programme"), uid=uid_or_404(note))
    if not may(page.person, rules.REMOVE_NOTE, standing):
        raise Http404
    commands.remove_note(actor=actor_of(page.person), note=standing)
    messages.success(request, gettext("The note is removed."))
    return HttpResponseRedirect(f"{page.url}#notes", status=303)


# --- Revisions and files ----------------------------------------------------------------------------------------------


def _draft(page: Page) -> Draft:
    if page.application.filing is None:
        raise Http404
    return page.application.filing.draft


def _filing(page: Page, revision: int) -> Filing:
    """A filed revision of this application; what is not filed is nobody's at a desk."""
    filing = queries.filing_of_draft(_draft(page), revision)
    if filing is None:
        raise Http404
    return filing


@never_cache
@require_safe
@login_required
def changes(request: HttpRequest, uid: str) -> HttpResponse:
    """What differs between two filed revisions, `of` and `and`; without them the last two. Never the unfiled form."""
    page = found(request, uid)
    lives = queries.lives_of(_draft(page))
    known = [life.filing.revision for life in lives]
    last = known[0]
    newer = _number(request.GET.get("and", ""), known) or last
    older = _number(request.GET.get("of", ""), known) or max((n for n in known if n < newer), default=newer)
    older, newer = sorted((older, newer))
    same = older == newer
    groups = [] if same else told(filed_side(_filing(page, older)), filed_side(_filing(page, newer)))
    context = page.context("office:dossier", gettext("What changed")) | {
        "groups": groups,
        "summary": summary(groups),
        "older": older,
        "newer": newer,
        "alone": len(known) == 1,
        "same": same,
        "choices": [
            (life.filing.revision, page.words.spoken(life.filing.arrived_at)) for life in sorted(
                lives, key=lambda life: life.filing.revision
            )
        ],
    }  # fmt: skip
    return render(request, "office/dossiers/changes.html", context)


def _number(text: str, known: list[int]) -> int:
    """One of the known numbers; 0 for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) and int(text) in known else 0


def _file(page: Page, revision: int, number: int) -> dict[str, Any]:
    files: list[dict[str, Any]] = _filing(page, revision).content["files"]
    if not 1 <= number <= len(files):
        raise Http404
    return files[number - 1]


@require_safe
@login_required
def file(request: HttpRequest, uid: str, revision: int, number: int) -> HttpResponseBase:
    """The file at this place (from 1) of a filed revision, to be saved. 404 for what was never filed."""
    one = _file(found(request, uid), revision, number)
    return sent(request, sha256=one["sha256"], size=one["size_bytes"], name=one["name"])


@require_safe
@login_required
@holds_a_pdf
def file_view(request: HttpRequest, uid: str, revision: int, number: int) -> HttpResponse:
    """The page around a PDF of a filed revision. 404 for what is no PDF by its content."""
    page = found(request, uid)
    one = _file(page, revision, number)
    if one["format"] != "pdf":
        raise Http404
    size = one["size_bytes"]
    of = gettext("revision %(n)s") % {"n": revision}
    context = page.context("office:dossier", one["name"]) | {
        "file": one,
        "pdf": {
            "url": reverse("office:dossier-file", args=[uid, revision, number]),
            "name": one["name"],
            "facts": f"PDF · {filesizeformat(size)} · {of}",
            "shown": size <= LARGEST,
        },
    }
    return render(request, "office/dossiers/file.html", context)
