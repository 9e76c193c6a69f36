"""The call definition: what a programme officer may say about a call, as frozen types.

A call is intake + stages + a deciding rule + the life of an outcome. The same model serves a contest, a membership, a
certificate, a designation, a sandbox and the choice of a site: they differ in data only.
Written in YAML 1.2 (`docs/formats/call-definition.md`), checked by `lint`, frozen at publication.

Conventions: `Text` is words per language. `Expr` is a CEL expression over the answers of one application; it sees money
in won. Weights are per cent. `sample: true` on a block, or `sample: [field, ...]`, marks what was never published.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import Strict as StrictMode

from madang.core.callspec.asked import Document, FormField, Section
from madang.core.callspec.blocks import Block, Clock, Day, Expr, Language, Moment, Name, Text
from madang.core.callspec.rule import Decide
from madang.core.callspec.scored import Adjustment, Computed, Evaluation, Judged
from madang.core.problem import Items, Won

# -- who, where from ----------------------------------------------------------------------------------------------


class Source(Block):
    """Where the published facts of this definition come from."""

    title: Text
    on: Day | None = None
    url: str | None = None


class Host(Block):
    organisation: Name
    unit: Text | None = None


class Secretariat(Block):
    id: Name
    title: Text


OrganisationKind = Literal[
    "government", "city", "public_body", "international_organisation", "university", "company", "research_institute",
    "association", "institution", "place", "person",
]  # fmt: skip


class ConsortiumRole(Block):
    """Who may or must stand beside the applicant; `subsidy` (over `member`) says whom the money may reach."""

    role: Name
    title: Text | None = None
    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=1)] | None = None
    kinds: Items[OrganisationKind] = ()
    subsidy: Expr | None = None


class Track(Block):
    """A type of application with its own secretariat; a call without types has one track."""

    id: Name
    title: Text
    secretariat: Name | None = None
    applicants: Items[OrganisationKind] = ()
    consortium: Items[ConsortiumRole] = ()


# -- when ---------------------------------------------------------------------------------------------------------


class Cutoff(Block):
    """Rolling intake: what arrives by this moment is decided together."""

    at: Moment
    counts: Clock | None = None
    counts_for: Text | None = None


class Intake(Block):
    mode: Literal["window", "rolling", "nominated", "invited"]
    cut_offs: Items[Cutoff] = ()
    pre_consulting: bool = False
    nominated_by: Text | None = None


class Closing(Block):
    at: Moment
    printed_grace_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    counts: Clock | None = None


StageKind = Literal[
    "briefing", "questions", "review", "supplement", "outside_checks", "opinions", "survey", "consulting", "written",
    "presentation", "site_visit", "public_inspection", "draw", "vote", "negotiation", "decision", "readiness",
    "announcement", "objections", "assembly", "start",
]  # fmt: skip


class Stage(Block):
    """A step of the procedure: on a day, from-to, open-ended, or approximate and saying so."""

    id: Name
    kind: StageKind
    title: Text | None = None
    on: Day | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    open_ended: bool = False
    approximate: Text | None = None
    clock: Clock | None = None

    @property
    def first_day(self) -> str | None:
        return self.on or self.from_

    @property
    def last_day(self) -> str | None:
        return self.on or self.to


class Schedule(Block):
    zone: str
    announced: Day | None = None
    opens: Moment | None = None
    closes: Closing | None = None
    stages: Items[Stage] = ()


# -- before the decision ------------------------------------------------------------------------------------------


class Eligibility(Block):
    """A rule over the answers; where it is false, the application is excluded with these words."""

    id: Name
    rule: Expr
    otherwise: Text


class Correction(Block):
    """A supplement: how long, how often; then excluded by rule."""

    days: Annotated[int, Field(ge=1, le=365)]
    rounds: Annotated[int, Field(ge=1, le=9)] = 1
    clock: Clock | None = None


class ReviewItem(Block):
    """One line of the review's checklist; a `fail` excludes, unless `excludes: false`.

    `four_eyes`: what one person found counts once another person has found the same.
    """

    id: Name
    label: Text
    correction: Correction | None = None
    excludes: bool = True
    four_eyes: bool = False
    when: Expr | None = None


class OutsideCheck(Block):
    """Something only another body can say (tax arrears, debarment, an earlier grant), with source and date.

    `found` excludes, unless `excludes: false`; while the answer is open, a yes waits for it.
    """

    id: Name
    label: Text
    source: Text
    excludes: bool = True
    when: Expr | None = None


class Opinion(Block):
    """A question to a mission or ministry; shown to evaluators by rule, never added into a score."""

    id: Name
    ask: Name
    question: Text
    scale: Annotated[tuple[int, int], StrictMode(False)] | None = None
    silence: Literal["no_opinion", "agreement", "reminder"] = "no_opinion"
    visible_to_evaluators: bool = False


# -- money and the life of an outcome -----------------------------------------------------------------------------


class Match(Block):
    """Match funding: for each `grant` parts of the programme's money at least `own` parts of the applicant's."""

    grant: Annotated[int, Field(ge=1)]
    own: Annotated[int, Field(ge=0)]


class Limit(Block):
    """Bounds in won for one application."""

    min: Won | None = None
    max: Won | None = None


class Limits(Block):
    cost_krw: Limit = Limit()
    grant_krw: Limit = Limit()


class Money(Block):
    """Budget in won. `cost` and `own` name the form's money fields; the grant is cost - own (own is 0 without a field).

    `limits` hold for one application, by track or `default`.
    """

    budget_krw: Won | None = None
    budget_of: Literal["grant", "cost"] = "grant"
    match: Match | None = None
    limits: dict[Name, Limits] = {}
    cost: Name | None = None
    own: Name | None = None
    currency: Literal["KRW"] = "KRW"


class Period(Block):
    """`first_day: included` ends on the eve of the day that bears the same number (2021-06-24 to 2023-06-23)."""

    years: Annotated[int, Field(ge=0)] = 0
    months: Annotated[int, Field(ge=0)] = 0
    days: Annotated[int, Field(ge=0)] = 0
    first_day: Literal["included", "excluded"] = "excluded"


class Renewal(Block):
    request_before: Period | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    up_to: Period | None = None


class Ground(Block):
    id: Name
    label: Text


class Revocation(Block):
    must: Items[Ground] = ()
    may: Items[Ground] = ()


class Condition(Block):
    """What must still come true after a yes (a readiness check, an insurance); a failed one undoes it."""

    id: Name
    label: Text
    due: Clock | None = None
    when: Expr | None = None


class Outcome(Block):
    """What an applicant may get, and what may become of it (`correction`: grounds for an order to mend something)."""

    kind: Literal["award", "membership", "certificate", "designation", "site"]
    amounts: Items[Literal["full", "reduced", "conditional"]] = ("full",)
    conditions: Items[Condition] = ()
    recipient: Literal["applicant", "contractor", "consortium_lead", "none"] = "applicant"
    validity: Period | None = None
    renewal: Renewal | None = None
    amendment: Text | None = None
    suspension: Items[Ground] = ()
    correction: Items[Ground] = ()
    revocation: Revocation | None = None
    public_register: bool = False


class SignOff(Block):
    chain: Annotated[Items[Name], Field(min_length=1)]


class Publish(Block):
    selected: Literal["all", "none"] = "all"
    ranking: Literal["all", "selected", "none"] = "none"
    scores: Literal["all", "selected", "none"] = "none"
    panel: Literal["names", "none"] = "none"
    sites: Items[Name] = ()


class Party(Block):
    own_scores: bool = False
    comments: Literal["released_by_rule", "none"] = "none"


class Notify(Block):
    """How each kind of applicant hears; a foreign government through the foreign ministry only."""

    applicant: OrganisationKind | Literal["all", "foreign_government"]
    by: Literal["mail", "official_letter"] = "mail"
    through: Name | None = None
    own_date: bool = False


class Announcement(Block):
    publish: Publish = Publish()
    party: Party = Party()
    notify: Items[Notify] = ()
    objections: Clock | None = None


class Spawn(Block):
    """A call that this one opens: a living lab looks for companies after its residents have voted."""

    programme: Name
    after: Name
    title: Text | None = None


class Sisters(Block):
    """Calls of one season that refuse the same applicant twice."""

    season: Name
    calls: Annotated[Items[Name], Field(min_length=1)]
    refuse: Literal["second_application", "second_award"] = "second_application"


class Definition(Block):
    """A whole call definition. Ids inside it are unique where they are used; `lint` says what does not fit together."""

    madang: Annotated[int, Field(ge=1, le=1)]
    id: Name
    programme: Name
    languages: Annotated[Items[Language], Field(min_length=1)]
    title: Text
    summary: Text | None = None
    host: Host
    sources: Items[Source] = ()
    secretariats: Items[Secretariat] = ()
    parent: Name | None = None
    spawns: Items[Spawn] = ()
    sisters: Sisters | None = None
    intake: Intake
    schedule: Schedule
    tracks: Items[Track] = ()
    classifications: dict[Name, Name] = {}
    form: Items[Section] = ()
    documents: Items[Document] = ()
    eligibility: Items[Eligibility] = ()
    review: Items[ReviewItem] = ()
    outside_checks: Items[OutsideCheck] = ()
    opinions: Items[Opinion] = ()
    evaluation: Items[Evaluation] = ()
    adjustments: Items[Adjustment] = ()
    decide: Decide
    outcome: Outcome
    money: Money = Money()
    sign_off: SignOff | None = None
    announcement: Announcement = Announcement()
    freeze: Literal["publication"] = "publication"

    def fields(self) -> Iterator[FormField]:
        """Every field of the form, in order, without the cells of repeated rows."""
        for section in self.form:
            yield from section.fields

    def field(self, name: str) -> FormField | None:
        return next((field for field in self.fields() if field.id == name), None)

    def judged(self) -> tuple[Judged, ...]:
        return tuple(stage for stage in self.evaluation if isinstance(stage, Judged))

    def computed(self) -> tuple[Computed, ...]:
        return tuple(stage for stage in self.evaluation if isinstance(stage, Computed))
