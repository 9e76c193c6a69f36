"""Limits before Django: by address, while a body comes, and in both languages."""

import asyncio
from typing import Any

import pytest
from django.urls import Resolver404, resolve

from madang.web.applicant import form_pages
from madang.web.door import outer
from madang.web.door.asked import LONGEST_ADDRESS, MOST_HEADER_BYTES, MOST_HEADERS
from madang.web.door.bodies import MOST_LARGE_OF_ONE, SMALL, Slots
from madang.web.door.known import Known
from madang.web.door.pages import ANSWERS
from madang.web.door.rules import (
    CHECKED,
    FORM,
    HANDED,
    LARGE,
    MB,
    PASSWORD,
    PIECE,
    PLAIN,
    PRESS,
    PRESS_MOST,
    STEP,
    VERIFY,
    Room,
    rule_of,
)  # fmt: skip
from tests.web.door_parts import PRESS as AT
from tests.web.door_parts import Caller, Work, door, run, settled


def test_every_address_has_the_rule_that_is_meant_for_it() -> None:
    """The addresses are those of the site: whatever moves there must move here."""
    posts = {
        "/applications/abc/file": PRESS,
        "/applications/abc/save": FORM,
        "/applications/abc/people": FORM,
        "/applications/abc/s-first": STEP,
        "/applications/abc/uploads": FORM,
        "/applications/abc/uploads/def": PIECE,
        "/applications/abc/withdraw": FORM,
        "/papers/abc": HANDED,
        "/verify/receipt": CHECKED,
        "/account/login/": PASSWORD,
        "/account/signup/": PASSWORD,
        "/account/reauthenticate/": PASSWORD,
        "/account/password/change/": PASSWORD,
        "/account/password/set/": PASSWORD,
        "/account/password/reset/": PASSWORD,
        "/account/login/code/confirm/": FORM,
        "/account/signup/code/": FORM,
        "/verify": VERIFY,
        "/preferences": FORM,
        "/calls/some-call/apply": FORM,
    }
    assert {path: rule_of("POST", path) for path in posts} == posts
    rooms = {
        "/static/css/madang.css": Room.FILES,
        "/healthz": Room.FILES,
        "/applications/abc/preview.pdf": Room.SLOW,
        "/applications/abc/receipts/1/receipt.pdf": Room.SLOW,
        "/results/some-call/1/report.pdf": Room.SLOW,
        "/results/some-call/1": Room.PAGES,
        "/applications/abc/files/def": Room.PAGES,
        "/": Room.PAGES,
    }
    assert {path: rule_of("GET", path).room for path in rooms} == rooms
    not_ours = {"/static/css/madang.css"}
    announced = {
        "/applications/abc/uploads/def",
        "/papers/abc",
        "/verify/receipt",
        "/applications/abc/receipts/1/receipt.pdf",
    }
    for path in [*posts, *rooms]:
        if path not in not_ours | announced:
            resolve(path)  # raises where the site has no such address
    with pytest.raises(Resolver404):
        resolve("/no/such/address")


def test_a_step_takes_what_its_view_takes() -> None:
    assert STEP.most == form_pages.LARGEST_BODY


def test_methods_without_a_body_have_none_and_tricks_in_a_path_win_nothing() -> None:
    assert {rule_of(method, AT) for method in ("GET", "HEAD", "OPTIONS", "DELETE", "BREW")} == {PLAIN}
    for path in (
        "/applications/abc/file/",
        "/applications//file",
        "/applications/abc/file\n",
        "/x/applications/abc/file",
    ):
        assert rule_of("POST", path).most <= STEP.most
        assert rule_of("POST", path) is not PRESS


Sent = dict[str, Any]


def answer_to(*, session: str = "s", **asked: Any) -> tuple[Caller, Work]:
    work = Work()

    async def sent() -> Caller:
        return await Caller(door(work), session=session, **asked).answered()

    return run(sent), work


