"""The announced use of estimates: lots or a second round in the band, and nothing outside it."""

from __future__ import annotations

from typing import Any

import pytest

from madang.core.callspec import check
from madang.core.callspec.model import Definition
from madang.core.deciding import decide
from madang.core.deciding.band import agreeing
from madang.core.deciding.case import Case
from madang.core.deciding.ruling import Stated
from madang.core.statistics import Classifications
from tests.core.deciding.small_calls import BASE, applications, codes, definition, judged, outcomes, sheet

RANK = """
decide:
  {by: rank, combine: {written: 100}, ties: [lot], seats: {max: 2},
   uncertainty: {announced_use: USE, band: {from: 20, to: 80}MORE}}"""
NAMES = ("A", "B", "C", "D", "E")
SCORES = {"A": 90, "B": 80, "C": 79, "D": 78, "E": 40}
CHANCES = {"A": "0.97", "B": "0.61", "C": "0.45", "D": "0.2", "E": "0.001"}


def call(
    use: str = "lot_in_band", more: str = "", stages: tuple[str, ...] = ("written",), rule: str = RANK
) -> Definition:
    return definition(judged(*stages) + rule.replace("USE", use).replace("MORE", more))


def lot_call(more: str = "") -> Definition:
    return call(more=more)


def round_call() -> Definition:
    return call("second_round", ", second_round: spoken", ("written", "spoken"))


def case(lots: str = "", spoken: dict[str, int] | None = None, scores: dict[str, int] = SCORES) -> Case:
    sheets = [sheet(name, "E1", score, score) for name, score in scores.items()]
    sheets += [sheet(name, "E1", score, score, "spoken") for name, score in (spoken or {}).items()]
    return Case(applications(*scores), sheets=tuple(sheets), lot_order=tuple(lots))


def decided(definition: Definition, case: Case, chances: dict[str, str] | None = None) -> dict[str, Any]:
    return decide(definition, case, Classifications(), stated=Stated({"all": chances or CHANCES}))


def test_lots_decide_within_the_band_and_nowhere_else() -> None:
    computed = decided(lot_call(), case("EDCBA"))
    assert computed["bands"][0]["band"] == ["D", "C", "B"]  # 0.2 lies in it, and so does 0.61
    assert outcomes(computed) == {"A": "selected", "D": "selected"} | dict.fromkeys("BCE", "not_selected")
    assert "band_by_lot" in codes(computed, "D")
    assert "in_the_band" not in codes(computed, "A")
    ranks = {line["application"]: line["rank"] for line in computed["ranking"]}
    assert ranks == {"A": 1, "B": 2, "C": 3, "D": 4, "E": 5}  # the official score and rank stay


@pytest.mark.parametrize("order", ["ABCDE", "CABDE", "EDCBA"])
def test_who_is_outside_the_band_never_depends_on_the_lots(order: str) -> None:
    found = outcomes(decided(lot_call(), case(order)))
    assert (found["A"], found["E"]) == ("selected", "not_selected")
    first = next(name for name in order if name in "BCD")
    assert [name for name in "BCD" if found[name] == "selected"] == [first]


def test_without_lots_the_band_is_open_and_the_others_are_settled() -> None:
    computed = decided(lot_call(), case())
    assert computed["status"] == "undetermined"
    assert outcomes(computed) == {"A": "selected", "E": "not_selected"} | dict.fromkeys("BCD", "undetermined")
    assert not computed["bands"][0]["settled"]
    assert "band_without_lots" in [reason["code"] for reason in computed["reasons"]]


def test_equal_ranks_stay_together_even_where_their_estimates_part() -> None:
    scores = {"A": 90, "B": 80, "C": 80, "D": 70}
    chances = {"A": "0.9", "B": "0.5", "C": "0.81", "D": "0.3"}
    rule = RANK.replace("ties: [lot]", "ties: []").replace("max: 2", "max: 3")
    computed = decided(call(rule=rule), case("DCBA", scores=scores), chances)
    assert computed["bands"][0]["band"] == ["D", "C", "B"]


