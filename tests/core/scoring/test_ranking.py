"""Sheets to scores and ranks: worked examples, the naive rule, what must not matter, and the faults of a problem."""

from __future__ import annotations

import contextlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core.kinds import KINDS
from madang.core.problem import read_json, read_problem
from madang.core.reasons import Malformed
from madang.core.scoring import Place, RankingProblem, rank, round_half_up, solve_ranking, verify_ranking
from madang.words import LANGUAGES, catalogue, say_fault, sentence
from tests.core.scoring.ranking_problems import naive, problems

thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
brief = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCHEMA = KINDS["ranking"].schema()


def solved(problem: dict[str, Any]) -> dict[str, Any]:
    return solve_ranking(read_problem(RankingProblem, problem))


def by_id(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["id"]: line for line in result["applications"]}


def codes(reasons: list[dict[str, Any]]) -> list[str]:
    return [reason["code"] for reason in reasons]


def one_criterion(scores: dict[str, list[object]], **rule: object) -> dict[str, Any]:
    """Applications with their scores of 0..100 in one criterion, by evaluators E0, E1, ..."""
    return {
        "kind": "ranking",
        "version": 1,
        "higher_is_better": True,
        "criteria": [{"id": "all", "weight_bp": 10000, "min": 0, "max": 100}],
        "sheets": [
            {"application": application, "evaluator": f"E{number}", "scores": {"all": score}}
            for application, row in scores.items()
            for number, score in enumerate(row)
        ],
        "rule": {"trim": "none", "decimals": 2, **rule},
    }


def two_criteria(rows: list[tuple[str, int, int]], **rule: object) -> dict[str, Any]:
    """Sheets (application, need, plan), need 30 % and plan 70 %, both 0..100."""
    problem = one_criterion({}, **rule)
    problem["criteria"] = [
        {"id": "need", "weight_bp": 3000, "min": 0, "max": 100},
        {"id": "plan", "weight_bp": 7000, "min": 0, "max": 100},
    ]
    problem["sheets"] = [
        {"application": application, "evaluator": f"E{number}", "scores": {"need": need, "plan": plan}}
        for number, (application, need, plan) in enumerate(rows)
    ]
    return problem


# --- worked by hand ---------------------------------------------------------------------------------------------


def test_the_worked_example_of_the_algorithm_page() -> None:
    text = (Path(__file__).parent / "worked_example.json").read_text("utf-8")
    valley, harbour = solved(read_json(text))["applications"]
    assert [valley[field] for field in ("id", "rank", "score", "dropped")] == ["valley", 1, "76.50", [8, 9]]
    assert [harbour[field] for field in ("id", "rank", "score", "dropped")] == ["harbour", 2, "76.50", [4, 3]]
    assert (valley["criteria"]["plan"], harbour["criteria"]["plan"]) == ("78", "75")
    why = {reason["code"]: sentence(reason["code"], reason["params"], "en") for reason in harbour["reasons"]}
    assert why["behind_by_criterion"] == (
        "Same score as valley (76.50); valley comes first, because its mean for “plan” is better."
    )


def test_one_highest_and_one_lowest_total_go_and_the_rest_is_averaged() -> None:
    result = solved(one_criterion({"A": [90, 70, 80, 60, 50]}, trim="total", min_sheets_to_trim=5))
    line = by_id(result)["A"]
    assert (line["score"], line["exact"], line["dropped"], line["sheets"]) == ("70.00", "70", [0, 4], 5)
    assert result["status"] == "computed"


def test_with_too_few_sheets_nothing_goes_and_a_reason_says_so() -> None:
    result = solved(one_criterion({"A": [90, 70, 80, 60]}, trim="total", min_sheets_to_trim=5))
    line = by_id(result)["A"]
    assert (line["score"], line["dropped"]) == ("75.00", [])
    assert {"code": "not_trimmed", "params": {"sheets": 4, "needed": 5}} in line["reasons"]
    assert {"code": "too_few_sheets_to_trim", "params": {"applications": ["A"], "needed": 5}} in result["reasons"]


