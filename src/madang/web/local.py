"""Addresses to go back to: only those of this very site are followed."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def local(request: HttpRequest, target: str, otherwise: str = "/") -> str:
    """The address, if it is one on this site; else `otherwise`."""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") and target.isprintable() else otherwise


def asked_next(request: HttpRequest, otherwise: str) -> str:
    """Where the page's address says that its reader wants to go on (`?next=`), if that is on this site."""
    return local(request, request.GET.get("next", ""), otherwise)


def forward(request: HttpRequest) -> str:
    """`?next=...` for links of a page that was reached with one, so that it is not lost on the way; else empty."""
    target = asked_next(request, "")
    return f"?{urlencode({'next': target})}" if target else ""
