"""Every shipped sample folder decided with all its papers, and its record verified: how long the whole shelf takes."""

from __future__ import annotations

from pathlib import Path

from tests.bench.measure import MADANG, Spread, run, table

EXAMPLES = Path(__file__).parents[2] / "examples"
LIMIT_S = 60


def thirteen(repeats: int, quick: bool, home: Path) -> str:
    """Absolute seconds of one folder after the other, printed and never asserted; the limit is for two cores."""
    folders = sorted(folder for folder in EXAMPLES.iterdir() if folder.name.endswith("-sample"))
    rounds = 1 if quick else min(repeats, 3)
    bare = [sum(_once(folder, home, ()) for folder in folders) for _ in range(rounds)]
    papers = [sum(_once(folder, home, ("--papers", "all")) for folder in folders) for _ in range(rounds)]
    return table(
        ("folders", "decide and verify (s)", "with every paper (s)", f"within {LIMIT_S} s"),
        [
            (
                str(len(folders)),
                Spread.of(bare).shown(1),
                Spread.of(papers).shown(1),
                "reached" if max(bare) <= LIMIT_S else "**not reached**",
            )
        ],
    )


def _once(folder: Path, home: Path, more: tuple[str, ...]) -> float:
    out = home / folder.name
    decided, _ = run((*MADANG, "decide", str(folder), "--out", str(out), "--replace", *more), home)
    verified, _ = run((*MADANG, "verify", str(out / "record.json")), home)
    return decided + verified
