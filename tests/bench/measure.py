"""Commands timed against each other, in turn within one run, so that what else the machine does strikes them alike."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MADANG = (sys.executable, "-m", "madang.cli.main")


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of repeated measurements, and the lowest and highest of them."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))

    def shown(self, decimals: int = 2) -> str:
        return f"{self.middle:.{decimals}f} ({self.low:.{decimals}f}–{self.high:.{decimals}f})"


@dataclass(frozen=True, slots=True)
class Times:
    """One command's rounds: seconds on the wall, and seconds of processor."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    def seconds(self) -> str:
        return Spread.of(self.wall).shown(3)

    def processor(self) -> str:
        return Spread.of(self.cpu).shown(3)


def race(commands: Mapping[str, Sequence[str]], repeats: int, home: Path) -> dict[str, Times]:
    """Each command once unmeasured (disk and compiled modules warm), then all of them in turn, `repeats` rounds.

    Every other round goes backwards. A command that fails ends the run with what it said.
    """
    for command in commands.values():
        run(command, home)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(repeats):
        for name in list(commands) if number % 2 == 0 else reversed(commands):
            taken[name].append(run(commands[name], home))
    return {name: Times(*map(tuple, zip(*rounds, strict=True))) for name, rounds in taken.items()}


def run(command: Sequence[str], home: Path) -> tuple[float, float]:
    """Wall and processor seconds of one run."""
    with (home / "said.txt").open("w+b") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=_environment(home))
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)[:200]}: {said.read().decode(errors='replace')[-2000:]}")
    return wall, used.ru_utime + used.ru_stime


def _environment(home: Path) -> dict[str, str]:
    """Modules compiled once, as on an office's machine; keys and data apart; English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MADANG", "DJANGO"))}
    apart = {"MADANG_DATA": str(home / "data"), "MADANG_LANGUAGE": "en", "PYTHONPYCACHEPREFIX": str(home / "compiled")}
    return kept | apart


def ratio(one: Times, other: Times, *, units: tuple[int, int] = (1, 1)) -> Spread:
    """Wall time of `one` to `other`, round by round; `units` divides each (time per sheet)."""
    pairs = zip(one.wall, other.wall, strict=True)
    return Spread.of([(first / units[0]) / (second / units[1]) for first, second in pairs])


def verdict(found: Spread, limit: float, *, at_most: bool) -> str:
    """Whether a limit is reached: judged by the median, said so where single rounds disagree."""

    def holds(value: float) -> bool:
        return value <= limit if at_most else value < limit

    if not holds(found.middle):
        return "**not reached**"
    return "reached" if holds(found.high) else "reached (median; not in every round)"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column to the left, numbers to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))
