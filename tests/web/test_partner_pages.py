"""A partner's link and the applicant's list of links, page by page: what is shown, taken, refused, and never told."""

import datetime as dt
import io
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from madang.apps.applications import commands
from madang.apps.applications.models import DraftFile, PaperRequest
from madang.core.form.model import MOST_FILES
from madang.core.record.canonical import text_digest
from madang.core.record.filing import read_filing_receipt
from madang.kernel import clock
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from tests.factories.filing import PDF, FilingWorld
from tests.factories.forms import amended
from tests.factories.people import belongs, person
from tests.web.apply_parts import signed_in, words

pytestmark = pytest.mark.django_db
LATER = dt.datetime(2027, 12, 1, 20, 0, tzinfo=ZoneInfo("Asia/Seoul"))
PLACE = "documents.letter"
HOSTILE = '<script>alert(1)</script>"\'{{7*7}}{% now "Y" %}'
OTHER = b"%PDF-1.7 of the ministry\n%%EOF\n"


@pytest.fixture
def world() -> FilingWorld:
    return FilingWorld()


@pytest.fixture
def partner() -> Client:
    return Client(headers={"host": "localhost"})


def token() -> str:
    """Of the newest mail to a partner."""
    found = re.search(r"/papers/(\S+)", OutgoingMail.objects.filter(template="paper-request").latest("pk").words)
    assert found
    return found[1]


def ask(world: FilingWorld, **more: Any) -> tuple[PaperRequest, str]:
    given = {"keys": [PLACE], "partner": "Ministry of Aram", "email": "m@example.org", "language": "en"}
    asked = commands.ask_for_paper(actor=world.first, draft=world.draft, **(given | more))
    return asked, f"/papers/{token()}"


def upload(
    client: Client, address: str, content: bytes = OTHER, *, do: str = f"hand {PLACE}", name: str = "a.pdf"
) -> Any:
    return client.post(address, {"do": do, "file": SimpleUploadedFile(name, content)})


# --- The partner ------------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_asked_by_whom_for_what_until_when_and_nothing_else(world, partner):
    world.save(why="Only the applicants read this", base={"why": 99})
    _, address = ask(world, note="The signed one, please.", keys=[PLACE, "paper"])
    answer = partner.get(address)
    text = words(answer.content.decode())
    for told in (
        "Ministry of Aram", "City of Aram", "Aram", "Small", "The signed one, please.", "Letter", "PDF", "Sample",
        "at most 200 MB", "at most 1 MB", "Wed 1 Dec 2027 18:00:00", "Asia/Seoul", "Wed 1 Dec 2027 09:00:00 UTC",
    ):  # fmt: skip
        assert told in text, told
    for kept in ("Hanbit", "Only the applicants", "agreement.pdf", "letter.pdf", "Boram", "Goal 1", world.draft.uid):
        assert kept not in answer.content.decode(), kept


def test_it_speaks_the_language_of_its_mail_unless_the_reader_chose_one(world, partner):
    _, english = ask(world)
    _, korean = ask(world, language="ko")
    assert 'lang="en"' in partner.get(english, headers={"accept-language": "vi"}).content.decode()
    assert "서류 제출을 요청합니다" in partner.get(korean, headers={"accept-language": "en"}).content.decode()
    partner.cookies["madang-language"] = "en"
    assert 'lang="en"' in partner.get(korean).content.decode()


def test_no_answer_is_kept_found_or_told_to_others(world, partner):
    _, address = ask(world)
    upload(partner, address)
    file = DraftFile.objects.latest("pk").uid
    for path in (address, f"{address}/handed/{file}", f"{address}/files/{file}", "/papers/nothing"):
        answer = partner.get(path)
        assert answer["Cache-Control"] == "private, no-store", path
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "madang-session" not in answer.cookies


def test_the_log_holds_no_token(world, partner, caplog):
    _, address = ask(world)
    assert partner.post(address, {}).status_code == 422
    assert partner.get(f"{address}/files/nothing").status_code == 404
    assert address not in caplog.text


