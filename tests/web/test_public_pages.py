"""What a visitor comes for: what is open, is it for us, until when, in my calendar, and an alert."""

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from madang.apps.applications.commands import receive_from_folder
from madang.apps.calls.commands import alert_token, publish_definition
from madang.apps.calls.models import Alert
from madang.kernel import clock
from madang.kernel.actors import DEMO, OFFICE
from madang.papers import library
from tests.factories.applications import case
from tests.factories.calls import definition_text, published
from tests.factories.people import person

pytestmark = pytest.mark.django_db
NOV_22 = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"})


def shipped(name: str) -> str:
    """A shipped programme, published; the address of its page."""
    publish_definition(actor=DEMO, text=library.programmes()[name].read_text("utf-8"), sample=False)
    return f"/calls/{name}"


def body(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def words(html: str) -> str:
    main = html.split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


# --- Home and list ----------------------------------------------------------------------------------------------------


def test_home_lists_what_closes_next_and_what_opens_soon(reader: Client) -> None:
    published("later-call", title="Later call", opens="2026-11-02", closes="2026-12-30 18:00")
    published("sooner-call", title="Sooner call", opens="2026-11-01", closes="2026-11-25 18:00")
    published("coming-call", title="Coming call", opens="2026-12-01", closes="2027-01-30 18:00")
    with clock.at(NOV_22):
        html = body(reader, "/")
    lines = re.search(r'<ol class="p-next">(.*?)</ol>', html, re.S)
    assert lines
    seen = " ".join(re.sub(r"<[^>]+>", " ", lines[1]).split())
    assert seen.index("3 days left Sooner call") < seen.index("38 days left Later call") < seen.index("Coming call")
    assert "Open now" in words(html)
    assert "Other calls" in words(html)


def test_the_list_is_filtered_by_who_may_apply_and_by_what_closes_soon(reader: Client) -> None:
    published("sooner-call", title="Sooner", opens="2026-11-01", closes="2026-12-05 18:00")
    published("later-call", title="Later", opens="2026-11-01", closes="2026-12-30 18:00")
    shipped("small-cities-2022")  # names kinds of applicant, or not: as the definition says
    shipped("kcity-network-2021")
    with clock.at(NOV_22):
        soon = words(body(reader, "/calls?state=soon"))
        assert "1 call " in soon
        assert "Closes within 14 days" in soon
        persons = words(body(reader, "/calls?who=person"))
        assert "Sooner" in persons  # names nobody, so everybody may
        assert "K-City Network Global" not in persons
        assert "K-City Network Global" in words(body(reader, "/calls?who=government"))
        assert "No call fits" in words(body(reader, "/calls?who=government&q=zeppelin"))


# --- Calendar ---------------------------------------------------------------------------------------------------------


def calendar(client: Client, address: str) -> Calendar:
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.content)


def events(of: Calendar) -> dict[str, Any]:
    return {str(event["uid"]).partition("@")[0].partition("/")[2]: event for event in of.walk("VEVENT")}


def test_a_call_s_calendar_has_its_moments_in_its_zone_and_its_days_whole(reader: Client) -> None:
    address = shipped("kcity-network-2021")
    found = events(calendar(reader, f"{address}.ics"))
    closes = found["closes"].decoded("dtstart")
    assert closes.isoformat() == "2021-04-20T18:00:00+09:00"
    assert str(closes.tzinfo) == "Asia/Seoul"
    assert len(found) >= 5
    for event in found.values():
        assert str(event["summary"]).startswith(("Opens", "Closes", "Cut-off")) or ": K-City" in str(event["summary"])
        if not isinstance(event.decoded("dtstart"), dt.datetime):
            assert event.decoded("dtend") > event.decoded("dtstart")
    approximate = [event for event in found.values() if "(expected)" in str(event["summary"])]
    assert all("About: " in str(event["description"]) for event in approximate)
    raw = reader.get(f"{address}.ics").content.decode()
    assert "BEGIN:VTIMEZONE" in raw
    assert "TZID:Asia/Seoul" in raw
    assert max(map(len, raw.encode().split(b"\r\n"))) <= 75


def test_an_event_keeps_its_uid_and_moves_with_an_amendment(reader: Client) -> None:
    with clock.at(NOV_22):
        published()
        before = events(calendar(reader, "/calls/sample-call-2022.ics"))["closes"]
    with clock.at(NOV_22 + dt.timedelta(days=1)):
        text = definition_text(closes="2022-03-04 18:00")
        publish_definition(actor=OFFICE, text=text, sample=True, reason="Longer", notice="Gazette")
        after = events(calendar(reader, "/calls/sample-call-2022.ics"))["closes"]
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert (before.decoded("dtstamp"), after.decoded("dtstamp")) == (NOV_22, NOV_22 + dt.timedelta(days=1))
    assert after.decoded("dtstart").isoformat() == "2022-03-04T18:00:00+09:00"
    assert str(after["summary"]).startswith("[Sample] Closes")


