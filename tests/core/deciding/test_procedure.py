"""What surrounds the scores: time, sister calls, outside checks, points with proof, partial outcomes, appointments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from madang.core.deciding.case import (
    Adjusted,
    Application,
    Appointment,
    Batch,
    Case,
    ConditionCheck,
    OpinionGiven,
    OutsideAnswer,
    Reduction,
    Seat,
    SisterApplication,
    Vote,
)
from madang.core.reasons import Malformed
from tests.core.deciding.small_calls import applications, codes, decided, definition, judged, outcomes, sheet

ONE = judged("written") + "decide: {by: rank, combine: {written: 100}, seats: {max: 1}, ties: [written-plan, lot]}\n"
CHECKED = ONE + "outside_checks: [{id: tax, label: {en: Tax}, source: {en: Tax office}}]\n"
TWO_SHEETS = (sheet("A", "E1", 90, 90), sheet("B", "E1", 80, 80))


def refused(call, case):
    with pytest.raises(Malformed) as error:
        decided(call, case)
    return [fault.code for fault in error.value.faults]


def line_of(computed, application):
    return next(line for line in computed["outcomes"] if line["application"] == application)


# -- in time, and once in a season --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "in_time"),
    [
        ("2022-01-28 18:00:00", True),
        ("2022-01-28 18:00:01", False),
        ("2022-01-28", True),  # only the day is known, and it is the closing day
        ("2022-01-29", False),
        ("", True),
    ],
)
def test_whole_seconds_decide_at_the_closing(received, in_time):
    late = Application(id="A", applicant="City A", received=received)
    case = Case((late,), sheets=(sheet("A", "E1", 90, 90),))
    computed = decided(definition(ONE), case)
    assert outcomes(computed) == {"A": "selected" if in_time else "ineligible"}
    assert in_time or codes(computed, "A") == ["received_after_closing"]


SISTERS = "sisters: {season: s, calls: [other-call]REFUSE}\n"


@pytest.mark.parametrize(
    ("refuse", "outcome", "out"),
    [
        ("", "", True),
        (", refuse: second_award", "not_selected", False),
        (", refuse: second_award", "selected", True),
    ],
)
def test_the_same_applicant_in_a_sister_call_is_out(refuse, outcome, out):
    call = definition(ONE + SISTERS.replace("REFUSE", refuse))
    sister = SisterApplication("other-call", "  city a ", "", outcome)  # spacing and letter case make nobody else
    case = Case(applications("A", "B"), sheets=TWO_SHEETS, sisters=(sister,))
    assert outcomes(decided(call, case))["A"] == ("ineligible" if out else "selected")
    elsewhere = replace(case, sisters=(replace(sister, call="unrelated-call"),))
    assert outcomes(decided(call, elsewhere))["A"] == "selected"


def test_what_came_after_the_cut_off_counts_for_the_next_batch_and_is_not_judged():
    call = definition(ONE)
    first, second = applications("A", "B")
    case = Case(
        (replace(first, received="2022-01-10 18:00:01"), replace(second, received="2022-01-10 18:00:00")),
        sheets=TWO_SHEETS,
        batch=(Batch("2022-01-10 18:00"),),
    )
    computed = decided(call, case)
    assert outcomes(computed) == {"A": "later", "B": "selected"}
    assert [line["application"] for line in computed["ranking"]] == ["B"] or computed["counts"]["later"] == 1
    assert [line["application"] for line in computed["eligibility"]] == ["B"]


# -- outside checks -----------------------------------------------------------------------------------------------


def test_what_another_body_found_excludes_with_source_and_day():
    found = OutsideAnswer("A", "tax", "found", "Tax office", "2022-02-01", "clerk", "arrears")
    clear = replace(found, application="B", verdict="clear")
    computed = decided(
        definition(CHECKED), Case(applications("A", "B"), sheets=TWO_SHEETS, outside_checks=(found, clear))
    )
    assert outcomes(computed) == {"A": "ineligible", "B": "selected"}
    params = line_of(computed, "A")["reasons"][0]["params"]
    assert (params["source"], params["on"], params["note"]) == ("Tax office", "2022-02-01", "arrears")


@pytest.mark.parametrize("verdict", [None, "unknown"])
def test_a_yes_waits_for_an_open_check_and_a_no_does_not(verdict):
    answers = () if verdict is None else (OutsideAnswer("A", "tax", verdict, "Tax office", "2022-02-01", "clerk"),)
    computed = decided(definition(CHECKED), Case(applications("A", "B"), sheets=TWO_SHEETS, outside_checks=answers))
    assert computed["status"] == "undetermined"
    assert outcomes(computed) == {"A": "undetermined", "B": "not_selected"}
    assert "outside_check_open" in codes(computed, "A")


def test_a_check_that_is_not_asked_of_an_application_does_not_hold_it_up():
    call = definition(CHECKED.replace("{id: tax,", "{id: tax, when: ready == true,"))
    case = Case(applications("A", A={"ready": False}), sheets=(sheet("A", "E1", 90, 90),))
    assert outcomes(decided(call, case)) == {"A": "selected"}


# -- points with proof --------------------------------------------------------------------------------------------

POINTS = ONE + (
    "adjustments:\n"
    "  - {id: region, kind: bonus, points: 3, up_to: true, label: {en: Region}, proof: {en: Paper}}\n"
    "  - {id: sanction, kind: deduction, points: 20, label: {en: Sanction}, proof: {en: Notice}}\n"
)


def test_bonus_and_deduction_change_the_score_and_so_the_ranking_uncapped():
    case = Case(
        applications("A", "B", "C"),
        sheets=(*TWO_SHEETS, sheet("C", "E1", 100, 100)),
        adjustments=(Adjusted("C", "region", "paper 7", "2.5"), Adjusted("A", "sanction", "notice 3")),
    )
    computed = decided(definition(POINTS), case)
    assert {line["application"]: line["score"] for line in computed["ranking"]} == {
        "C": "102.50",
        "B": "80.00",
        "A": "70.00",
    }
    assert "bonus_points" in codes(computed, "C")
    assert "deduction_points" in codes(computed, "A")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Adjusted("A", "region", ""), "adjustment_without_proof"),
        (Adjusted("A", "region", "paper"), "adjustment_without_points"),
        (Adjusted("A", "region", "paper", "3.1"), "adjustment_points_differ"),
        (Adjusted("A", "region", "paper", "0"), "adjustment_points_differ"),
        (Adjusted("A", "sanction", "notice", "19"), "adjustment_points_differ"),
        (Adjusted("A", "invented", "paper", "1"), "unknown_adjustment"),
        (Adjusted("Z", "sanction", "notice"), "row_about_unknown_application"),
    ],
)
def test_points_without_proof_or_beyond_the_notice_are_refused(row, code):
    assert code in refused(definition(POINTS), Case(applications("A"), sheets=TWO_SHEETS[:1], adjustments=(row,)))


def test_the_same_points_count_once():
    row = Adjusted("A", "sanction", "notice")
    assert refused(definition(POINTS), Case(applications("A"), sheets=TWO_SHEETS[:1], adjustments=(row, row))) == [
        "adjustment_twice"
    ]


# -- reduced and conditional outcomes -----------------------------------------------------------------------------

MONEY = """
money:
  cost: total
  own: local
  budget_krw: 100
