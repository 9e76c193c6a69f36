"""The pages around a call: list, call in words, definition as published, reception statistics; home."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madang.apps.applications.commands import receive_from_folder
from madang.apps.calls.commands import publish_definition
from madang.apps.calls.models import Call
from madang.apps.decisions.commands import seal_decision
from madang.core.deciding.case import Round
from madang.kernel import clock
from madang.kernel.actors import DEMO
from madang.papers import charts, library
from madang.papers.describe import describe
from madang.papers.folder import read
from madang.web.downloads import Sheet, csv_file, xlsx_file
from tests.factories.applications import application, case
from tests.factories.calls import definition_text, published
from tests.factories.decisions import record_text

pytestmark = pytest.mark.django_db
KCITY = "/calls/kcity-network-2021"
NOV_22 = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"})


@pytest.fixture
def korean() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "ko"})


@pytest.fixture
def kcity() -> Call:
    """The 2021 round with its 111 sample applications."""
    folder = read(library.examples()["kcity-network-2021"], for_decision=False)
    call = publish_definition(actor=DEMO, text=folder.definition_text, sample=False).call
    receive_from_folder(actor=DEMO, call=call, case=folder.case, source="kcity-network-2021", note=folder.note)
    return call


def received(id: str, *numbers: int, **parts: str) -> Call:
    call = published(id, **parts)
    receive_from_folder(actor=DEMO, call=call, case=case(*numbers))
    return call


def body(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def words(html: str) -> str:
    """The text of a page's main part, as a reader sees it."""
    main = html.split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


# --- Home -------------------------------------------------------------------------------------------------------------


def test_an_empty_house_says_how_to_look_around(reader: Client, korean: Client) -> None:
    assert "make demo" in words(body(reader, "/"))
    assert "make demo" in words(body(korean, "/calls"))


def test_home_shows_the_open_calls_first_the_next_to_close_in_front(reader: Client) -> None:
    published("old-call", title="Old call")
    published("later-call", title="Later call", opens="2026-11-02", closes="2026-12-30 18:00")
    published("sooner-call", title="Sooner call", opens="2026-11-01", closes="2026-12-18 18:00")
    with clock.at(NOV_22):
        seen = words(body(reader, "/"))
    assert seen.index("Sooner call") < seen.index("Later call") < seen.index("Old call")
    assert "26 days left" in seen


def test_home_shows_the_latest_decisions(reader: Client) -> None:
    call = received("sample-call-2022", 1, 2, 3)
    seal_decision(actor=DEMO, call=call, record_text=record_text(), report=b"", workbook=b"")
    html = body(reader, "/")
    assert 'href="/results/sample-call-2022"' in html
    assert "Latest decisions" in html
    assert 'href="/verify"' in html


# --- The list ---------------------------------------------------------------------------------------------------------


def test_filters_narrow_the_list_and_can_be_taken_away(reader: Client) -> None:
    published("alpha-2022", title="Alpha bridges", programme="alpha")
    published("beta-2022", title="Beta clinics", programme="beta")
    published("beta-2026", title="Beta <b>buses</b>", programme="beta", opens="2026-11-01", closes="2026-12-18 18:00")
    with clock.at(NOV_22):
        assert "3 calls" in words(body(reader, "/calls"))
        found = body(reader, "/calls?programme=beta&state=open&q=buses")
        assert "1 call " in words(found)
        assert "Beta &lt;b&gt;buses" in found
        for without in ("?q=buses&amp;state=open", "?q=buses&amp;programme=beta", "?programme=beta&amp;state=open"):
            assert f'class="c-chip" href="/calls{without}"' in found
        nothing = body(reader, "/calls?q=zeppelin&programme=nobody&state=%3Cb%3E")
    assert "No call fits" in nothing
    assert 'href="/calls">All calls</a>' in nothing
    assert "<b>" not in nothing.split("<main")[1]


@pytest.mark.parametrize("address", ["/calls?page=99", "/calls?page=x", "/calls?sort=nonsense", "/calls?q=%00"])
def test_a_strange_address_still_gives_the_list(reader: Client, address: str) -> None:
    published("alpha-2022", title="Alpha bridges")
    assert "Alpha bridges" in body(reader, address)


def test_each_state_says_the_day_that_matters_in_the_calls_zone(reader: Client, korean: Client) -> None:
    published("to-come", opens="2026-12-03 09:00", closes="2027-01-18 18:00")
    published("at-work", opens="2026-11-03", closes="2026-12-18 18:00")
    published("long-gone")
    with clock.at(NOV_22):
        seen, gelesen = words(body(reader, "/calls")), words(body(korean, "/calls"))
    assert "Opens on Thursday 3 December 2026 09:00" in seen
    assert "26 days left" in seen
    assert "Closes on Friday 18 December 2026 18:00 Time zone Korean Time (Asia/Seoul)" in seen
    assert "Closed on Friday 4 February 2022 18:00" in seen
    assert "D-26" in gelesen
    assert "2026년 12월 18일(금) 18:00" in gelesen


