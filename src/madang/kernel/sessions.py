"""Sessions in the database, enciphered: whoever reads the table (or its backup) finds no code, no address, no name.

A session that cannot be opened is an empty one: its owner signs in again.
"""

from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from madang.kernel.cipher import SESSIONS, CannotOpen, seal, unseal
from madang.kernel.prepared import Prepared

_BY_KEY: Prepared[Any] = Prepared(lambda key: DatabaseSession.get_model_class().objects.filter(session_key=key), str)


class SessionStore(DatabaseSession):
    """Django's sessions in the database, with their content closed to readers of the database."""

    def _get_session_from_db(self) -> Any:
        """The row, where it has not expired: Django's own look-up, compiled once."""
        found = _BY_KEY.first(self.session_key)
        if found is not None and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None

    def save(self, must_create: bool = False) -> None:
        """Django takes every failed write for a session that was ended meanwhile, which is the reader's affair (400).

        A database that is gone or locked is ours: it comes out as it is, and is told as such (503).
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InterfaceError):
                raise error.__context__ from error.__context__.__cause__
            raise

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(self.serializer().dumps(session_dict), key=SESSIONS)

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        sealed = session_data if isinstance(session_data, str) else session_data.decode("ascii", "replace")
        try:
            found: dict[str, Any] = self.serializer().loads(unseal(sealed, key=SESSIONS))
        except (CannotOpen, ValueError):
            return {}
        return found
