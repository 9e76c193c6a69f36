"""Forms around accounts: signing in and up, particulars, consents. Words stand in the templates and here; rules of what
is allowed in `apps/accounts`.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import ConfirmLoginCodeForm, ConfirmPasswordResetCodeForm, LoginForm, ResetPasswordForm
from allauth.core import context, ratelimit
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from babel.core import Locale, UnknownLocaleError, get_global
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.enums import ConsentKind
from madang.apps.accounts.models import Person
from madang.apps.accounts.queries import active_by_email
from madang.apps.accounts.rules import has_controls
from madang.core.reasons import Reason
from madang.web.account.adapter import AccountAdapter
from madang.words import say

LANGUAGE_NAMES = [("ko", "한국어"), ("en", "English")]
MOST_PASSWORD = 1000  # characters: more would only make the hash cost more


@lru_cache(maxsize=4)
def zones(language: str) -> list[tuple[str, str]]:
    """`(Asia/Jakarta, Jakarta, Indonesia)` in a language, in the order of its names; about 420."""
    locale, known = Locale.parse(language), available_timezones()
    named = []
    for zone, territory in get_global("zone_territories").items():
        if zone in known and "/" in zone and not zone.startswith("Etc/"):
            city = locale.time_zones.get(zone, {}).get("city") or _city(zone)
            named.append((zone, f"{city}, {locale.territories.get(territory, territory)}"))
    return sorted(named, key=lambda one: one[1])


def autonym(tag: str) -> str:
    """A language's name in itself: `Tiếng Việt`; the tag where nobody knows it."""
    try:
        return (Locale.parse(tag, sep="-").display_name or tag).capitalize()
    except (UnknownLocaleError, ValueError):
        return tag


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


class SignIn(LoginForm):
    """One door: an address, and a password only for those who have one. Without it a code goes to the address.

    Whether an account exists changes neither what is answered nor what is done: one look-up, one mail.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].required = False
        self.fields["password"].validators.append(MaxLengthValidator(MOST_PASSWORD))
        self.fields["password"].help_text = ""
        _bare(self)

    def _setup_password_field(self) -> None:
        """It stays, and may be left empty."""

    def _clean_without_password(self, email: str | None, phone: str | None) -> dict[str, Any]:
        if not ratelimit.consume(context.request, action="request_login_code", key=email):
            raise AccountAdapter().validation_error("too_many_login_attempts")
        self.user = active_by_email(email or "")
        return self.cleaned_data


class ForgottenPassword(ResetPasswordForm):
    """A code to the address; with it a new password is set. One look-up, one mail, whoever asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _bare(self)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        found = active_by_email(email)
        self.users = [found] if found else []
        return email


class SignInCode(ConfirmLoginCodeForm):
    """The code of a sign-in. Where none was sent, because nobody has the address, it costs the same look-up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.expected_code:
            active_by_email("")
        _bare(self)


class PasswordCode(ConfirmPasswordResetCodeForm):
    """The code for a new password; a wrong one costs a look-up, whoever waits for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _bare(self)

    def clean_code(self) -> str:
        if not self.expected_code:
            active_by_email("")
        return str(super().clean_code())


class Particulars(forms.Form):
    """Name, language and time zone of a person."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language of mails"), choices=LANGUAGE_NAMES)
    zone = forms.CharField(label=_("Time zone"), max_length=64)

    def __init__(self, *args: Any, more_languages: Iterable[str] = (), **kwargs: Any) -> None:
        """`more_languages`: that calls are written in, and the site's own words are not."""
        super().__init__(*args, **kwargs)
        known = dict(LANGUAGE_NAMES)
        more = [(tag, autonym(tag)) for tag in more_languages if tag not in known]
        language: Any = self.fields["language"]
        language.choices = [*LANGUAGE_NAMES, *more]
        self.fields["zone"].widget.attrs.update({"list": "zones", "autocomplete": "off", "data-zone": ""})
        _bare(self)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if has_controls(name):
            raise ValidationError(say(Reason("name_has_controls"), get_language() or "ko"))
        return name

    def clean_zone(self) -> str:
        """The zone's own name, or the name of its city as the list shows it."""
        given = " ".join(self.cleaned_data["zone"].split())
        if given in available_timezones():
            return given
        for zone, name in zones(get_language() or "ko"):
            if given.casefold() in (name.casefold(), name.partition(",")[0].casefold(), _city(zone).casefold()):
                return zone
        raise ValidationError(gettext("There is no time zone of this name. Choose one from the list."))


class ConsentsAsked(forms.Form):
    """What a new account asks for. Terms and privacy are needed to keep an account at all; news is a wish."""

    terms = forms.BooleanField(
        label=_("I agree to the terms of use."),
        error_messages={"required": _("Without this no account can be kept.")},
    )
    privacy = forms.BooleanField(
        label=_("I agree that the personal data above are processed for this account."),
        error_messages={"required": _("Without this no account can be kept.")},
    )
    news = forms.BooleanField(label=_("Send me news about new calls by mail."), required=False)

    def consents(self) -> dict[str, str]:
        """What was consented to, with the version of its text."""
        return {
            kind.value: settings.CONSENT_VERSIONS[kind.value]
            for kind in ConsentKind
            if self.cleaned_data.get(kind.value)
        }


class SignUp(ConsentsAsked, Particulars):
    """A new account. A password may be set now, later, or never."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=MOST_PASSWORD,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("email", "name", "language", "zone", "password", "terms", "privacy", "news")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if password := given.get("password"):
            try:
                validate_password(password, Person(email=given.get("email", ""), name=given.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return given

    def kept(self) -> dict[str, Any]:
        """What the session keeps until the address is shown to be theirs: of the password only its hash."""
        given = self.cleaned_data
        return {
            "email": given["email"],
            "name": given["name"],
            "language": given["language"],
            "zone": given["zone"],
            "password_hash": make_password(given["password"]) if given["password"] else "",
            "consents": self.consents(),
        }


class SignUpBySso(ConsentsAsked, Particulars, SocialSignupForm):
    """The same for somebody whom the issuer of the single sign-on knows."""

    field_order = ("email", "name", "language", "zone", "terms", "privacy", "news")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.initial.setdefault("name", getattr(self.sociallogin.user, "name", ""))
        self.initial.setdefault("language", get_language())
        self.initial.setdefault("zone", settings.TIME_ZONE)
        _bare(self)

    def zone_choices(self) -> list[tuple[str, str]]:
        """For the page, which is allauth's to draw."""
        return zones(get_language() or "ko")

    def signup(self, request: Any, user: Any) -> None:
        """allauth's hook; the adapter has done it all."""


class Address(forms.Form):
    """A new address, to which a code is sent."""

    email = forms.EmailField(
        label=_("New e-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class Code(forms.Form):
    """Eight digits, with or without a dash or spaces."""

    code = forms.CharField(
        label=_("Code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )


def _bare(form: forms.Form) -> None:
    """No placeholder repeats the label: it vanishes when one types, and is read as a value by some."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
