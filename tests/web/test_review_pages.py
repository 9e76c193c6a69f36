"""The pages of a review: by form and by keyboard, with and without script, in both languages; and who gets in."""

import io
import re
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from madang.apps.accounts.commands import actor_of
from madang.apps.applications.models import ReceivedFile
from madang.apps.review.commands import confirm, enter_result, judge, pass_review
from madang.apps.review.models import Handling, OutsideResult, Verdict
from madang.apps.review.queries import review_of
from madang.core.checklist import SETTLED
from tests.factories.filing import PDF
from tests.factories.people import person
from tests.factories.review import filed, made_clean, press, received, review_call, said, secretary
from tests.web.apply_parts import session_of, signed_in, words

pytestmark = pytest.mark.django_db


class Scene:
    def __init__(self) -> None:
        self.call = review_call()
        self.draft, self.dossier = filed(self.call)
        self.first, self.second = secretary("first"), secretary("second")
        self.at = f"/office/applications/{self.dossier.uid}"
        self.all = f"/office/applications/calls/{self.call.slug}/review"

    def sent(self, item: str = "papers", verdict: str = "pass", **more: Any) -> dict[str, Any]:
        review = review_of(self.dossier)
        state = review.item(item)
        last = state.rows[-1].pk if state and state.rows else 0
        return {"item": item, "verdict": verdict, "reason": "", "seen": review.application.pk, "after": last, **more}


@pytest.fixture
def scene() -> Scene:
    return Scene()


# --- Who ---


def test_other_desks_find_nothing_and_an_auditor_only_reads(scene):
    south = signed_in(secretary("south", "south"))
    for path in ("/review", "/checks", "/review/exclude", "/review/reopen"):
        assert south.get(scene.at + path).status_code == 404
    assert south.post(scene.at + "/review", scene.sent()).status_code == 404
    assert south.post(scene.all + "/pass", {}).status_code == 404
    assert "City of Aram" not in south.get(scene.all).content.decode()
    auditor = signed_in(person("auditor", role="auditor"))
    page = auditor.get(scene.at + "/review").content.decode()
    assert "All papers are there" in page
    assert 'name="verdict"' not in page
    assert auditor.post(scene.at + "/review", scene.sent()).status_code == 404
    assert auditor.post(scene.at + "/checks", {"check": "tax"}).status_code == 404
    assert not Verdict.objects.exists()


# --- One line ---


def test_a_verdict_goes_on_to_its_line_and_a_refusal_keeps_what_was_typed(scene):
    client = signed_in(scene.first)
    answer = client.post(scene.at + "/review", scene.sent())
    assert (answer.status_code, answer["Location"]) == (303, scene.at + "/review#item-papers")
    answer = client.post(scene.at + "/review", scene.sent("large", "fail", reason="x"))
    assert answer.status_code == 422
    answer = client.post(scene.at + "/review", scene.sent("style", "fail", reason="typed\u202e here"))
    assert answer.status_code == 422
    assert "typed" in answer.content.decode()
    assert "direction of reading" in words(answer.content.decode())
    answer = client.post(scene.at + "/review", scene.sent("residents", "fail"))
    assert "A verdict against an application needs its reason." in words(answer.content.decode())


@pytest.mark.parametrize(
    "bad",
    [
        {"item": "a\0b"}, {"item": "x" * 5000}, {"verdict": "\ud7ff" * 50}, {"reason": "a\0b", "verdict": "fail"},
        {"seen": "9" * 40}, {"seen": "-1"}, {"after": "²"}, {"reason": "x" * 100_000, "verdict": "fail"}, {"item": ""},
    ],
)  # fmt: skip
def test_what_no_form_of_ours_sends_is_refused_and_never_breaks(scene, bad):
    answer = signed_in(scene.first).post(scene.at + "/review", scene.sent() | bad)
    assert answer.status_code in (303, 422)  # a number that is none counts as not given


