"""Where faults are tried: a running site, its database, its mail server; and the look at what stands afterwards."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.torture import databases
from tests.torture.applicant import Filed, Told, Who, people
from tests.torture.children import told_by
from tests.torture.databases import Database
from tests.torture.figures import Figures
from tests.torture.mailbox import Mailbox
from tests.torture.site import Site


@dataclass(slots=True)
class Ground:
    """A running site. Each fault makes its own call, so that several may be tried on one ground."""

    site: Site
    database: Database
    mailbox: Mailbox
    chance: random.Random = field(default_factory=lambda: random.Random(6))
    _calls: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def figures(self, fault: str, rounds: int = 0) -> Figures:
        return Figures(fault, self.database.name, rounds)

    def call(self, fault: str) -> str:
        return f"torture-{fault}-{next(self._calls)}"

    async def people(self, call: str, count: int, **more: Any) -> list[Who]:
        return await asyncio.to_thread(people, self.site, call, count, **more)

    async def audit(self, figures: Figures, call: str, filed: Iterable[Filed], *, silent: Iterable[str] = ()) -> None:
        """Look at everything that stands, and enter what is not as it must be."""
        filed = list(filed)
        asked = {"call": call, "filed": [asdict(one) for one in filed], "silent": list(silent)}
        found = await asyncio.to_thread(told_by, "audit", self.site.environment, asked)
        figures.acknowledged = len(filed)
        figures.lost, figures.doubled = found["counts"]["lost"], found["counts"]["doubled"]
        figures.wrong += [f"{kind}: {one}" for kind, every in found["faults"].items() for one in every]
        for count in ("standing", "journal", "receipts"):
            figures.must(found[count] == found["filings"], f"{found[count]} {count} for {found['filings']} filings")
        figures.must(found["filings"] == len(filed), f"{found['filings']} filings for {len(filed)} acknowledged")

    def clear(self, figures: Figures, told: Told) -> None:
        """What the platform said while it could not: every message must be one."""
        figures.wrong += [f"unclear: {one}" for one in told.unclear[:10]]
        if told.statuses or told.lost:
            said = ", ".join(f"{count} × {status}" for status, count in sorted(told.statuses.items()))
            figures.notes.append(f"answers lost {told.lost}" + (f", {said}" if said else ""))


@contextmanager
def ground(database: str, **site: Any) -> Iterator[Ground]:
    """A site on this database, started; everything is gone afterwards. Raises `Unavailable`."""
    with opened(database, **site) as found:
        found.site.prepare()
        found.site.start()
        yield found


@contextmanager
def opened(database: str, **site: Any) -> Iterator[Ground]:
    """The same, not yet prepared nor started."""
    base, mailbox = databases.of(database), Mailbox()
    try:
        base.start()
        mailbox.open()
        environment = {"MADANG_MAIL_URL": mailbox.url, **site.pop("environment", {})}
        with Site(base, environment=environment, **site) as running:
            yield Ground(running, base, mailbox)
    finally:
        mailbox.close()
        base.clear()
