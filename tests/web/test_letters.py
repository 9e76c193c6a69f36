"""Official letters at the desk: entered by hand, listed, taken along, marked as mistakes; the sending list."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from madang.apps.applications.models import Application
from madang.apps.review.models import Letter
from madang.core.callspec import parse
from madang.kernel import clock
from madang.kernel.journal import JournalEntry
from madang.web.office import letters_call
from tests.factories.filing import PDF
from tests.factories.people import person
from tests.factories.supplements import SupplementWorld
from tests.web.apply_parts import session_of, signed_in, words

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
GIVEN = {
    "direction": "out", "number": "도시경제과-1234", "dated": "2022-03-02", "counterpart": "City of Aram",
    "title": "보완 요청", "way": "document_system", "about": "other",
}  # fmt: skip


@pytest.fixture
def world() -> SupplementWorld:
    return SupplementWorld.long_closed()


def entering(world: SupplementWorld, **more: Any) -> Any:
    address = reverse("office:letter-new", args=[world.dossier.uid])
    return signed_in(world.secretary).post(address, {**GIVEN, **more})


def scanned(name: str = "letter.pdf", content: bytes = PDF) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_a_letter_is_entered_with_its_scan_about_a_supplement(world: SupplementWorld) -> None:
    supplement = world.ask(at=clock.now())
    answer = entering(world, about=f"supplement {supplement.uid}", scan=scanned())
    assert answer.status_code == 303
    letter = Letter.objects.get()
    assert (letter.act, letter.act_uid, letter.scan_format) == ("supplement", supplement.uid, "pdf")
    desk = signed_in(world.secretary)
    page = desk.get(reverse("office:dossier-letters", args=[world.dossier.uid])).content.decode()
    assert "도시경제과-1234" in words(page)
    assert f"/office/supplements/{supplement.uid}" in page
    scan = reverse("office:letter-scan", args=[letter.uid])
    assert b"".join(desk.get(scan).streaming_content) == PDF
    for someone in (world.aram, person("other", role="secretariat", programme="another")):
        client = signed_in(someone)
        assert client.get(scan).status_code == 404
        assert client.get(reverse("office:dossier-letters", args=[world.dossier.uid])).status_code == 404
    told = JournalEntry.objects.get(command="review.enter_letter").payload
    assert "보완 요청" not in str(told)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"counterpart": " "}, "Name who wrote it"),
        ({"title": "\0"}, "cannot be shown"),
        ({"title": "x" * 301}, "At most 300"),
        ({"dated": "never"}, "Give the date that it bears"),
        ({"dated": "2999-01-01"}, "lies ahead"),
        ({"way": "pigeon"}, "Choose from the lists"),
        ({"about": "supplement nobody"}, "Choose from the lists"),
        ({"about": "\0"}, "Choose from the lists"),
        ({"scan": (b"MZ", "letter.exe")}, "is not a PDF"),
        ({"scan": (b"", "letter.pdf")}, "empty"),
    ],
)
def test_what_is_wrong_is_said_and_kept(world: SupplementWorld, more: dict[str, Any], said: str) -> None:
    if "scan" in more:
        content, name = more["scan"]
        more = {"scan": scanned(name, content)}
    answer = entering(world, **more)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "도시경제과-1234" in answer.content.decode()
    assert not Letter.objects.exists()


def test_one_number_is_entered_once_and_again_after_it_was_marked_as_a_mistake(world: SupplementWorld) -> None:
    assert entering(world).status_code == 303
    assert "is entered already" in entering(world).content.decode()
    assert entering(world, direction="in").status_code == 303
    letter = Letter.objects.get(direction="out")
    desk, address = signed_in(world.secretary), reverse("office:letter-remove", args=[letter.uid])
    assert desk.post(address, {"reason": " "}).status_code == 422
    assert desk.post(address, {"reason": "Another application"}).status_code == 303
    assert desk.post(address, {"reason": "Another application"}).status_code == 303
    assert JournalEntry.objects.filter(command="review.remove_letter").count() == 1
    page = words(desk.get(reverse("office:dossier-letters", args=[world.dossier.uid])).content.decode())
    assert "Marked as a mistake by Office: Another application" in page
    assert entering(world).status_code == 303


def test_the_list_of_a_call_is_filtered_and_taken_along_and_the_sending_list_says_who_gets_what(
    world: SupplementWorld,
) -> None:
    entering(world, title="=cmd()")
    entering(world, number="", direction="in", title="Answer", about="opinion")
    desk, address = signed_in(world.secretary), reverse("office:letters", args=[world.call.slug])
    assert "2 letters" in words(desk.get(address).content.decode())
    assert "1 letter " in words(desk.get(f"{address}?direction=in&act=opinion&q=answ").content.decode())
    assert desk.get(f"{address}?q=%00&page=zz").status_code == 200
    assert desk.get(f"{address}?format=pdf").status_code == 400
    table = desk.get(f"{address}?format=csv").content.decode("utf-8-sig")
    assert "'=cmd()" in table
    assert desk.get(f"{address}?format=xlsx").content[:2] == b"PK"
    sending = reverse("office:sending-list", args=[world.call.slug])
    row = desk.get(f"{sending}?format=csv").content.decode("utf-8-sig").splitlines()[1]
    assert world.aram.email in row
    assert world.boram.email not in row  # may not file
    assert "도시경제과-1234 (2022-03-02)" in row
    assert "Mail of this site" in row
    assert world.aram.email in words(desk.get(sending).content.decode())
    other = signed_in(person("other", role="secretariat", programme="another"))
    assert (other.get(address).status_code, other.get(sending).status_code) == (404, 404)


@pytest.mark.parametrize(
    ("kind", "country", "through"),
    [
        ("government", "VN", "ministry_of_foreign_affairs"),
        ("city", "VN", "ministry_of_foreign_affairs"),
        ("company", "KR", None),
        ("city", "KR", None),
        ("company", "VN", None),
    ],
)
def test_foreign_governments_and_cities_are_told_through_the_foreign_ministry(kind, country, through) -> None:
    text = (ROOT / "programmes" / "kcity-network-2021.yaml").read_text(encoding="utf-8")
    assert letters_call.notice_for(parse(text), Application(kind=kind, country=country)).through == through


@pytest.mark.browser
def test_by_keyboard_in_korean_on_a_phone_a_letter_is_entered(
    world: SupplementWorld, visit: Any, axe: Any, live_server: Any
) -> None:
    given = {"language": "ko", "width": 390, "storage_state": session_of(world.secretary, live_server)}
    page = visit(f"/office/applications/{world.dossier.uid}/letters", **given)
    page.get_by_role("link", name="공문 등록하기").focus()
    page.keyboard.press("Enter")
    page.get_by_label("문서번호").fill("도시경제과-1")
    page.get_by_label("시행일").fill("2022-03-02")
    page.get_by_label("제목").fill("보완 요청")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
    page.get_by_role("button", name="등록하기").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/letters")
    assert axe(page) == []
    page.get_by_role("link", name="이 공모의 공문 전체").click()
    assert axe(page) == []
    page.get_by_role("link", name="발송 목록").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
