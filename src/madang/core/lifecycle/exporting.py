"""The life of an export: asked for, made, gone after a day."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import Lifecycle, Move

WAITING, READY, FAILED, EXPIRED = STATES = ("waiting", "ready", "failed", "expired")

_needs = MappingProxyType

EXPORT = Lifecycle(
    of="export",
    states=STATES,
    moves=(
        # what         from                      to       only if (fact: the reason where it is missing)
        Move("make",   (WAITING,),               READY,   _needs({"something_to_take": "export_is_empty"})),
        Move("fail",   (WAITING,),               FAILED,  _needs({})),
        Move("expire", (WAITING, READY, FAILED), EXPIRED, _needs({})),
    ),
    wrong_state=_needs({
        WAITING: "export_is_made",
        READY: "export_is_ready",
        FAILED: "export_has_failed",
        EXPIRED: "export_is_gone",
    }),
)  # fmt: skip
