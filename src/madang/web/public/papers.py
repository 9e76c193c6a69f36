"""What of a decision can be taken away: the public edition of its record always, everything else of a sample."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.apps.decisions.models import Decision
from madang.apps.decisions.queries import decision_of
from madang.kernel import files
from madang.papers.decision import ApplicationLine, DecisionView
from madang.web.public import press
from madang.web.public.records import NotShown, opened

SEALED: Final = {
    "record.json": ("record_sha256", press.JSON),
    "report.html": ("report_sha256", "text/html; charset=utf-8"),
    "results.xlsx": ("workbook_sha256", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""What was kept when the decision was sealed: name -> (field of the decision, media type)."""

MADE: Final = {press.PUBLIC: press.JSON, press.PARTY: press.JSON, **press.report_names()}
"""What is made when somebody asks for it: name -> media type."""


@require_safe
def paper(request: HttpRequest, slug: str, number: int, name: str, **kwargs: object) -> HttpResponse:
    """A paper of a decision as a file; 404 for what is not public, 503 while others are waiting for theirs."""
    decision = decision_of(slug, number)
    if decision is None or not _offered(decision, name):
        raise Http404
    if name in SEALED:
        field, media_type = SEALED[name]
        sha256 = getattr(decision, field)
        if not sha256:
            raise Http404
        return _file(request, files.read(sha256), sha256, media_type, f"{slug}-{number}-{name}")
    try:
        content = press.made(decision.record_sha256, name, party=_example(decision)).read_bytes()
    except (press.Busy, press.NotMade, FileNotFoundError) as refused:  # (the last: just removed to make room)
        return _not_now(request, decision, busy=not isinstance(refused, press.NotMade))
    return _file(request, content, hashlib.sha256(content).hexdigest(), MADE[name], f"{slug}-{number}-{name}")


def _offered(decision: Decision, name: str) -> bool:
    """Whether everybody may have this one."""
    if name == press.PUBLIC:
        return True
    if name == press.PARTY:
        return bool(_example(decision))
    return (name in SEALED or name in MADE) and _handed_out(decision)


def _handed_out(decision: Decision) -> bool:
    try:
        return opened(decision).extent.files
    except NotShown:
        return decision.is_sample


def _example(decision: Decision) -> str:
    """The application whose party edition shows what an applicant receives; of samples only."""
    try:
        found = opened(decision)
    except NotShown:
        return ""
    line = _example_line(next(iter(found.views.values()))) if found.extent.files else None
    return line.id if line else ""


def _example_line(seen: DecisionView) -> ApplicationLine | None:
    """Rather one that was not selected: its edition says why."""
    first = next((line for line in seen.applications if line.outcome == "not_selected"), None)
    return first or next(iter(seen.applications), None)


def _file(request: HttpRequest, content: bytes, sha256: str, media_type: str, name: str) -> HttpResponse:
    etag = f'"{sha256}"'
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(content if request.method == "GET" else b"", content_type=media_type)
        response["Content-Length"] = str(len(content))
        response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"  # asked again each time: what is public can become less
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _not_now(request: HttpRequest, decision: Decision, *, busy: bool) -> HttpResponse:
    back = reverse("public:result-number", args=[decision.call.slug, decision.number])
    response = render(request, "public/results/not_now.html", {"busy": busy, "back": back}, status=503)
    response["Retry-After"] = "30"
    response["Cache-Control"] = "no-store"
    return response


# -- the list on the page ---------------------------------------------------------------------------------------------


def papers(decision: Decision, language: str) -> dict[str, Any]:
    """`public_edition`: the address of the edition for everybody. `file_groups`: what else there is, in groups of
    {"title", "files": {"name", "text", "url", "size", "sha256"}}; the last two of what is kept already.
    """
    address = _address(decision, press.PUBLIC)
    return {"public_edition": address, "file_groups": _groups(decision, language) if _handed_out(decision) else []}


def _groups(decision: Decision, language: str) -> list[dict[str, Any]]:
    told = {
        "record.json": _("The auditor's record: definition, every input and the result. This is the file to verify."),
        "report.html": _("The report as one web page, to read and print."),
        "results.xlsx": _("The workbook: results, scores and reasons as tables."),
        "pdf": _("The report to print and to file (PDF/A)."),
        "docx": _("The report for Word."),
        "hwpx": _("The report for Hancom Office."),
    }
    records = [_sealed(decision, "record.json", told["record.json"])]
    if (line := _line(decision, language)) is not None:
        text = _("What an applicant receives, here %(applicant)s (%(id)s): its own scores and reasons, nobody else's.")
        about = text % {"applicant": line.applicant, "id": line.id}
        records.append({"name": press.PARTY, "text": about, "url": _address(decision, press.PARTY)})
    other = "en" if language == "ko" else "ko"
    printed = [
        {
            "name": f"report.{language}.{form}",
            "text": told[form],
            "url": _address(decision, f"report.{language}.{form}"),
            "other": {"url": _address(decision, f"report.{other}.{form}"), "language": other},
        }
        for form in press.PRINTED
    ]
    looked_at = [_sealed(decision, name, told[name]) for name in ("report.html", "results.xlsx")]
    if _judged(decision, language):
        text = _("The auditor's quality report: how well each score is known, and how sure the line is.")
        name = f"{press.QUALITY}.{language}.pdf"
        other_one = {"url": _address(decision, f"{press.QUALITY}.{other}.pdf"), "language": other}
        records.append({"name": name, "text": text, "url": _address(decision, name), "other": other_one})
    groups = [
        {"title": _("Report"), "files": [*printed, *(one for one in looked_at if one)]},
        {"title": _("Records"), "files": [one for one in records if one]},
    ]
    return [group for group in groups if group["files"]]


def _line(decision: Decision, language: str) -> ApplicationLine | None:
    try:
        return _example_line(opened(decision).views[language])
    except NotShown:
        return None


def _judged(decision: Decision, language: str) -> bool:
    """Whether there are score sheets whose quality could be told of."""
    try:
        return bool(opened(decision).views[language].sheets)
    except NotShown:
        return False


def _sealed(decision: Decision, name: str, text: str) -> dict[str, Any] | None:
    sha256 = getattr(decision, SEALED[name][0])
    if not sha256:
        return None
    try:
        size = files.size(sha256)
    except (files.NotKept, files.StoreGone):
        return None
    return {
        "name": name,
        "text": text,
        "url": _address(decision, name),
        "size": size,
        "sha256": sha256,
    }


def _address(decision: Decision, name: str) -> str:
    return reverse("public:result-paper", args=[decision.call.slug, decision.number, name])