def test_with_htmx_the_line_comes_back_alone_with_what_is_left(scene):
    client = signed_in(scene.first)
    answer = client.post(scene.at + "/review", scene.sent(), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.count('<article class="r-item"') == 1
    assert 'id="left" hx-swap-oob="true"' in text
    assert "<html" not in text
    answer = client.post(scene.at + "/review", scene.sent(verdict="fail"), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "needs its reason" in answer.content.decode()


def test_a_newer_revision_is_shown_and_asks_again(scene):
    judge(actor=actor_of(scene.first), dossier=scene.dossier, item="papers", verdict="pass")
    press(scene.draft, "400")
    page = words(signed_in(scene.second).get(scene.at + "/review").content.decode())
    assert "Judged on revision 1; revision 2 stands. Judge it again." in page
    assert "KRW 400 million" in page


def test_inputs_of_a_rule_stand_beside_it(scene):
    page = words(signed_in(scene.first).get(scene.at + "/review").content.decode())
    assert "At least 100 million won must be requested. Met" in page
    assert "Requested KRW 300 million" in page
    assert "Applications of this applicant 1" in page
    assert "The applicant is told nothing before the call's rule says so." in page.replace("&#x27;", "'")


def test_papers_stand_beside_whether_filed_here_or_come_with_an_import(scene):
    client = signed_in(scene.first)
    page = client.get(scene.at + "/review").content.decode()
    path = re.search(rf'href="({scene.at}/files/1/1/view)"', page)
    assert path
    assert client.get(path[1]).status_code == 200
    [other] = received(scene.call, 1)
    ReceivedFile.objects.create(
        application=other.applications.get(), key="documents.plan", name="scan.pdf", sha256="0" * 64, size_bytes=9,
        format="pdf",
    )  # fmt: skip
    page = words(client.get(f"/office/applications/{other.uid}/review").content.decode())
    assert "Plan scan.pdf 9 bytes" in page


# --- The end ---


def test_an_exclusion_takes_three_steps_and_cannot_be_done_without_a_ground(scene):
    client = signed_in(scene.first, "en")
    path = scene.at + "/review/exclude"
    assert "Nothing is found against it" in words(client.get(path).content.decode())
    for sent in ({}, {"do": "exclude"}, {"ground": "review.papers", "words-ko": "없음", "do": "exclude"}):
        assert client.post(path, sent).status_code == 422
    judge(actor=actor_of(scene.first), dossier=scene.dossier, item="papers", verdict="fail", reason="No plan")
    assert "Checklist: All papers are there and readable" in words(client.get(path).content.decode())
    page = client.get(path + "?ground=review.papers").content.decode()
    assert "미충족: 구비서류가 모두 있고 읽을 수 있음" in page
    assert client.post(path, {"ground": "review.papers", "words-en": "No", "do": "exclude"}).status_code == 422
    sent = {"ground": "review.papers", "words-ko": "계획서가 없습니다.", "words-en": ""}
    answer = client.post(path, sent | {"do": "look"})
    assert "계획서가 없습니다." in words(answer.content.decode())
    assert "제외 통지" in answer.content.decode()  # the letter is in the applicant's language
    assert not Handling.objects.exists()
    assert client.post(path, sent | {"do": "exclude"}).status_code == 303
    assert Handling.objects.get().state == "excluded"
    page = words(client.get(scene.at + "/review").content.decode())
    assert "Excluded" in page
    assert "계획서가 없습니다." in page
    assert client.post(scene.at + "/review/reopen", {"reason": ""}).status_code == 422
    assert client.post(scene.at + "/review/reopen", {"reason": "A letter came"}).status_code == 303
    assert Handling.objects.get().state == "open"


def test_a_pass_that_is_not_possible_says_everything_that_stands_in_its_way(scene):
    answer = signed_in(scene.first).post(scene.at + "/review/pass")
    assert answer.status_code == 422
    assert "Other bodies have not answered yet: Tax arrears." in words(answer.content.decode())
    assert not Handling.objects.exists()


# --- Outside checks ---


def test_an_answer_is_entered_with_its_proof_which_only_the_desk_gets(scene):
    client = signed_in(scene.first)
    sent = {"check": "tax", "result": "found", "source": "Tax office", "on": "2022-01-20", "note": "3m", "after": "0"}
    proof = SimpleUploadedFile("letter.pdf", PDF)
    assert client.post(scene.at + "/checks", sent | {"proof": proof}).status_code == 303
    row = OutsideResult.objects.get()
    page = words(client.get(scene.at + "/checks").content.decode())
    assert "Tax office" in page
    assert "letter.pdf" in page
    path = f"{scene.at}/checks/{row.pk}/proof"
    assert b"".join(client.get(path).streaming_content) == PDF
    assert signed_in(secretary("south", "south")).get(path).status_code == 404
    assert client.get(f"{scene.at}/checks/{2**70}/proof").status_code == 404


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"on": ""}, "Give the day"), ({"on": "2022-13-40"}, "Give the day"), ({"on": "0001-01-01"}, "mistyped"),
        ({"on": "9999-12-31"}, "lies ahead"), ({"result": ""}, "Choose what the other body said."),
        ({"source": ""}, "Name who said so."), ({"source": "a\0"}, "cannot be shown"),
        ({"check": "x\0"}, "no such outside check"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_keeps_what_was_typed(scene, bad, told):
    sent = {"check": "tax", "result": "clear", "source": "Tax office", "on": "2022-01-20", "note": "typed here"}
    answer = signed_in(scene.first).post(scene.at + "/checks", sent | bad)
    assert answer.status_code == 422
    assert told in words(answer.content.decode())
    assert not OutsideResult.objects.exists()


# --- The table of the call ---


def test_the_table_shows_filters_and_gives_the_same_as_files(scene):
    clean, bad = received(scene.call, 1, 3)
    made_clean(clean, scene.first, scene.second)
    judge(actor=actor_of(scene.first), dossier=bad, item="papers", verdict="fail", reason="No plan")
    judge(actor=actor_of(scene.first), dossier=bad, item="residents", verdict="pass")
    client = signed_in(scene.first)

    def shown(query: str) -> set[str]:
        text = client.get(f"{scene.all}?{query}").content.decode()
        return set(re.findall(r'<th scope="row" role="rowheader"><a href="[^"]+">([^<]+)</a>', text))

    everything = {"City of Aram", "City of Aram 1", "City of Aram 3"}
    assert shown("") == everything
    assert shown("show=clean") == {"City of Aram 1"}
    assert shown("show=against") == {"City of Aram 3"}
    assert shown("show=second") == {"City of Aram 3"}
    assert shown("show=open&column=review.papers") == {"City of Aram"}
    assert shown("show=against&column=outside_checks.tax") == set()
    assert shown("state=passed") == set()
    assert shown("state=%00&show=%00&column=x&page=0") == everything
    assert client.get(scene.all + "?page=99999").status_code == 200
    table = client.get(scene.all + "?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 4
    assert table[0].startswith("Reference,Applicant,Type,State,")
    assert client.get(scene.all + "?format=xlsx").content.startswith(b"PK")
    assert client.get(scene.all + "?format=exe").status_code == 400


def test_formulas_in_names_are_defused_in_the_file(scene):
    received(scene.call, 1, applicant="=HYPERLINK(1)")
    assert ",'=HYPERLINK(1)," in signed_in(scene.first).get(scene.all + "?format=csv").content.decode()


def test_all_that_are_clean_are_named_passed_and_undone(scene):
    clean = received(scene.call, 1)[0]
    made_clean(clean, scene.first, scene.second)
    client = signed_in(scene.first)
    page = client.get(scene.all + "/pass").content.decode()
    assert "1 would be passed" in words(page)
    assert "1 would stay open" in words(page)
    assert "Other bodies have not answered yet: Tax arrears." in words(page)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    assert client.post(scene.all + "/pass", {"seen": "0" * 64}).status_code == 422
    assert client.post(scene.all + "/pass", {"seen": seen[1]}).status_code == 303
    assert Handling.objects.get().state == "passed"
    undo = re.search(rf'href="({scene.all}/together/[^"]+)"', client.get(scene.all + "/pass").content.decode())
    assert undo
    assert signed_in(secretary("south", "south")).get(undo[1]).status_code == 404
    assert client.post(undo[1], {"reason": ""}).status_code == 422
    assert client.post(undo[1], {"reason": "too early"}).status_code == 303
    assert Handling.objects.get().state == "open"


# --- Lists ---


def csv_of(text: str, name: str = "tax.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(token|seal)" value="([^"]+)"', page))


GIVEN = {"check": "tax", "source": "Tax office", "on": "2022-01-20"}


def test_a_list_is_previewed_confirmed_and_the_second_time_changes_nothing(scene):
    received(scene.call, 1, 3)
    client, path = signed_in(scene.first), scene.all + "/import"
    text = "reference,result\nA1,clear\nA3,found\nA99,clear\n"
    page = client.post(path, GIVEN | {"list": csv_of(text)}).content.decode()
    assert "tax.csv, row 4, column reference" in words(page)
    assert not OutsideResult.objects.exists()
    sealed = hidden(page)
    assert client.post(path, sealed).status_code == 422  # what is left out was not looked at
    assert client.post(path, sealed | {"seal": "0" * 64, "leave_out": "1"}).status_code == 422
    assert signed_in(scene.second).post(path, sealed | {"leave_out": "1"}).status_code == 422  # another's preview
    assert not OutsideResult.objects.exists()
    assert client.post(path, sealed | {"leave_out": "1"}).status_code == 303
    assert OutsideResult.objects.count() == 2
    assert client.post(path, sealed | {"leave_out": "1"}).status_code == 422  # it would do something else by now
    page = client.post(path, GIVEN | {"list": csv_of(text)}).content.decode()
    assert "Nothing would change." in words(page)
    assert OutsideResult.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "Choose the list."),
        ({"list": csv_of("")}, "is empty"),
        ({"list": csv_of("reference,result\nA1,clear\n"), "on": "soon"}, "Give the day"),
        ({"list": csv_of("reference,result\nA1,clear\n"), "check": "no"}, "Choose the outside check"),
        ({"list": csv_of("a,b\n1,2\n")}, "No column says of whom"),
        ({"list": csv_of("%PDF-1.7\n%%EOF\n")}, "neither XLSX, ODS nor CSV"),
        ({"list": SimpleUploadedFile("x.csv", b"\xff\xfe\x00\x00")}, "x.csv"),
    ],
)
def test_a_list_that_cannot_be_taken_says_why(scene, given, told):
    answer = signed_in(scene.first).post(scene.all + "/import", GIVEN | given)
    assert answer.status_code == 422
    assert told in words(answer.content.decode())


