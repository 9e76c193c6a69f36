"""A paper as a document of Hancom Office (HWPX, the open format OWPML, KS X 6101).

python-hwpx holds the package, the definitions of the head and the pictures, and checks what it saves. Paragraphs and
tables are written here as elements of the body: its cell by cell way costs the square of the rows, and gives every
paragraph an id by chance, where the same paper must be the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, assert_never

from hwpx import HwpxDocument
from lxml import etree

from madang.papers.blocks import (
    Block,
    Bullets,
    Column,
    Contents,
    Facts,
    Figure,
    Grid,
    Heading,
    Line,
    PageBreak,
    Paper,
    Paragraph,
    Tile,
    Tiles,
)
from madang.papers.hwpx_look import HP, Looks, el, ground_of, text_box
from madang.papers.office import (
    A4_MM,
    MARGIN_MM,
    TALLEST_MM,
    archive,
    marked,
    moment,
    parts_of,
    pixels,
    plain,
    stretches,
    text_width_mm,
    tile_rows,
    told,
    widths,
)

UNITS_PER_MM = 7200 / 25.4
"""HWPUNIT: a hundredth of a point."""
_ROLES = {"body": "본문", "lead": "요지", "note": "참고", "alert": "주의", "code": "명령"}
_CELLS = {"left": "표 글", "right": "표 숫자", "center": "표 가운데"}
EDGE_MM = 10
"""The height of a page's header and footer."""
_LONG_CELL = 400  # letters
_CONTENT = "Contents/content.hpf"


def render(paper: Paper) -> bytes:
    """The paper as a .hwpx file, the same bytes for the same paper. No script, nothing loaded from elsewhere.

    Any text is safe: what XML forbids is shown as U+FFFD. Cost: linear in the cells.
    """
    return _Writer(paper).file()


