"""On which line of a JSON text something stands that its reader refuses only after it has read it.

Asked only when a text is refused, so reading sound texts costs nothing more. The text is JSON up to the place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*+"|-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|-?Infinity|NaN|[{}\[\],:]', re.DOTALL
)


def line_of_token(text: str, token: str) -> str:
    """`line 3`: where a number or a constant first stands, as it is written and outside of strings. Linear."""
    return next((_line(text, start) for found, start in _tokens(text) if found == token), "")


def line_of_duplicate(text: str) -> str:
    """`line 3`: where a key stands again, in the map that ends first of all that repeat one. Linear."""
    open_maps: list[_Map | None] = []  # None for a list
    before = ""
    for word, start in _tokens(text):
        if word in "{[":
            open_maps.append(_Map() if word == "{" else None)
        elif word in "}]":
            closed = open_maps.pop() if open_maps else None
            if closed is not None and closed.repeated is not None:
                return _line(text, closed.repeated)
        elif word[0] == '"' and before in "{," and open_maps and (innermost := open_maps[-1]) is not None:
            innermost.meet(json.loads(word), start)
        before = word
    return ""


class _Map:
    """The keys of a map that is still open, and where the first repeated one stands."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.repeated: int | None = None

    def meet(self, key: str, start: int) -> None:
        if key in self.keys and self.repeated is None:
            self.repeated = start
        self.keys.add(key)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    return ((match[0], match.start()) for match in _TOKEN.finditer(text))


def _line(text: str, start: int) -> str:
    return f"line {text.count(chr(10), 0, start) + 1}"