def test_of_equal_totals_the_criteria_in_their_order_say_which_sheet_goes() -> None:
    # Totals: 70, 70, 70, 70. Read need first, the highest is sheet 3 (100), the lowest of the rest sheet 2 (30).
    rows = [("A", 70, 70), ("A", 65, 0), ("A", 30, 0), ("A", 100, 0)]
    problem = two_criteria([(a, need, plan) for a, need, plan in rows], trim="total", min_sheets_to_trim=3)
    for sheet in problem["sheets"]:  # plan = (70 - 0.3 need) / 0.7, made exact by a scale of 0..700
        sheet["scores"]["plan"] = 700 - 3 * sheet["scores"]["need"]
    problem["criteria"][1]["max"] = 700
    assert {line["exact"] for line in [by_id(solved(problem))["A"]]} == {"70"}
    assert by_id(solved(problem))["A"]["dropped"] == [3, 2]


def test_a_single_sheet_that_is_highest_and_lowest_at_once_leaves_only_once() -> None:
    line = by_id(solved(one_criterion({"A": [80, 80, 80]}, trim="total", min_sheets_to_trim=3)))["A"]
    assert (line["dropped"], line["score"]) == ([0, 1], "80.00")


@pytest.mark.parametrize(
    ("scores", "points", "expected"),
    [
        (["1.5", "1.51"], 0, "1.51"),  # 1.505 up
        (["1.49", "1.5"], 0, "1.50"),  # 1.495 up
        ([0], "-1.005", "-1.01"),  # a half goes away from zero
        ([0], "-0.004", "0.00"),  # and there is no minus zero
        ([1, 1, 2], 0, "1.33"),
        ([100], 5, "105.00"),  # adjustments are not capped
    ],
)
def test_a_half_is_rounded_away_from_zero_once_at_the_end(scores: list[object], points: object, expected: str) -> None:
    problem = one_criterion({"A": scores})
    problem["adjustments"] = [{"application": "A", "points": points, "id": "bonus"}]
    assert by_id(solved(problem))["A"]["score"] == expected


def test_rounding_happens_after_the_adjustment_not_before() -> None:
    problem = one_criterion({"A": ["1.004", "1.005"]})  # mean 1.0045
    problem["adjustments"] = [{"application": "A", "points": "0.0005", "id": "bonus"}]
    assert by_id(solved(problem))["A"]["score"] == "1.01"  # 1.005; rounding 1.0045 first would give 1.00


def test_lower_is_better_turns_scores_round() -> None:
    problem = {**one_criterion({"slow": [80], "fast": [20]}), "higher_is_better": False}
    lines = by_id(solved(problem))
    assert (lines["fast"]["score"], lines["fast"]["rank"]) == ("80.00", 1)
    assert (lines["slow"]["score"], lines["slow"]["criteria"]) == ("20.00", {"all": "80"})


def test_trim_criterion_drops_scores_of_each_criterion_by_itself() -> None:
    problem = two_criteria([("A", 100, 0), ("A", 50, 50), ("A", 0, 100)], trim="criterion", min_sheets_to_trim=3)
    line = by_id(solved(problem))["A"]
    assert (line["dropped"], line["dropped_by_criterion"]) == ([], {"need": [0, 2], "plan": [2, 0]})
    assert line["score"] == "50.00"


def test_the_tie_order_settles_equal_scores_and_says_by_what() -> None:
    # 0.3 x 70 + 0.7 x 30 = 42 = 0.3 x 0 + 0.7 x 60: equal scores, B has the better plan.
    problem = two_criteria([("A", 70, 30), ("B", 0, 60)], ties=["plan", "need", "lot"])
    result = solved(problem)
    assert [(line["id"], line["rank"]) for line in result["applications"]] == [("B", 1), ("A", 2)]
    behind = {"code": "behind_by_criterion", "params": {"other": "B", "score": "42.00", "criterion": "plan"}}
    assert behind in by_id(result)["A"]["reasons"]


