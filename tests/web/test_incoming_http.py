"""Files over real HTTP: what is handed in, named and sent as an enemy would, and what is fetched in parts."""

import hashlib
import http.client
import re
import secrets
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client

from madang.apps.applications.models import Draft
from madang.apps.calls.commands import publish_definition
from madang.core.reasons import Reason
from madang.kernel import files
from madang.kernel.actors import DEMO
from madang.words import say
from tests.apps.test_incoming_files import ANYTHING
from tests.factories.applying import begun
from tests.factories.handed_in import EVIL, GOOD, pdf
from tests.factories.s3 import Line, Service
from tests.factories.small_disk import small_disk
from tests.web.apply_parts import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Draft:
    return begun(publish_definition(actor=DEMO, text=ANYTHING, sample=True).call)


class Caller:
    """Somebody with a program of their own instead of a browser."""

    def __init__(self, server: Any, draft: Draft) -> None:
        self.address = urlsplit(server.url)
        self.step = f"/applications/{draft.uid}/documents"
        session = signed_in(draft.started_by).cookies["madang-session"].value
        self.cookies = f"madang-session={session}; madang-language=en"
        status, headers, page = self.ask("GET", self.step)
        assert status == 200
        self.token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)[1].decode()  # type: ignore[index]  # a page of ours has one
        self.cookies += "; " + headers["Set-Cookie"].partition(";")[0]

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any, bytes]:
        line = http.client.HTTPConnection(self.address.hostname or "", self.address.port, timeout=60)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body, {"Cookie": self.cookies, **given})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def hand_in(self, content: bytes, name: str, kind: str = "application/pdf", **more: str) -> tuple[int, bytes]:
        edge = secrets.token_hex(16)
        values = {"csrfmiddlewaretoken": self.token, "do": "attach documents.plan", "base": "0"}
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in values.items()]
        file = f'--{edge}\r\nContent-Disposition: form-data; name="file:documents.plan"; filename="{name}"\r\n'
        head = "".join(parts) + file + f"Content-Type: {kind}\r\n\r\n"
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        more = {"Accept": "application/json", **more}
        status, _, page = self.ask(
            "POST", self.step, body, Content_Type=f"multipart/form-data; boundary={edge}", **more
        )
        return status, page


@pytest.fixture
def caller(live_server: Any, draft: Draft) -> Caller:
    return Caller(live_server, draft)


def test_what_an_enemy_sends_is_refused_with_its_reason(caller: Caller, draft: Draft) -> None:
    """Each with the ending, the name and the type that would serve it best."""
    for what, (name, code, make) in EVIL.items():
        status, page = caller.hand_in(make(), name)
        assert status == 422, what
        if not code.startswith("draft_"):
            beginning = say(Reason(code, {}), "en").partition("{")[0] or "“"
            assert beginning.encode() in page or b"\\u201c" in page, what
    assert not Draft.objects.get(pk=draft.pk).files.exists()


def test_what_people_send_is_kept_whatever_type_is_told(caller: Caller, draft: Draft, monkeypatch: Any) -> None:
    monkeypatch.setattr("madang.apps.applications.commands.attachments.MOST_FILES", 100)
    for what, (format, make) in GOOD.items():
        status, page = caller.hand_in(make(), f"{format}.exe", "text/html")
        assert status == 200, (what, page)
        assert draft.files.latest("id").name == f"{format}.exe.{format}"


def test_names_from_outside_never_reach_a_path_or_a_header(caller: Caller, draft: Draft) -> None:
    for number, name in enumerate(("../../x.pdf", "C:\\\\con", "a%0d%0ab.pdf", "가" * 250 + ".pdf", "\u202efdp.exe")):
        status, _page = caller.hand_in(pdf() + b"\n" * number, name)
        assert status == 200, name
        file = draft.files.latest("id")
        _, headers, content = caller.ask("GET", f"/applications/{draft.uid}/files/{file.uid}")
        assert headers["Content-Disposition"].startswith("attachment;")
        assert content == pdf() + b"\n" * number
        assert not set(file.name) & set("/\\\r\n\u202e")
    assert caller.hand_in(pdf(), "x" * 10_000 + ".pdf")[0] == 400


# --- Fetched ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fetched(caller: Caller, draft: Draft) -> tuple[Caller, str, bytes]:
    caller.hand_in(pdf(), "계획서.pdf")
    return caller, f"/applications/{draft.uid}/files/{draft.files.get().uid}", pdf()


def test_a_download_goes_on_where_the_line_broke(fetched: tuple[Caller, str, bytes]) -> None:
    caller, address, content = fetched
    status, headers, whole = caller.ask("GET", address)
    assert (status, whole, headers["Accept-Ranges"]) == (200, content, "bytes")
    etag, size = headers["ETag"], len(content)
    assert etag == f'"{hashlib.sha256(content).hexdigest()}"'
    for wanted, first, last in (
        ("bytes=0-0", 0, 0),
        ("bytes=100-", 100, size - 1),
        (f"bytes={size - 1}-", size - 1, size - 1),
        ("bytes=-10", size - 10, size - 1),
        (f"bytes=-{size * 9}", 0, size - 1),
        (f"bytes=5-{10**17}", 5, size - 1),
        ("Bytes = 7-8", 7, 8),
    ):
        status, headers, part = caller.ask("GET", address, Range=wanted, If_Range=etag)
        assert (status, part) == (206, content[first : last + 1]), wanted
        assert headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert headers["Content-Length"] == str(len(part))
        assert (headers["Content-Type"], headers["Content-Security-Policy"]) == ("application/octet-stream", "sandbox")
        assert (headers["X-Content-Type-Options"], headers["Content-Disposition"][:11]) == ("nosniff", "attachment;")


