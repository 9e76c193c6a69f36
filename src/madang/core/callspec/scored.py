"""Scored stages: who judges or what is measured, on which scale, and how sheets become a score."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from madang.core.callspec.blocks import Block, Day, Expr, Name, Percent, Text
from madang.core.problem import Exact, Items


class Share(Block):
    """At least and at most so many; `label` says in words of what."""

    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None
    label: Text | None = None


class Panel(Block):
    seats: Annotated[int, Field(ge=1, le=999)]
    draw_from: Annotated[int, Field(ge=1)] | None = None
    substitutes: Literal["ordered", "none"] = "none"
    compose: dict[Name, Share] = {}
    per: Literal["track", "call"] = "call"
    blind: bool = False


class ReadingLoad(Block):
    """How many applications each evaluator reads at least and at most."""

    min: Annotated[int, Field(ge=0, le=10_000)] = 0
    max: Annotated[int, Field(ge=1, le=10_000)] | None = None


ConflictYears = Annotated[int, Field(ge=0, le=100)]


class ConflictsFound(Block):
    """Which ties keep an evaluator from an application (`core/conflicts`), as of the day that applications close.

    Years count back from that day; without years a rule is not applied. Declared conflicts are honoured always.
    """

    same_organisation: bool = True
    employment_years: ConflictYears | None = None
    service_years: ConflictYears | None = None
    shareholding_years: ConflictYears | None = None
    co_application: bool = False
    email_domain: bool = True


class Assign(Block):
    """Each application is read by a few of many evaluators, chosen by fit without conflicts (`madang assign`).

    `fair` makes the worst-served application as well served as can be, then the sum largest; `total` the sum alone.
    `texts`: the form's fields whose words are compared with evaluators' works (all texts where empty); `fields` and
    `languages`: choice fields that are compared with the fields and languages that evaluators declare.
    """

    each: Annotated[int, Field(ge=1, le=99)]
    at_least: dict[Name, Annotated[int, Field(ge=1, le=99)]] = {}
    load: ReadingLoad = ReadingLoad()
    objective: Literal["fair", "total"] = "fair"
    conflicts: ConflictsFound = ConflictsFound()
    texts: Items[Name] = ()
    fields: Name | None = None
    languages: Name | None = None


class Scale(Block):
    min: Exact
    max: Exact
    step: Exact | None = None


class Criterion(Block):
    id: Name
    weight: Percent
    label: Text
    anchors: dict[Annotated[str, StringConstraints(pattern=r"^-?\d+(\.\d+)?$")], Text] = {}


class ScoreRule(Block):
    """How sheets become a score. `trim: total` drops one highest and one lowest total."""

    trim: Literal["none", "total", "criterion"] = "none"
    min_sheets_to_trim: Annotated[int, Field(ge=3)] = 5
    min_sheets: Annotated[int, Field(ge=1)] = 1
    blanks: Literal["refuse", "skip_sheet"] = "refuse"
    comment_required_when: Expr | None = None


class Judged(Block):
    """A stage scored by evaluators' sheets: of one `panel`, or of a few assigned to each application (`assign`)."""

    id: Name
    kind: Literal["judged"]
    title: Text | None = None
    form: Literal["written", "presentation", "site_visit", "remote"] = "written"
    panel: Panel | None = None
    assign: Assign | None = None
    scale: Scale
    higher_is_better: bool = True
    criteria: Annotated[Items[Criterion], Field(min_length=1)]
    score: ScoreRule = ScoreRule()
    pass_mark: Exact | None = None


class Step(Block):
    """From this value on, so many of the criterion's 100 points."""

    from_: Annotated[Exact, Field(alias="from")]
    points: Percent


class Indicator(Block):
    """A criterion that is computed: the number in `field` (of the form) read off the steps; below the first step 0."""

    id: Name
    weight: Percent
    label: Text
    field: Name
    steps: Annotated[Items[Step], Field(min_length=1)]


class EarlierIndicators(Block):
    """An earlier version of the indicators: it measures what was received before this day."""

    version: str
    received_before: Day
    criteria: Annotated[Items[Indicator], Field(min_length=1)]


class Computed(Block):
    """A stage scored from measured values, without evaluators. `earlier` versions stand oldest first."""

    id: Name
    kind: Literal["computed"]
    title: Text | None = None
    version: str | None = None
    criteria: Annotated[Items[Indicator], Field(min_length=1)]
    earlier: Items[EarlierIndicators] = ()
    pass_mark: Exact | None = None


Evaluation = Annotated[Judged | Computed, Field(discriminator="kind")]


class Adjustment(Block):
    """Bonus or deduction points on the combined score, each with its proof. `up_to`: the office says how many."""

    id: Name
    kind: Literal["bonus", "deduction"]
    points: Annotated[Exact, Field(gt=0)]
    up_to: bool = False
    label: Text
    proof: Text


def basis_points(percent: Decimal) -> int:
    """`Decimal("33.33")` -> 3333. A finer share is refused by the linter."""
    return int(percent * 100)
