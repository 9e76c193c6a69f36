"""Presses around the deadline while somebody holds the locks: what arrived in time counts, whenever its turn comes.

Two witnesses. The platform's own stamp: of a receipt, and of a refusal's words. And the client's clock, which is the
same machine's: whole seconds count, so what was sent wholly before the last second began was in time, and what was
begun after that second had ended was not.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from tests.torture import children, processes
from tests.torture.applicant import Browser, Filed, Told, Who, unclear
from tests.torture.client import Answer, Lost, gathered
from tests.torture.figures import Figures
from tests.torture.ground import Ground
from tests.torture.waiting import moment

SEOUL: Final = ZoneInfo("Asia/Seoul")
AT_ONE_DEADLINE: Final = 200
BESIDE_S: Final = 4.0
"""Presses are sent from so many seconds before the end to as many after it."""
PREPARED_S: Final = 8
"""A round's call closes no sooner than so many seconds after it is made: its drafts must be written first."""
WAITS_S: Final = 0.003
"""Between the client's clock and the platform's: both read the same machine."""
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What one applicant did, and was told."""

    who: Who
    answer: Answer
    browser: Browser


def next_closing(in_s: float) -> int:
    """The next full minute that is at least so far away, as Unix time."""
    return (int(time.time() + in_s) // 60 + 1) * 60


async def closing_soon(ground: Ground, fault: str, count: int, before_s: float) -> tuple[str, int, list[Who]]:
    """A call with so many complete drafts, its closing, and who they are, at least `before_s` before it.

    Where this machine was too slow for that, another one that closes later.
    """
    prepared_s = PREPARED_S + count / 20
    while True:
        call, closing = ground.call(fault), next_closing(prepared_s)
        everybody = await ground.people(call, count, complete=True, closes=wall(closing))
        if time.time() < closing - before_s:
            return call, closing, everybody
        prepared_s *= 2


def wall(at: float) -> str:
    return f"{dt.datetime.fromtimestamp(at, SEOUL):%Y-%m-%d %H:%M}"


async def deadline(ground: Ground, count: int) -> Figures:
    """`count` presses, so many at each deadline."""
    figures, told = ground.figures("presses around the deadline", count), Told()
    late, last_turn_s, longest_s = 0, 0.0, 0.0
    for left in range(count, 0, -AT_ONE_DEADLINE):
        some = min(left, AT_ONE_DEADLINE)
        call, closing, everybody = await closing_soon(ground, "deadline", some, BESIDE_S + 1)
        pressed = await _around(ground, call, closing, everybody, told)
        filed = [filed for one in pressed if (filed := await _judged(figures, closing, one))]
        before = figures.acknowledged
        await ground.audit(figures, call, filed)
        figures.acknowledged += before
        late += some - len(filed)
        turns = [one.answer.heard_at - closing - 1 for one in pressed if one.answer.status == 200]
        last_turn_s = max([last_turn_s, *turns])
        longest_s = max([longest_s, *(one.answer.heard_at - one.answer.sent_at for one in pressed)])
    ground.clear(figures, told)
    figures.notes.append(
        f"{late} late ones refused; turns came up to {longest_s:.1f} s after the press, "
        f"{last_turn_s:.1f} s after the end"
    )
    return figures


async def _around(ground: Ground, call: str, closing: int, everybody: list[Who], told: Told) -> list[Pressed]:
    """Everybody is connected beforehand, and presses at a moment of their own."""
    browsers = [Browser(ground.site, who, told) for who in everybody]
    for browser in browsers:
        await browser.connection.open(ground.site.port)
    end = closing + 1
    moments = [end + ground.chance.uniform(-BESIDE_S, BESIDE_S) for _ in browsers]
    holding = _holding(ground, call, end)
    try:
        return await gathered(*(_pressed(browser, at) for browser, at in zip(browsers, moments, strict=True)))
    finally:
        processes.kill(holding)


def _holding(ground: Ground, call: str, end: float) -> subprocess.Popen[bytes]:
    """Somebody who takes the locks for parts of a second, again and again, until the presses are over."""
    command = [sys.executable, "-m", "tests.torture.holding", call, str(end + BESIDE_S)]
    return processes.start(command, ground.site.environment, ground.site.log, cwd=children.ROOT)


async def _pressed(browser: Browser, at: float) -> Pressed:
    await moment(at)
    try:
        return Pressed(browser.who, await browser.press(browser.who.revision), browser)
    except Lost as lost:
        raise AssertionError(f"a press was not answered: {lost}") from None


async def _judged(figures: Figures, closing: int, one: Pressed) -> Filed | None:
    """What was told, held against both witnesses; the filing with its receipt, where there is one."""
    answer, end = one.answer, closing + 1
    sent = f"{one.who.draft}: sent {answer.began_at - end:+.3f} to {answer.sent_at - end:+.3f} s from the end"
    if answer.status == 200:
        figures.must(answer.began_at < end + WAITS_S, f"late and accepted. {sent}")
        receipt = await one.browser.receipt(answer.json())
        stamp = dt.datetime.fromisoformat(json.loads(receipt)["arrived_at"]).timestamp()
        figures.must(stamp <= closing, f"accepted, and stamped late. {sent}")
        _sound(figures, one, stamp)
        one.browser.connection.close()
        return Filed(one.who.draft, answer.json()["receipt"], receipt, {}, {}, one.who.address)
    one.browser.connection.close()
    if answer.status != 422:
        figures.wrong.append(f"neither accepted nor refused: {answer.status} {answer.text[:200]!r}. {sent}")
        return None
    figures.must(answer.sent_at >= closing, f"in time and refused. {sent}")
    if why := unclear(answer, one.who.language):
        figures.wrong.append(f"unclear: {why}")
    words = " ".join(answer.json()["reasons"])
    stamps = _STAMP.findall(words)
    figures.must(bool(stamps) and _unix(stamps[0]) > closing, f"refused, but not as late: {words!r}. {sent}")
    if stamps:
        _sound(figures, one, _unix(stamps[0]))
    return None


def _unix(stamp: str) -> float:
    return dt.datetime.fromisoformat(stamp).replace(tzinfo=SEOUL).timestamp()


def _sound(figures: Figures, one: Pressed, stamp: float) -> None:
    """A stamp lies between the first byte that was sent and the first that was heard."""
    answer = one.answer
    figures.must(
        int(answer.began_at - WAITS_S) <= stamp <= answer.heard_at,
        f"{one.who.draft}: stamped {stamp - answer.began_at:+.3f} s from when it was sent",
    )
