"""The press in a real browser: when the line drops, when the site is busy, pressed twice, with something not yet sent,
by keyboard, and without script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from madang.apps.accounts.models import Person
from madang.apps.applications import commands
from madang.apps.applications.models import Draft, Filing
from tests.factories.applying import begun, completed
from tests.web.apply_parts import session_of

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


@pytest.fixture
def draft() -> Draft:
    return completed(begun(track="plan"))


@pytest.fixture
def opened(visit: Any, live_server: Any) -> Callable[..., Page]:
    """opened(person, draft, step) opens a page of the application; what fails on purpose is announced."""

    def open_page(person: Person, draft: Draft, step: str = "check", **more: Any) -> Page:
        more = {"language": "en", "storage_state": session_of(person, live_server), **more}
        page: Page = visit(f"/applications/{draft.uid}/{step}", **more)
        return page

    return open_page


def button(page: Page) -> Any:
    page.wait_for_selector("[data-press][data-ready]")
    return page.get_by_role("button", name="File this application")


def test_pressed_twice_it_goes_once_and_says_when_it_arrived(draft: Draft, opened: Any) -> None:
    page = opened(draft.started_by, draft)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/file") else None)
    button(page).dblclick()
    page.wait_for_url("**/receipts/1")
    assert len(sent) == 1
    assert Filing.objects.count() == 1


def test_a_lost_answer_is_asked_for_again_and_the_first_arrival_counts(draft: Draft, opened: Any) -> None:
    page = opened(draft.started_by, draft, also=("ERR_FAILED",))
    times: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        times.append(1)
        if len(times) == 1:
            route.fetch()  # it arrives and is filed; the answer never comes
            route.abort()
        else:
            route.continue_()

    page.route("**/file", lose_the_first_answer)
    button(page).click()
    expect(page.locator("[data-press-state]")).to_contain_text("whether your press arrived is not known")
    expect(page.locator("[data-press-state]")).to_contain_text("It is filed once, however often it is sent")
    page.get_by_role("button", name="Send it again now").click()
    page.wait_for_url("**/receipts/1")
    assert (len(times), Filing.objects.count()) == (2, 1)


def test_a_busy_site_is_said_to_be_busy_and_asked_again_by_itself(draft: Draft, opened: Any, axe: Any) -> None:
    page = opened(draft.started_by, draft, also=(503,), width=390)
    busy = [True]
    page.route("**/file", lambda route: route.fulfill(status=503) if busy[0] else route.continue_())
    button(page).click()
    expect(page.locator("[data-press-state]")).to_contain_text("too many at once")
    assert axe(page) == []
    busy[0] = False
    page.wait_for_url("**/receipts/1")
    assert Filing.objects.count() == 1


def test_a_refusal_stands_beside_the_button_and_takes_the_focus(draft: Draft, opened: Any) -> None:
    page = opened(draft.started_by, draft, also=(422,))
    page.wait_for_selector("[data-press][data-ready]")
    entry = draft.entries.get(key="name")
    commands.overwrite_entry(actor=_actor(draft), draft=draft, key="name", typed="", seen_revision=entry.revision)
    button(page).click()
    refusal = page.locator("[data-press-refused]")
    expect(refusal).to_be_focused()
    expect(refusal).to_contain_text("Not filed.")
    expect(refusal).to_contain_text("still to be settled: 1")
    assert not Filing.objects.exists()


def _actor(draft: Draft) -> Any:
    from madang.apps.accounts.commands import actor_of

    return actor_of(draft.started_by)


def test_what_was_typed_last_is_sent_before_it_is_filed(draft: Draft, opened: Any) -> None:
    page = opened(draft.started_by, draft, "project", also=("ERR_INTERNET_DISCONNECTED", "ERR_FAILED"))
    page.wait_for_selector("[data-form][data-ready]")
    page.route("**/save", lambda route: route.abort())
    page.locator('[id="i-name"]').fill("Typed while the line was down")
    expect(page.locator("[data-save-state]")).to_contain_text("Kept on this device")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.url.replace("/project", "/check"))
    page.wait_for_selector("[data-press][data-ready]")  # tried when the page was opened, in vain
    button(page).click()
    expect(page.locator("[data-press-state]")).to_contain_text("has not reached us, so nothing was filed yet")
    assert not Filing.objects.exists()
    page.unroute("**/save")
    page.get_by_role("button", name="Send it again now").click()
    page.wait_for_url("**/receipts/1")
    assert Filing.objects.get().content["answers"]["name"] == "Typed while the line was down"


def test_signed_out_it_waits_for_somebody_to_sign_in_again(draft: Draft, opened: Any, live_server: Any) -> None:
    page = opened(draft.started_by, draft, also=(401,))
    press = button(page)
    page.context.clear_cookies(name="madang-session")
    press.click()
    expect(page.locator("[data-press-state]")).to_contain_text("You were signed out, so it was not filed")
    page.context.add_cookies(session_of(draft.started_by, live_server)["cookies"])
    page.wait_for_url("**/receipts/1", timeout=15_000)
    assert Filing.objects.count() == 1


def test_by_keyboard_in_korean_from_the_banner_to_another_filing(draft: Draft, opened: Any, axe: Any) -> None:
    page = opened(draft.started_by, draft, language="ko")
    page.wait_for_selector("[data-press][data-ready]")
    page.get_by_role("button", name="신청서 제출하기").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/1")
    page.get_by_role("link", name="신청서로 가기").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="수정하기").focus()
    page.keyboard.press("Space")
    page.wait_for_selector("[data-form][data-ready]")
    page.locator('[id="i-name"]').focus()
    page.keyboard.type("!")
    expect(page.locator("[data-save-state][data-state=saved]")).to_contain_text("저장")
    page.get_by_role("link", name="수정 내용 버리기").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("버리시겠습니까")
    assert axe(page) == []
    page.get_by_role("button", name="예, 수정 내용을 버립니다").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("1차 제출본이 유효합니다.")


@pytest.mark.parametrize("mode", ["light", "high-contrast"])
def test_without_script_the_same_on_a_narrow_phone(draft: Draft, opened: Any, axe: Any, mode: str) -> None:
    page = opened(draft.started_by, draft, width=360, script=False, mode=mode, also=(422,))
    page.get_by_role("button", name="File this application").click()
    page.wait_for_url("**/receipts/1")
    expect(page.get_by_role("button", name="Copy the number")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="To the application").click()
    page.get_by_role("link", name="Withdraw").first.click()
    page.get_by_role("button", name="Yes, withdraw it").click()
    page.get_by_role("button", name="Resume it").click()
    assert Draft.objects.get().state == "writing"
