"""The Word document, opened by mammoth and by an XML parser: neither is what wrote it."""

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from zipfile import ZIP_DEFLATED, ZipFile

import mammoth
import pytest

from madang.papers import docx
from madang.papers.blocks import Grid, Heading, PageBreak, Paragraph
from madang.papers.office import stretches, widths
from tests.papers.paper_parts import COLUMNS, SHOWN, grid, hostile, paper

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@pytest.fixture(scope="module")
def file() -> bytes:
    return docx.render(paper(rows=40))


@pytest.fixture(scope="module")
def document(file: bytes) -> ET.Element:
    return part(file, "word/document.xml")


def part(data: bytes, name: str) -> ET.Element:
    with ZipFile(io.BytesIO(data)) as package:
        return ET.fromstring(package.read(name))


def html(data: bytes) -> str:
    return str(mammoth.convert_to_html(io.BytesIO(data)).value)


def words(element: ET.Element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t"))


def table_with(document: ET.Element, text: str) -> ET.Element:
    return next(table for table in document.iter(f"{W}tbl") if text in words(table))


def test_another_reader_finds_headings_tables_and_pictures(file):
    read = html(file)

    assert re.findall(r"<h([123])>(?:<a[^>]*></a>)*([^<]*)", read) == [
        ("1", "1. 기본 정보"), ("2", "1.1. 규칙"), ("3", "그림"), ("1", "2. 넓은 표"), ("1", "3. 검증"),
    ]  # fmt: skip
    assert read.count("<thead>") == 2  # mammoth makes one of rows that are repeated on every page
    assert "<td><p>A040</p></td>" in read
    assert '<td colspan="4"><p><strong>여기까지 선정 (2건)</strong></p></td>' in read
    assert re.search(r'<img alt="막대 다섯 개의 그림" src="data:image/png;base64,', read)
    assert re.search(r'href="#_Toc00000001">1\. 기본 정보<.*id="_Toc00000001"', read, re.DOTALL)


def test_numbers_stand_right_and_the_head_is_repeated(document, file):
    styles = {style.get(f"{W}styleId"): style for style in part(file, "word/styles.xml").iter(f"{W}style")}
    table = table_with(document, "A040")
    first, second = list(table.iter(f"{W}tr"))[:2]

    assert first.find(f"{W}trPr/{W}tblHeader") is not None
    assert second.find(f"{W}trPr/{W}tblHeader") is None
    used = [cell.find(f".//{W}pStyle").get(f"{W}val") for cell in second.iter(f"{W}tc")]
    aligned = [styles[name].find(f"{W}pPr/{W}jc") for name in used]
    assert [one.get(f"{W}val") if one is not None else "left" for one in aligned] == ["right", "left", "left", "right"]


def test_widths_fill_the_page_and_add_up(document):
    twips = int(170 * 1440 / 25.4)
    table = table_with(document, "A040")
    columns = [int(column.get(f"{W}w")) for column in table.iter(f"{W}gridCol")]

    assert sum(columns) == twips
    assert columns == widths(COLUMNS, twips)
    assert columns[2] > columns[1] > columns[0] > 0


def test_the_sample_and_the_number_stand_on_every_page(document, file):
    sections = list(document.iter(f"{W}sectPr"))
    assert [bool(one.findall(f"{W}headerReference")) for one in sections] == [True, False, False]  # the rest inherit
    assert [one.find(f"{W}titlePg") for one in sections] == [None] * 3  # no page is an exception
    assert words(part(file, "word/header1.xml")) == "표본 – 지어낸 자료입니다"
    foot = part(file, "word/footer1.xml")
    assert "뿌리 829c 518f" in words(foot)
    assert [code.text.strip() for code in foot.iter(f"{W}instrText")] == ["PAGE", "NUMPAGES"]

    assert words(part(docx.render(replace(paper(), sample_note="")), "word/footer1.xml")).startswith("뿌리")
    with ZipFile(io.BytesIO(docx.render(replace(paper(), sample_note="")))) as package:
        assert "word/header1.xml" not in package.namelist()


def test_a_wide_table_lies_on_its_side_with_its_heading(document):
    turned = [one.find(f"{W}pgSz").get(f"{W}orient", "portrait") for one in document.iter(f"{W}sectPr")]
    assert turned == ["portrait", "landscape", "portrait"]
    body = list(document.find(f"{W}body"))
    ends = [n for n, one in enumerate(body) if one.find(f"{W}pPr/{W}sectPr") is not None]
    assert "2. 넓은 표" in "".join(words(one) for one in body[ends[0] : ends[1]])


@pytest.mark.parametrize(("language", "spoken"), [("ko", "ko-KR"), ("en", "en-US")])
def test_language_and_properties(language, spoken):
    made = docx.render(paper(language))
    by_script = next(part(made, "word/styles.xml").iter(f"{W}lang"))  # Latin and Korean letters stand in both papers
    assert (by_script.get(f"{W}val"), by_script.get(f"{W}eastAsia")) == ("en-US", "ko-KR")
    properties = {one.tag.split("}")[1]: one.text for one in part(made, "docProps/core.xml")}
    assert (properties["title"], properties["creator"], properties["language"]) == ("해외실증형 공모", "Madang", spoken)
    assert properties["created"] == "2022-01-28T09:00:00Z"
    fonts = next(part(made, "word/styles.xml").iter(f"{W}rFonts"))
    assert fonts.get(f"{W}eastAsia") == "맑은 고딕"
    assert not [style for style in part(made, "word/styles.xml").iter(f"{W}rFonts") if f"{W}asciiTheme" in style.attrib]


def test_hostile_text_comes_out_whole_and_harmless():
    made = docx.render(hostile())
    read = part(made, "word/document.xml")
    texts = [words(one) for one in read.iter(f"{W}p")]
    for shown in SHOWN:
        assert sum(shown in text for text in texts) >= 7, shown
    assert "\u202e" not in html(made)
    assert "&lt;w:p/&gt;&amp;amp;" in html(made)


def test_nothing_runs_and_nothing_is_fetched():
    with ZipFile(io.BytesIO(docx.render(hostile()))) as package:
        names = package.namelist()
        links = "".join(package.read(name).decode() for name in names if name.endswith(".rels"))
        document = package.read("word/document.xml").decode()
    assert "External" not in links
    assert not [name for name in names if "vba" in name.lower() or name.endswith(".bin")]
    assert set(re.findall(r"<w:instrText[^>]*>([^<]*)<", document)) <= {' TOC \\o "1-1" \\h \\z \\u '}


def test_the_same_paper_is_the_same_bytes(file):
    assert docx.render(paper(rows=40)) == file
    with ZipFile(io.BytesIO(file)) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in package.infolist()} == {ZIP_DEFLATED}
        assert package.namelist()[0] == "[Content_Types].xml"
    assert docx.render(replace(paper(rows=40), made="2023-01-01T00:00:00")) != file


def test_ids_that_must_differ_do():
    document = part(docx.render(hostile()), "word/document.xml")
    for found in (
        [one.get("id") for one in document.iter(f"{WP}docPr")],
        [one.get(f"{W}name") for one in document.iter(f"{W}bookmarkStart")],
    ):
        assert len(found) == len(set(found)) == 14


def test_pages_turn_only_where_they_must():
    wide, upright = grid(1, wide=True), grid(1)
    told, head = Paragraph("text"), Heading(1, "head")

    def shape(*blocks):
        return [(one.wide, [type(block) for block in one.parts]) for one in stretches(blocks)]

    assert shape(told, upright) == [(False, [Paragraph, Grid])]
    assert shape(told, head, wide, told) == [(False, [Paragraph]), (True, [Heading, Grid]), (False, [Paragraph])]
    assert shape(told, PageBreak(), head, wide) == [(False, [Paragraph]), (True, [Heading, Grid])]
    assert shape(wide, PageBreak(), wide) == [(True, [Grid, Grid])]
    assert shape() == []
