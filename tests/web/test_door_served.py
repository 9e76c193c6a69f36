"""The door as production runs it: under granian, over real connections."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from madang.web.door.rules import PRESS_MOST
from tests.web.served import Line, granian

PRESS = "POST /applications/abc/file HTTP/1.1"
MULTIPART = "Content-Type: multipart/form-data; boundary=x"
APPLICATION = "tests.web.door_app:application"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("door")


@pytest.fixture(scope="module")
def port(collected: Any) -> Iterator[int]:
    """Behind a proxy on this machine."""
    with granian(APPLICATION, MADANG_DATA=str(collected), MADANG_DEBUG="1", PROXIES="127.0.0.1") as port:
        yield port


def test_the_stamp_is_taken_while_every_thread_computes(port: int) -> None:
    """Whoever comes while all places are taken by Python that never pauses is stamped then, not when it is their turn.

    A server that stamps in its workers (WSGI) stamps after the release: there is no thread left to look at the clock.
    """
    with Line(port) as hello, Line(port) as release:
        hello.send("GET /hello HTTP/1.1\nCookie: madang-session=session").answer()  # who signs in is known from then on
        signed_in = "\nCookie: madang-session=session"
        busy = [Line(port).send(f"GET /compute HTTP/1.1{signed_in}") for _ in range(3)]
        release.until(computing=3)
        waiting = []
        for _ in range(5):
            began = time.time()
            waiting.append((began, Line(port).send(f"GET /waits HTTP/1.1{signed_in}")))
        release.until(waiting=5)
        with Line(port) as press:  # it has a place of its own, however busy the others are
            assert press.send(f"{PRESS}{signed_in}\nContent-Length: 3", b"x=1").answer().status == 200
        released = release.send("GET /static/release HTTP/1.1").answer().json["arrived_at"]
        for line in busy:
            assert line.answer().status == 200
        for began, line in waiting:
            told = line.answer().json
            assert began <= told["arrived_at"] <= released <= told["now"]
    for line in (*busy, *(line for _, line in waiting)):
        line.socket.close()


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (f"{PRESS}\nContent-Length: {PRESS_MOST + 1}", b"", 413),
        (f"{PRESS}\nContent-Length: {PRESS_MOST + 1}\nExpect: 100-continue", b"", 413),
        (f"{PRESS}\nContent-Length: 3000000000", b"x" * 100_000, 413),
        (f"{PRESS}\nTransfer-Encoding: chunked", b"4001\r\n" + b"x" * 0x4001 + b"\r\n0\r\n\r\n", 413),
        ("POST /x HTTP/1.1\nContent-Length: 5\nContent-Length: 6", b"hello", 400),
        ("POST /x HTTP/1.1\nContent-Length: five", b"hello", 400),
        ("POST /x HTTP/1.1\nContent-Length: -5", b"hello", 400),
        (
            f"POST /x HTTP/1.1\nTransfer-Encoding: chunked\n{MULTIPART}",
            b"0\r\n\r\n",
            411,
        ),
        ("GET /x HTTP/1.1\nX-Large: " + "y" * 40_000, b"", 431),
        ("GET /x HTTP/1.1\n" + "\n".join(f"X-{n}: y" for n in range(300)), b"", 431),
        ("GET /" + "y" * 9_000 + " HTTP/1.1", b"", 414),
        ("GET /x HTTP/1.1\nContent-Length: 5", b"hello", 413),
    ],
)
def test_what_is_beyond_the_limits_gets_its_answer_and_the_connection_closes(
    port: int, head: str, body: bytes, status: int
) -> None:
    with Line(port) as line:
        line.send(head)
        try:
            line.more(body)
        except ConnectionError:
            assert len(body) > 50_000  # refused before all of it was sent
        assert line.answer().status == status
        assert line.headers["connection"] == "close"
        assert line.is_closed()


def test_a_press_that_is_not_whole_in_time_is_told_so(port: int) -> None:
    """Of its thirty seconds a proxy has had nearly all: the rest is waited for, and no more."""
    with Line(port) as line:
        line.send(f"{PRESS}\nX-Request-Start: t={time.time() - 29.5:.3f}\nContent-Length: 10", b"x=1")
        assert line.answer().status == 408
        assert line.is_closed()


def test_a_press_in_pieces_with_or_without_a_length_is_taken(port: int) -> None:
    with Line(port) as line:
        line.send(f"{PRESS}\nContent-Length: 6", b"x").more(b"=").more(b"1234")
        assert (line.answer().status, line.json["size"]) == (200, 6)
        line.send(f"{PRESS}\nTransfer-Encoding: chunked", b"3\r\nx=1\r\n").more(b"0\r\n\r\n")
        assert (line.answer().status, line.json["size"]) == (200, 3)
        line.send(f"{PRESS}\nContent-Length: 3\nExpect: 100-continue")
        assert line.answer().status == 100
        assert line.more(b"x=1").answer().status == 200
        line.send("HEAD /x HTTP/1.1")
        line.status = 0
        while b"\r\n\r\n" not in line._rest:
            line._take()
        assert line._rest.startswith(b"HTTP/1.1 200")


def test_the_proxy_on_this_machine_is_believed_and_its_headers_stay_here(port: int) -> None:
    with Line(port) as line:
        moment = round(time.time() - 5, 3)
        line.send(f"GET /x HTTP/1.1\nX-Request-Start: t={moment:.3f}\nX-Real-IP: 203.0.113.9\nX-Other: y").answer()
        assert line.json["arrived_at"] == pytest.approx(moment, abs=1e-6)
        assert line.json["client"] == "203.0.113.9"
        assert line.json["headers"] == ["host", "x-other"]
        for forged in (time.time() - 300, time.time() + 300):
            began = time.time()
            line.send(f"GET /x HTTP/1.1\nX-Request-Start: t={forged:.3f}").answer()
            assert began <= line.json["arrived_at"] <= time.time()


def test_a_stranger_forges_nothing(collected: Any) -> None:
    environment = {"MADANG_DATA": str(collected), "MADANG_DEBUG": "1", "PROXIES": "192.0.2.1"}
    with granian(APPLICATION, **environment) as port, Line(port) as line:
        began = time.time()
        line.send(f"GET /x HTTP/1.1\nX-Request-Start: t={began - 30:.3f}\nX-Real-IP: 203.0.113.9").answer()
        assert began <= line.json["arrived_at"] <= time.time()
        assert (line.json["client"], line.json["headers"]) == ("127.0.0.1", ["host"])
        line.send("GET /x HTTP/1.1\nConnection: close").answer()
        assert line.is_closed()
