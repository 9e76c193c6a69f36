"""`madang verify` in a process of its own, within limits: a hostile file costs its sender's turn and nothing else.

The web process opens no uploaded record and loads no solver. Nothing is kept: the file goes in by standard input, the
findings come out as JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from madang.kernel import keys
from madang.kernel.datadir import data_dir

SECONDS: Final = 60
MEMORY: Final = 3 * 1024**3  # address space; a record of the largest size takes about a third
ANSWER: Final = 16 * 1024**2  # bytes of findings; a record that is wrong everywhere would fill the disk
AT_ONCE: Final = 2
KEY: Final = re.compile(r"[0-9a-f]{64}")

# Limits are set by the child on itself and survive the exec; a function run between fork and exec would not be safe in
# a process with threads.
_LIMITED = (
    "import os, resource, sys; "
    "memory, seconds, answer = map(int, sys.argv[1:4]); "
    "resource.setrlimit(resource.RLIMIT_AS, (memory, memory)); "
    "resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (answer, answer)); "
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[4:]])"
)


class Busy(Exception):
    """As many records as this site checks at once are being checked."""


class OverLimits(Exception):
    """The check was ended: too much time, memory or output."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What `madang verify` said. `unreadable` holds its sentences where the file is not even text."""

    exit_code: int
    findings: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def check(
    record: BinaryIO,
    *,
    language: str,
    key: str = "",
    content_only: bool = False,
    beside: Mapping[str, Sequence[bytes]] | None = None,
) -> Answer:
    """Verify a record in a child process. `key`: 64 hexadecimal digits, or empty. `beside`: files under `receipt` and
    `anchor`, which lie in a folder of their own while the child runs.

    Raises `Busy`, `OverLimits`, and `ValueError` on another key. Cost: a process of at most `SECONDS` and `MEMORY`.
    """
    if key and not KEY.fullmatch(key):  # anything else the command would take for the name of a file
        raise ValueError("not a public key")
    options = ["--json", "--language", language]
    options += ["--key", key] if key else []
    options += ["--content-only"] if content_only else []
    with (
        _turn(),
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as said,
    ):
        options += _laid_down(Path(folder), beside or {})
        code = _run(["verify", "-", *options], record, out, said)
        out.seek(0)
        said.seek(0)
        return _answer(code, out.read(), said.read(64 * 1024).decode("utf-8", "replace"))


def _laid_down(folder: Path, beside: Mapping[str, Sequence[bytes]]) -> list[str]:
    """The files in the folder, under names of ours, and the options that name them."""
    options = []
    for kind in ("receipt", "anchor"):
        for number, content in enumerate(beside.get(kind, ()), 1):
            path = folder / f"{kind}-{number}"
            path.write_bytes(content)
            options += [f"--{kind}", str(path)]
    return options


def _run(words: list[str], record: BinaryIO, out: BinaryIO, said: BinaryIO) -> int:
    limits = [str(number) for number in (MEMORY, SECONDS, ANSWER)]
    python = ["-I", "-X", "utf8"]  # no environment, no folder of ours on the path
    command = [sys.executable, *python, "-c", _LIMITED, *limits, *python, "-m", "madang.cli.main", *words]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    child = subprocess.Popen(  # noqa: S603  # our own program; what is from outside is a checked key, never a name
        command,
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=said,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **threads},  # no secret, no data folder
        cwd=tempfile.gettempdir(),
        start_new_session=True,
    )
    try:
        _feed(child, record)
        return child.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise OverLimits from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _feed(child: subprocess.Popen[bytes], record: BinaryIO) -> None:
    assert child.stdin is not None  # for the type checker
    with suppress(BrokenPipeError), child.stdin as pipe:
        while piece := record.read(1024 * 1024):
            pipe.write(piece)


def _answer(code: int, out: bytes, said: str) -> Answer:
    try:
        told = json.loads(out)
        return Answer(code, told["findings"], told["faults"])
    except (ValueError, KeyError, TypeError):
        if code == 2 and said.strip():  # not even text: said on standard error, in words
            return Answer(2, unreadable=[_without_folder(line) for line in said.splitlines()[:5]])
        raise OverLimits from None


def _without_folder(line: str) -> str:
    """A sentence without the place where we laid a file down."""
    return re.sub(r"\S*/((?:receipt|anchor)-\d+)", r"\1", line.removeprefix("-: "))


@contextmanager
def _turn() -> Iterator[None]:
    """One of the places, counted over all processes of this site; given back also when a process dies."""
    folder = data_dir() / "cache"
    for number in range(AT_ONCE):
        with (folder / f"verify-{number}.lock").open("w") as place:
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield
            return
    raise Busy


def public_key() -> str:
    """The public key of this installation, or nothing where it has none yet (or none that may be used)."""
    folder = data_dir() / "keys"
    if not (folder / f"{keys.RECORDS}.pem").exists():  # to look at a page makes no key
        return ""
    try:
        return keys.public_hex(keys.load_or_make())
    except keys.KeyUnusable:
        return ""
