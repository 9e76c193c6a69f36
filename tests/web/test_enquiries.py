"""The pages around questions: asking, the desk, answers to all, sessions; who gets what; one walk in each language."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.enquiries import commands
from madang.apps.enquiries.models import Briefing, Contact, Enquiry, PublicAnswer
from madang.apps.enquiries.queries import answers_of
from madang.kernel.actors import OFFICE
from madang.web.public.questions import about
from tests.factories.enquiries import asked, call_with_desks, planned
from tests.factories.people import acting, belongs, organisation, person

pytestmark = pytest.mark.django_db
WORDS = {"en": "Does a harbour count twice?", "ko": "항만은 두 번 인정됩니까?"}
ANSWER = {"en": "Once only.", "ko": "한 번만 인정됩니다."}


def client(who: Person | None = None, language: str = "en") -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies["madang-language"] = language  # a person's own language counts where no cookie says another
    if who:
        made.force_login(who, backend=settings.AUTHENTICATION_BACKENDS[0])
    return made


def desk(name: str = "north", secretariat: str = "north") -> Person:
    return person(name, role="secretariat", programme="sample-programme", secretariat=secretariat, language="en")


def answered(call: Call, number: int = 1, **more: Any) -> PublicAnswer:
    words = {tag: f"{text} ({number})" for tag, text in WORDS.items()}
    return commands.publish_answer(actor=OFFICE, call=call, question=words, answer=ANSWER, **more)


def test_another_secretariat_sees_nothing_of_a_question():
    enquiry = asked(call_with_desks(), person("asker"), "A question for the north", track="plan")
    south = client(desk("south", "south"))
    for path in (
        f"/office/enquiries/{enquiry.uid}",
        f"/office/enquiries/{enquiry.uid}/close",
        f"/enquiries/{enquiry.uid}",
    ):
        assert south.get(path).status_code == 404
    assert "for the north" not in south.get("/office/enquiries").content.decode()
    assert "for the north" not in south.get("/office/enquiries?format=csv").content.decode()
    assert "for the north" in client(desk()).get("/office/enquiries?format=csv").content.decode()
    answer = f"/office/enquiries/calls/{enquiry.call.slug}/answer?enquiry={enquiry.uid}"
    assert south.get(answer).status_code == 404


@pytest.mark.parametrize("uid", ["x", "a%00b", "..", "%E2%80%AE", "0" * 300])
def test_a_forged_id_is_nothing(uid):
    reader = client(desk())
    call = call_with_desks()
    for path in (
        f"/enquiries/{uid}", f"/office/enquiries/{uid}", f"/office/enquiries/briefings/{uid}",
        f"/calls/{call.slug}/briefings/{uid}", f"/calls/{call.slug}/briefings/{uid}.ics",
        f"/office/enquiries/calls/{call.slug}/answer?enquiry={uid}",
        f"/office/enquiries/calls/{call.slug}/answer?corrects={uid}",
        f"/office/enquiries/calls/{call.slug}/contact?track={uid}",
    ):  # fmt: skip
        assert reader.get(path).status_code in (404, 400), path


def test_signing_in_comes_first_and_leads_back():
    call = call_with_desks()
    answer = client().get(f"/calls/{call.slug}/ask")
    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next=/calls/{call.slug}/ask")


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_a_question_is_asked_and_a_form_sent_twice_is_one_question():
    call, asker, city = call_with_desks(), person("asker"), organisation()
    belongs(city, asker)
    reader, path = client(asker), f"/calls/{call.slug}/ask"
    sent = {"question": "Why?\r\nReally.", "track": "plan", "language": "en", "organisation": city.uid, "asker": "1"}
    first, again = reader.post(path, sent), reader.post(path, sent)
    enquiry = Enquiry.objects.get()
    assert (first.status_code, first["Location"]) == (303, f"/enquiries/{enquiry.uid}") == (303, again["Location"])
    assert (enquiry.question, enquiry.organisation, enquiry.asker) == ("Why?\nReally.", city, asker)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"question": ""}, "question"),
        ({"question": "x" * 60_000}, "At most 5000"),
        ({"question": "a\0b"}, "cannot be shown"),
        ({"question": "pay\u202eemit"}, "direction of reading"),
        ({"question": "Fine?", "track": "nowhere"}, "no type nowhere"),
        ({"question": "Fine?", "language": "xx"}, "no language xx"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_field_and_kept(sent, says):
    call = call_with_desks()
    answer = client(person("asker")).post(f"/calls/{call.slug}/ask", {"language": "en"} | sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in html
    assert says in html
    assert 'aria-invalid="true"' in html
    if len(sent["question"]) < 100:
        assert f">\n{sent['question']}</textarea>".replace("\0", "\0") in html
    assert not Enquiry.objects.exists()


def test_an_organisation_of_others_is_refused():
    call, foreign = call_with_desks(), organisation()
    answer = client(person("asker")).post(
        f"/calls/{call.slug}/ask", {"question": "Fine?", "language": "en", "organisation": foreign.uid}
    )
    assert answer.status_code == 422
    assert "do not belong" in answer.content.decode()


# --- Answers to all ---------------------------------------------------------------------------------------------------


def test_the_desk_publishes_after_a_second_look_and_never_with_a_name():
    call, asker = call_with_desks(), person("asker")
    enquiry = asked(call, asker, "I am asker@example.org <b>& call 02-555-0123", track="plan")
    reader = client(desk())
    path = f"/office/enquiries/calls/{call.slug}/answer?enquiry={enquiry.uid}"
    html = reader.get(path).content.decode()
    assert "I am <mark>asker@example.org</mark> &lt;b&gt;&amp; call <mark>02-555-0123</mark>" in html
    words = {"track": "plan", "question-ko": "질문", "answer-en": "Yes.", "answer-ko": "예."}
    named = reader.post(path, words | {"question-en": "asker@example.org asks", "step": "check", "looked": "yes"})
    assert (named.status_code, "would tell who asked" in named.content.decode()) == (422, True)
    forced = reader.post(path, words | {"question-en": "asker@example.org asks", "step": "publish", "looked": "yes"})
    assert (forced.status_code, PublicAnswer.objects.count()) == (422, 0)
    phone = words | {"question-en": "Call 02-555-0123?"}
    unseen = reader.post(path, phone | {"step": "check"})
    assert (unseen.status_code, 'name="looked"' in unseen.content.decode()) == (422, True)
    seen = reader.post(path, phone | {"step": "check", "looked": "yes"})
    assert (seen.status_code, PublicAnswer.objects.count()) == (200, 0)
    done = reader.post(path, phone | {"step": "publish", "looked": "yes"})
    assert (done.status_code, done["Location"]) == (303, f"/calls/{call.slug}/questions#answer-1")
    page = client().get(f"/calls/{call.slug}/questions").content.decode()
    assert "02-555-0123" in page
    assert "asker" not in page


def test_corrected_answers_stay_struck_out_and_lead_to_what_counts():
    call = call_with_desks()
    first = answered(call, 1, track="plan")
    answered(call, 2, corrects=first)
    answered(call, 3, track="trial")
    reader = client()
    html = reader.get(f"/calls/{call.slug}/questions").content.decode()
    struck = html[html.index('id="answer-1"') :]
    assert "<del>Does a harbour count twice? (1)</del>" in struck
    assert 'href="#answer-2"' in struck
    assert re.findall(r'id="(answer-\d)"', html) == ["answer-3", "answer-2", "answer-1"]
    found = reader.get(f"/calls/{call.slug}/questions?q=HARBOUR+(3)").content.decode()
    assert re.findall(r'id="(answer-\d)"', found) == ["answer-3"]
    track = reader.get(f"/calls/{call.slug}/questions?track=plan").content.decode()
    assert re.findall(r'id="(answer-\d)"', track) == ["answer-2", "answer-1"]
    ko = client(language="ko").get(f"/calls/{call.slug}/questions").content.decode()
    assert "항만은 두 번 인정됩니까? (3)" in ko
    rows = list(
        csv.reader(io.StringIO(reader.get(f"/calls/{call.slug}/questions?format=csv").content.decode("utf-8-sig")))
    )
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert reader.get(f"/calls/{call.slug}/questions?format=exe").status_code == 400


def test_the_file_is_the_same_bytes_until_there_is_a_further_answer():
    call = call_with_desks()
    path = f"/calls/{call.slug}/questions.json"
    empty = client().get(path)
    assert json.loads(empty.content)["answers"] == []
    answered(call)
    first, again = client().get(path), client(person("anyone"), "ko").get(path)
    assert first.content == again.content != empty.content
    whole = json.loads(first.content)
    one = whole["answers"][0]
    text = json.dumps(
        {key: value for key, value in one.items() if key != "sha256"},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    assert hashlib.sha256(text.encode()).hexdigest() == one["sha256"]
    assert client().get(path, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_the_call_page_tells_of_questions_in_three_statements():
    call = call_with_desks()
    from madang.apps.calls.queries import current_definition

    definition = current_definition(call)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked_for:
            about(call, definition)
        return len(asked_for)

    empty = statements()
    for n in range(5):
        answered(call, n)
    planned(call)
    commands.set_contact(
        actor=OFFICE, call=call, name={"en": "Desk", "ko": "창구"}, email="desk@example.org", phone="+82 2 555 0123"
    )
    assert statements() == empty == 3
    html = client(person("asker")).get(f"/calls/{call.slug}").content.decode()
    assert "All 5 answers" in html
    assert 'href="mailto:desk@example.org"' in html
    assert "asker@example.org" not in html
    assert f"/calls/{call.slug}/ask" in html


# --- Contacts and sessions --------------------------------------------------------------------------------------------


def test_a_contact_is_named_changed_and_taken_away():
    call = call_with_desks()
    reader, path = client(desk()), f"/office/enquiries/calls/{call.slug}/contact?track=plan"
    wrong = reader.post(path, {"name-en": "Desk", "email": "nowhere"})
    assert wrong.status_code == 422
    assert "nowhere is not an e-mail address" in wrong.content.decode()
    sent = {"name-en": "Desk", "name-ko": "창구", "phone": "02-555-0123", "hours-en": "9 to 6"}
    assert reader.post(path, sent)["Location"] == f"/office/enquiries/calls/{call.slug}"
    assert Contact.objects.get().name == {"en": "Desk", "ko": "창구"}
    assert reader.post(path.replace("plan", "trial"), sent).status_code == 404
    assert reader.post(path, {"step": "end"}).status_code == 303
    assert Contact.objects.get().ended_at is not None


def test_a_session_is_planned_in_the_zone_of_the_call():
    call = call_with_desks()
    reader, path = client(desk()), f"/office/enquiries/calls/{call.slug}/briefing"
    sent = {
        "begins": "2099-01-10T09:00",
        "ends": "2099-01-10T11:00",
        "place-en": "Hall",
        "place-ko": "강당",
        "seats": "2",
    }
    for field, value in (
        ("begins", "soon"),
        ("ends", "2099-13-01T00:00"),
        ("seats", "-1"),
        ("seats", "9" * 30),
        ("link", "ftp://x"),
    ):
        assert reader.post(path, sent | {field: value}).status_code == 422
    done = reader.post(path, sent)
    briefing = Briefing.objects.get()
    assert done["Location"] == f"/office/enquiries/briefings/{briefing.uid}"
    assert briefing.begins_at.isoformat() == "2099-01-10T00:00:00+00:00"
    change = f"/office/enquiries/briefings/{briefing.uid}/change"
    assert 'value="2099-01-10T09:00"' in reader.get(change).content.decode()
    assert reader.post(change, sent | {"seats": ""}).status_code == 303
    assert Briefing.objects.get().seats is None


def test_the_link_is_shown_to_those_who_have_a_place_only():
    call = call_with_desks()
    briefing = planned(call, seats=1, place={}, link="https://meet.example.org/room-7")
    path = f"/calls/{call.slug}/briefings/{briefing.uid}"
    first, second = client(person("first")), client(person("second"))
    assert first.post(f"{path}/register").status_code == 303
    second.post(f"{path}/register")
    for reader, sees in ((first, True), (second, False), (client(), False), (client(person("third")), False)):
        assert ("room-7" in reader.get(path).content.decode()) is sees
        event = Calendar.from_ical(reader.get(f"{path}.ics").content).walk("VEVENT")[0]
        assert ("room-7" in str(event.get("description", ""))) is sees
        assert event["dtstart"].dt == briefing.begins_at
        assert event["uid"].startswith(briefing.uid)
    assert "No. 1" in second.get(path).content.decode()
    assert first.post(f"{path}/leave").status_code == 303
    assert first.post(f"{path}/leave").status_code == 404
    assert "room-7" in second.get(path).content.decode()
    rows = client(desk()).get(f"/office/enquiries/briefings/{briefing.uid}?format=csv").content.decode("utf-8-sig")
    assert [row[2] for row in csv.reader(io.StringIO(rows))][1:] == ["second@example.org"]


# --- Walks ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def enter(visit: Callable[..., Any], live_server: Any) -> Callable[..., Any]:
    """enter(person, path, **as visit) opens a page as somebody who signed in."""

    def open_page(who: Person, path: str, **more: Any) -> Any:
        cookie = client(who).cookies[settings.SESSION_COOKIE_NAME].value
        state = {
            "cookies": [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "localhost", "path": "/"}]
        }
        return visit(path, storage_state=state | {"origins": []}, **more)

    return open_page


def sound(page: Any, axe: Callable[[Any], Any]) -> None:
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_korean_a_question_is_asked_answered_and_published(committing, enter, visit, axe):
    from playwright.sync_api import expect

    call, asker = call_with_desks(), person("asker")
    page = enter(asker, f"/calls/{call.slug}", language="ko", also=(422,))
    page.get_by_role("link", name="질문하기").click()
    sound(page, axe)
    page.get_by_role("button", name="질문 보내기").click()
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page, axe)
    page.get_by_label("질문 내용").fill("아람시(asker@example.org)도 신청할 수 있습니까?")
    expect(page.locator(".q-most")).to_have_text("35 / 5,000")
    page.get_by_label("유형").select_option("plan")
    page.get_by_role("button", name="질문 보내기").click()
    expect(page.get_by_text("질문을 보냈습니다.")).to_be_visible()
    sound(page, axe)

    office = enter(desk(), "/office/enquiries", language="ko", mode="high-contrast", also=(422,))
    sound(office, axe)
    office.get_by_role("link", name="아람시").click()
    office.get_by_label("비공개 답변").fill("신청할 수 있습니다.")
    office.get_by_role("button", name="비공개로 답변").click()
    expect(office.get_by_text("답변을 보냈습니다.")).to_be_visible()
    sound(office, axe)
    office.get_by_role("link", name="공개 답변 작성").click()
    sound(office, axe)
    office.get_by_label("질문 (영어)").fill("May a city apply?")
    office.get_by_label("답변 (영어)").fill("Yes.")
    office.get_by_role("button", name="확인 후 공개").click()
    expect(office.get_by_role("alert")).to_contain_text("asker@example.org")
    office.get_by_label("질문 (한국어)").fill("시도 신청할 수 있습니까?")
    office.get_by_role("button", name="확인 후 공개").click()
    expect(office.get_by_role("heading", level=1)).to_have_text("이 답변을 공개하시겠습니까?")
    sound(office, axe)
    office.get_by_role("button", name="공개", exact=True).click()
    expect(office.locator("#answer-1")).to_contain_text("신청할 수 있습니다.")
    sound(office, axe)
    page.reload()
    expect(page.get_by_role("link", name="공개 답변 1번")).to_be_visible()
    sound(visit(f"/calls/{call.slug}", language="ko"), axe)
    assert len(answers_of(call)) == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_english_on_a_phone_one_registers_by_keyboard(committing, enter, axe):
    from playwright.sync_api import expect

    call, guest = call_with_desks(), person("guest")
    briefing = planned(call, seats=1, link="https://meet.example.org/room-7")
    commands.register(actor=acting("early"), briefing=briefing)
    page = enter(guest, f"/calls/{call.slug}/briefings/{briefing.uid}", language="en", width=390)
    sound(page, axe)
    reach(page, page.get_by_label("On site"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Online", exact=True)).to_be_checked()
    reach(page, page.get_by_role("button", name="Register"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are registered")).to_be_visible()
    expect(page.get_by_role("link", name="https://meet.example.org/room-7")).to_be_visible()
    sound(page, axe)
    reach(page, page.get_by_role("link", name="Cancel my registration"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel my registration?")
    sound(page, axe)
    reach(page, page.get_by_role("button", name="Yes, cancel it"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("has been cancelled")).to_be_visible()


def reach(page: Any, target: Any) -> None:
    """Tab until the target has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("cannot be reached by the keyboard")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_without_script_everything_works(committing, enter, axe):
    call, asker = call_with_desks(), person("asker")
    page = enter(asker, f"/calls/{call.slug}/ask", language="en", width=360, script=False)
    page.get_by_label("Your question").fill("Is it enough?")
    page.get_by_role("button", name="Send the question").click()
    assert "Your question has been sent" in page.content()
    page.get_by_label("Add to your question").fill("And twice?")
    page.get_by_role("button", name="Send").click()
    assert page.locator(".q-message").count() == 2
    enquiry = Enquiry.objects.get()
    office = enter(desk(), f"/office/enquiries/{enquiry.uid}", language="en", script=False)
    office.get_by_role("link", name="Close the question").click()
    office.get_by_label("Reason").fill("It stands in the notice.")
    office.get_by_role("button", name="Close it").click()
    assert "It stands in the notice." in office.content()
    commands.register(actor=actor_of(asker), briefing=planned(call))
    phone = enter(desk("second"), "/office/enquiries", language="en", width=390)
    sound(phone, axe)
    phone.goto(phone.url.replace("/office/enquiries", f"/office/enquiries/calls/{call.slug}"))
    sound(phone, axe)
    phone.get_by_role("link", name="Plan a session").click()
    sound(phone, axe)
