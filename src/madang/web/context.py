"""What every page's frame needs, given to every template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from madang.web.preferences import mode_of

MODE_NAMES = {
    "light": _("Light"),
    "high-contrast": _("High contrast"),
    "theme": _("Follow the device"),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Display mode, the masthead setting, whether this is a demo, and the address that a preference form comes back to.

    `came_from` is the page itself, without its host; a view whose address answers POST only gives its own.
    """
    return {
        "mode": mode_of(request),
        "modes": MODE_NAMES.items(),
        "operator_is_government": settings.OPERATOR_IS_GOVERNMENT,
        "demo": settings.DEMO,
        "source_address": settings.SOURCE_ADDRESS,
        "came_from": request.get_full_path(),
    }
