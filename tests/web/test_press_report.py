"""Figures for the press in the office: written, checked, finished and taken; by keyboard, and without script."""

import io
import re
from zipfile import ZipFile

import openpyxl
import pytest
from django.test import Client
from playwright.sync_api import expect

from madang.apps.review import tasks
from madang.apps.review.commands import start_press_report
from madang.apps.review.models import PressReport
from madang.kernel.actors import OFFICE
from tests.factories.filing import FilingWorld
from tests.factories.people import person
from tests.factories.press import kcity
from tests.web.apply_parts import session_of, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    return kcity()


def officer(language: str = "en") -> Client:
    return signed_in(person("dami", role="officer"), language)


def main(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return words(answer.content.decode())


def begun(client: Client, call) -> str:
    answer = client.post(f"/office/press/calls/{call.slug}", {"as_of": "", "tables": ["type", "type_field", "growth"]})
    assert answer.status_code == 303
    return str(answer["Location"])


def saved(client: Client, address: str, **changed: str):
    """Save the texts of the page with what is changed in them."""
    report = PressReport.objects.get()
    revision = report.revisions.get(number=report.revision)
    texts = {f"text_{language}": text for language, text in revision.texts.items()}
    return client.post(address, {"seen": report.revision, "tables": revision.tables, **texts, **changed})


def test_from_a_proposal_over_a_swap_that_is_found_to_the_papers(call):
    client = officer()
    assert "K-City Network" in main(client, "/office/press")
    address = begun(client, call)
    page = main(client, address)
    assert "numbers are figures of the reception" in page
    assert "does not come from" not in page

    text = PressReport.objects.get().revisions.get().texts["en"]
    swapped = text.replace("57 applications from 24", "24 applications from 57")
    assert saved(client, address, text_en=swapped).status_code == 303
    page = main(client, address)
    assert "2 numbers do not come from the reception" in page
    assert "“24” no longer matches: Smart-city development plan: applications = 57." in page
    refused = client.post(f"{address}/finish", {"seen": 2})
    assert refused.status_code == 422
    assert "These numbers are not borne out by the reception: 24, 57" in words(refused.content.decode())
    assert client.get(f"{address}/papers/en.pdf").status_code == 404  # nothing goes out before the check

    told = text.replace("The Ministry", "In a programme of 28 years, the Ministry")
    saved(client, address, text_en=told)
    page = client.get(f"{address}/finish").content.decode()
    [key] = set(re.findall(r'name="confirm" value="(\w+)"', page))
    unticked = client.post(f"{address}/finish", {"seen": 3, f"reason-{key}": "The annual report"})
    assert unticked.status_code == 422
    assert "The annual report" in unticked.content.decode()  # what was typed is kept
    given = {"seen": 3, "confirm": key, f"reason-{key}": "The annual report"}
    assert client.post(f"{address}/finish", given).status_code == 303
    page = main(client, address)
    assert "Confirmed: The annual report" in page
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}/papers/en.xlsx").content))
    assert [row[1] for row in book["1 By type"].values if isinstance(row[1], int)] == [57, 40, 14, 111]
    assert "Not itemised" in {row[0] for row in book["2 By field and type"].values}
    html = client.get(f"{address}/papers/ko.html")
    assert "39개국 111건 접수" in html.content.decode()
    assert html["Content-Disposition"].endswith('press-2021-04-20-ko.html"')
    for wrong in ("en.exe", "fr.pdf", "en", "..%2Fen.pdf"):
        assert client.get(f"{address}/papers/{wrong}").status_code == 404
    assert client.post(f"{address}/reopen").status_code == 303
    assert client.post(f"{address}/reopen").status_code == 422


def test_the_pack_is_asked_for_waited_for_and_taken(call):
    client = officer("ko")
    address = begun(client, call)
    client.post(f"{address}/finish", {"seen": 1})
    assert client.post(f"{address}/pack").status_code == 303
    assert "묶음을 만들고 있습니다" in main(client, address)
    assert client.get(f"{address}/pack").status_code == 404
    assert 'hx-get="' in client.get(f"{address}/pack/state").content.decode()
    tasks.make_packs()
    assert 'hx-get="' not in client.get(f"{address}/pack/state").content.decode()
    with ZipFile(io.BytesIO(client.get(f"{address}/pack").content)) as found:
        assert "kind/ko/report.hwpx" in found.namelist()


