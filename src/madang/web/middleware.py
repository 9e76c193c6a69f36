"""Headers that neither Django nor django-csp sets; and who it is that asks."""

import errno
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from allauth.usersessions.internal.usersessionkit import track_activity
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from madang.apps.accounts.models import is_person
from madang.core.reasons import Reason
from madang.kernel import files
from madang.kernel.clock import unix
from madang.kernel.commands import Refused
from madang.web.door.asgi import KNOWN
from madang.web.reasons import told

log = logging.getLogger(__name__)

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
    right that was lost, an entry that was merged). Its reasons are said, with 409; never an error without words. With
    503 a file store that is gone, and a full disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return render(request, "errors/409.html", {"reasons": told(exception)}, status=409)
        if reason := _for_now(exception, reading=request.method in ("GET", "HEAD")):
            log.error("%s %s: %s: %s", request.method, request.path, type(exception).__name__, exception)
            _let_go(request)
            return _not_now(request, told(Refused([reason])))
        return None


def _for_now(exception: Exception, *, reading: bool) -> Reason | None:
    """What is wrong for now, and not with what was asked: the file store, or a disk that is full (of uploads too)."""
    if isinstance(exception, files.StoreGone):
        return Reason("file_not_fetched" if reading else "file_store_gone")
    full = isinstance(exception, OSError) and exception.errno in (errno.ENOSPC, errno.EDQUOT)
    return Reason("disk_full") if full or isinstance(exception, files.DiskFull) else None


def _let_go(request: HttpRequest) -> None:
    """What Django put aside of an upload; it would lie there, on a full disk, until somebody forgets the exception."""
    for handler in request.upload_handlers:
        with suppress(OSError):
            handler.upload_interrupted()


def _not_now(request: HttpRequest, reasons: list[str]) -> HttpResponse:
    if request.accepts("text/html"):
        answer = render(request, "errors/503.html", {"reasons": reasons}, status=503)
    else:
        answer = JsonResponse({"reasons": reasons}, status=503)
    answer["Retry-After"], answer["Cache-Control"] = "30", "no-store"
    return answer


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
        if unix() - request.session.get(SEEN, 0) > SEEN_EVERY_S:
            request.session[SEEN] = int(unix())
            track_activity(request, user=request.user, session=request.session)
