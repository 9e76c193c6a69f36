"""One's own pages: what waits, particulars, consents with their history, leaving."""

import time
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.logout import logout
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of, change_address, close_account, edit_person, set_consents
from madang.apps.accounts.enums import CONSENT_NAMES, ROLE_NAMES, ConsentKind, Role
from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import by_email, consents_of
from madang.apps.calls.queries import languages
from madang.kernel.commands import Refused
from madang.kernel.mail import coming_back
from madang.web.account import codes
from madang.web.account.forms import Address, Code, Particulars, zones
from madang.web.account.waiting import cards
from madang.web.reasons import told

PAGES = (
    ("home", _("Overview")),
    ("particulars", _("My particulars")),
    ("security", _("Signing in and security")),
    ("sessions", _("Devices and sessions")),
    ("consents", _("Consents")),
)
PURPOSE = "address"


def person_of(request: HttpRequest) -> Person:
    """Who is signed in; the view has made sure that somebody is."""
    person = request.user
    assert isinstance(person, Person)
    return person


def frame(page: str, **more: Any) -> dict[str, Any]:
    """What the frame of one's own pages needs: where one is, and the other pages."""
    return {
        "section": "me",
        "page": page,
        "pages": [(reverse(f"account:{name}"), text, name) for name, text in PAGES],
    } | more


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What is mine and what waits for me."""
    roles = [ROLE_NAMES[Role(grant.role)] for grant in person_of(request).held]
    back = bool(coming_back([person_of(request).email]))
    return render(request, "account/home.html", frame("home", cards=cards(request), roles=roles, comes_back=back))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def particulars(request: HttpRequest) -> HttpResponse:
    """Name, language (one that a call is written in may be chosen for mails) and time zone."""
    person, more = person_of(request), languages()
    if request.method != "POST":
        given = {"name": person.name, "language": person.language, "zone": person.zone}
        return _particulars(request, Particulars(initial=given, more_languages=more))
    form = Particulars(request.POST, more_languages=more)
    if form.is_valid():
        try:
            edit_person(actor=actor_of(person), person=person, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, told(refused))
        else:
            messages.success(request, gettext("Your particulars are saved."))
            return HttpResponseRedirect(reverse("account:particulars"), status=303)
    return _particulars(request, form, status=422)


def _particulars(request: HttpRequest, form: Particulars, status: int = 200) -> HttpResponse:
    context = frame("particulars", form=form, zones=zones(get_language() or settings.LANGUAGE_CODE))
    return render(request, "account/particulars.html", context, status=status)


def signed_in_long_ago(request: HttpRequest) -> bool:
    """Whether the last proof of who it is lies back: whoever got hold of a session shall not get the account."""
    proofs = get_authentication_records(request, person_of(request))
    return not any(time.time() - proof["at"] < app_settings.REAUTHENTICATION_TIMEOUT for proof in proofs)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required(allow_get=True, enabled=signed_in_long_ago)
def address(request: HttpRequest) -> HttpResponse:
    """Another e-mail address. POST, confirmed lately: a code goes there; whose address it is by now is not said."""
    form = Address(request.POST or None)
    if request.method != "POST":
        return render(request, "account/address.html", frame("particulars", form=form))
    if form.is_valid() and form.cleaned_data["email"] == person_of(request).email:
        form.add_error("email", gettext("This is your address already."))
    if not form.is_valid():
        return render(request, "account/address.html", frame("particulars", form=form), status=422)
    email = form.cleaned_data["email"]
    if not (
        ratelimit.consume(request, action="manage_email")
        and ratelimit.consume(request, action="request_login_code", key=email)
    ):
        return ratelimit.respond_429(request)
    template = "address_in_use" if by_email(email) else "address_code"
    codes.send(request, PURPOSE, template=template, email=email, given={})
    return HttpResponseRedirect(reverse("account:address-code"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def address_code(request: HttpRequest) -> HttpResponse:
    """The code that went to the new address. Right: it is the person's address from now on."""
    found = codes.waiting(request, PURPOSE)
    if found is None:
        return HttpResponseRedirect(reverse("account:address"), status=303)
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if codes.fits(request, PURPOSE, form.cleaned_data["code"]):
            return _changed(request, found.email)
        form.add_error("code", gettext("This is not the code. Compare it with the newest mail."))
        if codes.waiting(request, PURPOSE) is None:
            messages.error(request, gettext("Too many attempts. Please wait some minutes and start again."))
            return HttpResponseRedirect(reverse("account:address"), status=303)
    context = frame("particulars", form=form, email=found.email)
    return render(request, "account/address_code.html", context, status=422 if request.method == "POST" else 200)