"""


def with_outcome(rest: str, outcome: str):
    """A definition whose outcome says more than its kind."""
    return definition(rest, kind="award, " + outcome)


def test_a_reduced_grant_leaves_its_money_to_the_next():
    rule = judged("written") + "decide: {by: rank, combine: {written: 100}, seats: {max: 2}}\n" + MONEY
    call = with_outcome(rule, "amounts: [full, reduced]")
    answers = {"A": {"total": 80, "local": 0}, "B": {"total": 40, "local": 0}}
    full = Case(applications("A", "B", **answers), sheets=TWO_SHEETS)
    assert outcomes(decided(call, full)) == {"A": "selected", "B": "not_selected"}
    reduced = decided(call, replace(full, reductions=(Reduction("A", 60, "smaller site"),)))
    assert outcomes(reduced) == {"A": "selected", "B": "selected"}
    line = line_of(reduced, "A")
    assert (line["grant_krw"], line["amount"]) == (60, "reduced")
    assert line["reasons"][-1]["params"] == {"asked_krw": 80, "grant_krw": 60, "note": "smaller site"}


@pytest.mark.parametrize(
    ("amounts", "row", "code"),
    [
        ("[full]", Reduction("A", 60, "why"), "reduction_not_announced"),
        ("[full, reduced]", Reduction("A", 81, "why"), "grant_over_asked"),
        ("[full, reduced]", Reduction("A", -1, "why"), "grant_over_asked"),
        ("[full, reduced]", Reduction("A", 60, " "), "reduction_without_reason"),
    ],
)
def test_a_reduction_that_the_call_does_not_allow_is_refused(amounts, row, code):
    call = with_outcome(ONE + MONEY, f"amounts: {amounts}")
    case = Case(applications("A", A={"total": 80, "local": 0}), sheets=TWO_SHEETS[:1], reductions=(row,))
    assert code in refused(call, case)


CONDITIONAL = "amounts: [full, conditional], conditions: [{id: insured, label: {en: Insured}}]"


@pytest.mark.parametrize(
    ("met", "outcome", "state"),
    [(None, "selected", "pending"), (True, "selected", "met"), (False, "not_selected", "not_met")],
)
def test_a_condition_is_pending_met_or_undoes_the_yes(met, outcome, state):
    rows = () if met is None else (ConditionCheck("A", "insured", met, on="2022-03-01"),)
    case = Case(applications("A"), sheets=TWO_SHEETS[:1], conditions=rows)
    line = line_of(decided(with_outcome(ONE, CONDITIONAL), case), "A")
    assert (line["outcome"], line["conditions"]) == (outcome, [{"condition": "insured", "state": state}])


# -- task by task, by a body ---------------------------------------------------------------------------------------

BY_TASK = """
decide:
  by: vote
  unit: application_and_task
  tasks: {rows: tasks, key: [subject, place]}
  body: {en: Board}
  seats: 3
  compose: {external: {min: 2}}
  quorum: 60
  majority: 50
