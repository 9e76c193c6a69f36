"""A partner's paper in real browsers: asked for in Korean, handed over on a phone in English without script, filed."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from madang.apps.applications import commands
from madang.apps.applications.models import DraftFile, PaperRequest
from madang.kernel.mail import OutgoingMail
from tests.factories.filing import FilingWorld
from tests.web.apply_parts import session_of

pytestmark = [pytest.mark.django_db, pytest.mark.browser]


def pdf(name: str) -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": f"%PDF-1.7 {name}\n%%EOF\n".encode()}


def link() -> str:
    words = OutgoingMail.objects.filter(template="paper-request").latest("pk").words
    found = re.search(r"/papers/\S+", words)
    assert found
    return found[0]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_from_the_request_to_the_filed_form(visit: Any, live_server: Any, axe: Any) -> None:
    world = FilingWorld()
    commands.remove_file(actor=world.first, draft=world.draft, file=DraftFile.objects.get(key="documents.letter"))

    form = f"/applications/{world.draft.uid}/documents"
    me = visit(form, language="ko", storage_state=session_of(world.aram, live_server))
    me.get_by_role("link", name="협력기관이 직접 제출하게 하기").click()
    expect(me.get_by_label("추천서")).to_be_checked()
    me.get_by_label("제출할 기관").fill("Ministry of Cities <of Aram>")
    me.get_by_label("기관 전자우편 주소").fill("papers@example.org")
    me.get_by_text("영어", exact=True).click()
    me.get_by_label("기관에 전할 말").fill("Please hand over the letter with its seal.")
    assert axe(me) == []
    me.get_by_role("button", name="링크 보내기").click()
    expect(me.get_by_role("heading", name="Ministry of Cities <of Aram>")).to_be_visible()
    expect(me.locator(".t-link")).to_contain_text("발송함")
    assert axe(me) == []

    phone = visit(link(), width=390, script=False, locale="en-GB")
    expect(phone.get_by_role("heading", level=1)).to_have_text("City of Aram asks you for papers")
    phone.get_by_label("Choose the file").set_input_files(pdf("letter.pdf"))
    phone.get_by_role("button", name=re.compile("Hand over")).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Handed over")
    first = DraftFile.objects.exclude(handed_by=None).get()
    expect(phone.locator(".t-hash")).to_have_text(first.sha256)
    phone.get_by_role("link", name="Back to what is asked for").click()
    phone.get_by_text("Replace it by another file").click()
    phone.get_by_label("The file that takes the place of letter.pdf").set_input_files(pdf("letter-sealed.pdf"))
    phone.get_by_role("button", name="Replace", exact=True).click()
    expect(phone.locator(".t-about")).to_contain_text("letter-sealed.pdf")
    phone.get_by_role("link", name="Back to what is asked for").click()
    phone.get_by_role("button", name=re.compile("Take back")).click()
    phone.get_by_role("button", name=re.compile("Undo.*sealed")).click()
    expect(phone.locator(".t-files")).to_contain_text("letter-sealed.pdf")

    me.goto(live_server.url + form)
    expect(me.locator(".f-files")).to_contain_text("letter-sealed.pdf")
    expect(me.locator(".f-files")).to_contain_text("Ministry of Cities <of Aram>(협력기관) 제출")
    content = world.file().content
    assert [one.get("handed_by") for one in content["files"] if one["key"] == "documents.letter"] == [
        "Ministry of Cities <of Aram>"
    ]
    phone.goto(live_server.url + link())
    expect(phone.locator(".m-alert-title")).to_have_text("The application is filed")


@pytest.mark.parametrize(("language", "mode", "width"), [("ko", "light", 390), ("en", "high-contrast", 1440)])
def test_a_partners_pages_by_keyboard_and_for_every_reader(
    visit: Any, axe: Any, language: str, mode: str, width: int
) -> None:
    world = FilingWorld()
    commands.ask_for_paper(
        actor=world.first, draft=world.draft, keys=["documents.letter", "paper"], partner="Ministry " + "long" * 40,
        email="m@example.org", language="en",
    )  # fmt: skip
    page = visit(link(), language=language, mode=mode, width=width, also=(422, 404, 410))
    assert (axe(page), fits(page)) == ([], True)
    page.locator("#i-p-1").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"nothing"})
    page.locator("#i-p-1").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".f-errors")).to_contain_text("a.pdf")
    expect(page.locator("#e-p-1")).to_be_visible()
    assert (axe(page), fits(page)) == ([], True)
    page.locator("#i-p-1").set_input_files(pdf("long-name-" * 12 + ".pdf"))
    page.locator("#i-p-1").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".t-hash")).to_be_visible()
    assert (axe(page), fits(page)) == ([], True)
    page.locator(".m-actions a").first.click()
    expect(page.locator(".t-file")).to_be_visible()
    assert (axe(page), fits(page)) == ([], True)
    commands.revoke_paper_request(actor=world.first, asked=PaperRequest.objects.get())
    page.reload()
    assert (axe(page), fits(page)) == ([], True)
