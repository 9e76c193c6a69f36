"""Django in a fixed number of threads: the same answers as from Django's own handler, and nothing left behind."""

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path
from django.utils.translation import activate, get_language

from madang.web.door import handler
from madang.web.door.handler import Handler
from tests.factories.calls import published
from tests.factories.people import person
from tests.web.door_parts import Caller, run, settled

CALL = "/calls/sample-call-2022"
MINE: dict[str, Any] = {"threads": [], "closed": 0, "gone": threading.Event()}


def echo(request: HttpRequest) -> HttpResponse:
    """What came, by whom it is worked on, and the language that was left here before."""
    MINE["threads"].append(threading.current_thread().name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    MINE.setdefault("connections", []).append(id(connection.connection))
    before = get_language()
    activate(request.GET.get("language", "ko"))
    files = [(one.name, one.size, one.read()[:3]) for one in request.FILES.values()]
    return HttpResponse(f"{before} {files or len(request.body)}")


async def _endless() -> Any:
    try:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0)
    finally:
        MINE["gone"].set()


def endless(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(_endless())


def plain(request: HttpRequest) -> StreamingHttpResponse:
    """A plain iterator, as of a file."""
    answer = StreamingHttpResponse(iter([b"a" * 10, b"b" * 10]))
    answer._resource_closers.append(lambda: MINE.update(closed=MINE["closed"] + 1))
    return answer


urlpatterns = [path("echo", echo), path("endless", endless), path("plain", plain)]


@pytest.fixture
def ours(settings: Any) -> Iterator[Handler]:
    """The handler with the addresses of this file."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    MINE.update(threads=[], closed=0, connections=[])
    MINE["gone"].clear()
    made = Handler(2)
    yield made
    made._pool.submit(connections.close_all).result()
    made._pool.shutdown()


def answered(app: Any, *asked: dict[str, Any]) -> list[Caller]:
    async def all_of_them() -> list[Caller]:
        return [await Caller(app, **one).answered() for one in asked]

    return list(run(all_of_them))


def told(caller: Caller) -> tuple[int, dict[str, str], bytes]:
    """Without what is by chance: the order of a policy's parts, tokens, the hour."""
    headers = caller.headers
    headers["content-security-policy"] = " ".join(sorted(headers.get("content-security-policy", "").split("; ")))
    headers["set-cookie"] = headers.get("set-cookie", "").partition("=")[0]
    return caller.status, headers, re.sub(rb"[A-Za-z0-9]{64}", b"", caller.body)


def test_pages_are_the_same_as_from_djangos_own_handler(committing: None) -> None:
    published()
    client = Client()
    client.force_login(person("aram"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    asked: list[dict[str, Any]] = [
        {"path": CALL, "accept_language": "en"},
        {"path": CALL, "accept_language": "ko", "method": "HEAD"},
        {"path": "/calls?state=closed"},
        {"path": "/no/such/page"},
        {"path": "/me"},
        {"path": "/me", "session": session},
        {"path": "/preferences", "method": "POST", "body": b"mode=high-contrast&next=/calls",
         "content_type": "application/x-www-form-urlencoded"},
        {"path": "/account/login/", "method": "POST", "body": b"login=x", "content_type": "text/plain"},
    ]  # fmt: skip
    made = Handler(2)
    answered(made, {"path": "/me", "session": session})  # the first time it is noted when somebody was seen
    try:
        for theirs, mine in zip(answered(get_asgi_application(), *asked), answered(made, *asked), strict=True):
            assert told(mine) == told(theirs)
    finally:
        for _ in range(2):
            made._pool.submit(connections.close_all).result()
        made._pool.shutdown()


@pytest.mark.usefixtures("committing")
def test_a_thread_keeps_its_connection_and_nothing_else(ours: Handler) -> None:
    connection.settings_dict["CONN_MAX_AGE"] = 60
    try:
        callers = answered(ours, *({"path": f"/echo?language={one}"} for one in ("en", "en", "ko", "en")))
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = 0
    assert [caller.status for caller in callers] == [200] * 4
    assert len(set(MINE["threads"])) <= 2
    assert all(name.startswith("django") for name in MINE["threads"])
    assert len(set(MINE["connections"])) == len(set(MINE["threads"]))
    assert {caller.body[:2] for caller in callers} == {b"ko"}  # the house's language, whatever was set before


@pytest.mark.parametrize("size", [0, 100, 2 * 1024 * 1024, 5 * 1024 * 1024])
def test_a_body_of_any_size_arrives_whole(ours: Handler, committing: None, size: int) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
    body = head + b"abc" + b"x" * size + b"\r\n--b--\r\n"

    async def sent() -> Caller:
        kind = {"content_type": "multipart/form-data; boundary=b", "content_length": str(len(body))}
        caller = Caller(ours, "/echo", method="POST", body=None, **kind)
        for at in range(0, len(body), 700_001):
            caller.give(body[at : at + 700_001], more=True)
        caller.give(b"")
        return await caller.answered()

    assert run(sent).body.decode() == f"ko {[('f.bin', size + 3, b'abc')]}"


def test_a_sender_who_leaves_is_heard_by_no_view(ours: Handler) -> None:
    async def sent() -> Caller:
        caller = Caller(ours, "/echo", method="POST", body=None, content_length="9")
        caller.give(b"half", more=True)
        caller.hang_up()
        return await caller.answered()

    assert (run(sent).status, MINE["threads"]) == (0, [])


def test_a_stream_ends_when_its_reader_leaves(ours: Handler) -> None:
    async def sent() -> None:
        caller = Caller(ours, "/endless")
        while len(caller.said) < 20:
            await settled(1)
        caller.hang_up()
        await caller.answered()
        assert MINE["gone"].is_set()

    run(sent)


def test_a_plain_iterator_comes_in_pieces_and_is_closed(ours: Handler) -> None:
    [caller] = answered(ours, {"path": "/plain"})
    pieces = [one["body"] for one in caller.said[1:] if one.get("body")]
    assert pieces == [b"a" * 10, b"b" * 10]
    assert MINE["closed"] == 1


def test_style_sheets_small_and_large_and_what_the_reader_has_already(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True  # files as they lie in the source
    sheet = "/static/css/madang.css"
    made = Handler(1)
    [small] = answered(made, {"path": sheet})
    monkeypatch.setattr(handler, "READ_AT_ONCE", 10)
    [large, head] = answered(made, {"path": sheet}, {"path": sheet, "method": "HEAD"})
    assert small.status == large.status == head.status == 200
    assert small.body == large.body
    assert len(small.said) < len(large.said)
    assert small.headers == large.headers == head.headers
    assert int(small.headers["content-length"]) == len(small.body)
    [again] = answered(made, {"path": sheet, "if_modified_since": small.headers["last-modified"]})
    assert (again.status, again.body) == (304, b"")


def test_a_view_that_breaks_is_a_500_and_the_thread_lives_on(ours: Handler, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.web.no_such_module"
    with contextlib.suppress(ModuleNotFoundError):
        answered(ours, {"path": "/echo"})
    settings.ROOT_URLCONF = __name__
    [caller] = answered(ours, {"path": "/plain"})
    assert caller.status == 200


@pytest.mark.django_db
def test_a_database_is_there() -> None:
    """Tests with a database of their own copy the one that is set up for tests like this."""
    assert connection.settings_dict["NAME"]
