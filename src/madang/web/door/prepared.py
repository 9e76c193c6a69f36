"""The door's answers, made once at the start from a template, in every language, with the headers of every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from madang.web.door.asgi import Headers
from madang.web.door.pages import AFTER, AHEAD, ANSWERS, MODE, MOST, SECONDS, Pages, Prepared
from madang.web.keeping import speaks
from madang.web.middleware import PermissionsPolicy

LAYERS: Final = (XFrameOptionsMiddleware, PermissionsPolicy, CSPMiddleware, SecurityMiddleware)
"""The middlewares of the site that only add headers, from inside outwards."""

AGAIN: Final = {"busy": "link", "busy-form": "back", "many": "back", "slow": "back", "large": "back"}
"""The way on: ask again by a link, by the browser's Back button, or (all others) from the front page."""
SEEN_FROM_AFAR: Final = {"busy": AHEAD, "busy-form": ""}
"""Instead of the status: how many come first, which is what a waiting reader wants to know."""


def prepared() -> Pages:
    """All answers. Needs the list of the browser's files (`collectstatic`), as every page does."""
    texts = {}
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            for name, status in ANSWERS.items():
                heading, explanation, points = _words(name)
                context = {
                    "code": SEEN_FROM_AFAR.get(name, status),
                    "heading": heading,
                    "explanation": explanation,
                    "points": points,
                    "again": AGAIN.get(name, "home"),
                    "mode": MODE,
                    "after": AFTER,
                    "operator_is_government": settings.OPERATOR_IS_GOVERNMENT,
                }
                html = render_to_string("door/answer.html", context)
                texts[name, language] = Prepared(html, f"{heading}. {explanation}")
    return Pages(texts, _headers(), speaks)


def _headers() -> Headers:
    """What the site's own middlewares would add to a page."""
    request, answer = HttpRequest(), lambda _request: HttpResponse()
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    layered: Callable[[HttpRequest], HttpResponse] = answer
    for layer in LAYERS:
        layered = layer(layered)
    response = layered(request)
    del response["Content-Type"]
    return [(name.lower().encode(), value.encode()) for name, value in response.items()]


def _words(name: str) -> tuple[str, str, list[str]]:
    """Heading, explanation, and what a reader can rely on."""
    safe = gettext("What you have saved is safe.")
    counts = gettext("An application that was already sent counts by the moment at which it arrived here.")
    order = gettext("Whoever presses “File” at this moment goes before all others.")
    back = gettext("Please go back with your browser: what you typed still stands there.")
    if name == "busy":
        heading = gettext("Very many people are here just now")
        said = gettext("Requests before yours: %(ahead)s. This page asks again by itself in %(after)s seconds.")
        return heading, said % {"ahead": AHEAD, "after": AFTER}, [safe, counts, order]
    if name == "busy-form":
        heading = gettext("Very many people are here just now")
        said = gettext("What you have just sent was not taken yet. Please send it again in %(after)s seconds.")
        return heading, said % {"after": AFTER}, [back, safe, counts]
    if name == "many":
        heading = gettext("Too much at once")
        said = gettext("More came from your account than anybody can type. This was not taken; please wait a moment.")
        return heading, said, [safe]
    if name == "large":
        said = gettext("At most %(most)s can be sent to this address. Nothing of it was kept.")
        return gettext("This is too large"), said % {"most": MOST}, [back, safe]
    if name == "slow":
        heading = gettext("This took too long to arrive")
        said = gettext("It was not here whole after %(seconds)s seconds, or the line stood still. It was not taken.")
        return heading, said % {"seconds": SECONDS}, [back, safe]
    if name == "address":
        return gettext("This address is too long"), gettext("Please follow a link of the site instead."), []
    if name == "headers":
        said = gettext("Your browser sends more about itself than can be read. Please delete the cookies of this site.")
        return gettext("This request could not be read"), said, []
    said = gettext("How long it is was not said, or not rightly. Nothing of it was kept. Please send it again.")
    return gettext("This request could not be read"), said, []