def test_a_forged_token_is_refused(scene):
    for token in ("x", "a:b:c", "\0", "x" * 30_000):
        assert signed_in(scene.first).post(scene.all + "/import", {"token": token}).status_code == 422


# --- In a browser ---


@pytest.mark.browser
def test_a_review_by_keyboard_alone(committing, visit, live_server, axe):
    scene = Scene()
    row = judge(actor=actor_of(scene.second), dossier=scene.dossier, item="residents", verdict="pass")
    path = scene.at + "/review"
    page = visit(path, language="en", storage_state=session_of(scene.first, live_server), also=(422,))
    assert axe(page) == []
    page.locator("#item-papers-pass").focus()
    page.keyboard.press("ArrowRight")  # on to “Fail”
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("A verdict against an application needs its reason.").first.wait_for()
    page.locator("#item-papers-reason").focus()
    page.keyboard.type("The plan lacks page 3.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#item-papers .r-saved").wait_for()
    assert page.evaluate("document.activeElement.id") == "item-papers-save"  # the keyboard goes on where it was
    assert "1 of 3 lines judged" in page.locator("#left").inner_text()
    assert "All papers are there and readable" in page.locator("#left").inner_text()
    page.get_by_role("button", name="Confirm “Pass” of Second").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Confirmed. The verdict counts now.").wait_for()
    assert axe(page) == []
    assert review_of(scene.dossier).item("residents").line.state == SETTLED
    assert row.confirmations.get().by == scene.first
    assert review_of(scene.dossier).item("papers").rows[-1].reason == "The plan lacks page 3."