"""
TASK_FORM = """
  - section: tasks
    title: {en: Tasks}
    fields:
      - id: tasks
        type: rows
        min: 1
        required: true
        label: {en: Tasks}
        fields:
          - {id: subject, type: text, required: true, label: {en: Subject}}
          - {id: place, type: text, required: true, label: {en: Place}}
"""
BOARD = (Seat("S1", "external"), Seat("S2", "external"), Seat("S3", "office"))
TASKS = {"tasks": [{"subject": "twin", "place": "Sejong"}, {"subject": "energy", "place": "Busan"}]}


def votes(application, task, *options):
    return tuple(Vote(application, seat.seat, option, task) for seat, option in zip(BOARD, options, strict=False))


def test_each_task_is_voted_on_by_itself_and_one_yes_designates():
    case = Case(
        applications("A", A=TASKS),
        seats=BOARD,
        votes=(*votes("A", "twin/Sejong", "yes", "yes", "no"), *votes("A", "energy/Busan", "no", "no", "yes")),
    )
    line = line_of(decided(definition(TASK_FORM + BY_TASK, kind="designation"), case), "A")
    assert line["outcome"] == "selected"
    assert [(task["task"], task["outcome"]) for task in line["tasks"]] == [
        ("twin/Sejong", "selected"),
        ("energy/Busan", "not_selected"),
    ]


def test_a_condition_undoes_one_task_and_the_summary_no_longer_counts_it():
    call = definition(TASK_FORM + BY_TASK, kind="designation, " + CONDITIONAL)
    both = (*votes("A", "twin/Sejong", "yes", "yes", "no"), *votes("A", "energy/Busan", "yes", "yes", "yes"))
    failed = ConditionCheck("A", "insured", False, task="twin/Sejong")
    case = Case(applications("A", A=TASKS), seats=BOARD, votes=both, conditions=(failed,))
    line = line_of(decided(call, case), "A")
    assert line["outcome"] == "selected"
    assert [(r["code"], r["params"]["tasks"]) for r in line["reasons"]] == [
        ("tasks_granted", ["energy/Busan"]),
        ("tasks_refused", ["twin/Sejong"]),
    ]
    none_left = decided(call, replace(case, conditions=(replace(failed, task=""),)))
    assert codes(none_left, "A") == ["tasks_refused", "no_task_left"]


def test_a_task_that_nobody_applied_for_or_a_board_of_another_make_up_is_refused():
    call = definition(TASK_FORM + BY_TASK, kind="designation")
    case = Case(applications("A", A=TASKS), seats=BOARD, votes=votes("A", "twin/Busan", "yes", "yes", "yes"))
    assert "unknown_task" in refused(call, case)
    inside = (Seat("S1", "external"), Seat("S2", "office"), Seat("S3", "office"))
    assert refused(call, replace(case, seats=inside, votes=())) == ["seats_not_composed"]


def test_the_same_task_granted_to_two_is_said():
    one = {"tasks": TASKS["tasks"][:1]}
    case = Case(
        applications("A", "B", A=one, B=one),
        seats=BOARD,
        votes=(*votes("A", "twin/Sejong", "yes", "yes", "yes"), *votes("B", "twin/Sejong", "yes", "yes", "yes")),
    )
    computed = decided(definition(TASK_FORM + BY_TASK, kind="designation"), case)
    assert [(r["code"], r["params"]["applications"]) for r in computed["reasons"]] == [
        ("task_granted_twice", ["A", "B"])
    ]


PLACES = "decide: {by: vote, body: {en: Body}, seats: 3, places: 1, ties: [lot], quorum: 60, majority: 50}\n"


def test_places_go_to_the_most_yes_votes_and_a_tie_is_settled_by_lot_or_not_at_all():
    most = (*votes("A", "", "yes", "yes", "no"), *votes("B", "", "yes", "yes", "yes"))
    case = Case(applications("A", "B"), seats=BOARD, votes=most)
    call = definition(PLACES)
    assert outcomes(decided(call, case)) == {"A": "not_selected", "B": "selected"}
    tied = replace(case, votes=(*votes("A", "", "yes", "yes", "no"), *votes("B", "", "yes", "yes", "no")))
    undrawn = decided(call, tied)
    assert (undrawn["status"], outcomes(undrawn)) == ("undetermined", {"A": "undetermined", "B": "undetermined"})
    assert outcomes(decided(call, replace(tied, lot_order=("B", "A")))) == {"A": "not_selected", "B": "selected"}


# -- by appointment -----------------------------------------------------------------------------------------------

APPOINTED = (
    """
