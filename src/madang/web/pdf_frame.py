"""The room in which a PDF is shown: a page of its own without an origin, from which nothing can be reached.

Pages that show a PDF hold it in a frame (`pdf/_view.html`) and hand it the bytes; see ADR 27. What somebody handed in
is read by a large program (pdf.js) in there: should a file ever take it over, it finds no cookie, no storage, no page
around it, and no way to send anything out.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from csp.decorators import csp, csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

View = TypeVar("View", bound=Callable[..., HttpResponse])

NOTHING: Final = "'none'"
OURS: Final = "'self'"  # of the address that the page came from; the page itself has no origin

POLICY: Final[dict[str, list[str]]] = {
    "sandbox": ["allow-scripts"],
    "default-src": [NOTHING],
    "script-src": [OURS],
    "worker-src": ["blob:"],  # an address of ours cannot become a worker of a page without origin; its import can
    "style-src": [OURS],
    "img-src": ["data:", "blob:"],
    "font-src": [OURS, "data:", "blob:"],
    "connect-src": [NOTHING],
    "form-action": [NOTHING],
    "base-uri": [NOTHING],
    "frame-ancestors": [OURS],
}


def holds_a_pdf(view: View) -> View:
    """This view's page may hold the frame; every other page of the site may hold none."""
    made: Any = csp_update({"frame-src": [OURS]})(cast(Any, view))
    return cast(View, made)


LARGEST: Final = 100 * 1024 * 1024
"""Bytes of the largest PDF that is shown; a browser would need several times as much memory. Larger ones are saved."""


@require_safe
@xframe_options_sameorigin
@csp(POLICY)
def frame(request: HttpRequest) -> HttpResponse:
    """The frame: the same for everybody, but for language and display mode. It holds nothing before it is given it."""
    words = {
        "page": gettext("Page {n} of {all}"),
        "pictures": gettext("This document is made of pictures. A screen reader finds no text in it."),
        "first": gettext("Only the first {n} pages are shown here."),
        "alone": gettext("Documents are shown here from within their own pages."),
    }
    answer = render(request, "pdf/frame.html", {"words": words})
    answer["Cache-Control"] = "private, no-cache"
    return answer
