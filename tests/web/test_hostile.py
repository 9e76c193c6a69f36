"""Whatever is sent to whichever address by somebody who may: a clear answer, never a 500.

For every address of the table, in every state: the forms of its page are filled with hostile values, everywhere and
only where one types; and everything that any view reads of a query is asked for with them.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from html.parser import HTMLParser
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

import madang.web
from madang.web.access_table import table
from tests.factories.world import World, build

VALUES = (
    "\0",
    "9" * 5000,
    "\ud800x",  # half a character
    "[" * 3000,
    "\u202eevil\u2066",
    "-1e999999",
    "<script>alert(1)</script>{{7*7}}{% now %}",
    "=HYPERLINK(1)\r\nSet-Cookie: a=b",
    "9999-99-99T99:99",
    "a" * 70_000,
    "\U0010ffff\u2028",
    "②³٣",  # digits to one function, and none to another
    "{a: &a [1], b: *a, c: !!python/name:os.system x}",
)
TYPED = {"text", "textarea", "email", "search", "url", "tel", "number", "date", "datetime-local", "password"}
READ = re.compile(r'(?:GET|POST)\.get(?:list)?\(\s*"(\w+)"|"(\w+)" in request')
SOURCES = (source.read_text() for source in Path(madang.web.__path__[0]).rglob("*.py"))
ASKED = sorted(
    {name for source in SOURCES for pair in READ.findall(source) for name in pair if name}
    | {"programme", "q", "kind", "rule", "who", "country", "state", "sort", "track", "call", "mine"}
)
BODIES = (
    b"[" * 200_000,
    b'{"changes":' * 50_000,
    b'{"changes": {"at": NaN}, "base": {"at": 1e999}}',
    b'{"changes": {"\\ud800": "\\ud800", "\\u0000": "\\u0000"}, "base": {"\\ud800": -1}, "step": "\\ud800"}',
    b'{"changes": {"title": "x"}, "base": {"title": ' + b"9" * 4000 + b'}, "language": "\\u0000"}',
    b'{"changes": {"title": "x"}, "overwrite": {"title": ' + b"9" * 40 + b'}, "step": 7}',
    b'{"changes": {"title": {"a": [[["x"]]]}}, "base": [], "overwrite": "x"}',
)


class Fields(HTMLParser):
    """The fields of a page's forms: name -> whether one types there, and what stands there."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[bool, str]] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select:
            self.found[self._select] = (False, given.get("value", ""))
        elif tag in ("input", "textarea", "button") and given.get("name") and given.get("type") != "file":
            typed = tag == "textarea" or (tag == "input" and given.get("type", "text") in TYPED)
            self.found[given["name"]] = (typed, given.get("value", ""))


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.DEMO = False
    return build()


def addresses(world: World, method: str) -> Iterator[tuple[str, Client]]:
    """Every address that takes the method, with somebody who may use it."""
    clients: dict[str, Client] = {}
    for route, access in table().items():
        for state in world.states(access.thing):
            get, post = access.states.get(state, (access.get, access.post))
            who = get if method == "get" else post
            if who.allowed or who.visitor != 405:
                persona = "filer" if "filer" in who.allowed else (*who.allowed, "manager")[-2 if who.allowed else -1]
                client = clients.setdefault(persona, world.client(persona))
                yield reverse(route, kwargs=world.parameters(route, access.thing, state)), client


def status(client: Client, method: str, address: str, given: dict[str, str], body: bytes = b"", kind: str = "") -> int:
    """The answer's status, with everything undone; values go out byte for byte."""
    parts = (
        (name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in given.items()
    )
    form = "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in parts)
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        if method == "get":
            answer = client.get(address, QUERY_STRING=form)
        else:
            kind = kind or "application/x-www-form-urlencoded"
            answer = client.generic("POST", address, body or form.encode(), content_type=kind)
        if answer.streaming:
            b"".join(answer.streaming_content)  # type: ignore[arg-type]  # a file's pieces
        transaction.set_rollback(True)
    client.cookies = cookies
    return int(answer.status_code)


def hostile(names: list[str], start: int) -> dict[str, str]:
    """Each name with another value, beginning with the one at `start`."""
    return dict(zip(names, islice(cycle(VALUES), start, None), strict=False))


def test_no_query_brings_a_page_down(world: World) -> None:
    for address, client in addresses(world, "get"):
        for start, form in ((0, ""), (5, "csv")):
            query = {name: value[:2000] for name, value in hostile(ASKED, start).items()}
            got = status(client, "get", address, query | {"format": form})
            assert got < 500, (address, start)


def test_no_form_brings_a_page_down(world: World) -> None:
    for address, client in addresses(world, "post"):
        page = client.get(address)
        page = page if page.status_code == 200 else client.get(address.rpartition("/")[0])
        text = page.content.decode() if not page.streaming and "html" in page.get("Content-Type", "") else ""
        fields = Fields(text).found
        kept = {name: value for name, (_, value) in fields.items()}
        typed = [name for name, (one_types, _) in fields.items() if one_types]
        everywhere = hostile([*fields, *ASKED], 0)
        for given in (everywhere, kept | hostile(typed, 1), kept | hostile(typed, 7)):
            assert status(client, "post", address, given) < 500, (address, given is everywhere)


def test_no_message_of_the_forms_script_brings_it_down(world: World) -> None:
    [address] = {reverse("applicant:save", kwargs=world.things["draft"]["writing"])}
    client = world.client("filer")
    for body in BODIES:
        assert status(client, "post", address, {}, body, "application/json") < 500, body[:60]
