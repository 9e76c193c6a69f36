"""Pages kept for a second: what is kept, for whom, and that nobody can tell the kept page from one of their own."""

import asyncio
import gzip
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.test import Client

from madang.web import keeper
from madang.web.keeper import Keeper, Room
from madang.web.keeping import SITE
from tests.factories.calls import published
from tests.factories.people import person

CALL = "/calls/sample-call-2022"
TWICE = "|"  # in a header of a request: it is sent in two lines
Answer = tuple[int, dict[str, str], bytes]


def ask(app: Any, *asked: tuple[str, dict[str, str]], method: str = "GET") -> list[Answer]:
    """Send these requests (path with query, headers) at the same moment, and give what each got."""

    async def one(address: str, headers: dict[str, str]) -> Answer:
        path, _, query = address.partition("?")
        named = {"host": "localhost", "accept-language": "en"} | headers
        pairs = [(name, value) for name, values in named.items() for value in values.split(TWICE)]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in pairs],
            "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        }  # fmt: skip
        said: list[Any] = []
        given = False

        async def receive() -> Any:
            nonlocal given
            if given:
                await asyncio.Event().wait()
            given = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        await app(scope, receive, send)
        headers_said = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
        return said[0]["status"], headers_said, b"".join(one.get("body", b"") for one in said[1:])

    async def all_of_them() -> list[Answer]:
        return list(await asyncio.gather(*(one(*each) for each in asked)))

    with ThreadPoolExecutor(1) as own:  # a browser's test may have left its loop running in this thread
        return own.submit(asyncio.run, all_of_them()).result()


class Counting:
    """Django's application, counting how often it is asked."""

    def __init__(self) -> None:
        self.app, self.asked = get_asgi_application(), 0

    async def __call__(self, *given: Any) -> None:
        self.asked += 1
        await self.app(*given)


@pytest.fixture
def door(committing: None) -> tuple[Keeper, Counting]:
    """A published call in a database that threads share, behind a keeper of its own."""
    published()
    inner = Counting()
    return Keeper(inner, SITE, clock=lambda: 100.0), inner


Door = tuple[Keeper, Counting]


@pytest.mark.parametrize("address", [CALL, "/", "/calls", "/calls?state=closed", "/calls/sample-call-2022?from=mail"])
def test_a_kept_page_is_the_page_that_one_reader_alone_would_get(door: Door, address: str) -> None:
    app, inner = door
    [alone] = ask(inner.app, (address, {}))
    [first], [kept] = ask(app, (address, {})), ask(app, (address, {}))
    assert inner.asked == 1
    assert first == kept
    policy = "content-security-policy"  # its parts come in the order of a set
    assert sorted(alone[1].pop(policy).split("; ")) == sorted(kept[1].pop(policy).split("; "))
    assert kept == alone
    assert "set-cookie" not in kept[1]
    assert b"csrf" not in kept[2].lower()


