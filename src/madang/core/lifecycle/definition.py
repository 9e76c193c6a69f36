"""The life of a definition before its publication: written, sent for approval, approved, published."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

WRITING, SUBMITTED, APPROVED, PUBLISHED, DISCARDED = STATES = (
    "writing", "submitted", "approved", "published", "discarded",
)  # fmt: skip
OPEN = (WRITING, SUBMITTED, APPROVED)

_needs = MappingProxyType

DEFINITION = Lifecycle(
    of="definition",
    states=STATES,
    moves=(
        # what          from                            to         only if (fact: the reason where it is missing)
        Move("write",   (WRITING,),                     STAYS,     _needs({"latest_read": "draft_changed_since"})),
        Move("submit",  (WRITING,),                     SUBMITTED, _needs({
            "latest_read": "draft_changed_since",
            "without_faults": "draft_has_faults",
            "id_is_free": "call_id_is_taken",
            "id_is_the_calls": "amendment_keeps_the_id",
            "same_programme": "programme_is_fixed",
            "changes_something": "amendment_changes_nothing",
            "of_the_newest": "call_amended_since",
            "reason_given": "amendment_needs_reason",
            "notice_given": "amendment_needs_notice",
        })),
        Move("return",  (SUBMITTED, APPROVED),          WRITING,   _needs({"reason_given": "returning_needs_reason"})),
        Move("approve", (SUBMITTED,),                   APPROVED,  _needs({"four_eyes": "approver_wrote_it",
                                                                           "latest_read": "draft_changed_since"})),
        Move("publish", (APPROVED,),                    PUBLISHED, _needs({"without_faults": "draft_has_faults",
                                                                           "latest_read": "draft_changed_since",
                                                                           "id_is_free": "call_id_is_taken",
                                                                           "of_the_newest": "call_amended_since"})),
        Move("discard", (WRITING, SUBMITTED, APPROVED),   DISCARDED, _needs({})),
    ),
    wrong_state=_needs({
        WRITING: "definition_still_written",
        SUBMITTED: "definition_waits_for_approval",
        APPROVED: "definition_is_approved",
        PUBLISHED: "definition_is_published",
        DISCARDED: "definition_is_discarded",
    }),
)  # fmt: skip
