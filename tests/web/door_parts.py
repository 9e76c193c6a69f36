"""The door's tests: requests that are sent piece by piece, an application that works as long as it is told to."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from madang.web.door.asgi import ARRIVED_AT, KNOWN, App, Message, Receive, Scope, Send
from madang.web.door.known import Known
from madang.web.door.outer import Door
from madang.web.door.plan import Plan, plan
from madang.web.door.prepared import prepared
from madang.web.door.proxies import Proxies
from madang.web.door.queue import Queue

COOKIE = "madang-session"
NOON = dt.datetime(2026, 11, 30, 3, 0, tzinfo=dt.UTC)
PRESS = "/applications/abc/file"


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """In a thread of its own: a browser's test may have left its loop running in this one."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, work()).result()


class Caller:
    """One request. Its body is `body`, whole, unless it is given by `give`; `hang_up` closes the connection."""

    def __init__(
        self,
        app: App,
        path: str = "/",
        *,
        method: str = "GET",
        body: bytes | None = b"",
        session: str = "",
        address: str = "192.0.2.1",
        version: str = "1.1",
        **headers: str,
    ) -> None:
        pairs = [("host", "localhost")]
        if session:
            pairs.append(("cookie", f"{COOKIE}={session}"))
        pairs += [(name.replace("_", "-"), one) for name, values in headers.items() for one in values.split("|")]
        if body and "content_length" not in headers and "transfer_encoding" not in headers:
            pairs.append(("content-length", str(len(body))))
        path, _, query = path.partition("?")
        self.scope: Scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": version, "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in pairs],
            "client": (address, "1") if address else None, "server": ("localhost", 80),
        }  # fmt: skip
        self.said: list[Message] = []
        self._coming: asyncio.Queue[Message] = asyncio.Queue()
        if body is not None:
            self.give(body)
        self.task = asyncio.ensure_future(app(self.scope, self._coming.get, self._send))  # type: ignore[arg-type]  # a coroutine

    async def _send(self, message: Message) -> None:
        self.said.append(message)

    def give(self, piece: bytes, *, more: bool = False) -> None:
        self._coming.put_nowait({"type": "http.request", "body": piece, "more_body": more})

    def hang_up(self) -> None:
        self._coming.put_nowait({"type": "http.disconnect"})

    @property
    def status(self) -> int:
        """0 where nothing was answered."""
        return self.said[0]["status"] if self.said else 0

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.said[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(one.get("body", b"") for one in self.said[1:])

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    async def answered(self) -> Caller:
        await self.task
        return self


class Work:
    """An application behind the door, as Django is: it reads the body, works until it is told to finish (`finish`),
    and then answers. `signed_in` are the sessions behind which it sees a person.
    """

    def __init__(self, *signed_in: str, at_once: bool = True) -> None:
        self.signed_in, self.at_once = signed_in, at_once
        self.began: list[str] = []
        """Names of the requests (header `x-name`, else their paths) in the order in which work on them began."""
        self.bodies: list[bytes] = []
        self.scopes: list[Scope] = []
        self.at_work: dict[str, asyncio.Event] = {}
        self.most_at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        headers = dict(scope["headers"])
        name = headers.get(b"x-name", scope["path"].encode()).decode()
        self.began.append(name)
        self.bodies.append(body)
        self.scopes.append(scope)
        if not self.at_once:
            self.at_work[name] = asyncio.Event()
            self.most_at_work = max(self.most_at_work, len(self.at_work))
            await self.at_work[name].wait()
            del self.at_work[name]
        for session in self.signed_in:
            if f"{COOKIE}={session}".encode() in headers.get(b"cookie", b""):
                scope[KNOWN] = session, f"uid of {session}", "en"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    def finish(self, name: str = "") -> None:
        """Let the one of this name answer, else all that are at work now."""
        for one in [name] if name else list(self.at_work):
            self.at_work[one].set()

    async def finish_all(self, *callers: Caller) -> None:
        """Let everybody answer, one after the other, until these are answered."""
        while not all(caller.task.done() for caller in callers):
            if self.at_work:
                self.finish(next(iter(self.at_work)))
            await settled()

    @property
    def arrived(self) -> list[dt.datetime]:
        return [scope[ARRIVED_AT] for scope in self.scopes]


async def settled(turns: int = 30) -> None:
    """Until whoever can go on has gone on."""
    for _ in range(turns):
        await asyncio.sleep(0)


def door(
    app: App,
    *,
    proxies: Proxies | None = None,
    known: Known | None = None,
    moment: Callable[[], dt.datetime] | None = None,
) -> Door:
    """A door before this application, at noon."""
    return Door(
        app,
        proxies=proxies or Proxies(()),
        pages=prepared(),
        known=known or Known(600),
        cookie=COOKIE,
        clock=moment or (lambda: NOON),
    )


class House:
    """Door, queue and work; nobody loses patience, however slow the machine is. `threads`, `writers`: its places."""

    def __init__(self, *signed_in: str, threads: int = 1, writers: int = 1, writes: int = 600) -> None:
        self.work, self.known = Work(*signed_in, at_once=False), Known(writes)
        self.plan: Plan = plan(threads=threads, writers=writers)
        for line in self.plan.lines.values():
            line.patience = line.patience and 1000.0
        self.queue = Queue(self.work, plan=self.plan, pages=prepared(), known=self.known, clock=lambda: 0.0)
        self.door = door(self.queue, known=self.known)
        for session in signed_in:
            self.known.learn(session, f"uid of {session}", "en")

    def ask(self, name: str, path: str = "/", **more: Any) -> Caller:
        return Caller(self.door, path, x_name=name, **more)

    async def busy(self, *names: str, **more: Any) -> list[Caller]:
        """Requests of somebody else that take places; back when work on them has begun."""
        callers = [self.ask(name, address=f"198.51.100.{n}", **more) for n, name in enumerate(names)]
        await settled()
        assert set(names) <= set(self.work.began)
        return callers