def test_gzip_head_and_what_the_reader_has_already(door: Door) -> None:
    app, inner = door
    [plain] = ask(app, (CALL, {}))
    [packed] = ask(app, (CALL, {"accept-encoding": "br, gzip"}))
    assert packed[1]["content-encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == plain[2]
    assert packed[1]["etag"] == plain[1]["etag"]
    assert "accept-encoding" in packed[1]["vary"].lower()
    assert int(packed[1]["content-length"]) == len(packed[2])
    [head] = ask(app, (CALL, {}), method="HEAD")
    assert (head[0], head[1], head[2]) == (200, plain[1], b"")
    for known in (plain[1]["etag"], plain[1]["etag"].removeprefix("W/"), f'"other", {plain[1]["etag"]}', "*"):
        [same] = ask(app, (CALL, {"if-none-match": known}))
        assert (same[0], same[2], same[1]["etag"]) == (304, b"", plain[1]["etag"])
        [alone] = ask(inner.app, (CALL, {"if-none-match": known}))
        assert alone[0] == 304
        assert alone[1].keys() - {"content-length"} == same[1].keys()
    [other] = ask(app, (CALL, {"if-none-match": '"other"'}))
    assert other == plain
    assert inner.asked == 1


@pytest.mark.django_db
def test_without_the_keeper_a_page_says_the_same() -> None:
    published()
    reader = Client(headers={"host": "localhost", "accept-language": "en"})
    page = reader.get(CALL)
    assert not page.cookies
    again = reader.get(CALL, headers={"if-none-match": page["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", page["ETag"])
    assert reader.get(CALL, headers={"accept-language": "ko"})["ETag"] != page["ETag"]


def test_a_header_sent_twice_puts_no_other_language_into_everybodys_page(door: Door) -> None:
    app, inner = door
    [twice], [alone] = ask(app, (CALL, {"accept-language": "en|ko"})), ask(inner.app, (CALL, {"accept-language": "ko"}))
    [reader] = ask(app, (CALL, {"accept-language": "ko"}))
    assert reader[1]["content-language"] == "ko"
    assert reader[2] == alone[2] != twice[2]


def test_many_who_come_at_once_wait_for_one_page(door: Door) -> None:
    app, inner = door
    answers = ask(app, *[(CALL, {})] * 40)
    assert {answer[0] for answer in answers} == {200}
    assert inner.asked == 1


def test_each_language_and_mode_has_its_own_page(door: Door) -> None:
    app, inner = door
    headers: list[dict[str, str]] = [
        {"accept-language": "en-GB,en;q=0.5"},
        {"accept-language": "ko"},
        {"cookie": "madang-language=ko; other=1"},
        {"cookie": "madang-mode=high-contrast"},
        {"cookie": "madang-mode=nonsense"},
    ]
    for language, one in zip(["en", "ko", "ko", "en", "en"], headers, strict=True):
        [answer] = ask(app, (CALL, one))
        assert f'<html lang="{language}"'.encode() in answer[2]
    assert inner.asked == 3  # English, Korean, high contrast
    [contrast] = ask(app, (CALL, {"cookie": "madang-mode=high-contrast"}))
    assert b'data-krds-mode="high-contrast"' in contrast[2]


def test_whoever_has_a_session_gets_a_page_of_their_own(door: Door) -> None:
    app, inner = door
    client = Client()
    client.force_login(person("aram"))
    cookie = f"madang-session={client.cookies['madang-session'].value}"
    ask(app, (CALL, {}))
    for _ in range(2):
        [mine] = ask(app, (CALL, {"cookie": f"madang-mode=light; madang-language=en; {cookie}"}))
        assert b"My page" in mine[2]
    assert inner.asked == 3
    [everybody] = ask(app, (CALL, {}))
    assert b"My page" not in everybody[2]
    assert inner.asked == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "madang-session=forged"},
        {"cookie": "messages=x"},
        {"authorization": "Basic x"},
        {"range": "bytes=0-9"},
    ],
)
def test_what_may_concern_one_reader_goes_through(door: Door, headers: dict[str, str]) -> None:
    app, inner = door
    ask(app, (CALL, {}))
    ask(app, (CALL, headers))
    assert inner.asked == 2


def test_other_addresses_methods_and_answers_are_not_kept(door: Door) -> None:
    app, inner = door
    for address in ("/preferences", "/verify", "/no-such-page", "/calls/no-such-call", "/calls?format=nonsense"):
        before = inner.asked
        answers = [ask(app, (address, {}))[0] for _ in range(2)]
        assert answers[0][0] == answers[1][0]
        assert inner.asked - before >= 2
    before = inner.asked
    ask(app, (CALL, {}), method="POST")
    assert inner.asked == before + 1


def test_a_page_is_made_again_after_its_second(door: Door) -> None:
    moment, (_, inner) = [100.0], door
    app = Keeper(inner, SITE, clock=lambda: moment[0])
    for later, made in [(0, 1), (0.99, 1), (1.01, 2), (1.99, 2), (2.5, 3)]:
        moment[0] = 100.0 + later
        ask(app, (CALL, {}))
        assert inner.asked == made


def test_made_up_queries_displace_only_one_another(door: Door) -> None:
    inner = door[1]
    app = Keeper(inner, SITE, clock=lambda: 100.0)
    ask(app, (CALL, {}))
    for number in range(keeper.MOST_PAGES_OF_QUERIES + 5):
        ask(app, (f"{CALL}?x={number}", {}))
    assert len(app._queried.pages) == keeper.MOST_PAGES_OF_QUERIES
    assert 0 < app._queried.bytes == sum(page.size for page in app._queried.pages.values())
    before = inner.asked
    ask(app, (CALL, {}))
    assert inner.asked == before
    ask(app, (f"{CALL}?x={'y' * (keeper.LONGEST_QUERY + 1)}", {}))
    assert inner.asked == before + 1


def test_a_room_holds_no_more_bytes_than_it_may() -> None:
    page = keeper.Page([], b"", b"x" * 60, b"", until=1000.0)
    room = Room(most_pages=10, most_bytes=150)
    for number in range(5):
        room.put(number, page)
        assert room.bytes == 60 * len(room.pages) <= 150
    assert list(room.pages) == [3, 4]
    room.put("large", replace(page, plain=b"x" * 151))
    assert list(room.pages) == [3, 4]


def test_an_answer_that_fails_is_kept_for_nobody() -> None:
    async def broken(scope: Any, receive: Any, send: Callable[..., Any]) -> None:
        raise RuntimeError("broken")

    app = Keeper(broken, replace(SITE, keeps=lambda path: True))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            ask(app, (CALL, {}))
    assert app._making == {}
