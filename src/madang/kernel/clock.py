"""What time it is. Commands and queries ask here, so that tests and the demo can set it. Imports no Django."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_set: ContextVar[dt.datetime | None] = ContextVar("madang_clock", default=None)


def now() -> dt.datetime:
    """The moment, in UTC."""
    return _set.get() or dt.datetime.now(dt.UTC)


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Within this block, in this thread or task only, it is `moment` (which must know its zone)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    token = _set.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _set.reset(token)
