"""Which applications are selected: down the ranking, under published rules (`docs/algorithms/selection.md`)."""

from madang.core.selection.model import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    ReservePerTag,
    Seats,
    SelectionProblem,
    SelectionResult,
    faults_in,
)
from madang.core.selection.solve import solve_selection
from madang.core.selection.verify import check_selection, verify_selection

__all__ = [
    "Application",
    "Budget",
    "CapEach",
    "ExcludeTogether",
    "Match",
    "PassMark",
    "Quota",
    "ReservePerTag",
    "Seats",
    "SelectionProblem",
    "SelectionResult",
    "check_selection",
    "faults_in",
    "solve_selection",
    "verify_selection",
]
