"""Merkle trees as RFC 9162 (Certificate Transparency 2.0) builds them: leaf 0x00, node 0x01, SHA-256.

`root` commits to a list of leaves; `path` and `root_of_path` let somebody with one leaf and log2(n) hashes see that it
belongs to a root. Records use it for their commitments; the journal's sealer will.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order. Cost: one hash a leaf.

    Pairing neighbours level by level, an odd one moving up as it is, gives RFC 9162's tree (the split at the largest
    power of two under n).
    """
    level = list(hashes)
    if not level:
        return EMPTY
    while len(level) > 1:
        paired = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0]


def path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf: the sibling at each level, from the leaf up. Raises `IndexError` outside the tree."""
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    level, steps = list(hashes), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            steps.append(level[sibling])
        paired = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = [*paired, level[-1]] if len(level) % 2 else paired
        index //= 2
    return steps


def root_of_path(leaf: bytes, index: int, size: int, steps: Sequence[bytes]) -> bytes | None:
    """The root that follows from a leaf hash and its audit path; `None` where the path cannot belong to this place."""
    if not 0 <= index < size:
        return None
    here, rest = leaf, list(steps)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            sibling = rest.pop(0)
            here = node(sibling, here) if index % 2 else node(here, sibling)
        index, size = index // 2, (size + 1) // 2
    return here if not rest else None
