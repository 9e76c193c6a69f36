"""Strings as a PDF writes them: in brackets with escapes, or in hexadecimal digits. Imports no Django."""

import re
from typing import Final

_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def value(written: bytes) -> bytes:
    """The bytes of a string, with its brackets."""
    if written.startswith(b"<"):
        digits = re.sub(rb"\s", b"", written[1:-1])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())

    def escaped(found: re.Match[bytes]) -> bytes:
        said = found[1]
        if said[:1].isdigit():
            return bytes([int(said, 8) & 0xFF])
        return b"" if said in (b"\n", b"\r\n", b"\r") else _ESCAPES.get(said, said)

    return re.sub(rb"\\([0-7]{1,3}|\r\n|.)", escaped, written[1:-1], flags=re.DOTALL)


def text(written: bytes) -> str:
    """The same as text."""
    content = value(written)
    if content.startswith(b"\xfe\xff"):
        return content[2:].decode("utf-16-be", "replace")
    return content.decode("utf-8" if content.startswith(b"\xef\xbb\xbf") else "latin-1", "replace")
