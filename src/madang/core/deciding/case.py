"""What a call is decided from: applications and what was said about them, as frozen rows of JSON values.

The shell reads these rows from spreadsheets or from the database; the record carries them as they are. Scores and
decimal answers are decimal text, money is whole won, so that nothing is lost on the way to another machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, Self

Json = str | int | bool | None | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that turns into JSON and back; an optional value that is empty is left out."""

    def as_json(self) -> dict[str, Any]:
        row: Any = type(self)  # mypy: a class of rows is hashable, whatever its rows are
        given = ((name, needed, getattr(self, name)) for name, needed in _fields_of(row))
        return {name: _copied(value) for name, needed, value in given if needed or value not in (None, "", {}, [], ())}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises `TypeError` on a field that this row does not have."""
        row: Any = cls
        tuples = _tuples_of(row)
        return cls(**{name: tuple(v) if name in tuples and isinstance(v, list) else v for name, v in data.items()})


@cache
def _fields_of(row: type[Row]) -> tuple[tuple[str, bool], ...]:
    """Each field of a row's class, and whether a row must have it. Found once: a large call has 10^5 rows."""
    return tuple((f.name, f.default is MISSING and f.default_factory is MISSING) for f in fields(row))


@cache
def _tuples_of(row: type[Row]) -> frozenset[str]:
    return frozenset(f.name for f in fields(row) if str(f.type).startswith("tuple"))


