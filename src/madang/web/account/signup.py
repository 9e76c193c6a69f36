"""A new account: what is asked, then the code, and only then a person is registered.

Whoever has an account already gets a mail that says so, with a code that signs them in: on the screen, in the database
and in the time that it takes both look the same until the code has come back.
"""

from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import register_person
from madang.apps.accounts.models import is_person
from madang.apps.accounts.queries import by_email
from madang.kernel.actors import SYSTEM
from madang.web.account import codes
from madang.web.account.forms import Code, SignUp, zones

PURPOSE = "signup"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    """What an account needs. POST: the code goes out, to whoever has the address."""
    if is_person(request.user):
        return HttpResponseRedirect(get_next_redirect_url(request) or reverse("account:home"))
    language = get_language() or settings.LANGUAGE_CODE
    if request.method != "POST":
        form = SignUp(initial={"language": language, "email": request.GET.get("email", "")[:254]})
        return render(request, "account/signup.html", _context(request, form))
    form = SignUp(request.POST)
    if not form.is_valid():
        return render(request, "account/signup.html", _context(request, form), status=422)
    given = form.kept()
    if not _within_limits(request, given["email"]):
        return ratelimit.respond_429(request)
    template = "address_exists" if by_email(given["email"]) else "sign_up_code"
    codes.send(request, PURPOSE, template=template, email=given["email"], given=given)
    return HttpResponseRedirect(_passing_on(request, reverse("account:signup-code")), status=303)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The code from the mail. Right: the account is there, and its owner signed in."""
    found = codes.waiting(request, PURPOSE)
    if found is None:
        return HttpResponseRedirect(_passing_on(request, reverse("account_signup")), status=303)
    if request.method != "POST":
        return render(request, "account/signup_code.html", _context(request, Code()) | {"email": found.email})
    form = Code(request.POST)
    if form.is_valid() and codes.fits(request, PURPOSE, form.cleaned_data["code"]):
        return _enter(request, found)
    if codes.waiting(request, PURPOSE) is None:
        messages.error(request, gettext("Too many attempts. Please wait some minutes and start again."))
        return HttpResponseRedirect(_passing_on(request, reverse("account_signup")), status=303)
    if form.is_valid():
        form.add_error("code", gettext("This is not the code. Compare it with the newest mail."))
    context = _context(request, form) | {"email": found.email}
    return render(request, "account/signup_code.html", context, status=422)


@require_safe
def to_the_door(request: HttpRequest) -> HttpResponse:
    """allauth's own page for asking a code: the sign-in page is the one door."""
    return HttpResponseRedirect(_passing_on(request, reverse("account_login")), status=303)


def _enter(request: HttpRequest, found: codes.Waiting) -> HttpResponse:
    """Register, where nobody has registered the address meanwhile; then sign in as after any code."""
    given = found.given
    person = register_person(
        actor=SYSTEM,
        email=found.email,
        name=given["name"],
        language=given["language"],
        zone=given["zone"],
        consents=given["consents"],
        password_hash=given["password_hash"],
        verified=True,
    )
    verify_email_indirectly(request, person, found.email)
    record_authentication(request, person, method="code", email=found.email)
    login = Login(user=person, email=found.email, redirect_url=get_next_redirect_url(request))
    return perform_login(request, login)


def _within_limits(request: HttpRequest, email: str) -> bool:
    return bool(
        ratelimit.consume(request, action="signup")
        and ratelimit.consume(request, action="request_login_code", key=email)
    )


def _passing_on(request: HttpRequest, address: str) -> str:
    """The address with the `next` that came with this request."""
    target = get_next_redirect_url(request)
    return f"{address}?{urlencode({'next': target})}" if target else address


def _context(request: HttpRequest, form: object) -> dict[str, object]:
    return {
        "form": form,
        "section": "me",
        "zones": zones(get_language() or settings.LANGUAGE_CODE),
        "next": get_next_redirect_url(request) or "",
        "login_url": _passing_on(request, reverse("account_login")),
        "action": _passing_on(request, request.path),
    }
