"""Writes of this room, by subject: publishing a definition, what comes before it, and saved alerts."""

from madang.apps.calls.commands.alerts import (
    EVERY_DAYS,
    FIRST_HOUR,
    LAST_HOUR,
    MOST_ALERTS,
    alert_token,
    edit_alert,
    end_alert,
    save_alert,
    tell_alerts,
    tell_alerts_of,
)
from madang.apps.calls.commands.drafting import (
    MOST_WORDS,
    Start,
    approve_definition,
    discard_definition,
    edit_definition,
    publish_draft,
    return_definition,
    save_definition_text,
    start_definition_draft,
    submit_definition,
    undo_definition,
)
from madang.apps.calls.commands.extending import CLOSING, extend_deadline
from madang.apps.calls.commands.publishing import mark_decided, publish_definition, sound, window

__all__ = [
    "CLOSING",
    "EVERY_DAYS",
    "FIRST_HOUR",
    "LAST_HOUR",
    "MOST_ALERTS",
    "MOST_WORDS",
    "Start",
    "alert_token",
    "approve_definition",
    "discard_definition",
    "edit_alert",
    "edit_definition",
    "end_alert",
    "extend_deadline",
    "mark_decided",
    "publish_definition",
    "publish_draft",
    "return_definition",
    "save_alert",
    "save_definition_text",
    "sound",
    "start_definition_draft",
    "submit_definition",
    "tell_alerts",
    "tell_alerts_of",
    "undo_definition",
    "window",
]
