"""HTML as a tree: what somebody wrote cannot break it, and tags always balance."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element  # writes only; nothing is parsed

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
#: Characters that turn the direction of the text after them, with which a name could disguise itself.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

Part = Element | str | None


def h(tag: str, *parts: Part, **attributes: str | int | None) -> Element:
    """An element: `h("p", "text", class_="note")`. A trailing `_` is cut off a name, other `_` become `-`."""
    element = Element(tag)
    for name, value in attributes.items():
        if value is not None:
            element.set(name.rstrip("_").replace("_", "-"), clean(str(value)))
    last: Element | None = None
    for part in parts:
        if isinstance(part, Element):
            element.append(part)
            last = part
        elif part:
            text = clean(part)
            if last is None:
                element.text = (element.text or "") + text
            else:
                last.tail = (last.tail or "") + text
    return element


def clean(text: str) -> str:
    """Without characters that no page may hold, or that turn what follows them."""
    if text.isprintable():  # such characters are not
        return text
    return _TURNING.sub("", _CONTROL.sub("\ufffd", text))
