"""The life of a file that comes in pieces."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

OPEN, DONE, REFUSED, GIVEN_UP, EXPIRED = STATES = ("open", "done", "refused", "given_up", "expired")

_needs = MappingProxyType

UPLOAD = Lifecycle(
    of="upload",
    states=STATES,
    moves=(
        # what          from       to          only if (fact: the reason where it is missing)
        Move("receive", (OPEN,),   STAYS,      _needs({})),
        Move("finish",  (OPEN,),   DONE,       _needs({})),
        Move("refuse",  (OPEN,),   REFUSED,    _needs({})),
        Move("give_up", (OPEN,),   GIVEN_UP,   _needs({})),
        Move("expire",  (OPEN,),   EXPIRED,    _needs({})),
    ),
    wrong_state=_needs({
        OPEN: "upload_is_open",
        DONE: "upload_is_done",
        REFUSED: "upload_ended",
        GIVEN_UP: "upload_ended",
        EXPIRED: "upload_ended",
    }),
)  # fmt: skip
