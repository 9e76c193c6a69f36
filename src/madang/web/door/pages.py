"""What the door answers by itself: finished bytes in every language, put together while nothing else has time.

They are made once, at the start (`prepared`). What changes from one answer to the next stands in them as a mark.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from madang.web.door.asgi import Headers, Send
from madang.web.door.asked import Asked

ANSWERS: Final = {
    "length": 400,
    "slow": 408,
    "no-length": 411,
    "large": 413,
    "address": 414,
    "many": 429,
    "headers": 431,
    "busy": 503,
    "busy-form": 503,
}
"""Names of the answers and their status. `busy-form` answers what sends something, `busy` what only asks for a page."""
COMES_AGAIN: Final = frozenset({"many", "busy", "busy-form"})
"""Answers with a time after which to try again."""

MODE, AHEAD, AFTER, MOST, SECONDS = (f"\N{PILCROW SIGN}{name}" for name in ("mode", "ahead", "after", "most", "sec"))
"""Marks in the prepared texts: display mode, requests ahead, seconds until the next try, the limits of the address."""
SHORTEST_AFTER: Final = 5
LONGEST_AFTER: Final = 60


@dataclass(frozen=True, slots=True)
class Prepared:
    """One answer in one language: the page, and its sentences for a program."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Pages:
    """All answers by name and language. `reads(cookies, languages, own)` gives language and display mode of a reader,
    `own` being the language of whoever is signed in; `headers` are those that every page of the site carries.
    """

    texts: Mapping[tuple[str, str], Prepared]
    headers: Headers
    reads: Callable[[str, str, str], tuple[str, str]]

    async def answer(
        self, name: str, asked: Asked, send: Send, *, closes: bool = False, ahead: int = 0, expected: float = 0.0
    ) -> None:
        """Send the answer of this name. `ahead` requests come first; in `expected` seconds it would be their turn."""
        if name == "busy" and asked.writes:
            name = "busy-form"
        own = asked.person.language if asked.person else ""
        language, mode = self.reads(asked.cookies.decode("latin-1"), asked.languages.decode("latin-1"), own)
        after = min(LONGEST_AFTER, max(1 if name == "many" else SHORTEST_AFTER, round(expected)))
        marks = {
            MODE: mode,
            AHEAD: f"{max(1, ahead):,}",
            AFTER: str(after),
            MOST: size(asked.most),
            SECONDS: str(asked.rule.seconds),
        }
        prepared = self.texts[name, language]
        kind, body = "text/html; charset=utf-8", _filled(prepared.html, marks)
        if asked.by_script:
            kind = "application/json"
            body = json.dumps({"reasons": [_filled(prepared.text, marks)], "retry_after": after}, ensure_ascii=False)
        content = body.encode()
        headers = [
            *self.headers,
            (b"content-type", kind.encode()),
            (b"content-length", str(len(content)).encode()),
            (b"content-language", language.encode()),
            (b"cache-control", b"no-store"),
        ]
        if name in COMES_AGAIN:
            headers.append((b"retry-after", str(after).encode()))
        if closes and asked.one_at_a_time:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": ANSWERS[name], "headers": headers})
        await send({"type": "http.response.body", "body": b"" if asked.method == "HEAD" else content})


def size(number: int) -> str:
    """Bytes as people say them, in whole units: `16 KB`, `2,004 MB`."""
    return f"{number // 1024**2:,} MB" if number >= 1024**2 else f"{number // 1024} KB"


def _filled(text: str, marks: Mapping[str, str]) -> str:
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text
