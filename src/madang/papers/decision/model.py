"""What a paper about a decision may say, in one language: every number labelled, every reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["rank", "threshold", "grade", "vote", "appointment"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many applications came to an outcome."""

    outcome: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Column:
    """A part of the score: a stage (`criterion` is empty) or one of its criteria. `weight` is text in per cent."""

    stage: str
    criterion: str
    label: str
    stage_label: str
    weight: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of an application that is decided task by task."""

    task: str
    outcome: str
    outcome_label: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """One application. `parts` stand in the order of the view's columns; numbers are decimal text as in the record.

    `outcome` is what was decided; `computed` what follows from the inputs, and differs only with a `deviation`.
    """

    id: str
    applicant: str
    track: str
    country: str
    rank: int | None
    score: str | None
    passed: bool | None
    parts: tuple[str | None, ...]
    outcome: str
    outcome_label: str
    computed: str
    place: int | None
    grade: str
    grant_krw: int | None
    grant: str
    reasons: tuple[str, ...]
    deviation: str
    group: str = ""
    tasks: tuple[TaskLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """Applications with a score, best first. `line` is how many stand down to the last one selected, itself included.

    `mark` is the score that had to be reached, if there was one. Without ranks (`ranked` is false) there is no line.
    """

    title: str
    ids: tuple[str, ...]
    ranked: bool
    line: int
    mark: str | None


@dataclass(frozen=True, slots=True)
class RuleUse:
    """How far the selected use one rule, in words."""

    label: str
    least: str
    used: str
    most: str
    left: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """The vote on one application, or on one task of it: counts in the order of the view's options."""

    application: str
    applicant: str
    counts: tuple[int, ...]
    cast: int
    seats: int
    quorum_met: bool
    outcome: str
    outcome_label: str
    task: str = ""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A score sheet as entered. `leaf` is its name in the record; `state` is `counted`, `dropped` or `skipped`."""

    leaf: str
    stage: str
    stage_label: str
    application: str
    evaluator: str
    scores: tuple[str, ...]
    comment: str
    notes: str
    state: str
    state_label: str


@dataclass(frozen=True, slots=True)
class StatisticRow:
    label: str
    cases: int
    countries: int
    share: str | None


@dataclass(frozen=True, slots=True)
class StatisticTable:
    """One reception table; the total stands apart from its rows. `countries` is false where none are counted."""

    id: str
    title: str
    rows: tuple[StatisticRow, ...]
    total: StatisticRow
    note: str
    countries: bool


@dataclass(frozen=True, slots=True)
class OpinionSummary:
    """Answers to one question asked of missions or ministries: how many, and how often each answer."""

    question: str
    answered: int
    applications: int
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ConflictLine:
    application: str
    evaluator: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Everything that a paper about a decision may say, in one language."""

    language: str
    call: str
    title: str
    kind: Kind
    outcome_kind: str
    sample: bool
    note: str
    decided_at: str
    program: str
    edition: str
    root: str
    keys: tuple[str, ...]
    settled: bool
    headline: str
    status_reasons: tuple[str, ...]
    received: int
    counts: tuple[Count, ...]
    grant_total: str
    rule: tuple[str, ...]
    columns: tuple[Column, ...]
    applications: tuple[ApplicationLine, ...]
    boards: tuple[Board, ...]
    rules: tuple[tuple[str, tuple[RuleUse, ...]], ...]
    reserve: tuple[tuple[str, tuple[str, ...]], ...]
    options: tuple[str, ...]
    ballots: tuple[Ballot, ...]
    opinions: tuple[OpinionSummary, ...]
    conflicts: tuple[ConflictLine, ...]
    sheets: tuple[SheetLine, ...]
    statistics: tuple[StatisticTable, ...]
    statistics_on: str
    growth: str
    verify: tuple[str, ...]
    commands: tuple[str, ...]
    days: tuple[tuple[str, str], ...] = ()

    @property
    def deviations(self) -> tuple[ApplicationLine, ...]:
        return tuple(line for line in self.applications if line.deviation)

    def application(self, name: str) -> ApplicationLine:
        return next(line for line in self.applications if line.id == name)

    def stages(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.criterion)
