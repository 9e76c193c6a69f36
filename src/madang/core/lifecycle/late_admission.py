"""The life of a late admission: an applicant asks, two people of the office decide, one after the other."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import Lifecycle, Move

ASKED, PROPOSED, ADMITTED, REFUSED = STATES = ("asked", "proposed", "admitted", "refused")
OPEN = (ASKED, PROPOSED)

_needs = MappingProxyType

LATE_ADMISSION = Lifecycle(
    of="late admission",
    states=STATES,
    moves=(
        # what          from         to        only if (fact: the reason where it is missing)
        Move("propose", (ASKED,),    PROPOSED, _needs({"outage_of_ours": "late_needs_outage",
                                                       "reason_given": "late_needs_reason",
                                                       "ends_later": "late_ends_in_the_past",
                                                       "not_decided": "call_already_decided"})),
        Move("admit",   (PROPOSED,), ADMITTED, _needs({"another_person": "late_needs_another_person",
                                                       "ends_later": "late_ends_in_the_past",
                                                       "not_decided": "call_already_decided"})),
        Move("refuse",  OPEN,        REFUSED,  _needs({"reason_given": "late_needs_reason"})),
    ),
    wrong_state=_needs({
        ASKED: "late_is_asked",
        PROPOSED: "late_is_proposed",
        ADMITTED: "late_is_admitted",
        REFUSED: "late_is_refused",
    }),
)  # fmt: skip
