"""Spreadsheets as the programs save them, written part by part: their own XML, not that of a library.

Excel, LibreOffice and Google after files of theirs; Hancom's Cell after what is published of its files (a prefix before
every element, spaces around `=`, `appName="HCell"`, cells with nothing but a style as far as column XFD, day formats
known by number only); `bare` is the least that programs accept: texts in the cell, no references, no styles.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DIALECTS = ("excel", "libreoffice", "google", "hancom", "strict", "bare", "ods")

STYLES = {"General": 0, "day": 1, "moment": 2, "percent": 3, "korean day": 4, "written day": 5, "time": 6, "money": 7}
_FORMATS = (0, 14, 22, 9, 31, 164, 20, 165)  # the number formats of the styles, in order
_EPOCH, _EPOCH_1904 = dt.datetime(1899, 12, 30), dt.datetime(1904, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, with the value that is stored beside it (`None`: never computed), or the error it ends in."""

    text: str
    value: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Styled:
    """A number with one of `STYLES`."""

    number: float
    style: str


@dataclass(slots=True)
class Grid:
    """A worksheet: rows from row 1 on; `None` for an empty cell."""

    rows: Sequence[Sequence[Any]]
    title: str = "Sheet1"
    merged: Sequence[str] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()  # from 1
    visible: bool = True


@dataclass(slots=True)
class _Texts:
    known: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.known.setdefault(text, len(self.known))


def write(
    path: Path, grids: Sequence[Grid] | Sequence[Sequence[Any]], dialect: str, *, since_1904: bool = False
) -> Path:
    """One worksheet for each grid (a bare list of rows is one), as the program of that dialect saves it."""
    sheets = [g for g in grids if isinstance(g, Grid)] or [Grid(grids)]  # type: ignore[arg-type]  # a list of rows
    parts = _ods(sheets) if dialect == "ods" else _ooxml(sheets, dialect, since_1904=since_1904)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def letters(column: int) -> str:
    """From 1."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


# -- office open xml ----------------------------------------------------------------------------------------------


def _ooxml(sheets: list[Grid], dialect: str, *, since_1904: bool) -> dict[str, str]:
    texts = _Texts()
    office = _OFFICE_STRICT if dialect == "strict" else _OFFICE
    bodies = [_worksheet(sheet, dialect, texts, since_1904=since_1904) for sheet in sheets]
    listed = "".join(
        f'<sheet name="{escape(s.title)}" sheetId="{n}" '
        f'state="{"visible" if s.visible else "hidden"}" r:id="rId{n + 3}"/>'
        for n, s in enumerate(sheets, 1)
    )
    maker = {"libreoffice": "Calc", "hancom": "HCell"}.get(dialect, "xl")
    date_system = ' date1904="1"' if since_1904 else ""
    workbook = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{office}"><fileVersion appName="{maker}" lastEdited="12.0"/>'
        f"<workbookPr{date_system}/><bookViews><workbookView/></bookViews><sheets>{listed}</sheets></workbook>"
    )
    to_sheets = [(f"rId{n + 3}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
    shared = (
        [] if dialect == "bare" else [("rId1", "styles", "styles.xml"), ("rId2", "sharedStrings", "sharedStrings.xml")]
    )
    if dialect == "hancom":
        to_sheets = [(identity, kind, f"/xl/{target}") for identity, kind, target in to_sheets]
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _relations(office, [("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": _relations(office, [*shared, *to_sheets]),
        **{f"xl/worksheets/sheet{n}.xml": body for n, body in enumerate(bodies, 1)},
    }
    if dialect != "bare":
        parts["xl/styles.xml"] = _styles()
        parts["xl/sharedStrings.xml"] = _shared(texts)
    if dialect not in ("google", "bare"):
        parts["docProps/app.xml"] = _app(dialect)
    return {name: _XML + _spoken(text, name, dialect) for name, text in parts.items()}


def _spoken(text: str, part: str, dialect: str) -> str:
    """The same XML in the program's own hand."""
    if dialect == "strict":
        return text.replace(MAIN, STRICT)
    if dialect == "hancom" and part.startswith("xl/") and not part.endswith(".rels"):
        text = text.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
        return text.replace(
            f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}" xmlns:hs="http://schemas.haansoft.com/office/spreadsheet/8.0"'
        )
    if dialect == "hancom":
        return text.replace('="', ' = "')
    return text


def _types(count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(1, count + 1)
    )
    shared = "".join(
        f'<Override PartName="/xl/{name}.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{name}+xml"/>'
        for name in ("styles", "sharedStrings")
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        f"{sheets}{shared}</Types>"
    )


def _relations(office: str, items: list[tuple[str, str, str]]) -> str:
    told = "".join(f'<Relationship Id="{i}" Type="{office}/{kind}" Target="{target}"/>' for i, kind, target in items)
    return f'<Relationships xmlns="{_PACKAGE}">{told}</Relationships>'


def _app(dialect: str) -> str:
    maker = {"libreoffice": "LibreOffice/7.4.7.2$Linux_X86_64", "hancom": "Cell"}.get(dialect, "Microsoft Excel")
    space = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return f'<Properties xmlns="{space}"><Application>{maker}</Application></Properties>'


