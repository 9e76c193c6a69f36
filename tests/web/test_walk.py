"""The whole way of an applicant in a browser: find, self-test, register, found, write, invite, write together, lose
the line, resume, preview, file, replace, withdraw, and verify the receipt. (Its parts have tests of their own, by
keyboard, on a phone and without script.)"""

import re
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from madang.apps.applications.models import Draft
from madang.kernel.mail import deliver_due
from tests.factories.applying import completed
from tests.factories.rich import rich_call
from tests.web.accounts import code

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
SAVED = "[data-save-state][data-state=saved]"


def signs_up(page: Page, name: str, address: str) -> None:
    """From the sign-in page, where somebody without an account came to, to the page that was asked for."""
    page.locator('a[href*="signup"]').first.click()
    page.locator("#id_email").fill(address)
    page.locator("#id_name").fill(name)
    page.locator("#id_terms").check()
    page.locator("#id_privacy").check()
    page.locator("button.primary").click()
    page.locator("#id_code").fill(code())
    page.locator("button.primary").click()


def ready(page: Page) -> Page:
    page.wait_for_selector("[data-form][data-ready]")
    return page


def field(page: Page, key: str) -> Any:
    return page.locator(f'[id="i-{key}"]')


def test_from_the_list_of_calls_to_the_preview_with_a_colleague_and_a_lost_line(visit: Any, axe: Any) -> None:
    call = rich_call()
    page = visit("/calls", language="en", also=(409,))
    page.get_by_role("link", name="Rich sample call").first.click()
    page.get_by_role("link", name="Is it for us?").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert axe(page) == []
    page.go_back()

    page.locator(f'a[href$="/calls/{call.slug}/apply"]').first.click()
    signs_up(page, "Ibu Sari", "sari@example.org")
    expect(page).to_have_url(re.compile(rf"/calls/{call.slug}/apply$"))
    page.locator('a.krds-btn[href^="/organisations?next="]').click()
    page.get_by_role("link", name="Register an organisation").first.click()
    page.locator("#name").fill("City of Sari (sample)")
    page.locator("#country").select_option("ID")
    page.locator("#kind").select_option("city")
    page.get_by_role("button", name="Register").click()
    expect(page).to_have_url(re.compile(rf"/calls/{call.slug}/apply$"))
    page.get_by_text("Development plan").first.click()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/project")
    draft = Draft.objects.get()
    field(ready(page), "name").fill("Quiet streets")
    expect(page.locator(SAVED)).to_contain_text("Saved")

    page.goto(page.url.replace("/project", "/people"))
    page.locator("input[type=email]").fill("bora@example.org")
    page.locator("input[type=email]").press("Enter")
    deliver_due()
    link = re.search(r"/invitations/drafts/\S+", mail.outbox[-1].body)
    assert link
    colleague = visit(link[0], language="ko", width=390, also=(409,))
    signs_up(colleague, "보라", "bora@example.org")
    expect(colleague).to_have_url(re.compile("/invitations/drafts/"))
    colleague.locator("main form button.primary").click()
    colleague.goto(
        colleague.url.split("/", 3)[0] + "//" + colleague.url.split("/")[2] + f"/applications/{draft.uid}/project"
    )
    page.goto(colleague.url)
    field(ready(colleague), "summary").fill("밤길의 소음을 줄입니다.")
    expect(field(ready(page), "summary")).to_have_value("밤길의 소음을 줄입니다.", timeout=15_000)

    page.context.set_offline(True)
    field(page, "name").fill("Quiet streets at night")
    expect(page.locator("[data-save-state]")).not_to_have_attribute("data-state", "saved")
    page.context.set_offline(False)
    expect(page.locator(SAVED)).to_be_visible(timeout=20_000)
    page.reload()
    expect(field(ready(page), "name")).to_have_value("Quiet streets at night")
    page.goto(page.url.replace("/project", "/check"))
    expect(page.locator("main")).to_contain_text("Quiet streets at night")
    expect(page.locator("main")).to_contain_text("밤길의 소음을 줄입니다.")
    assert axe(page) == []

    completed(draft)
    page.reload()
    expect(page.locator("#press")).to_contain_text("in the name of City of Sari (sample)")
    page.get_by_role("button", name="File this application").click()
    page.wait_for_url("**/receipts/1")
    expect(page.get_by_text("Filed. This is your receipt.")).to_be_visible()
    assert axe(page) == []
    number = page.locator("h1 .p-big").inner_text()
    deliver_due()
    receipt = next(line for line in mail.outbox[-1].body.splitlines() if line.startswith("{"))

    colleague.goto(page.url)
    expect(colleague.locator("h1")).to_contain_text(number)
    expect(colleague.locator("main")).to_contain_text("제출되었습니다. 접수증입니다.")
    assert axe(colleague) == []
    page.get_by_role("link", name="To the application").click()
    page.get_by_role("button", name="Change it").click()
    field(ready(page), "name").fill("Quiet streets, day and night")
    expect(page.locator(SAVED)).to_contain_text("Saved")
    colleague.goto(colleague.url.replace("/receipts/1", "/project"))
    expect(colleague.locator("main")).to_contain_text("1차로 제출한 내용이 유효합니다.")
    page.get_by_role("link", name="File the changes").click()
    expect(page.locator("#press del").first).to_contain_text("Quiet streets at night")
    page.get_by_role("button", name="File the changes").click()
    page.wait_for_url("**/receipts/2")
    page.get_by_role("link", name="What changed since revision 1").click()
    expect(page.locator("main ins").first).to_contain_text("Quiet streets, day and night")
    assert axe(page) == []

    anybody = visit("/verify", language="ko", width=390, also=(422, 404))
    anybody.locator("#number").fill(number.lower().replace("-", ""))
    anybody.locator("#number").press("Enter")
    expect(anybody.locator("main")).to_contain_text("다음 제출본으로 대체되었습니다")
    anybody.locator("#text").fill(receipt)
    anybody.get_by_role("button", name="접수증 확인하기").click()
    expect(anybody.locator(".m-verdict")).to_contain_text("같은 접수증을 보관하고 있습니다")
    expect(anybody.locator(".m-verdict")).to_contain_text("유효하지 않습니다")
    assert axe(anybody) == []

    page.goto(page.url.split("/receipts")[0] + "/withdraw")
    page.locator("#p-reason").fill("The council said no.")
    page.get_by_role("button", name="Yes, withdraw it").click()
    expect(page.locator("main")).to_contain_text("Withdrawn: this application does not count.")
    assert axe(page) == []
    anybody.goto(anybody.url.replace("/receipt", f"/{number[:-1]}2"))
    expect(anybody.locator("main")).to_contain_text("신청이 철회되었습니다")
