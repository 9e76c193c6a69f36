"""Each change of state is one command; the modules follow what they are about."""

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
    "enter_letter",
    "remove_letter",
]
