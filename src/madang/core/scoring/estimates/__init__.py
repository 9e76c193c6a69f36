"""How far a ranking can be trusted: estimates beside the official scores (`docs/algorithms/estimates.md`).

Loads NumPy and SciPy: `solve_ranking` imports it only where a problem asks for `uncertainty`.
"""

from madang.core.scoring.estimates.answer import Expected, estimates, predict

__all__ = ["Expected", "estimates", "predict"]
