"""Finished public pages, kept for a second: an ASGI application around Django's.

A view opts in by `kept` (`web/keeping.py`). Its page is made once a second for each of language, display mode and
address, whatever the number of readers; those who come while it is being made wait for that one (single flight).

What is kept is a page that nobody in particular may see: only for requests without a session, and only answers of 200
that set no cookie, carry no token and vary by nothing but what the key holds. Everything else goes through untouched.
Memory is bounded in pages and bytes; pages with a query have a small room of their own, so that made-up queries only
displace each other. Each process keeps its own.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from madang.web.door.asgi import FOR_MANY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

SECONDS: Final = 1.0
MOST_PAGES: Final = 256
MOST_BYTES: Final = 24 * 1024 * 1024
MOST_PAGES_OF_QUERIES: Final = 32
MOST_BYTES_OF_QUERIES: Final = 8 * 1024 * 1024
LONGEST_QUERY: Final = 512
LONGEST_HEADER: Final = 4096  # of cookies or languages: nobody's browser sends more to a page without a session
VARIES_BY: Final = frozenset({"cookie", "accept-language", "accept-encoding"})
"""What the key holds: the choices kept in cookies, the language asked for, and the encoding."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What a request says of its reader, as far as a page without a person depends on it."""

    language: str
    mode: str


@dataclass(frozen=True, slots=True)
class Site:
    """What the keeper asks of the site around it.

    `keeps(path)`: whether the view of this path opted in. `reads(cookies, languages)`: what both headers say of the
    reader; nothing for a request that must go through (a session, a message that waits).
    """

    keeps: Callable[[str], bool]
    reads: Callable[[str, str], Reader | None]


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page. `headers` are those of the plain page, the length left out; `packed` is the body in gzip."""

    headers: Headers
    etag: bytes
    plain: bytes
    packed: bytes
    until: float

    @property
    def size(self) -> int:
        return len(self.plain) + len(self.packed)


@dataclass(slots=True)
class Room:
    """Pages up to a number and to a sum of bytes; the one that was made first leaves first."""

    most_pages: int
    most_bytes: int
    pages: OrderedDict[Any, Page] = field(default_factory=OrderedDict)
    bytes: int = 0

    def get(self, key: Any, at: float) -> Page | None:
        page = self.pages.get(key)
        if page is None:
            return None
        if page.until <= at:
            self.drop(key)
            return None
        return page

    def put(self, key: Any, page: Page) -> None:
        self.drop(key)
        if page.size > self.most_bytes:
            return
        self.pages[key] = page
        self.bytes += page.size
        while len(self.pages) > self.most_pages or self.bytes > self.most_bytes:
            self.drop(next(iter(self.pages)))

    def drop(self, key: Any) -> None:
        page = self.pages.pop(key, None)
        if page is not None:
            self.bytes -= page.size


class Keeper:
    """The application with its kept pages. `app` is Django's; `clock` gives seconds that never go back."""

    def __init__(self, app: App, site: Site, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._site, self._clock = app, site, clock
        self._plain = Room(MOST_PAGES, MOST_BYTES)
        self._queried = Room(MOST_PAGES_OF_QUERIES, MOST_BYTES_OF_QUERIES)
        self._making: dict[Any, asyncio.Task[Page | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = self._asked(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        if asked is None:
            await self._app(scope, receive, send)
            return
        key, room, packs, known = asked
        page = room.get(key, self._clock())
        if page is None:
            if not self._site.keeps(scope["path"]):
                await self._app(scope, receive, send)
                return
            page = await self._made(key, room, scope)
        if page is None:  # it turned out to be none to keep: this reader gets an answer of their own
            await self._app(scope, receive, send)
            return
        await _answer(page, send, head=scope["method"] == "HEAD", packs=packs, known=known)

    def _asked(self, scope: Scope) -> tuple[Any, Room, bool, bytes] | None:
        """Key, room, whether gzip is taken, and the tags that the reader has; nothing where it must go through."""
        cookies = languages = host = proto = encodings = known = b""
        for name, value in scope["headers"]:
            if name == b"cookie":
                cookies = cookies + b"; " + value if cookies else value
            elif name == b"accept-language":
                languages = languages + b"," + value if languages else value  # as Django joins them
            elif name == b"accept-encoding":
                encodings = value
            elif name == b"if-none-match":
                known = value
            elif name == b"host":
                host = value
            elif name == b"x-forwarded-proto":
                proto = value
            elif name in (b"authorization", b"range"):
                return None
        query = scope.get("query_string", b"")
        if len(query) > LONGEST_QUERY or len(cookies) > LONGEST_HEADER or len(languages) > LONGEST_HEADER:
            return None
        reader = self._site.reads(cookies.decode("latin-1"), languages.decode("latin-1"))
        if reader is None:
            return None
        key = (scope.get("scheme", "http"), host, proto, scope.get("root_path", ""), scope["path"], query, reader)
        return key, self._queried if query else self._plain, b"gzip" in encodings, known

    async def _made(self, key: Any, room: Room, scope: Scope) -> Page | None:
        """The page, made once for all who ask for it now. It is finished even if they all leave."""
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.ensure_future(self._make(key, room, scope))
            task.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, key: Any, room: Room, scope: Scope) -> Page | None:
        until = self._clock() + SECONDS  # of what it shows: counted from before it was read
        dropped = (b"if-none-match", b"if-modified-since", b"accept-encoding")
        asked = {**scope, "method": "GET", "headers": [one for one in scope["headers"] if one[0] not in dropped]}
        if not scope.get("query_string"):
            asked[FOR_MANY] = True
        said: list[Message] = []

        async def send(message: Message) -> None:
            said.append(message)

        await self._app(asked, _no_body(), send)
        page = await asyncio.get_running_loop().run_in_executor(None, _page, said, until)
        if page is not None:
            room.put(key, page)
        return page


def _no_body() -> Receive:
    """A request without a body whose reader never leaves."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


def _page(said: list[Message], until: float) -> Page | None:
    """What Django said as a page to keep; nothing where it may not be kept."""
    start = said[0] if said else {}
    if start.get("type") != "http.response.start" or start["status"] != 200:
        return None
    headers: Headers = [(bytes(name).lower(), bytes(value)) for name, value in start["headers"]]
    by_name = dict(headers)
    varies = {one.strip().lower() for one in by_name.get(b"vary", b"").decode("latin-1").split(",")} - {""}
    refused = {b"set-cookie", b"content-encoding", b"content-range"} & by_name.keys()
    if refused or not varies <= VARIES_BY or b"etag" not in by_name:
        return None
    plain = b"".join(one.get("body", b"") for one in said[1:])
    rest = [one for one in headers if one[0] != b"content-length"]
    return Page(rest, by_name[b"etag"], plain, gzip.compress(plain, 6, mtime=0), until)


async def _answer(page: Page, send: Send, *, head: bool, packs: bool, known: bytes) -> None:
    if known and _matches(known, page.etag):
        kept = [one for one in page.headers if one[0] != b"content-type"]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return
    body = page.packed if packs else page.plain
    headers = [*page.headers, (b"content-length", str(len(body)).encode())]
    if packs:
        headers.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


def _matches(known: bytes, etag: bytes) -> bool:
    """Whether the reader has it: compared weakly, as a GET is (RFC 9110, 13.1.2)."""
    mine = etag.removeprefix(b"W/")
    return known.strip() == b"*" or any(one.strip().removeprefix(b"W/") == mine for one in known.split(b","))
