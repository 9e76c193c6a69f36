"""Writes of the review, by part."""

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
    "ask_press_pack",
    "edit_press_report",
    "finish_press_report",
    "keep_press_pack",
    "reopen_press_report",
    "start_press_report",
    "take_press_figures",
]
