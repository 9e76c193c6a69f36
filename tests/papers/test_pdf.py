"""The PDF report, read back by pypdf: whole, marked, in its language, harmless, the same bytes for the same record."""

import json
import pickle
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from madang.papers import charts, fonts, pdf
from madang.papers.blocks import Column, Figure, Grid, Heading, Line, Paper, Paragraph
from madang.papers.decision import view, words
from madang.papers.paper import paper_of
from tests.papers.records import (
    ALL,
    HOSTILE,
    RANK,
    THRESHOLD,
    VOTE,
    definition_text,
    hostile_case,
    sample_record,
    sealed,
)

LANGUAGES = ("ko", "en")
SCRIPTS = (
    "#import \"x\": *", "#set page(width: 1pt)", "$ x^2 $", "\\", "@label <label>", "`raw` ```sh rm```", "*bold* _it_",
    "= Heading", "[content](url)", "\"); #panic(\"", "'; --", "//comment /* */", "~", "{{ }}", "\u202eevil\u202c",
)  # fmt: skip


@cache
def made(name: str, language: str) -> tuple[Paper, bytes]:
    record = sample_record(name)
    paper = paper_of(view(record, language), record)
    return paper, pdf.render(paper)


def opened(data: bytes) -> PdfReader:
    return PdfReader(BytesIO(data), strict=True)


def plain(text: str) -> str:
    """Without spaces and line breaks, where a page may put them; letters in one form."""
    return re.sub(r"[\s\u200b]+", "", unicodedata.normalize("NFKC", text))


def told(data: bytes) -> str:
    return plain("\n".join(page.extract_text() for page in opened(data).pages))


