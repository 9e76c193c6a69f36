"""How much is computed before a problem is refused: data that relate everybody to everybody have no useful answer."""

from __future__ import annotations

from madang.core.reasons import Fault, Malformed

MOST_STEPS = 30_000_000
MOST_WAYS = 1_000_000  # from evaluators to applications, through anything that a rule names


class Steps:
    """Counts work; raises `Malformed` when there is too much of it."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self._most, self._left = most, most

    def take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Malformed([Fault("conflicts_too_many", "", {"most": self._most})])
