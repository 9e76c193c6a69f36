"""Verification on the site: forged, garbage and huge files, limits, and that nothing is kept or run in our process."""

import fcntl
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madang.apps.decisions.models import Decision
from madang.kernel import keys
from madang.web.public import verify, verifying
from tests.factories.decisions import record_text
from tests.web.test_results import publishing, sealed

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"})


def upload(content: str | bytes, name: str = "record.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def forged() -> str:
    """One score of one sheet raised after sealing."""
    record = json.loads(record_text())
    leaf = next(leaf for leaf in record["leaves"] if leaf["name"].startswith("sheets/"))
    leaf["value"]["scores"]["need"] = "99"
    return json.dumps(record)


def text_of(answer: Any) -> str:
    shown = re.sub(r"<script.*?</script>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


# -- files -------------------------------------------------------------------------------------------------------------


def test_a_sound_record_holds_and_says_who_signed(reader: Client) -> None:
    answer = reader.post("/verify", {"record": upload(record_text())})
    text = text_of(answer)
    assert answer.status_code == 200
    assert "Nothing contradicts" in text
    assert "Everything was computed again and agrees: 2 selected" in text
    assert "Exit code of the command: 0" in text
    assert "sealed no record with this root" in text


def test_the_key_of_this_site_is_compared_by_itself(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = re.search(
        r"signed with: ([0-9a-f]{64})", text_of(reader.post("/verify", {"record": upload(record_text())}))
    )
    assert signer
    own = keys.public_hex(keys.load_or_make())
    text = text_of(reader.post("/verify", {"record": upload(record_text())}))
    assert own in text
    assert "not with the key of this site" in text
    monkeypatch.setattr(verifying, "public_key", lambda: signer[1])
    assert "signed with the key of this site. That" in text_of(
        reader.post("/verify", {"record": upload(record_text())})
    )
    given = {"record": upload(record_text()), "key": f" {signer[1][:32].upper()} {signer[1][32:]} "}
    assert "The key that was given signed this root" in text_of(reader.post("/verify", given))
    assert "did not sign this record" in text_of(reader.post("/verify", {"record": upload(record_text()), "key": own}))


def test_to_look_makes_no_key(reader: Client, data_folder: Path) -> None:
    reader.get("/verify")
    assert not (data_folder / "keys" / "records.pem").exists()


def test_a_forged_score_is_found_and_stands_first(reader: Client) -> None:
    answer = reader.post("/verify", {"record": upload(forged())})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "This record does not hold" in html
    states = re.findall(r'<li data-state="(\w+)"', html)
    assert states[0] == "fails"
    assert states == sorted(states, key=lambda state: state != "fails")
    assert "Exit code of the command: 1" in html


def test_content_alone_leaves_the_signature_aside(reader: Client) -> None:
    text = text_of(reader.post("/verify", {"record": upload(record_text(signed=False)), "content_only": "1"}))
    assert "Nothing contradicts" in text
    assert "only the content was checked" in text
    assert "Signature:" not in text
    assert "unsigned" in text_of(reader.post("/verify", {"record": upload(record_text(signed=False))}))


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("a", "0" * 100_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"garbage", b"{}", b"[" * 5000, zipped(), b"<html><script>alert(1)</script></html>", b"\x00\xff\xfe",
        b'{"madang_record": 1, "edition": "<script>alert(1)</script>", "root": "", "leaves": [], "signatures": []}',
        b"",
    ],
)  # fmt: skip
def test_what_is_no_record_is_answered_in_words(reader: Client, content: bytes) -> None:
    answer = reader.post("/verify", {"record": upload(content, "<script>alert(1)</script>.json")})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "<script>alert" not in html
    assert "Traceback" not in html
    assert "cannot be read as a decision record" in html or "Choose the record.json" in html


def test_what_a_record_says_is_escaped(reader: Client) -> None:
    hostile = record_text().replace("City of Aram 1", "<img src=x onerror=alert(1)>")
    hostile = hostile.replace('"madang_record":1', '"madang_record":1,"<script>alert(1)</script>":1')
    html = reader.post("/verify", {"record": upload(hostile)}).content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html


@pytest.mark.parametrize("key", ["abc", "/etc/passwd", "--help", "g" * 64, "0" * 65])
def test_a_key_is_hexadecimal_or_refused(reader: Client, key: str) -> None:
    answer = reader.post("/verify", {"record": upload(record_text()), "key": key})
    assert answer.status_code == 422
    assert "64 hexadecimal digits" in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    with pytest.raises(ValueError, match="key"):
        verifying.check(io.BytesIO(b"{}"), language="en", key=key)


def test_no_file_is_said(reader: Client) -> None:
    assert reader.post("/verify", {}).status_code == 422


# -- limits ------------------------------------------------------------------------------------------------------------


def test_a_huge_body_is_refused_unread(reader: Client) -> None:
    answer = reader.generic(
        "POST", "/verify", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=2**33
    )
    assert answer.status_code == 413
    assert "larger than 64 MB" in answer.content.decode()


def test_a_large_file_is_refused(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "LARGEST", 1000)
    assert reader.post("/verify", {"record": upload("x" * 1001)}).status_code == 413


def test_a_form_without_its_token_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.post("/verify", {"record": upload(record_text())}).status_code == 403


def test_two_at_once_and_the_third_is_told_to_wait(reader: Client, data_folder: Path) -> None:
    reader.get("/verify")
    (data_folder / "cache").mkdir(parents=True, exist_ok=True)
    places = [(data_folder / "cache" / f"verify-{n}.lock").open("w") for n in range(verifying.AT_ONCE)]
    for place in places:
        fcntl.flock(place, fcntl.LOCK_EX)
    answer = reader.post("/verify", {"record": upload(record_text())})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Other records are being checked" in answer.content.decode()
    places[0].close()
    assert reader.post("/verify", {"record": upload(record_text())}).status_code == 200
    places[1].close()


@pytest.mark.parametrize(("limit", "value"), [("SECONDS", 0), ("MEMORY", 60 * 1024**2), ("ANSWER", 100)])
def test_a_check_over_its_limits_says_nothing_about_the_record(
    reader: Client, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(verifying, limit, value)
    answer = reader.post("/verify", {"record": upload(record_text())})
    assert answer.status_code == 422
    assert "says nothing about the record" in answer.content.decode()


def test_the_upload_is_not_kept(reader: Client, data_folder: Path) -> None:
    reader.post("/verify", {"record": upload(record_text())})
    kept = [path for path in data_folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert not [path for path in kept if b"madang_record" in path.read_bytes()]


def test_no_solver_in_the_web_process() -> None:
    program = (
        "import sys, django; django.setup()\n"
        "import pkgutil, importlib, madang.site.urls, madang.web.public as public\n"
        "for part in pkgutil.iter_modules(public.__path__): importlib.import_module(f'{public.__name__}.{part.name}')\n"
        "print([n for n in ('ortools', 'highspy', 'scipy', 'numpy', 'statsmodels') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- what was sealed here ----------------------------------------------------------------------------------------------


def test_a_root_is_looked_up(reader: Client) -> None:
    decision = sealed()
    found = reader.get(f"/verify?root=%20{decision.root.upper()}").content.decode()
    assert "/results/sample-call-2022/1" in found
    assert "No record with this root" in reader.get(f"/verify?root={'0' * 64}").content.decode()
    assert "A root has 64" in reader.get("/verify?root=%22%3E%3Cscript%3E").content.decode()


def test_a_sealed_decision_is_checked_where_it_lies(reader: Client) -> None:
    sealed()
    offered = reader.get("/verify?call=sample-call-2022&number=1").content.decode()
    assert "Compute this decision again" in offered
    text = text_of(reader.post("/verify", {"call": "sample-call-2022", "number": "1"}))
    assert "Nothing contradicts" in text
    assert "agrees: 2 selected" in text
    for wrong in ({"call": "none", "number": "1"}, {"call": "sample-call-2022", "number": "../1"}):
        assert reader.post("/verify", wrong).status_code == 404
        assert reader.get("/verify", wrong).status_code == 404


def test_of_a_closed_decision_only_the_verdict_is_told(reader: Client) -> None:
    decision: Decision = sealed(publishing("all", "none", "none"), sample=False)
    text = text_of(reader.post("/verify", {"call": decision.call.slug, "number": "1"}))
    assert "Nothing contradicts" in text
    assert "Result: does everything computed follow" in text
    assert "not selected" not in text


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("mode", ["light", "high-contrast"])
def test_the_page_and_its_answer_meet_wcag_aa_and_fit(
    visit: Any, axe: Any, tmp_path: Path, mode: str, language: str
) -> None:
    file = tmp_path / "record.json"
    file.write_text(forged())
    page = visit("/verify", language=language, mode=mode)
    assert axe(page) == []
    page.locator("#record").set_input_files(file)
    page.wait_for_selector("#verify-verdict")  # by the browser's own program
    assert axe(page) == []
    page.locator("main form [type=submit]").first.click()
    page.wait_for_selector("#verdict")  # by the server's
    assert axe(page) == []
    for width in (1440, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


@pytest.mark.browser
def test_a_dropped_file_is_checked(visit: Any) -> None:
    page = visit("/verify", language="en")
    page.evaluate(
        """text => { const data = new DataTransfer(); data.items.add(new File([text], "record.json"));
             document.querySelector("[data-drop]").dispatchEvent(
               new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: data})) }""",
        record_text(),
    )
    page.wait_for_selector("#verify-here .m-verdict[data-tone=success]")
    page.get_by_role("button", name="Check with the server's program").click()
    page.wait_for_selector(".m-verdict[data-tone=success] #verdict")


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_a_root_and_a_sealed_record_by_keyboard_alone(visit: Any, script: bool) -> None:
    decision = sealed()
    page = visit("/verify", language="en", width=390, script=script)
    page.locator("#root").focus()
    page.keyboard.type(decision.root)
    page.keyboard.press("Enter")
    page.wait_for_selector(".m-offered")
    page.get_by_role("button", name="Compute this decision again").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".m-verdict[data-tone=success]")
    assert "/verify" in page.url
