"""A whole call decided: each deciding rule on cases small enough to follow by hand."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.deciding.case import Application, Case, Check, Conflict, Seat, Sheet, Vote
from madang.core.reasons import Malformed
from tests.core.deciding.small_calls import applications, codes, decided, definition, judged, outcomes, sheet

RANK = judged("written") + "decide: {by: rank, combine: {written: 100}, seats: {max: 2}, ties: [written-plan, lot]}\n"
TWO = judged("written", "talk") + (
    "decide: {by: rank, combine: {written: 40, talk: 60}, decimals: 1, pass_mark: 60, seats: {max: 3}, ties: [talk]}\n"
)


# -- by rank ------------------------------------------------------------------------------------------------------


def test_two_stages_are_combined_exactly_and_rounded_once():
    case = Case(
        applications("A"),
        sheets=(sheet("A", "E1", 70, 70), sheet("A", "E2", 71, 70), sheet("A", "E1", 60, 62.5, "talk")),
    )
    computed = decided(definition(TWO), case)
    written = Fraction(70 * 40 + 70 * 60 + 71 * 40 + 70 * 60, 200)  # 70.2
    talk = Fraction(60 * 40 + Fraction(125, 2) * 60, 100)  # 61.5
    assert computed["ranking"] == [
        {
            "application": "A",
            "score": "65.0",
            "exact": str(written * 40 / 100 + talk * 60 / 100),
            "rank": 1,
            "passed": True,
        }
    ]
    assert [stage["applications"][0]["score"] for stage in computed["stages"]] == ["70.2", "61.5"]


def test_under_the_pass_mark_nobody_is_selected_though_seats_are_free():
    case = Case(
        applications("A", "B"),
        sheets=tuple(
            sheet(a, "E1", s, s, stage) for a, s in (("A", 80), ("B", 59.94)) for stage in ("written", "talk")
        ),
    )
    computed = decided(definition(TWO), case)
    assert outcomes(computed) == {"A": "selected", "B": "not_selected"}
    assert "pass_mark_missed" in codes(computed, "B")


def test_the_pass_mark_is_held_against_the_rounded_score():
    case = Case(applications("A"), sheets=tuple(sheet("A", "E1", 59.95, 59.95, s) for s in ("written", "talk")))
    assert outcomes(decided(definition(TWO), case)) == {"A": "selected"}


def test_a_tie_goes_to_the_announced_criterion_and_both_are_told():
    case = Case(
        applications("A", "B", "C"),
        sheets=(sheet("A", "E1", 90, 40), sheet("B", "E1", 30, 80), sheet("C", "E1", 99, 99)),
    )
    computed = decided(definition(RANK), case)
    assert outcomes(computed) == {"A": "not_selected", "B": "selected", "C": "selected"}
    assert "ahead_by_criterion" in codes(computed, "B")
    assert "behind_by_criterion" in codes(computed, "A")


def test_an_unsettled_tie_at_the_line_is_a_status_and_the_lot_settles_it():
    sheets = tuple(sheet(a, "E1", s, s) for a, s in (("A", 90), ("B", 80), ("C", 80)))
    case = Case(applications("A", "B", "C"), sheets=sheets)
    open_ = decided(definition(RANK), case)
    assert open_["status"] == "undetermined"
    assert outcomes(open_) == {"A": "selected", "B": "undetermined", "C": "undetermined"}
    drawn = decided(definition(RANK), replace(case, lot_order=("C", "A", "B")))
    assert drawn["status"] == "computed"
    assert outcomes(drawn) == {"A": "selected", "B": "not_selected", "C": "selected"}


def test_an_application_without_a_sheet_is_not_settled_and_is_not_scored_zero():
    case = Case(applications("A", "B"), sheets=(sheet("A", "E1", 10, 10),))
    computed = decided(definition(RANK), case)
    assert computed["status"] == "undetermined"
    assert outcomes(computed) == {"A": "selected", "B": "undetermined"}
    assert codes(computed, "B") == ["stage_without_sheets"]


def test_too_few_sheets_are_not_settled_either():
    rule = judged("written", min_sheets=2) + "decide: {by: rank, combine: {written: 100}, seats: {max: 2}}\n"
    case = Case(applications("A"), sheets=(sheet("A", "E1", 90, 90),))
    assert codes(decided(definition(rule), case), "A") == ["too_few_sheets"]


def test_dropped_sheets_are_named_by_their_number_in_the_case():
    rule = judged("written", trim="total") + "decide: {by: rank, combine: {written: 100}, seats: {max: 2}}\n"
    other = tuple(sheet("B", f"E{n}", 50, 50) for n in range(3))
    mine = tuple(sheet("A", f"E{n}", s, s) for n, s in enumerate((10, 60, 99)))
    computed = decided(definition(rule), Case(applications("A", "B"), sheets=other + mine))
    line = next(line for line in computed["stages"][0]["applications"] if line["application"] == "A")
    assert line["dropped"] == [5, 3]  # the highest, then the lowest
    assert line["score"] == "60.00"


MONEY = """
money:
  cost: total
  own: local
  budget_krw: 5000000000
  match: {grant: 1, own: 1}
