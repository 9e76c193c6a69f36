"""A paper as a Word document (OOXML): real headings and styles, repeated table headers, pictures with their words.

Made with python-docx. Tables are built as elements: its cell by cell way costs the square of the rows.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, assert_never

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as Written

from madang.papers.blocks import (
    Block,
    Bullets,
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
from madang.papers.docx_look import dress, w
from madang.papers.office import (
    A4_MM,
    GROUND,
    MARGIN_MM,
    PRIMARY,
    RULE,
    SOFT,
    TALLEST_MM,
    TEXT,
    TILE_GROUND,
    Stretch,
    archive,
    lines,
    marked,
    parts_of,
    pixels,
    plain,
    stretches,
    text_width_mm,
    tile_rows,
    told,
    widths,
)

_TWIPS_PER_MM = 1440 / 25.4
_ROLES = {"body": "Normal", "lead": "Lead", "note": "Note", "alert": "Alert", "code": "Code"}
_CELLS = {"left": "Table Text", "right": "Table Number", "center": "Table Middle"}


def render(paper: Paper) -> bytes:
    """The paper as a .docx file, the same bytes for the same paper. No macro, nothing loaded from elsewhere.

    Any text is safe: what XML forbids is shown as U+FFFD. Cost: linear in the cells, about 50 ms for 1,000 of them.
    """
    return _Writer(paper).file()


class _Writer:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.doc: Doc = Document()
        self.wide = False
        self.chapters = 0
        self.breaking = False
        dress(self.doc, paper)

    def file(self) -> bytes:
        self._title()
        for number, stretch in enumerate(stretches(self.paper.parts)):
            self._turn(stretch, first=number == 0)
            for part in stretch.parts:
                self._part(part)
        self._edges()
        made = io.BytesIO()
        self.doc.save(made)
        return archive(parts_of(made.getvalue()))

    # -- pages --------------------------------------------------------------------------------------------------------

    def _turn(self, stretch: Stretch, *, first: bool) -> None:
        """From here on upright pages or pages on their side; a paper starts upright, with its title."""
        upright = first and not stretch.wide
        section = self.doc.sections[0] if upright else self.doc.add_section(WD_SECTION.NEW_PAGE)
        self.wide = stretch.wide
        width, height = reversed(A4_MM) if stretch.wide else A4_MM
        section.orientation = WD_ORIENT.LANDSCAPE if stretch.wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(width), Mm(height)

    def _edges(self) -> None:
        """The mark of a sample above every page, the paper's foot and the page's number under it."""
        for section in self.doc.sections:
            section.left_margin = section.right_margin = Mm(MARGIN_MM)
            section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
            section.header_distance = section.footer_distance = Mm(MARGIN_MM // 2)
        first = self.doc.sections[0]  # the others go on with its header and footer
        if self.paper.sample_note:
            first.header.paragraphs[0].add_run(plain(self.paper.sample_note))
        foot = first.footer.paragraphs[0]
        if self.paper.footer:
            foot.add_run(plain(self.paper.footer) + "  ·  ")
        _field(foot, "PAGE")
        foot.add_run(" / ")
        _field(foot, "NUMPAGES")

    # -- parts --------------------------------------------------------------------------------------------------------

    def _title(self) -> None:
        for text, style in (
            (self.paper.kicker, "Kicker"), (self.paper.title, "Title"), (self.paper.subtitle, "Subtitle")
        ):  # fmt: skip
            if text:
                self._write(text, style)

    def _part(self, part: Block) -> None:
        match part:
            case Heading():
                self._heading(part)
            case Paragraph():
                self._write(part.text, _ROLES[part.role])
            case Bullets():
                for item in part.items:
                    self._noted(self._write(marked(item, self.paper), "List Bullet"), item.note)
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

    def _write(self, text: str, style: str) -> Written:
        written = self._paragraph(style)
        for number, line in enumerate(lines(text)):
            run = written.add_run()
            if number:
                run.add_break()
            run.add_text(line)
        return written

    def _paragraph(self, style: str) -> Written:
        """An empty paragraph; the first one after a page break starts its page."""
        written = self.doc.add_paragraph(style=style)
        if self.breaking:
            written.paragraph_format.page_break_before = True
            self.breaking = False
        return written

    def _table(self, widths: Sequence[int], title: str = "", *, rules: bool = True) -> _Table:
        if self.breaking:
            self._paragraph("After Table")  # a table cannot start a page by itself
        return _Table(self.doc, widths, title, rules=rules)

    def _noted(self, written: Written, note: str) -> None:
        if note:
            written.add_run("  " + plain(note), style="Small")

    def _heading(self, part: Heading) -> None:
        written = self._write(told(part), f"Heading {min(max(part.level, 1), 3)}")
        if part.level == 1:
            _bookmark(written, self.chapters)
            self.chapters += 1

    def _contents(self, part: Contents) -> None:
        """The chapters as links inside a field that Word makes anew on demand (it alone knows the pages)."""
        self._write(part.title, "TOC Heading")
        chapters = [one for one in self.paper.parts if isinstance(one, Heading) and one.level == 1]
        for number, chapter in enumerate(chapters):
            written = self.doc.add_paragraph(style="Contents")
            if number == 0:
                _begin(written, ' TOC \\o "1-1" \\h \\z \\u ')
            link = w("hyperlink", w("r", _text(told(chapter))), anchor=_chapter(number), history="1")
            written._p.append(link)
            if number == len(chapters) - 1:
                _end(written)

    def _facts(self, part: Facts) -> None:
        total = _twips(text_width_mm(self.wide))
        table = self._table([total * 28 // 100, total - total * 28 // 100])
        for row in part.rows:
            values = [_paragraph("Table Text", marked(one, self.paper), small=one.note) for one in row.values]
            table.row([[_paragraph("Table Label", row.label)], values or [_paragraph("Table Text", "")]])
        table.close()

    def _tiles(self, part: Tiles) -> None:
        """Small boxes side by side, each with its label over its number."""
        rows = tile_rows(part.items)
        if not rows:
            return
        each = _twips(text_width_mm(self.wide)) // len(rows[0])
        table = self._table([each] * len(rows[0]), rules=False)
        for row in rows:
            cells = [_tile(one) if one else [_paragraph("Tile Label", "")] for one in row]
            table.row(cells, grounds=[TILE_GROUND.get(one.style, GROUND) if one else "FFFFFF" for one in row])
        table.close()

    def _grid(self, part: Grid) -> None:
        if part.title:
            self._write(part.title, "Table Title")
        table = self._table(widths(part.columns, _twips(text_width_mm(self.wide))), part.title)
        heads = [[_paragraph(_CELLS[c.align], c.label, bold=True, ink=TEXT)] for c in part.columns]
        table.row(heads, grounds=[GROUND] * len(heads), head=True)
        styles = [_CELLS[column.align] for column in part.columns]
        for line in part.rows:
            _line(table, line, styles)
        table.close()
        if part.note:
            self._write(part.note, "Note")

    def _figure(self, part: Figure) -> None:
        written = self._paragraph("Figure")
        picture = written.add_run().add_picture(io.BytesIO(pixels(part)))
        width = Mm(min(part.width, text_width_mm(self.wide)))
        height = picture.height * width // max(picture.width, 1)
        most = Mm(TALLEST_MM if not self.wide else TALLEST_MM * A4_MM[0] // A4_MM[1])
        picture.width, picture.height = (width, height) if height <= most else (width * most // height, most)
        described = picture._inline.docPr
        described.set("descr", plain(part.alt))
        described.set("title", plain(part.caption))
        if part.caption:
            self._write(part.caption, "Caption")
        else:
            written.paragraph_format.keep_with_next = False
            written.paragraph_format.space_after = Pt(6)


# -- tables -----------------------------------------------------------------------------------------------------------


class _Table:
    """A table of fixed column widths, written row by row; an empty small paragraph after it keeps tables apart."""

    def __init__(self, doc: Doc, widths: Sequence[int], title: str, *, rules: bool = True) -> None:
        self.doc, self.widths = doc, widths
        table = doc.add_table(rows=0, cols=len(widths))
        self.element = table._tbl
        properties = self.element.tblPr
        for child in list(properties):
            properties.remove(child)
        rule = {"val": "single", "sz": "4", "space": "0", "color": RULE}
        none = {"val": "nil"}
        white = {"val": "single", "sz": "48", "space": "0", "color": "FFFFFF"}
        edges = {"top": rule, "bottom": rule, "insideH": rule, "insideV": none}
        gaps = {"top": none, "bottom": none, "insideH": white, "insideV": white}
        borders = [w(side, **look) for side, look in (edges if rules else gaps).items()]
        gap = {"top": 50, "left": 80, "bottom": 50, "right": 80}
        margins = [w(side, w=str(size), type="dxa") for side, size in gap.items()]
        properties.extend(
            [
                w("tblW", w=str(sum(widths)), type="dxa"),
                w("tblBorders", *borders),
                w("tblLayout", type="fixed"),
                w("tblCellMar", *margins),
                w("tblLook", val="0420", firstRow="1", lastRow="0", firstColumn="0", lastColumn="0", noHBand="0",
                   noVBand="1"),
            ]
        )  # fmt: skip
        if title:
            properties.append(w("tblCaption", val=plain(title)))
        for column, width in zip(self.element.tblGrid, widths, strict=True):
            column.set(qn("w:w"), str(width))

    def row(
        self,
        cells: Sequence[Sequence[Any]],
        *,
        grounds: Sequence[str] = (),
        head: bool = False,
        borders: Any = None,
    ) -> None:
        """A row of cells, each a sequence of paragraphs. One cell alone spans the whole table."""
        spanning = len(cells) == 1 and len(self.widths) > 1
        kind = [w("cantSplit"), *([w("tblHeader")] if head else [])]
        row = w("tr", w("trPr", *kind))
        for index, paragraphs in enumerate(cells):
            width = sum(self.widths) if spanning else self.widths[index]
            look = [w("tcW", w=str(width), type="dxa")]
            look += [w("gridSpan", val=str(len(self.widths)))] if spanning else []
            look += [w("tcBorders", *borders())] if borders else []
            look += [w("shd", val="clear", color="auto", fill=grounds[index])] if grounds else []
            look += [w("vAlign", val="bottom")] if head else []
            row.append(w("tc", w("tcPr", *look), *paragraphs))
        self.element.append(row)

    def close(self) -> None:
        self.doc.add_paragraph(style="After Table")


def _tile(tile: Tile) -> list[Any]:
    ink = "FFFFFF" if TILE_GROUND.get(tile.style) == PRIMARY else ""
    return [_paragraph("Tile Label", tile.label, ink=ink), _paragraph("Tile Number", tile.value, ink=ink)]


def _line(table: _Table, line: Line, styles: Sequence[str]) -> None:
    if line.style == "line":
        text = "  ".join(cell for cell in line.cells if cell)
        table.row([[_paragraph("Table Middle", text, bold=True, ink=PRIMARY)]], borders=_selection_ends)
        return
    bold, ink = line.style in ("strong", "total"), SOFT if line.style == "soft" else ""
    cells = [[_paragraph(style, cell, bold=bold, ink=ink)] for style, cell in zip(styles, line.cells, strict=True)]
    table.row(cells, grounds=[GROUND] * len(cells) if line.style == "total" else ())


def _selection_ends() -> list[Any]:
    return [w(side, val="single", sz="12", space="0", color=PRIMARY) for side in ("top", "bottom")]


def _paragraph(style: str, text: str, *, bold: bool = False, ink: str = "", small: str = "") -> Any:
    """A paragraph of a cell; `ink` overrides the style's colour, `small` is a note behind the text."""
    look = [*([w("b")] if bold else []), *([w("color", val=ink)] if ink else [])]
    written = w("p", w("pPr", w("pStyle", val=style.replace(" ", ""))))
    for number, line in enumerate(lines(text)):
        run = w("r", *([w("rPr", *(_w_copy(look)))] if look else []))
        if number:
            run.append(w("br"))
        run.append(_text(line))
        written.append(run)
    if small:
        written.append(w("r", w("rPr", w("rStyle", val="Small")), _text("  " + plain(small))))
    return written


