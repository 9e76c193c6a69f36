"""Hancom's document, read by unhwp (Rust, not what wrote it), checked by the published schema and as a package."""

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from zipfile import ZIP_STORED, ZipFile

import pytest
import unhwp
from hwpx.tools.package_validator import validate_editor_open_safety, validate_package
from hwpx.tools.validator import validate_document

from madang.papers import hwpx
from madang.papers.hwpx_look import LOOKS
from tests.papers.paper_parts import SHOWN, hostile, paper

HP, HH = (f"{{http://www.hancom.co.kr/hwpml/2011/{name}}}" for name in ("paragraph", "head"))


@pytest.fixture(scope="module")
def file() -> bytes:
    return hwpx.render(paper(rows=40))


@pytest.fixture(scope="module")
def sections(file: bytes) -> list[ET.Element]:
    return sections_of(file)


@pytest.fixture(scope="module")
def head(file: bytes) -> ET.Element:
    return ET.fromstring(parts(file)["Contents/header.xml"])


def parts(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def sections_of(data: bytes) -> list[ET.Element]:
    found = parts(data)
    return [ET.fromstring(found[name]) for name in sorted(found) if name.startswith("Contents/section")]


def words(element: ET.Element) -> str:
    """Of an element and what is in it, tables too; a line break is a line."""
    pieces = []
    for text in element.iter(f"{HP}t"):
        pieces += [text.text or "", *("\n" + (after.tail or "") for after in text)]
    return "".join(pieces)


def test_another_reader_finds_title_texts_tables_and_pictures(file):
    with unhwp.parse_bytes(file) as read:
        assert (read.title, read.author) == ("해외실증형 공모", "Madang")
        assert (read.section_count, read.image_count) == (3, 1)
        text = read.plain_text
        tables = read.markdown
    order = ["결정 보고서", "24건 가운데", "1. 기본 정보", "국가별 2건까지", "madang verify", "2. 넓은 표", "끝입니다."]
    assert sorted(order, key=text.rindex) == order
    assert "| A040 | 기관 40 | 60.25 |" in tables
    assert re.search(r"\| \*\*순위\*\* \| \*\*번호\*\* \| \*\*신청 기관\*\* \| \*\*점수\*\* \|\n\| :?-", tables)


@pytest.mark.parametrize("made", [paper(rows=40), paper("en"), replace(paper(), sample_note=""), hostile()])
def test_schema_and_package(made):
    """Against the schema of KS X 6101, but for where Hancom's own files depart from it (a list in the validator)."""
    data = hwpx.render(made)
    assert validate_document(data).issues == ()
    assert [issue.message for issue in validate_package(data).issues if issue.level == "error"] == []
    assert validate_editor_open_safety(data).ok


def test_the_package_is_what_readers_look_for_first(file):
    with ZipFile(io.BytesIO(file)) as package:
        first = package.infolist()[0]
        assert (first.filename, first.compress_type, package.read(first)) == (
            "mimetype",
            ZIP_STORED,
            b"application/hwp+zip",
        )
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {"version.xml", "META-INF/container.xml", "Contents/content.hpf", "Contents/header.xml"} <= set(
            package.namelist()
        )
    for name, data in parts(file).items():
        if name.startswith("Contents/section"):
            assert not re.search(rb"\bns\d+:", data)  # readers that look for `hp:p` by its prefix find it


def test_outline_levels_and_no_second_numbers(sections, head):
    levels = {
        shape.get("id"): heading.get("level")
        for shape in head.iter(f"{HH}paraPr")
        for heading in shape.iter(f"{HH}heading")
        if heading.get("type") == "OUTLINE"
    }
    styles = {style.get("id"): style.get("name") for style in head.iter(f"{HH}style")}
    found = [
        (styles[one.get("styleIDRef")], levels[one.get("paraPrIDRef")], words(one))
        for section in sections
        for one in section.iter(f"{HP}p")
        if one.get("paraPrIDRef") in levels
    ]
    assert found == [
        ("개요 1", "0", "1. 기본 정보"), ("개요 2", "1", "1.1. 규칙"), ("개요 3", "2", "그림"),
        ("개요 1", "0", "2. 넓은 표"), ("개요 1", "0", "3. 검증"),
    ]  # fmt: skip
    assert not [level.text for level in head.iter(f"{HH}paraHead") if level.text]  # the outline counts nothing itself


def test_every_reference_into_the_head_is_there(sections, head):
    kinds = {"paraPrIDRef": "paraPr", "charPrIDRef": "charPr", "styleIDRef": "style", "borderFillIDRef": "borderFill"}
    for name, kind in kinds.items():
        known = [one.get("id") for one in head.iter(f"{HH}{kind}")]
        assert len(known) == len(set(known))
        used = {one.get(name) for root in (*sections, head) for one in root.iter()} - {None, "4294967295"}
        assert used <= set(known), name


def test_tables_repeat_their_head_and_numbers_stand_right(sections, head):
    aligned = {shape.get("id"): shape.find(f"{HH}align").get("horizontal") for shape in head.iter(f"{HH}paraPr")}
    table = next(one for one in sections[0].iter(f"{HP}tbl") if "A040" in words(one))
    rows = list(table.iter(f"{HP}tr"))

    assert (table.get("repeatHeader"), table.get("rowCnt"), table.get("colCnt")) == ("1", str(len(rows)), "4")
    assert [{cell.get("header") for cell in row.iter(f"{HP}tc")} for row in rows] == [{"1"}] + [{"0"}] * (len(rows) - 1)
    second = [aligned[cell.find(f".//{HP}p").get("paraPrIDRef")] for cell in rows[1].iter(f"{HP}tc")]
    assert second == ["RIGHT", "LEFT", "LEFT", "RIGHT"]
    for number, row in enumerate(rows):
        cells = list(row.iter(f"{HP}tc"))
        assert {cell.find(f"{HP}cellAddr").get("rowAddr") for cell in cells} == {str(number)}
        assert sum(int(cell.find(f"{HP}cellSpan").get("colSpan")) for cell in cells) == 4
        assert sum(int(cell.find(f"{HP}cellSz").get("width")) for cell in cells) == int(170 * 7200 / 25.4)


def test_the_sample_and_the_number_stand_on_every_page(sections):
    for section in sections:
        (above,), (below,) = (list(section.iter(f"{HP}{kind}")) for kind in ("header", "footer"))
        assert above.get("applyPageType") == below.get("applyPageType") == "BOTH"
        assert words(above) == "표본 – 지어낸 자료입니다"
        assert words(below).startswith("뿌리 829c 518f")
        assert [one.get("numType") for one in below.iter(f"{HP}autoNum")] == ["PAGE"]
        shown = section.find(f".//{HP}visibility")
        assert (shown.get("hideFirstHeader"), shown.get("hideFirstFooter")) == ("0", "0")

    plain = sections_of(hwpx.render(replace(paper(), sample_note="")))
    assert not [one for section in plain for one in section.iter(f"{HP}header")]


def test_a_wide_table_lies_on_its_side_with_its_heading(sections):
    turned = [section.find(f".//{HP}pagePr").get("landscape") for section in sections]
    assert turned == ["WIDELY", "NARROWLY", "WIDELY"]  # so OWPML names upright and lying
    assert words(sections[1][1]) == "2. 넓은 표"  # after the paragraph that holds the settings
    assert "기준별 점수" in words(sections[1])


def test_pictures_have_words_and_a_page_break_breaks(sections, file):
    picture = sections[0].find(f".//{HP}pic")
    assert picture.find(f"{HP}shapeComment").text == "막대 다섯 개의 그림"
    assert parts(file)["BinData/BIN0001.png"].startswith(b"\x89PNG")
    broken = [words(one) for one in sections[0].iter(f"{HP}p") if one.get("pageBreak") == "1"]
    assert broken == ["1. 기본 정보"]


@pytest.mark.parametrize(("language", "number", "short"), [("ko", "1042", "ko"), ("en", "1033", "en")])
def test_language_and_properties(language, number, short):
    found = parts(hwpx.render(paper(language)))
    head = ET.fromstring(found["Contents/header.xml"])
    assert {style.get("langID") for style in head.iter(f"{HH}style")} == {number}
    package = found["Contents/content.hpf"].decode()
    assert f"<opf:language>{short}</opf:language>" in package
    assert "<opf:title>해외실증형 공모</opf:title>" in package
    assert re.search(r'name="CreatedDate"[^>]*>2022-01-28T09:00:00Z<', package)
    assert "synthetic" not in package  # the author of the library's template
    faces = {font.get("face") for font in head.iter(f"{HH}font")}
    assert {"함초롬돋움", "함초롬바탕"} <= faces


def test_hostile_text_comes_out_whole_and_harmless():
    data = hwpx.render(hostile())
    texts = [words(one) for section in sections_of(data) for one in section.iter(f"{HP}p")]
    for shown in SHOWN:
        assert sum(shown in text for text in texts) >= 7, shown
    assert not [text for text in texts if re.search("[\u202a-\u202e\u2066-\u2069]", text)]
    with unhwp.parse_bytes(data) as read:
        assert "مدينة ذكية" in read.plain_text


def test_the_same_paper_is_the_same_bytes(file):
    assert hwpx.render(paper(rows=40)) == file
    assert hwpx.render(paper(rows=41)) != file


def test_ids_of_the_body_differ(sections):
    tags = [HP + name for name in ("p", "tbl", "pic", "header", "footer")]
    found = [one.get("id") for section in sections for tag in tags for one in section.iter(tag)]
    assert len(found) == len(set(found))


def test_every_look_is_used_or_the_template_has_it():
    assert len({look.english for look in LOOKS.values()}) == len(LOOKS)
