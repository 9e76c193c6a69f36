"""What a backup holds, in one signed file: `manifest.json`, and beside it `manifest.sig.json`."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from madang.core.record.canonical import canonical
from madang.kernel import keys
from madang.kernel.backup.databases import BackupRefused, flush
from madang.kernel.files.store import CHUNK

FORMAT: Final = "madang-backup/1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig.json"
FILES: Final = "files.txt"
"""One line for each file of the store: its SHA-256, and its size in bytes."""
_SIGNED: Final = b"madang-backup/1\n"


def hashed(path: Path) -> dict[str, Any]:
    """Size and hash of a file, read in pieces. Raises `OSError`."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return {"bytes": size, "sha256": digest.hexdigest()}


def write(folder: Path, manifest: dict[str, Any], key: Ed25519PrivateKey) -> None:
    text = canonical({"format": FORMAT, **manifest})
    (folder / MANIFEST).write_bytes(text)
    signature = {"key": keys.public_hex(key), "signature": key.sign(_SIGNED + text).hex()}
    (folder / SIGNATURE).write_bytes(canonical(signature))
    flush(folder / MANIFEST)
    flush(folder / SIGNATURE)


def read(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest, and the key that signed it. Raises `BackupRefused` where either is not as it was written."""
    try:
        text = (folder / MANIFEST).read_bytes()
        signed = json.loads((folder / SIGNATURE).read_bytes())
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["key"]))
        public.verify(bytes.fromhex(signed["signature"]), _SIGNED + text)
        manifest: dict[str, Any] = json.loads(text)
    except FileNotFoundError as error:
        raise BackupRefused("backup_file_missing", file=str(error.filename)) from None
    except (OSError, ValueError, KeyError, TypeError, InvalidSignature):
        raise BackupRefused("backup_file_damaged", file=str(folder / MANIFEST)) from None
    if manifest.get("format") != FORMAT:
        raise BackupRefused("backup_other_format", format=str(manifest.get("format"))[:40])
    return manifest, str(signed["key"])


def listed(folder: Path) -> list[tuple[str, int]]:
    """The files of the store that belong to a backup."""
    lines = (folder / FILES).read_text("ascii").splitlines()
    return [(sha256, int(size)) for sha256, _, size in (line.partition(" ") for line in lines)]


def check_file(path: Path, expected: dict[str, Any]) -> None:
    """Raises `BackupRefused`, which names the file."""
    try:
        found = hashed(path)
    except OSError:
        raise BackupRefused("backup_file_missing", file=str(path)) from None
    if found != expected:
        raise BackupRefused("backup_file_damaged", file=str(path))
