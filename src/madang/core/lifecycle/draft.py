"""The life of an application, from the first word to its withdrawal.

What is filed stands while it is revised: only another press replaces it.
"""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

WRITING, FILED, REVISING, WITHDRAWN, DISCARDED = STATES = ("writing", "filed", "revising", "withdrawn", "discarded")

WRITABLE = (WRITING, REVISING)
"""States in which answers can be changed."""
STANDING = (FILED, REVISING)
"""States in which a filed revision counts."""

_needs = MappingProxyType
_OPEN = _needs({"call_takes_drafts": "call_takes_no_drafts"})
_PRESS = _needs({
    "arrived_after_opening": "press_before_opening",
    "arrived_in_time": "press_after_deadline",
    "not_decided": "call_already_decided",
    "form_complete": "draft_incomplete",
})  # fmt: skip

DRAFT = Lifecycle(
    of="draft",
    states=STATES,
    moves=(
        # what           from                         to         only if (fact: the reason where it is missing)
        Move("write",    WRITABLE,                    STAYS,     _OPEN),
        Move("share",    (WRITING, FILED, REVISING),  STAYS,     _needs({})),
        Move("follow",   WRITABLE,                    STAYS,     _needs({})),
        Move("discard",  (WRITING,),                  DISCARDED, _needs({})),
        Move("restore",  (DISCARDED,),                WRITING,   _OPEN),
        Move("file",     WRITABLE,                    FILED,     _PRESS),
        Move("revise",   (FILED,),                    REVISING,  _OPEN),
        Move("keep",     (REVISING,),                 FILED,     _needs({})),
        Move("withdraw", STANDING,                    WITHDRAWN, _needs({"not_decided": "call_already_decided"})),
        Move("resume",   (WITHDRAWN,),                WRITING,   _OPEN),
    ),
    wrong_state=_needs({
        WRITING: "draft_is_written",
        FILED: "draft_is_filed",
        REVISING: "draft_is_revised",
        WITHDRAWN: "draft_is_withdrawn",
        DISCARDED: "draft_is_discarded",
    }),
)  # fmt: skip
