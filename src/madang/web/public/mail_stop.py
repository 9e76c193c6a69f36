"""Leave a list of mails by the link of one of them (RFC 8058), without signing in; and come back to it.

GET asks, because mail programs and virus scanners open links. POST leaves: by the button of the page, or sent by a
mail program by itself (`List-Unsubscribe=One-Click`), which has no cookie and follows no redirect.
"""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from madang.apps.outbox.commands import leave_list
from madang.kernel.actors import SYSTEM
from madang.kernel.mail import stop_address, stopped, stopping

LISTS: Final = {
    "alerts": gettext_lazy("Alerts for new calls"),
    "reminders": gettext_lazy("Reminders of applications that are not filed yet"),
}


@csrf_exempt  # whoever holds the address may do this, and nothing else rests on it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The list that a mail's link names. POST leaves it; with `again` it is joined again."""
    named = stopping(token)
    if named is None or named[0] not in LISTS:
        raise Http404("no address of ours")
    if request.method == "POST":
        leave_list(actor=SYSTEM, token=token, leave="again" not in request.POST)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(gettext("You get no more mails of this kind.") + "\n", content_type="text/plain")
        return HttpResponseRedirect(request.path, status=303)
    context = {
        "list": LISTS[named[0]],
        "left": stopped(*named),
        "crumbs": [{"text": gettext("Mails to you")}],
    }
    answer = render(request, "public/mail_stop.html", context)
    answer["Referrer-Policy"] = (
        "strict-origin"  # the name of this site at most; under `no-referrer` its own form is refused
    )
    return answer


def left(name: str, person: Any) -> str:
    """The address at which this person comes back to a list that was left; blank where it was not."""
    return stop_address(name, person.uid) if stopped(name, person.uid) else ""