"""


def test_budget_and_match_funding_pass_over_with_the_rule_named():
    rule = (
        judged("written")
        + "decide: {by: rank, combine: {written: 100}, seats: {max: 9}, reserve: {count: 1}}\n"
        + MONEY
    )
    answers = {
        "A": {"total": 8_000_000_000, "local": 4_000_000_000},
        "B": {"total": 4_000_000_000, "local": 2_000_000_000},  # 4 + 2 is over the 5 of the budget
        "C": {"total": 2_000_000_000, "local": 999_999_999},  # a won short of 1:1
        "D": {"total": 2_000_000_000, "local": 1_000_000_000},
    }
    sheets = tuple(sheet(a, "E1", s, s) for a, s in zip("ABCD", (90, 80, 70, 60), strict=True))
    computed = decided(definition(rule), Case(applications(*"ABCD", **answers), sheets=sheets))
    assert outcomes(computed) == {"A": "selected", "B": "reserve", "C": "not_selected", "D": "selected"}
    assert "forbids_match" in codes(computed, "C")
    assert [line["grant_krw"] for line in computed["outcomes"]] == [4_000_000_000, None, None, 1_000_000_000]


TRACKS = "tracks: [{id: plan, title: {en: Plan}}, {id: build, title: {en: Build}}]"


def in_track(id_: str, track: str) -> Application:
    return Application(id=id_, applicant=f"City {id_}", track=track)


@pytest.mark.parametrize(
    ("list_", "expected"),
    [
        # one list: the minimum for `build` keeps the third-best plan out
        ("one", {"A": "selected", "B": "selected", "C": "not_selected", "D": "selected"}),
        ("per_track", {"A": "selected", "B": "selected", "C": "not_selected", "D": "selected"}),
    ],
)
def test_a_minimum_for_one_type_is_kept_whether_lists_are_one_or_several(list_, expected):
    rule = judged("written") + (
        f"decide: {{by: rank, combine: {{written: 100}}, list: {list_}, seats: {{max: 3}},"
        " rules: [{id: types, quota: track, values: {plan: {max: 2}, build: {min: 1, max: 1}}}]}\n"
    )
    apps = (in_track("A", "plan"), in_track("B", "plan"), in_track("C", "plan"), in_track("D", "build"))
    sheets = tuple(sheet(a, "E1", s, s) for a, s in zip("ABCD", (90, 80, 70, 60), strict=True))
    computed = decided(definition(rule, tracks=TRACKS), Case(apps, sheets=sheets))
    assert outcomes(computed) == expected
    assert len(computed["selections"]) == (1 if list_ == "one" else 2)


def test_rules_that_cannot_hold_make_the_decision_infeasible_and_say_which():
    rule = judged("written") + "decide: {by: rank, combine: {written: 100}, seats: {min: 2, max: 2}}\n"
    computed = decided(definition(rule), Case(applications("A"), sheets=(sheet("A", "E1", 90, 90),)))
    assert computed["status"] == "infeasible"
    assert computed["selections"][0]["result"]["conflict"] == ["seats"]
    assert outcomes(computed) == {"A": "undetermined"}


# -- eligibility --------------------------------------------------------------------------------------------------

CHECKED = """
eligibility: [{id: ready, rule: ready, otherwise: {en: Must be ready.}}]
review: [{id: papers, label: {en: Papers}}, {id: style, label: {en: Style}, excludes: false}]
"""


def test_who_is_excluded_hears_every_reason_and_is_not_ranked():
    case = Case(
        applications("A", "B", A={"ready": True}, B={"ready": False}),
        sheets=(sheet("A", "E1", 10, 10), sheet("B", "E1", 99, 99)),
        checklist=(Check("B", "papers", "fail", "letter missing"), Check("A", "style", "fail")),
    )
    computed = decided(definition(RANK + CHECKED), case)
    assert outcomes(computed) == {"A": "selected", "B": "ineligible"}
    assert codes(computed, "B") == ["rule_not_met", "review_failed"]
    assert [line["application"] for line in computed["ranking"]] == ["A"]


def test_a_rule_that_cannot_be_answered_excludes_nobody_but_stops_the_decision():
    with pytest.raises(Malformed) as refused:
        decided(definition(RANK + CHECKED), Case(applications("A")))
    assert [(fault.code, fault.at) for fault in refused.value.faults] == [("rule_not_answerable", "application A")]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"conflicts": (Conflict("A", "E1"),)}, "sheet_in_conflict"),
        ({"sheets": (sheet("A", "E1", 1, 1), sheet("A", "E1", 2, 2))}, "sheet_twice"),
        ({"sheets": (sheet("Z", "E1", 1, 1),)}, "row_about_unknown_application"),
        ({"sheets": (Sheet("talk", "A", "E1", {}),)}, "sheets_of_unknown_stage"),
        ({"applications": applications("A", "A")}, "application_twice"),
        ({"votes": (Vote("A", "s1", "yes"), Vote("A", "s1", "no"))}, "vote_twice"),
    ],
)
def test_what_no_case_may_hold_is_refused_by_the_core_itself(wrong, code):
    case = replace(Case(applications("A"), sheets=(sheet("A", "E1", 90, 90),)), **wrong)
    with pytest.raises(Malformed) as refused:
        decided(definition(RANK), case)
    assert code in [fault.code for fault in refused.value.faults]


# -- threshold, grade ---------------------------------------------------------------------------------------------

MEASURED = """
evaluation:
  - id: figures
    kind: computed
    criteria:
      - id: uptime
        weight: 100
        field: measured
        label: {en: Uptime}
        steps: [{from: 95, points: 50}, {from: "99.5", points: 90}]
  - id: board
    kind: judged
    scale: {min: 0, max: 10}
    criteria: [{id: effect, weight: 100, label: {en: Effect}}]