def test_the_lot_settles_what_the_criteria_leave_equal() -> None:
    problem = {**one_criterion({"A": [70], "B": [70]}, ties=["all", "lot"]), "lot_order": ["B", "A"]}
    result = solved(problem)
    assert [line["id"] for line in result["applications"]] == ["B", "A"]
    assert result["status"] == "computed"
    assert "behind_by_lot" in codes(by_id(result)["A"]["reasons"])


@pytest.mark.parametrize("lot_order", [[], ["B"]])
def test_what_nothing_settles_shares_the_rank_and_is_undetermined(lot_order: list[str]) -> None:
    problem = {**one_criterion({"B": [70], "A": [70], "C": [10]}, ties=["all", "lot"]), "lot_order": lot_order}
    result = solved(problem)
    assert result["status"] == "undetermined"
    assert [(line["id"], line["rank"]) for line in result["applications"]] == [("A", 1), ("B", 1), ("C", 3)]
    assert result["reasons"] == [{"code": "tie_not_settled", "params": {"rank": 1, "applications": ["A", "B"]}}]


def test_scores_that_differ_only_before_rounding_are_equal() -> None:
    result = solved(one_criterion({"A": ["70.001"], "B": ["70.004"]}))
    assert {line["rank"] for line in result["applications"]} == {1}


def test_the_pass_mark_is_met_by_the_rounded_score() -> None:
    lines = by_id(solved(one_criterion({"A": ["59.995"], "B": ["59.994"]}, pass_mark=60)))
    assert (lines["A"]["passed"], lines["A"]["score"]) == (True, "60.00")
    assert (lines["B"]["passed"], lines["B"]["rank"]) == (False, 2)
    assert "pass_mark_missed" in codes(lines["B"]["reasons"])


def test_an_incomplete_sheet_is_skipped_only_where_the_rule_says_so() -> None:
    problem = two_criteria([("A", 70, 30), ("A", 100, 100)])
    problem["sheets"][1]["scores"]["plan"] = None
    with pytest.raises(Malformed) as refused:
        solved(problem)
    assert [(fault.code, fault.at) for fault in refused.value.faults] == [("blank_score", "/sheets/1/scores/plan")]
    problem["rule"]["blanks"] = "skip_sheet"
    line = by_id(solved(problem))["A"]
    assert (line["score"], line["sheets"], line["skipped"]) == ("42.00", 1, [1])


def test_an_application_without_a_complete_sheet_has_no_score_instead_of_nought() -> None:
    problem = one_criterion({"A": [70], "B": [None]}, blanks="skip_sheet", pass_mark=50)
    problem["adjustments"] = [{"application": "C", "points": 99, "id": "bonus"}]
    result = solved(problem)
    assert result["status"] == "undetermined"
    assert result["reasons"][0] == {"code": "no_sheets", "params": {"applications": ["B", "C"]}}
    for name in ("B", "C"):
        line = by_id(result)[name]
        assert [line[field] for field in ("score", "exact", "rank", "passed", "sheets")] == [None, None, None, None, 0]
    assert by_id(result)["A"]["rank"] == 1


def test_groups_that_share_no_sheet_stand_apart() -> None:
    problem = one_criterion({"A": [1], "B": [2]})
    problem["sheets"][1]["evaluator"] = "E9"
    assert solved(problem)["connected"] == [
        {"applications": ["A"], "evaluators": ["E0"]},
        {"applications": ["B"], "evaluators": ["E9"]},
    ]
    problem["sheets"].append({"application": "B", "evaluator": "E0", "scores": {"all": 3}})
    assert solved(problem)["connected"] == [{"applications": ["A", "B"], "evaluators": ["E0", "E9"]}]


