"""Walks in a real browser: signing up, by keyboard, on a phone, without script, with a passkey; every page by axe."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from madang.apps.accounts.models import Person
from tests.factories.people import person
from tests.web.accounts import code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=False)]


@pytest.fixture(autouse=True)
def _with_the_live_server(live_server: Any) -> None:
    """The server's thread shares this test's database."""


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def signed_in(visit: Callable[..., Any], name: str, *, role: str = "", path: str = "/me", **more: Any) -> Any:
    """Open a page as somebody who is signed in: by the door, as people do."""
    someone = person(name, role=role, language=more.get("language", "en"))
    page = visit(f"/account/login/?next={path}", **more)
    page.locator("#id_login").fill(someone.email)
    page.locator("button.primary").click()
    page.locator("#id_code").fill(code())
    page.locator("button.primary").click()
    expect(page.locator(".m-me-name, .m-menu")).not_to_have_count(0)
    return page


def test_signing_up_by_keyboard_alone_leads_to_ones_own_page(visit, axe):
    page = visit("/account/login/", language="en")
    assert axe(page) == []
    page.get_by_role("link", name="Make one").focus()
    page.keyboard.press("Enter")
    page.locator("#id_email").focus()
    for typed in ("sari@example.org", "Ibu Sari", "", ""):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the password, which stays closed
    for _ in range(2):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")  # past the text behind it
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code")
    assert axe(page) == []
    page.locator("#id_code").focus()
    page.keyboard.type(code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ibu Sari")
    assert axe(page) == []
    assert Person.objects.get().zone == page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")


def test_without_script_on_a_phone_in_korean_everything_but_passkeys_works(visit):
    page = visit("/account/signup/", language="ko", width=390, script=False)
    assert fits(page)
    page.locator("#id_email").fill("sari@example.org")
    page.locator("#id_name").fill("김하늘")
    page.locator("#id_zone").fill("자카르타")
    page.locator("#id_terms").check()
    page.locator("#id_privacy").check()
    page.locator("button.primary").click()
    page.locator("#id_code").fill(code())
    page.locator("button.primary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("김하늘 님, 안녕하십니까")
    assert Person.objects.get().zone == "Asia/Jakarta"
    assert fits(page)
    page.locator(".m-menu summary").click()
    page.locator(".m-menu").get_by_role("button", name="로그아웃").click()
    expect(page).to_have_url(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/")


@pytest.mark.parametrize(
    ("language", "mode", "width"), [("ko", "light", 390), ("en", "high-contrast", 1440), ("ko", "high-contrast", 360)]
)
def test_every_page_of_ones_own_is_whole_in_both_languages_and_modes(visit, axe, language, mode, width):
    page = signed_in(visit, "sari", role="administrator", language=language, mode=mode, width=width)
    paths = ["/me", "/me/particulars", "/me/address", "/me/security", "/me/sessions", "/me/consents", "/me/leave"]
    for path in [
        *paths,
        "/account/password/set/",
        "/office/people?q=sari",
        f"/office/people/{Person.objects.get().uid}",
    ]:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + path)
        assert axe(page) == [], path
        assert fits(page), path


def test_a_passkey_is_made_and_signs_in_alone(visit, axe):
    page = signed_in(visit, "sari", path="/me/security", language="en")
    page.goto(page.url.replace("127.0.0.1", "localhost"))  # WebAuthn knows no numbers as hosts
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    if "/account/login" in page.url:  # another host name: no session there yet
        page.locator("#id_login").fill("sari@example.org")
        page.locator("button.primary").click()
        page.locator("#id_code").fill(code())
        page.locator("button.primary").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Send me the code").click()
    page.locator("#id_code").fill(code())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a passkey")
    assert axe(page) == []
    page.locator("#id_name").fill("Phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert page.locator(".m-codes li").count() == 10
    assert axe(page) == []
    page.locator(".m-me-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Sari")
    page.get_by_role("link", name="Signing in and security").first.click()
    expect(page.locator(".m-keys")).to_contain_text("Phone")
