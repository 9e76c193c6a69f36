"""Whose password it is: one look-up by the address, and one hash whether there is such an account or not."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from madang.apps.accounts.queries import active_person, by_email


class Backend(AuthenticationBackend):
    """allauth's, with our look-up: its own asks twice for an address that nobody has."""

    def get_user(self, user_id: Any) -> Any:
        """Whose session it is; nobody, once the account is not active."""
        return active_person(int(user_id))

    def _authenticate_by_email(self, email: str, password: str) -> Any:
        return self._check_password(by_email(email), password)
