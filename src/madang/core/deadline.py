"""How long a search may still go on. The core has no clock: the shell measures, the core only asks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """`left()` gives the seconds that are left (never a clock time); zero or less: stop with the best found."""

    left: Callable[[], float]

    def expired(self) -> bool:
        return self.left() <= 0


#: Time that does not run out.
NO_DEADLINE = Deadline(lambda: math.inf)
