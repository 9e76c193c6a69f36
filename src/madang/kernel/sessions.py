"""Sessions in the database, enciphered: whoever reads the table (or its backup) finds no code, no address, no name.

A session that cannot be opened is an empty one: its owner signs in again.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSession

from madang.kernel.cipher import SESSIONS, CannotOpen, seal, unseal


class SessionStore(DatabaseSession):
    """Django's sessions in the database, with their content closed to readers of the database."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(self.serializer().dumps(session_dict), key=SESSIONS)

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        sealed = session_data if isinstance(session_data, str) else session_data.decode("ascii", "replace")
        try:
            found: dict[str, Any] = self.serializer().loads(unseal(sealed, key=SESSIONS))
        except (CannotOpen, ValueError):
            return {}
        return found