def test_the_second_round_orders_the_band_and_adds_to_no_score() -> None:
    computed = decided(round_call(), case("ABCDE", spoken={"B": 50, "C": 70, "D": 60}))
    assert computed["bands"][0]["band"] == ["C", "D", "B"]
    assert outcomes(computed)["C"] == "selected"
    scores = {line["application"]: line["score"] for line in computed["ranking"]}
    assert scores["C"] == "79.00"
    assert "band_by_round" in codes(computed, "C")


@pytest.mark.parametrize(
    ("spoken", "code"),
    [
        ({}, "second_round_open"),
        ({"B": 50, "C": 70}, "second_round_open"),
        ({"B": 5, "C": 5, "D": 7}, "second_round_tied"),
    ],
)
def test_a_second_round_that_is_missing_or_tied_settles_nobody_in_the_band(spoken: dict[str, int], code: str) -> None:
    computed = decided(round_call(), case("ABCDE", spoken=spoken))
    assert outcomes(computed) == {"A": "selected", "E": "not_selected"} | dict.fromkeys("BCD", "undetermined")
    assert code in [reason["code"] for reason in computed["reasons"]]


def test_with_a_cap_an_open_band_leaves_the_whole_list_open() -> None:
    """Who comes in from the band could then keep somebody else out."""
    rule = RANK.replace("seats: {max: 2}", "seats: {max: 2}, rules: [{id: each, cap_each: applicant, max: 1}]")
    computed = decided(call(rule=rule), case())
    assert set(outcomes(computed).values()) == {"undetermined"}


def test_no_line_no_band() -> None:
    everybody = RANK.replace("seats: {max: 2}", "seats: {max: 9}")
    assert decided(call(rule=everybody), case())["bands"] == []


def test_parties_learn_their_own_probability_only_where_the_call_says_so() -> None:
    shown = decided(lot_call(", shown_to: [auditor, party]"), case("ABCDE"))
    assert "estimate_is" in codes(shown, "E")
    assert "estimate_is" not in codes(decided(lot_call(), case("ABCDE")), "E")


def test_estimates_of_a_record_may_leave_our_own_by_the_tolerance_and_no_further() -> None:
    assert list(agreeing({"A": "0.500"}, {"A": "0.505"}, "all")) == []
    assert [r.params["application"] for r in agreeing({"A": "0.500"}, {"A": "0.506"}, "all")] == ["A"]
    assert [r.params["application"] for r in agreeing({"A": "0.5"}, {"A": "0.5", "B": "0.1"}, "all")] == ["B"]


@pytest.mark.parametrize(
    ("old", "new", "codes_found"),
    [
        (", band: {from: 20, to: 80}MORE", "MORE", ["band_missing"]),
        ("from: 20", "from: 90", ["least_over_most"]),
        ("USE", "none", ["estimate_use_not_announced"]),
        ("USE", "second_round", ["second_round_missing"]),
        ("MORE", ", second_round: written", ["estimate_use_not_announced"]),
        ("seats:", "walk: total_value, seats:", ["estimates_with_total_value"]),
    ],
)
def test_the_linter_asks_for_what_an_announced_use_needs(old: str, new: str, codes_found: list[str]) -> None:
    rule = RANK.replace(old, new).replace("USE", "lot_in_band").replace("MORE", "")
    _, faults = check(BASE.format(rest=judged("written") + rule, tracks="", kind="award"), {})
    assert [fault.code for fault in faults] == codes_found


def test_estimates_rest_on_one_panel_only() -> None:
    rule = RANK.replace("USE", "lot_in_band").replace("MORE", "").replace("{written: 100}", "{written: 40, spoken: 60}")
    _, faults = check(BASE.format(rest=judged("written", "spoken") + rule, tracks="", kind="award"), {})
    assert [fault.code for fault in faults] == ["estimates_need_one_panel"]


def test_a_second_round_must_be_a_judged_stage_that_does_not_count() -> None:
    rule = RANK.replace("USE", "second_round").replace("MORE", ", second_round: written")
    _, faults = check(BASE.format(rest=judged("written") + rule, tracks="", kind="award"), {})
    assert [fault.code for fault in faults] == ["unknown_second_round"]
