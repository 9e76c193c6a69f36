"""Files of a draft, given back to those who may read it: always to be saved, never shown in the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import BinaryIO

from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from madang.kernel import files
from madang.web.applicant.form_view import draft_of


@require_safe
@login_required
def download(request: HttpRequest, uid: str, file: str) -> StreamingHttpResponse:
    """One file, checked against its hash before the first byte leaves. 404 for another's, and for one that is lost.

    In pieces, whatever its size: an asynchronous server would otherwise gather a plain iterator in memory first.
    """
    found = get_object_or_404(draft_of(request.user, uid).files, uid=file)
    try:
        with files.reading(found.sha256):
            pass
        content = files.path_of(found.sha256).open("rb")
    except (files.NotKept, FileNotFoundError):
        raise Http404 from None
    pieces = _pieces_awaited(content) if isinstance(request, ASGIRequest) else _pieces(content)
    # Never its own type: a browser must not be led to open what somebody else handed in.
    answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    answer["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=found.name))
    answer["Content-Length"] = str(found.size_bytes)
    answer["Content-Security-Policy"] = "sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    with closing(content):
        while piece := content.read(files.CHUNK):
            yield piece


async def _pieces_awaited(content: BinaryIO) -> AsyncIterator[bytes]:
    with closing(content):
        while piece := await asyncio.to_thread(content.read, files.CHUNK):
            yield piece
