"""`madang decide`: against starting and reading, per sheet as calls grow; and `madang verify` against it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from tests.bench import material
from tests.bench.measure import MADANG, Times, race, ratio, table, verdict

_READ = """
import sys
from pathlib import Path
from madang.papers.folder import read
read(Path(sys.argv[1]))
import madang.core.deciding
if sys.argv[2] == "CP-SAT":
    import madang.core.selection.engine_cpsat
"""
_SOLVER = """
import sys
from madang.cli.main import main
assert main(sys.argv[1:]) == 0
sys.exit(0 if "ortools" in sys.modules else 3)
"""


def decide(repeats: int, quick: bool, home: Path) -> str:
    """A small call: the whole command against starting Python, reading its files and importing its solver."""
    rows = []
    for title, minimums, kind in (
        ("CSV", False, "csv"),
        ("XLSX", False, "xlsx"),
        ("CSV, minimum quotas", True, "csv"),
    ):
        folder = _folder(home, 111, minimums, kind)
        solver = "CP-SAT" if _loads_solver(folder, home) else "own"
        commands = {"read": (sys.executable, "-c", _READ, str(folder), solver), "decide": _decide(folder)}
        times = race(commands, repeats, home)
        found = ratio(times["decide"], times["read"])
        rows.append(
            (
                title,
                solver,
                times["read"].seconds(),
                times["decide"].seconds(),
                found.shown(),
                verdict(found, 2, at_most=False),
            )
        )
    head = ("111 × 7 × 6", "solver", "start, read, import (s)", "decide (s)", "ratio", "under 2")
    return table(head, rows)


def growth(repeats: int, quick: bool, home: Path) -> str:
    """Time per sheet of the whole command at 500 applications and at ten times as many."""
    rows = []
    large = 1_000 if quick else 5_000
    for title, kind in (("CSV", "csv"), ("XLSX", "xlsx")):
        sizes = {500: _folder(home, 500, False, kind), large: _folder(home, large, False, kind)}
        times = race({str(size): _decide(folder) for size, folder in sizes.items()}, min(repeats, 3), home)
        sheets = (large * material.EVALUATORS, 500 * material.EVALUATORS)
        found = ratio(times[str(large)], times["500"], units=sheets)
        per_sheet = [f"{_middle(times[str(size)]) / (size * material.EVALUATORS) * 1e6:.0f}" for size in sizes]
        rows.append(
            (
                title,
                times["500"].seconds(),
                times[str(large)].seconds(),
                *per_sheet,
                found.shown(),
                verdict(found, 1, at_most=True),
            )
        )
    head = ("× 7 × 6", "500 (s)", f"{large:,} (s)", "µs a sheet, 500", f"µs a sheet, {large:,}", "ratio", "at most 1")
    return table(head, rows)


def verify(repeats: int, quick: bool, home: Path) -> str:
    """`madang verify` on the record that `madang decide` has just written."""
    rows = []
    for size in (111, 1_000 if quick else 5_000):
        for title, minimums in (("", False), (", minimum quotas", True)):
            folder = _folder(home, size, minimums, "csv")
            record = str(_out(folder) / "record.json")
            commands = {"decide": _decide(folder), "verify": (*MADANG, "verify", record)}
            times = race(commands, repeats if size == 111 else min(repeats, 3), home)
            found = ratio(times["verify"], times["decide"])
            cpu = (times["decide"].processor(), times["verify"].processor())
            rows.append(
                (
                    f"{size:,}{title}",
                    times["decide"].seconds(),
                    times["verify"].seconds(),
                    *cpu,
                    found.shown(),
                    verdict(found, 1, at_most=True),
                )
            )
    head = (
        "× 7 × 6",
        "decide (s)",
        "verify (s)",
        "decide, processor (s)",
        "verify, processor (s)",
        "ratio",
        "at most 1",
    )
    return table(head, rows)


def _folder(home: Path, applications: int, minimums: bool, kind: Literal["csv", "xlsx"]) -> Path:
    name = f"{applications}-{kind}{'-minimums' if minimums else ''}"
    return material.folder(home / name, applications, minimums=minimums, kind=kind)


def _out(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-out")


def _decide(folder: Path) -> tuple[str, ...]:
    return (*MADANG, "decide", str(folder), "--out", str(_out(folder)), "--replace")


def _loads_solver(folder: Path, home: Path) -> bool:
    """Whether deciding this folder loads CP-SAT: the baseline must then load it, and must not otherwise."""
    from tests.bench.measure import run

    try:
        run((sys.executable, "-c", _SOLVER, *_decide(folder)[len(MADANG) :]), home)
    except RuntimeError:
        run(_decide(folder), home)  # a real failure speaks here
        return False
    return True


def _middle(times: Times) -> float:
    return sorted(times.wall)[len(times.wall) // 2]
