"""Where allauth meets this house: people are registered and changed by our commands, mail goes through the outbox,
secrets of authenticators are enciphered, and every word is ours, in both languages.
"""

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.signals import email_confirmed
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.commands import actor_of, forget_sign_ons, register_person, set_password
from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import by_email
from madang.kernel.actors import SYSTEM
from madang.kernel.cipher import CODES, seal, unseal
from madang.kernel.mail import post

MINUTES: Final = 15
"""How long a code is good (settings: 15 * 60 seconds)."""

CODE_MAILS: Final = {
    "account/email/login_code": "sign_in_code",
    "account/email/unknown_account": "unknown_address",
    "account/email/account_already_exists": "address_in_use",
    "account/email/email_confirmation_signup": "address_code",
    "account/email/email_confirmation": "address_code",
    "account/email/password_reset_code": "password_code",
}
"""allauth's mails that answer somebody who waits for a code. All are secret alike, whatever they hold."""

NOTICES: Final = {
    "account/email/password_changed": "password_set",
    "account/email/password_set": "password_set",
    "account/email/password_reset": "password_set",
    "mfa/email/totp_activated": "totp_on",
    "mfa/email/totp_deactivated": "totp_off",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/webauthn_removed": "passkey_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes",
    "socialaccount/email/account_connected": "sso_connected",
    "socialaccount/email/account_disconnected": "sso_disconnected",
}
"""allauth's notices, by what happened to the account; one template says them all."""

TOLD: Final = {
    "account/messages/password_set.txt": _("Your password is set. Your other sessions have ended."),
    "account/messages/password_changed.txt": _("Your password is changed. Your other sessions have ended."),
    "account/messages/logged_out.txt": _("You have signed out."),
    "mfa/messages/totp_activated.txt": _("The authenticator app is connected."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is no longer used."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": _("You have new recovery codes. The old ones no longer work."),
    "socialaccount/messages/account_connected.txt": _("Single sign-on is connected to your account."),
    "socialaccount/messages/account_connected_other.txt": _(
        "This single sign-on belongs to another account here. Sign in to that one first."
    ),
    "socialaccount/messages/account_disconnected.txt": _("Single sign-on is no longer connected to your account."),
}
"""What allauth wants said on the next page, where a page does not say it already."""


CONNECTED_HERE: Final = "madang_connected_here"
"""In the session: the person whom this browser registered by single sign-on."""


@receiver(email_confirmed)
def shown_to_be_theirs(request: HttpRequest, email_address: Any, **_: Any) -> None:
    """The code came back in another browser than the one that connected single sign-on: that was somebody else."""
    if request.session.get(CONNECTED_HERE) != email_address.user.uid:
        forget_sign_ons(actor=SYSTEM, person=email_address.user)


def shown(person: Any) -> str:
    """How allauth names people on screens and in passkeys."""
    return person.shown if isinstance(person, Person) else ""


class AccountAdapter(DefaultAccountAdapter):
    """Registration, mail, words, and where a sign-in may lead."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("Address and password do not belong together."),
        "email_taken": _("There is an account with this address already."),
        "duplicate_email": _("This is your address already."),
        "same_as_current": _("This is your address already."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This is not the code. Compare it with the newest mail."),
        "incorrect_password": _("This is not your password."),
        "invalid_login": _("Address and password do not belong together."),
        "too_many_login_attempts": _("Too many attempts. Please wait some minutes and start again."),
        "rate_limited": _("Too many attempts. Please wait some minutes and start again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, in the language of the account, else of the page. One look-up, with or without one."""
        person = by_email(email)
        language = person.language if person else get_language() or "ko"
        if what := NOTICES.get(template_prefix):
            post("notice", to=email, language=language, context={"what": what})
            return
        given = {"code": context.get("code", ""), "minutes": MINUTES}
        post(CODE_MAILS[template_prefix], to=email, language=language, context=given, secret=True)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = message or TOLD.get(message_template or "")
        if said:
            messages.add_message(request, level, said, extra_tags=extra_tags)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Signs in; where the person is signed in elsewhere, and never with this browser, they are told."""
        super().login(request, user)
        known = set(UserSession.objects.filter(user=user).values_list("user_agent", flat=True))
        if known and self.get_http_user_agent(request)[:HTTP_USER_AGENT_MAX_LENGTH] not in known:
            post("notice", to=user.email, language=user.language, context={"what": "new_device"})

    def set_password(self, user: Any, password: str) -> None:
        user.password = make_password(password)  # allauth goes on with this very object
        set_password(actor=actor_of(user), person=user, password_hash=user.password)

    def is_safe_url(self, url: str) -> bool:
        """Only addresses of this very site (allauth would take every host that this installation answers to)."""
        return url.startswith("/") and url.isprintable() and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account:security")

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> Any:
        return redirect("account_inactive")


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes lie enciphered; names and words are ours."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This did not fit. Try once more, with a new code."),
        "cannot_generate_recovery_codes": _(
            "Recovery codes come with an authenticator app or a passkey: add one first."
        ),
        "unverified_email": _("Please confirm your address first: sign in once with a code."),
        "add_email_blocked": _("Please switch off two-step sign-in before you change the address."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text.encode(), key=CODES)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, key=CODES).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return ""


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Single sign-on: whoever is new gives name, language and consents, and is registered by the same command."""

    def list_apps(self, request: Any, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """What the settings name; nobody keeps issuers in the database."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Person:
        given = form.cleaned_data
        shown_to_be = {one.email.lower() for one in sociallogin.email_addresses if one.verified}
        person = register_person(
            actor=SYSTEM,
            email=given["email"],
            name=given["name"],
            language=given["language"],
            zone=given["zone"],
            consents=form.consents(),
            verified=given["email"] in shown_to_be,
        )
        sociallogin.connect(request, person)
        request.session[CONNECTED_HERE] = person.uid
        return person

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """An address that the issuer has verified needs no code of ours."""
        if email := getattr(sociallogin, "_did_authenticate_by_email", None):
            verify_email_indirectly(request, sociallogin.user, email)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        person = super().populate_user(request, sociallogin, data)
        parts = (data.get("name"), " ".join(filter(None, (data.get("first_name"), data.get("last_name")))))
        person.name = next((part for part in parts if part), "")[:200]
        return person

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("account:security")
