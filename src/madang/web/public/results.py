"""Decided calls: their list, and each decision with its reasons."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.apps.calls.queries import definition_of, matching, of_programme, programmes
from madang.apps.decisions.models import Decision
from madang.apps.decisions.queries import decided_calls, decided_on, decision_of, decisions, latest_decisions
from madang.core.deciding import OUTCOMES
from madang.papers.decision import Labels, words
from madang.web.downloads import Sheet, csv_file, xlsx_file
from madang.web.public import decision_page
from madang.web.public.call_view import programme_name, reader
from madang.web.public.disclosure import extent
from madang.web.public.papers import papers
from madang.web.public.records import NotShown, opened
from madang.web.public.verifying import public_key

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
        "programmes": [
            (one.slug, programme_name(one.slug, reader()))
            for one in programmes().filter(calls__decisions__isnull=False).distinct()
        ],
        "kinds": [("real", _("Real")), ("sample", _("Sample"))],
        "csv_url": "?" + urlencode({**query, "download": "csv"}),
        "xlsx_url": "?" + urlencode({**query, "download": "xlsx"}),
    }
    return render(request, "public/results/list.html", context)


def _entry(decision: Decision) -> dict[str, Any]:
    """A decided call for the list, from what is kept beside its record; counts only as far as they are public."""
    call, definition = decision.call, definition_of(decision.definition_version)
    labels = Labels(definition, _language())
    to = extent(definition, sample=decision.is_sample)
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
        "programme": programme_name(call.programme.slug, reader()),
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
        to = extent(labels.definition, sample=decision.is_sample)
        context |= {"not_shown": refused.code, "title": labels.text(labels.definition.title), "extent": to}
    else:
        seen = record.views[_language()]
        context |= {"title": seen.title, "extent": record.extent}
        context |= decision_page.context(seen, record.extent, request.GET)
        context["chapters"] = decision_page.chapters(record.chapters.get(_language(), {}), _language())
    context |= papers(decision, _language())
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


# -- small things -----------------------------------------------------------------------------------------------------


def _language() -> str:
    return "ko" if get_language() == "ko" else "en"