def test_estimates_are_empty_where_nobody_asked() -> None:
    result = solved(one_criterion({"A": [1]}))
    assert (result["estimates"], result["evaluators"], result["variance"], result["reasons"]) == ([], [], None, [])


def test_rank_takes_scores_of_several_stages() -> None:
    places = rank(
        scores={"A": Fraction(7), "B": Fraction(9), "C": Fraction(7)},
        tie_rules=("written",),
        tie_values={"A": {"written": Fraction(1, 3)}, "C": {"written": Fraction(1, 2)}},
        passed={"A", "C"},
    )
    assert places == [Place("C", 1), Place("A", 2), Place("B", 3)]


@given(st.fractions(), st.integers(0, 6))
def test_half_up_is_the_nearest_and_away_from_zero(value: Fraction, decimals: int) -> None:
    rounded, unit = round_half_up(value, decimals), Fraction(1, 10**decimals)
    assert (rounded / unit).denominator == 1
    assert abs(rounded - value) <= unit / 2
    assert round_half_up(-value, decimals) == -rounded
    if abs(rounded - value) == unit / 2:
        assert abs(rounded) > abs(value)


# --- against the naive rule, and the checker --------------------------------------------------------------------


@thorough
@given(problems())
def test_scores_and_ranks_are_what_the_rule_says(problem: dict[str, Any]) -> None:
    result = solved(problem)
    expected = naive(problem)
    found = by_id(result)
    assert found.keys() == expected.keys()
    for name, line in expected.items():
        mine = found[name]
        assert mine["exact"] == (None if line["exact"] is None else str(line["exact"]))
        assert (None if mine["score"] is None else Fraction(mine["score"])) == line["score"]
        for field in ("rank", "dropped", "sheets", "passed"):
            assert mine[field] == line[field], field
        assert mine["dropped_by_criterion"] == line["by_criterion"]
    ranks = [line["rank"] for line in expected.values()]
    assert (result["status"] == "computed") == (None not in ranks and len(set(ranks)) == len(ranks))


@thorough
@given(problems())
def test_the_checker_accepts_every_result_and_schema_and_model_do_too(problem: dict[str, Any]) -> None:
    result = json.loads(json.dumps(solved(problem)))
    assert verify_ranking(read_problem(RankingProblem, problem), result) == []
    jsonschema.Draft202012Validator(SCHEMA["problem"]).validate(problem)
    jsonschema.Draft202012Validator(SCHEMA["result"]).validate(result)


@brief
@given(problems(), st.data())
def test_the_checker_finds_every_single_change(problem: dict[str, Any], data: st.DataObject) -> None:
    read = read_problem(RankingProblem, problem)
    result = solve_ranking(read)
    places = [place for place in _places(result) if place[0] not in ("engine", "elapsed_ms")]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=20)):
        changed = json.loads(json.dumps(result))
        inside: Any = changed
        for step in place[:-1]:
            inside = inside[step]
        if data.draw(st.booleans()) or isinstance(inside[place[-1]], dict | list):
            del inside[place[-1]]
        else:
            inside[place[-1]] = _other(inside[place[-1]])
        assert [reason.code for reason in verify_ranking(read, changed)] != [], place


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a JSON value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, part in steps for place in [(*path, step), *_places(part, (*path, step))]]


def _other(value: object) -> object:
    """Another value of the same look; for true the 1 that JSON does not take for true."""
    if isinstance(value, int):
        return int(value) if isinstance(value, bool) else value + 1
    return "0" if value is None else f"{value}0"


@pytest.mark.parametrize("result", [None, [], "computed", {}, {"applications": 3}])
def test_the_checker_refuses_what_is_no_result(result: object) -> None:
    problem = read_problem(RankingProblem, one_criterion({"A": [1]}))
    assert verify_ranking(problem, result)


