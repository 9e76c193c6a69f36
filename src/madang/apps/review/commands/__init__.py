"""Each change of state is one command; the modules follow what they are about."""

from madang.apps.review.commands.handling import assign_officers, hand_over_cases, undo_assignment
from madang.apps.review.commands.lists import change_list, remove_list, save_list
from madang.apps.review.commands.notes import add_note, remove_note

__all__ = [
    "add_note",
    "assign_officers",
    "change_list",
    "hand_over_cases",
    "remove_list",
    "remove_note",
    "save_list",
    "undo_assignment",
]
