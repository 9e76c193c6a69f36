"""Each change of state is one command; the modules follow what they are about."""

from madang.apps.review.commands.checks import MOST_PROOF_MB, enter_result, import_results
from madang.apps.review.commands.closing import (
    Together,
    exclude,
    pass_review,
    pass_together,
    reopen,
    undo_together,
)
from madang.apps.review.commands.sheets import MOST_LIST_MB, SheetFile, keep_sheet, open_sheet
from madang.apps.review.commands.verdicts import confirm, judge

__all__ = [
    "MOST_LIST_MB",
    "MOST_PROOF_MB",
    "SheetFile",
    "Together",
    "confirm",
    "enter_result",
    "exclude",
    "import_results",
    "judge",
    "keep_sheet",
    "open_sheet",
    "pass_review",
    "pass_together",
    "reopen",
    "undo_together",
]
