"""The life of a private question about a call."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import Lifecycle, Move

ASKED, ANSWERED, CLOSED = STATES = ("asked", "answered", "closed")

_needs = MappingProxyType

ENQUIRY = Lifecycle(
    of="enquiry",
    states=STATES,
    moves=(
        # what         from                 to        only if (fact: the reason where it is missing)
        Move("reply",  (ASKED, ANSWERED),   ANSWERED, _needs({"text_given": "reply_needs_text"})),
        Move("ask_on", (ASKED, ANSWERED),   ASKED,    _needs({"text_given": "question_needs_text"})),
        Move("close",  (ASKED, ANSWERED),   CLOSED,   _needs({"reason_given": "closing_needs_reason"})),
    ),
    wrong_state=_needs({
        ASKED: "enquiry_is_open",
        ANSWERED: "enquiry_is_answered",
        CLOSED: "enquiry_is_closed",
    }),
)  # fmt: skip
