"""The harness's arithmetic. Nothing here measures time."""

from __future__ import annotations

import sys

import pytest

from madang.core.callspec import parse
from tests.bench import material
from tests.bench.__main__ import DOCUMENT, SUBJECTS, placed
from tests.bench.measure import Spread, Times, race, ratio, table, verdict


def test_a_ratio_is_taken_round_by_round():
    slow, fast = Times((4.0, 9.0, 2.0), ()), Times((2.0, 3.0, 2.0), ())
    assert ratio(slow, fast) == Spread(2.0, 1.0, 3.0)
    assert ratio(slow, fast, units=(10, 1)).middle == pytest.approx(0.2)
    assert Spread(2.0, 1.0, 3.0).shown() == "2.00 (1.00–3.00)"


@pytest.mark.parametrize(
    ("spread", "at_most", "said"),
    [
        (Spread(1.5, 1.4, 1.9), False, "reached"),
        (Spread(1.9, 1.8, 2.1), False, "reached (median; not in every round)"),
        (Spread(2.0, 1.9, 2.1), False, "**not reached**"),
        (Spread(2.0, 1.9, 2.0), True, "reached"),
    ],
)
def test_a_limit_is_judged_by_the_median_and_says_when_rounds_disagree(spread, at_most, said):
    assert verdict(spread, 2, at_most=at_most) == said


def test_a_table_is_markdown():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


def test_commands_are_run_in_turn_and_a_failure_says_what_the_command_said(tmp_path):
    times = race({"one": (sys.executable, "-c", ""), "other": (sys.executable, "-c", "")}, 2, tmp_path)
    assert {name: len(taken.wall) for name, taken in times.items()} == {"one": 2, "other": 2}
    with pytest.raises(RuntimeError, match="no such call"):
        race({"one": (sys.executable, "-c", "import sys; sys.exit('no such call')")}, 1, tmp_path)


def test_the_page_has_one_place_for_each_subject():
    page = DOCUMENT.read_text("utf-8")
    for name in SUBJECTS:
        assert f"<!-- bench:{name} -->\nnew\n<!-- /bench:{name} -->" in placed(page, name, "new")
    with pytest.raises(ValueError, match="0 places"):
        placed("nothing here", "decide", "new")


@pytest.mark.parametrize("minimums", [False, True])
def test_the_material_is_a_call_that_can_be_read(minimums):
    definition = parse(material.definition_text(minimums=minimums, applications=111))
    assert len(definition.judged()[0].criteria) == material.CRITERIA