def _changed(request: HttpRequest, email: str) -> HttpResponse:
    person = person_of(request)
    try:
        change_address(actor=actor_of(person), person=person, email=email)
    except Refused as refused:
        messages.error(request, " ".join(told(refused)))
        return HttpResponseRedirect(reverse("account:address"), status=303)
    messages.success(request, gettext("Your address is changed. From now on you sign in with the new one."))
    return HttpResponseRedirect(reverse("account:particulars"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """What was consented to, every act of it; news can be taken back here, terms and privacy by leaving."""
    person = person_of(request)
    if request.method == "POST":
        versions = settings.CONSENT_VERSIONS
        given = {ConsentKind.NEWS.value: (versions["news"], request.POST.get("news") == "yes")}
        given |= {kind: (versions[kind], True) for kind in ("terms", "privacy") if request.POST.get(kind) == "yes"}
        set_consents(actor=actor_of(person), person=person, given=given)
        messages.success(request, gettext("Your consents are saved."))
        return HttpResponseRedirect(reverse("account:consents"), status=303)
    standing = consents_of(person)
    zone = ZoneInfo(person.zone)
    history = [
        {
            "when": f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
            "datetime": one.at.isoformat(timespec="seconds"),
            "title": CONSENT_NAMES[ConsentKind(one.kind)],
            "text": (gettext("given, version %(version)s") if one.given else gettext("taken back, version %(version)s"))
            % {"version": one.version},
        }
        for one in person.consents.order_by("-id")
    ]
    kinds = [
        {
            "kind": kind.value,
            "name": CONSENT_NAMES[kind],
            "given": standing.get(kind.value, ("", False))[1],
            "version": settings.CONSENT_VERSIONS[kind.value],
            "is_newest": standing.get(kind.value) == (settings.CONSENT_VERSIONS[kind.value], True),
        }
        for kind in ConsentKind
    ]
    return render(request, "account/consents.html", frame("consents", kinds=kinds, history=history))


@require_safe
def text(request: HttpRequest, kind: str) -> HttpResponse:
    """What one consents to, for everybody: `terms` or `privacy`."""
    if kind not in ("terms", "privacy"):
        raise Http404("no such text")
    context = {"kind": kind, "name": CONSENT_NAMES[ConsentKind(kind)], "version": settings.CONSENT_VERSIONS[kind]}
    return render(request, "account/text.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def leave(request: HttpRequest) -> HttpResponse:
    """Close one's account: what ends and what is kept, then the confirmation by typing one's own address."""
    person, problem = person_of(request), ""
    if request.method == "POST":
        if request.POST.get("email", "").strip().lower() != person.email:
            problem = gettext("This is not the address of your account.")
        else:
            try:
                close_account(actor=actor_of(person), person=person)
            except Refused as refused:
                problem = " ".join(told(refused))
            else:
                logout(request)
                messages.success(request, gettext("Your account is closed. You have signed out."))
                return HttpResponseRedirect(reverse("public:home"), status=303)
    context = frame("particulars", problem=problem, roles=[ROLE_NAMES[Role(grant.role)] for grant in person.held])
    return render(request, "account/leave.html", context, status=422 if problem else 200)
