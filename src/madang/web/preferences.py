"""A reader's preferences: language and display mode, kept in cookies and nowhere else."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

MODE_COOKIE: Final = "madang-mode"
MODES: Final = ("light", "high-contrast", "theme")  # KRDS's own names; "theme" follows the device


def mode_of(request: HttpRequest) -> str:
    """The display mode of this request; light unless a known one was chosen."""
    chosen = request.COOKIES.get(MODE_COOKIE, "")
    return chosen if chosen in MODES else MODES[0]


def remember(response: HttpResponse, *, language: str | None = None, mode: str | None = None) -> None:
    """Write what was chosen into cookies; unknown values are ignored, so that no form can write anything else."""
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, str(language))
    if mode in MODES:
        _keep(response, MODE_COOKIE, str(mode))


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=settings.LANGUAGE_COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.HTTPS
    )
