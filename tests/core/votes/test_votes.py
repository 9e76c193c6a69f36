"""Votes: quorum and majority at their edges, the plain count, and the faults of a ballot."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.kinds import KINDS
from madang.core.problem import read_json, read_problem
from madang.core.reasons import Malformed
from madang.core.votes import VoteProblem, solve_vote, verify_vote
from madang.words import LANGUAGES, catalogue, say_fault, sentence

SCHEMA = KINDS["vote"].schema()
thorough = settings(max_examples=200, deadline=None)


def ballot(seats: int, said: str, **rule: object) -> dict[str, Any]:
    """A ballot of so many seats; `said` has a letter for each vote cast: y, n, a."""
    words = {"y": "yes", "n": "no", "a": "abstain"}
    return {
        "kind": "vote",
        "version": 1,
        "seats": [{"id": f"b{number}"} for number in range(seats)],
        "quorum_bp": 5000,
        "threshold_bp": 5000,
        "of": "cast",
        "votes": [{"seat": f"b{number}", "option": words[letter]} for number, letter in enumerate(said)],
        "options": ["yes", "no", "abstain"],
        **rule,
    }


def solved(problem: dict[str, Any]) -> dict[str, Any]:
    return solve_vote(read_problem(VoteProblem, problem))


@pytest.mark.parametrize(
    ("seats", "said", "rule", "outcome"),
    [
        (10, "yyyyn", {}, "yes"),  # five of ten are just the quorum
        (11, "yyyyy", {}, "no_quorum"),  # five of eleven are not
        (10, "yyaaa", {}, "rejected"),  # an abstention counts for the quorum, and as cast
        (10, "yyynnn", {}, "rejected"),  # exactly half is not more than half
        (10, "yyyaaa", {}, "rejected"),
        (10, "yyyynnna", {}, "rejected"),  # 4 of 8 cast
        (10, "yyyynnn", {}, "yes"),
        (10, "ynnn", {"quorum_bp": 4000}, "no"),
        (10, "aaaaa", {}, "rejected"),  # abstaining is never the outcome
        (10, "yyyyy", {"of": "seats"}, "rejected"),  # 5 of 10 seats
        (10, "yyyyyy", {"of": "seats"}, "yes"),
        (3, "yyn", {"threshold_bp": 6667}, "rejected"),  # two thirds are a little less than 66.67 %
        (3, "yyn", {"threshold_bp": 6666}, "yes"),
        (2, "", {"quorum_bp": 0}, "rejected"),
        (2, "yy", {"threshold_bp": 10000}, "rejected"),  # nothing is more than all
    ],
)
def test_quorum_and_majority_at_their_edges(seats: int, said: str, rule: dict[str, Any], outcome: str) -> None:
    result = solved(ballot(seats, said, **rule))
    assert (result["outcome"], result["status"]) == (outcome, "computed")
    assert result["quorum_met"] is (outcome != "no_quorum")


def test_two_options_over_a_threshold_below_half_are_not_settled() -> None:
    result = solved(ballot(5, "yyynn", threshold_bp=3000))
    assert (result["status"], result["outcome"]) == ("undetermined", None)
    assert result["reasons"][1] == {
        "code": "several_carried_of_cast",
        "params": {"base": 5, "threshold": "30", "options": ["yes", "no"]},
    }


def test_counts_name_every_option_and_every_group() -> None:
    problem = ballot(4, "yny")
    problem["seats"][1]["group"] = problem["seats"][3]["group"] = "company"
    problem["seats"][2]["group"] = "research"
    result = solved(problem)
    assert result["counts"] == {"yes": 2, "no": 1, "abstain": 0}
    assert (result["cast"], result["seats"], result["of"]) == (3, 4, "cast")
    assert result["groups"] == [
        {"id": "company", "seats": 2, "cast": 1, "counts": {"yes": 0, "no": 1, "abstain": 0}},
        {"id": "research", "seats": 1, "cast": 1, "counts": {"yes": 1, "no": 0, "abstain": 0}},
        {"id": None, "seats": 1, "cast": 1, "counts": {"yes": 1, "no": 0, "abstain": 0}},
    ]


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    options = draw(st.sampled_from([["yes", "no", "abstain"], ["yes", "no"], ["a", "b", "c", "abstain"]]))
    seats = [
        {"id": f"b{number}", "group": draw(st.sampled_from([None, "company", "research"]))}
        for number in range(draw(st.integers(1, 9)))
    ]
    voters = draw(st.lists(st.sampled_from([seat["id"] for seat in seats]), unique=True))
    shares = st.sampled_from([0, 1, 3333, 3334, 5000, 6666, 6667, 10000])
    return {
        "kind": "vote",
        "version": 1,
        "seats": seats,
        "quorum_bp": draw(shares),
        "threshold_bp": draw(shares),
        "of": draw(st.sampled_from(["cast", "seats"])),
        "votes": [{"seat": seat, "option": draw(st.sampled_from(options))} for seat in voters],
        "options": options,
    }


@thorough
@given(problems())
def test_the_outcome_is_what_a_plain_count_says(problem: dict[str, Any]) -> None:
    said = [vote["option"] for vote in problem["votes"]]
    base = len(said) if problem["of"] == "cast" else len(problem["seats"])
    over = [
        o
        for o in problem["options"]
        if o != "abstain" and said.count(o) > Fraction(problem["threshold_bp"], 10_000) * base
    ]
    if Fraction(len(said), len(problem["seats"])) < Fraction(problem["quorum_bp"], 10_000):
        expected: str | None = "no_quorum"
    else:
        expected = None if len(over) > 1 else (over or ["rejected"])[0]
    result = solved(problem)
    assert result["outcome"] == expected
    assert (result["status"] == "undetermined") == (expected is None)
    for reason in result["reasons"]:
        assert reason["code"] in catalogue()
        assert all("?" not in sentence(reason["code"], reason["params"], language) for language in LANGUAGES)


@thorough
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(problem: dict[str, Any], chance: Any) -> None:
    shuffled = json.loads(json.dumps(problem))
    chance.shuffle(shuffled["votes"])
    assert solved(shuffled) == solved(problem)


@thorough
@given(problems())
def test_the_checker_accepts_every_result_and_finds_every_change(problem: dict[str, Any]) -> None:
    others: list[Any] = [None, True, 7, "yes", [], {}, {"yes": 1}]
    read = read_problem(VoteProblem, problem)
    result = json.loads(json.dumps(solve_vote(read)))
    assert verify_vote(read, result) == []
    jsonschema.Draft202012Validator(SCHEMA["problem"]).validate(problem)
    jsonschema.Draft202012Validator(SCHEMA["result"]).validate(result)
    for field in result.keys() - {"engine", "elapsed_ms"}:
        for other in others:
            if repr(other) != repr(result[field]):
                findings = verify_vote(read, {**result, field: other})
                assert [reason.params["at"] for reason in findings] == [f"/{field}"]
    assert verify_vote(read, {**result, "winner": "yes"})
    assert verify_vote(read, {name: value for name, value in result.items() if name != "outcome"})
    assert verify_vote(read, None)


def faults_of(problem: object) -> list[tuple[str, str]]:
    kind = KINDS["vote"]
    with pytest.raises(Malformed) as refused:
        kind.solve(kind.read(read_json(json.dumps(problem))))
    assert all("?" not in say_fault(fault, language) for fault in refused.value.faults for language in LANGUAGES)
    assert {fault.code for fault in refused.value.faults} <= catalogue().keys()
    return [(fault.at, fault.code) for fault in refused.value.faults]


def test_every_fault_of_a_ballot_is_named_at_once() -> None:
    problem = ballot(2, "yy")
    problem["seats"].append({"id": "b0"})
    problem["votes"] += [{"seat": "b0", "option": "no"}, {"seat": "b9", "option": "maybe"}]
    problem["options"] += ["yes", "rejected"]
    assert set(faults_of(problem)) == {
        ("/seats/2/id", "duplicate_seat"),
        ("/votes/2", "duplicate_vote"),
        ("/votes/3/seat", "unknown_seat"),
        ("/votes/3/option", "unknown_option"),
        ("/options/3", "duplicate_option"),
        ("/options/4", "reserved_option"),
    }


def test_a_broken_form_does_not_hide_them() -> None:
    problem = ballot(2, "yy", quorum_bp=10001)
    problem["votes"].append({"seat": "b0", "option": None})
    assert faults_of(problem) == [
        ("/quorum_bp", "too_large"),
        ("/votes/2", "duplicate_vote"),
        ("/votes/2/option", "not_text"),
    ]


def test_nobody_may_vote_or_nothing_can_be_chosen() -> None:
    assert faults_of({**ballot(0, ""), "options": ["abstain"]}) == [("/seats", "no_seats"), ("/options", "no_options")]
