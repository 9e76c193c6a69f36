"""Merkle trees as RFC 9162 (Certificate Transparency 2.0) builds them: leaf 0x00, node 0x01, SHA-256.

`root` commits to a list of leaves; `path` and `root_of_path` let somebody with one leaf and log2(n) hashes see that it
belongs to a root. Records use it for their commitments, the journal for its seals; a log that grows keeps its
`Frontier`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

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


class Frontier:
    """What a growing log has to remember: the roots of its full subtrees, the largest first, one for each 1 in the
    size as a binary number. Appending costs one hash on average, a root at most log2(n).
    """

    __slots__ = ("roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """An empty log, or one that stands at `size`; raises `ValueError` where the roots are not as many as it has."""
        self.size, self.roots = size, list(roots)
        if size < 0 or len(self.roots) != size.bit_count():
            raise ValueError(f"{len(self.roots)} roots do not make a log of {size}")

    def append(self, leaf: bytes) -> None:
        here, size = leaf, self.size
        while size & 1:
            here = node(self.roots.pop(), here)
            size >>= 1
        self.roots.append(here)
        self.size += 1

    def root(self) -> bytes:
        """The same as `root` over all leaves."""
        if not self.roots:
            return EMPTY
        here = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            here = node(left, here)
        return here


def path_in(hashes: Iterable[bytes], index: int) -> list[bytes]:
    """The same as `path`, of leaves that pass by once: memory for log2(n) hashes. Raises `IndexError`."""
    stack: list[tuple[int, bytes, bool]] = []  # height, root of the subtree, whether the leaf is in it
    steps: list[bytes] = []
    found = False

    def joined(left: tuple[int, bytes, bool], right: tuple[int, bytes, bool]) -> tuple[int, bytes, bool]:
        if left[2] or right[2]:
            steps.append(right[1] if left[2] else left[1])
        return left[0] + 1, node(left[1], right[1]), left[2] or right[2]

    for number, leaf in enumerate(hashes):
        here = (0, leaf, number == index)
        found = found or here[2]
        while stack and stack[-1][0] == here[0]:
            here = joined(stack.pop(), here)
        stack.append(here)
    if not found:
        raise IndexError(index)
    while len(stack) > 1:
        right = stack.pop()
        stack.append(joined(stack.pop(), right))
    return steps
