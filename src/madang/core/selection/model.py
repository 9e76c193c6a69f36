"""The problem and the result of `selection`: which applications, under budget, match funding, seats and quotas.

Source: `docs/formats/solve.md`, "selection". Money is whole won; values are exact decimals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from madang.core.problem import LARGEST, Exact, Id, Items, Problem, ReasonModel, Strict, Won
from madang.core.reasons import Fault, Param
from madang.core.selection.certificate_form import BoundForm, ImpossibleForm, ProvenForm

#: Applications that `total_value` takes. What is proven for 2,000 in a second grows faster than their number.
MOST_OPTIMISED = 20_000

Count = Annotated[int, Field(ge=0, le=LARGEST)]
Share = Annotated[int, Field(ge=0, le=1_000_000)]

Tag = Annotated[
    Items[Id],
    BeforeValidator(lambda given: (given,) if isinstance(given, str) else given),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""A text or a list of texts; held as a tuple."""


class Application(Strict):
    """What the rules may look at. `grant` is what the programme pays: the cost without the applicant's own money."""

    id: Id
    rank: Annotated[int, Field(ge=1, le=LARGEST)] | None = None
    value: Exact | None = None
    cost_krw: Won | None = None
    own_krw: Won = 0
    tags: dict[Id, Tag] = Field(default_factory=dict)

    @property
    def grant_krw(self) -> int:
        return (self.cost_krw or 0) - self.own_krw

    def has(self, tag: str, value: str) -> bool:
        return value in self.tags.get(tag, ())


class Budget(Strict):
    """The grants (or the whole costs) of the selected stay within `max_krw`."""

    id: Id
    type: Literal["budget"] = "budget"
    max_krw: Won
    money: Literal["grant", "cost"] = "grant"

    def takes(self, application: Application) -> int:
        return application.grant_krw if self.money == "grant" else application.cost_krw or 0


class Match(Strict):
    """Each selected application brings own money at least in the ratio `own` to `grant`."""

    id: Id
    type: Literal["match"] = "match"
    grant: Share
    own: Share

    def met_by(self, application: Application) -> bool:
        return application.own_krw * self.grant >= application.grant_krw * self.own


class Seats(Strict):
    """How many are selected in all."""

    id: Id
    type: Literal["seats"] = "seats"
    min: Count = 0
    max: Count | None = None


class Quota(Strict):
    """How many of the selected carry the value `equals` in the tag `tag`."""

    id: Id
    type: Literal["quota"] = "quota"
    tag: Id
    equals: Id
    min: Count = 0
    max: Count | None = None


class CapEach(Strict):
    """At most `max` of the selected share any one value of `tag`; one without the tag is not concerned."""

    id: Id
    type: Literal["cap_each"] = "cap_each"
    tag: Id
    max: Count


class PassMark(Strict):
    """Each selected application has at least this value."""

    id: Id
    type: Literal["pass_mark"] = "pass_mark"
    min_value: Exact


class ExcludeTogether(Strict):
    """At most one of these applications is selected."""

    id: Id
    type: Literal["exclude_together"] = "exclude_together"
    applications: Items[Id]


Rule = Annotated[
    Budget | Match | Seats | Quota | CapEach | PassMark | ExcludeTogether,
    Field(discriminator="type"),
]


class ReservePerTag(Strict):
    """One reserve list of `count` places for each value of `tag`."""

    tag: Id
    count: Count


class SelectionProblem(Problem):
    """Applications in the order of the list, rules in the order in which reasons name them."""

    kind: Literal["selection"] = "selection"
    applications: Items[Application]
    rules: Items[Rule] = ()
    objective: Literal["rank_order", "total_value"] = "rank_order"
    reserve: Count | ReservePerTag = 0
    explain: Items[Id] = ()
    time_limit_s: Annotated[int, Field(ge=1, le=86_400)] = 30


def faults_in(problem: SelectionProblem) -> list[Fault]:
    """Everything wrong with the meaning of a problem whose form is right, each with its JSON pointer."""
    return [*_application_faults(problem), *_rule_faults(problem), *_request_faults(problem)]


def _application_faults(problem: SelectionProblem) -> Iterator[Fault]:
    applications = problem.applications
    for index, id_ in _repeated([application.id for application in applications]):
        yield Fault("duplicate_application", f"/applications/{index}/id", {"id": id_})
    ranked = any(application.rank is not None for application in applications)
    marked = any(isinstance(rule, PassMark) for rule in problem.rules)
    costed = any(isinstance(rule, Budget | Match) for rule in problem.rules)
    for index, application in enumerate(applications):
        at = f"/applications/{index}"
        if ranked and application.rank is None:
            yield Fault("rank_missing", at, {"id": application.id})
        if marked and application.value is None:
            yield Fault("value_missing", at, {"id": application.id})
        if costed and application.cost_krw is None:
            yield Fault("cost_missing", at, {"id": application.id})
        if application.own_krw > (application.cost_krw or 0):
            yield Fault("own_over_cost", f"{at}/own_krw", {"id": application.id, "own_krw": application.own_krw})
        for tag, values in application.tags.items():
            for _, value in _repeated(list(values)):
                place = tag.replace("~", "~0").replace("/", "~1")
                yield Fault("duplicate_tag_value", f"{at}/tags/{place}", {"id": application.id, "value": value})
    if sum(application.cost_krw or 0 for application in applications) > LARGEST:
        yield Fault("sum_too_large", "/applications", {"field": "cost_krw"})
    if sum(abs(application.value or Decimal(0)) for application in applications) > LARGEST:
        yield Fault("sum_too_large", "/applications", {"field": "value"})