def test_the_last_day_counts_to_its_end_in_the_calls_zone(reader: Client) -> None:
    published("at-work", opens="2026-11-03", closes="2026-12-18 18:00")
    with clock.at(dt.datetime(2026, 12, 17, 15, 30, tzinfo=dt.UTC)):  # 00:30 on the 18th in Seoul
        assert "Closes today" in words(body(reader, "/calls"))
    with clock.at(dt.datetime(2026, 12, 18, 9, 0, 1, tzinfo=dt.UTC)):
        assert "Closed on" in words(body(reader, "/calls"))


def test_the_list_counts_applications_and_countries_as_the_statistics_do(reader: Client, kcity: Call) -> None:
    received("sample-call-2022", 1, 2, 3)
    seen = words(body(reader, "/calls"))
    assert "111 applications from 39 countries" in seen
    assert "3 applications from 2 countries" in seen


def test_one_call_or_many_cost_the_same_statements(reader: Client) -> None:
    def statements(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            body(reader, address)
        return len(seen)

    received("call-1", 1, 2)
    one = [statements(address) for address in ("/", "/calls", "/calls?format=csv")]
    for n in (2, 3, 4):
        received(f"call-{n}", 1, 2, 3, title=f"Another {n}")
    assert [statements(address) for address in ("/", "/calls", "/calls?format=csv")] == one
    assert max(one) <= 8


def test_the_list_comes_along_with_the_same_filters(reader: Client) -> None:
    published("alpha-2022", title="=HYPERLINK(1)", programme="alpha")
    published("beta-2022", title="Beta clinics", programme="beta")
    answer = reader.get("/calls?format=csv&programme=alpha")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[:2] for row in rows] == [["Call", "Title"], ["alpha-2022", "'=HYPERLINK(1)"]]
    assert rows[1][-1] == "http://localhost/calls/alpha-2022"
    assert reader.get("/calls?format=xlsx").content.startswith(b"PK")
    assert reader.get("/calls?format=exe").status_code == 400


