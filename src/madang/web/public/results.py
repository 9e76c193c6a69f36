"""Decided calls: their list, each decision with its reasons, and its papers to take away."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.apps.calls.queries import definition_of, matching, of_programme, programmes
from madang.apps.decisions.models import Decision
from madang.apps.decisions.queries import decided_calls, decided_on, decision_of, decisions, latest_decisions
from madang.core.deciding import OUTCOMES
from madang.kernel import files
from madang.papers.decision import Labels, words
from madang.web.downloads import Sheet, csv_file, xlsx_file
from madang.web.public import decision_page
from madang.web.public.disclosure import Extent, extent
from madang.web.public.records import NotShown, opened
from madang.web.public.verifying import public_key

PAPERS: Final = {
    "record.json": ("record_sha256", "application/json"),
    "report.html": ("report_sha256", "text/html; charset=utf-8"),
    "results.xlsx": ("workbook_sha256", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""What can be taken away: name -> (field of the decision, media type)."""

# -- the list ---------------------------------------------------------------------------------------------------------


@require_safe
def listing(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """Decided calls, newest first. GET takes `programme`, `q` (words of title, host or programme), `kind` (real or
    sample), and `download` (csv or xlsx) for the same list as a file.
    """
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("programme", "q", "kind")}
    calls = decided_calls()
    if asked["programme"]:
        calls = of_programme(calls, asked["programme"])
    if asked["q"]:
        calls = matching(calls, asked["q"])
    if asked["kind"] in ("real", "sample"):
        calls = calls.filter(is_sample=asked["kind"] == "sample")
    found = [_entry(decision) for decision in latest_decisions(calls)]
    if (form := request.GET.get("download", "")) in ("csv", "xlsx"):
        sheet = _as_sheet(found, request)
        return csv_file("madang-results", sheet) if form == "csv" else xlsx_file("madang-results", [sheet])
    query = {name: value for name, value in asked.items() if value}
    context = {
        "section": "results",
        "cards": [entry["card"] for entry in found],
        "asked": asked,
        "filtered": bool(query),
        "programmes": programmes().filter(calls__decisions__isnull=False).distinct(),
        "kinds": [("real", _("Real")), ("sample", _("Sample"))],
        "csv_url": "?" + urlencode({**query, "download": "csv"}),
        "xlsx_url": "?" + urlencode({**query, "download": "xlsx"}),
    }
    return render(request, "public/results/list.html", context)


def _entry(decision: Decision) -> dict[str, Any]:
    """A decided call for the list, from what is kept beside its record; counts only as far as they are public."""
    call, definition = decision.call, definition_of(decision.definition_version)
    labels = Labels(definition, _language())
    to = extent(definition, None, sample=decision.is_sample)
    received = decision.summary.get("applications", 0)
    outcomes = decision.summary.get("outcomes", {})
    counts = [
        (labels.outcome(name), number)
        for name in OUTCOMES
        if (number := outcomes.get(name, 0)) and (name == "selected" or to.whole)
    ]
    headline = words(
        f"headline_{definition.outcome.kind}", _language(), received=received, selected=outcomes.get("selected", 0)
    )
    settled = decision_page.is_settled(decision.status)
    title = labels.text(definition.title)
    facts = [
        {"name": words("fact_decided", _language()), "value": decided_on(decision).isoformat()},
        {"name": words("received", _language()), "value": f"{received:,}"},
        *({"name": label, "value": f"{number:,}"} for label, number in counts),
    ]
    card = {
        "url": reverse("public:result", args=[call.slug]),
        "title": title,
        "programme": call.programme.slug,
        "summary": headline,
        "state": _("Decided") if settled else words("outcome_undetermined", _language()),
        "tone": "done" if settled else "wait",
        "sample": decision.is_sample,
        "facts": facts,
    }
    return {"card": card, "decision": decision, "received": received, "outcomes": dict(counts), "to": to}


