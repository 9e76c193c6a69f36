"""A list of what another body found, taken in for many applications: first what it would do, then, confirmed, done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.review import commands, rules
from madang.apps.review.commands import MOST_LIST_MB, SheetFile, keep_sheet, open_sheet
from madang.apps.review.queries import Change, Preview, preview
from madang.core.reasons import Fault, Malformed, Reason
from madang.kernel import files
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.web.enquiry_view import CallWords, Field, given, put_faults, spoken_reason
from madang.web.office.dossier_shared import Context
from madang.web.office.enquiries_shared import see_other
from madang.web.office.review_call import ROUTE, crumbs_of, handled
from madang.web.office.review_checks import day_of
from madang.web.office.review_view import RESULT_NAMES, RESULT_TONES, CallTeller
from madang.web.public.call_view import reader
from madang.words import say_fault

SALT: Final = "madang.review.list"
GOOD_FOR: Final = 24 * 3600
"""Seconds for which a preview can be confirmed."""
MOST_SHOWN: Final = 500
"""Lines of a preview that are shown; of more it says how many."""
PLACES: Final = {
    "list_no_such_check": "check",
    "review_needs_source": "source",
    **dict.fromkeys(("words_too_long", "words_have_control", "words_turn_direction"), "source"),
    **dict.fromkeys(("review_needs_day", "review_day_ahead", "review_day_too_early"), "on"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose a check and a list (`check`, `source`, `on`, file `list`): shows what it would do.

    POST with `token`, `seal` (and `leave_out`, where lines are left out) does what was shown; no result is stored
    before that.
    """
    person, words, _mine = handled(request, slug)
    if request.method == "POST" and request.POST.get("token"):
        return _confirmed(request, person, words)
    fields = _fields(words, given(request.GET, "check", 200))
    if request.method != "POST":
        return render(request, "office/review/import.html", _context(words) | {"fields": fields})
    for field in fields:
        field.value = given(request.POST, field.name)
    reasons = _against(fields, words)
    upload: Any = request.FILES.get("list")
    if upload is None:
        reasons.append(Reason("list_file_needed"))
    if not reasons:
        try:
            sheet = keep_sheet(upload.name or "", upload)
        except Refused as refused:
            reasons += refused.reasons
        else:
            asked = {field.name: field.value.strip() for field in fields}
            return _previewed(request, person, words, sheet, asked)
    faults = put_faults(fields, reasons, PLACES)
    faults = [one if one["field"] else {**one, "field": "f-list"} for one in faults]
    return render(
        request, "office/review/import.html", _context(words) | {"fields": fields, "faults": faults}, status=422
    )


def _fields(words: CallWords, chosen: str) -> list[Field]:
    wording, checks = words.wording, words.definition.outside_checks
    one = next((check for check in checks if check.id == chosen), checks[0] if checks else None)
    options = [(check.id, wording.of(check.label)) for check in checks]
    source = Field("source", gettext("Who said so"), most=rules.LONGEST_SOURCE, required=True)
    source.value = wording.of(one.source) if one else ""
    source.help = gettext("Holds for lines that say nothing of their own.")
    on = Field("on", gettext("As of"), "date", required=True)
    on.value, on.help = now().astimezone(words.zone).date().isoformat(), source.help
    return [Field("check", gettext("Outside check"), "select", one.id if one else "", options=options), source, on]


def _against(fields: list[Field], words: CallWords) -> list[Reason]:
    said = {field.name: field.value for field in fields}
    reasons = (
        [] if said["check"] in {one.id for one in words.definition.outside_checks} else [Reason("list_no_such_check")]
    )
    day = day_of(said["on"])
    if day is None:
        reasons.append(Reason("review_needs_day"))
    return reasons + rules.against_said(rules.tidied(rules.Said("clear", said["source"], day or now().date())))


