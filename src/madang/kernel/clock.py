"""What time it is, steadily: a moment fixed at the start, and from there the machine's own count of seconds.

Commands and queries ask here, so that tests and the demo can set it, and so that nobody who sets the machine's clock
while the platform runs moves a deadline (`docs/adr/0024-a-clock-that-does-not-jump.md`). `madang serve` fixes one
moment for all its processes; a process that was started alone fixes its own. Imports no Django.
"""

import datetime as dt
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

VARIABLE: Final = "MADANG_CLOCK"
"""How a supervisor hands its anchor on: Unix time in ns, steady time in ns, and the boot in which both were read."""

JUMP_S: Final = 2.0
"""From which difference on the machine's clock counts as set: less is a leap second, or chance between two readings."""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")

_set: ContextVar[dt.datetime | None] = ContextVar("madang_clock", default=None)

if hasattr(time, "CLOCK_BOOTTIME"):

    def steady_ns() -> int:
        """Nanoseconds since the machine started, also those for which it slept; nobody can set them."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
else:  # not Linux
    steady_ns = time.monotonic_ns


def _boot() -> str:
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""


def _base(told: str) -> int:
    """Unix time in ns at steady time 0: by the anchor told, where it is of this boot, else by the clock as it is."""
    wall, _, rest = told.partition(",")
    steady, _, boot = rest.partition(",")
    if wall.isdecimal() and steady.isdecimal() and boot == _boot() and int(steady) <= steady_ns():
        return int(wall) - int(steady)
    return time.time_ns() - steady_ns()


_unix_at_zero = _base(os.environ.get(VARIABLE, ""))


def now() -> dt.datetime:
    """The moment, in UTC. It does not move when the machine's clock is set."""
    return _set.get() or _EPOCH + dt.timedelta(microseconds=(_unix_at_zero + steady_ns()) // 1000)


def unix() -> float:
    """The same as seconds of Unix time: for what is kept as a number."""
    return now().timestamp()


def anchor() -> str:
    """This process's anchor, as children get it in `MADANG_CLOCK`."""
    steady = steady_ns()
    return f"{_unix_at_zero + steady},{steady},{_boot()}"


def off_s() -> float:
    """By how many seconds the machine's clock is ahead of ours (negative: behind). Near 0 unless somebody set it."""
    return (time.time_ns() - steady_ns() - _unix_at_zero) / 1e9


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Within this block, in this thread or task only, it is `moment` (which must know its zone)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    token = _set.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _set.reset(token)
