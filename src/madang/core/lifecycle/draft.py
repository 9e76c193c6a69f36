"""The life of an application's draft, before it is filed."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

WRITING, DISCARDED = STATES = ("writing", "discarded")

_needs = MappingProxyType

DRAFT = Lifecycle(
    of="draft",
    states=STATES,
    moves=(
        # what          from            to         only if (fact: the reason where it is missing)
        Move("write",   (WRITING,),     STAYS,     _needs({"call_takes_drafts": "call_takes_no_drafts"})),
        Move("share",   (WRITING,),     STAYS,     _needs({})),
        Move("follow",  (WRITING,),     STAYS,     _needs({})),
        Move("discard", (WRITING,),     DISCARDED, _needs({})),
        Move("restore", (DISCARDED,),   WRITING,   _needs({"call_takes_drafts": "call_takes_no_drafts"})),
    ),
    wrong_state=_needs({
        WRITING: "draft_is_written",
        DISCARDED: "draft_is_discarded",
    }),
)  # fmt: skip
