"""Each change of state is one command; the modules follow what they are about."""

from madang.apps.review.commands.checks import MOST_PROOF_MB, enter_result, import_results
from madang.apps.review.commands.closing import Together, exclude, pass_review, pass_together, reopen, undo_together
from madang.apps.review.commands.handling import assign_officers, hand_over_cases, undo_assignment
from madang.apps.review.commands.letters import (
    DIRECTIONS,
    LETTER_ACTS,
    LETTER_FORMATS,
    LONGEST_COUNTERPART,
    LONGEST_NUMBER,
    LONGEST_TITLE,
    LONGEST_WHY,
    MOST_LETTER_MB,
    WAYS,
    enter_letter,
    remove_letter,
)
from madang.apps.review.commands.lists import change_list, remove_list, save_list
from madang.apps.review.commands.notes import add_note, remove_note
from madang.apps.review.commands.press import (
    ask_press_pack,
    edit_press_report,
    finish_press_report,
    keep_press_pack,
    reopen_press_report,
    start_press_report,
    take_press_figures,
)
from madang.apps.review.commands.sheets import MOST_LIST_MB, SheetFile, keep_sheet, open_sheet
from madang.apps.review.commands.verdicts import confirm, judge

__all__ = [
    "DIRECTIONS",
    "LETTER_ACTS",
    "LETTER_FORMATS",
    "LONGEST_COUNTERPART",
    "LONGEST_NUMBER",
    "LONGEST_TITLE",
    "LONGEST_WHY",
    "MOST_LETTER_MB",
    "MOST_LIST_MB",
    "MOST_PROOF_MB",
    "WAYS",
    "SheetFile",
    "Together",
    "add_note",
    "ask_press_pack",
    "assign_officers",
    "change_list",
    "confirm",
    "edit_press_report",
    "enter_letter",
    "enter_result",
    "exclude",
    "finish_press_report",
    "hand_over_cases",
    "import_results",
    "judge",
    "keep_press_pack",
    "keep_sheet",
    "open_sheet",
    "pass_review",
    "pass_together",
    "remove_letter",
    "remove_list",
    "remove_note",
    "reopen",
    "reopen_press_report",
    "save_list",
    "start_press_report",
    "take_press_figures",
    "undo_assignment",
    "undo_together",
]
