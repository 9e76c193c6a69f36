"""A file of the store as an answer: always to be saved, never shown, in pieces, and again from where the line broke.

Ranges as RFC 9110 has them: one range of bytes, with `If-Range` by the file's ETag, which is its hash. More than one
range, or one that is not understood, is answered with the whole file, as the RFC allows.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from madang.kernel import files

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


def sent(request: HttpRequest, *, sha256: str, size: int, name: str) -> HttpResponseBase:
    """The file under a harmless name; its hash is checked before the first byte leaves, and who asks was looked at by
    the caller. 404 where it is lost. Raises `files.StoreGone` and `files.Corrupted`.

    In pieces, whatever its size: an asynchronous server would otherwise gather a plain iterator in memory first.
    """
    etag = f'"{sha256}"'
    if _named(request.headers.get("If-None-Match", ""), etag):
        return _dressed(HttpResponse(status=304), name, etag)
    first, length, status = 0, size, 200
    wanted = request.headers.get("Range", "") if request.method == "GET" else ""
    if wanted and request.headers.get("If-Range", etag) == etag:
        found = _part(wanted, size)
        if found == ():
            answer = _dressed(HttpResponse(status=416), name, etag)
            answer["Content-Range"] = f"bytes */{size}"
            return answer
        if found:
            (first, length), status = found, 206
    if request.method == "HEAD":
        answer = _dressed(HttpResponse(), name, etag)
        answer["Content-Length"] = str(size)
        return answer
    try:
        content = files.opened(sha256)
    except files.NotKept:
        raise Http404 from None
    content.seek(first)
    pieces = (_pieces_awaited if isinstance(request, ASGIRequest) else _pieces)(content, length)
    answer = _dressed(StreamingHttpResponse(pieces, status=status), name, etag)
    answer["Content-Length"] = str(length)
    if status == 206:
        answer["Content-Range"] = f"bytes {first}-{first + length - 1}/{size}"
    return answer


def sent_whole(request: HttpRequest, *, content: BinaryIO, size: int, sha256: str, name: str) -> HttpResponseBase:
    """The same for an open file that is in no store: whole, in pieces, closed at the end."""
    if request.method == "HEAD":
        content.close()
        answer = _dressed(HttpResponse(), name, f'"{sha256}"')
    else:
        pieces = (_pieces_awaited if isinstance(request, ASGIRequest) else _pieces)(content, size)
        answer = _dressed(StreamingHttpResponse(pieces), name, f'"{sha256}"')
    answer["Content-Length"] = str(size)
    del answer["Accept-Ranges"]
    return answer


def _dressed(answer: HttpResponseBase, name: str, etag: str) -> HttpResponseBase:
    # Never its own type: a browser must not be led to open what somebody else handed in.
    answer["Content-Type"] = "application/octet-stream"
    answer["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=name))
    answer["Content-Security-Policy"] = "sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = etag
    return answer


def _named(header: str, etag: str) -> bool:
    return etag in [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _part(wanted: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """First byte and length of the range; `()`: it lies outside the file; nothing: the whole file is the answer."""
    found = _RANGE.fullmatch(wanted)
    if found is None or found.groups() == ("", ""):
        return None
    begin, end = found.groups()
    if not begin:  # the last so many bytes
        length = min(int(end), size)
        return (size - length, length) if length else ()
    first, last = int(begin), min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return None
    return (first, last - first + 1) if first < size else ()


def _pieces(content: BinaryIO, length: int) -> Iterator[bytes]:
    with closing(content):
        while length and (piece := content.read(min(files.CHUNK, length))):
            length -= len(piece)
            yield piece


async def _pieces_awaited(content: BinaryIO, length: int) -> AsyncIterator[bytes]:
    with closing(content):
        while length and (piece := await asyncio.to_thread(content.read, min(files.CHUNK, length))):
            length -= len(piece)
            yield piece
