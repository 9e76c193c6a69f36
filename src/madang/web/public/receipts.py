"""Check the receipt of a filed application: by its number alone, or by the receipt itself and the form.

Whoever has a number may see what the receipt states and whether it still counts; who applied, and with what, nobody
sees here. A number is 50 random bits and a check letter: it cannot be guessed, and those who ask for numbers that do
not exist are slowed down all the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.applications.models import Filing
from madang.apps.applications.queries import Life, filing_of, lives_of
from madang.apps.calls.queries import definition_of
from madang.core.reasons import Malformed, Reason
from madang.core.record.filing import Receipt, mended, number_on, read_filing_receipt
from madang.core.record.filing_check import check_filing
from madang.core.record.findings import Finding, State, Verification
from madang.core.record.keylist import Key, KeyList, in_fours, read_keys
from madang.core.record.numbers import read_number, receipt_number
from madang.kernel import keyring
from madang.kernel.clock import now
from madang.web.applicant.filed_view import LIVES
from madang.web.applicant.form_view import wall_of
from madang.web.late_view import admission_words
from madang.web.public import verifying
from madang.web.public.call_view import reader
from madang.words import say, say_fault

Context = dict[str, Any]

LONGEST_RECEIPT: Final = 20_000
"""Characters; a receipt has about a thousand."""
LARGEST_FORM: Final = 32 * 1024**2
"""Bytes of a form.json that is checked here; a larger one is checked by its hash, on one's own machine."""
_REST: Final = 256 * 1024  # what the rest of the page's form may weigh
MOST_MISSES: Final = 120
"""Unknown numbers that one address may ask for in a minute; those that exist are not counted."""


# --- By its number ---------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def one(request: HttpRequest, number: str) -> HttpResponse:
    """What is kept of a receipt's number; of an application's number its last revision. 404 with the reason where there
    is none, 429 for somebody who asks for many that do not exist.
    """
    misses = _misses_of(request)
    if cache.get(misses, 0) >= MOST_MISSES:
        return ratelimit.respond_429(request)
    read = read_number(number)
    if read is None:
        return _none(request, number, Reason("filing_number_unreadable", {"given": number[:40]}))
    found = filing_of(*read)
    if found is None:
        cache.set(misses, cache.get(misses, 0) + 1, timeout=60)
        asked = read[0] if read[1] is None else receipt_number(read[0], read[1])
        return _none(request, number, Reason("filing_number_unknown", {"number": asked}))
    canonical = receipt_number(read[0], found.revision)
    if number != canonical:
        return HttpResponseRedirect(reverse("public:receipt", args=[canonical]))
    return _shown(request, kept=_kept(found), asked=canonical)


def _misses_of(request: HttpRequest) -> str:
    """The name under which this address's misses of this minute are counted."""
    return f"receipt-missed:{get_adapter().get_client_ip(request)}:{now():%H%M}"


def _none(request: HttpRequest, number: str, why: Reason) -> HttpResponse:
    return _shown(request, status=404, asked=number[:60], number_error=say(why, _language()))


def _kept(filing: Filing) -> Context:
    """What anybody may know of a filing."""
    draft, stated = filing.draft, read_filing_receipt(filing.receipt)
    zone = definition_of(filing.version).schedule.zone
    lives = lives_of(draft)
    life = next(one for one in lives if one.filing.pk == filing.pk)
    until = stated["counts_until"]
    return {
        "number": number_on(stated),
        "call": reader().of(draft.call.title),
        "url": reverse("public:call", args=[draft.call.slug]),
        "sample": stated["sample"],
        "revision": filing.revision,
        "arrived": wall_of(filing.arrived_at, zone),
        "arrived_at": filing.arrived_at.isoformat(),
        "until": wall_of(dt.datetime.fromisoformat(until), zone) if until else "",
        "zone": zone,
        "fours": in_fours(filing.form_sha256),
        "late": stated["late_admission"],
        "admitted": admission_words(stated["late_admission"], ZoneInfo(zone)) if stated["late_admission"] else None,
        "supplement": stated.get("supplement", ""),
        "state": _state(life, zone),
        "others": [
            {
                "number": receipt_number(stated["number"], other.filing.revision),
                "revision": other.filing.revision,
                "arrived": wall_of(other.filing.arrived_at, zone),
                **_state(other, zone),
            }
            for other in lives
            if other.filing.pk != filing.pk
        ],
    }


