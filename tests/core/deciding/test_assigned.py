"""Where evaluators are assigned: a sheet counts only of whom the plan gave the application."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.deciding.case import Assignment, AssignmentPlan, Case, Conflict, Member
from madang.core.reasons import Malformed
from madang.core.record.veil import veil
from tests.core.deciding.small_calls import applications, decided, definition, judged, outcomes, sheet

ASSIGN = "    assign: {each: 2, load: {max: 3}}\n    score:"
READ = judged("written", min_sheets=2).replace("    score:", ASSIGN) + (
    "decide: {by: rank, combine: {written: 100}, seats: {max: 1}}\n"
)
BESIDE_A_PANEL = judged("written", "talk").replace("    score:", ASSIGN, 1) + (
    "decide: {by: rank, combine: {written: 50, talk: 50}, seats: {max: 1}}\n"
)
PAIRS = [("A", "E1"), ("A", "E2"), ("B", "E2"), ("B", "E3")]
PLAN = tuple(Assignment("written", application, evaluator, "0.5") for application, evaluator in PAIRS)
CASE = Case(
    applications("A", "B"),
    sheets=tuple(sheet(application, evaluator, 50 + n, 60) for n, (application, evaluator) in enumerate(PAIRS)),
    assignments=PLAN,
    assignment_plans=(AssignmentPlan("written", "fair", "optimal", "2", "2", "1", "1"),),
)


def refused(case: Case, text: str = READ) -> set[tuple[str, str]]:
    with pytest.raises(Malformed) as caught:
        decided(definition(text), case)
    return {(fault.code, fault.at) for fault in caught.value.faults}


def test_sheets_of_the_plan_are_decided_on() -> None:
    assert outcomes(decided(definition(READ), CASE)) == {"A": "not_selected", "B": "selected"}


def test_fewer_sheets_than_needed_leave_an_application_unsettled() -> None:
    case = replace(CASE, sheets=CASE.sheets[1:])
    assert outcomes(decided(definition(READ), case))["A"] == "undetermined"


def stated(**changed: Any) -> dict[str, Any]:
    return {"assignment_plans": (replace(CASE.assignment_plans[0], **changed),)}


def test_nobody_reads_more_than_announced() -> None:
    fault = ("assigned_over_load", "assignments")
    assert refused(CASE, READ.replace("load: {max: 3}", "load: {max: 1}")) == {fault}


def test_a_kept_plan_states_no_bound() -> None:
    kept = replace(CASE, **stated(kept=True, total_bound="", worst_bound=""))
    assert outcomes(decided(definition(READ), kept)) == {"A": "not_selected", "B": "selected"}


STRANGER = ("sheet_not_assigned", "sheets")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"sheets": (*CASE.sheets, sheet("A", "E3", 90, 90))}, STRANGER),
        ({"sheets": (*CASE.sheets, sheet("A", "E9", 90, 90))}, STRANGER),
        ({"assignments": PLAN[1:]}, STRANGER),
        ({"assignments": ()}, STRANGER),
        ({"assignments": (*PLAN, PLAN[0])}, ("assigned_twice", "assignments")),
        ({"assignments": (*PLAN, Assignment("", "A", "E1"))}, ("assigned_twice", "assignments")),
        ({"assignments": (*PLAN, Assignment("talk", "A", "E3"))}, ("assignments_not_asked", "assignments")),
        ({"assignments": (*PLAN, Assignment("written", "C", "E3"))}, ("row_about_unknown_application", "")),
        (
            {"assignments": (*PLAN[1:], replace(PLAN[0], affinity="1e5"))},
            ("assignment_figure_unreadable", "assignments"),
        ),
        ({"conflicts": (Conflict("A", "E2"),)}, ("assigned_in_conflict", "assignments")),
        ({"panel": (Member("written", "E1"),)}, ("panel_where_assigned", "panel")),
        ({"assignments": PLAN[:3], "sheets": CASE.sheets[:3]}, ("assigned_unlike_announced", "assignments")),
        ({"assignments": (*PLAN, Assignment("written", "A", "E3"))}, ("assigned_unlike_announced", "assignments")),
        ({"assignment_plans": ()}, ("assignment_plan_missing", "assignment_plans")),
        (stated(total="2.5", total_bound="2.5"), ("assignment_plan_misstates", "assignment_plans")),
        (stated(total=""), ("assignment_plan_misstates", "assignment_plans")),
        (stated(worst="0.9", worst_bound="0.9"), ("assignment_plan_misstates", "assignment_plans")),
        (stated(status="feasible", worst_bound="0.9"), ("assignment_plan_bound_wrong", "assignment_plans")),
        (stated(total_bound="2.1"), ("assignment_plan_bound_wrong", "assignment_plans")),
        (stated(kept=True), ("assignment_plan_bound_wrong", "assignment_plans")),
        (stated(status="best"), ("assignment_plan_wrong_word", "assignment_plans")),
        (stated(objective="total"), ("assignment_plan_wrong_word", "assignment_plans")),
        ({"assignment_plans": CASE.assignment_plans * 2}, ("assignment_plan_twice", "assignment_plans")),
    ],
)
def test_what_contradicts_the_plan_is_refused(changed: dict, fault: tuple[str, str]) -> None:
    assert fault in refused(replace(CASE, **changed))


def test_the_panel_of_another_stage_does_not_speak_for_the_stage_that_assigns() -> None:
    talks = tuple(sheet(name, "P1", 50, 60, "talk") for name in "AB")
    case = replace(CASE, sheets=(*CASE.sheets, *talks), panel=(Member("talk", "P1"),))
    assert outcomes(decided(definition(BESIDE_A_PANEL), case))["B"] == "selected"
    stranger = replace(case, sheets=(*case.sheets, sheet("A", "P2", 50, 60, "talk")))
    assert refused(stranger, BESIDE_A_PANEL) == {("sheet_by_nobody_seated", "sheets")}


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.permutations(CASE.sheets), st.permutations(PLAN))
def test_pseudonyms_and_order_change_no_outcome(key: bytes, sheets: list, plan: list) -> None:
    case = replace(CASE, sheets=tuple(sheets), assignments=tuple(plan))
    veiled = veil(case, key)
    assert decided(definition(READ), veiled)["outcomes"] == decided(definition(READ), CASE)["outcomes"]
    assert {row.evaluator for row in veiled.assignments}.isdisjoint({"E1", "E2", "E3"})
    true = {one.pseudonym: one.id for one in veiled.evaluators}
    assert sorted((row.application, true[row.evaluator]) for row in veiled.assignments) == sorted(PAIRS)
