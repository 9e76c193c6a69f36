"""The mail server refuses, then hangs: presses go on as ever, and once it is back every mail arrives, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

from tests.torture.applicant import Filed, Told, everybody_files
from tests.torture.children import told_by
from tests.torture.figures import Figures
from tests.torture.ground import Ground

LATER_S: Final = 600
"""The next try of a mail comes minutes after a failure: for that, a worker is sent so far ahead."""


async def mail_gone(ground: Ground, count: int) -> Figures:
    """`count` filings, half of them while connections are refused, half while nobody answers them."""
    figures, call, told = ground.figures("mail gone", count), ground.call("mail"), Told()
    everybody, filed = await ground.people(call, count, complete=False), list[Filed]()
    for gone, half in ((ground.mailbox.refuse, everybody[::2]), (ground.mailbox.hang, everybody[1::2])):
        await asyncio.to_thread(gone)
        await everybody_files(ground.site, half, told, filed, at_once=4)
    figures.must(not told.lost and not told.statuses, "somebody who filed noticed")
    with ground.site.without_worker():  # killed in the middle of a mail, as it may be
        await asyncio.to_thread(ground.mailbox.open)
        for _ in range(2):  # the second time nothing may be left
            await asyncio.to_thread(told_by, "later", ground.site.environment, {"seconds": LATER_S})
    arrived = Counter(number for mail in ground.mailbox.mails for one in filed if (number := one.number) in mail)
    figures.must(
        set(arrived) == {one.number for one in filed}, f"{len(arrived)} mails arrived for {len(filed)} filings"
    )
    figures.must(set(arrived.values()) <= {1}, f"{sum(n > 1 for n in arrived.values())} mails arrived more than once")
    await ground.audit(figures, call, filed)
    ground.clear(figures, told)
    return figures
