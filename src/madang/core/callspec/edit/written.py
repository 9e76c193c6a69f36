"""Plain values as YAML: on one line where they fit, else line by line. What `Source` reads back is the same value."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

WIDTH = 110
"""A part is written on one line up to so many characters."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?")
_PLAIN = re.compile(r"(?=.*[^\W\d_])[A-Za-z0-9가-힣]([\w가-힣 .()/%+*&|<>=!;·-]*[\w가-힣.()%])?")
_CORE = frozenset(("null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"))
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            text = format(value, "f")
            return text if "." in text else f"{text}.0"
    return _text(str(value))


def _text(text: str) -> str:
    if _DAY.fullmatch(text) or (_PLAIN.fullmatch(text) and text not in _CORE and len(text) < 2000):
        return text
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))


def one_line(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(str(key))}: {one_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(one_line, value)) + "]"
    return scalar(value)


def behind_key(value: Any, indent: int) -> str:
    """What follows `key:` for a key that stands `indent` characters in: ` value`, or lines of their own."""
    line = one_line(value)
    if not value or not isinstance(value, dict | list) or (len(line) + indent <= WIDTH and not _has_parts(value)):
        return f" {line}"
    return "\n" + "\n".join(lines(value, indent + 2))


def lines(value: Any, indent: int) -> list[str]:
    """A part or list line by line, `indent` characters in."""
    room = " " * indent
    if isinstance(value, list) and value:
        return [line for one in value for line in item(one, indent)]
    if isinstance(value, dict) and value:
        return [line for key, one in value.items() for line in _pair(key, one, indent)]
    return [room + one_line(value)]


def item(value: Any, indent: int) -> list[str]:
    """One item of a list, from its dash on."""
    line = one_line(value)
    if not isinstance(value, dict) or not value or len(line) + indent + 2 <= WIDTH:
        return [f"{' ' * indent}- {line}"]
    inner = lines(value, indent + 2)
    return [f"{' ' * indent}- {inner[0].lstrip()}", *inner[1:]]


def _pair(key: str, value: Any, indent: int) -> list[str]:
    return f"{' ' * indent}{_text(str(key))}:{behind_key(value, indent)}".split("\n")


def _has_parts(value: Any) -> bool:
    """A list of parts reads better line by line."""
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)
