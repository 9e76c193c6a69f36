"""The life of a press report: written until its text was checked, then it goes out; a change opens it again."""

from __future__ import annotations

from types import MappingProxyType

from madang.core.lifecycle.table import STAYS, Lifecycle, Move

WRITING, FINISHED = STATES = ("writing", "finished")

_needs = MappingProxyType

PRESS_REPORT = Lifecycle(
    of="press_report",
    states=STATES,
    moves=(
        # what       from         to        only if (fact: the reason where it is missing)
        Move("edit",   (WRITING,),  STAYS,    _needs({"nobody_saved_since": "press_report_changed"})),
        Move("finish", (WRITING,),  FINISHED, _needs({"nobody_saved_since": "press_report_changed",
                                                    "numbers_settled": "press_numbers_open"})),
        Move("reopen", (FINISHED,), WRITING,  _needs({})),
    ),
    wrong_state=_needs({WRITING: "press_report_is_open", FINISHED: "press_report_is_finished"}),
)  # fmt: skip
