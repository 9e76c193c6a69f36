"""A record as its readers see it. `view` is the only way in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByAppointment, ByGrade, ByRank, ByThreshold, ByVote
from madang.core.deciding import OUTCOMES
from madang.core.deciding.case import Application, Case
from madang.core.deciding.eligibility import track_of
from madang.core.reasons import Fault, Malformed
from madang.core.record.read import Record
from madang.papers.decision.dates import days_that_follow
from madang.papers.decision.formats import moment, percent
from madang.papers.decision.inputs import opinions, sheets
from madang.papers.decision.labels import Labels, Speaker
from madang.papers.decision.model import (
    ApplicationLine,
    Ballot,
    Board,
    Column,
    ConflictLine,
    Count,
    DecisionView,
    Kind,
    RuleUse,
    TaskLine,
)
from madang.papers.decision.rule import rule_sentences
from madang.papers.decision.statistics import growth_of, tables
from madang.words import money


def view(record: Record, language: str) -> DecisionView:
    """What a record says, for a reader of `language` (`ko`, else English). Verify a record from elsewhere first.

    Raises `Malformed` where definition or case cannot be read, or where the edition does not open them. Cost: linear in
    the record.
    """
    if record.edition != "auditor":
        raise Malformed([Fault("edition_without_report", "/edition", {"edition": record.edition})])
    return _Viewer(record, language).view()


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
        anybody = any(line.outcome == "selected" for line in applications)
        return DecisionView(
            language=self.language,
            call=self.definition.id,
            title=self.labels.text(self.definition.title),
            kind=_kind(self.definition),
            outcome_kind=self.definition.outcome.kind,
            sample=bool(meta.get("sample")),
            note=self.labels.text(meta.get("note")),
            decided_at=moment(str(meta["decided_at"]), self.definition.schedule.zone, self.language),
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
            rule=(*rule_sentences(self.definition, self.language), *self._draws()),
            columns=self.columns,
            applications=applications,
            boards=self._boards(applications),
            rules=self._rules(),
            reserve=tuple(self._reserve()),
            options=tuple(map(self.labels.option, rule.options)) if isinstance(rule, ByVote) else (),
            ballots=self._ballots(),
            opinions=opinions(self.definition, self.case, self.labels),
            conflicts=tuple(ConflictLine(c.application, c.evaluator, c.reason) for c in self.case.conflicts),
            sheets=tuple(sheets(self.definition, self.case, self.record.sheets(), self.computed, self.labels)),
            statistics=tuple(tables(self.statistics, self.labels)),
            statistics_on=moment(self.statistics["on"], "", self.language),
            growth=growth_of(self.statistics, self.labels),
            verify=tuple(
                say(f"verify_{name}", root=self.record.root)
                for name in ("content", "signed" if self.record.signatures else "unsigned", "root")
            ),
            commands=("madang verify record.json", "madang verify record.json --key PUBLIC_KEY"),
            days=days_that_follow(self.definition, str(meta["decided_at"]), self.language, anybody=anybody),
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
            outcome_label=self.labels.outcome_of(line, outcome),
            computed=line["outcome"],
            place=line["place"],
            grade=self.labels.grade(line["grade"]),
            grant_krw=grant,
            grant=money.show(grant, self.language, unit) if grant is not None else "",
            reasons=self._reasons(line),
            deviation=str(deviation.get("reason", "")) if isinstance(deviation, Mapping) else "",
            group=self.labels.group(line["group"]) if line.get("group") else "",
            tasks=tuple(self._task(task) for task in line.get("tasks", ())),
        )

    def _task(self, task: Mapping[str, Any]) -> TaskLine:
        return TaskLine(
            task=self.labels.task(task["task"]),
            outcome=task["outcome"],
            outcome_label=self.labels.outcome_of(task, task["outcome"]),
            reasons=self.speaker.all(task["reasons"]),
        )

    def _reasons(self, line: Mapping[str, Any]) -> tuple[str, ...]:
        told = self.speaker.all(line["reasons"])
        rule = self.definition.decide
        if line["outcome"] != "selected" or not isinstance(rule, ByRank):
            return told
        return (*told, self.labels.say("selected_by_rank" if rule.walk == "rank_order" else "selected_in_largest"))

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
        outcomes = {(line["application"], ""): line["outcome"] for line in self.computed["outcomes"]}
        for line in self.computed["outcomes"]:
            outcomes |= {(line["application"], task["task"]): task["outcome"] for task in line.get("tasks", ())}
        return tuple(
            Ballot(
                application=line["application"],
                applicant=applicants[line["application"]],
                counts=tuple(line["counts"].get(option, 0) for option in rule.options),
                cast=line["cast"],
                seats=line["seats"],
                quorum_met=line["quorum_met"],
                outcome=outcomes[line["application"], line.get("task", "")],
                outcome_label=self.labels.outcome(outcomes[line["application"], line.get("task", "")]),
                task=self.labels.task(line["task"]) if line.get("task") else "",
            )
            for line in self.computed["votes"]
        )


# -- small decisions --------------------------------------------------------------------------------------------------


def _kind(definition: Definition) -> Kind:
    match definition.decide:
        case ByThreshold():
            return "threshold"
        case ByGrade():
            return "grade"
        case ByVote():
            return "vote"
        case ByAppointment():
            return "appointment"
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
        columns.append(Column(stage.id, "", title, title, percent(combine.get(stage.id), labels.language)))
        columns += [
            Column(stage.id, c.id, labels.text(c.label), title, percent(c.weight, labels.language))
            for c in stage.criteria
        ]
    return tuple(columns)
