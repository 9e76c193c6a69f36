"""The outermost layer: the stamp, the limits, and a proper answer to what is no request.

The first statement that runs for a request takes the time. Nothing waits before it: no body, no queue, no thread. A
busy process answers late; it does not stamp late, because Django never runs in this thread (`handler`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Final

from madang.kernel.clock import now
from madang.web.door.asgi import ARRIVED_AT, DISCONNECT, App, Message, Receive, Scope, Send
from madang.web.door.asked import Asked, read
from madang.web.door.bodies import Body, Slots
from madang.web.door.known import Known
from madang.web.door.pages import Pages
from madang.web.door.proxies import Proxies
from madang.web.door.rules import Room

LINGER: Final = 2.0
"""Seconds in which what still comes of a refused body is thrown away, so that its sender can read the answer."""
MOST_LINGERED: Final = 64 * 1024 * 1024
MOST_LINGERING: Final = 32
UNCOUNTED: Final = frozenset({Room.PRESS, Room.PASSWORDS})
"""A press is never refused for its number, and sign-ins are counted by mailbox and address."""


class Door:
    """The application with its door. `cookie` is the name of the session's cookie."""

    def __init__(
        self,
        app: App,
        *,
        proxies: Proxies,
        pages: Pages,
        known: Known,
        cookie: str,
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._app, self._proxies, self._pages, self._known = app, proxies, pages, known
        self._cookie, self._clock = cookie.encode(), clock
        self._slots, self._lingering = Slots(), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stamp = self._clock()
        kind = scope["type"]
        if kind == "http":
            await self._request(scope, receive, send, stamp)
        elif kind == "lifespan":
            await _lifespan(receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1000})  # before it was accepted: the server answers 403

    async def _request(self, scope: Scope, receive: Receive, send: Send, stamp: dt.datetime) -> None:
        asked, fault = read(scope, self._proxies, self._cookie, stamp)
        if asked.session:
            asked.person = self._known.of(asked.session)
        if not fault and self._floods(asked):
            fault = "many"
        if fault:
            await self._refuse(fault, asked, receive, send)
        elif not asked.has_body:
            await self._app(scope, receive, send)
        else:
            before = (stamp - scope[ARRIVED_AT]).total_seconds()  # what a proxy had it for
            await self._with_body(scope, receive, send, asked, asked.rule.seconds - before)

    def _floods(self, asked: Asked) -> bool:
        counts = asked.person is not None and asked.writes and asked.rule.room not in UNCOUNTED
        return counts and asked.person is not None and not self._known.may_write(asked.person)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send, asked: Asked, seconds: float) -> None:
        body = Body(asked, receive, self._slots, asyncio.get_running_loop().time() + seconds)
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if not body.fault:
                begun = True
                await send(message)

        try:
            await self._app(scope, body.receive, answer)
        finally:
            body.leave()
        if body.fault and not begun:
            await self._refuse(body.fault, asked, receive, send)

    async def _refuse(self, fault: str, asked: Asked, receive: Receive, send: Send) -> None:
        """Say what is wrong and close the connection; nothing was passed on."""
        await self._pages.answer(fault, asked, send, closes=True)
        if asked.has_body and not asked.awaits_continue and self._lingering < MOST_LINGERING:
            self._lingering += 1
            try:
                await _read_on(receive, LINGER)
            finally:
                self._lingering -= 1


async def _read_on(receive: Receive, seconds: float) -> None:
    """Take what still comes, and throw it away."""
    taken = 0
    try:
        async with asyncio.timeout(seconds):
            while taken < MOST_LINGERED:
                message = await receive()
                taken += len(message.get("body", b""))
                if message["type"] == DISCONNECT or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
