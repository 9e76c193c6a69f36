"""What a compound file is: HWP 5 (and whether it can be read and runs nothing), or something that is not taken.

Imports no Django.
"""

import re
import struct
import zlib
from typing import BinaryIO, Final

from madang.core.reasons import Reason
from madang.kernel.incoming.compound import Compound, NotCompound
from madang.kernel.incoming.unwanted import Unwanted, damaged, encrypted, macros

_HWP: Final = b"HWP Document File"
_PACKED, _PASSWORD, _HANDED_OUT, _DRM, _BY_CERTIFICATE, _DRM_BY_CERTIFICATE = (1 << bit for bit in (0, 1, 2, 4, 8, 10))
_OLD: Final = {
    "worddocument": "DOCX",
    "workbook": "XLSX",
    "book": "XLSX",
    "powerpoint document": "PPTX",
}
_MOST_SCRIPT: Final = 256 * 1024

_COMMENTS = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_EMPTY_FUNCTION = re.compile(r"function\s+\w+\s*\([^()]*\)\s*\{\s*\}")
_DECLARATION = re.compile(r"var\s+\w+\s*=\s*(XHwpDocuments|Documents?\.[\w.]+(\(\"[^\"]*\"\))?)\s*;?")


def is_hwp(file: BinaryIO) -> bool:
    """Whether it is a document of Hangul (5.0 and later)."""
    try:
        found = Compound(file)
        return "fileheader" in found.names and found.read(found.names["fileheader"], 32).startswith(_HWP)
    except NotCompound:
        return False


def look_at_ole(file: BinaryIO) -> None:
    """Refuses what cannot be read by others, holds scripts, or is an office format of the last century. A document for
    distribution (배포용) can be read by everybody; its script cannot be seen here.
    """
    try:
        found = Compound(file)
        if "fileheader" in found.names:
            _look_at_hwp(found)
            return
    except NotCompound:
        raise damaged() from None
    if "encryptedpackage" in found.names:
        raise encrypted()
    for stream, better in _OLD.items():
        if stream in found.names:
            raise Unwanted(Reason("file_old_office", {"better": better}))


def _look_at_hwp(found: Compound) -> None:
    header = found.read(found.names["fileheader"], 40)
    if len(header) < 40 or not header.startswith(_HWP):
        return
    flags = struct.unpack_from("<I", header, 36)[0]
    if flags & (_PASSWORD | _DRM | _BY_CERTIFICATE | _DRM_BY_CERTIFICATE):
        raise encrypted()
    script = found.inside("scripts").get("defaultjscript")
    if script is None or flags & _HANDED_OUT:
        return
    content = found.read(script, _MOST_SCRIPT)
    if flags & _PACKED:
        try:
            content = zlib.decompressobj(-15).decompress(content, _MOST_SCRIPT)
        except zlib.error:
            return  # Hangul cannot run it either
    for text in _texts(content):
        if does_something(text):
            raise macros()


def _texts(content: bytes) -> list[str]:
    """The parts of a script stream: each with its length in characters before it."""
    found, at = [], 0
    while at + 4 <= len(content):
        length = struct.unpack_from("<I", content, at)[0]
        if length >= _MOST_SCRIPT:
            break
        found.append(content[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace"))
        at += 4 + 2 * length
    return found


def does_something(script: str) -> bool:
    """Whether a script of Hangul is more than what Hangul itself puts into every document: names, empty functions."""
    rest = _COMMENTS.sub(" ", script.replace("\r", "\n"))
    rest = _EMPTY_FUNCTION.sub(" ", rest)
    return bool(_DECLARATION.sub(" ", rest).strip("\0 \t\n\ufeff"))
