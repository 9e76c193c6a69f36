"""An answer in another language beside its original; machine translation by a real service over HTTP."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from madang.apps.applications.commands import (
    set_translation,
    take_over_translation,
    translate_by_machine,
)
from madang.apps.applications.queries import translations_of
from madang.kernel.commands import Refused
from madang.words import say
from tests.factories.drafts import World

pytestmark = pytest.mark.django_db


class Engine(BaseHTTPRequestHandler):
    """Answers as LibreTranslate does; what it was asked is kept, and what it says can be set."""

    asked: list[dict[str, Any]]
    says: bytes | None
    status: int

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append({"path": self.path, **asked})
        body = json.dumps({"translatedText": f"{asked['target']}: {asked['q']}"}).encode()
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(body if self.says is None else self.says)

    def log_message(self, *_: Any) -> None:
        """Nothing into the test's output."""


@pytest.fixture
def engine(settings: Any) -> Iterator[type[Engine]]:
    Engine.asked, Engine.says, Engine.status = [], None, 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.TRANSLATOR_URL = f"http://127.0.0.1:{server.server_port}"
    yield Engine
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def world() -> World:
    world = World()
    world.save(why="시민의 안전", mail="a@example.org", people="5")
    return world


def refusal(function: Any, **given: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        function(**given)
    for reason in refused.value.reasons:
        assert reason.code not in say(reason, "en")
    return [reason.code for reason in refused.value.reasons]


def test_a_person_translates_and_a_later_change_makes_it_stale(world):
    given = {"actor": world.second, "draft": world.draft, "key": "why", "language": "en"}
    set_translation(**given, text="Safety of\r\nresidents")
    [found] = translations_of(world.draft)
    assert (found.translation.text, found.translation.origin, found.stale) == ("Safety of\nresidents", "person", False)
    world.save(base={"why": 1}, why="시민의 건강")
    assert translations_of(world.draft)[0].stale
    assert world.stored()["why"] == "시민의 건강", "the original alone counts"
    set_translation(**given, text="Health of residents")
    assert not translations_of(world.draft)[0].stale
    set_translation(**given, text="")
    assert translations_of(world.draft) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"key": "people"}, "draft_nothing_to_translate"),
        ({"key": "name"}, "draft_nothing_to_translate"),
        ({"key": "forged"}, "draft_nothing_to_translate"),
        ({"language": "ko"}, "draft_same_language"),
        ({"language": "ko-KR"}, "draft_same_language"),
        ({"language": "<en>"}, "no_such_language"),
        ({"text": "a\x00"}, "form_text_broken"),
        ({"text": "x" * 100_001}, "form_text_too_long"),
    ],
)
def test_what_is_no_translation(world, more, code):
    given = {"actor": world.first, "draft": world.draft, "key": "why", "language": "en", "text": "x"}
    assert refusal(set_translation, **{**given, **more}) == [code]
    assert refusal(set_translation, **{**given, "actor": world.stranger}) == ["not_permitted"]


def test_a_machine_translates_and_is_marked_until_a_person_takes_it_over(world, engine):
    given = {"actor": world.first, "draft": world.draft, "key": "why", "language": "en"}
    found = translate_by_machine(**given)
    assert (found.text, found.origin, found.engine) == ("en: 시민의 안전", "machine", "LibreTranslate")
    assert found.by is None
    assert engine.asked == [
        {"path": "/translate", "q": "시민의 안전", "source": "ko", "target": "en", "format": "text"}
    ]
    taken = take_over_translation(**given)
    assert (taken.text, taken.origin, taken.engine, taken.by) == (found.text, "person", "LibreTranslate", world.aram)
    assert refusal(translate_by_machine, **given) == ["draft_translated_by_person"]
    assert refusal(take_over_translation, **{**given, "language": "id"}) == ["draft_not_translated"]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (500, None),
        (200, b"no json"),
        (200, b"[]"),
        (200, b'{"translatedText": 7}'),
        (200, b'{"translatedText": " "}'),
        (200, b'{"translatedText": "a\\u0000"}'),
        (200, b'{"translatedText": "\\ud800"}'),
    ],
)
def test_an_engine_that_fails_is_said_so_and_changes_nothing(world, engine, status, says):
    engine.status, engine.says = status, says
    given = {"actor": world.first, "draft": world.draft, "key": "why", "language": "en"}
    assert refusal(translate_by_machine, **given) == ["draft_translator_failed"]
    assert translations_of(world.draft) == []


def test_without_an_engine_nothing_leaves_the_house(world, settings):
    given = {"actor": world.first, "draft": world.draft, "key": "why", "language": "en"}
    assert settings.TRANSLATOR_URL == ""
    assert refusal(translate_by_machine, **given) == ["draft_no_translator"]
    settings.TRANSLATOR_URL = "http://127.0.0.1:9"
    assert refusal(translate_by_machine, **given) == ["draft_translator_failed"]
    assert refusal(translate_by_machine, **{**given, "actor": world.stranger}) == ["not_permitted"]
