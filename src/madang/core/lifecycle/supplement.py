"""The life of a request for a supplement: the office asks, the applicant answers in time, or it expires."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

OPEN, ANSWERED, EXPIRED, CANCELLED = STATES = ("open", "answered", "expired", "cancelled")

LIMITING = (OPEN, EXPIRED)
"""States in which the application can be changed only where and until when the request says."""

_needs = MappingProxyType

SUPPLEMENT = Lifecycle(
    of="supplement",
    states=STATES,
    moves=(
        # what         from        to         only if (fact: the reason where it is missing)
        # An answer that arrived in time counts, also where its turn came after the end.
        Move("answer", LIMITING,   ANSWERED,  _needs({"arrived_in_time": "supplement_over"})),
        Move("enter",  LIMITING,   ANSWERED,  _needs({"on_paper": "supplement_is_answered_here",
                                                      "note_given": "supplement_needs_note",
                                                      "arrived_since": "supplement_arrived_before",
                                                      "arrived_by_now": "supplement_arrives_later",
                                                      "arrived_in_time": "supplement_over"})),
        Move("expire", (OPEN,),    EXPIRED,   _needs({"time_over": "supplement_still_runs"})),
        Move("extend", (OPEN,),    STAYS,     _needs({"still_runs": "supplement_over",
                                                      "ends_later": "supplement_ends_no_later",
                                                      "reason_given": "supplement_needs_reason"})),
        Move("cancel", LIMITING,   CANCELLED, _needs({"reason_given": "supplement_needs_reason"})),
    ),
    wrong_state=_needs({
        OPEN: "supplement_is_open",
        ANSWERED: "supplement_is_answered",
        EXPIRED: "supplement_is_expired",
        CANCELLED: "supplement_is_cancelled",
    }),
)  # fmt: skip
