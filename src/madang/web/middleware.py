"""Headers that neither Django nor django-csp sets; and who it is that asks."""

import time
from collections.abc import Callable
from typing import Any, Final

from allauth.usersessions.internal.usersessionkit import track_activity
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from madang.apps.accounts.models import is_person
from madang.kernel.commands import Refused
from madang.web.door.asgi import KNOWN
from madang.web.reasons import told

# Nothing in Madang uses these; a page that is broken into should not either.
POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


class PermissionsPolicy:
    """Adds the Permissions-Policy header to every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", POLICY)
        return response


class Refusals:
    """What no view took care of: a command that refused because something changed between the page and the press (a
    right that was lost, an entry that was merged). Its reasons are said, with 409; never an error without words.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        return render(request, "errors/409.html", {"reasons": told(exception)}, status=409)


SEEN: Final = "seen_at"
SEEN_EVERY_S: Final = 300


class Person:
    """Who is there. Without a session cookie nobody is, and neither session nor database is asked: such pages can be
    kept for everybody. With one: the person's language, where no cookie says otherwise, and the list of sessions,
    written at most every five minutes, so that reading pages writes nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            request.user = AnonymousUser()
        elif is_person(request.user):
            self._speak(request)
            self._notice(request)
        response = self.get_response(request)
        self._tell(request)
        return response

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        """allauth answers 200 to a form with faults; here that is 422, as everywhere in this house."""
        if request.method == "POST" and response.status_code == 200:
            context = response.context_data or {}
            if any(getattr(context.get(name), "errors", None) for name in ("form", "verify_form", "webauthn_form")):
                response.status_code = 422
        return response

    def _tell(self, request: HttpRequest) -> None:
        """The door shall know whose session this is: the one that came, or the one that a sign-in has just begun."""
        scope = getattr(request, "scope", None)
        if scope is not None and is_person(request.user) and (session := request.session.session_key):
            scope[KNOWN] = session, request.user.uid, request.user.language

    def _speak(self, request: HttpRequest) -> None:
        language = request.user.language
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()

    def _notice(self, request: HttpRequest) -> None:
        if time.time() - request.session.get(SEEN, 0) > SEEN_EVERY_S:
            request.session[SEEN] = int(time.time())
            track_activity(request, user=request.user, session=request.session)
