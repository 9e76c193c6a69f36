"""Papers and editions that are made when somebody asks for them: in a process of their own, once, then kept.

The same commands make them that everybody has (`madang edition`, `report`, `quality`): no web process loads what sets
a page or draws a chart. Kept by the hash of the record, so that nothing here ever grows stale; what is asked for
least recently leaves first.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from madang import __version__
from madang.kernel import files
from madang.kernel.datadir import data_dir, private
from madang.words import LANGUAGES

SECONDS: Final = 120
LARGEST: Final = 256 * 1024**2
"""No single file may grow larger."""
KEPT: Final = 1024**3
"""So many bytes are kept; beyond them the files that nobody has asked for longest are removed."""
WAIT: Final = 20.0
"""Seconds that a reader waits for the turn of others."""
PUBLIC: Final = "record.public.json"
PARTY: Final = "record.party.json"
QUALITY: Final = "quality"
JSON: Final = "application/json"
PRINTED: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "hwpx": "application/hwp+zip",
}

# The child sets its limits itself (see `verifying`). Address space stays free: the chart renderer reserves far more
# than it uses, and the records are our own, verified when they were sealed.
_LIMITED: Final = (
    "import os, resource, sys; "
    "seconds, size = map(int, sys.argv[1:3]); "
    "resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); "
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[3:]])"
)


class Busy(Exception):
    """Others are waiting already, for longer than a reader should."""


class NotMade(Exception):
    """It could not be made: the record is damaged, or a limit was met."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One run of the command: its words, and what it writes inside its folder."""

    words: tuple[str, ...]
    written: str


def report_names() -> dict[str, str]:
    """Every printed paper, in every language: `report.ko.pdf`, `quality.en.pdf` -> media type."""
    names = {f"report.{language}.{form}": media for form, media in PRINTED.items() for language in LANGUAGES}
    return names | {f"{QUALITY}.{language}.pdf": PRINTED["pdf"] for language in LANGUAGES}


def made(record_sha256: str, name: str, *, party: str = "") -> Path:
    """The file of this name for a record of the store, made now where it is not kept yet.

    `name`: `PUBLIC`, `PARTY` (of the application `party`), or one of `report_names`. Raises `Busy`, `NotMade`,
    `files.NotKept` or `files.Corrupted`. Cost: a file's date, once made; else a process of at most `SECONDS`.
    """
    folder = data_dir() / "cache" / "papers" / f"{record_sha256}-{__version__}"
    path = folder / name
    if _found(path):
        return path
    with _turn():
        if not _found(path):  # whoever was before us may have asked for the same
            _make(record_sha256, _job(name, party), path)
            _make_room(folder.parent, spare=folder)
    return path


def _found(path: Path) -> bool:
    """Whether it is kept; it counts as asked for now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _job(name: str, party: str) -> _Job:
    if name == PUBLIC:
        return _Job(("edition", "-", "--public"), PUBLIC)
    if name == PARTY and party:
        return _Job(("edition", "-", f"--party={party}"), "parties/record.party-*.json")
    if name not in report_names():
        raise ValueError(f"no such paper: {name}")
    command, language, form = name.split(".")
    return _Job((command, "-", "--papers", form, "--language", language), f"{command}.{form}")


def _make(record_sha256: str, job: _Job, path: Path) -> None:
    private(path.parent)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".making-") as aside:
        with files.reading(record_sha256) as record:
            code = _run([*job.words, "--out", aside], record.fileno())
        found = next(Path(aside).glob(job.written), None)
        if code or found is None:
            raise NotMade(path.name)
        os.replace(found, path)  # a reader sees a whole file or none


def _run(words: list[str], record: int) -> int:
    python = ["-I", "-X", "utf8"]  # no environment, no folder of ours on the path
    limits = [str(SECONDS), str(LARGEST)]
    child = subprocess.Popen(  # noqa: S603  # our own program; from outside comes at most an id of the record itself
        [sys.executable, *python, "-c", _LIMITED, *limits, *python, "-m", "madang.cli.main", *words],
        stdin=record,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},  # no secret, no data folder
        cwd=tempfile.gettempdir(),
        start_new_session=True,
    )
    try:
        return child.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise NotMade("time") from None
    finally:
        with suppress(ProcessLookupError):  # the chart renderer is a child of the child
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextmanager
def _turn() -> Iterator[None]:
    """One at a time over all processes of this site; given back also when a process dies."""
    with (data_dir() / "cache" / "papers.lock").open("w") as place:
        until = time.monotonic() + WAIT
        while True:
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Busy from None
                time.sleep(0.1)
        yield


def _make_room(root: Path, *, spare: Path) -> None:
    """Remove what was not asked for longest until the rest fits; never what was made just now."""
    kept = [(entry.stat(), entry) for entry in root.glob("*/*") if entry.is_file()]
    total = sum(stat.st_size for stat, _ in kept)
    for stat, entry in sorted(kept, key=lambda pair: pair[0].st_mtime):
        if total <= KEPT:
            return
        if entry.parent != spare:
            entry.unlink(missing_ok=True)
            total -= stat.st_size
            with suppress(OSError):  # not empty yet
                entry.parent.rmdir()
