"""A decision as a record: salted leaves under one root, signed. `docs/formats/record.md` is the format.

Each leaf is `{name, salt, value}`; its commitment is the RFC 9162 leaf hash of the canonical JSON of `[name, salt,
value]`. Leaves stand in the order of their commitments, so a closed leaf's place says nothing about it, and empty
leaves fill their number up to a power of two, so that their number says little. The root over all commitments is the
record's hash. An edition that keeps leaves closed shows commitments instead, under the same root.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from madang.core.record import merkle
from madang.core.record.canonical import canonical
from madang.core.record.contents import PADDING, Meta, computed_leaves, contents, definition_json

__all__ = [
    "FORMAT", "HIGHEST", "Leaf", "Meta", "build", "build_hashed", "commitment", "computed_leaves", "contents",
    "definition_json", "padded", "root_of", "sign", "signature_holds", "write",
]  # fmt: skip

FORMAT = 1
SALT_BYTES = 16
HIGHEST = 40
"""A closed subtree has at most this height: 2^40 leaves are more than any record holds."""

Leaf = dict[str, Any]


def build(values: Mapping[str, Any], *, salt_key: bytes) -> dict[str, Any]:
    """The unsigned auditor's edition. Salts are drawn from `salt_key` (32 secret random bytes, thrown away
    afterwards) by name. Cost: two hashes a leaf, and sorting.
    """
    return build_hashed(values, salt_key=salt_key)[0]


def build_hashed(values: Mapping[str, Any], *, salt_key: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The same, with the commitments of its leaves in their order, so that nobody need hash them again."""
    leaves: list[Leaf] = []
    for name, value in padded(values).items():
        leaves.append({"name": name, "salt": _salt(salt_key, name), "value": value})
    commitments = {leaf["name"]: commitment(leaf) for leaf in leaves}
    leaves.sort(key=lambda leaf: commitments[leaf["name"]])
    hashes = [commitments[leaf["name"]] for leaf in leaves]
    record = {
        "madang_record": FORMAT,
        "edition": "auditor",
        "root": merkle.root(hashes).hex(),
        "leaves": leaves,
        "signatures": [],
    }
    return record, hashes


def padded(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with empty ones added until their number is a power of two: how many applications had no score, or
    how many sheets there were, is not to be counted.
    """
    size = 1 << max(len(values) - 1, 0).bit_length()
    return {**values, **{f"{PADDING}{number:06d}": None for number in range(size - len(values))}}


def _salt(key: bytes, name: str) -> str:
    return hmac.digest(key, name.encode(), "sha256")[:SALT_BYTES].hex()


def commitment(leaf: Mapping[str, Any]) -> bytes:
    """The leaf hash of an open leaf, or the stated one of a closed leaf or subtree."""
    if "commitment" in leaf:
        return bytes.fromhex(leaf["commitment"])
    return merkle.leaf_hash(canonical([leaf["name"], leaf["salt"], leaf["value"]]))


def root_of(leaves: Iterable[Mapping[str, Any]]) -> bytes | None:
    """The root over leaves and closed subtrees in their order; `None` where they do not make one full tree.

    A stack of finished subtrees: two of the same height become one. Cost: one hash an entry, and one a leaf.
    """
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, here = leaf.get("height", 0), commitment(leaf)
        while stack and stack[-1][0] == height:
            here = merkle.node(stack.pop()[1], here)
            height += 1
        stack.append((height, here))
    return stack[0][1] if len(stack) == 1 else None


def _signed_bytes(root: str) -> bytes:
    return canonical({"madang_record": FORMAT, "root": root})


def sign(record: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The record with a signature over its root added (Ed25519: deterministic, 64 bytes)."""
    signature = {
        "algorithm": "Ed25519",
        "key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(_signed_bytes(record["root"])).hex(),
    }
    return {**record, "signatures": [*record["signatures"], signature]}


def signature_holds(root: str, signature: Mapping[str, str]) -> bool:
    """Whether a signature belongs to this root and to the key that it names."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["key"]))
        public.verify(bytes.fromhex(signature["signature"]), _signed_bytes(root))
    except (InvalidSignature, ValueError):
        return False
    return True


def write(record: Mapping[str, Any]) -> bytes:
    """The record's file: canonical JSON."""
    return canonical(record)
