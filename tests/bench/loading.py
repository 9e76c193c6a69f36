"""`madang demo --no-serve` into an empty folder: how long a newcomer waits for the sample programmes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.measure import MADANG, Spread, run, table

LIMIT_S = 40


def demo(repeats: int, quick: bool, home: Path) -> str:
    """Absolute seconds, printed and never asserted; the limit is for two cores."""
    taken = []
    for _ in range(1 if quick else min(repeats, 3)):
        with tempfile.TemporaryDirectory(dir=home) as empty:
            taken.append(run((*MADANG, "demo", "--no-serve", "--data", empty), home))
    wall, cpu = (Spread.of(column) for column in zip(*taken, strict=True))
    said = "reached" if wall.high <= LIMIT_S else "**not reached**"
    return table(
        ("", "whole command (s)", "processor (s)", f"within {LIMIT_S} s"),
        [("demo, empty folder", wall.shown(1), cpu.shown(1), said)],
    )
