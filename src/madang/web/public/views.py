"""The frame of the public site: home, preferences, style guide, and what is said when something goes wrong."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from madang.core.lifecycle.call import OPEN
from madang.kernel.clock import now
from madang.web.keeping import kept
from madang.web.local import local
from madang.web.preferences import remember
from madang.web.public.call_lists import front_page, latest_decisions_table, next_to_close
from madang.web.public.samples import specimens
from madang.web.unavailable import unavailable


@require_safe
@kept
def home(request: HttpRequest) -> HttpResponse:
    """The front page: open calls first, then the newest; the latest decisions; how anyone checks them."""
    hero = {
        "title": _("From the open call to a decision that anyone can run again"),
        "lead": _(
            "Open calls, their rules and their results: with a reason for every application, and the means to check it."
        ),
    }
    front = front_page()
    open_now = [view for view in front if view.state == OPEN]
    context = {
        "hero": hero,
        "next": next_to_close(front),
        "open": [view.card() for view in open_now],
        "calls": [view.card() for view in front if view.state != OPEN],
        "decided": latest_decisions_table(),
    }
    return render(request, "public/home.html", context)


@require_safe
def clock(request: HttpRequest) -> JsonResponse:
    """What time it is here, in milliseconds of Unix time: pages count down by it, not by the reader's own clock."""
    return JsonResponse({"now": round(now().timestamp() * 1000)}, headers={"Cache-Control": "no-store"})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and display mode: a page with both (GET), and the one place that keeps a choice (POST).

    POST takes `language` (ko, en), `mode` (light, high-contrast, theme) and `next`, a local address to go back to.
    Its forms stand on every page and carry no token, so that pages can be kept for many readers; a POST from another
    site is refused by where the browser says that it comes from.
    """
    if request.method != "POST":
        return render(request, "public/preferences.html")
    if not _from_here(request):
        return csrf_failure(request)
    response = HttpResponseRedirect(local(request, request.POST.get("next", "")), status=303)
    remember(response, language=request.POST.get("language"), mode=request.POST.get("mode"))
    return response


@require_safe
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every component, in both modes, from the same partial templates that pages use."""
    return render(request, "public/style_guide.html", {"specimens": specimens()})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request could not be read."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: not for this reader."""
    return render(request, "errors/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old: says how to send it again."""
    return render(request, "errors/403.html", {"form_expired": True}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing at this address."""
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. 503 where the database or the disk cannot be had now: that page asks nothing of either."""
    return unavailable(request) or render(request, "errors/500.html", status=500)


def _from_here(request: HttpRequest) -> bool:
    """Whether a POST comes from a page of this site. Every browser since 2020 says so by one header or the other."""
    if site := request.headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"
