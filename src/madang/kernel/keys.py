"""Keys of this installation: made on first use, mode 0600, in the data folder's `keys/`, outside database and backup.

Imports no Django: `madang decide` signs with the same key as the platform.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from madang.kernel.datadir import data_dir, private

RECORDS = "records"
"""The name of the key that signs decision records."""


class KeyUnusable(Exception):
    """A key file that must not be used as it is; the message says which, why, and how to mend it."""


def load_or_make(name: str = RECORDS, *, folder: Path | None = None) -> Ed25519PrivateKey:
    """The Ed25519 signing key `keys/NAME.pem` (PKCS 8); made when there is none.

    Raises `KeyUnusable` when the file is open to other users or holds no such key.
    """
    pem = _load_or_make(f"{name}.pem", _new_signing_key, folder)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{name}.pem holds no Ed25519 key. Restore it from its own backup; a new one signs anew.")
    return key


def secret(name: str, *, folder: Path | None = None) -> str:
    """A secret text of 64 random bytes, `keys/NAME`: Django's secret key, for example. The one that is in use."""
    return secrets_of(name, folder=folder)[0]


def secrets_of(name: str, *, folder: Path | None = None) -> list[str]:
    """The secret in use, then those that still open what they closed (`kernel.rotation` writes their lines)."""
    text = _load_or_make(name, new_secret, folder).decode()
    found = [line.split()[0] for line in text.splitlines() if line.strip()]
    if not found:
        raise KeyUnusable(f"keys/{name} is empty. Restore it from its own backup.")
    return found


def new_secret() -> bytes:
    return secrets.token_urlsafe(64).encode()


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half as it stands in a record: 32 bytes in hexadecimal."""
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return key.public_key().public_bytes(*raw).hex()


def private_pem(key: Ed25519PrivateKey) -> bytes:
    """The key as its file holds it (PKCS 8, not encrypted)."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _new_signing_key() -> bytes:
    return private_pem(Ed25519PrivateKey.generate())


def _load_or_make(name: str, make: Callable[[], bytes], folder: Path | None) -> bytes:
    folder = private(folder) if folder is not None else data_dir() / "keys"
    path = folder / name
    if not path.exists():
        _put(path, make())
    if path.stat().st_mode & 0o077:
        raise KeyUnusable(f"{path} can be read by other users of this machine. If it is still secret: chmod 600 {path}")
    return path.read_bytes()


def _put(path: Path, content: bytes) -> None:
    """Write aside, then link into place: of processes that start at once one wins, and no one ever reads half a key."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        os.unlink(aside)