def test_the_feed_honours_the_list_s_filters_and_a_language(reader: Client) -> None:
    published("alpha-2026", title="Alpha", programme="alpha", opens="2026-11-01", closes="2026-12-18 18:00")
    published("beta-2026", title="Beta", programme="beta", opens="2026-11-01", closes="2026-12-18 18:00")
    with clock.at(NOV_22):
        everything = calendar(reader, "/calls.ics")
        alpha = calendar(reader, "/calls.ics?programme=alpha&state=open&language=ko")
    assert len(everything.walk("VEVENT")) == 2 * len(alpha.walk("VEVENT")) > 0
    assert {str(event["uid"]).partition("/")[0] for event in alpha.walk("VEVENT")} == {"alpha-2026"}
    assert any("마감" in str(event["summary"]) for event in alpha.walk("VEVENT"))
    assert reader.get("/calls/no-such-call.ics").status_code == 404


def test_every_shipped_programme_has_a_calendar_that_a_reader_opens(reader: Client) -> None:
    for name in library.programmes():
        address = shipped(name)
        for event in calendar(reader, f"{address}.ics").walk("VEVENT"):
            assert event["dtstamp"]


# --- Clock ------------------------------------------------------------------------------------------------------------


def test_the_clock_is_the_server_s_and_is_never_stored(reader: Client) -> None:
    with clock.at(NOV_22):
        answer = reader.get("/clock")
    assert json.loads(answer.content) == {"now": 1795316400000}
    assert answer["Cache-Control"] == "no-store"


def test_without_script_the_zone_and_utc_stand_there(reader: Client) -> None:
    published(opens="2026-11-01", closes="2026-12-18 18:00")
    with clock.at(NOV_22):
        html = body(reader, "/calls/sample-call-2022")
    assert "= 2026-12-18 09:00 UTC" in html
    assert 'data-moment="2026-12-18T09:00:00Z"' in html


# --- Is it for us? ----------------------------------------------------------------------------------------------------


def test_a_self_test_tells_each_rule_and_what_would_change_it(reader: Client) -> None:
    address = shipped("kcity-network-2021") + "/self-test"
    first = words(body(reader, address))
    assert "Type of application" in first
    assert "Each rule of the call is held against your answers" in first
    seen = words(body(reader, f"{address}?track=demonstration&alone=yes&requested=1,200&applicant.kind=company"))
    assert "At most KRW 1.0 billion can be requested." in seen
    assert "“Requested”: at most KRW 1 billion" in seen
    assert "In the consortium: 1 more as “Overseas public partner”" in seen
    assert "It holds as long as you hand in only one." in seen
    fine = words(
        body(
            reader,
            f"{address}?track=demonstration&requested=900&applicant.kind=company"
            "&m1.role=overseas_public_partner&m1.kind=city&m1.country=VN",
        )
    )
    assert "Does not hold" not in fine


@pytest.mark.parametrize("name", sorted(library.programmes()))
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_shipped_programme_can_be_tried(name: str, language: str) -> None:
    client = Client(headers={"host": "localhost", "accept-language": language})
    address = shipped(name) + "/self-test"
    html = body(client, address)
    asked = re.findall(r'name="([a-z0-9_.]+)"', html.split("<main")[1])
    filled = "&".join(f"{key}={'' if '.' in key and key[0] == 'm' else '7'}" for key in dict.fromkeys(asked))
    assert client.get(f"{address}?{filled}").status_code in (200, 422)
    assert "None" not in words(html)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("requested=many", 422),
        ("requested=-1", 422),
        ("requested=1e999", 422),
        ("requested=NaN", 422),
        ("track=nonsense", 422),
        ("m1.role=%00&m1.kind=%3Cscript%3E", 200),  # a row without a role is blank
        ("m1.role=overseas_public_partner&m1.country=QQQ", 422),
        ("priority=1.5", 422),
        ("requested=%EF%BC%91%EF%BC%92", 200),  # full-width digits
        ("track=%E2%80%AEplan", 422),
        ("x=" + "y" * 5000, 200),
        ("requested=" + "9" * 5000, 422),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_question(reader: Client, query: str, status: int) -> None:
    address = shipped("kcity-network-2021") + "/self-test"
    html = body(reader, f"{address}?{query}", status)
    assert ('aria-invalid="true"' in html or "m-error" in html) == (status == 422)
    assert "<script>" not in html.split("<main")[1]


def test_a_self_test_keeps_nothing_and_sets_nothing(reader: Client) -> None:
    address = shipped("small-cities-2022") + "/self-test"
    answer = reader.get(f"{address}?basic=yes&total=40&local=20")
    assert not answer.cookies
    assert "Nothing is stored" in answer.content.decode()


# --- Counts -----------------------------------------------------------------------------------------------------------


