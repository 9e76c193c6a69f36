"""What a fault showed, and the table of all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

READY_S: Final = 5.0
"""From a kill to the first answer."""


@dataclass(slots=True)
class Figures:
    """One fault on one database. `wrong`: everything that was not as it must be, in words; `skipped`: why it did not
    run.
    """

    fault: str
    database: str
    rounds: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    restarts_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def good(self) -> bool:
        return not self.wrong and not self.lost and not self.doubled

    def must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def ready_in_time(self) -> None:
        """Enter restarts that took too long. Not for tests: how long they take on a busy machine says nothing."""
        slow = [one for one in self.restarts_s if one > READY_S]
        self.must(not slow, f"{len(slow)} restarts took longer than {READY_S:g} s, up to {max(slow, default=0):.1f} s")

    def shown(self) -> str:
        """Everything, for the log of a run that failed."""
        lines = [f"{self.fault} on {self.database}: {self.acknowledged} acknowledged, {self.lost} lost"]
        return "\n".join([*lines, *self.notes, *(f"WRONG {one}" for one in self.wrong)])


RULE: Final = ("---", "---", "---:", "---:", "---:", "---:", "---:", "---", "---")
HEAD: Final = ("fault", "database", "rounds", "acknowledged", "lost", "doubled", "ready again (s)", "day", "")


def row(one: Figures) -> Sequence[str]:
    day = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    if one.skipped:
        return (one.fault, one.database, "", "", "", "", "", day, f"skipped: {one.skipped}")
    times = one.restarts_s
    ready = f"{min(times):.1f} / {median(times):.1f} / {max(times):.1f}" if times else "–"
    said = "; ".join([*([] if one.good else ["**failed**"]), *one.notes])
    counts = (one.rounds, one.acknowledged, one.lost, one.doubled)
    return (one.fault, one.database, *(f"{count:,}" for count in counts), ready, day, said)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Markdown. Seconds: the shortest, the median, the longest."""
    return "\n".join("| " + " | ".join(one) + " |" for one in [HEAD, RULE, *rows])


def read_rows(text: str) -> Iterator[Sequence[str]]:
    """The rows of such a table, as `row` made them."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == len(HEAD) and tuple(cells) not in (HEAD, RULE):
            yield cells