@brief
@given(problems())
def test_every_reason_has_its_sentence_and_all_that_the_sentence_needs(problem: dict[str, Any]) -> None:
    result = solved(problem)
    reasons = [*result["reasons"], *(reason for line in result["applications"] for reason in line["reasons"])]
    for reason in reasons:
        assert reason["code"] in catalogue()
        for language in LANGUAGES:
            assert "?" not in sentence(reason["code"], reason["params"], language)


# --- what must not matter ---------------------------------------------------------------------------------------


def without_numbers(result: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """The result with the content of sheets in place of their numbers (sheets with equal content are one)."""

    def content(number: int) -> str:
        return json.dumps(problem["sheets"][number]["scores"], sort_keys=True)

    lines = []
    for line in result["applications"]:
        official = {name: line[name] for name in ("id", "score", "exact", "rank", "sheets", "criteria", "passed")}
        official["dropped"] = [content(number) for number in line["dropped"]]
        official["by_criterion"] = {c: [content(n) for n in two] for c, two in line["dropped_by_criterion"].items()}
        official["skipped"] = sorted(content(number) for number in line["skipped"])
        lines.append(official)
    return {"status": result["status"], "applications": lines}


@thorough
@given(problems(), st.randoms(use_true_random=False))
def test_neither_the_order_of_sheets_nor_names_of_evaluators_matter(problem: dict[str, Any], chance: Any) -> None:
    shuffled = json.loads(json.dumps(problem))
    chance.shuffle(shuffled["sheets"])
    names = [f"E{number}" for number in range(6)]
    pseudonyms = dict(zip(names, chance.sample(names, 6), strict=True))
    for sheet in shuffled["sheets"]:
        sheet["evaluator"] = pseudonyms[sheet["evaluator"]]
        sheet["scores"] = dict(sorted(sheet["scores"].items()))
    assert without_numbers(solved(shuffled), shuffled) == without_numbers(solved(problem), problem)


@brief
@given(problems())
def test_a_mirrored_scale_gives_the_mirrored_result(problem: dict[str, Any]) -> None:
    mirrored = json.loads(json.dumps(problem))
    mirrored["higher_is_better"] = not problem["higher_is_better"]
    ends = {c["id"]: Fraction(c["min"]) + Fraction(c["max"]) for c in problem["criteria"]}
    for sheet in mirrored["sheets"]:
        for name, score in sheet["scores"].items():
            if score is not None:
                sheet["scores"][name] = str(float(ends[name] - Fraction(score)))
    official = ("id", "score", "exact", "rank", "dropped", "dropped_by_criterion", "sheets", "passed")
    one, two = solved(problem)["applications"], solved(mirrored)["applications"]
    assert [[line[f] for f in official] for line in one] == [[line[f] for f in official] for line in two]


@brief
@given(problems(), st.integers(-50, 50))
def test_the_same_points_for_everybody_move_scores_and_no_rank(problem: dict[str, Any], points: int) -> None:
    problem["rule"]["pass_mark"] = None
    problem["rule"]["decimals"] = 6
    problem["adjustments"] = []
    moved = json.loads(json.dumps(problem))
    applications = dict.fromkeys(sheet["application"] for sheet in problem["sheets"])
    moved["adjustments"] = [{"application": a, "points": 200 + points, "id": "all"} for a in applications]
    for drawn in (problem, moved):
        drawn["lot_order"] = [a for a in drawn["lot_order"] if a in applications]
    before, after = by_id(solved(problem)), by_id(solved(moved))
    for name, line in before.items():
        assert after[name]["rank"] == line["rank"]
        if line["score"] is not None:
            assert Fraction(after[name]["score"]) - Fraction(line["score"]) == 200 + points


# --- faults -----------------------------------------------------------------------------------------------------


def faults_of(problem: object) -> list[tuple[str, str]]:
    """Every fault found, by reading and then by solving."""
    kind = KINDS["ranking"]
    with pytest.raises(Malformed) as refused:
        kind.solve(kind.read(read_json(json.dumps(problem))))
    assert all("?" not in say_fault(fault, language) for fault in refused.value.faults for language in LANGUAGES)
    assert {fault.code for fault in refused.value.faults} <= catalogue().keys()
    return [(fault.at, fault.code) for fault in refused.value.faults]


def test_every_fault_of_meaning_is_named_at_once() -> None:
    problem = two_criteria([("A", 70, 101), ("A", 1, 1), ("B", 2, 2)], ties=["lot", "wish", "need", "need"])
    problem["criteria"].append({"id": "lot", "weight_bp": 1, "min": 5, "max": 5})
    problem["criteria"].append({"id": "need", "weight_bp": 0, "min": 0, "max": 100})
    problem["sheets"][1]["evaluator"] = "E0"
    problem["sheets"][2]["scores"] = {"need": 1, "lot": 5, "other": 3}
    problem["rule"] |= {"trim": "total", "min_sheets_to_trim": 2}
    problem["lot_order"] = ["A", "Z", "A"]
    assert set(faults_of(problem)) == {
        ("/criteria", "weights_not_10000"),
        ("/criteria/2/id", "criterion_called_lot"),
        ("/criteria/2/max", "scale_without_width"),
        ("/criteria/3/id", "duplicate_criterion"),
        ("/sheets/0/scores/plan", "score_out_of_range"),
        ("/sheets/0/scores/lot", "blank_score"),
        ("/sheets/1", "duplicate_sheet"),
        ("/sheets/1/scores/lot", "blank_score"),
        ("/sheets/2/scores/plan", "blank_score"),
        ("/sheets/2/scores/other", "unknown_criterion"),
        ("/rule/min_sheets_to_trim", "trim_leaves_nothing"),
        ("/rule/ties/0", "lot_not_last"),
        ("/rule/ties/1", "unknown_tie_rule"),
        ("/rule/ties/3", "duplicate_tie_rule"),
        ("/lot_order/1", "unknown_in_lot_order"),
        ("/lot_order/2", "duplicate_in_lot_order"),
    }


def test_a_broken_form_does_not_hide_faults_of_meaning_elsewhere() -> None:
    problem = two_criteria([("A", 70, 101), ("B", 2, 2)], ties=["wish"])
    problem["sheets"][1]["scores"]["need"] = "many"
    problem["sheets"][1]["scores"]["plan"] = -1
    problem["rule"]["decimals"] = "two"
    problem["criteria"][0]["weight_bp"] = 2000
    problem["colour"] = "blue"
    del problem["higher_is_better"]
    assert faults_of(problem) == [
        ("/criteria", "weights_not_10000"),
        ("/sheets/0/scores/plan", "score_out_of_range"),
        ("/sheets/1/scores/need", "not_a_number"),
        ("/sheets/1/scores/plan", "score_out_of_range"),
        ("/rule/decimals", "not_an_integer"),
        ("/rule/ties/0", "unknown_tie_rule"),
        ("/colour", "unknown_field"),
        ("/higher_is_better", "missing_field"),
    ]


def test_what_could_hang_on_an_unreadable_place_is_not_held_against_it() -> None:
    problem = two_criteria([("A", 70, 30)], ties=["need"])
    problem["criteria"][0] = {"id": 7, "weight_bp": 3000, "min": 0, "max": 100}
    assert faults_of(problem) == [("/criteria/0/id", "not_text")]


@pytest.mark.parametrize("problem", [None, [], 3, "ranking", {}])
def test_what_is_no_problem_is_refused_without_a_crash(problem: object) -> None:
    assert faults_of(problem)


@brief
@given(problems(), st.data())
def test_any_broken_place_is_refused_with_faults_and_never_a_crash(
    problem: dict[str, Any], data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(_places(problem)))
    inside: Any = problem
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = data.draw(st.sampled_from([None, True, -7, "", "x", [], {}, [[]], {"id": []}, 1e300]))
    kind = KINDS["ranking"]
    with contextlib.suppress(Malformed):
        kind.solve(kind.read(read_json(json.dumps(problem))))