def test_a_batch_is_counted_once_and_an_undone_one_no_more(reader: Client, django_assert_num_queries: Any) -> None:
    from madang.apps.applications.commands import undo_batch

    call = published(opens="2021-12-01")
    batch = receive_from_folder(actor=DEMO, call=call, case=case(1, 2, 3))
    assert "3 applications" in words(body(reader, "/calls/sample-call-2022"))
    receive_from_folder(actor=DEMO, call=call, case=case(4, 5))
    assert "5 applications" in words(body(reader, "/calls/sample-call-2022"))
    undo_batch(actor=OFFICE, batch=batch, reason="Sent twice")
    assert "2 applications" in words(body(reader, "/calls/sample-call-2022"))


# --- Alerts -----------------------------------------------------------------------------------------------------------


def test_an_alert_is_saved_from_the_list_changed_and_ended(reader: Client) -> None:
    published(programme="alpha")
    assert reader.get("/alerts?offer&programme=alpha").status_code == 302
    owner = person("aram", language="en")
    reader.force_login(owner)
    assert "programme=alpha" in body(reader, "/calls?programme=alpha").split("p-take")[1]
    offered = body(reader, "/alerts?offer&programme=alpha&q=bridge")
    assert "A new alert" in offered
    answer = reader.post("/alerts", {"programme": "alpha", "q": "bridge", "every_days": "7"})
    assert (answer.status_code, answer["Location"]) == (303, "/alerts")
    alert = Alert.objects.get()
    assert (alert.filters, alert.every_days) == ({"programme": "alpha", "q": "bridge"}, 7)
    assert reader.post("/alerts", {"every_days": "x"}).status_code == 422
    assert reader.post(f"/alerts/{alert.uid}", {"every_days": "1"}).status_code == 303
    other = Client(headers={"host": "localhost", "accept-language": "en"})
    other.force_login(person("bada"))
    assert other.post(f"/alerts/{alert.uid}", {"end": "1"}).status_code == 404
    assert reader.post(f"/alerts/{alert.uid}", {"end": "1"}).status_code == 303
    assert "No alerts yet" in words(body(reader, "/alerts"))


def test_the_link_of_a_mail_asks_first_and_ends_without_signing_in(reader: Client) -> None:
    owner = person("aram", language="en")
    signed_in = Client(headers={"host": "localhost", "accept-language": "en"})
    signed_in.force_login(owner)
    signed_in.post("/alerts", {"q": "bridge"})
    alert = Alert.objects.get()
    address = f"/alerts/end/{alert_token(alert)}"
    assert "End this alert?" in words(body(reader, address))
    alert.refresh_from_db()
    assert alert.ended_at is None
    assert reader.post(address).status_code == 303
    alert.refresh_from_db()
    assert alert.ended_at
    assert "This alert has ended" in words(body(reader, address))
    assert reader.get("/alerts/end/forged").status_code == 404


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("language", "mode", "width"), [("ko", "light", 390), ("en", "high-contrast", 1440)])
def test_the_pages_hold_in_both_modes_and_widths(
    visit: Callable[..., Any], axe: Callable[..., Any], language: str, mode: str, width: int
) -> None:
    shipped("kcity-network-2021")
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(hours=30)
    seoul = (tomorrow + dt.timedelta(hours=9)).strftime("%Y-%m-%d %H:%M")
    published(opens="2026-01-01", closes=seoul)
    for path in (
        "/",
        "/calls",
        "/calls/sample-call-2022",
        "/calls/kcity-network-2021/self-test?track=demonstration&alone=yes&requested=1200",
    ):
        page = visit(path, language=language, mode=mode, width=width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(page) == []


@pytest.mark.browser
def test_a_deadline_is_told_in_the_reader_s_zone_by_the_server_s_clock(visit: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    closes = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(hours=30)
    published(opens="2026-01-01", closes=(closes + dt.timedelta(hours=9)).strftime("%Y-%m-%d %H:%M"))
    page = visit("/calls/sample-call-2022", language="en", timezone_id="America/Bogota")
    expect(page.locator("[data-yours]")).to_contain_text("(America/Bogota)")
    assert (closes - dt.timedelta(hours=5)).strftime("%d %B").lstrip("0").split()[0] in page.locator(
        "[data-yours]"
    ).inner_text()
    expect(page.locator(".p-left")).to_have_text(re.compile(r"^(29 h 5\d|30 h 0) min left$"))
    expect(page.locator("[data-said]")).to_have_text(re.compile(r"min left"))


@pytest.mark.browser
def test_a_self_test_by_keyboard_and_without_script(visit: Callable[..., Any]) -> None:
    address = shipped("small-cities-2022") + "/self-test"
    page = visit(address, language="en", width=390, script=False)
    page.get_by_label("Total cost").focus()
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    page.wait_for_url("**total=30**")
    assert "“Total cost”: KRW 4 billion" in page.locator("#answer").inner_text()