def _previewed(
    request: HttpRequest,
    person: Person,
    words: CallWords,
    sheet: SheetFile,
    asked: dict[str, str],
    faults: Iterable[Reason] = (),
) -> HttpResponse:
    """What the list would do. The token says which list and with which words; it is good for this person and call."""
    found = _read(person, words, sheet, asked)
    token = signing.dumps(
        {
            "sheet": [sheet.sha256, sheet.name, sheet.format],
            "asked": asked,
            "person": person.uid,
            "call": words.call.slug,
        },
        salt=SALT,
        compress=True,
    )
    language = reader().language
    context = _context(words) | {
        "sheet": sheet,
        "check_name": CallTeller(words).check(asked["check"]),
        "asked": asked,
        "token": token,
        "seal": found.seal,
        "news": [_line(one) for one in found.news[:MOST_SHOWN]],
        "news_count": len(found.news),
        "changed_count": sum(one.kind == "change" for one in found.news),
        "same_count": len(found.changes) - len(found.news),
        "wrong": [say_fault(fault, language) for fault in found.faults[:MOST_SHOWN]],
        "wrong_count": len(found.faults),
        "whole": [say_fault(fault, language) for fault in found.whole],
        "remarks": [say_fault(fault, language) for fault in found.remarks[:MOST_SHOWN]],
        "most": MOST_SHOWN,
        "faults": [{"text": spoken_reason(reason), "field": ""} for reason in faults],
    }
    refused = bool(context["faults"] or found.whole)
    return render(request, "office/review/import_preview.html", context, status=422 if refused else 200)


def _read(person: Person, words: CallWords, sheet: SheetFile, asked: dict[str, str]) -> Preview:
    day = day_of(asked["on"]) or now().date()
    try:
        table = open_sheet(sheet)
    except Malformed as malformed:
        return Preview(whole=tuple(malformed.faults))
    except (files.NotKept, files.Corrupted):
        return Preview(whole=(Fault("list_token_old", sheet.name),))
    return preview(person, words.call, asked["check"], table, source=asked["source"], on=day)


def _line(one: Change) -> Context:
    before = one.before
    return {
        "row": one.row,
        "reference": one.review.dossier.reference,
        "applicant": one.review.application.applicant_name,
        "url": reverse("office:dossier-checks", args=[one.review.dossier.uid]),
        "before": str(RESULT_NAMES[before.result]) if before else "",
        "before_on": before.on.isoformat() if before else "",
        "badge": {"text": str(RESULT_NAMES[one.said.result]), "tone": RESULT_TONES[one.said.result]},
        "on": one.said.on.isoformat(),
        "source": one.said.source,
        "note": one.said.note,
    }


def _confirmed(request: HttpRequest, person: Person, words: CallWords) -> HttpResponse:
    """Take in what was shown; where it would do something else by now, it is shown again."""
    try:
        told = signing.loads(given(request.POST, "token", 20_000), salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        told = {}
    if told.get("person") != person.uid or told.get("call") != words.call.slug:
        fields = _fields(words, "")
        faults = [{"text": spoken_reason(Reason("list_token_old")), "field": "f-list"}]
        context = _context(words) | {"fields": fields, "faults": faults}
        return render(request, "office/review/import.html", context, status=422)
    sheet, asked = SheetFile(*told["sheet"]), dict(told["asked"])
    found = _read(person, words, sheet, asked)
    if found.seal != given(request.POST, "seal", 100):
        return _previewed(request, person, words, sheet, asked, [Reason("list_changed_since")])
    if found.faults and not request.POST.get("leave_out"):
        return _previewed(request, person, words, sheet, asked, [Reason("list_leave_out")])
    try:
        count = commands.import_results(
            actor=actor_of(person),
            call=words.call,
            check=asked["check"],
            results=[(one.review.dossier, one.said) for one in found.news],
            sheet_sha256=sheet.sha256,
        )
    except Refused as refused:
        return _previewed(request, person, words, sheet, asked, refused.reasons)
    text = ngettext("%(n)s answer is taken in.", "%(n)s answers are taken in.", count) % {"n": count}
    messages.success(request, text)
    return see_other(ROUTE, words.call.slug)


def _context(words: CallWords) -> Context:
    return {
        "section": "office",
        "words": words,
        "most_mb": MOST_LIST_MB,
        "back": reverse(ROUTE, args=[words.call.slug]),
        "crumbs": crumbs_of(words, gettext("Take in a list")),
        "has_checks": bool(words.definition.outside_checks),
    }
