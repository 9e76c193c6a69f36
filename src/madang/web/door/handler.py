"""Django, run in a fixed number of threads: one hop in, one hop out.

Django's own ASGI handler gives every request a thread of its own, and changes threads at every middleware that has no
asynchronous form. Here all of a request runs in one thread of a pool, as under WSGI: a quarter less processor time,
and a thread keeps its connection to the database. The event loop never runs Django, so it is free to stamp.
"""

from __future__ import annotations

import asyncio
import contextvars
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from madang.web.door.asgi import DISCONNECT, Receive, Scope, Send, hear

GATHERED: Final = 1024 * 1024
"""Bytes of a large body that are put to disk at once, by a thread: a slow disk must not hold up the loop."""
READ_AT_ONCE: Final = 512 * 1024
"""A file up to this size is read while its thread has it anyway."""
PIECE: Final = 128 * 1024
End = object()
T = TypeVar("T")


class Handler(ASGIHandler):
    """The ASGI application. `threads` are at least as many as the queue has places."""

    def __init__(self, threads: int) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        response = await self._in_thread(lambda: self._answered(scope, body))
        if not response.streaming:
            await self.send_response(response, send)
            return
        try:
            await self._stream(response, receive, send)
        finally:
            await asyncio.to_thread(response.close)
            body.close()

    async def read_body(self, receive: Receive) -> Any:
        """The body as a file: in memory while it is small, else written to disk piece by piece by a thread."""
        most = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        body = tempfile.SpooledTemporaryFile(max_size=most, mode="w+b")  # noqa: SIM115 - closed with the request
        waiting, size, whole = bytearray(), 0, False
        try:
            while not whole:
                message = await receive()
                if message["type"] == DISCONNECT:
                    raise RequestAborted
                waiting += message.get("body", b"")
                whole = not message.get("more_body", False)
                size += len(message.get("body", b""))
                if size <= most and whole:
                    body.write(waiting)
                elif len(waiting) >= GATHERED or (whole and waiting):
                    await asyncio.to_thread(body.write, bytes(waiting))
                    waiting.clear()
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """In a context of its own, so that nothing a request sets (a language, a zone) is there for the next."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, work)

    def _answered(self, scope: Scope, body: Any) -> HttpResponseBase:
        """Everything that Django does, in one thread. A response that is no stream is closed here too."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, response = self.create_request(scope, body)
        if request is not None:
            response = self.get_response(request)
            response._handler_class = self.__class__
            if response.streaming and not response.is_async:
                response = _read_here(response)
        if not response.streaming:
            response.close()
            body.close()
        return response

    async def _stream(self, response: Any, receive: Receive, send: Send) -> None:
        """Send it piece by piece, until it is whole or its reader is gone."""
        if not response.is_async:
            response.streaming_content = _pieces(response.streaming_content)
        sending = asyncio.create_task(self.send_response(response, send))
        gone = asyncio.create_task(hear(receive))
        tasks: set[asyncio.Task[Any]] = {sending, gone}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


def _read_here(response: Any) -> Any:
    """A small file as an answer that needs no further thread; a larger one stays a stream."""
    size = response.headers.get("Content-Length", "")
    if not size.isdigit() or int(size) > READ_AT_ONCE:
        return response
    whole = HttpResponse(b"".join(response.streaming_content), status=response.status_code, headers=response.headers)
    whole.cookies = response.cookies
    response.close()
    whole._handler_class = response._handler_class
    return whole


async def _pieces(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    """What a plain iterator gives, one piece at a time, each read by a thread."""
    iterator = iter(content)
    while (piece := await asyncio.to_thread(next, iterator, End)) is not End:
        assert isinstance(piece, bytes)
        yield piece
