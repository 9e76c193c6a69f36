"""Texts that say the same, wholly or in part (`docs/algorithms/duplicates.md`)."""

from madang.core.matching.duplicates.beside import NearDuplicates, near_duplicates
from madang.core.matching.duplicates.model import DuplicatesProblem, DuplicatesResult, faults_in, require_sound
from madang.core.matching.duplicates.solve import solve_duplicates
from madang.core.matching.duplicates.verify import check_duplicates, verify_duplicates

__all__ = [
    "DuplicatesProblem",
    "DuplicatesResult",
    "NearDuplicates",
    "check_duplicates",
    "faults_in",
    "near_duplicates",
    "require_sound",
    "solve_duplicates",
    "verify_duplicates",
]
