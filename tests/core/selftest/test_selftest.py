"""A self-test says what a decision would say, guesses nothing, and names only changes that do flip the rule."""

import random
from dataclasses import replace
from typing import Any

import pytest

from madang.core import callspec
from madang.core.callspec import Definition
from madang.core.callspec.expressions import compile_rule
from madang.core.deciding.case import Application, Case
from madang.core.deciding.eligibility import eligibility
from madang.core.reasons import Malformed
from madang.core.selftest import Finding, Given, findings_of, questions_of
from madang.core.selftest.judge import ALONE, checks_of
from madang.core.selftest.solve import MOST_ASKED, applied
from madang.papers import classifications, library
from madang.papers.samples import sample_case

PROGRAMMES = sorted(library.programmes())
COUNTS = {"applications_of_applicant": 1, "applications_of_applicant_for_same_city": 1}


def definition_of(name: str) -> Definition:
    return callspec.parse(library.programmes()[name].read_text("utf-8"))


def sets_of(definition: Definition) -> dict[str, tuple[str, ...]]:
    return {key: classifications.load(name).ids for key, name in definition.classifications.items()}


def given_of(application: Application) -> Given:
    """Everything that an application says."""
    return Given(
        track=application.track,
        kind=application.kind,
        country=application.country,
        members=application.members,
        answers=application.answers,
        counts=COUNTS,
        complete=True,
    )


