"""The release of the 2021 round from its folder: text, tables, and every format opened by what did not write it."""

import dataclasses
import datetime as dt
import hashlib
import io
import json
import re
from zipfile import ZipFile

import mammoth
import openpyxl
import pytest
import unhwp
from pypdf import PdfReader

from madang.core.statistics import counted_of, of_call
from madang.core.statistics.press import MATCHES
from madang.papers import classifications, folder, library
from madang.papers.press.model import LANGUAGES, STEPS, TABLES, Counts, Report, YearLine, filled, marks, taken_over
from madang.papers.press.naming import Naming
from madang.papers.press.pack import figures_json, file_of, pack
from madang.papers.press.proposal import propose
from madang.papers.press.tables import tables_of, there_are

KNOWN = dt.datetime(2021, 4, 27, 1, 30, tzinfo=dt.UTC)
YEARS = (YearLine(2020, 80, 23, "sheet"), YearLine(2020, 81, 23, "here"), YearLine(2021, 111, 39, "here"))


@pytest.fixture(scope="module")
def counts() -> Counts:
    path = library.example("kcity-network-2021")
    assert path
    found = folder.read(path, for_decision=False)
    sets = classifications.for_call(found.definition.classifications, sample=found.case.sample)
    return Counts(
        call=found.definition.id,
        definition=found.definition,
        statistics=of_call(found.definition, found.case, sets),
        counted=counted_of(found.definition, found.case),
        sets=sets,
        years=YEARS,
        as_of=None,
        known_at=KNOWN,
        sample=found.case.sample,
    )


@pytest.fixture(scope="module")
def report(counts: Counts) -> Report:
    texts = {language: filled(propose(counts, language), counts)[0] for language in LANGUAGES}
    return Report(uid="R1", revision=2, counts=counts, texts=texts, tables=TABLES, made=KNOWN.isoformat())


