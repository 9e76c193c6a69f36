"""Large files in a real browser: by pieces, over a line that breaks, across a reload, cancelled, signed out."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from madang.apps.applications.models import Draft, Upload
from madang.kernel import files
from tests.factories.applying import begun
from tests.factories.people import person
from tests.factories.rich import rich_call
from tests.web.apply_parts import session_of

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
CONTENT = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n" + bytes(range(256)) * 14_000 + b"\n%%EOF\n"  # 3.4 MB
ARRIVED_MS = 20_000  # on a machine that has much else to do
LETTER = '[data-key="documents.letter"]'
BROKEN = ("net::ERR_CONNECTION_RESET",)


class Line:
    """The pieces of a page on their way: `break_at(2)` breaks the line at the second one, `mend()` brings it back."""

    def __init__(self, page: Page) -> None:
        self.ranges: list[str] = []
        self._at, self._broken = 0, False
        page.route(re.compile(r"/uploads"), self._request)

    def break_at(self, piece: int) -> None:
        self._at = piece

    def mend(self) -> None:
        self._at, self._broken = 0, False

    def _request(self, route: Route) -> None:
        if route.request.method == "PATCH":
            self.ranges.append(route.request.headers["content-range"])
            self._broken = self._broken or len(self.ranges) == self._at
        if self._broken and not route.request.url.endswith(".js"):
            route.abort("connectionreset")
        else:
            route.continue_()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "확인서.pdf"
    path.write_bytes(CONTENT)
    return path


def form(visit: Any, live_server: Any, draft: Draft, **choices: Any) -> Page:
    home = session_of(draft.started_by, live_server)
    page: Page = visit(f"/applications/{draft.uid}/documents", storage_state=home, **choices)
    page.wait_for_selector("[data-form][data-ready]")
    return page


def letter(page: Page) -> Any:
    return page.locator(LETTER)


def choose(page: Page, path: Path) -> None:
    letter(page).locator("input[type=file]").set_input_files(path)


def stands(draft: Draft) -> bytes:
    return files.read(draft.files.get(key="documents.letter", removed_at=None).sha256)


def test_a_large_file_goes_by_pieces_and_a_small_one_whole(visit: Any, live_server: Any, large: Path, axe: Any) -> None:
    draft = begun(rich_call(), by=person("aram"))
    page = form(visit, live_server, draft, language="en")
    line = Line(page)
    choose(page, large)
    expect(letter(page).locator(".f-files a").first).to_have_text("확인서.pdf", timeout=ARRIVED_MS)
    expect(letter(page).locator(".f-files a").first).to_be_focused()
    expect(letter(page).locator(".f-sending")).to_have_count(0)
    assert stands(draft) == CONTENT
    assert len(line.ranges) >= 2
    assert line.ranges[0] == f"bytes 0-{1024 * 1024 - 1}/{len(CONTENT)}"
    assert page.evaluate("localStorage.length") == 0
    small = large.with_name("small.pdf")
    small.write_bytes(CONTENT[:1000] + b"\n%%EOF\n")
    sent = len(line.ranges)
    choose(page, small)
    expect(letter(page).locator(".f-files li")).to_have_count(2, timeout=ARRIVED_MS)
    assert len(line.ranges) == sent
    assert Upload.objects.count() == 1
    assert axe(page) == []


def test_a_line_that_breaks_costs_one_piece(visit: Any, live_server: Any, large: Path, axe: Any) -> None:
    draft = begun(rich_call(), by=person("aram"))
    page = form(visit, live_server, draft, language="ko", width=390, mode="high-contrast", also=BROKEN)
    line = Line(page)
    line.break_at(2)
    choose(page, large)
    box = letter(page).locator(".f-sending")
    expect(box).to_contain_text("연결이 끊겼습니다", timeout=ARRIVED_MS)
    expect(box.locator("progress")).to_have_attribute("value", "29")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []
    line.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(letter(page).locator(".f-files a").first).to_have_text("확인서.pdf", timeout=ARRIVED_MS)
    assert stands(draft) == CONTENT
    again = [one for one in line.ranges if one.startswith("bytes 0-")]
    assert len(again) == 1, "what had come was not sent a second time"


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(visit: Any, live_server: Any, large: Path) -> None:
    draft = begun(rich_call(), by=person("aram"))
    page = form(visit, live_server, draft, language="en", also=BROKEN)
    line = Line(page)
    line.break_at(2)
    choose(page, large)
    expect(letter(page).locator(".f-sending")).to_contain_text("No connection", timeout=ARRIVED_MS)
    page.on("dialog", lambda dialog: dialog.accept())
    line.mend()
    page.reload()
    expect(letter(page).locator(".f-sending-left")).to_have_text(
        "확인서.pdf stopped at 29 %. Choose the same file again to go on from there."
    )
    sent = len(line.ranges)
    choose(page, large)
    expect(letter(page).locator(".f-files a").first).to_have_text("확인서.pdf", timeout=ARRIVED_MS)
    assert line.ranges[sent].startswith("bytes 1048576-")
    assert stands(draft) == CONTENT
    assert Upload.objects.count() == 1
    expect(letter(page).locator(".f-sending-left")).to_have_count(0)


def test_a_file_that_only_has_the_same_name_begins_anew(visit: Any, live_server: Any, large: Path) -> None:
    draft = begun(rich_call(), by=person("aram"))
    page = form(visit, live_server, draft, language="en", also=BROKEN)
    line = Line(page)
    line.break_at(2)
    choose(page, large)
    expect(letter(page).locator(".f-sending")).to_contain_text("No connection", timeout=ARRIVED_MS)
    page.on("dialog", lambda dialog: dialog.accept())
    line.mend()
    page.reload()
    expect(letter(page).locator(".f-sending-left")).to_be_visible()
    large.write_bytes(CONTENT.replace(b"obj", b"OBJ"))
    choose(page, large)
    expect(letter(page).locator(".f-files a").first).to_have_text("확인서.pdf", timeout=ARRIVED_MS)
    assert stands(draft) == CONTENT.replace(b"obj", b"OBJ")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        letter(page).get_by_role("button", name="Give it up").click()
    expect(letter(page).locator(".f-sending-left")).to_have_count(0)
    page.wait_for_function("() => localStorage.length === 0")
    assert sorted(Upload.objects.values_list("state", flat=True)) == ["done", "given_up"]


def test_cancelled_by_keyboard_it_is_gone(visit: Any, live_server: Any, large: Path) -> None:
    draft = begun(rich_call(), by=person("aram"))
    page = form(visit, live_server, draft, language="en")
    page.route(re.compile(r"/uploads/"), lambda route: None if route.request.method == "PATCH" else route.continue_())
    choose(page, large)
    cancel = letter(page).get_by_role("button", name="Cancel the upload of 확인서.pdf")
    expect(cancel).to_be_visible()
    page.get_by_role("button", name=re.compile("^Save and go on")).click()
    expect(letter(page)).to_contain_text("A file is still being uploaded")
    page.wait_for_function("() => Object.keys(localStorage).length === 1")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        cancel.press("Enter")
    expect(letter(page).locator("[data-upload-state]")).to_have_text("The upload of 확인서.pdf was cancelled.")
    expect(letter(page).locator("input[type=file]")).to_be_focused()
    expect(letter(page).locator(".f-sending")).to_have_count(0)
    assert Upload.objects.get().state == "given_up"
    page.wait_for_function("() => localStorage.length === 0")


def test_what_the_place_does_not_take_is_said_beside_it(visit: Any, live_server: Any, large: Path) -> None:
    draft = begun(rich_call(), by=person("aram"))
    page = form(visit, live_server, draft, language="ko", also=(422,))
    large.write_bytes(b"MZ\x90 a program" + CONTENT[20:])
    choose(page, large)
    expect(letter(page).locator("[data-upload-state]")).to_contain_text(
        "확인서.pdf 파일을 받지 못했습니다.", timeout=ARRIVED_MS
    )
    assert Upload.objects.get().state == "refused"
    assert draft.files.count() == 0


def test_signed_out_meanwhile_it_waits_and_goes_on(visit: Any, live_server: Any, large: Path) -> None:
    draft = begun(rich_call(), by=person("aram"))
    page = form(visit, live_server, draft, language="en", also=(401, 403))
    line = Line(page)
    held: list[Route] = []
    page.unroute_all()
    page.route(
        re.compile(r"/uploads/"),
        lambda route: held.append(route) if route.request.method == "PATCH" and not held else route.continue_(),
    )
    with page.expect_request(lambda one: one.method == "PATCH"):
        choose(page, large)
    page.wait_for_function("() => document.querySelector('.f-sending')")
    expect(letter(page).locator(".f-sending progress")).to_be_visible()
    page.wait_for_function("() => Object.keys(localStorage).length === 1")
    home = [one for one in page.context.cookies() if one["name"] == "madang-session"]
    page.context.clear_cookies(name="madang-session")
    held[0].continue_()
    expect(letter(page).locator(".f-sending")).to_contain_text("You were signed out", timeout=ARRIVED_MS)
    page.context.add_cookies(home)
    expect(letter(page).locator(".f-files a").first).to_have_text("확인서.pdf", timeout=ARRIVED_MS)
    assert stands(draft) == CONTENT
    assert line.ranges == []
