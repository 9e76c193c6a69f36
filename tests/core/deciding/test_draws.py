"""Draws inside a call: derived from what was committed to, and holding the sheets to those who were drawn."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from madang.core.deciding.case import Candidate, Case, Draw, Exclusion, Reveal, Vote
from madang.core.record.canonical import digest
from tests.core.deciding.small_calls import applications, decided, definition, outcomes, sheet
from tests.core.deciding.test_procedure import refused

DRAWN = """
evaluation:
  - id: written
    kind: judged
    panel: {seats: 3, draw_from: 9, substitutes: ordered, compose: {external: {min: 2, label: {en: Outside}}}}
    scale: {min: 0, max: 100}
    criteria:
      - {id: written-need, weight: 40, label: {en: Need}}
      - {id: written-plan, weight: 60, label: {en: Plan}}
decide: {by: rank, combine: {written: 100}, seats: {max: 1}, ties: [lot]}
"""
POOL = tuple(Candidate("written", f"E{n}", ("external",) if n % 2 else ()) for n in range(1, 10))


def parts(draw, *words):
    """What each party committed to and revealed."""
    return tuple(
        Reveal(draw, f"party-{n}", hashlib.sha256(word.encode()).hexdigest(), word) for n, word in enumerate(words)
    )


BOTH = ("the word of the applicants' side", "the word of the secretariat")


def drawn_case(public="lottery 1001: 4 8 15 16 23 42", **more):
    case = Case(
        applications("A", "B"),
        pool=POOL,
        draws=(Draw("panel:written", public),),
        reveals=parts("panel:written", *BOTH),
    )
    return replace(case, **more)


def the_draw(case, name="panel:written"):
    computed = decided(definition(DRAWN), case)
    return next(draw for draw in computed["draws"] if draw["draw"] == name)


def seated(case):
    return the_draw(case)["members"]


def with_sheets(case, *evaluators):
    sheets = tuple(sheet(a, e, s, s) for a, s in (("A", 90), ("B", 80)) for e in evaluators)
    return replace(case, sheets=sheets)


def test_a_panel_is_drawn_within_its_rules_and_its_sheets_count():
    members = seated(drawn_case())
    assert len(members) == 3
    assert sum("external" in one.tags for one in POOL if one.evaluator in members) >= 2
    computed = decided(definition(DRAWN), with_sheets(drawn_case(), *members))
    assert (computed["status"], outcomes(computed)) == ("computed", {"A": "selected", "B": "not_selected"})


def test_a_sheet_of_somebody_who_was_not_drawn_is_refused():
    members = seated(drawn_case())
    stranger = next(one.evaluator for one in POOL if one.evaluator not in members)
    assert refused(definition(DRAWN), with_sheets(drawn_case(), *members, stranger)) == ["sheet_by_nobody_seated"]


def test_another_public_value_draws_another_order_and_the_order_of_the_pool_draws_the_same():
    orders = {tuple(the_draw(drawn_case(public=f"value {n}"))["order"]) for n in range(20)}
    assert len(orders) == 20
    assert the_draw(drawn_case(pool=POOL[::-1])) == the_draw(drawn_case())
    assert the_draw(drawn_case(reveals=drawn_case().reveals[::-1])) == the_draw(drawn_case())


def test_a_commitment_that_is_no_hash_is_refused():
    broken = tuple(replace(one, commitment="abc") for one in drawn_case().reveals)
    assert "commitment_not_sha256" in refused(definition(DRAWN), drawn_case(reveals=broken))


def test_a_public_value_alone_draws_and_says_so_and_nothing_at_all_draws_nothing():
    alone = the_draw(drawn_case(reveals=()))
    assert (alone["status"], alone["reasons"][0]["code"]) == ("computed", "draw_by_public_value_alone")
    assert the_draw(drawn_case(reveals=(), public=""))["status"] == "undetermined"


def test_who_is_excluded_never_sits_and_who_leaves_is_followed_by_the_first_substitute_that_fits():
    before = the_draw(drawn_case())
    first, leaver = before["members"][0], before["members"][-1]
    excluded = the_draw(drawn_case(exclusions=(Exclusion("written", first, "excluded_by_law"),)))
    assert first not in [*excluded["members"], *excluded["substitutes"]]
    assert (first, "excluded_by_law") in [(one["id"], one["code"]) for one in excluded["passed_over"]]
    left = drawn_case(exclusions=(Exclusion("written", leaver, "withdrew", after_draw=True),))
    after = the_draw(left)
    assert (after["left"], leaver in after["members"], len(after["members"])) == ([leaver], False, 3)
    risen = after["moved_up"][0]
    assert risen == next(s for s in before["substitutes"] if s in after["members"])
    # what the member sealed before leaving counts, and so does the sheet of the one who moved up
    computed = decided(definition(DRAWN), with_sheets(left, *after["members"], leaver))
    assert computed["status"] == "computed"


WITHHELD = (*parts("panel:written", *BOTH)[:1], Reveal("panel:written", "x", "0" * 64, ""))
ANOTHER = (*parts("panel:written", *BOTH)[:1], Reveal("panel:written", "x", "0" * 64, "another word than committed"))


@pytest.mark.parametrize(("reveals", "cause"), [(WITHHELD, "reveal_missing"), (ANOTHER, "reveal_wrong")])
def test_a_reveal_that_does_not_open_its_commitment_settles_nothing_and_seats_nobody(reveals, cause):
    draw = the_draw(drawn_case(reveals=reveals))
    assert (draw["status"], draw["order"]) == ("undetermined", [])
    computed = decided(definition(DRAWN), drawn_case(reveals=reveals))
    assert computed["status"] == "undetermined"
    assert "draw_not_settled" in [reason["code"] for reason in computed["reasons"]]
    assert set(outcomes(computed).values()) == {"undetermined"}
    # whoever withholds a word must not be able to seat somebody else
    assert refused(definition(DRAWN), with_sheets(drawn_case(reveals=reveals), "E1", "FRIEND")) == [
        "panel_not_settled",
        cause,
    ]


def test_nobody_is_left_out_once_the_words_are_known():
    stated = Draw("panel:written", "public", parties=2)
    assert the_draw(drawn_case(draws=(stated,)))["status"] == "computed"
    assert "parties_missing" in refused(
        definition(DRAWN), drawn_case(draws=(stated,), reveals=drawn_case().reveals[:1])
    )


def test_entries_must_be_those_that_were_published_with_the_commitments():
    published = digest(sorted(one.evaluator for one in POOL))
    drawn = Draw("panel:written", "public", published)
    assert the_draw(drawn_case(draws=(drawn,)))["status"] == "computed"
    late = (*POOL, Candidate("written", "E10", ("external",)))
    draw = the_draw(drawn_case(draws=(drawn,), pool=late))
    assert (draw["status"], draw["reasons"][0]["code"]) == ("undetermined", "lots_entries_changed")


def test_the_published_list_also_binds_a_draw_by_the_public_value_alone():
    other = Draw("panel:written", "public", "0" * 64)
    draw = the_draw(drawn_case(draws=(other,), reveals=()))
    assert (draw["status"], draw["reasons"][0]["code"]) == ("undetermined", "lots_entries_changed")


def test_one_party_alone_is_said():
    draw = the_draw(drawn_case(reveals=parts("panel:written", BOTH[0])))
    assert "draw_by_one_party" in [reason["code"] for reason in draw["reasons"]]


def test_the_lots_of_a_tie_are_drawn_and_settle_it():
    case = replace(
        with_sheets(drawn_case(), *seated(drawn_case())),
        draws=(*drawn_case().draws, Draw("lots", "public")),
        reveals=(*drawn_case().reveals, *parts("lots", *BOTH)),
    )
    tied = replace(case, sheets=tuple(replace(s, scores=dict.fromkeys(s.scores, "70")) for s in case.sheets))
    computed = decided(definition(DRAWN), tied)
    first = next(draw for draw in computed["draws"] if draw["draw"] == "lots")["order"][0]
    assert outcomes(computed)[first] == "selected"
    assert refused(definition(DRAWN), replace(tied, lot_order=("A", "B"))) == ["lots_drawn_and_handed_in"]


BODY = """
decide:
  by: vote
  body: {en: Residents}
  drawn: {seats: 3, draw_from: 9, compose: {external: {min: 2, label: {en: Outside}}}}
  quorum: 60
  majority: 50
"""


def test_a_body_drawn_by_lot_votes_and_nobody_else():
    pool = tuple(replace(one, stage="body") for one in POOL)
    case = Case(
        applications("A"),
        pool=pool,
        draws=(Draw("panel:body", "public"),),
        reveals=parts("panel:body", *BOTH),
    )
    call = definition(BODY)
    members = decided(call, case)["draws"][0]["members"]
    votes = tuple(Vote("A", name, "yes") for name in members)
    assert outcomes(decided(call, replace(case, votes=votes))) == {"A": "selected"}
    assert refused(call, replace(case, draws=(), reveals=(), votes=votes)) == ["body_not_drawn"]
