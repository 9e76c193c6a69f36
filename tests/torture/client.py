"""A browser's side of HTTP/1.1, raw: kept-alive connections, cookies, and when each request went out and came back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ANSWERS_WITHIN_S: Final = 90
_NO_BODY: Final = {204, 304}


class Lost(Exception):
    """The answer was lost: nobody knows whether the request was carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`began_at`, `sent_at`: before the first and after the last byte of the request was handed to the machine;
    `heard_at`: the first byte of the answer. All as Unix time.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    began_at: float
    sent_at: float
    heard_at: float

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One connection, opened when it is first needed, and anew after it broke."""

    def __init__(self) -> None:
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, port: int) -> None:
        if self._writer is None or self._writer.is_closing():
            try:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError as error:
                raise Lost(f"no connection: {error}") from None

    @property
    def is_open(self) -> bool:
        return self._writer is not None and not self._writer.is_closing()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request over the open connection. Raises `Lost`."""
        assert self._reader is not None
        assert self._writer is not None
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                began_at = time.time()
                self._writer.write(whole)
                await self._writer.drain()
                sent_at = time.time()
                head = await self._reader.readuntil(b"\r\n\r\n")
                heard_at = time.time()
                status, answered = _head(head)
                content = b"" if method == "HEAD" or status in _NO_BODY else await _body(self._reader, answered)
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError, ValueError) as error:
            self.close()
            raise Lost(f"{type(error).__name__}: {error}") from None
        if answered.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, answered, content, began_at, sent_at, heard_at)


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return int(first.split()[1]), found


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    whole = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        whole += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return whole


def cookies_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Names and values of the cookies that an answer sets."""
    found = {}
    for line in headers.get("set-cookie", "").split("\n"):
        name, _, rest = line.partition("=")
        if rest:
            found[name.strip()] = rest.partition(";")[0]
    return found


async def gathered(*tasks: Any) -> list[Any]:
    """All of them at once; the first that fails ends the others."""
    running = [asyncio.ensure_future(task) for task in tasks]
    try:
        return list(await asyncio.gather(*running))
    finally:
        for one in running:
            one.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*running, return_exceptions=True)
