"""Reading and checking a folder with 100,000 score sheets: seconds of a whole process, and its peak of memory."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from madang.core.deciding.case import Case, Sheet
from madang.papers.writing import write_folder
from tests.bench import material
from tests.bench.measure import Spread, table, verdict
from tests.papers.spreadsheets import write

EVALUATORS = 20
LIMIT_S = 20
LIMIT_MB = 500
_READ = """
import re, resource, sys
from pathlib import Path
from madang.papers.folder import read
assert len(read(Path(sys.argv[1])).case.sheets) == int(sys.argv[2])
used = resource.getrusage(resource.RUSAGE_SELF)
peak = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]
print(used.ru_utime + used.ru_stime, int(peak) // 1000)
"""


def rows(repeats: int, quick: bool, home: Path) -> str:
    """Absolute seconds and memory, printed and never asserted."""
    applications = 500 if quick else 5_000
    sheets = applications * EVALUATORS
    lines = []
    for title, folder in _folders(home, applications):
        taken = [_once(folder, sheets) for _ in range(1 if quick else min(repeats, 3))]
        wall, cpu, memory = (Spread.of(column) for column in zip(*taken, strict=True))
        said = verdict(wall, LIMIT_S, at_most=True)
        if memory.high > LIMIT_MB:
            said = "**not reached**"
        size = f"{sum(file.stat().st_size for file in folder.iterdir()) / 1e6:.1f}"
        lines.append((title, size, wall.shown(1), cpu.shown(1), memory.shown(0), said))
    head = (f"{sheets:,} sheet rows × 6", "files (MB)", "whole process (s)", "processor (s)", "peak memory (MB)")
    return table((*head, f"within {LIMIT_S} s, {LIMIT_MB} MB"), lines)


def _folders(home: Path, applications: int) -> list[tuple[str, Path]]:
    """The same call as CSV, as XLSX, and as LibreOffice would save its score sheets."""
    text = material.definition_text(minimums=False, applications=applications)
    case = _case(applications)
    found = [("CSV", home / "rows-csv"), ("XLSX", home / "rows-xlsx"), ("ODS", home / "rows-ods")]
    for title, folder in found:
        write_folder(text, case, folder, "xlsx" if title == "XLSX" else "csv", decided_at="2021-06-23 10:00")
    _as_ods(found[2][1] / "sheets.csv")
    return found


def _case(applications: int) -> Case:
    random = Random(applications)
    case = material.case(applications)
    sheets = tuple(
        Sheet(
            "written",
            application.id,
            f"E{evaluator:02d}",
            {f"c{n}": str(random.randint(0, 100)) for n in range(1, material.CRITERIA + 1)},
        )
        for application in case.applications
        for evaluator in range(1, EVALUATORS + 1)
    )
    return replace(case, sheets=sheets)


def _as_ods(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        cells: list[list[Any]] = [[int(c) if c.isdigit() else c or None for c in row] for row in csv.reader(stream)]
    write(path.with_suffix(".ods"), cells, "ods")
    path.unlink()


def _once(folder: Path, sheets: int) -> tuple[float, float, float]:
    """Seconds on the wall and of processor, and megabytes.

    The process tells its own peak: what is told from outside includes its parent's.
    """
    command = (sys.executable, "-c", _READ, str(folder), str(sheets))
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall = time.perf_counter() - started
    cpu, memory = map(float, done.stdout.split())
    return wall, cpu, memory
