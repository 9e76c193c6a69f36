"""Checks that need no Django: the program, the data folder, keys, clock, and the supervisor."""

import ctypes
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from madang import __version__
from madang.kernel import clock, keyring, keys, running
from madang.kernel.datadir import root
from madang.kernel.doctor import Check, Finding, bad, ok, warn
from madang.kernel.readiness import LEAST_FREE, free_bytes

LOCK: Final = Path(__file__).resolve().parents[4] / "requirements.lock"
"""Beside a checkout; a wheel has none."""
REMOTE: Final = re.compile(r"nfs|cifs|smb|9p|sshfs|gluster|ceph|lustre|afs|davfs|s3fs|rclone|vboxsf|prl_fs|virtiofs")
COMFORT: Final = 2 * 1024**3
"""Bytes of free space below which somebody should look."""

_ASK_LOCK: Final = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    other.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError:
    print("locked")
"""


def program() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield ok("doctor_program", madang=__version__, python=python)
    if not LOCK.exists():
        return
    locked = defaultdict(set)  # one package may have several, each for another Python
    for name, number in re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK.read_text("utf-8"), re.MULTILINE):
        locked[name].add(number)
    found = {name: _installed(name) for name in locked}
    if other := sorted(f"{name} {found[name]}" for name, wanted in locked.items() if found[name] not in {*wanted, ""}):
        yield warn("doctor_not_locked", packages=other)


def _installed(name: str) -> str:
    """Empty where it is not there: what a machine needs no test for."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def data_folder() -> Iterator[Finding]:
    folder = root()
    if not folder.is_dir():
        yield bad("doctor_no_data", folder=str(folder))
        return
    status = folder.stat()
    if status.st_uid != os.getuid():
        yield warn("doctor_data_of_another", folder=str(folder))
    if status.st_mode & 0o077:
        yield warn("doctor_data_open", folder=str(folder))
    free = free_bytes()
    told = {"folder": str(folder), "free_mb": free // 1024**2}
    if free < LEAST_FREE:
        yield bad("doctor_disk_full", **told)
    else:
        yield (warn if free < COMFORT else ok)("doctor_disk", **told)
    kind = _file_system(folder)
    if REMOTE.search(kind):
        yield bad("doctor_remote_disk", kind=kind)
    yield from _disk_keeps_its_word(folder)


def _file_system(folder: Path) -> str:
    """The kind of file system, as the kernel has it; empty where it does not say."""
    best = (0, "")
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        at = before.split()[4].replace("\\040", " ")
        if folder.is_relative_to(at) and len(at) >= best[0]:
            best = (len(at), after.split()[0])
    return best[1]


def _disk_keeps_its_word(folder: Path) -> Iterator[Finding]:
    """Can be written and flushed, and a lock of one process is seen by another: SQLite stands on both."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".doctor-") as aside:
            path = Path(aside) / "lock.sqlite3"
            with closing(sqlite3.connect(path, isolation_level=None)) as first:
                mode = first.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                first.execute("BEGIN IMMEDIATE")
                asked = [sys.executable, "-c", _ASK_LOCK, str(path)]
                told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
                first.execute("ROLLBACK")
            handle = os.open(path, os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    except (OSError, sqlite3.Error) as error:
        yield bad("doctor_disk_refuses", folder=str(folder), system=str(error)[:200])
        return
    if mode != "wal" or told.stdout.strip() != "locked":
        yield bad("doctor_disk_no_locks", folder=str(folder))
    else:
        yield ok("doctor_disk_locks")


def key_files() -> Iterator[Finding]:
    folder = root() / "keys"
    if not folder.is_dir():
        yield warn("doctor_no_keys", folder=str(folder))
        return
    sound = True
    for path in sorted(folder.iterdir()):
        public = path.name.endswith(".public.json") or path.name.startswith(".")
        status = path.stat()
        if not public and (status.st_mode & 0o077 or status.st_uid != os.getuid()):
            sound = False
            yield bad("doctor_key_open", file=str(path))
    if sound:
        yield ok("doctor_keys_closed")
    yield from _signing_key(folder)


def _signing_key(folder: Path) -> Iterator[Finding]:
    from madang.core.reasons import Malformed
    from madang.core.record.keylist import read_keys

    try:
        text = keyring.published(folder=folder)
        if text is None:
            yield warn("doctor_keys_not_published")
            return
        current = read_keys(text).current
        if not (folder / f"{keys.RECORDS}.pem").exists():
            yield bad("doctor_signing_key_missing")
        elif current is None or current.key != keys.public_hex(keys.load_or_make(folder=folder)):
            yield bad("doctor_signing_key_differs")
        else:
            yield ok("doctor_signing_key", key=current.key)
    except (Malformed, keys.KeyUnusable) as error:
        yield bad("doctor_key_unusable", problem=str(error)[:200])


def time() -> Iterator[Finding]:
    state = running.state() if running.is_running() else None
    if state is not None and abs(state.off_s) > clock.JUMP_S:
        way = "ahead" if state.off_s > 0 else "behind"
        yield bad(f"doctor_clock_{way}", seconds=round(abs(state.off_s)))
    elif state is not None:
        yield ok("doctor_clock")
    kept = _kept_by_ntp()
    if kept is not None:
        yield ok("doctor_ntp") if kept else warn("doctor_no_ntp")


def _kept_by_ntp() -> bool | None:
    """What the kernel says about its own clock; nothing where it cannot be asked."""
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_long) != 8:
        return None
    timex = ctypes.create_string_buffer(256)  # all zero: only asks
    if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
        return None
    unsynchronised = 0x40
    return not int.from_bytes(timex.raw[40:44], sys.byteorder) & unsynchronised


def supervisor() -> Iterator[Finding]:
    state = running.state()
    if not running.is_running() or state is None:
        yield warn("doctor_not_serving")
        return
    told = {"address": state.address, "ready": state.ready, "processes": state.processes}
    if state.beat_at is None or clock.now() - state.beat_at > running.GAP:
        yield bad("doctor_no_beat", **told)
    elif state.ready < state.processes:
        yield warn("doctor_not_all_ready", **told)
    else:
        yield ok("doctor_serving", **told)


CHECKS: Final[dict[str, Check]] = {
    "program": program,
    "data folder": data_folder,
    "keys": key_files,
    "clock": time,
    "serve": supervisor,
}
