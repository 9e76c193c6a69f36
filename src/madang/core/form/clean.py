"""Text as it comes from outside -> text that can be kept: one form for one text, and nothing that deceives a reader.

Kept: whatever a script needs, invisible or not (joiners, direction marks, the separator of Khmer words, soft hyphens).
Taken out, and told: characters that override the direction of what follows (they can make a text read as another
one), control characters, and letters of the invisible tag alphabet outside flags. Refused: NUL, half characters.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import regex

from madang.core.form.model import Typed
from madang.core.reasons import Reason

LONGEST = 100_000
"""Characters of one place, whatever its own limit: more is no answer."""
MOST_CHOSEN = 1000
_HALF = regex.compile(r"[\uD800-\uDFFF]")
_BREAKS = regex.compile(r"\r\n|[\r\x0B\x0C]")
_FLAG_OR_HIDDEN = regex.compile(
    r"(\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F)"
    r"|[\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF\x01-\x08\x0E-\x1F\x7F-\x9F\U000E0000-\U000E007F]"
)


class NotText(ValueError):
    """This cannot be kept; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.code)


def clean_text(given: Any) -> tuple[str, bool]:
    """The text as it is kept (NFC, line ends as `\\n`), and whether something was taken out. Raises `NotText`."""
    if not isinstance(given, str):
        raise NotText(Reason("form_not_text"))
    if len(given) > LONGEST:
        raise NotText(Reason("form_text_too_long", {"most": LONGEST}))
    if "\x00" in given or _HALF.search(given):
        raise NotText(Reason("form_text_broken"))
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", given))
    kept = str(_FLAG_OR_HIDDEN.sub(lambda found: found[1] or "", text))
    return kept, kept != text


def clean(given: Any, *, many: bool) -> tuple[Typed, bool]:
    """The same for a place in which several ids may stand. Raises `NotText`."""
    if not many:
        return clean_text(given)
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or len(listed) > MOST_CHOSEN:
        raise NotText(Reason("form_not_text"))
    found = [clean_text(one) for one in listed]
    return tuple(dict.fromkeys(text for text, _ in found if text)), any(hidden for _, hidden in found)