def test_the_first_opening_is_noted_once(world, partner):
    asked, address = ask(world)
    partner.head(address)
    asked.refresh_from_db()
    assert asked.opened_at is None
    for _ in range(3):
        partner.get(address)
    asked.refresh_from_db()
    assert asked.opened_at is not None
    entry = JournalEntry.objects.get(command="applications.open_paper_request")
    assert (entry.actor_kind, entry.actor_id) == ("link", asked.uid)


def test_handing_over_replacing_taking_back_and_bringing_back(world, partner):
    asked, address = ask(world)
    done = upload(partner, address, name="../../letter\u202e.pdf")
    first = DraftFile.objects.get(handed_by=asked)
    assert (done.status_code, done["Location"]) == (303, f"{address}/handed/{first.uid}")
    text = words(partner.get(done["Location"]).content.decode())
    assert first.sha256 in text
    assert f"{len(OTHER)} bytes" in text
    assert "/" not in first.name
    assert "\u202e" not in first.name

    again = b"%PDF-1.7 mended\n%%EOF\n"
    assert upload(partner, address, again, do=f"replace {first.uid}").status_code == 303
    first.refresh_from_db()
    second = DraftFile.objects.get(handed_by=asked, removed_at=None)
    assert first.removed_at is not None
    assert "taken back" in words(partner.get(f"{address}/handed/{first.uid}").content.decode())
    assert b"".join(partner.get(f"{address}/files/{second.uid}").streaming_content) == again

    partner.post(address, {"do": f"take-back {second.uid}"})
    assert not DraftFile.objects.filter(handed_by=asked, removed_at=None).exists()
    assert "Taken back: a.pdf" in words(partner.get(address).content.decode())
    partner.post(address, {"do": f"restore {second.uid}"})
    assert DraftFile.objects.get(handed_by=asked, removed_at=None) == second


def test_a_replacement_that_is_refused_leaves_what_was_there(world, partner):
    asked, address = ask(world)
    upload(partner, address)
    file = DraftFile.objects.get(handed_by=asked)
    answer = upload(partner, address, b"no paper at all", do=f"replace {file.uid}", name="plan.pdf")
    assert answer.status_code == 422
    assert "“plan.pdf”" in words(answer.content.decode())
    file.refresh_from_db()
    assert file.removed_at is None


def test_the_same_file_that_the_applicant_attached_stands_as_the_partners_too(world, partner):
    """What else lies there a partner does not learn, not even by trying."""
    asked, address = ask(world)
    assert upload(partner, address, PDF).status_code == 303
    assert DraftFile.objects.filter(key=PLACE, removed_at=None).count() == 2
    assert upload(partner, address, PDF).status_code == 303
    assert DraftFile.objects.filter(handed_by=asked).count() == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"do": f"hand {PLACE}"}, "No file was chosen"),
        ({}, "No file was chosen"),
        ({"do": "\x00 \x00"}, "No file was chosen"),
        ({"do": "take-back nothing\x00"}, "no such file"),
        ({"do": f"hand {PLACE}", "file": SimpleUploadedFile("a.docx", b"PK nothing")}, "a.docx"),
        ({"do": "hand name", "file": SimpleUploadedFile("a.pdf", OTHER)}, "no such place"),
        ({"do": "hand paper", "file": SimpleUploadedFile("a.pdf", OTHER)}, "no such place"),
        ({"do": "replace nothing", "file": SimpleUploadedFile("a.pdf", OTHER)}, "no such file"),
        ({"do": f"hand {PLACE}", "file": SimpleUploadedFile("<script>alert(1).pdf", b"x")}, "“&lt;script&gt;"),
    ],
)
def test_what_is_refused_is_said_in_words(world, partner, given, told):
    _, address = ask(world)
    answer = partner.post(address, given)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert not DraftFile.objects.exclude(handed_by=None).exists()


