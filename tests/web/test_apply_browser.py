"""Writing an application in a real browser: by mouse, by keyboard, without script, without a line, and together."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Draft
from madang.words import money
from tests.factories.applying import begun, joined, keep, row, typed
from tests.factories.people import belongs, organisation, person
from tests.factories.rich import rich_call
from tests.web.apply_parts import session_of

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
COUNTED = Path(__file__).parents[1] / "core" / "form" / "counted.json"
SAVED = "[data-save-state][data-state=saved]"
PDF = {
    "name": "plan.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n",
}


@pytest.fixture
def browse(chromium: Any, live_server: Any) -> Iterator[Callable[..., Page]]:
    """browse(person, path, expecting=...) opens a page of somebody's own browser.

    Errors in the console fail the test, except those of the network that it announces with `expecting`.
    """
    errors: list[str] = []
    contexts: list[Any] = []

    def open_page(
        someone: Person,
        path: str,
        *,
        language: str = "en",
        width: int = 1440,
        expecting: tuple[str, ...] = (),
        **more: Any,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            storage_state=session_of(someone, live_server),
            base_url=live_server.url,
            **more,
        )
        contexts.append(context)
        context.add_cookies([{"name": "madang-language", "value": language, "url": live_server.url}])
        context.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        errors_expected.update(expecting)
        page = context.new_page()
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200
        return page

    errors_expected: set[str] = set()
    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in errors if not any(text in one for text in errors_expected)] == []


def stands(draft: Draft, key: str) -> Any:
    return dict(draft.entries.values_list("key", "typed")).get(key)


def form(draft: Draft, step: str = "project") -> str:
    return f"/applications/{draft.uid}/{step}"


def ready(page: Page) -> Page:
    page.wait_for_selector("[data-form][data-ready]")
    return page


def field(page: Page, key: str) -> Any:
    return page.locator(f'[id="i-{key}"]')


# --- Whole walks ------------------------------------------------------------------------------------------------------


def test_by_mouse_in_korean_from_the_start_to_the_preview(browse: Any, axe: Any) -> None:
    me, call = person(), rich_call()
    belongs(organisation(), me, "manage", "file")
    page = browse(me, f"/calls/{call.slug}/apply", language="ko")
    page.get_by_text("해외실증").click()
    page.get_by_role("button", name="작성 시작").click()
    page.wait_for_url("**/project")
    ready(page)
    draft = Draft.objects.get()
    field(page, "name").fill("조용한 거리")
    page.get_by_label("예", exact=True).check()
    expect(page.locator('[data-key="mou-day"]')).to_be_visible()  # the server's answer has shown it
    page.get_by_label("센서").check()
    page.locator('[id="i-mou-text"]').set_input_files(PDF)
    expect(page.locator(".f-files")).to_contain_text("plan.pdf")
    expect(page.locator(SAVED)).to_contain_text("저장됨")
    assert (stands(draft, "name"), stands(draft, "mou"), stands(draft, "means")) == ("조용한 거리", "yes", ["sensors"])
    assert axe(page) == []

    page.get_by_role("button", name="저장하고 다음").click()
    page.wait_for_url("**/s-people")
    ready(page)
    page.get_by_role("button", name="행 추가").click()
    page.get_by_label("목표 필수", exact=True).fill("소음 줄이기")
    expect(page.locator("[data-missing-count]")).not_to_have_text("0")
    page.get_by_role("button", name="저장하고 다음").click()
    page.wait_for_url("**/money")
    ready(page)
    field(page, "cost").fill("1,200")
    field(page, "own").fill("500")
    box = page.locator(".f-money")  # as it is typed, before anything is sent
    expect(box).to_contain_text("12억 원")
    expect(box).to_contain_text("자부담이 6억 원 이상이어야 합니다. 1억 원이 모자랍니다.")
    field(page, "own").fill("600")
    expect(box).to_contain_text("대응 투자 비율을 충족합니다.")
    page.get_by_role("button", name="저장하고 다음").click()
    page.wait_for_url("**/consortium")
    ready(page)
    page.get_by_role("button", name="구성원 추가").click()
    page.get_by_label("역할 필수").select_option("member")
    page.get_by_label("국가 찾기").fill("예시국 B")  # a few letters find it in the long list
    expect(page.locator("[data-row-note]")).to_have_text("이 공모의 지원금을 받을 수 없음")
    page.get_by_label("국가 찾기").fill("예시국 A")
    expect(page.locator("[data-row-note]")).to_be_hidden()
    page.goto(form(draft, "check"))
    expect(page.locator(".f-preview")).to_contain_text("소음 줄이기")
    assert axe(page) == []


def test_by_keyboard_on_a_phone_in_english(browse: Any, axe: Any) -> None:
    draft = begun()
    page = ready(browse(draft.started_by, form(draft, "s-people"), width=390))
    press = page.keyboard.press
    field(page, "contact").focus()
    page.keyboard.type("aram@example.org")
    press("Tab")
    page.keyboard.type("not a web page")
    expect(page.locator('[id="e-site"]')).to_contain_text("https://")  # said beside the place
    page.get_by_role("button", name="Add a row").focus()
    press("Enter")
    page.wait_for_selector("[data-row]")
    page.keyboard.type("Less noise")  # the new row's first place has the focus
    page.get_by_role("button", name="Add a row").focus()
    press("Enter")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.type("Fewer cars")
    page.get_by_role("button", name="Move Row 2 up").focus()
    press("Enter")
    expect(page.locator("[data-row]").first.get_by_label("Goal")).to_have_value("Fewer cars")
    expect(page.get_by_role("button", name="Move Row 1 down")).to_be_focused()
    page.get_by_role("button", name="Remove Row 1").focus()
    press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    press("Enter")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator(SAVED)).to_contain_text("Saved")
    goals = stands(draft, "goals")
    assert [stands(draft, f"goals.{one}.goal") for one in goals] == ["Fewer cars", "Less noise"]
    page.locator("[data-missing] summary").focus()
    press("Enter")
    page.get_by_role("link", name="Project name").focus()
    press("Enter")
    page.wait_for_url("**/project#p-name")
    ready(page)
    page.locator("[data-map] summary").focus()
    press("Enter")
    frame = page.locator("[data-map-frame]")
    frame.focus()
    for key in ("ArrowRight", "+", "ArrowUp", "Enter"):
        press(key)
    expect(field(page, "place")).to_have_value("(22, 114)")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_script_everything_is_saved_by_buttons(browse: Any) -> None:
    draft = begun()
    page = browse(draft.started_by, form(draft), width=390, java_script_enabled=False, expecting=("status of 422",))
    expect(page.locator('[data-key="mou-day"]')).to_be_visible()  # with the words of when it applies
    field(page, "name").fill("Quiet streets")
    page.locator('input[name="at:mou"][value=yes]').check()
    page.locator('[id="i-mou-text"]').set_input_files(PDF)
    page.get_by_role("button", name=re.compile("Upload.*The agreement")).click()
    expect(page.locator(".f-files")).to_contain_text("plan.pdf")
    assert stands(draft, "name") == "Quiet streets"  # sent along: one button loses nothing of the page
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/s-people")
    field(page, "contact").fill("nobody")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator('[id="e-contact"]')).to_contain_text("not an e-mail address")
    expect(field(page, "contact")).to_have_value("nobody")


@pytest.mark.parametrize("mode", ["light", "high-contrast"])
def test_every_screen_is_accessible_and_fits(visit: Any, live_server: Any, axe: Any, mode: str) -> None:
    draft = begun()
    typed(draft, name="Quiet streets", summary="one", mou="yes", contact="nobody", cost="1,200", own="500")
    row(draft, "goals", goal="Less noise")
    row(draft, "members", role="member", name="Beta", country="XB")
    joined(draft, person("bora"))
    session = session_of(draft.started_by, live_server)
    addresses = [f"/calls/{draft.call.slug}/apply", "/applications", f"/applications/{draft.uid}/people"]
    addresses += [
        form(draft, step) for step in ("applicant", "project", "s-people", "money", "consortium", "documents", "check")
    ]
    page = visit("/applications", language="ko", mode=mode, storage_state=session)
    for address in addresses:
        page.goto(live_server.url + address)
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert axe(page) == [], (address, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
    page.goto("about:blank")  # so that no question is under way when the server ends


# --- Nothing typed is lost --------------------------------------------------------------------------------------------


def kept(page: Page, text: str) -> None:
    """Wait until this device has it on its disk."""
    page.wait_for_function(
        """text => new Promise(done => { const asked = indexedDB.open("madang-form", 1); asked.onsuccess = () => {
             const rows = asked.result.transaction("unsent").objectStore("unsent").getAll();
             rows.onsuccess = () => { asked.result.close(); done(rows.result.some(one => one.typed === text)); };
           }; })""",
        arg=text,
    )


def test_what_was_typed_without_a_line_survives_a_crash_and_is_sent_later(browse: Any) -> None:
    draft = begun()
    page = ready(browse(draft.started_by, form(draft), expecting=("ERR_INTERNET_DISCONNECTED",)))
    page.context.set_offline(True)
    field(page, "summary").fill("typed in a tunnel")
    field(page, "name").fill("Quiet streets")
    expect(page.locator("[data-save-state]")).to_have_text("No connection. Kept on this device: 2 changes wait.")
    kept(page, "typed in a tunnel")
    page.close(run_before_unload=False)  # as a crash: nobody asks, nobody says good-bye
    assert stands(draft, "summary") is None
    context = page.context
    context.set_offline(False)
    page = context.new_page()
    page.goto(form(draft))
    expect(field(page, "summary")).to_have_value("typed in a tunnel")
    expect(page.locator(SAVED)).to_contain_text("Saved")
    assert (stands(draft, "summary"), stands(draft, "name")) == ("typed in a tunnel", "Quiet streets")


def test_the_line_comes_back_and_the_page_goes_on_by_itself(browse: Any) -> None:
    draft = begun()
    page = ready(browse(draft.started_by, form(draft), expecting=("ERR_INTERNET_DISCONNECTED",)))
    page.context.set_offline(True)
    field(page, "name").fill("Quiet streets")
    expect(page.locator("[data-save-state]")).to_contain_text("1 change waits")
    page.context.set_offline(False)
    expect(page.locator(SAVED)).to_contain_text("Saved")
    assert stands(draft, "name") == "Quiet streets"


def test_a_busy_site_is_told_from_a_broken_line_and_asked_again_when_it_says(browse: Any) -> None:
    draft = begun()
    page = ready(browse(draft.started_by, form(draft), expecting=("status of 503",)))
    busy = {"status": 503, "headers": {"Retry-After": "1"}, "json": {"reasons": ["busy"], "retry_after": 1}}
    page.route("**/save", lambda route: route.fulfill(**busy), times=1)
    field(page, "name").fill("Quiet streets")
    expect(page.locator("[data-save-state][data-state=busy]")).to_contain_text("Very many people are here just now")
    expect(page.locator(SAVED)).to_contain_text("Saved")
    assert stands(draft, "name") == "Quiet streets"


def test_signed_out_while_typing_one_signs_in_again_and_nothing_is_lost(browse: Any, live_server: Any) -> None:
    draft = begun()
    page = ready(browse(draft.started_by, form(draft), expecting=("status of 401", "status of 403")))
    page.context.clear_cookies()
    field(page, "name").fill("Quiet streets")
    state = page.locator("[data-save-state]")
    expect(state).to_contain_text("You were signed out. What you typed is kept here.")
    expect(state.get_by_role("link")).to_have_attribute("target", "_blank")
    assert stands(draft, "name") is None
    page.context.add_cookies(session_of(draft.started_by, live_server)["cookies"])  # as another tab would
    expect(page.locator(SAVED)).to_contain_text("Saved", timeout=15_000)
    assert stands(draft, "name") == "Quiet streets"


def test_two_people_see_each_other_and_neither_is_overwritten(browse: Any) -> None:
    draft = begun()
    aram, bora = draft.started_by, joined(draft, person("bora"))
    one = ready(browse(aram, form(draft), expecting=("status of 409",)))
    other = ready(browse(bora, form(draft), expecting=("status of 409",)))
    field(one, "name").fill("Quiet streets")
    expect(field(other, "name")).to_have_value("Quiet streets", timeout=15_000)
    expect(other.locator('[data-key="name"] .f-changed')).to_contain_text("Changed by Aram")
    # Both write the same place before either has heard of the other.
    keep(draft, {"summary": "of Bora"}, bora)
    field(one, "summary").fill("of Aram")
    box = one.locator('[data-key="summary"] .f-conflict')
    expect(box).to_contain_text("Bora changed this")
    expect(box).to_contain_text("of Aram")
    expect(box).to_contain_text("of Bora")
    assert stands(draft, "summary") == "of Bora"
    box.get_by_role("button", name="Keep mine").click()
    expect(one.locator(SAVED)).to_contain_text("Saved")
    assert stands(draft, "summary") == "of Aram"
    expect(field(other, "summary")).to_have_value("of Aram", timeout=15_000)


def test_two_tabs_of_one_person_do_not_overwrite_each_other_either(browse: Any) -> None:
    draft = begun()
    typed(draft, summary="before")
    one = ready(browse(draft.started_by, form(draft), expecting=("status of 409",)))
    keep(draft, {"summary": "of the other tab"})
    field(one, "summary").fill("of this tab")
    box = one.locator('[data-key="summary"] .f-conflict')
    box.get_by_role("button", name="Take theirs").click()
    expect(field(one, "summary")).to_have_value("of the other tab")
    assert stands(draft, "summary") == "of the other tab"


def test_what_waits_for_another_step_is_sent_from_any_and_a_conflict_leads_there(browse: Any) -> None:
    draft = begun()
    page = ready(browse(draft.started_by, form(draft), expecting=("ERR_INTERNET_DISCONNECTED", "status of 409")))
    page.context.set_offline(True)
    field(page, "summary").fill("of Aram")
    field(page, "name").fill("Quiet streets")
    kept(page, "Quiet streets")
    page.close(run_before_unload=False)
    keep(draft, {"summary": "of Bora"}, joined(draft, person("bora")))
    context = page.context
    context.set_offline(False)
    page = context.new_page()
    page.goto(form(draft, "money"))
    state = page.locator("[data-save-state]")
    expect(state).to_contain_text("On another step, two versions")
    assert (stands(draft, "name"), stands(draft, "summary")) == ("Quiet streets", "of Bora")
    state.get_by_role("link", name="Show it").click()
    page.wait_for_url("**/project#p-summary")
    expect(page.locator('[data-key="summary"] .f-conflict')).to_contain_text("of Bora")
    expect(field(page, "summary")).to_have_value("of Aram")


# --- What the browser counts ------------------------------------------------------------------------------------------


def test_the_browser_counts_and_reads_as_the_server_does(visit: Any, live_server: Any) -> None:
    page = visit("/")
    texts = json.loads(COUNTED.read_text("utf-8"))
    counted = page.evaluate(
        """async ([address, texts]) => { const form = await import(address);
             return texts.map(text => [form.characters(text), form.words(text)]); }""",
        [f"{live_server.url}/static/js/form.js", [one["text"] for one in texts]],
    )
    assert counted == [[one["characters"], one["words"]] for one in texts]
    amounts = [0, 1, 999, 1_000_000, 1_234_500_000, 4_200_000_000, 4_200_000_001, 123_456_789_012, 10**15]
    said = page.evaluate(
        """async ([address, amounts]) => { const form = await import(address);
             return amounts.map(won => ["ko", "en"].map(language => form.inWords(BigInt(won), language))); }""",
        [f"{live_server.url}/static/js/form.js", amounts],
    )
    assert said == [[money.show(won, "ko"), money.show(won, "en")] for won in amounts]
    typed_ = {"1,200": "1200000000", "0.5": "500000", "1 200": "1200000000", "1.2.3": None, "-1": None, "12,00": None,
              "１２": "12000000", "0.0000001": None, "": None, "1,200.25": "1200250000"}  # fmt: skip
    read = page.evaluate(
        """async ([address, texts]) => { const form = await import(address);
             return texts.map(text => form.wonOf(text, 1000000)?.toString() ?? null); }""",
        [f"{live_server.url}/static/js/form.js", list(typed_)],
    )
    assert dict(zip(typed_, read, strict=True)) == typed_