def _as_sheet(found: list[dict[str, Any]], request: HttpRequest) -> Sheet:
    columns = [
        _("Call"),
        _("Programme"),
        _("Sample"),
        _("Decided"),
        _("Decision number"),
        words("received", _language()),
    ]
    columns += [_("Counts by outcome"), words("fact_root", _language()), _("Address")]
    rows: list[list[str | int]] = [
        [
            entry["card"]["title"],
            entry["card"]["programme"],
            words("yes" if entry["decision"].is_sample else "no", _language()),
            decided_on(entry["decision"]).isoformat(),
            entry["decision"].number,
            entry["received"],
            ", ".join(f"{label} {number}" for label, number in entry["outcomes"].items()),
            entry["decision"].root,
            request.build_absolute_uri(entry["card"]["url"]),
        ]
        for entry in found
    ]
    return Sheet(_("Results"), columns, rows)


# -- one decision -----------------------------------------------------------------------------------------------------


@require_safe
def detail(request: HttpRequest, slug: str, number: int | None = None, **kwargs: object) -> HttpResponse:
    """One decision of a call, its last one unless a number is given. GET takes `outcome`, `q` and `page`."""
    decision = decision_of(slug, number)
    if decision is None:
        raise Http404
    runs = [_run(other, decision) for other in decisions(decision.call)]
    context: dict[str, Any] = {
        "section": "results",
        "decision": decision,
        "runs": runs,
        "newest": runs[-1] if runs[-1]["number"] != decision.number else None,
        "version": decision.definition_version,
        "own_key": public_key(),
        "verify_url": reverse("public:verify") + "?" + urlencode({"call": slug, "number": decision.number}),
        "say": decision_page.Words(_language()),
    }
    try:
        record = opened(decision)
    except NotShown as refused:
        labels = Labels(definition_of(decision.definition_version), _language())
        to = Extent(whole=decision.is_sample, files=decision.is_sample)
        context |= {"not_shown": refused.code, "title": labels.text(labels.definition.title), "extent": to}
    else:
        seen = record.views[_language()]
        context |= {"title": seen.title, "extent": record.extent}
        context |= decision_page.context(seen, record.extent, request.GET)
    context["papers"] = _papers(decision) if context["extent"].files else []
    context["crumbs"] = [{"text": _("Results"), "url": reverse("public:results")}, {"text": context["title"]}]
    return render(request, "public/results/decision.html", context)


def _run(run: Decision, shown: Decision) -> dict[str, Any]:
    return {
        "number": run.number,
        "url": reverse("public:result-number", args=[shown.call.slug, run.number]),
        "sealed_at": run.sealed_at,
        "reason": run.reason,
        "current": run.number == shown.number,
    }


# -- papers -----------------------------------------------------------------------------------------------------------


@require_safe
def paper(request: HttpRequest, slug: str, number: int, name: str, **kwargs: object) -> HttpResponse:
    """A paper of a decision as a file, only where all of it is public; 404 otherwise."""
    decision = decision_of(slug, number)
    if decision is None or name not in PAPERS or not _handed_out(decision):
        raise Http404
    field, media_type = PAPERS[name]
    sha256 = getattr(decision, field)
    if not sha256:
        raise Http404
    etag = f'"{sha256}"'
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]:
        response: HttpResponse = HttpResponseNotModified()
    else:
        content = files.read(sha256)
        response = HttpResponse(content if request.method == "GET" else b"", content_type=media_type)
        response["Content-Length"] = str(len(content))
        disposition = content_disposition_header(True, f"{slug}-{number}-{name}")
        response["Content-Disposition"] = disposition or "attachment"
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"  # asked again each time: what is public can become less
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _handed_out(decision: Decision) -> bool:
    try:
        return opened(decision).extent.files
    except NotShown:
        return decision.is_sample


def _papers(decision: Decision) -> list[dict[str, Any]]:
    told = {
        "record.json": _("The record: definition, every input and the result. This is the file to verify."),
        "report.html": _("The report: the same to read and print, in one file."),
        "results.xlsx": _("The workbook: results, scores and reasons as tables."),
    }
    papers = []
    for name, (field, _type) in PAPERS.items():
        sha256 = getattr(decision, field)
        path = files.path_of(sha256) if sha256 else None
        if path and path.is_file():
            url = reverse("public:result-paper", args=[decision.call.slug, decision.number, name])
            size = path.stat().st_size
            papers.append({"name": name, "text": told[name], "url": url, "size": size, "sha256": sha256})
    return papers


# -- small things -----------------------------------------------------------------------------------------------------


def _language() -> str:
    return "ko" if get_language() == "ko" else "en"
