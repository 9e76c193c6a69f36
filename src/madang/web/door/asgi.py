"""ASGI in types, and the keys that the door writes into a request's scope."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

ARRIVED_AT: Final = "madang.arrived_at"
"""The moment of arrival, in UTC."""
ASKED: Final = "madang.asked"
"""What the door has read of the request (`asked.Asked`)."""
KNOWN: Final = "madang.known"
"""Written by Django once it has seen who it is (`web.middleware.Person`): session, the person's uid, language."""
FOR_MANY: Final = "madang.for_many"
"""Written by the keeper: what is made here is answered to everybody who asks for it now."""

DISCONNECT: Final = "http.disconnect"
GONE: Final[Message] = {"type": DISCONNECT}
"""What a reader of a body gets where nothing of it shall be used: Django then drops the request before any view."""


async def hear(receive: Receive) -> Message:
    """The next message, to be awaited in a task: what a server's `receive` gives need not be a future of asyncio."""
    return await receive()
