"""`madang solve`: whole commands, start included, and what of it grows with the problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.bench import material
from tests.bench.measure import MADANG, race, ratio, table


def ranking(repeats: int, quick: bool, home: Path) -> str:
    """111 against 5,000 applications with 7 sheets of 6 scores."""
    sizes = (111, 1_000 if quick else 5_000)
    problems = {f"{size:,} × 7 × 6": ("ranking", material.ranking_problem(size)) for size in sizes}
    return _race(problems, min(repeats, 5), home)


def selection(repeats: int, quick: bool, home: Path) -> str:
    """Down the ranking, with and without minimum quotas."""
    problems = {
        f"{size:,}{', minimum quotas' if minimums else ''}": (
            "selection",
            material.selection_problem(size, minimums=minimums),
        )
        for size in ((300,) if quick else (300, 2_000))
        for minimums in (False, True)
    }
    return _race(problems, min(repeats, 5), home)


def _race(problems: dict[str, tuple[str, dict[str, Any]]], repeats: int, home: Path) -> str:
    commands = {}
    for number, (name, (kind, problem)) in enumerate(problems.items()):
        path = home / f"{kind}-{number}.json"
        path.write_text(json.dumps(problem))
        commands[name] = (*MADANG, "solve", kind, str(path), "--out", str(home / f"{kind}-{number}-result.json"))
    times = race(commands, repeats, home)
    first = next(iter(times.values()))
    rows = []
    for (name, taken), command in zip(times.items(), commands.values(), strict=True):
        result = json.loads(Path(command[-1]).read_text())
        again = "1" if taken is first else ratio(taken, first).shown()
        rows.append((name, taken.seconds(), again, result["status"], result["engine"]))
    return table(("problem", "whole command (s)", "to the first", "status", "engine"), rows)
