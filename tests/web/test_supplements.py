"""Supplements on screen: the office asks in Korean, the applicant answers in English on a phone without script; by
keyboard; other desks see nothing; hostile input is refused in words."""

import datetime as dt
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from madang.apps.applications import commands
from madang.apps.applications.models import Filing, Supplement
from madang.apps.enquiries.rules import tidy
from madang.apps.review.models import Handling
from madang.cli.main import main
from madang.kernel import clock, keyring
from tests.factories.filing import PDF
from tests.factories.people import person
from tests.factories.supplements import REASON, THINGS, UNTIL, SupplementWorld, in_a_batch
from tests.web.apply_parts import session_of, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> SupplementWorld:
    return SupplementWorld.long_closed()


def asked(world: SupplementWorld) -> Supplement:
    return world.ask(at=clock.now())


def form(**more: Any) -> dict[str, Any]:
    chosen = {f"thing:{what}": kind for what, kind in THINGS.items()}
    return {**chosen, **{f"reason-{tag}": text for tag, text in REASON.items()}, **more}


def ask_address(world: SupplementWorld) -> str:
    return reverse("office:supplement-new", args=[world.dossier.uid])


# --- The desk --------------------------------------------------------------------------------------------------------


def test_what_is_previewed_is_what_is_sent(world: SupplementWorld) -> None:
    desk = signed_in(world.secretary)
    preview = desk.post(ask_address(world), form(do="preview"))
    told = words(preview.content.decode())
    assert preview.status_code == 200
    assert "Aram, Boram" in told
    assert "5 days for “All papers are there”" in told
    assert "day 5" in told
    assert not Supplement.objects.exists()
    again = desk.post(ask_address(world), form(do="change"))
    assert 'value="incomplete" selected' in again.content.decode()
    until = re.search(r'name="until" value="([^"]+)"', preview.content.decode())
    assert until
    stale = desk.post(ask_address(world), form(do="send", until="2022-02-09T23:59:59"))
    assert (stale.status_code, Supplement.objects.count()) == (422, 0)
    assert "A day has passed" in words(stale.content.decode())
    sent = desk.post(ask_address(world), form(do="send", until=until[1]))
    assert sent.status_code == 303
    page = words(desk.get(sent["Location"]).content.decode())
    assert "Waits for the applicant" in page
    assert "Ask for a supplement" not in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"thing:review.papers": "", "thing:why": ""}, "Choose the item of the checklist"),
        ({"reason-ko": " "}, "Give the reason in the language of the application (Korean)"),
        ({"reason-ko": "\0"}, "cannot be shown"),
        ({"reason-ko": "x" * 4_001}, "4001"),
        ({"thing:why": "\u202e"}, "no item of the checklist"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_and_what_was_typed_is_kept(
    world: SupplementWorld, more: dict[str, str], said: str
) -> None:
    answer = signed_in(world.secretary).post(ask_address(world), form(do="send", **more))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert "The letter bears no signature." in text
    assert not Supplement.objects.exists()


def test_another_secretariat_and_strangers_find_nothing(world: SupplementWorld) -> None:
    supplement = asked(world)
    addresses = [
        ask_address(world),
        reverse("office:dossier-supplements", args=[world.dossier.uid]),
        *(reverse(f"office:supplement{act}", args=[supplement.uid]) for act in ("", "-extend", "-cancel", "-answer")),
        reverse("applicant:supplement", args=[world.draft.uid]),
    ]
    other = person("other", role="secretariat", programme="another")
    for someone in (other, person("nobody")):
        assert {signed_in(someone).get(address).status_code for address in addresses} == {404}
    auditor = signed_in(person("auditor", role="auditor"))
    assert auditor.get(addresses[1]).status_code == 200
    assert auditor.post(addresses[3], {"day": "2099-01-01", "reason": "x"}).status_code == 404


def test_paper_is_entered_with_its_scan_and_only_the_desk_gets_that(world: SupplementWorld) -> None:
    dossier = in_a_batch(world.call)
    desk = signed_in(world.secretary)
    sent = desk.post(
        reverse("office:supplement-new", args=[dossier.uid]),
        {"thing:review.papers": "incomplete", "reason-en": "x", "do": "send"},
    )
    assert sent.status_code == 303
    supplement = Supplement.objects.get()
    address = reverse("office:supplement-answer", args=[supplement.uid])
    today = f"{clock.now().astimezone(UNTIL.tzinfo):%Y-%m-%d}"
    assert desk.post(address, {"day": "never", "reason": "x"}).status_code == 422
    file = io.BytesIO(PDF)
    file.name = "letter.pdf"
    assert desk.post(address, {"day": today, "reason": "A letter", "scan": file}).status_code == 303
    scan = reverse("office:supplement-scan", args=[supplement.uid])
    assert b"".join(desk.get(scan).streaming_content) == PDF
    assert signed_in(world.aram).get(scan).status_code == 404
    assert "letter.pdf" in words(desk.get(reverse("office:supplement", args=[supplement.uid])).content.decode())


def test_the_list_is_filtered_and_taken_along(world: SupplementWorld) -> None:
    asked(world)
    desk = signed_in(world.secretary)
    assert "City of Aram" in words(desk.get("/office/supplements?state=open").content.decode())
    assert "No supplement fits" in words(desk.get("/office/supplements?state=undecided").content.decode())
    assert desk.get("/office/supplements?state=%00&call=%00&page=zz").status_code == 200
    assert "City of Aram" in desk.get("/office/supplements?format=csv").content.decode("utf-8-sig")
    assert desk.get("/office/supplements?format=xlsx").content[:2] == b"PK"
    assert "City of Aram" not in desk.get("/office/supplements?call=elsewhere&format=csv").content.decode("utf-8-sig")


# --- The applicant ---------------------------------------------------------------------------------------------------


def test_a_forged_form_changes_nothing_else(world: SupplementWorld) -> None:
    asked(world)
    world.mend(at=clock.now())
    applicant = signed_in(world.aram)
    given = {"at:name": "Other", "at:why": "For all", "base": str(world.now().revision), "do": "save"}
    answer = applicant.post(f"/applications/{world.draft.uid}/check-1", given)
    assert answer.status_code == 404
    answer = applicant.post(f"/applications/{world.draft.uid}/s-check", given)
    assert answer.status_code == 422
    assert "does not allow this place to be changed" in words(answer.content.decode())
    assert world.stored()["name"] == "Hanbit"
    assert world.stored()["why"] == "For all"


def test_the_receipt_of_the_answer_holds_offline_and_at_verify(
    world: SupplementWorld, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    supplement = asked(world)
    world.mend(at=clock.now())
    filing = world.file()
    (tmp_path / "receipt.json").write_text(filing.receipt)
    (tmp_path / "form.json").write_text(filing.form)
    (tmp_path / "keys.json").write_text(keyring.publish(dt.date(2020, 1, 1)).text())
    given = [str(tmp_path / name) for name in ("receipt.json", "form.json", "keys.json")]
    assert main(["receipt", given[0], "--form", given[1], "--keys", given[2], "--language", "en"]) == 0
    assert f"in answer to the office's request for a supplement {supplement.uid}" in capsys.readouterr().out
    number = f"{world.now().number}-2"
    visitor = Client(headers={"host": "localhost", "accept-language": "en"})
    page = words(visitor.get(f"/verify/{number}").content.decode())
    assert supplement.uid in page
    assert tidy(REASON["en"]) not in page
    checked = visitor.post("/verify/receipt", {"text": filing.receipt})
    assert checked.status_code == 200


# --- In a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_office_asks_in_korean_and_the_applicant_answers_on_a_phone_without_script(
    world: SupplementWorld, visit: Any, axe: Any, live_server: Any
) -> None:
    office = {"language": "ko", "storage_state": session_of(world.secretary, live_server)}
    desk = visit(f"/office/applications/{world.dossier.uid}/supplements", **office)
    desk.get_by_role("link", name="보완 요청하기").click()
    assert axe(desk) == []
    desk.get_by_label("구비서류가 모두 있음").select_option("incomplete")
    desk.get_by_label("이유").select_option("incorrect")
    desk.get_by_label("추천서").select_option("incomplete")
    desk.get_by_label("사유(한국어)").fill("추천서에 서명이 없습니다.")
    desk.get_by_label("사유(영어)").fill("The letter bears no signature.")
    desk.get_by_role("button", name="보내기 전에 확인하기").click()
    expect(desk.get_by_role("heading", level=2)).to_have_text("신청기관이 받게 될 내용")
    assert axe(desk) == []
    desk.get_by_role("button", name="요청 보내기").click()
    expect(desk.get_by_text("보완 대기")).to_be_visible()
    assert axe(desk) == []

    applicant = {"language": "en", "width": 390, "script": False, "storage_state": session_of(world.aram, live_server)}
    page = visit(f"/applications/{world.draft.uid}/check", **applicant)
    expect(page.get_by_text("The office asks for a supplement")).to_be_visible()
    page.get_by_role("button", name="Change these places").click()
    page.goto(live_server.url + f"/applications/{world.draft.uid}/s-check")
    expect(page.locator('[id="i-name"]')).to_be_disabled()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
    page.locator('[id="i-why"]').fill("For all who live here")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Check and file the supplement").click()
    expect(page.get_by_text("Asked for, and still as it was filed:")).to_be_visible()
    page.get_by_role("button", name="File the supplement").click()
    page.wait_for_url("**/receipts/2")
    assert Filing.objects.get(revision=2).content["answers"]["why"] == "For all who live here"
    assert Supplement.objects.get().state == "answered"


@pytest.mark.browser
def test_by_keyboard_from_the_banner_to_the_receipt(
    world: SupplementWorld, visit: Any, axe: Any, live_server: Any
) -> None:
    asked(world)
    page = visit(
        f"/applications/{world.draft.uid}/supplement", language="en", mode="high-contrast",
        storage_state=session_of(world.aram, live_server),
    )  # fmt: skip
    assert axe(page) == []
    page.get_by_role("button", name="Change these places").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-form][data-ready]")
    assert axe(page) == []
    page.locator('[id="i-why"]').focus()
    page.keyboard.type("For all")
    expect(page.locator("[data-save-state][data-state=saved]")).to_contain_text("Saved")
    page.get_by_role("link", name="Check and file the supplement").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-press][data-ready]")
    assert axe(page) == []
    page.get_by_role("button", name="File the supplement").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/2")


