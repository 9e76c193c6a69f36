"""The whole life of a call, as a table."""

import datetime as dt

import pytest

from madang.core.lifecycle import CALL, call_state, check
from madang.core.lifecycle.call import STATES
from madang.core.reasons import Reason

#: move -> the states it is possible from, when every need is met
POSSIBLE = {
    "publish": {"draft"},
    "amend": {"published", "open", "closed"},
    "open": {"published"},
    "close": {"open"},
    "receive": {"open", "closed"},
    "undo": {"open", "closed"},
    "decide": {"closed"},
    "decide_case": {"open", "closed"},
    "decide_again": {"decided"},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", POSSIBLE)
def test_moves_are_possible_from_these_states_only(move, state):
    reasons = check(CALL, move, state, CALL.move(move).needs)
    assert (not reasons) == (state in POSSIBLE[move])
    assert len(reasons) <= 1


def test_the_table_is_whole():
    assert {move.name for move in CALL.moves} == set(POSSIBLE)
    assert set(CALL.wrong_state) == set(CALL.states) == set(STATES)
    assert {state for move in CALL.moves for state in (*move.from_, move.to) if state} == set(STATES)
    with pytest.raises(KeyError, match="call: vanish"):
        check(CALL, "vanish", "open")


def test_every_missing_fact_is_named_in_order():
    reasons = check(CALL, "amend", "open", {"same_programme", "notice_given", "ends_ahead"})
    assert reasons == (Reason("amendment_needs_reason"), Reason("sample_is_fixed"))


def test_a_wrong_state_is_the_only_reason_given():
    assert check(CALL, "amend", "decided") == (Reason("call_already_decided"),)


SECOND = dt.timedelta(seconds=1)
CLOSES = dt.datetime(2021, 4, 20, 9, 0, tzinfo=dt.UTC)  # 18:00 in Seoul
OPENS = dt.datetime(2021, 2, 17, 15, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "now", "state"),
    [
        (OPENS, CLOSES, OPENS - SECOND / 1000, "published"),
        (OPENS, CLOSES, OPENS, "open"),
        (OPENS, CLOSES, CLOSES, "open"),
        (OPENS, CLOSES, CLOSES + SECOND - SECOND / 1000, "open"),
        (OPENS, CLOSES, CLOSES + SECOND, "closed"),
        (None, CLOSES, OPENS - SECOND, "open"),
        (OPENS, None, CLOSES + SECOND, "open"),
        (None, None, CLOSES, "open"),
    ],
)
def test_the_clock_moves_a_call_by_whole_seconds(opens_at, closes_at, now, state):
    known = {"opens_at": opens_at, "closes_at": closes_at, "now": now}
    assert call_state(published=True, decided=False, **known) == state
    assert call_state(published=True, decided=True, **known) == "decided"
    assert call_state(published=False, decided=False, **known) == "draft"
