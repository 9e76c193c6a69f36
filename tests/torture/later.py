"""The worker's jobs, once, as they will be some time from now; a program of its own (`children.py`).

Asked: `seconds`. Answers how much each job did.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.torture.children import answer


def done(asked: dict[str, Any]) -> dict[str, int]:
    from madang.kernel import clock, worker

    with clock.at(clock.now() + dt.timedelta(seconds=asked["seconds"])):
        return worker.run_once()


if __name__ == "__main__":
    answer(done)
