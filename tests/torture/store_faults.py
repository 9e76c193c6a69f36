"""The file store under faults, for real: the service gone at any moment, the disk full at any moment.

Each function runs so many rounds, checks after each that nothing half-written stands anywhere and that the next file is
kept, and returns what happened. Raises `AssertionError` with the first thing that does not hold, and
`unittest.SkipTest` where this machine does not allow the fault.
"""

import hashlib
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from madang.kernel import files
from tests.factories.s3 import Line, Service
from tests.factories.small_disk import small_disk

LARGEST = 600_000


def store_gone(rounds: int) -> dict[str, int]:
    """A bucket whose line is cut at a random byte, on the way there or back; then mended."""
    chance, told = random.Random(6), {"rounds": rounds, "refused": 0, "kept": 0}
    service = Service()
    try:
        line = Line(service.port)
        with _data(service.bucket(port=line.port)) as data:
            before = files.keep(b"acknowledged before")
            acknowledged = {before.sha256}
            for _ in range(rounds):
                content = chance.randbytes(chance.randrange(1, LARGEST))
                line.cut_after(chance.randrange(LARGEST), answers=chance.random() < 0.3)
                _attempt(content, acknowledged, told)
                line.cut()
                _attempt(content + b".", acknowledged, told)
                line.mend()
                acknowledged.add(files.keep(content).sha256)
                _whole(acknowledged, data)
    finally:
        service.stop()
    assert told["refused"] >= rounds, told  # the line that was down lets nothing through
    return told


def disk_full(rounds: int) -> dict[str, int]:
    """A folder on a disk that fills up in the middle of a file; then room is made."""
    chance, told = random.Random(6), {"rounds": rounds, "refused": 0, "kept": 0}
    with _data("") as data, small_disk(data / "files", kilobytes=2048) as folder:
        acknowledged = {files.keep(b"acknowledged before").sha256}
        for _ in range(rounds):
            filling = folder / "filling"
            free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
            room = min(free, chance.randrange(0, 200_000))
            filling.write_bytes(b"\0" * (free - room))
            _attempt(chance.randbytes(room + 50_000), acknowledged, told)
            filling.unlink()
            small = chance.randbytes(chance.randrange(1, 8_000))
            acknowledged.add(files.keep(small).sha256)
            _whole(acknowledged, data)
    assert told["refused"] == rounds, told
    return told


@contextmanager
def _data(url: str) -> Iterator[Path]:
    """A data folder of its own, with its files at this address."""
    before = {name: os.environ.get(name) for name in ("MADANG_DATA", files.VARIABLE)}
    with tempfile.TemporaryDirectory(prefix="madang-torture-") as folder:
        os.environ.update({"MADANG_DATA": folder, files.VARIABLE: url})
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def _attempt(content: bytes, acknowledged: set[str], told: dict[str, int]) -> None:
    """Keep it, or be refused for a reason; whoever is told that it was kept must find it."""
    try:
        kept = files.keep(content)
    except (files.StoreGone, files.DiskFull):
        told["refused"] += 1
        return
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    acknowledged.add(kept.sha256)
    told["kept"] += 1


def _whole(acknowledged: set[str], data: Path) -> None:
    """Everything acknowledged is there, byte for byte; whatever else is there is whole too; nothing lies aside."""
    listed = {one.sha256 for one in files.all()}
    assert acknowledged <= listed, f"lost: {acknowledged - listed}"
    for sha256 in listed:
        files.opened(sha256).close()  # raises where it is not what its name says
    left = [path for path in data.rglob("*") if path.name.startswith((".new-", ".read-"))]
    assert left == [], f"left aside: {left}"
