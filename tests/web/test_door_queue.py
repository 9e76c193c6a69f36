"""The queue before Django: who goes in first, what holds no place, and what is said to whoever cannot wait."""

import asyncio
from typing import Any

import pytest

from madang.web.door.asgi import FOR_MANY, KNOWN
from madang.web.door.places import State
from madang.web.door.rules import LARGE
from madang.web.keeper import Keeper, Reader, Site
from tests.web.door_parts import PRESS, Caller, House, door, run, settled

SAVE = "/applications/abc/save"
LOGIN = "/account/login/"
STEP = "/applications/abc/s-first"


def post(house: House, name: str, path: str, **more: Any) -> Caller:
    return house.ask(name, path, method="POST", **({"body": b"x=1"} | more))


def test_presses_come_first_then_people_then_visitors_in_turn() -> None:
    async def rush() -> list[str]:
        house = House("s-1", "s-2")
        await house.busy("holds")
        await house.busy("holds the press", path=PRESS, method="POST", body=b"x")
        callers = [house.ask(f"visit {n}", "/calls", address="203.0.113.5") for n in range(20)]
        callers += [house.ask("other visit", "/calls", address="203.0.113.6")]
        callers += [post(house, f"save {n}", SAVE, session="s-1") for n in range(3)]
        callers += [post(house, "other save", SAVE, session="s-2")]
        callers += [post(house, "press", PRESS, session="s-2")]
        await settled()
        assert house.queue.places.waiting == len(callers)
        house.work.finish("holds")
        await house.work.finish_all(*callers)
        assert {caller.status for caller in callers} == {200}
        return house.work.began[2:]

    began = run(rush)
    assert began[0] == "press"
    assert began.index("other save") <= 3
    assert began.index("save 2") < began.index("visit 3")
    assert began.index("other visit") < began.index("visit 2")


def test_never_more_are_at_work_than_there_are_places_and_one_writes_at_a_time() -> None:
    async def rush() -> None:
        house = House("s", threads=3, writers=1)
        callers = [house.ask(f"page {n}", session="s") for n in range(30)]
        callers += [post(house, f"save {n}", SAVE, session="s") for n in range(30)]
        await settled()
        while not all(caller.task.done() for caller in callers):
            assert len(house.work.at_work) <= 3
            assert sum(name.startswith("save") for name in house.work.at_work) <= 1
            house.work.finish(next(iter(house.work.at_work)))
            await settled()

    run(rush)


def test_visitors_never_have_all_the_places() -> None:
    async def rush() -> None:
        house = House("s", threads=2)
        for n in range(10):
            house.ask(f"visit {n}", address=f"203.0.113.{n}")
        await settled()
        assert len(house.work.at_work) == 1
        house.ask("page", session="s")
        await settled()
        assert "page" in house.work.at_work

    run(rush)


def test_a_slow_sender_holds_no_place() -> None:
    async def rush() -> None:
        house = House("s")
        slow = [post(house, f"slow {n}", STEP, session="s", body=None, content_length="9") for n in range(20)]
        for one in slow:
            one.give(b"12345678", more=True)
        large = post(house, "large", STEP, session="s", body=None, content_length=str(2 * LARGE))
        large.give(b"x" * LARGE, more=True)
        await settled()
        assert house.work.began == []
        quick = post(house, "quick", SAVE, session="s")
        await settled()
        house.work.finish("quick")
        assert (await quick.answered()).status == 200
        slow[3].give(b"9")
        await settled()
        assert house.work.began == ["quick", "slow 3"]

    run(rush)


def test_a_large_body_and_a_password_have_places_of_their_own() -> None:
    async def rush() -> None:
        house = House("s")
        post(house, "page's place", SAVE, session="s")
        for n in range(5):
            post(house, f"password {n}", LOGIN, address=f"203.0.113.{n}")
            post(house, f"large {n}", STEP, session="s", body=b"x" * (LARGE + 1))
        post(house, "press", PRESS, session="s")
        house.ask("style", "/static/css/madang.css")
        house.ask("paper", "/applications/abc/preview.pdf", session="s")
        await settled()
        assert sorted(house.work.at_work) == ["large 0", "page's place", "paper", "password 0", "press", "style"]
        house.work.finish("password 0")
        await settled()
        assert "password 1" in house.work.at_work

    run(rush)


