"""A filing on paper: its receipt on one page, and the whole application as it was filed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.views.decorators.http import require_safe

from madang.apps.applications import queries
from madang.apps.applications.models import Draft, Filing
from madang.apps.calls.queries import definition_of
from madang.core.record.numbers import receipt_number
from madang.papers.application_paper import About, paper_of
from madang.papers.blocks import Paper
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.filed_view import receipt_address
from madang.web.applicant.filing import filing_seen
from madang.web.applicant.form_view import language, language_name, moment_of, person_of
from madang.web.applicant.preview import as_pdf, file_name


@require_safe
@login_required
def receipt_pdf(request: HttpRequest, uid: str, revision: int) -> HttpResponse:
    """The receipt as PDF, to be saved or printed. Answers as `preview.as_pdf`."""
    filing = filing_seen(request, uid, revision)
    draft = filing.draft
    number = receipt_number(draft.number or "", revision)
    paper = _receipt(draft, filing, number, request)
    return as_pdf(request, paper, name=f"{number}-receipt", back=receipt_address(draft, revision))


@require_safe
@login_required
def application_pdf(request: HttpRequest, uid: str, revision: int) -> HttpResponse:
    """The whole application as it was filed, from the filed form. Answers as `preview.as_pdf`."""
    filing = filing_seen(request, uid, revision)
    draft = filing.draft
    number = receipt_number(draft.number or "", revision)
    form = filing.content
    files: dict[str, list[str]] = {}
    for one in form["files"]:
        files.setdefault(one["key"], []).append(file_name(one["name"], one.get("handed_by", "")))
    translations: dict[str, list[tuple[str, str, bool]]] = {}
    for one in form["translations"]:
        told = language_name(one["language"]), one["text"], one["origin"] == "machine"
        translations.setdefault(one["key"], []).append(told)
    definition = definition_of(filing.version)
    arrived = moment_of(filing.arrived_at, definition.schedule.zone, person_of(request))
    about = About(
        uid=draft.uid[:8],
        revision=revision,
        applicant=form["applicant"]["name"],
        track=form["track"],
        language=language_name(form["language"]),
        saved=f"{arrived['text']} ({arrived['zone']})",
        made=filing.arrived_at.isoformat(),
        sample=draft.call.is_sample or draft.organisation.is_sample,
        filed=number,
        files=files,
        translations=translations,
    )
    paper = paper_of(definition, queries.filed_state(filing, form), about, language())
    return as_pdf(request, paper, name=number, back=receipt_address(draft, revision))


def _receipt(draft: Draft, filing: Filing, number: str, request: HttpRequest) -> Paper:
    from madang.papers.receipt_paper import ReceiptFacts, receipt_paper  # with it comes the drawing of QR codes

    form: dict[str, Any] = filing.content
    stated: dict[str, Any] = json.loads(filing.receipt)
    definition, person = definition_of(filing.version), person_of(request)
    words, zone = FormWords(definition, language()), definition.schedule.zone
    facts = ReceiptFacts(
        number=number,
        call=words.w.of(draft.call.title),
        call_id=draft.call.slug,
        applicant=form["applicant"]["name"],
        track=words.track(form["track"]) if form["track"] and len(definition.tracks) > 1 else "",
        revision=filing.revision,
        arrived=moment_of(filing.arrived_at, zone, person)["text"],
        until=_until(stated["counts_until"], zone, person),
        zone=zone,
        late_admission=stated["late_admission"],
        supplement=stated.get("supplement", ""),
        by=filing.by.shown,
        files=[
            (file_name(one["name"], one.get("handed_by", "")), filesizeformat(one["size_bytes"]))
            for one in form["files"]
        ],
        form_sha256=filing.form_sha256,
        receipt=filing.receipt,
        address=settings.SITE_ADDRESS + reverse("public:receipt", args=[number]),
        made=filing.arrived_at.isoformat(),
        sample=stated["sample"],
    )
    return receipt_paper(facts, language())


def _until(stated: str, zone: str, person: Any) -> str:
    """The end that the receipt itself states; blank where there was none."""
    return str(moment_of(dt.datetime.fromisoformat(stated), zone, person)["text"]) if stated else ""