def test_files_never_carry_a_formula() -> None:
    risky = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "plain"]
    sheet = Sheet("A[b]/c*" * 9, ["text", "n"], [[text, 7] for text in risky])
    rows = list(csv.reader(io.StringIO(csv_file("a", sheet).content.decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows[1:]] == [*(f"'{text}" for text in risky[:-1]), "plain"]
    with zipfile.ZipFile(io.BytesIO(xlsx_file("a", [sheet, sheet]).content)) as book:
        pages = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert len(pages) == 2
    assert not any("<f>" in page for page in pages)
    assert all("<v>7</v>" in page for page in pages)


# --- One call ---------------------------------------------------------------------------------------------------------


def test_nothing_of_a_definition_is_cut(reader: Client, korean: Client) -> None:
    from madang.apps.calls.queries import current_definition

    for path in library.programmes().values():
        call = publish_definition(actor=DEMO, text=path.read_text("utf-8"), sample=False).call
        for client, language in ((reader, "en"), (korean, "ko")):
            html = body(client, f"/calls/{call.slug}")
            seen = words(html).replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")
            seen = seen.replace("&gt;", ">").replace("&lt;", "<")
            outline = describe(current_definition(call), language)
            for text in outline.texts():
                assert " ".join(text.split()) in seen
            for section in outline.sections:
                assert f'href="#{section.id}"' in html
                assert f'id="{section.id}"' in html


def test_a_call_says_its_close_for_every_reader_and_what_is_a_sample(reader: Client, kcity: Call) -> None:
    seen = words(body(reader, KCITY))
    assert "Tuesday 20 April 2021 18:00 Korean Time (Asia/Seoul) = 2021-04-20 09:00 UTC" in seen
    assert "Sample the hour is a sample" in seen
    assert "10 to 12 Sample" in seen
    assert "What carries this mark was never published" in seen


def test_a_marked_decided_call_leads_to_its_result(reader: Client) -> None:
    call = received("sample-call-2022", 1, 2, 3)
    assert "/results/" not in body(reader, "/calls/sample-call-2022").split("<main")[1]
    seal_decision(actor=DEMO, call=call, record_text=record_text(), report=b"", workbook=b"")
    assert 'href="/results/sample-call-2022"' in body(reader, "/calls/sample-call-2022")
    assert 'href="/results/sample-call-2022"' in body(reader, "/calls")


def test_every_version_can_be_had_byte_for_byte(reader: Client) -> None:
    first, second = definition_text(), definition_text(closes="2022-02-11 18:00") + "# 두 번째 판\n"
    publish_definition(actor=DEMO, text=first, sample=True)
    publish_definition(actor=DEMO, text=second, sample=True, reason="After the flood", notice="Gazette 17")
    html = body(reader, "/calls/sample-call-2022")
    assert "After the flood" in html
    assert "Gazette 17" in html
    for number, text in ((1, first), (2, second)):
        answer = reader.get(f"/calls/sample-call-2022/definition.yaml?version={number}")
        assert answer.content == text.encode()
        assert hashlib.sha256(answer.content).hexdigest() in html
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["Content-Disposition"] == f'attachment; filename="sample-call-2022-v{number}.yaml"'
    assert reader.get("/calls/sample-call-2022/definition.yaml").content == second.encode()


@pytest.mark.parametrize(
    "address",
    [
        "/calls/nobody",
        "/calls/nobody/definition.yaml",
        "/calls/nobody/statistics",
        "/calls/nobody/statistics.csv",
        "/calls/sample-call-2022/statistics.exe",
        "/calls/sample-call-2022/definition.yaml?version=7",
        "/calls/sample-call-2022/definition.yaml?version=-1",
        "/calls/sample-call-2022/definition.yaml?version=1%00",
    ],
)
def test_what_is_not_there_is_not_found(reader: Client, address: str) -> None:
    published()
    assert "<h1>" in body(reader, address, 404)


# --- Statistics -------------------------------------------------------------------------------------------------------


def test_the_published_margins_stand_on_the_page(reader: Client, kcity: Call) -> None:
    seen = words(body(reader, f"{KCITY}/statistics"))
    assert "These 111 applications are samples" in seen
    assert "Published are the numbers by type and by region" in seen
    assert "+31 111 − 80 (+38.8%)" in seen
    assert "+16 39 − 23 (+69.6%)" in seen
    assert "Cases: 111 − 80 = +31; 31 ÷ 80 = 38.75% → 38.8%" in seen
    for row in (
        "Smart-city development plan 57 24 51.4%",
        "Smart-solution plan 40 16 36.0%",
        "Overseas demonstration of a smart solution 14 12 12.6%",
        "New Southern 35 10 31.6%",
        "New Northern 33 8 29.7%",
        "Not itemised 57 13 3 73",
        "Transport 0 13 3 16",
        "Total 57 40 14 111",
        "Total 111 39 100.0%",
    ):
        assert row in seen
    assert "Grouped by “Policy regions of the Korean government” as it stood on Tuesday 20 April 2021" in seen
    assert "New Southern: since Thursday 9 November 2017" in seen


def test_every_chart_names_itself_and_is_followed_by_its_table(reader: Client, kcity: Call) -> None:
    html = body(reader, f"{KCITY}/statistics")
    figures = re.findall(r'<figure class="m-figure">(.*?)</figure>', html, re.S)
    assert len(figures) == 4
    for figure in figures:
        pictures = re.findall(r"<svg role=\"img\"[^>]*><title>[^<]+</title><desc>[^<]+</desc>", figure)
        assert pictures
        assert figure.index("<svg") < figure.index("<table")
        assert "Sample" in figure
    assert "style=" not in html


def test_a_chart_that_cannot_be_drawn_leaves_its_table(
    reader: Client, kcity: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise charts.ChartError("on purpose")

    monkeypatch.setattr(charts._child, "draw", broken)
    monkeypatch.setattr(charts, "RENDERER", "nothing is kept under this name")
    seen = words(body(reader, f"{KCITY}/statistics"))
    assert seen.count("The picture could not be drawn just now") == 4
    assert "New Southern 35 10 31.6%" in seen


def test_a_day_counts_what_had_arrived_by_its_end(reader: Client) -> None:
    call = published()
    late = replace(application(2), received="2022-02-04 17:59:59")
    receive_from_folder(actor=DEMO, call=call, case=replace(case(1, 3), applications=(application(1), late)))
    address = "/calls/sample-call-2022/statistics"
    before = words(body(reader, f"{address}?as_of=2022-02-03"))
    assert "Cases 1" in before
    assert "This is before the close" in before
    assert "Cases 2" in words(body(reader, f"{address}?as_of=2022-02-04"))
    assert "Nothing had arrived" in words(body(reader, f"{address}?as_of=2000-01-01"))
    assert json.loads(reader.get(f"{address}.json?as_of=2022-02-03").content)["total"]["cases"] == 1


@pytest.mark.parametrize("day", ["yesterday", "2021-02-30", "20210420", "2021-04-20T00:00", "<b>"])
def test_a_day_that_is_none_is_said_at_the_field(reader: Client, day: str) -> None:
    published()
    html = body(reader, f"/calls/sample-call-2022/statistics?as_of={day}", 400)
    assert "This is not a date" in html
    assert 'aria-describedby="as_of-error"' in html
    assert "<b>" not in html.split("<main")[1]
    assert reader.get(f"/calls/sample-call-2022/statistics.csv?as_of={day}").status_code == 400


def test_the_files_hold_the_same_numbers(reader: Client, kcity: Call) -> None:
    found = json.loads(reader.get(f"{KCITY}/statistics.json").content)
    assert found["total"] == {"cases": 111, "countries": 39}
    assert (found["sample"], found["as_of"]) == (True, None)
    assert "invented" in found["note"]["en"]
    text = reader.get(f"{KCITY}/statistics.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sum(int(row["cases"]) for row in rows if row["table"] == "by_country") == 111
    assert {row["sample"] for row in rows} == {"yes"}
    book = reader.get(f"{KCITY}/statistics.xlsx")
    assert book["Content-Disposition"] == 'attachment; filename="kcity-network-2021-statistics.xlsx"'
    assert zipfile.ZipFile(io.BytesIO(book.content)).testzip() is None


def test_a_count_before_the_close_is_not_compared(reader: Client, kcity: Call) -> None:
    seen = words(body(reader, f"{KCITY}/statistics?as_of=2021-04-19"))
    assert "it is not compared with the earlier round" in seen
    assert "Compared with 2020" not in seen
    assert "Compared with 2020" in words(body(reader, f"{KCITY}/statistics?as_of=2021-04-20"))


def test_growth_of_nothing_has_no_rate(reader: Client) -> None:
    call = published()
    receive_from_folder(actor=DEMO, call=call, case=case(1, 2, rounds=(Round(2021, 0, 0),)))
    seen = words(body(reader, "/calls/sample-call-2022/statistics"))
    assert "Cases 0 2 +2 –" in seen
    assert "Cases: 2 − 0 = +2" in seen


# --- In a browser -----------------------------------------------------------------------------------------------------

PAGES = [
    "/",
    "/calls",
    "/calls?q=zeppelin&state=open",
    KCITY,
    f"{KCITY}/statistics",
    f"{KCITY}/statistics?as_of=2021-04-10",
]


@pytest.mark.browser
@pytest.mark.parametrize(("language", "mode"), [("ko", "light"), ("en", "high-contrast")])
def test_pages_meet_wcag_aa_and_fit_every_width(
    kcity: Call, visit: Callable[..., Any], axe: Any, language: str, mode: str
) -> None:
    published("open-call", title="Open call", opens="2026-01-01", closes="2099-12-18 18:00")
    for path in [*PAGES, "/calls/open-call"]:
        page = visit(path, language=language, mode=mode)
        assert axe(page) == []
        for width in (1440, 390, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        assert axe(page) == []
        page.context.close()


@pytest.mark.browser
def test_the_list_is_filtered_by_keyboard_and_without_script(visit: Callable[..., Any]) -> None:
    published("alpha-2022", title="Alpha bridges")
    published("beta-2022", title="Beta clinics")
    page = visit("/calls", language="en", width=390, script=False)
    page.locator("#q").focus()
    page.keyboard.type("clinics")
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls?q=clinics&programme=&kind=&rule=&who=&state=&sort=newest")
    assert page.locator(".m-call-title").all_inner_texts() == ["Beta clinics"]
    page.locator(".c-chip").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls?sort=newest")
    page.get_by_role("link", name="Beta clinics").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls/beta-2022")
    assert page.locator("h1").inner_text() == "Beta clinics"
    page.locator(".c-contents-narrow summary").focus()
    page.keyboard.press("Enter")
    page.locator(".c-contents-narrow a[href='#scoring']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls/beta-2022#scoring")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download definition.yaml, version 1").click()
    assert download.value.suggested_filename == "beta-2022-v1.yaml"


@pytest.mark.browser
def test_a_day_is_chosen_and_taken_back(kcity: Call, visit: Callable[..., Any]) -> None:
    page = visit(f"{KCITY}/statistics", language="en")
    page.locator("#as_of").fill("2021-03-31")
    page.get_by_role("button", name="Count").click()
    page.wait_for_url("**/statistics?as_of=2021-03-31")
    assert int(page.locator(".m-tile-value").first.inner_text()) < 111
    page.get_by_role("link", name="Count everything").click()
    page.wait_for_url("**/statistics")
    assert page.locator(".m-tile-value").first.inner_text() == "111"


def test_a_call_that_cannot_be_applied_to_says_what_comes_next(client: Client) -> None:
    published("long-closed")
    published("still-to-come", opens="2099-01-01", closes="2099-02-01 18:00")
    said = client.get("/calls/long-closed", headers={"accept-language": "en"}).content.decode()
    assert "Applications have closed." in said
    assert 'href="/calls/long-closed/apply"' not in said
    said = client.get("/calls/still-to-come", headers={"accept-language": "en"}).content.decode()
    assert "They open on Thursday 1 January 2099" in said