@pytest.mark.browser
def test_a_round_on_a_telephone_without_script(committing, visit, live_server, axe):
    scene = Scene()
    [other] = received(scene.call, 1)
    made_clean(other, scene.first, scene.second)
    session = session_of(scene.first, live_server)
    page = visit(scene.at + "/review", language="ko", width=390, script=False, storage_state=session)
    for item in ("papers", "residents", "style"):
        line = page.locator(f"#item-{item}")
        line.get_by_label("적합", exact=True).check()
        line.get_by_role("button", name="판정 저장").click()
    confirm(
        actor=actor_of(scene.second),
        dossier=scene.dossier,
        verdict=Verdict.objects.filter(dossier=scene.dossier, item="residents").get(),
    )
    page.get_by_role("link", name="외부 조회").first.click()
    check = page.locator("#check-tax")
    check.get_by_label("해당 있음").check()
    check.get_by_label("기준일").fill("2022-01-20")
    check.get_by_label("증빙").set_input_files({"name": "회신.pdf", "mimeType": "application/pdf", "buffer": PDF})
    check.get_by_role("button", name="회신 저장").click()
    assert page.get_by_role("link", name="회신.pdf").is_visible()
    page.get_by_role("link", name="검토", exact=True).first.click()
    page.get_by_role("link", name="제외하기").click()
    page.get_by_role("link", name="외부 조회: 국세 체납").click()
    page.get_by_label("사유(한국어)").fill("국세 체납이 확인되었습니다.")
    page.get_by_role("button", name="통지문 미리보기").click()
    assert page.get_by_text("국세 체납이 확인되었습니다.").first.is_visible()
    page.get_by_role("button", name="제외하기").click()
    assert page.get_by_text("제외했습니다. 신청기관에는 아직 알리지 않습니다.").is_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.goto(live_server.url + scene.all)
    page.get_by_role("link", name="이상 없는 신청서 일괄 적격 처리").click()
    page.get_by_role("button", name="신청서 1건 적격 처리").click()
    assert page.get_by_text("신청서 1건을 적격으로 처리했습니다.").is_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert {one.state for one in Handling.objects.all()} == {"passed", "excluded"}


