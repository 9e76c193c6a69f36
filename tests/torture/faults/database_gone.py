"""The database is gone for a while: every answer says so in words, nothing is half-written, nothing is restarted.

PostgreSQL is stopped and started. A SQLite file does not go away: somebody holds its lock for longer than we wait.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Final

from tests.torture import children, processes
from tests.torture.applicant import Browser, Filed, Told, Who, everybody_files, typed_by
from tests.torture.client import Lost
from tests.torture.figures import Figures
from tests.torture.ground import Ground

LOCKED_S: Final = 120
"""Longer than anybody waits (20 s for a turn, 20 s for the database); it is let go as soon as somebody was told."""


async def database_gone(ground: Ground, count: int) -> Figures:
    """`count` outages."""
    figures, call, told = ground.figures("database gone", count), ground.call("database"), Told()
    everybody, filed = await ground.people(call, 4 * count, complete=False), list[Filed]()
    before = ground.site.web_pids()
    for number in range(count):
        first, second, *rest = everybody[4 * number : 4 * number + 4]
        await everybody_files(ground.site, [first], told, filed, at_once=1)
        if ground.database.name == "SQLite":
            await _locked(ground, call, second, told, figures)
        else:
            await _stopped(ground, second, told, figures)
        await everybody_files(ground.site, [second, *rest], told, filed, at_once=2)
    figures.must(ground.site.web_pids() == before, "a web process had to be started again")
    await ground.audit(figures, call, filed)
    ground.clear(figures, told)
    return figures


async def _stopped(ground: Ground, who: Who, told: Told, figures: Figures) -> None:
    await asyncio.to_thread(ground.database.stop)
    for method, path in (("GET", "project"), ("POST", "save"), ("GET", "changes"), ("POST", "file")):
        for accept in ("text/html", "application/json"):
            await _must_say(Browser(ground.site, who, told), method, path, accept, figures)
    began = time.monotonic()
    await asyncio.to_thread(ground.database.start)
    await Browser(ground.site, who, told).read_form()
    figures.restarts_s.append(time.monotonic() - began)


async def _locked(ground: Ground, call: str, who: Who, told: Told, figures: Figures) -> None:
    """Somebody holds the lock until one of two writers has been told; the other may still be waiting then."""
    command = [sys.executable, "-m", "tests.torture.holding", call, "0", str(LOCKED_S)]
    holding = subprocess.Popen(
        command, env=ground.site.environment, cwd=children.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    before = told.statuses.copy()
    try:
        assert holding.stdout is not None
        await asyncio.to_thread(holding.stdout.readline)
        await Browser(ground.site, who, told).read_form()  # who only reads does not notice
        figures.must(told.statuses == before, "a page could not be read while somebody wrote")
        writing = [
            asyncio.create_task(_must_say(Browser(ground.site, who, told), "POST", path, accept, figures, or_do=True))
            for path, accept in (("save", "application/json"), ("file", "text/html"))
        ]
        await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
        figures.must(told.statuses != before, "nobody was told that nothing can be written")
    finally:
        processes.kill(holding)
    await asyncio.gather(*writing)


async def _must_say(
    browser: Browser, method: str, path: str, accept: str, figures: Figures, *, or_do: bool = False
) -> None:
    """One request that cannot be carried out, and is answered in words, with when to come again.

    `or_do`: or it is carried out after all (a press of what is not complete yet: judged, 422).
    """
    body, kind = {
        "save": (json.dumps({"changes": typed_by(browser.who.draft)}).encode(), "application/json"),
        "file": (b"seen=1", "application/x-www-form-urlencoded"),
    }.get(path, (b"", ""))
    try:
        answer = await browser.ask(method, browser.at(path), body, kind, accept=accept)
    except Lost as lost:
        figures.wrong.append(f"{method} {path}: no answer ({lost})")
        return
    if or_do and answer.status in (200, 303, 422):
        return
    figures.must(answer.status == 503, f"{method} {path} ({accept}) answered {answer.status}: {answer.text[:100]!r}")
    figures.must("retry-after" in answer.headers, f"{method} {path}: does not say when to come again")
    browser.told.note(answer, browser.who.language)
