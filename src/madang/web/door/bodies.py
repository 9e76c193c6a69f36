"""A body on its way in: counted, timed, and given up where it breaks the limits of its address."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from madang.web.door.asgi import DISCONNECT, GONE, Message, Receive
from madang.web.door.asked import Asked
from madang.web.door.rules import STALLED

SMALL: Final = 64 * 1024
"""Up to this a body may come beside any number of others; beyond it, it needs a slot."""
MOST_LARGE: Final = 64
"""Slots of a process: bodies beyond `SMALL` that are on their way in at the same time."""
MOST_LARGE_OF_ONE: Final = 24
"""Of one client; many may stand behind one address."""


@dataclass(slots=True)
class Slots:
    """Bodies beyond `SMALL` that are on their way in. A slow sender holds one of these and nothing else."""

    most: int = MOST_LARGE
    of_one: int = MOST_LARGE_OF_ONE
    held: Counter[str] = field(default_factory=Counter)

    def take(self, client: str) -> bool:
        if self.held.total() >= self.most or self.held[client] >= self.of_one:
            return False
        self.held[client] += 1
        return True

    def leave(self, client: str) -> None:
        self.held[client] -= 1
        if not self.held[client]:
            del self.held[client]


class Body:
    """Reads the body for the application. `fault` names what is wrong with it; the application then hears that the
    sender is gone, and drops the request. `until` is the loop's time at which the body must be whole.
    """

    def __init__(self, asked: Asked, receive: Receive, slots: Slots, until: float) -> None:
        self._asked, self._receive, self._slots, self._until = asked, receive, slots, until
        self._whole, self._slot = False, ""
        self.fault = ""

    async def receive(self) -> Message:
        if self.fault:
            return GONE
        if self._whole:
            return await self._receive()
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout_at(min(self._until, clock() + STALLED)):
                message = await self._receive()
        except TimeoutError:
            return self._refused("slow")
        if clock() > self._until:  # it was here already, and too late all the same
            return self._refused("slow")
        asked, more = self._asked, message.get("more_body", False)
        if message["type"] == DISCONNECT:
            self._whole = True
            return message
        asked.received += len(message.get("body", b""))
        if asked.received > asked.most:
            return self._refused("large")
        if asked.length is not None and (asked.received > asked.length or (not more and asked.received < asked.length)):
            return self._refused("length")
        if not more:
            self._whole = True
            self.leave()
        elif not self._slot and max(asked.received, asked.length or 0) > SMALL:
            if not self._slots.take(asked.client):
                return self._refused("busy")
            self._slot = asked.client
        return message

    def leave(self) -> None:
        """Give the slot back, if one is held."""
        if self._slot:
            self._slots.leave(self._slot)
            self._slot = ""

    def _refused(self, fault: str) -> Message:
        self.fault = fault
        return GONE