def cells(counts: Counts, name: str, language: str) -> list[tuple[object, ...]]:
    [table] = tables_of(counts, [name], language)
    return [*table.rows, *([table.total] if table.total else [])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_are_those_of_the_release(counts, language):
    assert [row[1:3] for row in cells(counts, "type", language)] == [(57, 24), (40, 16), (14, 12), (111, 39)]
    regions = [(35, 10), (33, 8), (19, 6), (24, 15), (111, 39)]
    assert [row[1:3] for row in cells(counts, "region", language)] == regions
    assert [row[1:] for row in cells(counts, "growth", language)] == [
        (80, 111, "+31", "+38.8%"),
        (23, 39, "+16", "+69.6%"),
    ]
    matrix = {str(row[0]): row[1:] for row in cells(counts, "type_field", language)}
    named = {"ko": ("교통", "미분류"), "en": ("Transport", "Not itemised")}[language]
    assert [matrix[name] for name in named] == [(0, 13, 3, 16), (57, 13, 3, 73)]
    assert cells(counts, "years", language)[0][:3] == ("2020", 80, 23)
    [years] = tables_of(counts, ["years"], language)
    assert "81" in years.note  # what was counted here does not agree with what was published
    assert len(cells(counts, "country", language)) == 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_reads_like_the_release_and_every_number_in_it_is_a_figure(counts, language):
    template = propose(counts, language)
    text, places = filled(template, counts)
    assert "{" not in text
    said = {
        "ko": [
            "39개국 111건 접수",
            "80건에서 31건(38.8%) 늘었고",
            "신남방 35건(10개국)",
            "13건은 분야가 분류되지 않았습니다",
        ],
        "en": [
            "111 applications from 39 countries",
            "rose by 31 from 80 (38.8%)",
            "New Southern, 35 applications from 10",
        ],
    }[language]  # fmt: skip
    assert [part for part in said if part not in text] == []
    assert {mark.status for mark in marks(template, text, counts)} == {MATCHES}
    assert len(places) >= 30
    assert filled(taken_over(template, text, counts), counts)[0] == text


def test_a_fall_and_a_call_at_home_are_told_rightly(counts):
    growth = {**counts.statistics["growth"]}
    growth["cases"] = {"previous": 120, "now": 111, "change": -9, "percent": "-7.50", "shown": "-7.5"}
    fell = dataclasses.replace(counts, statistics={**counts.statistics, "growth": growth})
    assert "120건에서 9건(7.5%) 줄었고" in filled(propose(fell, "ko"), fell)[0]
    nowhere = {**counts.statistics, "total": {"cases": 111, "countries": 0}}
    home = dataclasses.replace(counts, statistics=nowhere)
    assert "개국" not in filled(propose(home, "ko"), home)[0]
    early = dataclasses.replace(counts, as_of=dt.date(2021, 3, 31))
    assert "By 31 March 2021" in propose(early, "en")
    assert "growth" not in there_are(early)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_a_name_in_words(counts, language):
    naming = Naming(counts, language)
    assert [name for name in counts.figures if naming.figure(name) == name] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_carries_the_text_and_the_tables_marked_as_sample(report, language):
    read = {
        "html": _html(file_of(report, language, "html")),
        "pdf": _pdf(file_of(report, language, "pdf")),
        "docx": _html(mammoth.convert_to_html(io.BytesIO(file_of(report, language, "docx"))).value.encode()),
        "hwpx": _hwpx(file_of(report, language, "hwpx")),
        "xlsx": _xlsx(file_of(report, language, "xlsx")),
    }
    sample, blank = {"ko": ("예시", "미분류"), "en": ("Sample", "Not itemised")}[language]
    for form, text in read.items():
        squeezed = re.sub(r"\s+", "", text)
        for part in (report.title(language), report.body(language)[2], sample, blank, "+38.8%", "69.6%"):
            assert re.sub(r"\s+", "", part) in squeezed, (form, part)


def test_a_workbook_has_numbers_that_add_up(report):
    book = openpyxl.load_workbook(io.BytesIO(file_of(report, "en", "xlsx")))
    rows = list(book["1 By type"].values)
    counted = [row[1:3] for row in rows if isinstance(row[1], int)]
    assert counted == [(57, 24), (40, 16), (14, 12), (111, 39)]


def test_the_pack_has_a_whole_folder_for_each_site_and_true_hashes(report):
    steps: list[int] = []
    with ZipFile(io.BytesIO(pack(report, steps.append))) as found:
        content = {name: found.read(name) for name in found.namelist()}
    assert steps == list(range(1, STEPS + 1))
    readme = content.pop("README.txt").decode("utf-8-sig")
    assert {name.split("/")[0] for name in content} == {"ministry", "smart-city-portal", "kind", "kaia"}
    for site in ("ministry", "kaia"):
        for language in LANGUAGES:
            names = [f"{site}/{language}/report.{form}" for form in ("html", "pdf", "hwpx", "xlsx")]
            names += [f"{site}/{language}/charts/1.png", f"{site}/{language}/charts/1.svg", f"{site}/figures.json"]
            assert [name for name in names if name not in content] == []
    hashed = dict(reversed(line.split("  ")) for line in readme.splitlines() if re.match(r"[0-9a-f]{64}  ", line))
    assert hashed == {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    assert "국토교통부 누리집" in readme
    piece = content["kind/en/report.html"]
    assert piece.startswith(b'<article class="madang-report" lang="en"><h1>')
    assert b'<p class="madang-sample">Sample' in piece
    assert b"<script" not in piece


def test_figures_as_json_hold_every_name(report):
    told = json.loads(figures_json(report))
    assert told["figures"]["growth.cases.percent"] == "38.8"
    assert told["figures"]["not_itemised.solution-plan"] == "13"
    assert (told["sample"], told["as_of"]) == (True, None)


def _html(content: bytes) -> str:
    return re.sub(r"<[^>]+>", " ", content.decode()).replace("&amp;", "&")


def _pdf(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def _hwpx(content: bytes) -> str:
    with unhwp.parse_bytes(content) as read:
        return str(read.plain_text) + str(read.markdown)


def _xlsx(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return " ".join(str(cell) for sheet in book for row in sheet.values for cell in row if cell is not None)
