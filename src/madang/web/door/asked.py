"""What the door reads of a request's head, and what is wrong with it before a byte of its body has come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from madang.web.door.asgi import ARRIVED_AT, ASKED, Headers, Scope
from madang.web.door.known import Somebody
from madang.web.door.proxies import Proxies, household, told_arrival, told_client
from madang.web.door.rules import LARGE, READING, Room, Rule, rule_of

MOST_HEADERS: Final = 100
MOST_HEADER_BYTES: Final = 32 * 1024
"""Names and values together. Browsers send one to three thousand, with cookies of a whole ministry eight."""
LONGEST_ADDRESS: Final = 8 * 1024
"""Path and query."""


@dataclass(slots=True)
class Asked:
    """A request as the door sees it. `length` is the announced size of its body, nothing where none was announced."""

    method: str
    rule: Rule
    peer: str
    session: str = ""
    cookies: bytes = b""
    languages: bytes = b""
    by_script: bool = False
    """The answer is read by a program: JSON instead of a page."""
    length: int | None = None
    has_body: bool = False
    one_at_a_time: bool = True
    """HTTP/1: a connection carries one request at a time, and can be closed behind an answer."""
    awaits_continue: bool = False
    person: Somebody | None = None
    received: int = 0
    """Bytes of the body that have come so far."""

    @property
    def writes(self) -> bool:
        return self.method not in READING

    @property
    def client(self) -> str:
        """Whose turn it is: the person's, else everybody's at this address."""
        return f"person {self.person.uid}" if self.person else household(self.peer)

    @property
    def most(self) -> int:
        return self.rule.most if self.session else self.rule.visitors

    @property
    def room(self) -> Room:
        """Where it waits, as far as that depends on what has come."""
        if self.rule.splits and max(self.received, self.length or 0) > LARGE:
            return Room.UPLOADS
        return self.rule.room


@dataclass(slots=True)
class _Found:
    """Headers that matter here, by name."""

    lengths: list[bytes] = field(default_factory=list)
    arrivals: list[bytes] = field(default_factory=list)
    clients: list[bytes] = field(default_factory=list)
    chunked: bool = False
    multipart: bool = False
    size: int = 0
    html: bool = False


def read(scope: Scope, proxies: Proxies, cookie: bytes, stamp: dt.datetime) -> tuple[Asked, str]:
    """The request, and the name of a fault (`pages.ANSWERS`) or nothing. Puts stamp, reader's address and itself into
    the scope, and takes the headers out of it that only a proxy may send.
    """
    headers: Headers = scope["headers"]
    root, path = scope.get("root_path") or "", scope["path"]
    method = scope["method"].upper()
    asked = Asked(method, rule_of(method, path.removeprefix(root)), (scope.get("client") or ("",))[0] or "")
    found = _sorted(headers, asked, proxies)
    scope[ARRIVED_AT], scope[ASKED] = stamp, asked
    if found.arrivals or found.clients:
        scope["headers"] = [one for one in headers if one[0] not in (proxies.arrival, proxies.client)]
        if proxies.believes(asked.peer):
            scope[ARRIVED_AT] = told_arrival(found.arrivals, stamp)
            if told := told_client(found.clients):
                asked.peer, scope["client"] = told, (told, 0)
        else:
            proxies.note(asked.peer)
    asked.session = _last(asked.cookies, cookie) if asked.cookies else ""
    fault = _fault(scope, asked, found)
    asked.one_at_a_time = scope["http_version"].startswith("1")
    # In HTTP/1 a body is announced; in HTTP/2 it may come unannounced.
    asked.has_body = bool(asked.length or found.chunked or not asked.one_at_a_time)
    return asked, fault


def _sorted(headers: Headers, asked: Asked, proxies: Proxies) -> _Found:
    found = _Found()
    for name, value in headers:
        found.size += len(name) + len(value)
        if name == b"cookie":
            asked.cookies = asked.cookies + b"; " + value if asked.cookies else value  # as browsers send them in HTTP/2
        elif name == b"accept":
            found.html = found.html or b"text/html" in value
            asked.by_script = not found.html and b"json" in value
        elif name == b"accept-language":
            asked.languages = asked.languages + b"," + value if asked.languages else value
        elif name == b"content-length":
            found.lengths.append(value)
        elif name == b"content-type":
            found.multipart = value[:10].lower() == b"multipart/"
        elif name == b"transfer-encoding":
            found.chunked = True
        elif name == b"expect":
            asked.awaits_continue = True
        if name == proxies.arrival:
            found.arrivals.append(value)
        elif name == proxies.client:
            found.clients.append(value)
    return found


def _last(cookies: bytes, name: bytes) -> str:
    """The value of a cookie, the last one where there are several, as Django reads them."""
    if name not in cookies:
        return ""
    value = b""
    for one in cookies.split(b";"):
        key, is_pair, given = one.partition(b"=")
        if is_pair and key.strip() == name:
            value = given.strip()
    return value.decode("latin-1")


def _fault(scope: Scope, asked: Asked, found: _Found) -> str:
    if found.size > MOST_HEADER_BYTES or len(scope["headers"]) > MOST_HEADERS:
        return "headers"
    if len(scope["path"]) + len(scope.get("query_string", b"")) > LONGEST_ADDRESS:
        return "address"
    if found.lengths:
        given = found.lengths[0]
        if len(found.lengths) > 1 or found.chunked or not given.isdigit() or len(given) > 18:
            return "length"
        asked.length = int(given)
    elif found.multipart and asked.writes:
        return "no-length"  # Django would take it for an empty form
    if (asked.length or 0) > asked.most:
        return "large"
    return ""
