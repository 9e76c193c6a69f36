"""What the form's script must know to send a large file by pieces."""

from __future__ import annotations

from typing import Any, Final

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext

from madang.apps.applications.models import Draft

BY_PIECES_FROM: Final = 1024 * 1024
"""Bytes of a file from which it goes by pieces; smaller ones go whole."""


def for_script(draft: Draft) -> dict[str, Any]:
    """The address to begin at, the script that sends pieces, and every sentence that it can say."""
    return {
        "begin": reverse("applicant:uploads", args=[draft.uid]),
        "script": static("js/uploads.js"),
        "from": BY_PIECES_FROM,
        "say": {
            "progress": gettext("{name}: {n} %"),
            "sending": gettext("Uploading {name}"),
            "waiting": gettext("No connection. {name} goes on by itself from {n} % when the line is back."),
            "busy": gettext("{why} {name} goes on by itself."),
            "checking": gettext("{name} has arrived and is being checked."),
            "signIn": gettext("You were signed out. Sign in in a new tab; then {name} goes on by itself."),
            "otherPerson": gettext("Somebody else is signed in now. The upload has stopped."),
            "cancel": gettext("Cancel"),
            "cancelOf": gettext("Cancel the upload of {name}"),
            "cancelled": gettext("The upload of {name} was cancelled."),
            "left": gettext("{name} stopped at {n} %. Choose the same file again to go on from there."),
            "forget": gettext("Give it up"),
            "failed": gettext("{name} did not arrive: {why}"),
            "changed": gettext("The file was changed on your device while it was being sent. Choose it again."),
            "stay": gettext("A file is still being uploaded. Wait for it, or cancel it, before you go on."),
        },
    }
