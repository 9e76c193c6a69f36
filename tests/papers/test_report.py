"""The HTML report: whole, harmless, accessible, and the same in what it says as the record."""

import re
import shutil
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from madang.papers.decision import view
from madang.papers.report import POLICY, h, render_html
from tests.papers.records import (
    ALL,
    HOSTILE,
    RANK,
    THRESHOLD,
    VOTE,
    case_of,
    definition_text,
    hostile_case,
    sample_record,
    sealed,
)

VOID = {"meta", "br", "hr", "img", "input", "link", "col", "area", "base", "embed", "source", "track", "wbr"}
LANGUAGES = ("ko", "en")
CHROMIUM = shutil.which("chromium")


class Page(HTMLParser):
    """What a reader of HTML finds: balance, elements, words by element, and who refers to whom."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[tuple[str, ...], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        self.words.append((tuple(self.open), data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, *inside: str) -> str:
        return " ".join(words for path, words in self.words if "style" not in path and set(inside) <= set(path))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_a_report_is_whole_and_says_something_of_every_application(name, language):
    record = sample_record(name)
    page = Page(render_html(record, language))
    assert not page.faults
    assert not page.open
    assert page.all("html") == [{"lang": language}]
    assert len(page.all("h1")) == 1
    assert all(th.get("scope") in ("col", "row") for th in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    told = page.text("article")
    for line in view(record, language).applications:
        assert line.applicant in told
        assert all(reason in told for reason in line.reasons)


@pytest.mark.parametrize("name", ALL)
def test_nothing_comes_from_elsewhere_and_nothing_runs(name):
    text = render_html(sample_record(name), "en")
    page = Page(text)
    assert {"script", "link", "img", "iframe", "object", "form", "base"}.isdisjoint(tag for tag, _ in page.elements)
    named = [(name, value) for _, attributes in page.elements for name, value in attributes.items()]
    assert all(value.startswith("#") for name, value in named if name in ("href", "src", "xlink:href"))
    assert not [name for name, _ in named if name.startswith("on")]
    assert "@import" not in text
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= {f"#{board}-hatch" for board in ("ranking",)}
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in page.all("meta")
    assert POLICY.startswith("default-src 'none'")


def test_a_hostile_applicant_stays_text():
    text = definition_text(RANK)
    record = sealed(text, hostile_case(text))
    written = render_html(record, "ko")
    page = Page(written)
    plain = Page(render_html(sealed(text, case_of(text)), "ko"))
    assert not page.faults
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert HOSTILE[0] in page.text("article")
    assert HOSTILE[1] in page.text("table")
    assert not re.search("[\x00\x0b\u202e]", written)


def test_attributes_and_text_are_escaped_by_the_tree():
    from xml.etree.ElementTree import tostring

    made = tostring(h("p", "<b>", h("i", "&"), '"', title='"><script>'), encoding="unicode", method="html")
    assert made == '<p title="&quot;&gt;<script&gt;">&lt;b&gt;<i>&amp;</i>"</p>'


def test_a_sample_says_so_and_a_decision_does_not():
    text = definition_text(RANK)
    case = case_of(text)
    sample, real = (Page(render_html(sealed(text, case, sample=sample), "en")) for sample in (True, False))
    assert "SAMPLE – invented material, not a real decision" in sample.text("body")
    assert sample.text("title").startswith("[SAMPLE]")
    assert "SAMPLE" not in real.text()


def test_an_unsettled_decision_says_what_is_open():
    text = definition_text(VOTE)
    case = case_of(text)
    without = case.votes[0].application
    case = replace(case, votes=tuple(vote for vote in case.votes if vote.application != without))
    page = Page(render_html(sealed(text, case), "en"))
    assert "This decision is not settled" in page.text("h2")
    assert re.search(r"The vote on application A\d+ has no result", page.text("section"))


def test_an_unsigned_record_says_so():
    text = definition_text(THRESHOLD)
    page = Page(render_html(sealed(text, case_of(text), signed=False), "en"))
    assert "unsigned" in page.text("dl")


def test_the_chart_tells_in_words_what_it_shows():
    record = sample_record(RANK)
    page = Page(render_html(record, "en"))
    board = view(record, "en").boards[0]
    described = page.text("svg", "desc")
    assert f"The last one selected stands at place {board.line}." in described
    assert page.text("svg", "title")
    best = view(record, "en").application(board.ids[0])
    assert f"{best.score} Selected" in page.text("svg", "text")


def test_many_applications_are_charted_around_the_line_and_all_in_the_table():
    record = sample_record(RANK, applications=111)
    page = Page(render_html(record, "en"))
    scored = len(record.computed()["ranking"])
    assert len([one for one in page.all("rect") if one.get("class", "").startswith("bar ")]) < scored
    rows = [words for path, words in page.words if path[-1:] == ("th",) and re.fullmatch(r"A\d+", words)]
    assert {line["application"] for line in record.computed()["ranking"]} <= set(rows)


# -- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_browser():
    """`in_browser(task)` gives `task(browser)`, run in a thread of its own.

    Playwright allows one a thread, and the tests of the web keep theirs open.
    """
    if CHROMIUM is None:
        pytest.skip("no chromium: run scripts/install-debian.sh")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        browser = thread.submit(lambda: playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)).result()
        yield lambda task: thread.submit(task, browser).result()
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture
def look(in_browser, tmp_path):
    """`look(name, language, width, task)` gives `task(page)` of a report; the console and the network stay silent."""

    def run(name: str, language: str, width: int, task: Callable[[Any], Any]) -> Any:
        path = tmp_path / "report.html"
        path.write_text(render_html(sample_record(name), language), encoding="utf-8")
        noise: list[str] = []

        def visit(browser: Any) -> Any:
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("console", lambda line: noise.append(line.text))
            page.on("request", lambda asked: noise.append(asked.url) if asked.url != path.as_uri() else None)
            page.goto(path.as_uri())
            found = task(page)
            page.close()
            return found

        found = in_browser(visit)
        assert not noise
        return found

    return run


@pytest.mark.browser
@pytest.mark.parametrize(("name", "language", "width"), [(RANK, "ko", 390), (VOTE, "en", 1440), (THRESHOLD, "ko", 360)])
def test_axe_finds_nothing_and_the_page_fits(look, name, language, width):
    source = next(Path(str(files("axe_playwright_python"))).rglob("axe.min.js")).read_text("utf-8")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def check(page: Any) -> Any:
        page.evaluate(source)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, preload: false})", rules)
        return found["violations"], page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    violations, fits = look(name, language, width, check)
    assert [(one["id"], one["nodes"][0]["failureSummary"]) for one in violations] == []
    assert fits


_OVERLAPPING = """() => [...document.querySelectorAll('.chart .row')].filter(row => {
    const places = [...row.querySelectorAll('text')].map(text => text.getBoundingClientRect());
    const [label, value] = places.filter(place => place.width);
    return value && label.right > value.left;
}).length"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 680, 1440])
def test_words_of_a_chart_do_not_run_into_each_other(look, width):
    assert look(RANK, "ko", width, lambda page: page.evaluate(_OVERLAPPING)) == 0


@pytest.mark.browser
def test_every_printed_page_of_a_sample_says_so(look):
    written = look(RANK, "en", 1440, lambda page: page.pdf(prefer_css_page_size=True, print_background=True))
    found = re.findall(rb"stream\r?\n(x.*?)endstream", written, re.DOTALL)
    streams = [zlib.decompressobj().decompress(stream) for stream in found]
    pages = len(re.findall(rb"/Type\s*/Page\b", written))
    colour_of_the_stamp = re.compile(rb"\.29\d* \.11\d* \.47\d* (?:rg|RG)")
    assert pages > 3
    assert sum(bool(colour_of_the_stamp.search(stream)) for stream in streams) >= pages
