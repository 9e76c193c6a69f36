"""The sample installation: sign in as one of its invented people, and read the mail that it sent.

Only where MADANG_DEMO is on; everywhere else these addresses do not exist. Nobody but sample people can be entered.
"""

import datetime as dt
import email
import email.policy
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.enums import ROLE_NAMES, Role
from madang.apps.accounts.models import Person, is_person
from madang.apps.accounts.queries import sample_people
from madang.kernel.mail.message import unflowed

MOST_MAILS: Final = 50

View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    """404 without MADANG_DEMO, and never kept by anybody."""

    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404("not a demo")
        return view(request, *args, **kwargs)

    return shown


@demo_only
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """The sample people with their roles. POST `person`: the uid of the one to sign in as."""
    if request.method == "POST":
        person = get_object_or_404(sample_people(), uid=request.POST.get("person", "").replace("\0", ""))
        if is_person(request.user):
            logout(request, show_message=False)
        record_authentication(request, person, method="demo")
        return perform_login(request, Login(user=person, email=person.email, email_verification="none"))
    listed = [{"person": person, "roles": _roles(person)} for person in sample_people().prefetch_related("grants")]
    return render(request, "account/demo_people.html", {"section": "me", "people": listed})


def _roles(person: Person) -> list[str]:
    return [str(ROLE_NAMES[Role(grant.role)]) for grant in person.grants.all() if grant.ended_at is None]


@demo_only
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The last mails that this installation wrote into its folder instead of sending them."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", "") or settings.DATA / "mail")
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:MOST_MAILS]
    mails = [one for path in files for one in _read(path)][:MOST_MAILS]
    return render(request, "account/demo_mail.html", {"section": "me", "mails": mails})


def _read(path: Path) -> list[dict[str, Any]]:
    """The mails of one file as Django's file backend wrote them, the last one first; a line of dashes follows each."""
    when = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    found = []
    for raw in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
        if raw.strip():
            told = email.message_from_bytes(raw, policy=email.policy.default)
            text = unflowed(str(told.get_content())).rstrip()
            found.append({"subject": told["subject"], "to": told["to"], "text": text, "when": when})
    return found[::-1]
