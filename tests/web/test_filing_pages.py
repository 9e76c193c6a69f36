"""The press, the receipt and what may follow, without a browser; and what anybody may know of a receipt."""

import datetime as dt
import io
import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from madang.apps.applications import commands
from madang.apps.applications.models import Draft, DraftMember, Filing
from madang.kernel import clock, keyring
from madang.web.public import receipts
from tests.factories.filing import FilingWorld
from tests.factories.forms import amended
from tests.web.apply_parts import sent, signed_in, words

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
HTML = {"accept": "text/html"}
CLOSES = dt.datetime(2027, 12, 1, 18, 0, tzinfo=ZoneInfo("Asia/Seoul"))


@pytest.fixture
def world() -> FilingWorld:
    return FilingWorld()


@pytest.fixture
def aram(world: FilingWorld) -> Client:
    return signed_in(world.aram)


@pytest.fixture
def anybody() -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["madang-language"] = "en"
    return client


def where(world: FilingWorld, rest: str = "") -> str:
    return f"/applications/{world.draft.uid}{rest}"


def press(client: Client, world: FilingWorld, *, headers: Any = HTML, **more: Any) -> Any:
    seen = more.get("seen", world.now().revision)
    return client.post(where(world, "/file"), {"seen": seen}, headers=headers)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:400]
    return answer.content.decode()


def number(world: FilingWorld) -> str:
    return f"{world.now().number}-{world.draft.filings.count()}"


# --- The press -------------------------------------------------------------------------------------------------------


def test_the_page_of_the_press_says_in_whose_name_for_what_and_until_when(world: FilingWorld, aram: Client) -> None:
    seen = words(page(aram, where(world, "/check")))
    assert "You file it in the name of City of Aram , as Plan , for “Small”." in seen
    assert "change it and file it again until Wed 1 Dec 2027 18:00:00 (Asia/Seoul)" in seen
    assert "File this application" in seen


def test_a_press_leads_to_the_receipt_and_a_second_one_to_the_same(world: FilingWorld, aram: Client) -> None:
    first, second = press(aram, world), press(aram, world)
    assert (first.status_code, first["Location"]) == (303, where(world, "/receipts/1"))
    assert second["Location"] == first["Location"]
    seen = page(aram, first["Location"])
    filing = Filing.objects.get()
    for part in (number(world), "Filed. This is your receipt.", "agreement.pdf", "City of Aram"):
        assert part in seen
    assert " ".join(filing.form_sha256[i : i + 4] for i in range(0, 64, 4)) in seen
    assert f'href="/verify/{number(world)}"' in seen


def test_a_script_gets_number_arrival_and_address_or_the_reasons(world: FilingWorld, aram: Client) -> None:
    told = press(aram, world, headers=JSON).json()
    assert (told["receipt"], told["revision"], told["url"]) == (number(world), 1, where(world, "/receipts/1"))
    assert re.fullmatch(r"\w{3} \d+ \w{3} \d{4} \d\d:\d\d:\d\d \(Asia/Seoul\)", told["arrived"])
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(name="", base={"name": 999})
    refused = press(aram, world, headers=JSON)
    assert refused.status_code == 422
    assert refused.json()["late"] is False
    assert any("still to be settled: 1" in reason for reason in refused.json()["reasons"])
    assert Client(headers={"host": "localhost"}).post(where(world, "/file"), headers=JSON).status_code == 401


def test_what_is_missing_stands_beside_the_place_of_the_button(world: FilingWorld, aram: Client) -> None:
    world.save(name="", base={"name": 999})
    html = page(aram, where(world, "/check"))
    assert "data-press" not in html
    answer = press(aram, world)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Not filed." in words(html)
    assert f'href="{where(world, "/s-check#p-name")}"' in html
    assert not Filing.objects.exists()


def test_after_the_deadline_arrival_and_limit_are_said_and_what_can_be_done(world: FilingWorld, aram: Client) -> None:
    with clock.at(CLOSES + dt.timedelta(seconds=1)):
        answer = press(aram, world)
        seen = words(answer.content.decode())
        assert answer.status_code == 422
        assert "Your press arrived Wed 1 Dec 2027 18:00:01 Asia/Seoul" in seen
        assert "What arrived until then counts Wed 1 Dec 2027 18:00:00 Asia/Seoul" in seen
        assert "was not filed in time" in seen
        assert "Write to the office of the call" in seen
        assert press(aram, world, headers=JSON).json()["late"] is True


