"""Saved alerts for new calls: keep one from the list, change or end one, end one by the link of a mail."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from madang.apps.accounts.commands import actor_of
from madang.apps.calls import rules
from madang.apps.calls.commands import edit_alert, end_alert, save_alert
from madang.apps.calls.models import Alert
from madang.apps.calls.queries import FILTERS, alerts_of
from madang.kernel.actors import SYSTEM
from madang.kernel.commands import Refused
from madang.kernel.permissions import visible_to
from madang.kernel.tokens import token_hash
from madang.web.public.call_view import Context, reader
from madang.web.public.calls import Asked
from madang.web.public.mail_stop import left
from madang.words import say


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """My alerts. POST keeps one, with the filters of the list (`q`, `programme`, ...) and `every_days`."""
    if request.method == "POST":
        filters = {name: request.POST.get(name, "") for name in FILTERS}
        person: Any = request.user
        try:
            save_alert(actor=actor_of(person), person=person, filters=filters, every_days=_days(request))
        except Refused as refused:
            return _page(request, refused, status=422)
        messages.success(request, gettext("The alert is saved. You are told by mail when a new call fits."))
        return HttpResponseRedirect(reverse("public:alerts"), status=303)
    asked = Asked.of(request)
    return _page(request, offered=asked.filters() if "offer" in request.GET else None)


def _page(
    request: HttpRequest, refused: Refused | None = None, *, offered: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    language = reader().language
    person: Any = request.user
    context = {
        "section": "me",
        "alerts": [shown(alert) for alert in alerts_of(person)],
        "offered": None if offered is None else {"words": words_of(offered), "filters": dict(offered).items()},
        "reasons": [say(reason, language) for reason in refused.reasons] if refused else [],
        "rhythms": rhythms(),
        "left": left("alerts", person),
        "crumbs": [{"text": gettext("My alerts")}],
    }
    return render(request, "public/alerts.html", context, status=status)


@require_POST
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """Change how often an alert tells (`every_days`), or end it (`end`)."""
    alert = get_object_or_404(visible_to(request.user, rules.EDIT_ALERT, Alert.objects.all()), uid=uid)
    person: Any = request.user
    try:
        if "end" in request.POST:
            end_alert(actor=actor_of(person), alert=alert)
            messages.success(request, gettext("The alert has ended."))
        else:
            edit_alert(actor=actor_of(person), alert=alert, every_days=_days(request))
            messages.success(request, gettext("The change is saved."))
    except Refused as refused:
        return _page(request, refused, status=422)
    return HttpResponseRedirect(reverse("public:alerts"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """End an alert by the link of its mails, without signing in: GET asks (mail programs open links), POST ends."""
    alert = Alert.objects.filter(token_sha256=token_hash(token)).first()
    if alert is None:
        raise Http404("no such alert")
    if request.method == "POST":
        end_alert(actor=SYSTEM, alert=alert, token=token)
        return HttpResponseRedirect(request.path, status=303)
    context = {"alert": shown(alert), "ended": alert.ended_at is not None, "crumbs": [{"text": gettext("Alert")}]}
    answer = render(request, "public/alert_end.html", context)
    answer["Referrer-Policy"] = (
        "strict-origin"  # the name of this site at most; under `no-referrer` its own form is refused
    )
    return answer


def _days(request: HttpRequest) -> int:
    given = request.POST.get("every_days", "1")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0


def rhythms() -> list[tuple[int, str]]:
    return [(1, gettext("At most one mail a day")), (7, gettext("At most one mail a week"))]


def words_of(filters: Mapping[str, str]) -> list[str]:
    """What an alert looks for, in words; one entry for each filter."""
    known = {name: value for name, value in filters.items() if name in FILTERS}
    return [chip["text"] for chip in Asked(**known).chips()]


def shown(alert: Alert) -> Context:
    """An alert for `_alert.html`."""
    return {
        "uid": alert.uid,
        "words": words_of(alert.filters),
        "every_days": alert.every_days,
        "since": reader().day(alert.created_at.date().isoformat()),
        "calls": Asked(**{name: value for name, value in alert.filters.items() if name in FILTERS}).address(),
    }
