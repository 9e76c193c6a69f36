"""The file store (an S3 service that is not ours) is cut off while applicants write: files are refused in words,
presses go on, and it goes on by itself when the line is mended.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

from tests.torture.applicant import Browser, Filed, Told, everybody_files
from tests.torture.figures import Figures
from tests.torture.ground import Ground
from tests.torture.waiting import until_async

LEAST_REFUSED: Final = 3


async def store_gone(ground: Ground, count: int, line: Any) -> Figures:
    """`count` times gone. `line` leads to the store (`tests/factories/s3.py`)."""
    figures, call, told = ground.figures("file store gone", count), ground.call("store"), Told()
    everybody, filed = await ground.people(call, 6 * count, complete=False), list[Filed]()
    ready = iter(await ground.people(ground.call("ready"), count, complete=True))
    before = ground.site.web_pids()
    for number in range(count):
        some, refused = everybody[6 * number : 6 * number + 6], Told()
        await everybody_files(ground.site, some[:2], told, filed, at_once=2)
        await asyncio.to_thread(line.cut)
        loading = asyncio.create_task(everybody_files(ground.site, some[2:], refused, filed, at_once=2))
        try:
            await until_async(partial(_refused, refused, loading), 120, "refusals")
            presser = Browser(ground.site, next(ready), Told())
            answer = await presser.press(presser.who.revision)
            figures.must(answer.status == 200, f"a press needs no store, and was answered {answer.status}")
        finally:
            line.mend()
        await loading
        figures.must(bool(refused.statuses), "nobody noticed that the store was gone")
        told.add(refused)
    figures.must(ground.site.web_pids() == before, "a web process had to be started again")
    await ground.audit(figures, call, filed)
    ground.clear(figures, told)
    return figures


def _refused(told: Told, loading: asyncio.Task[None]) -> bool:
    """Whether enough was refused; nobody waits on when the load is through."""
    return sum(told.statuses.values()) >= LEAST_REFUSED or loading.done()
