"""When a period stood still: from what happened, the stops that its own terms name (`stops_on`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from madang.core.clocks.model import Stop

SUPPLEMENT = "supplement"
"""What `stops_on` calls a request for a supplement."""

Span = tuple[str, dt.date, dt.date | None]
"""What happened, from which day, until which day (none: it goes on)."""


def stops_of(stops_on: Collection[str], happened: Iterable[Span]) -> tuple[Stop, ...]:
    """The stops for `count_days`, in the order of their first days. What the terms do not name stops nothing.

    The day on which it began and the day on which it ended both stand (`Stop`).
    """
    return tuple(sorted((Stop(first, last) for name, first, last in happened if name in stops_on), key=_first))


def _first(stop: Stop) -> tuple[dt.date, dt.date]:
    return stop.first, stop.last or dt.date.max