class _Writer:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.doc = HwpxDocument.new()
        self.looks = Looks(self.doc, paper.language)
        self.section: Any = self.doc.sections[0]
        self.bodies: dict[str, list[Any]] = {self.section.part_name: []}
        self.wide = False
        self.breaking = False

    def file(self) -> bytes:
        self._edges()
        for text, style in (
            (self.paper.kicker, "머리글"), (self.paper.title, "제목"), (self.paper.subtitle, "부제목")
        ):  # fmt: skip
            if text:
                self._write(text, style)
        for number, stretch in enumerate(stretches(self.paper.parts)):
            if number or stretch.wide:
                self._turn(stretch.wide)
            for part in stretch.parts:
                self._part(part)
        return self._saved()

    # -- pages --------------------------------------------------------------------------------------------------------

    def _turn(self, wide: bool) -> None:
        """A new section: pages on their side, or upright again."""
        self.section, self.wide, self.breaking = self.doc.add_section(), wide, False
        self.bodies[self.section.part_name] = []
        self._edges()

    def _edges(self) -> None:
        """A section's first paragraph: the size of its pages, the mark of a sample above them, the foot and the number.

        It holds no text and is as good as invisible: some readers lose text that stands beside all this.
        """
        first: Any = self.section.element.find(f"{HP}p")
        for cached in first.findall(f"{HP}linesegarray"):
            first.remove(cached)
        first.attrib.update(self.looks.paragraph("구역 설정", ()).attrib)
        width, height = A4_MM
        self.doc.page.setup(
            width_mm=width,
            height_mm=height,
            orientation="landscape" if self.wide else "portrait",
            margin_left_mm=MARGIN_MM,
            margin_right_mm=MARGIN_MM,
            margin_top_mm=MARGIN_MM - EDGE_MM + 4,  # below the header, which Hancom counts by itself
            margin_bottom_mm=MARGIN_MM - EDGE_MM + 4,
            header_margin_mm=EDGE_MM,
            footer_margin_mm=EDGE_MM,
            section=self.section,
        )
        if self.paper.sample_note:
            self._edge("header", self.looks.runs("머리말", plain(self.paper.sample_note)), "머리말")
        self._edge("footer", [self._foot()], "꼬리말")

    def _edge(self, kind: str, runs: Sequence[Any], style: str) -> None:
        """A `header` or `footer` of every page, in the run that holds the section's settings."""
        settings = next(self.section.element.iter(f"{HP}secPr")).getparent()
        width, height = _units(text_width_mm(self.wide)), _units(EDGE_MM)
        align = "TOP" if kind == "header" else "BOTTOM"
        text = text_box(self.looks.paragraph(style, runs), align=align, width=width, height=height)
        settings.append(el("ctrl", el(kind, text, id="0", applyPageType="BOTH")))

    def _foot(self) -> Any:
        """The paper's foot and the page's number, in one run: some readers show no number that has one of its own."""
        text = el("t")
        text.text = plain(self.paper.footer) + "  ·  " if self.paper.footer else ""
        shape = el("autoNumFormat", type="DIGIT", userChar="", prefixChar="", suffixChar="", supscript="0")
        number = el("ctrl", el("autoNum", shape, num="1", numType="PAGE"))
        return el("run", text, number, charPrIDRef=self.looks.ink_of("꼬리말"))

    # -- parts --------------------------------------------------------------------------------------------------------

    def _part(self, part: Block) -> None:
        match part:
            case Heading():
                self._write(told(part), f"개요 {min(max(part.level, 1), 3)}")
            case Paragraph():
                self._write(part.text, _ROLES[part.role])
            case Bullets():
                for item in part.items:
                    self._write(marked(item, self.paper), "글머리표", small=item.note)
            case Facts():
                self._facts(part)
            case Tiles():
                self._tiles(part)
            case Grid():
                self._grid(part)
            case Figure():
                self._figure(part)
            case Contents():
                self._contents(part)
            case PageBreak():
                self.breaking = True
            case _:
                assert_never(part)

    def _write(self, text: str, style: str, *, small: str = "") -> None:
        self._place(self.looks.paragraph(style, self.looks.runs(style, text, small=small)))

    def _place(self, written: Any) -> None:
        """Put a paragraph into the section. It joins it in the file only: python-hwpx reads all that it saves several
        times over, which costs seconds for a long table. The tests run its checks on whole files."""
        if self.breaking:
            written.set("pageBreak", "1")
            self.breaking = False
        self.bodies[self.section.part_name].append(written)

    def _contents(self, part: Contents) -> None:
        self._write(part.title, "차례 제목")
        for chapter in self.paper.parts:
            if isinstance(chapter, Heading) and chapter.level == 1:
                self._write(told(chapter), "차례 1")

    def _facts(self, part: Facts) -> None:
        table = _Table(self.looks, _shares([28, 72], self.wide))
        for row in part.rows:
            values = [self._cell("표 글", marked(one, self.paper), small=one.note) for one in row.values]
            table.row([[self._cell("표 항목", row.label)], values or [self._cell("표 글", "")]])
        self._place_table(table)

    def _tiles(self, part: Tiles) -> None:
        """Small boxes side by side, each with its label over its number."""
        rows = tile_rows(part.items)
        if not rows:
            return
        table = _Table(self.looks, _shares([1] * len(rows[0]), self.wide))
        for row in rows:
            cells = [self._tile(one) if one else [self._cell("타일 이름", "")] for one in row]
            table.row(
                cells, fills=[self.looks.fill(ground_of(one.style) if one else "", "tile") for one in row], tall=True
            )
        self._place_table(table)

    def _tile(self, tile: Tile) -> list[Any]:
        ending = "·반전" if ground_of(tile.style) == "selected" else ""
        return [self._cell("타일 이름" + ending, tile.label), self._cell("타일 숫자" + ending, tile.value)]

    def _grid(self, part: Grid) -> None:
        if part.title:
            self._write(part.title, "표 제목")
        table = _Table(self.looks, _columns(part.columns, self.wide))
        heads = [[self._cell(_CELLS[column.align] + "·굵게", column.label)] for column in part.columns]
        table.row(heads, fills=[self.looks.fill("head", "head")] * len(heads), head=True)
        for line in part.rows:
            self._line(table, line, [_CELLS[column.align] for column in part.columns])
        self._place_table(table)
        if part.note:
            self._write(part.note, "참고")

    def _line(self, table: _Table, line: Line, styles: Sequence[str]) -> None:
        if line.style == "line":
            text = "  ".join(cell for cell in line.cells if cell)
            table.row([[self._cell("표 가운데·선", text)]], fills=[self.looks.fill("", "line")])
            return
        ending = {"strong": "·굵게", "total": "·굵게", "soft": "·흐리게"}.get(line.style, "")
        cells = [[self._cell(style + ending, cell)] for style, cell in zip(styles, line.cells, strict=True)]
        table.row(cells, fills=[self.looks.fill("head", "row")] * len(cells) if line.style == "total" else ())

    def _cell(self, style: str, text: str, *, small: str = "") -> Any:
        return self.looks.paragraph(style, self.looks.runs(style, text, small=small))

    def _place_table(self, table: _Table) -> None:
        self._place(
            self.looks.paragraph("표 자리", [el("run", table.element(), charPrIDRef=self.looks.ink_of("표 자리"))])
        )

    def _figure(self, part: Figure) -> None:
        data = pixels(part)
        across, down = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
        width = float(min(part.width, text_width_mm(self.wide)))
        most = TALLEST_MM * A4_MM[0] / A4_MM[1] if self.wide else TALLEST_MM
        if width * down / across > most:
            width = most * across / down
        placed = self.doc.add_picture(
            data, "png", section=self.section, width_mm=width, height_mm=width * down / across
        )
        drawn: Any = placed.element
        drawn.find(f"{HP}shapeComment").text = plain(part.alt)
        holder = drawn.getparent().getparent()
        self.section.element.remove(holder)
        self._place(self.looks.paragraph("그림", [el("run", drawn, charPrIDRef=self.looks.ink_of("그림"))]))
        if part.caption:
            self._write(part.caption, "캡션")

    # -- the file -----------------------------------------------------------------------------------------------------

    def _saved(self) -> bytes:
        made = moment(self.paper).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = self.doc.parts
        parts.clear_document_metadata(timestamp=made)
        parts.set_document_metadata(
            title=plain(self.paper.title),
            creator="Madang",
            subject=plain(self.paper.subtitle),
            created_date=made,
            modified_date=made,
        )
        parts.clear_preview()
        content = parts_of(self.doc.to_bytes())
        numbers = count(1)
        for name, paragraphs in self.bodies.items():
            section = etree.fromstring(content[name])
            section.extend(paragraphs)
            _number(section, numbers)
            content[name] = _xml(section)
        content[_CONTENT] = _in_language(content[_CONTENT], self.paper.language)
        return archive(content, stored=("mimetype", "version.xml"))


