"""Whether a PDF opens without a password. Many are enciphered only to forbid printing or copying, with an empty user
password: everybody can read those. Checked as ISO 32000-2, 7.6.4 has it. Imports no Django.
"""

import hashlib
import re
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from madang.kernel.incoming.pdf_strings import value

_PAD: Final = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_TAIL: Final = 4 * 1024**2
_REFERENCE = re.compile(rb"/Encrypt\s*(?:(\d{1,10})\s+(\d{1,5})\s+R|<<(.{0,4096}))", re.DOTALL)
_ID = re.compile(rb"/ID\s*\[\s*(\((?:[^()\\]|\\.|\([^()]{0,200}\)){0,400}\)|<[0-9A-Fa-f\s]{0,400}>)", re.DOTALL)
_NUMBER = rb"\s*(-?\d{1,11})"
_STRING = rb"\s*(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.){0,400}\)){0,800}\)|<[0-9A-Fa-f\s]{0,800}>)"
_LONGEST: Final = 8192


def needs_password(file: BinaryIO, size: int) -> bool:
    """Whether the empty password does not open it. Where that cannot be told (another handler, a broken dictionary),
    False: a wrong refusal is worse than a file that somebody cannot open.
    """
    found = _dictionary(file, size)
    if found is None:
        return False
    encrypt, identity = found
    if not re.search(rb"/Filter\s*/Standard", encrypt):
        return b"/Filter" in encrypt  # by certificates, or by a DRM of somebody else
    try:
        revision = _number(encrypt, b"R") or 0
        own, user = _string(encrypt, b"O"), _string(encrypt, b"U")
        if revision >= 5:
            return len(user) >= 48 and len(own) >= 48 and not _opens_by_hash(revision, own[:48], user[:48])
        told = _number(encrypt, b"Length") or 40  # in bits, or in bytes: writers disagree
        lengths = {5} if revision == 2 else {5, 16, min(max(told // 8, 5), 16)}
        return not any(_opens(revision, encrypt, own[:32], user, identity, length) for length in lengths)
    except (ValueError, TypeError):
        return False


def _dictionary(file: BinaryIO, size: int) -> tuple[bytes, bytes] | None:
    """The dictionary of the encryption, and the file's identity. The last reference counts; it is near the end, or at
    the beginning of a file made for the web.
    """
    for begin in (max(0, size - _TAIL), 0):
        file.seek(begin)
        part = file.read(_TAIL)
        references = list(_REFERENCE.finditer(part))
        identities = list(_ID.finditer(part))
        if references:
            number, generation, within = references[-1].groups()
            encrypt = within or _object(file, size, int(number or 0), int(generation or 0))
            identity = value(identities[-1][1]) if identities else b""
            return (encrypt, identity) if encrypt else None
    return None


def _object(file: BinaryIO, size: int, number: int, generation: int) -> bytes:
    """An object that stands in the open, as this one has to; the last of its number."""
    mark = re.compile(rb"(?<!\d)%d\s+%d\s+obj" % (number, generation))
    for begin in (max(0, size - _TAIL), 0):
        file.seek(begin)
        part = file.read(_TAIL)
        ends = [found.end() for found in mark.finditer(part)]
        if ends:
            return part[ends[-1] : ends[-1] + _LONGEST].partition(b"endobj")[0]
    return b""


def _opens_by_hash(revision: int, own: bytes, user: bytes) -> bool:
    """By the user's password or the owner's, whichever is empty."""
    return _hash(revision, user[32:40]) == user[:32] or _hash(revision, own[32:40], user) == own[:32]


def _opens(revision: int, encrypt: bytes, own: bytes, user: bytes, identity: bytes, length: int) -> bool:
    permissions = (_number(encrypt, b"P") or 0) & 0xFFFFFFFF
    digest = hashlib.md5(_PAD + own + permissions.to_bytes(4, "little") + identity, usedforsecurity=False)
    if revision >= 4 and re.search(rb"/EncryptMetadata\s+false", encrypt):
        digest.update(b"\xff\xff\xff\xff")
    key = digest.digest()
    if revision == 2:
        return _rc4(key[:5], _PAD) == user[:32]
    for _ in range(50):
        key = hashlib.md5(key[:length], usedforsecurity=False).digest()
    key = key[:length]
    check = _rc4(key, hashlib.md5(_PAD + identity, usedforsecurity=False).digest())
    for number in range(1, 20):
        check = _rc4(bytes(byte ^ number for byte in key), check)
    return check == user[:16]


def _hash(revision: int, salt: bytes, user: bytes = b"") -> bytes:
    """Of the empty password (algorithm 2.B)."""
    found = hashlib.sha256(salt + user).digest()
    if revision == 5:
        return found
    number, last = 0, 0
    while number < 64 or last > number - 32:
        cipher = Cipher(algorithms.AES(found[:16]), modes.CBC(found[16:32])).encryptor()
        enciphered = cipher.update((found + user) * 64) + cipher.finalize()
        kind = sum(enciphered[:16]) % 3
        found = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[kind](enciphered).digest()
        number, last = number + 1, enciphered[-1]
    return found[:32]


def _rc4(key: bytes, content: bytes) -> bytes:
    """Written out, as no kept library offers it any more; it hides nothing here."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    found = bytearray()
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(found)


def _number(encrypt: bytes, key: bytes) -> int | None:
    found = re.search(rb"/" + key + rb"(?![A-Za-z])" + _NUMBER, encrypt)
    return int(found[1]) if found else None


def _string(encrypt: bytes, key: bytes) -> bytes:
    found = re.search(rb"/" + key + rb"(?![A-Za-z])" + _STRING, encrypt, re.DOTALL)
    if found is None:
        raise ValueError(key)
    return value(found[1])