def test_what_was_typed_is_kept_where_it_is_refused(call):
    client = officer()
    address = begun(client, call)
    for typed, said in (
        ("", "Write a text"),
        ("Title\n{nothing.here}", "There is no figure called nothing.here"),
        ("a\0b", "characters that cannot be shown"),
        ("\u202eTitle", "direction"),
        ("x" * 20_001, "20000"),
    ):
        answer = saved(client, address, text_ko=typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert said in words(page)
        assert 'id="f-text_ko"' in page
    stale = saved(client, address, text_en="Title 111 applications", seen="7")
    assert (stale.status_code, "Title 111 applications" in stale.content.decode()) == (422, True)
    assert saved(client, address, seen="9" * 40, text_en="x").status_code == 422
    for day in ("soon", "2999-01-01", "\0"):
        assert client.post(f"{address}/figures", {"seen": 1, "as_of": day}).status_code == 422
        assert client.post(f"/office/press/calls/{call.slug}", {"as_of": day}).status_code == 422
    assert client.post(f"{address}/figures", {"seen": 1, "as_of": "2021-03-01"}).status_code == 303
    assert "figures would be different today" in main(client, address)


def test_any_table_in_a_click_or_two_with_totals_that_say_why(call):
    client = officer()
    address = f"/office/press/calls/{call.slug}/tables"
    page = main(client, address)
    assert "Applications by: Type" in page
    assert page.index("57") < page.index("111")
    page = main(client, f"{address}?rows=type&measure=countries")
    assert "A country that stands in several rows is counted once in the total." in page
    rows = client.get(f"{address}?rows=region&columns=type&only=field:transport&format=csv").content.decode("utf-8-sig")
    assert rows.splitlines()[0].endswith("Total")
    assert rows.splitlines()[-1].endswith(",16")
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}?rows=week&columns=kind&format=xlsx").content))
    [sheet] = book
    assert list(sheet.values)[-1][-1] == 111
    assert main(client, f"{address}?rows=%00&columns=nothing&measure=&only=%00:x&as_of=soon") == main(client, address)
    assert "No application fits" in main(client, f"{address}?as_of=2020-01-01")
    assert client.get(f"{address}?format=exe").status_code == 400


def test_before_the_end_a_secretariat_is_told_nothing():
    world = FilingWorld()
    programme = world.call.programme.slug
    desk = signed_in(person("desk", role="secretariat", programme=programme, secretariat="north"))
    boss = officer()
    assert client_statuses(desk, world.call.slug) == [404, 404]
    assert client_statuses(boss, world.call.slug) == [200, 200]
    report = start_press_report(actor=OFFICE, call=world.call)
    assert desk.get(f"/office/press/{report.uid}").status_code == 404
    assert "These figures are the office's only" in main(boss, f"/office/press/{report.uid}")
    auditor = signed_in(person("auditor", role="auditor"))
    assert auditor.get(f"/office/press/{report.uid}").status_code == 200
    assert auditor.post(f"/office/press/{report.uid}", {}).status_code == 404


def client_statuses(client: Client, slug: str) -> list[int]:
    return [client.get(f"/office/press/calls/{slug}{rest}").status_code for rest in ("", "/tables")]


# --- In the browser ---------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("mode", "width"), [("light", 1440), ("high-contrast", 390)])
def test_an_officer_writes_a_release_in_korean(call, visit, axe, live_server, mode, width):
    page = visit(
        f"/office/press/calls/{call.slug}",
        language="ko",
        mode=mode,
        width=width,
        storage_state=session_of(person("dami", role="officer"), live_server),
    )
    page.get_by_role("button", name="초안 만들기").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("39개국 111건 접수")
    text = page.get_by_role("textbox", name="한국어")
    text.fill(text.input_value().replace("39개국에서 111건", "111개국에서 39건"))
    page.get_by_role("button", name="저장하고 확인").click()
    expect(page.get_by_text("접수 통계에 없는 숫자가 2개 있습니다.")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["111", "39"])
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("textbox", name="한국어").fill(text.input_value().replace("111개국에서 39건", "39개국에서 111건"))
    page.get_by_role("button", name="저장하고 확인").click()
    page.get_by_role("link", name="확인하고 완료").click()
    expect(page.get_by_text("두 본문의 모든 숫자가 접수 통계와 맞습니다.")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="보고서 완료").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="HWPX").first.click()
    assert taken.value.suggested_filename.endswith("-ko.hwpx")
    page.get_by_role("button", name="묶음 만들기").click()
    expect(page.get_by_text("묶음을 만들고 있습니다.")).to_be_visible()
    tasks.make_packs()
    expect(page.get_by_role("link", name="묶음 내려받기")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_by_keyboard_in_english_from_the_list_to_a_table(call, visit, axe, live_server):
    start_press_report(actor=OFFICE, call=call)
    page = visit("/office/press", language="en", storage_state=session_of(person("dami", role="officer"), live_server))
    page.get_by_role("link", name="K-City Network Global Cooperation Program 2021", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="111 applications from 39 countries").focus()
    page.keyboard.press("Enter")
    text = page.get_by_role("textbox", name="English")
    text.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("From {by_region.new-northern.countries} countries in the north, and 12 more.")
    page.keyboard.press("Tab")
    save = page.get_by_role("button", name="Save and check")
    while not save.evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="English")).to_have_value(re.compile("From 8 countries in the north"))
    page.goto(f"{live_server.url}/office/press/calls/{call.slug}/tables")
    rows = page.get_by_label("Rows by")
    rows.focus()
    page.keyboard.type("Region")
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Applications by: Region")
    expect(page.get_by_role("row", name="Total 111")).to_be_visible()
    assert axe(page) == []


@pytest.mark.browser
def test_without_script_on_a_phone(call, visit, live_server):
    page = visit(
        f"/office/press/calls/{call.slug}",
        language="en",
        width=390,
        script=False,
        storage_state=session_of(person("dami", role="officer"), live_server),
    )
    page.get_by_label("As of the end of").fill("2021-03-15")
    page.get_by_role("button", name="Propose a text").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("applications from")
    expect(page.get_by_text("By 15 March 2021").first).to_be_attached()
    page.get_by_role("link", name="Check and finish").click()
    page.get_by_role("button", name="Finish the report").click()
    page.get_by_role("button", name="Make the pack").click()
    tasks.make_packs()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("link", name="Take the pack")).to_be_visible()
