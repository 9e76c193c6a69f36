"""The life of an import: handed in, read, looked at, taken in or dropped."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import Lifecycle, Move

WAITING, ASKS, FAULTY, READY, CONFIRMED, DONE, DROPPED = STATES = (
    "waiting", "asks", "faulty", "ready", "confirmed", "done", "dropped",
)  # fmt: skip
"""`waiting`: is read in the background; `asks`: which column is which; `confirmed`: is taken in in the background."""
AT_WORK = (WAITING, CONFIRMED)
SEEN = (ASKS, FAULTY, READY)

_needs = MappingProxyType

IMPORT = Lifecycle(
    of="import",
    states=STATES,
    moves=(
        # what            from                   to         only if (fact: the reason where it is missing)
        Move("ask",       (WAITING,),            ASKS,      _needs({})),
        Move("fault",     (WAITING, CONFIRMED),  FAULTY,    _needs({})),
        Move("preview",   (WAITING,),            READY,     _needs({})),
        Move("choose",    SEEN,                  WAITING,   _needs({})),
        Move("confirm",   (READY,),              CONFIRMED, _needs({"changes": "import_changes_nothing",
                                                                    "seen": "import_seen_another",
                                                                    "note_given": "import_needs_note"})),
        Move("recompute", (CONFIRMED,),          WAITING,   _needs({})),
        Move("take",      (CONFIRMED,),          DONE,      _needs({})),
        Move("drop",      (WAITING, *SEEN),      DROPPED,   _needs({})),
    ),
    wrong_state=_needs({
        WAITING: "import_is_read",
        ASKS: "import_asks_columns",
        FAULTY: "import_has_faults",
        READY: "import_is_ready",
        CONFIRMED: "import_is_taken_in",
        DONE: "import_is_done",
        DROPPED: "import_is_dropped",
    }),
)  # fmt: skip
