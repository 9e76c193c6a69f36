"""The machine's clock is set by an hour, forward and back, around a deadline: presses are judged by the steady time.

The web processes run under libfaketime, whose file says by how much their clock is wrong.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from tests.torture.applicant import Browser, Filed, Told, Who, unclear
from tests.torture.client import Answer
from tests.torture.faults.deadline import next_closing, wall
from tests.torture.figures import Figures
from tests.torture.ground import Ground
from tests.torture.waiting import moment

LIBRARY: Final = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
JUMPS: Final = ("+3600", "-3600", "+0")
PREPARED_S: Final = 20
BEFORE_S: Final = 5


def missing() -> str:
    """Why this cannot be tried here; blank where it can."""
    from madang.kernel import clock

    if not hasattr(clock, "steady_ns"):
        return "the platform has no steady clock yet"
    return "" if LIBRARY.exists() else "libfaketime is not installed"


def bent(file: Path) -> dict[str, str]:
    """The environment of a process whose clock is off by what the file says; its count of seconds is not."""
    file.write_text("+0\n")
    return {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


async def clock_jumps(ground: Ground, count: int, file: Path) -> Figures:
    """`count` presses after each jump before the deadline, and as many after each jump after it."""
    figures, call, told = ground.figures("clock jumps", 2 * len(JUMPS)), ground.call("clock"), Told()
    closing = next_closing(PREPARED_S)
    everybody = iter(await ground.people(call, 2 * count * len(JUMPS), complete=True, closes=wall(closing)))
    filed: list[Filed] = []
    await moment(closing - BEFORE_S)
    for jump in JUMPS:
        file.write_text(jump + "\n")
        pressing = [_pressed(ground, next(everybody), told) for _ in range(count)]
        for browser, answer in await asyncio.gather(*pressing):
            figures.must(answer.sent_at < closing + 1, "the presses before the deadline came too late to judge")
            figures.must(
                answer.status == 200, f"in time, clock {jump} s: answered {answer.status} {answer.text[:200]!r}"
            )
            if answer.status == 200:
                pressed = answer.json()
                receipt = await browser.receipt(pressed)
                filed.append(Filed(browser.who.draft, pressed["receipt"], receipt, {}, {}, browser.who.address))
    await moment(closing + 1.1)
    for jump in JUMPS:
        file.write_text(jump + "\n")
        pressing = [_pressed(ground, next(everybody), told) for _ in range(count)]
        for browser, answer in await asyncio.gather(*pressing):
            figures.must(answer.status == 422, f"late, clock {jump} s: {answer.status} {answer.text[:200]!r}")
            if why := unclear(answer, browser.who.language):
                figures.wrong.append(f"unclear: {why}")
    await ground.audit(figures, call, filed)
    return figures


async def _pressed(ground: Ground, who: Who, told: Told) -> tuple[Browser, Answer]:
    browser = Browser(ground.site, who, told)
    return browser, await browser.press(who.revision)
