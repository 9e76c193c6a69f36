"""Estimates beside the official score: against the dense textbook formulas, what must not matter, and poor sheets."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core.kinds import KINDS
from madang.core.problem import read_json, read_problem
from madang.core.reasons import Malformed
from madang.core.scoring import RankingProblem, solve_ranking, verify_ranking
from madang.core.scoring.estimates.division import PRIOR, Division, Sides, divisions
from madang.core.scoring.estimates.effects import effects
from madang.core.scoring.estimates.observed import Observed
from madang.words import LANGUAGES, catalogue, sentence
from tests.core.scoring.ranking_problems import problems

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
some = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCHEMA = KINDS["ranking"].schema()


def asked(
    sheets: list[tuple[str, str, float | None]], *, top: int = 2, draws: int = 2000, **more: Any
) -> dict[str, Any]:
    """A problem with one criterion of 0..100 that asks for estimates."""
    panel = {"panel": more.pop("panel")} if "panel" in more else {}
    return {
        "kind": "ranking",
        "version": 1,
        "higher_is_better": True,
        "criteria": [{"id": "all", "weight_bp": 10000, "min": 0, "max": 100}],
        "sheets": [{"application": a, "evaluator": e, "scores": {"all": s and str(s)}} for a, e, s in sheets],
        "rule": {"trim": "none", "decimals": 2, "blanks": "skip_sheet"},
        "uncertainty": {"top": top, "draws": draws, **panel},
        **more,
    }


def solved(problem: dict[str, Any]) -> dict[str, Any]:
    """The result as read back, after the schema and the checker have agreed to it."""
    read = read_problem(RankingProblem, problem)
    result: dict[str, Any] = json.loads(json.dumps(solve_ranking(read), allow_nan=False))
    jsonschema.Draft202012Validator(SCHEMA["result"]).validate(result)
    assert verify_ranking(read, result) == []
    for reason in result["reasons"]:
        assert reason["code"] in catalogue()
        assert all("?" not in sentence(reason["code"], reason["params"], language) for language in LANGUAGES)
    return result


def figures(result: dict[str, Any], field: str, part: str = "estimates") -> dict[str, float]:
    return {line["id"]: line[field] for line in result[part]}


def codes(result: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in result["reasons"]]


def crossed(applications: int = 12, evaluators: int = 8, each: int = 4, seed: int = 5) -> list[tuple[str, str, float]]:
    """Sheets from the model itself: application 10, leniency 6, residual 4 points."""
    chance = np.random.default_rng(seed)
    good, lenient = chance.normal(60, 10, applications), chance.normal(0, 6, evaluators)
    return [
        (f"A{a:03}", f"E{e:03}", round(float(np.clip(good[a] + lenient[e] + chance.normal(0, 4), 0, 100)), 1))
        for a in range(applications)
        for e in chance.permutation(evaluators)[:each]
    ]


# --- against the formulas of the textbook -----------------------------------------------------------------------


@st.composite
def sheets(draw: st.DrawFn) -> list[tuple[str, str, float]]:
    """Uneven sheets: one-sheet evaluators, groups apart, more evaluators than applications and the reverse."""
    applications, evaluators = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    pairs = [(f"A{a}", f"E{e}") for a in range(applications) for e in range(evaluators)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=min(2, len(pairs)), max_size=14))
    return [(a, e, float(draw(st.integers(0, 20)) * 5)) for a, e in chosen]


def dense(seen: Observed, application: float, evaluator: float, panel: int | None) -> dict[str, Any]:
    """Generalised least squares and best linear prediction on the full covariance of the sheets."""
    (count, judges), n = seen.shape, seen.size
    of, by = np.eye(count)[seen.of], np.eye(judges)[seen.by]
    va, vb = math.exp(application), math.exp(evaluator)
    whole = va * of @ of.T + vb * by @ by.T + np.eye(n)
    inverse, ones = np.linalg.inv(whole), np.ones(n)
    information = ones @ inverse @ ones
    mean = ones @ inverse @ seen.totals / information
    rest = seen.totals - mean
    density = -0.5 * (
        np.linalg.slogdet(whole)[1] + math.log(information) + (n - 1) * math.log(max(rest @ inverse @ rest, 1e-12))
    ) + PRIOR * (application + evaluator - 3 * math.log(va + vb + 1))
    # Joint prior of (sheets, targets, leniencies); with a panel of m, own residuals count 1/m and new ones the rest.
    part = 0.0 if panel is None else 1 / panel
    centring = np.eye(judges) - np.full((judges, judges), 1 / judges)
    level = np.full((count, judges), 1 / judges)
    target_sheets = va * of.T + vb * level @ by.T + part * of.T
    noise = part**2 * np.diag(seen.sheets_of) + part * np.diag(1 - part * seen.sheets_of)
    target_own = va * np.eye(count) + vb * level @ level.T + noise
    lenient_sheets = vb * centring @ by.T

    def predicted(cross: Any, own: Any, fixed: Any) -> tuple[Any, Any]:
        gain = cross @ inverse
        left = fixed - gain @ ones
        return fixed * mean + gain @ rest, own - gain @ cross.T + np.outer(left, left) / information

    targets, spread = predicted(target_sheets, target_own, np.ones(count))
    lenient, lenient_spread = predicted(lenient_sheets, vb * centring, np.zeros(judges))
    return {
        "density": density,
        "squares": rest @ inverse @ rest,
        "mean": mean,
        "mean_variance": 1 / information,
        "targets": targets,
        "spread": spread,
        "lenient": lenient,
        "lenient_spread": lenient_spread,
    }


@some
@given(sheets(), st.floats(-4, 5), st.floats(-4, 4), st.sampled_from([None, 6, 9]))
def test_a_division_says_what_the_full_covariance_says(
    lines: list[tuple[str, str, float]], application: float, evaluator: float, panel: int | None
) -> None:
    seen = Observed.of_totals(lines)
    expected = dense(seen, application, evaluator, panel)
    division = Division(
        application, evaluator, 1.0, expected["squares"], expected["mean"], float(expected["mean_variance"])
    )
    found = effects(Sides(seen), division, panel)
    assert np.allclose(found.targets, expected["targets"], atol=1e-6)
    assert np.allclose(found.target_variances, np.diag(expected["spread"]), atol=1e-7)
    assert np.allclose(found.leniencies, expected["lenient"], atol=1e-6)
    assert np.allclose(found.leniency_variances, np.diag(expected["lenient_spread"]), atol=1e-7)
    # Covariances up to what all targets share: as differences.
    apart = np.eye(seen.shape[0]) - 1 / seen.shape[0]
    assert np.allclose(apart @ found.covariance() @ apart, apart @ expected["spread"] @ apart, atol=1e-7)


@some
@given(sheets())
def test_the_weight_of_a_division_is_its_restricted_likelihood_times_the_prior(
    lines: list[tuple[str, str, float]],
) -> None:
    seen = Observed.of_totals(lines)
    if np.ptp(seen.totals) == 0:
        return
    found = divisions(Sides(seen))
    assert sum(division.weight for division in found) == pytest.approx(1)
    best = found[0]
    top = dense(seen, best.application, best.evaluator, None)
    for division in found[:: max(1, len(found) // 6)]:
        expected = dense(seen, division.application, division.evaluator, None)
        assert division.squares == pytest.approx(expected["squares"], rel=1e-5, abs=1e-7)
        assert division.mean == pytest.approx(expected["mean"], abs=1e-6)
        ratio = math.log(division.weight / best.weight)
        assert ratio == pytest.approx(expected["density"] - top["density"], abs=1e-3)


@some
@given(problems(), st.integers(1, 5), st.sampled_from([None, 6, 30]))
def test_any_problem_is_answered_and_nothing_official_moves(
    problem: dict[str, Any], top: int, panel: int | None
) -> None:
    without = solve_ranking(read_problem(RankingProblem, problem))
    result = solve_ranking(
        read_problem(RankingProblem, {**problem, "uncertainty": {"top": top, "draws": 100, "panel": panel}})
    )
    for field in ("status", "applications", "connected", "seed"):
        assert result[field] == without[field]
    text = json.dumps(result, allow_nan=False)
    jsonschema.Draft202012Validator(SCHEMA["result"]).validate(json.loads(text))
    scored = sorted(line["id"] for line in result["applications"] if line["score"] is not None)
    assert [line["id"] for line in result["estimates"]] == scored
    for line in [*result["estimates"], *result["evaluators"]]:
        assert line["low"] <= line["high"]
    assert sum(line["p_top"] for line in result["estimates"]) == pytest.approx(min(top, len(scored)), abs=0.01)


@few
@given(problems(), st.integers(1, 3), st.sampled_from([None, 7]))
def test_the_checker_agrees_with_every_result(problem: dict[str, Any], top: int, panel: int | None) -> None:
    read = read_problem(RankingProblem, {**problem, "uncertainty": {"top": top, "draws": 4000, "panel": panel}})
    assert verify_ranking(read, json.loads(json.dumps(solve_ranking(read)))) == []


# --- what must not matter ---------------------------------------------------------------------------------------


def test_neither_the_order_of_sheets_nor_the_seed_moves_more_than_the_draws() -> None:
    lines = crossed()
    one, two = solved(asked(lines)), solved(asked(lines[::-1], seed=8))
    for field in ("calibrated", "low", "high", "expected_rank"):
        assert figures(one, field) == figures(two, field)
    assert one["evaluators"] == two["evaluators"]
    assert figures(one, "p_top") == pytest.approx(figures(two, "p_top"), abs=0.06)
    assert solved(asked(lines[::-1]))["estimates"] == one["estimates"]


def test_names_do_not_matter() -> None:
    lines = crossed()
    renamed = [(a.replace("A0", "Z9"), "Q" + e[::-1], s) for a, e, s in lines]
    one, two = solved(asked(lines)), solved(asked(renamed))
    for field in ("calibrated", "low", "high", "expected_rank"):
        assert list(figures(one, field).values()) == list(figures(two, field).values())


def test_the_same_points_for_everybody_move_nothing_but_the_level() -> None:
    lines = [(a, e, min(s, 90.0)) for a, e, s in crossed()]
    one, two = solved(asked(lines)), solved(asked([(a, e, s + 5) for a, e, s in lines]))
    for field in ("calibrated", "low", "high"):
        moved = {name: value - 5 for name, value in figures(two, field).items()}
        assert moved == pytest.approx(figures(one, field), abs=0.011)
    assert (one["evaluators"], one["variance"]) == (two["evaluators"], two["variance"])
    assert figures(one, "p_top") == pytest.approx(figures(two, "p_top"), abs=0.002)


def test_lower_is_better_turns_the_scale_round_and_favour_stays_favour() -> None:
    lines = crossed()
    mirrored = asked([(a, e, round(100 - s, 1)) for a, e, s in lines], higher_is_better=False)
    one, two = solved(asked(lines)), solved(mirrored)
    assert one["estimates"] == two["estimates"]
    assert one["evaluators"] == two["evaluators"]
    # Not turned round: who was lenient is now strict.
    three = solved(asked([(a, e, round(100 - s, 1)) for a, e, s in lines]))
    turned = {name: -value for name, value in figures(three, "leniency", "evaluators").items()}
    assert turned == pytest.approx(figures(one, "leniency", "evaluators"), abs=0.011)


def test_adjustments_count_and_do_not_touch_leniency() -> None:
    lines = crossed()
    one = solved(asked(lines))
    two = solved(asked(lines, adjustments=[{"application": "A003", "points": 40, "id": "bonus"}]))
    assert figures(two, "calibrated")["A003"] == pytest.approx(figures(one, "calibrated")["A003"] + 40)
    assert figures(two, "p_top")["A003"] > 0.95
    assert one["evaluators"] == two["evaluators"]


# --- what it is for ---------------------------------------------------------------------------------------------


def test_a_lenient_evaluator_is_seen_and_the_unlucky_application_is_lifted() -> None:
    """Everybody scores six applications alike, but E4 gives 20 less; A6 met E4, A7 did not, else they are equal."""
    lines = [(f"A{a}", f"E{e}", 50.0 + 5 * a - (20 if e == 4 else 0) + (a * e) % 3) for a in range(6) for e in range(5)]
    lines += [("A6", "E3", 62.0), ("A6", "E4", 42.0), ("A7", "E2", 62.0), ("A7", "E3", 62.0)]
    result = solved(asked(lines))
    assert figures(result, "leniency", "evaluators")["E4"] == pytest.approx(-16, abs=1)
    official = {line["id"]: float(line["score"]) for line in result["applications"]}
    calibrated = figures(result, "calibrated")
    assert official["A7"] - official["A6"] == 10
    assert abs(calibrated["A7"] - calibrated["A6"]) < 1


def test_intervals_hold_what_they_promise() -> None:
    """Of worlds drawn from the model, 95 % of the intervals hold the truth."""
    held = []
    for seed in range(12):
        chance = np.random.default_rng(seed)
        good, lenient = chance.normal(50, 8, 20), chance.normal(0, 5, 9)
        lines = [
            (f"A{a:02}", f"E{e}", float(good[a] + lenient[e] + chance.normal(0, 4)))
            for a in range(20)
            for e in chance.permutation(9)[:3]
        ]
        problem = asked([(a, e, round(s, 2)) for a, e, s in lines], draws=10)
        result = solve_ranking(read_problem(RankingProblem, problem))
        truth = good + lenient.mean()
        held += [line["low"] <= t <= line["high"] for line, t in zip(result["estimates"], truth, strict=True)]
    assert 0.92 <= np.mean(held) <= 0.98


def test_a_panel_that_has_seen_everything_leaves_nothing_open() -> None:
    lines = [(f"A{a}", f"E{e}", 40.0 + 7 * a + (a * a + 3 * e) % 5) for a in range(5) for e in range(4)]
    result = solved(asked(lines, panel=4))
    assert figures(result, "p_top") == {"A0": 0, "A1": 0, "A2": 0, "A3": 1, "A4": 1}
    assert all(line["high"] - line["low"] <= 0.02 for line in result["estimates"])
    open_ones = solved(asked(lines))
    assert all(line["high"] - line["low"] > 1 for line in open_ones["estimates"])


# --- poor sheets ------------------------------------------------------------------------------------------------


def test_no_complete_sheet() -> None:
    result = solved(asked([("A", "E", None)]))
    assert (result["estimates"], result["evaluators"], result["variance"]) == ([], [], None)
    assert "estimates_without_sheets" in codes(result)


def test_one_sheet_leaves_the_whole_scale() -> None:
    result = solved(asked([("A", "E", 70)], adjustments=[{"application": "A", "points": 2, "id": "bonus"}]))
    assert result["estimates"] == [
        {"id": "A", "calibrated": 72.0, "low": 2.0, "high": 102.0, "p_top": 1.0, "expected_rank": 1.0}
    ]
    assert result["variance"] is None
    assert {"estimates_of_one_sheet", "estimates_all_above"} <= set(codes(result))


def test_equal_scores_share_the_line() -> None:
    result = solved(asked([(f"A{a}", f"E{e}", 70) for a in range(4) for e in range(3)], top=1))
    assert set(figures(result, "p_top").values()) == {0.25}
    assert set(figures(result, "expected_rank").values()) == {2.5}
    assert result["variance"] == {"application": 0, "evaluator": 0, "residual": 0}
    assert "estimates_without_spread" in codes(result)


def test_sheets_that_add_up_without_any_residual() -> None:
    result = solved(asked([(f"A{a}", f"E{e}", 10 + 9 * a + 5 * e) for a in range(4) for e in range(3)]))
    assert figures(result, "leniency", "evaluators") == pytest.approx({"E0": -5, "E1": 0, "E2": 5}, abs=0.05)
    assert figures(result, "p_top") == {"A0": 0, "A1": 0, "A2": 1, "A3": 1}


def test_one_evaluator_has_nobody_to_be_compared_with() -> None:
    result = solved(asked([(f"A{a}", "E", 50 + a * a) for a in range(6)]))
    assert result["evaluators"] == [{"id": "E", "leniency": 0.0, "low": 0.0, "high": 0.0, "sheets": 6}]
    ranks = figures(result, "expected_rank")
    assert sorted(ranks, key=ranks.__getitem__) == ["A5", "A4", "A3", "A2", "A1", "A0"]


def test_one_application_is_first() -> None:
    result = solved(asked([("A", f"E{e}", 50 + 4 * e) for e in range(5)], top=1))
    assert (figures(result, "p_top"), figures(result, "expected_rank")) == ({"A": 1}, {"A": 1})


def test_everyone_with_one_sheet_and_an_evaluator_of_their_own() -> None:
    result = solved(asked([(f"A{a}", f"E{a}", 30 + 9 * a) for a in range(6)]))
    assert {"estimates_leniency_unknown", "estimates_across_groups"} <= set(codes(result))
    assert all(line["low"] < 0 < line["high"] for line in result["evaluators"])


def test_groups_that_share_nobody_are_said() -> None:
    apart = [(f"B{a}", f"F{e}", s) for (a, e, s) in ((1, 1, 50.0), (1, 2, 60.0), (2, 1, 40.0))]
    result = solved(asked([*crossed(5, 4, 3), *apart]))
    assert {"code": "estimates_across_groups", "params": {"groups": 2}} in result["reasons"]


def test_adjustments_beyond_all_measure_are_borne() -> None:
    huge = [
        {"application": f"A00{a}", "points": points, "id": "b"} for a, points in enumerate((2**53, 2**53 - 1, -(2**53)))
    ]
    result = solved(asked(crossed(6, 4, 3), adjustments=huge, top=1))
    assert figures(result, "expected_rank")["A002"] == 6
    assert figures(result, "p_top")["A000"] + figures(result, "p_top")["A001"] == 1


def test_a_panel_smaller_than_the_sheets_is_a_fault() -> None:
    kind = KINDS["ranking"]
    with pytest.raises(Malformed) as refused:
        kind.solve(kind.read(read_json(json.dumps(asked(crossed(), panel=3)))))
    assert [(fault.at, fault.code) for fault in refused.value.faults] == [
        ("/uncertainty/panel", "panel_smaller_than_sheets")
    ]


def test_too_many_applications_are_ranked_and_not_estimated() -> None:
    problem = read_problem(RankingProblem, asked([(f"A{a}", f"E{a % 7}", a % 101) for a in range(5001)]))
    result = solve_ranking(problem)
    assert result["estimates"] == []
    assert "estimates_too_many" in codes(result)


def test_hundreds_on_both_sides_take_the_division_at_its_peak() -> None:
    result = solved(asked(crossed(340, 320, 3), top=100, draws=2000))
    assert result["variance"]["application"] == pytest.approx(100, rel=0.3)
    assert result["variance"]["evaluator"] == pytest.approx(36, rel=0.5)
    assert result["variance"]["residual"] == pytest.approx(16, rel=0.5)


# --- the checker ------------------------------------------------------------------------------------------------


def test_the_checker_finds_every_changed_estimate() -> None:
    read = read_problem(RankingProblem, asked(crossed(6, 5, 3), draws=20_000))
    result = solve_ranking(read)
    places: list[tuple[Any, ...]] = [
        (part, number, field)
        for part in ("estimates", "evaluators")
        for number in (0, 3)
        for field in result[part][number]
    ]
    places += [("variance", field) for field in result["variance"]]
    for place in places:
        changed = json.loads(json.dumps(result))
        inside = changed
        for step in place[:-1]:
            inside = inside[step]
        value = inside[place[-1]]
        inside[place[-1]] = (
            value + "x" if isinstance(value, str) else value + 1 if isinstance(value, int) else value * 1.3 + 0.7
        )
        if isinstance(value, float):
            inside[place[-1]] = round(inside[place[-1]], 2)
        assert verify_ranking(read, changed), place
        inside[place[-1]] = None
        assert verify_ranking(read, changed), place
        del inside[place[-1]]
        assert verify_ranking(read, changed), place
    for part in ("estimates", "evaluators", "variance"):
        changed = json.loads(json.dumps(result))
        changed[part] = None
        assert verify_ranking(read, changed), part
        del changed[part]
        assert verify_ranking(read, changed), part
