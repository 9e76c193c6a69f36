"""Which faults there are, and how each is set up: the same for a long run and for the tests, in other counts."""

from __future__ import annotations

import asyncio
import traceback
import unittest
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tests.factories.s3 import Line, Service
from tests.torture import store_faults
from tests.torture.databases import Unavailable
from tests.torture.faults.clock_jumps import bent, clock_jumps, missing
from tests.torture.faults.database_gone import database_gone
from tests.torture.faults.deadline import deadline
from tests.torture.faults.full_disk import NoDisk, full_disk, small_disk
from tests.torture.faults.kills import kills
from tests.torture.faults.mail_gone import mail_gone
from tests.torture.faults.presses import presses
from tests.torture.faults.store_gone import store_gone
from tests.torture.figures import Figures
from tests.torture.ground import Ground, ground, opened

SHARED: Final = ["presses", "kills", "deadline", "mail", "database"]
"""Tried on one site, one after the other."""
ALONE: Final = ["disk", "store", "clock"]
"""Each needs a site that is set up for it."""

Fault = Callable[[Ground], Coroutine[Any, Any, Figures]]

LONG: Final = {
    "presses": 1000, "filings": 3000, "deaths": 100, "deadline": 1000, "disk": 5, "database": 5, "mail": 60, "store": 5,
    "clock": 5, "files": 200,
}  # fmt: skip
SHORT: Final = {
    "presses": 25, "filings": 60, "deaths": 5, "deadline": 60, "disk": 5, "database": 5, "mail": 8, "store": 5,
    "clock": 5, "files": 5,
}  # fmt: skip
"""For the tests: minutes, not hours."""

NAMES: Final = {
    "presses": "fourfold presses",
    "kills": "kill -9 under load",
    "deadline": "presses around the deadline",
    "mail": "mail gone",
    "database": "database gone",
    "disk": "disk full",
    "store": "file store gone",
    "clock": "clock jumps",
    "files": "file store alone",
}
FILINGS_A_DEATH: Final = 30


def run(names: list[str], database: str, counts: dict[str, int]) -> Iterator[Figures]:
    """The figures of each of these faults on this database, as they come."""
    shared: dict[str, Fault] = {
        "presses": lambda on: presses(on, counts["presses"]),
        "kills": lambda on: kills(on, counts["filings"], deaths=counts["deaths"]),
        "deadline": lambda on: deadline(on, counts["deadline"]),
        "mail": lambda on: mail_gone(on, counts["mail"]),
        "database": lambda on: database_gone(on, counts["database"]),
    }
    try:
        if chosen := [name for name in SHARED if name in names]:
            with ground(database) as here:
                for name in chosen:
                    yield _tried(here, name, shared[name])
        alone = {"disk": _disk, "store": _store, "clock": _clock}
        for name in ALONE:
            if name in names:
                yield alone[name](database, counts[name])
    except Unavailable as why:
        yield Figures(", ".join(names), database, skipped=str(why))


def _tried(here: Ground, name: str, fault: Fault) -> Figures:
    """One fault; what breaks the run of it is its failure, and the others still run."""
    try:
        # On a thread of its own: where browser tests run in this process too, theirs has a running loop.
        with ThreadPoolExecutor(1) as apart:
            found = apart.submit(lambda: asyncio.run(fault(here))).result()
    except Exception as error:
        found = here.figures(NAMES[name])
        found.wrong.append("".join(traceback.format_exception(error))[-3000:])
    if found.wrong:
        found.wrong.append(here.site.said())
    return found


def _disk(database: str, count: int) -> Figures:
    try:
        with small_disk() as disk, ground(database, data=disk / "data") as here:
            return _tried(here, "disk", lambda on: full_disk(on, count, disk))
    except NoDisk as why:
        return Figures(NAMES["disk"], database, skipped=str(why))


def _store(database: str, count: int) -> Figures:
    service = Service()
    try:
        line = Line(service.port)
        environment = {"MADANG_FILES_URL": service.bucket(port=line.port)}
        with ground(database, environment=environment) as here:
            return _tried(here, "store", lambda on: store_gone(on, count, line))
    finally:
        service.stop()


def store_alone(count: int) -> Iterator[Figures]:
    """The file store without a platform around it, cut off and full at any byte (`store_faults`); short of it in
    `tests/kernel/test_store_faults.py`.
    """
    for what, work in (
        ("cut off at any byte", store_faults.store_gone),
        ("disk full at any byte", store_faults.disk_full),
    ):
        found = Figures(f"{NAMES['files']}: {what}", "–")
        try:
            told = work(count)
            found.rounds, found.acknowledged = told["rounds"], told["kept"]
            found.notes.append(f"{told['refused']} refused")
        except unittest.SkipTest as why:
            found.skipped = str(why)
        except AssertionError as wrong:
            found.wrong.append(str(wrong)[-2000:])
        yield found


def _clock(database: str, count: int) -> Figures:
    if why := missing():
        return Figures(NAMES["clock"], database, skipped=why)
    with opened(database) as here:
        file = here.site.home / "clock"
        here.site.bending |= bent(file)
        here.site.prepare()
        here.site.start()
        return _tried(here, "clock", lambda on: clock_jumps(on, count, file))
