"""Four connections press the same draft at the same moment: one filing, one receipt, told to all four."""

from __future__ import annotations

import asyncio

from tests.torture.applicant import Browser, Filed, Told, Who
from tests.torture.client import Answer, Connection, gathered
from tests.torture.figures import Figures
from tests.torture.ground import Ground

AT_ONCE = 4
DRAFTS_AT_ONCE = 2


async def presses(ground: Ground, count: int) -> Figures:
    figures, call, told = ground.figures("fourfold presses", count), ground.call("presses"), Told()
    waiting = iter(await ground.people(call, count, complete=True))
    filed: list[Filed] = []

    async def pressing() -> None:
        lines = [Connection() for _ in range(AT_ONCE)]
        for who in waiting:
            filed.append(await _fourfold(ground, who, lines, told, figures))
        for line in lines:
            line.close()

    await gathered(*(pressing() for _ in range(DRAFTS_AT_ONCE)))
    await ground.audit(figures, call, filed)
    ground.clear(figures, told)
    figures.must(not told.lost and not told.statuses, "a press was not answered at once")
    figures.must(len({one.number for one in filed}) == count, "two applicants share a receipt's number")
    return figures


async def _fourfold(ground: Ground, who: Who, lines: list[Connection], told: Told, figures: Figures) -> Filed:
    browsers = [Browser(ground.site, who, told) for _ in lines]
    for browser, line in zip(browsers, lines, strict=True):
        browser.connection = line
        await line.open(ground.site.port)
    answers: list[Answer] = await asyncio.gather(*(browser.press(who.revision) for browser in browsers))
    figures.must(all(one.status == 200 for one in answers), f"{who.draft}: answered {[one.status for one in answers]}")
    said = {one.text for one in answers}
    figures.must(len(said) == 1, f"{who.draft}: told {len(said)} different things")
    pressed = answers[0].json()
    receipts = {await browser.receipt(pressed) for browser in browsers[:2]}
    figures.must(len(receipts) == 1, f"{who.draft}: {len(receipts)} receipts")
    return Filed(who.draft, pressed["receipt"], receipts.pop(), {}, {}, who.address)
