"""How a document of Hancom Office looks: fonts, named styles and cell borders in its head, and text in its body.

Every text has a style with a name (`개요 1`, `표 글`, ...), so that an office can give the whole paper its own look in
one place. Hancom draws a paragraph by the shapes it names itself, so each names its style's shapes too.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from hwpx import HwpxDocument
from lxml import etree

from madang.papers.office import GROUND, PRIMARY, RULE, SAMPLE, SOFT, TEXT, WARN, lines, plain

SANS, SERIF = "함초롬돋움", "함초롬바탕"
HP, HH, HC = (f"{{http://www.hancom.co.kr/hwpml/2011/{name}}}" for name in ("paragraph", "head", "core"))


@dataclass(frozen=True, slots=True)
class Look:
    """Letters and paragraph of a style: points, colour as RRGGBB, spaces in points; `level` of an outline from 1.

    `bar` puts a line of that colour at the left, with `ground` behind the text.
    """

    english: str
    size: float
    ink: str = TEXT
    bold: bool = False
    font: str = SANS
    align: str = "LEFT"
    before: float = 0
    after: float = 0
    indent: float = 0
    spacing: int = 140
    keep: bool = False
    level: int = 0
    bullet: bool = False
    bar: str = ""
    ground: str = ""


_TABLE = Look("Table Text", 8.5, spacing=140)
_TABLES = {
    "표 글": _TABLE,
    "표 숫자": replace(_TABLE, english="Table Number", align="RIGHT"),
    "표 가운데": replace(_TABLE, english="Table Middle", align="CENTER"),
}
_ENDINGS = {
    "": {}, "·굵게": {"bold": True}, "·흐리게": {"ink": SOFT}, "·선": {"bold": True, "ink": PRIMARY},
}  # fmt: skip
LOOKS: Final[dict[str, Look]] = {
    "바탕글": Look("Normal", 10, font=SERIF, spacing=150),
    "본문": Look("Body", 10, font=SERIF, after=6, spacing=150),
    "구역 설정": Look("Section Settings", 1, spacing=100),
    "머리글": Look("Kicker", 11, PRIMARY, bold=True, after=6),
    "제목": Look("Title", 21, bold=True, after=8, spacing=135),
    "부제목": Look("Subtitle", 12, SOFT, after=8),
    "요지": Look("Lead", 12, SOFT, after=10, spacing=150),
    "참고": Look("Note", 9, SOFT, after=8),
    "주의": Look("Alert", 10, WARN, before=4, after=8, indent=8, bar=WARN, ground="FDF1EE"),
    "명령": Look("Code", 9, after=6, indent=8, bar=RULE, ground="F4F5F6"),
    "글머리표": Look("List Bullet", 10, font=SERIF, after=3, spacing=150, bullet=True),
    "개요 1": Look("Outline 1", 16, PRIMARY, bold=True, before=20, after=8, keep=True, level=1),
    "개요 2": Look("Outline 2", 13, bold=True, before=14, after=6, keep=True, level=2),
    "개요 3": Look("Outline 3", 11, bold=True, before=10, after=4, keep=True, level=3),
    "차례 제목": Look("TOC Heading", 12, bold=True, before=10, after=4, keep=True),
    "차례 1": Look("TOC 1", 10, after=2),
    "표 제목": Look("Table Title", 9, SOFT, bold=True, before=6, after=4, keep=True),
    "표 자리": Look("Table Place", 4, after=4, spacing=100),
    "표 항목": Look("Table Label", 8.5, SOFT, spacing=140),
    "그림": Look("Figure", 10, before=6, spacing=100, keep=True),
    "캡션": Look("Caption", 8.5, SOFT, before=4, after=6),
    "타일 이름": Look("Tile Label", 9, SOFT, indent=4),
    "타일 숫자": Look("Tile Number", 15, bold=True, spacing=120, indent=4),
    "타일 이름·반전": Look("Tile Label Reversed", 9, "FFFFFF", indent=4),
    "타일 숫자·반전": Look("Tile Number Reversed", 15, "FFFFFF", bold=True, spacing=120, indent=4),
    "머리말": Look("Header", 10, SAMPLE, bold=True, align="CENTER"),
    "꼬리말": Look("Footer", 8, SOFT, align="CENTER"),
    "작은 글": Look("Small", 8, SOFT),
} | {
    name + ending: replace(look, english=look.english + mark, **changes)  # type: ignore[arg-type]  # the four dicts above
    for name, look in _TABLES.items()
    for (ending, changes), mark in zip(_ENDINGS.items(), ("", " Bold", " Soft", " Line"), strict=True)
}


def ground_of(tile: str) -> str:
    return "selected" if tile == "selected" else "head"


def el(tag: str, *children: Any, **attributes: str) -> Any:
    """An element of a body (`hp:`)."""
    element = etree.Element(HP + tag, attributes)
    element.extend(children)
    return element


def text_box(*paragraphs: Any, align: str = "CENTER", width: int = 0, height: int = 0) -> Any:
    """The paragraphs of a cell, a header or a footer."""
    return el(
        "subList",
        *paragraphs,
        id="",
        textDirection="HORIZONTAL",
        lineWrap="BREAK",
        vertAlign=align,
        linkListIDRef="0",
        linkListNextIDRef="0",
        textWidth=str(width),
        textHeight=str(height),
        hasTextRef="0",
        hasNumRef="0",
    )


class Looks:
    """The styles of a new document, written into its head when they are first used."""

    def __init__(self, doc: HwpxDocument, language: str) -> None:
        self.doc = doc
        self.head: Any = doc.parts.headers[0].element
        self.spoken = "1042" if language == "ko" else "1033"  # Windows' numbers of Korean and English
        self.ids: dict[str, tuple[str, str, str]] = {}
        self.fills: dict[tuple[str, str], str] = {}
        self.first: Any = deepcopy(self.head.find(f".//{HH}paraPr"))
        self._unnumbered()
        self._bulleted()
        for style in self.head.iter(f"{HH}style"):
            style.set("langID", self.spoken)
        for name in ("바탕글", "개요 1", "개요 2", "개요 3"):
            self.of(name)

    # -- texts --------------------------------------------------------------------------------------------------------

    def paragraph(self, style: str, runs: Sequence[Any]) -> Any:
        number, shape, _ = self.of(style)
        return el(
            "p", *runs, id="0", paraPrIDRef=shape, styleIDRef=number, pageBreak="0", columnBreak="0", merged="0"
        )  # fmt: skip

    def runs(self, style: str, text: str, *, small: str = "") -> list[Any]:
        """The text in the letters of a style, line by line, and a note in small letters behind it."""
        written = el("t")
        last: Any = None
        for number, line in enumerate(lines(text)):
            if number:
                last = el("lineBreak")
                written.append(last)
            if last is None:
                written.text = line
            else:
                last.tail = line
        found = [el("run", written, charPrIDRef=self.ink_of(style))]
        if small:
            note = el("t")
            note.text = "  " + plain(small)
            found.append(el("run", note, charPrIDRef=self.ink_of("작은 글")))
        return found

    def ink_of(self, style: str) -> str:
        return self.of(style)[2]

    # -- the head -----------------------------------------------------------------------------------------------------

    def of(self, name: str) -> tuple[str, str, str]:
        """The ids of a style, its paragraph shape and its letters."""
        if name not in self.ids:
            look = LOOKS[name]
            letters = self.doc.styles.ensure_run(
                bold=look.bold, size=look.size, color=f"#{look.ink}", font=look.font, base_char_pr_id=0
            )
            shape = self._shape(look)
            self.ids[name] = (self._style(name, look, shape, letters), shape, letters)
            self.doc.parts.headers[0].mark_dirty()
        return self.ids[name]

    def fill(self, ground: str, edges: str) -> str:
        """The id of a cell's border and ground. Edges: `row`, `head`, `line` (the selection ends), `tile`."""
        if (ground, edges) not in self.fills:
            colour = {"head": f"#{GROUND}", "selected": f"#{PRIMARY}"}.get(ground)
            ink, width = {"line": (PRIMARY, "0.4 mm"), "tile": ("FFFFFF", "1 mm")}.get(edges, (RULE, "0.12 mm"))
            self.fills[ground, edges] = self.doc.styles.ensure_border_fill(
                border_color=f"#{ink}",
                border_width=width,
                fill_color=colour,
                active_borders=("left", "right", "top", "bottom") if edges == "tile" else ("top", "bottom"),
            )
        return self.fills[ground, edges]

    def _shape(self, look: Look) -> str:
        """A paragraph shape, made from the template's first."""
        shapes: Any = self.head.find(f".//{HH}paraProperties")
        number = str(len(shapes))
        shape: Any = deepcopy(self.first)
        shape.set("id", number)
        shape.find(f"{HH}align").set("horizontal", look.align)
        heading = shape.find(f"{HH}heading")
        if look.level:
            heading.attrib.update({"type": "OUTLINE", "idRef": "0", "level": str(look.level - 1)})
        elif look.bullet:
            heading.attrib.update({"type": "BULLET", "idRef": "1", "level": "0"})
        setting = shape.find(f"{HH}breakSetting")
        setting.set("keepWithNext", "1" if look.keep else "0")
        setting.set("breakNonLatinWord", "KEEP_WORD")
        points = {"intent": 0.0, "left": look.indent, "right": 0.0, "prev": look.before, "next": look.after}
        for margin in shape.iter(f"{HH}margin"):
            twice = 2 if margin.getparent().tag == f"{HP}default" else 1  # the older unit there is half as large
            for name, value in points.items():
                margin.find(HC + name).set("value", str(round(value * 100 * twice)))
        for spacing in shape.iter(f"{HH}lineSpacing"):
            spacing.set("value", str(look.spacing))
        if look.bar:
            border = self.doc.styles.ensure_border_fill(
                border_color=f"#{look.bar}",
                border_width="0.7 mm",
                fill_color=f"#{look.ground}",
                active_borders=("left",),
            )
            edge = {"borderFillIDRef": border, "offsetLeft": "400", "offsetTop": "200", "offsetBottom": "200"}
            shape.find(f"{HH}border").attrib.update(edge)
        shapes.append(shape)
        shapes.set("itemCnt", str(len(shapes)))
        return number

    def _style(self, name: str, look: Look, shape: str, letters: str) -> str:
        """The template's style of that name with a new look, or a new style."""
        styles: Any = self.head.find(f".//{HH}styles")
        for style in styles:
            if style.get("name") == name:
                style.attrib.update({"paraPrIDRef": shape, "charPrIDRef": letters})
                return str(style.get("id"))
        number = str(len(styles))
        etree.SubElement(
            styles, f"{HH}style", id=number, type="PARA", name=name, engName=look.english, paraPrIDRef=shape,
            charPrIDRef=letters, nextStyleIDRef=number, langID=self.spoken, lockForm="0",
        )  # fmt: skip
        styles.set("itemCnt", str(len(styles)))
        return number

    def _bulleted(self) -> None:
        """The one mark of lists, as `hh:bullet` 1. (python-hwpx would bind it to a paragraph shape of its own.)"""
        mark = etree.Element(f"{HH}bullets", itemCnt="1")
        bullet = etree.SubElement(mark, f"{HH}bullet", id="1", char="•", useImage="0")
        etree.SubElement(
            bullet, f"{HH}paraHead", level="0", align="LEFT", useInstWidth="0", autoIndent="1", widthAdjust="0",
            textOffsetType="PERCENT", textOffset="50", numFormat="DIGIT", charPrIDRef="4294967295", checkable="0",
        )  # fmt: skip
        numberings: Any = self.head.find(f".//{HH}numberings")
        numberings.addnext(mark)

    def _unnumbered(self) -> None:
        """Chapters carry their numbers in their text: the outline must not count them a second time."""
        for numbering in self.head.iter(f"{HH}numbering"):
            for level in numbering.iter(f"{HH}paraHead"):
                level.text = None