def test_grace_is_shown_as_printed_and_the_page_takes_a_press_in_it(world: FilingWorld, aram: Client) -> None:
    amended(world.call, "closes: {at: 2027-12-01 18:00}", "closes: {at: 2027-12-01 18:00, printed_grace_minutes: 10}")
    assert "until Wed 1 Dec 2027 18:10:00" in words(page(aram, where(world, "/check")))
    with clock.at(CLOSES + dt.timedelta(minutes=9)):
        seen = words(page(aram, where(world, "/check")))
        assert "in the grace: 1 minute left" in seen.replace("\xa0", " ")
        assert "takes no applications now" not in seen
        assert press(aram, world).status_code == 303


def test_whoever_may_not_file_sees_who_may(world: FilingWorld) -> None:
    boram = signed_in(world.boram)
    html = page(boram, where(world, "/check"))
    assert f"It is filed by: {world.aram.shown}." in words(html)
    assert "data-press" not in html
    answer = press(boram, world)
    assert answer.status_code == 403
    assert "It is filed by" in words(answer.content.decode())
    DraftMember.objects.filter(person=world.boram).update(may_file=True)
    assert "data-press" in page(boram, where(world, "/check"))


def test_signing_in_again_after_a_press_leads_back_to_its_page(world: FilingWorld, aram: Client) -> None:
    gone = Client(headers={"host": "localhost"}).post(where(world, "/file"), headers=HTML)
    assert (gone.status_code, gone["Location"].endswith(f"next={where(world, '/file')}")) == (302, True)
    assert aram.get(where(world, "/file"))["Location"] == where(world, "/check")


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 12, "\x00", "²"])
def test_whatever_a_press_says_it_has_seen_is_no_error(world: FilingWorld, aram: Client, seen: str) -> None:
    assert press(aram, world, seen=seen).status_code == 303


# --- The receipt, and what may follow --------------------------------------------------------------------------------


def test_the_receipt_names_what_others_wrote_between_the_page_and_the_press(world: FilingWorld, aram: Client) -> None:
    seen = world.now().revision
    world.save(world.second, why="For all", base={"why": 999})
    press(aram, world, seen=seen)
    told = words(page(aram, where(world, "/receipts/1")))
    assert "Written after your page was made, and filed with it" in told
    assert "Why : Boram" in told
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(world.second, name="Later", base={"name": 999})
    assert "Name : Boram" not in words(page(aram, where(world, "/receipts/1")))


def test_every_state_stands_on_every_page_of_the_application(world: FilingWorld, aram: Client) -> None:
    pages = [where(world, "/check"), where(world, "/s-check"), where(world, "/people")]

    def everywhere(*told: str) -> None:
        for address in pages:
            seen = words(page(aram, address))
            assert all(part in seen for part in told), (address, told)

    press(aram, world)
    everywhere("Filed: revision 1 counts.", "Change it", "Withdraw", number(world))
    assert 'class="f-all" disabled' in page(aram, where(world, "/s-check"))
    assert aram.get(where(world))["Location"] == where(world, "/check")
    answer = aram.post(where(world, "/revise"))
    assert (answer.status_code, answer["Location"]) == (303, where(world, "/s-check"))
    everywhere("Your changes are not filed.", "revision 1 counts; your changes do not", "Drop the changes")
    assert aram.post(where(world, "/withdraw"), {"reason": "The council\x00 said no."}).status_code == 303
    assert world.now().withdrawn_reason == "The council said no."
    everywhere("Withdrawn: this application does not count.", "Resume it")
    assert aram.post(where(world, "/resume"))["Location"] == where(world, "/s-check")
    everywhere("It was withdrawn, and is not filed again yet.")


def test_the_list_has_a_group_for_each_state(world: FilingWorld, aram: Client) -> None:
    def groups() -> list[str]:
        return re.findall(r'id="g-(\w+)"', page(aram, "/applications"))

    assert groups() == ["writing"]
    assert "Check and file" in words(page(aram, "/applications"))
    press(aram, world)
    seen = words(page(aram, "/applications"))
    assert groups() == ["filed"]
    assert "Filed: revision 1 counts." in seen
    assert number(world) in seen
    assert f"filed, receipt {number(world)}" in words(page(aram, "/me"))
    assert "Filed" in words(page(aram, f"/calls/{world.call.slug}/apply"))
    commands.revise_filed(actor=world.first, draft=world.draft)
    assert groups() == ["revising"]
    assert "changes not filed" in words(page(aram, "/me"))
    commands.withdraw_application(actor=world.first, draft=world.draft)
    assert groups() == ["withdrawn"]


