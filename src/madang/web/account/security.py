"""How one signs in, and where one is signed in: password, passkeys, app and recovery codes; sessions."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.internal.flows.logout import logout
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter as sso
from allauth.socialaccount.internal.flows.connect import disconnect
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.web.account.views import frame, person_of

# What a device says of itself, the more particular first.
BROWSERS = (
    (r"Edg", "Edge"), (r"Whale/", "Whale"), (r"SamsungBrowser", "Samsung Internet"), (r"OPR/", "Opera"),
    (r"Firefox|FxiOS", "Firefox"), (r"Chrome|CriOS", "Chrome"), (r"Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    (r"iPhone|iPad", "iOS"), (r"Android", "Android"), (r"Windows", "Windows"), (r"Mac OS X", "macOS"),
    (r"CrOS", "ChromeOS"), (r"Linux", "Linux"),
)  # fmt: skip


@never_cache
@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Every way to sign in that this account has, and what can be added."""
    person = person_of(request)
    zone = ZoneInfo(person.zone)
    found = list(Authenticator.objects.filter(user=person).order_by("created_at"))
    kinds = {one.type: one for one in found}
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "person": person,
        "has_password": person.has_usable_password(),
        "passkeys": [
            {
                "pk": one.pk,
                "name": one.wrap().name or gettext("Passkey"),
                "since": f"{one.created_at.astimezone(zone):%Y-%m-%d}",
                "used": f"{one.last_used_at.astimezone(zone):%Y-%m-%d}" if one.last_used_at else "",
            }
            for one in found
            if one.type == Authenticator.Type.WEBAUTHN
        ],
        "has_app": Authenticator.Type.TOTP in kinds,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "issuers": _issuers(request),
    }
    return render(request, "account/security.html", frame("security", **context))


def _issuers(request: HttpRequest) -> list[dict[str, Any]]:
    """The single sign-on of this installation, and whether this account is connected to it."""
    connected = {one.provider: one for one in SocialAccount.objects.filter(user=person_of(request))}
    return [
        {
            "name": provider.name,
            "account": connected.get(provider.app.provider_id if provider.app else provider.id),
            "url": provider.get_login_url(request, process="connect", next=reverse("account:security")),
        }
        for provider in sso().list_providers(request)
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in. POST `session`: the number of the one to end, or `others` for all but this one."""
    person = person_of(request)
    rows = UserSession.objects.purge_and_list(person)
    if request.method == "POST":
        return _end(request, rows, request.POST.get("session", ""))
    zone = ZoneInfo(person.zone)
    listed = [
        {
            "pk": one.pk,
            "device": device(one.user_agent),
            "ip": one.ip,
            "since": f"{one.created_at.astimezone(zone):%Y-%m-%d %H:%M}",
            "seen": f"{one.last_seen_at.astimezone(zone):%Y-%m-%d %H:%M}",
            "is_current": one.is_current(),
        }
        for one in sorted(rows, key=lambda one: (not one.is_current(), -one.last_seen_at.timestamp()))
    ]
    return render(request, "account/sessions.html", frame("sessions", sessions=listed, zone=person.zone))


def _end(request: HttpRequest, rows: list[UserSession], asked: str) -> HttpResponse:
    ending = [one for one in rows if (not one.is_current() if asked == "others" else str(one.pk) == asked)]
    if not ending and asked != "others":
        raise Http404("no such session of this person")
    is_own = any(one.is_current() for one in ending)
    end_sessions(request, ending)
    if is_own:
        logout(request)
        return HttpResponseRedirect(reverse("public:home"), status=303)
    messages.success(request, gettext("Ended. Whoever used it must sign in again."))
    return HttpResponseRedirect(reverse("account:sessions"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def connections(request: HttpRequest) -> HttpResponse:
    """Single sign-on: shown on the overview. POST `account`: the number of the connection to end."""
    if request.method == "POST":
        mine = {str(one.pk): one for one in SocialAccount.objects.filter(user=person_of(request))}
        found = mine.get(request.POST.get("account", ""))
        if found is None:
            raise Http404("no such connection of this person")
        disconnect(request, found)  # also the last one: a code to the address always signs in
    return HttpResponseRedirect(reverse("account:security"), status=303)


def device(agent: str) -> str:
    """`Chrome, Windows`, as far as the browser says so."""
    parts = [next((name for pattern, name in known if re.search(pattern, agent)), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(part for part in parts if part) or gettext("Unknown device")
