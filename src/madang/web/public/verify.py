"""Check a decision record: a dropped file, a decision sealed here, or a root read somewhere else."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any, BinaryIO, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from madang.apps.calls.queries import definition_of
from madang.apps.decisions.models import Decision
from madang.apps.decisions.queries import by_root, decision_of
from madang.core.reasons import Fault, Reason
from madang.kernel import files
from madang.papers.decision import Labels
from madang.web.public import browser, verifying
from madang.web.public.records import NotShown, opened
from madang.words import say, say_fault

LARGEST: Final = 64 * 1024**2
"""The largest file taken. What is larger is checked on one's own machine."""
SENTENCES: Final = 20
_FORM: Final = 64 * 1024  # what a form adds to its file, at most
_BESIDE: Final = 1024**2  # a receipt or a deposit, at most
_MOST_BESIDE: Final = 20

# -- doors ------------------------------------------------------------------------------------------------------------


@csrf_exempt  # only this outer door: the token stands in the body, and a huge body must be refused unread
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """GET shows the form; `root` asks whether a record with this root was sealed here, `call` and `number` offer to
    check that decision. POST checks `record` (a file) or the decision of `call` and `number`; `key` and `content_only`
    are options. Answers 422 where there is nothing to check, 413 for too large a file, 503 when busy.
    """
    if (
        request.method == "POST"
        and int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST + _FORM + _MOST_BESIDE * _BESIDE
    ):
        return _refused(request, _too_large(), status=413)
    return _page(request)


@csrf_protect
def _page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, **_looked_up(request))
    key = "".join(request.POST.get("key", "").lower().split())
    if key and not verifying.KEY.fullmatch(key):
        wrong = _("A public key has 64 hexadecimal digits (0–9, a–f). Copy it whole, or leave the field empty.")
        return _shown(request, status=422, key_error=wrong)
    stored = _stored(request.POST.get("call", ""), request.POST.get("number", ""))
    upload = request.FILES.get("record")
    if stored is None and request.POST.get("call"):
        raise Http404
    if stored is None and not isinstance(upload, UploadedFile):
        return _refused(request, _("Choose the record.json of a decision."), status=422)
    if stored is None and upload is not None and (upload.size or 0) > LARGEST:
        return _refused(request, _too_large(), status=413)
    beside = {kind: request.FILES.getlist(kind) for kind in ("receipt", "anchor")}
    given = [file for files_ in beside.values() for file in files_]
    if len(given) > _MOST_BESIDE or any((file.size or 0) > _BESIDE for file in given):
        return _refused(request, _("A receipt or deposit has at most 1 MB, and at most 20 are checked."), status=413)
    told = {kind: [file.read() for file in files_] for kind, files_ in beside.items()}
    return _checked(request, stored, upload, key, told)


def _checked(
    request: HttpRequest,
    stored: Decision | None,
    upload: UploadedFile | None,
    key: str,
    beside: dict[str, list[bytes]],
) -> HttpResponse:
    content_only = bool(request.POST.get("content_only"))
    try:
        with ExitStack() as stack:
            if stored is not None:
                record: Any = stack.enter_context(files.reading(stored.record_sha256))
            else:
                record = upload
            answer = _check(record, key=key, content_only=content_only, beside=beside)
    except verifying.Busy:
        busy = _("Other records are being checked at this moment. Please try again in a minute, or use the command.")
        response = _refused(request, busy, status=503)
        response["Retry-After"] = "30"
        return response
    except verifying.OverLimits:
        over = _(
            "The check needed more time or memory than this page gives it, so it says nothing about the record. "
            "On your own machine the command has no such limit."
        )
        return _refused(request, over, status=422)
    told = verdict(answer, _language(), own_key=verifying.public_key(), content_only=content_only)
    if stored is not None:
        told |= {"stored": _sealed(stored)}
        if not _open(stored):  # the sentences may quote what is not published
            told["findings"] = [finding | {"sentences": []} for finding in told["findings"]]
    else:
        told |= {"file": upload.name if upload else "", "size": upload.size if upload else 0}
    return _shown(request, status=422 if answer.exit_code == 2 else 200, verdict=told)


def _check(
    record: BinaryIO, *, key: str, content_only: bool, beside: dict[str, list[bytes]] | None = None
) -> verifying.Answer:
    return verifying.check(record, language=_language(), key=key, content_only=content_only, beside=beside or {})


# -- what is said -----------------------------------------------------------------------------------------------------


