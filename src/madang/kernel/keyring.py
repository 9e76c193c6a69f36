"""The ring of signing keys: which key signs now, which signed before, and the list of both that the office publishes.

`keys/records.pem` signs; `keys/records.public.json` is the published list (`madang.core.record.keylist`). Every change
is made by one process at a time, and is there whole or not at all, also after a crash: key and list are first written
aside; putting the new key in place decides; `_finish` then completes or drops the rest. A key that was replaced is
destroyed: nobody, the office included, can date a record back with it. Imports no Django.
"""

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from madang.core.reasons import Fault, Malformed
from madang.core.record import keylist
from madang.core.record.keylist import Key, KeyList
from madang.kernel import keys
from madang.kernel.datadir import data_dir, private

PUBLIC = f"{keys.RECORDS}.public.json"
_PRIVATE, _LOCK = f"{keys.RECORDS}.pem", f".{keys.RECORDS}.lock"
_NEXT_PRIVATE, _NEXT_PUBLIC = f".{_PRIVATE}.next", f".{PUBLIC}.next"


def published(*, folder: Path | None = None) -> str | None:
    """The published list as it stands (for `/.well-known/madang-keys.json`), or `None` where none was published yet.

    Public, and good to be cached. Raises `Malformed` where somebody damaged the file.
    """
    try:
        text = (_folder(folder) / PUBLIC).read_text("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise Malformed([Fault("not_utf8", PUBLIC, {"byte": error.start})]) from None
    keylist.read_keys(text)
    return text


def publish(day: dt.date, *, folder: Path | None = None) -> KeyList:
    """The list, made with the current key good from `day` on where there is none; nothing changes where there is one.

    Raises `Malformed` where the list does not name the key that signs, `KeyUnusable` where that key cannot be used.
    """
    folder = _folder(folder)
    with alone(folder):
        if (listed := _read(folder)) is None:
            listed = KeyList((Key(keys.public_hex(keys.load_or_make(folder=folder)), day),))
            put_file(folder / PUBLIC, listed.text().encode(), 0o644)
        _current_key(folder, listed)
        return listed


def rotate(day: dt.date, *, folder: Path | None = None) -> KeyList:
    """A new key from `day` on, endorsed by the old one, which is destroyed. Raises as `publish` does."""
    folder = _folder(folder)
    with alone(folder):
        listed = _needed(folder)
        old, new = _current_key(folder, listed), Ed25519PrivateKey.generate()
        listed = keylist.rotated(listed, old, key=keys.public_hex(new), day=day)
        _replace(folder, new, listed)
        return listed


def revoke(key: str, day: dt.date, reason: str, *, today: dt.date, folder: Path | None = None) -> KeyList:
    """Revoke a key of the list: what it signed on `day` or later does not count. The key that signs now is destroyed,
    and a new one, which nobody endorses, starts from `today`. Raises `Malformed`.
    """
    folder = _folder(folder)
    with alone(folder):
        listed = _needed(folder)
        was_current = listed.current is not None and listed.current.key == key
        listed = keylist.revoked(listed, key, day=day, reason=reason)
        if was_current:
            new = Ed25519PrivateKey.generate()
            listed = KeyList((*listed.keys, Key(keys.public_hex(new), max(today, listed.keys[-1].from_ or today))))
            _replace(folder, new, listed)
        else:
            put_file(folder / PUBLIC, listed.text().encode(), 0o644)
        return listed


# -- the files ----------------------------------------------------------------------------------------------------


def _folder(folder: Path | None) -> Path:
    return private(folder) if folder is not None else data_dir() / "keys"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time; a second is told so and waits for nothing. What a crash left half-done is put right."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Malformed([Fault("keys_busy", str(folder))]) from None
        _finish(folder)
        yield
    finally:
        os.close(handle)


def _read(folder: Path) -> KeyList | None:
    text = published(folder=folder)
    return keylist.read_keys(text) if text is not None else None


def _needed(folder: Path) -> KeyList:
    listed = _read(folder)
    if listed is None:
        raise Malformed([Fault("keys_not_published", str(folder / PUBLIC))])
    return listed


def _current_key(folder: Path, listed: KeyList) -> Ed25519PrivateKey:
    """The private key that the list calls current; raises `Malformed` where another one lies in the folder."""
    if not (folder / _PRIVATE).exists():  # never make a new one silently where a list already names one
        raise Malformed([Fault("keys_private_missing", str(folder / _PRIVATE), {"key": listed.keys[-1].key})])
    key = keys.load_or_make(folder=folder)
    if listed.current is None or listed.current.key != keys.public_hex(key):
        told = {"listed": listed.keys[-1].key, "found": keys.public_hex(key)}
        raise Malformed([Fault("keys_differ", str(folder / PUBLIC), told)])
    return key


def _replace(folder: Path, new: Ed25519PrivateKey, listed: KeyList) -> None:
    put_file(folder / _NEXT_PUBLIC, listed.text().encode(), 0o644)
    put_file(folder / _NEXT_PRIVATE, keys.private_pem(new), 0o600)
    os.replace(folder / _NEXT_PRIVATE, folder / _PRIVATE)  # this decides: from here on the new key signs
    _settle(folder)
    _finish(folder)


def _finish(folder: Path) -> None:
    """Complete a change whose key is in place; drop one that did not come so far."""
    waiting = folder / _NEXT_PUBLIC
    if waiting.exists() and _names_key_in_place(folder, waiting):
        os.replace(waiting, folder / PUBLIC)
    for left in (waiting, folder / _NEXT_PRIVATE, *folder.glob(".*.writing")):
        left.unlink(missing_ok=True)
    _settle(folder)


def _names_key_in_place(folder: Path, waiting: Path) -> bool:
    try:
        listed = keylist.read_keys(waiting.read_text("utf-8"))
        key = load_pem_private_key((folder / _PRIVATE).read_bytes(), password=None)
    except (OSError, ValueError):  # cut off while it was written
        return False
    current = listed.current
    return isinstance(key, Ed25519PrivateKey) and current is not None and current.key == keys.public_hex(key)


def put_file(path: Path, content: bytes, mode: int) -> None:
    """Write aside, flush to the disk, move into place."""
    aside = path.with_name(f".{path.name.lstrip('.')}.writing")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)  # whatever the umask, or a leftover, says
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """The names in a folder, too, are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
