"""Who gets what at the addresses around accounts: our own and allauth's (their names have no prefix).

allauth's pages behind a step (a code that waits, a second proof) lead whoever is not in that step away: 302.
"""

from typing import Final

from madang.web.access import ALL, PERSONAS, SIGNED_IN, Access, Who

OWN: Final = Access(get=SIGNED_IN)
FORM: Final = Access(get=SIGNED_IN, post=Who(PERSONAS[1:], ok=422))
TO_BE_CONFIRMED: Final = Access(
    get=SIGNED_IN, post=Who((), visitor=302, otherwise=302), why="who signed in a while ago confirms it first"
)
NOT_HERE: Final = Who((), visitor=404, otherwise=404)
LED_AWAY: Final = Who((), visitor=302, otherwise=302)
DOOR: Final = Who(("visitor",), otherwise=302)
"""For those who are not signed in; the others are led to their own page."""
REFUSED: Final = Who(("visitor",), ok=422, otherwise=302)
NONE_YET: Final = Who((), visitor=302, otherwise=404)
AGAIN: Final = Who((), visitor=302, otherwise=302)
"""Who is signed in confirms it first."""

ACCESS: Final[dict[str, Access]] = {
    # One's own pages
    "account:home": OWN,
    "account:particulars": FORM,
    "account:address": TO_BE_CONFIRMED,
    "account:address-code": Access(
        get=Who((), visitor=302, otherwise=303), post=Who((), visitor=302, otherwise=303), why="only while a code waits"
    ),
    "account:security": OWN,
    "account:sessions": Access(get=SIGNED_IN, post=Who((), otherwise=404), why="a session of one's own must be named"),
    "account:consents": Access(get=SIGNED_IN, post=Who(PERSONAS[1:], ok=303)),
    "account:leave": FORM,
    "account:text": Access(get=ALL, thing="text"),
    # The demo, which is off
    "account:demo-people": Access(get=NOT_HERE, post=NOT_HERE, why="only where MADANG_DEMO is on"),
    "account:demo-mail": Access(get=NOT_HERE, post=NOT_HERE, why="only where MADANG_DEMO is on"),
    # Ours at allauth's addresses
    "account:signup": Access(get=DOOR, post=REFUSED),
    "account:signup-code": Access(
        get=Who((), visitor=303, otherwise=303), post=Who((), visitor=303, otherwise=303), why="only while a code waits"
    ),
    "account:allauth-email": TO_BE_CONFIRMED,
    "account:allauth-2fa": OWN,
    "account:allauth-passkeys": OWN,
    "account:allauth-sessions": Access(get=SIGNED_IN, post=Who((), otherwise=404)),
    "account:allauth-connections": Access(
        get=Who(PERSONAS[1:], ok=303), post=Who((), otherwise=404), why="a connection of one's own must be named"
    ),
    "account:allauth-code": Access(get=Who((), visitor=303, otherwise=303)),
    # allauth: the door
    "account_login": Access(get=DOOR, post=REFUSED),
    "account_logout": Access(get=Who(PERSONAS[1:], visitor=302), post=LED_AWAY),
    "account_inactive": Access(get=ALL),
    "account_confirm_login_code": Access(get=LED_AWAY, post=LED_AWAY, why="only while a code waits"),
    "account_email_verification_sent": Access(get=LED_AWAY, post=LED_AWAY, why="only while a code waits"),
    "account_reset_password": Access(get=ALL, post=Who(PERSONAS, ok=422)),
    "account_confirm_password_reset_code": Access(get=LED_AWAY, post=LED_AWAY, why="only while a code waits"),
    "account_complete_password_reset": Access(get=LED_AWAY, post=LED_AWAY, why="only after the code"),
    "account_password_reset_completed": Access(get=ALL),
    "mfa_authenticate": Access(get=LED_AWAY, post=LED_AWAY, why="only between the first and the second proof"),
    "mfa_login_webauthn": Access(get=LED_AWAY, post=LED_AWAY),
    # allauth: for those who are signed in
    "account_set_password": Access(get=SIGNED_IN, post=Who(PERSONAS[1:], ok=422)),
    "account_change_password": Access(get=LED_AWAY, post=LED_AWAY, why="who has no password is led to setting one"),
    "account_reauthenticate": Access(get=LED_AWAY, post=LED_AWAY, why="who has no password is led to a code"),
    "account_request_reauthentication_code": Access(get=SIGNED_IN, post=Who(PERSONAS[1:], ok=422)),
    "account_confirm_reauthentication_code": Access(get=LED_AWAY, post=LED_AWAY, why="only while a code waits"),
    "mfa_reauthenticate": Access(get=LED_AWAY, post=LED_AWAY),
    "mfa_reauthenticate_webauthn": Access(get=LED_AWAY, post=LED_AWAY),
    "mfa_activate_totp": Access(get=AGAIN, post=AGAIN),
    "mfa_deactivate_totp": Access(get=NONE_YET, post=NONE_YET, why="who has no app has nothing to switch off"),
    "mfa_view_recovery_codes": Access(
        get=NONE_YET, post=Who((), visitor=302, otherwise=405), why="they come with the first app or passkey"
    ),
    "mfa_generate_recovery_codes": Access(get=AGAIN, post=AGAIN),
    "mfa_download_recovery_codes": Access(get=NONE_YET, post=NONE_YET),
    "mfa_add_webauthn": Access(get=AGAIN, post=AGAIN),
    "mfa_remove_webauthn": Access(get=AGAIN, post=AGAIN, thing="passkey"),
    "mfa_edit_webauthn": Access(get=AGAIN, post=AGAIN, thing="passkey"),
    # allauth: single sign-on
    "openid_connect_login": Access(get=NOT_HERE, post=NOT_HERE, thing="issuer", why="no issuer is set"),
    "openid_connect_callback": Access(get=NOT_HERE, post=NOT_HERE, thing="issuer", why="no issuer is set"),
    "socialaccount_signup": Access(get=LED_AWAY, post=LED_AWAY, why="only after the issuer"),
    "socialaccount_login_cancelled": Access(get=ALL),
    "socialaccount_login_error": Access(get=Who(PERSONAS, ok=401)),
}
