"""The virus scanner, against a real clamd: found, clean, too large, gone, silent, talking nonsense."""

import io
import socket
import threading
from collections.abc import Iterator

import pytest

from madang.kernel import scanning
from tests.factories.clamd import CLAMD, SIGNATURE, Clamd, eicar
from tests.factories.handed_in import zipped

needs_clamd = pytest.mark.skipif(CLAMD is None, reason="no clamd: run scripts/install-debian.sh")


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    one = Clamd()
    yield one
    one.stop()


def scanned(content: bytes) -> str | None:
    return scanning.scan(io.BytesIO(content))


def test_without_a_scanner_nothing_is_scanned():
    assert scanned(eicar()) is None


@needs_clamd
def test_a_real_scanner_finds_it_also_in_an_archive(clamd, monkeypatch):
    monkeypatch.setenv("MADANG_CLAMAV", clamd.address)
    assert scanned(b"a clean file") is None
    assert scanned(b"") is None
    assert scanned(eicar()) == f"{SIGNATURE}.UNOFFICIAL"
    assert scanned(b"before " + eicar()) == f"{SIGNATURE}.UNOFFICIAL"
    assert str(scanned(zipped({"plan/readme.txt": eicar()}))).startswith(SIGNATURE)
    assert scanned(b"x" * 3 * 2**20) is None


@needs_clamd
def test_what_the_scanner_does_not_take_whole_is_not_clean(clamd, monkeypatch):
    monkeypatch.setenv("MADANG_CLAMAV", clamd.address)
    with pytest.raises(scanning.NotScanned, match="size limit"):
        scanned(b"x" * 20 * 2**20)
    with pytest.raises(scanning.NotScanned, match="MaxFiles"):
        scanned(zipped({f"{n}.txt": b"x" * (1000 + n) for n in range(200)}))


@needs_clamd
def test_a_scanner_that_hangs_is_given_up_and_used_again(clamd, monkeypatch):
    monkeypatch.setenv("MADANG_CLAMAV", clamd.address)
    monkeypatch.setattr(scanning, "ANSWER_S", 0.3)
    clamd.freeze()
    with pytest.raises(scanning.NotScanned, match="Timeout"):
        scanned(b"a clean file")
    clamd.thaw()
    monkeypatch.setattr(scanning, "ANSWER_S", 60)
    assert scanned(b"a clean file") is None


@pytest.mark.parametrize("where", ["unix:/no/such/socket", "127.0.0.1:1", "no.such.host.invalid:3310", "nonsense"])
def test_a_scanner_that_is_not_there_means_not_scanned(monkeypatch, where):
    monkeypatch.setenv("MADANG_CLAMAV", where)
    with pytest.raises(scanning.NotScanned):
        scanned(b"a clean file")


@pytest.mark.parametrize("answer", [b"", b"stream: OK", b"stream: OK maybe\0", b"PONG\0", b"x" * 10_000, b"stream: \0"])
def test_an_answer_that_is_no_verdict_means_not_scanned(monkeypatch, answer):
    """`stream: OK` counts with its NUL only: an answer that was cut off is none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def reply() -> None:
            line, _ = listener.accept()
            with line:
                while not line.recv(65536).endswith(b"\0\0\0\0"):
                    pass
                line.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        monkeypatch.setenv("MADANG_CLAMAV", f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(scanning.NotScanned):
            scanned(b"a clean file")
        thread.join()