def _copied(value: Any) -> Any:
    """A value of a row for JSON, sharing no map or list with it."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return type(value)(map(_copied, value)) if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Application(Row):
    """One application. `organisation` is the applicant's identity across calls (its name where none is given).

    `answers` maps a form field to: text, whole won (money), decimal text (number), true/false (yes_no), a list of ids
    (choice with `many`), a list of maps (rows), an ISO country code, or `YYYY-MM-DD`. Unanswered fields are absent.
    `members` are the consortium's: maps with `role, name, kind, country`. `admitted` names the published act by which
    an application counts that was received after the closing; blank where there was none.
    """

    id: str
    applicant: str
    kind: str = ""
    organisation: str = ""
    track: str = ""
    country: str = ""
    received: str = ""  # `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS` in the zone of the call
    answers: Mapping[str, Json] = field(default_factory=dict)
    members: tuple[Mapping[str, str], ...] = ()
    admitted: str = ""


@dataclass(frozen=True, slots=True)
class Sheet(Row):
    """One evaluator's scores of one application in one judged stage: criterion -> decimal text.

    `notes` is shown with the sheet and never weighed (a reviewer's stated confidence, for example).
    """

    stage: str
    application: str
    evaluator: str
    scores: Mapping[str, str]
    comment: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict(Row):
    """This evaluator must not judge this application; `rule` names the announced rule by which it was found."""

    application: str
    evaluator: str
    reason: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Assignment(Row):
    """This evaluator reads this application in this stage; `affinity` is how well the two fit, as decimal text."""

    stage: str
    application: str
    evaluator: str
    affinity: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentPlan(Row):
    """How good a stage's plan is: total and worst sum of affinities with what no plan exceeds, as decimal text.

    `kept`: first as much of an earlier plan was kept as could be; no bound of all plans is known then.

    `problem_sha256` is of the problem that was solved, with which anybody who holds it may solve it again.
    """

    stage: str
    objective: str = ""
    status: str = ""
    total: str = ""
    total_bound: str = ""
    worst: str = ""
    worst_bound: str = ""
    problem_sha256: str = ""
    kept: bool | None = None


@dataclass(frozen=True, slots=True)
class Check(Row):
    """One line of the review's checklist: `verdict` is `pass`, `fail` or `not_applicable`."""

    application: str
    item: str
    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OpinionGiven(Row):
    """An answer of a mission or ministry; `answer` is a whole number on the scale, or nothing (silence)."""

    application: str
    opinion: str
    by: str = ""
    answer: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Seat(Row):
    """A seat of the voting body."""

    seat: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Vote(Row):
    """One seat's vote on an application, or on one task of it (`task`) where tasks are decided one by one."""

    application: str
    seat: str
    option: str
    task: str = ""


@dataclass(frozen=True, slots=True)
class Member(Row):
    """A member of the evaluation panel, as handed in (drawn elsewhere, until the draw itself stands in the record)."""

    stage: str
    evaluator: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate(Row):
    """One of the pool that a panel (or a voting body, `stage: body`) is drawn from."""

    stage: str
    evaluator: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion(Row):
    """One of the pool who must not sit: `excluded_by_law`, `challenged` or `withdrew`; or left `after_draw`."""

    stage: str
    evaluator: str
    code: str
    reason: str = ""
    after_draw: bool = False


@dataclass(frozen=True, slots=True)
class Draw(Row):
    """A drawing of lots: `panel:STAGE`, `panel:body`, `lots` (ties) or `order:STAGE` (presentation).

    `public` was fixed after the commitments; `entries_sha256` and the number of `parties` that committed, where given,
    were published with them: so that nobody is left out once the words are known.
    """

    draw: str
    public: str = ""
    entries_sha256: str = ""
    parties: int | None = None


@dataclass(frozen=True, slots=True)
class Reveal(Row):
    """One party's part of a draw: the commitment as published, and what it committed to."""

    draw: str
    by: str
    commitment: str
    reveal: str = ""


@dataclass(frozen=True, slots=True)
class OutsideAnswer(Row):
    """What another body said: `verdict` is `clear`, `found` or `unknown`; `on` is the day, `by` the checker."""

    application: str
    check: str
    verdict: str
    source: str = ""
    on: str = ""
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Adjusted(Row):
    """Bonus or deduction points that apply, with their proof; `points` only where the definition says `up_to`."""

    application: str
    adjustment: str
    proof: str
    points: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reduction(Row):
    """A smaller grant than was asked for, in won, with its reason."""

    application: str
    grant_krw: int
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ConditionCheck(Row):
    """Whether a condition of the outcome came true."""

    application: str
    condition: str
    met: bool
    task: str = ""
    on: str = ""
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Appointment(Row):
    """The authority's decision on a case: `outcome` is `granted`, `reduced`, `conditional` or `refused`."""

    application: str
    outcome: str
    reason: str
    task: str = ""
    grant_krw: int | None = None
    by: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class SisterApplication(Row):
    """Who applied in another call of the season; `outcome` where that call's decision is known."""

    call: str
    applicant: str
    organisation: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Evaluator(Row):
    """Who stands behind a pseudonym of the record; open to the auditor only."""

    pseudonym: str
    id: str


@dataclass(frozen=True, slots=True)
class Batch(Row):
    """Which batch of a rolling call is decided: what was received by this cut-off."""

    cut_off: str


@dataclass(frozen=True, slots=True)
class Round(Row):
    """An earlier round of the call, for growth: year, cases and distinct countries as published."""

    year: int
    cases: int
    countries: int


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a decision rests on besides the definition. `sample` marks invented material."""

    applications: tuple[Application, ...]
    sheets: tuple[Sheet, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    assignment_plans: tuple[AssignmentPlan, ...] = ()
    checklist: tuple[Check, ...] = ()
    opinions: tuple[OpinionGiven, ...] = ()
    seats: tuple[Seat, ...] = ()
    votes: tuple[Vote, ...] = ()
    panel: tuple[Member, ...] = ()
    pool: tuple[Candidate, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    draws: tuple[Draw, ...] = ()
    reveals: tuple[Reveal, ...] = ()
    outside_checks: tuple[OutsideAnswer, ...] = ()
    adjustments: tuple[Adjusted, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    conditions: tuple[ConditionCheck, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    sisters: tuple[SisterApplication, ...] = ()
    evaluators: tuple[Evaluator, ...] = ()
    batch: tuple[Batch, ...] = ()
    lot_order: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    sample: bool = False


TABLES: Mapping[str, type[Row]] = {
    "applications": Application,
    "sheets": Sheet,
    "conflicts": Conflict,
    "assignments": Assignment,
    "assignment_plans": AssignmentPlan,
    "checklist": Check,
    "opinions": OpinionGiven,
    "seats": Seat,
    "votes": Vote,
    "panel": Member,
    "pool": Candidate,
    "exclusions": Exclusion,
    "draws": Draw,
    "reveals": Reveal,
    "outside_checks": OutsideAnswer,
    "adjustments": Adjusted,
    "reductions": Reduction,
    "conditions": ConditionCheck,
    "appointments": Appointment,
    "sisters": SisterApplication,
    "evaluators": Evaluator,
    "batch": Batch,
    "rounds": Round,
}
"""The tables of a case whose rows are records; `lot_order` is a plain list of application ids."""
