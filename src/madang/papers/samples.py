"""Invented material for any definition, drawn from the definition alone and deterministic by seed.

Names say that they are invented; countries are the user-assigned codes XA-XZ. Only integers are drawn, so that the same
seed gives the same case on every machine.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from madang.core.callspec.model import (
    WON_PER_UNIT,
    ByVote,
    ChoiceField,
    Computed,
    Definition,
    FormField,
    Judged,
    MoneyField,
    NumberField,
    RowCell,
    RowsField,
    TextField,
    Track,
    YesNoField,
)
from madang.core.deciding.case import (
    Application,
    Case,
    Check,
    Conflict,
    Member,
    OpinionGiven,
    Seat,
    Sheet,
    Vote,
)
from madang.core.deciding.eligibility import eligibility
from madang.core.reasons import Malformed
from madang.papers.classifications import load
from madang.papers.conditions import Conditions
from madang.papers.values import plain
from madang.papers.writing import write_folder

__all__ = ["sample_case", "write_folder"]

COUNTRIES = tuple(f"X{chr(letter)}" for letter in range(ord("A"), ord("Z") + 1))
_KINDS = {
    "government": ("예시정부", "Sample Government"), "city": ("예시시", "Sample City"),
    "public_body": ("예시공단", "Sample Public Body"),
    "international_organisation": ("예시국제기구", "Sample Organisation"),
    "university": ("예시대학교", "Sample University"), "company": ("예시기업", "Sample Company"),
    "research_institute": ("예시연구원", "Sample Institute"), "association": ("예시협회", "Sample Association"),
    "institution": ("예시기관", "Sample Institution"), "place": ("예시지역", "Sample Place"),
    "person": ("예시인", "Sample Person"),
}  # fmt: skip
_TRIES = 200
_SEATS = 7
_BODY = 15
_AMOUNT_KRW = 1_000_000_000
_KRW = re.compile(r"krw\(\s*(\d+)\s*,\s*['\"](\w+)['\"]\s*\)")
_NUMBER = re.compile(r"(?<![\w.'\"-])\d{1,9}(?:\.\d{1,6})?(?![\w.'\"-])")
_DAY = re.compile(r"['\"](\d{4}-\d{2}-\d{2})['\"]")
_AMOUNT = re.compile(r"\b\d{7,15}\b")


def sample_case(
    definition: Definition,
    *,
    seed: int,
    applications: int,
    known: Mapping[str, Collection[str]] | None = None,
) -> Case:
    """An invented case with so many applications: all that the definition asks for before it can be decided.

    About one application in twenty is ineligible by a rule and one in twenty fails the review; a few evaluators are in
    conflict; two applications tie. `known`: ids of classifications by role, as in `folder.read`. The cost is linear in
    applications x evaluators x criteria.
    """
    return _Sampler(definition, Random(seed), known).case(applications)  # noqa: S311  # a sample, not a secret


@dataclass(frozen=True, slots=True)
class _Judging:
    """A stage with its panel: evaluator -> leniency in thousandths of the scale."""

    stage: Judged
    panel: tuple[Member, ...]
    leniency: Mapping[str, int]


class _Sampler:
    def __init__(self, definition: Definition, random: Random, known: Mapping[str, Collection[str]] | None) -> None:
        self._definition = definition
        self._random = random
        self._known = known
        self._conditions = Conditions(definition)
        self._rules = [rule.rule for rule in definition.eligibility]

    def case(self, count: int) -> Case:
        width = max(2, len(str(count)))
        made = tuple(self._application(number, count, width) for number in range(1, count + 1))
        checklist = tuple(self._checklist(made))
        judged = self._judged_applications(made, checklist)
        judgings = self._judgings(made)
        conflicts = self._conflicts(judged, judgings)
        return Case(
            applications=made,
            panel=tuple(member for judging in judgings for member in judging.panel),
            conflicts=conflicts,
            sheets=self._tied(judged, tuple(self._sheets(judged, judgings, conflicts))),
            checklist=checklist,
            opinions=tuple(self._opinions(judged)),
            seats=(seats := self._seats()),
            votes=tuple(self._votes(judged, seats)),
            lot_order=self._lots(made),
            sample=True,
        )

    # -- applications ---------------------------------------------------------------------------------------------

    def _application(self, number: int, count: int, width: int) -> Application:
        """One that the rules let in, or (one in twenty) one that they keep out, as far as drawing finds it."""
        wanted = not (number % 20 == 7 and self._rules)
        made = self._draw(number, count, width)
        for _ in range(_TRIES):
            if self._eligible(made) == wanted:
                break
            made = self._draw(number, count, width)
        return made

    def _draw(self, number: int, count: int, width: int) -> Application:
        tracks = self._definition.tracks
        track = tracks[(number - 1) % len(tracks)] if tracks else None
        kind = self._random.choice(track.applicants) if track and track.applicants else "city"
        name = _named(kind, number, width)
        answers = self._answers(number, width, track)
        country = next(
            (answers[f.id] for f in self._definition.fields() if f.type == "country" and f.id in answers), ""
        )
        made = Application(
            id=f"A{number:0{width}}",
            applicant=name,
            kind=kind,
            organisation=f"sample-{kind.replace('_', '-')}-{number:0{width}}",
            track=track.id if track else "",
            country=country,
            received=self._received(number, count),
            answers=answers,
            members=tuple(self._members(track, number, width)),
        )
        return self._only_asked(made)

    def _only_asked(self, made: Application) -> Application:
        """Without answers to questions that this application is not asked; dropping one may close another."""
        while True:
            facts = self._conditions.facts(made)
            asked = {
                field.id
                for section in self._definition.form
                for field in section.fields
                if self._conditions.asked(section, field, facts)
            }
            kept = {name: answer for name, answer in made.answers.items() if name in asked}
            if len(kept) == len(made.answers):
                return made
            made = replace(made, answers=kept)

    def _eligible(self, made: Application) -> bool:
        """Looked at alone, by the core's own judgement: rules, kinds of applicant, consortium, limits of money."""
        try:
            return not eligibility(self._definition, Case(applications=(made,)))[made.id]
        except Malformed:
            return False

    def _received(self, number: int, count: int) -> str:
        """Spread evenly over the window, in the order of the numbers."""
        schedule = self._definition.schedule
        opens = dt.datetime.fromisoformat(schedule.opens or schedule.announced or "2021-01-04")
        closes = dt.datetime.fromisoformat(schedule.closes.at) if schedule.closes else opens + dt.timedelta(days=60)
        seconds = max(1, int((closes - opens).total_seconds()))
        moment = opens + dt.timedelta(seconds=seconds * number // (count + 1))
        return moment.isoformat(sep=" ", timespec="seconds")

    def _members(self, track: Track | None, number: int, width: int) -> Iterator[dict[str, str]]:
        for role in track.consortium if track else ():
            for place in range(max(role.min, 1)):
                kind = self._random.choice(role.kinds) if role.kinds else "company"
                name = _named(kind, number * 10 + place, width + 1)
                yield {"role": role.role, "name": name, "kind": kind, "country": self._random.choice(COUNTRIES)}

    # -- answers --------------------------------------------------------------------------------------------------

    def _answers(self, number: int, width: int, track: Track | None) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        amounts = self._amounts(track)
        for field in self._definition.fields():
            if field.required is False and not self._needed(field) and self._random.randrange(10) < 3:
                continue
            answer = amounts.get(field.id) if isinstance(field, MoneyField) else self._answer(field, number, width)
            if answer is not None:
                answers[field.id] = answer
        return answers

    def _needed(self, field: FormField) -> bool:
        """Fields that money or a computed stage rests on are always answered."""
        money = self._definition.money
        indicators = {indicator.field for stage in self._definition.computed() for indicator in stage.criteria}
        return field.id in (money.cost, money.own) or field.id in indicators

    def _answer(self, field: FormField | RowCell, number: int, width: int) -> Any:
        match field:
            case RowsField():
                count = max(field.min, 1)
                return [
                    {c.id: a for c in field.fields if (a := self._answer(c, number, width)) is not None}
                    for _ in range(count)
                ]
            case YesNoField():
                return self._random.randrange(2) == 1
            case NumberField():
                return self._number(field)
            case MoneyField():
                return self._random.randrange(1, 100) * 10_000_000
            case ChoiceField():
                return self._choice(field)
            case TextField():
                return _words(field, number, width)
            case _:
                return self._plain(field.type, field.id, number, width)

    def _plain(self, kind: str, field: str, number: int, width: int) -> str:
        if kind == "country":
            return self._random.choice(COUNTRIES)
        if kind == "date":
            named = [day for rule in self._rules_on(field) for day in _DAY.findall(rule)]
            opens = (self._definition.schedule.opens or "2021-01-04")[:10]
            day = dt.date.fromisoformat(self._random.choice(named) if named else opens)
            return (day + dt.timedelta(days=self._random.randrange(-400, 200 if named else 0))).isoformat()
        if kind == "file":
            return f"{field}-{number:0{width}}.pdf"
        return _named("city" if kind == "place" else "institution", number, width)

    def _choice(self, field: ChoiceField) -> str | list[str] | None:
        options = [option.id for option in field.options] or self._set(field.set or "")
        if not options:
            return None
        if not field.many:
            return self._random.choice(options)
        chosen = self._random.sample(options, min(len(options), self._random.randrange(1, 4)))
        return sorted(chosen, key=options.index)

    def _set(self, role: str) -> list[str]:
        if self._known is not None:
            return sorted(self._known.get(role, ()))
        name = self._definition.classifications.get(role)
        return list(load(name).ids) if name else []

    def _number(self, field: NumberField) -> str:
        """Near the steps that a computed stage reads off, or a number that a rule names; else anywhere in the range."""
        low, high = field.min or Decimal(0), field.max
        steps = [step.from_ for stage in self._definition.computed() for step in _steps(stage, field.id)]
        steps += [Decimal(number) for rule in self._rules_on(field.id) for number in _NUMBER.findall(rule)]
        if steps:
            around = self._random.choice(steps)
            value = around * self._random.randrange(95, 125) / 100
        else:
            top = high if high is not None else low + 1000
            value = low + (top - low) * self._random.randrange(0, 1001) / 1000
        value = max(low, value if high is None else min(high, value))
        unit = Decimal(1).scaleb(-field.decimals)
        return plain(value // unit * unit)

    # -- money ----------------------------------------------------------------------------------------------------

    def _amounts(self, track: Track | None) -> dict[str, int]:
        """An amount for each money field: inside its limits or one that a rule names, and own money that matches."""
        money = self._definition.money
        fields = [field for field in self._definition.fields() if isinstance(field, MoneyField)]
        amounts = {field.id: self._amount(field, *self._limits(field.id, track)) for field in fields}
        if money.cost in amounts and money.own in amounts:
            own = next(field for field in fields if field.id == money.own)
            amounts[money.own] = self._own(own, amounts[money.cost])
        return amounts

    def _limits(self, field: str, track: Track | None) -> tuple[int, int]:
        """From what to what an amount may be. The grant's limit bounds the cost with the the own money beside it."""
        money = self._definition.money
        limits = money.limits.get(track.id if track else "", money.limits.get("default"))
        if limits is None or field != money.cost:
            return 0, _AMOUNT_KRW
        tops = []
        if limits.grant_krw.max is not None:
            whole = Fraction(money.match.grant + money.match.own, money.match.grant) if money.match and money.own else 1
            tops.append(int(limits.grant_krw.max * whole))
        if limits.cost_krw.max is not None:
            tops.append(limits.cost_krw.max)
        low = limits.cost_krw.min or 0
        return low, min(tops, default=max(low, _AMOUNT_KRW))

    def _rules_on(self, field: str) -> list[str]:
        return [rule for rule in self._rules if re.search(rf"\b{field}\b", rule)]

    def _amount(self, field: MoneyField, low: int, high: int) -> int:
        named = [krw for rule in self._rules_on(field.id) for krw in _named_amounts(rule)]
        top = self._random.choice(named) if named else high
        share = 20 if self._random.randrange(2) else self._random.randrange(8, 22)
        unit = _round_sum(field)
        amount = max(top * share // 20 // unit * unit, unit)
        return max(low, amount)

    def _own(self, field: MoneyField, cost: int) -> int:
        """The least that matches, or (one in three) somewhat more; rounded up to a round sum."""
        match = self._definition.money.match
        least = -(-cost * match.own // (match.grant + match.own)) if match else cost * 3 // 10
        least = least if self._random.randrange(3) else least + (cost - least) // 10
        unit = _round_sum(field)
        return min(cost, -(-least // unit) * unit)

    # -- review, opinions, votes, lots ----------------------------------------------------------------------------

    def _checklist(self, made: tuple[Application, ...]) -> Iterator[Check]:
        for number, application in enumerate(made, start=1):
            facts = self._conditions.facts(application)
            items = self._definition.review
            failing = self._random.randrange(len(items)) if items and number % 20 == 11 else -1
            for index, item in enumerate(items):
                if item.when is not None and not self._conditions.holds(item.when, facts):
                    continue
                if index == failing:
                    yield Check(
                        application.id, item.id, "fail", "예시: 보완 요청에 응하지 않음 / Sample: not supplemented"
                    )
                else:
                    yield Check(application.id, item.id, "pass")

    def _judged_applications(self, made: tuple[Application, ...], checklist: tuple[Check, ...]) -> list[Application]:
        """Those that reach the evaluators: eligible, and not excluded by the review."""
        excluding = {item.id for item in self._definition.review if item.excludes}
        out = {check.application for check in checklist if check.verdict == "fail" and check.item in excluding}
        return [application for application in made if application.id not in out and self._eligible(application)]

    def _opinions(self, applications: list[Application]) -> Iterator[OpinionGiven]:
        for application in applications:
            for opinion in self._definition.opinions:
                if self._random.randrange(5) == 0:
                    continue  # silence
                answer = self._random.randint(*opinion.scale) if opinion.scale else None
                by = f"예시 회신기관 {application.country} / Sample body {application.country}".replace(
                    "  ", " "
                ).strip()
                yield OpinionGiven(application.id, opinion.id, by, answer, "예시 의견 / Sample opinion")

    def _seats(self) -> tuple[Seat, ...]:
        decide = self._definition.decide
        if not isinstance(decide, ByVote):
            return ()
        groups = tuple(dict.fromkeys(kind for track in self._definition.tracks for kind in track.applicants)) or ("",)
        return tuple(Seat(f"S{n:02}", groups[(n - 1) % len(groups)]) for n in range(1, (decide.seats or _BODY) + 1))

    def _votes(self, applications: list[Application], seats: tuple[Seat, ...]) -> Iterator[Vote]:
        decide = self._definition.decide
        if not isinstance(decide, ByVote):
            return
        for application in applications:
            if decide.without_vote and self._conditions.holds(
                decide.without_vote.when, self._conditions.facts(application)
            ):
                continue
            favour, present = self._random.randrange(35, 95), self._random.randrange(60, 100)
            for seat in seats:
                if self._random.randrange(100) < present:
                    first = self._random.randrange(100) < favour
                    option = decide.options[0] if first else self._random.choice(decide.options[1:])
                    yield Vote(application.id, seat.seat, option)

    def _lots(self, made: tuple[Application, ...]) -> tuple[str, ...]:
        if "lot" not in getattr(self._definition.decide, "ties", ()):
            return ()
        order = [application.id for application in made]
        self._random.shuffle(order)
        return tuple(order)

    # -- evaluation -----------------------------------------------------------------------------------------------

    def _judgings(self, made: tuple[Application, ...]) -> tuple[_Judging, ...]:
        judgings: list[_Judging] = []
        first = 1
        for stage in self._definition.judged():
            seats = stage.panel.seats if stage.panel else _SEATS
            panels = max(1, len(self._definition.tracks)) if stage.panel and stage.panel.per == "track" else 1
            names = [f"E{number:02}" for number in range(first, first + seats * panels)]
            first += len(names)
            panel = tuple(Member(stage.id, name, self._tags(stage, n % seats)) for n, name in enumerate(names))
            judgings.append(_Judging(stage, panel, {name: self._bell(60) for name in names}))
        return tuple(judgings)

    @staticmethod
    def _tags(stage: Judged, seat: int) -> tuple[str, ...]:
        """The tags that the panel's composition needs: each minimum is met from one end of the seats or the other."""
        tags = []
        compose = stage.panel.compose if stage.panel else {}
        for index, (tag, share) in enumerate(compose.items()):
            seats = stage.panel.seats if stage.panel else _SEATS
            if (seat if index % 2 == 0 else seats - 1 - seat) < (share.min or 0):
                tags.append(tag)
        return tuple(tags)

    def _seated(self, judging: _Judging, application: Application) -> tuple[Member, ...]:
        """The panel of this application: the call's, or its track's."""
        stage = judging.stage
        if not (stage.panel and stage.panel.per == "track" and self._definition.tracks):
            return judging.panel
        index = [track.id for track in self._definition.tracks].index(application.track)
        return judging.panel[index * stage.panel.seats : (index + 1) * stage.panel.seats]

    def _conflicts(self, judged: list[Application], judgings: tuple[_Judging, ...]) -> tuple[Conflict, ...]:
        """One in thirty applications, from the third on, and only where enough evaluators remain."""
        found = []
        for application in judged[2::30]:
            for judging in judgings:
                seated = self._seated(judging, application)
                if len(seated) > max(judging.stage.score.min_sheets, 2):
                    evaluator = self._random.choice(seated).evaluator
                    found.append(
                        Conflict(application.id, evaluator, "예시: 자문 용역 수행 / Sample: advised the applicant")
                    )
        return tuple(found)

    def _sheets(
        self, judged: list[Application], judgings: tuple[_Judging, ...], conflicts: tuple[Conflict, ...]
    ) -> Iterator[Sheet]:
        barred = {(conflict.application, conflict.evaluator) for conflict in conflicts}
        quality = {application.id: 700 + self._bell(170) for application in judged}
        for judging in judgings:
            for application in judged:
                for member in self._seated(judging, application):
                    if (application.id, member.evaluator) not in barred:
                        seen = quality[application.id] + judging.leniency[member.evaluator]
                        yield self._sheet(judging.stage, application.id, member.evaluator, seen)

    def _sheet(self, stage: Judged, application: str, evaluator: str, seen: int) -> Sheet:
        scores = {criterion.id: self._score(stage, seen + self._bell(90)) for criterion in stage.criteria}
        comment = "예시 의견 / Sample comment" if stage.score.comment_required_when else ""
        return Sheet(stage.id, application, evaluator, scores, comment)

    def _score(self, stage: Judged, thousandths: int) -> str:
        """A place on the scale, on its step; turned round where lower is better."""
        scale = stage.scale
        width = scale.max - scale.min
        share = min(1000, max(0, thousandths))
        share = share if stage.higher_is_better else 1000 - share
        step = scale.step or (Decimal(1) if width >= 5 else Decimal("0.1"))
        steps = (width * share / 1000 / step + Decimal("0.5")) // 1
        return plain(scale.min + min(steps, width // step) * step)

    def _tied(self, judged: list[Application], sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
        """The same scores for the first two neighbours whom the same evaluators judged: a tie to be settled."""
        by_application: dict[str, dict[tuple[str, str], Sheet]] = {application.id: {} for application in judged}
        for sheet in sheets:
            by_application[sheet.application][sheet.stage, sheet.evaluator] = sheet
        if self._definition.computed() or len(judged) < 4:
            return sheets
        for one, other in pairwise(judged):
            first, second = by_application[one.id], by_application[other.id]
            if first and first.keys() == second.keys():
                copied = {other.id: first}
                return tuple(
                    replace(s, scores=copied[s.application][s.stage, s.evaluator].scores)
                    if s.application in copied
                    else s
                    for s in sheets
                )
        return sheets

    def _bell(self, spread: int) -> int:
        """A whole number around 0, rarely beyond `spread` on either side."""
        return sum(self._random.randint(-spread, spread) for _ in range(3)) // 3


def _named(kind: str, number: int, width: int) -> str:
    korean, english = _KINDS[kind]
    return f"{korean} {number:0{width}} / {english} {number:0{width}}"


def _round_sum(field: MoneyField) -> int:
    return min(WON_PER_UNIT[field.unit], 10_000_000)


def _words(field: TextField, number: int, width: int) -> str:
    if field.type == "email":
        return f"sample{number:0{width}}@example.org"
    if field.type == "url":
        return f"https://example.org/{number:0{width}}"
    text = f"예시 {number:0{width}} / Sample {number:0{width}}"
    if field.max_words is not None:
        text = " ".join(text.split()[: field.max_words])
    return text[: field.max_characters].strip() if field.max_characters else text


def _steps(stage: Computed, field: str) -> Iterator[Any]:
    for indicator in stage.criteria:
        if indicator.field == field:
            yield from indicator.steps


def _named_amounts(rule: str) -> list[int]:
    """Amounts in won that a rule names."""
    units = [int(amount) * WON_PER_UNIT[unit] for amount, unit in _KRW.findall(rule) if unit in WON_PER_UNIT]
    return units + [int(amount) for amount in _AMOUNT.findall(_KRW.sub("", rule))]
