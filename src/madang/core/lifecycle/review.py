"""The review of one application before evaluation: its papers, its eligibility, and what other bodies say of it."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

OPEN, PASSED, EXCLUDED = STATES = ("open", "passed", "excluded")

_needs = MappingProxyType
_STANDS = {"stands": "application_does_not_stand", "not_decided": "call_already_decided"}

REVIEW = Lifecycle(
    of="review",
    states=STATES,
    moves=(
        # what          from                to        only if (fact: the reason where it is missing)
        Move("judge",   (OPEN,),            STAYS,    _needs(_STANDS)),
        Move("pass",    (OPEN,),            PASSED,   _needs({**_STANDS,
                                                              "every_item_judged": "review_items_open",
                                                              "no_item_fails": "review_item_fails",
                                                              "eligible": "review_not_eligible",
                                                              "checks_answered": "review_checks_open",
                                                              "checks_clear": "review_check_found",
                                                              "no_supplement_open": "review_supplement_open"})),
        Move("exclude", (OPEN,),            EXCLUDED, _needs({**_STANDS,
                                                              "ground_given": "review_needs_ground",
                                                              "reason_given": "review_needs_reason",
                                                              "no_supplement_open": "review_supplement_open"})),
        Move("reopen",  (PASSED, EXCLUDED), OPEN,     _needs({"not_decided": "call_already_decided",
                                                              "reason_given": "review_needs_reason"})),
    ),
    wrong_state=_needs({
        OPEN: "review_is_open",
        PASSED: "review_is_passed",
        EXCLUDED: "review_is_excluded",
    }),
)  # fmt: skip
