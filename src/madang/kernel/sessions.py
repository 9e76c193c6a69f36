"""Sessions in the database, enciphered: whoever reads the table (or its backup) finds no code, no address, no name.

The key is one of the installation's own (`keys/session-key`), outside database and backup. A session that cannot be
opened is an empty one: its owner signs in again.
"""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession

from madang.kernel import keys


def _cipher() -> Fernet:
    secret = keys.secret("session-key").encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret).digest()))


class SessionStore(DatabaseSession):
    """Django's sessions in the database, with their content closed to readers of the database."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return _cipher().encrypt(self.serializer().dumps(session_dict)).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        raw = session_data.encode() if isinstance(session_data, str) else session_data
        try:
            found: dict[str, Any] = self.serializer().loads(_cipher().decrypt(raw))
        except (InvalidToken, ValueError):
            return {}
        return found
