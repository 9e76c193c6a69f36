"""`kill -9` of web, worker and database in turn, while applicants write and file: what was acknowledged stands."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import time
from typing import Any, Final

from tests.torture import children, processes
from tests.torture.applicant import Browser, Filed, Told, Who, everybody_files
from tests.torture.figures import Figures
from tests.torture.ground import Ground
from tests.torture.waiting import until_async

CLIENTS: Final = 8


async def kills(ground: Ground, count: int, *, deaths: int) -> Figures:
    """`count` applicants go the whole way; `deaths` kills, spread over their filings."""
    figures, call, told = ground.figures("kill -9 under load", deaths), ground.call("kills"), Told()
    everybody = await ground.people(call, count, complete=False)
    half = await ground.people(ground.call("half"), max(1, deaths // 3 + 1), complete=True)
    filed: list[Filed] = []
    kinds = (_kill_web, _kill_worker, _kill_database)

    async def killing() -> None:
        for number in range(deaths):
            await until_async(lambda: len(filed) >= number * count // deaths, 1800, "the load goes on")  # noqa: B023
            await asyncio.to_thread(kinds[number % len(kinds)], ground, figures, half)

    async with asyncio.TaskGroup() as group:
        group.create_task(killing())
        group.create_task(everybody_files(ground.site, everybody, told, filed, at_once=CLIENTS))
    figures.restarts_s.append(await asyncio.to_thread(ground.site.kill_everything))
    await ground.audit(figures, call, filed)
    silent = ground.figures("")
    await ground.audit(silent, half[0].address.rpartition("-")[0], [], silent=[one.draft for one in half])
    figures.wrong += silent.wrong
    await _read_back(ground, everybody, filed, figures)
    ground.clear(figures, told)
    return figures


def _kill_web(ground: Ground, figures: Figures, _: list[Who]) -> None:
    figures.restarts_s.append(ground.site.kill_web(ground.chance))


def _kill_worker(ground: Ground, figures: Figures, _: list[Who]) -> None:
    figures.restarts_s.append(ground.site.kill_worker())


def _kill_database(ground: Ground, figures: Figures, half: list[Who]) -> None:
    """Where the database has processes: all of them. Before that, on both, one that is writing a filing: it holds the
    locks and has written everything but the end.
    """
    _die_while_filing(ground, half.pop() if len(half) > 1 else half[0])
    if ground.database.name != "SQLite":
        began = time.monotonic()
        ground.database.kill()
        ground.database.start()
        ground.site.wait_for_answer()
        figures.restarts_s.append(time.monotonic() - began)


def _die_while_filing(ground: Ground, who: Who) -> None:
    command = [sys.executable, "-m", "tests.torture.dying", who.draft]
    dying = subprocess.Popen(
        command, env=ground.site.environment, cwd=children.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert dying.stdout is not None
        said = dying.stdout.readline()
        if said.strip() != b"written":
            raise RuntimeError(f"the filing that was to die was not written: {said!r}")
    finally:
        processes.kill(dying)


async def _read_back(ground: Ground, everybody: list[Who], filed: list[Filed], figures: Figures) -> None:
    """Every applicant reads receipt and file again, as anybody would the day after."""
    who_is, waiting = {one.draft: one for one in everybody}, iter(filed)

    async def reading() -> None:
        for one in waiting:
            why = await _as_told(Browser(ground.site, who_is[one.draft], Told()), one)
            figures.must(not why, f"{one.draft}: {why}")

    await asyncio.gather(*(reading() for _ in range(CLIENTS)))


async def _as_told(browser: Browser, one: Filed) -> str:
    receipt = (await browser.insist("GET", browser.at("receipts/1/receipt.json"))).text
    form: dict[str, Any] = json.loads((await browser.insist("GET", browser.at("receipts/1/form.json"))).text)
    for file in form["files"]:
        content = (await browser.insist("GET", browser.at(f"files/{file['uid']}"))).body
        if hashlib.sha256(content).hexdigest() != one.files.get(file["key"]):
            return f"the file at {file['key']} comes back changed"
    browser.connection.close()
    return "" if receipt == one.receipt else "the receipt comes back changed"