def test_before_changes_are_dropped_everything_that_goes_is_named(world: FilingWorld, aram: Client) -> None:
    press(aram, world)
    assert page(aram, where(world, "/keep"), 404)
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(name="Other", base={"name": 999})
    seen = words(page(aram, where(world, "/keep")))
    assert "1 place differs." in seen
    assert re.search(r"Name changed .*Other .*→ .*Hanbit", seen)
    assert aram.post(where(world, "/keep"))["Location"] == where(world, "/check")
    assert world.stored()["name"] == "Hanbit"


def test_withdrawing_says_what_it_means_and_whether_it_can_be_undone(world: FilingWorld, aram: Client) -> None:
    press(aram, world)
    assert "You can resume it and file it again until" in words(page(aram, where(world, "/withdraw")))
    with clock.at(CLOSES + dt.timedelta(minutes=1)):
        assert "this cannot be undone" in words(page(aram, where(world, "/withdraw")))
        aram.post(where(world, "/withdraw"))
        answer = aram.post(where(world, "/resume"), follow=True)
        assert "takes no applications" in words(answer.content.decode())
    assert page(signed_in(world.boram), where(world, "/withdraw"), 404)


def test_what_changed_between_two_revisions_in_the_words_of_the_form(world: FilingWorld, aram: Client) -> None:
    press(aram, world)
    commands.revise_filed(actor=world.first, draft=world.draft)
    goals = world.stored()["goals"]
    world.save(name="Other", people="", base={"name": 999, "people": 999})
    world.save(**{f"goals__{goals[1]}__goal": "Another goal"}, base={f"goals.{goals[1]}.goal": 999})
    commands.remove_file(actor=world.first, draft=world.draft, file=world.draft.files.get(key="documents.letter"))
    world.attach("documents.letter", "better.pdf", b"%PDF-1.4 better %%EOF")
    world.save(people="7000", base={"people": 999})
    checked = words(page(aram, where(world, "/check")))
    assert "What this press changes in what is filed" in checked
    press(aram, world)
    seen = words(page(aram, where(world, "/receipts/2/changes?with=1")))
    assert "From filed revision 1 to filed revision 2." in seen
    assert re.search(r"People changed .*5,000 .*→ .*7,000", seen)
    assert "Row 2 changed" in seen
    assert "Another goal" in seen
    assert re.search(r"letter\.pdf .*better\.pdf", seen)
    assert seen == words(page(aram, where(world, "/receipts/2/changes")))
    assert "Nothing differs." in words(page(aram, where(world, "/receipts/2/changes?with=now")))
    for wrong in ("9", "2", "0", "x", "99999999"):
        page(aram, where(world, f"/receipts/2/changes?with={wrong}"), 404)
    assert "2 files in it" in words(page(aram, where(world, "/receipts/1")))
    assert "What changed since revision 1" in words(page(aram, where(world, "/receipts/2")))
    assert "Replaced" in words(page(aram, where(world, "/receipts/1")))


def test_long_answers_show_the_words_that_changed(world: FilingWorld, aram: Client) -> None:
    amended(world.call, "max_words: 5", "max_words: 500")
    world.save(why="The old tram runs every day along the river and through the park." * 2, base={"why": 999})
    press(aram, world)
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(why="The new tram runs every day along the river and through the park." * 2, base={"why": 999})
    html = page(aram, where(world, "/receipts/1/changes?with=now"))
    assert re.search(r"<del>.*old</?.*", html)
    assert "<script" not in html.split('class="p-changes"')[1].split("</section>")[0]


