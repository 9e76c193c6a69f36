"""The life of a call."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

DRAFT, PUBLISHED, OPEN, CLOSED, DECIDED = STATES = ("draft", "published", "open", "closed", "decided")

_needs = MappingProxyType

CALL = Lifecycle(
    of="call",
    states=STATES,
    moves=(
        # what          from                       to         only if (fact: the reason where it is missing)
        Move("publish", (DRAFT,),                  PUBLISHED, _needs({})),
        Move("amend",   (PUBLISHED, OPEN, CLOSED), STAYS,     _needs({"reason_given": "amendment_needs_reason",
                                                                      "notice_given": "amendment_needs_notice",
                                                                      "same_programme": "programme_is_fixed",
                                                                      "same_origin": "sample_is_fixed",
                                                                      "ends_ahead": "amendment_ends_in_the_past"})),
        Move("open",    (PUBLISHED,),              OPEN,      _needs({}), by_clock=True),
        Move("close",   (OPEN,),                   CLOSED,    _needs({}), by_clock=True),
        Move("receive", (OPEN, CLOSED),            STAYS,     _needs({})),
        Move("undo",    (OPEN, CLOSED),            STAYS,     _needs({})),
        # A call that is decided in one go is decided after its close; a call that is decided case by case never ends.
        Move("decide",      (CLOSED,),             DECIDED,   _needs({})),
        Move("decide_case", (OPEN, CLOSED),        STAYS,     _needs({})),
        # A later decision of a decided call (after an objection, say) stands beside the first, with its reason.
        Move("decide_again", (DECIDED,),           STAYS,     _needs({"reason_given": "new_decision_needs_reason"})),
    ),
    wrong_state=_needs({
        DRAFT: "call_is_draft",
        PUBLISHED: "call_not_open_yet",
        OPEN: "call_still_open",
        CLOSED: "call_closed",
        DECIDED: "call_already_decided",
    }),
)  # fmt: skip


def call_state(
    *, published: bool, decided: bool, opens_at: dt.datetime | None, closes_at: dt.datetime | None, now: dt.datetime
) -> str:
    """The state that follows from the facts and the moment.

    Whole seconds, rounded down: a call that closes at 18:00:00 is open until 18:00:00.999…. No opening moment means
    open from publication; no closing moment, that it never closes by the clock.
    """
    second = now.replace(microsecond=0)
    if not published:
        return DRAFT
    if decided:
        return DECIDED
    if opens_at and second < opens_at:
        return PUBLISHED
    return CLOSED if closes_at and second > closes_at else OPEN
