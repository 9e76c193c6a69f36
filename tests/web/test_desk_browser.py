"""The desk in a real browser: by keyboard in English, without script on a phone in Korean."""

import pytest
from django.conf import settings
from django.test import Client

from madang.apps.accounts.commands import actor_of
from madang.apps.review.models import Handling, Note
from tests.factories.desk import Desk, filed_here, revised
from tests.factories.people import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def enter(visit, live_server):
    """enter(person, path, ...) opens a page as somebody who is signed in."""

    def open_page(who, path, **more):
        client = Client()
        client.force_login(who)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
        return visit(path, storage_state={"cookies": [cookie], "origins": []}, **more)

    return open_page


def sound(page, axe):
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def reach(page, target):
    """By Tab alone, from where the focus is."""
    for _ in range(200):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached: {target}")


def test_by_keyboard_a_list_is_searched_assigned_and_undone(committing, enter, axe):
    from playwright.sync_api import expect

    desk = Desk()
    page = enter(desk.ministry, "/office", language="en", also=(422,))
    reach(page, page.get_by_role("link", name="Applications"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Applications")
    sound(page, axe)
    reach(page, page.get_by_role("link", name="Sample call", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator(".o-table tbody tr")).to_have_count(6)
    sound(page, axe)
    search = page.get_by_label("Search by words and fields")
    reach(page, search)
    page.keyboard.type("statsu:open")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean “status”?")
    sound(page, axe)
    reach(page, search)
    page.keyboard.press("Control+a")
    page.keyboard.type("track:plan country:XA")
    page.keyboard.press("Enter")
    expect(page.locator(".o-table tbody tr")).to_have_count(2)
    reach(page, page.get_by_label("Choose all of this page"))
    page.keyboard.press("Space")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    reach(page, page.get_by_label("Choose City of Aram 5"))
    page.keyboard.press("Space")
    expect(page.get_by_text("1 chosen")).to_be_visible()
    reach(page, page.get_by_role("button", name="Assign those chosen"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Assign 1 application")
    reach(page, page.get_by_label("Who is to handle them"))
    page.keyboard.type("North")
    reach(page, page.get_by_role("button", name="Show what changes"))
    page.keyboard.press("Enter")
    expect(page.locator(".o-preview tbody tr")).to_have_text(["nobody1North"])
    sound(page, axe)
    reach(page, page.get_by_role("button", name="Assign them"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 application is assigned to North.")).to_be_visible()
    assert Handling.objects.get().officer == desk.north
    sound(page, axe)
    reach(page, page.get_by_role("button", name="Undo it"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone: 1 application")).to_be_visible()
    assert Handling.objects.get().officer is None
    reach(page, page.get_by_text("Save this list"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("Name of the list"))
    page.keyboard.type("Plans of A")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Saved lists").get_by_role("link")).to_have_text(["Plans of A"])
    sound(page, axe)


def test_without_script_on_a_phone_an_application_is_read_taken_and_noted(committing, enter, axe):
    from playwright.sync_api import expect

    desk = Desk()
    filer = person("filer")
    draft = filed_here(desk.call, by=filer)
    revised(draft, filer, requested="250")
    look = {"language": "ko", "mode": "high-contrast", "width": 390}
    page = enter(desk.north, f"/office/applications/calls/{desk.call.slug}", script=False, **look)
    page.locator("#set-track").select_option("plan")
    page.get_by_role("button", name="적용").click()
    expect(page.get_by_label("검색어와 항목으로 찾기")).to_have_value("track:plan")
    page.get_by_role("link", name="City of Boram").click()
    expect(page.get_by_text("2.5억 원")).to_be_visible()
    page.get_by_role("button", name="내가 맡기").click()
    expect(page.get_by_text("(본인)")).to_be_visible()
    page.locator("#note-text").fill("지도를 확인할 것.")
    page.get_by_role("button", name="메모 추가").click()
    expect(page.get_by_text("지도를 확인할 것.").first).to_be_visible()
    assert Note.objects.get().secretariat == "north"
    page.get_by_role("link", name="달라진 내용").click()
    expect(page.locator(".p-changes")).to_contain_text("신청액")
    dossier = desk.dossier(draft.number)
    paths = (
        "/office/applications",
        f"/office/applications/calls/{desk.call.slug}",
        f"/office/applications/calls/{desk.call.slug}/figures",
        f"/office/applications/{dossier.uid}?q=track:plan",
        f"/office/applications/{dossier.uid}/changes",
        f"/office/applications/handover?of={desk.north.uid}&to={desk.north_too.uid}",
    )
    for path in paths:
        sound(enter(desk.north, path, **look), axe)
    assert actor_of(desk.north).person == Handling.objects.get().officer