def _styles() -> str:
    formats = "".join(f'<xf numFmtId="{number}" fontId="0" xfId="0"/>' for number in _FORMATS)
    day = escape('[$-412]yyyy"년" m"월" d"일";@', {'"': "&quot;"})
    money = escape('[$₩-412]#,##0"원"', {'"': "&quot;"})
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="{day}"/>'
        f'<numFmt numFmtId="165" formatCode="{money}"/></numFmts>'
        '<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>'
        f'<cellXfs count="{len(_FORMATS)}">{formats}</cellXfs></styleSheet>'
    )


def _shared(texts: _Texts) -> str:
    """The first text in two runs, with a reading aid, as Excel writes what was formatted in part."""
    items = []
    for number, text in enumerate(texts.known):
        told = f'<t xml:space="preserve">{escape(text)}</t>'
        if number == 0:
            half = len(text) // 2
            runs = "".join(
                f'<r><rPr/><t xml:space="preserve">{escape(part)}</t></r>' for part in (text[:half], text[half:])
            )
            told = f'{runs}<rPh sb="0" eb="1"><t>reading</t></rPh>'
        items.append(f"<si>{told}</si>")
    return f'<sst xmlns="{MAIN}" count="{len(items)}" uniqueCount="{len(items)}">{"".join(items)}</sst>'


def _worksheet(sheet: Grid, dialect: str, texts: _Texts, *, since_1904: bool) -> str:
    widest = max((len(row) for row in sheet.rows), default=1)
    columns = "".join(f'<col min="{n}" max="{n}" width="9" hidden="1"/>' for n in sheet.hidden_columns)
    rows = []
    for number, row in enumerate(sheet.rows, 1):
        cells = "".join(
            _cell(value, f"{letters(column)}{number}", dialect, texts, since_1904=since_1904)
            for column, value in enumerate(row, 1)
        )
        if dialect == "hancom":
            cells += "".join(f'<c r="{letters(column)}{number}" s="1"/>' for column in (len(row) + 1, 16_384))
        rows.append(f"<row{_row_told(number, sheet, dialect)}>{cells}</row>")
    if dialect == "libreoffice":
        last = len(sheet.rows)
        rows += [
            f'<row r="{n}" hidden="false"><c r="A{n}" s="0"/></row>' for n in (*range(last + 1, last + 50), 1_048_576)
        ]
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in sheet.merged)
    return (
        f'<worksheet xmlns="{MAIN}">'
        + ("" if dialect == "bare" else f'<dimension ref="A1:{letters(widest)}{max(1, len(sheet.rows))}"/>')
        + (f"<cols>{columns}</cols>" if columns else "")
        + f"<sheetData>{''.join(rows)}</sheetData>"
        + (f'<mergeCells count="{len(sheet.merged)}">{merged}</mergeCells>' if merged else "")
        + "</worksheet>"
    )


def _row_told(number: int, sheet: Grid, dialect: str) -> str:
    hidden = number in sheet.hidden_rows
    if dialect == "bare":
        return ' hidden="1"' if hidden else ""
    if dialect == "libreoffice":
        return f' r="{number}" customFormat="false" ht="12.8" hidden="{str(hidden).lower()}" collapsed="false"'
    return f' r="{number}" spans="1:9"' + (' hidden="1"' if hidden else "")


def _cell(value: Any, reference: str, dialect: str, texts: _Texts, *, since_1904: bool) -> str:
    at = "" if dialect == "bare" else f' r="{reference}"'
    if value is None:
        return "<c/>" if dialect == "bare" else f'<c{at} s="0"/>'
    formula, told = "", value
    if isinstance(value, Formula):
        formula, told = f"<f>{escape(value.text)}</f>", value.value
        if value.error:
            return f'<c{at} t="e">{formula}<v>{escape(value.error)}</v></c>'
        if told is None:
            return f"<c{at}>{formula}<v></v></c>"
        if isinstance(told, str):
            return f'<c{at} t="str">{formula}<v>{escape(told)}</v></c>'
    if isinstance(told, bool):
        return f'<c{at} t="b">{formula}<v>{int(told)}</v></c>'
    if isinstance(told, str):
        if dialect == "bare":
            return f'<c{at} t="inlineStr"><is><t xml:space="preserve">{escape(told)}</t></is></c>'
        return f'<c{at} t="s"><v>{texts.number(told)}</v></c>'
    if dialect == "strict" and isinstance(told, dt.date):
        return f'<c{at} s="1" t="d">{formula}<v>{told.isoformat()}</v></c>'
    number, style = _stored(told, dialect, since_1904=since_1904)
    kind = ' t="n"' if dialect in ("libreoffice", "hancom") else ""
    styled = "" if dialect == "bare" else f' s="{style}"'
    return f"<c{at}{styled}{kind}>{formula}<v>{number}</v></c>"


