"""Canonical JSON (RFC 8785): one value, one sequence of bytes, on every machine.

Records hold text, whole numbers up to 2^53, true, false, null, lists and maps; no other numbers, so that nothing
depends on how a language prints a float. Within that, Python's own encoder, written in C,
writes exactly the RFC's form; the tests hold it against the `rfc8785` package.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from madang.core.problem import LARGEST, pointer

_BMP_END = "\uffff"


class NotCanonical(ValueError):
    """A value that has no canonical form here; `at` is its JSON pointer."""

    def __init__(self, at: str, problem: str) -> None:
        self.at, self.problem = at, problem
        super().__init__(f"{at or 'the value'}: {problem}")


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value; raises `NotCanonical` on a float, a huge integer or a lone surrogate."""
    if not _plain(value):
        _check(value, ())
    try:
        return _encode(value)
    except UnicodeEncodeError:
        raise NotCanonical("", "text with a lone surrogate") from None


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _encode(value: Any) -> bytes:
    return _ENCODER.encode(value).encode("utf-8")


def text_digest(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, in hexadecimal: how a published definition is named."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: Any) -> bool:
    """Whether everything in a value is what records nearly always hold; `_check` judges the rest, and names the place.

    A record is held to this several times over, hence no path, and no call for what stands inside a map or a list.
    """
    if isinstance(value, dict):
        try:
            if not "".join(value).isascii():
                return False
        except TypeError:  # a key that is not text
            return False
        items: Iterable[Any] = value.values()
    elif isinstance(value, list | tuple):
        items = value
    else:
        items = (value,)
    for item in items:
        kind = type(item)
        if kind is str or item is None or kind is bool:
            continue
        if kind is int:
            if not -LARGEST <= item <= LARGEST:
                return False
        elif not (kind is dict or kind is list or kind is tuple) or not _plain(item):
            return False
    return True


def _check(value: Any, path: tuple[str | int, ...]) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(pointer(path), "an integer beyond 2^53")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonical(pointer(path), "a key that is not text")
            # RFC 8785 sorts by UTF-16 units, Python by code points: they part only beyond the basic plane
            if key and max(key) > _BMP_END:
                raise NotCanonical(pointer(path), "a key beyond the basic plane")
            _check(item, (*path, key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _check(item, (*path, number))
    else:
        raise NotCanonical(pointer(path), f"a {type(value).__name__}")
