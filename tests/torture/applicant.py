"""What an applicant's browser does: read the form, save, hand in a file, press; and again, where an answer was lost."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from tests.torture import world
from tests.torture.children import told_by
from tests.torture.client import Answer, Connection, Lost, cookies_of
from tests.torture.site import Site

PATIENCE_S: Final = 90
AGAIN_AFTER_S: Final = 0.1
PAPER_BYTES: Final = 20_000
_SENTENCES: Final = {
    "ko": re.compile(r"[가-힣][^<>\"]{4,}(니다|시오|세요)[.。]"),
    "en": re.compile(r"[A-Z][a-z']+ [^<>\"]{8,}[.]"),
}
_BARE: Final = ("Traceback", "Server Error (500)", "Internal Server Error", 'File "/')
SAID_WHERE_IT_FAILS: Final = {409, 413, 422, 429, 503, 507}


@dataclass(frozen=True, slots=True)
class Who:
    """An applicant with a draft. `csrf` is the secret in the browser's cookie."""

    session: str
    draft: str
    revision: int
    language: str
    address: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What an applicant was told: number and receipt, word for word, and what was handed in before."""

    draft: str
    number: str
    receipt: str
    answers: Mapping[str, str]
    files: Mapping[str, str]
    address: str


@dataclass(slots=True)
class Told:
    """What the platform said when something failed: statuses, and answers without words for a reader."""

    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    unclear: list[str] = field(default_factory=list)

    def add(self, more: Told) -> None:
        self.statuses += more.statuses
        self.lost += more.lost
        self.unclear += more.unclear

    def note(self, answer: Answer, language: str) -> None:
        self.statuses[answer.status] += 1
        if why := unclear(answer, language):
            self.unclear.append(why)


def unclear(answer: Answer, language: str) -> str:
    """Why this answer is no clear message to a reader of this language; blank where it is one."""
    text = answer.text
    if answer.status not in SAID_WHERE_IT_FAILS:
        return f"status {answer.status}: {text[:200]!r}"
    if "application/json" in answer.headers.get("content-type", ""):
        text = " ".join(answer.json().get("reasons", []))
    if any(bare in text for bare in _BARE) or not _SENTENCES[language].search(text):
        return f"{answer.status} without a sentence in {language}: {text[:200]!r}"
    return ""


def people(site: Site, call: str, count: int, *, complete: bool, closes: str = world.NEVER) -> list[Who]:
    """The call with so many applicants, made now."""
    asked = {"call": call, "count": count, "complete": complete, "closes": closes}
    found = told_by("world", site.environment, asked)
    return [Who(csrf=hashlib.sha256(one["session"].encode()).hexdigest()[:32], **one) for one in found]


def typed_by(draft: str) -> dict[str, str]:
    """What the applicant of this draft writes."""
    return {"name": f"Project {draft}", "summary": f"What the residents notice of {draft}."}


class Browser:
    """One applicant's browser: one connection, to whichever web process takes it."""

    def __init__(self, site: Site, who: Who, told: Told) -> None:
        self._site, self.who, self.told = site, who, told
        self.connection = Connection()
        self._cookies = {"madang-session": who.session, "madang-csrf": who.csrf}

    async def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "", *, accept: str = "application/json"
    ) -> Answer:
        """One request, once. Raises `Lost`."""
        await self.connection.open(self._site.port)
        headers = {
            "Host": "127.0.0.1",
            "Accept": accept,
            "Accept-Language": self.who.language,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-CSRFToken": self._cookies["madang-csrf"],
        }
        if kind:
            headers["Content-Type"] = kind
        answer = await self.connection.ask(method, path, headers, body)
        self._cookies |= cookies_of(answer.headers)
        return answer

    async def insist(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = "",
        *,
        good: Collection[int] = (200,),
        again: Collection[int] = (429,),
        **more: Any,
    ) -> Answer:
        """The same again and again until it is answered well. Raises `AssertionError` where it is refused for good (an
        answer below 500 that is not in `again`), or at the end of this reader's patience.
        """
        last = time.monotonic() + PATIENCE_S
        why = ""
        while time.monotonic() < last:
            try:
                answer = await self.ask(method, path, body, kind, **more)
            except Lost as lost:
                self.told.lost += 1
                why = str(lost)
            else:
                if answer.status in good:
                    return answer
                if answer.status < 500 and answer.status not in again:
                    raise AssertionError(f"{method} {path} answered {answer.status}: {answer.text[:500]}")
                self.told.note(answer, self.who.language)
                self.connection.close()  # another process may be well
                why = f"{answer.status} {answer.text[:200]!r}"
            await asyncio.sleep(AGAIN_AFTER_S)
        raise AssertionError(f"{method} {path} was not answered in {PATIENCE_S} s: {why}")

    # -- steps ---------------------------------------------------------------------------------------------------------

    def at(self, rest: str) -> str:
        return f"/applications/{self.who.draft}/{rest}"

    async def read_form(self) -> None:
        await self.insist("GET", self.at(world.STEP), accept="text/html")

    async def save(self, typed: Mapping[str, str]) -> None:
        """As the form's script saves. A newer version that comes back (409) is one's own, whose answer was lost."""
        body = json.dumps({"changes": typed, "base": {}, "step": world.STEP}).encode()
        await self.insist("POST", self.at("save"), body, "application/json", good=(200, 409))

    async def attach(self, content: bytes) -> None:
        body, kind = multipart({"do": f"attach {world.PAPER}"}, f"file:{world.PAPER}", "paper.pdf", content)
        await self.insist("POST", self.at(world.STEP), body, kind, again=(422, 429))  # refused: the store is gone

    async def revision(self) -> int:
        answer = await self.insist("GET", self.at("changes?token=1"))
        return int(answer.json()["revision"])

    async def press(self, seen: int) -> Answer:
        """One press, once; raises `Lost`."""
        return await self.ask("POST", self.at("file"), urlencode({"seen": seen}).encode(), _FORM)

    async def file(self, seen: int) -> dict[str, str]:
        """Pressed until it is answered: `receipt` (its number) and `url`."""
        body = urlencode({"seen": seen}).encode()
        found: dict[str, str] = (await self.insist("POST", self.at("file"), body, _FORM)).json()
        return found

    async def receipt(self, pressed: Mapping[str, str]) -> str:
        """The signed receipt, as it is downloaded; its page is looked at too."""
        page = await self.insist("GET", pressed["url"], accept="text/html")
        if pressed["receipt"] not in page.text:
            raise AssertionError(f"{pressed['url']} does not show {pressed['receipt']}")
        return (await self.insist("GET", pressed["url"] + "/receipt.json")).text

    async def write_and_file(self) -> Filed:
        """The whole way: form, two autosaves, a file of 20 kB, press, receipt."""
        of = self.who.draft
        typed = typed_by(of)
        content = world.paper(of, PAPER_BYTES)
        await self.read_form()
        for key, value in typed.items():
            await self.save({key: value})
        await self.attach(content)
        pressed = await self.file(await self.revision())
        receipt = await self.receipt(pressed)
        self.connection.close()
        files = {world.PAPER: hashlib.sha256(content).hexdigest()}
        return Filed(of, pressed["receipt"], receipt, typed, files, self.who.address)


_FORM: Final = "application/x-www-form-urlencoded"


def multipart(fields: Mapping[str, str], file: str, name: str, content: bytes) -> tuple[bytes, str]:
    edge = "torture-edge-0123456789"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{file}"; filename="{name}"\r\n'
    parts.append(head.encode() + b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


async def everybody_files(site: Site, everybody: list[Who], told: Told, filed: list[Filed], *, at_once: int) -> None:
    """All of them go the whole way, so many at a time; who has filed is added to `filed` when the receipt is there."""
    waiting = iter(everybody)

    async def one_after_the_other() -> None:
        for who in waiting:
            filed.append(await Browser(site, who, told).write_and_file())

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_the_other())
