"""The form of a call while it is filled in: what is asked now, what stands there, what is still missing.

`review(definition, entered)` is the one question; the answer is everything a screen, a paper or a press needs.
"""

from madang.core.form.model import (
    Count,
    Entered,
    FileFacts,
    FormState,
    Missing,
    MoneyState,
    Place,
    Step,
    Typed,
)
from madang.core.form.solve import review

__all__ = [
    "Count",
    "Entered",
    "FileFacts",
    "FormState",
    "Missing",
    "MoneyState",
    "Place",
    "Step",
    "Typed",
    "review",
]
