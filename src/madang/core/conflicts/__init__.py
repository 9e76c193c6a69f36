"""Who must not evaluate which application, found by published rules (`docs/algorithms/conflicts.md`)."""

from madang.core.conflicts.faults import faults_in
from madang.core.conflicts.model import ConflictsProblem, ConflictsResult
from madang.core.conflicts.solve import solve_conflicts
from madang.core.conflicts.verify import check_conflicts, verify_conflicts

__all__ = [
    "ConflictsProblem",
    "ConflictsResult",
    "check_conflicts",
    "faults_in",
    "solve_conflicts",
    "verify_conflicts",
]
