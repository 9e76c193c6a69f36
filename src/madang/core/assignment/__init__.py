"""Which evaluators read which applications, proven best (`docs/algorithms/assignment.md`)."""

from madang.core.assignment.model import AssignmentProblem, AssignmentResult, faults_in
from madang.core.assignment.solve import solve_assignment
from madang.core.assignment.verify import check_assignment, verify_assignment

__all__ = [
    "AssignmentProblem",
    "AssignmentResult",
    "check_assignment",
    "faults_in",
    "solve_assignment",
    "verify_assignment",
]