def test_a_range_that_is_none_gives_the_whole_file_and_one_outside_is_said(
    fetched: tuple[Caller, str, bytes],
) -> None:
    caller, address, content = fetched
    for wanted in (
        "bytes=", "bytes=-", "bytes=a-b", "bytes=9-3", "lines=0-1", "bytes=0-1,4-5", "bytes=1", "bytes=--5", "\u00b2",
        "bytes=" + "9" * 5000 + "-", "bytes=0x1-5", "bytes=١-٢", ",", "bytes=0-1,",
    ):  # fmt: skip
        status, headers, whole = caller.ask("GET", address, Range=wanted.encode().decode("latin-1"))
        assert (status, whole) == (200, content), wanted
        assert "Content-Range" not in headers
    for wanted in (f"bytes={len(content)}-", f"bytes={10**17}-{10**18 - 1}", "bytes=-0"):
        status, headers, whole = caller.ask("GET", address, Range=wanted)
        assert (status, whole, headers["Content-Range"]) == (416, b"", f"bytes */{len(content)}"), wanted


def test_a_part_of_another_file_is_never_put_together_with_this_one(fetched: tuple[Caller, str, bytes]) -> None:
    caller, address, content = fetched
    for other in ('"another"', f'W/"{hashlib.sha256(content).hexdigest()}"', "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert caller.ask("GET", address, Range="bytes=5-", If_Range=other)[::2] == (200, content)
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    assert caller.ask("GET", address, If_None_Match=f'"x", {etag}', Range="bytes=5-")[::2] == (304, b"")
    status, headers, nothing = caller.ask("HEAD", address, Range="bytes=5-")
    assert (status, headers["Content-Length"], nothing) == (200, str(len(content)), b"")


def test_a_file_that_was_changed_behind_its_name_is_not_sent(fetched: tuple[Caller, str, bytes], caplog: Any) -> None:
    caller, address, content = fetched
    files.path_of(hashlib.sha256(content).hexdigest()).write_bytes(b"forged" * 100)
    for wanted in ("", "bytes=5-"):
        status, _, page = caller.ask("GET", address, **({"Range": wanted} if wanted else {}))
        assert status == 500
        assert b"forged" not in page


# --- Nowhere to put it ------------------------------------------------------------------------------------------------


def test_a_store_that_is_gone_harms_no_page_and_comes_back_by_itself(
    live_server: Any, draft: Draft, monkeypatch: Any
) -> None:
    service = Service()
    try:
        line = Line(service.port)
        monkeypatch.setenv("MADANG_FILES_URL", service.bucket(port=line.port))
        caller = Caller(live_server, draft)
        assert caller.hand_in(pdf(), "plan.pdf")[0] == 200
        address = f"/applications/{draft.uid}/files/{draft.files.get().uid}"
        line.cut()
        status, page = caller.hand_in(pdf() + b"\n", "plan.pdf")
        assert (status, b"cannot be reached" in page) == (422, True)
        assert caller.ask("GET", caller.step)[0] == 200
        status, headers, page = caller.ask("GET", address, Accept="text/html")
        assert (status, headers["Retry-After"], b"It is not lost" in page) == (503, "30", True)
        line.mend()
        assert caller.ask("GET", address)[::2] == (200, pdf())
        assert caller.ask("GET", address, Range="bytes=3-9")[::2] == (206, pdf()[3:10])
        assert caller.hand_in(pdf() + b"\n", "plan.pdf")[0] == 200
    finally:
        service.stop()


def test_a_full_disk_while_an_upload_arrives_is_said(draft: Draft, settings: Any, tmp_path: Any) -> None:
    """Django itself puts a large upload aside before any code of ours sees it."""
    client: Client = signed_in(draft.started_by)
    with small_disk(tmp_path / "uploads", kilobytes=512) as folder:
        settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = folder, 1024
        for accept, shown in (("text/html", b"no room left"), ("application/json", b"no room left")):
            values = {"do": "attach documents.plan", "file:documents.plan": _large()}
            answer = client.post(f"/applications/{draft.uid}/documents", values, headers={"accept": accept})
            assert (answer.status_code, shown in answer.content) == (503, True)
            assert list(folder.iterdir()) == []
        values = {"do": "attach documents.plan", "file:documents.plan": _large(10_000)}
        answer = client.post(f"/applications/{draft.uid}/documents", values, headers={"accept": "application/json"})
        assert answer.status_code == 200


def _large(size: int = 1_000_000) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("plan.pdf", pdf() + b"\n" * size + b"%%EOF")


def test_uploads_wait_in_the_data_folder() -> None:
    assert "uploads" in str(django_settings.FILE_UPLOAD_TEMP_DIR)
