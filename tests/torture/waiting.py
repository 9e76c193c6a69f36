"""Waiting for what becomes true: asked again and again, with an end."""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

EVERY_S: Final = 0.02


class Late(AssertionError):
    """It did not become true in time."""


def until(condition: Callable[[], T], within_s: float, what: str) -> T:
    """What the condition gives as soon as it is true. Raises `Late`, which names `what`."""
    last = time.monotonic() + within_s
    while not (found := condition()):
        if time.monotonic() > last:
            raise Late(f"not within {within_s:g} s: {what}")
        select.select([], [], [], EVERY_S)
    return found


async def until_async(condition: Callable[[], T], within_s: float, what: str) -> T:
    """The same among tasks."""
    last = time.monotonic() + within_s
    while not (found := condition()):
        if time.monotonic() > last:
            raise Late(f"not within {within_s:g} s: {what}")
        await asyncio.sleep(EVERY_S)
    return found


async def moment(at: float) -> None:
    """Return at this Unix time, or at once where it is past: for what has to be sent at a moment."""
    if (left := at - time.time()) > 0:
        await asyncio.sleep(left)
