"""What happened, told after commit. An app speaks to those on its right by events only.

An event is a frozen dataclass of plain values (ids, not rows: who listens reads what is true by then). Listeners are
put together in `madang.site` alone, so that one page says who hears what.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events; named in the past tense (`DefinitionPublished`)."""


E = TypeVar("E", bound=Event)

_listeners: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)


def announce(event: Event) -> None:
    """Tell every listener once the transaction has committed; after a rollback nobody hears anything.

    What was committed stands: a listener that fails is logged with its traceback, and the others are still told. A
    listener writes by a command of its own, in a transaction of its own. What must not be lost after a crash between
    commit and listener is caught up by a job of the worker, from what stands in the database (`catch_up` in tasks.py).
    """
    for listener in _listeners[type(event)]:
        transaction.on_commit(_telling(listener, event), robust=True)


def _telling(listener: Callable[[Event], None], event: Event) -> Callable[[], None]:
    """A call with a name (Django writes it into the log when it fails; a `partial` has none, and would break that)."""

    def tell() -> None:
        listener(event)

    tell.__qualname__ = f"{listener.__qualname__} on {type(event).__name__}"
    return tell


def listen(event: type[E], listener: Callable[[E], None]) -> Callable[[], None]:
    """Call `listener` for each such event from now on; returns the function that ends it. For `madang.site` only."""
    _listeners[event].append(listener)
    return lambda: _listeners[event].remove(listener)
