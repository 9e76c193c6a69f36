"""A whole call decided: eligibility, scores, the deciding rule, and a reason for each application."""

from madang.core.deciding.case import Case
from madang.core.deciding.decide import OUTCOMES, decide

__all__ = ["OUTCOMES", "Case", "decide"]