opinions: [{id: committee, ask: committee, question: {en: Advice}}]
decide: {by: appointment, close: per_case, authority: {en: Minister}, advice: [committee]}
"""
    + MONEY
)
ADVICE = OpinionGiven("A", "committee", "Committee", text="in favour")


@pytest.mark.parametrize(
    ("given", "advice", "outcome", "grant"),
    [
        (Appointment("A", "granted", "safe", by="Minister"), (ADVICE,), "selected", 80),
        (Appointment("A", "reduced", "smaller", grant_krw=50), (ADVICE,), "selected", 50),
        (Appointment("A", "refused", "unsafe"), (ADVICE,), "not_selected", None),
        (Appointment("A", "granted", "safe"), (), "undetermined", None),
        (None, (ADVICE,), "undetermined", None),
    ],
)
def test_the_authority_decides_with_reasons_on_advice(given, advice, outcome, grant):
    call = with_outcome(APPOINTED, "amounts: [full, reduced]")
    rows = () if given is None else (given,)
    case = Case(applications("A", A={"total": 100, "local": 20}), opinions=advice, appointments=rows)
    computed = decided(call, case)
    assert (line_of(computed, "A")["outcome"], line_of(computed, "A")["grant_krw"]) == (outcome, grant)
    assert computed["status"] == "computed"  # each case stands by itself


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Appointment("A", "granted", " "), "appointment_without_reason"),
        (Appointment("A", "maybe", "x"), "appointment_outcome_unknown"),
        (Appointment("A", "conditional", "x"), "appointment_not_announced"),
        (Appointment("A", "reduced", "x"), "appointment_without_amount"),
        (Appointment("A", "granted", "x", grant_krw=81), "grant_over_asked"),
        (Appointment("A", "granted", "x", task="twin"), "unknown_task"),
    ],
)
def test_a_decision_of_the_authority_that_does_not_fit_is_refused(row, code):
    call = with_outcome(APPOINTED, "amounts: [full, reduced]")
    case = Case(applications("A", A={"total": 100, "local": 20}), opinions=(ADVICE,), appointments=(row,))
    assert code in refused(call, case)


# -- grades by group, earlier indicators --------------------------------------------------------------------------

GRADED = """
evaluation:
  - id: figures
    kind: computed
    version: "2023"
    criteria:
      - {id: m, weight: 100, field: measured, label: {en: M}, steps: [{from: 10, points: 60}, {from: 20, points: 80}]}
    earlier:
      - version: "2022"
        received_before: 2022-01-10
        criteria: [{id: m, weight: 100, field: measured, label: {en: M}, steps: [{from: 10, points: 90}]}]
decide:
  by: grade
  combine: {figures: 100}
  groups:
    - {id: large, label: {en: Large}, when: total >= 500000}
    - {id: small, label: {en: Small}, when: total < 500000}
  grades:
    - {id: one, label: {en: One}, at_least: 70, by_group: {small: 60}}
    - {id: two, label: {en: Two}, at_least: 50, granted: false}
"""


def test_each_group_has_its_marks_and_each_day_its_indicators():
    big, small = {"total": 600_000, "measured": "15"}, {"total": 1, "measured": "15"}
    cities = applications("A", "B", "C", A=big, B=small, C=big)
    early = (*cities[:2], replace(cities[2], received="2022-01-09"))
    computed = decided(definition(GRADED, kind="certificate"), Case(early))
    lines = {line["application"]: (line["outcome"], line["grade"], line["group"]) for line in computed["outcomes"]}
    assert lines == {
        "A": ("not_selected", "two", "large"),
        "B": ("selected", "one", "small"),
        "C": ("selected", "one", "large"),  # 90 points by the indicators of 2022
    }
