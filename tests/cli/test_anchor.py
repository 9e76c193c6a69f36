"""`madang anchor` against a time-stamp authority that runs here, and against what answers in place of one."""

import datetime as dt
import http.server
import json
import socket
import threading
from contextlib import contextmanager

import pytest
from asn1crypto import tsp

from madang.cli import anchor
from madang.cli.main import main
from madang.core.record import der
from madang.core.record.anchors import DepositNote, check_anchor, read_anchor
from madang.words import catalogue
from tests.core.record.authority import OPENSSL, ROOT, OpenSsl, authority, pem, request

REPLY = "application/timestamp-reply"


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("MADANG_LANGUAGE", "en")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def record(tmp_path):
    """As much of a record as an anchor reads."""
    meta = {"name": "meta", "salt": "00" * 16, "value": {"call": "small-cities", "decided_at": "2022-02-01 10:00"}}
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"madang_record": 1, "root": ROOT, "leaves": [{"commitment": "00" * 32}, meta]}))
    return path


@contextmanager
def served(answer, kind=REPLY, status=200, headers=()):
    """A server on this machine; `answer(request bytes) -> response bytes`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            body = answer(asked)
            self.send_response(status)
            for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsa"
        finally:
            server.shutdown()


def refusal(url, root=ROOT, **how) -> list[str]:
    with pytest.raises(anchor.NotStamped) as refused:
        anchor.ask_for_stamp(root, url, **how)
    codes = [reason.code for reason in refused.value.reasons]
    assert set(codes) <= set(catalogue())
    return codes


# -- asking -------------------------------------------------------------------------------------------------------


def test_a_root_is_stamped_and_the_answer_kept(record, tmp_path, capsys):
    out, ca = tmp_path / "record.tsr", tmp_path / "ca.pem"
    ca.write_bytes(pem(authority().root))
    words = ["anchor", str(record), "--out", str(out), "--anchor-ca", str(ca)]
    with served(authority().answer) as url:
        assert main([*words, "--tsa", url]) == 0
        assert "2022-02-01 01:30:00 UTC" in capsys.readouterr().out
        assert main([*words, "--tsa", url]) == 2  # an earlier stamp is never replaced
        assert "never replaced" in capsys.readouterr().err
    judged = check_anchor(ROOT, read_anchor(out.read_bytes()), authority().trusted())
    assert [reason.code for reason in judged.holds] == ["anchor_stamped"]


@pytest.mark.skipif(OPENSSL is None, reason="no openssl here")
def test_openssl_answers_what_we_ask_and_accepts_what_we_keep(tmp_path):
    tsa = OpenSsl(tmp_path, authority())
    with served(tsa.answer) as url:
        response, stamp = anchor.ask_for_stamp(ROOT, url, trusted=authority().trusted())
    assert tsa.verifies(response, ROOT)
    assert not tsa.verifies(response, "0b" * 32)
    assert stamp.authority == "CN=invented stamps"


def test_what_is_sent_holds_a_hash_of_the_root_and_not_the_root():
    asked = []
    with served(lambda data: asked.append(data) or authority().answer(data)) as url:
        anchor.ask_for_stamp(ROOT, url)
        anchor.ask_for_stamp(ROOT, url)
    assert bytes.fromhex(ROOT) not in asked[0]
    first, second = (tsp.TimeStampReq.load(data).native for data in asked)
    assert first["message_imprint"] == second["message_imprint"]
    assert first["nonce"] != second["nonce"]
    assert first["cert_req"] is True


# -- answers that do not fit --------------------------------------------------------------------------------------


def without_nonce(asked: bytes) -> bytes:
    parsed = tsp.TimeStampReq.load(asked)
    return authority().answer(tsp.TimeStampReq({name: parsed[name] for name in ("version", "message_imprint")}).dump())


REJECTION = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["closed"]}).dump()


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (lambda _: authority().stamp(), ["anchor_of_another_request"]),  # an old answer, played again
        (without_nonce, ["anchor_of_another_request"]),
        (lambda asked: authority("second").answer(asked), ["anchor_not_trusted"]),
        (lambda asked: authority().answer(asked)[:-10], ["anchor_broken"]),
        (lambda _: b"", ["anchor_broken"]),
        (lambda _: b"<html>", ["anchor_broken"]),
        (lambda _: der.encode(der.SEQUENCE, REJECTION), ["anchor_refused"]),
        (lambda _: b"0" * (anchor.MAX_RESPONSE + 1), ["anchor_answer_too_large"]),
    ],
)
def test_an_answer_that_does_not_fit_is_named_and_not_kept(answer, found, record, tmp_path):
    out, ca = tmp_path / "record.tsr", tmp_path / "ca.pem"
    ca.write_bytes(pem(authority().root))
    with served(answer) as url:
        assert refusal(url, trusted=authority().trusted()) == found
        assert main(["anchor", str(record), "--tsa", url, "--out", str(out), "--anchor-ca", str(ca)]) == 1
    assert not out.exists()


def test_an_answer_for_another_root_is_not_kept():
    def other(asked):
        swapped = tsp.TimeStampReq.load(asked)
        swapped["message_imprint"] = tsp.TimeStampReq.load(request("0b" * 32))["message_imprint"]
        return authority().answer(swapped.dump(force=True))

    with served(other) as url:
        assert refusal(url) == ["anchor_of_another_root"]


def test_a_certificate_that_was_not_good_is_refused():
    ended = authority("ended", until=dt.datetime(2023, 1, 1, tzinfo=dt.UTC))
    with served(lambda asked: ended.answer(asked, at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))) as url:
        assert refusal(url, trusted=ended.trusted()) == ["anchor_certificate_not_valid_then"]


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"kind": "text/html"}, "anchor_other_content"),
        ({"status": 404}, "anchor_http_status"),
        ({"status": 503}, "anchor_http_status"),
        ({"status": 301, "headers": (("Location", "http://127.0.0.1:1/"),)}, "anchor_redirected"),
        ({"status": 307, "headers": (("Location", "https://127.0.0.1:1/"),)}, "anchor_redirected"),
        ({"status": 302, "headers": (("Location", "file:///etc/passwd"),)}, "anchor_http_status"),
        ({"status": 303, "headers": (("Location", "gopher://127.0.0.1/"),)}, "anchor_http_status"),
    ],
)
def test_a_server_that_is_no_authority_is_told(how, found):
    with served(authority().answer, **how) as url:
        assert refusal(url) == [found]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "tsa.example", "", "data:,x"])
def test_only_web_addresses_are_asked(url):
    assert refusal(url) == ["anchor_address"]


@pytest.mark.parametrize("url", ["http://[", "http://", "http://127.0.0.1:99999/", "http://a b/"])
def test_a_broken_address_is_told(url):
    assert refusal(url) == ["anchor_not_reached"]


def test_a_server_that_says_nothing_is_left_after_the_time_given():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert refusal(url, timeout_s=0.05) == ["anchor_timeout"]


def test_a_server_that_stops_within_its_answer_is_left_too():
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def begin():
            caller, _ = silent.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {REPLY}\r\nContent-Length: 100\r\n\r\n0".encode())
                while caller.recv(65536):
                    pass

        threading.Thread(target=begin, daemon=True).start()
        assert refusal(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout_s=0.2) == ["anchor_timeout"]


def test_nobody_at_the_address_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert refusal(f"http://127.0.0.1:{port}/") == ["anchor_not_reached"]


# -- depositing ---------------------------------------------------------------------------------------------------


def test_the_note_is_in_both_languages_and_reads_back(record, tmp_path, capsys):
    assert main(["anchor", str(record), "--deposit"]) == 0
    note = capsys.readouterr().out
    out = tmp_path / "deposit.txt"
    assert main(["anchor", str(record), "--deposit", "--out", str(out)]) == 0
    assert out.read_text("utf-8") == note
    assert main(["anchor", str(record), "--deposit", "--out", str(out)]) == 2
    assert read_anchor(note.encode()) == DepositNote(ROOT)
    for part in ("결정 일시: 2022-02-01 10:00", "Decided at: 2022-02-01 10:00", "small-cities", "0a0a 0a0a 0a0a 0a0a"):
        assert part in note
    assert note.endswith(f"\nroot: {ROOT}\n")


def test_a_note_with_one_changed_digit_holds_two_roots():
    from madang.core.reasons import Malformed
    from madang.papers.deposit import deposit_note

    note = deposit_note(ROOT, call="x", decided_at="2022-02-01")
    with pytest.raises(Malformed):
        read_anchor(note.replace("0a0a 0a0a", "0a0b 0a0a", 1).encode())


@pytest.mark.parametrize(
    "text", ["{}", "[]", "x", '{"madang_record":1,"leaves":[],"root":"zz"}', '{"madang_record":1}']
)
def test_what_is_no_record_has_no_anchor(text, tmp_path, capsys):
    (tmp_path / "record.json").write_text(text)
    assert main(["anchor", str(tmp_path / "record.json"), "--deposit"]) == 2
    assert capsys.readouterr().err


def test_a_record_whose_date_is_closed_can_still_be_anchored(tmp_path, capsys):
    (tmp_path / "r.json").write_text(json.dumps({"madang_record": 1, "root": ROOT, "leaves": [{"commitment": "00"}]}))
    assert main(["anchor", str(tmp_path / "r.json"), "--deposit"]) == 0
    assert read_anchor(capsys.readouterr().out.encode()) == DepositNote(ROOT)
