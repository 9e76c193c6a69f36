"""The disk of the data folder is full while applicants write: they are told, nothing is half-written, and it goes on as
soon as there is room.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from tests.torture import world
from tests.torture.applicant import Browser, Filed, Told, everybody_files, multipart
from tests.torture.figures import Figures
from tests.torture.ground import Ground
from tests.torture.waiting import until_async

DISK_MB: Final = 96
LEAST_REFUSED: Final = 6


class NoDisk(RuntimeError):
    """No small disk can be made here; the message says why."""


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of `DISK_MB` in memory. Raises `NoDisk`."""
    folder = Path(tempfile.mkdtemp(prefix="madang-torture-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        raise NoDisk("a small disk cannot be mounted (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


async def full_disk(ground: Ground, count: int, disk: Path) -> Figures:
    """`count` times full."""
    figures, call, told = ground.figures("disk full", count), ground.call("disk"), Told()
    everybody, filed = await ground.people(call, 8 * count, complete=False), list[Filed]()
    before, ballast = ground.site.web_pids(), disk / "ballast"
    for number in range(count):
        some = everybody[8 * number : 8 * number + 8]
        await everybody_files(ground.site, some[:2], told, filed, at_once=2)
        _fill(ballast)
        refused = Told()
        loading = asyncio.create_task(everybody_files(ground.site, some[2:], refused, filed, at_once=3))
        try:
            await until_async(partial(_refused, refused, loading), 120, "refusals")
            await _files_are_refused(ground, some[2].draft, Browser(ground.site, some[2], refused), figures)
        finally:
            ballast.unlink()
        await loading
        figures.must(bool(refused.statuses), "nobody noticed that the disk was full")
        told.add(refused)
    figures.must(ground.site.web_pids() == before, "a web process had to be started again")
    figures.must(not list((ground.site.data / "files").glob(".new-*")), "files were left half-written in the store")
    await ground.audit(figures, call, filed)
    ground.clear(figures, told)
    return figures


async def _files_are_refused(ground: Ground, draft: str, browser: Browser, figures: Figures) -> None:
    """Also a file of nearly the most that is allowed: it cannot be kept, and its sender reads why."""
    body, kind = multipart(
        {"do": f"attach {world.PAPER}"}, f"file:{world.PAPER}", "paper.pdf", world.paper(draft + "x", 900_000)
    )
    for accept in ("text/html", "application/json"):
        answer = await browser.ask("POST", browser.at(world.STEP), body, kind, accept=accept)
        figures.must(answer.status in (503, 507, 422), f"a file on a full disk was answered {answer.status}")
        browser.told.note(answer, browser.who.language)


def _fill(ballast: Path) -> None:
    """Write until nothing more goes on."""
    piece = b"\0" * 65536
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            if file.write(piece) < len(piece):
                piece = piece[: max(1, len(piece) // 2)]


def _refused(told: Told, loading: asyncio.Task[None]) -> bool:
    """Whether enough was refused; nobody waits on when the load is through."""
    return sum(told.statuses.values()) >= LEAST_REFUSED or loading.done()
