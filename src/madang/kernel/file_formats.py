"""What a file is, by its content, and a name for it that harms nobody. Imports no Django.

Names and declared types say nothing: whoever hands a file in chooses them.
"""

import re
import unicodedata
import zipfile
from typing import BinaryIO, Final

from madang.core.callspec.asked import FILE_FORMATS
from madang.kernel.incoming.compound import MAGIC as OLE
from madang.kernel.incoming.ole import is_hwp

FORMATS: Final = FILE_FORMATS
"""What can be told apart, as a call definition may ask for it."""

_SAME: Final = {"jpg": ("jpg", "jpeg")}
_BY_MIMETYPE: Final = {
    b"application/hwp+zip": "hwpx",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_BY_MEMBER: Final = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_BY_TYPE: Final = {  # in the list of content types: a main part may be called otherwise
    b"wordprocessingml.document.main+xml": "docx",
    b"spreadsheetml.sheet.main+xml": "xlsx",
    b"presentationml.presentation.main+xml": "pptx",
    b"presentationml.slideshow.main+xml": "pptx",
}
_LARGEST_LIST = 4 * 1024 * 1024  # bytes of a zip file's list of members: more is no document
_END_OF_ZIP = b"PK\x05\x06"
_HWP = b"HWP Document File V"  # of the last century: one piece, without a directory
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*/\\]')
_LONGEST_NAME = 150


def format_of(file: BinaryIO) -> str | None:
    """The format of a file (one of `FORMATS`), or nothing. The file must be able to seek; it is read in pieces."""
    file.seek(0)
    head = file.read(1024)
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(_HWP) or (head.startswith(OLE) and is_hwp(file)):
        return "hwp"
    return _of_zip(file) if head.startswith(b"PK\x03\x04") else None


def _of_zip(file: BinaryIO) -> str | None:
    """By the members' names only: nothing is unpacked but `mimetype` and the list of content types."""
    if not _sane_list(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    if found := _BY_MIMETYPE.get(member.read(100).strip()):
                        return found
            types = b""
            if "[Content_Types].xml" in names:
                with archive.open("[Content_Types].xml") as member:
                    types = member.read(_LARGEST_LIST)
    except Exception:  # a broken or forged archive may fail in any way; it is then no document
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names) or b"macroEnabled" in types:
        return None
    if types and (found := next((format for member, format in _BY_MEMBER.items() if member in names), None)):
        return found
    return next((format for kind, format in _BY_TYPE.items() if kind in types), "zip")


def _sane_list(file: BinaryIO) -> bool:
    """Whether the list of members is there and small enough to be read; a forged one can be made to eat memory."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(_END_OF_ZIP)
    return at >= 0 and len(tail) >= at + 22 and int.from_bytes(tail[at + 12 : at + 16], "little") <= _LARGEST_LIST


def harmless_name(given: str, format: str) -> str:
    """A name to show and to save under: no path, nothing invisible, nothing reserved, ending as its content asks."""
    text = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    text = "".join(" " if char.isspace() else char for char in text)
    text = "".join(char for char in text if unicodedata.category(char)[0] != "C" or char in "\u200c\u200d")
    text = " ".join(_FORBIDDEN.sub("_", text).split()).strip(". ")
    stem, dot, ending = text.rpartition(".")
    if not dot or ending.lower() not in _SAME.get(format, (format,)):
        stem, ending = text, format
    stem = stem[:_LONGEST_NAME].rstrip(". ") or "file"
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending}"
