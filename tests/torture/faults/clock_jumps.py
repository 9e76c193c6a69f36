"""The machine's clock is set by an hour, forward and back, around a deadline: presses are judged by the steady time.

The platform runs under libfaketime, whose file says by how much the machine's clock is wrong.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from tests.torture.applicant import Browser, Filed, Told, Who, unclear
from tests.torture.client import Answer, gathered
from tests.torture.faults.deadline import closing_soon
from tests.torture.figures import Figures
from tests.torture.ground import Ground
from tests.torture.waiting import moment

LIBRARY: Final = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
JUMPS: Final = ("+3600", "-3600", "+0")
READ_EVERY_S: Final = 1
"""How often the library reads its file: each time would cost a file for each look at the clock."""
SLEEPS: Final = Path(__file__).parents[1] / "bent"


def missing() -> str:
    """Why this cannot be tried here; blank where it can."""
    return "" if LIBRARY.exists() else "libfaketime is not installed"


def bent(file: Path) -> dict[str, str]:
    """The environment of a process whose clock is off by what the file says; its count of seconds is not."""
    file.write_text("+0\n")
    return {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": str(READ_EVERY_S),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": os.pathsep.join([str(SLEEPS), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


async def clock_jumps(ground: Ground, count: int, file: Path) -> Figures:
    """`count` presses after each jump before the deadline, and as many after each jump after it."""
    figures, told = ground.figures("clock jumps", 2 * len(JUMPS)), Told()
    before_s = 8 + 3 * count  # time for all presses before the deadline
    call, closing, people = await closing_soon(ground, "clock", 2 * count * len(JUMPS), before_s)
    everybody, accepted = iter(people), list[tuple[Browser, dict[str, str]]]()
    await moment(closing - before_s)
    for jump in JUMPS:
        for browser, answer in await _pressed(ground, [next(everybody) for _ in range(count)], told, file, jump):
            figures.must(answer.sent_at < closing + 1, "too slow a machine: a press before the deadline was late")
            figures.must(answer.status == 200, f"in time, clock {jump} s: {answer.status} {answer.text[:200]!r}")
            if answer.status == 200:
                accepted.append((browser, answer.json()))
    await moment(closing + 1.1)
    for jump in JUMPS:
        for browser, answer in await _pressed(ground, [next(everybody) for _ in range(count)], told, file, jump):
            figures.must(answer.status == 422, f"late, clock {jump} s: {answer.status} {answer.text[:200]!r}")
            if why := unclear(answer, browser.who.language):
                figures.wrong.append(f"unclear: {why}")
    filed = [
        Filed(browser.who.draft, pressed["receipt"], await browser.receipt(pressed), {}, {}, browser.who.address)
        for browser, pressed in accepted
    ]
    await ground.audit(figures, call, filed)
    return figures


async def _pressed(ground: Ground, some: list[Who], told: Told, file: Path, jump: str) -> list[tuple[Browser, Answer]]:
    """Set the clock, then let them press at once."""
    aside = file.with_suffix(".new")
    aside.write_text(jump + "\n")
    aside.replace(file)
    await moment(time.time() + READ_EVERY_S + 0.1)
    browsers = [Browser(ground.site, who, told) for who in some]
    answers = await gathered(*(browser.press(browser.who.revision) for browser in browsers))
    return list(zip(browsers, answers, strict=True))