def test_the_papers_hold_what_was_filed_and_not_what_stands_now(world: FilingWorld, aram: Client) -> None:
    press(aram, world)
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(name="Other", base={"name": 999})

    def text(name: str) -> str:
        answer = aram.get(where(world, f"/receipts/1/{name}"))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        pages = PdfReader(io.BytesIO(answer.content)).pages
        return " ".join(page.extract_text() for page in pages).replace("\u200b", "").replace("\n", "")

    whole, receipt = text("application.pdf"), text("receipt.pdf")
    assert "Hanbit" in whole
    assert "Other" not in whole
    assert "Application as filed" in whole
    filing = Filing.objects.get()
    assert filing.receipt.replace(" ", "") in receipt.replace(" ", "")
    assert f"/verify/{number(world)}" in receipt
    for name in ("receipt", "form"):
        answer = aram.get(where(world, f"/receipts/1/{name}.json"))
        assert answer.content.decode() == getattr(filing, name)


def test_another_ones_receipt_is_nobodys_business(world: FilingWorld, aram: Client) -> None:
    press(aram, world)
    stranger = signed_in(world.stranger.person)
    for rest in ("/receipts/1", "/receipts/1/receipt.json", "/receipts/1/receipt.pdf", "/receipts/1/changes", "/keep"):
        page(stranger, where(world, rest), 404)
    page(aram, where(world, "/receipts/2"), 404)


# --- /verify ---------------------------------------------------------------------------------------------------------


def test_anybody_with_the_number_sees_that_it_counts_but_not_who_applied(
    world: FilingWorld, aram: Client, anybody: Client
) -> None:
    filing = world.file()
    html = page(anybody, f"/verify/{number(world)}")
    seen = words(html)
    assert "Given by this site. It counts: revision 1 is what stands." in seen
    assert filing.form_sha256[:4] in seen
    for secret in ("Aram", "aram", "Hanbit", "agreement", world.draft.uid):
        assert secret not in html.split("<main")[1]
    assert anybody.get(f"/verify/{number(world)}")["X-Robots-Tag"] == "noindex"
    commands.revise_filed(actor=world.first, draft=world.draft)
    world.save(name="Other", base={"name": 999})
    world.file()
    assert "a later revision took its place" in words(page(anybody, f"/verify/{number(world)[:-1]}1"))
    commands.withdraw_application(actor=world.first, draft=world.draft)
    assert "the application was withdrawn" in words(page(anybody, f"/verify/{number(world)}"))
    assert "a later revision took its place" in words(page(anybody, f"/verify/{number(world)[:-1]}1"))


def test_a_number_is_found_as_people_type_it_and_a_wrong_letter_is_told(world: FilingWorld, anybody: Client) -> None:
    world.file()
    right = number(world)
    typed = right.lower().replace("-", " ")
    assert anybody.get("/verify/receipt", {"number": typed}, follow=True).redirect_chain[-1][0] == f"/verify/{right}"
    assert anybody.get(f"/verify/{world.draft.number}")["Location"] == f"/verify/{right}"
    wrong = ("Z" if right[0] != "Z" else "Y") + right[1:]
    seen = words(page(anybody, f"/verify/{wrong}", 404))
    assert "a letter is wrong, missing or too many" in seen
    for other in ("x", "%00", "a" * 400, "%E2%80%AE", "7F3KQ%2F9XWM2"):
        assert anybody.get(f"/verify/{other}").status_code == 404
    assert "There is no such receipt here" in words(page(anybody, f"/verify/{right[:-1]}7", 404))


