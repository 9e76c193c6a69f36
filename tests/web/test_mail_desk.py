"""The desk for mail on the screen: lists and files, one mail, announcements from writing to release, leaving a list."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings as django_settings
from django.core import mail as sent_mail
from django.test import Client

import madang.web
from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications.commands import start_draft
from madang.apps.calls.models import Call
from madang.apps.enquiries.commands import register
from madang.apps.outbox.commands import take_bounce, write_batch
from madang.apps.outbox.queries import seen_of
from madang.kernel.actors import OFFICE, SYSTEM
from madang.kernel.mail import MailBatch, MailServer, OutgoingMail, Reader, State, deliver_due, post, stop_address
from madang.kernel.mail.bounces import Bounce
from madang.web.office.mail_view import KINDS
from tests.factories.enquiries import asked, call_with_desks, planned
from tests.factories.people import belongs, organisation, person


def client(who: Person | None = None, language: str = "en", **more: Any) -> Client:
    found = Client(headers={"host": "localhost"}, **more)
    found.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    if who is not None:
        found.force_login(who)
    return found


def officer(name: str = "officer", **more: Any) -> Person:
    return person(name, **{"role": "officer"} | more)


def notice(to: str = "sari@example.org", **more: Any) -> OutgoingMail:
    return post("notice", to=to, language="en", context={"what": "password_set"}, **more)


def busy_call() -> Call:
    """A call with a writer who reads Vietnamese, somebody who asked in English, and somebody who registered."""
    call = call_with_desks()
    linh, aram = person("linh", language="vi"), organisation()
    start_draft(actor=actor_of(linh), call=call, organisation=belongs(aram, linh, "file").organisation, language="en")
    asked(call, person("asker", language="en"))
    register(actor=actor_of(person("guest", language="ko")), briefing=planned(call))
    return call


# --- Lists, files, one mail -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_list_is_filtered_shared_and_taken_along() -> None:
    call = call_with_desks()
    notice(about=call.slug)
    held = notice("held@example.org")
    OutgoingMail.objects.filter(pk=held.pk).update(held_at=held.posted_at, due_at=None, reason="=HYPERLINK(1)")
    desk = client(officer())
    page = desk.get("/office/mail?state=held").content.decode()
    assert "held@example.org" in page
    assert "sari@example.org" not in page
    assert "sari@example.org" in desk.get(f"/office/mail?call={call.slug}&q=SARI").content.decode()
    assert "1 mail<" in desk.get("/office/mail?template=notice&q=held").content.decode().replace("\n", "<")
    assert desk.get("/office/mail?format=pdf").status_code == 400
    for hostile in ("q=%00", "state=x", "page=99999999", "batch=%00", "template=%E2%80%AE", "call=" + "x" * 5000):
        assert desk.get(f"/office/mail?{hostile}").status_code == 200
    lines = desk.get("/office/mail?state=held&format=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'=HYPERLINK(1)" in lines[1]
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/office/mail?format=xlsx").content))
    assert book.worksheets[0].max_row == 3


@pytest.mark.django_db
def test_nobody_reads_the_text_of_a_code_and_a_text_is_no_html() -> None:
    code = post("sign_in_code", to="a@example.org", language="en", context={"code": "1234-5678"}, secret=True)
    other = notice()
    OutgoingMail.objects.filter(pk=other.pk).update(text="<script>alert(1)</script> https://example.org/?a=1&b=2")
    for role in ("officer", "administrator", "auditor"):
        page = client(person(role, role=role)).get(f"/office/mail/{code.uid}").content.decode()
        assert "Nobody reads this text here" in page
        assert "1234" not in page
        assert code.text[:20] not in page
        shown = client(Person.objects.get(email=f"{role}@example.org")).get(f"/office/mail/{other.uid}")
        assert "<script>alert" not in shown.content.decode()
        assert 'href="https://example.org/?a=1&amp;b=2"' in shown.content.decode()
    assert client(person("ev", role="evaluator")).get(f"/office/mail/{other.uid}").status_code == 404


@pytest.mark.django_db
def test_what_cannot_be_done_is_said_and_nothing_happens() -> None:
    mail, desk = notice(), client(officer())
    deliver_due()
    page = desk.get(f"/office/mail/{mail.uid}/cancel")
    assert "This mail was sent." in page.content.decode()
    assert desk.post(f"/office/mail/{mail.uid}/cancel", {"reason": "x"}).status_code == 422
    assert desk.get(f"/office/mail/{mail.uid}/explode").status_code == 404
    waiting = notice("b@example.org")
    answer = desk.post(f"/office/mail/{waiting.uid}/edit", {"subject": "A\0", "text": "Kept words", "seen": "9" * 40})
    assert answer.status_code == 422
    assert "Kept words" in answer.content.decode()
    assert desk.post(f"/office/mail/{waiting.uid}/hold", {"reason": "r" * 5000}).status_code == 422
    assert OutgoingMail.objects.get(pk=waiting.pk).state is State.WAITING


@pytest.mark.django_db
def test_the_page_says_what_keeps_mails_from_going_out(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1,
    )  # fmt: skip
    desk = client(officer())
    notice()
    assert desk.post("/account/login/", {"login": "new@example.org"}).status_code == 302  # pages are unharmed
    assert deliver_due() == 0
    assert "has not answered since" in desk.get("/office/mail").content.decode()
    MailServer.objects.update(down_since=None)
    OutgoingMail.objects.update(due_at="2022-01-01T00:00:00Z")
    assert "Does the worker run?" in desk.get("/office/mail").content.decode()


@pytest.mark.django_db
def test_whose_mail_comes_back_is_told_on_their_own_page_and_to_the_office() -> None:
    sari, admin = person("sari"), person("admin", role="administrator")
    mail = notice()
    deliver_due()
    take_bounce(actor=SYSTEM, bounce=Bounce(mail.uid, ("sari@example.org",), "5.1.1"))
    assert "could not be delivered" in client(sari).get("/me").content.decode()
    assert "mail comes back" in client(admin).get(f"/office/people/{sari.uid}").content.decode()
    assert "comes back" in client(admin).get("/office/mail").content.decode()
    assert "Send it again" in client(admin).get(f"/office/mail/{mail.uid}").content.decode()


@pytest.mark.django_db
def test_an_announcement_is_kept_with_what_was_typed_and_released_as_it_was_read() -> None:
    call, desk = busy_call(), client(officer())
    address = f"/office/mail/announcements/new?call={call.slug}&to=all"
    assert "3 readers" in desk.get(address).content.decode()
    form = {"call": call.slug, "to": "all", "subject-ko": "안내", "text-ko": "본문", "not_before": "soon"}
    refused = desk.post("/office/mail/announcements/new", form)
    assert refused.status_code == 422
    assert "본문" in refused.content.decode()
    assert desk.post("/office/mail/announcements/new", form | {"not_before": ""}).status_code == 303
    batch = MailBatch.objects.get()
    page = desk.get(f"/office/mail/announcements/{batch.uid}").content.decode()
    assert "Still to be written: English" in page
    words = {"subject-ko": "안내", "text-ko": "본문", "subject-en": "Notice", "text-en": "Words"}
    edited = desk.post(f"/office/mail/announcements/{batch.uid}/edit", words | {"seen": seen_of(batch)})
    assert edited.status_code == 303
    old = seen_of(batch)
    assert desk.post(f"/office/mail/announcements/{batch.uid}/release", {"seen": old}).status_code == 422
    batch.refresh_from_db()
    ask = desk.get(f"/office/mail/announcements/{batch.uid}/release").content.decode()
    assert "Send this to 3 readers?" in ask
    done = desk.post(f"/office/mail/announcements/{batch.uid}/release", {"seen": seen_of(batch)})
    assert done.status_code == 303
    sent_mail.outbox.clear()
    deliver_due()
    got = {one.to[0]: one.subject for one in sent_mail.outbox if one.subject in ("Notice", "안내")}
    assert got == {"linh@example.org": "Notice", "asker@example.org": "Notice", "guest@example.org": "안내"}


# --- Leaving a list ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_program_leaves_a_list_with_one_click_and_no_cookie() -> None:
    address = stop_address("alerts", person("sari").uid).partition("8000")[2]
    program = client(enforce_csrf_checks=True)
    assert "No more mails of this kind?" in program.get(address).content.decode()  # opening it changes nothing
    assert "No more mails of this kind?" in program.get(address).content.decode()
    answer = program.post(address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, list(answer.cookies)) == (200, [])
    page = program.get(address)
    assert "You get no more mails" in page.content.decode()
    assert page["Referrer-Policy"] == "strict-origin"
    assert "You have left the list" in client(Person.objects.get()).get("/alerts").content.decode()
    assert program.post(address, {"again": "1"}).status_code == 303
    assert "No more mails of this kind?" in program.get(address).content.decode()
    for forged in (address + "x", "/mail/stop/alerts.someone.signed", "/mail/stop/%00"):
        assert program.get(forged).status_code == 404
        assert program.post(forged).status_code == 404


@pytest.mark.django_db
def test_the_demo_shows_every_mail_of_a_file_as_its_reader_gets_it(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.EMAIL_FILE_PATH = True, str(tmp_path)
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    long = notice("one@example.org")
    OutgoingMail.objects.filter(pk=long.pk).update(text="스마트시티 해외 진출을 지원합니다. " * 8 + "\n    1234-5678\n")
    notice("two@example.org")
    deliver_due()
    page = client().get("/demo/mail").content.decode()
    assert ("스마트시티 해외 진출을 지원합니다. " * 8).strip() in page
    assert "\n    1234-5678" in page
    assert "two@example.org" in page


@pytest.mark.django_db
def test_somebody_may_choose_a_language_that_only_a_call_has() -> None:
    from tests.apps.test_outbox import call_in_three

    call_in_three()
    sari = person("sari", language="en")
    page = client(sari).get("/me/particulars")
    assert "Tiếng việt" in page.content.decode()
    given = {"name": "Sari", "language": "vi", "zone": "Asia/Seoul"}
    assert client(sari).post("/me/particulars", given).status_code == 303
    assert client(sari).post("/me/particulars", given | {"language": "th"}).status_code == 422
    assert Person.objects.get(pk=sari.pk).language == "vi"
    assert client(Person.objects.get(pk=sari.pk)).get("/me").status_code == 200


# --- In the browser ---------------------------------------------------------------------------------------------------


@pytest.fixture
def enter(visit: Callable[..., Any]) -> Callable[..., Any]:
    """enter(person, path, ...) opens a page as somebody who is signed in."""

    def open_page(who: Person, path: str, **more: Any) -> Any:
        name = django_settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client(who).cookies[name].value, "domain": "localhost", "path": "/"}
        return visit(path, storage_state={"cookies": [cookie], "origins": []}, **more)

    return open_page


def sound(page: Any, axe: Callable[[Any], Any]) -> None:
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_korean_an_announcement_is_written_read_and_released(committing, enter, axe):
    from playwright.sync_api import expect

    busy_call()
    page = enter(officer(), "/office", language="ko", mode="high-contrast", also=(422,))
    page.get_by_role("link", name="메일", exact=True).click()
    sound(page, axe)
    page.get_by_role("link", name="공고 관계자에게 안내 보내기").click()
    sound(page, axe)
    page.get_by_label("위의 모든 사람").check()
    page.get_by_role("button", name="계속").click()
    expect(page.get_by_text("받는 사람 3명")).to_be_visible()
    sound(page, axe)
    page.get_by_role("button", name="보류 상태로 저장").click()
    expect(page.get_by_role("alert")).to_contain_text("적어도 한 언어로")
    for language, words in (("영어", "The hall has changed."), ("한국어", "장소가 바뀌었습니다.")):
        part = page.get_by_role("group", name=language)
        part.get_by_label("제목").fill(words)
        part.get_by_label("본문").fill(f"{words}\n\nhttps://example.org/hall")
    page.get_by_role("button", name="보류 상태로 저장").click()
    expect(page.get_by_text("안내를 보류 상태로 저장하였습니다.")).to_be_visible()
    expect(page.locator(".l-shares tbody tr")).to_have_count(3)
    sound(page, axe)
    page.get_by_role("link", name="발송 확정").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3명에게 보내시겠습니까?")
    sound(page, axe)
    page.get_by_role("button", name="예, 3건 발송").click()
    expect(page.get_by_text("안내의 발송을 확정하였습니다.")).to_be_visible()
    page.get_by_role("link", name="받는 사람 전체").click()
    expect(page.locator(".l-table tbody tr")).to_have_count(3)
    sound(page, axe)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_english_on_a_phone_a_mail_is_held_and_changed_by_keyboard(committing, enter, axe):
    from playwright.sync_api import expect

    mail = notice(about=call_with_desks().slug)
    desk = officer(role="secretariat", programme="sample-programme", secretariat="north")
    page = enter(desk, f"/office/mail/{mail.uid}", language="en", width=390, also=(422,))
    sound(page, axe)
    reach(page, page.get_by_role("link", name="Hold it back"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hold this mail back?")
    sound(page, axe)
    reach(page, page.get_by_label("Reason"))
    page.keyboard.type("A word is wrong.")
    reach(page, page.get_by_role("button", name="Hold it back"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The mail is held.")).to_be_visible()
    reach(page, page.get_by_role("link", name="Change the text"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("Subject"))
    page.keyboard.press("Control+a")
    page.keyboard.type("A better subject")
    sound(page, axe)
    reach(page, page.get_by_role("button", name="Save the text"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A better subject")
    expect(page.get_by_text("What it said before")).to_be_visible()
    sound(page, axe)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_without_script_mails_are_found_released_and_left(committing, enter, visit, axe):
    call = call_with_desks()
    texts = {tag: {"subject": "Hall", "text": "Another hall."} for tag in ("en", "ko")}
    batch = write_batch(actor=OFFICE, call=call, texts=texts, readers=[Reader("a@example.org", "en")])
    page = enter(officer(), "/office/mail/announcements", language="en", width=360, script=False)
    page.get_by_role("link", name="Hall").click()
    page.get_by_role("link", name="Cancel it").click()
    page.get_by_label("Reason").fill("It was the old hall after all.")
    page.get_by_role("button", name="Cancel it").click()
    assert "It was the old hall after all." in page.content()
    assert batch.mails.get().state is State.CANCELLED
    path = stop_address("reminders", person("sari").uid).partition("8000")[2]
    phone = visit(path, language="ko", width=390)
    sound(phone, axe)
    plain = visit(path, language="en", width=360, script=False)
    plain.get_by_role("button", name="Send me no more of them").click()
    assert "You get no more mails of this kind" in plain.content()
    plain.get_by_role("button", name="Send them to me again").click()
    assert "No more mails of this kind?" in plain.content()


def reach(page: Any, target: Any) -> None:
    """Tab until the target has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("cannot be reached by the keyboard")


def test_every_mail_of_ours_has_a_name_on_the_desk() -> None:
    folder = Path(madang.web.__file__).parent / "templates" / "mail"
    ours = {path.stem for path in folder.glob("*.txt") if not path.stem.startswith("_")}
    assert ours
    assert ours <= set(KINDS)
