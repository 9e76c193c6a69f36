"""Just enough DER (X.690) to reach into a time-stamp token: elements with a tag, a definite length and a content."""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, OCTETS, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31


class BrokenDer(ValueError):
    """These bytes are no DER, or not the element that must stand here."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element; `whole` is it with its tag and length, as it stood there."""

    tag: int
    content: bytes
    whole: bytes

    def inside(self) -> list[Element]:
        """The elements that the content is made of; raises `BrokenDer`."""
        return elements(self.content)


def elements(data: bytes) -> list[Element]:
    """The elements that stand one after the other, filling the bytes exactly; raises `BrokenDer`. Cost: linear."""
    found, at = [], 0
    while at < len(data):
        start = at
        tag, size, at = _head(data, at)
        if at + size > len(data):
            raise BrokenDer("an element is longer than what holds it")
        found.append(Element(tag, data[at : at + size], data[start : at + size]))
        at += size
    return found


def element(data: bytes, tag: int) -> Element:
    """The one element that the bytes are; raises `BrokenDer` where it is another, or more than one."""
    found = elements(data)
    if len(found) != 1 or found[0].tag != tag:
        raise BrokenDer("another element was expected")
    return found[0]


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, length of the content, and where the content starts."""
    if at + 2 > len(data):
        raise BrokenDer("cut off")
    tag, size = data[at], data[at + 1]
    if tag & 0x1F == 0x1F:
        raise BrokenDer("a tag of several bytes")
    at += 2
    if size < 0x80:
        return tag, size, at
    count = size & 0x7F
    if not 1 <= count <= 4 or at + count > len(data):
        raise BrokenDer("an indefinite or huge length")
    return tag, int.from_bytes(data[at : at + count], "big"), at + count


def encode(tag: int, *contents: bytes) -> bytes:
    """One element around contents that stand one after the other."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def oid_text(content: bytes) -> str:
    """The content of an object identifier in dotted form; raises `BrokenDer`."""
    if not content or content[-1] & 0x80:
        raise BrokenDer("a cut object identifier")
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