def small(*parts: Any, **more: Any) -> Paper:
    return Paper("A title", "", "en", "", parts, made="2022-01-28T18:00:00+09:00", **more)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_every_word_of_the_paper_stands_in_the_file(name: str, language: str) -> None:
    paper, data = made(name, language)
    found = told(data)
    missing = [text for text in paper.texts() if plain(text) and not all(plain(w) in found for w in text.split())]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_every_application_stands_there_with_its_reasons(name: str, language: str) -> None:
    record = sample_record(name)
    seen = view(record, language)
    paper, data = made(name, language)
    found = told(data)
    reasons = {
        line.cells[0]: line.cells[-1]
        for part in paper.parts
        if isinstance(part, Grid)
        and len(part.columns) == 3
        and part.columns[-1].label == words("column_reasons", language)
        for line in part.rows
    }
    for line in seen.applications:
        assert line.reasons
        assert all(reason in reasons[line.id] for reason in line.reasons)
        assert plain(line.applicant) in found
    assert plain(record.root) in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_says_so_on_every_page_and_a_decision_on_none(language: str) -> None:
    pages = opened(made(RANK, language)[1]).pages
    assert len(pages) > 5
    assert all(plain(words("sample_long", language)) in plain(page.extract_text()) for page in pages)
    text = definition_text(THRESHOLD)
    record = sealed(text, hostile_case(text), sample=False)
    assert plain(words("sample_long", language)) not in told(pdf.render(paper_of(view(record, language), record)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_a_language_a_title_bookmarks_and_tags(language: str) -> None:
    paper, data = made(RANK, language)
    reader = opened(data)
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert paper.title in str(reader.metadata and reader.metadata.title)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    chapters = [part for part in paper.parts if isinstance(part, Heading) and part.level == 1]
    marks = [one.title for one in reader.outline if not isinstance(one, list)]
    assert [plain(mark) for mark in marks] == [plain(f"{one.number}. {one.text}") for one in chapters]
    kinds = [str(node.get("/S")) for node in nodes(root["/StructTreeRoot"])]
    assert kinds.count("/H1") == len(chapters)
    assert kinds.count("/Table") >= sum(isinstance(part, Grid) for part in paper.parts)
    figures = [node for node in nodes(root["/StructTreeRoot"]) if node.get("/S") == "/Figure"]
    assert len(figures) == sum(isinstance(part, Figure) for part in paper.parts) > 3
    assert all(node["/Alt"] for node in figures)


def nodes(tree: Any) -> Iterator[Any]:
    """Every element of the tree of tags."""
    kids = tree.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        node = kid.get_object() if hasattr(kid, "get_object") else kid
        if hasattr(node, "get") and node.get("/S"):
            yield node
            yield from nodes(node)


def test_fonts_are_embedded_and_nothing_runs_or_points_elsewhere() -> None:
    reader = opened(made(RANK, "ko")[1])
    embedded = set()
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources.get("/Font", {}).values():
            inner = font.get_object()
            descendant = inner["/DescendantFonts"][0].get_object() if "/DescendantFonts" in inner else inner
            descriptor = descendant["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & descriptor.keys()
            embedded.add(str(descriptor["/FontName"]).partition("+")[2])
    assert {"PretendardGOV-Regular", "PretendardGOV-Bold"} <= embedded
    assert not any("Noto" in name for name in embedded)  # our own fonts suffice, so every machine makes the same file
    root: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & root.keys()
    assert "/JavaScript" not in (root.get("/Names") or {})
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert links
    assert all((note["/Subtype"] == "/Link" and "/Dest" in note) or note["/A"]["/S"] == "/GoTo" for note in links)


def test_the_same_record_gives_the_same_bytes_and_the_date_of_the_decision() -> None:
    record = sample_record(VOTE)
    paper = paper_of(view(record, "ko"), record)
    code = "import sys, pickle; from madang.papers import pdf; o = sys.stdout.buffer; i = sys.stdin.buffer"
    process = [sys.executable, "-c", code + "; o.write(pdf.render(pickle.load(i)))"]
    other = subprocess.run(process, input=pickle.dumps(paper), capture_output=True, check=True).stdout
    data = pdf.render(paper)
    assert data == other
    assert b"20220128" in data  # Seoul's evening is the same day in UTC
    assert b"D:2022" in data


def test_what_applicants_write_stays_text() -> None:
    text = definition_text(RANK)
    record = sealed(text, hostile_case(text))
    found = told(pdf.render(paper_of(view(record, "en"), record)))
    for attack in HOSTILE:
        shown = re.sub("[\u202a-\u202e]", "", re.sub("[\x00\x0b]", "\ufffd", attack))
        assert plain(shown) in found


@pytest.mark.parametrize("attack", SCRIPTS)
def test_markup_is_shown_and_never_obeyed(attack: str) -> None:
    table = Grid(attack, (Column(attack, 1), Column("n", 1, "right")), (Line((attack, "1")), Line((attack,), "line")))
    paper = small(Heading(1, attack), Paragraph(attack), Paragraph(attack, "code"), table, kicker=attack, footer=attack)
    reader = opened(pdf.render(paper))
    assert len(reader.pages) == 1
    assert float(reader.pages[0].mediabox.width) == pytest.approx(595.3, abs=1)
    assert told(pdf.render(paper)).count(plain(re.sub("[\u202a-\u202e]", "", attack))) >= 8


def test_other_scripts_are_shown_by_fonts_or_as_code_points(monkeypatch: pytest.MonkeyPatch) -> None:
    own = "Việt Nam · Қазақстан · Ελλάδα · Łódź · 釜山廣域市 · きたくにし"
    assert fonts.unknown(fonts.unusual([own])) == frozenset()
    monkeypatch.setattr(fonts, "_system", lambda: iter(()))  # a machine without any font
    data = pdf.render(small(Paragraph(own), Paragraph("ไทย กุ 😀 مدينة \ue123 e\u0301")))
    found = told(data)
    assert plain(own) in found
    assert "[U+0E44][U+0E17][U+0E22]" in found
    assert "[U+0E01][U+0E38]" in found  # marks are not lost
    assert "[U+1F600]" in found
    assert "[U+E123]" in found  # our own fonts draw something there, nobody knows what it meant
    assert "[U+0645]" in found


def test_a_word_without_end_stays_on_its_page() -> None:
    endless = "x" * 400
    page = opened(pdf.render(small(Grid("", (Column("a", 1), Column("b", 1)), (Line((endless, "end")),))))).pages[0]
    right = []
    page.extract_text(visitor_text=lambda text, cm, tm, *_: right.append(cm[4] + tm[4]) if text.strip() else None)
    assert max(right) < float(page.mediabox.width) - 50
    assert plain(page.extract_text()).count("x") == 400


def test_headers_are_repeated_and_no_row_is_lost_over_many_pages() -> None:
    rows = tuple(Line((f"A{n:04}", f"Applicant {n}", f"{n}.00")) for n in range(600))
    heads = (Column("Number here", 1), Column("Who", 3), Column("Points", 1, "right"))
    pages = [plain(page.extract_text()) for page in opened(pdf.render(small(Grid("All", heads, rows)))).pages]
    assert len(pages) > 8
    assert all("Numberhere" in page for page in pages)
    assert [f"A{n:04}" for n in range(600)] == re.findall(r"A\d{4}", "".join(pages))


def test_a_wide_table_turns_its_page_and_the_next_one_stands_upright() -> None:
    table = Grid("Wide", (Column("a", 1),), (Line(("x",)),), wide=True)
    pages = opened(pdf.render(small(Paragraph("before"), Heading(1, "Of it"), table, Paragraph("after")))).pages
    shapes = [page.mediabox.width > page.mediabox.height for page in pages]
    assert shapes == [False, True, False]
    assert "Of it" in pages[1].extract_text()


def test_a_paper_without_charts_is_still_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> str:
        raise charts.ChartError("on purpose")

    monkeypatch.setattr(charts, "draw", broken)
    record = sample_record(VOTE)
    paper = paper_of(view(record, "en"), record)
    assert sum(isinstance(part, Figure) for part in paper.parts) == 1  # the QR code needs no renderer
    assert opened(pdf.render(paper)).pages


def test_the_command_makes_papers_of_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from madang.cli.main import main
    from madang.papers.library import examples

    folder = str(examples()["service-certification-2023-sample"])
    assert main(["decide", folder, "--out", str(tmp_path), "--unsigned", "--papers", "pdf"]) == 0
    record = str(tmp_path / "record.json")
    assert json.loads((tmp_path / "record.json").read_text("utf-8"))["root"]
    assert main(["report", record, "--papers", "pdf", "--language", "en", "--out", str(tmp_path / "en")]) == 0
    assert [path.name for path in (tmp_path / "en").iterdir()] == ["report.pdf"]
    assert "Decisionreport" in told((tmp_path / "en" / "report.pdf").read_bytes())
    assert opened((tmp_path / "report.pdf").read_bytes()).pages
    assert main(["report", record, "--papers", "pdf,odt", "--language", "en"]) == 2
    assert "odt" in capsys.readouterr().err