def _rule_faults(problem: SelectionProblem) -> Iterator[Fault]:
    known = {application.id for application in problem.applications}
    for index, id_ in _repeated([rule.id for rule in problem.rules]):
        yield Fault("duplicate_rule", f"/rules/{index}/id", {"id": id_})
    for index, rule in enumerate(problem.rules):
        at = f"/rules/{index}"
        if isinstance(rule, Seats | Quota) and rule.max is not None and rule.min > rule.max:
            yield Fault("min_over_max", f"{at}/min", {"rule": rule.id, "min": rule.min, "max": rule.max})
        if isinstance(rule, Match) and rule.grant == rule.own == 0:
            yield Fault("match_without_ratio", at, {"rule": rule.id})
        if isinstance(rule, ExcludeTogether):
            yield from _id_faults(rule.applications, known, f"{at}/applications")


def _request_faults(problem: SelectionProblem) -> Iterator[Fault]:
    if problem.objective == "total_value":
        if len(problem.applications) > MOST_OPTIMISED:
            params: dict[str, Param] = {"count": len(problem.applications), "most": MOST_OPTIMISED}
            yield Fault("too_many_to_optimise", "/applications", params)
            return
        for index, application in enumerate(problem.applications):
            if application.value is None:
                yield Fault("value_needed", f"/applications/{index}", {"id": application.id})
    yield from _id_faults(problem.explain, {application.id for application in problem.applications}, "/explain")


def _id_faults(ids: tuple[str, ...], known: set[str], at: str) -> Iterator[Fault]:
    for index, id_ in _repeated(list(ids)):
        yield Fault("named_twice", f"{at}/{index}", {"id": id_})
    for index, id_ in enumerate(ids):
        if id_ not in known:
            yield Fault("unknown_application", f"{at}/{index}", {"id": id_})


def _repeated(values: list[str]) -> Iterator[tuple[int, str]]:
    """Every later occurrence of a value that stood there before."""
    seen: Counter[str] = Counter()
    for index, value in enumerate(values):
        if seen[value]:
            yield index, value
        seen[value] += 1


def number(value: Fraction) -> int | str:
    """An exact sum of values for JSON: an integer where it is whole, else decimal text without trailing zeros."""
    if value.denominator == 1:
        return value.numerator
    millionths = value * 1_000_000
    assert millionths.denominator == 1, "values have at most six decimals"
    whole, rest = divmod(abs(millionths.numerator), 1_000_000)
    return f"{'-' if value < 0 else ''}{whole}.{rest:06d}".rstrip("0")


# --- the result, for the JSON Schema and for readers in Python ---

Number = Annotated[
    int | str,
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^-?\d+\.\d{1,6}$"}]}),
]


class Why(Strict):
    """Why one application is in or out; `rules` is a smallest set that forbids it, `also` others that alone would."""

    id: str
    code: Literal[
        "selected", "kept_out", "kept_out_jointly", "outvalued", "not_narrowed", "tied", "after_tie", "not_settled"
    ]
    rules: list[str]
    also: list[str]
    reasons: list[ReasonModel]


class Dropped(Strict):
    """What would be best without a rule, against what is: how much more value, and who. `total_value` only."""

    value_gain: Number
    enters: list[str]
    leaves: list[str]
    settled: bool


class RuleUse(Strict):
    """How far the selected use a rule; the fields that its type has, the others are left out."""

    id: str
    type: str
    money: str | None = None
    used_krw: int | None = None
    max_krw: int | None = None
    slack_krw: int | None = None
    grant: int | None = None
    own: int | None = None
    grant_krw: int | None = None
    own_krw: int | None = None
    tag: str | None = None
    equals: str | None = None
    count: int | None = None
    min: int | None = None
    max: int | None = None
    slack: int | None = None
    values_at_cap: list[str] | None = None
    min_value: Number | None = None
    lowest_value: Number | None = None
    slack_value: Number | None = None
    failing: int | None = None
    selected: list[str] | None = None
    if_dropped: Dropped | None = None


class Explained(Strict):
    """The smallest rise that lets an application in, and what it would change."""

    id: str
    selected: bool
    possible: bool
    value: Number | None
    value_rise: Number | None
    rank: int | None
    overtakes: int
    ahead_of: list[str]
    leaves: list[str]
    enters: list[str]
    reasons: list[ReasonModel]


class SelectionResult(Strict):
    """What `solve_selection` answers; see `docs/formats/solve.md`."""

    kind: Literal["selection"]
    version: Literal[1]
    status: Literal["computed", "optimal", "undetermined", "infeasible", "unknown", "feasible"]
    reasons: list[ReasonModel]
    seed: int
    elapsed_ms: int
    engine: str
    selected: list[str]
    reserve: list[str] | dict[str, list[str]]
    value: Number | None
    bound: Number | None
    used_krw: int
    per_rule: list[RuleUse]
    why: list[Why]
    explain: list[Explained]
    conflict: list[str]
    certificate: ProvenForm | BoundForm | ImpossibleForm | None
