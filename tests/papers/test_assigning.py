"""Who reads what: a folder becomes problems of the core, and their answers a plan."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.callspec import parse
from madang.core.deciding.case import Application, Case, Conflict
from madang.core.deciding.decide import prepare
from madang.core.reasons import Malformed
from madang.papers.assigning.matching import Matched, conflict_rows, file_text, match
from madang.papers.assigning.problems import as_of
from madang.papers.assigning.roster import Affiliation, Person, Roster, Work
from madang.papers.chapters.readers import readers
from madang.papers.chapters.telling import Teller
from madang.papers.decision import view
from madang.papers.samples import sample_case, sample_roster
from tests.core.callspec.plant import CITIES, planted
from tests.core.callspec.test_lint import PANEL
from tests.core.record.sealed import seal_case
from tests.papers.papers_folders import HEAD

CALL = (
    HEAD.format(id="reading")
    + """\
form:
  - section: idea
    title: {en: Idea}
    fields:
      - {id: about, type: long_text, label: {en: About}}
      - {id: mail, type: email, label: {en: Mail}}
evaluation:
  - id: written
    kind: judged
    assign: ASKED
    scale: {min: 0, max: 10}
    criteria: [{id: need, weight: 100, label: {en: Need}}]
decide: {by: rank, combine: {written: 100}, seats: {max: 1}}
outcome: {kind: award}
"""
)
PEOPLE = tuple(Person(f"E{number}", tags=("external",) if number % 2 else ()) for number in range(1, 5))


def matched(asked: str, case: Case, roster: Roster, **more: Any) -> Matched:
    definition = parse(CALL.replace("ASKED", asked))
    eligible = prepare(definition, case).eligible
    return match(definition, definition.judged()[0], case, roster, eligible, on="2021-04-20", **more)


def case(*applications: Application, **tables: Any) -> Case:
    return Case(applications, sample=True, **tables)


def found(one: Matched) -> set[tuple[str, str, str, str]]:
    lines = one.results["conflicts"]["conflicts"]
    return {(line["application"], line["evaluator"], line["rule"], line["strength"]) for line in lines}


def test_conflicts_are_found_by_the_announced_rules_alone() -> None:
    city = Application("A1", "Sample City", organisation="city-1")
    ties = (
        Affiliation("E1", "sample  CITY", since="2019"),  # by name, case and spacing aside: works there
        Affiliation("E2", "city-1", until="2019-12-31"),  # within three years
        Affiliation("E3", "city-1", until="2017-12-31"),  # before
        Affiliation("E4", "city-1", kind="advice", since="2020", until="2021-01"),
    )
    given = case(city, Application("A2", "Sample Town"))
    all_rules = "{each: 1, conflicts: {employment_years: 3, service_years: 3}}"
    assert found(matched(all_rules, given, Roster(PEOPLE, ties))) == {
        ("A1", "E1", "same_organisation", "found"),
        ("A1", "E1", "employment", "found"),
        ("A1", "E2", "employment", "found"),
        ("A1", "E4", "service", "found"),
    }
    few = "{each: 1, conflicts: {same_organisation: true, email_domain: false}}"
    assert found(matched(few, given, Roster(PEOPLE, ties))) == {("A1", "E1", "same_organisation", "found")}


def test_what_only_looks_alike_is_for_a_person_and_bars_nobody() -> None:
    given = case(Application("A1", "Sample Works", answers={"mail": "kim@works.example"}))
    people = (Person("E1"), Person("E2", email_domain="works.example"), Person("E3"))
    ties = (Affiliation("E1", "㈜Sample Works"), Affiliation("E3", "Sample Works", until="2018"))
    one = matched("{each: 3, conflicts: {employment_years: 3}}", given, Roster(people, ties))
    assert {(line[1], line[3]) for line in found(one)} == {
        ("E1", "suspected"),
        ("E2", "suspected"),
        ("E3", "suspected"),
    }
    assert len(one.assignments()) == 3
    assert "kim" not in json.dumps(one.problems)


def test_partners_and_declared_conflicts_count() -> None:
    member = {"role": "partner", "name": "Sample Partner"}
    given = case(
        Application("A1", "Sample City", members=(member,)),
        Application("A2", "Sample Town"),
        Application("A3", "Sample Village"),
        conflicts=(Conflict("A2", "E1", "cousin"), Conflict("A3", "E1", "seen earlier", "service")),
    )
    ties = (Affiliation("E2", "Sample Partner", since="2020"), Affiliation("E3", "Sample City", since="2020"))
    one = matched("{each: 1, conflicts: {co_application: true}}", given, Roster(PEOPLE, ties))
    assert ("A2", "E1", "declared", "declared") in found(one)
    assert {("A1", "E2"), ("A1", "E3")} <= {line[:2] for line in found(one)}
    barred = {tuple(pair) for pair in one.problems["assignment"]["conflicts"]}
    assert ("A3", "E1") in barred  # found once, and still in the folder's table
    rows = conflict_rows(given, one.found(), lambda fact: fact["code"])
    assert rows[-2:] == (given.conflicts[0], given.conflicts[1])
    assert {row.rule for row in rows[:-2]} == {"same_organisation"}


def test_texts_fields_and_languages_decide_who_fits() -> None:
    about = {"about": "leaking water pipes in old streets"}
    given = case(Application("A1", "Sample City", answers=about))
    works = (Work("E2", "Leaks", "water pipes leak in old streets"), Work("E1", "Taxes", "tax law of companies"))
    one = matched("{each: 1}", given, Roster(PEOPLE, (), works))
    assert [row.evaluator for row in one.assignments()] == ["E2"]
    assert one.plan["status"] == "optimal"


def test_no_plan_says_why_and_how_many_more_would_do() -> None:
    given = case(*(Application(f"A{n}", f"City {n}") for n in range(1, 5)))
    one = matched("{each: 2, load: {max: 1}}", given, Roster(PEOPLE))
    assert not one.there_is_one
    assert one.assignments() == ()
    assert [(reason.code, reason.params["count"]) for reason in one.more] == [("more_evaluators", 4)]
    plain = tuple(replace(person, tags=()) for person in PEOPLE)
    two = matched("{each: 2, at_least: {external: 1}, load: {max: 2}}", given, Roster(plain))
    assert [(r.code, r.params["count"], r.params["tags"]) for r in two.more] == [
        ("more_evaluators_tagged", 2, ["external"])
    ]


def test_nobody_to_assign_is_said() -> None:
    for empty, roster in ((case(), Roster(PEOPLE)), (case(Application("A1", "City")), Roster())):
        with pytest.raises(Malformed) as refused:
            matched("{each: 1}", empty, roster)
        assert [fault.code for fault in refused.value.faults] == ["nobody_to_assign"]


@st.composite
def folders(draw: st.DrawFn) -> tuple[str, Case, Roster]:
    """Two or three applications, three or four evaluators, some words, some conflicts."""
    word = st.sampled_from(["water", "energy", "traffic", "waste"])
    n, m = draw(st.integers(2, 3)), draw(st.integers(3, 4))
    applications = tuple(Application(f"A{i}", f"City {i}", answers={"about": draw(word)}) for i in range(n))
    people = tuple(Person(f"E{j}", tags=("external",) if draw(st.booleans()) else ()) for j in range(m))
    works = tuple(Work(person.evaluator, draw(word), draw(word)) for person in people)
    pairs = [(a.id, p.evaluator) for a, p in product(applications, people)]
    barred = tuple(Conflict(a, e) for a, e in draw(st.lists(st.sampled_from(pairs), max_size=3, unique=True)))
    asked = f"{{each: {draw(st.integers(1, 2))}, load: {{max: {draw(st.integers(1, 3))}}}"
    asked += ", at_least: {external: 1}" if draw(st.booleans()) else ""
    asked += f", objective: {draw(st.sampled_from(['fair', 'total']))}}}"
    return asked, case(*applications, conflicts=barred), Roster(people, (), works)


@given(folders())
@settings(max_examples=40, deadline=None)
def test_the_plan_is_the_best_of_all(folder: tuple[str, Case, Roster]) -> None:
    asked, given, roster = folder
    one = matched(asked, given, roster)
    assert one.contradictions == ()
    best = _by_trying(asked, given, roster, {pair: Fraction(value) for pair, value in one.affinities.items()})
    assert one.there_is_one == (best is not None)
    if best is not None:
        worst, total = best
        assert Fraction(one.plan["total"]) == total
        if "fair" in asked:
            assert Fraction(one.plan["worst"]) == worst


def _by_trying(asked: str, given: Case, roster: Roster, affinity: dict) -> tuple[Fraction, Fraction] | None:
    """(worst, total) of the best plan, by looking at every plan."""
    rule = parse(CALL.replace("ASKED", asked)).judged()[0].assign
    assert rule is not None
    barred = {(row.application, row.evaluator) for row in given.conflicts}
    tags = {person.evaluator: person.tags for person in roster.evaluators}

    def groups(application: str) -> list[tuple[str, ...]]:
        free = [name for name in tags if (application, name) not in barred]
        kept = combinations(free, rule.each)
        return [g for g in kept if all(sum(t in tags[e] for e in g) >= least for t, least in rule.at_least.items())]

    best = None
    for plan in product(*(groups(a.id) for a in given.applications)):
        loads = [sum(name in group for group in plan) for name in tags]
        if rule.load.max is not None and max(loads) > rule.load.max:
            continue
        sums = [sum((affinity[a.id, e] for e in g), Fraction(0)) for a, g in zip(given.applications, plan, strict=True)]
        value = (min(sums), sum(sums, Fraction(0)))
        key = value if rule.objective == "fair" else (value[1],)
        if best is None or key > best[0]:
            best = (key, value)
    return None if best is None else best[1]


# -- samples and the chapter --------------------------------------------------------------------------------------

TWO_STAGES = planted(
    CITIES,
    (PANEL, "assign: {each: 5, at_least: {external: 2}, load: {max: 9}, conflicts: {employment_years: 3}}"),
    (PANEL, "assign: {each: 6, objective: total}"),
)


def test_a_sample_of_any_call_that_assigns_can_be_decided_and_told() -> None:
    definition = parse(TWO_STAGES)
    drawn = sample_case(definition, seed=3, applications=12)
    again = sample_case(definition, seed=3, applications=12)
    assert drawn == again
    roster = sample_roster(definition, drawn, seed=3)
    assert {person.stage for person in roster.evaluators} == {"written", "presentation"}
    assert {row.evaluator for row in drawn.assignments} <= {person.evaluator for person in roster.evaluators}
    assert {plan.status for plan in drawn.assignment_plans} == {"optimal"}
    text = seal_case(TWO_STAGES, drawn)
    from madang.core.record.read import read

    record = read(text)
    for language in ("ko", "en"):
        told = list(readers(Teller(view(record, language), record)))
        assert len(told) > 8


def test_the_problem_that_a_plan_names_is_the_one_that_is_written() -> None:
    definition = parse(TWO_STAGES)
    drawn = sample_case(definition, seed=3, applications=12)
    stage = definition.judged()[0]
    roster = sample_roster(definition, drawn, seed=3)
    eligible = prepare(definition, drawn).eligible
    one = match(definition, stage, drawn, roster, eligible, on=as_of(definition))
    digest = hashlib.sha256(file_text(one.problems["assignment"]).encode()).hexdigest()
    assert digest == one.plan_row().problem_sha256 == drawn.assignment_plans[0].problem_sha256
    assert one.assignments() == tuple(row for row in drawn.assignments if row.stage == stage.id)
