"""The form while it is filled in: on a small definition, and by property on every shipped one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core import callspec
from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application, Case
from madang.core.deciding.eligibility import eligibility
from madang.core.form import Entered, FileFacts, FormState, review
from madang.core.selection.model import Application as Ranked
from madang.core.selection.model import Match
from madang.papers import classifications, folder
from madang.papers.library import programmes
from madang.papers.samples.applications import Applications
from madang.papers.samples.common import Sampling
from madang.words import say
from tests.core.form.typing_in import typed_in
from tests.factories.forms import DEFINITION


@cache
def small() -> Definition:
    return callspec.parse(DEFINITION)


def sets(definition: Definition) -> dict[str, Any]:
    return {role: classifications.load(name).ids for role, name in definition.classifications.items()}


def state(track: str = "plan", kind: str = "city", files: Any = None, counts: Any = None, **typed: Any) -> FormState:
    given = {key.replace("__", "."): value for key, value in typed.items()}
    entered = Entered(
        typed=given, track=track, kind=kind, country="XA", sets=sets(small()), files=files or {}, counts=counts or {}
    )
    return review(small(), entered)


def codes(found: FormState, key: str) -> list[str]:
    return [fault.code for fault in found.places[key].faults]


def test_an_empty_form_says_what_is_asked():
    found = state()
    assert [step.id for step in found.steps] == ["applicant", "s-check", "documents", "check"]
    assert {one.key for one in found.missing if one.reason.code == "form_answer_needed"} == {"name", "agreed", "goals"}
    assert [one.key for one in found.missing if one.reason.code == "form_file_needed"] == ["documents.letter"]
    assert (found.needed, found.done, found.complete) == (7, 3, False)
    assert not found.places["paper"].shown
    assert not found.places["paper"].required
    assert found.open_rules == ("agreed", "large")
    assert found.unmet == ()


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("name", "  도시\r\n", "도시"),
        ("people", "１２，３４５", "12345"),
        ("people", "12 345", "12345"),
        ("share", "0.50", "0.5"),
        ("share", "1,234.5", "1234.5"),
        ("agreed", "yes", True),
        ("agreed", "no", False),
        ("since", "2026-02-28", "2026-02-28"),
        ("country", "xb", "XB"),
        ("fields", ("transport", "transport", "water"), ["transport", "water"]),
        ("site", "Bandung ( -6.91470, +107.6098 )", "Bandung (-6.9147, 107.6098)"),
        ("site", "Bandung (old town)", "Bandung (old town)"),
        ("mail", "a@example.org", "a@example.org"),
        ("page", "https://example.org/a?b", "https://example.org/a?b"),
    ],
)
def test_what_was_typed_is_read_exactly(key, typed, value):
    found = state(**{key: typed})
    assert found.places[key].value == value
    assert found.answers[key] == value
    assert codes(found, key) == []


@pytest.mark.parametrize(
    ("typed", "won"), [("1.5", 150_000_000), ("0.00000001", 1), ("1,234", 123_400_000_000), ("９", 900_000_000)]
)
def test_money_is_held_in_won(typed, won):
    assert state("trial", cost=typed).answers["cost"] == won


@pytest.mark.parametrize(
    ("key", "typed", "code"),
    [
        ("name", "12345678901", "too_many_characters"),
        ("why", "one two three four five six", "too_many_words"),
        ("mail", "nobody", "not_an_address"),
        ("page", "javascript:alert(1)", "not_a_web_address"),
        ("site", "Nowhere (91, 0)", "place_not_on_earth"),
        ("site", "(1, 2)", "place_needs_name"),
        ("since", "2026-02-30", "not_an_iso_day"),
        ("since", "1 May 2026", "not_an_iso_day"),
        ("country", "KR", "country_not_in_set"),
        ("country", "Korea", "not_an_iso_country"),
        ("people", "0", "cell_out_of_range"),
        ("people", "1.5", "too_many_decimals_here"),
        ("people", "1,5", "decimal_comma"),
        ("people", "50%", "number_with_percent"),
        ("people", "5명", "number_with_unit"),
        ("people", "1e5", "not_a_number_here"),
        ("people", "9" * 30, "cell_number_too_large"),
        ("share", "-1", "cell_below_range"),
        ("agreed", "maybe", "not_yes_no_here"),
        ("fields", ("transport", "magic"), "not_an_option"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_in_both_languages(key, typed, code):
    found = state(**{key: typed})
    assert codes(found, key) == [code]
    assert any(one.key == key and one.reason.code == code for one in found.missing)
    for language in ("en", "ko"):
        said = say(found.places[key].faults[0], language)
        assert code not in said
        assert "?" not in said.replace("a?b", "")


@pytest.mark.parametrize(
    ("typed", "code"), [("-1", "money_below_zero"), ("0.000000001", "not_whole_won"), ("1억", "number_with_unit")]
)
def test_an_amount_that_is_none(typed, code):
    found = state("trial", cost=typed)
    assert codes(found, "cost") == [code]
    assert "cost" not in found.answers


def test_a_condition_shows_a_place_and_what_was_typed_in_it_is_kept():
    hidden = state(agreed="no", named="kept", people="20")
    assert not hidden.places["named"].shown
    assert hidden.places["named"].typed == "kept"
    assert "named" not in hidden.answers
    shown = state(agreed="yes", named="kept", people="20")
    assert shown.places["named"].required
    assert shown.answers["named"] == "kept"
    assert not state(agreed="yes").places["named"].required, "whether it is required cannot be said without people"
    assert not state(agreed="yes", why="because").places["named"].shown


def test_rows_are_counted_and_their_cells_asked_by_the_row():
    typed = {
        "agreed": "yes", "goals": ("a", "b", "c"), "goals__a__goal": "less", "goals__a__public": "yes",
        "goals__b__public": "no", "goals__b__where": "kept", "goals__x__goal": "of a removed row",
    }  # fmt: skip
    found = state(**typed)
    assert found.answers["goals"] == [{"goal": "less", "public": True}, {"public": False}]
    assert found.places["goals"].rows == ("a", "b", "c")
    missing = {one.key for one in found.missing if one.step == "s-check"}
    assert {"goals.a.where", "goals.b.goal", "goals.c.goal"} <= missing
    assert "goals.b.where" not in missing
    assert "goals.x.goal" not in found.places
    assert codes(state(goals=("a",), goals__a__goal="x"), "goals") == ["form_rows_too_few"]
    assert codes(state(goals=("a", "b", "c", "d")), "goals") == ["form_rows_too_many"]


def test_files_are_held_against_format_and_size():
    large = FileFacts(name="a.hwp", size_bytes=1024 * 1024 + 1, format="hwp")
    found = state(agreed="yes", files={"paper": (large,)})
    assert codes(found, "paper") == ["form_file_format", "form_file_too_large"]
    fine = FileFacts(name="a.pdf", size_bytes=1024 * 1024, format="pdf")
    assert codes(state(agreed="yes", files={"paper": (fine,)}), "paper") == []
    assert codes(state(files={"documents.letter": (fine,) * 11}), "documents.letter") == ["form_too_many_files"]


def test_the_type_decides_sections_documents_and_consortium():
    found = state("trial")
    assert [step.id for step in found.steps] == ["applicant", "s-check", "money", "consortium", "documents", "check"]
    assert not found.places["documents.letter"].required
    assert [reason.code for reason in found.unmet] == ["consortium_too_few"]
    nothing = state("")
    assert nothing.places["applicant.track"].missing
    assert not nothing.places["documents.letter"].required, "what hangs on the type waits for it"
    assert state("plan", applicant__track="trial").track == "trial"
    assert codes(state("plan", applicant__track="forged"), "applicant.track") == ["not_an_option"]


def test_the_consortium_says_whom_the_money_may_reach():
    typed = {
        "members": ("a", "b", "c"),
        "members__a__role": "public", "members__a__name": "City", "members__a__kind": "city",
        "members__a__country": "XA",
        "members__b__role": "member", "members__b__name": "Firm", "members__b__kind": "company",
        "members__b__country": "XB", "members__c__role": "member",
    }  # fmt: skip
    found = state("trial", **typed)
    assert found.members[1] == {"role": "member", "name": "Firm", "kind": "company", "country": "XB"}
    assert found.subsidised == {"a": False, "b": False, "c": False}
    assert state("trial", **{**typed, "members__b__country": "XA"}).subsidised["b"]
    assert {one.key for one in found.missing if one.step == "consortium"} == {
        "members.c.name", "members.c.kind", "members.c.country",
    }  # fmt: skip
    assert [reason.code for reason in state("trial", **{**typed, "members__a__kind": "company"}).unmet] == [
        "consortium_kind"
    ]


@pytest.mark.parametrize(
    ("cost", "own", "holds", "reasons"),
    [
        ("9", "300", True, []),
        ("9", "299.999999", False, ["form_match_not_met"]),
        ("9", "1000", True, ["own_share_over_cost"]),
        ("18", "600", True, ["grant_over_limit"]),
        ("9", "", None, []),
        ("", "300", None, []),
    ],
)
def test_match_funding_is_reckoned_as_the_selection_does(cost, own, holds, reasons):
    found = state("trial", cost=cost, own=own).money
    assert (found.match_holds, [reason.code for reason in found.reasons]) == (holds, reasons)
    if holds is not None:
        ranked = Ranked(id="A", value=1, cost_krw=found.cost_krw, own_krw=found.own_krw)
        assert Match(id="m", grant=2, own=1).met_by(ranked) == holds


@settings(deadline=None)
@given(cost=st.integers(0, 10**12), grant=st.integers(1, 9), own=st.integers(0, 9))
def test_the_least_own_share_is_the_least_that_holds(cost, grant, own):
    definition = small().model_copy(
        update={
            "money": small().money.model_copy(
                update={"match": small().money.match.model_copy(update={"grant": grant, "own": own})}
            )
        }
    )
    entered = Entered(track="trial", typed={"cost": "0", "own": "0"})
    typed = {"cost": f"{cost // 10**8}.{cost % 10**8:08}", "own": "0"}
    least = review(definition, replace(entered, typed=typed)).money.match_least_own_krw
    assert least is not None
    for share, holds in ((least, True), (least - 1, False)):
        if share >= 0:
            typed["own"] = f"{share // 10**6}.{share % 10**6:06}"
            assert review(definition, replace(entered, typed=typed)).money.match_holds is holds


def test_a_rule_waits_for_answers_and_then_holds_or_not():
    assert state(agreed="no").unmet[0].params == {"rule": "agreed"}
    assert "agreed" not in state(agreed="yes").open_rules
    small_one = state(agreed="yes", people="999")
    assert small_one.open_rules == ("large",), "fields are not answered, and null has no size"
    assert state(agreed="yes", people="999", fields=("transport",)).open_rules == ()
    twice = state(counts={"applications_of_applicant": 2})
    assert [reason.params for reason in twice.unmet] == [{"rule": "once"}]
    assert [reason.code for reason in state(kind="company").unmet] == ["applicant_kind"]


def test_a_whole_form_is_complete():
    fine = (FileFacts(name="a.pdf", size_bytes=10, format="pdf"),)
    found = state(
        name="도시", agreed="yes", people="2000", named="x", goals=("a", "b"), goals__a__goal="1", goals__b__goal="2",
        files={"paper": fine, "documents.letter": fine},
    )  # fmt: skip
    assert found.missing == ()
    assert found.complete
    assert found.needed == found.done == 11


# -- by property ------------------------------------------------------------------------------------------------------


EXAMPLES = Path(__file__).parents[3] / "examples"
WITH_ANSWERS = ("digital-public-goods", "idea-fund-sample", "solution-spread-sample", "living-lab-2022-sample")
"""Folders whose applications stand in tables that people can edit; the others are drawn from the definitions."""
ALL = (*sorted(programmes()), *WITH_ANSWERS)


@cache
def shipped(name: str) -> tuple[Definition, tuple[Application, ...]]:
    if name in WITH_ANSWERS:
        found = folder.read(EXAMPLES / name)
        definition, made = found.definition, found.case.applications[:60]
    else:
        definition = callspec.parse(programmes()[name].read_text("utf-8"))
        made = tuple(Applications(Sampling(definition, 7, None)).draw(40))
    return definition, tuple(replace(one, country=one.country or "XA", kind=one.kind or "city") for one in made)


@pytest.mark.parametrize("name", ALL)
def test_what_is_filed_from_a_complete_form_gets_the_same_verdict(name):
    definition, applications = shipped(name)
    seen = 0
    for application in applications:
        found = review(definition, typed_in(definition, application))
        waiting = [one for one in found.missing if one.reason not in found.unmet]
        if waiting:
            continue
        seen += 1
        assert found.answers == {key: value for key, value in application.answers.items() if found.places[key].shown}
        assert found.members == application.members
        case = Case(applications=(replace(found.application, id="A1"),))
        assert eligibility(definition, case)["A1"] == list(found.unmet)
        if not found.unmet:
            assert found.complete
    assert seen > 5, "most invented applications are whole"


STRANGE = [
    "", " ", "yes", "no", "0", "1,5", "９９", "-1", "x" * 2000, "\u202eabc", "\x00", "\ud800", "KR", "XA", "2026-01-01",
    "trial", "r1", ("r1", "r2"), ("",), (), ("r1", "r1"), "1" * 400, "é", "नमस्ते", "(1, 2)", "a (1e9, 2)",
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(ALL), seed=st.integers(0, 10**6))
def test_review_never_raises_and_always_says_the_same(name, seed):
    definition, applications = shipped(name)
    chance = Random(seed)
    base = typed_in(definition, chance.choice(applications))
    keys = [
        *review(definition, base).places,
        "members",
        "forged",
        "goals.r1.goal",
        "members.r1.role",
        "applicant.track",
    ]
    typed = {**base.typed, **{chance.choice(keys): chance.choice(STRANGE) for _ in range(chance.randint(0, 12))}}
    entered = replace(base, typed=typed, track=chance.choice([base.track, "", "forged"]), sets=sets(definition))
    found = review(definition, entered)
    assert review(definition, entered) == found
    assert found.done <= found.needed
    assert found.complete == (found.missing == ())
    assert {one.step for one in found.missing} <= {step.id for step in found.steps}
    assert all(one.key in found.places or not one.key for one in found.missing)
    assert all(not place.faults and not place.missing for place in found.places.values() if not place.shown)
