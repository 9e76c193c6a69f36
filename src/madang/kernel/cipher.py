"""Texts that the database must not give away: sessions, codes on their way, secrets of authenticator apps.

Each purpose has a key of its own among the installation's keys (`keys/`, outside database and backup). One that was
replaced still opens what it closed, until nothing of it can be left (`kernel.rotation`). Fernet: AES-128-CBC with
HMAC-SHA-256, the random start in every text. Imports no Django.
"""

import base64
import contextlib
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken

from madang.kernel import keys

SESSIONS = "session-key"
CODES = "codes-key"


class CannotOpen(ValueError):
    """The text is not one of ours, or the key is another one."""


def seal(text: bytes, *, key: str) -> str:
    """The text closed by the key of this name; made with its key on first use."""
    return _cipher(keys.secret(key)).encrypt(text).decode()


def unseal(sealed: str, *, key: str) -> bytes:
    """The text again. Raises `CannotOpen`."""
    for secret in keys.secrets_of(key):
        with contextlib.suppress(InvalidToken, ValueError):
            return _cipher(secret).decrypt(sealed.encode())
    raise CannotOpen("not sealed by this installation's key")


def is_current(sealed: str, *, key: str) -> bool:
    """Whether the key that is in use opens it, and not only an older one."""
    try:
        _cipher(keys.secret(key)).decrypt(sealed.encode())
    except (InvalidToken, ValueError):
        return False
    return True


@lru_cache(maxsize=8)
def _cipher(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))
