"""Every fault of a folder, in the order of its files, rows and columns."""

from __future__ import annotations

from madang.core.reasons import Fault

SHOWN = 200
_HELD = 20_000


class Findings:
    """Collects faults with their place. What is beyond the first 200 is counted, not listed."""

    def __init__(self) -> None:
        self._held: list[tuple[int, int, int, int, Fault]] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, file: int, row: int, column: int, fault: Fault) -> None:
        """`file` is the number of the file in the order of reading; of equal places the first found comes first."""
        self._held.append((file, row, column, self._count, fault))
        self._count += 1
        if len(self._held) > _HELD:
            self._held = sorted(self._held, key=lambda item: item[:4])[:SHOWN]

    def faults(self) -> list[Fault]:
        ordered = [item[4] for item in sorted(self._held, key=lambda item: item[:4])[:SHOWN]]
        if self._count > len(ordered):
            ordered.append(Fault("more_faults", "", {"more": self._count - len(ordered), "shown": len(ordered)}))
        return ordered