def verdict(answer: verifying.Answer, language: str, *, own_key: str, content_only: bool) -> dict[str, Any]:
    """The answer in words: the verdict, every finding with what failed first, and who signed."""
    unreadable = answer.exit_code == 2
    unjudged = any(finding["check"] == "authenticity" for finding in answer.findings)
    holds = "verdict_holds_unjudged" if unjudged else "verdict_holds"
    code = "verdict_unreadable" if unreadable else "verdict_fails" if answer.exit_code else holds
    findings = [_finding(finding, language) for finding in answer.findings]
    faults = [say_fault(Fault(f["code"], f["at"], f["params"]), language) for f in answer.faults[:SENTENCES]]
    root = _param(answer, "root", "root_is", "root")
    decision = by_root(root) if root else None
    return {
        "exit_code": answer.exit_code,
        "tone": "danger" if answer.exit_code else "success",
        "title": say(Reason(code), language),
        "findings": sorted(findings, key=lambda finding: finding["state"] != "fails"),
        "faults": [*answer.unreadable, *faults],
        "more_faults": max(0, len(answer.faults) - SENTENCES),
        "content_only": content_only,
        "own": _own(answer, own_key) if not (unreadable or content_only) else "",
        "root": root,
        "sealed": _sealed(decision) if decision else None,
    }


def _finding(finding: dict[str, Any], language: str) -> dict[str, Any]:
    state, reasons = finding["state"], finding["reasons"]
    return {
        "state": state,
        "state_text": say(Reason(f"state_{state}"), language),
        "tone": {"holds": "done", "fails": "danger"}.get(state, "wait"),
        "check": say(Reason(f"check_{finding['check']}"), language),
        "sentences": [say(Reason(r["code"], r["params"]), language) for r in reasons[:SENTENCES]],
        "more": max(0, len(reasons) - SENTENCES),
    }


def _own(answer: verifying.Answer, own_key: str) -> str:
    """Whether this installation's key signed: `yes`, `no`, `unsigned`, or `unknown` where it has no key or the root or
    a signature does not hold.
    """
    states = {finding["check"]: finding["state"] for finding in answer.findings}
    if states.get("signature") == "not_checked":
        return "unsigned"
    if not own_key or states.get("root") != "holds" or states.get("signature") != "holds":
        return "unknown"
    return "yes" if own_key in (_param(answer, "signature", "signature_holds", "keys") or []) else "no"


def _param(answer: verifying.Answer, check: str, code: str, name: str) -> Any:
    for finding in answer.findings:
        for reason in finding["reasons"]:
            if finding["check"] == check and reason["code"] == code:
                return reason["params"].get(name)
    return None


# -- what was sealed here ---------------------------------------------------------------------------------------------


def _looked_up(request: HttpRequest) -> dict[str, Any]:
    """What GET asks for: a root, or a decision by its call and number."""
    asked = "".join(request.GET.get("root", "").lower().split())
    if asked:
        if not re.fullmatch(r"[0-9a-f]{64}", asked):
            return {"root": asked[:100], "root_error": _("A root has 64 hexadecimal digits (0–9, a–f).")}
        decision = by_root(asked)
        public = decision if decision and decision.call.published_at else None
        return {"root": asked, "root_asked": True, "offered": _sealed(public) if public else None}
    if request.GET.get("call"):
        decision = _stored(request.GET["call"], request.GET.get("number", ""))
        if decision is None:
            raise Http404
        return {"offered": _sealed(decision)}
    return {}


def _stored(call: str, number: str) -> Decision | None:
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,80}", call) or not re.fullmatch(r"[0-9]{1,6}", number):
        return None
    return decision_of(call, int(number))


def _sealed(decision: Decision) -> dict[str, Any]:
    labels = Labels(definition_of(decision.definition_version), _language())
    return {
        "title": labels.text(labels.definition.title),
        "slug": decision.call.slug,
        "number": decision.number,
        "sample": decision.is_sample,
        "sealed_at": decision.sealed_at,
        "root": decision.root,
        "url": reverse("public:result-number", args=[decision.call.slug, decision.number]),
    }


def _open(decision: Decision) -> bool:
    try:
        return opened(decision).extent.files
    except NotShown:
        return decision.is_sample


# -- the page ---------------------------------------------------------------------------------------------------------


def _too_large() -> str:
    return _("The file is larger than %(size)d MB. Check it on your own machine with the command below.") % {
        "size": LARGEST // 1024**2
    }


def _refused(request: HttpRequest, why: str, *, status: int) -> HttpResponse:
    return _shown(request, status=status, file_error=why)


def _shown(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    # A body that is refused unread must stay unread: the form's other fields are lost with it.
    posted = request.POST if request.method == "POST" and status != 413 else {}
    hint = _("Drop record.json of any edition here, or choose it. The server's program takes at most %(size)d MB.")
    context = {
        "section": "verify",
        "own_key": verifying.public_key(),
        "key": posted.get("key", "")[:200],
        "content_only": bool(posted.get("content_only")),
        "words": browser.words(_language()),
        "came_from": reverse("public:verify") if request.method == "POST" else request.get_full_path(),
        "drop": {
            "id": "record",
            "name": "record",
            "label": _("Decision record"),
            "hint": hint % {"size": LARGEST // 1024**2},
            "accept": ".json,application/json",
            "error": more.get("file_error"),
            "required": True,
        },
        **more,
    }
    return render(request, "public/verify/page.html", context, status=status)


def _language() -> str:
    return "ko" if get_language() == "ko" else "en"
