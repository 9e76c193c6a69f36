"""Each change of state is one command; the modules follow what they are about."""

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

__all__ = [
    "DIRECTIONS",
    "LETTER_ACTS",
    "LETTER_FORMATS",
    "LONGEST_COUNTERPART",
    "LONGEST_NUMBER",
    "LONGEST_TITLE",
    "LONGEST_WHY",
    "MOST_LETTER_MB",
    "WAYS",
    "add_note",
    "ask_press_pack",
    "assign_officers",
    "change_list",
    "edit_press_report",
    "enter_letter",
    "finish_press_report",
    "hand_over_cases",
    "keep_press_pack",
    "remove_letter",
    "remove_list",
    "remove_note",
    "reopen_press_report",
    "save_list",
    "start_press_report",
    "take_press_figures",
    "undo_assignment",
]
