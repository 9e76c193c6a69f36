"""A decision as its readers see it: every number labelled, every reason in words, and nothing about how it is shown.

The HTML report, the workbook and the web page are made from the same view, so that they cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from madang.core.callspec.model import (
    ByGrade,
    ByRank,
    ByThreshold,
    ByVote,
    CapEach,
    ChoiceField,
    Definition,
    Judged,
    Text,
)
from madang.core.deciding import OUTCOMES
from madang.core.deciding.case import Application, Case, Sheet
from madang.core.deciding.eligibility import track_of
from madang.core.reasons import Fault, Malformed
from madang.core.record.read import Record
from madang.core.statistics import with_shares
from madang.core.statistics.model import NOT_ITEMISED, UNCLASSIFIED
from madang.papers import classifications
from madang.papers.describe import describe
from madang.papers.outline import Bullets, Facts, Part, Table, Words
from madang.words import money, sentence

Kind = Literal["rank", "threshold", "grade", "vote"]


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
    """The vote on one application: counts in the order of the view's options."""

    application: str
    applicant: str
    counts: tuple[int, ...]
    cast: int
    seats: int
    quorum_met: bool
    outcome_label: str


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

    @property
    def deviations(self) -> tuple[ApplicationLine, ...]:
        return tuple(line for line in self.applications if line.deviation)

    def application(self, name: str) -> ApplicationLine:
        return next(line for line in self.applications if line.id == name)

    def stages(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.criterion)


def view(record: Record, language: str) -> DecisionView:
    """What a record says, for a reader of `language` (`ko`, else English). Verify a record from elsewhere first.

    Raises `Malformed` where definition or case cannot be read, or where the edition does not open them. Cost: linear in
    the record.
    """
    if record.edition != "auditor":
        raise Malformed([Fault("edition_without_report", "/edition", {"edition": record.edition})])
    return _Viewer(record, language).view()


def words(code: str, language: str, **params: Any) -> str:
    """The words of a report: `words("heading_reasons", "en")`; their codes start with `report_` in the catalogue."""
    return sentence(f"report_{code}", params, language)


class Labels:
    """What the definition calls the things that a record names by id."""

    def __init__(self, definition: Definition, language: str, on: str | None = None) -> None:
        self.definition = definition
        self.language = language
        self.on = on

    def say(self, code: str, **params: Any) -> str:
        return words(code, self.language, **params)

    def text(self, text: Text | None) -> str:
        """In the reader's language, else English, else whatever there is."""
        if not text:
            return ""
        return text.get(self.language) or text.get("en") or next(iter(text.values()))

    def track(self, name: str) -> str:
        found = next((track for track in self.definition.tracks if track.id == name), None)
        return self.text(found.title) if found else name

    def country(self, code: str) -> str:
        return classifications.country_label(code, self.language, self.on) if code else ""

    def classified(self, role: str, id_: str) -> str:
        """The label of an entry of the set that the definition names for `role`."""
        name = self.definition.classifications.get(role)
        try:
            return classifications.label(name, id_, self.language, self.on) if name else id_
        except Malformed:  # a set that this installation does not have
            return id_

    def stage(self, name: str) -> str:
        found = next((stage for stage in self.definition.evaluation if stage.id == name), None)
        return (self.text(found.title) or self.say("stage")) if found else name

    def part(self, name: str) -> str:
        """A stage, a criterion or `stage.criterion`; `lot` is the drawing of lots."""
        if name == "lot":
            return self.say("lot")
        stage, _, criterion = name.rpartition(".")
        for found in self.definition.evaluation:
            if name == found.id:
                return self.stage(name)
            if stage in ("", found.id):
                for one in found.criteria:
                    if one.id == criterion:
                        return self.text(one.label)
        return name

    def tag(self, name: str) -> str:
        """What a quota or cap looks at: a form field, or one of the tags that every application has."""
        field = self.definition.field(name)
        if field is not None and name not in ("country", "field"):
            return self.text(field.label)
        return self.say(f"tag_{name}") if name in TAGS else name

    def tag_value(self, tag: str, value: str) -> str:
        field = self.definition.field(tag)
        if tag == "track":
            return self.track(value)
        if tag == "country":
            return self.country(value)
        if tag == "region":
            return self.classified("region", value)
        if isinstance(field, ChoiceField):
            option = next((o for o in field.options if o.id == value), None)
            return self.text(option.label) if option else self.classified(field.set or "", value)
        if value in ("true", "false"):
            return self.say("yes" if value == "true" else "no")
        return value

    def kind(self, name: str) -> str:
        return self.say(f"kind_{name}") if name in KINDS else name

    def role(self, name: str) -> str:
        roles = (role for track in self.definition.tracks for role in track.consortium)
        found = next((role for role in roles if role.role == name), None)
        return (self.text(found.title) if found else "") or name

    def option(self, name: str) -> str:
        return self.say(f"option_{name}") if name in ("yes", "no", "abstain") else name

    def grade(self, name: str | None) -> str:
        rule = self.definition.decide
        grades = rule.grades if isinstance(rule, ByGrade) else ()
        return next((self.text(grade.label) for grade in grades if grade.id == name), name or "")

    def rule(self, name: str) -> str:
        """A selection rule; `per-track:development` is one value of the quota `per-track`."""
        if name in ("seats", "budget", "match"):
            return self.say(f"rule_name_{name}")
        rules = self.definition.decide.rules if isinstance(self.definition.decide, ByRank) else ()
        found = next((rule for rule in rules if rule.id in (name, name.partition(":")[0])), None)
        if found is None:
            return name
        kind = "cap" if isinstance(found, CapEach) else "quota"
        tag = found.cap_each if isinstance(found, CapEach) else found.quota
        return self.text(found.label) or self.say(f"rule_name_{kind}", tag=self.tag(tag))

    def outcome(self, name: str) -> str:
        """`selected` in the words of what was to be had: selected, admitted, certified, designated."""
        if name in ("selected", "not_selected"):
            return self.say(f"outcome_{self.definition.outcome.kind}_{name}")
        return self.say(f"outcome_{name}") if name in OUTCOMES else name