"""
THRESHOLD = MEASURED + (
    "decide: {by: threshold, close: per_case, combine: {figures: 50, board: 50}, decimals: 1, at_least: 70,"
    " each_at_least: {effect: 60}}\n"
)


def case_of(*rows: tuple[str, str, int]) -> Case:
    """(application, measured value, score of the one member of the board)."""
    return Case(
        applications(*(row[0] for row in rows), **{row[0]: {"measured": row[1]} for row in rows}),
        sheets=tuple(Sheet("board", name, "E1", {"effect": str(score)}) for name, _, score in rows),
    )


def test_a_threshold_counts_computed_and_judged_parts_and_ranks_nobody():
    computed = decided(
        definition(THRESHOLD, kind="certificate"), case_of(("A", "99.5", 6), ("B", "99.4", 8), ("C", "99.9", 5))
    )
    # A: (90 + 60) / 2 = 75. B: (50 + 80) / 2 = 65. C: (90 + 50) / 2 = 70, but 50 is under its own mark of 60.
    assert outcomes(computed) == {"A": "selected", "B": "not_selected", "C": "not_selected"}
    assert codes(computed, "B") == ["threshold_missed"]
    assert codes(computed, "C") == ["threshold_reached", "part_mark_missed"]
    assert all("rank" not in line for line in computed["ranking"])


def test_a_case_that_lacks_a_value_leaves_the_other_cases_decided():
    case = case_of(("A", "99.9", 9), ("B", "99.9", 9))
    case = replace(case, applications=(case.applications[0], Application(id="B", applicant="City B")))
    computed = decided(definition(THRESHOLD, kind="certificate"), case)
    assert computed["status"] == "computed"
    assert outcomes(computed) == {"A": "selected", "B": "undetermined"}
    assert codes(computed, "B") == ["value_not_measured"]


def test_the_highest_grade_whose_mark_is_reached_is_given_and_some_grades_are_no():
    rule = MEASURED + (
        "decide: {by: grade, combine: {figures: 50, board: 50}, grades: [{id: g1, at_least: 90, label: {en: One}},"
        " {id: g2, at_least: 70, label: {en: Two}}, {id: g3, at_least: 50, granted: false, label: {en: Three}}]}\n"
    )
    computed = decided(
        definition(rule, kind="certificate"), case_of(("A", "99.9", 9), ("B", "99.9", 5), ("C", "96", 6), ("D", "1", 1))
    )
    assert [(line["grade"], line["outcome"]) for line in computed["outcomes"]] == [
        ("g1", "selected"), ("g2", "selected"), ("g3", "not_selected"), (None, "not_selected"),
    ]  # fmt: skip


# -- vote ---------------------------------------------------------------------------------------------------------

VOTE = (
    "decide: {by: vote, body: {en: Committee}, seats: 3, quorum: 50, majority: 50,"
    " without_vote: {when: ready == true, label: {en: Founders}}}\n"
)


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        (("yes", "yes", "no"), "selected"),
        (("yes", "no", "abstain"), "not_selected"),  # one of three cast is not more than half
        (("no", "no", "yes"), "not_selected"),
        (("yes",), "undetermined"),  # one of three seats is no quorum
    ],
)
def test_a_body_votes_with_quorum_and_strict_majority(options, outcome):
    case = Case(
        applications("A", A={"ready": False}),
        seats=(Seat("s1"), Seat("s2"), Seat("s3")),
        votes=tuple(Vote("A", f"s{n}", option) for n, option in enumerate(options, 1)),
    )
    computed = decided(definition(VOTE, kind="membership"), case)
    assert outcomes(computed) == {"A": outcome}
    assert computed["ranking"] == []


def test_founders_join_without_a_vote():
    computed = decided(definition(VOTE, kind="membership"), Case(applications("A", A={"ready": True})))
    assert outcomes(computed) == {"A": "selected"}
    assert codes(computed, "A") == ["joined_without_vote"]


def test_a_body_of_another_size_than_announced_stops_the_decision():
    case = Case(applications("A", A={"ready": False}), seats=(Seat("s1"),), votes=(Vote("A", "s1", "yes"),))
    with pytest.raises(Malformed) as refused:
        decided(definition(VOTE, kind="membership"), case)
    assert [fault.code for fault in refused.value.faults] == ["seats_do_not_match"]


# -- what must not matter -----------------------------------------------------------------------------------------

SCORES = st.integers(0, 20).map(lambda n: n * 5)


@settings(deadline=None)  # time is no matter of a test
@given(
    st.lists(st.tuples(SCORES, SCORES), min_size=2, max_size=5), st.integers(1, 4), st.randoms(use_true_random=False)
)
def test_neither_the_order_of_rows_nor_the_names_of_evaluators_change_the_decision(
    pairs, evaluators, chance: random.Random
):
    call = definition(RANK)
    names = [f"A{n}" for n in range(len(pairs))]
    sheets = [
        sheet(name, f"E{e}", (need + 7 * e) % 101, (plan + 11 * e) % 101)
        for name, (need, plan) in zip(names, pairs, strict=True)
        for e in range(evaluators)
    ]
    case = Case(applications(*names), sheets=tuple(sheets))
    letters = list("PQRS")
    chance.shuffle(letters)
    pseudonyms = {f"E{e}": letters[e] for e in range(evaluators)}
    other = [replace(one, evaluator=pseudonyms[one.evaluator]) for one in sheets]
    chance.shuffle(other)
    shuffled = list(case.applications)
    chance.shuffle(shuffled)
    again = decided(call, Case(tuple(shuffled), sheets=tuple(other)))
    assert outcomes(again) == outcomes(decided(call, case))


KNAPSACK = """
decide: {by: rank, combine: {written: 100}, seats: {max: 9}, walk: WALK}
money: {cost: total, own: local, budget_krw: 100}"""


def knapsack(walk: str) -> dict[str, str]:
    """The best takes the whole purse; two others together are worth more."""
    call = definition(judged("written") + KNAPSACK.replace("WALK", walk))
    costs = {"A": {"total": 100, "local": 0}, "B": {"total": 50, "local": 0}, "C": {"total": 50, "local": 0}}
    sheets = [sheet(name, "E1", score, score) for name, score in (("A", 90), ("B", 80), ("C", 70))]
    computed = decided(call, Case(applications("A", "B", "C", **costs), sheets=tuple(sheets)))
    assert computed["status"] == "computed"
    return outcomes(computed)


def test_the_largest_sum_is_taken_only_where_the_call_announced_it():
    assert knapsack("rank_order") == {"A": "selected", "B": "not_selected", "C": "not_selected"}
    assert knapsack("total_value") == {"A": "not_selected", "B": "selected", "C": "selected"}


def test_whom_the_largest_sum_passes_over_hears_which_score_lets_it_in():
    call = definition(judged("written") + KNAPSACK.replace("WALK", "total_value"))
    costs = {"A": {"total": 100, "local": 0}, "B": {"total": 50, "local": 0}, "C": {"total": 50, "local": 0}}
    scores = {"A": 90, "B": 80, "C": 20}

    def computed(a: str) -> dict[str, object]:
        sheets = [
            sheet(name, "E1", a if name == "A" else score, a if name == "A" else score)
            for name, score in scores.items()
        ]
        return decided(call, Case(applications(*scores, **costs), sheets=tuple(sheets)))

    line = next(line for line in computed("90")["outcomes"] if line["application"] == "A")
    (told,) = [r["params"] for r in line["reasons"] if r["code"] == "outvalued_until"]
    assert outcomes(computed(told["score"]))["A"] == "selected"
    assert outcomes(computed(str(float(told["score"]) - 0.01)))["A"] == "not_selected"
