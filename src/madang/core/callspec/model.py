"""The call definition: what a programme officer may say about a call, as frozen types.

A call is intake + stages + a deciding rule + the life of an outcome. The same model serves a contest, a membership, a
certificate, a designation, a sandbox and the choice of a site: they differ in data only.
Written in YAML 1.2 (`docs/formats/call-definition.md`), checked by `lint`, frozen at publication.

Conventions: `Text` is words per language. `Expr` is a CEL expression over the answers of one application; it sees money
in won. Weights are per cent. `sample: true` on a block, or `sample: [field, ...]`, marks what was never published.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic.types import Strict as StrictMode
from pydantic_core import PydanticCustomError

from madang.core.problem import Exact, Items, Strict, Won, day_text

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=80)]
"""An id inside a definition: small letters, digits, single hyphens or underscores."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Text = Annotated[dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=4000)]], Field(min_length=1)]
"""Words in every language of the call: `{en: ..., ko: ...}`."""

Expr = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _moment(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?", text):
        raise ValueError("not_a_moment")
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not_a_moment") from None
    return text


Day = Annotated[str, AfterValidator(day_text)]
"""`2021-04-20`, in the zone of the call."""
Moment = Annotated[str, AfterValidator(_moment)]
"""`2021-04-20 18:00`, wall time in the zone of the call; a day alone where no hour was published."""

Percent = Annotated[Exact, AfterValidator(lambda p: p if 0 <= p <= 100 else _refuse("not_a_percentage"))]


def _refuse(code: str) -> Any:
    raise ValueError(code)


class Block(Strict):
    """Any part of a definition; `sample` says that it, or some of its fields, were never published."""

    sample: bool | Items[str] = False

    @model_validator(mode="after")
    def _sample_names_fields(self) -> Block:
        if isinstance(self.sample, tuple):
            known = {field.alias or name for name, field in type(self).model_fields.items()}
            if unknown := [name for name in self.sample if name not in known and name not in ("hour",)]:
                raise PydanticCustomError("sample_names_unknown_field", "unknown field", {"field": unknown[0]})
        return self

    def is_sample(self, field: str) -> bool:
        return self.sample is True or (isinstance(self.sample, tuple) and field in self.sample)


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


class Clock(Block):
    """A legal period. `{days: 10, calendar: kr, count: business, first_day: excluded, stops_on: [supplement]}`.

    `rolls`: a period of calendar days that ends on a Saturday, Sunday or holiday ends on the next business day.
    """

    days: Annotated[int, Field(ge=1, le=3660)]
    calendar: Name = "kr"
    count: Literal["business", "calendar"] = "calendar"
    first_day: Literal["included", "excluded"] = "excluded"
    stops_on: Items[Name] = ()
    rolls: Literal["next_business_day", "none"] = "next_business_day"


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


# -- what is asked ------------------------------------------------------------------------------------------------


class _Field(Block):
    id: Name
    label: Text
    help: Text | None = None
    required: bool | Expr = False
    when: Expr | None = None
    public: bool = False


class TextField(_Field):
    type: Literal["text", "long_text", "email", "url"]
    max_characters: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_words: Annotated[int, Field(ge=1, le=20_000)] | None = None


class NumberField(_Field):
    type: Literal["number"]
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    min: Exact | None = None
    max: Exact | None = None
    unit: Text | None = None


MoneyUnit = Literal["one", "thousand", "million", "eok", "billion"]
WON_PER_UNIT: dict[str, int] = {"one": 1, "thousand": 10**3, "million": 10**6, "eok": 10**8, "billion": 10**9}


class MoneyField(_Field):
    """An amount; shown and typed in `unit`, held in won."""

    type: Literal["money"]
    currency: Literal["KRW"] = "KRW"
    unit: MoneyUnit = "million"


class YesNoField(_Field):
    type: Literal["yes_no"]


class Option(Block):
    id: Name
    label: Text


class ChoiceField(_Field):
    """One (or `many`) of a classification set, or of options of its own."""

    type: Literal["choice"]
    set: Name | None = None
    options: Items[Option] = ()
    many: bool = False


class PlainField(_Field):
    type: Literal["country", "place", "date", "organisation"]


class FileField(_Field):
    type: Literal["file"]
    formats: Items[Name] = ()
    max_mb: Annotated[int, Field(ge=1, le=2000)] | None = None


class RowsField(_Field):
    """Repeated rows, such as residents' goals or consortium members."""

    type: Literal["rows"]
    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=1, le=1000)] | None = None
    fields: Items[RowCell]


RowCell = Annotated[
    TextField | NumberField | MoneyField | YesNoField | ChoiceField | PlainField, Field(discriminator="type")
]
FormField = Annotated[
    TextField | NumberField | MoneyField | YesNoField | ChoiceField | PlainField | FileField | RowsField,
    Field(discriminator="type"),
]


class Section(Block):
    section: Name
    title: Text
    tracks: Items[Name] = ()
    fields: Items[FormField]


class Document(Block):
    id: Name
    label: Text
    required: bool | Expr = True
    formats: Items[Name] = ()
    max_mb: Annotated[int, Field(ge=1, le=2000)] | None = None


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
    """One line of the review's checklist; a `fail` excludes, unless `excludes: false`."""

    id: Name
    label: Text
    correction: Correction | None = None
    excludes: bool = True
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