def test_a_link_reaches_only_what_came_by_it(world, partner):
    _, mine = ask(world)
    _, theirs = ask(world, partner="Somebody else")
    upload(partner, theirs)
    own = DraftFile.objects.get(key="paper").uid  # the applicant's
    for file in (own, DraftFile.objects.exclude(handed_by=None).get().uid, "nothing"):
        assert partner.get(f"{mine}/files/{file}").status_code == 404
        assert partner.get(f"{mine}/handed/{file}").status_code == 404
        assert partner.post(mine, {"do": f"take-back {file}"}).status_code == 422
    assert not DraftFile.objects.exclude(removed_at=None).exists()


def test_an_unknown_token_an_ended_link_and_an_older_one_tell_nothing(world, partner):
    asked, old = ask(world)
    upload(partner, old)
    file = DraftFile.objects.get(handed_by=asked).uid
    commands.resend_paper_request(actor=world.second, asked=asked)
    new = f"/papers/{token()}"
    for address in (old, "/papers/" + "A" * 43, "/papers/é\u202e", f"{old}/files/{file}"):
        answer = partner.get(address)
        assert answer.status_code == 404
        assert "This address opens nothing" in partner.get(address, headers={"accept-language": "en"}).content.decode()
        assert "Aram" not in words(answer.content.decode())
    assert "a.pdf" in partner.get(new).content.decode()  # what came by the old one stays with the new
    commands.revoke_paper_request(actor=world.first, asked=asked)
    for address in (new, f"{new}/files/{file}", f"{new}/handed/{file}"):
        answer = partner.get(address)
        assert answer.status_code == 410
        assert "Aram" not in words(answer.content.decode())
    assert upload(partner, new).status_code == 410


def test_filed_closed_and_amended(world, partner):
    asked, address = ask(world)
    upload(partner, address)
    world.file()
    page = partner.get(address).content.decode()
    assert "The application is filed" in page
    assert "a.pdf" in page
    assert 'type="file"' not in page
    refused = upload(partner, address, PDF)
    assert refused.status_code == 422
    assert "Open it for changes first" not in refused.content.decode()  # said to applicants
    commands.revise_filed(actor=world.first, draft=world.now())
    assert upload(partner, address, PDF).status_code == 303
    with clock.at(LATER):
        page = partner.get(address)
        assert "This call is closed" in page.content.decode()
        assert upload(partner, address).status_code == 422
    amended(world.call, "documents:\n  - {id: letter,", "documents:\n  - {id: note,")
    commands.follow_version(actor=world.first, draft=world.now())
    page = partner.get(address).content.decode()
    assert "asks for none of these papers" in page
    assert "a.pdf" in page
    assert DraftFile.objects.filter(handed_by=asked).count() == 2


def test_a_form_needs_its_token_and_a_link_has_its_measure(world, partner, settings):
    _, address = ask(world, keys=["paper"])
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.post(address, {"do": "hand paper"}).status_code == 403
    large = partner.generic(
        "POST", address, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="3000000"
    )
    assert large.status_code == 413
    assert "at most 2 MB" in words(large.content.decode())
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"hand_over_paper": "1/h/key"}
    assert [partner.post(address, {}).status_code for _ in range(2)] == [422, 429]


# --- The applicant ----------------------------------------------------------------------------------------------------


