"""What a running supervisor leaves in `run/` for others of this machine: who it is, when it last beat, what it saw.

`run/lock` is held as long as it runs (a lock, not a file: it goes with the process, however that dies). In
`run/state.json` stands its last beat, so that the next start knows since when nothing ran. `run/noticed/` holds outages
that wait to be written into the database (`kernel.outages`). Imports no Django.
"""

import contextlib
import datetime as dt
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from madang.kernel.clock import now
from madang.kernel.datadir import private, root
from madang.kernel.tokens import new_uid

BEAT_S: Final = 5.0
GAP: Final = dt.timedelta(seconds=60)
"""A silence longer than this is an outage; a shorter one is a restart."""

Kind = Literal["down", "database", "store", "clock", "entered"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this data folder; `pid` is its process, 0 where it has not said yet."""

    def __init__(self, pid: int) -> None:
        super().__init__(str(pid))
        self.pid = pid


@dataclass(slots=True)
class State:
    """What the supervisor says about itself.

    `beat_at`: when a web process was last known to serve, also by the run before; `in_order`: it was stopped then, and
    did not die. `is_first`: no run before it is known here. `off_s`: by how much the machine's clock is ahead of ours.
    `reloads` and `refused` count replacements of all processes that were done, and that were not.
    """

    pid: int
    started_at: dt.datetime
    address: str
    beat_at: dt.datetime | None = None
    in_order: bool = False
    is_first: bool = True
    ready: int = 0
    processes: int = 0
    off_s: float = 0.0
    reloads: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Noticed:
    """An outage as it was noticed, on its way into the database. `uid` makes it the only one of its name there."""

    kind: Kind
    began_at: dt.datetime
    ended_at: dt.datetime
    detail: str
    noticed_at: dt.datetime = field(default_factory=now)
    uid: str = field(default_factory=new_uid)


# -- the supervisor's state ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the data folder as its one supervisor. Raises `AlreadyRunning`."""
    handle = os.open(_run() / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(handle)
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    """Whoever only asks whether somebody runs holds the lock for a moment too: so it is tried more than once."""
    for _ in range(10):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.02)
    raise AlreadyRunning(holder())


def holder() -> int:
    """The process that holds this data folder as its supervisor now; 0 where none does."""
    try:
        handle = os.open(_run() / "lock", os.O_RDWR)
    except FileNotFoundError:
        return 0
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        told = os.read(handle, 20)
        return int(told) if told.isdigit() else 0
    finally:
        os.close(handle)
    return 0


def is_running() -> bool:
    """Whether a supervisor holds this data folder now."""
    return holder() != 0


def state() -> State | None:
    """What the supervisor that runs, or ran last, wrote; nothing where there was none, or its file is damaged."""
    found = read_json(_run() / "state.json")
    try:
        return State(**{name: _read(name, value) for name, value in found.items()}) if found else None
    except (TypeError, ValueError):
        return None


def write_state(state: State) -> None:
    write_json(_run() / "state.json", {name: _written(value) for name, value in asdict(state).items()})


# -- outages on their way into the database --------------------------------------------------------------------------


def notice(outage: Noticed) -> None:
    """Keep an outage until the worker can write it into the database: that may be what is gone."""
    write_json(_noticed() / f"{outage.uid}.json", {name: _written(value) for name, value in asdict(outage).items()})


def noticed() -> list[Noticed]:
    """What waits, the oldest first. What cannot be read stays where it is, and out of here."""
    found = []
    for path in _noticed().glob("*.json"):
        with contextlib.suppress(TypeError, ValueError):
            values = {name: _read(name, value) for name, value in (read_json(path) or {}).items()}
            outage = Noticed(**values)
            if outage.kind in KINDS and outage.uid == path.stem:
                found.append(outage)
    return sorted(found, key=lambda outage: (outage.began_at, outage.uid))


def forget(outage: Noticed) -> None:
    """It stands in the database now."""
    (_noticed() / f"{outage.uid}.json").unlink(missing_ok=True)


# -- small files -----------------------------------------------------------------------------------------------------


def run_file(name: str) -> Path:
    """A file of this name in `run/`."""
    return _run() / name


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a file; nothing where there is no file, or a power cut left half of one."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Whole or not at all, and on the disk."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _run() -> Path:
    """Not by `data_dir`: whatever has become of the other folders, here it can still be said."""
    return private(root() / "run")


def _noticed() -> Path:
    return private(_run() / "noticed")


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _read(name: str, value: Any) -> Any:
    return dt.datetime.fromisoformat(value) if name.endswith("_at") and value is not None else value