def _w_copy(elements: Sequence[Any]) -> list[Any]:
    return [OxmlElement(f"w:{one.tag.split('}')[1]}", dict(one.attrib)) for one in elements]


# -- elements ---------------------------------------------------------------------------------------------------------


def _text(text: str) -> Any:
    element = w("t")
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    element.text = plain(text)
    return element


def _twips(mm: float) -> int:
    return int(mm * _TWIPS_PER_MM)


def _chapter(number: int) -> str:
    return f"_Toc{number + 1:08d}"


def _bookmark(written: Written, number: int) -> None:
    start = w("bookmarkStart", id=str(number), name=_chapter(number))
    written._p.get_or_add_pPr().addnext(start)
    written._p.append(w("bookmarkEnd", id=str(number)))


def _begin(written: Written, instruction: str) -> None:
    code = w("instrText")
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    code.text = instruction
    for child in (w("fldChar", fldCharType="begin"), code, w("fldChar", fldCharType="separate")):
        written._p.append(w("r", child))


def _end(written: Written) -> None:
    written._p.append(w("r", w("fldChar", fldCharType="end")))


def _field(written: Written, name: str) -> None:
    """A field that every reader of the format fills in itself: the page's number, or how many there are."""
    _begin(written, f" {name} ")
    written._p.append(w("r", _text("1")))
    _end(written)