def _number(section: Any, numbers: Iterator[int]) -> None:
    """Ids in the order of the text, for those that python-hwpx drew by chance and ours that had none yet."""
    for element in section.iter(*(HP + tag for tag in ("p", "tbl", "pic", "header", "footer"))):
        number = str(next(numbers))
        element.set("id", number)
        if element.get("instid"):
            element.set("instid", number)


def _xml(root: Any) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _in_language(package: bytes, language: str) -> bytes:
    """The package's head with the paper's language, for which python-hwpx has no call."""
    root = etree.fromstring(package)
    for element in root.iter("{http://www.idpf.org/2007/opf/}language"):
        element.text = "ko" if language == "ko" else "en"
    return _xml(root)


# -- tables -----------------------------------------------------------------------------------------------------------


def _units(mm: float) -> int:
    return int(mm * UNITS_PER_MM)


def _columns(columns: Sequence[Column], wide: bool) -> list[int]:
    return widths(columns, _units(text_width_mm(wide)))


def _shares(shares: Sequence[int], wide: bool) -> list[int]:
    return _columns([Column("", share) for share in shares], wide)


class _Table:
    """A table of fixed column widths, written row by row. Its header row is repeated on every page.

    Pages end between rows; only a table with a cell of many lines may be divided inside of one.
    """

    _MARGINS = {"left": "283", "right": "283", "top": "220", "bottom": "220"}
    _ROW_HEIGHT, _TALL_ROW = 1500, 4000  # the least; the program that shows it makes room for the text

    def __init__(self, looks: Looks, widths: Sequence[int]) -> None:
        self.looks, self.widths = looks, widths
        self.rows: list[Any] = []
        self.longest = 0

    def row(
        self, cells: Sequence[Sequence[Any]], *, fills: Sequence[str] = (), head: bool = False, tall: bool = False
    ) -> None:
        """A row of cells, each a sequence of paragraphs. One cell alone spans the whole table."""
        spans = len(self.widths) if len(cells) == 1 else 1
        row = el("tr")
        for index, paragraphs in enumerate(cells):
            width = sum(self.widths) if spans > 1 else self.widths[index]
            self.longest = max(self.longest, sum(len("".join(one.itertext())) for one in paragraphs))
            text = text_box(*paragraphs)
            cell = el(
                "tc",
                text,
                el("cellAddr", colAddr=str(index), rowAddr=str(len(self.rows))),
                el("cellSpan", colSpan=str(spans), rowSpan="1"),
                el("cellSz", width=str(width), height=str(self._TALL_ROW if tall else self._ROW_HEIGHT)),
                el("cellMargin", **self._MARGINS),
                name="", header="1" if head else "0", hasMargin="0", protect="0", editable="0", dirty="0",
                borderFillIDRef=fills[index] if fills else self.looks.fill("", "row"),
            )  # fmt: skip
            row.append(cell)
        self.rows.append(row)

    def element(self) -> Any:
        height = str(self._ROW_HEIGHT * len(self.rows))
        divided = "CELL" if self.longest > _LONG_CELL else "TABLE"
        return el(
            "tbl",
            el("sz", width=str(sum(self.widths)), widthRelTo="ABSOLUTE", height=height, heightRelTo="ABSOLUTE",
               protect="0"),
            el("pos", treatAsChar="0", affectLSpacing="0", flowWithText="1", allowOverlap="0", holdAnchorAndSO="0",
               vertRelTo="PARA", horzRelTo="COLUMN", vertAlign="TOP", horzAlign="LEFT", vertOffset="0", horzOffset="0"),
            el("outMargin", left="0", right="0", top="141", bottom="567"),
            el("inMargin", **self._MARGINS),
            *self.rows,
            id="0", zOrder="0", numberingType="TABLE", textWrap="TOP_AND_BOTTOM", textFlow="BOTH_SIDES", lock="0",
            dropcapstyle="None", pageBreak=divided, repeatHeader="1", rowCnt=str(len(self.rows)),
            colCnt=str(len(self.widths)), cellSpacing="0", borderFillIDRef=self.looks.fill("", "row"), noAdjust="0",
        )  # fmt: skip
