"""How well each evaluator fits each application, from texts, fields and languages (`docs/algorithms/affinity.md`)."""

from madang.core.affinity.model import AffinityProblem, AffinityResult, faults_in, require_sound
from madang.core.affinity.solve import solve_affinity
from madang.core.affinity.verify import check_affinity, verify_affinity

__all__ = [
    "AffinityProblem",
    "AffinityResult",
    "check_affinity",
    "faults_in",
    "require_sound",
    "solve_affinity",
    "verify_affinity",
]
