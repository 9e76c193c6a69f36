"""What the site tells the keeper of pages (`web/keeper.py`), and how a view opts in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers

from madang.web.keeper import Reader, Site
from madang.web.preferences import MODE_COOKIE, MODES

View = Callable[..., HttpResponse]
MESSAGES_COOKIE: Final = "messages"  # Django's own: what the last action answered, shown once to one reader


def kept(view: View) -> View:
    """This page may be kept for a second: without a session it is the same for all readers of a language and mode.

    It must show nothing of a person and hold no token. With it come ETag, 304, and the headers that the kept page and
    the page made for one reader share.
    """

    @wraps(view)
    def made(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        response = view(request, *given, **named)
        if response.status_code != 200 or response.streaming:
            return response
        # Weak: the same for the page as it is and for the page in gzip.
        response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ("Cookie", "Accept-Language", "Accept-Encoding"))
        return get_conditional_response(request, etag=response["ETag"], response=response)

    made.kept = True  # type: ignore[attr-defined]  # functions carry it; mypy knows no such attribute
    return made


def keeps(path: str) -> bool:
    """Whether the view at this path opted in."""
    try:
        return bool(getattr(resolve(path).func, "kept", False))
    except Resolver404:
        return False


def reads(header: str, languages: str) -> Reader | None:
    """The language and mode that Django would choose; nothing where somebody is (or may be) signed in."""
    cookies = parse_cookie(header) if header else {}
    if settings.SESSION_COOKIE_NAME in cookies or MESSAGES_COOKIE in cookies:
        return None
    return _reader(cookies, languages)


def speaks(header: str, languages: str, own: str) -> tuple[str, str]:
    """Language and mode of any reader, for the door's own answers; `own` is the language of whoever is signed in."""
    cookies = parse_cookie(header) if header else {}
    reader = _reader(cookies, languages)
    is_own = settings.LANGUAGE_COOKIE_NAME not in cookies and own in dict(settings.LANGUAGES)
    return own if is_own else reader.language, reader.mode


def _reader(cookies: dict[str, str], languages: str) -> Reader:
    mode = cookies.get(MODE_COOKIE, "")
    chosen = cookies.get(settings.LANGUAGE_COOKIE_NAME, "")
    return Reader(_language(chosen[:32], languages[:512]), mode if mode in MODES else MODES[0])


@lru_cache(maxsize=512)
def _language(chosen: str, languages: str) -> str:
    """By Django's own rule: the cookie, else what the browser asks for, else the house's language."""
    asking: Any = SimpleNamespace(
        COOKIES={settings.LANGUAGE_COOKIE_NAME: chosen} if chosen else {}, META={"HTTP_ACCEPT_LANGUAGE": languages}
    )
    return translation.get_language_from_request(asking)


SITE: Final = Site(keeps=keeps, reads=reads)