BODY = b"x" * 100


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"path": AT, "method": "POST", "body": b"x" * PRESS_MOST}, 200),
        ({"path": AT, "method": "POST", "body": b"x" * (PRESS_MOST + 1)}, 413),
        ({"path": AT, "method": "POST", "body": b"x" * (PRESS_MOST + 1), "transfer_encoding": "chunked"}, 413),
        ({"path": AT, "method": "POST", "body": BODY, "transfer_encoding": "chunked"}, 200),
        ({"path": AT, "method": "POST", "body": b"x" * (PRESS_MOST + 1), "version": "2", "content_length": "5"}, 413),
        ({"path": "/applications/a/uploads/b", "method": "PATCH", "body": BODY, "content_length": str(9 * MB)}, 413),
        ({"path": "/applications/a/s-b", "method": "POST", "content_length": str(STEP.most + 1)}, 413),
        ({"path": "/applications/a/s-b", "method": "POST", "content_length": str(65 * 1024), "session": ""}, 413),
        ({"path": "/calls/x/ask", "method": "POST", "content_length": str(65 * 1024), "session": ""}, 413),
        ({"path": "/calls/x/ask", "method": "POST", "content_length": str(5 * MB)}, 413),
        ({"path": "/account/signup/", "method": "POST", "content_length": str(65 * 1024)}, 413),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "99"}, 400),  # longer than it said
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "101"}, 400),  # shorter
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "100|100"}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "1e2"}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "-1"}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "+100"}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": " 100"}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": ""}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "٥"}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "9" * 30}, 400),
        ({"path": "/x", "method": "POST", "body": BODY, "content_length": "100", "transfer_encoding": "chunked"}, 400),
        (
            {
                "path": "/x",
                "method": "POST",
                "transfer_encoding": "chunked",
                "content_type": "multipart/form-data; b=1",
            },
            411,
        ),
        ({"path": "/x", "method": "POST", "body": b""}, 200),
        ({"path": "/", "method": "GET", "body": BODY}, 413),
        ({"path": "/", "method": "HEAD", "body": BODY}, 413),
        ({"path": "/", "method": "GET", "body": b"", "content_length": "0"}, 200),
        ({"path": "/", "x_1": "y" * MOST_HEADER_BYTES}, 431),
        ({"path": "/", **{f"x_{n}": "y" for n in range(MOST_HEADERS + 1)}}, 431),
        ({"path": "/" + "y" * LONGEST_ADDRESS}, 414),
        ({"path": "/?" + "y" * LONGEST_ADDRESS}, 414),
    ],
)
def test_what_is_beyond_the_limits_is_told_so_and_goes_no_further(asked: Sent, status: int) -> None:
    caller, work = answer_to(**asked)
    assert caller.status == status
    assert len(work.began) == (status == 200)
    if status != 200:
        assert caller.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in caller.headers["content-security-policy"]
        assert caller.headers.get("connection") == ("close" if asked.get("version", "1.1") == "1.1" else None)
        assert bool(caller.body) == (asked.get("method") != "HEAD")


def test_a_body_beyond_the_limit_is_given_up_where_it_passes_it() -> None:
    """Nobody has to send two thousand megabytes to hear that sixteen kilobytes were allowed."""
    work = Work()

    async def sent() -> None:
        asked = Caller(door(work), AT, method="POST", body=None, transfer_encoding="chunked")
        asked.give(b"x" * PRESS_MOST, more=True)
        await settled()
        assert asked.status == 0
        asked.give(b"x", more=True)
        await settled()
        assert asked.status == 413
        asked.give(b"x" * 1000, more=True)  # what still comes is taken, so that the answer can be read
        await settled()
        assert not asked.task.done()
        asked.hang_up()
        await asked.answered()

    run(sent)
    assert work.began == []


def test_a_body_that_is_too_slow_is_given_up() -> None:
    work = Work()

    async def sent() -> Caller:
        loop = asyncio.get_running_loop()
        began, ahead = loop.time(), 0.0
        loop.time = lambda: began + ahead  # type: ignore[method-assign]  # the loop's clock, set by hand
        asked = Caller(door(work), AT, method="POST", body=None, content_length="10")
        asked.give(b"x", more=True)
        await settled()
        ahead = 29.9
        asked.give(b"x", more=True)
        await settled()
        assert asked.status == 0
        ahead = 30.1
        await settled()
        assert asked.status == 408
        asked.hang_up()
        return await asked.answered()

    run(sent)
    assert work.began == []


@pytest.mark.parametrize(("language", "said"), [("ko", "보낼 수 있는 최대 크기는 16 KB"), ("en", "At most 16 KB")])
def test_the_answer_is_in_the_readers_language_and_form(language: str, said: str) -> None:
    large = {"path": AT, "method": "POST", "body": b"x" * (PRESS_MOST + 1)}
    page, _ = answer_to(**large, accept_language=language)
    assert page.headers["content-language"] == language
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}" data-krds-mode="light">' in page.body.decode()
    assert said in page.body.decode()
    chosen = f"madang-language={language}; madang-mode=high-contrast; madang-session=s"
    script, _ = answer_to(**large, session="", cookie=chosen, accept="application/json", accept_language="fr")
    assert script.headers["content-type"] == "application/json"
    assert said in script.json["reasons"][0]
    contrast, _ = answer_to(**large, session="", cookie=chosen, accept="text/html,application/json")
    assert b'data-krds-mode="high-contrast"' in contrast.body


