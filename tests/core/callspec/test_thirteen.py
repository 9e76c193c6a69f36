"""The thirteen programmes: data without a fault, and ten mistakes in each that are refused with their code and line."""

from __future__ import annotations

from collections import Counter

import pytest

from madang.core.callspec import parse
from madang.core.callspec.rule import ByAppointment, ByRank, ByVote
from tests.core.callspec.mistakes import MISTAKES, Mistake
from tests.core.callspec.plant import ALL, faults_of, line_of, planted, text_of

CASES = [(name, mistake) for name, mistakes in MISTAKES.items() for mistake in mistakes]


@pytest.mark.parametrize("name", ALL)
def test_each_of_the_thirteen_can_be_published(name: str) -> None:
    assert faults_of(text_of(name)) == []


def test_there_are_thirteen_with_ten_mistakes_each() -> None:
    assert len(ALL) == 13
    assert Counter(name for name, _ in CASES) == dict.fromkeys(ALL, 10)
    for name, mistakes in MISTAKES.items():
        assert len({(mistake[0], mistake[1]) for mistake in mistakes}) == 10, name


@pytest.mark.parametrize(("name", "mistake"), CASES, ids=[f"{name}-{mistake[0]}" for name, mistake in CASES])
def test_a_mistake_is_refused_with_its_code_on_its_line(name: str, mistake: Mistake) -> None:
    code, old, new, *mark = mistake
    text = planted(name, (old, new))
    begins = text_of(name).index(old)
    at = line_of(text, mark[0]) if mark else f"line {text[:begins].count(chr(10)) + 1}"
    found = [(fault.code, fault.at) for fault in faults_of(text)]
    assert (code, at) in found
    assert len(found) <= 3, found  # what else is found follows from the mistake


def test_the_four_sister_calls_of_the_season_name_each_other() -> None:
    calls = {name: parse(text_of(name)) for name in ALL}
    seasons = {name: call.sisters.season for name, call in calls.items() if call.sisters}
    assert len(seasons) == 4
    assert set(seasons.values()) == {"domestic-2022"}
    for name in seasons:
        sisters = calls[name].sisters
        assert sisters is not None
        assert set(sisters.calls) == seasons.keys() - {name}
        assert sisters.refuse == "second_application"


def test_every_kind_of_call_is_there() -> None:
    calls = [parse(text_of(name)) for name in ALL]
    assert {call.decide.by for call in calls} == {"rank", "threshold", "grade", "vote", "appointment"}
    assert {call.outcome.kind for call in calls} == {"award", "membership", "certificate", "designation", "site"}
    assert {call.intake.mode for call in calls} == {"window", "rolling", "nominated"}
    assert {call.decide.close for call in calls} == {"batch", "per_case"}
    assert {amount for call in calls for amount in call.outcome.amounts} == {"full", "reduced", "conditional"}


def test_nobody_invents_a_rubric_or_a_ranking() -> None:
    for call in (parse(text_of(name)) for name in ALL):
        if isinstance(call.decide, ByVote | ByAppointment):
            assert not call.evaluation
        if call.outcome.kind in ("certificate", "membership", "designation"):
            assert not isinstance(call.decide, ByRank)
        assert call.sources, call.id