def _stored(value: Any, dialect: str, *, since_1904: bool) -> tuple[str, int]:
    """The number that a cell holds, and its style."""
    if isinstance(value, Styled):
        return repr(value.number), STYLES[value.style]
    if isinstance(value, dt.date):
        moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
        days = (moment - (_EPOCH_1904 if since_1904 else _EPOCH)) / dt.timedelta(days=1)
        day = "korean day" if dialect == "hancom" else "written day" if dialect == "google" else "day"
        return repr(days), STYLES["moment" if isinstance(value, dt.datetime) else day]
    if isinstance(value, dt.time):
        return repr((value.hour * 60 + value.minute) / 1440), STYLES["time"]
    return (f"{value:.17g}" if isinstance(value, float) else str(value)), 0  # 17 digits, as Excel stores them


# -- opendocument -------------------------------------------------------------------------------------------------

_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def _ods(sheets: list[Grid]) -> dict[str, str]:
    tables = "".join(_table(sheet) for sheet in sheets)
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("ta1", "true"), ("ta2", "false"))
    )
    content = (
        f"{_XML}<office:document-content {_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": _XML + manifest}


def _table(sheet: Grid) -> str:
    """Equal cells side by side are written once and repeated, and so is the empty rest down to the last row."""
    columns = "".join(
        f"<table:table-column{_shown(n not in sheet.hidden_columns)}/>"
        for n in range(1, max((len(row) for row in sheet.rows), default=1) + 1)
    )
    starts, covered = _spans(sheet.merged)
    rows = []
    for number, row in enumerate(sheet.rows, 1):
        cells, column = [], 0
        while column < len(row):
            end = column + 1
            at = (number, column + 1)
            alone = at in starts or at in covered
            while not alone and end < len(row) and row[end] == row[column] and type(row[end]) is type(row[column]):
                if (number, end + 1) in starts or (number, end + 1) in covered:
                    break
                end += 1
            cells.append(_ods_cell(row[column], end - column, starts.get(at), hidden=at in covered))
            column = end
        rest = '<table:table-cell table:number-columns-repeated="16000"/>'
        visible = _shown(number not in sheet.hidden_rows, "filter")
        rows.append(f"<table:table-row{visible}>{''.join(cells)}{rest}</table:table-row>")
    left = 1_048_576 - len(sheet.rows)
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    tail = f'<table:table-row table:number-rows-repeated="{left}">{empty}</table:table-row>'
    style = "ta1" if sheet.visible else "ta2"
    title = escape(sheet.title, {'"': "&quot;"})
    body = f"{columns}{''.join(rows)}{tail}"
    return f'<table:table table:name="{title}" table:style-name="{style}">{body}</table:table>'


def _shown(visible: bool, how: str = "collapse") -> str:
    return "" if visible else f' table:visibility="{how}"'


def _spans(merged: Sequence[str]) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    starts, covered = {}, set()
    for ref in merged:
        first, last = ref.split(":")
        (left, top), (right, bottom) = ((ord(c[0]) - ord("A") + 1, int(c[1:])) for c in (first, last))
        starts[top, left] = (right - left + 1, bottom - top + 1)
        covered |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)} - {(top, left)}
    return starts, covered


def _ods_cell(value: Any, repeat: int, span: tuple[int, int] | None, *, hidden: bool) -> str:
    name = "table:covered-table-cell" if hidden else "table:table-cell"
    told = f' table:number-columns-repeated="{repeat}"' if repeat > 1 else ""
    if span:
        told += f' table:number-columns-spanned="{span[0]}" table:number-rows-spanned="{span[1]}"'
    if isinstance(value, Formula):
        told += f" table:formula={quoteattr('of:=' + value.text)}"
        if value.error:
            shown = f"<text:p>{escape(value.error)}</text:p>"
            told += ' office:value-type="string" office:string-value="" calcext:value-type="error"'
            return f"<{name}{told}>{shown}</{name}>"
        value = value.value
    if value is None:
        return f"<{name}{told}/>"
    kind, shown = _ods_value(value)
    note = "<office:annotation><dc:creator>A</dc:creator><text:p>a note</text:p></office:annotation>"
    note = note if isinstance(value, dt.date | bool) else ""
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in shown.split("\n"))
    return f"<{name}{told} {kind}>{note}{paragraphs}</{name}>"


def _ods_value(value: Any) -> tuple[str, str]:
    if isinstance(value, Styled):
        if value.style == "percent":
            return f'office:value-type="percentage" office:value="{value.number!r}"', f"{value.number * 100:g}%"
        value = value.number if value.style == "General" else _EPOCH + dt.timedelta(days=value.number)
    if isinstance(value, bool):
        return f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"', str(value).upper()
    if isinstance(value, int | float):
        return f'office:value-type="float" office:value="{value!r}"', str(value)
    if isinstance(value, dt.date):
        return f'office:value-type="date" office:date-value="{value.isoformat()}"', value.strftime("%d.%m.%y")
    if isinstance(value, dt.time):
        return f'office:value-type="time" office:time-value="{value.strftime("PT%HH%MM%SS")}"', value.isoformat()
    return 'office:value-type="string"', value
