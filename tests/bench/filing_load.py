"""The load of the filing benchmark: a process of its own, whose processor time is told apart from the servers'.

Reads one question (JSON) from standard input: `system` (`madang` or `bare`), `ports`, `who` (sessions and drafts),
`clients`, `most` flows, and `rate` (flows a second that begin whatever became of the others; without it each client
begins its next flow when the last has ended). Prints what came of it, as JSON.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.torture.applicant import multipart
from tests.torture.client import Answer, Connection, cookies_of
from tests.torture.world import paper

FILE_BYTES: Final = 20_000
CODE_WITHIN_S: Final = 30
FAULT: Final = re.compile(r"form-hint-invalid[^>]*>([^<]{3,200})")
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Told:
    flows: int = 0
    errors: list[str] = field(default_factory=list)
    press_s: list[float] = field(default_factory=list)
    flow_s: list[float] = field(default_factory=list)


class Refused(Exception):
    """An answer that the flow does not expect."""


class Browser:
    """One applicant: a kept-alive connection, cookies, and the token that forms carry."""

    def __init__(self, port: int, who: Mapping[str, Any], names: tuple[str, str]) -> None:
        self._port, self._connection, self._names = port, Connection(), names
        self._token = f"{who['number']:032d}"
        self._cookies = {names[1]: self._token, **({names[0]: who["session"]} if "session" in who else {})}

    async def ask(
        self, method: str, path: str, good: int | tuple[int, ...], body: bytes = b"", kind: str = "", accept: str = ""
    ) -> Answer:
        await self._connection.open(self._port)
        headers = {
            "Host": "127.0.0.1",
            "Accept": accept or "text/html",
            "Accept-Encoding": "gzip",
            "Accept-Language": "en",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
        }
        if method == "POST":
            headers |= {"X-CSRFToken": self._token, "Content-Type": kind}
        answer = await self._connection.ask(method, path, headers, body)
        if answer.status not in (good if isinstance(good, tuple) else (good,)):
            raise Refused(f"{method} {path}: {answer.status} {answer.text[:300]}{FAULT.findall(answer.text)[:3]}")
        self._cookies |= {name: value for name, value in cookies_of(answer.headers).items() if value}
        self._token = self._cookies[self._names[1]]
        return answer

    async def send(self, path: str, form: Mapping[str, str]) -> Answer:
        """A form that leads elsewhere."""
        return await self.ask("POST", path, (302, 303), urlencode(form).encode(), FORM)

    def close(self) -> None:
        self._connection.close()


def revision(kept: Answer) -> int:
    """The draft's, as the answer to a file tells it."""
    packed = kept.headers.get("content-encoding") == "gzip"
    return int(json.loads(gzip.decompress(kept.body) if packed else kept.body)["revision"])


async def madang(browser: Browser, who: Mapping[str, Any]) -> float:
    """Form page, two autosaves, a file of 20 kB, press, receipt. The seconds of the press."""
    at, json_ = f"/applications/{who['draft']}", "application/json"
    await browser.ask("GET", f"{at}/project", 200)
    for key in ("name", "summary"):
        body = json.dumps({"changes": {key: f"What {key} says"}, "base": {}, "step": "project"}).encode()
        await browser.ask("POST", f"{at}/save", 200, body, json_, json_)
    body, kind = multipart({"do": "attach paper"}, "file:paper", "paper.pdf", paper(who["draft"], FILE_BYTES))
    kept = await browser.ask("POST", f"{at}/project", 200, body, kind, json_)
    began = time.perf_counter()
    pressed = await browser.ask("POST", f"{at}/file", 303, urlencode({"seen": revision(kept)}).encode(), FORM)
    took = time.perf_counter() - began
    await browser.ask("GET", pressed.headers["location"], 200)
    return took


