"""What a deciding rule says: one outcome per application, and the tables behind it.

An outcome is `selected`, `reserve`, `not_selected`, `ineligible`, `undetermined`, or `later` (it came after the cut-off
and counts for the next batch). What to call it (award, admission, certificate) follows from the definition's
`outcome.kind` and is the shell's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from madang.core.problem import Status
from madang.core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Stated:
    """What a record that is being checked states, and a checker derives the rest from; each has a check of its own.

    `estimates`: list -> probabilities (estimated anew, within a tolerance). `certified`: list -> selection by total
    value (proven by its certificate).
    """

    estimates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    certified: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


NOTHING_STATED = Stated()


@dataclass(slots=True)
class Ruling:
    """What a rule says: outcome lines by application, and the tables behind them."""

    status: Status = Status.COMPUTED
    reasons: list[Reason] = field(default_factory=list)
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    ranking: list[dict[str, Any]] = field(default_factory=list)
    selections: list[dict[str, Any]] = field(default_factory=list)
    votes: list[dict[str, Any]] = field(default_factory=list)
    bands: list[dict[str, Any]] = field(default_factory=list)

    def say(self, application: str, outcome: str, reasons: list[Reason], **more: Any) -> None:
        line = {"outcome": outcome, "place": None, "grade": None, "grant_krw": None, **more}
        self.lines[application] = {**line, "reasons": [reason.as_json() for reason in reasons]}

    def undetermined(self, reason: Reason) -> None:
        self.status = Status.UNDETERMINED if self.status is Status.COMPUTED else self.status
        self.reasons.append(reason)

    def add(self, application: str, *reasons: Reason, **more: Any) -> None:
        """Say more of an application that the rule has spoken of: further reasons, other values."""
        line = self.lines[application]
        line.update(more)
        line["reasons"] = [*line["reasons"], *(reason.as_json() for reason in reasons)]