# --- What the other rooms of the desk know of it ----------------------------------------------------------------------


def test_nothing_is_asked_once_the_review_is_over(world: SupplementWorld) -> None:
    Handling.objects.create(dossier=world.dossier, state="excluded", ground="late", changed_at=clock.now())
    desk = signed_in(world.secretary)
    tab = desk.get(reverse("office:dossier-supplements", args=[world.dossier.uid])).content.decode()
    assert ask_address(world) not in tab
    assert "This application is excluded." in words(tab)
    for step in ("preview", "send"):
        refused = desk.post(ask_address(world), form(do=step))
        assert refused.status_code == 422
        assert "This application is excluded." in words(refused.content.decode())
    assert not Supplement.objects.exists()


def test_the_desk_names_it_while_it_is_due_and_the_application_remembers_it(world: SupplementWorld) -> None:
    supplement, desk = asked(world), signed_in(world.secretary)
    address = reverse("office:supplement", args=[supplement.uid])
    assert address in desk.get(reverse("office:dossiers")).content.decode()
    assert (
        address
        not in signed_in(person("elsewhere", role="secretariat", programme="other"))
        .get(reverse("office:dossiers"))
        .content.decode()
    )
    page = words(desk.get(reverse("office:dossier", args=[world.dossier.uid])).content.decode())
    assert "A supplement was asked for" in page
    assert "The supplement was taken back" not in page
    commands.cancel_supplement(actor=world.office, supplement=supplement, reason="Asked by mistake.")
    page = words(desk.get(reverse("office:dossier", args=[world.dossier.uid])).content.decode())
    assert "The supplement was taken back" in page
    assert address not in desk.get(reverse("office:dossiers")).content.decode()