def test_the_applicant_asks_sees_what_came_sends_again_and_ends(world, partner):
    me, page = signed_in(world.aram), f"/applications/{world.draft.uid}/partners"
    assert f'href="{page}?for={PLACE}#ask"' in me.get(f"/applications/{world.draft.uid}/documents").content.decode()
    assert f'value="{PLACE}" checked' in me.get(page, {"for": PLACE}).content.decode()
    given = {"do": "ask", "keys": [PLACE], "partner": HOSTILE, "email": "m@example.org", "language": "en"}
    assert me.post(page, given).status_code == 303
    asked = PaperRequest.objects.get()
    first = f"/papers/{token()}"
    upload(partner, first)
    html = me.get(page).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    for told in ("1 file handed over", "a.pdf", "First opened" if asked.opened_at else "Sent", "m@example.org"):
        assert told in html, told
    assert "handed over by &lt;script" in me.get(f"/applications/{world.draft.uid}/documents").content.decode()
    assert "<script>alert" not in me.get(f"/applications/{world.draft.uid}/check").content.decode()
    assert "handed over by &lt;script" in me.get(f"/applications/{world.draft.uid}/check").content.decode()
    assert "<script>alert" not in partner.get(first).content.decode()

    assert me.post(page, {"do": "again", "id": asked.uid}).status_code == 303
    second = f"/papers/{token()}"
    assert [partner.get(one).status_code for one in (first, second)] == [404, 200]
    assert me.post(page, {"do": "end", "id": asked.uid}).status_code == 303
    assert partner.get(second).status_code == 410
    again = me.post(page, {"do": "again", "id": asked.uid})
    assert again.status_code == 422
    assert "Ask for the paper anew" in again.content.decode()
    assert DraftFile.objects.filter(handed_by=asked, removed_at=None).exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"keys": []}, "keys"),
        ({"keys": ["name"]}, "keys"),
        ({"partner": " "}, "partner"),
        ({"partner": "x" * 201}, "partner"),
        ({"partner": "Evil\u202egnp"}, "partner"),
        ({"partner": "N\x00L"}, "partner"),
        ({"email": "nobody"}, "email"),
        ({"email": f"{'a' * 250}@example.org"}, "email"),
        ({"language": "<x>"}, "language"),
        ({"note": "y" * 1001}, "note"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(world, given, field):
    me, page = signed_in(world.aram), f"/applications/{world.draft.uid}/partners"
    sound = {
        "do": "ask",
        "keys": [PLACE],
        "partner": "Ministry",
        "email": "m@example.org",
        "language": "ko",
        "note": "n",
    }
    answer = me.post(page, sound | given)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="e-{field}"' in html
    assert 'value="Ministry"' in html or field == "partner"
    assert not PaperRequest.objects.exists()
    assert not OutgoingMail.objects.filter(template="paper-request").exists()


def test_who_only_reads_has_no_button_and_another_application_is_not_there(world):
    asked, _ = ask(world)
    page = f"/applications/{world.draft.uid}/partners"
    assert signed_in(world.stranger.person).get(page).status_code == 404
    manager = person("manager")
    belongs(world.city, manager, "manage")
    html = signed_in(manager).get(page).content.decode()
    assert "Ministry of Aram" in html
    assert 'name="do"' not in html
    assert signed_in(manager).post(page, {"do": "end", "id": asked.uid}).status_code == 422
    assert signed_in(world.aram).post(page, {"do": "end", "id": "nothing\x00"}).status_code == 422
    asked.refresh_from_db()
    assert asked.revoked_at is None


def test_the_filed_form_names_who_handed_a_file_over(world, partner):
    _, address = ask(world, partner="아람시 교통부")
    upload(partner, address)
    filing = world.file()
    handed = [one.get("handed_by") for one in filing.content["files"]]
    assert sorted(handed, key=str) == [None, None, "아람시 교통부"]
    assert read_filing_receipt(filing.receipt)["form_sha256"] == text_digest(filing.form)
    printed = signed_in(world.aram).get(f"/applications/{world.draft.uid}/receipts/1/application.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.content)).pages)
    assert "(handed over by 아람시 교통부)" in " ".join(text.replace("\u200b", "").split())
    # The applicant may take it out like any other; then nothing of it is filed.
    commands.revise_filed(actor=world.first, draft=world.now())
    file = DraftFile.objects.exclude(handed_by=None).get()
    commands.remove_file(actor=world.first, draft=world.now(), file=file)
    assert "handed_by" not in str(world.file().content["files"])


def test_a_file_handed_over_while_the_place_is_full_replaces_one(world, partner):
    asked, address = ask(world)
    upload(partner, address, b"%PDF-1.7 first\n%%EOF\n")
    mine = DraftFile.objects.get(handed_by=asked)
    while DraftFile.objects.filter(key=PLACE, removed_at=None).count() < MOST_FILES:
        number = DraftFile.objects.count()
        world.attach(PLACE, f"{number}.pdf", b"%%PDF-1.7 %d\n%%%%EOF\n" % number)
    assert upload(partner, address).status_code == 422
    assert upload(partner, address, do=f"replace {mine.uid}").status_code == 303
