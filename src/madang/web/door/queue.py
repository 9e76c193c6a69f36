"""Lets a bounded number of requests into the application; the rest wait in turn, and hold nothing while they wait.

A request takes its place when its body is here: the last piece is held back until then, so a slow sender holds none.
It leaves its place when its answer begins, so a slow reader holds none, and neither does a download.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from madang.web.door.asgi import ASKED, DISCONNECT, GONE, KNOWN, App, Message, Receive, Scope, Send, hear
from madang.web.door.asked import Asked
from madang.web.door.known import Known
from madang.web.door.pages import Pages
from madang.web.door.places import Places, State, Ticket
from madang.web.door.plan import Plan
from madang.web.door.rules import Room

START: Final = "http.response.start"


class Queue:
    """The application behind its lines. The door stands before it and has put `ASKED` into the scope.

    `clock` gives seconds that never go back: by them it is told how long somebody would wait.
    """

    def __init__(
        self, app: App, *, plan: Plan, pages: Pages, known: Known, clock: Callable[[], float] = monotonic
    ) -> None:
        self._app, self._plan, self._pages, self._known = app, plan, pages, known
        self.places = Places(tuple(plan.lines.values()), clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked: Asked = scope[ASKED]
        visit = _Visit(self.places, self._plan, asked, scope, receive, send)
        try:
            await self._app(scope, visit.receive, visit.send)
        finally:
            visit.leave()
        if seen := scope.get(KNOWN):
            self._known.learn(*seen)
        if (ticket := visit.sent_away) is not None:
            await self._pages.answer("busy", asked, send, ahead=ticket.ahead, expected=ticket.expected)


class _Visit:
    """One request on its way through: what the application hears and says goes through here."""

    def __init__(self, places: Places, plan: Plan, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        self._places, self._plan, self._asked, self._scope = places, plan, asked, scope
        self._receive, self._send = receive, send
        self._ticket: Ticket | None = None
        self._listening: asyncio.Future[Message] | None = None
        self.sent_away: Ticket | None = None

    async def receive(self) -> Message:
        if self._listening is not None:
            return await self._listening
        message = await self._receive()
        if self._ticket is None and message["type"] != DISCONNECT and not message.get("more_body", False):
            ticket = self._ticket = self._places.ask(self._plan.line_of(self._asked, self._scope), self._asked.client)
            if ticket.state is State.WAITS:
                await self._wait(ticket)
            if ticket.state is not State.IN:
                self.sent_away = ticket if ticket.state is State.SHED else None
                return GONE
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == START and self._ticket is not None:
            self._places.leave(self._ticket)
        await self._send(message)

    def leave(self) -> None:
        if self._ticket is not None and self._ticket.state in (State.IN, State.WAITS):
            self._places.leave(self._ticket)
        if self._listening is not None and not self._listening.done():
            self._listening.cancel()

    async def _wait(self, ticket: Ticket) -> None:
        """Until it is in its place or sent away, or whoever asked is gone. A press stays: it has arrived and counts."""
        loop, line = asyncio.get_running_loop(), ticket.line
        settled: asyncio.Future[None] = loop.create_future()

        def woken() -> None:
            if not settled.done():
                settled.set_result(None)

        ticket.woken = woken
        self._listening = asyncio.create_task(hear(self._receive))
        late = None if line.patience is None else loop.call_later(line.patience, self._places.give_up, ticket)
        try:
            if self._asked.rule.room is Room.PRESS:
                await settled
            else:
                waited: set[asyncio.Future[Any]] = {settled, self._listening}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if late is not None:
                late.cancel()
        if ticket.state is State.WAITS:
            self._places.leave(ticket)
