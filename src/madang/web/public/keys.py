"""The keys that sign decision records: the published list as a file, and a page to read it and to keep the key."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.core.reasons import Malformed
from madang.core.record.keylist import Key, KeyList, endorsement_holds, in_fours, read_keys
from madang.kernel import keyring
from madang.web.public.call_view import reader
from madang.web.public.verifying import public_key

FILE = "madang-keys.json"
HOUR = 3600


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """The list as it was published, byte for byte, to be cached for an hour; 404 before there is one."""
    try:
        text = keyring.published()
    except Malformed:  # nothing damaged is handed on
        return HttpResponse(status=503, headers={"Retry-After": str(HOUR), "Cache-Control": "no-store"})
    if text is None:
        raise Http404
    content = text.encode()
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(content if request.method == "GET" else b"", content_type="application/json")
        response["Content-Length"] = str(len(content))
        response["Content-Disposition"] = f'inline; filename="{FILE}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={HOUR}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Access-Control-Allow-Origin"] = "*"  # it is public, and a verifier elsewhere may fetch it
    return response


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Today's key in groups of four, since when, the keys before it, and how to keep it."""
    listed, damaged = _listed()
    own = public_key()
    current = listed.current if listed else None
    context = {
        "section": "verify",
        "damaged": damaged,
        "listed": listed is not None,
        "key": current.key if current else own if listed is None and not damaged else "",
        "fours": _fours(current.key if current else own),
        "since": _day(current.from_) if current else "",
        "differs": bool(current and own and current.key != own),
        "earlier": [_told(listed, at) for at in range(len(listed.keys) - 1, -1, -1) if listed.keys[at] is not current]
        if listed
        else [],
        "endorsed": _endorsed(listed, current) if listed and current else "",
        "file": FILE,
        "crumbs": [{"text": _("Signing keys")}],
    }
    return render(request, "public/keys.html", context)


def _listed() -> tuple[KeyList | None, bool]:
    """The list, and whether there is a damaged one in its place."""
    try:
        text = keyring.published()
        return (read_keys(text) if text is not None else None), False
    except Malformed:
        return None, True


def _fours(key: str) -> list[str]:
    return in_fours(key).split() if key else []


def _day(day: Any) -> str:
    return reader().day(day.isoformat()) if day else ""


def _told(listed: KeyList, at: int) -> dict[str, Any]:
    """An earlier key for the page."""
    entry = listed.keys[at]
    states = {"current": _("In use"), "retired": _("Replaced"), "revoked": _("Revoked")}
    return {
        "key": entry.key,
        "state": states[entry.state],
        "tone": {"revoked": "danger"}.get(entry.state, "closed"),
        "from": _day(entry.from_),
        "until": _day(entry.until),
        "revoked": _day(entry.revoked),
        "reason": entry.reason or "",
        "endorsed": _endorsed(listed, entry),
    }


def _endorsed(listed: KeyList, entry: Key) -> str:
    """Whether the key before vouches for this one, in words; nothing for the first key of a chain."""
    at = listed.keys.index(entry)
    if entry.endorsed_by is None or not at:
        return ""
    if endorsement_holds(listed.keys[at - 1], entry):
        return _("Signed by the key before it; the signature holds.")
    return _("Said to be signed by the key before it, but the signature does not hold.")