TAGS = ("track", "country", "region", "applicant", "organisation", "field")
KINDS = (
    "government", "city", "public_body", "international_organisation", "university", "company", "research_institute",
    "association", "institution", "place", "person",
)  # fmt: skip


class Speaker:
    """A record's reasons as sentences, with the definition's labels in the place of its ids."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def say(self, reason: Mapping[str, Any]) -> str:
        code, params = str(reason["code"]), dict(reason["params"])
        definition = self._labels.definition
        if code == "rule_not_met":
            rule = next((rule for rule in definition.eligibility if rule.id == params.get("rule")), None)
            if rule is not None:
                return self._labels.text(rule.otherwise)
        if code == "review_failed":
            item = next((item for item in definition.review if item.id == params.get("item")), None)
            params["item"] = self._labels.text(item.label) if item else params.get("item")
        if code == "score_is" and "sheets" not in params:  # of a whole call, over all its stages
            code = "total_score_is"
        if code == "joined_without_vote" and isinstance(definition.decide, ByVote) and definition.decide.without_vote:
            return self._labels.text(definition.decide.without_vote.label)
        tag = str(params.get("tag", ""))
        told = {name: self._param(name, value, tag) for name, value in params.items()}
        return sentence(code, told, self._labels.language).strip()

    def all(self, reasons: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        return tuple(self.say(reason) for reason in reasons)

    def _quoted_rule(self, name: str) -> str:
        return self._labels.say("quoted", name=self._labels.rule(name))

    def _param(self, name: str, value: Any, tag: str) -> Any:
        labels = self._labels
        if isinstance(value, list):
            one: dict[str, Callable[[str], str]] = {
                "allowed": labels.kind,
                "kinds": labels.kind,
                "rules": self._quoted_rule,
                "values": lambda v: labels.tag_value(tag, v),
                "options": labels.option,
            }
            return [one[name](str(v)) if name in one else str(v) for v in value]
        if value is None:
            return "–"
        if name.endswith("_krw") and isinstance(value, int):
            return f"{value:,}"
        single: dict[str, Callable[[str], str]] = {
            "stage": labels.stage,
            "criterion": labels.part,
            "part": labels.part,
            "kind": labels.kind,
            "role": labels.role,
            "track": labels.track,
            "tag": labels.tag,
            "equals": lambda v: labels.tag_value(tag, v),
            "value": lambda v: labels.tag_value(tag, v) if tag else v,
            "rule": self._quoted_rule,
            "grade": labels.grade,
            "option": labels.option,
            "money": lambda v: labels.say(f"money_{v}") if v in ("grant", "cost") else v,
        }
        return single[name](value) if isinstance(value, str) and name in single else value


class _Viewer:
    def __init__(self, record: Record, language: str) -> None:
        self.record = record
        self.language = language
        self.definition = record.definition()
        self.case: Case = record.case()
        self.computed = record.computed()
        self.statistics = self.computed["statistics"]
        self.labels = Labels(self.definition, language, self.statistics["on"])
        self.speaker = Speaker(self.labels)
        self.ranking = {line["application"]: line for line in self.computed["ranking"]}
        self.columns = _columns(self.definition, self.labels)

    def view(self) -> DecisionView:
        say, meta, applications = self.labels.say, self.record.meta, self._applications()
        counts = self._counts(applications)
        rule = self.definition.decide
        return DecisionView(
            language=self.language,
            call=self.definition.id,
            title=self.labels.text(self.definition.title),
            kind=_kind(self.definition),
            outcome_kind=self.definition.outcome.kind,
            sample=bool(meta.get("sample")),
            note=self.labels.text(meta.get("note")),
            decided_at=_moment(str(meta["decided_at"]), self.definition.schedule.zone, self.language),
            program=str(meta["program"]),
            edition=self.record.edition,
            root=self.record.root,
            keys=tuple(signature["key"] for signature in self.record.signatures),
            settled=self.computed["status"] in ("computed", "feasible"),
            headline=self._headline(counts),
            status_reasons=self.speaker.all(self.computed["reasons"]),
            received=len(self.case.applications),
            counts=counts,
            grant_total=self._grant_total(applications),
            rule=(*_rule(self.definition, self.language), *self._draws()),
            columns=self.columns,
            applications=applications,
            boards=self._boards(applications),
            rules=self._rules(),
            reserve=tuple(self._reserve()),
            options=tuple(map(self.labels.option, rule.options)) if isinstance(rule, ByVote) else (),
            ballots=self._ballots(),
            opinions=self._opinions(),
            conflicts=tuple(ConflictLine(c.application, c.evaluator, c.reason) for c in self.case.conflicts),
            sheets=tuple(self._sheets()),
            statistics=tuple(self._statistics()),
            statistics_on=_moment(self.statistics["on"], "", self.language),
            growth=self._growth(),
            verify=tuple(
                say(f"verify_{name}", root=self.record.root)
                for name in ("content", "signed" if self.record.signatures else "unsigned", "root")
            ),
            commands=("madang verify record.json", "madang verify record.json --key PUBLIC_KEY"),
        )

    # -- applications -------------------------------------------------------------------------------------------------

    def _applications(self) -> tuple[ApplicationLine, ...]:
        """Ranked ones first, then those with a score, then the others, each in the order of the record."""
        outcomes = {line["application"]: line for line in self.computed["outcomes"]}
        decided = self.record.decided()
        parts = self._parts()
        grants = [line["grant_krw"] for line in outcomes.values() if line["grant_krw"] is not None]
        unit = money.natural_unit(grants, self.language)
        lines = [
            self._application(a, outcomes[a.id], decided.get(a.id, {}), parts.get(a.id, {}), unit)
            for a in self.case.applications
        ]
        settled = {name: number for number, name in enumerate(self._order())}
        return tuple(sorted(lines, key=lambda line: settled.get(line.id, len(settled))))

    def _order(self) -> list[str]:
        lines = self.computed["ranking"]
        if isinstance(self.definition.decide, ByRank):
            return [line["application"] for line in lines]
        return [line["application"] for line in sorted(lines, key=lambda line: -Fraction(line["exact"]))]

    def _application(
        self,
        application: Application,
        line: Mapping[str, Any],
        decided: Mapping[str, Any],
        parts: Mapping[tuple[str, str], str | None],
        unit: money.Unit,
    ) -> ApplicationLine:
        ranked = self.ranking.get(application.id, {})
        track = track_of(self.definition, application)
        outcome = str(decided.get("outcome", line["outcome"]))
        deviation = decided.get("deviation") or {}
        grant = line["grant_krw"]
        return ApplicationLine(
            id=application.id,
            applicant=application.applicant,
            track=self.labels.text(track.title) if track and len(self.definition.tracks) > 1 else "",
            country=self.labels.country(str(application.answers.get("country") or application.country)),
            rank=ranked.get("rank"),
            score=ranked.get("score"),
            passed=ranked.get("passed"),
            parts=tuple(parts.get((column.stage, column.criterion)) for column in self.columns),
            outcome=outcome,
            outcome_label=self.labels.outcome(outcome),
            computed=line["outcome"],
            place=line["place"],
            grade=self.labels.grade(line["grade"]),
            grant_krw=grant,
            grant=money.show(grant, self.language, unit) if grant is not None else "",
            reasons=self._reasons(line),
            deviation=str(deviation.get("reason", "")) if isinstance(deviation, Mapping) else "",
        )

    def _reasons(self, line: Mapping[str, Any]) -> tuple[str, ...]:
        told = self.speaker.all(line["reasons"])
        by_rank = line["outcome"] == "selected" and isinstance(self.definition.decide, ByRank)
        return (*told, self.labels.say("selected_by_rank")) if by_rank else told

    def _parts(self) -> dict[str, dict[tuple[str, str], str | None]]:
        """application -> (stage, criterion or nothing) -> decimal text."""
        found: dict[str, dict[tuple[str, str], str | None]] = {}
        for stage in self.computed["stages"]:
            for line in stage["applications"]:
                mine = found.setdefault(line["application"], {})
                mine[stage["id"], ""] = line["score"]
                mine |= {(stage["id"], name): value for name, value in line["criteria"].items()}
        return found

    def _boards(self, applications: Sequence[ApplicationLine]) -> tuple[Board, ...]:
        rule = self.definition.decide
        scored = [line for line in applications if line.id in self.ranking]
        mark = {ByRank: "pass_mark", ByThreshold: "at_least"}.get(type(rule))
        value = getattr(rule, mark) if mark else None
        shown = None if value is None else str(value)
        if isinstance(rule, ByRank) and rule.list == "per_track":
            track_of_id = {a.id: track_of(self.definition, a) for a in self.case.applications}
            lists = [
                (self.labels.text(track.title), [line for line in scored if track_of_id[line.id] == track])
                for track in self.definition.tracks
            ]
        else:
            lists = [("", scored)]
        ranked = isinstance(rule, ByRank)
        return tuple(
            Board(title, tuple(line.id for line in lines), ranked, _line(lines) if ranked else 0, shown)
            for title, lines in lists
            if lines
        )

    # -- headline -----------------------------------------------------------------------------------------------------

    def _counts(self, applications: Sequence[ApplicationLine]) -> tuple[Count, ...]:
        """Selected and not selected always; the others where there are any."""
        of = Counter(line.outcome for line in applications)
        always = ("selected", "not_selected")
        return tuple(Count(o, self.labels.outcome(o), of[o]) for o in OUTCOMES if of[o] or o in always)

    def _headline(self, counts: Sequence[Count]) -> str:
        of = {count.outcome: count.count for count in counts}
        told = {"received": len(self.case.applications), "selected": of.get("selected", 0)}
        return self.labels.say(f"headline_{self.definition.outcome.kind}", **told)

    def _grant_total(self, applications: Sequence[ApplicationLine]) -> str:
        grants = [line.grant_krw for line in applications if line.outcome == "selected" and line.grant_krw is not None]
        return money.show(sum(grants), self.language) if grants else ""

    def _draws(self) -> Iterator[str]:
        """What was drawn elsewhere and handed in."""
        if self.case.panel:
            yield self.labels.say("panel_not_drawn_here")
        if self.case.lot_order:
            yield self.labels.say("lots_not_drawn_here")

    # -- rules, reserve, votes ----------------------------------------------------------------------------------------

    def _rules(self) -> tuple[tuple[str, tuple[RuleUse, ...]], ...]:
        return tuple(
            (self._list_title(one["list"]), tuple(self._use(use) for use in one["result"]["per_rule"]))
            for one in self.computed["selections"]
        )

    def _list_title(self, name: str) -> str:
        return "" if name == "all" else self.labels.track(name)

    def _use(self, use: Mapping[str, Any]) -> RuleUse:
        """Counts and won as they are; what a kind of rule does not have stays blank."""
        say, label = self.labels.say, self.labels.rule(use["id"])
        won = lambda amount: money.show(amount, self.language)  # noqa: E731
        number = lambda value: "" if value is None else str(value)  # noqa: E731
        match use["type"]:
            case "budget":
                spent = [won(use[name]) for name in ("used_krw", "max_krw", "slack_krw")]
                return RuleUse(f"{label} ({say('money_' + use['money'])})", "", *spent)
            case "match":
                sums = say("match_sums", own=won(use["own_krw"]), grant=won(use["grant_krw"]))
                least = say("match_least", own=use["own"], grant=use["grant"])
                return RuleUse(label, least, sums, "", say("match_failing", count=use["failing"]))
            case "cap_each":
                full = [self.labels.tag_value(use["tag"], value) for value in use["values_at_cap"]]
                told = say("cap_full", values=full) if full else say("cap_none_full")
                return RuleUse(label, "", told, number(use["max"]), "")
            case "quota":
                label = f"{label}: {self.labels.tag_value(use['tag'], use['equals'])}"
        least = number(use.get("min")) if use.get("min") else ""
        return RuleUse(label, least, number(use.get("count")), number(use.get("max")), number(use.get("slack")))

    def _reserve(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        rule = self.definition.decide
        per = rule.reserve.per if isinstance(rule, ByRank) and rule.reserve else None
        for selection in self.computed["selections"]:
            found = selection["result"]["reserve"]
            if isinstance(found, Mapping):
                yield from ((self.labels.tag_value(per or "", v), tuple(ids)) for v, ids in found.items() if ids)
            elif found:
                yield self._list_title(selection["list"]), tuple(found)

    def _ballots(self) -> tuple[Ballot, ...]:
        rule = self.definition.decide
        if not isinstance(rule, ByVote):
            return ()
        applicants = {a.id: a.applicant for a in self.case.applications}
        outcomes = {line["application"]: line["outcome"] for line in self.computed["outcomes"]}
        return tuple(
            Ballot(
                application=line["application"],
                applicant=applicants[line["application"]],
                counts=tuple(line["counts"].get(option, 0) for option in rule.options),
                cast=line["cast"],
                seats=line["seats"],
                quorum_met=line["quorum_met"],
                outcome_label=self.labels.outcome(outcomes[line["application"]]),
            )
            for line in self.computed["votes"]
        )

    # -- opinions, sheets, statistics ---------------------------------------------------------------------------------

    def _opinions(self) -> tuple[OpinionSummary, ...]:
        summaries = []
        for opinion in self.definition.opinions:
            given = [row for row in self.case.opinions if row.opinion == opinion.id and row.answer is not None]
            of = Counter(row.answer for row in given)
            scale = range(opinion.scale[0], opinion.scale[1] + 1) if opinion.scale else sorted(n for n in of if n)
            summaries.append(
                OpinionSummary(
                    question=self.labels.text(opinion.question),
                    answered=len({row.application for row in given}),
                    applications=len(self.case.applications),
                    answers=tuple((str(answer), of[answer]) for answer in scale),
                )
            )
        return tuple(summaries)

    def _sheets(self) -> Iterable[SheetLine]:
        dropped, skipped, parts = self._not_counted()
        judged = self.definition.judged()
        for number, sheet in enumerate(self.case.sheets):
            stage = next((s for s in judged if s.id == sheet.stage or (len(judged) == 1 and not sheet.stage)), None)
            state = "dropped" if number in dropped else "skipped" if number in skipped else "counted"
            notes = [f"{name}: {value}" for name, value in sheet.notes.items()]
            label = self.labels.say(f"sheet_{state}")
            if left := parts.get(number):
                label = self.labels.say("sheet_part_dropped", criteria=[self.labels.part(name) for name in left])
                state = "dropped"
            yield SheetLine(
                leaf=f"sheets/{number:06d}",
                stage=stage.id if stage else sheet.stage,
                stage_label=self.labels.stage(stage.id) if stage else sheet.stage,
                application=sheet.application,
                evaluator=sheet.evaluator,
                scores=_scores(stage, sheet),
                comment=sheet.comment,
                notes="; ".join(notes),
                state=state,
                state_label=label,
            )

    def _not_counted(self) -> tuple[set[int], set[int], dict[int, list[str]]]:
        """Sheets left out whole, sheets skipped for blanks, and sheets of which some criteria were left out."""
        dropped: set[int] = set()
        skipped: set[int] = set()
        parts: dict[int, list[str]] = {}
        for stage in self.computed["stages"]:
            for line in stage["applications"]:
                dropped.update(line.get("dropped", ()))
                skipped.update(line.get("skipped", ()))
                for criterion, numbers in line.get("dropped_by_criterion", {}).items():
                    for number in numbers:
                        parts.setdefault(number, []).append(f"{stage['id']}.{criterion}")
        return dropped, skipped, parts

    def _statistics(self) -> Iterable[StatisticTable]:
        found = self.statistics
        labels: dict[str, Callable[[str], str]] = {
            "type": self.labels.track,
            "region": lambda id_: self.labels.classified("region", id_),
            "country": self.labels.country,
            "field": lambda id_: self.labels.classified("field", id_),
        }
        places = {NOT_ITEMISED: "statistics_not_itemised", UNCLASSIFIED: "statistics_unclassified"}
        whole = found["total"]
        for by, label in labels.items():
            rows = found[f"by_{by}"]
            if not rows or (by == "type" and len(rows) == 1):
                continue
            overlaps = by == "field" and found["by_field_overlaps"]
            shared = rows if overlaps else with_shares(rows)
            lines = [
                StatisticRow(
                    sentence(places[row["id"]], {}, self.language) if row["id"] in places else label(row["id"]),
                    row["cases"],
                    row["countries"],
                    row.get("share_shown"),
                )
                for row in shared
            ]
            total = sentence("statistics_total", {}, self.language)
            yield StatisticTable(
                id=by,
                title=sentence(f"statistics_by_{by}", {}, self.language),
                rows=tuple(lines),
                total=StatisticRow(total, whole["cases"], whole["countries"], None if overlaps else "100.0"),
                note=self._statistics_note(by, overlaps),
                countries=whole["countries"] > 0 and by != "country",
            )

    def _statistics_note(self, by: str, overlaps: bool) -> str:
        if overlaps:
            return sentence("statistics_overlap", {}, self.language)
        once = by in ("type", "field") and self.statistics["total"]["countries"]
        return sentence("statistics_once", {}, self.language) if once else ""

    def _growth(self) -> str:
        growth = self.statistics["growth"]
        if growth["cases"] is None:
            return ""
        told = {"previous_year": growth["previous_year"], "year": growth["year"]}
        for name in ("cases", "countries"):
            one = growth[name]
            told |= {f"{name}_previous": one["previous"], f"{name}_now": one["now"]}
            told |= {f"{name}_change": f"{one['change']:+,}", f"{name}_shown": one["shown"] or "–"}
        return self.labels.say("growth", **told)


# -- small decisions --------------------------------------------------------------------------------------------------


def _kind(definition: Definition) -> Kind:
    match definition.decide:
        case ByThreshold():
            return "threshold"
        case ByGrade():
            return "grade"
        case ByVote():
            return "vote"
        case _:
            return "rank"


def _line(lines: Sequence[ApplicationLine]) -> int:
    return max((place for place, line in enumerate(lines, 1) if line.computed == "selected"), default=0)


def _columns(definition: Definition, labels: Labels) -> tuple[Column, ...]:
    rule = definition.decide
    combine = getattr(rule, "combine", {})
    columns = []
    for stage in definition.evaluation:
        title = labels.stage(stage.id)
        columns.append(Column(stage.id, "", title, title, _percent(combine.get(stage.id), labels.language)))
        columns += [
            Column(stage.id, c.id, labels.text(c.label), title, _percent(c.weight, labels.language))
            for c in stage.criteria
        ]
    return tuple(columns)


def _percent(value: Any, language: str) -> str:
    """`30%` in Korean, `30 %` elsewhere."""
    return "" if value is None else f"{plain(value)}%" if language == "ko" else f"{plain(value)} %"


def plain(value: Any) -> str:
    """A decimal without trailing zeros or an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scores(stage: Judged | None, sheet: Sheet) -> tuple[str, ...]:
    names = [criterion.id for criterion in stage.criteria] if stage else list(sheet.scores)
    return tuple(str(sheet.scores.get(name) or "") for name in names)


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _moment(text: str, zone: str, language: str) -> str:
    """`2022-01-28 18:00` in words, with its zone where there is an hour; as it is where it is no date."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    day = (
        f"{found.year}년 {found.month}월 {found.day}일"
        if language == "ko"
        else f"{found.day} {_MONTHS[found.month - 1]} {found.year}"
    )
    return f"{day} {found:%H:%M} ({zone})" if len(text) > 10 else day


def _rule(definition: Definition, language: str) -> Iterator[str]:
    """How it was scored and decided, as the call itself says it; what was never published is marked."""
    outline = describe(definition, language)
    for id_ in ("scoring", "decision"):
        section = outline.section(id_)
        for part in section.parts if section else ():
            yield from _sentences(part, f" [{outline.sample_word}]")


def _sentences(part: Part, mark: str) -> Iterator[str]:
    """One part of an outline as sentences for a list; `mark` follows what is a sample."""
    match part:
        case Words():
            yield part.text + mark * part.sample
        case Bullets():
            for item in part.items:
                yield item.text + mark * item.sample
        case Facts():
            for row in part.rows:
                yield f"{row.label}: " + "; ".join(value.text + mark * value.sample for value in row.values)
        case Table():
            rows = [" ".join(row.cells) + mark * (row.sample or part.sample) for row in part.rows]
            yield ": ".join(filter(None, (part.title, "; ".join(rows))))
