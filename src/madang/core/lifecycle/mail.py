"""The life of a mail in the outbox, and of an announcement to many."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

WAITING, HELD, SENDING, SENT, FAILED, BOUNCED, CANCELLED = STATES = (
    "waiting", "held", "sending", "sent", "failed", "bounced", "cancelled",
)  # fmt: skip
RELEASED = "released"
BATCH_STATES = (HELD, RELEASED, CANCELLED)

_needs = MappingProxyType

MAIL = Lifecycle(
    of="mail",
    states=STATES,
    moves=(
        # what            from                to         only if (fact: the reason where it is missing)
        Move("hold",       (WAITING,),         HELD,      _needs({"may_wait": "mail_is_code_or_receipt",
                                                                  "reason_given": "mail_needs_reason"})),
        Move("release",    (HELD,),            WAITING,   _needs({"batch_released": "mail_waits_for_its_batch"})),
        Move("edit",       (WAITING, HELD),    STAYS,     _needs({"may_wait": "mail_is_code_or_receipt",
                                                                  "readable": "mail_text_is_secret",
                                                                  "text_of_its_own": "mail_text_is_the_batchs"})),
        Move("cancel",     (WAITING, HELD),    CANCELLED, _needs({"may_wait": "mail_is_code_or_receipt",
                                                                  "reason_given": "mail_needs_reason"})),
        Move("send_again", (FAILED, BOUNCED),  WAITING,   _needs({"readable": "mail_text_is_cleared"})),
    ),
    wrong_state=_needs({
        WAITING: "mail_is_waiting",
        HELD: "mail_is_held",
        SENDING: "mail_is_being_sent",
        SENT: "mail_is_sent",
        FAILED: "mail_has_failed",
        BOUNCED: "mail_came_back",
        CANCELLED: "mail_is_cancelled",
    }),
)  # fmt: skip

MAIL_BATCH = Lifecycle(
    of="mail batch",
    states=BATCH_STATES,
    moves=(
        Move("edit",    (HELD,),          STAYS,     _needs({})),
        Move("release", (HELD,),          RELEASED,  _needs({"latest_read": "batch_changed_since",
                                                             "has_readers": "batch_has_no_readers"})),
        Move("cancel",  (HELD, RELEASED), CANCELLED, _needs({"reason_given": "mail_needs_reason"})),
    ),
    wrong_state=_needs({
        HELD: "batch_is_held",
        RELEASED: "batch_is_released",
        CANCELLED: "batch_is_cancelled",
    }),
)  # fmt: skip