# -- scores -------------------------------------------------------------------------------------------------------


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


# -- the deciding rule --------------------------------------------------------------------------------------------


class Reserve(Block):
    """`{count: 3}`, or `{per: track, count: 2}` for one list per value."""

    count: Annotated[int, Field(ge=0)]
    per: Name | None = None


class Quota(Block):
    """For values of a tag (`track`, or a choice, country or region): at least and at most so many selected."""

    id: Name
    quota: Name
    values: Annotated[dict[str, Share], Field(min_length=1)]
    label: Text | None = None


class CapEach(Block):
    """At most so many selected for each value of a tag."""

    id: Name
    cap_each: Name
    max: Annotated[int, Field(ge=1)]
    label: Text | None = None


class Seats(Block):
    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int, Field(ge=1)]


class Band(Block):
    """From and to which probability to be above the line, in per cent, the scores do not separate from it."""

    from_: Annotated[Percent, Field(alias="from")]
    to: Percent


class Uncertainty(Block):
    """Whether an estimate may touch the result; `none` unless announced here.

    Within the `band` lots decide, or a second round: the judged stage named, held for those in the band only.
    """

    announced_use: Literal["none", "second_round", "lot_in_band"] = "none"
    band: Band | None = None
    second_round: Name | None = None
    shown_to: Items[Literal["auditor", "party"]] = ()


class TaskUnits(Block):
    """Each row of a repeated field is decided by itself; its `key` cells name it (subject, activity, place)."""

    rows: Name
    key: Annotated[Items[Name], Field(min_length=1)]


class _Decide(Block):
    unit: Literal["application", "application_and_task"] = "application"
    tasks: TaskUnits | None = None
    close: Literal["batch", "per_case"] = "batch"
    clock: Clock | None = None

    @property
    def by_lot(self) -> bool:
        """Whether lots can have a say."""
        return "lot" in getattr(self, "ties", ())


class _Scored(_Decide):
    """`combine`: how scored stages add up, per cent; `decimals` and rounding half up apply once, at the end."""

    combine: Annotated[dict[Name, Percent], Field(min_length=1)]
    decimals: Annotated[int, Field(ge=0, le=6)] = 2


class ByRank(_Scored):
    """Down the ranking until seats and money end, skipping only where a rule below forbids, and naming it."""

    by: Literal["rank"]
    pass_mark: Exact | None = None
    ties: Items[str] = ()
    seats: Seats
    rules: Items[Quota | CapEach] = ()
    walk: Literal["rank_order", "total_value"] = "rank_order"
    list: Literal["one", "per_track"] = "one"
    reserve: Reserve | None = None
    uncertainty: Uncertainty = Uncertainty()

    @property
    def by_lot(self) -> bool:
        """On equal scores, or in the band."""
        return "lot" in self.ties or self.uncertainty.announced_use == "lot_in_band"


class ByThreshold(_Scored):
    """Yes to everyone who reaches the mark, and each part's own mark; nobody is ranked."""

    by: Literal["threshold"]
    at_least: Exact
    each_at_least: dict[str, Exact] = {}


class Grade(Block):
    """A grade from this mark on; `by_group` gives groups of their own marks."""

    id: Name
    label: Text
    at_least: Exact
    by_group: dict[Name, Exact] = {}
    granted: bool = True


class Group(Block):
    """Applications that are told apart (by size, for example): the first whose condition holds."""

    id: Name
    label: Text
    when: Expr


class ByGrade(_Scored):
    """The highest grade whose mark is reached; `granted` says whether that grade is a yes."""

    by: Literal["grade"]
    grades: Annotated[Items[Grade], Field(min_length=1)]
    groups: Items[Group] = ()


class WithoutVote(Block):
    """Who is in without a vote, because the voting body does not exist yet or the statute says so."""

    when: Expr
    label: Text


class ByVote(_Decide):
    """Members of a body vote on each application. Per cents are of seats (quorum) and of what `of` names (majority).

    The body sits already (`seats`, with `compose` by group of seat) or is drawn by lot from a pool (`drawn`).
    `places`: of the carried, so many with the most yes votes; a tie at the line goes by lot where `ties` says so.
    """

    by: Literal["vote"]
    body: Text
    seats: Annotated[int, Field(ge=1)] | None = None
    compose: dict[Name, Share] = {}
    drawn: Panel | None = None
    places: Annotated[int, Field(ge=1)] | None = None
    ties: Items[Literal["lot"]] = ()
    options: Annotated[Items[Name], Field(min_length=2)] = ("yes", "no", "abstain")
    quorum: Percent
    majority: Percent
    of: Literal["cast", "seats"] = "cast"
    without_vote: WithoutVote | None = None


class ByAppointment(_Decide):
    """An authority decides each case with reasons; nothing is ranked. `advice` names opinions that it must have."""

    by: Literal["appointment"]
    authority: Text
    advice: Items[Name] = ()


Decide = Annotated[ByRank | ByThreshold | ByGrade | ByVote | ByAppointment, Field(discriminator="by")]


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


def basis_points(percent: Decimal) -> int:
    """`Decimal("33.33")` -> 3333. A finer share is refused by the linter."""
    return int(percent * 100)


RowsField.model_rebuild()
Section.model_rebuild()
Definition.model_rebuild()
