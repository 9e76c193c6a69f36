"""Panels drawn by lot from a pool, with composition and ordered substitutes (`docs/algorithms/panels.md`)."""

from madang.core.panels.model import Candidate, Excluded, PanelProblem, PanelResult, faults_in, require_sound
from madang.core.panels.solve import lot_order_of, move_up, solve_panel
from madang.core.panels.verify import check_panel, verify_panel

__all__ = [
    "Candidate",
    "Excluded",
    "PanelProblem",
    "PanelResult",
    "check_panel",
    "faults_in",
    "lot_order_of",
    "move_up",
    "require_sound",
    "solve_panel",
    "verify_panel",
]