def test_who_asks_for_many_numbers_that_do_not_exist_is_slowed_down(
    world: FilingWorld, anybody: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.file()
    cache.clear()
    monkeypatch.setattr(receipts, "MOST_MISSES", 2)
    right = number(world)
    with clock.at(clock.now()):
        assert [anybody.get(f"/verify/{right[:-1]}{n}").status_code for n in (7, 8, 9)] == [404, 404, 429]
        cache.clear()
        assert [anybody.get(f"/verify/{right}").status_code for _ in range(4)] == [200] * 4


def checked(client: Client, text: str = "", **files: bytes) -> Any:
    given = {name: SimpleUploadedFile(f"{name}.json", content) for name, content in files.items()}
    return client.post("/verify/receipt", {"text": text, **given})


def told(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return words(answer.content.decode())


def test_a_receipt_is_checked_line_by_line_with_its_form(world: FilingWorld, anybody: Client) -> None:
    filing = world.file()
    seen = told(checked(anybody, filing.receipt))
    for line in (
        "This receipt holds.", "The signature holds", "The key that was given signed this receipt",
        "This site gave it, and keeps the same receipt.", "It counts: revision 1", "No form was given",
    ):  # fmt: skip
        assert line in seen
    keyring.publish(dt.date(2020, 1, 1))
    assert "in use since 2020-01-01, signed this receipt" in told(checked(anybody, filing.receipt))
    seen = told(checked(anybody, receipt=filing.receipt.encode(), form=filing.form.encode()))
    assert "it is what was filed, to the last letter" in seen
    seen = told(checked(anybody, filing.receipt, form=filing.form.replace("Hanbit", "Hanbat").encode()))
    assert "does not hold" in seen
    assert "This form is not the one that was filed" in seen


def test_a_receipt_of_what_was_withdrawn_holds_and_says_what_became_of_it(world: FilingWorld, anybody: Client) -> None:
    receipt = world.file().receipt
    commands.withdraw_application(actor=world.first, draft=world.draft)
    seen = told(checked(anybody, receipt))
    assert "This receipt holds." in seen
    assert "Withdrawn State: does it count now?" in seen


def test_a_receipt_broken_into_lines_by_a_mail_program_is_mended(world: FilingWorld, anybody: Client) -> None:
    text = world.file().receipt
    broken = "\r\n> ".join(text[i : i + 70] for i in range(0, len(text), 70))
    assert "This receipt holds." in told(checked(anybody, f"> {broken}\n"))


def test_a_changed_receipt_and_one_of_elsewhere_are_told_as_such(world: FilingWorld, anybody: Client) -> None:
    receipt = json.loads(world.file().receipt)
    later = json.dumps({**receipt, "arrived_at": "2027-12-01T17:00:00+09:00"})
    seen = told(checked(anybody, later))
    assert "something in it was changed" in seen
    assert "another one: it states SHA-256" in seen
    elsewhere = json.dumps({**receipt, "revision": 7})
    assert "There is no receipt" in told(checked(anybody, elsewhere))


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{}", "[1]", '{"madang_filing_receipt": 9}', "{" * 5000, '{"a":' + "9" * 5000 + "}", "\u202e{}"],
)
def test_what_is_no_receipt_is_refused_with_its_reason(anybody: Client, text: str) -> None:
    answer = checked(anybody, text)
    assert answer.status_code == 422
    assert "m-error" in answer.content.decode() or "Nothing was checked" in words(answer.content.decode())


@pytest.mark.parametrize(
    "change",
    [
        {"revision": 10**30}, {"revision": -1}, {"number": "\ud800"}, {"site": "\ud800<b>"}, {"track": "\u202e"},
        {"files": 2**60}, {"signatures": []}, {"arrived_at": "2027-99-99T99:99:99+99:99"}, {"counts_until": ""},
        {"late_admission": "<script>" * 50},
    ],
)  # fmt: skip
def test_a_forged_receipt_is_told_as_one_and_never_an_error(world: FilingWorld, anybody: Client, change: Any) -> None:
    receipt = json.loads(world.file().receipt)
    answer = checked(anybody, receipt=json.dumps({**receipt, **change}).encode())
    assert answer.status_code in (200, 422)
    assert "This receipt holds." not in words(answer.content.decode())
    assert "<script>" not in answer.content.decode().split("<main")[1].split("</main>")[0]


def test_too_much_is_refused_unread(anybody: Client) -> None:
    body = b"--x\r\n" + b"0" * 100
    answer = anybody.post(
        "/verify/receipt", body, content_type="multipart/form-data; boundary=x", headers={"content-length": "99999999"}
    )
    assert answer.status_code == 413


def test_the_page_for_decisions_leads_to_receipts(anybody: Client) -> None:
    assert "/verify/receipt" in page(anybody, "/verify")


# --- With others -----------------------------------------------------------------------------------------------------


def test_a_colleague_can_be_invited_to_a_filed_application_and_writes_when_it_is_opened(
    world: FilingWorld, aram: Client
) -> None:
    press(aram, world)
    answer = aram.post(where(world, "/people"), {"do": "invite", "email": "new@example.org", "may_file": "no"})
    assert answer.status_code == 303
    refused = sent(signed_in(world.boram), world.draft.uid, {"name": "Other"}, {"name": 999})
    assert refused.status_code == 422
    assert "Open it for changes first" in refused.json()["reasons"][0]
    aram.post(where(world, "/revise"))
    assert sent(signed_in(world.boram), world.draft.uid, {"name": "Other"}, {"name": 999}).status_code == 200
    assert Draft.objects.get().state == "revising"
