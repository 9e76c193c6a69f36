"""What a file is, told by its content, and names that harm nobody."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kernel.file_formats import FORMATS, format_of, harmless_name
from madang.papers import docx, hwpx, pdf
from tests.factories.handed_in import compound, hwp
from tests.papers.paper_parts import paper

OLE = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 504


def zipped(*members: str, mimetype: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for member in members:
            archive.writestr(member, "x")
    return content.getvalue()


def told(content: bytes) -> str | None:
    return format_of(io.BytesIO(content))


@pytest.mark.parametrize(("write", "format"), [(docx.render, "docx"), (hwpx.render, "hwpx"), (pdf.render, "pdf")])
def test_our_own_papers_are_known(write, format):
    assert told(write(paper(rows=1))) == format


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0....", "jpg"),
        (b"junk before %PDF-1.4", "pdf"),
        (b"HWP Document File V3.00 \x1a", "hwp"),
        (hwp(), "hwp"),
        (compound("WordDocument", ObjectPool__FileHeader=b"HWP Document File"), None),
        (OLE + b"F\0i\0l\0e\0H\0e\0a\0d\0e\0r\0" + b"HWP Document File" + b"\0" * 20, None),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (zipped("content.xml", mimetype="application/vnd.oasis.opendocument.text"), "odt"),
        (zipped("content.xml", mimetype="application/hwp+zip\n"), "hwpx"),
        (zipped("a.txt"), "zip"),
        (zipped("a.txt", mimetype="text/html"), "zip"),
        (b"PK\x03\x04", None),
        (b"", None),
        (b"<svg onload=alert(1)>", None),
        (b"MZ", None),
    ],
)
def test_a_format_is_told_by_content(content, format):
    assert told(content) == format
    assert format is None or format in FORMATS


def test_a_forged_list_of_members_is_not_read():
    """A list of members that says it has hundreds of megabytes."""
    content = bytearray(zipped("a.txt"))
    at = content.rfind(b"PK\x05\x06")
    content[at + 12 : at + 16] = struct.pack("<I", 500_000_000)
    assert told(bytes(content)) is None


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_whatever_comes_there_is_an_answer(noise, at, value):
    content = bytearray(zipped("[Content_Types].xml", "word/document.xml", mimetype="application/hwp+zip"))
    content[at % len(content)] = value
    assert told(bytes(content) + noise) in (*FORMATS, None)
    assert told(noise) in (*FORMATS, None)


@pytest.mark.parametrize(
    ("given", "format", "name"),
    [
        ("plan.pdf", "pdf", "plan.pdf"),
        ("사업계획서 최종.hwpx", "hwpx", "사업계획서 최종.hwpx"),
        ("../../etc/passwd", "pdf", "passwd.pdf"),
        (r"C:\Users\me\plan.PDF", "pdf", "plan.PDF"),
        ("plan.exe", "pdf", "plan.exe.pdf"),
        ("photo.jpeg", "jpg", "photo.jpeg"),
        ("con.pdf", "pdf", "_con.pdf"),
        ("NUL", "pdf", "_NUL.pdf"),
        ("", "pdf", "file.pdf"),
        ("...", "pdf", "file.pdf"),
        (".htaccess", "pdf", "htaccess.pdf"),
        ("a\x00b\r\nc.pdf", "pdf", "ab c.pdf"),
        ("\u202egnp.fdp.pdf", "pdf", "gnp.fdp.pdf"),
        ('a<b>"c|d?.pdf', "pdf", "a_b__c_d_.pdf"),
        ("x" * 500 + ".pdf", "pdf", "x" * 150 + ".pdf"),
    ],
)
def test_a_name_harms_nobody(given, format, name):
    assert harmless_name(given, format) == name


@settings(deadline=None)
@given(st.text(), st.sampled_from(FORMATS))
def test_any_name_becomes_a_short_one_without_path_or_controls(given, format):
    name = harmless_name(given, format)
    assert 0 < len(name) <= 160
    assert not set(name) & set('/\\:*?"<>|\0\r\n')
    assert not name.startswith(".")
    assert harmless_name(name, format) == name