async def bare(browser: Browser, who: Mapping[str, Any]) -> float:
    """The same steps of the bare app."""
    at, json_ = f"/applications/{who['draft']}", "application/json"
    await browser.ask("GET", f"{at}/form", 200)
    for key in ("name", "summary"):
        body = json.dumps({key: f"What {key} says"}).encode()
        await browser.ask("POST", f"{at}/save", 200, body, json_, json_)
    body, kind = multipart({}, "file", "paper.pdf", paper(who["draft"], FILE_BYTES))
    await browser.ask("POST", f"{at}/attach", 200, body, kind, json_)
    began = time.perf_counter()
    pressed = await browser.ask("POST", f"{at}/file", 302, b"", FORM)
    took = time.perf_counter() - began
    await browser.ask("GET", pressed.headers["location"], 200)
    return took


async def newcomer(browser: Browser, who: Mapping[str, Any]) -> float:
    """An account by a code from the mail, an organisation, an application, and then as a known account."""
    address = who["address"]
    await browser.ask("GET", "/account/signup/", 200)
    form = {"email": address, "name": "Sample", "language": "en", "zone": "Asia/Seoul", "terms": "on", "privacy": "on"}
    await browser.send("/account/signup/", form)
    code = await _code(Path(who["codes"]) / address)
    await browser.send("/account/signup/code/", {"code": code})
    await browser.ask("GET", "/organisations/new", 200)
    city = {"kind": "city", "country": "KR", "name": f"City {address}", "another": "yes"}
    page = (await browser.send("/organisations/new", city)).headers["location"]
    begin = f"/calls/{who['call']}/apply"
    await browser.ask("GET", begin, 200)
    begun = await browser.send(begin, {"organisation": page.rpartition("/")[2], "language": "en"})
    return await madang(browser, {**who, "draft": begun.headers["location"].split("/")[2]})


async def _code(file: Path) -> str:
    """What the mail says, once it has come."""
    last = time.monotonic() + CODE_WITHIN_S
    while not file.exists():
        if time.monotonic() > last:
            raise Refused(f"no mail came to {file.name}")
        await asyncio.sleep(0.02)
    return file.read_text("ascii")


SYSTEMS: Final[Mapping[str, tuple[Callable[..., Any], tuple[str, str]]]] = {
    "madang": (madang, ("madang-session", "madang-csrf")),
    "bare": (bare, ("bare-session", "bare-csrf")),
    "newcomer": (newcomer, ("madang-session", "madang-csrf")),
}


async def run(asked: Mapping[str, Any]) -> Told:
    told, (flow, names) = Told(), SYSTEMS[asked["system"]]
    ports, waiting = itertools.cycle(asked["ports"]), iter(asked["who"][: asked["most"]])

    async def one(who: Mapping[str, Any]) -> None:
        browser, began = Browser(next(ports), who, names), time.perf_counter()
        try:
            told.press_s.append(await flow(browser, who))
            told.flow_s.append(time.perf_counter() - began)
            told.flows += 1
        except Exception as error:  # whatever went wrong, it is counted and shown
            told.errors.append(f"{type(error).__name__}: {error}"[:400])
        finally:
            browser.close()

    async def client() -> None:
        for who in waiting:
            await one(who)

    if not asked.get("rate"):
        await asyncio.gather(*(client() for _ in range(asked["clients"])))
        return told
    began, begun = time.perf_counter(), []
    for number, who in enumerate(waiting):
        await asyncio.sleep(max(0.0, began + number / asked["rate"] - time.perf_counter()))
        begun.append(asyncio.create_task(one(who)))
    await asyncio.gather(*begun)
    return told


def main() -> None:
    asked = json.load(sys.stdin)
    began, used = time.perf_counter(), time.process_time()
    told = asyncio.run(run(asked))
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    print(
        json.dumps(
            {
                "flows": told.flows,
                "seconds": seconds,
                "cpu_s": cpu,
                "errors": told.errors,
                "press_s": told.press_s,
                "flow_s": told.flow_s,
            }
        )
    )


if __name__ == "__main__":
    main()
