"""Why something was refused, in the reader's words."""

from django.utils.translation import get_language

from madang.kernel.commands import Refused
from madang.words import say


def told(refused: Refused) -> list[str]:
    """The sentences of a refusal."""
    return [say(reason, get_language() or "ko") for reason in refused.reasons]
