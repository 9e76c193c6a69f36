"""Conflicts: against a slow look at every pair, shuffled and renamed, changed results, and faults."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madang.core.conflicts import check_conflicts, solve_conflicts, verify_conflicts
from madang.core.kinds import KINDS
from madang.core.problem import read_json
from madang.core.reasons import Malformed
from madang.words import LANGUAGES, catalogue, say_fault, sentence
from tests.core.conflicts.conflict_problems import call, crowd, read, solved

SCHEMA = KINDS["conflicts"].schema()
seeds = st.integers(0, 2**32)
EMPLOYMENT = [{"id": "employment", "type": "employment", "years": 3}]


def answer(data: dict[str, Any]) -> dict[str, Any]:
    """The result; examples whose parents close a circle are set aside (their refusal is tested below)."""
    try:
        return solved(data)
    except Malformed as refused:
        assume({fault.code for fault in refused.faults} != {"conflict_parent_cycle"})
        raise


def faults_of(data: object) -> list[tuple[str, str]]:
    kind = KINDS["conflicts"]
    with pytest.raises(Malformed) as refused:
        kind.solve(kind.read(read_json(json.dumps(data))))
    assert all("?" not in say_fault(fault, language) for fault in refused.value.faults for language in LANGUAGES)
    assert {fault.code for fault in refused.value.faults} <= catalogue().keys()
    return [(fault.at, fault.code) for fault in refused.value.faults]


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_the_joins_find_what_looking_at_every_pair_finds(seed: int) -> None:
    data = crowd(seed)
    result = answer(data)
    checked = check_conflicts(read(data), result)
    assert (checked.contradictions, checked.not_checked) == ([], [])
    jsonschema.Draft202012Validator(SCHEMA["problem"]).validate(data)
    jsonschema.Draft202012Validator(SCHEMA["result"]).validate(result)
    told = [*result["reasons"], *(fact for one in result["conflicts"] for fact in one["evidence"])]
    told += [reason for one in result["free"] for reason in one["reasons"]]
    assert all(one["evidence"] for one in result["conflicts"])
    for one in told:
        assert one["code"] in catalogue()
        assert all("?" not in sentence(one["code"], one["params"], language) for language in LANGUAGES)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_the_order_of_the_lists_changes_nothing(seed: int) -> None:
    data = crowd(seed)
    result, chance = answer(data), Random(seed)

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shuffled(part) if key != "rules" else part for key, part in value.items()}
        if isinstance(value, list):
            return chance.sample([shuffled(part) for part in value], len(value))
        return value

    assert solved(shuffled(data)) == result


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_names_of_applications_and_evaluators_do_not_matter(seed: int) -> None:
    data = crowd(seed)
    result = answer(data)
    text = json.dumps(data)
    for number in range(3):
        text = text.replace(f'"A{number}"', f'"신청-{number}"').replace(f'"E{number}"', f'"위원-{number}"')
    back = json.dumps(solved(json.loads(text)), ensure_ascii=False)
    assert json.loads(back.replace("신청-", "A").replace("위원-", "E")) == result


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_one_more_rule_only_adds(seed: int) -> None:
    data = crowd(seed)
    result = answer(data)
    first = data["rules"][0]
    fewer = answer({**data, "rules": data["rules"][1:]})
    assert fewer["conflicts"] == [one for one in result["conflicts"] if one["rule"] != first["id"]]
    off = answer({**data, "rules": [{**first, "active": False}, *data["rules"][1:]]})
    assert (off["conflicts"], off["pairs"]) == (fewer["conflicts"], fewer["pairs"])


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_every_single_change_of_a_result_is_refused(seed: int) -> None:
    data = crowd(seed)
    problem, result = read(data), answer(data)
    others: list[Any] = [None, True, 7, "found", [], ["A0"], {}, "optimal"]
    for name in result.keys() - {"engine", "elapsed_ms"}:
        value = result[name]
        changes = [*others, *([value[::-1], value[1:], [*value, *value[:1]]] if isinstance(value, list) else [])]
        for other in changes:
            if repr(other) != repr(value):
                assert verify_conflicts(problem, {**result, name: other}), (name, other)
        assert verify_conflicts(problem, {key: kept for key, kept in result.items() if key != name})
    for number, one in enumerate(result["conflicts"]):
        for change in (
            {"strength": "found" if one["strength"] != "found" else "suspected"},
            {"rule": "r99"},
            {"evidence": one["evidence"][1:]},
            {"evidence": [{**one["evidence"][0], "code": "because"}, *one["evidence"][1:]]},
        ):
            changed = json.loads(json.dumps(result))
            changed["conflicts"][number] |= change
            assert verify_conflicts(problem, changed), change
    assert verify_conflicts(problem, None)


def test_beyond_its_limit_the_checker_says_how_many_pairs_it_did_not_look_at() -> None:
    evaluators = [{"id": f"E{n}", "affiliations": [{"name": "한빛"}]} for n in range(10)]
    applications = [{"id": f"A{n}", "parties": [{"name": "한빛" if n == 0 else "새솔"}]} for n in range(10)]
    data = call(applications=applications, evaluators=evaluators)
    problem, result = read(data), solved(data)
    checked = check_conflicts(problem, result, most_pairs=12)
    assert checked.contradictions == []
    assert [(one.code, one.params) for one in checked.not_checked] == [("conflicts_not_checked", {"pairs": 88})]
    changed = {**result, "conflicts": result["conflicts"][:-1]}
    assert check_conflicts(problem, changed, most_pairs=100).contradictions


# --- who remains ---


def test_pairs_for_assignment_what_is_to_be_checked_and_who_remains() -> None:
    data = call(
        organisations=[{"id": "hanbit", "names": ["(주)한빛"]}],
        applications=[{"id": "A1", "parties": [{"organisation": "hanbit"}]}],
        evaluators=[
            {"id": "E1", "affiliations": [{"organisation": "hanbit"}]},
            {"id": "E2", "affiliations": [{"name": "한빛 주식회사"}]},
            {"id": "E3"},
        ],
        rules=EMPLOYMENT,
        required=2,
    )
    asked = solved(data)
    assert (asked["pairs"], asked["to_check"]) == ([["A1", "E1"]], [["A1", "E2"]])
    free = asked["free"][0]
    assert (free["free"], free["unsure"], free["enough"]) == (2, 1, True)
    assert [one["code"] for one in free["reasons"]] == ["conflict_enough_if_cleared"]
    excluded = solved({**data, "treat_suspected": "exclude"})
    assert (excluded["pairs"], excluded["to_check"]) == ([["A1", "E1"], ["A1", "E2"]], [["A1", "E2"]])
    free = excluded["free"][0]
    assert (free["free"], free["unsure"], free["enough"]) == (1, 0, False)
    assert free["reasons"][0]["params"]["rules"] == ["employment: 2"]
    assert excluded["per_rule"] == [
        {
            "id": "employment",
            "type": "employment",
            "active": True,
            "since": "2023-03-02",
            "found": 1,
            "declared": 0,
            "suspected": 1,
        }
    ]
    assert "conflict_evaluators_unknown" in [one["code"] for one in asked["reasons"]]


def test_empty_calls_are_answered() -> None:
    result = solved(call())
    assert (result["status"], result["conflicts"], result["pairs"], result["free"]) == ("computed", [], [], [])
    assert verify_conflicts(read(call()), result) == []
    without = solved(call(rules=[]))
    assert [one["code"] for one in without["reasons"]] == ["conflicts_counted", "conflicts_without_rules"]


# --- refused ---


def test_every_fault_has_its_place() -> None:
    data = call(
        organisations=[
            {"id": "o1", "names": ["—"], "registry_numbers": ["-"], "domains": ["ac.kr", "naver.com", "no domain"]},
            {"id": "o1", "parents": [{"organisation": "o7", "from": "2024", "to": "2023"}], "same_as": ["o8"]},
        ],
        applications=[{"id": "A1", "parties": [{"organisation": "o9"}, {"organisation": "o1", "name": "한빛"}, {}]}],
        evaluators=[
            {
                "id": "E1",
                "names": [" "],
                "emails": ["nobody"],
                "affiliations": [{"organisation": "o9", "from": "2024-03-02", "to": "2024-03-01"}],
                "declared": [{"person": "p9"}],
            }
        ],
        earlier=[{"id": "W1", "on": "2024", "parties": [{"evaluator": "E9"}, {}]}],
        challenges=[{"application": "A9", "evaluator": "E9"}, {"application": "A9", "evaluator": "E9"}],
        public_domains=["-"],
        rules=[*EMPLOYMENT, *EMPLOYMENT],
    )
    assert sorted(faults_of(data)) == sorted(
        [
            ("/organisations/1/id", "conflict_duplicate_id"),
            ("/rules/1/id", "conflict_duplicate_id"),
            ("/organisations/0/names/0", "conflict_empty_name"),
            ("/organisations/0/registry_numbers/0", "conflict_no_number"),
            ("/organisations/0/domains/0", "conflict_domain_is_public"),
            ("/organisations/0/domains/1", "conflict_domain_is_public"),
            ("/organisations/0/domains/2", "conflict_not_a_domain"),
            ("/organisations/1/parents/0/organisation", "conflict_unknown_organisation"),
            ("/organisations/1/parents/0", "conflict_from_after_to"),
            ("/organisations/1/same_as/0", "conflict_unknown_organisation"),
            ("/applications/0/parties/0/organisation", "conflict_unknown_organisation"),
            ("/applications/0/parties/1", "conflict_one_reference"),
            ("/applications/0/parties/2", "conflict_one_reference"),
            ("/evaluators/0/names/0", "conflict_empty_name"),
            ("/evaluators/0/emails/0", "conflict_not_an_email"),
            ("/evaluators/0/affiliations/0/organisation", "conflict_unknown_organisation"),
            ("/evaluators/0/affiliations/0", "conflict_from_after_to"),
            ("/evaluators/0/declared/0/person", "conflict_unknown_person"),
            ("/earlier/0/parties/0/evaluator", "conflict_unknown_evaluator"),
            ("/earlier/0/parties/1", "conflict_one_reference"),
            ("/challenges/0/application", "conflict_unknown_application"),
            ("/challenges/0/evaluator", "conflict_unknown_evaluator"),
            ("/challenges/1/application", "conflict_unknown_application"),
            ("/challenges/1/evaluator", "conflict_unknown_evaluator"),
            ("/challenges/1", "conflict_challenged_twice"),
            ("/public_domains/0", "conflict_not_a_domain"),
        ]
    )


@pytest.mark.parametrize("day", ["2024-02-30", "24-02", "2024-13", "2024-2-1", "", "now"])
def test_what_is_no_day_is_refused(day: str) -> None:
    data = call(evaluators=[{"id": "E1", "affiliations": [{"name": "한빛", "to": day}]}])
    assert faults_of(data) == [("/evaluators/0/affiliations/0/to", "conflict_not_a_day")]


def test_days_beyond_the_calendar_are_refused() -> None:
    data = call(evaluators=[{"id": "E1", "affiliations": [{"name": "한빛", "to": "1899-12-31"}]}])
    assert faults_of(data) == [("/evaluators/0/affiliations/0/to", "conflict_day_out_of_reach")]
    assert faults_of({**call(), "as_of": "2900-01-01"}) == [("/as_of", "conflict_day_out_of_reach")]
    assert faults_of({**call(), "as_of": "2026-02-29"}) == [("/as_of", "not_a_day")]


def parents(*links: tuple[str, str, str | None]) -> dict[str, Any]:
    above: dict[str, list[dict[str, Any]]] = {name: [] for link in links for name in link[:2]}
    for child, parent, to in links:
        above[child].append({"organisation": parent, "to": to})
    return call(organisations=[{"id": name, "parents": found} for name, found in above.items()])


def test_parents_in_a_circle_are_refused_unless_the_circle_was_never_closed() -> None:
    assert faults_of(parents(("a", "b", None), ("b", "c", None), ("c", "a", None))) == [
        ("/organisations", "conflict_parent_cycle")
    ]
    assert solved(parents(("a", "b", None), ("b", "a", "2020-05")))["status"] == "computed"
    merged = parents(("a", "b", None))
    merged["organisations"][1]["same_as"] = ["a"]
    assert faults_of(merged) == [("/organisations", "conflict_parent_cycle")]


def test_a_chain_of_twenty_thousand_parents_is_read() -> None:
    data = parents(*((f"o{n:06d}", f"o{n + 1:06d}", None) for n in range(20_000)))
    data["applications"] = [{"id": "A1", "parties": [{"organisation": "o000000"}]}]
    data["evaluators"] = [{"id": "E1", "affiliations": [{"organisation": "o020000"}]}]
    data["rules"] = [{"id": "group", "type": "same_parent"}]
    assert solved(data)["pairs"] == [["A1", "E1"]]


def test_too_many_are_refused_at_once() -> None:
    data = call(applications=[{"id": f"A{n}"} for n in range(100_001)])
    assert faults_of(data) == [("/applications", "conflicts_too_large")]


@pytest.mark.parametrize("rule", [*EMPLOYMENT, {"id": "m", "type": "email_domain"}, {"id": "p", "type": "participant"}])
def test_everybody_related_to_everybody_is_refused_not_computed_for_ever(rule: dict[str, Any]) -> None:
    people = [{"name": "김가람", "email": "@univ.ac.kr"}]
    who = {"names": ["김가람"], "emails": ["@univ.ac.kr"], "affiliations": [{"name": "한빛"}]}
    data = call(
        applications=[{"id": f"A{n}", "parties": [{"name": "한빛", "people": people}]} for n in range(1_100)],
        evaluators=[{"id": f"E{n}", **who} for n in range(1_100)],
        rules=[rule],
    )
    assert faults_of(data) == [("", "conflicts_too_many")]


def test_the_solver_writes_the_same_bytes_again() -> None:
    data = crowd(7)
    problem = read(data)
    assert json.dumps(solve_conflicts(problem)) == json.dumps(solve_conflicts(read(data)))