def test_an_answer_that_has_begun_holds_no_place() -> None:
    async def stream() -> None:
        house = House("s")
        sent = asyncio.Event()

        async def download(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"] != "/download":
                return await house.work(scope, receive, send)
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await sent.wait()
            await send({"type": "http.response.body", "body": b"file"})

        house.queue._app = download
        long = house.ask("download", "/download", session="s")
        await settled()
        assert long.status == 200
        page = house.ask("page", session="s")
        await settled()
        house.work.finish("page")
        assert (await page.answered()).status == 200
        sent.set()
        assert (await long.answered()).body == b"file"

    run(stream)


def test_whoever_leaves_while_waiting_costs_nothing_but_a_press_has_arrived() -> None:
    async def rush() -> None:
        house = House("s")
        await house.busy("holds")
        await house.busy("holds the press", path=PRESS, method="POST", body=b"x")
        gone = [house.ask("gone", session="s"), post(house, "gone too", SAVE, session="s")]
        stays, press = house.ask("stays", session="s"), post(house, "press", PRESS, session="s")
        await settled()
        assert house.queue.places.waiting == 4
        for one in (*gone, press):
            one.hang_up()
        await settled()
        assert [one.task.done() for one in gone] == [True, True]
        assert house.queue.places.waiting == 2
        house.work.finish("holds")
        await house.work.finish_all(stays, press)
        assert house.work.began[2:] == ["press", "stays"]
        assert [one.status for one in gone] == [0, 0]
        assert house.queue.places.waiting == 0

    run(rush)


def test_a_work_that_fails_gives_its_place_back() -> None:
    async def broken() -> None:
        house = House("s")

        async def fails(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            raise RuntimeError("broken")

        house.queue._app = fails
        for n in range(3):
            with pytest.raises(RuntimeError, match="broken"):
                await house.ask(f"page {n}", session="s").answered()

    run(broken)


def test_who_cannot_wait_is_told_the_truth_and_a_press_is_never_sent_away() -> None:
    async def rush() -> tuple[Caller, Caller, Caller, list[Caller]]:
        house = House("s")
        await house.busy("holds")
        await house.busy("holds the press", path=PRESS, method="POST", body=b"x")
        for line in house.plan.lines.values():
            if line.most is not None:
                line.most = 3
        for n in range(3):
            house.ask(f"visit {n}", address=f"203.0.113.{n}")
            post(house, f"visit's form {n}", "/calls/x/ask", address=f"203.0.113.{n}")
            house.ask(f"page {n}", session="s")
        presses = [post(house, f"press {n}", PRESS, address=f"203.0.113.{n}") for n in range(50)]
        presses += [post(house, f"press of s {n}", PRESS, session="s") for n in range(50)]
        await settled()
        late = await house.ask("late", address="203.0.113.99", accept_language="ko").answered()
        form = await post(house, "form", "/calls/x/ask", address="203.0.113.99", accept_language="en").answered()
        script = await house.ask("script", session="s", accept="application/json", accept_language="en").answered()
        house.work.finish("holds")
        await house.work.finish_all(*presses)
        assert "late" not in house.work.began
        return late, form, script, presses

    late, form, script, presses = run(rush)
    assert [late.status, form.status, script.status] == [503, 503, 503]
    assert late.headers["retry-after"] == "5"
    assert "앞서 기다리는 요청이 3건입니다" in late.body.decode()
    assert '<meta http-equiv="refresh" content="5">' in late.body.decode()
    assert "저장한 내용은 안전하게" in late.body.decode()
    assert "was not taken yet" in form.body.decode()
    assert "refresh" not in form.body.decode()  # what was typed stands behind the Back button
    assert script.json["retry_after"] == 5
    assert {press.status for press in presses} == {200}


def test_whoever_waits_too_long_is_told_so_meanwhile() -> None:
    async def rush() -> Caller:
        house = House()
        await house.busy("holds")
        house.plan.lines["pages, visitors"].patience = 0.06  # more than is expected of a line that has just begun
        return await house.ask("waits").answered()

    assert run(rush).status == 503


def test_a_made_up_session_is_a_visitor_and_one_that_django_has_seen_is_known() -> None:
    async def rush() -> None:
        house = House()
        house.work.signed_in = ("real",)
        first = house.ask("first", session="real")
        await settled()
        assert house.plan.lines["pages, visitors"].ways[0][0].taken == 1
        house.work.finish("first")
        await first.answered()
        await house.busy("holds")
        for name in ("real", "made up"):
            house.ask(name, session=name)
            post(house, f"press {name}", PRESS, session=name)
            post(house, f"another press {name}", PRESS, session=name)
        await settled()
        waiting = {line.name: line.waiting for line in house.plan.lines.values() if line.waiting}
        assert waiting == {"press, known": 1, "press, visitors": 2, "pages, known": 1, "pages, visitors": 1}
        house.work.finish("holds")
        await settled()
        # The place of the pages is for presses of known people too, never for made-up ones.
        assert sorted(house.work.at_work) == ["another press real", "press real"]

    run(rush)


def test_made_up_sessions_do_not_multiply_turns() -> None:
    async def rush() -> list[str]:
        house = House()
        await house.busy("holds")
        callers = [house.ask(f"attack {n}", session=f"made-up-{n}", address="203.0.113.5") for n in range(20)]
        callers.append(house.ask("visitor", address="203.0.113.6"))
        await settled()
        house.work.finish("holds")
        await house.work.finish_all(*callers)
        return house.work.began[1:]

    assert run(rush).index("visitor") == 1


def test_a_kept_page_is_answered_while_the_queue_is_full() -> None:
    async def rush() -> None:
        house, clock = House(), [0.0]
        site = Site(keeps=lambda path: path == "/kept", reads=lambda cookies, languages: Reader("en", "light"))
        house.door = door(Keeper(house.queue, site, clock=lambda: clock[0]), known=house.known)
        pages: list[Any] = []

        async def work(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"] != "/kept":
                return await house.work(scope, receive, send)
            await receive()
            pages.append(scope.get(FOR_MANY, False))
            headers = [(b"etag", b'W/"1"'), (b"content-type", b"text/html")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"kept"})

        house.queue._app = work
        assert (await house.ask("first", "/kept").answered()).body == b"kept"
        await house.busy("holds")
        for n in range(300):
            house.ask(f"visit {n}", "/x", address=f"203.0.113.{n % 200}")
        await settled()
        assert house.plan.lines["pages, visitors"].waiting == 200
        assert (await house.ask("other", "/x", address="203.0.113.250").answered()).status == 503
        assert (await house.ask("again", "/kept").answered()).body == b"kept"
        assert pages == [True]
        clock[0] = 2.0  # its second is over: it is made anew before the visitors' own pages
        again = [house.ask(f"again {n}", "/kept", address=f"203.0.113.{n}") for n in range(30)]
        house.ask("query", "/kept?made=up")  # made-up queries wait with the visitors
        await settled()
        assert {line.name: line.waiting for line in house.plan.lines.values() if line.waiting} == {
            "kept pages": 1,
            "pages, visitors": 200,
        }
        house.work.finish("holds")
        for one in again:
            assert (await one.answered()).body == b"kept"
        assert house.plan.lines["pages, visitors"].waiting > 190
        assert pages.count(True) == 2

    run(rush)


def test_the_application_hears_that_its_reader_is_gone() -> None:
    async def listening() -> None:
        house, heard = House("s"), asyncio.Event()

        async def waits(scope: Any, receive: Any, send: Any) -> None:
            assert (await receive())["type"] == "http.request"
            assert (await receive())["type"] == "http.disconnect"
            heard.set()

        house.queue._app = waits
        at_once, waited = house.ask("at once", session="s"), house.ask("waited", session="s")
        await settled()
        at_once.hang_up()
        await at_once.answered()
        await settled()
        heard.clear()
        waited.hang_up()
        await waited.answered()
        assert heard.is_set()

    run(listening)


def test_what_django_has_seen_is_learned_even_where_nobody_waits() -> None:
    async def learned() -> None:
        house = House()
        house.work.signed_in = ("s",)
        asked = house.ask("page", session="s")
        await settled()
        house.work.finish()
        await asked.answered()
        assert asked.scope[KNOWN][0] == "s"
        person = house.known.of("s")
        assert person is not None
        assert person.uid == "uid of s"
        ticket = house.queue.places.ask(house.plan.lines["pages, known"], "somebody")
        assert ticket.state is State.IN  # the place was given back

    run(learned)
