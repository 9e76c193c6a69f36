"""Random names that nobody can guess, and secrets of which only a hash is kept. Imports no Django."""

import hashlib
import secrets
from typing import Final

UID_LENGTH: Final = 22
"""Characters of a public id: 131 bits, so that an address tells nothing and cannot be guessed."""

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


_SMALL: Final = "0123456789abcdefghijkmnpqrstuvwxyz"


def new_uid() -> str:
    """A public id for addresses and the journal: it names one thing for ever, and says nothing about it."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(UID_LENGTH))


def new_row_id() -> str:
    """A short name for one row among a few: small letters and digits, beginning with a letter (a thousand million)."""
    return secrets.choice("abcdefghijkmnpqrstuvwxyz") + "".join(secrets.choice(_SMALL) for _ in range(5))


def new_token() -> str:
    """A secret for a link in a mail (256 bits). Keep `token_hash` of it, never the token."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """SHA-256 in hexadecimal: enough for a random token, which nobody can try out."""
    return hashlib.sha256(token.encode()).hexdigest()