def spoiled(definition: Definition, application: Application, chance: random.Random) -> Application:
    """The same with some answers that make rules fail: other amounts, yes for no, another kind, fewer members."""
    answers: dict[str, Any] = dict(application.answers)
    for field in definition.fields():
        if chance.random() < 0.6 or field.id not in answers:
            continue
        value = answers[field.id]
        if isinstance(value, bool):
            answers[field.id] = not value
        elif isinstance(value, int):
            answers[field.id] = chance.choice([0, value // 2, value * 3, 4_000_000_000, 10**12])
        elif field.type == "number":
            answers[field.id] = str(chance.choice([0, 1, 9_000]))
        elif field.type == "choice" and isinstance(value, str):
            answers[field.id] = chance.choice(["other", value])
    kinds = ["city", "company", "person", "international_organisation", application.kind]
    return replace(
        application,
        kind=chance.choice(kinds),
        members=application.members[chance.choice([0, 0, 1]) :],
        answers=answers,
    )


def applications(name: str, definition: Definition) -> list[Application]:
    chance = random.Random(name)
    found = list(sample_case(definition, seed=3, applications=12).applications)
    return [*found, *(spoiled(definition, chance.choice(found), chance) for _ in range(30))]


def decided(definition: Definition, application: Application) -> set[str] | None:
    """The findings that a decision would have against it alone; nothing where it cannot be decided."""
    alone = replace(application, received="")
    try:
        reasons = eligibility(definition.model_copy(update={"sisters": None}), Case(applications=(alone,)))[alone.id]
    except Malformed:
        return None
    names = {
        "rule_not_met": lambda p: p["rule"],
        "applicant_kind": lambda p: "applicant.kind",
        "consortium_too_few": lambda p: f"consortium.{p['role']}",
        "consortium_too_many": lambda p: f"consortium.{p['role']}",
        "consortium_kind": lambda p: f"consortium.{p['role']}",
    }
    return {names.get(reason.code, lambda p: "money.limits")(reason.params) for reason in reasons}


def failing(findings: tuple[Finding, ...]) -> set[str]:
    return {one.id for one in findings if one.state == "fails"}


@pytest.mark.parametrize("name", PROGRAMMES)
def test_with_every_answer_it_says_what_a_decision_says(name: str) -> None:
    definition = definition_of(name)
    compared = 0
    for application in applications(name, definition):
        against = decided(definition, application)
        found = findings_of(definition, given_of(application), sets_of(definition))
        assert {one.state for one in found} <= {"holds", "fails", "open"}
        if against is not None:
            compared += 1
            assert failing(found) - {"money.match"} == against
            assert all(one.state != "open" for one in found)
    assert compared > 10


@pytest.mark.parametrize("name", PROGRAMMES)
def test_what_it_tells_early_stays_true_whatever_else_is_answered(name: str) -> None:
    definition, chance = definition_of(name), random.Random(name)
    for application in applications(name, definition):
        whole = given_of(application)
        asked = [question.key for question in questions_of(definition)]
        known = {key for key in asked if chance.random() < 0.5}
        part = Given(
            track=whole.track if "track" in known else None,
            kind=whole.kind if "applicant.kind" in known else None,
            country=whole.country if "applicant.country" in known else None,
            members=whole.members if "members" in known else None,
            answers={key: value for key, value in whole.answers.items() if key in known},
        )
        later = {one.id: one for one in findings_of(definition, whole)}
        for one in findings_of(definition, part):
            end = later[one.id].state
            if end != "open" and one.state in ("holds", "fails"):
                assert (one.id, one.state) == (one.id, end)
            if one.state == "open":
                assert one.needs
                assert set(one.needs) <= set(asked)


@pytest.mark.parametrize("name", PROGRAMMES)
def test_every_change_that_it_names_makes_the_rule_hold(name: str) -> None:
    definition = definition_of(name)
    checks = {check.id: check for check in checks_of(definition)}
    for application in applications(name, definition):
        for counts in (COUNTS, None):
            given = replace(given_of(application), counts=counts, complete=False)
            for finding in findings_of(definition, given, sets_of(definition)):
                assert finding.state in ("fails", "office") or not finding.changes
                for changes in finding.changes:
                    changed = given
                    for change in changes:
                        changed = applied(definition, changed, change)
                    assert checks[finding.id].judge(changed).state == "holds"


@pytest.mark.parametrize("name", PROGRAMMES)
def test_nothing_is_asked_that_no_rule_needs(name: str) -> None:
    definition = definition_of(name)
    used = {name for rule in definition.eligibility for name in compile_rule(rule.rule).names}
    used |= {definition.money.cost, definition.money.own, "track", "members", "applicant.kind", "applicant.country"}
    assert {question.key for question in questions_of(definition)} <= used
    everything_unknown = findings_of(definition, Given())
    assert {key for one in everything_unknown for key in one.needs} <= {q.key for q in questions_of(definition)}


# -- single changes, exactly ----------------------------------------------------------------------------------------

RULES = """\
madang: 1
id: rules
programme: sample-programme
sample: true
languages: [en]
title: {en: Rules}
host: {organisation: sample-agency}
intake: {mode: window}
schedule: {zone: Asia/Seoul, opens: 2022-01-03, closes: {at: 2022-02-04 18:00}}
tracks:
  - {id: plan, title: {en: Plan}, applicants: [city, government]}
  - id: trial
    title: {en: Trial}
    applicants: [company]
    consortium:
      - {role: partner, title: {en: Partner}, min: 2, max: 3, kinds: [city, university]}
      - {role: helper, title: {en: Helper}}
form:
  - section: project
    title: {en: Project}
    fields:
      - {id: cost, type: money, unit: million, label: {en: Cost}}
      - {id: own, type: money, unit: million, label: {en: Own}}
      - {id: part, type: money, unit: million, label: {en: Part}}
      - {id: share, type: number, decimals: 2, min: 0, max: 100, label: {en: Share}}
      - {id: running, type: yes_no, label: {en: Running}}
      - {id: planned, type: yes_no, label: {en: Planned}}
      - id: where
        type: choice
        label: {en: Where}
        options: [{id: town, label: {en: Town}}, {id: sea, label: {en: Sea}}]
eligibility: [{rules}]
money: {cost: cost, own: own, match: {grant: 1, own: 1}, limits: {default: {cost_krw: {min: 100, max: 1000}}}}
evaluation:
  - {id: written, kind: judged, scale: {min: 0, max: 100}, criteria: [{id: need, weight: 100, label: {en: Need}}]}
decide: {by: rank, combine: {written: 100}, seats: {max: 2}, ties: [need, lot]}
outcome: {kind: award}
"""


def made(*rules: str) -> Definition:
    rows = ", ".join(f'{{id: r{n}, rule: "{rule}", otherwise: {{en: No}}}}' for n, rule in enumerate(rules))
    return callspec.parse(RULES.replace("{rules}", rows))


def told(definition: Definition, id_: str = "r0", **given: Any) -> tuple[str, list[list[tuple[str, str, Any]]]]:
    finding = next(one for one in findings_of(definition, Given(**given)) if one.id == id_)
    return finding.state, [[(c.key, c.how, c.value) for c in changes] for changes in finding.changes]


def test_a_threshold_is_found_to_the_last_won_and_the_last_decimal() -> None:
    assert told(made("cost <= krw(10, 'eok')"), answers={"cost": 7 * 10**9}) == (
        "fails",
        [[("cost", "at_most", 10**9)]],
    )
    assert told(made("cost * 3 >= 100"), answers={"cost": 5}) == ("fails", [[("cost", "at_least", 34)]])
    assert told(made("share > 33.33"), answers={"share": "1.5"}) == ("fails", [[("share", "at_least", "33.34")]])
    assert told(made("cost == krw(40, 'eok')"), answers={"cost": 1}) == ("fails", [[("cost", "to", 4 * 10**9)]])
    band = made("cost >= 100 && cost <= 120")
    assert told(band, answers={"cost": 7}) == ("fails", [[("cost", "at_least", 100)]])
    assert told(band, answers={"cost": 900}) == ("fails", [[("cost", "at_most", 120)]])


def test_sums_of_other_answers_are_tried() -> None:
    state, changes = told(made("cost == own + part"), answers={"cost": 10, "own": 3, "part": 4})
    assert state == "fails"
    assert changes == [[("cost", "to", 7)], [("own", "to", 6)], [("part", "to", 7)]]


def test_the_smallest_set_is_named_and_every_single_answer_that_is_enough() -> None:
    both = {"running": False, "planned": False}
    assert told(made("running || planned"), answers=both)[1] == [[("running", "to", True)], [("planned", "to", True)]]
    assert told(made("running && planned"), answers=both)[1] == [[("running", "to", True), ("planned", "to", True)]]
    mixed = told(made("running && cost >= 50"), answers={"running": False, "cost": 5})
    assert mixed[1] == [[("running", "to", True), ("cost", "at_least", 50)]]
    assert told(made("running && !running"), answers={"running": True}) == ("fails", [])


def test_choices_kinds_and_countries() -> None:
    assert told(made("where in ['sea']"), answers={"where": "town"})[1] == [[("where", "to", "sea")]]
    abroad = made("applicant.country != 'KR'")
    assert told(abroad, country="KR") == ("fails", [[("applicant.country", "other_than", "KR")]])
    assert told(made("applicant.country == 'KR'"), country="XA")[1] == [[("applicant.country", "to", "KR")]]
    kinds = told(made("running"), "applicant.kind", track="plan", kind="company")
    assert kinds == (
        "fails",
        [[("track", "to", "trial")], [("applicant.kind", "to", "city")], [("applicant.kind", "to", "government")]],
    )


def test_members_are_added_removed_and_of_another_kind() -> None:
    partner = {"role": "partner", "name": "p", "kind": "city", "country": "XA"}

    def of_partners(*members: dict[str, str]) -> list[tuple[str, int, tuple[str, ...]]]:
        found = findings_of(made("running"), Given(track="trial", members=members))
        finding = next(one for one in found if one.id == "consortium.partner")
        return [(c.how, c.count, c.kinds) for changes in finding.changes for c in changes if c.key == "members"]

    assert of_partners() == [("add", 2, ("city", "university"))]
    assert of_partners(partner) == [("add", 1, ("city", "university"))]
    assert of_partners(partner, partner) == []
    assert of_partners(*[partner] * 5) == [("remove", 2, ()), ("remove", 3, ())]
    assert of_partners(partner, partner | {"kind": "company"})[0] == ("kinds", 1, ("city", "university"))
    overseas = made("members.exists(m, m.role == 'helper' && m.country != 'KR')")
    finding = next(one for one in findings_of(overseas, Given(track="trial", members=())) if one.id == "r0")
    assert [(c.role, c.not_in) for [c] in finding.changes] == [("helper", "KR")]


def test_what_only_the_office_knows_is_said_so() -> None:
    once = made("applications_of_applicant <= 1")
    assert told(once) == ("office", [])
    assert told(once, counts=ALONE) == ("holds", [])
    or_share = told(made("applications_of_applicant <= 1 || share > 5.0"))
    assert or_share == ("office", [[("share", "at_least", "5.01")]])
    assert told(made("applications_of_applicant <= 1 || running"), answers={"running": True}) == ("holds", [])


def test_match_and_limits() -> None:
    match = told(made("running"), "money.match", answers={"cost": 101, "own": 10})
    assert match == ("fails", [[("cost", "at_most", 20)], [("own", "at_least", 51)]])
    assert told(made("running"), "money.limits", answers={"cost": 1500, "own": 800})[1] == [[("cost", "at_most", 1000)]]
    assert told(made("running"), "money.limits", answers={"cost": 50})[0] == "open"


def test_the_search_ends() -> None:
    hard = made("cost * own == part * 7919 + 13 && running && planned && where == 'sea'")
    answers = {"cost": 3, "own": 5, "part": 7, "running": False, "planned": False, "where": "town"}
    assert told(hard, answers=answers) == ("fails", [])
    assert MOST_ASKED < 10_000