def test_every_answer_is_there_in_both_languages_without_a_mark_left_in_it() -> None:
    from madang.web.door.asked import Asked
    from madang.web.door.prepared import prepared

    async def said(name: str, language: str, by_script: bool) -> str:
        heard: list[Any] = []

        async def send(message: Any) -> None:
            heard.append(message)

        asked = Asked("GET", PRESS, "", languages=language.encode(), by_script=by_script)
        await prepared().answer(name, asked, send, ahead=1234, expected=17.2)
        assert heard[0]["status"] == ANSWERS[name]
        return str(heard[1]["body"].decode())

    for name in ANSWERS:
        for by_script in (False, True):
            korean, english = (run(lambda: said(name, one, by_script)) for one in ("ko", "en"))  # noqa: B023 - at once
            assert korean != english
            assert "\N{PILCROW SIGN}" not in korean + english
    assert "1,234" in run(lambda: said("busy", "en", False))
    assert 'http-equiv="refresh" content="17"' in run(lambda: said("busy", "en", False))
    assert "refresh" not in run(lambda: said("busy-form", "en", False))


def test_large_bodies_of_one_client_do_not_take_all_the_slots() -> None:
    slots = Slots()
    assert [slots.take("one") for _ in range(MOST_LARGE_OF_ONE + 1)] == [True] * MOST_LARGE_OF_ONE + [False]
    others = sum(slots.take(f"other {n}") for n in range(100))
    assert others == slots.most - MOST_LARGE_OF_ONE
    slots.leave("one")
    assert slots.take("late")
    assert not slots.take("later")


def test_a_large_body_needs_a_slot_and_a_small_one_never_does() -> None:
    work = Work()

    async def sent() -> None:
        app = door(work)
        app._slots = Slots(most=1)
        large = {"method": "POST", "body": None, "session": "s", "content_length": str(2 * LARGE)}
        first = Caller(app, "/applications/a/s-b", **large)
        first.give(b"x" * SMALL, more=True)
        await settled()
        second = Caller(app, "/applications/a/s-b", **large, accept="application/json")
        second.give(b"x" * SMALL, more=True)
        second.hang_up()
        await second.answered()
        assert (second.status, second.json["retry_after"]) == (503, 5)
        assert (await Caller(app, "/x", method="POST", session="s", body=b"x" * SMALL).answered()).status == 200
        assert (await Caller(app, AT, method="POST", session="s", body=b"x").answered()).status == 200
        first.hang_up()  # whoever leaves gives the slot back
        await first.answered()
        third = Caller(app, "/applications/a/s-b", **large)
        third.give(b"x" * SMALL, more=True)
        third.give(b"x" * (2 * LARGE - SMALL))
        assert (await third.answered()).status == 200

    run(sent)
    assert work.began == ["/x", AT, "/applications/a/s-b"]


def test_one_person_cannot_flood_and_a_press_is_never_counted() -> None:
    work, seconds = Work(), [0.0]
    known = Known(5, clock=lambda: seconds[0])
    known.learn("s", "somebody", "en")
    known.learn("s-2", "somebody", "en")  # a second session is no second person
    known.learn("o", "other", "en")

    async def sent(session: str, path: str = "/applications/a/save", method: str = "POST") -> int:
        asked = Caller(app, path, method=method, body=b"x" if method == "POST" else b"", session=session)
        return (await asked.answered()).status

    app = door(work, known=known)

    async def all_of_them() -> None:
        assert [await sent("s") for _ in range(6)] == [200] * 5 + [429]
        assert await sent("s-2") == 429
        assert await sent("o") == 200
        assert await sent("s", AT) == 200
        assert await sent("s", "/applications/a/changes", "GET") == 200
        assert await sent("unknown") == 200
        seconds[0] = 12.0
        assert [await sent("s"), await sent("s")] == [200, 429]

    run(all_of_them)


def test_expecting_to_continue_a_body_is_not_waited_for() -> None:
    caller, _ = answer_to(path=AT, method="POST", content_length=str(MB), body=None, expect="100-continue")
    assert caller.status == 413


def test_what_is_no_request_is_answered_properly() -> None:
    async def lifespan() -> list[str]:
        said: list[str] = []
        coming = iter(["lifespan.startup", "lifespan.shutdown"])

        async def receive() -> Any:
            return {"type": next(coming)}

        async def send(message: Any) -> None:
            said.append(message["type"])

        await door(Work())({"type": "lifespan"}, receive, send)
        await door(Work())({"type": "websocket", "path": "/"}, receive, send)
        return said

    assert run(lifespan) == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


def test_few_are_read_on_at_the_same_time() -> None:
    """Whoever refuses to stop sending holds a connection for seconds; only so many are given that."""

    async def sent() -> None:
        app = door(Work())
        app._lingering = outer.MOST_LINGERING
        assert (await Caller(app, AT, method="POST", body=None, content_length=str(MB)).answered()).status == 413

    run(sent)
