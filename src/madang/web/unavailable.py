"""What is said while the database does not answer, is locked for too long, or has no room: 503, and when to come again.

The page is made of nothing that may fail with it: no session, no person, no query. It says it in both languages, the
reader's first, because who the reader is cannot be asked.
"""

import errno
import sys
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.web.preferences import mode_of

RETRY_AFTER_S: Final = 10
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT}
_SQLITE: Final = {5, 6, 8, 10, 11, 13, 14, 26}
"""Busy, locked, read-only, I/O error, corrupt, full, cannot be opened, no database; not: a statement with a fault."""


def is_unavailable(error: BaseException | None) -> bool:
    """Whether this error, or one that led to it, says that the database or the disk cannot be had now."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return True
        if isinstance(error, OperationalError | InterfaceError):
            code = getattr(error.__cause__, "sqlite_errorcode", None)
            return code is None or code & 0xFF in _SQLITE
        error = error.__cause__ or error.__context__
    return False


def unavailable(request: HttpRequest) -> HttpResponse | None:
    """The answer, where the error that is being handled is one of these; else nothing."""
    if not is_unavailable(sys.exc_info()[1]):
        return None
    if request.accepts("text/html"):
        first = "ko" if get_language() == "ko" else "en"
        context = {"languages": (first, "en" if first == "ko" else "ko"), "mode": mode_of(request)}
        answer = HttpResponse(render_to_string("errors/unavailable.html", context), status=503)
    else:
        text = _(
            "Madang cannot reach its data at the moment. What you sent was not confirmed. Please send it again soon."
        )
        answer = JsonResponse({"reasons": [text]}, status=503)
    answer["Retry-After"], answer["Cache-Control"] = str(RETRY_AFTER_S), "no-store"
    return answer
