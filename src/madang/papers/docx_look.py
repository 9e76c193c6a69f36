"""How a Word document of ours looks, and what it says of itself: fonts, named styles, settings, properties.

Everything is a style with a name, so that an office can give the whole paper its own look in one place.
"""

from __future__ import annotations

from typing import Any, Final

from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn
from docx.shared import Mm, Pt, RGBColor

from madang.papers.blocks import Paper
from madang.papers.office import PRIMARY, RULE, SAMPLE, SOFT, TEXT, WARN, language, moment, plain

FONT, FONT_LATIN, FONT_CODE = "맑은 고딕", "Malgun Gothic", "Consolas"
#: Names of the Korean font, and what to take where it is missing: Word finds it by either name, other programs by kind.
FONT_TABLE: Final = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">\
<w:font w:name="{FONT}"><w:altName w:val="{FONT_LATIN}"/><w:panose1 w:val="020B0503020000020004"/>\
<w:charset w:val="81"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>\
<w:font w:name="{FONT_LATIN}"><w:altName w:val="{FONT}"/><w:panose1 w:val="020B0503020000020004"/>\
<w:charset w:val="81"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>\
<w:font w:name="{FONT_CODE}"><w:altName w:val="Courier New"/><w:panose1 w:val="020B0609020204030204"/>\
<w:charset w:val="00"/><w:family w:val="modern"/><w:pitch w:val="fixed"/></w:font></w:fonts>"""

UNWANTED = ("thumbnail", "stylesWithEffects", "customXml", "extended-properties")
"""Parts of python-docx's template that say nothing of this paper."""
_W = "{" + nsmap["w"] + "}"


def w(tag: str, *children: Any, **attributes: str) -> Any:
    """An element of WordprocessingML; attributes too are of its namespace."""
    element = OxmlElement(f"w:{tag}", {qn(f"w:{name}"): value for name, value in attributes.items()})
    element.extend(children)
    return element


def dress(doc: Doc, paper: Paper) -> None:
    """Turn python-docx's template into ours: only the parts that are needed, our styles, this paper's properties."""
    _only_what_is_needed(doc)
    _settings(doc)
    _defaults(doc)
    _styles(doc)
    _properties(doc, paper)


def _only_what_is_needed(doc: Doc) -> None:
    for rels in (doc.part.package.rels, doc.part.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.rsplit("/", 1)[1] in UNWANTED]:
            del rels[name]
    styles = doc.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:default")) != "1":
            styles.remove(style)
    for letters in styles.iter(qn("w:rPr")):
        for fonts in letters.findall(qn("w:rFonts")):
            if fonts.get(qn("w:asciiTheme")):  # a theme's fonts would hide ours
                letters.remove(fonts)


def _settings(doc: Doc) -> None:
    settings = doc.settings.element
    for child in list(settings):
        if not child.tag.startswith(_W) or child.tag in (qn("w:rsids"), qn("w:savePreviewPicture")):
            settings.remove(child)
    settings.replace(settings.find(qn("w:zoom")), w("zoom", percent="100"))
    languages = settings.find(qn("w:themeFontLang"))
    languages.set(qn("w:val"), "en-US")
    languages.set(qn("w:eastAsia"), "ko-KR")
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")  # Word 2013 and later: no "compatibility mode" in its title bar


def _defaults(doc: Doc) -> None:
    fonts = {"ascii": FONT_LATIN, "hAnsi": FONT_LATIN, "eastAsia": FONT, "cs": FONT_LATIN}
    defaults = doc.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for child in list(defaults):
        defaults.remove(child)
    # `val` is for Latin letters alone, as Korean Word writes it: with `ko-KR` LibreOffice breaks words and numbers.
    tongue = w("lang", val="en-US", eastAsia="ko-KR", bidi="ar-SA")
    defaults.extend([w("rFonts", **fonts), w("sz", val="20"), w("szCs", val="20"), tongue])
    for part in doc.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = FONT_TABLE.encode()


