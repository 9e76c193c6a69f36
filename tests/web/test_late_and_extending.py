"""After the end: an applicant asks, two of the office decide, everybody reads of it; and a deadline is extended."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from madang.apps.applications import commands
from madang.apps.applications.models import LateAdmission
from madang.apps.calls.commands import approve_definition, publish_definition, publish_draft
from madang.apps.calls.models import DefinitionDraft
from madang.kernel import clock, outages
from madang.kernel.actors import DEMO, OFFICE
from madang.web.late_view import admission_words
from tests.factories.calls import published
from tests.factories.filing import FilingWorld
from tests.factories.forms import DEFINITION
from tests.factories.people import acting, person
from tests.web.apply_parts import session_of, signed_in, words

pytestmark = pytest.mark.django_db
SEOUL = ZoneInfo("Asia/Seoul")
GIVEN = {"closes": "2027-12-08T18:00", "reason": "The line was cut.", "notice": "Notice 2027-9"}


@pytest.fixture
def late():
    """A world whose call has just closed (moved by an amendment, so that the clock of the pages needs no bending)."""
    world = FilingWorld()
    closes = (clock.now() - dt.timedelta(hours=2)).astimezone(SEOUL)
    text = DEFINITION.replace("2027-12-01 18:00", f"{closes:%Y-%m-%d %H:%M}")
    with clock.at(closes - dt.timedelta(hours=1)):  # no amendment moves the end into the past
        publish_definition(actor=DEMO, text=text, sample=True, reason="Shorter", notice="The agency's page")
    return world


def enter_outage() -> str:
    ended = clock.now() - dt.timedelta(hours=2, minutes=30)
    given = {"began_at": ended - dt.timedelta(minutes=40), "ended_at": ended, "reason": "The line was cut."}
    return outages.enter_outage(actor=OFFICE, **given).uid


def officer(name: str, language: str = "en") -> Client:
    return signed_in(person(name, role="officer"), language)


def main(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return words(answer.content.decode())


def test_without_an_outage_in_the_log_the_applicant_reads_whom_to_tell(late):
    client = signed_in(late.aram)
    page = client.get(f"/applications/{late.draft.uid}/check").content.decode()
    assert "our log holds none" in words(page)
    assert f'href="/calls/{late.call.slug}/ask"' in page
    answer = client.post(f"/applications/{late.draft.uid}/late", {"reason": "x"})
    assert answer.status_code == 422
    assert "No outage of ours is in the log" in words(answer.content.decode())


def test_before_the_end_nothing_is_said_and_nothing_asked():
    world = FilingWorld()
    client = signed_in(world.aram)
    assert "After the end" not in main(client, f"/applications/{world.draft.uid}/check")
    assert "Nothing of this application waits" in main(client, f"/applications/{world.draft.uid}/late")


def test_an_applicant_asks_two_decide_and_it_is_told_to_everybody(late):
    outage = enter_outage()
    applicant, check = signed_in(late.aram), f"/applications/{late.draft.uid}/check"
    assert "our site was out of order" in main(applicant, check)
    refused = applicant.post(f"/applications/{late.draft.uid}/late", {"reason": "bad\u202e"})
    assert refused.status_code == 422
    assert "bad\u202e" in refused.content.decode()
    asked = applicant.post(f"/applications/{late.draft.uid}/late", {"reason": "The page did not come."})
    assert (asked.status_code, asked["Location"]) == (303, check + "#late")
    assert "You have asked to be admitted late" in main(applicant, check)

    first, second = officer("dami"), officer("erim")
    assert "1 waits for you" in main(first, "/office/")
    assert "City of Aram" in main(first, "/office/late?mine=1")
    uid = LateAdmission.objects.get().uid
    page = main(first, f"/office/late/{uid}")
    assert "The page did not come." in page
    assert "The line was cut." in page
    assert "Hanbit" not in page  # the answers are seen by no office
    until = (clock.now() + dt.timedelta(days=1)).astimezone(SEOUL)
    given = {"outage": outage, "reason": "Our line was cut.", "until": f"{until:%Y-%m-%dT%H:%M}"}
    for wrong in ({"outage": ""}, {"until": "soon"}, {"until": "9999-12-31T23:59"}, {"reason": "\x00"}):
        answer = first.post(f"/office/late/{uid}", given | wrong)
        assert answer.status_code == 422
        assert "This could not be done yet" in words(answer.content.decode())
    assert first.post(f"/office/late/{uid}", given).status_code == 303
    assert "Another person must decide" in main(first, f"/office/late/{uid}")
    assert first.post(f"/office/late/{uid}/admit").status_code == 422
    assert "Nothing waits for you" in main(first, "/office/")
    assert "another one decides" in main(applicant, check)
    assert "This cannot be undone" in main(second, f"/office/late/{uid}/admit")
    assert second.post(f"/office/late/{uid}/admit").status_code == 303
    assert "It may be filed until" in main(applicant, check)

    with clock.at(clock.now() + dt.timedelta(minutes=1)):
        late.file()
    public = main(Client(headers={"host": "localhost"}), f"/calls/{late.call.slug}?language=en")
    assert "Our line was cut." in public
    assert "City of Aram" not in public
    late.draft.refresh_from_db()
    assert "Our line was cut." in main(Client(headers={"host": "localhost"}), f"/verify/{late.draft.number}-1")
    told = admission_words(uid, SEOUL)
    assert told is not None
    assert told["reason"] == "Our line was cut."
    assert admission_words("nobody", SEOUL) is None


def test_it_is_refused_with_a_reason_that_the_applicant_reads(late):
    enter_outage()
    asked = commands.ask_late_admission(actor=late.first, draft=late.draft, reason="x")
    client = officer("dami")
    assert client.post(f"/office/late/{asked.uid}/refuse", {"reason": " "}).status_code == 422
    assert client.post(f"/office/late/{asked.uid}/refuse", {"reason": "It was short."}).status_code == 303
    page = main(signed_in(late.aram), f"/applications/{late.draft.uid}/check")
    assert "It was short." in page
    assert "Ask to be admitted late" in page


def test_the_list_filters_and_is_taken_along(late):
    enter_outage()
    client = officer("dami")
    assert "Nobody has asked" in main(client, "/office/late")
    commands.ask_late_admission(actor=late.first, draft=late.draft, reason="x")
    assert "City of Aram" in main(client, f"/office/late?state=asked&call={late.call.slug}")
    assert "No request fits" in main(client, "/office/late?state=admitted")
    assert "City of Aram" in client.get("/office/late?format=csv").content.decode()
    assert client.get("/office/late?format=xlsx").content.startswith(b"PK")
    assert client.get("/office/late?format=pdf").status_code == 400
    assert client.get("/office/late?state=%00&call=%00").status_code == 200
    assert client.get("/office/late/%00").status_code == 404


def test_who_is_of_another_desk_finds_nothing(late):
    enter_outage()
    uid = commands.ask_late_admission(actor=late.first, draft=late.draft, reason="x").uid
    other = signed_in(person("other", role="officer", programme="another"))
    assert "Nobody has asked" in main(other, "/office/late")
    assert other.get(f"/office/late/{uid}").status_code == 404
    assert other.post(f"/office/late/{uid}/admit").status_code == 404


# --- The extension ----------------------------------------------------------------------------------------------------


def test_an_officer_extends_another_approves_and_the_public_page_shows_old_and_new():
    world = FilingWorld()
    client, second = officer("dami"), officer("erim")
    assert f"/office/calls/published/{world.call.slug}/extend" in client.get("/office/calls").content.decode()
    where = f"/office/calls/published/{world.call.slug}/extend"
    assert "Wednesday 1 December 2027 18:00" in main(client, where)
    answer = client.post(where, GIVEN | {"closes": "2027-11-01T18:00", "reason": ""})
    assert answer.status_code == 422
    assert "must be later than the one that is published" in words(answer.content.decode())
    assert "A reason is needed" in words(answer.content.decode()) or "reason" in words(answer.content.decode())
    assert client.post(where, GIVEN).status_code == 303
    draft = DefinitionDraft.objects.get()
    page = main(second, f"/office/calls/drafts/{draft.uid}/approval")
    assert "Only the deadline moves Wednesday 1 December 2027 18:00 → Wednesday 8 December 2027 18:00" in page
    assert "An amendment of this call is in work" in main(client, where)
    assert (
        second.post(f"/office/calls/drafts/{draft.uid}/approval", {"seen": 2, "answer": "approve"}).status_code == 303
    )
    assert second.post(f"/office/calls/drafts/{draft.uid}/publish", {"seen": 2}).status_code == 303
    public = main(Client(headers={"host": "localhost", "accept-language": "en"}), f"/calls/{world.call.slug}")
    assert "The deadline was extended Wednesday 1 December 2027 18:00 → Wednesday 8 December 2027 18:00" in public
    assert "The line was cut." in public
    assert "Notice 2027-9" in public
    assert "Extend the deadline" in main(second, f"/office/calls/drafts/{draft.uid}")


def test_a_stage_that_does_not_fit_leads_to_the_findings_with_reason_and_notice_kept():
    stage = "closes: {at: 2027-12-01 18:00}, stages: [{id: read, kind: written, on: 2027-12-03}]}"
    text = DEFINITION.replace("closes: {at: 2027-12-01 18:00}}", stage)
    call = publish_definition(actor=DEMO, text=text, sample=True).call
    client = officer("dami")
    answer = client.post(f"/office/calls/published/{call.slug}/extend", GIVEN, follow=True)
    assert answer.status_code == 200
    assert "Not sent yet" in words(answer.content.decode())
    assert "read" in words(answer.content.decode())
    uid = DefinitionDraft.objects.get().uid
    page = client.get(f"/office/calls/drafts/{uid}/submit").content.decode()
    assert "Notice 2027-9" in page


def test_an_amendment_of_more_than_the_closing_is_not_called_an_extension():
    world = FilingWorld()
    client = officer("dami")
    client.post("/office/calls/new", {"start": "amendment", "amendment": world.call.slug})
    draft = DefinitionDraft.objects.get()
    text = draft.text.replace("2027-12-01", "2027-12-02").replace("title: {en: Small,", "title: {en: Smaller,")
    client.post(f"/office/calls/drafts/{draft.uid}/text", {"text": text, "seen": 1})
    assert "Only the deadline moves" not in main(client, f"/office/calls/drafts/{draft.uid}/submit")


def test_what_is_decided_or_never_closes_is_not_extended():
    decided = published("decided")
    decided.decided_at = clock.now()
    decided.save(update_fields=["decided_at"])
    client = officer("dami")
    assert "decided" in main(client, "/office/calls/published/decided/extend")
    assert client.post("/office/calls/published/decided/extend", GIVEN).status_code == 422
    assert client.get("/office/calls/published/nothing/extend").status_code == 404


# --- The printed grace ------------------------------------------------------------------------------------------------


def test_a_printed_grace_is_told_on_the_page_and_in_the_calendar():
    text = DEFINITION.replace("{at: 2027-12-01 18:00}", "{at: 2027-12-01 18:00, printed_grace_minutes: 10}")
    call = publish_definition(actor=DEMO, text=text, sample=True).call
    reader = Client(headers={"host": "localhost", "accept-language": "en"})
    line = "counts until 18:10 (grace of 10 minutes as printed in the notice)"
    assert line in main(reader, f"/calls/{call.slug}")
    calendar = reader.get(reverse("public:call-calendar", args=[call.slug]) + "?language=en").content.decode()
    assert line in re.sub(r"\r\n ", "", calendar).replace("\\,", ",")


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "script"), [("en", 1440, True), ("ko", 390, False)])
@pytest.mark.django_db(transaction=True)
def test_asked_proposed_and_admitted_in_a_browser(visit, axe, live_server, late, language, width, script):
    enter_outage()
    given = {"language": language, "width": width, "script": script}

    def opened(who, path):
        page = visit(path, storage_state=session_of(who, live_server), **given)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") if script else True
        assert not axe(page) if script else True
        return page

    page = opened(late.aram, f"/applications/{late.draft.uid}/check")
    page.locator("#f-reason").fill("The page did not come.")
    page.locator("#late button[type=submit]").click()
    page.wait_for_url("**/check#late")
    first, second = person("dami", role="officer"), person("erim", role="officer")
    page = opened(first, "/office/late")
    page.get_by_role("link", name="City of Aram").click()
    page.locator("input[name=outage]").check()
    page.locator("#f-reason").fill("Our line was cut.")
    page.locator(".q-form button[type=submit]").click()
    assert page.locator("[role=alert]").count() == 0
    uid = LateAdmission.objects.get().uid
    page = opened(second, f"/office/late/{uid}")
    page.locator(f'a[href$="/{uid}/admit"]').click()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"**/late/{uid}")
    assert LateAdmission.objects.get().state == "admitted"
    page = opened(late.aram, f"/calls/{late.call.slug}")
    assert "Our line was cut." in page.locator("#admitted-late").inner_text()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_deadline_is_extended_in_a_browser(visit, axe, live_server):
    world = FilingWorld()
    first, second = person("dami", role="officer"), acting("erim", role="officer")
    page = visit("/office/calls", language="en", storage_state=session_of(first, live_server))
    page.get_by_role("link", name="Extend the deadline").click()
    assert not axe(page)
    page.locator("#f-closes").fill(GIVEN["closes"])
    page.locator("#f-reason").fill(GIVEN["reason"])
    page.locator("#f-notice").fill(GIVEN["notice"])
    page.get_by_role("button", name="Send for approval").click()
    page.wait_for_url("**/drafts/*")
    draft = DefinitionDraft.objects.get()
    approve_definition(actor=second, draft=draft, seen_revision=2)
    publish_draft(actor=second, draft=draft, seen_revision=2)
    page = visit(f"/calls/{world.call.slug}", language="ko", width=390)
    assert not axe(page)
    assert "2027년 12월 8일(수) 18:00" in page.locator("#deadline-moved").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
