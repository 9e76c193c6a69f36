"""The problem and the result of `conflicts`: who must not evaluate which application, by which rule, on what evidence.

Contract: `docs/formats/solve.md`, "conflicts". Names and addresses are only compared; results repeat ids and domains,
and a name only where there is no id.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from madang.core.conflicts.days import partial_day
from madang.core.conflicts.rules import Rule, Tie
from madang.core.problem import LARGEST, Id, Items, Problem, ReasonModel, Seed, Strict, day_text

Count = Annotated[int, Field(ge=0, le=LARGEST)]
Day = Annotated[str, AfterValidator(day_text), WithJsonSchema({"type": "string", "format": "date"})]
PartialDay = Annotated[
    str,
    AfterValidator(partial_day),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}),
]
"""A day as far as it is known: `2021`, `2021-03` or `2021-03-15`."""


class Span(Strict):
    """From a day to a day, both included; open where null."""

    from_: Annotated[PartialDay | None, Field(alias="from")] = None
    to: PartialDay | None = None

    @property
    def period(self) -> str:
        """For a reader: `2021-03 – 2023-05-01`, `2021-03 – …`."""
        return f"{self.from_ or '…'} – {self.to or '…'}"


class Parent(Span):
    """What an organisation belongs to, and when."""

    organisation: Id


class Organisation(Strict):
    """An organisation as the office knows it. An `umbrella` (a ministry, an association) relates no two children."""

    id: Id
    names: Items[Id] = ()
    registry_numbers: Items[Id] = ()
    domains: Items[Id] = ()
    parents: Items[Parent] = ()
    same_as: Items[Id] = ()
    umbrella: bool = False


class Person(Strict):
    """Somebody named in an application. One id is one person throughout the problem."""

    id: Id | None = None
    name: Id | None = None
    email: Id | None = None

    @property
    def label(self) -> str:
        return self.id or self.name or "-"


class Party(Strict):
    """An organisation of an application: its id, or, where the office does not know it, its name."""

    organisation: Id | None = None
    name: Id | None = None
    role: Id = "applicant"
    people: Items[Person] = ()


class Application(Strict):
    id: Id
    parties: Items[Party] = ()
    required: Count | None = None


class Affiliation(Span):
    """A tie of an evaluator to an organisation; `role` is for readers only."""

    organisation: Id | None = None
    name: Id | None = None
    kind: Tie = "employment"
    role: str | None = None


class Declaration(Span):
    """What an evaluator declared about an application, an organisation (by id or name) or a person."""

    application: Id | None = None
    organisation: Id | None = None
    name: Id | None = None
    person: Id | None = None
    relation: Id = "withdrawal"


class Evaluator(Strict):
    id: Id
    names: Items[Id] = ()
    emails: Items[Id] = ()
    affiliations: Items[Affiliation] = ()
    declared: Items[Declaration] = ()


class Participation(Strict):
    """One who stood in something earlier: exactly one of the four."""

    organisation: Id | None = None
    name: Id | None = None
    evaluator: Id | None = None
    person: Id | None = None


class Earlier(Strict):
    """An application of an earlier call, a joint work or a contract, and who stood in it together."""

    id: Id
    kind: Literal["application", "work", "contract"] = "application"
    on: PartialDay
    parties: Items[Participation] = ()


class Challenge(Strict):
    application: Id
    evaluator: Id
    state: Literal["pending", "accepted", "rejected"] = "pending"


class ConflictsProblem(Problem):
    """Everything is judged as of the day `as_of`; only what the active `rules` name is a conflict."""

    kind: Literal["conflicts"] = "conflicts"
    as_of: Day
    organisations: Items[Organisation] = ()
    applications: Items[Application]
    evaluators: Items[Evaluator]
    earlier: Items[Earlier] = ()
    challenges: Items[Challenge] = ()
    rules: Items[Rule]
    treat_suspected: Literal["exclude", "ask"] = "ask"
    required: Count = 0
    public_domains: Items[Id] = ()

    @property
    def day(self) -> dt.date:
        return dt.date.fromisoformat(self.as_of)

    def required_by(self, application: Application) -> int:
        return self.required if application.required is None else application.required


# --- the result, for the JSON Schema and for readers in Python ---

Strength = Literal["found", "declared", "suspected"]


class Conflict(Strict):
    """One rule that speaks against one pair, with every fact that it rests on."""

    application: str
    evaluator: str
    strength: Strength
    rule: str
    evidence: list[ReasonModel]


class RuleUse(Strict):
    """How many pairs a rule speaks against, by strength; `since`: the first day that counts, if it counts years."""

    id: str
    type: str
    active: bool
    since: str | None
    found: int
    declared: int
    suspected: int


class Free(Strict):
    """How many evaluators remain for an application, and how many of them only if a suspicion is cleared."""

    application: str
    free: int
    unsure: int
    required: int
    enough: bool
    reasons: list[ReasonModel]


class ConflictsResult(Strict):
    """What `solve_conflicts` answers; every list is sorted by id, so that the order of the problem does not matter."""

    kind: Literal["conflicts"]
    version: Literal[1]
    status: Literal["computed"]
    reasons: list[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    conflicts: list[Conflict]
    pairs: list[Annotated[list[str], Field(min_length=2, max_length=2)]]
    to_check: list[Annotated[list[str], Field(min_length=2, max_length=2)]]
    per_rule: list[RuleUse]
    free: list[Free]