def _styles(doc: Doc) -> None:
    def style(name: str, size: float, ink: str = TEXT, before: float = 0, after: float = 4, **look: Any) -> Any:
        known = {one.name: one for one in doc.styles}
        made = known.get(name) or doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if name != "Normal":
            made.base_style = doc.styles["Normal"]
        properties = made.element.get_or_add_rPr()
        for child in list(properties):
            properties.remove(child)  # the template's own theme fonts and colours
        made.font.size, made.font.color.rgb, made.font.bold = Pt(size), RGBColor.from_string(ink), look.get("bold")
        paragraph = made.paragraph_format
        paragraph.space_before, paragraph.space_after = Pt(before), Pt(after)
        paragraph.line_spacing = look.get("spacing", 1.2)
        paragraph.keep_with_next = look.get("keep", False)
        paragraph.alignment = look.get("align")
        made.quick_style = True
        return made

    style("Normal", 10, after=6, spacing=1.3)
    style("Kicker", 11, PRIMARY, bold=True)
    title = style("Title", 22, before=0, after=6, bold=True, spacing=1.15)
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    style("Subtitle", 12, SOFT, after=8)
    style("Lead", 12, SOFT, after=10, spacing=1.3)
    style("Note", 9, SOFT, after=8)
    _frame(style("Alert", 10, WARN, before=6, after=8), WARN, "FDF1EE")
    code = style("Code", 9, after=6)
    code.font.name = FONT_CODE
    code.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    _frame(code, RULE, "F4F5F6")
    style("Heading 1", 16, PRIMARY, before=20, after=8, bold=True, keep=True)
    style("Heading 2", 13, before=14, after=6, bold=True, keep=True)
    style("Heading 3", 11, before=10, after=4, bold=True, keep=True)
    style("TOC Heading", 12, before=10, after=4, bold=True, keep=True)
    style("Contents", 10, after=2)
    style("List Bullet", 10, after=3)
    style("Caption", 8.5, SOFT, before=4, after=6)
    style("Table Title", 9, SOFT, before=6, after=4, bold=True, keep=True)
    style("Figure", 10, before=6, after=0, keep=True, spacing=1.0)
    right, middle = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
    style("Table Text", 8.5, after=0, spacing=1.15)
    style("Table Number", 8.5, after=0, spacing=1.15, align=right)
    style("Table Middle", 8.5, after=0, spacing=1.15, align=middle)
    style("Table Label", 9, SOFT, after=0, spacing=1.15)
    style("After Table", 4, after=4, spacing=1.0)
    for tile in (style("Tile Label", 9, SOFT, before=2, after=0, spacing=1.15),
                 style("Tile Number", 16, after=2, bold=True, spacing=1.1)):  # fmt: skip
        tile.paragraph_format.left_indent = Mm(2)
    style("Header", 10, SAMPLE, after=0, bold=True, align=middle)
    style("Footer", 8, SOFT, after=0, align=middle)
    small = doc.styles.add_style("Small", WD_STYLE_TYPE.CHARACTER)
    small.font.size, small.font.color.rgb = Pt(8), RGBColor.from_string(SOFT)


def _frame(style: Any, edge: str, ground: str) -> None:
    """A bar at the left and a ground behind the text."""
    after = ("w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
    properties = style.element.get_or_add_pPr()
    left = w("left", val="single", sz="24", space="6", color=edge)
    properties.insert_element_before(w("pBdr", left), "w:shd", *after)
    properties.insert_element_before(w("shd", val="clear", color="auto", fill=ground), *after)
    style.paragraph_format.left_indent = Mm(3)


def _properties(doc: Doc, paper: Paper) -> None:
    core = doc.core_properties
    core.title = plain(paper.title)[:255]
    core.subject = plain(paper.subtitle)[:255]
    core.author = core.last_modified_by = "Madang"
    core.comments = core.keywords = core.category = ""
    core.language = language(paper)
    core.created = core.modified = moment(paper)
    core.revision = 1