def _state(life: Life, zone: str) -> Context:
    text, tone = LIVES[life.state]
    return {"text": text, "tone": tone, "sentence": say(_since(life, zone), _language()), "life": life.state}


def _since(life: Life, zone: str) -> Reason:
    at = f"{wall_of(life.until, zone)} ({zone})" if life.until else ""
    if life.state == "standing":
        return Reason("filing_counts", {"revision": life.filing.revision})
    return Reason("filing_replaced" if life.state == "replaced" else "filing_withdrawn", {"at": at})


# --- By the receipt itself -------------------------------------------------------------------------------------------


@csrf_exempt  # only this outer door: the token stands in the body, and a huge body must be refused unread
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """GET shows the form; with `number` it leads to that number's page. POST checks a receipt (`text` pasted, or the
    file `receipt`), with the file `form` if it is there. 422 where there is nothing to read, 413 for too much.
    """
    if request.method != "POST":
        number = request.GET.get("number", "").strip()[:60].replace("/", "-")
        return HttpResponseRedirect(reverse("public:receipt", args=[number])) if number else _shown(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_FORM + _REST:
        return _shown(request, status=413, form_error=_too_large())
    return _posted(request)


@csrf_protect
def _posted(request: HttpRequest) -> HttpResponse:
    text, typed = _text(request)
    if not text.strip():
        return _shown(request, status=422, text_error=_("Paste the receipt, or choose its file."))
    form = request.FILES.get("form")
    if form is not None and (form.size or 0) > LARGEST_FORM:
        return _shown(request, status=413, text=typed, form_error=_too_large())
    try:
        receipt = read_filing_receipt(text)
    except Malformed as malformed:
        faults = [say_fault(fault, _language()) for fault in malformed.faults[:10]]
        title = say(Reason("filing_verdict_unreadable"), _language())
        return _shown(request, status=422, text=typed, verdict={"tone": "danger", "title": title, "faults": faults})
    content: str | None = None
    if form is not None:
        try:
            content = form.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            why = say(Reason("filing_form_unreadable"), _language())
            return _shown(request, status=422, text=typed, form_error=why)
    return _shown(request, text=typed, verdict=_verdict(receipt, content))


def _text(request: HttpRequest) -> tuple[str, str]:
    """The receipt that was sent, a broken line mended, and what was typed as it was."""
    file, typed = request.FILES.get("receipt"), request.POST.get("text", "")[: LONGEST_RECEIPT + 1]
    if file is not None:
        return mended(file.read(4 * LONGEST_RECEIPT + 1).decode("utf-8-sig", "replace")), typed
    return mended(typed), typed


def _verdict(receipt: Receipt, form: str | None) -> Context:
    """Every check as a line of its own, what failed first."""
    result = check_filing(receipt, form=form, keys=_keys())
    filing = filing_of(*_asked(receipt)) if _readable(receipt) else None
    life = _against_kept(result, receipt, filing)
    code = "filing_verdict_fails" if result.exit_code else "filing_verdict_holds"
    if not result.exit_code and filing is None:
        code = "filing_verdict_open"
    findings = [
        {
            "state": finding.state.value,
            **_badge(finding, life),
            "check": say(Reason(f"check_{finding.check}"), _language()),
            "sentences": [say(reason, _language()) for reason in finding.reasons],
        }
        for finding in result.findings
    ]
    return {
        "tone": "danger" if result.exit_code else "success",
        "title": say(Reason(code), _language()),
        "findings": sorted(findings, key=lambda finding: finding["state"] != "fails"),
        "stated": say(Reason("filing_stated", _stated(receipt)), _language()),
        "late": say(Reason("filing_late_admitted", {"by": receipt["late_admission"][:200]}), _language())
        if receipt["late_admission"]
        else "",
        "supplement": say(Reason("filing_answers_supplement", {"by": receipt["supplement"][:200]}), _language())
        if receipt.get("supplement")
        else "",
        "sample": receipt["sample"],
        "kept": _kept(filing) if filing is not None and not result.exit_code else None,
    }


def _badge(finding: Finding, life: Life | None) -> Context:
    """Whether it holds. A receipt that no longer counts is as genuine as before: that check says what became of it."""
    if finding.check == "filing_state" and life is not None and life.state != "standing":
        text, tone = LIVES[life.state]
        return {"state_text": text, "tone": tone}
    tone = {State.HOLDS: "done", State.FAILS: "danger"}.get(finding.state, "wait")
    return {"state_text": say(Reason(f"state_{finding.state.value}"), _language()), "tone": tone}


def _stated(receipt: Receipt) -> Mapping[str, Any]:
    names = ("call", "arrived_at", "zone", "site", "form_sha256")
    told: dict[str, Any] = {name: receipt[name][:200] for name in names}
    return {**told, "number": number_on(receipt)[:60], "revision": str(receipt["revision"])[:20]}


def _asked(receipt: Receipt) -> tuple[str, int]:
    return receipt["number"], receipt["revision"]


def _readable(receipt: Receipt) -> bool:
    """Whether number and revision are ones that can be asked for."""
    return read_number(receipt["number"]) == (receipt["number"], None) and 0 < receipt["revision"] < 1_000_000


def _against_kept(result: Verification, receipt: Receipt, filing: Filing | None) -> Life | None:
    """Is it the one that is kept here, and does it count? What became of the one that is kept, where there is one."""
    if filing is None:
        told = {"number": number_on(receipt)[:60], "site": receipt["site"][:200]}
        result.skip("filing_kept", Reason("filing_kept_unknown", told))
        return None
    zone = definition_of(filing.version).schedule.zone
    differs = []
    if read_filing_receipt(filing.receipt) != receipt:
        arrived = f"{wall_of(filing.arrived_at, zone)} ({zone})"
        differs = [Reason("filing_kept_differs", {"kept": filing.form_sha256, "arrived": arrived})]
    result.add("filing_kept", differs, Reason("filing_kept_same"))
    life = next(one for one in lives_of(filing.draft) if one.filing.pk == filing.pk)
    if life.state == "standing":
        result.add("filing_state", [], _since(life, zone))
    else:
        result.skip("filing_state", _since(life, zone))
    return life


def _keys() -> KeyList | None:
    """The list that this site publishes; before there is one, the key that signs here."""
    try:
        text = keyring.published()
    except Malformed:  # somebody damaged the file: nothing is judged by it
        return None
    if text is not None:
        return read_keys(text)
    own = verifying.public_key()
    return KeyList((Key(own),)) if own else None


# --- The page --------------------------------------------------------------------------------------------------------


def _too_large() -> str:
    return _("The form is larger than %(n)d MB. Compare its SHA-256 on your own machine, as below.") % {
        "n": LARGEST_FORM // 1024**2
    }


def _shown(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    kept = more.get("kept")
    context = {
        "section": "verify",
        "asked": "",
        "text": "",
        "came_from": reverse("public:verify-receipt") if request.method == "POST" else request.get_full_path(),
        "crumbs": [
            {"text": _("Verify"), "url": reverse("public:verify")},
            {"text": _("Receipt %(number)s") % {"number": kept["number"]} if kept else _("Check a receipt")},
        ],
        **more,
    }
    answer = render(request, "public/verify/receipt.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _language() -> str:
    return "ko" if get_language() == "ko" else "en"
