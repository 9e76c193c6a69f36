"""Each change of state is one command; the modules follow what they are about."""

from madang.apps.review.commands.checks import MOST_PROOF_MB, Said, enter_result, import_results
from madang.apps.review.commands.closing import (
    Together,
    exclude,
    pass_review,
    pass_together,
    reopen,
    undo_together,
)
from madang.apps.review.commands.verdicts import confirm, judge

__all__ = [
    "MOST_PROOF_MB",
    "Said",
    "Together",
    "confirm",
    "enter_result",
    "exclude",
    "import_results",
    "judge",
    "pass_review",
    "pass_together",
    "reopen",
    "undo_together",
]
