"""`madang doctor`: small checks, each of which says how one thing stands, and what to do where it does not stand well.

A check is a function that gives findings; it changes nothing that lasts. Those of the machine need no Django, so that
they can tell why it does not start.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from madang.core.reasons import Reason

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`bad`: the platform does not do its work, or not safely. `warn`: it does, but somebody should look."""

    state: State
    reason: Reason


Check = Callable[[], Iterator[Finding]]


def ok(code: str, **params: Any) -> Finding:
    return Finding("ok", Reason(code, params))


def warn(code: str, **params: Any) -> Finding:
    return Finding("warn", Reason(code, params))


def bad(code: str, **params: Any) -> Finding:
    return Finding("bad", Reason(code, params))


def examine(checks: dict[str, Check]) -> Iterator[tuple[str, Finding]]:
    """Every check by its name; one that fails itself is a finding too, and the others still run."""
    for name, check in checks.items():
        try:
            for finding in check():
                yield name, finding
        except Exception as error:  # a doctor who faints helps nobody
            yield name, bad("doctor_failed", check=name, error=f"{type(error).__name__}: {error}"[:200])