@pytest.mark.browser
def test_a_list_is_taken_in_and_every_page_is_accessible(committing, visit, live_server, axe):
    scene = Scene()
    dossiers = received(scene.call, 1, 3, 5)
    enter_result(actor=actor_of(scene.first), dossier=dossiers[0], check="tax", said=said())
    made_clean(dossiers[2], scene.first, scene.second)
    pass_review(actor=actor_of(scene.first), dossier=dossiers[2])
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("Answers")
        for row, cells in enumerate(
            (("reference", "result", "note"), ("A1", "found", "=1+1 won"), ("A3", "clear", ""), ("A4", "clear", ""))
        ):
            for column, cell in enumerate(cells):
                page.write_string(row, column, cell)
    session = session_of(scene.first, live_server)
    page = visit(scene.all + "/import", language="en", storage_state=session)
    assert axe(page) == []
    page.get_by_label("The list").set_input_files({"name": "answers.xlsx", "mimeType": "x/x", "buffer": out.getvalue()})
    page.get_by_role("button", name="See what it would change").click()
    page.get_by_text("answers.xlsx, row 4, column reference").wait_for()
    assert axe(page) == []
    assert OutsideResult.objects.filter(dossier=dossiers[1]).count() == 0
    page.get_by_label("I have seen what is left out.").check()
    page.get_by_role("button", name="Take in 2 answers").click()
    page.get_by_text("2 answers are taken in.").wait_for()
    assert axe(page) == []
    assert [row.result for row in dossiers[0].outside_results.all()] == ["clear", "found"]
    assert dossiers[0].outside_results.last().note == "=1+1 won"
    page = visit(scene.all, language="ko", mode="high-contrast", width=390, storage_state=session)
    assert axe(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
