"""Invented evaluators with works and ties, and who of them reads what: found as an office would find it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from madang.core.callspec.asked import ChoiceField
from madang.core.callspec.scored import Assign, Judged
from madang.core.deciding.case import Application, Case, Conflict, Member
from madang.papers.assigning.problems import DECLARED, as_of
from madang.papers.assigning.roster import NOBODY, Affiliation, Person, Roster, Work
from madang.papers.plan_assigning import assigned_stages
from madang.papers.samples.common import Sampling
from madang.papers.samples.panels import Seated
from madang.papers.samples.topics import TOPICS, phrases

_USUAL_LOAD = 5
_FAIR_UP_TO = 150  # a larger sample is content with the largest total, which is found at once
_DECLARED = "예시: 지인 관계로 회피 / Sample: withdrew, knows the applicant"


def roster_of(s: Sampling, applications: Sequence[Application]) -> Roster:
    """The people of every stage that assigns; the same for the same seed and applications."""
    people: list[Person] = []
    ties: list[Affiliation] = []
    works: list[Work] = []
    stages = assigned_stages(s.definition)
    for stage in stages:
        drawn = list(_people(s, stage, len(applications), len(people), alone=len(stages) == 1))
        people += drawn
        for person in drawn:
            random = s.chance(f"person:{person.evaluator}")
            works += _works(random, person, s)
            ties += _ties(random, person, applications, as_of(s.definition))
    return Roster(tuple(people), tuple(ties), tuple(works)) if stages else NOBODY


def assign(s: Sampling, case: Case, seated: Seated, eligible: frozenset[str]) -> tuple[Case, Seated]:
    """The case with the plan of each stage that assigns, the conflicts found on the way, and who is in it."""
    stages = assigned_stages(s.definition)
    if not stages or not eligible:
        return case, seated
    from madang.papers.assigning.matching import conflict_rows, match
    from madang.words import say

    def tell(evidence: Any) -> str:
        return " / ".join(sentence for language in ("ko", "en") if (sentence := _said(say, evidence, language)))

    roster = roster_of(s, case.applications)
    readers = dict(seated)
    for stage in stages:
        before = replace(case, conflicts=(*case.conflicts, *_declared(s, stage, case, roster)))
        objective = None if len(eligible) <= _FAIR_UP_TO else "total"
        found = match(
            s.definition, stage, before, roster, eligible, on=as_of(s.definition) or "2021-01-04", objective=objective,
            explain=False,
        )  # fmt: skip
        case = replace(
            case,
            conflicts=conflict_rows(before, found.found(), tell),
            assignments=(*case.assignments, *found.assignments()),
            assignment_plans=(*case.assignment_plans, *([found.plan_row()] if found.there_is_one else [])),
        )
        readers[stage.id] = tuple(Member(stage.id, person.evaluator, person.tags) for person in found.people)
    return case, readers


def _said(say: Any, evidence: Any, language: str) -> str:
    from madang.core.reasons import Reason

    return str(say(Reason(evidence["code"], evidence["params"]), language))


def _people(s: Sampling, stage: Judged, applications: int, before: int, *, alone: bool) -> Iterator[Person]:
    """Enough that nobody reads more than a handful, or than the call allows, with some to spare."""
    asked = stage.assign
    assert asked is not None
    load = min(_USUAL_LOAD, asked.load.max or _USUAL_LOAD)
    if asked.load.min:
        load = max(load, asked.load.min + 1)
    count = max(asked.each + 3, -(-applications * asked.each // load))
    random = s.chance(f"people:{stage.id}")
    for number in range(before + 1, before + count + 1):
        topic = (number - 1) % len(TOPICS)
        yield Person(
            f"E{number:02}",
            "" if alone else stage.id,
            tuple(tag for place, tag in enumerate(asked.at_least) if (number + place) % 2),
            _options(s, asked, "fields", [topic, *random.sample(range(len(TOPICS)), number % 2)]),
            _options(s, asked, "languages", [0, 1] if number % 3 else [number % 2]),
            "applicant-05.example" if number == 7 else f"reader-{number:02}.example",
        )


def _options(s: Sampling, asked: Assign, part: str, places: Sequence[int]) -> tuple[str, ...]:
    field = s.definition.field(name) if (name := getattr(asked, part)) else None
    if not isinstance(field, ChoiceField) or not field.options:
        return ()
    options = [option.id for option in field.options]
    return tuple(dict.fromkeys(options[place % len(options)] for place in places))


def _works(random: Random, person: Person, s: Sampling) -> Iterator[Work]:
    """Two to four works, most of them on the evaluator's own topic."""
    own = (int(person.evaluator[1:]) - 1) % len(TOPICS)
    for number in range(random.randrange(2, 5)):
        topic = own if number < 2 else random.randrange(len(TOPICS))
        first, second = random.sample(range(5), 2)
        korean, english = TOPICS[topic]
        yield Work(
            person.evaluator, f"예시: {korean[first]} / Sample: {english[first]}", phrases(topic, (first, second))
        )


def _ties(random: Random, person: Person, applications: Sequence[Application], on: str) -> Iterator[Affiliation]:
    """Everybody's own post, and for every third a tie to an applicant: now, lately, long ago, or not clearly so."""
    number = int(person.evaluator[1:])
    year = dt.date.fromisoformat(on or "2021-01-04").year
    own = f"예시연구소 {800 + number} / Sample Laboratory {800 + number}"
    yield Affiliation(person.evaluator, own, "employment", str(year - random.randrange(3, 15)))
    if number % 3 or not applications:
        return
    of = applications[random.randrange(len(applications))]
    kind, since, until = (
        ("employment", f"{year - 6}-03", ""),
        ("employment", f"{year - 9}-03-02", f"{year - 1}-02-28"),
        ("service", f"{year - 2}-04", f"{year - 2}-11-30"),
        ("advice", f"{year - 8}", f"{year - 6}"),
        ("service", f"{year - 4}", f"{year - 3}"),
        ("employment", f"{year - 5}", ""),
    )[(number // 3 - 1) % 6]
    name = of.organisation or of.applicant
    yield Affiliation(person.evaluator, f"㈜{of.applicant}" if (number // 3) % 6 == 0 else name, kind, since, until)


def _declared(s: Sampling, stage: Judged, case: Case, roster: Roster) -> Iterator[Conflict]:
    """One in thirty applications, from the third on."""
    random = s.chance(f"declared:{stage.id}")
    people = roster.of_stage(stage.id)
    for application in case.applications[2::30]:
        yield Conflict(application.id, random.choice(people).evaluator, _DECLARED, DECLARED)
