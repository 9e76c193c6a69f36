"""Files that come in pieces, over lines that break. The protocol is written down in `docs/formats/uploads.md`.

Every answer is JSON. Statuses are in `STATUS`; a refusal carries `reasons` (sentences) and `codes`, and whatever is
known of the upload stands in the headers `Upload-Offset`, `Upload-Length` and `Upload-Complete`.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import is_person
from madang.apps.applications import commands, rules
from madang.apps.applications.models import Upload
from madang.core.lifecycle.upload import DONE, OPEN, REFUSED
from madang.core.reasons import Reason
from madang.kernel import spool
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.applicant.form_pages import anew
from madang.web.applicant.form_view import FormView, draft_of, language, person_of
from madang.words import say

STATUS: Final = {
    "upload_digest_malformed": HTTPStatus.BAD_REQUEST,
    "upload_unreadable": HTTPStatus.BAD_REQUEST,
    "upload_range_malformed": HTTPStatus.BAD_REQUEST,
    "upload_piece_length": HTTPStatus.BAD_REQUEST,
    "upload_gap": HTTPStatus.CONFLICT,
    "upload_here_already": HTTPStatus.CONFLICT,
    "upload_size_changed": HTTPStatus.CONFLICT,
    "upload_not_whole": HTTPStatus.CONFLICT,
    "upload_is_done": HTTPStatus.CONFLICT,
    "draft_files_full": HTTPStatus.CONFLICT,
    "upload_ended": HTTPStatus.GONE,
    "upload_lost": HTTPStatus.GONE,
    "upload_piece_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "upload_piece_kind": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "upload_beyond_end": HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    "upload_too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "upload_no_room": HTTPStatus.SERVICE_UNAVAILABLE,
    "file_store_gone": HTTPStatus.SERVICE_UNAVAILABLE,
    "disk_full": HTTPStatus.SERVICE_UNAVAILABLE,
    "file_not_scanned": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""By the first reason; 422 for every other: what is wrong with the file, the right or the moment."""

_RANGE: Final = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
_END: Final = re.compile(r"bytes \*/([0-9]{1,15})")


@require_POST
@never_cache
def begin(request: HttpRequest, uid: str) -> HttpResponse:
    """Begin an upload. Takes `{"key", "name", "size", "sha256"?}`; answers 201 with its address."""
    if not is_person(request.user):
        return _signed_out()
    person, draft = person_of(request), draft_of(request.user, uid)
    if not may(person, rules.WRITE_DRAFT, draft):
        raise Http404
    asked = _asked(request)
    if asked is None:
        return _refused([Reason("upload_unreadable")])
    try:
        upload = commands.start_upload(actor=actor_of(person), draft=draft, **asked)
    except Refused as refused:
        return _refused(refused.reasons)
    address = reverse("applicant:upload", args=[uid, upload.uid])
    told = {"address": address, "state": OPEN, "offset": 0, "size": upload.size_bytes, "piece": commands.MOST_PIECE}
    return JsonResponse(told, status=201, headers={"Location": address, **_headers(upload, 0)})


@require_http_methods(["GET", "HEAD", "PATCH", "DELETE"])
@never_cache
@gzip_page
def one(request: HttpRequest, uid: str, upload: str) -> HttpResponse:
    """One upload, for whoever began it: how much is here, the next piece, or the end of it. 404 for another's.

    `step` in the address names the step of the form that the answer to the last piece tells about.
    """
    if not is_person(request.user):
        return _signed_out()
    person, draft = person_of(request), draft_of(request.user, uid)
    rows = visible_to(person, rules.CONTINUE_UPLOAD, draft.uploads.select_related("file"))
    found = get_object_or_404(rows, uid=upload)
    found.draft = draft
    try:
        if request.method == "PATCH":
            found = _take(request, found)
        elif request.method == "DELETE":
            commands.give_up_upload(actor=actor_of(person), upload=found)
            return HttpResponse(status=204)
        return _told(request, found)
    except Refused as refused:
        return _refused(refused.reasons, found)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return _refused([Reason("disk_full")], found)


