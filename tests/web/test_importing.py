"""The import on the screen: hand in, choose columns, look at the preview, confirm, undo."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.apps.applications import tasks
from madang.apps.applications.models import Application, Import, ReceivedFile, ReceptionBatch
from madang.kernel import clock
from tests.factories.calls import published
from tests.factories.enquiries import call_with_desks
from tests.factories.imports import PDF, as_csv, row, sheet, zipped
from tests.factories.people import person
from tests.web.apply_parts import session_of, signed_in, words

NOTE = {"note-ko": "전자우편 접수분", "note-en": ""}


def start(call) -> str:
    return f"/office/applications/calls/{call.slug}/import"


def given_to(client: Client, call, content: bytes, name: str = "list.xlsx") -> str:
    """Hand it in and have the worker look at it; the address of the import."""
    answer = client.post(start(call), {"files": SimpleUploadedFile(name, content)})
    assert answer.status_code == 303, words(answer.content.decode())
    assert tasks.work_on_imports() == 1
    return answer["Location"]


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return words(answer.content.decode())


def confirm(client: Client, address: str, **more: str):
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(address).content.decode())
    return client.post(f"{address}/confirm", NOTE | {"seen": seen[1] if seen else ""} | more)


@pytest.fixture
def officer(db):
    return signed_in(person("dami", role="officer"))


@pytest.mark.django_db
def test_from_the_table_to_the_batch_and_back(officer):
    call = published()
    address = given_to(officer, call, sheet(row(1), row(2)))
    told = page(officer, address)
    assert "New 2" in told
    assert "Take in 2 applications" in told
    refused = confirm(officer, address, **{"note-ko": " "})
    assert refused.status_code == 422
    assert "Say where the applications come from" in words(refused.content.decode())
    assert confirm(officer, address).status_code == 303
    assert "is being taken in" in page(officer, address).lower()
    progress = officer.get(f"{address}?part=progress")
    assert b'hx-trigger="every 1s"' in progress.content
    tasks.work_on_imports()
    assert officer.get(f"{address}?part=progress")["HX-Refresh"] == "true"
    done = officer.get(address)
    assert done.status_code == 303
    batch = done["Location"]
    assert "all of them stand" in page(officer, batch)
    original = officer.get(f"{batch}/original")
    assert b"".join(original.streaming_content).startswith(b"PK")
    assert "attachment" in original["Content-Disposition"]
    asked = page(officer, f"{batch}/undo")
    assert "2 applications will not stand any more" in asked
    assert officer.post(f"{batch}/undo", {"reason": " "}).status_code == 422
    assert officer.post(f"{batch}/undo", {"reason": "wrong list"}).status_code == 303
    assert "0 of them stand" in page(officer, batch)
    assert "Undone" in page(officer, start(call))


@pytest.mark.django_db
def test_several_tables_and_files_come_together(officer):
    call = published()
    files = [SimpleUploadedFile("applications.csv", as_csv(row(1))), SimpleUploadedFile("A1_plan.pdf", PDF)]
    answer = officer.post(start(call), {"files": files})
    tasks.work_on_imports()
    assert "Files 1" in page(officer, answer["Location"])
    confirm(officer, answer["Location"])
    tasks.work_on_imports()
    file = officer.get(f"/office/applications/files/{ReceivedFile.objects.get().uid}")
    assert b"".join(file.streaming_content) == PDF
    stranger = signed_in(person("other", role="secretariat", programme="another"))
    assert stranger.get(f"/office/applications/files/{ReceivedFile.objects.get().uid}").status_code == 404


@pytest.mark.django_db
def test_columns_are_asked_and_what_is_no_column_is_refused(officer):
    call = published()
    header = ["접수번호", "기관명", "유형", "국가코드"]
    address = given_to(officer, call, as_csv(["A1", "One", "plan", "XA"], header=header), "list.csv")
    html = officer.get(address).content.decode()
    assert "Which column is which?" in html
    chosen = dict(zip((f"column-{n}" for n in range(4)), ("application", "applicant", "track", "country"), strict=True))
    assert officer.post(f"{address}/columns", chosen | {"column-3": "nothing"}).status_code == 400
    assert officer.post(f"{address}/columns", chosen | {"dates": "dmy"}).status_code == 303
    tasks.work_on_imports()
    assert "New 1" in page(officer, address)
    assert Import.objects.get().dates == "dmy"


@pytest.mark.django_db
def test_faults_stand_with_their_place_and_go_along_as_a_table(officer):
    content = as_csv(row(1, country="KOR"), row(2, received="4/5/2022"))
    address = given_to(officer, published(), content, "list.csv")
    told = page(officer, address)
    assert "2 faults" in told
    assert "list.csv 2 country “KOR” is not a country code." in told
    assert "Some dates can be read in two ways" in told
    table = officer.get(f"{address}?format=csv").content.decode("utf-8-sig")
    assert "list.csv,3,received," in table
    assert officer.post(f"{address}/confirm", NOTE).status_code == 422
    assert not Application.objects.exists()


@pytest.mark.django_db
def test_names_and_cells_of_strangers_harm_nobody(officer):
    call = published()
    name = "../..\\a\u202eb<script>x</script>.xlsx"
    evil = "<script>alert(1)</script>\u202e=cmd|' /C calc'!A0"
    address = given_to(officer, call, sheet(row(1, applicant=evil)), name)
    html = officer.get(address).content.decode()
    assert "<script>alert" not in html
    assert "<script>x" not in html
    assert "\u202e" not in Import.objects.get().name
    assert "/" not in Import.objects.get().name
    confirm(officer, address)
    tasks.work_on_imports()
    batch = officer.get(address)["Location"]
    assert "<script>" not in officer.get(batch).content.decode().split("<main")[1].split("</main>")[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x00" * 2000, "x.xlsx"), (b"", "x.xlsx"), (b"PK\x03\x04" + b"\xff" * 500, "x.zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "x.xls"), (b"%PDF-1.7\n%%EOF\n", "x.pdf"),
        (b"a,b\n\"x", "x.csv"), ("가나".encode("utf-16"), "x.csv"), (zipped({}), "x.zip"),
        (zipped({"applications.xlsx": zipped({"a": b"b"})}), "x.zip"), (b"application\n" + b"x," * 5000, "x.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_gets_an_answer(officer, content, name):
    call = published()
    answer = officer.post(start(call), {"files": SimpleUploadedFile(name, content)})
    if answer.status_code == 303:
        tasks.work_on_imports()
        assert Import.objects.get().state in ("faulty", "asks")
        assert not any(code == "import_failed" for code, _ in Import.objects.get().reasons)
        assert officer.get(answer["Location"]).status_code == 200
    else:
        assert answer.status_code == 422


@pytest.mark.django_db
def test_an_import_is_nobody_elses_and_a_mixed_batch_is_not_half_seen(officer):
    call = call_with_desks(opens="2022-01-03", closes="2022-02-04 18:00")
    address = given_to(officer, call, sheet(row(1), row(2)))
    north = signed_in(person("north", role="secretariat", programme="sample-programme", secretariat="north"))
    assert north.get(address).status_code == 404
    assert north.post(f"{address}/confirm", NOTE).status_code == 404
    confirm(officer, address)
    tasks.work_on_imports()
    batch = ReceptionBatch.objects.get()
    assert north.get(f"/office/applications/batches/{batch.pk}").status_code == 404
    assert north.get(f"/office/applications/batches/{batch.pk}/original").status_code == 404
    assert "Nothing was imported yet" in page(north, start(call))
    own = given_to(north, call, sheet(row(3)))
    confirm(north, own)
    tasks.work_on_imports()
    assert "list.xlsx" in page(north, start(call))
    assert officer.get(f"/office/applications/batches/{2**40}").status_code == 404
    assert officer.get(f"{start(call)}/applications.xlsx").content.startswith(b"PK")
    assert officer.get(f"{start(call)}/sheets.xlsx").status_code == 404
    assert officer.post(f"{own}/nothing").status_code == 404


# --- Taking along -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_table_is_made_at_once_and_fetched_by_whoever_asked_alone(officer):
    call = published()
    batch_of(officer, call, row(1), row(2))
    where = f"/office/applications/calls/{call.slug}/export"
    assert "2 applications" in page(officer, where)
    assert "1 application" in page(officer, f"{where}?q=Aram+2")
    assert "Nothing to take along" in page(officer, f"{where}?q=%00nobody")
    assert officer.post(where, {"form": "exe"}).status_code == 422
    done = officer.post(where, {"form": "csv", "q": "Aram 2"})
    address = done["Location"]
    assert "1 application" in page(officer, address)
    file = officer.get(f"{address}/file")
    content = b"".join(file.streaming_content).decode("utf-8-sig")
    assert "City of Aram 2" in content
    assert "City of Aram 1" not in content
    assert file["Content-Disposition"] == 'attachment; filename="sample-call-2022.csv"'
    assert "no-store" in file["Cache-Control"]
    assert int(file["Content-Length"]) == len(content.encode("utf-8-sig"))
    assert officer.head(f"{address}/file").status_code == 200
    second = signed_in(person("erim", role="officer"))
    assert second.get(address).status_code == 404
    assert second.get(f"{address}/file").status_code == 404
    with clock.at(clock.now() + dt.timedelta(days=1, minutes=1)):
        assert officer.get(f"{address}/file").status_code == 404
        assert "Its day is over" in page(officer, address)
        assert "csv" not in page(officer, where).lower().replace("table (csv)", "")


@pytest.mark.django_db
def test_files_are_packed_by_the_worker(officer):
    call = published()
    batch_of(officer, call, row(1))
    address = officer.post(f"/office/applications/calls/{call.slug}/export", {"form": "zip"})["Location"]
    assert b'hx-trigger="every 1s"' in officer.get(f"{address}?part=progress").content
    assert officer.get(f"{address}/file").status_code == 404
    assert tasks.make_exports() == 1
    assert officer.get(f"{address}?part=progress")["HX-Refresh"] == "true"
    assert b"".join(officer.get(f"{address}/file").streaming_content).startswith(b"PK")


def batch_of(client: Client, call, *rows) -> None:
    confirm(client, given_to(client, call, sheet(*rows)))
    tasks.work_on_imports()


# --- In the browser ---------------------------------------------------------------------------------------------------


def _file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.mark.browser
def test_by_keyboard_in_korean(visit, axe, live_server, committing):
    call, dami = call_with_desks(opens="2022-01-03", closes="2022-02-04 18:00"), person("dami", role="officer")
    tab = visit(start(call), language="ko", storage_state=session_of(dami, live_server))
    assert axe(tab) == []
    header = ["접수번호", "기관명", "유형", "국가코드", "접수일", "비고"]
    content = as_csv(*([f"A{n}", f"아람시 {n}", "plan", "XA", "2022-01-12", "-"] for n in (1, 2)), header=header)
    tab.locator("#files").set_input_files([_file("접수목록.csv", content)])
    tab.locator("#files").focus()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#import-progress")
    assert axe(tab) == []
    tasks.work_on_imports()
    tab.wait_for_selector("text=열마다 어떤 항목입니까?")
    assert axe(tab) == []
    assert tab.locator("select").first.input_value() == "application"
    tab.get_by_role("button", name="이대로 읽기").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#import-progress")
    tasks.work_on_imports()
    tab.get_by_label("자료의 출처(한국어)").focus()
    assert axe(tab) == []
    tab.keyboard.type("전자우편 접수분")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#import-progress")
    tasks.work_on_imports()
    tab.wait_for_selector("text=모두 유효합니다")
    assert axe(tab) == []
    assert Application.objects.filter(undone_at=None).count() == 2


@pytest.mark.browser
def test_without_script_on_a_telephone_in_english(visit, live_server, committing):
    call, dami = published(), person("dami", role="officer")
    more = {"language": "en", "mode": "high-contrast", "width": 390, "script": False}
    tab = visit(start(call), storage_state=session_of(dami, live_server), **more)
    bundle = zipped({"applications.xlsx": sheet(row(1), row(2, received="2022-03-01")), "A1/plan.pdf": PDF})
    tab.locator("#files").set_input_files([_file("bundle.zip", bundle)])
    tab.get_by_role("button", name="Look at what will happen").click()
    tasks.work_on_imports()
    tab.get_by_text("What will happen").wait_for()  # the page asks for itself again
    assert tab.get_by_text("Received after the end").count() == 1
    tab.get_by_label("Where the applications come from, in English").fill("From the agency's mailbox")
    tab.get_by_role("button", name="Take in 2 applications").click()
    tasks.work_on_imports()
    tab.get_by_role("link", name="Undo this import").click()
    tab.get_by_label("Reason").fill("Sent twice")
    tab.get_by_role("button", name="Undo it").click()
    tab.get_by_text("0 of them stand").wait_for()
    assert not Application.objects.filter(undone_at=None).exists()


@pytest.mark.browser
def test_taking_along_in_korean_and_without_script(visit, axe, live_server, committing):
    call, dami = published(), person("dami", role="officer")
    batch_of(signed_in(dami), call, row(1), row(2))
    where = f"/office/applications/calls/{call.slug}/export"
    tab = visit(where, language="ko", storage_state=session_of(dami, live_server))
    assert axe(tab) == []
    tab.get_by_label("첨부 파일까지 모두(ZIP)").check()
    tab.get_by_role("button", name="파일 만들기").click()
    tab.wait_for_selector("#import-progress")
    tasks.make_exports()
    link = tab.get_by_role("link", name="파일 받기")
    link.wait_for()
    assert axe(tab) == []
    with tab.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == f"{call.slug}.zip"
    plain = visit(where, language="en", width=390, script=False, storage_state=session_of(dami, live_server))
    plain.get_by_role("button", name="Make the file").click()
    plain.get_by_role("link", name="Fetch the file").wait_for()
