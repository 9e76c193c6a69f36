"""What `verify` answers: one finding a check, in three states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from madang.core.reasons import Fault, Reason
from madang.core.record.judgement import Judgement
from madang.core.record.read import Record


class State(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was asked, how it came out, and why."""

    check: str
    state: State
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"check": self.check, "state": self.state.value, "reasons": [r.as_json() for r in self.reasons]}


@dataclass(slots=True)
class Verification:
    """Every finding, in the order checked. `faults` says why a record is unreadable."""

    findings: list[Finding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    record: Record | None = None

    @property
    def exit_code(self) -> int:
        """0: nothing contradicts. 1: a contradiction. 2: unreadable."""
        if self.faults:
            return 2
        return 1 if any(finding.state is State.FAILS for finding in self.findings) else 0

    def add(self, check: str, contradictions: Sequence[Reason], holds: Reason | None = None) -> bool:
        state = State.FAILS if contradictions else State.HOLDS
        self.findings.append(Finding(check, state, tuple(contradictions or ([holds] if holds else []))))
        return not contradictions

    def skip(self, check: str, *reasons: Reason) -> None:
        self.findings.append(Finding(check, State.NOT_CHECKED, reasons))

    def judged(self, check: str, judgement: Judgement) -> None:
        """A contradiction says so alone; else what holds and what is open are findings of their own."""
        if judgement.wrong:
            self.add(check, judgement.wrong)
            return
        if judgement.holds:
            self.findings.append(Finding(check, State.HOLDS, judgement.holds))
        if judgement.unjudged:
            self.skip(check, *judgement.unjudged)