def _asked(request: HttpRequest) -> dict[str, Any] | None:
    """The body of a POST, checked part by part; nothing where it is not what it should be."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError, RequestDataTooBig):
        return None
    if not isinstance(body, dict):
        return None
    texts = {name: body.get(name, "") for name in ("key", "name", "sha256")}
    size = body.get("size")
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(size, int) or isinstance(size, bool):
        return None
    return {**texts, "size": size} if texts["key"] and texts["name"] else None


def _take(request: HttpRequest, upload: Upload) -> Upload:
    """The piece in the body, and the end where it was the last. Raises `Refused`."""
    actor, header = actor_of(person_of(request)), request.headers.get("Content-Range", "")
    if upload.state in (DONE, REFUSED):
        return upload  # the answer was lost on the way: it is given again
    if ended := _END.fullmatch(header):
        return commands.finish_upload(actor=actor, upload=_of_size(upload, int(ended[1])))
    found = _RANGE.fullmatch(header)
    first, last, total = (int(one) for one in found.groups()) if found else (1, 0, 0)
    if last < first:
        raise Refused([Reason("upload_range_malformed")])
    if request.content_type != "application/octet-stream":
        raise Refused([Reason("upload_piece_kind")])
    count = last - first + 1
    if str(request.META.get("CONTENT_LENGTH") or count) != str(count) and count <= commands.MOST_PIECE:
        raise Refused([Reason("upload_piece_length")])
    content: Any = request  # a request is read like a file
    here = commands.receive_piece(actor=actor, upload=upload, at=first, count=count, total=total, content=content)
    return commands.finish_upload(actor=actor, upload=upload) if here == upload.size_bytes else upload


def _of_size(upload: Upload, total: int) -> Upload:
    if total != upload.size_bytes:
        raise Refused([Reason("upload_size_changed", {"size": upload.size_bytes})])
    return upload


# --- What is said -----------------------------------------------------------------------------------------------------


def _told(request: HttpRequest, upload: Upload) -> HttpResponse:
    """How it stands. Where it is done, with what the form's script puts into the page."""
    here = _here(upload)
    told: dict[str, Any] = {"state": upload.state, "offset": here, "size": upload.size_bytes, "name": upload.name}
    headers = _headers(upload, here)
    if upload.state == REFUSED:
        reasons = [Reason(code, params) for code, params in upload.reasons]
        if request.method == "PATCH":
            return _refused(reasons, upload)
        told |= {"reasons": [say(one, language()) for one in reasons], "codes": [one.code for one in reasons]}
    if upload.state == DONE and request.method != "HEAD":
        told |= _placed(request, upload)
    if upload.state not in (OPEN, DONE, REFUSED):
        return _refused([Reason("upload_ended")], upload)
    return JsonResponse(told, headers=headers)


def _placed(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    """As the form answers its button `attach`: the place anew, and the state of the step that is shown."""
    view = FormView(person_of(request), anew(upload.draft))
    told = {"key": upload.key, "row": "", "revision": view.draft.revision, "file": upload.file and upload.file.uid}
    try:
        told["html"] = view.fragment(upload.key, request)
        told["page"] = view.told(view.step(request.GET["step"])) if request.GET.get("step") else None
    except Http404:  # the call asks for it no longer, or the step is none of this form
        told |= {"html": "", "page": None}
    return told


def _here(upload: Upload) -> int:
    """How many bytes are here: all of them where it is done, none where it has ended otherwise."""
    if upload.state != OPEN:
        return upload.size_bytes if upload.state == DONE else 0
    try:
        return spool.length(upload.uid)
    except spool.NotSpooled:
        raise Refused([Reason("upload_lost")]) from None


def _headers(upload: Upload, here: int) -> dict[str, str]:
    complete = "?1" if upload.state == DONE else "?0"
    return {"Upload-Offset": str(here), "Upload-Length": str(upload.size_bytes), "Upload-Complete": complete}


def _refused(reasons: Iterable[Reason], upload: Upload | None = None) -> HttpResponse:
    found = list(reasons)
    status = STATUS.get(found[0].code, HTTPStatus.UNPROCESSABLE_ENTITY)
    told: dict[str, Any] = {
        "reasons": [say(one, language()) for one in found],
        "codes": [one.code for one in found],
    }
    headers = {}
    if upload is not None:
        told["state"] = upload.state
        if upload.state == OPEN:
            try:
                told["offset"] = _here(upload)
                headers = _headers(upload, told["offset"])
            except Refused:
                pass  # it is told already that it is lost
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "30"
    return JsonResponse(told, status=status, headers=headers)


def _signed_out() -> HttpResponse:
    return JsonResponse({"reasons": []}, status=401)
