"""Files as people hand them in, each written by a program that is not ours where there is one; and files as an enemy
makes them. All small, all made when asked for: none of them lies in the repository.
"""

import base64
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

# --- As people hand them in -------------------------------------------------------------------------------------------


@cache
def hwp() -> bytes:
    from hwpx import HwpxDocument

    document = HwpxDocument.new()
    document.add_paragraph("스마트도시 사업계획서")
    with tempfile.TemporaryDirectory() as folder:
        document.save_to_path(str(Path(folder) / "plan.hwp"))
        return (Path(folder) / "plan.hwp").read_bytes()


@cache
def hwpx() -> bytes:
    from hwpx import HwpxDocument

    document = HwpxDocument.new()
    document.add_paragraph("스마트도시 사업계획서")
    return document.to_bytes()


@cache
def docx() -> bytes:
    from docx import Document

    document, content = Document(), io.BytesIO()
    document.add_paragraph("A plan for a quiet city")
    document.save(content)
    return content.getvalue()


@cache
def xlsx() -> bytes:
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.add_worksheet("예산").write_column(0, 0, range(500))
    return content.getvalue()


@cache
def pdf() -> bytes:
    import typst

    return bytes(typst.compile(b"= A plan\nfor a quiet city"))


def png(width: int = 2, height: int = 2) -> bytes:
    """A picture that says it is so large; its points are there only for a small one."""
    points = b"".join(b"\0" + b"\x40\x80\xc0" * width for _ in range(height)) if width * height < 10**6 else b"\0" * 100

    def piece(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", zlib.compress(points)) + piece(b"IEND", b"")


def jpg(width: int = 1, height: int = 1) -> bytes:
    """The smallest picture, from a real encoder; its size in the header can be made to lie."""
    content = base64.b64decode(
        "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQ"
        "CgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k="
    )
    at = content.index(b"\xff\xc9") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def odf(mimetype: str, **members: bytes) -> bytes:
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    content = {"content.xml": b"<office:document-content/>", "META-INF/manifest.xml": manifest}
    kind = {"mimetype": f"application/vnd.oasis.opendocument.{mimetype}".encode()}
    return zipped(kind | content | {name.replace("__", "/"): text for name, text in members.items()})


def office(kind: str, members: dict[str, bytes] | None = None) -> bytes:
    """An Office Open XML package of this main content type, with other members in it."""
    types = f'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
    return zipped({"[Content_Types].xml": types.encode(), "main.xml": b"<a/>"} | (members or {}))


def pptx() -> bytes:
    return office("presentationml.presentation")


def zipped(members: dict[str, bytes], *, level: int = 6) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, text in members.items():
            archive.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return content.getvalue()


def altered_pdf(change: Callable[[Any], None]) -> bytes:
    """The PDF, with something added by pypdf."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    change(writer)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def embedding_workbook() -> bytes:
    """A document with a workbook in it, as Word makes them for a chart."""
    return office("wordprocessingml.document", {"word/embeddings/Sheet1.xlsx": xlsx()})


def with_bom() -> bytes:
    return b"\xef\xbb\xbf\r\n" + pdf()


GOOD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a Hangul document": ("hwp", hwp),
    "an open Hangul document": ("hwpx", hwpx),
    "a Word document": ("docx", docx),
    "a Word document with a workbook in it": ("docx", embedding_workbook),
    "a workbook": ("xlsx", xlsx),
    "a presentation": ("pptx", pptx),
    "an OpenDocument text": ("odt", lambda: odf("text", Basic__Standard__script_lb_xml=b"")),
    "an OpenDocument sheet": ("ods", lambda: odf("spreadsheet")),
    "a PDF": ("pdf", pdf),
    "a PDF behind a byte order mark": ("pdf", with_bom),
    "a PDF behind a printer's words": ("pdf", lambda: b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n" + pdf()),
    "a PDF with bytes behind its end": ("pdf", lambda: pdf() + b"\0" * 3000),
    "a PDF that asks to be printed": ("pdf", lambda: scripted_pdf("this.print(true)")),
    "a PDF with a table attached": ("pdf", lambda: altered_pdf(lambda one: one.add_attachment("a.csv", b"1,2"))),
    "a PDF with an archive attached": ("pdf", lambda: altered_pdf(lambda one: one.add_attachment("a.xlsx", xlsx()))),
    "a PDF that may not be printed": ("pdf", lambda: locked_pdf("", "owner", "RC4-128")),
    "a PDF that may not be printed, newer": ("pdf", lambda: locked_pdf("", "owner", "AES-256")),
    "a picture": ("png", png),
    "a photograph": ("jpg", jpg),
    "a photograph with what a telephone adds": ("jpg", lambda: jpg() + b"SEFT" + b"\0" * 500),
    "an archive of documents": (
        "zip",
        lambda: zipped({"계획/plan.docx": docx(), "계획/표.xlsx": xlsx(), "계획/": b""}),
    ),
    "an archive from another system": ("zip", lambda: zipped({"plan\\list.txt": b"1"})),
}
"""What must be taken: its format, and how it is made."""


def scripted_pdf(script: str) -> bytes:
    from pypdf.actions import JavaScript

    return altered_pdf(lambda one: one.add_open_action(JavaScript(script)))


def locked_pdf(user: str, owner: str, algorithm: str) -> bytes:
    return altered_pdf(lambda one: one.encrypt(user, owner, algorithm=algorithm))


# --- As an enemy makes them -------------------------------------------------------------------------------------------


def compound(*streams: str, **contents: bytes) -> bytes:
    from hwpx.hwp5.cfb import build_compound_file

    given = [(name, b"x" * 100) for name in streams]
    return build_compound_file(given + [(name.replace("__", "/"), text) for name, text in contents.items()])


def changed_hwp(*, flags: int = 0, script: str = "") -> bytes:
    """The Hangul document with these flags (password, DRM) or this script."""
    from hwpx.hwp5.cfb import CompoundFile, build_compound_file

    found = CompoundFile(hwp())
    streams = {path: found.read(path) for path in found.stream_paths()}
    header = bytearray(streams["FileHeader"])
    packed = header[36] & 1
    header[36:40] = struct.pack("<I", struct.unpack_from("<I", header, 36)[0] | flags)
    streams["FileHeader"] = bytes(header)
    if script:
        text = struct.pack("<I", 0) + struct.pack("<I", len(script)) + script.encode("utf-16-le") + b"\xff" * 4
        press = zlib.compressobj(wbits=-15)
        streams["Scripts/DefaultJScript"] = press.compress(text) + press.flush() if packed else text
    return build_compound_file(list(streams.items()))


def with_flag(archive: bytes, flag: int = 1) -> bytes:
    """Every member marked as enciphered, in both places where a ZIP says so."""
    content = bytearray(archive)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= flag
            place = content.find(mark, place + 4)
    return bytes(content)


@cache
def dense() -> bytes:
    """A few hundred kilobytes that unpack to 300 MB."""
    return zipped({f"{n}.xml": b"\0" * 30 * 2**20 for n in range(10)}, level=1)


def overlapping(copies: int = 200) -> bytes:
    """One member's bytes listed many times (Fifield's bomb, in its simplest form)."""
    content = bytearray(zipped({"a.txt": b"\0" * 2**20}))
    end = content.rfind(b"PK\x05\x06")
    begin = content.find(b"PK\x01\x02")
    entry = bytes(content[begin:end])
    listed = b"".join(entry.replace(b"a.txt", b"%05d" % n) for n in range(copies))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, copies, copies, len(listed), begin, 0)
    return bytes(content[:begin]) + listed + tail


def lying(size: int = 10) -> bytes:
    """A member of a megabyte that says it has ten bytes, in both places."""
    content = bytearray(zipped({"word/document.xml": b"\0" * 2**20}))
    content[22:26] = struct.pack("<I", size)
    begin = content.find(b"PK\x01\x02")
    content[begin + 24 : begin + 28] = struct.pack("<I", size)
    return bytes(content)


def many_members(number: int = 10_001) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for n in range(number):
            archive.writestr(f"{n}", b"")
    return content.getvalue()


def nested(depth: int = 4) -> bytes:
    content = b"at last"
    for n in range(depth):
        content = zipped({f"{n}.zip": content, "beside.txt": b"x"})
    return content


def program() -> bytes:
    return b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0" + b"\0" * 200


def launching(name: bytes = b"/Launch") -> bytes:
    action = b"1 0 obj<</Type/Action/S %s/F(cmd.exe)>>endobj\n" % name
    return b"%PDF-1.7\n" + action + b"trailer<<>>\nstartxref\n9\n%%EOF\n"


def launching_inside() -> bytes:
    """The same where only a reader of PDF sees it: in a packed stream of objects."""
    packed = zlib.compress(b"1 0 <</Type/Action/S/Launch/F(cmd.exe)>>")
    head = b"2 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\r\n" % len(packed)
    return b"%PDF-1.7\n" + head + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"


def _ooxml_macro() -> bytes:
    return office("wordprocessingml.document", {"word/vbaProject.bin": compound("VBA")})


def _macro_enabled() -> bytes:
    types = b'<Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'
    return zipped({"[Content_Types].xml": types, "xl/workbook.xml": b"<a/>"})


def _hwpx_with_script() -> bytes:
    content = io.BytesIO(hwpx())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("Scripts/sourceScripts.js", 'function OnDocument_Open() { run("x"); }'.encode("utf-16-le"))
    return content.getvalue()


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

EVIL: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "nothing": ("plan.pdf", "draft_file_empty", lambda: b""),
    "a bomb": ("plan.docx", "file_zip_large", dense),
    "a bomb of one member listed often": ("plan.docx", "file_zip_unsound", overlapping),
    "a bomb that lies about its size": ("plan.docx", "file_zip_unsound", lying),
    "a bomb of many members": ("plan.zip", "file_zip_members", many_members),
    "a bomb of bombs": ("plan.zip", "file_zip_nested", nested),
    "a bomb in an archive": ("plan.zip", "file_zip_large", lambda: zipped({"a.docx": dense()})),
    "a page before a PDF": ("plan.pdf", "file_two_formats", lambda: b"<html><script>alert(1)</script>" + pdf()),
    "a page in a PDF's head": ("plan.pdf", "file_two_formats", lambda: b"%PDF-1.7 <script>1</script>" + pdf()),
    "a picture before a PDF": ("plan.pdf", "file_two_formats", lambda: b"GIF89a" + pdf()),
    "a program before a PDF": ("plan.pdf", "file_two_formats", lambda: program()[:200] + pdf()),
    "an archive behind a PDF": ("plan.pdf", "file_two_formats", lambda: pdf() + zipped({"a.txt": b"a"})),
    "an archive behind a picture": ("a.png", "file_two_formats", lambda: png() + zipped({"a.txt": b"a"})),
    "a PDF without an end": ("plan.pdf", "file_damaged", lambda: pdf()[: len(pdf()) // 2]),
    "a PDF far from the beginning": ("plan.pdf", "draft_file_unknown", lambda: b" " * 5000 + pdf()),
    "a GIF that is a script": ("a.png", "draft_file_unknown", lambda: b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"),
    "a drawing with a script": ("a.svg", "draft_file_unknown", lambda: _SVG),
    "a drawing that says it is a picture": ("a.png", "draft_file_unknown", lambda: _SVG),
    "a drawing that says it is a PDF": ("a.pdf", "draft_file_unknown", lambda: b'<?xml version="1.0"?>' + _SVG),
    "macros in a document": ("plan.docx", "file_has_macros", _ooxml_macro),
    "a workbook made for macros": ("a.xlsm", "file_has_macros", _macro_enabled),
    "macros in a workbook in a document": (
        "plan.docx",
        "file_has_macros",
        lambda: office("wordprocessingml.document", {"word/embeddings/a.xlsx": _macro_enabled()}),
    ),
    "macros in an OpenDocument": (
        "plan.odt",
        "file_has_macros",
        lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "Basic/Standard/Run.xml": b"<a/>"}),
    ),
    "a script in an OpenDocument": (
        "plan.odt",
        "file_has_macros",
        lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "Scripts/python/run.py": b"1"}),
    ),
    "a script in a Hangul document": (
        "plan.hwp",
        "file_has_macros",
        lambda: changed_hwp(script='function OnDocument_Open() { new ActiveXObject("WScript.Shell"); }'),
    ),
    "a script in an open Hangul document": ("plan.hwpx", "file_has_macros", _hwpx_with_script),
    "an old Word document": ("plan.doc", "file_old_office", lambda: compound("WordDocument", "Macros/VBA/dir")),
    "an old workbook": ("a.xls", "file_old_office", lambda: compound("Workbook", "_VBA_PROJECT_CUR/VBA/dir")),
    "another compound file": ("plan.hwp", "draft_file_unknown", lambda: compound("Anything")),
    "a Word document behind a password": (
        "plan.docx",
        "file_encrypted",
        lambda: compound("EncryptedPackage", "EncryptionInfo"),
    ),
    "an archive behind a password": ("plan.zip", "file_encrypted", lambda: with_flag(zipped({"a.txt": b"a" * 50}))),
    "an OpenDocument behind a password": (
        "plan.odt",
        "file_encrypted",
        lambda: zipped(
            {
                "mimetype": b"application/vnd.oasis.opendocument.text",
                "META-INF/manifest.xml": b"<manifest:encryption-data/>",
            }
        ),
    ),
    "a Hangul document behind a password": ("plan.hwp", "file_encrypted", lambda: changed_hwp(flags=2)),
    "a Hangul document behind a DRM": ("plan.hwp", "file_encrypted", lambda: changed_hwp(flags=16)),
    "an office's document protection": (
        "plan.hwp",
        "file_encrypted",
        lambda: b"\x9b DRMONE  This Document is",
    ),
    "a PDF behind a password": ("plan.pdf", "file_encrypted", lambda: locked_pdf("user", "owner", "RC4-128")),
    "a PDF behind a newer password": ("plan.pdf", "file_encrypted", lambda: locked_pdf("user", "owner", "AES-256")),
    "a PDF that starts a program": ("plan.pdf", "file_starts_something", launching),
    "a PDF that starts a program, disguised": ("plan.pdf", "file_starts_something", lambda: launching(b"/L#61unch")),
    "a PDF that starts a program, packed": ("plan.pdf", "file_starts_something", launching_inside),
    "a program in a PDF": (
        "plan.pdf",
        "file_holds_program",
        lambda: altered_pdf(lambda one: one.add_attachment("readme.txt", program())),
    ),
    "a program's name in a PDF": (
        "plan.pdf",
        "file_holds_program",
        lambda: altered_pdf(lambda one: one.add_attachment("readme.exe", b"text")),
    ),
    "a program": ("plan.pdf.exe", "draft_file_unknown", program),
    "a program in an archive": ("plan.zip", "file_holds_program", lambda: zipped({"readme.txt": program()})),
    "a program's name in an archive": ("plan.zip", "file_holds_program", lambda: zipped({"plan.pdf.exe": b"text"})),
    "paths that lead out": ("plan.zip", "file_zip_paths", lambda: zipped({"../../etc/passwd": b"x"})),
    "paths of another system": ("plan.zip", "file_zip_paths", lambda: zipped({"C:\\Windows\\a.txt": b"x"})),
    "a huge picture": ("a.png", "file_picture_too_large", lambda: png(60_000, 60_000)),
    "a huge photograph": ("a.jpg", "file_picture_too_large", lambda: jpg(60_000, 60_000)),
    "half a picture": ("a.png", "file_damaged", lambda: png()[:-20]),
    "half a document": ("plan.docx", "file_damaged", lambda: docx()[: len(docx()) // 2]),
}
"""What must be refused: the name that it comes under, the code of the reason, and how it is made."""

NAMES: dict[str, str] = {
    "plan.pdf.exe": "plan.pdf.exe.pdf",
    "plan.pdf .pdf": "plan.pdf.pdf",
    "plan.exe": "plan.exe.pdf",
    "\u202efdp.exe": "fdp.exe.pdf",
    "../../../etc/passwd": "passwd.pdf",
    "C:\\Windows\\system32\\con": "_con.pdf",
    "COM¹.pdf": "_COM¹.pdf",
    "plan\x00.exe\x00.pdf": "plan.exe.pdf",
    "가" * 10_000 + ".pdf": "가" * 150 + ".pdf",
    "": "file.pdf",
    "CON .pdf": "_CON.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "a Set-Cookie_ x=1.pdf",
}
"""Names as they are given, and as they are kept, of a PDF."""
